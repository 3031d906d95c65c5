//! What came of verifying one account and region.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::name::Area;
use super::span::{Span, partition};
use super::state::{Coverage, State};

/// What came of verifying the log files of one account and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Whose log files.
    pub area: Area,
    /// What was asked for: from this instant …
    pub from: Timestamp,
    /// … to this one.
    pub to: Timestamp,
    /// Each trail that delivers there.
    pub trails: Vec<TrailVerification>,
    /// Keys of log files in hours that valid digests cover, which no digest lists: CloudTrail did not deliver them, or a trail
    /// without validation did.
    pub unlisted: Vec<String>,
    pub(super) verified: BTreeSet<String>,
}

/// What came of verifying the digests of one trail and the log files that they list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailVerification {
    /// Name of the trail.
    pub trail: String,
    /// Region in which it was made.
    pub home_region: String,
    /// Its digests that reach into the time that was asked for, in the order of that time.
    pub digests: Vec<DigestFinding>,
    /// The log files that the valid ones among them list.
    pub logs: Vec<LogFinding>,
    /// The time that was asked for, cut into spans of one coverage each: in order, without overlap, nothing left out.
    pub spans: Vec<Span>,
    /// What else is to be known.
    pub notes: Vec<String>,
}

/// A digest, or the place of one that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestFinding {
    /// Its key, relative to the source.
    pub key: String,
    /// Covers log files delivered from this instant …
    pub from: Timestamp,
    /// … to this one.
    pub to: Timestamp,
    /// Whether CloudTrail wrote it after the fact.
    pub backfill: bool,
    /// Hash of its text, where it was read.
    pub hash: Option<crate::sha256::Sha256>,
    /// What is known of it.
    pub state: State,
}

/// A log file that a digest lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFinding {
    /// Its key, relative to the source; a full address if it lies elsewhere.
    pub key: String,
    /// Key of the digest that lists it.
    pub digest: String,
    /// What is known of it.
    pub state: State,
}

impl Verification {
    /// Whether a valid digest lists this log file with the content that it has, and none with another.
    pub fn verified(&self, key: &str) -> bool {
        self.verified.contains(key)
    }

    /// Whether the digests of one trail cover all of this time, and nothing in it is wrong.
    pub fn covers(&self, from: Timestamp, to: Timestamp) -> bool {
        let whole = |span: &Span| span.coverage == Coverage::Valid && span.from <= from && to <= span.to;
        self.trails.iter().any(|trail| trail.spans.iter().any(whole))
    }

    /// The time that was asked for, all trails taken together. Where one is invalid or missing, a valid one does not heal it.
    pub fn spans(&self) -> Vec<Span> {
        let all: Vec<Span> = self.trails.iter().flat_map(|trail| trail.spans.iter().copied()).collect();
        partition(self.from, self.to, &all)
    }

    /// Whether anything is not as CloudTrail delivered it: a file that was changed, deleted, or added.
    pub fn is_tampered(&self) -> bool {
        let worst = self.spans().iter().map(|span| span.coverage).max();
        !self.unlisted.is_empty() || worst.is_some_and(|worst| worst >= Coverage::Missing)
    }

    /// Whether something can be said of all of the time that was asked for, be it good or bad.
    pub fn is_complete(&self) -> bool {
        self.spans().iter().all(|span| span.coverage != Coverage::NotCovered)
    }
}

//! One event, wherever it was read, and how good a witness that place is.

use std::cmp::Ordering;

use crate::estate::Grade;
use crate::estate::index::Place;
use crate::evidence::{CallId, Fact, Origin, Remembered, TrailEvent};

/// One event, from the best of the places in which it was read.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Account in which it was recorded.
    pub account: &'a str,
    /// Region in which it was recorded.
    pub region: &'a str,
    /// The calls that showed it.
    pub seen: &'a [CallId],
    /// What it says.
    pub data: &'a TrailEvent,
    /// Where it was read.
    pub source: Source<'a>,
}

/// Where an event was read, the best witness first.
///
/// CloudTrail signs its digests, and answers for its event history itself. A log file that no verified digest lists is
/// as good as the access to its bucket: whoever may write there may have written it. So it ranks below the history, and
/// with what an earlier run archived. What an invocation of the agent brought with it comes last: whoever may invoke it
/// may have made it up, and it stands in only until CloudTrail shows the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source<'a> {
    /// This log file, which a signed digest of an unbroken chain lists with its hash.
    VerifiedLog(&'a str),
    /// CloudTrail's event history.
    History,
    /// This log file, which nothing vouches for.
    Log(&'a str),
    /// This entry of the archive.
    Archive(&'a str),
    /// This event of EventBridge, which set the run off.
    Delivered(&'a str),
}

impl<'a> Source<'a> {
    /// The grade of what it shows.
    pub fn grade(self) -> Grade {
        match self {
            Self::VerifiedLog(_) => Grade::A,
            Self::History => Grade::B,
            Self::Log(_) | Self::Archive(_) | Self::Delivered(_) => Grade::C,
        }
    }

    /// What it is, in plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::VerifiedLog(_) => "a CloudTrail log file with a verified digest chain",
            Self::History => "CloudTrail's event history",
            Self::Log(_) => "a CloudTrail log file that no verified digest vouches for",
            Self::Archive(_) => "an event that an earlier run archived",
            Self::Delivered(_) => "the event that set this run off, which CloudTrail's event history does not hold yet",
        }
    }

    /// The log file or the archive's entry.
    pub fn place(self) -> Option<&'a str> {
        match self {
            Self::VerifiedLog(place) | Self::Log(place) | Self::Archive(place) | Self::Delivered(place) => Some(place),
            Self::History => None,
        }
    }
}

impl<'a> Event<'a> {
    pub(super) fn read(fact: &'a Fact<TrailEvent>) -> Self {
        let source = match &fact.data.origin {
            Origin::History => Source::History,
            Origin::LogFile { file, verified: true } => Source::VerifiedLog(file),
            Origin::LogFile { file, verified: false } => Source::Log(file),
            Origin::Delivered { event } => Source::Delivered(event),
        };
        Self { account: &fact.account, region: &fact.region, seen: &fact.seen, data: &fact.data, source }
    }

    pub(super) fn remembered(fact: &'a Fact<Remembered<TrailEvent>>) -> Self {
        let source = Source::Archive(&fact.data.entry);
        Self { account: &fact.account, region: &fact.region, seen: &fact.seen, data: &fact.data.data, source }
    }

    pub(super) fn place(self) -> Place<'a> {
        (self.account, self.region)
    }

    /// Of two records of one event, the better one; which of two equal ones does not hang on their order.
    pub(super) fn better(self, other: Self) -> Self {
        let rank = |it: Self| (it.source, it.data.time, it.seen);
        if rank(other).cmp(&rank(self)) == Ordering::Less { other } else { self }
    }
}

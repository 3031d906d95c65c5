//! What a collection was asked to look at: one account in some regions, or the parts of several that were merged.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What stands for the account where several were merged.
pub const ORGANIZATION: &str = "organization";

/// What a collection was asked to look at. What was read is a set of places, each an account and a region: ask
/// [`Scope::places`] and its kin, for an account times the regions of another is nothing that anybody looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Partition, such as `aws` or `aws-us-gov`.
    pub partition: String,
    /// Account, twelve digits; empty where several were merged.
    pub account: String,
    /// ARN of the identity that read; where several were merged, the one that all parts share, or the one that entered them
    /// all; else empty.
    pub reader: String,
    /// Regions that were read, in whichever account.
    pub regions: Vec<String>,
    /// Events were read from this instant on; where several were merged, from the latest of theirs.
    pub events_since: Option<Timestamp>,
    /// Transform jobs were read from this instant on; where several were merged, from the latest of theirs.
    pub batch_since: Option<Timestamp>,
    /// Other accounts that were to be asked for evidence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<OtherScope>,
    /// Where log files of trails were to be read, as the operator wrote it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub log_files: Vec<String>,
    /// The collections that were merged, by account and regions; empty for a collection of one account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ScopePart>,
    /// Accounts of the organization that were not to be read, each with why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// What it was limited to; `None` where everything was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub focus: Option<ScopeFocus>,
}

/// What a collection was limited to that something in the estate set off.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeFocus {
    /// What was named, in plain words, such as `endpoint fraud-scoring`.
    pub on: Vec<String>,
    /// The endpoints that belong to it, as `account/region/name` in lower case, and those that were named, by their names,
    /// though they may be gone; of all others only the names were read. `None` where it concerns everything in the region.
    pub endpoints: Option<Vec<String>>,
}

impl ScopeFocus {
    /// Whether an endpoint belongs to it.
    pub fn holds(&self, account: &str, region: &str, endpoint: &str) -> bool {
        let (place, name) = (Self::endpoint(account, region, endpoint), endpoint.to_lowercase());
        self.endpoints.as_ref().is_none_or(|endpoints| endpoints.contains(&place) || endpoints.contains(&name))
    }

    /// How an endpoint is named in it.
    pub fn endpoint(account: &str, region: &str, endpoint: &str) -> String {
        format!("{account}/{region}/{}", endpoint.to_lowercase())
    }
}

/// One of several collections.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScopePart {
    /// Account, twelve digits.
    pub account: String,
    /// Regions that were to be read.
    pub regions: Vec<String>,
    /// ARN of the identity that read there; empty if nobody could. A gap then hides everything there.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reader: String,
    /// When its collection began.
    pub collected: Timestamp,
    /// Events were read from this instant on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events_since: Option<Timestamp>,
    /// Transform jobs were read from this instant on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_since: Option<Timestamp>,
    /// When earlier collections of the same place began that this one replaces.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<Timestamp>,
}

/// An account of the organization that was not to be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct LeftOut {
    /// Account, twelve digits.
    pub account: String,
    /// Its name in the organization.
    pub name: String,
    /// Why, such as `suspended`.
    pub why: String,
}

/// Another account that was to be asked for evidence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OtherScope {
    /// Account, twelve digits.
    pub account: String,
    /// What for: `registry`, `logs` or `monitoring`.
    pub purpose: String,
    /// ARN of the identity that read there; `None` if it was not read. A gap says why if it should have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<String>,
}

impl Scope {
    /// Whether several collections were merged into it.
    pub fn is_merged(&self) -> bool {
        !self.parts.is_empty()
    }

    /// Whether only a part of what serves was looked at.
    pub fn is_narrowed(&self) -> bool {
        self.focus.as_ref().is_some_and(|focus| focus.endpoints.is_some())
    }

    /// Every account and region that was to be read. Whether it could be, the gaps say.
    pub fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.regions.iter().filter(|_| !self.is_merged());
        let own = own.map(|region| (self.account.as_str(), region.as_str()));
        own.chain(self.parts.iter().flat_map(ScopePart::places))
    }

    /// Whether this account and region was to be read.
    pub fn covers(&self, account: &str, region: &str) -> bool {
        self.places().any(|place| place == (account, region))
    }

    /// The accounts that were to be read, sorted.
    pub fn accounts(&self) -> Vec<&str> {
        let own = Some(self.account.as_str()).filter(|_| !self.is_merged());
        let accounts: BTreeSet<&str> =
            own.into_iter().chain(self.parts.iter().map(|part| part.account.as_str())).collect();
        accounts.into_iter().collect()
    }

    /// The one account, or what stands for all of them: what belongs to the run as a whole is kept under it.
    pub fn name(&self) -> &str {
        if self.is_merged() { ORGANIZATION } else { &self.account }
    }

    /// Who read, or should have read, an account and region.
    pub fn reader_of(&self, account: &str, region: &str) -> &str {
        let own = self.part(account, region).map(|part| part.reader.as_str());
        own.filter(|reader| !reader.is_empty()).unwrap_or(&self.reader)
    }

    /// Whether nobody could read an account and region.
    pub fn is_closed(&self, account: &str, region: &str) -> bool {
        self.part(account, region).map_or(self.reader.is_empty(), |part| part.reader.is_empty())
    }

    /// From when on the events of an account and region were read.
    pub fn events_since_in(&self, account: &str, region: &str) -> Option<Timestamp> {
        if self.is_merged() { self.part(account, region)?.events_since } else { self.events_since }
    }

    /// The collections that it consists of: itself, or those that were merged into it.
    pub fn to_parts(&self, collected: Timestamp) -> Vec<ScopePart> {
        if self.is_merged() {
            return self.parts.clone();
        }
        vec![ScopePart {
            account: self.account.clone(),
            regions: self.regions.clone(),
            reader: self.reader.clone(),
            collected,
            events_since: self.events_since,
            batch_since: self.batch_since,
            replaces: Vec::new(),
        }]
    }

    /// The part that an account and region belongs to; without a region, the first of the account.
    fn part(&self, account: &str, region: &str) -> Option<&ScopePart> {
        let mut of_account = self.parts.iter().filter(|part| part.account == account);
        of_account.find(|part| region.is_empty() || part.regions.iter().any(|read| read == region))
    }
}

impl ScopePart {
    /// Each region with the account.
    pub fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        self.regions.iter().map(|region| (self.account.as_str(), region.as_str()))
    }
}

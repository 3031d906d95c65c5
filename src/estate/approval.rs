//! The approval of one package version: what is known, from where, and how well it is proved.

use jiff::Timestamp;

use super::{Actor, Lookup};
use crate::evidence::{ApprovalStatus, Fact, Package, TrailEvent};

/// What is known of the approval of one package.
#[derive(Clone, Debug)]
pub struct Approval<'a> {
    /// The package.
    pub package: &'a Fact<Package>,
    /// Its status now.
    pub status: Option<&'a ApprovalStatus>,
    /// Changes of the status that events show, oldest first. Failed calls and edits of other fields are left out.
    pub changes: Vec<ApprovalEvent<'a>>,
    /// The call that registered the version, if it was seen.
    pub registration: Option<ApprovalEvent<'a>>,
    /// Whether the events of registration and approval were read completely since the package was created.
    pub events_cover: Lookup<()>,
    /// The newest change to `Approved`, if one is proved; a registration that was born approved counts.
    pub approved: Option<ApprovalEvent<'a>>,
    /// The newest change away from `Approved` after which it was not approved again.
    pub revoked: Option<ApprovalEvent<'a>>,
    /// Who approved, by the best evidence there is; for grade E the one who last modified the package.
    pub by: Option<Actor>,
    /// When, by the same evidence.
    pub at: Option<Timestamp>,
    /// How well it is proved.
    pub grade: Grade,
}

/// One event that set the approval status.
#[derive(Clone, Debug)]
pub struct ApprovalEvent<'a> {
    /// The status it set.
    pub status: ApprovalStatus,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// The event.
    pub event: &'a Fact<TrailEvent>,
}

/// How well an approval is proved, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub enum Grade {
    /// A CloudTrail log file whose digest chain was verified.
    A,
    /// CloudTrail's event history.
    B,
    /// Evidence that an earlier run archived.
    C,
    /// A lineage record.
    D,
    /// The package's last modification, where nothing else is known to have modified it.
    E,
    /// A declaration: a ticket in the approval description.
    F,
    /// Nothing.
    None,
}

impl Grade {
    /// One letter, or a dash.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
            Self::F => "F",
            Self::None => "–",
        }
    }

    /// What the grade rests on, in plain words.
    pub fn words(self) -> &'static str {
        match self {
            Self::A => "a CloudTrail log file with a verified digest chain",
            Self::B => "CloudTrail's event history",
            Self::C => "evidence archived by an earlier run",
            Self::D => "a lineage record",
            Self::E => "the package's last modification only",
            Self::F => "a declaration only",
            Self::None => "nothing",
        }
    }
}

/// Since when a live version serves.
#[derive(Clone, Copy, Debug)]
pub struct LiveFrom<'a> {
    /// The instant.
    pub at: Timestamp,
    /// Whether the deployment itself was seen; otherwise it served at this instant at the latest.
    pub exact: bool,
    /// The deployment, if it was seen.
    pub event: Option<&'a Fact<TrailEvent>>,
}

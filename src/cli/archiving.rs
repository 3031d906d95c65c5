//! The arguments that name the archive of a run.

use clap::Args;

use super::archive;
use crate::archive::Place;
use crate::policy::{ArchiveRules, Policy};

#[derive(Debug, Args)]
#[command(next_help_heading = "Archive")]
pub(super) struct Archiving {
    /// Remember what earlier runs archived there, and archive this one: a folder or `s3://bucket/prefix` [default:
    /// `location` in `[archive]` of the policy]
    #[arg(long, value_name = "LOCATION", value_parser = archive::location)]
    archive: Option<Place>,
    /// Neither read nor write the archive that the policy names
    #[arg(long, conflicts_with = "archive")]
    no_archive: bool,
}

impl Archiving {
    /// The archive that is asked for, if any is.
    pub(super) fn rules(&self, policy: &Policy) -> Option<ArchiveRules> {
        let declared = policy.archive.clone().filter(|_| !self.no_archive);
        let Some(location) = self.archive.clone() else { return declared };
        Some(ArchiveRules { location: location.clone(), ..declared.unwrap_or(ArchiveRules::at(location)) })
    }
}

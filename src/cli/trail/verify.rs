//! `countersign trail verify`: whether log files are what CloudTrail delivered.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{Args, ValueEnum};
use jiff::Timestamp;

use super::place::{Place, argument};
use crate::cli::clock;
use crate::cli::console::Console;
use crate::report::escape::visible;
use crate::run::Exit;
use crate::store::Folder;
use crate::trail::digest::{Area, KeyFile, PublicKeys, Request, Source, Verification, find, verify};

#[cfg(feature = "aws")]
pub(super) mod bucket;
mod page;
#[cfg(test)]
mod tests;

/// Days that are verified where nothing else is asked for.
const DAYS: i64 = 7;

const EXAMPLES: &str = "\
Examples:
  countersign trail verify s3://trail-logs --since 2026-11-01
  countersign trail verify s3://trail-logs/audit --region eu-central-1 --account 111122223333 --format jsonl
  countersign trail verify ./copy-of-bucket --public-keys keys.json --since 2026-11-01 --until 2026-11-08

A folder holds what `aws s3 sync s3://trail-logs ./copy-of-bucket` writes, and no metadata: each digest is then verified
by what the next one says of it, and the newest is not covered unless KEY.metadata.json, as `aws s3api head-object`
prints it, lies beside it. Public keys for a folder: `aws cloudtrail list-public-keys --start-time … --end-time …`.

Exit codes: 0 if nothing is wrong, also where something is not covered; 1 if anything is invalid, missing, or listed by no
digest; 2 if it could not run; 3 if something is not covered and --require-complete was given.";

/// Verifies signed digests and log files of trails: changed, deleted, added?
///
/// Reads every digest of the time that is asked for and every log file that they list, and says which spans of time are valid,
/// invalid, missing or not covered. Times are those of delivery.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
    /// What trails deliver to: a bucket with their prefix, or a copy of it in a folder
    #[arg(value_name = "SOURCE", value_parser = argument)]
    source: Place,
    /// Log files delivered from this instant on [default: 7 days before --until]
    #[arg(long, value_name = "TIME", value_parser = clock::argument)]
    since: Option<Timestamp>,
    /// Log files delivered until this instant [default: now]
    #[arg(long, value_name = "TIME", value_parser = clock::argument)]
    until: Option<Timestamp>,
    /// Region whose log files are verified; may be repeated [default: all that have digests]
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Account whose log files are verified; may be repeated [default: all that have digests]
    #[arg(long = "account", value_name = "ID")]
    accounts: Vec<String>,
    /// Trail whose digests are told of [default: all]
    #[arg(long, value_name = "NAME")]
    trail: Option<String>,
    /// Public keys, as `aws cloudtrail list-public-keys` prints them [default: asked of CloudTrail]
    #[arg(long, value_name = "FILE")]
    public_keys: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// End with exit code 3 if digests do not cover all of the time
    #[arg(long)]
    require_complete: bool,
    #[cfg(feature = "aws")]
    #[command(flatten)]
    caller: bucket::Caller,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One JSON object a line: each span, digest and log file
    Jsonl,
}

impl Verify {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let until = self.until.map_or_else(clock::now, Ok)?;
        let since = self.since.unwrap_or_else(|| clock::days_before(until, DAYS));
        if since >= until {
            return Err(anyhow!("`--since` ({since}) is not before `--until` ({until})"));
        }
        let keys = self.public_keys.as_deref().map(KeyFile::read).transpose()?;
        let verified = match (&self.source, keys) {
            (Place::Folder(path), Some(keys)) => {
                if !path.is_dir() {
                    return Err(anyhow!("`{}` is no folder", path.display()));
                }
                let store = Folder::new(path);
                self.verify_all(&Source::new(&store), &keys, &|_| Vec::new(), since, until)?
            }
            #[cfg(feature = "aws")]
            (_, keys) => self.verify_by_aws(keys, since, until, console)?,
            #[cfg(not(feature = "aws"))]
            (Place::Folder(_), None) => return Err(anyhow!("name the public keys with `--public-keys FILE`")),
            #[cfg(not(feature = "aws"))]
            (Place::Bucket(_), _) => return Err(anyhow!("this build reads no buckets: name a folder")),
        };
        console.print(match self.format {
            Format::Table => page::table(&verified),
            Format::Jsonl => page::jsonl(&verified)?,
        })?;
        let complete = verified.found.iter().all(Verification::is_complete);
        if !complete {
            console.warn("digests do not cover all of the time that was asked for: of the rest nothing can be said");
        }
        if verified.found.iter().any(Verification::is_tampered) {
            return Ok(Exit::Findings);
        }
        Ok(if self.require_complete && !complete { Exit::Incomplete } else { Exit::Done })
    }

    /// Verifies each account and region that was asked for.
    fn verify_all(
        &self,
        source: &Source<'_>,
        keys: &dyn PublicKeys,
        status: &dyn Fn(&Area) -> Vec<crate::evidence::Trail>,
        from: Timestamp,
        to: Timestamp,
    ) -> anyhow::Result<Verified> {
        let areas = self.areas(source)?;
        let mut found = Vec::new();
        for area in areas {
            let request = Request { trails: status(&area), area, from, to, remembered: Vec::new() };
            let mut verification = verify(source, keys, &request)?;
            if let Some(name) = &self.trail {
                verification.trails.retain(|trail| trail.trail == *name);
                if verification.trails.is_empty() {
                    continue;
                }
            }
            found.push(verification);
        }
        if found.is_empty() {
            let name = self.trail.as_deref().unwrap_or_default();
            return Err(anyhow!("no trail `{name}` has digests there between {from} and {to}"));
        }
        let places = found.iter().flat_map(page::keys).map(|key| (key.to_owned(), source.place(key))).collect();
        Ok(Verified { source: source.store().name(), places, found })
    }

    fn areas(&self, source: &Source<'_>) -> anyhow::Result<Vec<Area>> {
        let there = find(source)?;
        let name = source.store().name();
        if there.is_empty() {
            return Err(anyhow!(
                "no digests lie below `{name}`: name the place above `AWSLogs`, and see that the trail validates its log files"
            ));
        }
        let wanted = |asked: &[String], value: &String| asked.is_empty() || asked.contains(value);
        let chosen: Vec<Area> = there
            .iter()
            .filter(|area| wanted(&self.accounts, &area.account) && wanted(&self.regions, &area.region))
            .cloned()
            .collect();
        if chosen.is_empty() {
            let there: Vec<String> = there.iter().map(|area| format!("{} in {}", area.account, area.region)).collect();
            return Err(anyhow!(
                "no digests of that account and region lie below `{name}`, only of {}",
                there.join(", ")
            ));
        }
        Ok(chosen)
    }
}

/// What came of it, and where each file lies.
struct Verified {
    source: String,
    places: std::collections::BTreeMap<String, String>,
    found: Vec<Verification>,
}

impl Verified {
    /// Where a file lies, for the eye.
    fn place<'a>(&'a self, key: &'a str) -> std::borrow::Cow<'a, str> {
        visible(self.places.get(key).map_or(key, String::as_str))
    }
}

//! `countersign archive verify`: whether an archive still is what was written.

use anyhow::anyhow;
use clap::Args;
use serde::Serialize;

use super::Format;
use super::place::Named;
use crate::archive::{self, Hash, Verified};
use crate::cli::console::Console;
use crate::report::escape::visible;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign archive verify evidence
  countersign archive verify s3://bank-evidence/countersign --profile audit
  countersign archive verify evidence --head sha256:3f8a…

Hashes show what was changed or removed, but not that the newest entries were cut off together with their seals, or that
everything was written anew. Object Lock prevents both; `--head` with a hash that a run printed shows both.

Exit codes: 0 if nothing is wrong; 1 if anything is damaged, missing or out of the chain; 2 if it could not be read.";

/// Reads every entry and every object of an archive: changed, removed, out of the chain?
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Verify {
    #[command(flatten)]
    archive: Named,
    /// Hash of an entry that must be in the chain, such as a run printed it
    #[arg(long, value_name = "HASH", value_parser = hash)]
    head: Option<Hash>,
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

fn hash(text: &str) -> Result<Hash, String> {
    Hash::parse(text).ok_or_else(|| "write `sha256:` and 64 hexadecimal digits".to_owned())
}

impl Verify {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let verified = self.archive.read(|store| Ok(archive::verify(store)?))?;
        if verified.entries.is_empty() && verified.sound() && verified.strangers.is_empty() {
            return Err(anyhow!("there is no archive here: nothing lies below `entries/`"));
        }
        let missing =
            self.head.filter(|head| !verified.entries.iter().any(|found| found.trusted && found.hash == *head));
        console.print(match self.format {
            Format::Table => table(&verified, missing),
            Format::Jsonl => jsonl(&verified, missing)?,
        })?;
        Ok(if verified.sound() && missing.is_none() { Exit::Done } else { Exit::Findings })
    }
}

fn table(verified: &Verified, missing: Option<Hash>) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = |line: String| lines.push(visible(&line).into_owned() + "\n");
    line(format!("{} entries, {} objects", verified.entries.len(), verified.objects));
    if let Some(first) = verified.entries.first() {
        line(format!("since    {}", first.entry.time));
    }
    if let Some(head) = verified.head() {
        line(format!("newest   {}, entry {}, {}", head.entry.time, head.entry.number, head.hash));
    }
    for damage in &verified.damage {
        line(format!("DAMAGED  {damage}"));
    }
    if let Some(head) = missing {
        line(format!("DAMAGED  no entry of the chain has the hash {head}: it was cut off or written anew"));
    }
    if !verified.unsealed.is_empty() {
        let numbers: Vec<String> = verified.unsealed.iter().map(u64::to_string).collect();
        line(format!("harmless {}: entries whose run ended before it sealed them", numbers.join(", ")));
    }
    for key in &verified.unreferenced {
        line(format!("harmless `{key}`: a run ended before it wrote an entry that names it"));
    }
    for key in &verified.strangers {
        line(format!("harmless `{key}`: it is no part of an archive"));
    }
    line(if verified.sound() && missing.is_none() { "sound".to_owned() } else { "not sound".to_owned() });
    lines.concat()
}

/// A line of JSON about one thing.
#[derive(Serialize)]
struct Line<'a> {
    what: &'a str,
    about: String,
}

fn jsonl(verified: &Verified, missing: Option<Hash>) -> anyhow::Result<String> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let head = verified.head().map(|head| head.hash.to_string());
    lines.extend(head.map(|about| Line { what: "head", about }));
    lines.extend(verified.damage.iter().map(|damage| Line { what: "damaged", about: damage.to_string() }));
    lines.extend(missing.map(|hash| Line { what: "head_missing", about: hash.to_string() }));
    lines.extend(verified.unsealed.iter().map(|number| Line { what: "unsealed", about: number.to_string() }));
    lines.extend(verified.unreferenced.iter().map(|key| Line { what: "unreferenced", about: key.clone() }));
    lines.extend(verified.strangers.iter().map(|key| Line { what: "stranger", about: key.clone() }));
    let lines: Result<Vec<String>, _> = lines.iter().map(|line| Ok(serde_json::to_string(line)? + "\n")).collect();
    lines.map(|lines| lines.concat())
}

//! `countersign archive list`: the entries of an archive.

use std::collections::BTreeMap;

use clap::Args;
use serde::Serialize;

use super::Format;
use super::place::Named;
use crate::archive::{self, Entry, Found, Hash};
use crate::cli::console::Console;
use crate::report::escape::visible;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign archive list evidence
  countersign archive list s3://bank-evidence/countersign --format jsonl

Exit code 1 if the chain of entries is broken; `countersign archive verify` also reads every object.";

/// Lists the entries of an archive: one for each run
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct List {
    #[command(flatten)]
    archive: Named,
    /// How to print it
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// An entry with its hash, as a line of JSON.
#[derive(Serialize)]
struct Line<'a> {
    hash: Hash,
    trusted: bool,
    #[serde(flatten)]
    entry: &'a Entry,
}

impl List {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let listed = self.archive.read(|store| Ok(archive::list(store)?))?;
        match self.format {
            Format::Table => console.print(table(&listed.entries))?,
            Format::Jsonl => {
                for Found { hash, entry, trusted } in &listed.entries {
                    console.line(serde_json::to_string(&Line { hash: *hash, trusted: *trusted, entry })?)?;
                }
            }
        }
        for damage in &listed.damage {
            console.error(damage);
        }
        Ok(if listed.sound() { Exit::Done } else { Exit::Findings })
    }
}

fn table(entries: &[Found]) -> String {
    let head = format!("{:>7}  {:20}  {:12}  {:64}  {}\n", "ENTRY", "COLLECTED", "ACCOUNT", "SHA-256", "NEW");
    let line = |Found { hash, entry, trusted }: &Found| {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for item in &entry.added {
            *kinds.entry(item.kind.as_str()).or_default() += 1;
        }
        let added: Vec<String> = kinds.iter().map(|(kind, number)| format!("{number} {}", visible(kind))).collect();
        let broken = if *trusted { "" } else { "  (behind a break)" };
        let time = entry.time.to_string();
        let (account, hash) = (visible(&entry.account), hash.hex());
        format!("{:>7}  {time:20}  {account:12}  {hash}  {}{broken}\n", entry.number, added.join(", "))
    };
    std::iter::once(head).chain(entries.iter().map(line)).collect()
}

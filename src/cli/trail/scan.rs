//! `countersign trail scan`: events found in log files.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;

use clap::{Args, ValueEnum};
use indicatif::HumanBytes;
use jiff::Timestamp;

use super::super::clock;
use super::super::console::Console;
use super::super::line::Line;
use super::rows::Row;
use super::source::Source;
use super::write;
use crate::report::words::{count, number};
use crate::run::Exit;
use crate::store::Store;
use crate::trail::file::Problem;
use crate::trail::filter::Filter;
use crate::trail::scan::{Options, Scanned, Summary, scan};
use crate::trail::timeline::{Ordered, Timeline};

const EXAMPLES: &str = "\
Examples:
  countersign trail scan logs --event-source sagemaker.amazonaws.com --writes
  countersign trail scan logs --event-name UpdateModelPackage --since 2026-01-01 --format csv
  countersign trail scan logs --region eu-central-1 --failed --format jsonl | jq .record
  countersign trail scan s3://bank-trail --event-name UpdateModelPackage --profile audit
  countersign trail scan 111122223333_CloudTrail_eu-central-1_20260504T0935Z_Ab0dEf9hIj1lMn2p.json.gz

Exit codes: 0 done; 2 the source cannot be read; 3 with --require-complete, files or records could not be read.";

/// So many problems are told one by one.
const TOLD: usize = 10;

/// Finds events in CloudTrail log files
///
/// SOURCE is a bucket or a folder: either with a trail's layout (`AWSLogs/…`), of which only the accounts, regions and days
/// that are asked for are read, or with `.json` and `.json.gz` files in any arrangement; or one such file. Each event is
/// told once, in the order of time. A file is named after its delivery, which promises no bound: files of up to two days
/// after `--until` are looked at, and what is delivered later still is missed.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Scan {
    #[command(flatten)]
    source: Source,
    /// Only events of this name; may be repeated
    #[arg(long = "event-name", value_name = "NAME")]
    names: Vec<String>,
    /// Only events of this service, such as `sagemaker.amazonaws.com`; may be repeated
    #[arg(long = "event-source", value_name = "SOURCE")]
    sources: Vec<String>,
    /// Only calls made at this instant or later
    #[arg(long, value_name = "TIME", value_parser = clock::argument)]
    since: Option<Timestamp>,
    /// Only calls made before this instant
    #[arg(long, value_name = "TIME", value_parser = clock::argument)]
    until: Option<Timestamp>,
    /// Only calls to this account; may be repeated
    #[arg(long = "account", value_name = "ID")]
    accounts: Vec<String>,
    /// Only calls to this region; may be repeated
    #[arg(long = "region", value_name = "REGION")]
    regions: Vec<String>,
    /// Only calls that may have changed something
    #[arg(long)]
    writes: bool,
    /// Also calls that failed
    #[arg(long)]
    failed: bool,
    /// What to print
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "table")]
    format: Format,
    /// Threads that read [default: one a processor]
    #[arg(long, value_name = "NUMBER")]
    threads: Option<NonZeroUsize>,
    /// End with exit code 3 if files or records could not be read
    #[arg(long)]
    require_complete: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Aligned columns: when, what was called, who called, about what, where
    Table,
    /// One line an event: its file, and the record as it is written there
    Jsonl,
    /// One row an event, for spreadsheets
    Csv,
}

impl Scan {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        let filter = Filter {
            sources: self.sources.iter().cloned().collect(),
            names: self.names.iter().cloned().collect(),
            accounts: self.accounts.iter().cloned().collect(),
            regions: self.regions.iter().cloned().collect(),
            since: self.since,
            until: self.until,
            failed: self.failed,
            writes: self.writes,
        };
        let threads = self.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN);
        let progress = Line::new(console);
        let work = move |store: &dyn Store| gather(store, &filter, threads, progress.as_ref());
        let (summary, ordered) = self.source.read(&self.regions, work)?;
        print(console, self.format, &ordered)?;
        let problems: Vec<&Problem> = summary.problems.iter().chain(&ordered.contradictions).collect();
        tell(console, &summary, &ordered, &problems);
        let complete = problems.is_empty() && summary.files > 0;
        Ok(if self.require_complete && !complete { Exit::Incomplete } else { Exit::Done })
    }
}

/// Scans, and keeps what is found.
fn gather(
    store: &dyn Store,
    filter: &Filter,
    threads: NonZeroUsize,
    progress: Option<&Line>,
) -> anyhow::Result<(Summary, Ordered)> {
    let mut timeline = Timeline::default();
    let (mut files, mut bytes) = (0, 0);
    let mut visit = |Scanned { file, content }: Scanned| {
        files += 1;
        bytes += content.inflated;
        if let Some(line) = progress {
            line.say(format!("{}, {}", count(files, "log file"), HumanBytes(bytes)));
        }
        timeline.add(&file.entry.key, 0, content.records);
        ControlFlow::Continue(())
    };
    let summary = scan(store, filter, Options { threads, hash: false }, &mut visit)?;
    Ok((summary, timeline.ordered()))
}

fn print(console: Console, format: Format, ordered: &Ordered) -> anyhow::Result<()> {
    if format == Format::Jsonl {
        let mut text = String::new();
        for (_, file, event) in &ordered.events {
            write::json_line(&mut text, file, &event.text);
            if text.len() > 1 << 20 {
                console.print(&text)?;
                text.clear();
            }
        }
        return console.print(text);
    }
    let rows: Vec<Row> = ordered.events.iter().map(|(_, file, event)| Row::of(&event.text, file)).collect();
    console.print(if format == Format::Csv { write::csv(&rows)? } else { write::table(&rows) })
}

/// Says on standard error what was read and what was not.
fn tell(console: Console, summary: &Summary, ordered: &Ordered, problems: &[&Problem]) {
    for problem in problems.iter().take(TOLD) {
        console.warn(problem);
    }
    if problems.len() > TOLD {
        console.warn(format_args!("{} more files or records could not be read", number(problems.len() - TOLD)));
    }
    if summary.files == 0 {
        console.warn("no log file was found; what was asked for may lie elsewhere");
        return;
    }
    let files = usize::try_from(summary.files).unwrap_or(usize::MAX);
    let again = usize::try_from(ordered.duplicates).unwrap_or(usize::MAX);
    let duplicates = if again == 0 { String::new() } else { format!("; {} more of them again", number(again)) };
    let found = count(ordered.events.len(), "event");
    console.note(format_args!("{found} in {}, {}{duplicates}", count(files, "log file"), HumanBytes(summary.inflated)));
    for (stream, deliveries) in &summary.streams {
        console.note(format_args!(
            "{}/{}: {} delivered from {} to {}",
            stream.account,
            stream.region,
            count(usize::try_from(deliveries.files).unwrap_or(usize::MAX), "file"),
            deliveries.first,
            deliveries.last
        ));
    }
}

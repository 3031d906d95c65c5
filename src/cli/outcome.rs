//! What a command prints once a report is written.

use std::path::{Path, PathBuf};

use super::console::Console;
use crate::archive::Written;
use crate::evidence::CollectStats;
use crate::report::{text, words};
use crate::run::{Exit, Outcome};

/// Prints the summary, where the report is, and what it cost if that was asked for.
pub(super) fn print(outcome: &Outcome, with_cost: bool, console: Console) -> anyhow::Result<Exit> {
    console.print(text::summary(&outcome.report, console.style()))?;
    console.print(format_args!("\n{}", written(&outcome.written)))?;
    match &outcome.archived {
        None => {}
        Some(Ok(Written { number, hash, added })) => {
            let begins = if *number == 1 { "; the archive begins with it" } else { "" };
            console.print(format_args!("\nArchived:\n  entry {number}, {added} new objects{begins}\n  {hash}\n"))?;
        }
        Some(Err(error)) => console.error(format_args!("not archived: {error}")),
    }
    for published in &outcome.published {
        match &published.result {
            Ok(delivery) => {
                console.print(format_args!("\nPublished to {}:\n  {}\n", published.sink, delivery.words))?;
            }
            Err(error) => console.error(format_args!("not published to `{}`: {error}", published.sink)),
        }
    }
    if let Some(baseline) = outcome.report.baseline.as_ref().filter(|baseline| baseline.stale > 0) {
        console.warn(format_args!(
            "{} of the {} that baseline `{}` holds no longer fail; `countersign baseline create` makes it anew",
            baseline.stale,
            words::count(baseline.findings, "finding"),
            baseline.origin,
        ));
    }
    if with_cost {
        console.print(cost(&outcome.stats))?;
    }
    Ok(outcome.exit)
}

/// Where the documents are.
pub(super) fn written(paths: &[PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| format!("  {}\n", path.display())).collect();
    format!("Written:\n{}", paths.concat())
}

/// Calls, retries, times and memory.
pub(super) fn cost(stats: &CollectStats) -> String {
    let mut rows: Vec<(String, String)> = Vec::new();
    for count in &stats.calls {
        rows.push((count.sent.to_string(), format!("{}:{}", count.service, count.operation)));
    }
    rows.push((stats.sent().to_string(), format!("calls in all, {} of them sent again", stats.retried())));
    if stats.metrics > 0 {
        let usd = stats.metrics_usd();
        rows.push((stats.metrics.to_string(), format!("metrics asked for data points, {usd} USD at list price")));
    }
    match stats.cost_explorer_requests() {
        0 => {}
        requests => {
            let usd = stats.cost_explorer_usd();
            rows.push((requests.to_string(), format!("requests to Cost Explorer, {usd} USD at list price")));
        }
    }
    rows.push((
        seconds(stats.wall_ms),
        format!("seconds, {} of them for paced event look-ups only", seconds(stats.paced_ms)),
    ));
    rows.extend(peak_memory_mb().map(|memory| (memory.to_string(), "MB of memory at the peak".to_owned())));
    let rows: Vec<String> = rows.iter().map(|(number, what)| format!("  {number:>8}  {what}\n")).collect();
    format!("\nCollection:\n{}", rows.concat())
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{}", milliseconds / 1_000, milliseconds % 1_000 / 100)
}

/// The most memory that the process has held, where the system says.
fn peak_memory_mb() -> Option<u64> {
    let status = std::fs::read_to_string(Path::new("/proc/self/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::CallCount;

    #[test]
    fn the_cost_lists_every_operation() {
        let count = |operation: &str, sent, retried| CallCount {
            service: "sagemaker".into(),
            operation: operation.into(),
            sent,
            retried,
            failed: 0,
        };
        let paid = CallCount { service: "ce".into(), ..count("GetCostAndUsage", 2, 0) };
        let calls = vec![paid, count("DescribeModel", 12, 1), count("Search", 4, 0)];
        let text = cost(&CollectStats { calls, wall_ms: 12_345, paced_ms: 800, metrics: 1_234 });
        assert!(text.contains("        12  sagemaker:DescribeModel\n         4  sagemaker:Search\n"), "{text}");
        assert!(text.contains("        18  calls in all, 1 of them sent again\n"), "{text}");
        assert!(text.contains("      1234  metrics asked for data points, 0.01234 USD at list price\n"), "{text}");
        assert!(text.contains("         2  requests to Cost Explorer, 0.02 USD at list price\n"), "{text}");
        assert!(text.contains("      12.3  seconds, 0.8 of them for paced event look-ups only\n"), "{text}");
    }
}

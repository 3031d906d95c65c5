//! `report.sarif`: SARIF 2.1.0, for code-scanning pages beside the repository that declares the estate.
//!
//! The rules are the controls that judged. Results are the findings that are open ([`told`](super::told)):
//!
//! | Finding | `kind` | `level` | Also |
//! |---|---|---|---|
//! | fails | `fail` | by severity: `error`, `warning`, `note` | |
//! | waived | `fail` | by severity | an accepted external suppression with who answers for it |
//! | could not be decided | `open`, which is SARIF's word for it | `none`, as SARIF wants | its message begins with "Could not be decided" |
//!
//! What passes, or ended, is not there: pages close an alert that is missing from the next upload. `baselineState` compares
//! with the last run, where there was one. What could not be read is listed among the notifications of the run.
//!
//! There is no source file, and GitHub shows no result without a place in one, so each result lies in the first line of the
//! policy file (`countersign.toml` where none was given); its logical location names the subject. GitHub tells alerts apart by
//! `primaryLocationLineHash`, which is therefore the fingerprint. It knows neither kinds nor baseline states, and takes 25,000
//! results at most.
//!
//! Text is plain. SARIF reads `{0}` and `[text](target)` in messages, so both are defused.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use self::log::{
    Artifact, AutomationDetails, Configuration, Driver, Invocation, Location, Log, LogicalLocation, Message,
    Notification, PhysicalLocation, Region, ResultProperties, ResultRow, Rule, RuleProperties, Run, RunProperties,
    Suppression, Tool,
};
use super::document::{Change, GapRow, Report};
use super::escape::visible;
use super::told::{Outcome, Told, told};
use super::{json, words};
use crate::control::{Control, Severity, registry};

mod log;

/// The schema, as OASIS publishes it.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Down to which depth each item is on a line of its own: a result is a row.
const ROWS: usize = 4;

/// The file that results lie in where the policy is the built-in one.
const POLICY: &str = "countersign.toml";

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    json::write_rows(&log(report), ROWS, out)
}

fn log(report: &Report) -> Log<'_> {
    let version = report.tool.rsplit_once(' ').map_or(report.tool.as_str(), |(_, version)| version);
    let scope = match report.scope.accounts.as_slice() {
        [account] => format!("countersign/{account}/"),
        _ => "countersign/".to_owned(),
    };
    Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver: Driver { name: "Countersign", semantic_version: version, rules: rules(report) } },
            automation_details: AutomationDetails { id: scope },
            invocations: [Invocation {
                execution_successful: true,
                end_time_utc: report.collected_at,
                tool_execution_notifications: Notifications(&report.gaps),
            }],
            results: Results(report),
            properties: RunProperties { as_of: report.as_of, policy_sha256: &report.policy.hash },
        }],
    }
}

/// The controls that judged.
fn rules(report: &Report) -> Vec<Rule> {
    controls(report).map(rule).collect()
}

/// The same in the order of the rules.
fn controls(report: &Report) -> impl Iterator<Item = &'static Control> {
    registry::CONTROLS.iter().copied().filter(|control| report.controls.iter().any(|code| *code == control.code))
}

fn rule(control: &'static Control) -> Rule {
    let help = format!("{}\n\n## What to do\n\n{}", control.doc.trim(), words::sentence(control.remedy));
    let gate = words::gate(control.gate);
    Rule {
        id: control.code,
        name: pascal(control.id),
        short_description: Message { text: words::sentence(control.summary) },
        full_description: Message { text: words::sentence(control.summary) },
        help: log::Help { text: help.clone(), markdown: help },
        default_configuration: Configuration { level: level(control.severity) },
        properties: RuleProperties {
            tags: ["governance", "machine-learning", "security", gate],
            security_severity: security_severity(control.severity),
        },
    }
}

/// `approved-now` as `ApprovedNow`.
fn pascal(id: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    };
    id.split('-').map(capital).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// GitHub's scale: above 9 is critical, from 7 high, from 4 medium, above 0 low.
fn security_severity(severity: Severity) -> Option<&'static str> {
    match severity {
        Severity::Critical => Some("9.5"),
        Severity::High => Some("8.0"),
        Severity::Medium => Some("5.5"),
        Severity::Low => Some("2.0"),
        Severity::Info => None,
    }
}

/// The results, made one by one as they are written.
struct Results<'a>(&'a Report);

impl Serialize for Results<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let order: Vec<&str> = controls(self.0).map(|control| control.code).collect();
        let file = policy_file(self.0);
        let open = told(self.0).filter(|told| !told.outcome.is_closed());
        serializer.collect_seq(open.map(|told| result(self.0, &told, &order, &file)))
    }
}

fn result<'a>(report: &Report, told: &Told<'a>, order: &[&str], file: &'a str) -> ResultRow<'a> {
    let unknown = told.outcome == Outcome::Unknown;
    let waiver = told.row.and_then(|row| row.waiver.as_deref());
    ResultRow {
        rule_id: told.code(),
        rule_index: order.iter().position(|code| *code == told.code()),
        kind: if unknown { "open" } else { "fail" },
        level: if unknown { "none" } else { level(told.severity()) },
        message: Message { text: message(told) },
        locations: [Location {
            physical_location: PhysicalLocation {
                artifact_location: Artifact { uri: file },
                region: Region { start_line: 1 },
            },
            logical_locations: [LogicalLocation { fully_qualified_name: visible(told.subject()), kind: "resource" }],
        }],
        fingerprints: [("countersign/v1", told.fingerprint().to_owned())].into(),
        partial_fingerprints: [("primaryLocationLineHash", format!("{}:1", told.fingerprint()))].into(),
        baseline_state: report.changes.as_ref().map(|_| baseline_state(told)),
        suppressions: waiver
            .filter(|_| told.outcome == Outcome::Waived)
            .map(|waiver| Suppression { kind: "external", status: "accepted", justification: plain(waiver) })
            .into_iter()
            .collect(),
        properties: ResultProperties {
            status: told.outcome.key(),
            severity: words::severity(told.severity()),
            account: told.account(),
            region: told.region(),
            subject_kind: told.kind(),
            arn: told.arn(),
            owner: told.owner().map(visible),
            finding_id: told.row.map(|row| row.id.as_str()),
            first_seen: told.first_seen(),
        },
    }
}

/// What is wrong with what, and what to do, in sentences.
fn message(told: &Told<'_>) -> String {
    let mut text = match told.outcome {
        Outcome::Unknown => format!("Could not be decided: {}", plain(told.reason())),
        _ => plain(&words::sentence(told.reason())),
    };
    for note in told.notes() {
        text.push_str("; ");
        text.push_str(&plain(note));
    }
    _ = write!(text, ". Subject: {}.", plain(told.subject()));
    if !told.remedy().is_empty() {
        _ = write!(text, " What to do: {}.", plain(told.remedy()));
    }
    text
}

/// Text that no reader takes for a placeholder or a link.
fn plain(text: &str) -> String {
    visible(text).replace('{', "{{").replace('}', "}}").replace("](", "] (")
}

fn baseline_state(told: &Told<'_>) -> &'static str {
    match told.change.map(|row| row.change) {
        _ if told.is_new => "new",
        Some(Change::OutOfSight | Change::Waived) => "updated",
        _ => "unchanged",
    }
}

/// The policy file as a relative reference: where it lies on this machine is nobody's business.
fn policy_file(report: &Report) -> String {
    let name = report.policy.origin.as_deref().unwrap_or(POLICY);
    let relative = !name.starts_with('/') && !name.contains(['\\', ':']) && !name.split('/').any(|part| part == "..");
    let name = if relative { name } else { name.rsplit(['/', '\\']).next().unwrap_or(name) };
    let mut uri = String::with_capacity(name.len());
    for byte in name.trim_start_matches("./").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => _ = write!(uri, "%{other:02X}"),
        }
    }
    if uri.is_empty() { POLICY.to_owned() } else { uri }
}

/// What could not be read, made one by one as it is written.
struct Notifications<'a>(&'a [GapRow]);

impl Serialize for Notifications<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|gap| Notification {
            level: "warning",
            message: Message {
                text: plain(&format!(
                    "{} of {} in {}/{} was not answered: {}. What to do: {}.",
                    gap.call, gap.subject, gap.account, gap.region, gap.cause_words, gap.remedy
                )),
            },
            time_utc: gap.at,
        }))
    }
}

#[cfg(test)]
mod tests;

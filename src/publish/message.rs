//! One message about a run, as each kind of subscriber needs it.

use serde::Serialize;
use serde_json::json;

use super::news::{News, NewsItem};
use super::plain;
use super::{Publication, Trigger};
use crate::report::document::{ActionRow, Report};
use crate::report::words;

/// Name and version of the JSON that machines are told.
pub const SCHEMA: &str = "countersign.message/1";

/// So many changes are told in JSON at most; the report has all of them.
const CHANGES: usize = 50;
/// So many characters of a stranger's text.
const TEXT: usize = 600;
/// The longest JSON in bytes: SNS takes 256 KB a message, in which it stands once for each protocol.
const JSON: usize = 24 * 1_024;

/// A message about a run.
#[derive(Debug)]
pub struct Message {
    /// One line of printable ASCII.
    pub subject: String,
    /// For people.
    pub text: String,
    /// For machines: [`SCHEMA`] as JSON.
    pub json: String,
    /// What subscriptions filter by.
    pub attributes: Vec<(&'static str, String)>,
}

/// What machines are told: enough to route by, and where to read on.
#[derive(Debug, Serialize)]
struct Told<'a> {
    schema: &'a str,
    run: &'a str,
    trigger: &'a str,
    as_of: jiff::Timestamp,
    collected_at: jiff::Timestamp,
    accounts: &'a [String],
    regions: &'a [String],
    headline: String,
    verdict: Option<&'a str>,
    by_verdict: &'a std::collections::BTreeMap<String, usize>,
    failing_by_severity: &'a std::collections::BTreeMap<String, usize>,
    gaps: usize,
    since: Option<jiff::Timestamp>,
    gate_changed: bool,
    changes: Vec<ToldChange>,
    changes_left_out: usize,
    actions: Vec<ToldAction>,
}

#[derive(Debug, Serialize)]
struct ToldChange {
    change: &'static str,
    cause: Option<&'static str>,
    because: String,
    fingerprint: String,
    code: String,
    subject: String,
    severity: &'static str,
    gate: Option<&'static str>,
    reason: String,
    owner: Option<String>,
}

#[derive(Debug, Serialize)]
struct ToldAction {
    action: String,
    code: String,
    role: String,
    live_versions: usize,
}

impl Message {
    /// What to say of a run.
    pub fn of(publication: &Publication<'_>, news: &News<'_>) -> Self {
        let report = publication.report;
        let severity = plain::worst(report).map_or("none", words::severity);
        let verdict = report.summary.verdict.map_or("none", words::verdict_key);
        let accounts = &report.scope.accounts;
        let mut attributes = vec![
            ("severity", severity.to_owned()),
            ("verdict", verdict.to_owned()),
            ("gate_changed", news.gate_changed().to_string()),
            ("trigger", trigger(publication.trigger).to_owned()),
            ("run", publication.run.to_owned()),
        ];
        // Of a report of many accounts no single one is true; those subscribe to everything.
        if let [account] = accounts.as_slice() {
            attributes.push(("account", account.clone()));
        }
        Self {
            subject: plain::subject(report, news),
            text: plain::body(publication, news),
            json: fitting(publication, news),
            attributes,
        }
    }

    /// The message for each protocol, as SNS reads it with `MessageStructure` `json`.
    /// Source: <https://docs.aws.amazon.com/sns/latest/dg/sns-send-custom-platform-specific-payloads-mobile-devices.html>
    pub fn by_protocol(&self) -> String {
        let mut messages = json!({ "default": self.text, "sms": self.subject });
        if let Some(messages) = messages.as_object_mut() {
            for protocol in ["sqs", "lambda", "http", "https", "firehose"] {
                messages.insert(protocol.to_owned(), self.json.clone().into());
            }
        }
        messages.to_string()
    }
}

/// What made it run, in a word.
pub fn trigger(trigger: &Trigger) -> &'static str {
    match trigger {
        Trigger::Command => "command",
        Trigger::Schedule => "schedule",
        Trigger::Event { .. } => "event",
    }
}

/// As many changes as fit, worst first.
fn fitting(publication: &Publication<'_>, news: &News<'_>) -> String {
    let mut most = CHANGES;
    loop {
        let json = told(publication, news, most);
        if json.len() <= JSON || most == 0 {
            return json;
        }
        most /= 2;
    }
}

fn told(publication: &Publication<'_>, news: &News<'_>, most: usize) -> String {
    let report: &Report = publication.report;
    let told = Told {
        schema: SCHEMA,
        run: publication.run,
        trigger: trigger(publication.trigger),
        as_of: report.as_of,
        collected_at: report.collected_at,
        accounts: &report.scope.accounts,
        regions: &report.scope.regions,
        headline: short(&report.summary.headline),
        verdict: report.summary.verdict.map(words::verdict_key),
        by_verdict: &report.summary.by_verdict,
        failing_by_severity: &report.summary.failing_by_severity,
        gaps: report.gaps.len(),
        since: report.changes.as_ref().map(|changes| changes.since),
        gate_changed: news.gate_changed(),
        changes: news.items.iter().take(most).map(change).collect(),
        changes_left_out: news.items.len().saturating_sub(most),
        actions: report.summary.actions.iter().map(action).collect(),
    };
    // Nothing in it can fail to be written.
    serde_json::to_string(&told).unwrap_or_default()
}

fn change(item: &NewsItem<'_>) -> ToldChange {
    ToldChange {
        change: item.change.key(),
        cause: item.cause.map(crate::report::document::Cause::key),
        because: short(item.because),
        fingerprint: item.fingerprint.to_owned(),
        code: item.code.to_owned(),
        subject: short(item.subject),
        severity: words::severity(item.severity),
        gate: item.gate.map(words::gate),
        reason: item.finding.map(|finding| short(&finding.reason)).unwrap_or_default(),
        owner: item.live.and_then(|live| live.owner.as_ref()).map(|owner| short(&owner.name)),
    }
}

fn action(row: &ActionRow) -> ToldAction {
    ToldAction {
        action: short(&row.action),
        code: row.code.to_string(),
        role: row.role.to_string(),
        live_versions: row.live_versions.len(),
    }
}

/// A text of bearable length.
pub(super) fn short(text: &str) -> String {
    match text.char_indices().nth(TEXT) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::CollectStats;
    use crate::report::sample::{bank, blank, hostile};

    fn message(report: &Report, trigger: &Trigger) -> Message {
        let stats = CollectStats::default();
        let publication = Publication { report, stats: &stats, run: "run-1", trigger, documents: &[] };
        Message::of(&publication, &News::of(report, trigger))
    }

    #[test]
    fn each_protocol_gets_what_it_can_use() {
        let message = message(&bank(), &Trigger::Schedule);
        let by: serde_json::Value = serde_json::from_str(&message.by_protocol()).unwrap();
        assert_eq!((by["default"].as_str(), by["sms"].as_str()), (Some(&*message.text), Some(&*message.subject)));
        let told: serde_json::Value = serde_json::from_str(by["sqs"].as_str().unwrap()).unwrap();
        assert_eq!((told["schema"].as_str(), told["trigger"].as_str()), (Some(SCHEMA), Some("schedule")));
        let first = &told["changes"][0];
        assert_eq!((first["change"].as_str(), first["severity"].as_str()), (Some("new"), Some("critical")));
        assert!(first["fingerprint"].as_str().is_some_and(|text| text.len() == 32), "{first}");
        let attribute = |name: &str| message.attributes.iter().find(|(it, _)| *it == name).map(|(_, value)| &**value);
        assert_eq!(attribute("severity"), Some("critical"));
        assert_eq!(attribute("account"), Some("111122223333"));
        assert_eq!(attribute("gate_changed"), Some("true"));
    }

    #[test]
    fn a_message_fits_whatever_the_names_are() {
        for report in [bank(), hostile(), blank()] {
            let event = Trigger::Event { id: "1".to_owned(), kind: "x".to_owned(), names: Vec::new() };
            let message = message(&report, &event);
            assert!(message.by_protocol().len() < 256 * 1_024);
            assert!(message.attributes.iter().all(|(_, value)| !value.is_empty()), "SNS takes no empty attribute");
        }
    }
}

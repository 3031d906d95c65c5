//! One EventBridge event for each finding that opened, changed or closed since the last run.
//!
//! Source `countersign`, detail type `Countersign Finding Opened`, `… Changed` or `… Closed`; the detail is
//! `countersign.finding-event/1`. It names the owner, so that a rule can send each team its own, and an `idempotency_key` of
//! run and fingerprint, since EventBridge delivers at least once.

use serde::Serialize;

use super::Publication;
use super::message::short;
use super::news::{News, NewsItem};
use crate::control::{Severity, Status};
use crate::report::document::{Cause, Change};
use crate::report::words;

/// Name and version of the detail.
pub const SCHEMA: &str = "countersign.finding-event/1";

/// Source of the events.
pub const SOURCE: &str = "countersign";

/// Most entries that one call takes.
pub const MOST: usize = 10;

/// Most bytes that one call takes, with room for what is counted besides.
/// Source: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html>
const BYTES: usize = 240 * 1_024;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// `Countersign Finding Opened`, `… Changed` or `… Closed`.
    pub detail_type: &'static str,
    /// JSON.
    pub detail: String,
    /// ARN of what it is about, where there is one.
    pub resource: Option<String>,
}

#[derive(Serialize)]
struct Detail<'a> {
    schema: &'a str,
    idempotency_key: String,
    run: &'a str,
    collected_at: jiff::Timestamp,
    fingerprint: &'a str,
    change: &'a str,
    cause: Option<&'a str>,
    because: String,
    code: &'a str,
    control: Option<&'a str>,
    summary: Option<String>,
    severity: &'a str,
    gate: Option<&'a str>,
    before: Option<&'a str>,
    status: Option<&'a str>,
    account: Option<&'a str>,
    region: Option<&'a str>,
    subject: Subject<'a>,
    owner: Option<String>,
    owner_source: Option<String>,
    first_seen: Option<jiff::Timestamp>,
    reason: String,
    remedy: String,
    waiver: Option<String>,
}

#[derive(Serialize)]
struct Subject<'a> {
    kind: Option<&'a str>,
    name: String,
    arn: Option<&'a str>,
}

/// The events of a run, worst first; findings below `least` are left out.
pub fn events(publication: &Publication<'_>, news: &News<'_>, least: Severity) -> Vec<Event> {
    news.items.iter().filter(|item| item.severity >= least).map(|item| event(publication, item)).collect()
}

/// What a change means to whoever keeps a ticket.
fn detail_type(change: Change) -> &'static str {
    match change {
        Change::New | Change::Reopened => "Countersign Finding Opened",
        Change::OutOfSight | Change::Waived => "Countersign Finding Changed",
        Change::Healed | Change::BackInSight | Change::Gone => "Countersign Finding Closed",
    }
}

fn event(publication: &Publication<'_>, item: &NewsItem<'_>) -> Event {
    let Publication { report, run, .. } = *publication;
    let finding = item.finding;
    let owner = item.live.and_then(|live| live.owner.as_ref());
    let row = item.row;
    let place =
        |own: Option<&'_ str>, then: Option<&'_ str>| own.or(then).filter(|text| !text.is_empty()).map(str::to_owned);
    let account = place(finding.map(|it| &*it.subject.account), row.and_then(|row| row.account.as_deref()));
    let region = place(finding.map(|it| &*it.subject.region), row.and_then(|row| row.region.as_deref()));
    let arn = finding.and_then(|finding| finding.subject.arn.as_deref());
    let detail = Detail {
        schema: SCHEMA,
        idempotency_key: format!("{run}/{}", item.fingerprint),
        run,
        collected_at: report.collected_at,
        fingerprint: item.fingerprint,
        change: item.change.key(),
        cause: item.cause.map(Cause::key),
        because: short(item.because),
        code: item.code,
        control: finding.map(|finding| &*finding.control),
        summary: finding.map(|finding| short(&finding.summary)),
        severity: words::severity(item.severity),
        gate: item.gate.map(words::gate),
        before: item.before.map(words::status_key),
        status: item.now.map(words::status_key),
        account: account.as_deref(),
        region: region.as_deref(),
        subject: Subject { kind: finding.map(|finding| &*finding.subject.kind), name: short(item.subject), arn },
        owner: owner.map(|owner| short(&owner.name)),
        owner_source: owner.map(|owner| short(&owner.source)),
        first_seen: finding.and_then(|finding| finding.first_seen).or_else(|| row?.first_seen),
        reason: finding.map(|finding| short(&finding.reason)).unwrap_or_default(),
        remedy: finding.filter(|it| it.status != Status::Pass).map(|it| short(&it.remedy)).unwrap_or_default(),
        waiver: finding.and_then(|finding| finding.waiver.as_deref()).map(short),
    };
    Event {
        detail_type: detail_type(item.change),
        // Nothing in it can fail to be written.
        detail: serde_json::to_string(&detail).unwrap_or_default(),
        resource: arn.map(str::to_owned),
    }
}

impl Event {
    /// Its size as EventBridge counts it, in bytes.
    fn size(&self) -> usize {
        14 + SOURCE.len() + self.detail_type.len() + self.detail.len() + self.resource.as_ref().map_or(0, String::len)
    }
}

/// The events in calls that EventBridge takes: so many and so many bytes at most.
pub fn batches(events: Vec<Event>) -> Vec<Vec<Event>> {
    let mut batches: Vec<Vec<Event>> = Vec::new();
    let mut bytes = 0;
    for event in events {
        let size = event.size();
        match batches.last_mut() {
            Some(batch) if batch.len() < MOST && bytes + size <= BYTES => {
                bytes += size;
                batch.push(event);
            }
            _ => {
                bytes = size;
                batches.push(vec![event]);
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::evidence::CollectStats;
    use crate::publish::Trigger;
    use crate::report::document::Report;
    use crate::report::sample::{bank, hostile};

    fn of(report: &Report, least: Severity) -> Vec<(Event, serde_json::Value)> {
        let (stats, trigger) = (CollectStats::default(), Trigger::Schedule);
        let publication = Publication { report, stats: &stats, run: "run-1", trigger: &trigger, documents: &[] };
        let events = events(&publication, &News::of(report, &trigger), least);
        events.into_iter().map(|event| (event.clone(), serde_json::from_str(&event.detail).unwrap())).collect()
    }

    #[test]
    fn each_finding_that_changed_is_one_event() {
        let report = bank();
        let all = of(&report, Severity::Info);
        let changes = &report.changes.as_ref().unwrap().findings;
        assert_eq!(all.len(), changes.len());
        let keys: BTreeSet<&str> = all.iter().map(|(_, detail)| detail["idempotency_key"].as_str().unwrap()).collect();
        assert_eq!(keys.len(), all.len(), "one for each fingerprint");
        for (event, detail) in &all {
            let expected = match detail["change"].as_str().unwrap() {
                "new" | "reopened" => "Countersign Finding Opened",
                "healed" | "gone" | "back_in_sight" => "Countersign Finding Closed",
                _ => "Countersign Finding Changed",
            };
            assert_eq!(event.detail_type, expected);
            assert_eq!(detail["schema"], SCHEMA);
        }
        let (_, opened) = all.iter().find(|(_, it)| it["code"] == "APR-005").unwrap();
        assert!(opened["owner"].is_string() && opened["account"] == "111122223333", "{opened}");
        assert_eq!((opened["gate"].as_str(), opened["status"].as_str()), (Some("stop"), Some("fail")));
        assert!(of(&report, Severity::Critical).len() < all.len());
    }

    #[test]
    fn without_an_earlier_run_all_that_fails_is_opened() {
        let report = Report { changes: None, ..bank() };
        let failing = report.findings.iter().filter(|finding| finding.status == Status::Fail).count();
        let all = of(&report, Severity::Info);
        assert_eq!(all.len(), failing);
        assert!(all.iter().all(|(event, _)| event.detail_type == "Countersign Finding Opened"));
    }

    #[test]
    fn names_are_data_and_calls_hold_what_they_may() {
        let events: Vec<Event> = of(&hostile(), Severity::Info).into_iter().map(|(event, _)| event).collect();
        assert!(events.iter().all(|event| event.detail.len() < 16 * 1_024));
        let large = Event { detail: "x".repeat(100 * 1_024), ..events[0].clone() };
        let mut many: Vec<Event> = std::iter::repeat_n(events[0].clone(), 25).collect();
        many.extend(std::iter::repeat_n(large, 5));
        let batches = batches(many);
        assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [10, 10, 7, 2, 1]);
        assert!(batches.iter().all(|batch| batch.iter().map(Event::size).sum::<usize>() <= BYTES));
    }
}

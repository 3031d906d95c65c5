//! CloudTrail's event history: who registered, approved and deployed, who switched off what watches them, and when.
//!
//! `LookupEvents` takes one attribute a call, answers newest first, reaches back 90 days and is paced to one call a
//! second, so only those event names are read that a control uses ([`WATCHED`]). Names collide between services, so the
//! event source is always checked. What was read completely is a fact of its own, the [`EventWindow`]: without it, "no event" would
//! say nothing.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html>

use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use aws_smithy_types::DateTime;
use jiff::{SignedDuration, Timestamp};

use super::engine::{Answer, Failure, Reader, token};
use super::text::instant;
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, EventWindow, FactKind, GapCause, Hidden, ResourceKey, TrailEvent};
use crate::trail::record;
use crate::trail::watched::{WATCHED, Watched};

const LOOKUP: ApiCall = ApiCall {
    service: "cloudtrail",
    operation: "LookupEvents",
    action: "cloudtrail:LookupEvents",
    purpose: "who registered, approved and deployed each model version, and who switched off what watches them",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "trail-events",
    summary: "reads from CloudTrail's event history who registered, approved and deployed, who switched off what watches, \
              and when",
    yields: &[FactKind::TrailEvents],
    calls: &[LOOKUP],
};

/// How far back the event history reaches.
const REACH: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Events a page, the most that AWS gives.
const PAGE: i32 = 50;

/// Looks up every watched name. A denial of the first is a denial of all, and is not asked for again.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let (first, others) = match &WATCHED {
        [first, others @ ..] => (first, others),
    };
    if let Err(failure) = lookup(reader, first).await {
        return reader.gap(failure, &[Hidden::All(FactKind::TrailEvents)]);
    }
    reader
        .each(others, async |watched| {
            if let Err(failure) = lookup(reader, watched).await {
                reader.gap(failure, &[hidden(watched)]);
            }
        })
        .await;
}

fn hidden(watched: &Watched) -> Hidden {
    Hidden::One(ResourceKey::new(FactKind::TrailEvents, watched.name))
}

/// Reads the events of one name, and keeps how far it got.
///
/// # Errors
/// If the reader may not look up events at all. Any other failure is a gap of this name alone.
async fn lookup(reader: &Reader<'_>, watched: &Watched) -> Result<(), Failure> {
    tracing::debug!(event = watched.name, because = watched.because, "looking up events");
    let to = reader.request().now;
    let asked = clamp(reader.request().events_since, to);
    let attribute = LookupAttribute::builder()
        .attribute_key(LookupAttributeKey::EventName)
        .attribute_value(watched.name)
        .build()
        .ok();
    let mut calls = Vec::new();
    let mut oldest: Option<Timestamp> = None;
    let mut incomplete = None;
    let read = reader
        .pages(
            &LOOKUP,
            watched.name,
            |token| {
                let request = reader.clients().cloudtrail.lookup_events();
                let request = request.set_lookup_attributes(attribute.clone().map(|attribute| vec![attribute]));
                let request = request.start_time(date_time(asked)).end_time(date_time(to)).max_results(PAGE);
                request.set_next_token(token).send()
            },
            |Answer { output, call }| {
                calls.push(call);
                if output.events.is_none() {
                    incomplete = Some(call);
                    return None;
                }
                for event in output.events() {
                    oldest = oldest.into_iter().chain(instant(event.event_time())).min();
                    record_event(reader, watched, event, call);
                }
                token(output.next_token())
            },
        )
        .await;
    let from = match read {
        Ok(_) => match incomplete {
            None => Some(asked),
            Some(call) => {
                reader.malformed(&LOOKUP, call, &without_events(watched), &[hidden(watched)]);
                narrowed(oldest)
            }
        },
        Err(failure) if failure.pages_read == 0 && concerns_every_name(&failure) => return Err(failure),
        Err(failure) => {
            reader.gap(failure, &[hidden(watched)]);
            narrowed(oldest)
        }
    };
    if let Some(from) = from.filter(|from| *from <= to) {
        let (event_name, event_source) = (watched.name.to_owned(), watched.source.to_owned());
        reader.record(EventWindow { event_name, event_source, from, to }, &calls);
    }
    Ok(())
}

fn concerns_every_name(failure: &Failure) -> bool {
    matches!(failure.cause, GapCause::Denied(_) | GapCause::Unsupported | GapCause::Cancelled)
}

/// The beginning of the window: what was asked for, within what AWS remembers, and not after the end.
fn clamp(since: Timestamp, to: Timestamp) -> Timestamp {
    to.checked_sub(REACH).map_or(since, |reach| since.max(reach)).min(to)
}

/// What was read completely when a page failed. Events come newest first and in whole seconds, so more may have
/// happened in the very second of the oldest one that was read.
fn narrowed(oldest: Option<Timestamp>) -> Option<Timestamp> {
    oldest?.checked_add(SignedDuration::from_secs(1)).ok()
}

/// AWS lists no events as an empty list; an answer without one lost its content on the way.
fn without_events(watched: &Watched) -> Malformed {
    Malformed { item: watched.name.to_owned(), reason: "`Events` is missing".to_owned() }
}

fn date_time(time: Timestamp) -> DateTime {
    DateTime::from_secs(time.as_second())
}

fn record_event(reader: &Reader<'_>, watched: &Watched, event: &Event, call: CallId) {
    match normalise(watched, event) {
        Ok(Some(event)) => reader.record(event, &[call]),
        Ok(None) => {}
        Err(malformed) => reader.malformed(&LOOKUP, call, &malformed, &[hidden(watched)]),
    }
}

/// The event, if it is one of the service that is watched.
///
/// # Errors
/// If its record is missing, cannot be read, or is about another call than the envelope says.
fn normalise(watched: &Watched, event: &Event) -> Result<Option<TrailEvent>, Malformed> {
    if event.event_source().is_some_and(|source| source != watched.source) {
        return Ok(None);
    }
    let malformed = |reason: String| Malformed { item: event.event_id().unwrap_or("an event").to_owned(), reason };
    let text = event.cloud_trail_event().ok_or_else(|| malformed("`CloudTrailEvent` is missing".to_owned()))?;
    let Some(read) = record::from_text(text)? else { return Ok(None) };
    if read.source != watched.source {
        return match event.event_source() {
            None => Ok(None),
            Some(source) => Err(malformed(format!("its record says `{}`, its envelope `{source}`", read.source))),
        };
    }
    if read.name != watched.name {
        return Err(malformed(format!("its record is about `{}`, not `{}`", read.name, watched.name)));
    }
    Ok(Some(read))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const APPROVAL: &Watched = &WATCHED[0];

    fn event(source: Option<&str>, record: Option<serde_json::Value>) -> Event {
        Event::builder()
            .event_id("e-1")
            .event_name(APPROVAL.name)
            .set_event_source(source.map(str::to_owned))
            .set_cloud_trail_event(record.map(|record| record.to_string()))
            .build()
    }

    fn record(source: &str, name: &str) -> serde_json::Value {
        serde_json::json!({
            "eventID": "e-1", "eventName": name, "eventSource": source, "eventTime": "2026-05-04T09:30:00Z",
            "requestParameters": {"modelApprovalStatus": "Approved"},
        })
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_event_of_the_watched_service_is_read() {
        let read = normalise(APPROVAL, &event(Some(APPROVAL.source), Some(record(APPROVAL.source, APPROVAL.name))))
            .unwrap()
            .unwrap();
        assert_eq!(read.parameter("modelApprovalStatus"), Some("Approved"));
        assert!(normalise(APPROVAL, &event(None, Some(record(APPROVAL.source, APPROVAL.name)))).unwrap().is_some());
    }

    #[test]
    fn an_event_of_another_service_is_left_out_whatever_its_record() {
        for record in
            [None, Some(record("apigateway.amazonaws.com", APPROVAL.name)), Some(serde_json::json!("nonsense"))]
        {
            assert_eq!(normalise(APPROVAL, &event(Some("apigateway.amazonaws.com"), record)).unwrap(), None);
        }
        assert_eq!(normalise(APPROVAL, &event(None, Some(record("dms.amazonaws.com", APPROVAL.name)))).unwrap(), None);
    }

    #[test]
    fn a_record_that_is_missing_or_contradicts_its_envelope_is_malformed() {
        for (record, words) in [
            (None, "missing"),
            (Some(record("dms.amazonaws.com", APPROVAL.name)), "envelope"),
            (Some(record(APPROVAL.source, "DeleteModel")), "DeleteModel"),
            (Some(serde_json::json!({"eventID": "e-1"})), "eventTime"),
        ] {
            let error = normalise(APPROVAL, &event(Some(APPROVAL.source), record)).unwrap_err();
            assert!(error.reason.contains(words) && error.item == "e-1", "{error}");
        }
    }

    #[test]
    fn the_window_begins_within_what_aws_remembers() {
        let to = at("2026-06-30T00:00:00Z");
        assert_eq!(clamp(at("2026-06-29T00:00:00Z"), to), at("2026-06-29T00:00:00Z"));
        assert_eq!(clamp(at("2020-01-01T00:00:00Z"), to), at("2026-04-01T00:00:00Z"));
        assert_eq!(clamp(at("2027-01-01T00:00:00Z"), to), to);
    }

    #[test]
    fn after_a_failure_the_window_begins_after_the_second_of_the_oldest_event() {
        assert_eq!(narrowed(Some(at("2026-05-04T09:30:00Z"))), Some(at("2026-05-04T09:30:01Z")));
        assert_eq!(narrowed(None), None);
    }

    proptest! {
        #[test]
        fn a_window_is_never_longer_than_aws_remembers(since in 0_i64..4_000_000_000, to in 0_i64..4_000_000_000) {
            let (since, to) = (Timestamp::from_second(since).unwrap(), Timestamp::from_second(to).unwrap());
            let from = clamp(since, to);
            prop_assert!(from <= to && to.duration_since(from) <= REACH);
        }
    }
}

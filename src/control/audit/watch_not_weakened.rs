//! AUD-004

use jiff::{SignedDuration, Timestamp};

use super::nothing_serves;
use super::weakening::{Effect, effect};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{Event, WEAKENING};
use crate::policy::DeclaredChange;

declare_control! {
    /// ## What it requires
    /// Over the time for which events were read, nobody switched off what would have shown a change, unless the policy declares
    /// it.
    ///
    /// ## Why
    /// Whoever means to change a model unseen switches off the trail, the alarm or the versions first. A quiet record is worth
    /// as much as its silence is honest.
    ///
    /// ## Evidence
    /// `StopLogging`, `DeleteTrail`, and `UpdateTrail` and `PutEventSelectors` that leave out more; `DisableAlarmActions`,
    /// `PutAlarmMuteRule` and `SetAlarmState` on alarms of models; `PutBucketVersioning` that suspends versions of a bucket of
    /// artifacts or logs; `DeleteMonitoringSchedule`. `[[change]]` of the policy.
    ///
    /// ## Results
    /// - **pass**: none, or declared ones only, and all such events since the window began were read
    /// - **fail**: one that is not declared
    /// - **unknown**: not all such events were read, or what one of them did is not in its record
    /// - **not applicable**: nothing serves there
    "AUD-004" "watch-not-weakened" {
        summary: "logging and alarms were not tampered with",
        severity: High,
        gate: Fix,
        needs: [Alarms, Buckets, Trails],
        uses: [TrailEvents, LogFiles, Archive],
        remedy: "restore what was switched off, deny the call with a service control policy, and declare what was agreed as a [[change]]",
        role: "security engineer",
        frameworks: [("EU AI Act", "Art. 12"), ("ISO/IEC 42001", "A.6.2.8")],
        check: Check::Region(check),
    }
}

fn check<'a>(account: &'a str, region: &'a str, context: Context<'a>) -> Verdict {
    if let Some(verdict) = nothing_serves(account, region, context) {
        return verdict;
    }
    let events = &context.estate.events;
    let (mut declared, mut unclear) = (Vec::new(), Vec::new());
    let mut weakened = Vec::new();
    for event in events.weakening(account, region).iter().copied() {
        let change = context.policy.changes.iter().find(|change| covers(change, event));
        match (effect(event, context.estate.snapshot), change) {
            (Effect::None, _) => {}
            (_, Some(change)) => declared.push((event, change)),
            (Effect::Weakens(what), None) => weakened.push((event, what)),
            (Effect::Unclear(what), None) => unclear.push((event, what)),
        }
    }
    let agreed = |verdict: Verdict| {
        declared.iter().fold(verdict, |verdict, (event, change)| {
            verdict
                .note(format!(
                    "{} at {} is declared by {}: {}",
                    event.data.name, event.data.time, change.approver, change.reason
                ))
                .cite(*event, told(*event))
        })
    };
    if let [(first, what), others @ ..] = weakened.as_slice() {
        let more = if others.is_empty() { String::new() } else { format!(", and {} more like it", others.len()) };
        let verdict = Verdict::fail(format!("{what} at {} by {}{more}", first.data.time, caller(*first)));
        let verdict = weakened.iter().take(5).fold(verdict, |verdict, (event, _)| verdict.cite(*event, told(*event)));
        // A trail switched off is proof enough, whatever alarms and buckets could not be read.
        return agreed(if weakened.iter().any(|(event, _)| event.data.source == "cloudtrail.amazonaws.com") {
            verdict.settled()
        } else {
            verdict
        });
    }
    if let Some((event, what)) = unclear.first() {
        return agreed(
            Verdict::unknown(format!("{what} at {} by {}", event.data.time, caller(*event))).cite(*event, told(*event)),
        );
    }
    agreed(quiet(account, region, context))
}

/// No such call is known of: whether that says anything.
fn quiet(account: &str, region: &str, context: Context<'_>) -> Verdict {
    let (estate, snapshot) = (context.estate, context.estate.snapshot);
    let Some(since) = snapshot.scope.events_since_in(account, region) else {
        return Verdict::unknown("no events were read");
    };
    let latency = SignedDuration::from_mins(context.policy.thresholds.event_latency_minutes);
    let until = (estate.as_of - latency).min(snapshot.as_of).max(since);
    let cover = |(source, name): &(&str, &str)| estate.events.cover_of(source, account, region, name, since, until);
    let unread: Vec<&str> = WEAKENING.iter().filter(|call| !cover(call).is_whole()).map(|(_, name)| *name).collect();
    if !unread.is_empty() {
        let gap = context.view.gaps_of(account, region, crate::evidence::FactKind::TrailEvents).next();
        return Verdict::unknown(format!("not all events since {since} were read of {}", unread.join(", "))).gap(gap);
    }
    Verdict::pass(format!("nothing that watches was switched off since {since}")).cite_calls(
        &seen(account, region, context),
        format!("all events of {} kinds since {since} were read", WEAKENING.len()),
    )
}

/// The calls that read the events.
fn seen(account: &str, region: &str, context: Context<'_>) -> Vec<crate::evidence::CallId> {
    let facts = &context.estate.snapshot.facts;
    let here = |own: &str, at: &str| own == account && at == region;
    let named = |source: &str, name: &str| WEAKENING.contains(&(source, name));
    let windows = facts.event_windows.iter().filter(|fact| here(&fact.account, &fact.region));
    let windows = windows.filter(|fact| named(&fact.data.event_source, &fact.data.event_name));
    let logs = facts.log_windows.iter().filter(|fact| here(&fact.account, &fact.region));
    windows.flat_map(|fact| &fact.seen).chain(logs.flat_map(|fact| &fact.seen)).take(10).copied().collect()
}

fn covers(change: &DeclaredChange, event: Event<'_>) -> bool {
    let within = |at: Timestamp| change.from <= at && at <= change.until;
    change.events.contains(&event.data.name)
        && change.account.as_deref().is_none_or(|account| account == event.account)
        && within(event.data.time)
}

fn caller(event: Event<'_>) -> &str {
    event.data.identity.arn.as_deref().or(event.data.identity.user_name.as_deref()).unwrap_or("nobody named")
}

fn told(event: Event<'_>) -> String {
    format!("{} called {} at {}", caller(event), event.data.name, event.data.time)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, TrailEvent};

    const THEN: &str = "2026-05-10T03:00:00Z";

    fn call(name: &str, request: &[(&str, Value)]) -> TrailEvent {
        let (source, _) = WEAKENING.iter().find(|(_, known)| *known == name).unwrap();
        TrailEvent { source: (*source).to_owned(), ..event(name, THEN, sso("eve"), request) }
    }

    fn after(name: &str, request: &[(&str, Value)]) -> Fixture {
        Fixture::sound().with(call(name, request))
    }

    fn change(events: &[&str]) -> DeclaredChange {
        DeclaredChange {
            events: events.iter().map(|name| (*name).to_owned()).collect(),
            account: None,
            from: at("2026-05-10T00:00:00Z"),
            until: at("2026-05-10T06:00:00Z"),
            reason: "CHG-1".to_owned(),
            approver: "the CISO".to_owned(),
            line: 1,
        }
    }

    #[test]
    fn each_way_to_switch_off_the_watch_counts() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "nothing that watches was switched off")
            .fail(after("StopLogging", &[("name", json!("audit"))]), "stopped, eve")
            .fail(after("DeleteTrail", &[("name", json!("audit"))]), "deleted")
            .fail(
                after("DeleteMonitoringSchedule", &[("monitoringschedulename", json!("drift"))]),
                "monitoring schedule",
            )
            .fail(after("DisableAlarmActions", &[("alarmnames", json!([ERRORS]))]), "actions of alarm `fraud-errors`")
            .fail(after("SetAlarmState", &[("alarmname", json!(ERRORS))]), "state of alarm `fraud-errors`")
            .fail(
                after("PutAlarmMuteRule", &[("name", json!("n")), ("mutetargets", json!({ "alarmNames": [LATENCY] }))]),
                "muted alarm `fraud-latency`",
            )
            .fail(
                after(
                    "PutBucketVersioning",
                    &[("bucketname", json!(BUCKET)), ("versioningconfiguration", json!({ "status": "Suspended" }))],
                ),
                "suspended versions of bucket `ml-models`",
            );
    }

    #[test]
    fn what_weakens_nothing_of_ours_does_not_count() {
        let narrowed = json!([{ "readWriteType": "ReadOnly", "includeManagementEvents": true }]);
        let all = json!([{ "readWriteType": "All", "includeManagementEvents": true }]);
        Tester::new(&CONTROL)
            .fail(after("PutEventSelectors", &[("eventselectors", narrowed)]), "selectors")
            .pass(after("PutEventSelectors", &[("eventselectors", all)]), "nothing")
            .unknown(after("PutEventSelectors", &[]), "selectors")
            .fail(after("UpdateTrail", &[("enablelogfilevalidation", json!(false))]), "digests")
            .pass(after("UpdateTrail", &[("s3keyprefix", json!("x"))]), "nothing")
            .pass(after("DisableAlarmActions", &[("alarmnames", json!(["of-somebody-else"]))]), "nothing")
            .pass(
                after(
                    "PutBucketVersioning",
                    &[("bucketname", json!(BUCKET)), ("versioningconfiguration", json!({ "status": "Enabled" }))],
                ),
                "nothing",
            )
            .pass(
                after(
                    "PutBucketVersioning",
                    &[("bucketname", json!("pictures")), ("versioningconfiguration", json!({ "status": "Suspended" }))],
                ),
                "nothing",
            );
    }

    #[test]
    fn a_declared_change_is_in_order_and_nothing_else_is() {
        let stopped = || after("StopLogging", &[("name", json!("audit"))]);
        let declaring = |change: DeclaredChange| stopped().policy(|policy| policy.changes.push(change));
        Tester::new(&CONTROL)
            .pass(declaring(change(&["StopLogging"])), "nothing")
            .note("declared by the CISO, CHG-1")
            .fail(declaring(change(&["DeleteTrail"])), "stopped")
            .fail(
                declaring(DeclaredChange { account: Some("999988887777".to_owned()), ..change(&["StopLogging"]) }),
                "stopped",
            )
            .fail(
                declaring(DeclaredChange { until: at("2026-05-10T02:00:00Z"), ..change(&["StopLogging"]) }),
                "stopped",
            );
    }

    #[test]
    fn silence_says_something_only_where_all_was_read() {
        let partial = Fixture::sound().hidden(FactKind::TrailEvents, "StopLogging");
        let logged = |verified| {
            Fixture::sound().hidden(FactKind::TrailEvents, "StopLogging").logs(EVENTS_SINCE, AS_OF, verified)
        };
        Tester::new(&CONTROL)
            .unknown(partial, "not all events, StopLogging")
            .pass(logged(true), "nothing")
            .unknown(logged(false), "not all events, StopLogging")
            .unknown(Fixture::sound().hidden_all(FactKind::TrailEvents), "not all events")
            .hidden(Fixture::sound().hidden_all(FactKind::Alarms))
            .fail(after("StopLogging", &[]).hidden_all(FactKind::Alarms), "stopped");
    }
}

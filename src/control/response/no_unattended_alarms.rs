//! RSP-002

use jiff::{SignedDuration, Timestamp};

use crate::control::monitoring::unbound;
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::remedy::command;
use crate::estate::stated;
use crate::estate::{BoundAlarm, Lookup};
use crate::evidence::{AlarmHistory, FactKind};

declare_control! {
    /// ## What it requires
    /// No alarm on a live version stays in ALARM without anybody acting, or changes its state so often that nobody looks.
    ///
    /// ## Why
    /// An alarm that has rung for days, or rings eight times a day, is one that people have learnt to ignore; so they will
    /// when it matters.
    ///
    /// ## Evidence
    /// The alarm's state and since when; its history; the time to respond that the alarm's description or the manifest
    /// states, else `thresholds.unattended_hours`; changes of the alarm and of what it watches since then.
    ///
    /// ## Results
    /// - **pass**: it is not in ALARM, or not for longer than it may be, or somebody has acted; and it does not flap
    /// - **fail**: in ALARM for longer, with neither the alarm nor the endpoint changed since; or more changes of state in the
    ///   last week than `thresholds.flaps_per_week`
    /// - **unknown**: its history could not be read
    /// - **not applicable**: it only scales; it is bound to no live version
    "RSP-002" "no-unattended-alarms" {
        summary: "no alarm rings unattended, and none flaps",
        severity: High,
        gate: Fix,
        needs: [Endpoints, InferenceComponents, Alarms],
        uses: [AlarmHistories],
        remedy: "resolve what the alarm tells of, or retune it: aws cloudwatch describe-alarm-history shows since when and how often it rings",
        role: "alarm owner",
        frameworks: [("NIST AI RMF", "MANAGE 4.3"), ("ISO/IEC 42001", "A.8.4"), ("EU AI Act", "Art. 26(5)")],
        check: Check::Alarm(check),
    }
}

const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

fn check<'a>(alarm: &'a BoundAlarm<'a>, context: Context<'a>) -> Verdict {
    if alarm.scaling_only {
        return Verdict::not_applicable("it only scales instances");
    }
    if alarm.bound.is_empty() {
        return unbound(alarm, context);
    }
    let (fact, name) = (alarm.alarm, &alarm.alarm.data.name);
    let history = command(
        "cloudwatch describe-alarm-history",
        &fact.region,
        &["--alarm-name", name, "--history-item-type", "StateUpdate"],
    );
    let verdict = match (unattended(alarm, context), flaps(alarm, context)) {
        (Some(why), flapping) => {
            let verdict = Verdict::fail(format!("alarm `{name}` {why}"));
            let verdict = flapping.into_iter().fold(verdict, |verdict, why| verdict.note(format!("it also {why}")));
            verdict.remedy(format!("look after it, and see {history} for since when it rings"))
        }
        (None, Some(why)) => Verdict::fail(format!("alarm `{name}` {why}"))
            .remedy(format!("retune it, with more periods or another threshold: {history} shows how often it rings")),
        (None, None) => quiet(alarm, context),
    };
    verdict.cite(fact, format!("alarm `{name}` is {}", fact.data.state.value))
}

fn quiet<'a>(alarm: &'a BoundAlarm<'a>, context: Context<'a>) -> Verdict {
    let (fact, name) = (alarm.alarm, &alarm.alarm.data.name);
    let verdict = Verdict::pass(match fact.data.state.value.as_str() {
        "ALARM" => format!("alarm `{name}` is in ALARM, and not for longer than it may be, or somebody has acted"),
        _ => format!("alarm `{name}` is not in ALARM"),
    });
    match (alarm.history, context.view.gaps_of(&fact.account, &fact.region, FactKind::AlarmHistories).next()) {
        (Lookup::Found(history), _) => verdict.cite(history, format!("history of alarm `{name}`")),
        (_, Some(gap)) => verdict.doubted("its history could not be read, so it may flap").gap(Some(gap)),
        (_, None) => verdict.note("whether it flaps was not judged: its history was not read"),
    }
}

/// Why nobody seems to look after an alarm that rings.
fn unattended<'a>(alarm: &BoundAlarm<'a>, context: Context<'a>) -> Option<String> {
    let data = &alarm.alarm.data;
    let since = data.state.since.filter(|_| data.state.value == "ALARM")?;
    let long = context.estate.as_of.duration_since(since);
    let (limit, stated) = limit(alarm, context);
    if long <= limit || acted(alarm, context, since).is_some() {
        return None;
    }
    let by = if stated { "its time to respond" } else { "the longest time that the policy allows" };
    Some(format!(
        "has been in ALARM for {}, since {since}, and neither it nor what it watches was changed; {by} is {}",
        words(long),
        words(limit)
    ))
}

/// How long it may ring, and whether that was stated for it.
fn limit<'a>(alarm: &BoundAlarm<'a>, context: Context<'a>) -> (SignedDuration, bool) {
    let description = alarm.alarm.data.description.as_deref().unwrap_or_default();
    let of_description = stated(description, "respond_within").and_then(minutes);
    let of_manifest = || {
        let stated = alarm.bound.iter().filter_map(|(number, signal)| {
            let manifest = context.estate.live.get(*number)?.manifest?;
            manifest.respond_within.get(signal.words()).copied()
        });
        stated.max()
    };
    let hours = context.policy.thresholds.unattended_hours;
    match of_description.or_else(of_manifest) {
        // A time to respond is when somebody begins: mending takes its time too.
        Some(minutes) => (SignedDuration::from_mins(minutes).max(SignedDuration::from_hours(1)), true),
        None => (SignedDuration::from_hours(hours), false),
    }
}

/// Minutes in `30`, `30m`, `2h` or `1d`.
fn minutes(text: &str) -> Option<i64> {
    let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
    let number: i64 = digits.parse().ok()?;
    match text.get(digits.len()..)?.trim() {
        "" | "m" | "min" | "minutes" => Some(number),
        "h" | "hours" => number.checked_mul(60),
        "d" | "days" => number.checked_mul(24 * 60),
        _ => None,
    }
}

/// When somebody, or something, changed the alarm or what it watches since it rang.
fn acted<'a>(alarm: &BoundAlarm<'a>, context: Context<'a>, since: Timestamp) -> Option<Timestamp> {
    let live = alarm.bound.iter().filter_map(|(number, _)| context.estate.live.get(*number));
    let changed = live.flat_map(|live| {
        let endpoint = live.endpoint.and_then(|endpoint| endpoint.data.modified);
        [endpoint, live.component.and_then(|component| component.data.modified)]
    });
    changed.chain([alarm.alarm.data.configured]).flatten().filter(|changed| *changed > since).max()
}

/// How often it changed its state in the last week, if that is too often.
fn flaps<'a>(alarm: &BoundAlarm<'a>, context: Context<'a>) -> Option<String> {
    let history: &AlarmHistory = &alarm.history.found()?.data;
    let since = context.estate.as_of.saturating_sub(WEEK).unwrap_or(Timestamp::MIN);
    let changes = history.changes.iter().filter(|change| change.at > since).count();
    let most = context.policy.thresholds.flaps_per_week;
    (i64::try_from(changes).unwrap_or(i64::MAX) > most)
        .then(|| format!("changed its state {changes} times in the last week, and {most} are flapping"))
}

fn words(long: SignedDuration) -> String {
    match long.as_hours() {
        0 => format!("{} minutes", long.as_mins()),
        hours if hours < 48 => format!("{hours} hours"),
        hours => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, Endpoint, Hidden, ResourceKey, StateChange};

    fn ringing(since: &'static str) -> Fixture {
        Fixture::sound().edit_named(ERRORS, move |alarm: &mut Alarm| {
            alarm.state.value = "ALARM".to_owned();
            alarm.state.since = Some(at(since));
        })
    }

    fn history(changes: i64) -> AlarmHistory {
        let changed = |number: i64| StateChange {
            at: at(AS_OF) - SignedDuration::from_hours(3 * (changes - number)),
            from: None,
            to: if number % 2 == 0 { "ALARM" } else { "OK" }.to_owned(),
        };
        AlarmHistory {
            alarm: ERRORS.to_owned(),
            from: at("2026-05-02T12:00:00Z"),
            until: at(AS_OF),
            whole: true,
            changes: (0..changes).map(changed).collect(),
            actions: vec![],
            configured: vec![],
        }
    }

    #[test]
    fn an_alarm_that_rings_wants_somebody_to_act() {
        let undescribed = |fixture: Fixture| {
            fixture
                .edit(|alarm: &mut Alarm| alarm.description = None)
                .manifest(|manifest| manifest.respond_within.clear())
        };
        Tester::new(&CONTROL)
            .on(ERRORS)
            .pass(Fixture::sound(), "not in ALARM")
            .note("whether it flaps was not judged")
            .fail(ringing("2026-05-29T12:00:00Z"), "in ALARM for 3 days, time to respond")
            .remedy("describe-alarm-history --alarm-name fraud-errors")
            .pass(ringing("2026-06-01T11:30:00Z"), "not for longer")
            .pass(undescribed(ringing("2026-06-01T10:00:00Z")), "not for longer")
            .fail(undescribed(ringing("2026-05-20T10:00:00Z")), "policy allows");
    }

    #[test]
    fn a_change_since_then_is_somebody_acting() {
        let changed = ringing("2026-05-29T12:00:00Z")
            .edit(|endpoint: &mut Endpoint| endpoint.modified = Some(at("2026-05-30T12:00:00Z")));
        let retuned = ringing("2026-05-29T12:00:00Z")
            .edit_named(ERRORS, |alarm: &mut Alarm| alarm.configured = Some(at("2026-05-31T12:00:00Z")));
        Tester::new(&CONTROL).on(ERRORS).pass(changed, "somebody has acted").pass(retuned, "somebody has acted");
    }

    #[test]
    fn an_alarm_that_changes_its_state_again_and_again_flaps() {
        Tester::new(&CONTROL)
            .on(ERRORS)
            .fail(Fixture::sound().with(history(40)), "changed its state 40 times in the last week")
            .pass(Fixture::sound().with(history(4)), "not in ALARM")
            .unknown(Fixture::sound().with(history(4)).hidden_all(FactKind::AlarmHistories), "may flap")
            .hidden(ringing("2026-05-29T12:00:00Z").gap(Hidden::One(ResourceKey::new(FactKind::Alarms, ERRORS))));
    }

    #[test]
    fn scaling_alarms_ring_by_design() {
        let scaling = ringing("2026-05-01T12:00:00Z").edit_named(ERRORS, |alarm: &mut Alarm| {
            alarm.alarm_actions = vec!["arn:aws:autoscaling:eu-central-1:111122223333:scalingPolicy:x".to_owned()]
        });
        Tester::new(&CONTROL).on(ERRORS).not_applicable(scaling, "scales");
    }

    #[test]
    fn times_to_respond_are_read_as_people_write_them() {
        for (text, expected) in
            [("30", Some(30)), ("30m", Some(30)), ("2h", Some(120)), ("1d", Some(1440)), ("soon", None)]
        {
            assert_eq!(minutes(text), expected, "{text}");
        }
    }
}

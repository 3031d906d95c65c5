//! MON-005

use super::{cite, not_judged};
use crate::cloudwatch::alarm::AlarmRule;
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{BoundAlarm, Defect, Lookup, ReplayOutcome};
use crate::evidence::{AlarmKind, FactKind};
use jiff::SignedDuration;

declare_control! {
    /// ## What it requires
    /// Every alarm on a live version goes into ALARM when what it watches goes wrong, and only then.
    ///
    /// ## Why
    /// An alarm on dimensions that no metric has, with a threshold that no value reaches or that every value passes, or on
    /// data that never comes, looks like any other on the list, and says nothing.
    ///
    /// ## Evidence
    /// The alarm's dimensions against what serves; its threshold against the unit and the bounds of the metric and the
    /// instances behind it; its treatment of missing data; its state and anomaly detector; a replay of the data points of the
    /// last weeks through its rule, against its history.
    ///
    /// ## Results
    /// - **pass**: its metric exists and has data, its threshold is in reach, and its history agrees with its rule
    /// - **fail**: its dimensions match nothing; it can never fire, always fires, or has had no data for long; its anomaly
    ///   detector is not trained; AWS cannot evaluate it; its history disagrees with its rule
    /// - **unknown**: its data points or its history could not be read; its expression cannot be followed; nothing came that
    ///   it could have judged
    /// - **not applicable**: it only scales; it is bound to no live version, and is no broken composite over alarms on one; it
    ///   is younger than three of its periods
    "MON-005" "alarms-can-fire" {
        summary: "alarms can fire",
        severity: High,
        gate: Fix,
        needs: [Endpoints, EndpointConfigs, InferenceComponents, Alarms],
        uses: [MetricData, AlarmHistories, AnomalyDetectors],
        remedy: "aws cloudwatch put-metric-alarm again, with dimensions that what serves publishes, a threshold in the metric's own unit, and missing data treated as it must be",
        role: "alarm owner",
        frameworks: [("NIST AI RMF", "MEASURE 1.1"), ("ISO/IEC 42001", "A.6.2.6"), ("AWS Well-Architected", "Operational Excellence")],
        check: Check::Alarm(check),
    }
}

/// Periods that an alarm needs before it can be judged.
const YOUNG: i64 = 3;

fn check<'a>(alarm: &'a BoundAlarm<'a>, context: Context<'a>) -> Verdict {
    if alarm.scaling_only {
        return Verdict::not_applicable("it only scales instances");
    }
    if let Some(verdict) = not_judged(alarm, context) {
        return verdict;
    }
    if young(alarm, context) {
        return Verdict::not_applicable("it is younger than three of its periods");
    }
    cite(judge(alarm, context), alarm)
}

/// Whether an alarm can fire, whatever its age.
pub(in crate::control) fn judge<'a>(alarm: &'a BoundAlarm<'a>, context: Context<'a>) -> Verdict {
    let name = &alarm.alarm.data.name;
    let mut broken = alarm.defects.iter().filter(|defect| !defect.keeps_quiet());
    if let Some(first) = broken.next() {
        let verdict = Verdict::fail(format!("alarm `{name}` {}", first.words()));
        let verdict = match alarm.remedy(first, &context.estate.live) {
            remedy if remedy.is_empty() => verdict,
            remedy => verdict.remedy(remedy),
        };
        return broken.fold(verdict, |verdict, defect: &Defect| verdict.note(format!("it also {}", defect.words())));
    }
    let unseen: Vec<&str> = alarm.unseen_watching().collect();
    if !unseen.is_empty() {
        return Verdict::unknown(format!("alarm `{name}` may not fire; not known is {}", unseen.join("; ")));
    }
    let gap = |kind| context.view.gaps_of(&alarm.alarm.account, &alarm.alarm.region, kind).next();
    let verdict = by_replay(alarm, gap(FactKind::MetricData).is_some());
    match gap(FactKind::AlarmHistories) {
        Some(index) if !matches!(alarm.history, Lookup::Found(_)) => {
            verdict.doubted("its history could not be read, and may disagree with its rule").gap(Some(index))
        }
        _ => verdict,
    }
}

/// What its data points show, or its own history where there are none.
fn by_replay(alarm: &BoundAlarm<'_>, data_hidden: bool) -> Verdict {
    let name = &alarm.alarm.data.name;
    let metric = match &alarm.alarm.data.kind {
        AlarmKind::Metric(metric) => metric,
        AlarmKind::Composite { .. } => {
            return Verdict::pass(format!(
                "the rule of alarm `{name}` can hold, and the alarms that it rests on can fire"
            ));
        }
        AlarmKind::Log { .. } => {
            return Verdict::unknown(format!("what the query of alarm `{name}` counts is not known"));
        }
    };
    let Some(replay) = &alarm.replay else {
        let history = alarm.history.found().filter(|_| !data_hidden);
        let fired = history.and_then(|history| history.data.changes.iter().rev().find(|change| change.to == "ALARM"));
        return match fired {
            Some(fired) => Verdict::pass(format!("alarm `{name}` went into ALARM at {}", fired.at)),
            None => Verdict::unknown(format!("the data points of alarm `{name}` were not read, so nobody can say")),
        };
    };
    let days = (replay.until.duration_since(replay.from).as_hours() + 12) / 24;
    let span = if days < 2 { "the last day".to_owned() } else { format!("the last {days} days") };
    match &replay.outcome {
        ReplayOutcome::NotReplayed(why) => {
            // Where only CloudWatch can evaluate it, its state shows that it is, unless it is the one that missing data has.
            let of_missing = match metric.missing_data.as_deref() {
                Some("breaching") => "ALARM",
                Some("notBreaching") => "OK",
                _ => "INSUFFICIENT_DATA",
            };
            let state = alarm.alarm.data.state.value.as_str();
            let beyond = AlarmRule::read(metric).is_err() && state != "INSUFFICIENT_DATA" && state != of_missing;
            if beyond {
                Verdict::pass(format!("alarm `{name}` watches what serves, and CloudWatch evaluates it"))
                    .note(format!("it was not replayed: {why}"))
            } else {
                Verdict::unknown(format!("alarm `{name}` was not replayed: {why}"))
            }
        }
        ReplayOutcome::NoData(Some(false)) if replay.in_alarm > 0.0 => {
            Verdict::pass(format!("alarm `{name}` goes into ALARM without data points, and there were none in {span}"))
        }
        ReplayOutcome::NoData(expected) => {
            let why = match expected {
                Some(true) => "although there should have been some",
                Some(false) => "and nothing that it could have judged",
                None => "and whether there should have been is not known",
            };
            Verdict::unknown(format!("there was not one data point for alarm `{name}` in {span}, {why}"))
        }
        _ if replay.fired > 0 => Verdict::pass(format!(
            "alarm `{name}` would have gone into ALARM {} times in {span}, and spent {:.1} percent of it there",
            replay.fired,
            replay.in_alarm * 100.0
        )),
        _ => Verdict::pass(format!("alarm `{name}` would have stayed quiet in {span}, with its threshold in reach")),
    }
}

/// Whether it was configured so lately that it has hardly been evaluated.
fn young<'a>(alarm: &BoundAlarm<'a>, context: Context<'a>) -> bool {
    let (Some(configured), AlarmKind::Metric(metric)) = (alarm.alarm.data.configured, &alarm.alarm.data.kind) else {
        return false;
    };
    let period = metric.terms.iter().filter_map(|term| term.period).max().unwrap_or(300);
    let least = SignedDuration::from_secs(i64::from(period).saturating_mul(YOUNG));
    context.estate.as_of.duration_since(configured) < least
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, AlarmHistory, MetricSeries, StateChange};

    fn changed(name: &str, change: fn(&mut Alarm)) -> Fixture {
        Fixture::sound().edit_named(name, change)
    }

    #[test]
    fn an_alarm_that_can_fire_or_not() {
        Tester::new(&CONTROL)
            .on(ERRORS)
            .pass(Fixture::sound(), "stayed quiet, threshold in reach")
            .touches(1)
            .fail(
                changed(ERRORS, |alarm| drop(rule(alarm).terms[0].dimensions.remove("VariantName"))),
                "without VariantName",
            )
            .remedy("put-metric-alarm, VariantName")
            .fail(changed(ERRORS, |alarm| rule(alarm).threshold = Some(-1.0)), "always in alarm")
            .fail(
                changed(ERRORS, |alarm| alarm.state.evaluation = Some("EVALUATION_ERROR".to_owned())),
                "cannot be evaluated",
            )
            .on(SILENCE)
            .fail(changed(SILENCE, |alarm| rule(alarm).missing_data = None), "can never fire")
            .remedy("--treat-missing-data breaching");
    }

    #[test]
    fn without_its_data_only_its_own_history_shows_that_it_fires() {
        let unread = || Fixture::sound().drop_where(|_: &MetricSeries| true);
        let history = AlarmHistory {
            alarm: ERRORS.to_owned(),
            from: at("2026-05-02T12:00:00Z"),
            until: at(AS_OF),
            whole: true,
            changes: vec![
                StateChange { at: at("2026-05-20T10:00:00Z"), from: Some("OK".to_owned()), to: "ALARM".to_owned() },
                StateChange { at: at("2026-05-20T11:00:00Z"), from: Some("ALARM".to_owned()), to: "OK".to_owned() },
            ],
            actions: vec![],
            configured: vec![],
        };
        Tester::new(&CONTROL)
            .on(ERRORS)
            .unknown(unread(), "were not read")
            .pass(unread().with(history.clone()), "went into ALARM at 2026-05-20")
            .unknown(unread().with(history).hidden_all(FactKind::MetricData), "not known")
            .unknown(Fixture::sound().hidden_all(FactKind::AlarmHistories), "history")
            .hidden(Fixture::sound().hidden_all(FactKind::EndpointConfigs));
    }

    /// Nobody asks: every series was read to its end, and there was not one point in two weeks.
    fn without_requests() -> Fixture {
        Fixture::sound()
            .edit(|series: &mut MetricSeries| *series = flat(series.key.clone(), None))
            .edit_named(ERRORS, |alarm: &mut Alarm| rule(alarm).missing_data = Some("notBreaching".to_owned()))
            .edit_named(LATENCY, |alarm: &mut Alarm| alarm.state.value = "INSUFFICIENT_DATA".to_owned())
            .edit_named(SILENCE, |alarm: &mut Alarm| alarm.state.value = "ALARM".to_owned())
    }

    #[test]
    fn without_requests_nothing_is_wrong_and_only_silence_is_shown_to_fire() {
        Tester::new(&CONTROL)
            .on(ERRORS)
            .unknown(without_requests(), "nothing that it could have judged")
            .on(LATENCY)
            .unknown(without_requests(), "nothing that it could have judged")
            .on(SILENCE)
            .pass(without_requests(), "goes into ALARM without data points");
    }

    #[test]
    fn a_query_is_shown_to_be_evaluated_only_by_a_state_that_missing_data_does_not_have() {
        let query = |missing: &'static str, state: &'static str| {
            Fixture::sound().edit_named(ERRORS, move |alarm: &mut Alarm| {
                alarm.state.value = state.to_owned();
                let rule = rule(alarm);
                rule.terms.clear();
                let from = "FROM SCHEMA(\"AWS/SageMaker\", EndpointName, VariantName)";
                let text = format!("SELECT SUM(Invocation5XXErrors) {from} WHERE EndpointName = '{ENDPOINT}'");
                rule.expressions.insert("q".to_owned(), text);
                rule.judged_expression = Some("q".to_owned());
                rule.expression_period = Some(300);
                rule.missing_data = Some(missing.to_owned());
            })
        };
        Tester::new(&CONTROL)
            .on(ERRORS)
            .pass(query("missing", "OK"), "CloudWatch evaluates it")
            .unknown(query("notBreaching", "OK"), "was not replayed")
            .pass(query("notBreaching", "ALARM"), "CloudWatch evaluates it")
            .unknown(query("breaching", "ALARM"), "was not replayed")
            .pass(query("breaching", "OK"), "CloudWatch evaluates it");
    }

    #[test]
    fn a_composite_that_never_fires_is_judged_although_it_is_bound_to_nothing() {
        let never = Fixture::sound().with(composite("page", &format!("ALARM({ERRORS}) AND FALSE")));
        let other = metric_alarm("invoices", "Bank/Invoices", "QueueLength", &[("Queue", "invoices")]);
        let unrelated =
            Fixture::sound().with(other).with(composite("page", &format!("ALARM({ERRORS}) AND ALARM(invoices)")));
        Tester::new(&CONTROL)
            .on("page")
            .fail(never, "switched off by `FALSE`")
            .fail(unrelated.clone(), "unrelated alarm `invoices`")
            .unknown(unrelated.hidden_all(FactKind::InferenceComponents), "could not");
    }

    #[test]
    fn young_scaling_and_unbound_alarms_are_not_judged() {
        let young = changed(ERRORS, |alarm| alarm.configured = Some(at("2026-06-01T11:50:00Z")));
        let scaling = changed(ERRORS, |alarm| {
            alarm.alarm_actions = vec!["arn:aws:autoscaling:eu-central-1:111122223333:scalingPolicy:x".to_owned()]
        });
        Tester::new(&CONTROL).on(ERRORS).not_applicable(young, "younger than three").not_applicable(scaling, "scales");
    }
}

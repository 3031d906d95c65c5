//! RSP-003

use jiff::SignedDuration;

use super::answer::{Answer, answer};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Status, Verdict, day, worst};
use crate::declare_control;
use crate::estate::{CriterionReading, LiveVersion, ServingPath};
use crate::policy::CriterionSignal;

declare_control! {
    /// ## What it requires
    /// The manifest says when to retrain, something measures it, and what asks for retraining is followed by a candidate in
    /// time.
    ///
    /// ## Why
    /// "When it gets worse" is decided by nobody. A criterion that is measured is decided before anybody has a stake in it.
    ///
    /// ## Evidence
    /// `retrain_when` of the manifest. Each criterion is bound to what measures it (an alarm, a schedule, a metric and its limit,
    /// any evidence of drift, the age of the version, objects below a prefix), and its present value is shown. A candidate is a
    /// version of the group that was registered since the criterion was met, within `act_within_days`.
    ///
    /// ## Results
    /// - **pass**: at least one criterion is measured, and none was met without a candidate for longer than it allows; criteria
    ///   that nothing measures, and a schedule that is missing, are noted
    /// - **fail**: there are no criteria, none of them is measured, or one was met for too long and no candidate came
    /// - **unknown**: what measures one could not be read; since when one is met, or newer versions; which manifest applies
    /// - **not applicable**: a vendor's model; shadow variants
    "RSP-003" "retraining-criteria" {
        summary: "it is declared when to retrain, measured, and acted upon",
        severity: Medium,
        gate: Operability,
        needs: [],
        uses: [Alarms, Monitors, MetricData, Prefixes, Packages],
        remedy: "declare retrain_when in the manifest, each criterion with what measures it; register a candidate where one is met",
        role: "model owner",
        frameworks: [("NIST AI RMF", "MANAGE 4.2"), ("ISO/IEC 42001", "A.6.2.6"), ("PRA SS1/23", "P4")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if live.path == ServingPath::Shadow {
        return Verdict::not_applicable("a shadow variant answers nobody");
    }
    let mut containers = live.packages().flat_map(|package| &package.data.containers).peekable();
    if containers.peek().is_some() && containers.all(|container| container.product_id.is_some()) {
        return Verdict::not_applicable("a vendor trains it");
    }
    match declared(live, context, |manifest| (!manifest.retrain_when.is_empty()).then_some(())) {
        Declared::Says(()) => judge(live, context),
        Declared::Unsure => Verdict::unknown("which manifest applies is not known, and one says when to retrain"),
        Declared::Silent => Verdict::fail("nothing says when to retrain"),
    }
}

fn judge<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let criteria = &live.monitored.criteria;
    let met = criteria.iter().filter(|it| it.met == Some(true));
    let met = worst(met.filter_map(|it| of_met(it, live, context)));
    let values: Vec<String> =
        criteria.iter().filter_map(|it| Some(format!("{}: {}", it.declared.words, it.value.as_ref()?))).collect();
    let told =
        |it: &CriterionReading<'_>| format!("{}: {}", it.declared.words, it.why.as_deref().unwrap_or("not known"));
    let unread = criteria.iter().find(|it| it.measurable && it.met.is_none());
    let verdict = match (met, unread) {
        (Some(overdue), _) if overdue.status == Status::Fail => overdue,
        (_, Some(unread)) => Verdict::unknown(told(unread)),
        (Some(other), None) => other,
        (None, None) if values.is_empty() => {
            let first = criteria.first().map(told).unwrap_or_default();
            Verdict::fail(format!("nothing measures when to retrain: {first}"))
        }
        (None, None) => Verdict::pass(format!("nothing asks for retraining: {}", values.join("; "))),
    };
    let verdict = criteria
        .iter()
        .filter(|it| !it.measurable)
        .fold(verdict, |verdict, it| verdict.note(format!("not measured: {}", told(it))));
    let verdict = if verdict.status == Status::Pass || values.is_empty() {
        verdict
    } else {
        verdict.note(format!("present values: {}", values.join("; ")))
    };
    let dated = |it: &&CriterionReading<'_>| matches!(it.declared.signal, Some(CriterionSignal::AgeDays(_)));
    let scheduled =
        criteria.iter().find(dated).is_some() || live.manifest.is_some_and(|it| it.review_period_days.is_some());
    let verdict = if scheduled {
        verdict
    } else {
        verdict.note("no criterion is a schedule: `age_days`, or `review_period_days`")
    };
    let cited = criteria.iter().filter(|it| !it.seen.is_empty());
    cited.fold(verdict, |verdict, it| {
        let value = it.value.clone().unwrap_or_else(|| told(it));
        verdict.cite_calls(&it.seen, value)
    })
}

/// What becomes of a criterion that is met.
fn of_met<'a>(it: &CriterionReading<'a>, live: &'a LiveVersion<'a>, context: Context<'a>) -> Option<Verdict> {
    let (since, words) = (it.since?, &it.declared.words);
    let value = it.value.as_deref().unwrap_or("met");
    let (told, days) = (format!("{words}: {value}, met since {}", day(since)), it.declared.act_within_days);
    let late = context.estate.as_of.duration_since(since) > SignedDuration::from_hours(days.saturating_mul(24));
    Some(match answer(live, context, since) {
        Answer::By(package, version) => Verdict::pass(format!("{told}; {version} was registered since"))
            .cite(package, format!("{version} was registered")),
        Answer::None if late => Verdict::fail(format!("{told}, and no candidate in {days} days")),
        Answer::Hidden(gap) if late => {
            Verdict::unknown(format!("{told}, and newer versions could not all be read")).gap(gap)
        }
        // It may have been met for longer, and so for too long.
        Answer::None | Answer::Hidden(_) if it.why.is_some() => {
            Verdict::unknown(format!("{told} at the latest: {}", it.why.as_deref().unwrap_or_default()))
        }
        Answer::None | Answer::Hidden(_) => Verdict::pass(format!("{told}; {days} days are allowed for a candidate")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, FactKind, MetricSeries, MonitoringSchedule, Package};
    use crate::policy::{Criterion, DeclaredMetric, Limit};

    fn with(criteria: Vec<Criterion>) -> Fixture {
        Fixture::sound().manifest(|it| it.retrain_when = criteria)
    }

    fn precision() -> Criterion {
        let metric = DeclaredMetric {
            namespace: "Bank/ML".to_owned(),
            metric: "precision".to_owned(),
            dimensions: [("Model".to_owned(), GROUP.to_owned())].into(),
            statistic: "Average".to_owned(),
            period: 86_400,
        };
        criterion("precision falls", Some(CriterionSignal::Metric(metric, Limit::Below(0.8))))
    }

    fn daily(start: &str, values: &[f64]) -> MetricSeries {
        series("Bank/ML", "precision", &[("Model", GROUP)], 86_400, start, values)
    }

    #[test]
    fn criteria_are_declared_measured_and_acted_upon() {
        let low = || with(vec![precision()]).with(daily("2026-05-29T00:00:00Z", &[0.9, 0.7, 0.7]));
        let long = || {
            let mut values = vec![0.9];
            values.extend([0.7; 26]);
            let soon = Criterion { act_within_days: 10, ..precision() };
            with(vec![soon]).with(daily("2026-05-05T00:00:00Z", &values))
        };
        let newer = package(8, "s3://ml-models/fraud/8/model.tar.gz", "8888", "2026-05-30T09:00:00Z");
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "nothing asks for retraining, no drift, registered 28 days ago, of 180")
            .pass(low(), "is 0.7, to be not below 0.8, met since 2026-05-30, 30 days are allowed")
            .note("no criterion is a schedule")
            .fail(long(), "met since 2026-05-06, no candidate in 10 days")
            .note("present values")
            .pass(long().with(newer.clone()), "version 8 was registered since")
            .unknown(
                long().with(newer).hidden(FactKind::Packages, &package_arn(8)),
                "newer versions could not all be read",
            )
            .unknown(with(vec![precision()]).with(daily("2026-05-20T00:00:00Z", &[0.7; 12])), "may have begun before")
            .unknown(with(vec![precision()]), "was not read")
            .unknown(low().hidden_all(FactKind::MetricData), "was not read")
            .note("metric data could not be read");
    }

    #[test]
    fn words_that_nothing_measures_are_not_enough() {
        let words = || criterion("the desk sees a new pattern", None);
        let gone = criterion("drift", Some(CriterionSignal::Alarm("gone".to_owned())));
        let undrifted = with(vec![criterion("inputs drift", Some(CriterionSignal::Drift))])
            .drop_where(|_: &MonitoringSchedule| true)
            .drop_where(|it: &Alarm| it.name == DRIFT);
        Tester::new(&CONTROL)
            .fail(with(Vec::new()), "nothing says when to retrain")
            .fail(Fixture::sound().without_manifest(), "nothing says when to retrain")
            .fail(with(vec![words()]), "nothing measures when to retrain, the desk sees")
            .fail(with(vec![gone.clone()]), "there is no alarm `gone`")
            .unknown(with(vec![gone]).hidden_all(FactKind::Alarms), "could not be read")
            .fail(undrifted, "nothing shows drift")
            .pass(with(vec![words(), criterion("age", Some(CriterionSignal::AgeDays(90)))]), "of 90")
            .note("not measured: the desk sees")
            .unknown(Fixture::sound().hidden(FactKind::Models, MODEL), "which manifest applies");
    }

    #[test]
    fn a_vendor_trains_its_own() {
        let product = |it: &mut Package| it.containers[0].product_id = Some("prod-1".to_owned());
        Tester::new(&CONTROL).not_applicable(with(Vec::new()).edit(product), "vendor");
    }
}

//! MON-009

use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{DriftEvidence, LiveVersion, ServingPath};
use crate::evidence::FactKind;
use crate::policy::{CriterionSignal, Manifest};

declare_control! {
    /// ## What it requires
    /// Something looks at whether inputs or answers drift, again and again, and lately did.
    ///
    /// ## Why
    /// A model does not fail aloud when the world changes: it goes on answering, and the answers grow worse.
    ///
    /// ## Evidence
    /// Any of these counts: a schedule of SageMaker Model Monitor on the endpoint (which new customers no longer get) whose
    /// newest success is younger than two of its periods; a metric of one's own that an alarm on drift or a criterion of the
    /// manifest names, published within two of its periods; a declared external monitor whose heartbeat, a metric or objects
    /// below a prefix, is within its time. A schedule that fails for want of data is blamed only where requests came.
    ///
    /// ## Results
    /// - **pass**: one of them is fresh
    /// - **fail**: there is none, or each is stopped, failed or stale
    /// - **unknown**: only a declared monitor without a heartbeat that can be read from here; schedules, executions, data points
    ///   or prefixes that could not be read
    /// - **not applicable**: the manifest says why nothing drifts (`no_drift_because`); shadow variants
    "MON-009" "drift-monitoring-runs" {
        summary: "something looks at drift, and lately did",
        severity: High,
        gate: Fix,
        needs: [Endpoints, InferenceComponents],
        uses: [Monitors, Alarms, MetricData, Prefixes],
        remedy: "mend the monitoring schedule; without Model Monitor, let a job publish drift with PutMetricData, with an alarm on it, or declare the monitor with a heartbeat",
        role: "model owner",
        frameworks: [("NIST AI RMF", "MEASURE 2.4, MANAGE 4.1"), ("ISO/IEC 42001", "A.6.2.6"), ("EU AI Act", "Art. 72"), ("PRA SS1/23", "P4")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if live.path == ServingPath::Shadow {
        return Verdict::not_applicable("a shadow variant answers nobody");
    }
    let verdict = judge(&live.monitored.drift);
    let verdict = match declared(live, context, |manifest| manifest.no_drift_because.as_deref()) {
        Declared::Says(why) => {
            return Verdict::not_applicable(format!("the manifest says that nothing drifts: {why}")).settled();
        }
        Declared::Unsure => verdict.doubted("which manifest applies is not known, and one says that nothing drifts"),
        Declared::Silent => verdict,
    };
    if verdict.status == crate::control::Status::Pass && live.monitored.drift.iter().all(|it| !proves(it)) {
        // What a schedule that could not be read has published says nothing of whether it still runs.
        let mut unread = context.view.gaps_of(live.account, live.region, FactKind::Monitors);
        if let Some(gap) = unread.next() {
            return verdict.doubted("the schedule that publishes it could not be read").gap(Some(gap));
        }
    }
    if verdict.status != crate::control::Status::Fail {
        return verdict;
    }
    // What could not be read may be what works.
    for kind in [FactKind::Monitors, FactKind::Alarms] {
        if let Some(gap) = context.view.gaps_of(live.account, live.region, kind).next() {
            return verdict.doubted(format!("some {kind} could not be read")).gap(Some(gap));
        }
    }
    let calls = &context.estate.snapshot.stats.calls;
    if !calls.iter().any(|call| call.operation == "ListMonitoringSchedules") {
        return verdict.doubted("monitoring schedules were not looked for");
    }
    match declared(live, context, |manifest| shows_drift(manifest).then_some(())) {
        Declared::Unsure => verdict.doubted("which manifest applies is not known, and one declares what shows drift"),
        _ => registered_unread(live, context, verdict),
    }
}

/// A metric may be on the group that it is registered in, which may not be known.
fn registered_unread<'a>(live: &'a LiveVersion<'a>, context: Context<'a>, verdict: Verdict) -> Verdict {
    if live.group().is_none() {
        for kind in [FactKind::Models, FactKind::EndpointConfigs, FactKind::Packages, FactKind::Objects] {
            if let Some(gap) = context.view.gaps_of(live.account, live.region, kind).next() {
                let why = format!("what it is registered as is not known: some {kind} could not be read");
                return verdict.doubted(why).gap(Some(gap));
            }
        }
    }
    verdict
}

/// Whether something shows by itself that monitoring works: a metric of Model Monitor does so only with its schedule.
fn proves(evidence: &DriftEvidence) -> bool {
    let of_model_monitor = evidence.source == "metric" && evidence.name.to_lowercase().contains("aws/sagemaker/");
    evidence.fresh == Some(true) && !of_model_monitor
}

fn shows_drift(manifest: &Manifest) -> bool {
    let metric = manifest.retrain_when.iter().any(|it| matches!(it.signal, Some(CriterionSignal::Metric(..))));
    metric || !manifest.external_monitors.is_empty()
}

fn judge(evidence: &[DriftEvidence]) -> Verdict {
    let fresh = |wanted: Option<bool>| evidence.iter().filter(move |it| it.fresh == wanted);
    let (verdict, decides) = if let Some(works) = fresh(Some(true)).next() {
        (Verdict::pass(works.words.clone()), Some(works))
    } else if let Some(unread) = fresh(None).next() {
        (Verdict::unknown(unread.words.clone()), Some(unread))
    } else if let Some(dead) = evidence.first() {
        (Verdict::fail(format!("nothing that shows drift works: {}", dead.words)), Some(dead))
    } else {
        (Verdict::fail("nothing shows whether its predictions drift"), None)
    };
    let verdict = decides.iter().fold(verdict, |verdict, it| verdict.cite_calls(&it.seen, it.words.clone()));
    let others = evidence.iter().filter(|it| decides.is_none_or(|decides| !std::ptr::eq(*it, decides)));
    others.fold(verdict, |verdict, it| verdict.note(it.words.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Alarm, MonitoringSchedule, Package, S3Location};
    use crate::policy::{ExternalMonitor, Heartbeat};

    fn stopped() -> Fixture {
        Fixture::sound()
            .edit(|it: &mut MonitoringSchedule| it.status = "Stopped".to_owned())
            .drop_where(|it: &Alarm| it.name == DRIFT)
    }

    fn none() -> Fixture {
        stopped().drop_where(|_: &MonitoringSchedule| true)
    }

    fn external(heartbeat: Option<Heartbeat>) -> Fixture {
        none().manifest(|it| it.external_monitors.push(ExternalMonitor { name: "evidently".to_owned(), heartbeat }))
    }

    #[test]
    fn any_fresh_evidence_of_drift_is_enough() {
        let beats = || Some(Heartbeat::Objects(S3Location::parse("s3://drift/fraud/").unwrap(), 24));
        let written = |newest| prefix("s3://drift/fraud/", "2026-05-01T00:00:00Z", newest);
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "data quality schedule `fraud-daily` succeeded 9 hours ago")
            .pass(external(beats()).with(written("2026-06-01T03:00:00Z")), "evidently, last heartbeat 9 hours ago")
            .fail(external(beats()).with(written("2026-05-20T03:00:00Z")), "nothing that shows drift works, heartbeat")
            .fail(stopped(), "nothing that shows drift works, is stopped")
            .fail(none(), "nothing shows whether its predictions drift")
            .unknown(external(None), "has no heartbeat")
            .unknown(external(Some(Heartbeat::Elsewhere("https://x".to_owned()))), "not read from here")
            .unknown(external(beats()), "could not be read");
    }

    #[test]
    fn what_could_not_be_read_may_be_what_works() {
        let mut unasked = none();
        unasked.snapshot.stats.calls.clear();
        Tester::new(&CONTROL)
            .hidden(none().hidden(FactKind::Monitors, "other"))
            .hidden(none().hidden_all(FactKind::Alarms))
            .pass(Fixture::sound().hidden(FactKind::Monitors, "other"), "succeeded")
            .unknown(unasked, "not looked for")
            .unknown(
                external(None).edit(|_: &mut Package| ()).hidden(FactKind::Models, MODEL),
                "which manifest applies",
            );
    }

    #[test]
    fn where_nothing_is_learnt_nothing_drifts() {
        let rules = |it: &mut Manifest| it.no_drift_because = Some("a table of rules".to_owned());
        Tester::new(&CONTROL)
            .not_applicable(none().manifest(rules), "a table of rules")
            .not_applicable(none().manifest(rules).hidden_all(FactKind::Monitors), "a table of rules");
    }
}

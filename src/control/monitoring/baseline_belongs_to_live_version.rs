//! MON-010

use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{BoundMonitor, LiveVersion, ServingPath};

declare_control! {
    /// ## What it requires
    /// Each monitoring schedule compares with a baseline that belongs to the version that serves.
    ///
    /// ## Why
    /// After a deployment, a monitor that keeps its baseline watches the model before: it cries over what is normal now, or is
    /// quiet over what is not.
    ///
    /// ## Evidence
    /// In this order: the baseline files that the package names (`DriftCheckBaselines`, `ModelMetrics`) against those of the
    /// schedule; what the baseline was made of against what the version was trained on; when the baseline was made against when
    /// the version was registered, less a day for the pipeline.
    ///
    /// ## Results
    /// - **pass**: the baseline of each schedule belongs to it
    /// - **fail**: one has no baseline, or one of other files, of other data, or older than the version
    /// - **unknown**: nothing of this could be read
    /// - **not applicable**: no schedule of SageMaker runs on it; the manifest says why nothing drifts; shadow variants
    "MON-010" "baseline-belongs-to-live-version" {
        summary: "monitors compare with a baseline of the version that serves",
        severity: High,
        gate: Fix,
        needs: [Monitors, Packages],
        uses: [Jobs],
        remedy: "make a baseline when deploying: a pipeline's check step with RegisterNewBaseline, then update the schedule to its files",
        role: "pipeline owner",
        frameworks: [("NIST AI RMF", "MEASURE 2.4"), ("ISO/IEC 42001", "A.6.2.6"), ("PRA SS1/23", "P4")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if live.path == ServingPath::Shadow {
        return Verdict::not_applicable("a shadow variant answers nobody");
    }
    let runs = |monitor: &&BoundMonitor<'_>| !matches!(monitor.schedule.data.status.as_str(), "Stopped" | "Failed");
    let running: Vec<&BoundMonitor<'_>> = live.monitored.schedules.iter().filter(runs).collect();
    let verdict = judge(&running);
    match declared(live, context, |manifest| manifest.no_drift_because.as_deref()) {
        Declared::Says(why) => {
            Verdict::not_applicable(format!("the manifest says that nothing drifts: {why}")).settled()
        }
        Declared::Unsure => verdict.doubted("which manifest applies is not known, and one says that nothing drifts"),
        Declared::Silent => verdict,
    }
}

fn judge(running: &[&BoundMonitor<'_>]) -> Verdict {
    let told = |monitor: &BoundMonitor<'_>| {
        let why = monitor.baseline_why.as_deref().unwrap_or("its baseline belongs to what serves");
        format!("schedule `{}`: {why}", monitor.schedule.data.name)
    };
    let find = |fits: Option<bool>| running.iter().find(|monitor| monitor.baseline_fits == fits);
    let (verdict, decides) = match (find(Some(false)), find(None), running.first()) {
        (Some(wrong), _, _) => (Verdict::fail(told(wrong)), wrong),
        (None, Some(unread), _) => (Verdict::unknown(told(unread)), unread),
        (None, None, Some(first)) => (Verdict::pass(told(first)), first),
        (None, None, None) => return Verdict::not_applicable("no monitoring schedule of SageMaker runs on it"),
    };
    let others = running.iter().filter(|monitor| !std::ptr::eq(*monitor, decides));
    let verdict = others.fold(verdict, |verdict, monitor| verdict.note(told(monitor)));
    running.iter().fold(verdict, |verdict, monitor| {
        verdict.cite(monitor.schedule, format!("baseline of schedule `{}`", monitor.schedule.data.name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Baseline, FactKind, MonitorKind, MonitoringSchedule, Package};

    #[test]
    fn a_baseline_of_another_version_fails() {
        let other =
            |it: &mut MonitoringSchedule| it.baseline.constraints = Some("s3://ml/6/constraints.json".to_owned());
        let none = |it: &mut MonitoringSchedule| it.baseline = Baseline::default();
        let old = Fixture::sound()
            .edit(|it: &mut MonitoringSchedule| it.baseline.made = Some(at("2026-03-10T09:00:00Z")))
            .edit_named(PACKAGE, |it: &mut Package| it.metrics.clear());
        let second = MonitoringSchedule {
            baseline: Baseline::default(),
            ..schedule("fraud-quality", MonitorKind::ModelQuality)
        };
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "fraud-daily, belongs to what serves")
            .fail(Fixture::sound().edit(other), "s3://ml/6/constraints.json, names")
            .fail(Fixture::sound().edit(none), "no baseline")
            .fail(old.clone(), "55 days before the version that serves was registered")
            .fail(Fixture::sound().with(second), "fraud-quality, no baseline")
            .note("belongs to what serves")
            .unknown(old.edit(|it: &mut MonitoringSchedule| it.baseline.made = None), "when its baseline was made")
            .hidden(Fixture::sound().hidden(FactKind::Monitors, MONITOR))
            .hidden(Fixture::sound().hidden(FactKind::Packages, PACKAGE));
    }

    #[test]
    fn without_a_schedule_that_runs_there_is_no_baseline_to_judge() {
        let stopped = |it: &mut MonitoringSchedule| it.status = "Stopped".to_owned();
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound().edit(stopped), "no monitoring schedule")
            .not_applicable(Fixture::sound().drop_where(|_: &MonitoringSchedule| true), "no monitoring schedule")
            .not_applicable(Fixture::sound().manifest(|it| it.no_drift_because = Some("rules".to_owned())), "rules");
    }
}

//! Where a live version stands on the path of retraining: detect → confirm that it is no fault of the data pipeline →
//! dataset → candidate → compare with the live version and by segment → approve → deploy → monitor.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::sight::{Sight, lies_in};
use super::{BoundMonitor, CriterionReading, PathStep, criteria};
use crate::estate::{LiveVersion, Signal};
use crate::evidence::{ApprovalStatus, Fact, FactKind, Package, ViolationReport};

/// Checks that data fails which is broken rather than different.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-interpreting-violations.html>
const BROKEN_DATA: [&str; 4] = ["data_type_check", "completeness_check", "missing_column_check", "extra_column_check"];

/// The steps; none where nothing asks for retraining.
pub(super) fn walk<'a>(
    sight: &Sight<'_, 'a>,
    live: &LiveVersion<'a>,
    monitors: &[BoundMonitor<'a>],
    criteria: &[CriterionReading<'a>],
) -> Vec<PathStep> {
    let Some((at, words)) = detected(sight, live, monitors, criteria) else { return Vec::new() };
    // A version that was registered after the first sign is the answer to it, even once it serves.
    let newer = sight.versions_after(live, at);
    let candidate = newer.last().copied();
    let hidden = candidate.is_none() && (!sight.listed(live, FactKind::Packages) || live.packages().next().is_none());
    let serves = candidate.is_some_and(|candidate| live.packages().any(|it| it.data.arn == candidate.data.arn));
    let mut steps = vec![PathStep { step: "detect", state: "done", at: Some(at), words }, confirm(monitors)];
    steps.push(dataset(sight, live, candidate, hidden));
    steps.push(match candidate {
        Some(candidate) => done("candidate", candidate.data.created, format!("{} was registered", version(candidate))),
        None if hidden => unknown("candidate", "newer versions could not all be read"),
        None => open("candidate", "no newer version was registered since"),
    });
    match candidate {
        Some(candidate) => {
            steps.push(compare(candidate));
            steps.push(approve(candidate));
            steps.push(deploy(live, candidate, serves));
            steps.push(monitor(live, monitors, serves));
        }
        None => {
            for (step, words) in [
                ("compare", "there is no candidate to compare"),
                ("approve", "there is no candidate to approve"),
                ("deploy", "there is no candidate to deploy"),
                ("monitor", "there is no new version to monitor"),
            ] {
                steps.push(open(step, words));
            }
        }
    }
    wait(&mut steps);
    steps
}

/// The first sign that is still there.
fn detected(
    sight: &Sight<'_, '_>,
    live: &LiveVersion<'_>,
    monitors: &[BoundMonitor<'_>],
    criteria: &[CriterionReading<'_>],
) -> Option<(Timestamp, String)> {
    let violations = monitors.iter().filter_map(|monitor| {
        let (name, runs) = (&monitor.schedule.data.name, monitor.violating_runs);
        Some((monitor.violating_since?, format!("schedule `{name}` has found violations {runs} times in a row")))
    });
    let drift = live.alarms.iter().filter(|binding| binding.signal == Signal::Drift && binding.certain);
    let alarms = drift.filter_map(|binding| {
        let alarm = sight.alarms.get(binding.alarm)?.alarm;
        Some((criteria::ringing(alarm)?, format!("alarm `{}` is in ALARM", alarm.data.name)))
    });
    let met = criteria.iter().filter(|criterion| criterion.met == Some(true));
    let met =
        met.filter_map(|criterion| Some((criterion.since?, format!("criterion met: {}", criterion.declared.words))));
    violations.chain(alarms).chain(met).min()
}

/// Whether what was found is the world, or a pipeline that broke.
fn confirm(monitors: &[BoundMonitor<'_>]) -> PathStep {
    let reports: Vec<&Fact<ViolationReport>> = monitors.iter().filter_map(|monitor| monitor.report).collect();
    let violations = || reports.iter().flat_map(|report| &report.data.violations);
    let broken = violations().filter(|it| BROKEN_DATA.contains(&it.check.as_str())).count();
    let (all, at) = (violations().count(), reports.iter().filter_map(|report| report.data.written).max());
    if all == 0 {
        return unknown(
            "confirm",
            "nothing that was read tells a change of the world from a fault of the data pipeline",
        );
    }
    if broken == all {
        let words =
            format!("all {all} violations are of types, completeness or columns, as a broken data pipeline makes them");
        return PathStep { step: "confirm", state: "open", at: None, words };
    }
    let drifted = all - broken;
    let words = match broken {
        0 => format!("{drifted} violations are of distributions or quality, none of types, completeness or columns"),
        _ => {
            format!("{drifted} violations are of distributions or quality; {broken} of types, completeness or columns")
        }
    };
    done("confirm", at, words)
}

fn dataset(sight: &Sight<'_, '_>, live: &LiveVersion<'_>, candidate: Option<&Fact<Package>>, hidden: bool) -> PathStep {
    let Some(candidate) = candidate else {
        return if hidden {
            unknown("dataset", "newer versions could not all be read")
        } else {
            open("dataset", "no training on newer data is known")
        };
    };
    let artifacts: BTreeSet<&str> =
        candidate.data.containers.iter().flat_map(|it| &it.data).map(|data| data.uri.as_str()).collect();
    let trained =
        sight.facts.jobs.iter().filter(|job| job.data.kind == "training").find(|job| {
            job.data.outputs.iter().any(|output| artifacts.iter().any(|artifact| lies_in(artifact, output)))
        });
    match trained.and_then(|job| Some((job, job.data.inputs.first()?))) {
        Some((job, data)) => done("dataset", job.data.created, format!("job `{}` trained on `{data}`", job.data.name)),
        None if sight.listed(live, FactKind::Jobs) => {
            unknown("dataset", format!("no training job of {} is known", version(candidate)))
        }
        None => unknown("dataset", "training jobs could not all be read"),
    }
}

/// Whether the candidate's evaluation was registered with it, and told by segment.
fn compare(candidate: &Fact<Package>) -> PathStep {
    let roles = || candidate.data.metrics.iter().filter(|pointer| pointer.role.starts_with("ModelMetrics."));
    let quality = roles().find(|pointer| pointer.role.starts_with("ModelMetrics.ModelQuality."));
    let segments = roles().any(|pointer| pointer.role.starts_with("ModelMetrics.Bias."));
    let by_segment = if segments { "and by segment" } else { "but not by segment" };
    match quality {
        Some(pointer) => {
            let words = format!("{} was evaluated, {by_segment}: `{}`", version(candidate), pointer.uri);
            done("compare", candidate.data.created, words)
        }
        None => open("compare", format!("{} was registered without an evaluation", version(candidate))),
    }
}

fn approve(candidate: &Fact<Package>) -> PathStep {
    match &candidate.data.approval {
        Some(ApprovalStatus::Approved) => done("approve", None, format!("{} is Approved", version(candidate))),
        Some(status) => open("approve", format!("{} is {}", version(candidate), status.as_str())),
        None => unknown("approve", format!("the status of {} is not known", version(candidate))),
    }
}

fn deploy(live: &LiveVersion<'_>, candidate: &Fact<Package>, serves: bool) -> PathStep {
    if serves {
        done("deploy", live.live_from.map(|from| from.at), format!("{} serves here", version(candidate)))
    } else {
        open("deploy", format!("{} does not serve here", version(candidate)))
    }
}

/// Whether a schedule has judged the new version.
fn monitor(live: &LiveVersion<'_>, monitors: &[BoundMonitor<'_>], serves: bool) -> PathStep {
    let from = live.live_from.filter(|_| serves).map(|from| from.at);
    let after = monitors.iter().filter_map(|monitor| {
        let succeeded = monitor.succeeded.filter(|at| from.is_some_and(|from| *at > from))?;
        Some((succeeded, monitor))
    });
    match after.max_by_key(|(at, _)| *at) {
        Some((at, monitor)) => {
            done("monitor", Some(at), format!("schedule `{}` has judged it since", monitor.schedule.data.name))
        }
        None => open("monitor", "no schedule has judged it since"),
    }
}

/// What comes after an open step waits for it.
fn wait(steps: &mut [PathStep]) {
    let mut blocked = false;
    for step in steps {
        if blocked && step.state != "done" {
            step.state = "waiting";
        }
        blocked |= step.state == "open" && step.step != "confirm";
    }
}

/// Such as "version 8".
fn version(package: &Fact<Package>) -> String {
    package.data.version.map_or_else(|| format!("`{}`", package.data.arn), |version| format!("version {version}"))
}

fn done(step: &'static str, at: Option<Timestamp>, words: impl Into<String>) -> PathStep {
    PathStep { step, state: "done", at, words: words.into() }
}

fn open(step: &'static str, words: impl Into<String>) -> PathStep {
    PathStep { step, state: "open", at: None, words: words.into() }
}

fn unknown(step: &'static str, words: impl Into<String>) -> PathStep {
    PathStep { step, state: "unknown", at: None, words: words.into() }
}

//! Whether a monitor compares with what belongs to the version that serves, or still watches the one before.
//!
//! Asked in the order of how much each answer proves: the files that the version's package names; the data that it was
//! trained on; when the baseline was made.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/pipelines-quality-clarify-baseline-lifecycle.html>

use std::collections::BTreeSet;

use super::schedules::{Judged, no, unseen};
use super::series::{later, seconds, span};
use super::sight::{Sight, lies_in};
use crate::estate::LiveVersion;
use crate::evidence::{Baseline, Fact, FactKind, MonitorKind, MonitoringSchedule, Package};

/// A pipeline makes the baseline, trains, evaluates and then registers: all within so many seconds.
const PIPELINE: i64 = 24 * 3_600;

/// Whether a schedule's baseline belongs to what serves.
pub(super) fn fits(sight: &Sight<'_, '_>, live: &LiveVersion<'_>, schedule: &MonitoringSchedule) -> Judged {
    if !schedule.defined {
        return unseen("its definition could not be read");
    }
    let baseline = &schedule.baseline;
    if !baseline.is_set() {
        return no("it compares with nothing: it has no baseline");
    }
    let packages: Vec<&Fact<Package>> = live.packages().collect();
    if packages.is_empty() {
        return unseen("which registered version serves is not known");
    }
    let judged = by_package(schedule.kind, baseline, &packages).or_else(|| by_data(sight, live, baseline, &packages));
    judged.unwrap_or_else(|| by_time(sight, baseline, &packages))
}

/// A pipeline that registers baselines with the version names the files.
fn by_package(kind: Option<MonitorKind>, baseline: &Baseline, packages: &[&Fact<Package>]) -> Option<Judged> {
    let pointers = packages.iter().flat_map(|package| &package.data.metrics);
    let named: Vec<&str> =
        pointers.filter(|pointer| is_baseline(kind, &pointer.role)).map(|pointer| pointer.uri.as_str()).collect();
    let own = [&baseline.constraints, &baseline.statistics].into_iter().flatten();
    let own: Vec<&str> = own.map(String::as_str).collect();
    let first = named.first()?;
    if own.iter().any(|uri| named.contains(uri)) {
        return Some((Some(true), None));
    }
    // Both only by a job: no file to compare.
    let used = own.first()?;
    Some(no(format!("it compares with `{used}`, and the version that serves names `{first}`")))
}

/// Whether a package's pointer is to a baseline of this kind of monitor.
fn is_baseline(kind: Option<MonitorKind>, role: &str) -> bool {
    let part = match kind {
        Some(MonitorKind::DataQuality) => ".ModelDataQuality.",
        Some(MonitorKind::ModelQuality) => ".ModelQuality.",
        Some(MonitorKind::Bias) => ".Bias.",
        Some(MonitorKind::Explainability) => ".Explainability.",
        None => ".",
    };
    role.contains(part) && (role.ends_with("Constraints") || role.ends_with("Statistics"))
}

/// The baseline was made of the data that the version was trained on, or of other data.
fn by_data(
    sight: &Sight<'_, '_>,
    live: &LiveVersion<'_>,
    baseline: &Baseline,
    packages: &[&Fact<Package>],
) -> Option<Judged> {
    if baseline.inputs.is_empty() {
        return None;
    }
    let containers = packages.iter().flat_map(|package| &package.data.containers);
    let artifacts: BTreeSet<&str> = containers.flat_map(|it| &it.data).map(|data| data.uri.as_str()).collect();
    let jobs = sight.facts.jobs.iter().filter(|job| job.data.kind == "training");
    let made_it = jobs
        .filter(|job| job.data.outputs.iter().any(|output| artifacts.iter().any(|artifact| lies_in(artifact, output))));
    let trained_on: Vec<&str> = made_it.flat_map(|job| &job.data.inputs).map(String::as_str).collect();
    let Some(data) = trained_on.first() else {
        let hidden = !sight.listed(live, FactKind::Jobs);
        return hidden.then(|| unseen("which data the version was trained on could not be read"));
    };
    let same = |uri: &String| trained_on.iter().any(|data| lies_in(uri, data) || lies_in(data, uri));
    if baseline.inputs.iter().any(same) {
        return Some((Some(true), None));
    }
    let read = baseline.inputs.first()?;
    Some(no(format!("it was made of `{read}`, and the version that serves was trained on `{data}`")))
}

/// A baseline that is older than the version belongs to another.
fn by_time(sight: &Sight<'_, '_>, baseline: &Baseline, packages: &[&Fact<Package>]) -> Judged {
    let registered = packages.iter().filter_map(|package| package.data.created).max();
    let (Some(made), Some(registered)) = (baseline.made, registered) else {
        return unseen("when its baseline was made could not be read");
    };
    if made >= later(registered, -PIPELINE) {
        return (Some(true), None);
    }
    let (older, ago) = (span(seconds(made, registered)), span(seconds(made, sight.as_of)));
    no(format!("its baseline was made {ago} ago, {older} before the version that serves was registered"))
}

//! Hours of jobs, each instance counted, in the week in which the job ended.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::Timestamp;

use super::super::points;
use super::weeks::{Counts, Weeks};
use crate::collect::TRAINING_DAYS;
use crate::estate::{Estate, LiveVersion, ServingPath};
use crate::evidence::{FactKind, Job, TransformJob};

const HOUR: f64 = 3_600.0;

/// The longest that a training job runs, unless AWS was asked for more.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/sagemaker.html>
const LONGEST_DAYS: i64 = 5;

/// Hours of the batch transform jobs of what serves by batch.
pub(super) fn batch(estate: &Estate<'_>, weeks: &Weeks, live: &[(usize, &LiveVersion<'_>)]) -> Counts {
    let batch: Vec<&LiveVersion<'_>> =
        live.iter().map(|(_, live)| *live).filter(|live| live.path == ServingPath::Batch).collect();
    if let Some(place) = live
        .iter()
        .map(|(_, live)| *live)
        .find(|live| !estate.index.listed(live.account, live.region, FactKind::TransformJobs))
    {
        return weeks.unknown(&format!("not all batch transform jobs of {} were read", place.region));
    }
    let models: BTreeSet<(&str, &str, String)> =
        batch.iter().map(|live| (live.account, live.region, live.endpoint_name.to_lowercase())).collect();
    let mut once = BTreeSet::new();
    let jobs: Vec<&TransformJob> = estate
        .snapshot
        .facts
        .transform_jobs
        .iter()
        .filter(|fact| {
            models.contains(&(fact.account.as_str(), fact.region.as_str(), fact.data.model_name.to_lowercase()))
        })
        .filter(|fact| once.insert(fact.data.arn.to_lowercase()))
        .map(|fact| &fact.data)
        .collect();
    if let Some(unread) = jobs.iter().find(|job| job.instances.is_none()) {
        return weeks.unknown(&format!("on how many instances job `{}` ran was not read", unread.name));
    }
    let since = estate.snapshot.scope.batch_since;
    let counts = weeks.each(|week| {
        let read = since.is_none_or(|since| since <= week.start);
        read.then(|| jobs.iter().map(|job| transformed(job, week)).sum())
    });
    counts.because("jobs were not read five weeks back, which takes `batch_days = 36` in the policy")
}

fn transformed(job: &TransformJob, week: &Range<Timestamp>) -> f64 {
    let (Some(started), Some(ended)) = (job.started, job.ended) else { return 0.0 };
    if !week.contains(&ended) {
        return 0.0;
    }
    ended.duration_since(started).as_secs_f64().max(0.0) / HOUR * f64::from(job.instances.unwrap_or_default())
}

/// Hours of the training jobs that made what a group holds, or that wrote to the same place.
pub(super) fn training(
    estate: &Estate<'_>,
    weeks: &Weeks,
    group: &str,
    live: &[(usize, &LiveVersion<'_>)],
    asked: bool,
) -> Counts {
    let places: BTreeSet<(&str, &str)> = live.iter().map(|(_, live)| (live.account, live.region)).collect();
    let listed = |(account, region): &(&str, &str)| estate.index.listed(account, region, FactKind::Jobs);
    if !asked || !places.iter().all(listed) {
        return weeks.unknown("not all training jobs were read");
    }
    let packages = estate.snapshot.facts.packages.iter().filter(|fact| fact.data.group.as_deref() == Some(group));
    let artifacts: BTreeSet<&str> = packages
        .flat_map(|fact| fact.data.containers.iter().flat_map(|container| container.data.iter()))
        .map(|data| data.uri.as_str())
        .collect();
    let Some(home) = common_place(&artifacts) else {
        return weeks.unknown("the artifacts of its group have no place in common, so that its jobs cannot be told");
    };
    let mut once = BTreeSet::new();
    let jobs: Vec<&Job> = estate
        .snapshot
        .facts
        .jobs
        .iter()
        .filter(|fact| fact.data.kind == "training" && places.contains(&(fact.account.as_str(), fact.region.as_str())))
        .filter(|fact| fact.data.outputs.iter().any(|output| output.starts_with(home)))
        .filter(|fact| once.insert(fact.data.arn.to_lowercase()))
        .map(|fact| &fact.data)
        .collect();
    if let Some(unread) = jobs.iter().find(|job| job.instances.is_none()) {
        return weeks.unknown(&format!("on how many instances job `{}` ran was not read", unread.name));
    }
    // Jobs are read by when they began, and counted when they end.
    let since = points::days_before(points::known_until(estate), TRAINING_DAYS);
    let counts = weeks.each(|week| {
        let read = since <= points::days_before(week.start, LONGEST_DAYS);
        read.then(|| jobs.iter().map(|job| trained(job, week)).sum())
    });
    counts.because("jobs were not read five weeks back")
}

/// Billed time where it is told, since a job also waits.
fn trained(job: &Job, week: &Range<Timestamp>) -> f64 {
    let Some(ended) = job.ended.filter(|ended| week.contains(ended)) else { return 0.0 };
    let billed = job.billable_seconds.and_then(|seconds| i32::try_from(seconds).ok()).map(f64::from);
    let lasted = job.created.map(|created| ended.duration_since(created).as_secs_f64().max(0.0));
    billed.or(lasted).unwrap_or_default() / HOUR * f64::from(job.instances.unwrap_or_default())
}

/// The longest folder below a bucket that holds all of them. One artifact alone lies in a folder of its own version, so
/// the folder above is taken where there is one.
fn common_place<'u>(uris: &BTreeSet<&'u str>) -> Option<&'u str> {
    let (first, last) = (uris.first()?, uris.last()?);
    let shared = first.bytes().zip(last.bytes()).take_while(|(a, b)| a == b).count();
    let mut folder = first.get(..shared).and_then(|start| start.rfind('/').and_then(|at| start.get(..=at)))?;
    if uris.len() == 1 {
        folder =
            folder.trim_end_matches('/').rfind('/').and_then(|at| folder.get(..=at)).filter(deep).unwrap_or(folder);
    }
    Some(folder).filter(deep)
}

/// Whether a folder lies below a bucket: `s3://bucket/` alone may be everybody's.
fn deep(folder: &&str) -> bool {
    folder.strip_prefix("s3://").is_some_and(|path| path.trim_end_matches('/').contains('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_a_group_is_below_a_bucket() {
        let of = |uris: &[&'static str]| common_place(&uris.iter().copied().collect());
        assert_eq!(of(&["s3://b/fraud/6/model.tar.gz", "s3://b/fraud/7/model.tar.gz"]), Some("s3://b/fraud/"));
        assert_eq!(of(&["s3://b/fraud/7/model.tar.gz"]), Some("s3://b/fraud/"));
        assert_eq!(of(&["s3://b/fraud/model.tar.gz"]), Some("s3://b/fraud/"));
        assert_eq!(of(&["s3://b/model.tar.gz"]), None, "a bucket is everybody's");
        assert_eq!(of(&["s3://b/fraud/1", "s3://b/claims/1"]), None);
        assert_eq!(of(&[]), None);
    }
}

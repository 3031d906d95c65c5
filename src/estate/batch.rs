//! Batch transform: all jobs of one model within the window are one live version.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::index::{Index, Place, place};
use super::slots::Slot;
use super::{Hosting, ServingPath};
use crate::evidence::{Fact, Snapshot, TransformJob};

/// One slot for each model that jobs ran within the last so many days.
pub(super) fn slots<'a>(snapshot: &'a Snapshot, index: &Index<'a>, days: i64, as_of: Timestamp) -> Vec<Slot<'a>> {
    let since = as_of.checked_sub(SignedDuration::from_hours(days.saturating_mul(24))).unwrap_or(Timestamp::MIN);
    let mut families: BTreeMap<(Place<'a>, String), Vec<&'a Fact<TransformJob>>> = BTreeMap::new();
    for job in &snapshot.facts.transform_jobs {
        let within = began(&job.data).is_none_or(|at| at <= as_of && at.max(job.data.ended.unwrap_or(at)) >= since);
        if within && ran(&job.data) {
            families.entry((place(job), job.data.model_name.to_lowercase())).or_default().push(job);
        }
    }
    families.into_values().filter_map(|jobs| slot(index, jobs)).collect()
}

fn slot<'a>(index: &Index<'a>, mut jobs: Vec<&'a Fact<TransformJob>>) -> Option<Slot<'a>> {
    // A job that was read twice counts as it was read last.
    let key = |job: &&'a Fact<TransformJob>| {
        (Reverse(began(&job.data)), job.data.name.as_str(), Reverse(job.seen.as_slice()))
    };
    jobs.sort_by(|a, b| key(a).cmp(&key(b)));
    let mut names = BTreeSet::new();
    jobs.retain(|job| names.insert(job.data.name.to_lowercase()));
    let newest = *jobs.first()?;
    let (account, region) = place(newest);
    let model = index.model(account, region, &newest.data.model_name);
    // Jobs may spell the name as they like; the slot keeps one name.
    let name = model.found().map_or(newest.data.model_name.as_str(), |model| model.data.name.as_str());
    Some(Slot {
        hosting: Hosting::Batch,
        model_name: Some(name),
        model,
        jobs,
        ..Slot::blank(account, region, ServingPath::Batch, name, None)
    })
}

fn began(job: &TransformJob) -> Option<Timestamp> {
    job.started.or(job.created)
}

/// A job that failed or was stopped before it began ran nothing.
fn ran(job: &TransformJob) -> bool {
    job.started.is_some() || !matches!(job.status.as_str(), "Failed" | "Stopped")
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use crate::estate::{Lookup, ServingPath};
    use crate::evidence::{FactKind, TransformJob};

    fn batch() -> Fixture {
        Fixture::sound().with(job("nightly-1", MODEL, "2026-05-30T01:00:00Z")).with(job(
            "nightly-2",
            &MODEL.to_uppercase(),
            "2026-05-31T01:00:00Z",
        ))
    }

    const ID: &str = "111122223333/eu-central-1/batch/fraud-7";

    #[test]
    fn jobs_of_one_model_are_one_live_version() {
        let fixture = batch();
        let estate = fixture.estate();
        let live = estate.live.iter().find(|live| live.path == ServingPath::Batch).expect("batch");
        assert_eq!(live.id, ID);
        assert_eq!(live.jobs.iter().map(|job| job.data.name.as_str()).collect::<Vec<_>>(), ["nightly-2", "nightly-1"]);
        assert_eq!(live.version_key, PACKAGE);
        assert_eq!(live.traffic_share, None);
        let from = live.live_from.expect("known");
        assert_eq!((from.at, from.exact), (at("2026-05-30T01:00:00Z"), false));
        assert!(live.endpoint.is_none() && live.tags == Lookup::NotNamed && !live.stage.uncertain);
    }

    #[test]
    fn jobs_outside_the_window_and_jobs_that_never_ran_do_not_count() {
        let fixture = Fixture::sound().with(job("old", MODEL, "2026-04-01T01:00:00Z")).with(TransformJob {
            started: None,
            status: "Failed".to_owned(),
            ..job("failed", MODEL, "2026-05-30T01:00:00Z")
        });
        assert!(fixture.estate().live.iter().all(|live| live.path != ServingPath::Batch));
    }

    #[test]
    fn a_job_that_is_older_than_the_model_does_not_say_since_when_it_serves() {
        let fixture = batch().with(job("older", MODEL, "2026-05-04T12:00:00Z"));
        let estate = fixture.estate();
        let live = estate.live.iter().find(|live| live.path == ServingPath::Batch).expect("batch");
        assert_eq!((live.jobs.len(), live.live_from.unwrap().at), (3, at("2026-05-30T01:00:00Z")));
        assert!(live.notes.iter().any(|note| note.contains("older")), "{:?}", live.notes);
    }

    #[test]
    fn a_model_that_was_deleted_after_its_job_is_absent() {
        let fixture = batch().absent(FactKind::Models, MODEL);
        let estate = fixture.estate();
        let live = estate.live.iter().find(|live| live.path == ServingPath::Batch).expect("batch");
        assert!(matches!(live.model, Lookup::Absent(_)));
        assert!(live.hint.as_ref().is_some_and(|hint| hint.contains(PACKAGE)), "{:?}", live.hint);
    }
}

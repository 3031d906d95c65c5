//! Where a baseline comes from: the job that made it and what that read; else when its file was written.

use std::cell::RefCell;
use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{Known, key};
use crate::collect::aws::engine::Reader;
use crate::collect::aws::home::Home;
use crate::collect::aws::jobs;
use crate::collect::aws::objects::{Wanted, listed};
use crate::evidence::{Baseline, CallId, Hidden, S3Location};

/// Where a baseline comes from, and the calls that showed it.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    pub(super) inputs: Vec<String>,
    pub(super) made: Option<Timestamp>,
    pub(super) seen: Vec<CallId>,
}

/// Job and file: what tells one baseline from another.
type Identity<'k> = (Option<&'k str>, Option<&'k str>);

/// Reads the origin of each distinct baseline, by folded name of the schedules that compare with it.
pub(super) async fn origins(reader: &Reader<'_>, schedules: &[Known]) -> BTreeMap<String, Origin> {
    // By what identifies a baseline: several monitors of an endpoint often share one.
    let mut distinct: BTreeMap<Identity<'_>, (&Baseline, Vec<&str>)> = BTreeMap::new();
    for Known { schedule, .. } in schedules.iter().filter(|known| known.schedule.baseline.is_set()) {
        let baseline = &schedule.baseline;
        let file = baseline.constraints.as_deref().or(baseline.statistics.as_deref());
        let of_baseline = distinct.entry((baseline.job.as_deref(), file)).or_insert_with(|| (baseline, Vec::new()));
        of_baseline.1.push(&schedule.name);
    }
    let origins = RefCell::new(BTreeMap::new());
    reader
        .each(distinct, async |((job, file), (_, schedules))| {
            let hides: Vec<Hidden> = schedules.iter().map(|name| Hidden::One(key(name))).collect();
            let origin = origin(reader, job, file, &hides).await;
            origins.borrow_mut().extend(schedules.iter().map(|name| (name.to_lowercase(), origin.clone())));
        })
        .await;
    origins.into_inner()
}

async fn origin(reader: &Reader<'_>, job: Option<&str>, file: Option<&str>, hides: &[Hidden]) -> Origin {
    let mut origin = Origin::default();
    if let Some(name) = job {
        match jobs::processing(reader, name).await {
            Ok((job, call)) => {
                origin = Origin { inputs: job.inputs, made: job.ended, seen: vec![call] };
            }
            // Deleted, or of another account: its file still has a time.
            Err(failure) if failure.not_found => origin.seen.push(reader.noted(&failure)),
            Err(failure) => reader.gap(failure, hides),
        }
    }
    if origin.made.is_some() {
        return origin;
    }
    let Some(location) = file.and_then(S3Location::parse).filter(|location| !location.is_prefix()) else {
        return origin;
    };
    // Its key sorts before all that it is a prefix of, so one page is enough.
    match listed(reader, &Home::new(reader.region()), &location, &Wanted { pages: 1, ..Wanted::default() }).await {
        Ok(listing) => {
            let file = listing.objects.iter().find(|object| object.key == location.key);
            origin.made = file.map(|file| file.modified);
            origin.seen.extend(listing.calls);
        }
        Err(failure) if failure.not_found => origin.seen.push(reader.noted(&failure)),
        Err(failure) => reader.gap(failure, hides),
    }
    origin
}

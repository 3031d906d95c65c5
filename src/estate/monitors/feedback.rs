//! Feedback that a manifest declares: whether it grows, and whether a job has read it.

use jiff::Timestamp;

use super::FeedbackReading;
use super::series::{seconds, span};
use super::sight::{Sight, lies_in};
use crate::estate::{LiveVersion, Lookup};
use crate::evidence::{FactKind, Job};
use crate::policy::Feedback;

const DAY: i64 = 86_400;

/// Reads every declared prefix.
pub(super) fn read<'a>(sight: &Sight<'_, 'a>, live: &LiveVersion<'a>) -> Vec<FeedbackReading<'a>> {
    let declared = live.manifest.map(|manifest| manifest.feedback.as_slice()).unwrap_or_default();
    declared.iter().map(|declared| reading(sight, live, declared)).collect()
}

fn reading<'a>(sight: &Sight<'_, 'a>, live: &LiveVersion<'a>, declared: &'a Feedback) -> FeedbackReading<'a> {
    let prefix = declared.prefix.to_string();
    let mut seen = Vec::new();
    let (grows, written) = match sight.index.prefix(live.account, live.region, &prefix) {
        Lookup::Found(state) => {
            seen.extend(&state.seen);
            match state.data.newest {
                None => (Some(false), "nothing was ever written there".to_owned()),
                Some(newest) => {
                    let age = seconds(newest, sight.as_of);
                    (Some(age <= declared.grows_within_days * DAY), format!("the newest object is {} old", span(age)))
                }
            }
        }
        Lookup::Absent(call) => {
            seen.push(call);
            (Some(false), "it does not exist".to_owned())
        }
        Lookup::Unseen | Lookup::NotNamed => (None, "it could not be read".to_owned()),
    };
    let reads = |job: &&&'a crate::evidence::Fact<Job>| {
        let inputs = &job.data.inputs;
        began(&job.data).is_some()
            && !matches!(job.data.status.as_str(), "Failed" | "Stopped" | "Stopping")
            && inputs.iter().any(|input| lies_in(input, &prefix) || lies_in(&prefix, input))
    };
    let jobs: Vec<_> = sight.facts.jobs.iter().collect();
    let newest = jobs.iter().filter(reads).max_by_key(|job| (began(&job.data), &job.data.name));
    let read_by = newest.and_then(|job| Some((job.data.name.clone(), began(&job.data)?)));
    let (used, told) = match &read_by {
        Some((name, at)) => {
            let age = seconds(*at, sight.as_of);
            let used = age <= declared.used_within_days * DAY;
            // A job that could not be read may be newer.
            let used = (used || sight.listed(live, FactKind::Jobs)).then_some(used);
            (used, format!("job `{name}` read it {} ago", span(age)))
        }
        None if sight.listed(live, FactKind::Jobs) => (Some(false), "no job is known to have read it".to_owned()),
        None => (None, "which jobs read it could not all be seen".to_owned()),
    };
    seen.extend(newest.iter().flat_map(|job| &job.seen));
    FeedbackReading { declared, grows, read_by, used, words: format!("{written}; {told}"), seen }
}

fn began(job: &Job) -> Option<Timestamp> {
    job.created.or(job.ended)
}

//! Training of a model that began since something asked for it.

use jiff::Timestamp;

use super::sight::lies_in;
use crate::estate::{Estate, LiveVersion};
use crate::evidence::{Fact, Job};

/// The newest training job of the model of a live version that began after an instant. A job is of that model if it reads
/// what the manifest declares as feedback, or writes to where the artifact that serves was written, and no other model's.
pub(crate) fn retraining_since<'a>(
    estate: &'a Estate<'a>,
    live: &LiveVersion<'a>,
    since: Timestamp,
) -> Option<&'a Fact<Job>> {
    let declared = live.manifest.map(|manifest| manifest.feedback.as_slice()).unwrap_or_default();
    let feedback: Vec<String> = declared.iter().map(|it| it.prefix.to_string()).collect();
    let own = artifacts(live);
    let of_others: Vec<&str> =
        estate.live.iter().filter(|other| !same_model(other, live)).flat_map(artifacts).collect();
    let of_model = |job: &Job| {
        let reads = job.inputs.iter().any(|input| feedback.iter().any(|it| lies_in(input, it) || lies_in(it, input)));
        let holds = |output: &str, all: &[&str]| all.iter().any(|artifact| lies_in(artifact, output));
        reads || job.outputs.iter().any(|output| holds(output, &own) && !holds(output, &of_others))
    };
    let jobs = estate.snapshot.facts.jobs.iter().filter(|job| {
        job.data.kind == "training"
            && job.account == live.account
            && job.data.created.is_some_and(|began| began > since)
            && !matches!(job.data.status.as_str(), "Failed" | "Stopped" | "Stopping")
            && of_model(&job.data)
    });
    jobs.max_by_key(|job| (job.data.created, &job.data.name))
}

/// Where what a live version serves was written.
fn artifacts<'l>(live: &'l LiveVersion<'_>) -> Vec<&'l str> {
    let served = live.containers.iter().flat_map(|container| &container.artifacts);
    served.map(|artifact| artifact.data.uri.as_str()).collect()
}

fn same_model(other: &LiveVersion<'_>, live: &LiveVersion<'_>) -> bool {
    match (other.group(), live.group()) {
        (Some(one), Some(another)) => one.eq_ignore_ascii_case(another),
        (None, None) => other.model_name == live.model_name,
        _ => false,
    }
}

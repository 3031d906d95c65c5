//! `live_versions`: what was live.

use crate::estate::{Grade, Hosting, ServingPath};
use crate::history::cell::Instant;
use crate::history::table::table;
use crate::policy::Stage;
use crate::readiness::ReadinessVerdict;
use crate::report::document::{ContainerRow, LiveVersionRow, Report};

use super::texts;

table! {
    /// One row a live version and run: one model version that serves through one serving path.
    "live_versions": Row<'a> {
        /// The slot: account, region, path, endpoint, variant and component.
        live_version: &'a str,
        /// What fills the slot: the package, or model and artifact.
        version_key: &'a str,
        /// Account.
        account: &'a str,
        /// Region.
        region: &'a str,
        /// ARN of what serves.
        arn: Option<&'a str>,
        /// Endpoint; the model's name for batch.
        endpoint: &'a str,
        /// Variant.
        variant: Option<&'a str>,
        /// Inference component, instance type or artifact, where the path has one.
        component: Option<&'a str>,
        /// Kind of serving path, such as `variant` or `shadow`.
        path: ServingPath,
        /// How it is hosted, such as `real-time`.
        hosting: Hosting,
        /// Status of the endpoint or component; of the newest job for batch.
        serving_status: &'a str,
        /// Whether it belongs to a deployment that had not finished.
        pending: bool,
        /// Share of the endpoint's requests, from 0 to 1.
        traffic_share: Option<f64>,
        /// Since when it serves.
        live_from: Option<Instant>,
        /// `exact`, or `upper_bound`: it served at that instant at the latest.
        live_from_bound: Option<&'a str>,
        /// Model.
        model: Option<&'a str>,
        /// ARN of the first registered package.
        package_arn: Option<&'a str>,
        /// Group of that package.
        package_group: Option<&'a str>,
        /// Version of that package.
        package_version: Option<i64>,
        /// Location of the first artifact.
        artifact: Option<&'a str>,
        /// ETag of its newest version.
        artifact_etag: Option<&'a str>,
        /// Version id of its newest version.
        artifact_version_id: Option<&'a str>,
        /// What became of it since the approval, such as `same` or `different`.
        artifact_since_approval: Option<&'a str>,
        /// Locations of all artifacts.
        artifacts: Vec<&'a str>,
        /// Image of the first container, with the digest that runs where that is known.
        image: Option<&'a str>,
        /// That digest.
        image_digest: Option<&'a str>,
        /// Images of all containers.
        images: Vec<&'a str>,
        /// Code commit as registered.
        code_commit: Option<&'a str>,
        /// Repository as registered.
        code_repository: Option<&'a str>,
        /// Stage.
        stage: Stage,
        /// The rule that decided the stage.
        stage_rule: &'a str,
        /// Owner.
        owner: Option<&'a str>,
        /// Where the owner's name was found.
        owner_source: Option<&'a str>,
        /// Cost centre, where a tag names one.
        cost_center: Option<&'a str>,
        /// The verdict on whether its use may be expanded, such as `operate_as_is`.
        verdict: ReadinessVerdict,
        /// Number of the rule that decided.
        verdict_rule: i64,
        /// Why the verdict is not higher.
        verdict_reason: &'a str,
        /// Codes of the controls that bind.
        binding: Vec<&'a str>,
        /// Approval status of the registered package that is worst off, at the run.
        approval_status: Option<&'a str>,
        /// How well its approval is proved, from `A` to `F`, or `None`.
        approval_grade: Option<Grade>,
    }
}

pub(super) fn rows(report: &Report) -> impl Iterator<Item = Row<'_>> {
    report.live_versions.iter().map(row)
}

fn row(live: &LiveVersionRow) -> Row<'_> {
    let (from, owner, approval) = (live.live_from.as_ref(), live.owner.as_ref(), live.approval.as_ref());
    let (artifact, first) = (live.artifacts.first(), live.containers.first().and_then(image));
    Row {
        live_version: &live.id,
        version_key: &live.version_key,
        account: &live.account,
        region: &live.region,
        arn: live.arn.as_deref(),
        endpoint: &live.endpoint,
        variant: live.variant.as_deref(),
        component: live.component.as_deref(),
        path: live.path,
        hosting: live.hosting,
        serving_status: &live.status,
        pending: live.pending,
        traffic_share: live.traffic_share,
        live_from: from.map(|from| Instant(from.at)),
        live_from_bound: from.map(|from| from.bound.as_str()),
        model: live.model.as_deref(),
        package_arn: live.package_arn.as_deref(),
        package_group: live.group.as_deref(),
        package_version: live.version.map(i64::from),
        artifact: live.artifact.as_deref(),
        artifact_etag: artifact.and_then(|artifact| artifact.etag.as_deref()),
        artifact_version_id: artifact.and_then(|artifact| artifact.version_id.as_deref()),
        artifact_since_approval: artifact.and_then(|artifact| artifact.since_approval.as_deref()),
        artifacts: live.artifacts.iter().map(|artifact| artifact.uri.as_str()).collect(),
        image: first,
        image_digest: first.and_then(|image| image.rsplit_once('@')).map(|(_, digest)| digest),
        images: live.containers.iter().filter_map(image).collect(),
        code_commit: live.commit.as_deref(),
        code_repository: live.repository.as_deref(),
        stage: live.stage.stage,
        stage_rule: &live.stage.rule,
        owner: owner.map(|owner| owner.name.as_str()),
        owner_source: owner.map(|owner| owner.source.as_str()),
        cost_center: live.cost_center.as_deref(),
        verdict: live.readiness.verdict,
        verdict_rule: i64::from(live.readiness.rule),
        verdict_reason: &live.readiness.reason,
        binding: texts(&live.readiness.binding),
        approval_status: approval.and_then(|approval| approval.status.as_deref()),
        approval_grade: approval.map(|approval| approval.grade),
    }
}

/// The image that runs where that is known, else as it was specified.
fn image(container: &ContainerRow) -> Option<&str> {
    container.resolved_image.as_deref().or(container.image.as_deref())
}

//! Every control, in the order of the catalogue.

use super::Control;
use super::approval::{
    approval_not_stale, approval_precedes_exposure, approved_now, attributable_approval, automation_gated, axes_agree,
    content_unedited, four_eyes, not_born_approved, revocation_acted_upon,
};
use super::artifact::{
    approved_bytes_retrievable, bucket_versioned, bucket_write_protected, registered_etag_matches,
    unchanged_since_approval,
};
use super::audit::{
    complete_evidence, durable_trail, evidence_reaches_back, shared_roles_name_people, watch_not_weakened,
};
use super::cost::{
    capacity_used, cost_tags, cost_tags_activated, growth_within_ceiling, no_idle_endpoints, right_sized,
    within_watched_budget,
};
use super::deployment::{deployed_by_pipeline, guarded_rollout, rollback_target};
use super::identity::{
    deployed_image_registered, governed_batch, multi_model_contents_known, no_hidden_path, registered_version,
    resolves_to_a_model, settled_state,
};
use super::lineage::code_commit_recorded;
use super::monitoring::{
    alarms_can_fire, alarms_reach_somebody, baseline_belongs_to_live_version, data_capture, drift_monitoring_runs,
    errors_alarmed, latency_alarmed, no_orphan_alarms, saturation_alarmed, segments_monitored, silence_alarmed,
    violations_triaged,
};
use super::response::{alarm_owned, feedback_is_used, no_unattended_alarms, retraining_criteria};

/// Every control.
pub static CONTROLS: &[&Control] = &[
    &resolves_to_a_model::CONTROL,
    &registered_version::CONTROL,
    &deployed_image_registered::CONTROL,
    &no_hidden_path::CONTROL,
    &multi_model_contents_known::CONTROL,
    &settled_state::CONTROL,
    &governed_batch::CONTROL,
    &code_commit_recorded::CONTROL,
    &approved_now::CONTROL,
    &attributable_approval::CONTROL,
    &four_eyes::CONTROL,
    &approval_precedes_exposure::CONTROL,
    &revocation_acted_upon::CONTROL,
    &not_born_approved::CONTROL,
    &automation_gated::CONTROL,
    &content_unedited::CONTROL,
    &approval_not_stale::CONTROL,
    &axes_agree::CONTROL,
    &unchanged_since_approval::CONTROL,
    &registered_etag_matches::CONTROL,
    &approved_bytes_retrievable::CONTROL,
    &bucket_versioned::CONTROL,
    &bucket_write_protected::CONTROL,
    &rollback_target::CONTROL,
    &guarded_rollout::CONTROL,
    &deployed_by_pipeline::CONTROL,
    &errors_alarmed::CONTROL,
    &latency_alarmed::CONTROL,
    &silence_alarmed::CONTROL,
    &saturation_alarmed::CONTROL,
    &alarms_can_fire::CONTROL,
    &alarms_reach_somebody::CONTROL,
    &no_orphan_alarms::CONTROL,
    &data_capture::CONTROL,
    &drift_monitoring_runs::CONTROL,
    &baseline_belongs_to_live_version::CONTROL,
    &violations_triaged::CONTROL,
    &segments_monitored::CONTROL,
    &alarm_owned::CONTROL,
    &no_unattended_alarms::CONTROL,
    &retraining_criteria::CONTROL,
    &feedback_is_used::CONTROL,
    &cost_tags::CONTROL,
    &cost_tags_activated::CONTROL,
    &no_idle_endpoints::CONTROL,
    &right_sized::CONTROL,
    &within_watched_budget::CONTROL,
    &capacity_used::CONTROL,
    &growth_within_ceiling::CONTROL,
    &durable_trail::CONTROL,
    &evidence_reaches_back::CONTROL,
    &shared_roles_name_people::CONTROL,
    &watch_not_weakened::CONTROL,
    &complete_evidence::CONTROL,
];

/// The control with this code or id, in any case.
pub fn find(code_or_id: &str) -> Option<&'static Control> {
    CONTROLS.iter().copied().find(|control| control.is_called(code_or_id.trim()))
}

#[cfg(test)]
mod tests;

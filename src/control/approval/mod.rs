//! Who accepted what serves, when, and whether that still holds.

use crate::control::Context;
use crate::estate::{LiveVersion, ServingPath};
use crate::policy::Stage;

pub mod approved_now;

/// Why the approval controls do not ask about this live version, if they do not.
fn not_asked_for(live: &LiveVersion<'_>, _context: Context<'_>) -> Option<String> {
    let manifest = live.manifest;
    if live.stage.stage != Stage::Production && !manifest.is_some_and(|manifest| manifest.approval_required) {
        return Some(format!("approval is not asked for outside production; {}", live.stage.rule));
    }
    if live.path == ServingPath::Shadow && manifest.is_some_and(|manifest| manifest.shadow_without_approval) {
        return Some("the manifest lets shadow variants serve without approval".to_owned());
    }
    (live.resolved() && live.approvals.is_empty()).then(|| "it is not a registered version; INV-002 judges that".to_owned())
}

/// Whole hours from an instant to the instant of evaluation.
fn hours_since(at: jiff::Timestamp, context: Context<'_>) -> i64 {
    context.estate.as_of.duration_since(at).as_hours()
}

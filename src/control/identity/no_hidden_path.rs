//! INV-004

use super::registered;
use crate::control::approval::{Asked, asked};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Status, Verdict, worst};
use crate::declare_control;
use crate::estate::{LiveVersion, ServingPath};
use crate::evidence::ApprovalStatus;

declare_control! {
    /// ## What it requires
    /// What serves beside the main path of an endpoint is a registered and approved version too: shadow variants, instance
    /// pools with a model of their own, adapters, models of a multi-model prefix, a deployment that has not finished.
    ///
    /// ## Why
    /// These paths receive real requests and do not show where one looks first. An adapter or an artifact in a multi-model
    /// prefix comes into service without an endpoint update.
    ///
    /// ## Evidence
    /// Endpoint and config, inference components, the listing of multi-model prefixes; of each path the registration and the
    /// approval status. Routers and endpoint policies are not read by this version.
    ///
    /// ## Results
    /// - **pass**: the hidden path serves a registered version, and an approved one where approval is asked for
    /// - **fail**: it serves an unregistered or unapproved version
    /// - **unknown**: registration or status could not be read
    /// - **not applicable**: it is the main path of its endpoint, or batch, which INV-002 and APR-001 judge; the manifest says
    ///   why it may serve unregistered
    "INV-004" "no-hidden-path" {
        summary: "no hidden path serves an ungoverned version",
        severity: Medium,
        gate: Fix,
        needs: [Endpoints, EndpointConfigs, InferenceComponents, Models, Packages],
        uses: [Objects],
        remedy: "register and approve what the path serves, or take the override, adapter or artifact away",
        role: "release engineer",
        frameworks: [("NIST AI RMF", "MAP 2.1"), ("ISO/IEC 42001", "A.4.2"), ("PRA SS1/23", "P1")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let Some(path) = hidden_path(live) else {
        return Verdict::not_applicable("it is the main path of its endpoint, which INV-002 and APR-001 judge");
    };
    let excused = declared(live, context, |manifest| manifest.unregistered_because.as_deref());
    if let Declared::Says(reason) = excused {
        return Verdict::not_applicable(format!("the manifest lets it serve unregistered: {reason}")).settled();
    }
    let known = worst(live.containers.iter().map(registered))
        .unwrap_or_else(|| Verdict::unknown("what it serves is not known; INV-001 judges that"));
    let verdict = if known.status == Status::Pass { approved(live, context, path) } else { known };
    let verdict = Verdict { reason: format!("{path}: {}", verdict.reason), ..verdict };
    match excused {
        Declared::Unsure => verdict.doubted("which manifest applies is not known, and one lets models serve unregistered"),
        _ => verdict,
    }
}

fn approved<'a>(live: &'a LiveVersion<'a>, context: Context<'a>, path: &str) -> Verdict {
    let each = live.approvals.iter().map(|approval| {
        let (package, arn) = (approval.package, &approval.package.data.arn);
        let verdict = match approval.status {
            Some(ApprovalStatus::Approved) => Verdict::pass("what it serves is registered and approved"),
            Some(status) => Verdict::fail(format!("it serves `{arn}`, which is {}", status.as_str())),
            None => Verdict::unknown(format!("the approval status of `{arn}` is not known")),
        };
        let status = approval.status.map_or("not known", ApprovalStatus::as_str);
        verdict.cite(package, format!("the status of `{arn}` is {status}"))
    });
    let verdict = worst(each).unwrap_or_else(|| Verdict::unknown(format!("no approval is known of {path}")));
    match asked(live, context) {
        Asked::Yes => verdict,
        Asked::No(reason) if verdict.status == Status::Fail => {
            Verdict { cites: verdict.cites, ..Verdict::pass("what it serves is registered").note(reason) }
        }
        Asked::No(_) => verdict,
        Asked::Unsure(why) => verdict.doubted(why),
    }
}

fn hidden_path(live: &LiveVersion<'_>) -> Option<&'static str> {
    let adapter = live.component.is_some_and(|component| component.data.base_component.is_some());
    match live.path {
        ServingPath::Shadow => Some("shadow variant"),
        ServingPath::Pool => Some("instance pool with a model of its own"),
        ServingPath::MultiModel => Some("model of a multi-model prefix"),
        ServingPath::Component if adapter => Some("adapter"),
        ServingPath::Variant | ServingPath::Component if live.pending => Some("deployment that has not finished"),
        ServingPath::Variant | ServingPath::Component | ServingPath::Batch => None,
    }
}

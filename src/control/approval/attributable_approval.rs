//! APR-002

use super::{events_cover, is_approved, judge_each, may_still_arrive, name};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{ActorKind, Approval, ApprovalEvent, LiveVersion};
use crate::policy::AutomationGate;

declare_control! {
    /// ## What it requires
    /// Each approval of what serves is proved by an event, was given by a person or by an automation gate that the manifest
    /// declares, and carries a reason.
    ///
    /// ## Why
    /// `LastModifiedBy` is not the approver: any later edit of the package's metadata overwrites it. Only the event that set
    /// the status names who did it and when, and CloudTrail's event history forgets it after 90 days.
    ///
    /// ## Evidence
    /// The newest `UpdateModelPackage` (or `CreateModelPackage`) event that set `Approved`, with its identity; how completely
    /// events were read since the package was registered; `ApprovalDescription`.
    ///
    /// ## Results
    /// - **pass**: an event proves it (grades A to C), by a person or a declared gate, with a reason; a reason that names no
    ///   ticket is noted
    /// - **fail**: no such event although all events since the registration were read; no reason; given by the root user;
    ///   given by automation for which no gate is declared
    /// - **unknown**: events do not reach back to it, or it may be too young to have arrived; the identity proves neither a
    ///   person nor automation, for session names are chosen by the caller
    /// - **not applicable**: not approved at all (APR-001 owns that); not registered; outside production unless the manifest
    ///   asks for approval
    "APR-002" "attributable-approval" {
        summary: "each approval is proved, attributable and reasoned",
        severity: High,
        gate: Fix,
        needs: [Models, Packages, TrailEvents],
        uses: [],
        remedy: "approve again with a reason that names the change, by a person or a declared gate, and archive the event before 90 days are over",
        role: "model approver",
        frameworks: [("NIST AI RMF", "GOVERN 2.1"), ("ISO/IEC 42001", "A.3.2"), ("EU AI Act", "Art. 12, 14"), ("PRA SS1/23", "P2")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    judge_each(live, context, |approval| judge(approval, live, context))
}

fn judge<'a>(approval: &'a Approval<'a>, live: &LiveVersion<'_>, context: Context<'a>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    if !is_approved(approval) {
        return Verdict::not_applicable(format!("`{arn}` is not approved; APR-001 judges that"));
    }
    let Some(event) = &approval.approved else {
        let verdict = match package.data.modified {
            Some(modified) if may_still_arrive(modified, context) => {
                Verdict::unknown(format!("`{arn}` was changed at {modified}, and the event may still arrive"))
            }
            _ if events_cover(approval) => Verdict::fail(format!(
                "no event sets `{arn}` to Approved, though all events since it was registered were read"
            )),
            _ => Verdict::unknown(format!(
                "events do not reach back to the approval of `{arn}`, which rests on {}",
                approval.grade.words()
            )),
        };
        return verdict.cite(package, format!("`{arn}` is Approved"));
    };
    let reason = package.data.approval_description.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
    let verdict = match reason {
        _ if is_root(event) => Verdict::fail(format!("`{arn}` was approved by the root user of the account")),
        None => Verdict::fail(format!("`{arn}` was approved without a reason")),
        Some(_) => attribute(event, arn, live, context),
    };
    let verdict = verdict
        .cite(event.event, format!("{} set `{arn}` to Approved at {}", event.by.identity, event.at))
        .cite(package, format!("its approval description is {}", reason.map_or("empty".to_owned(), |text| format!("`{text}`"))));
    match reason {
        Some(text) if !names_ticket(text) => verdict.note("the reason names no ticket"),
        _ => verdict,
    }
}

fn attribute(event: &ApprovalEvent<'_>, arn: &str, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    let by = name(&event.by);
    match event.by.kind {
        ActorKind::Human => Verdict::pass(format!("{by} approved it at {}, and said why", event.at)),
        ActorKind::Unknown => {
            Verdict::unknown(format!("whether a person approved `{arn}` is not proved: {}", event.by.rule))
        }
        ActorKind::Automation => {
            let gate = declared(live, context, |manifest| manifest.automation_gates.iter().find(|gate| is_gate(gate, event)));
            match gate {
                Declared::Says(gate) => {
                    Verdict::pass(format!("the declared gate `{}` approved it at {}, and said why", gate.role, event.at))
                }
                Declared::Silent => {
                    Verdict::fail(format!("`{by}` approved `{arn}`, and no automation gate of that role is declared"))
                        .remedy("declare the gate in the manifest, with its role, step and thresholds, or have a person approve")
                }
                Declared::Unsure => Verdict::unknown(format!("`{by}` approved `{arn}`, and which manifest applies is not known")),
            }
        }
    }
}

/// A declared role is written as an ARN ends.
fn is_gate(gate: &AutomationGate, event: &ApprovalEvent<'_>) -> bool {
    let role = gate.role.as_str();
    event.by.role.as_deref().is_some_and(|own| own == role || own.strip_suffix(role).is_some_and(|rest| rest.ends_with('/')))
}

fn is_root(event: &ApprovalEvent<'_>) -> bool {
    event.event.data.identity.kind.as_deref() == Some("Root")
}

/// Whether some word looks like a ticket: `CHG-1042`, `INC0012345`, `#77`.
fn names_ticket(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || ",;:()[]".contains(c)).any(|word| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
        let letters = word.len() - digits.len();
        let number = digits.trim_start_matches(['-', '_', '#']);
        let marked = letters >= 2 || digits.starts_with('#');
        marked && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

//! APR-002

use super::{events_cover, is_approved, is_role, judge_each, may_still_arrive, name, standing_for};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{ActorKind, Approval, ApprovalEvent, LiveVersion};

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
        uses: [LogFiles, Archive, Roles],
        remedy: "approve again with a reason that names the change, by a person or a declared gate, and archive the event before 90 days are over",
        role: "model approver",
        frameworks: [("NIST AI RMF", "GOVERN 2.1"), ("ISO/IEC 42001", "A.3.2"), ("EU AI Act", "Art. 12, 14"), ("PRA SS1/23", "P2")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    judge_each(live, context, |approval| standing_for(approval, |approval| judge(approval, live, context)))
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
                approval.basis
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
    let verdict =
        verdict.cite(event.event, format!("{} set `{arn}` to Approved at {}", event.by.identity, event.at)).cite(
            package,
            format!("its approval description is {}", reason.map_or("empty".to_owned(), |text| format!("`{text}`"))),
        );
    match reason {
        Some(text) if !names_ticket(text) => verdict.note("the reason names no ticket"),
        _ => verdict,
    }
    .note(format!("grade {}: {}", approval.grade.as_str(), approval.basis))
}

fn attribute(event: &ApprovalEvent<'_>, arn: &str, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    let by = name(&event.by);
    if event.by.kind == ActorKind::Human {
        return Verdict::pass(format!("{by} approved it at {}, and said why", event.at));
    }
    let gate = declared(live, context, |manifest| {
        manifest.automation_gates.iter().find(|gate| is_role(&event.by, &gate.role))
    });
    match (gate, event.by.kind) {
        (Declared::Says(gate), _) => {
            Verdict::pass(format!("the declared gate `{}` approved it at {}, and said why", gate.role, event.at))
        }
        (Declared::Unsure, _) => {
            Verdict::unknown(format!("`{by}` approved `{arn}`, and which manifest applies is not known"))
        }
        (Declared::Silent, ActorKind::Automation) => Verdict::fail(format!(
            "`{by}` approved `{arn}`, and no automation gate of that role is declared"
        ))
        .remedy("declare the gate in the manifest, with its role, step and thresholds, or have a person approve"),
        (Declared::Silent, _) => {
            Verdict::unknown(format!("whether a person approved `{arn}` is not proved: {}", event.by.rule))
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, Package, TrailEvent, UserIdentity};
    use crate::policy::AutomationGate;

    fn approved_by(identity: UserIdentity) -> Fixture {
        Fixture::sound().edit(move |event: &mut TrailEvent| {
            if event.time == at(APPROVED) {
                event.identity = identity.clone();
            }
        })
    }

    fn reason(text: Option<&'static str>) -> Fixture {
        Fixture::sound()
            .edit_named(PACKAGE, move |package: &mut Package| package.approval_description = text.map(str::to_owned))
    }

    fn without_event() -> Fixture {
        Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(APPROVED))
    }

    fn gate(role: &str) -> AutomationGate {
        AutomationGate {
            role: role.to_owned(),
            step: Some("evaluate".to_owned()),
            thresholds: vec!["auc > 0.8".to_owned()],
        }
    }

    #[test]
    fn an_event_by_a_person_with_a_reason_is_attributable() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "anna")
            .no_note("ticket")
            .pass(reason(Some("looks good to me")), "anna")
            .note("names no ticket")
            .fail(reason(None), "without a reason")
            .fail(reason(Some("  ")), "without a reason");
    }

    /// A trail without digests may have been switched off over the very hour of the approval.
    #[test]
    fn log_files_without_digests_never_show_that_nobody_approved() {
        let logs = |verified| {
            let late = Fixture::sound().events_since("2026-05-20T00:00:00Z");
            late.logs("2026-05-01T00:00:00Z", "2026-05-21T00:00:00Z", verified)
        };
        Tester::new(&CONTROL).fail(logs(true), "no event sets").unknown(logs(false), "do not reach back");
    }

    #[test]
    fn a_metadata_edit_after_the_approval_does_not_take_it_away() {
        let edited = Fixture::sound()
            .with(package_edit(PACKAGE, "2026-05-20T10:00:00Z", "customermetadataproperties", sso("carla")))
            .edit_named(PACKAGE, |package: &mut Package| package.modified = Some(at("2026-05-20T10:00:00Z")));
        Tester::new(&CONTROL).pass(edited, "anna");
    }

    #[test]
    fn automation_needs_a_declared_gate() {
        Tester::new(&CONTROL)
            .fail(approved_by(pipeline("release")), "release, no automation gate")
            .remedy("declare the gate")
            .pass(
                approved_by(pipeline("release")).manifest(|manifest| manifest.automation_gates = vec![gate("release")]),
                "declared gate `release`",
            )
            .fail(
                approved_by(pipeline("release")).manifest(|manifest| manifest.automation_gates = vec![gate("lease")]),
                "no automation gate",
            );
    }

    #[test]
    fn a_session_name_proves_nobody_and_root_is_nobody() {
        let root = UserIdentity { kind: Some("Root".to_owned()), ..iam_user("root") };
        Tester::new(&CONTROL)
            .unknown(approved_by(session("ml-team", "anna@bank.example")), "not proved")
            .pass(
                approved_by(session("ci-training", "nightly"))
                    .manifest(|it| it.automation_gates = vec![gate("ci-training")]),
                "declared gate `ci-training`",
            )
            .fail(approved_by(root), "root user");
    }

    #[test]
    fn without_an_event_the_window_decides() {
        let young = without_event()
            .edit_named(PACKAGE, |package: &mut Package| package.modified = Some(at("2026-06-01T11:50:00Z")));
        Tester::new(&CONTROL)
            .fail(without_event(), "no event sets, all events")
            .unknown(young, "may still arrive")
            .unknown(Fixture::sound().events_since("2026-05-06T00:00:00Z"), "do not reach back, last modification only")
            .hidden(Fixture::sound().hidden_all(FactKind::TrailEvents))
            .hidden(Fixture::sound().hidden(FactKind::TrailEvents, "UpdateModelPackage"));
    }

    #[test]
    fn what_is_not_approved_was_not_approved_by_anybody() {
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound().rejected("2026-05-20T10:00:00Z"), "not approved, APR-001");
    }

    #[test]
    fn tickets_are_told_from_words() {
        for text in ["CHG-1042: validated", "see INC0012345", "#77", "done (JIRA-9)"] {
            assert!(names_ticket(text), "{text}");
        }
        for text in ["", "ok", "looks good", "v2", "approved 2026", "a-b", "CHG-"] {
            assert!(!names_ticket(text), "{text}");
        }
    }
}

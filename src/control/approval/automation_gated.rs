//! APR-007

use super::{is_approved, is_role, judge_each, name, standing_for};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{ActorKind, Approval, LiveVersion};
use crate::policy::AutomationGate;

declare_control! {
    /// ## What it requires
    /// Where automation approves, the manifest declares the gate: which role approves, at which step or by which thresholds,
    /// and who owns it.
    ///
    /// ## Why
    /// A pipeline that approves on its own is a decision that somebody took once. Without a word about what it decides by,
    /// nobody can say whether it still decides well.
    ///
    /// ## Evidence
    /// The identity behind the event that approved; `automation_gates` and `owner` of the manifest. What the step did in the
    /// run that approved is not looked at.
    ///
    /// ## Results
    /// - **pass**: a declared gate of that role, with a step or thresholds, and an owner
    /// - **fail**: automation for which no gate is declared, or one that says neither step nor thresholds, or that nobody owns
    /// - **unknown**: who approved is not proved, and no gate of that role is declared
    /// - **not applicable**: a person approved it; not approved (APR-001 owns that); not registered; outside production unless
    ///   the manifest asks for approval
    "APR-007" "automation-gated" {
        summary: "an approval by automation has a documented gate and an owner",
        severity: Medium,
        gate: Operability,
        needs: [Models, Packages, TrailEvents],
        uses: [LogFiles, Archive, Roles],
        remedy: "declare the gate in the manifest with its role, step, thresholds and owner; where the risk is high, have a person sign off",
        role: "model owner",
        frameworks: [("NIST AI RMF", "MAP 3.5"), ("ISO/IEC 42001", "A.9.2"), ("EU AI Act", "Art. 14")],
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
    let Some(approved) = &approval.approved else {
        return Verdict::unknown(format!("no event shows who approved `{arn}`"))
            .cite(package, format!("`{arn}` is Approved"));
    };
    let by = name(&approved.by);
    if approved.by.kind == ActorKind::Human {
        return Verdict::not_applicable(format!("{by}, a person, approved it"));
    }
    let gate = declared(live, context, |manifest| {
        let gate = manifest.automation_gates.iter().find(|gate| is_role(&approved.by, &gate.role))?;
        Some((gate, manifest.owner.as_deref()))
    });
    let verdict = match (gate, approved.by.kind) {
        (Declared::Says((gate, owner)), _) => documented(gate, owner),
        (Declared::Unsure, _) => {
            Verdict::unknown(format!("`{by}` approved `{arn}`, and which manifest applies is not known"))
        }
        (Declared::Silent, ActorKind::Automation) => {
            Verdict::fail(format!("automation approved `{arn}` as `{by}`, and no gate of that role is declared"))
        }
        (Declared::Silent, _) => {
            Verdict::unknown(format!("whether automation approved `{arn}` is not proved: {}", approved.by.rule))
        }
    };
    verdict.cite(approved.event, format!("{} set `{arn}` to Approved at {}", approved.by.identity, approved.at))
}

fn documented(gate: &AutomationGate, owner: Option<&str>) -> Verdict {
    let role = &gate.role;
    match (owner, &gate.step, gate.thresholds.as_slice()) {
        (None, ..) => Verdict::fail(format!("the gate `{role}` is declared, and the manifest names no owner")),
        (Some(_), None, []) => {
            Verdict::fail(format!("the gate `{role}` is declared with neither a step nor thresholds"))
        }
        (Some(owner), step, thresholds) => {
            let by = step.iter().chain(thresholds).map(String::as_str).collect::<Vec<_>>().join(", ");
            Verdict::pass(format!("the gate `{role}` is declared: {by}; {owner} owns it"))
                .note("what the step did in the run that approved is not looked at")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, TrailEvent, UserIdentity};

    fn approved_by(identity: UserIdentity) -> Fixture {
        Fixture::sound().edit(move |event: &mut TrailEvent| {
            if event.time == at(APPROVED) {
                event.identity = identity.clone();
            }
        })
    }

    fn gated(change: impl Fn(&mut AutomationGate)) -> Fixture {
        let mut gate = AutomationGate {
            role: "release".to_owned(),
            step: Some("evaluate".to_owned()),
            thresholds: vec!["auc > 0.8".to_owned()],
        };
        change(&mut gate);
        approved_by(pipeline("release")).manifest(|manifest| manifest.automation_gates = vec![gate])
    }

    #[test]
    fn a_gate_says_what_it_decides_by_and_who_owns_it() {
        Tester::new(&CONTROL)
            .pass(gated(|_| ()), "declared: evaluate, auc > 0.8, Maria Stern owns it")
            .note("not looked at")
            .pass(gated(|gate| gate.thresholds.clear()), "declared: evaluate")
            .pass(gated(|gate| gate.step = None), "auc > 0.8")
            .fail(
                gated(|gate| {
                    gate.step = None;
                    gate.thresholds.clear();
                }),
                "neither a step nor thresholds",
            )
            .fail(gated(|_| ()).manifest(|manifest| manifest.owner = None), "names no owner")
            .fail(gated(|gate| gate.role = "another".to_owned()), "no gate of that role")
            .fail(approved_by(pipeline("release")), "no gate of that role");
    }

    #[test]
    fn a_person_needs_no_gate_and_nobody_known_is_unknown() {
        let nobody = Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(APPROVED));
        Tester::new(&CONTROL)
            .not_applicable(Fixture::sound(), "anna, a person")
            .unknown(approved_by(session("ml-team", "anna")), "not proved")
            .unknown(nobody, "no event shows")
            .not_applicable(Fixture::sound().rejected("2026-05-20T10:00:00Z"), "not approved")
            .hidden(gated(|_| ()).hidden_all(FactKind::TrailEvents));
    }
}

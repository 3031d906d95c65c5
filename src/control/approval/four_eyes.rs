//! APR-003

use super::{is_approved, judge_each, name, standing_for};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Cite, Context, Status, Verdict, worst};
use crate::declare_control;
use crate::estate::{Actor, ActorKind, Approval, LiveVersion};
use crate::policy::Risk;

declare_control! {
    /// ## What it requires
    /// Whoever approved a version neither registered nor deployed it.
    ///
    /// ## Why
    /// An approval by its own author, or by the role that also trained it, challenges nothing.
    ///
    /// ## Evidence
    /// The identities behind the events that approved, registered and deployed it. Persons are compared where the identity
    /// proves one: a session's name is chosen by its caller, so it counts only in roles of IAM Identity Center, where a
    /// source identity or a Studio profile names the person, and for IAM users. Else roles are compared.
    ///
    /// ## Results
    /// - **pass**: different persons, or a person approved what a pipeline registered (who started the pipeline is not looked
    ///   at, and the note says so)
    /// - **fail**: one person on both sides, even through two permission sets; one automation role on both sides; one call that
    ///   registered it as approved, whoever made it
    /// - **unknown**: who approved or who registered cannot be told; one shared role on both sides; different roles, but no
    ///   person who approved
    /// - **not applicable**: not approved (APR-001 owns that); a low risk for which the manifest accepts a single approval;
    ///   not registered; outside production unless the manifest asks for approval
    "APR-003" "four-eyes" {
        summary: "whoever approved it neither registered nor deployed it",
        severity: High,
        gate: Fix,
        needs: [Models, Packages, TrailEvents],
        uses: [LogFiles, Archive, Roles],
        remedy: "have somebody else approve it, and give approvers a permission set of their own, conditioned on sagemaker:ModelApprovalStatus",
        role: "model approver",
        frameworks: [("NIST AI RMF", "GOVERN 2.1, 3.2"), ("ISO/IEC 42001", "A.3.2"), ("EU AI Act", "Art. 14"), ("PRA SS1/23", "P4")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let single = declared(live, context, |manifest| {
        (manifest.single_approval && manifest.risk == Some(Risk::Low)).then_some(())
    });
    if single == Declared::Says(()) {
        return Verdict::not_applicable("its risk is low, and the manifest accepts a single approval").settled();
    }
    let verdict = judge_each(live, context, |approval| standing_for(approval, |approval| judge(approval, live)));
    if single == Declared::Unsure {
        return verdict.doubted("its group could not be read, so whether a single approval is enough is not known");
    }
    verdict
}

fn judge(approval: &Approval<'_>, live: &LiveVersion<'_>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    if !is_approved(approval) {
        return Verdict::not_applicable(format!("`{arn}` is not approved; APR-001 judges that"));
    }
    let Some(approved) = &approval.approved else {
        return Verdict::unknown(format!("no event shows who approved `{arn}`"))
            .cite(package, format!("`{arn}` is Approved"));
    };
    if approval.registration.as_ref().is_some_and(|registration| registration.event.data.id == approved.event.data.id) {
        return Verdict::fail(format!("one call by {} registered and approved `{arn}`", approved.by.identity))
            .cite(approved.event, format!("{} registered it as Approved at {}", approved.by.identity, approved.at));
    }
    let registered = approval.registration.as_ref().map_or(package.seen.as_slice(), |event| event.event.seen);
    let Some(registrar) = &approval.registrar else {
        return Verdict::unknown(format!("who registered `{arn}` is not known"));
    };
    let mut results = vec![compare(&approved.by, registrar, "registered")];
    let deployed = live.live_from.and_then(|from| from.event).zip(live.deployer.as_ref());
    results.extend(deployed.and_then(|(event, deployer)| {
        // A deployer who cannot be told apart is no proof of anything; one who can must be somebody else.
        let compared = compare(&approved.by, deployer, "deployed");
        (compared.status == Status::Fail)
            .then(|| compared.cite(event, format!("{} deployed it at {}", deployer.identity, event.data.time)))
    }));
    let Some(mut verdict) = worst(results) else { return Verdict::unknown("nobody to compare") };
    let known = [
        Cite {
            what: format!("{} approved it at {} ({})", approved.by.identity, approved.at, approved.by.rule),
            seen: approved.event.seen.to_vec(),
        },
        Cite { what: format!("{} registered it ({})", registrar.identity, registrar.rule), seen: registered.to_vec() },
    ];
    verdict.cites.splice(0..0, known);
    verdict
}

fn compare(approver: &Actor, other: &Actor, did: &str) -> Verdict {
    let (by, who) = (name(approver), name(other));
    let same_role = approver.role.is_some() && approver.role == other.role;
    match (&approver.person, &other.person) {
        (Some(one), Some(two)) if one == two => Verdict::fail(format!("{by} approved and {did} it")),
        (Some(_), Some(_)) if approver.directory == other.directory => {
            Verdict::pass(format!("{by} approved what {who} {did}"))
        }
        (Some(_), Some(_)) => Verdict::unknown(format!(
            "{by} approved what {who} {did}, and whether they are one person is not known: {} names one, {} the other",
            directory(approver),
            directory(other)
        )),
        _ if same_role && approver.kind == ActorKind::Automation && other.kind == ActorKind::Automation => {
            Verdict::fail(format!("the automation role `{}` approved and {did} it", role(approver)))
        }
        _ if same_role => Verdict::unknown(format!(
            "one role, `{}`, approved and {did} it, and the names of its sessions prove nobody",
            role(approver)
        )),
        (Some(_), None) if other.kind == ActorKind::Automation => {
            Verdict::pass(format!("{by} approved what automation {did}"))
                .note("who started that automation is not looked at")
        }
        (None, _) => Verdict::unknown(format!("`{by}` approved it, which proves no person: {}", approver.rule)),
        (Some(_), None) => Verdict::unknown(format!("`{who}` {did} it, which proves no person: {}", other.rule)),
    }
}

fn directory(actor: &Actor) -> &str {
    actor.directory.as_deref().unwrap_or("nobody")
}

fn role(actor: &Actor) -> &str {
    actor.role.as_deref().unwrap_or(&actor.identity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, Package, TrailEvent, UserIdentity};

    /// The sound estate with these identities behind registration, approval and deployment.
    fn by(registrar: UserIdentity, approver: UserIdentity, deployer: UserIdentity) -> Fixture {
        Fixture::sound()
            .edit_named(PACKAGE, |package: &mut Package| package.created_by = Some(principal(&registrar)))
            .edit(|event: &mut TrailEvent| {
                let who = [(REGISTERED, &registrar), (APPROVED, &approver), (DEPLOYED, &deployer)];
                if let Some((_, identity)) = who.iter().find(|(time, _)| event.time == at(time)) {
                    event.identity = (*identity).clone();
                }
            })
    }

    #[test]
    fn different_persons_and_one_person() {
        let mut through_another_set = sso("anna");
        for arn in [&mut through_another_set.arn, &mut through_another_set.role_arn].into_iter().flatten() {
            *arn = arn.replace("ModelApprover", "DataScientist");
        }
        Tester::new(&CONTROL)
            .pass(by(sso("ben"), sso("anna"), pipeline("deploy")), "anna approved what ben registered")
            .pass(Fixture::sound(), "anna, automation")
            .note("who started that automation")
            .fail(by(sso("anna"), sso("anna"), pipeline("deploy")), "anna approved and registered")
            .fail(by(through_another_set, sso("anna"), pipeline("deploy")), "anna approved and registered")
            .fail(by(sso("ben"), sso("anna"), sso("anna")), "anna approved and deployed");
    }

    #[test]
    fn roles_are_compared_where_no_person_is_proved() {
        let anyone = |name| session("ml-team", name);
        Tester::new(&CONTROL)
            .fail(by(pipeline("train"), pipeline("train"), pipeline("deploy")), "automation role, train")
            .unknown(by(pipeline("train"), pipeline("release"), pipeline("deploy")), "proves no person")
            .unknown(by(sso("ben"), pipeline("release"), pipeline("deploy")), "proves no person")
            .unknown(by(anyone("ben"), anyone("anna"), pipeline("deploy")), "one role, prove nobody")
            .unknown(by(sso("ben"), anyone("anna"), pipeline("deploy")), "proves no person")
            .unknown(by(anyone("ben"), sso("anna"), pipeline("deploy")), "proves no person");
    }

    #[test]
    fn one_call_is_one_pair_of_eyes_whoever_made_it() {
        let born = Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(APPROVED)).edit(
            |event: &mut TrailEvent| {
                if event.time == at(REGISTERED) {
                    event.identity = session("ml-team", "anna");
                    event.request.insert("modelapprovalstatus", "Approved");
                }
            },
        );
        Tester::new(&CONTROL).fail(born, "one call, registered and approved");
    }

    #[test]
    fn without_the_events_it_cannot_be_told() {
        let no_approval = Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(APPROVED));
        let registered_by =
            |who: Option<crate::evidence::Principal>| move |package: &mut Package| package.created_by = who.clone();
        let unregistered = Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(REGISTERED));
        Tester::new(&CONTROL)
            .unknown(no_approval, "no event shows who approved")
            .fail(
                unregistered.clone().edit_named(PACKAGE, registered_by(Some(principal(&sso("anna"))))),
                "anna approved and registered",
            )
            .unknown(unregistered.edit_named(PACKAGE, registered_by(None)), "who registered, not known")
            .hidden(Fixture::sound().hidden_all(FactKind::TrailEvents));
    }

    #[test]
    fn a_low_risk_may_do_with_one_approval() {
        let same =
            || by(sso("anna"), sso("anna"), pipeline("deploy")).manifest(|manifest| manifest.single_approval = true);
        Tester::new(&CONTROL)
            .not_applicable(same().manifest(|manifest| manifest.risk = Some(Risk::Low)), "risk is low")
            .fail(same().manifest(|manifest| manifest.risk = Some(Risk::High)), "anna")
            .fail(same(), "anna")
            .not_applicable(Fixture::sound().rejected("2026-05-20T10:00:00Z"), "not approved");
    }
}

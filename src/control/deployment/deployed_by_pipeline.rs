//! DEP-003

use crate::control::approval::{is_role, may_still_arrive, name};
use crate::control::declared::{Declared, declared};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{Actor, ActorKind, LiveContainer, LiveVersion, Lookup, Registration, ServingPath};
use crate::policy::Stage;

declare_control! {
    /// ## What it requires
    /// In production a pipeline deploys, under a role that the manifest declares where it declares any, and whoever approved a
    /// version does not deploy it.
    ///
    /// ## Why
    /// A person who may call `UpdateEndpoint` may put anything into service, past every check that a pipeline makes; one who
    /// also approves needs nobody else at all.
    ///
    /// ## Evidence
    /// The identity behind the call that put the version into service; `deployers` of the manifest; who approved.
    ///
    /// ## Results
    /// - **pass**: a declared role; where none is declared, automation
    /// - **fail**: a person, the root user, or a role that is not declared; whoever approved it
    /// - **unknown**: the deployment is out of reach or may still arrive; the identity proves neither a person nor automation
    /// - **not applicable**: outside production; batch jobs, which are started rather than deployed
    "DEP-003" "deployed-by-pipeline" {
        summary: "a pipeline deployed it, and not whoever approved it",
        severity: Medium,
        gate: Operability,
        needs: [TrailEvents],
        uses: [LogFiles, Archive, Roles, Packages],
        remedy: "take CreateEndpoint and UpdateEndpoint away from people, keep a break-glass role that somebody watches, and declare the roles that deploy",
        role: "release engineer",
        frameworks: [("NIST AI RMF", "GOVERN 2.1"), ("ISO/IEC 42001", "A.3.2"), ("EU AI Act", "Art. 17")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if live.path == ServingPath::Batch {
        return Verdict::not_applicable("batch jobs are started, not deployed").settled();
    }
    let doubt = stage_doubt(live, context);
    if live.stage.stage != Stage::Production && doubt.is_none() {
        return Verdict::not_applicable(format!("outside production anybody may deploy: {}", live.stage.rule));
    }
    let verdict = judge(live, context);
    match doubt {
        Some(doubt) => verdict.doubted(doubt),
        None => verdict,
    }
}

/// Why it is not sure that this stage is the one, where it is not: a rule could not be applied that comes before the one that
/// decided.
fn stage_doubt(live: &LiveVersion<'_>, context: Context<'_>) -> Option<&'static str> {
    if context.policy.stage.accounts.contains_key(live.account) {
        return None;
    }
    let others_stood_in = context.view.billed_tags(live) == Lookup::Unseen && live.tags != Lookup::Unseen;
    if live.stage.uncertain || others_stood_in {
        return Some("tags decide its stage and could not be read");
    }
    let unread = |container: &LiveContainer<'_>| matches!(container.registration, Registration::Unseen { .. });
    let unread = !live.resolved() || live.containers.iter().any(unread);
    let by_group = declared(live, context, |manifest| manifest.stage) == Declared::Unsure;
    (!live.stage.by_tag && (by_group || unread)).then_some("its package could not be read, which may decide its stage")
}

fn judge<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let Some((from, event)) = live.live_from.and_then(|from| Some((from, from.event?))) else {
        let modified = live.endpoint.and_then(|endpoint| endpoint.data.modified);
        return match modified.filter(|modified| may_still_arrive(*modified, context)) {
            Some(modified) => Verdict::unknown(format!("it was changed at {modified}, and the event may still arrive")),
            None => Verdict::unknown("the call that deployed it is out of reach"),
        };
    };
    let Some(deployer) = &live.deployer else {
        return Verdict::unknown("the call that deployed it names nobody");
    };
    let by = name(deployer);
    let verdict = match approver(live, deployer) {
        Some(arn) => Verdict::fail(format!("{by} deployed it, and approved `{arn}`")),
        None => of_role(deployer, live, context),
    };
    let verdict =
        if from.exact { verdict } else { verdict.note("an earlier deployment of the same model may be out of reach") };
    verdict.cite(
        event,
        format!("{} called {} at {} ({})", deployer.identity, event.data.name, event.data.time, deployer.rule),
    )
}

/// A package behind the live version that whoever deployed it approved.
fn approver<'a>(live: &'a LiveVersion<'_>, deployer: &Actor) -> Option<&'a str> {
    let same = |approver: &Actor| {
        approver.person.is_some() && approver.person == deployer.person
            || approver.role.is_some() && approver.role == deployer.role && approver.kind == ActorKind::Automation
    };
    let approvals = live.approvals.iter().map(crate::estate::Approval::standing);
    let mut approved = approvals.filter(|approval| approval.approved.as_ref().is_some_and(|event| same(&event.by)));
    approved.next().map(|approval| approval.package.data.arn.as_str())
}

fn of_role(deployer: &Actor, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    let by = name(deployer);
    let roles = declared(live, context, |manifest| (!manifest.deployers.is_empty()).then_some(&manifest.deployers));
    match (roles, deployer.kind) {
        (Declared::Says(roles), _) if roles.iter().any(|role| is_role(deployer, role)) => {
            Verdict::pass(format!("the declared role `{by}` deployed it"))
        }
        (_, ActorKind::Human) => Verdict::fail(format!("{by}, a person, deployed it in production")),
        (_, ActorKind::Unknown) if deployer.role.as_deref().is_some_and(|role| role.ends_with(":root")) => {
            Verdict::fail("the root user deployed it in production")
        }
        (Declared::Says(_), ActorKind::Automation) => {
            Verdict::fail(format!("`{by}` deployed it, which is none of the declared roles"))
        }
        (Declared::Unsure, _) => {
            Verdict::unknown(format!("`{by}` deployed it, and which manifest applies is not known"))
        }
        (Declared::Silent, ActorKind::Automation) => Verdict::pass(format!("automation deployed it, as `{by}`"))
            .note("the manifest declares no roles that deploy"),
        (_, ActorKind::Unknown) => {
            Verdict::unknown(format!("whether a person deployed it is not proved: {}", deployer.rule))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Endpoint, FactKind, ResourceTags, TrailEvent, UserIdentity};

    fn by(identity: UserIdentity) -> Fixture {
        Fixture::sound().edit(move |event: &mut TrailEvent| {
            if event.time == at(DEPLOYED) {
                event.identity = identity.clone();
            }
        })
    }

    fn declaring(fixture: Fixture, role: &str) -> Fixture {
        fixture.manifest(|manifest| manifest.deployers = vec![role.to_owned()])
    }

    #[test]
    fn pipelines_deploy_and_people_do_not() {
        let root = UserIdentity {
            kind: Some("Root".to_owned()),
            arn: Some(format!("arn:aws:iam::{ACCOUNT}:root")),
            ..UserIdentity::default()
        };
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "automation deployed it")
            .note("declares no roles")
            .pass(declaring(Fixture::sound(), "deploy"), "declared role")
            .fail(declaring(Fixture::sound(), "another"), "none of the declared roles")
            .fail(by(sso("ben")), "ben, a person, in production")
            .fail(by(sso("anna")), "anna deployed it, and approved")
            .fail(by(root), "root user")
            .pass(declaring(by(session("break-glass", "ben")), "break-glass"), "declared role")
            .unknown(by(session("ml-team", "ben")), "not proved");
    }

    #[test]
    fn the_role_that_approved_is_not_to_deploy() {
        let both = by(pipeline("release")).edit(|event: &mut TrailEvent| {
            if event.time == at(APPROVED) {
                event.identity = pipeline("release");
            }
        });
        Tester::new(&CONTROL).fail(both, "deployed it, and approved");
    }

    #[test]
    fn a_deployment_out_of_reach_is_unknown() {
        let young = |endpoint: &mut Endpoint| endpoint.modified = Some(at("2026-06-01T11:50:00Z"));
        Tester::new(&CONTROL)
            .unknown(Fixture::sound().without_events(), "out of reach")
            .unknown(Fixture::sound().without_events().edit(young), "may still arrive")
            .hidden(Fixture::sound().hidden_all(FactKind::TrailEvents));
    }

    #[test]
    fn outside_production_and_in_batch_it_does_not_apply() {
        let development = |tags: &mut ResourceTags| drop(tags.tags.insert("stage".to_owned(), "dev".to_owned()));
        let batch = Fixture::sound().with(job("night", MODEL, "2026-05-20T01:00:00Z"));
        Tester::new(&CONTROL)
            .not_applicable(by(sso("ben")).edit_named(ENDPOINT_ARN, development), "outside production")
            .on("batch/")
            .not_applicable(batch, "batch jobs");
    }

    #[test]
    fn where_what_decides_the_stage_is_unread_nobody_knows_whether_it_applies() {
        let pilot = || {
            Fixture::sound().manifest(|manifest| manifest.stage = Some(Stage::Pilot)).edit(|tags: &mut ResourceTags| {
                tags.tags.remove("stage");
            })
        };
        let unread = || pilot().hidden_all(FactKind::EndpointConfigs);
        let of_account = unread().policy(|policy| {
            policy.stage.accounts.insert(ACCOUNT.to_owned(), Stage::Pilot);
        });
        Tester::new(&CONTROL)
            .not_applicable(pilot(), "says pilot")
            .unknown(unread(), "may decide its stage")
            .not_applicable(of_account, "outside production");
    }
}

//! AUD-003

use super::nothing_serves;
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{ActorKind, ApprovalEvent, LiveVersion};
use crate::evidence::{Fact, FactKind, StudioDomain};

declare_control! {
    /// ## What it requires
    /// Where people work in SageMaker Studio under a shared execution role, their sessions carry who they are.
    ///
    /// ## Why
    /// Every user of a domain acts as the same role under the same session name. An approval from there is an approval by
    /// nobody, unless the domain hands on the user's profile as source identity.
    ///
    /// ## Evidence
    /// `ExecutionRoleIdentityConfig` of the domains of the region; the identities behind the approvals of what serves there.
    ///
    /// ## Results
    /// - **pass**: each domain hands on the user's profile; or one does not, and no approval came from Studio
    /// - **fail**: a domain does not, and an approval came from a shared session that names nobody
    /// - **unknown**: domains were not read, or not described; a domain does not, and not every approval is within reach
    /// - **not applicable**: there are no domains, or nothing serves there
    "AUD-003" "shared-roles-name-people" {
        summary: "sessions from Studio carry who works in them",
        severity: Medium,
        gate: Operability,
        needs: [Domains],
        uses: [
            TrailEvents, LogFiles, Archive, Roles, Endpoints, EndpointConfigs, Models, InferenceComponents, TransformJobs, Packages
        ],
        remedy: "set ExecutionRoleIdentityConfig of the domain to USER_PROFILE_NAME with update-domain; its apps must be stopped for that",
        role: "platform administrator",
        frameworks: [("NIST AI RMF", "GOVERN 2.1")],
        check: Check::Region(check),
    }
}

fn check<'a>(account: &'a str, region: &'a str, context: Context<'a>) -> Verdict {
    if let Some(verdict) = nothing_serves(account, region, context) {
        return verdict;
    }
    let snapshot = context.estate.snapshot;
    let of_place = |fact: &&Fact<StudioDomain>| (fact.account.as_str(), fact.region.as_str()) == (account, region);
    let domains: Vec<_> = snapshot.facts.domains.iter().filter(of_place).collect();
    if domains.is_empty() {
        let asked = snapshot.stats.calls.iter().any(|call| call.operation == "ListDomains");
        return if asked {
            Verdict::not_applicable("there are no Studio domains")
        } else {
            Verdict::unknown("Studio domains were not read")
        };
    }
    let cite = |verdict: Verdict, fact: &Fact<StudioDomain>| {
        let config = fact.data.identity_config.as_deref().unwrap_or("not read");
        verdict.cite(fact, format!("domain `{}`: ExecutionRoleIdentityConfig is {config}", fact.data.id))
    };
    let handed_on = |fact: &&&Fact<StudioDomain>| fact.data.identity_config.as_deref() == Some("USER_PROFILE_NAME");
    if let Some(unread) = domains.iter().find(|fact| fact.data.identity_config.is_none()) {
        return cite(Verdict::unknown(format!("domain `{}` could not be described", unread.data.id)), unread);
    }
    let Some(silent) = domains.iter().find(|fact| !handed_on(fact)) else {
        let verdict = Verdict::pass("each Studio domain hands on the user's profile");
        return domains.iter().take(3).fold(verdict, |verdict, fact| cite(verdict, fact));
    };
    cite(without_names(silent, account, region, context), silent)
}

/// A domain names nobody: whether that matters.
fn without_names(domain: &Fact<StudioDomain>, account: &str, region: &str, context: Context<'_>) -> Verdict {
    let id = &domain.data.id;
    let serving = || context.estate.live.iter().filter(|live| (live.account, live.region) == (account, region));
    let approvals = || serving().flat_map(|live: &LiveVersion<'_>| &live.approvals);
    let nameless =
        approvals().filter_map(|approval| approval.approved.as_ref()).find(|event| is_nameless_studio(event));
    if let Some(event) = nameless {
        return Verdict::fail(format!(
            "domain `{id}` does not hand on who works in it, and `{}` approved at {} under a shared role",
            event.by.identity, event.at
        ))
        .cite(event.event, format!("{} set the status to Approved: {}", event.by.identity, event.by.rule));
    }
    let unsure = approvals().filter_map(|approval| approval.approved.as_ref()).find(|event| is_unproved_studio(event));
    if let Some(event) = unsure {
        return Verdict::unknown(format!(
            "domain `{id}` does not hand on who works in it, and who approved as `{}` is not proved: {}",
            event.by.identity, event.by.rule
        ))
        .cite(event.event, "set the status to Approved".to_owned());
    }
    let in_reach = approvals().all(|approval| approval.grade.proved() || approval.events_cover.is_whole());
    let all_seen = BEHIND_APPROVALS.iter().all(|kind| context.view.gaps_of(account, region, *kind).next().is_none());
    if in_reach && all_seen {
        Verdict::pass(format!("domain `{id}` does not hand on who works in it, and no live approval came from Studio"))
    } else {
        Verdict::unknown(format!(
            "domain `{id}` does not hand on who works in it, and whether an approval came from Studio is out of reach"
        ))
    }
}

/// Where one of these was not read, an approval may stand behind what was not seen.
const BEHIND_APPROVALS: [FactKind; 6] = [
    FactKind::Endpoints,
    FactKind::EndpointConfigs,
    FactKind::Models,
    FactKind::InferenceComponents,
    FactKind::TransformJobs,
    FactKind::Packages,
];

/// Whether a shared session approved that says nothing of who works in it.
fn is_nameless_studio(event: &ApprovalEvent<'_>) -> bool {
    is_unproved_studio(event) && event.event.data.identity.source_identity.is_none()
}

/// Studio calls each session of a shared role `SageMaker`; Unified Studio's project roles have a name of their own.
fn is_unproved_studio(event: &ApprovalEvent<'_>) -> bool {
    let studio = event.by.identity.ends_with("/SageMaker") || event.by.identity.contains("/datazone_usr_role_");
    event.by.kind != ActorKind::Human && studio
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, TrailEvent, UserIdentity};

    fn domain(config: Option<&str>) -> StudioDomain {
        StudioDomain {
            id: "d-1".to_owned(),
            name: Some("science".to_owned()),
            identity_config: config.map(str::to_owned),
            execution_roles: vec![format!("arn:aws:iam::{ACCOUNT}:role/studio")],
        }
    }

    fn approved_by(fixture: Fixture, identity: UserIdentity) -> Fixture {
        fixture.edit(move |event: &mut TrailEvent| {
            if event.time == at(APPROVED) {
                event.identity = identity.clone();
            }
        })
    }

    #[test]
    fn a_domain_hands_on_who_works_in_it_or_nobody_approves_there() {
        let silent = || Fixture::sound().with(domain(Some("DISABLED")));
        let named = || Fixture::sound().with(domain(Some("USER_PROFILE_NAME")));
        let studio = || session("studio", "SageMaker");
        Tester::new(&CONTROL)
            .pass(named(), "hands on the user's profile")
            .pass(approved_by(named(), studio()), "hands on")
            .pass(silent(), "no live approval came from Studio")
            .fail(approved_by(silent(), studio()), "under a shared role")
            .fail(approved_by(silent(), session("datazone_usr_role_a_b", "u")), "under a shared role")
            .fail(
                named().with(StudioDomain { id: "d-2".to_owned(), ..domain(Some("DISABLED")) }).edit(
                    move |event: &mut TrailEvent| {
                        if event.time == at(APPROVED) {
                            event.identity = session("studio", "SageMaker");
                        }
                    },
                ),
                "d-2",
            );
    }

    #[test]
    fn what_was_not_read_is_unknown() {
        let mut unasked = Fixture::sound();
        unasked.snapshot.stats.calls.clear();
        Tester::new(&CONTROL)
            .unknown(unasked, "were not read")
            .not_applicable(Fixture::sound(), "no Studio domains")
            .unknown(Fixture::sound().with(domain(None)), "could not be described")
            .unknown(
                Fixture::sound().with(domain(Some("DISABLED"))).events_since("2026-05-20T00:00:00Z"),
                "out of reach",
            )
            .hidden(Fixture::sound().with(domain(Some("DISABLED"))).hidden_all(FactKind::Domains));
    }
}

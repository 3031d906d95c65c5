//! APR-004

use jiff::Timestamp;

use super::{events_cover, is_approved, judge_each, may_still_arrive, name, standing_for, words};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{Approval, ApprovalEvent, LiveFrom, LiveVersion, ServingPath};
use crate::evidence::ApprovalStatus;

declare_control! {
    /// ## What it requires
    /// A version was approved when its first request could reach it.
    ///
    /// ## Why
    /// A model that is built from the raw artifact needs no approval to be deployed; a package approved afterwards then looks
    /// as if everything had been in order.
    ///
    /// ## Evidence
    /// The events that set the approval status, against the deployment. Where the deployment was not seen, exposure began
    /// between the creation of the model or component and the instant by which it served.
    ///
    /// ## Results
    /// - **pass**: approved at that time, and not rejected in between
    /// - **fail**: approved after it began to serve, or never
    /// - **unknown**: either time is not known, or the approval falls between the earliest and the latest moment at which it
    ///   may have begun to serve; an event that is missing and may still arrive
    /// - **not applicable**: shadow variants, whose answers are dropped; not registered; outside production unless the
    ///   manifest asks for approval
    "APR-004" "approval-precedes-exposure" {
        summary: "it was approved before it served",
        severity: Critical,
        gate: Fix,
        needs: [Models, Packages, TrailEvents, TransformJobs],
        uses: [EndpointConfigs, LogFiles, Archive, Roles],
        remedy: "review what it did before it was approved, and let deployments start from the approval's event only",
        role: "release engineer",
        frameworks: [("NIST AI RMF", "MANAGE 1.1"), ("ISO/IEC 42001", "A.6.2.5"), ("PRA SS1/23", "P2")],
        check: Check::LiveVersion(check),
    }
}

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if live.path == ServingPath::Shadow {
        return Verdict::not_applicable("it is a shadow variant, whose answers are dropped").settled();
    }
    judge_each(live, context, |approval| standing_for(approval, |approval| judge(approval, live, context)))
}

fn judge(approval: &Approval<'_>, live: &LiveVersion<'_>, context: Context<'_>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    let Some(from) = live.live_from else {
        return Verdict::unknown("since when it serves is not known");
    };
    if approval.approved.is_none() && !is_approved(approval) && events_cover(approval) {
        return served(
            Verdict::fail(format!("`{arn}` serves and was never approved")).cite(package, state(approval)),
            from,
        );
    }
    let (earliest, latest) = exposure(live, from);
    let Some(approved) = &approval.approved else {
        // Nothing about the package changed after its last modification, so it was approved by then.
        return match package.data.modified {
            Some(modified) if is_approved(approval) && modified <= earliest => served(
                Verdict::pass(format!("`{arn}` was last changed at {modified}, before it served, and is Approved"))
                    .cite(package, state(approval))
                    .note("no event of the approval was seen; that nothing changed since proves its order"),
                from,
            ),
            Some(modified) if may_still_arrive(modified, context) => {
                Verdict::unknown(format!("`{arn}` was changed at {modified}, and the event may still arrive"))
            }
            _ => Verdict::unknown(format!("when `{arn}` was approved is not known")).cite(package, state(approval)),
        };
    };
    let said = format!("{} set `{arn}` to Approved at {}", name(&approved.by), approved.at);
    let verdict = match approved_during(approval, earliest, latest) {
        Some(true) => Verdict::pass(format!("approved at {}, served from {}", approved.at, from.at)),
        Some(false) => match approved.at.duration_since(latest) {
            late if late.is_positive() => {
                Verdict::fail(format!("`{arn}` was approved {} after it began to serve", words(late)))
            }
            _ => Verdict::fail(format!("`{arn}` was not approved when it began to serve at {}", from.at)),
        },
        None if earliest == latest => {
            Verdict::unknown(format!("whether `{arn}` was approved at {latest} is not known"))
        }
        None => Verdict::unknown(format!(
            "it began to serve between {earliest} and {latest}, and whether `{arn}` was approved all that time is not known"
        )),
    };
    served(verdict.cite(approved.event, said), from)
}

/// The earliest and the latest moment at which the first request may have reached it.
fn exposure(live: &LiveVersion<'_>, from: LiveFrom<'_>) -> (Timestamp, Timestamp) {
    if from.exact {
        return (from.at, from.at);
    }
    // It cannot have served before its model was made; an earlier config may have held that model.
    let component = live.component.and_then(|component| component.data.created);
    let made = from.not_before.max(component);
    (made.map_or(Timestamp::MIN, |made| made.min(from.at)), from.at)
}

/// Whether it was Approved during all of a time, or at no moment of it; `None` if neither is known.
fn approved_during(approval: &Approval<'_>, earliest: Timestamp, latest: Timestamp) -> Option<bool> {
    let sequence = || approval.registration.iter().chain(&approval.changes);
    let approves = |event: &ApprovalEvent<'_>| event.status == ApprovalStatus::Approved;
    let before = sequence().filter(|event| event.at <= earliest).max_by_key(|event| event.at).map(approves);
    let first = match before {
        Some(before) => before,
        // Before the first event that was seen, nothing is known; but no version is approved before it is registered.
        None if approval.package.data.created.is_some_and(|created| created > earliest) => false,
        None => return None,
    };
    let meanwhile = sequence().filter(|event| event.at > earliest && event.at <= latest);
    meanwhile.map(approves).all(|then| then == first).then_some(first)
}

fn served(verdict: Verdict, from: LiveFrom<'_>) -> Verdict {
    match from.event {
        Some(event) => {
            let verdict =
                verdict.cite(event, format!("{} put it into service at {}", event.data.name, event.data.time));
            if from.exact {
                verdict
            } else {
                verdict.note("an earlier deployment of the same model may be out of reach")
            }
        }
        None if from.exact => verdict,
        None => verdict.note(format!("the deployment itself was not seen; it served at {} at the latest", from.at)),
    }
}

fn state(approval: &Approval<'_>) -> String {
    let status = approval.status.map_or("without a status", ApprovalStatus::as_str);
    format!("`{}` is {status}", approval.package.data.arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{EndpointConfig, FactKind, Model, Package, TrailEvent};

    /// Approved at another time.
    fn approved_at(time: &'static str) -> Fixture {
        Fixture::sound()
            .edit(move |event: &mut TrailEvent| {
                if event.time == at(APPROVED) {
                    event.time = at(time);
                }
            })
            .edit_named(PACKAGE, move |package: &mut Package| package.modified = Some(at(time)))
    }

    fn undeployed(fixture: Fixture) -> Fixture {
        fixture.drop_where(|event: &TrailEvent| event.name == "UpdateEndpoint" || event.name == "CreateEndpoint")
    }

    #[test]
    fn event_times_are_compared_when_both_are_known() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), APPROVED)
            .pass(approved_at("2026-05-06T07:59:59Z"), "approved at")
            .pass(approved_at(DEPLOYED), "approved at")
            .fail(approved_at("2026-05-06T08:00:01Z"), "after it began to serve")
            .fail(approved_at("2026-05-07T08:00:00Z"), "24 hours after");
    }

    #[test]
    fn log_files_without_digests_never_show_that_it_was_not_approved() {
        let pending =
            |package: &mut Package| package.approval = Some(crate::evidence::ApprovalStatus::PendingManualApproval);
        let logs = |verified| {
            let late = Fixture::sound().events_since("2026-05-20T00:00:00Z").edit_named(PACKAGE, pending);
            late.logs("2026-05-01T00:00:00Z", "2026-05-21T00:00:00Z", verified)
        };
        Tester::new(&CONTROL).fail(logs(true), "never approved").unknown(logs(false), "not known");
    }

    #[test]
    fn a_rejection_in_between_counts() {
        let between = Fixture::sound()
            .with(approval(PACKAGE, "2026-05-06T06:00:00Z", "Rejected", sso("ben")))
            .with(approval(PACKAGE, "2026-05-07T08:00:00Z", "Approved", sso("anna")));
        let before = Fixture::sound()
            .with(approval(PACKAGE, "2026-05-05T06:00:00Z", "Rejected", sso("ben")))
            .with(approval(PACKAGE, "2026-05-07T08:00:00Z", "Rejected", sso("ben")))
            .with(approval(PACKAGE, "2026-05-08T08:00:00Z", "Approved", sso("anna")));
        Tester::new(&CONTROL).fail(between, "after it began").pass(before, "approved at");
    }

    #[test]
    fn without_the_deployment_it_began_between_its_parts_and_the_latest_moment() {
        let later = |config: &mut EndpointConfig| config.created = Some(at("2026-05-04T12:00:00Z"));
        let model = |model: &mut Model| model.created = Some(at("2026-05-04T12:00:00Z"));
        Tester::new(&CONTROL)
            .pass(undeployed(Fixture::sound()), "approved at")
            .note("deployment itself was not seen")
            .unknown(undeployed(Fixture::sound()).edit(later).edit(model), "between")
            .fail(undeployed(approved_at("2026-05-20T08:00:00Z")), "after it began");
    }

    #[test]
    fn a_missing_event_is_not_a_missing_approval() {
        let missing = Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(APPROVED));
        let edited = |time: &'static str| move |package: &mut Package| package.modified = Some(at(time));
        let older = Fixture::sound().events_since("2026-05-06T00:00:00Z");
        Tester::new(&CONTROL)
            .unknown(missing.clone().edit_named(PACKAGE, edited("2026-05-20T10:00:00Z")), "when, approved, not known")
            .unknown(missing.edit_named(PACKAGE, edited("2026-06-01T11:55:00Z")), "may still arrive")
            .pass(older, "last changed, before it served")
            .note("no event of the approval")
            .hidden(Fixture::sound().hidden_all(FactKind::TrailEvents));
    }

    #[test]
    fn never_is_after() {
        let never = Fixture::sound()
            .drop_where(|event: &TrailEvent| event.time == at(APPROVED))
            .edit_named(PACKAGE, |package: &mut Package| {
                package.approval = Some(ApprovalStatus::PendingManualApproval)
            });
        Tester::new(&CONTROL).fail(never, "never approved");
    }

    #[test]
    fn taken_back_later_is_another_control() {
        Tester::new(&CONTROL).pass(Fixture::sound().rejected("2026-05-20T10:00:00Z"), "approved at");
    }

    #[test]
    fn shadows_answer_nobody() {
        let shadow = Fixture::sound()
            .edit(|endpoint: &mut crate::evidence::Endpoint| endpoint.shadow_variants = vec![variant("candidate")])
            .edit(|config: &mut EndpointConfig| config.shadow_variants = vec![settings("candidate", Some(MODEL))]);
        Tester::new(&CONTROL).on("/shadow/").not_applicable(shadow, "shadow");
    }
}

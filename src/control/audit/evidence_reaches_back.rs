//! AUD-002

use jiff::{SignedDuration, Timestamp};

use crate::control::approval::{Asked, asked};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{Approval, Cover, LiveVersion, Source};
use crate::evidence::ApprovalStatus;

declare_control! {
    /// ## What it requires
    /// The approval of everything that serves lies within reach of the evidence: the event history, log files that were read,
    /// or what earlier runs archived.
    ///
    /// ## Why
    /// The event history forgets after 90 days, and a model serves for years. An approval that nobody kept can no longer be
    /// proved, however sound it was.
    ///
    /// ## Evidence
    /// The best evidence of each live approval; how far back events were read; the day on which the event history forgets
    /// those that stand in it alone.
    ///
    /// ## Results
    /// - **pass**: each approval is proved by an event, or all events since the registration were read
    /// - **fail**: an approval lies before what was read, and nothing keeps it
    /// - **unknown**: what serves, packages, events, log files or the archive could not be read; whether approval is asked for
    ///   hangs on tags that could not be
    /// - **not applicable**: nothing that serves there is approved, or is to be
    "AUD-002" "evidence-reaches-back" {
        summary: "the evidence reaches back to every live approval",
        severity: Medium,
        gate: Operability,
        needs: [
            Endpoints, EndpointConfigs, Models, InferenceComponents, TransformJobs, Packages, TrailEvents, LogFiles, Archive
        ],
        uses: [Tags],
        remedy: "archive the evidence on each run, and let the reader read the trail's log files",
        role: "account administrator",
        frameworks: [("EU AI Act", "Art. 19, 26(6)"), ("ISO/IEC 42001", "A.6.2.8")],
        check: Check::Region(check),
    }
}

/// So long the event history keeps an event.
/// Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html>
const HISTORY: SignedDuration = SignedDuration::from_hours(90 * 24);

fn check<'a>(account: &'a str, region: &'a str, context: Context<'a>) -> Verdict {
    let there = || context.estate.live.iter().filter(|live| (live.account, live.region) == (account, region));
    let unsure = there().find_map(|live| match asked(live, context) {
        Asked::Unsure(why) => Some(why),
        Asked::Yes | Asked::No(_) => None,
    });
    if let Some(why) = unsure {
        return Verdict::unknown(why);
    }
    let serving = there().filter(|live| matches!(asked(live, context), Asked::Yes));
    let mut approvals: Vec<&Approval<'_>> =
        serving.flat_map(|live: &LiveVersion<'_>| &live.approvals).map(Approval::standing).collect();
    approvals.retain(|approval| approval.status == Some(&ApprovalStatus::Approved));
    approvals.sort_by_key(|approval| &approval.package.data.arn);
    approvals.dedup_by_key(|approval| &approval.package.data.arn);
    if approvals.is_empty() {
        return Verdict::not_applicable("nothing that serves there is approved, or is to be");
    }
    let unproved = || approvals.iter().filter(|approval| !approval.grade.proved());
    let lost: Vec<_> = unproved().filter(|approval| approval.events_cover == Cover::No).collect();
    let doubtful = unproved().find(|approval| approval.events_cover == Cover::Unverified);
    let cite = |verdict: Verdict, approval: &Approval<'_>| {
        let said =
            format!("`{}` rests on {} (grade {})", approval.package.data.arn, approval.basis, approval.grade.as_str());
        match &approval.approved {
            Some(approved) => verdict.cite(approved.event, said),
            None => verdict.cite(approval.package, said),
        }
    };
    match lost.as_slice() {
        [] if let Some(approval) = doubtful => {
            let arn = &approval.package.data.arn;
            let verdict = Verdict::unknown(format!(
                "the approval of `{arn}` lies within log files that no digest vouches for, and none of them holds it"
            ));
            cite(verdict, approval)
        }
        [] => {
            let verdict = Verdict::pass(format!("each of {} live approvals lies within reach", approvals.len()));
            let verdict = approvals.iter().take(3).fold(verdict, |verdict, approval| cite(verdict, approval));
            match approvals.iter().filter_map(|approval| forgotten(approval)).min() {
                Some((at, arn)) => verdict.note(format!("the event history forgets that of `{arn}` at {at}")),
                None => verdict,
            }
        }
        [first, others @ ..] => {
            let verdict = Verdict::fail(format!(
                "the approval of `{}`{} lies before what was read, and nothing keeps it",
                first.package.data.arn,
                if others.is_empty() { String::new() } else { format!(" and {} more", others.len()) }
            ));
            lost.iter().take(3).fold(verdict, |verdict, approval| cite(verdict, approval))
        }
    }
}

/// When the event history forgets an approval that stands in it alone.
fn forgotten<'a>(approval: &'a Approval<'_>) -> Option<(Timestamp, &'a str)> {
    let approved = approval.approved.as_ref().filter(|approved| approved.event.source == Source::History)?;
    Some((approved.at.checked_add(HISTORY).ok()?, approval.package.data.arn.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::FactKind;

    fn late() -> Fixture {
        Fixture::sound().events_since("2026-05-20T00:00:00Z")
    }

    #[test]
    fn an_approval_is_in_reach_of_history_logs_or_archive() {
        let event = || approval(PACKAGE, APPROVED, "Approved", sso("anna"));
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "each of 1 live approvals")
            .note("forgets, 2026-08-03")
            .fail(late(), "lies before what was read")
            .pass(late().remembered_event(event()), "within reach")
            .no_note("forgets")
            .pass(late().logs("2026-05-01T00:00:00Z", "2026-05-21T00:00:00Z", true), "within reach")
            .unknown(late().logs("2026-05-01T00:00:00Z", "2026-05-21T00:00:00Z", false), "no digest vouches");
    }

    #[test]
    fn what_could_not_be_read_is_not_lost() {
        Tester::new(&CONTROL)
            .hidden(Fixture::sound().hidden_all(FactKind::TrailEvents))
            .hidden(late().hidden_all(FactKind::Archive))
            .hidden(late().hidden_all(FactKind::LogFiles))
            .not_applicable(Fixture::empty(), "nothing that serves")
            .not_applicable(Fixture::sound().rejected("2026-05-20T10:00:00Z"), "nothing");
    }
}

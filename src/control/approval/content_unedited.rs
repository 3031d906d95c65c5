//! APR-008

use jiff::{SignedDuration, Timestamp};

use super::{is_approved, judge_each, may_still_arrive, name};
use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::{Approval, ApprovalEvent, ContentEdit, Cover, Difference, LiveVersion};

declare_control! {
    /// ## What it requires
    /// What a version is was not edited after it was approved: its inference specification, its additional specifications,
    /// the URI of its source.
    ///
    /// ## Why
    /// Packages are not immutable: `UpdateModelPackage` puts another image or other data behind a version that somebody
    /// approved, and the status stays `Approved`.
    ///
    /// ## Evidence
    /// `UpdateModelPackage` events after the approval that carry such a parameter; descriptions of the package that earlier
    /// runs archived after the approval, compared with the present one; the package's last modification, after which nothing
    /// was changed at all.
    ///
    /// ## Results
    /// - **pass**: nothing was modified after the approval, or all events since were read and none edited the content, or an
    ///   archived description proves it the same; an edit that was approved in a call of its own afterwards
    /// - **fail**: edited, or different from an archived description, and not approved again
    /// - **unknown**: events do not reach back to the approval, or something was modified that no event explains; edited, and
    ///   whether it was approved again is out of reach
    /// - **not applicable**: not approved (APR-001 owns that); not registered; outside production unless the manifest asks for
    ///   approval
    "APR-008" "content-unedited" {
        summary: "the version was not edited after it was approved",
        severity: Critical,
        gate: Stop,
        needs: [Models, Packages, TrailEvents],
        uses: [LogFiles, Archive, Roles],
        remedy: "review it again, or register a new version; allow approvers to change the status of packages and nothing else",
        role: "model approver",
        frameworks: [("NIST AI RMF", "MANAGE 2.4"), ("ISO/IEC 42001", "A.6.2.3"), ("EU AI Act", "Art. 43(4)"), ("PRA SS1/23", "P3")],
        check: Check::LiveVersion(check),
    }
}

/// A call is written down, and the package stamped, within so long of each other.
const SAME_CALL: SignedDuration = SignedDuration::from_secs(60);

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    judge_each(live, context, |approval| judge(approval, context))
}

fn judge(approval: &Approval<'_>, context: Context<'_>) -> Verdict {
    let (package, arn) = (approval.package, &approval.package.data.arn);
    if !is_approved(approval) {
        return Verdict::not_applicable(format!("`{arn}` is not approved; APR-001 judges that"));
    }
    if let Some(edit) = approval.edited_since() {
        return edited(edit, approval, context);
    }
    if let Some(difference) = &approval.differs {
        return differs(difference, approval, context);
    }
    let Some(approved) = &approval.approved else {
        let unmodified =
            package.data.created.is_some() && package.data.modified.is_none_or(|at| Some(at) == package.data.created);
        let verdict = if unmodified {
            Verdict::pass(format!("nothing of `{arn}` was modified since it was registered"))
        } else {
            Verdict::unknown(format!("when `{arn}` was approved is not known, so neither is what was edited after it"))
        };
        return verdict.cite(package, modified(approval));
    };
    let verdict = since(approved, approval, context);
    verdict.cite(approved.event, set(approved, arn)).cite(package, modified(approval))
}

/// No edit is known of: whether there was none.
fn since(approved: &ApprovalEvent<'_>, approval: &Approval<'_>, context: Context<'_>) -> Verdict {
    let (package, arn) = (&approval.package.data, &approval.package.data.arn);
    if package.modified.is_some_and(|at| at <= approved.at + SAME_CALL) {
        return Verdict::pass(format!("nothing of `{arn}` was modified after it was approved at {}", approved.at));
    }
    let archived = approval.same_as.filter(|archived| {
        let stamp = archived.data.data.modified.unwrap_or(archived.data.seen_at);
        stamp <= approved.at + SAME_CALL || read_until(stamp, approved.at, approval, context).is_whole()
    });
    if let Some(archived) = archived {
        return Verdict::pass(format!(
            "`{arn}` is what it was when an earlier run described it at {}, after it was approved",
            archived.data.seen_at
        ))
        .cite(archived, format!("`{arn}`, as archived in `{}`", archived.data.entry));
    }
    match (read(approved.at, approval, context), package.modified) {
        (Cover::No, _) => Verdict::unknown(format!(
            "events do not reach back to the approval of `{arn}` without a break, and no description from then is archived"
        )),
        (Cover::Unverified, _) => Verdict::unknown(format!(
            "no call is known to have edited `{arn}` since it was approved, but some of the log files that say so are listed \
             by no verified digest: one taken away would not show"
        )),
        (_, Some(modified)) if !approval.explained && may_still_arrive(modified, context) => {
            Verdict::unknown(format!("`{arn}` was changed at {modified}, and the event may still arrive"))
        }
        (_, Some(modified)) if !approval.explained => Verdict::unknown(format!(
            "`{arn}` was last modified at {modified}, after its approval, and no event says what was changed"
        )),
        (Cover::Whole, _) => {
            Verdict::pass(format!("no call has edited the content of `{arn}` since it was approved at {}", approved.at))
        }
    }
}

fn edited(edit: &ContentEdit<'_>, approval: &Approval<'_>, context: Context<'_>) -> Verdict {
    let (arn, parts) = (&approval.package.data.arn, edit.parts.join(" and "));
    let by = name(&edit.by);
    let verdict = if read(edit.at, approval, context).is_whole() {
        Verdict::fail(format!(
            "{by} changed {parts} of `{arn}` at {}, after it was approved, and nobody approved that",
            edit.at
        ))
    } else {
        Verdict::unknown(format!(
            "{by} changed {parts} of `{arn}` at {}, after it was approved, and whether it was approved again is out of reach",
            edit.at
        ))
    };
    let verdict = verdict.cite(edit.event, format!("{by} changed {parts} at {}", edit.at));
    match &approval.approved {
        Some(approved) => verdict.cite(approved.event, set(approved, arn)),
        None => verdict,
    }
}

fn differs(difference: &Difference<'_>, approval: &Approval<'_>, context: Context<'_>) -> Verdict {
    let (arn, archived) = (&approval.package.data.arn, difference.archived);
    let (seen_at, what) = (archived.data.seen_at, difference.what.join("; "));
    let differs = format!("`{arn}` is not what it was at {seen_at}, when it was approved: {what}");
    let verdict = if read(seen_at, approval, context).is_whole() {
        Verdict::fail(differs)
    } else {
        Verdict::unknown(format!("{differs}; whether it was approved again is out of reach"))
    };
    verdict
        .cite(archived, format!("`{arn}`, as archived in `{}`", archived.data.entry))
        .cite(approval.package, modified(approval))
}

/// How far the calls that change a package were read, from an instant until it was last modified.
fn read(from: Timestamp, approval: &Approval<'_>, context: Context<'_>) -> Cover {
    let until = approval.package.data.modified.unwrap_or(context.estate.as_of).max(from);
    read_until(until, from, approval, context)
}

fn read_until(until: Timestamp, from: Timestamp, approval: &Approval<'_>, context: Context<'_>) -> Cover {
    let mut parts = approval.package.data.arn.splitn(6, ':').skip(3);
    let (Some(region), Some(account)) = (parts.next(), parts.next()) else { return Cover::No };
    context.estate.events.cover(account, region, "UpdateModelPackage", from, until.min(context.estate.as_of))
}

fn set(approved: &ApprovalEvent<'_>, arn: &str) -> String {
    format!("{} set `{arn}` to Approved at {}", name(&approved.by), approved.at)
}

fn modified(approval: &Approval<'_>) -> String {
    let package = &approval.package.data;
    let at = package.modified.map_or_else(|| "never".to_owned(), |at| format!("at {at}"));
    format!("`{}` is Approved, and was last modified {at}", package.arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::Gate;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, Package, TrailEvent};

    const LATER: &str = "2026-05-20T10:00:00Z";
    const LATEST: &str = "2026-05-25T10:00:00Z";

    /// Version 7 was last modified at this instant.
    fn modified_at(fixture: Fixture, time: &'static str) -> Fixture {
        fixture.edit_named(PACKAGE, move |package: &mut Package| package.modified = Some(at(time)))
    }

    fn edited(parameter: &str) -> Fixture {
        modified_at(Fixture::sound().with(package_edit(PACKAGE, LATER, parameter, sso("carla"))), LATER)
    }

    /// The description that an earlier run saw a day after the approval.
    fn archived(change: impl FnOnce(&mut Package)) -> Package {
        let mut package = package(7, ARTIFACT, ETAG, REGISTERED);
        change(&mut package);
        package
    }

    const ARCHIVED: &str = "2026-05-06T10:00:00Z";

    #[test]
    fn each_part_of_the_content_counts_and_metadata_does_not() {
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "nothing, modified after it was approved")
            .fail(edited("inferencespecification"), "carla changed its inference specification, nobody approved that")
            .gate(Gate::Stop)
            .fail(edited("additionalinferencespecificationstoadd"), "additional inference specifications")
            .fail(edited("sourceuri"), "the URI of its source")
            .pass(edited("customermetadataproperties"), "no call has edited")
            .pass(edited("modellifecycle"), "no call has edited");
    }

    #[test]
    fn an_edit_that_was_approved_by_a_call_of_its_own_is_in_order() {
        let again = edited("inferencespecification").with(approval(PACKAGE, LATEST, "Approved", sso("ben")));
        let mut both = approval(PACKAGE, LATER, "Approved", sso("carla"));
        both.request.insert("sourceuri", "s3://other");
        Tester::new(&CONTROL)
            .pass(modified_at(again, LATEST), "nothing, after it was approved at 2026-05-25")
            .fail(modified_at(Fixture::sound().with(both), LATER), "carla changed the URI");
    }

    #[test]
    fn an_edit_before_the_approval_is_what_was_approved() {
        let before = Fixture::sound().with(package_edit(PACKAGE, "2026-05-05T08:00:00Z", "sourceuri", sso("carla")));
        Tester::new(&CONTROL).pass(before, "nothing");
    }

    #[test]
    fn what_no_event_explains_or_reaches_is_unknown() {
        let late = || modified_at(Fixture::sound(), LATER);
        Tester::new(&CONTROL)
            .unknown(late(), "no event says what was changed")
            .unknown(modified_at(Fixture::sound(), "2026-06-01T11:50:00Z"), "may still arrive")
            .unknown(
                late().events_since("2026-05-19T00:00:00Z").remembered_event(approval(
                    PACKAGE,
                    APPROVED,
                    "Approved",
                    sso("anna"),
                )),
                "do not reach back",
            )
            .unknown(
                Fixture::sound().drop_where(|event: &TrailEvent| event.time == at(APPROVED)),
                "when, approved is not known",
            )
            .hidden(Fixture::sound().hidden_all(FactKind::TrailEvents));
    }

    #[test]
    fn log_files_reach_as_far_as_they_were_read() {
        let logged = |verified| {
            edited("modellifecycle")
                .events_since("2026-05-10T00:00:00Z")
                .remembered_event(approval(PACKAGE, APPROVED, "Approved", sso("anna")))
                .logs("2026-05-01T00:00:00Z", "2026-05-11T00:00:00Z", verified)
        };
        Tester::new(&CONTROL).pass(logged(true), "no call has edited").unknown(logged(false), "no verified digest");
    }

    #[test]
    fn archived_descriptions_are_compared() {
        let other = || archived(|package| package.containers[0].data[0].etag = Some("other".to_owned()));
        let event = || approval(PACKAGE, APPROVED, "Approved", sso("anna"));
        let recent =
            || modified_at(Fixture::sound(), LATEST).events_since("2026-05-24T00:00:00Z").remembered_event(event());
        let read =
            || modified_at(Fixture::sound(), LATER).with(package_edit(PACKAGE, LATER, "modellifecycle", sso("carla")));
        Tester::new(&CONTROL)
            .fail(
                read().remembered_package(ARCHIVED, other()),
                "is not what it was, ETag of the model artifact was `other`",
            )
            .unknown(
                recent().remembered_package(ARCHIVED, other()),
                "is not what it was, approved again is out of reach",
            )
            .pass(
                recent().remembered_package(ARCHIVED, archived(|_| ())),
                "is what it was when an earlier run described it",
            )
            .unknown(
                recent().remembered_package(ARCHIVED, archived(|it| it.modified = Some(at("2026-05-06T09:00:00Z")))),
                "do not reach back",
            )
            .pass(read().remembered_package("2026-05-05T09:00:00Z", other()), "no call has edited");
    }

    #[test]
    fn a_package_that_was_never_modified_was_never_edited() {
        let born = Fixture::sound()
            .without_events()
            .edit_named(PACKAGE, |package: &mut Package| package.modified = package.created);
        Tester::new(&CONTROL)
            .pass(born, "modified since it was registered")
            .not_applicable(Fixture::sound().rejected(LATER), "not approved");
    }
}

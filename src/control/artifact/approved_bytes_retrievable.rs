//! ART-003

use jiff::{SignedDuration, Timestamp};

use super::approved::{Approved, approved};
use super::place;
use crate::control::{Check, Context, Verdict, day, worst};
use crate::declare_control;
use crate::estate::{
    Access, Change, EndKind, History, LiveArtifact, LiveContainer, LiveVersion, Outcome, Unclear, access_at,
};
use crate::evidence::{ObjectVersion, Versioning};

declare_control! {
    /// ## What it requires
    /// What was approved can be read now, and no rule takes it away within 30 days.
    ///
    /// ## Why
    /// An instance fetches its artifact when it starts. If the artifact is gone, what runs goes on until the next scale-out,
    /// patch or roll-back, and then nothing comes up. And without the approved bytes nobody can show what was approved.
    ///
    /// ## Evidence
    /// The version that stood under the key at the approval, among the versions and delete markers that are stored now; its
    /// storage class; the bucket's lifecycle rules, from which the date follows on which it is deleted, hidden or archived;
    /// how long Object Lock retains it. Not read: whether the key that encrypts it is still enabled.
    ///
    /// ## Results
    /// - **pass**: it can be read, and the rules leave it alone for 30 days at least; the reason says until when
    /// - **fail**: deleted; under a delete marker; in an archive class and not restored; or a rule takes it within 30 days
    /// - **unknown**: which bytes were approved is not known; the rules could not be read; a rule that a tag or a size narrows
    ///   may take it within 30 days; `INTELLIGENT_TIERING`, which may have moved it to an archive tier that no listing shows
    /// - **not applicable**: not registered, or never approved; nothing in S3
    "ART-003" "approved-bytes-retrievable" {
        summary: "what was approved can be read, and stays so",
        severity: High,
        gate: Fix,
        needs: [Models, Packages, InferenceComponents, Objects, Buckets, Archive],
        uses: [TrailEvents],
        remedy: "take away the rule that removes it, or copy the approved version to a release bucket that retains it",
        role: "bucket owner",
        frameworks: [("NIST AI RMF", "MANAGE 2.3"), ("ISO/IEC 42001", "A.6.2.8"), ("AWS Well-Architected", "Reliability")],
        check: Check::LiveVersion(check),
    }
}

/// What vanishes sooner is as good as gone: nobody notices and mends it in less.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

fn check<'a>(live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    if !live.resolved() {
        return Verdict::unknown("which model serves is not known; INV-001 judges that");
    }
    worst(live.containers.iter().map(|container| of_container(container, live, context)))
        .unwrap_or_else(|| Verdict::not_applicable("nothing of it lies in S3"))
}

fn of_container<'a>(container: &'a LiveContainer<'a>, live: &'a LiveVersion<'a>, context: Context<'a>) -> Verdict {
    let approved = match approved(container, live, context) {
        Ok(approved) => approved,
        Err(verdict) => return *verdict,
    };
    let histories = container.artifacts.iter().flat_map(LiveArtifact::histories);
    worst(histories.map(|history| of_history(history, &approved, context.estate.as_of)))
        .unwrap_or_else(|| Verdict::not_applicable("nothing of it lies in S3"))
}

fn of_history(history: &History<'_>, approved: &Approved, now: Timestamp) -> Verdict {
    let uri = &history.location;
    let Some(changes) = history.between(approved.latest, now) else {
        return Verdict::unknown(format!("the versions of `{uri}` could not be read"));
    };
    let settled = |it: &Change<'_>| matches!(it.outcome, Outcome::Same(_) | Outcome::Absent | Outcome::Unclear(..));
    if !history.between(approved.earliest, approved.latest).is_some_and(|it| it.iter().all(settled)) {
        return Verdict::unknown(format!("which bytes of `{uri}` were approved is not known; ART-001 judges that"));
    }
    // What was added later was not approved.
    let was_there = changes.iter().filter(|it| !(history.set && matches!(it.outcome, Outcome::Added(_))));
    let verdict = worst(was_there.map(|it| of_key(it, history, now)))
        .unwrap_or_else(|| Verdict::fail(format!("nothing is stored at `{uri}`")));
    let seen = history.listing.found().map_or(&[][..], |listing| listing.seen.as_slice());
    let verdict = verdict.cite_calls(seen, format!("the versions of `{uri}`"));
    match history.bucket.found() {
        Some(bucket) => verdict.cite(bucket, format!("the lifecycle rules of bucket `{}`", bucket.data.name)),
        None => verdict,
    }
}

fn of_key(change: &Change<'_>, history: &History<'_>, now: Timestamp) -> Verdict {
    let key = change.key;
    match change.outcome {
        Outcome::Same(held) | Outcome::SameBytesAgain(_, held, _) => kept(held, history, now),
        Outcome::Unclear(why, Some(held)) if history.is_registered(held) && !matches!(why, Unclear::Removed(_)) => {
            kept(held, history, now)
        }
        Outcome::Added(held) if history.is_registered(held) => kept(held, history, now),
        Outcome::Different(then, ..) | Outcome::NotProved(then, _) => match history.stored(then) {
            Some(stored) => kept(stored, history, now)
                .note(format!("under the key lies another version by now; the approved one is {}", place(then))),
            None => lost(then),
        },
        Outcome::Gone(then, marker) => match (history.stored(then), marker) {
            (Some(_), Some(marker)) => Verdict::fail(format!(
                "`{key}` was deleted at {}: what runs still serves it, and the next instance that starts fails",
                marker.last_modified
            ))
            .note(format!("the approved version is still stored: {}", place(then)))
            .remedy("remove the delete marker that lies over the approved version"),
            _ => lost(then),
        },
        Outcome::Unclear(Unclear::Overwritten(write), _) if history.versioning() == Some(Versioning::Never) => {
            Verdict::fail(format!(
                "what was approved as `{key}` is gone: it was overwritten at {} in a bucket that never kept versions",
                write.last_modified
            ))
        }
        Outcome::Absent => Verdict::fail(format!("nothing is stored as `{key}`")),
        Outcome::Added(_) | Outcome::Unclear(..) => {
            Verdict::unknown(format!("which bytes were approved as `{key}` is not known; ART-001 judges that"))
        }
    }
}

fn lost(then: &ObjectVersion) -> Verdict {
    Verdict::fail(format!("the approved version is not stored any more: {}", place(then)))
}

/// A version that is stored: whether it can be read, and for how long.
fn kept(version: &ObjectVersion, history: &History<'_>, now: Timestamp) -> Verdict {
    let (key, class) = (&version.key, version.storage_class.as_deref().unwrap_or("STANDARD"));
    match access_at(version, now) {
        Access::AtOnce => {}
        Access::Archived => {
            return Verdict::fail(format!("`{key}` lies in the archive class {class} and has to be restored first"))
                .remedy("restore the approved version, and take the rule away that archives it");
        }
        Access::NotListed => {
            return Verdict::unknown(format!(
                "`{key}` is in {class}, and whether that has moved it to an archive tier is not shown by a listing"
            ));
        }
    }
    let Some(ends) = history.ends(version) else {
        return Verdict::unknown(format!("`{key}` can be read now; the lifecycle rules of its bucket could not be"));
    };
    let said = |end: &crate::estate::End<'_>| {
        let rule = end.rule.map_or_else(String::new, |rule| format!(", by the lifecycle rule `{rule}`"));
        let verb = if end.certain { end.kind.words() } else { end.kind.may() };
        format!("`{key}` {verb} on {}{rule}", day(end.at))
    };
    let soon = |end: &&crate::estate::End<'_>| end.at < now + SOON;
    if let Some(end) = ends.iter().filter(soon).find(|end| end.certain) {
        return Verdict::fail(said(end));
    }
    if let Some(end) = ends.iter().find(soon) {
        return Verdict::unknown(said(end));
    }
    let locked = version.retained_until.filter(|until| *until > now);
    let verdict = match (ends.first(), locked) {
        (Some(end), _) => Verdict::pass(format!("what was approved can be read until {}", day(end.at))).note(said(end)),
        (None, Some(until)) => {
            Verdict::pass(format!("what was approved can be read, and Object Lock retains it until {}", day(until)))
        }
        (None, None) => Verdict::pass("what was approved can be read, and no lifecycle rule takes it away"),
    };
    match locked.filter(|_| ends.iter().any(|end| end.kind == EndKind::Deleted)) {
        Some(until) => verdict.note(format!("Object Lock retains it until {}", day(until))),
        None => verdict,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{ApprovalStatus, Bucket, FactKind, LifecycleRule, Model, ObjectListing, Package, Transition};

    const KEY: &str = "fraud/7/model.tar.gz";
    const LATER: &str = "2026-05-10T08:00:00Z";
    const OTHER: &str = "9999999999999999999999999999bbbb";

    fn stored(versions: Vec<ObjectVersion>) -> Fixture {
        Fixture::sound()
            .edit_named(ARTIFACT, move |held: &mut ObjectListing| *held = listing(ARTIFACT, versions.clone()))
    }

    fn approved_version() -> ObjectVersion {
        version(KEY, "v7", ETAG, WRITTEN)
    }

    fn replaced() -> Fixture {
        stored(vec![version(KEY, "v8", OTHER, LATER), approved_version()])
    }

    fn with_rule(fixture: Fixture, change: impl FnOnce(&mut LifecycleRule)) -> Fixture {
        let mut rule = LifecycleRule { id: Some("tidy".to_owned()), enabled: true, ..LifecycleRule::default() };
        change(&mut rule);
        fixture.edit(move |bucket: &mut Bucket| bucket.lifecycle = Some(vec![rule.clone()]))
    }

    #[test]
    fn what_is_stored_and_left_alone_stays() {
        let locked = ObjectVersion { retained_until: Some(at("2027-05-04T08:00:00Z")), ..approved_version() };
        Tester::new(&CONTROL)
            .pass(Fixture::sound(), "no lifecycle rule takes it away")
            .pass(stored(vec![locked]), "Object Lock, 2027-05-04")
            .pass(replaced(), "no lifecycle rule")
            .note("another version by now, v7")
            .pass(stored(vec![version(KEY, "v8", ETAG, LATER)]), "no lifecycle rule");
    }

    #[test]
    fn a_rule_says_on_which_day_it_goes() {
        Tester::new(&CONTROL)
            .fail(with_rule(replaced(), |rule| rule.noncurrent_days = Some(30)), "is deleted, 2026-06-10, tidy")
            .pass(with_rule(replaced(), |rule| rule.noncurrent_days = Some(90)), "until 2026-08-09")
            .note("is deleted, tidy")
            .pass(
                with_rule(replaced(), |rule| (rule.noncurrent_days, rule.noncurrent_kept) = (Some(1), Some(3))),
                "no lifecycle rule",
            )
            .fail(with_rule(Fixture::sound(), |rule| rule.expires_days = Some(40)), "delete marker, 2026-06-14")
            .unknown(
                with_rule(Fixture::sound(), |rule| (rule.expires_days, rule.narrowed) = (Some(40), true)),
                "may get a delete marker, 2026-06-14",
            )
            .pass(with_rule(Fixture::sound(), |rule| rule.expires_days = Some(400)), "until 2027")
            .unknown(Fixture::sound().edit(|bucket: &mut Bucket| bucket.lifecycle = None), "could not be");
    }

    #[test]
    fn what_is_deleted_or_archived_cannot_be_read() {
        let class =
            |class: &str| stored(vec![ObjectVersion { storage_class: Some(class.to_owned()), ..approved_version() }]);
        let restored = ObjectVersion {
            storage_class: Some("GLACIER".to_owned()),
            restored_until: Some(at("2026-06-05T00:00:00Z")),
            ..approved_version()
        };
        let never = stored(vec![version(KEY, "null", OTHER, LATER)])
            .edit(|bucket: &mut Bucket| bucket.versioning = Some(Versioning::Never));
        let moves = |rule: &mut LifecycleRule| {
            let class = "DEEP_ARCHIVE".to_owned();
            rule.transitions =
                vec![Transition { days: 45, on: None, storage_class: class, noncurrent: false, kept: None }];
        };
        Tester::new(&CONTROL)
            .fail(stored(vec![deletion(KEY, "d1", LATER), approved_version()]), "next instance that starts fails")
            .remedy("remove the delete marker")
            .fail(stored(vec![]).remember(DEPLOYED, listing(ARTIFACT, vec![approved_version()])), "not stored any more")
            .fail(stored(vec![]), "nothing is stored")
            .fail(never, "never kept versions")
            .fail(class("DEEP_ARCHIVE"), "archive class, restored first")
            .fail(stored(vec![restored]), "is archived on 2026-06-05")
            .fail(with_rule(Fixture::sound(), moves), "is archived on 2026-06-19")
            .unknown(class("INTELLIGENT_TIERING"), "archive tier")
            .pass(class("GLACIER_IR"), "can be read")
            .fail(Fixture::sound().absent(FactKind::Objects, ARTIFACT), "nothing is stored");
    }

    #[test]
    fn what_was_approved_must_be_known() {
        let raw = |model: &mut Model| model.containers = vec![from_artifact("s3://ml-models/raw.tar.gz", None)];
        let pending = |package: &mut Package| package.approval = Some(ApprovalStatus::PendingManualApproval);
        let never = Fixture::sound()
            .drop_where(|event: &crate::evidence::TrailEvent| event.time == at(APPROVED))
            .edit_named(PACKAGE, pending);
        Tester::new(&CONTROL)
            .unknown(stored(vec![version(KEY, "v8", OTHER, LATER)]), "ART-001")
            .not_applicable(Fixture::sound().edit(raw), "not registered")
            .not_applicable(never, "never approved")
            .hidden(Fixture::sound().hidden(FactKind::Objects, ARTIFACT))
            .hidden(Fixture::sound().hidden(FactKind::Buckets, BUCKET));
    }
}

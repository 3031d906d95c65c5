//! ART-001

use super::approved::{Approved, approved};
use super::place;
use crate::control::{Check, Context, Gate, Verdict, worst};
use crate::declare_control;
use crate::estate::{History, LiveArtifact, LiveContainer, LiveVersion, Outcome, Proof, Unclear};
use crate::evidence::{ObjectVersion, Versioning};

declare_control! {
    /// ## What it requires
    /// What lies in S3 now is what lay there when the version was approved: every artifact, additional sources and code
    /// included.
    ///
    /// ## Why
    /// A model names a key, not a version of it. Whoever can write the key changes what the next instance loads, and neither
    /// registry nor endpoint shows it.
    ///
    /// ## Evidence
    /// All versions and delete markers of the key or prefix, and of the manifest that lists a prefix, as they stood at the
    /// approval and stand now; what earlier runs archived of them; checksums where the policy asks for them. Where the event
    /// of the approval is not known, it lies between the registration and the package's last modification; if nothing was
    /// written in between, that is enough.
    ///
    /// ## Results
    /// - **pass**: not written since (with a note where the bucket keeps no versions, so that only the time of the last write
    ///   tells); or written again with an equal `ETag`, or an equal SHA checksum over the whole object (with a note)
    /// - **fail**: replaced by another size or another checksum over the whole object, or another set of objects (a stop);
    ///   deleted; or written again in a bucket that never kept versions, so that what was approved is gone (a fix)
    /// - **unknown**: replaced by as many bytes with another `ETag`: a copy in place, an upload in parts or a new encryption
    ///   does that too, and equality is not proved; the history of a suspended bucket; a replica without the registered
    ///   `ETag`, for when it arrived is not known; versions of that time may have expired, or one was removed; when it was
    ///   approved is not known
    /// - **not applicable**: not registered, or never approved; nothing in S3
    "ART-001" "unchanged-since-approval" {
        summary: "artifacts were not replaced since the approval",
        severity: Critical,
        gate: Stop,
        needs: [Models, Packages, InferenceComponents, Objects, Archive],
        uses: [TrailEvents, Buckets],
        remedy: "put the approved version of the object back under the key, or register the new bytes and have them approved",
        role: "model developer",
        frameworks: [("NIST AI RMF", "MANAGE 2.4, MEASURE 2.7"), ("ISO/IEC 42001", "A.6.2.5"), ("EU AI Act", "Art. 15"), ("AWS Well-Architected", "Security")],
        check: Check::LiveVersion(check),
    }
}

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
    worst(histories.map(|history| judge(history, &approved, context)))
        .unwrap_or_else(|| Verdict::not_applicable("nothing of it lies in S3"))
}

fn judge<'a>(history: &'a History<'a>, approved: &Approved, context: Context<'a>) -> Verdict {
    let (uri, now) = (&history.location, context.estate.as_of);
    let Approved { earliest, latest } = *approved;
    let (Some(before), Some(changes)) = (history.between(earliest, latest), history.between(latest, now)) else {
        return Verdict::unknown(format!("the versions of `{uri}` could not be read"));
    };
    let unsettled =
        before.iter().any(|it| !matches!(it.outcome, Outcome::Same(_) | Outcome::Absent | Outcome::Unclear(..)));
    let verdict = if unsettled {
        Verdict::unknown(format!(
            "`{uri}` was written between {earliest} and {latest}, and when in between the version was approved is not known"
        ))
    } else {
        worst(changes.iter().map(|change| of_key(change.key, change.outcome, history))).unwrap_or_else(|| gone(uri))
    };
    let verdict = match history.weakness().filter(|_| verdict.status == crate::control::Status::Pass) {
        Some(weakness) => verdict.note(weakness.words()),
        None => verdict,
    };
    cite(verdict, history, context)
}

/// Cites what is there now, and a bucket that does not keep versions.
fn cite<'a>(verdict: Verdict, history: &'a History<'a>, context: Context<'a>) -> Verdict {
    let seen = history.listing.found().map_or(&[][..], |listing| listing.seen.as_slice());
    let state = history.at(context.estate.as_of).unwrap_or_default();
    let held = state.values().filter_map(|held| match held {
        crate::estate::Held::Object(version) => Some(*version),
        _ => None,
    });
    let verdict = held.take(3).fold(verdict, |verdict, now| verdict.cite_calls(seen, place(now)));
    match history.bucket.found().filter(|bucket| bucket.data.versioning != Some(Versioning::Enabled)) {
        Some(bucket) => verdict.cite(bucket, format!("bucket `{}` does not keep versions", bucket.data.name)),
        None => verdict,
    }
}

/// One key: what it held at the approval, against what it holds now.
fn of_key(key: &str, outcome: Outcome<'_>, history: &History<'_>) -> Verdict {
    match outcome {
        Outcome::Same(_) => Verdict::pass("nothing was written since the approval"),
        Outcome::SameBytesAgain(_, now, proof) => Verdict::pass(
            "artifacts were written again with the content that was approved",
        )
        .note(format!("`{key}` was written again at {}, with the same {}", now.last_modified, proof.words())),
        Outcome::Different(then, now, proof) => different(key, then, now, proof).note(was(then, history)),
        Outcome::NotProved(then, now) => not_proved(key, then, now).note(was(then, history)),
        Outcome::Gone(then, _) => {
            Verdict::fail(format!("`{key}` was deleted since the approval")).gate(Gate::Fix).note(was(then, history))
        }
        Outcome::Added(now) => added(key, now, history),
        Outcome::Absent => gone(&history.location),
        Outcome::Unclear(why, now) => unclear(key, why, now, history),
    }
}

/// What was approved, and how that is known where it is not stored any more.
fn was(then: &ObjectVersion, history: &History<'_>) -> String {
    let approved = format!("approved was {}", place(then));
    match history.remembered(then).filter(|_| history.stored(then).is_none()) {
        Some(seen) => {
            format!(
                "{approved}, which an earlier run saw at {} and which is gone since (archive entry `{}`)",
                seen.seen_at, seen.entry
            )
        }
        None => approved,
    }
}

fn different(key: &str, then: &ObjectVersion, now: &ObjectVersion, proof: Proof) -> Verdict {
    let written = now.last_modified;
    let why = match (proof, then.size, now.size) {
        (Proof::Size, Some(old), Some(new)) => format!("{new} bytes, where {old} were approved"),
        _ => "another checksum over the whole object than the one that was approved".to_owned(),
    };
    Verdict::fail(format!("`{key}` was replaced at {written}: {why}")).gate(Gate::Stop)
}

fn not_proved(key: &str, then: &ObjectVersion, now: &ObjectVersion) -> Verdict {
    let verdict = Verdict::unknown(format!(
        "`{key}` was replaced at {} by as many bytes with another ETag; equality is not proved",
        now.last_modified
    ));
    match (&then.checksum, &now.checksum) {
        (Some(old), Some(new)) if old == new && old.whole => verdict.note(format!(
            "their {} checksums are equal, which rules out an accident and not a forgery",
            old.algorithm
        )),
        _ => verdict,
    }
}

/// Nothing of this key is known from before the approval, and something is there now.
fn added(key: &str, now: &ObjectVersion, history: &History<'_>) -> Verdict {
    let written = now.last_modified;
    if let Some(verdict) = registered(key, now, history) {
        return verdict;
    }
    match history.versioning() {
        Some(Versioning::Enabled) if history.set => {
            Verdict::fail(format!("`{key}` was added at {written}, after the approval")).gate(Gate::Stop)
        }
        Some(_) => Verdict::unknown(format!(
            "`{key}` was written at {written}, and no version from before the approval is left"
        )),
        None => bucket_not_known(key, now),
    }
}

fn unclear(key: &str, why: Unclear<'_>, now: Option<&ObjectVersion>, history: &History<'_>) -> Verdict {
    // A version that was removed may be what was approved, whatever was registered.
    let now = now.filter(|_| !matches!(why, Unclear::Removed(_)));
    if let Some(verdict) = now.and_then(|now| registered(key, now, history)) {
        return verdict;
    }
    match (why, history.versioning()) {
        (Unclear::Overwritten(write), Some(Versioning::Never)) => Verdict::fail(format!(
            "`{key}` was written at {}, after the approval, in a bucket that never kept versions: what was approved is gone",
            write.last_modified
        ))
        .gate(Gate::Fix),
        (Unclear::Overwritten(write), Some(Versioning::Suspended)) => Verdict::unknown(format!(
            "`{key}` was written at {}, and a suspended bucket keeps no full history",
            write.last_modified
        )),
        (Unclear::Overwritten(write), Some(Versioning::Enabled)) => Verdict::unknown(format!(
            "`{key}` was written at {}, and no version from before the approval is left",
            write.last_modified
        )),
        (Unclear::Overwritten(write), None) => bucket_not_known(key, write),
        (Unclear::Expired(Some(rule)), _) => Verdict::unknown(format!(
            "only versions of `{key}` from after the approval are left: the lifecycle rule `{rule}` deletes older ones"
        )),
        (Unclear::Expired(None), _) => Verdict::unknown(format!(
            "only versions of `{key}` from after the approval are left, and the bucket's lifecycle rules could not be read"
        )),
        (Unclear::Removed(removed), _) => Verdict::unknown(format!(
            "an earlier run saw {}, which was removed since; whether before or after the approval is not known",
            place(removed)
        )),
        (Unclear::Replica(replica), _) => Verdict::unknown(format!(
            "`{key}` was replicated from another bucket without the registered ETag, and when it arrived is not known"
        ))
        .note(format!("it is {}, by the original's time", place(replica))),
    }
}

/// What has the registered `ETag` is what was registered, whenever it was written.
fn registered(key: &str, now: &ObjectVersion, history: &History<'_>) -> Option<Verdict> {
    history.is_registered(now).then(|| {
        Verdict::pass("artifacts were written again with the content that was registered")
            .note(format!("`{key}` was written again at {}, with the registered ETag", now.last_modified))
    })
}

fn bucket_not_known(key: &str, now: &ObjectVersion) -> Verdict {
    let written = now.last_modified;
    Verdict::unknown(format!("`{key}` was written at {written}, and whether its bucket keeps versions is not known"))
}

fn gone(uri: &impl std::fmt::Display) -> Verdict {
    Verdict::fail(format!("nothing is stored at `{uri}` any more")).gate(Gate::Fix)
}

#[cfg(test)]
mod tests;

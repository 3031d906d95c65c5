//! ART-001

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{comparable, place};
use crate::control::standing::{Standing, standing};
use crate::control::{Check, Context, Gate, Verdict, worst};
use crate::declare_control;
use crate::estate::{Approval, LiveArtifact, LiveContainer, LiveVersion, Lookup};
use crate::evidence::{ApprovalStatus, ObjectVersion, Versioning};

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
    /// All versions and delete markers of the key or prefix, as they stood at the approval and stand now. Where the event of
    /// the approval is not known, it lies between the registration and the package's last modification; if nothing was
    /// written in between, that is enough.
    ///
    /// ## Results
    /// - **pass**: not written since; or written again with an equal `ETag` that is a checksum (with a note)
    /// - **fail**: replaced by another size, or another set of objects (a stop); deleted; or written again in a bucket that
    ///   never kept versions, so that what was approved is gone (a fix)
    /// - **unknown**: replaced by the same size and another `ETag`, or one of parts: a copy in place, an upload in parts or a
    ///   new encryption does that too, and equality is not proved; the history of a suspended bucket; when it was approved
    ///   is not known
    /// - **not applicable**: not registered, or never approved; nothing in S3
    "ART-001" "unchanged-since-approval" {
        summary: "artifacts were not replaced since the approval",
        severity: Critical,
        gate: Stop,
        needs: [Models, Packages, InferenceComponents, Objects],
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
    if container.artifacts.iter().all(|artifact| artifact.location.is_none()) {
        return Verdict::not_applicable("nothing of it lies in S3");
    }
    let package = match standing(container, live, context) {
        Standing::Registered(package) => package,
        Standing::Unsure(verdict) => return verdict,
        Standing::Unregistered => return Verdict::not_applicable("it is not registered; INV-002 judges that"),
    };
    if package.data.group.is_none() {
        return Verdict::not_applicable("it is an unversioned package, which nobody can approve");
    }
    let Some(approval) = live.approvals.iter().find(|approval| approval.package.data.arn == package.data.arn) else {
        return Verdict::unknown(format!("nothing is known of the approval of `{}`", package.data.arn));
    };
    let (earliest, latest) = match approved_between(approval, context.view.events_are_whole(live.account, live.region))
    {
        Ok(between) => between,
        Err(verdict) => return *verdict,
    };
    let located = container.artifacts.iter().filter(|artifact| artifact.location.is_some());
    worst(located.map(|artifact| judge(artifact, earliest, latest, live, context)))
        .unwrap_or_else(|| Verdict::not_applicable("nothing of it lies in S3"))
}

/// The earliest and the latest moment at which the version may have been approved.
fn approved_between(approval: &Approval<'_>, events_are_whole: bool) -> Result<(Timestamp, Timestamp), Box<Verdict>> {
    let (package, arn) = (&approval.package.data, &approval.package.data.arn);
    if let Some(approved) = approval.approved.as_ref().filter(|_| events_are_whole) {
        return Ok((approved.at, approved.at));
    }
    let never = matches!(approval.events_cover, Lookup::Found(()));
    Err(Box::new(match (approval.status, package.created, package.modified) {
        // Nothing changed after the last modification, so it was approved by then.
        (Some(ApprovalStatus::Approved), Some(created), Some(modified)) => return Ok((created, modified.max(created))),
        (Some(ApprovalStatus::Approved) | None, _, _) => {
            Verdict::unknown(format!("when `{arn}` was approved is not known"))
        }
        (Some(_), _, _) if never => Verdict::not_applicable(format!("`{arn}` was never approved; APR-001 judges that")),
        (Some(_), _, _) => Verdict::unknown(format!("whether and when `{arn}` was approved before is not known")),
    }))
}

fn judge<'a>(
    artifact: &'a LiveArtifact<'a>,
    earliest: Timestamp,
    latest: Timestamp,
    live: &'a LiveVersion<'a>,
    context: Context<'a>,
) -> Verdict {
    let uri = &artifact.data.uri;
    let states = (artifact.state_at(earliest), artifact.state_at(latest), artifact.state_at(context.estate.as_of));
    let (Some(before), Some(approved), Some(now)) = states else {
        return Verdict::unknown(format!("the versions of `{uri}` could not be read"));
    };
    let bucket = artifact
        .location
        .as_ref()
        .and_then(|location| context.estate.index.bucket(live.account, live.region, &location.bucket).found());
    let versioning = bucket.and_then(|bucket| bucket.data.versioning);
    let same = |one: &BTreeMap<&str, &ObjectVersion>, two: &BTreeMap<&str, &ObjectVersion>| {
        one.len() == two.len() && one.iter().zip(two).all(|((_, one), (_, two))| is_same(one, two))
    };
    let verdict = if same(&approved, &now) && same(&before, &approved) && !now.is_empty() {
        Verdict::pass("nothing was written since the approval")
    } else if same(&before, &approved) {
        let keys = approved.keys().chain(now.keys()).copied().collect::<std::collections::BTreeSet<_>>();
        let each = keys
            .into_iter()
            .map(|key| compare(key, approved.get(key).copied(), now.get(key).copied(), artifact, versioning));
        worst(each).unwrap_or_else(|| gone(uri))
    } else {
        Verdict::unknown(format!(
            "`{uri}` was written between {earliest} and {latest}, and when in between the version was approved is not known"
        ))
    };
    let seen = artifact.listing.found().map_or(&[][..], |listing| listing.seen.as_slice());
    let verdict = now.values().take(3).fold(verdict, |verdict, now| verdict.cite_calls(seen, place(now)));
    match bucket.filter(|bucket| bucket.data.versioning != Some(Versioning::Enabled)) {
        Some(bucket) => verdict.cite(bucket, format!("bucket `{}` does not keep versions", bucket.data.name)),
        None => verdict,
    }
}

fn is_same(one: &ObjectVersion, two: &ObjectVersion) -> bool {
    one.key == two.key && one.version_id == two.version_id && one.last_modified == two.last_modified
}

/// One key: what it held at the approval, against what it holds now.
fn compare(
    key: &str,
    approved: Option<&ObjectVersion>,
    now: Option<&ObjectVersion>,
    artifact: &LiveArtifact<'_>,
    versioning: Option<Versioning>,
) -> Verdict {
    match (approved, now) {
        (Some(approved), Some(now)) if is_same(approved, now) => {
            Verdict::pass("nothing was written since the approval")
        }
        (Some(approved), Some(now)) => replaced(key, approved, now),
        (Some(approved), None) => Verdict::fail(format!("`{key}` was deleted since the approval"))
            .gate(Gate::Fix)
            .note(format!("approved was {}", place(approved))),
        (None, Some(now)) => appeared(key, now, artifact, versioning),
        (None, None) => gone(&artifact.data.uri),
    }
}

fn replaced(key: &str, approved: &ObjectVersion, now: &ObjectVersion) -> Verdict {
    let was = format!("approved was {}", place(approved));
    let (Some(old), Some(new)) = (&approved.etag, &now.etag) else {
        return sizes(key, approved, now).note(was);
    };
    if approved.size == now.size && old == new && comparable(old, new) {
        return Verdict::pass("artifacts were written again with the content that was approved")
            .note(format!("`{key}` was written again at {}, with the same ETag", now.last_modified));
    }
    sizes(key, approved, now).note(was)
}

fn sizes(key: &str, approved: &ObjectVersion, now: &ObjectVersion) -> Verdict {
    match (approved.size, now.size) {
        (Some(old), Some(new)) if old != new => Verdict::fail(format!(
            "`{key}` was replaced at {}: {new} bytes, where {old} were approved",
            now.last_modified
        ))
        .gate(Gate::Stop),
        _ => Verdict::unknown(format!(
            "`{key}` was replaced at {} by as many bytes with another ETag; equality is not proved",
            now.last_modified
        )),
    }
}

/// Nothing of this key is known from before the approval, and something is there now.
fn appeared(key: &str, now: &ObjectVersion, artifact: &LiveArtifact<'_>, versioning: Option<Versioning>) -> Verdict {
    let written = now.last_modified;
    let registered = artifact.registered_etag.filter(|_| !artifact.is_set());
    if let (Some(registered), Some(etag)) = (registered, now.etag.as_deref())
        && registered == etag
        && comparable(registered, etag)
    {
        return Verdict::pass("artifacts were written again with the content that was registered")
            .note(format!("`{key}` was written again at {written}, with the registered ETag"));
    }
    match versioning {
        Some(Versioning::Enabled) if artifact.is_set() => {
            Verdict::fail(format!("`{key}` was added at {written}, after the approval")).gate(Gate::Stop)
        }
        Some(Versioning::Enabled) => {
            Verdict::unknown(format!("`{key}` was written at {written}, and no version from before the approval is left"))
        }
        Some(Versioning::Never) => Verdict::fail(format!(
            "`{key}` was written at {written}, after the approval, in a bucket that never kept versions: what was approved is gone"
        ))
        .gate(Gate::Fix),
        Some(Versioning::Suspended) => {
            Verdict::unknown(format!("`{key}` was written at {written}, and a suspended bucket keeps no full history"))
        }
        None => Verdict::unknown(format!("`{key}` was written at {written}, and whether its bucket keeps versions is not known")),
    }
}

fn gone(uri: &str) -> Verdict {
    Verdict::fail(format!("nothing is stored at `{uri}` any more")).gate(Gate::Fix)
}

#[cfg(test)]
mod tests;

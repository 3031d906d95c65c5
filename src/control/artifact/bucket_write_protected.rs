//! ART-005

use std::collections::BTreeSet;

use crate::control::{Check, Context, Verdict, worst};
use crate::declare_control;
use crate::estate::{LiveArtifact, Lookup, WriteGuard, write_guard};
use crate::evidence::{Bucket, Fact};

declare_control! {
    /// ## What it requires
    /// Not everybody with a broad role can overwrite an artifact that serves: the bucket locks what is written to it, or its
    /// policy denies `s3:PutObject` to all but named principals.
    ///
    /// ## Why
    /// Roles for training and notebooks often may write to every bucket of models. An explicit deny in the bucket's own policy
    /// is the one thing that no identity policy of theirs can undo.
    ///
    /// ## Evidence
    /// Object Lock of the bucket, and its policy as far as it denies `s3:PutObject` on the keys in use: principals,
    /// `NotPrincipal`, and conditions on `aws:PrincipalArn` or `aws:userid`. Whom identity policies allow to write is not
    /// looked at: without a deny, that is anybody's next change.
    ///
    /// ## Results
    /// - **pass**: new versions are locked by default (a later version can still be put over them, which ART-001 shows); or the
    ///   policy denies writing to all but named principals, who are listed
    /// - **fail**: neither
    /// - **unknown**: Object Lock or the policy could not be read, or a statement that may decide is not understood
    /// - **not applicable**: the bucket does not exist (ART-001 judges what it held)
    "ART-005" "bucket-write-protected" {
        summary: "artifacts cannot be overwritten by everybody",
        severity: Medium,
        gate: Operability,
        needs: [Buckets],
        uses: [],
        remedy: "deny `s3:PutObject` in the bucket policy to all but the release role (`ArnNotLike` on `aws:PrincipalArn`), or give the bucket Object Lock with a default retention",
        role: "bucket owner",
        frameworks: [("AWS Security Hub", "S3.15"), ("ISO/IEC 42001", "A.6.2.5"), ("EU AI Act", "Art. 15")],
        check: Check::Bucket(check),
    }
}

fn check<'a>(account: &'a str, region: &'a str, name: &'a str, context: Context<'a>) -> Verdict {
    let bucket = match context.estate.index.bucket(account, region, name) {
        Lookup::Found(bucket) => bucket,
        Lookup::Absent(call) => {
            return Verdict::not_applicable(format!("bucket `{name}` does not exist"))
                .cite_calls(&[call], format!("bucket `{name}` does not exist"));
        }
        Lookup::Unseen | Lookup::NotNamed => return Verdict::unknown(format!("bucket `{name}` could not be read")),
    };
    if let Some(verdict) = locked(bucket) {
        return verdict;
    }
    let Some(policy) = &bucket.data.policy else {
        return Verdict::unknown(format!("the policy of bucket `{name}` could not be read"));
    };
    let guards = keys(account, region, name, context).into_iter();
    let each = guards.map(|(key, prefix)| judge(&write_guard(policy, name, &key, prefix), &key));
    let verdict = worst(each).unwrap_or_else(|| Verdict::not_applicable("nothing that serves lies in it"));
    let verdict = match bucket.data.object_lock {
        // It might be locked.
        None if verdict.status == crate::control::Status::Fail => {
            verdict.doubted(format!("Object Lock of bucket `{name}` could not be read"))
        }
        _ => verdict,
    };
    verdict.cite(bucket, format!("policy and Object Lock of bucket `{name}`"))
}

fn locked(bucket: &Fact<Bucket>) -> Option<Verdict> {
    let lock = bucket.data.object_lock.as_ref().filter(|lock| lock.enabled)?;
    let (mode, days) = (lock.mode.as_deref()?, lock.days?);
    Some(
        Verdict::pass(format!("what is written is locked for {days} days ({})", mode.to_lowercase()))
            .note("a lock keeps each version and does not keep anybody from putting another over it; ART-001 would show that")
            .cite(bucket, format!("Object Lock of bucket `{}` locks new versions by default", bucket.data.name)),
    )
}

fn judge(guard: &WriteGuard, key: &str) -> Verdict {
    match guard {
        WriteGuard::Only(who) if who.is_empty() => Verdict::pass("the bucket policy lets nobody write"),
        WriteGuard::Only(who) => {
            let who: Vec<String> = who.iter().map(|who| format!("`{who}`")).collect();
            Verdict::pass(format!("the bucket policy lets nobody write but {}", who.join(", ")))
        }
        WriteGuard::Open => Verdict::fail(format!(
            "nothing keeps a role that may write to S3 from overwriting `{key}`: no lock, and no deny in the bucket policy"
        )),
        WriteGuard::Unclear(why) => Verdict::unknown(format!("who may write `{key}` cannot be told: {why}")),
    }
}

/// What serves out of a bucket: keys, and prefixes with everything below them.
fn keys(account: &str, region: &str, name: &str, context: Context<'_>) -> BTreeSet<(String, bool)> {
    let here = context.estate.live.iter().filter(|live| live.account == account && live.region == region);
    let artifacts = here.flat_map(|live| &live.containers).flat_map(|container| &container.artifacts);
    let histories = artifacts.flat_map(LiveArtifact::histories).filter(|history| history.location.bucket == name);
    histories.map(|history| (history.location.key.clone(), history.set)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{FactKind, ObjectLock};

    fn policy(text: &'static str) -> Fixture {
        Fixture::sound().edit(move |bucket: &mut Bucket| bucket.policy = Some(text.to_owned()))
    }

    fn lock(lock: Option<ObjectLock>) -> Fixture {
        policy("").edit(move |bucket: &mut Bucket| bucket.object_lock.clone_from(&lock))
    }

    #[test]
    fn a_lock_or_a_deny_protects() {
        let retained = ObjectLock { enabled: true, mode: Some("GOVERNANCE".to_owned()), days: Some(365) };
        let only_possible = ObjectLock { enabled: true, mode: None, days: None };
        let odd = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"*",
            "Condition":{"StringNotEquals":{"aws:PrincipalTag/team":"release"}}}}"#;
        Tester::new(&CONTROL)
            .on(BUCKET)
            .pass(Fixture::sound(), "nobody write but, role/release")
            .touches(1)
            .fail(policy(""), "nothing keeps, fraud/7/model.tar.gz")
            .pass(lock(Some(retained)), "locked for 365 days")
            .note("ART-001 would show")
            .fail(lock(Some(only_possible)), "nothing keeps")
            .unknown(lock(None), "Object Lock, could not be read")
            .unknown(policy(odd), "cannot be told, PrincipalTag")
            .unknown(Fixture::sound().edit(|bucket: &mut Bucket| bucket.policy = None), "policy, could not be read")
            .hidden(Fixture::sound().hidden(FactKind::Buckets, BUCKET))
            .not_applicable(Fixture::sound().absent(FactKind::Buckets, BUCKET), "does not exist");
    }

    #[test]
    fn every_key_in_use_counts() {
        let elsewhere = r#"{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":"arn:aws:iam::111122223333:role/release"},
            "Action":"s3:PutObject","Resource":"arn:aws:s3:::ml-models/churn/*"}]}"#;
        Tester::new(&CONTROL).on(BUCKET).fail(policy(elsewhere), "nothing keeps, fraud/7");
    }
}

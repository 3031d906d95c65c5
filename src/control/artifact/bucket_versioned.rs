//! ART-004

use crate::control::{Check, Context, Verdict};
use crate::declare_control;
use crate::estate::Lookup;
use crate::evidence::Versioning;

declare_control! {
    /// ## What it requires
    /// Every bucket that holds artifacts of what serves keeps versions.
    ///
    /// ## Why
    /// Without versions each write destroys what was approved, and nobody can prove or restore it.
    ///
    /// ## Evidence
    /// `GetBucketVersioning` of each bucket in use by live versions.
    ///
    /// ## Results
    /// - **pass**: `Enabled`
    /// - **fail**: suspended, or never enabled
    /// - **unknown**: the setting could not be read
    /// - **not applicable**: the bucket does not exist (ART-001 judges what it held)
    "ART-004" "bucket-versioned" {
        summary: "buckets of artifacts keep versions",
        severity: High,
        gate: Fix,
        needs: [Buckets],
        uses: [],
        remedy: "aws s3api put-bucket-versioning --bucket BUCKET --versioning-configuration Status=Enabled",
        role: "bucket owner",
        frameworks: [("AWS Security Hub", "S3.14"), ("ISO/IEC 42001", "A.7.5"), ("AWS Well-Architected", "Reliability")],
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
    let (verdict, state) = match bucket.data.versioning {
        Some(Versioning::Enabled) => (Verdict::pass("every write makes a version"), "Enabled"),
        Some(Versioning::Suspended) => {
            (Verdict::fail("versioning is suspended: each write replaces the last in place"), "Suspended")
        }
        Some(Versioning::Never) => {
            (Verdict::fail("versioning was never enabled: each write destroys what was there"), "never enabled")
        }
        None => (Verdict::unknown(format!("versioning of bucket `{name}` could not be read")), "not known"),
    };
    verdict
        .cite(bucket, format!("versioning of bucket `{name}` is {state}"))
        .remedy(format!("aws s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::control::tester::Tester;
    use crate::estate::fixture::*;
    use crate::evidence::{Bucket, FactKind};

    fn versioning(state: Option<Versioning>) -> Fixture {
        Fixture::sound().edit(move |bucket: &mut Bucket| bucket.versioning = state)
    }

    #[test]
    fn every_state_of_a_bucket() {
        Tester::new(&CONTROL)
            .on(BUCKET)
            .pass(Fixture::sound(), "every write makes a version")
            .touches(1)
            .fail(versioning(Some(Versioning::Suspended)), "suspended")
            .remedy("--bucket ml-models, Status=Enabled")
            .fail(versioning(Some(Versioning::Never)), "never enabled")
            .unknown(versioning(None), "could not be read")
            .hidden(Fixture::sound().hidden(FactKind::Buckets, BUCKET))
            .hidden(Fixture::sound().hidden_all(FactKind::Buckets))
            .not_applicable(Fixture::sound().absent(FactKind::Buckets, BUCKET), "does not exist");
    }
}

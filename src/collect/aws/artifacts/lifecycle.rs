//! Lifecycle rules, as far as they take versions away or out of reach.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use aws_sdk_s3::types::{
    ExpirationStatus, LifecycleExpiration, LifecycleRule as S3Rule, LifecycleRuleFilter, NoncurrentVersionExpiration,
    NoncurrentVersionTransition, Transition as S3Transition,
};

use super::settings::malformed;
use crate::collect::Malformed;
use crate::collect::aws::text::{instant, text};
use crate::evidence::{LifecycleRule, Transition};

/// The rules of a bucket. That it has none, AWS says by an error.
///
/// # Errors
/// If there is no rule.
pub(super) fn rules(bucket: &str, rules: &[S3Rule]) -> Result<Vec<LifecycleRule>, Malformed> {
    if rules.is_empty() {
        return Err(malformed(bucket, "its lifecycle has no rule"));
    }
    Ok(rules.iter().map(rule).collect())
}

fn rule(given: &S3Rule) -> LifecycleRule {
    let expiration = given.expiration();
    let noncurrent = given.noncurrent_version_expiration();
    let moves = given.transitions().iter().filter_map(transition);
    let moves = moves.chain(given.noncurrent_version_transitions().iter().filter_map(noncurrent_transition));
    LifecycleRule {
        id: text(given.id()),
        // What a later version of the API may call a status is taken for one in force.
        enabled: *given.status() != ExpirationStatus::Disabled,
        prefix: prefix(given),
        narrowed: given.filter().is_some_and(is_narrowed),
        expires_days: expiration.and_then(LifecycleExpiration::days),
        expires_on: expiration.and_then(|expiration| instant(expiration.date())),
        noncurrent_days: noncurrent.and_then(NoncurrentVersionExpiration::noncurrent_days),
        noncurrent_kept: noncurrent.and_then(NoncurrentVersionExpiration::newer_noncurrent_versions),
        transitions: moves.collect(),
    }
}

/// The prefix, in the place where rules of today have it, or where old ones have it still.
fn prefix(rule: &S3Rule) -> String {
    #[expect(deprecated, reason = "rules made before filters carry it there, and S3 gives them back as they are")]
    let old = rule.prefix();
    let filter = rule.filter();
    let of_filter = filter.and_then(|filter| filter.prefix().or_else(|| filter.and()?.prefix()));
    of_filter.or(old).unwrap_or_default().to_owned()
}

/// Whether a tag or a size narrows the rule beyond its prefix.
fn is_narrowed(filter: &LifecycleRuleFilter) -> bool {
    let all_of = filter.and().is_some_and(|and| {
        !and.tags().is_empty() || and.object_size_greater_than().is_some() || and.object_size_less_than().is_some()
    });
    let one = filter.tag().is_some()
        || filter.object_size_greater_than().is_some()
        || filter.object_size_less_than().is_some();
    all_of || one
}

fn transition(given: &S3Transition) -> Option<Transition> {
    Some(Transition {
        days: given.days().unwrap_or_default(),
        on: instant(given.date()),
        storage_class: given.storage_class()?.as_str().to_owned(),
        noncurrent: false,
        kept: None,
    })
}

fn noncurrent_transition(given: &NoncurrentVersionTransition) -> Option<Transition> {
    Some(Transition {
        days: given.noncurrent_days().unwrap_or_default(),
        on: None,
        storage_class: given.storage_class()?.as_str().to_owned(),
        noncurrent: true,
        kept: given.newer_noncurrent_versions(),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::types::{LifecycleRuleAndOperator, Tag, TransitionStorageClass};
    use aws_smithy_types::DateTime;

    use super::*;

    fn read(rule: aws_sdk_s3::types::builders::LifecycleRuleBuilder) -> LifecycleRule {
        rules("b", &[rule.build().unwrap()]).unwrap().remove(0)
    }

    fn enabled() -> aws_sdk_s3::types::builders::LifecycleRuleBuilder {
        S3Rule::builder().status(ExpirationStatus::Enabled)
    }

    #[test]
    fn a_rule_says_what_it_takes_away_and_when() {
        let move_to = |class| S3Transition::builder().storage_class(class);
        let rule = read(
            enabled()
                .id("old-versions")
                .filter(LifecycleRuleFilter::builder().prefix("fraud/").build())
                .expiration(LifecycleExpiration::builder().date(DateTime::from_secs(1_800_000_000)).build())
                .noncurrent_version_expiration(
                    NoncurrentVersionExpiration::builder().noncurrent_days(30).newer_noncurrent_versions(3).build(),
                )
                .transitions(move_to(TransitionStorageClass::Glacier).days(90).build())
                .transitions(move_to(TransitionStorageClass::DeepArchive).date(DateTime::from_secs(1)).build())
                .noncurrent_version_transitions(
                    NoncurrentVersionTransition::builder()
                        .noncurrent_days(7)
                        .newer_noncurrent_versions(1)
                        .storage_class(TransitionStorageClass::GlacierIr)
                        .build(),
                ),
        );
        let moved = |days, on: Option<&str>, class: &str, noncurrent, kept| Transition {
            days,
            on: on.map(|on| on.parse().unwrap()),
            storage_class: class.to_owned(),
            noncurrent,
            kept,
        };
        assert_eq!(
            rule,
            LifecycleRule {
                id: Some("old-versions".to_owned()),
                enabled: true,
                prefix: "fraud/".to_owned(),
                narrowed: false,
                expires_days: None,
                expires_on: Some("2027-01-15T08:00:00Z".parse().unwrap()),
                noncurrent_days: Some(30),
                noncurrent_kept: Some(3),
                transitions: vec![
                    moved(90, None, "GLACIER", false, None),
                    moved(0, Some("1970-01-01T00:00:01Z"), "DEEP_ARCHIVE", false, None),
                    moved(7, None, "GLACIER_IR", true, Some(1)),
                ],
            }
        );
    }

    #[test]
    fn what_a_rule_is_about_is_read_in_every_form() {
        let tag = || Tag::builder().key("temporary").value("yes").build().unwrap();
        let filter = LifecycleRuleFilter::builder;
        let and = LifecycleRuleAndOperator::builder().prefix("a/");
        for (rule, prefix, narrowed) in [
            (enabled(), "", false),
            (enabled().filter(filter().build()), "", false),
            (enabled().filter(filter().prefix("a/").build()), "a/", false),
            (enabled().filter(filter().tag(tag()).build()), "", true),
            (enabled().filter(filter().object_size_less_than(9).build()), "", true),
            (enabled().filter(filter().and(and.clone().tags(tag()).build()).build()), "a/", true),
            (enabled().filter(filter().and(and.object_size_greater_than(9).build()).build()), "a/", true),
        ] {
            let read = read(rule);
            assert_eq!((read.prefix.as_str(), read.narrowed), (prefix, narrowed));
        }
        #[expect(deprecated, reason = "the form that is tested")]
        let old = enabled().prefix("old/");
        assert_eq!(read(old).prefix, "old/");
        assert!(!read(S3Rule::builder().status(ExpirationStatus::Disabled)).enabled);
    }

    #[test]
    fn no_rule_is_no_answer() {
        rules("b", &[]).unwrap_err();
    }
}

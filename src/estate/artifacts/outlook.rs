//! What lies ahead of a stored version: when lifecycle rules delete it, hide it or move it out of reach.
//!
//! S3 adds the days of a rule to the moment when the version was written (for the current one) or when another took its
//! place (for a noncurrent one), and rounds up to the next midnight UTC. Rules run some time after that moment, so it is
//! the earliest. In a versioned bucket, expiry of the current version puts a delete marker over it; the bytes go when the
//! rule for noncurrent versions says so.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use jiff::{SignedDuration, Timestamp};

use super::history::History;
use super::state::by_age;
use crate::evidence::{LifecycleRule, ObjectVersion, Versioning};

/// Something that a lifecycle rule does to a version.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End<'a> {
    /// When, at the earliest.
    pub at: Timestamp,
    /// What.
    pub kind: EndKind,
    /// Whether the rule is about this version for certain: a tag or a size may narrow it.
    pub certain: bool,
    /// The rule's id; none where a restored copy runs out.
    pub rule: Option<&'a str>,
}

/// What a lifecycle rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndKind {
    /// The bytes go.
    Deleted,
    /// A delete marker is put over it: the key holds nothing any more.
    Hidden,
    /// It has to be restored before it can be read.
    Archived,
}

impl EndKind {
    /// The same where it is not certain.
    pub fn may(self) -> &'static str {
        match self {
            Self::Deleted => "may be deleted",
            Self::Hidden => "may get a delete marker",
            Self::Archived => "may be archived",
        }
    }

    /// In plain words, after the version's name.
    pub fn words(self) -> &'static str {
        match self {
            Self::Deleted => "is deleted",
            Self::Hidden => "gets a delete marker",
            Self::Archived => "is archived",
        }
    }
}

/// Whether a storage class has to be restored before it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It can be read at once.
    AtOnce,
    /// It has to be restored first.
    Archived,
    /// It moves by itself, into archive tiers too where the bucket opts in, and a listing does not say where it is.
    NotListed,
}

/// How a version of this storage class is read.
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html>
fn access(storage_class: Option<&str>) -> Access {
    match storage_class {
        Some("GLACIER" | "DEEP_ARCHIVE" | "ARCHIVE_ACCESS" | "DEEP_ARCHIVE_ACCESS") => Access::Archived,
        Some("INTELLIGENT_TIERING") => Access::NotListed,
        _ => Access::AtOnce,
    }
}

/// How a version is read at an instant: a restored copy can be read at once.
pub fn access_at(version: &ObjectVersion, at: Timestamp) -> Access {
    if version.restored_until.is_some_and(|until| until > at) {
        return Access::AtOnce;
    }
    access(version.storage_class.as_deref())
}

impl<'a> History<'a> {
    /// What lifecycle rules will do to a stored version, earliest first; `None` if they were not read.
    pub fn ends(&self, version: &ObjectVersion) -> Option<Vec<End<'a>>> {
        let bucket = &self.bucket.found()?.data;
        let rules = bucket.lifecycle.as_ref()?.iter();
        let place = self.place(version);
        let versioning = bucket.versioning;
        let rules: Vec<&'a LifecycleRule> =
            rules.filter(|rule| rule.enabled && version.key.starts_with(&rule.prefix)).collect();
        let mut ends = Vec::new();
        for rule in &rules {
            let end = |at, kind| End { at, kind, certain: !rule.narrowed, rule: rule.id.as_deref() };
            match place {
                Place::Current => {
                    let by_days = rule.expires_days.and_then(|days| midnight_after(version.last_modified, days));
                    for at in [by_days, rule.expires_on].into_iter().flatten() {
                        let in_place = versioning == Some(Versioning::Never)
                            || (versioning != Some(Versioning::Enabled) && version.version_id == "null");
                        if in_place {
                            ends.push(end(locked(version, at), EndKind::Deleted));
                            continue;
                        }
                        ends.push(end(at, EndKind::Hidden));
                        ends.extend(rules.iter().filter_map(|other| noncurrent(other, version, at, 0)).map(
                            |mut it| {
                                it.certain &= !rule.narrowed;
                                it
                            },
                        ));
                    }
                }
                Place::Noncurrent { since, newer } => ends.extend(noncurrent(rule, version, since, newer)),
            }
            for step in rule.transitions.iter().filter(|step| access(Some(&step.storage_class)) != Access::AtOnce) {
                let from = match place {
                    Place::Current if !step.noncurrent => Some(version.last_modified),
                    Place::Noncurrent { since, newer } if step.noncurrent && newer >= count(step.kept) => Some(since),
                    _ => None,
                };
                let archives = access(Some(&step.storage_class)) == Access::Archived;
                if let Some(at) = from.and_then(|from| step.on.or_else(|| midnight_after(from, step.days))) {
                    ends.push(End { certain: archives && !rule.narrowed, ..end(at, EndKind::Archived) });
                }
            }
        }
        if let Some(at) = version.restored_until {
            ends.push(End { at, kind: EndKind::Archived, certain: true, rule: None });
        }
        ends.sort_by_key(|end| (end.at, end.kind, !end.certain));
        Some(ends)
    }

    /// Whether a version is the newest of its key, or since when it is not.
    fn place(&self, version: &ObjectVersion) -> Place {
        let listed = self.listing.found().map_or(&[][..], |listing| listing.data.versions.as_slice());
        let mut newer: Vec<&ObjectVersion> =
            listed.iter().filter(|it| it.key == version.key && by_age(version, it).is_lt()).collect();
        newer.sort_by(|a, b| by_age(a, b));
        match newer.first() {
            None => Place::Current,
            Some(next) => Place::Noncurrent { since: next.last_modified, newer: newer.len() - 1 },
        }
    }
}

#[derive(Clone, Copy)]
enum Place {
    Current,
    Noncurrent {
        since: Timestamp,
        /// Newer noncurrent entries of the key.
        newer: usize,
    },
}

/// When a rule deletes a version that is noncurrent since an instant. One that keeps so many newer versions deletes it
/// only once there are more of them.
fn noncurrent<'a>(rule: &'a LifecycleRule, version: &ObjectVersion, since: Timestamp, newer: usize) -> Option<End<'a>> {
    if newer < count(rule.noncurrent_kept) {
        return None;
    }
    let at = locked(version, midnight_after(since, rule.noncurrent_days?)?);
    Some(End { at, kind: EndKind::Deleted, certain: !rule.narrowed, rule: rule.id.as_deref() })
}

fn count(kept: Option<i32>) -> usize {
    kept.and_then(|kept| usize::try_from(kept).ok()).unwrap_or(0)
}

/// A rule cannot delete what Object Lock retains.
fn locked(version: &ObjectVersion, at: Timestamp) -> Timestamp {
    version.retained_until.map_or(at, |until| at.max(until))
}

/// So many days later, rounded up to midnight UTC.
fn midnight_after(from: Timestamp, days: i32) -> Option<Timestamp> {
    const DAY: i64 = 86_400;
    let later = from.checked_add(SignedDuration::from_hours(i64::from(days) * 24)).ok()?;
    let whole = later.as_second().div_euclid(DAY) * DAY;
    let exact = whole == later.as_second() && later.subsec_nanosecond() == 0;
    Timestamp::from_second(if exact { whole } else { whole + DAY }).ok()
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::*;
    use super::*;
    use crate::evidence::{Bucket, ObjectListing, Transition};

    const KEY: &str = "fraud/7/model.tar.gz";

    fn rule(change: impl FnOnce(&mut LifecycleRule)) -> LifecycleRule {
        let mut rule = LifecycleRule { id: Some("tidy".to_owned()), enabled: true, ..LifecycleRule::default() };
        change(&mut rule);
        rule
    }

    /// What lies ahead of `v7`, with `newer` versions above it.
    fn ends(rules: Vec<LifecycleRule>, newer: &[&str]) -> Vec<(String, EndKind, bool)> {
        ends_in(Versioning::Enabled, rules, newer, None)
    }

    fn ends_in(
        versioning: Versioning,
        rules: Vec<LifecycleRule>,
        newer: &[&str],
        retained: Option<&str>,
    ) -> Vec<(String, EndKind, bool)> {
        let mut versions: Vec<ObjectVersion> =
            newer.iter().map(|at| version(KEY, &format!("at-{at}"), PREVIOUS_ETAG, at)).collect();
        let retained_until = retained.map(at);
        versions.push(ObjectVersion { retained_until, ..version(KEY, "v7", ETAG, WRITTEN) });
        let fixture = Fixture::sound()
            .edit_named(ARTIFACT, |held: &mut ObjectListing| *held = listing(ARTIFACT, versions.clone()))
            .edit(|bucket: &mut Bucket| {
                bucket.lifecycle = Some(rules.clone());
                bucket.versioning = Some(versioning);
            });
        let estate = fixture.estate();
        let history = estate.live[0].containers[0].artifacts[0].history.clone().expect("in S3");
        let version = history.entries().into_iter().find(|entry| entry.version_id == "v7").expect("v7");
        history.ends(version).expect("read").iter().map(|end| (end.at.to_string(), end.kind, end.certain)).collect()
    }

    fn end(at: &str, kind: EndKind) -> (String, EndKind, bool) {
        (format!("{at}T00:00:00Z"), kind, true)
    }

    #[test]
    fn days_are_added_and_rounded_up_to_midnight() {
        let days = |from: &str, days| midnight_after(at(from), days).unwrap().to_string();
        // The example of the S3 user guide.
        assert_eq!(days("2014-01-15T10:30:00Z", 3), "2014-01-19T00:00:00Z");
        assert_eq!(days("2014-01-15T00:00:00Z", 3), "2014-01-18T00:00:00Z");
        assert_eq!(midnight_after(Timestamp::MAX, 1), None);
    }

    #[test]
    fn a_noncurrent_version_goes_so_long_after_another_took_its_place() {
        let noncurrent = |kept| rule(|it| (it.noncurrent_days, it.noncurrent_kept) = (Some(30), kept));
        let replaced = ["2026-05-10T08:00:00Z"];
        assert_eq!(ends(vec![noncurrent(None)], &[]), [], "it is the current one");
        assert_eq!(ends(vec![noncurrent(None)], &replaced), [end("2026-06-10", EndKind::Deleted)]);
        assert_eq!(ends(vec![noncurrent(Some(1))], &replaced), [], "the one newest noncurrent version is kept");
        let twice = ["2026-05-12T08:00:00Z", "2026-05-10T08:00:00Z"];
        assert_eq!(ends(vec![noncurrent(Some(1))], &twice), [end("2026-06-10", EndKind::Deleted)]);
    }

    #[test]
    fn the_current_version_is_hidden_first_where_versions_are_kept() {
        let expires = rule(|it| it.expires_days = Some(60));
        let both = rule(|it| (it.expires_days, it.noncurrent_days) = (Some(60), Some(10)));
        assert_eq!(ends(vec![expires.clone()], &[]), [end("2026-07-04", EndKind::Hidden)]);
        assert_eq!(ends(vec![both], &[]), [end("2026-07-04", EndKind::Hidden), end("2026-07-14", EndKind::Deleted)]);
        let never = ends_in(Versioning::Never, vec![expires.clone()], &[], None);
        assert_eq!(never, [end("2026-07-04", EndKind::Deleted)]);
        assert_eq!(ends(vec![expires], &["2026-05-10T08:00:00Z"]), [], "another is the current one");
        let on = rule(|it| it.expires_on = Some(at("2026-09-01T00:00:00Z")));
        assert_eq!(ends(vec![on], &[]), [end("2026-09-01", EndKind::Hidden)]);
    }

    #[test]
    fn a_rule_of_another_prefix_or_switched_off_does_nothing_and_a_narrowed_one_may() {
        let expires = |change: fn(&mut LifecycleRule)| {
            rule(|it| {
                it.expires_days = Some(60);
                change(it);
            })
        };
        assert_eq!(ends(vec![expires(|it| it.enabled = false)], &[]), []);
        assert_eq!(ends(vec![expires(|it| it.prefix = "churn/".to_owned())], &[]), []);
        assert_eq!(ends(vec![expires(|it| it.prefix = "fraud/".to_owned())], &[]).len(), 1);
        let may = ("2026-07-04T00:00:00Z".to_owned(), EndKind::Hidden, false);
        assert_eq!(ends(vec![expires(|it| it.narrowed = true)], &[]), [may]);
    }

    #[test]
    fn what_is_locked_is_not_deleted_before() {
        let noncurrent = rule(|it| it.noncurrent_days = Some(30));
        let locked =
            |until| ends_in(Versioning::Enabled, vec![noncurrent.clone()], &["2026-05-10T08:00:00Z"], Some(until));
        assert_eq!(locked("2027-01-01T00:00:00Z"), [end("2027-01-01", EndKind::Deleted)]);
        assert_eq!(locked("2026-05-20T00:00:00Z"), [end("2026-06-10", EndKind::Deleted)]);
    }

    #[test]
    fn archive_classes_are_out_of_reach_and_others_are_not() {
        let moves = |class: &str, noncurrent| {
            let step = Transition { days: 40, on: None, storage_class: class.to_owned(), noncurrent, kept: None };
            rule(move |it| it.transitions = vec![step])
        };
        assert_eq!(ends(vec![moves("DEEP_ARCHIVE", false)], &[]), [end("2026-06-14", EndKind::Archived)]);
        assert_eq!(ends(vec![moves("STANDARD_IA", false), moves("GLACIER_IR", false)], &[]), []);
        let tiering = ("2026-06-14T00:00:00Z".to_owned(), EndKind::Archived, false);
        assert_eq!(ends(vec![moves("INTELLIGENT_TIERING", false)], &[]), [tiering]);
        assert_eq!(ends(vec![moves("GLACIER", true)], &[]), []);
        assert_eq!(
            ends(vec![moves("GLACIER", true)], &["2026-05-10T08:00:00Z"]),
            [end("2026-06-20", EndKind::Archived)]
        );
        for (class, expected) in [
            (None, Access::AtOnce),
            (Some("GLACIER_IR"), Access::AtOnce),
            (Some("GLACIER"), Access::Archived),
            (Some("INTELLIGENT_TIERING"), Access::NotListed),
        ] {
            assert_eq!(access(class), expected);
        }
        let restored = ObjectVersion {
            storage_class: Some("GLACIER".to_owned()),
            restored_until: Some(at("2026-06-10T00:00:00Z")),
            ..version(KEY, "v7", ETAG, WRITTEN)
        };
        assert_eq!(access_at(&restored, at(AS_OF)), Access::AtOnce);
        assert_eq!(access_at(&restored, at("2026-06-11T00:00:00Z")), Access::Archived);
    }
}

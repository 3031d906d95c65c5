//! Edits of a version's content: packages are not immutable, and an approval says nothing about what came after it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{ApprovalEvent, Event};
use crate::estate::Actor;
use crate::evidence::{ApprovalStatus, Fact, ModelData, Package, PackageContainer, Remembered};

/// Parameters of `UpdateModelPackage` that change what a version is.
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateModelPackage.html>
const CONTENT: [(&str, &str); 3] = [
    ("inferenceSpecification", "its inference specification"),
    ("additionalInferenceSpecificationsToAdd", "additional inference specifications"),
    ("sourceUri", "the URI of its source"),
];

/// A call that changed what the version is.
#[derive(Clone, Debug)]
pub struct ContentEdit<'a> {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// What it changed, in plain words.
    pub parts: Vec<&'static str>,
    /// The event.
    pub event: Event<'a>,
}

/// A description that an earlier run archived, and what is different now.
#[derive(Clone, Debug)]
pub struct Difference<'a> {
    /// The archived description.
    pub archived: &'a Fact<Remembered<Package>>,
    /// What differs, in plain words.
    pub what: Vec<String>,
}

impl<'a> ContentEdit<'a> {
    pub(super) fn of(event: Event<'a>, by: &Actor) -> Option<Self> {
        let given = CONTENT.iter().filter(|(parameter, _)| event.data.has_parameter(parameter));
        let parts: Vec<_> = given.map(|(_, words)| *words).collect();
        (!parts.is_empty()).then(|| Self { at: event.data.time, by: by.clone(), parts, event })
    }
}

/// The newest archived description of the approved version whose content is not the present one. One from before the
/// approval, as far as that is known, shows only what was made ready for it.
pub(super) fn since_archived<'a>(
    package: &Fact<Package>,
    archived: &[&'a Fact<Remembered<Package>>],
    approved: Option<&ApprovalEvent<'_>>,
) -> Option<Difference<'a>> {
    let mut differing = of_approved(archived, approved).rev().map(|archived| {
        let what = differences(&archived.data.data, &package.data);
        Difference { archived, what }
    });
    differing.find(|difference| !difference.what.is_empty())
}

/// The oldest archived description of the approved version, if each of them says what the present one does.
pub(super) fn same_since<'a>(
    package: &Fact<Package>,
    archived: &[&'a Fact<Remembered<Package>>],
    approved: Option<&ApprovalEvent<'_>>,
) -> Option<&'a Fact<Remembered<Package>>> {
    let differ = |fact: &'a Fact<Remembered<Package>>| !differences(&fact.data.data, &package.data).is_empty();
    let oldest = of_approved(archived, approved).next()?;
    (!of_approved(archived, approved).any(differ)).then_some(oldest)
}

fn of_approved<'s, 'a>(
    archived: &'s [&'a Fact<Remembered<Package>>],
    approved: Option<&'s ApprovalEvent<'_>>,
) -> impl DoubleEndedIterator<Item = &'a Fact<Remembered<Package>>> + 's {
    archived.iter().copied().filter(move |fact| {
        fact.data.data.approval == Some(ApprovalStatus::Approved)
            && approved.is_none_or(|approved| fact.data.seen_at >= approved.at)
    })
}

/// What two descriptions of one package say differently of its content. What only one of them says is no difference:
/// indexes tell less than descriptions.
pub(super) fn differences(before: &Package, after: &Package) -> Vec<String> {
    let mut found = Vec::new();
    of_containers("", &before.containers, &after.containers, &mut found);
    for (name, containers) in &after.additional {
        match before.additional.get(name) {
            Some(known) => of_containers(&format!("of specification `{name}` "), known, containers, &mut found),
            None if before.from_index => {}
            None => found.push(format!("specification `{name}` was added")),
        }
    }
    if !after.from_index {
        let gone = before.additional.keys().filter(|name| !after.additional.contains_key(*name));
        found.extend(gone.map(|name| format!("specification `{name}` was taken away")));
    }
    compare("its source", before.source_uri.as_deref(), after.source_uri.as_deref(), &mut found);
    found
}

fn of_containers(of: &str, before: &[PackageContainer], after: &[PackageContainer], found: &mut Vec<String>) {
    if before.len() != after.len() {
        found.push(format!("{of}it had {} containers and has {}", before.len(), after.len()));
        return;
    }
    for (before, after) in before.iter().zip(after) {
        // A digest says more than the tag that it stood behind.
        let (was, is) = (before.image_digest.as_deref(), after.image_digest.as_deref());
        compare(&format!("{of}the image"), before.image.as_deref(), after.image.as_deref(), found);
        compare(&format!("{of}the image's digest"), was, is, found);
        of_data(of, &before.data, &after.data, found);
        let names = |environment: &BTreeMap<String, String>| environment.keys().cloned().collect::<Vec<_>>();
        if before.environment != after.environment {
            let (was, is) = (names(&before.environment), names(&after.environment));
            found.push(if was == is {
                format!("{of}a pointer in the environment is another")
            } else {
                format!("{of}the environment names {} variables and named {}", is.len(), was.len())
            });
        }
    }
}

fn of_data(of: &str, before: &[ModelData], after: &[ModelData], found: &mut Vec<String>) {
    if before.len() != after.len() {
        found.push(format!("{of}it had {} artifacts and has {}", before.len(), after.len()));
        return;
    }
    for (before, after) in before.iter().zip(after) {
        compare(&format!("{of}the {} artifact", after.role), Some(&before.uri), Some(&after.uri), found);
        let etag = |data: &'_ ModelData| data.etag.as_deref().map(|etag| etag.trim_matches('"').to_owned());
        let (was, is) = (etag(before), etag(after));
        compare(&format!("{of}the ETag of the {} artifact", after.role), was.as_deref(), is.as_deref(), found);
    }
}

fn compare(what: &str, before: Option<&str>, after: Option<&str>, found: &mut Vec<String>) {
    if let (Some(before), Some(after)) = (before, after)
        && before != after
    {
        found.push(format!("{what} was `{before}` and is `{after}`"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture::*;
    use super::*;

    fn changed(change: impl FnOnce(&mut Package)) -> Vec<String> {
        let before = package(7, ARTIFACT, ETAG, REGISTERED);
        let mut after = before.clone();
        change(&mut after);
        differences(&before, &after)
    }

    #[test]
    fn what_differs_is_told_in_words() {
        let one = |change: fn(&mut Package), words: &str| {
            let found = changed(change);
            assert!(matches!(found.as_slice(), [only] if only.contains(words)), "{found:?}");
        };
        one(|it| it.containers[0].image = Some("other:1".to_owned()), "the image was");
        one(|it| it.containers[0].image_digest = Some("sha256:1".to_owned()), "digest");
        one(|it| it.containers[0].data[0].uri = "s3://other/x".to_owned(), "the model artifact was");
        one(|it| it.containers[0].data[0].etag = Some("x".to_owned()), "ETag of the model artifact");
        one(|it| it.containers[0].data.clear(), "it had 1 artifacts and has 0");
        one(|it| it.containers.clear(), "it had 1 containers and has 0");
        one(|it| drop(it.additional.insert("gpu".to_owned(), Vec::new())), "`gpu` was added");
        one(|it| drop(it.containers[0].environment.insert("A".to_owned(), String::new())), "names 1 variables");
    }

    #[test]
    fn metadata_and_what_only_one_side_tells_are_no_difference() {
        assert!(changed(|it| it.approval_description = None).is_empty());
        assert!(changed(|it| drop(it.metadata.insert("a".to_owned(), "b".to_owned()))).is_empty());
        assert!(changed(|it| it.containers[0].data[0].etag = None).is_empty());
        assert!(changed(|it| it.containers[0].data[0].etag = Some(format!("\"{ETAG}\""))).is_empty());
        assert!(changed(|it| it.source_uri = Some("s3://x".to_owned())).is_empty());
    }
}

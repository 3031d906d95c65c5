//! Images and the mutability of their tags.

use aws_sdk_ecr::types::{
    ImageDetail, ImageStatus, ImageTagMutability, ImageTagMutabilityExclusionFilter,
    ImageTagMutabilityExclusionFilterType, Repository,
};

use super::reference::Which;
use crate::collect::Malformed;
use crate::collect::aws::text::{instant, required};
use crate::evidence::Image;

/// The image that was asked for, among those of an answer.
///
/// # Errors
/// If it is not among them although the call did not fail, or has no digest.
pub(super) fn image(
    uri: &str,
    which: &Which,
    details: &[ImageDetail],
    tags_mutable: Option<bool>,
) -> Result<Image, Malformed> {
    let absent = || Malformed { item: uri.to_owned(), reason: "the answer holds no such image".to_owned() };
    let detail = details.iter().find(|detail| which.is(detail)).ok_or_else(absent)?;
    Ok(Image {
        uri: uri.to_owned(),
        digest: required(uri, "imageDigest", detail.image_digest())?,
        pushed: instant(detail.image_pushed_at()),
        tags_mutable,
        // What is being restored cannot be pulled yet.
        archived: matches!(detail.image_status(), Some(ImageStatus::Archived | ImageStatus::Activating)),
    })
}

/// Whether a repository lets this tag be moved, or any tag where the image is named by its digest. `None` if it says so
/// in words that this version does not know.
pub(super) fn tags_mutable(repository: &Repository, which: &Which) -> Option<bool> {
    let filters = repository.image_tag_mutability_exclusion_filters();
    let is_excluded = || match which {
        Which::Tag(tag) => excludes(filters, tag),
        Which::Digest(_) => None,
    };
    match (repository.image_tag_mutability()?, which) {
        (ImageTagMutability::Mutable, _) => Some(true),
        (ImageTagMutability::Immutable, _) => Some(false),
        // Some tags may be moved, whichever way round it is said.
        (ImageTagMutability::ImmutableWithExclusion | ImageTagMutability::MutableWithExclusion, Which::Digest(_)) => {
            Some(true)
        }
        (ImageTagMutability::ImmutableWithExclusion, Which::Tag(_)) => is_excluded(),
        (ImageTagMutability::MutableWithExclusion, Which::Tag(_)) => is_excluded().map(|excluded| !excluded),
        _ => None,
    }
}

/// Whether a filter takes the tag out of the repository's rule; `None` if a filter is of a kind that is not known.
fn excludes(filters: &[ImageTagMutabilityExclusionFilter], tag: &str) -> Option<bool> {
    let mut unknown = false;
    for filter in filters {
        match filter.filter_type() {
            ImageTagMutabilityExclusionFilterType::Wildcard if fits(filter.filter(), tag) => return Some(true),
            ImageTagMutabilityExclusionFilterType::Wildcard => {}
            _ => unknown = true,
        }
    }
    (!unknown).then_some(false)
}

/// Whether a tag fits a pattern in which `*` stands for any characters, none included.
fn fits(pattern: &str, tag: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| tag.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn tag(tag: &str) -> Which {
        Which::Tag(tag.to_owned())
    }

    fn repository(mutability: &str, filters: &[&str]) -> Repository {
        let filter = |filter: &&str| {
            let kind = ImageTagMutabilityExclusionFilterType::Wildcard;
            ImageTagMutabilityExclusionFilter::builder().filter(*filter).filter_type(kind).build().unwrap()
        };
        Repository::builder()
            .image_tag_mutability(mutability.into())
            .set_image_tag_mutability_exclusion_filters(Some(filters.iter().map(filter).collect()))
            .build()
    }

    #[test]
    fn an_image_is_found_by_its_tag_and_by_its_digest() {
        let detail = |digest: &str, tags: &[&str], pushed| {
            ImageDetail::builder()
                .image_digest(digest)
                .set_image_tags(Some(tags.iter().map(|tag| (*tag).to_owned()).collect()))
                .image_pushed_at(DateTime::from_secs(pushed))
        };
        let details = [
            detail("sha256:a", &["7", "prod"], 1).build(),
            detail("sha256:b", &[], 2).image_status(ImageStatus::Archived).build(),
        ];
        let read = |which| image("uri", &which, &details, Some(true));
        let first = read(tag("prod")).unwrap();
        assert_eq!((first.digest.as_str(), first.archived, first.tags_mutable), ("sha256:a", false, Some(true)));
        assert_eq!(first.pushed, Some("1970-01-01T00:00:01Z".parse().unwrap()));
        let second = read(Which::Digest("sha256:b".to_owned())).unwrap();
        assert!(second.archived && second.digest == "sha256:b");
        read(tag("8")).unwrap_err();
        image("uri", &tag("7"), &[ImageDetail::builder().image_tags("7").build()], None).unwrap_err();
    }

    #[test]
    fn exclusions_turn_the_rule_around_for_the_tags_that_fit() {
        let any = || Which::Digest("sha256:a".to_owned());
        for (mutability, filters, which, mutable) in [
            ("MUTABLE", &[][..], tag("7"), Some(true)),
            ("IMMUTABLE", &[], tag("7"), Some(false)),
            ("IMMUTABLE", &[], any(), Some(false)),
            ("IMMUTABLE_WITH_EXCLUSION", &["latest", "dev-*"], tag("dev-7"), Some(true)),
            ("IMMUTABLE_WITH_EXCLUSION", &["latest", "dev-*"], tag("7"), Some(false)),
            ("IMMUTABLE_WITH_EXCLUSION", &["latest"], any(), Some(true)),
            ("MUTABLE_WITH_EXCLUSION", &["prod*"], tag("prod-7"), Some(false)),
            ("MUTABLE_WITH_EXCLUSION", &["prod*"], tag("dev-7"), Some(true)),
            ("FROZEN", &[], tag("7"), None),
        ] {
            assert_eq!(tags_mutable(&repository(mutability, filters), &which), mutable, "{mutability} {filters:?}");
        }
        assert_eq!(tags_mutable(&Repository::builder().build(), &tag("7")), None);
    }

    proptest! {
        #[test]
        fn a_star_stands_for_anything(parts in prop::collection::vec("[a-c]{0,3}", 1..4), between in "[a-c]{0,3}") {
            prop_assert!(fits(&parts.join("*"), &parts.join(&between)));
        }

        #[test]
        fn without_a_star_only_the_tag_itself_fits(pattern in "[a-c]{0,3}", tag in "[a-c]{0,3}") {
            prop_assert_eq!(fits(&pattern, &tag), pattern == tag);
        }
    }

    #[test]
    fn the_ends_of_a_pattern_do_not_overlap() {
        assert!(!fits("ab*ba", "aba"));
        assert!(fits("ab*ba", "abba") && fits("*a*", "bab") && !fits("*a*", "b"));
    }
}

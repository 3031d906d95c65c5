//! Who owns a live version, and who pays: the first of its tags that says so, else its manifest.

use super::Lookup;
use crate::evidence::Tags;
use crate::policy::{Manifest, TagRules};

/// A name, an owner's or a cost centre's, and where it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// As written.
    pub name: String,
    /// Such as "tag `owner` of the endpoint".
    pub source: String,
}

/// Tags, and what carries them in plain words, such as "the endpoint".
pub(super) type Carrier<'a> = (&'static str, Lookup<&'a Tags>);

/// The owner: tags of what is billed, then those of the package group, then the manifest.
pub(super) fn owner(rules: &TagRules, carriers: &[Carrier<'_>], manifest: Option<&Manifest>) -> Option<Owner> {
    tagged(&rules.owner, carriers).or_else(|| {
        let name = manifest?.owner.as_deref().filter(|name| !name.trim().is_empty())?;
        Some(Owner { name: name.to_owned(), source: format!("the manifest of group `{}`", manifest?.group) })
    })
}

/// The cost centre, from the same tags.
pub(super) fn cost_center(rules: &TagRules, carriers: &[Carrier<'_>]) -> Option<Owner> {
    tagged(&rules.cost_center, carriers)
}

/// Both of what is no live version.
pub(crate) fn owner_and_payer(
    rules: &TagRules,
    carriers: &[(&'static str, Lookup<&Tags>)],
    manifest: Option<&Manifest>,
) -> (Option<Owner>, Option<Owner>) {
    (owner(rules, carriers, manifest), cost_center(rules, carriers))
}

/// The first key of the first carrier that has a value. What carries the tags comes before which key it is: the
/// endpoint's `team` says more about the endpoint than its group's `owner`.
fn tagged(keys: &[String], carriers: &[Carrier<'_>]) -> Option<Owner> {
    carriers.iter().find_map(|(carrier, tags)| {
        let tags = tags.found()?;
        keys.iter().find_map(|key| {
            let name = tags.get(key)?.trim();
            (!name.is_empty()).then(|| Owner { name: name.to_owned(), source: format!("tag `{key}` of {carrier}") })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use crate::evidence::{FactKind, ResourceTags};

    fn found(fixture: &Fixture) -> Option<(String, String)> {
        fixture.estate().live[0].owner.clone().map(|owner| (owner.name, owner.source))
    }

    fn pair(name: &str, source: &str) -> Option<(String, String)> {
        Some((name.to_owned(), source.to_owned()))
    }

    #[test]
    fn the_endpoint_comes_before_its_group_and_that_before_the_manifest() {
        let sound = Fixture::sound();
        assert_eq!(found(&sound), pair("fraud-team", "tag `owner` of the endpoint"));
        let blank = sound.edit_named(ENDPOINT_ARN, |tags: &mut ResourceTags| {
            tags.tags.insert("owner".to_owned(), "  ".to_owned());
        });
        assert_eq!(found(&blank), pair("fraud-models", "tag `owner` of the package group"));
        let untagged = blank.hidden_all(FactKind::Tags);
        assert_eq!(found(&untagged), pair("Maria Stern", "the manifest of group `fraud`"));
        assert_eq!(found(&untagged.without_manifest()), None);
    }

    #[test]
    fn a_lesser_key_of_the_endpoint_comes_before_a_better_one_of_the_group() {
        let fixture = Fixture::sound().edit_named(ENDPOINT_ARN, |it: &mut ResourceTags| {
            *it = tags(ENDPOINT_ARN, &[("Team", "payments"), ("CostCenter", "4712")]);
        });
        assert_eq!(found(&fixture), pair("payments", "tag `Team` of the endpoint"));
        let cost_center = fixture.estate().live[0].cost_center.clone().expect("tagged");
        assert_eq!(
            (cost_center.name.as_str(), cost_center.source.as_str()),
            ("4712", "tag `CostCenter` of the endpoint")
        );
    }
}

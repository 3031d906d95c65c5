//! The stage of a live version. The first rule that says something decides:
//!
//! 1. the policy's stage of the account,
//! 2. a tag of what is billed,
//! 3. a name pattern of the policy,
//! 4. the manifest of its group,
//! 5. the lifecycle stage of its packages, where all agree,
//! 6. the policy's default, which is production unless it says otherwise: what nobody classified is not let off.

use super::Lookup;
use super::scope::matches;
use crate::evidence::{Fact, Package, Tags};
use crate::policy::{Manifest, Stage, StageRules};

/// The stage of a live version and the rule that decided it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageDecision {
    /// The stage.
    pub stage: Stage,
    /// Which rule decided, in plain words.
    pub rule: String,
    /// Whether a tag decided: whoever may set the tag may move the live version out of production.
    pub by_tag: bool,
    /// Whether a rule that comes earlier could not be applied, because tags were not readable.
    pub uncertain: bool,
}

/// What a stage is decided from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject<'s, 'a> {
    pub(super) account: &'s str,
    pub(super) name: &'s str,
    pub(super) tags: Lookup<&'a Tags>,
    pub(super) manifest: Option<&'a Manifest>,
    pub(super) packages: &'s [&'a Fact<Package>],
}

/// Decides a stage.
pub(super) fn decide(rules: &StageRules, subject: Subject<'_, '_>) -> StageDecision {
    let decided = |stage: Stage, rule: String| StageDecision { stage, rule, by_tag: false, uncertain: false };
    if let Some(stage) = rules.accounts.get(subject.account) {
        return decided(*stage, format!("the policy calls account {} {}", subject.account, stage.words()));
    }
    if let Some(tags) = subject.tags.found() {
        let tagged = rules.tags.iter().find_map(|key| {
            let value = tags.get(key)?;
            Some((key, value, Stage::parse(value)?))
        });
        if let Some((key, value, stage)) = tagged {
            let rule = format!("tag `{key}` says `{value}`");
            return StageDecision { by_tag: true, ..decided(stage, rule) };
        }
    }
    let (stage, rule) =
        by_name(rules, subject).or_else(|| by_manifest(subject)).or_else(|| by_lifecycle(subject)).unwrap_or_else(
            || (rules.default, format!("nothing else decides, and the default is {}", rules.default.words())),
        );
    StageDecision { uncertain: subject.tags == Lookup::Unseen && !rules.tags.is_empty(), ..decided(stage, rule) }
}

fn by_name(rules: &StageRules, subject: Subject<'_, '_>) -> Option<(Stage, String)> {
    let (pattern, stage) = rules.names.iter().find(|(pattern, _)| matches(pattern, subject.name))?;
    Some((*stage, format!("the name matches the policy's `{pattern}`, which is {}", stage.words())))
}

fn by_manifest(subject: Subject<'_, '_>) -> Option<(Stage, String)> {
    let manifest = subject.manifest?;
    let stage = manifest.stage?;
    Some((stage, format!("the manifest of group `{}` says {}", manifest.group, stage.words())))
}

fn by_lifecycle(subject: Subject<'_, '_>) -> Option<(Stage, String)> {
    let mut stages = subject.packages.iter().map(|package| package.data.lifecycle.as_ref()?.stage.as_deref());
    let first = stages.next()??;
    let stage = Stage::parse(first)?;
    let agree = stages.all(|other| other.and_then(Stage::parse) == Some(stage));
    agree.then(|| (stage, format!("the lifecycle stage of its packages is `{first}`")))
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::evidence::{FactKind, PackageLifecycle, ResourceTags};

    fn decision(fixture: &Fixture) -> (Stage, bool, bool) {
        let stage = fixture.estate().live[0].stage.clone();
        (stage.stage, stage.by_tag, stage.uncertain)
    }

    fn lifecycle(stage: &str) -> impl FnMut(&mut Package) {
        let lifecycle = PackageLifecycle { stage: Some(stage.to_owned()), status: None, description: None };
        move |package| package.lifecycle = Some(lifecycle.clone())
    }

    #[test]
    fn the_first_rule_that_says_something_decides() {
        let mut fixture = Fixture::sound()
            .policy(|policy| {
                policy.stage.accounts.insert(ACCOUNT.to_owned(), Stage::Pilot);
                policy.stage.names.push(("fraud-*".to_owned(), Stage::Development));
            })
            .edit(lifecycle("Production"));
        assert_eq!(decision(&fixture), (Stage::Pilot, false, false), "account");
        fixture = fixture.policy(|policy| policy.stage.accounts.clear());
        assert_eq!(decision(&fixture), (Stage::Production, true, false), "tag");
        fixture = fixture.edit(|tags: &mut ResourceTags| {
            tags.tags.insert("stage".to_owned(), "blue".to_owned());
        });
        assert_eq!(decision(&fixture), (Stage::Development, false, false), "name, since the tag says nothing known");
        fixture = fixture.policy(|policy| policy.stage.names.clear()).manifest(|it| it.stage = Some(Stage::Pilot));
        assert_eq!(decision(&fixture), (Stage::Pilot, false, false), "manifest");
        fixture = fixture.manifest(|it| it.stage = None).policy(|policy| policy.stage.default = Stage::Development);
        assert_eq!(decision(&fixture), (Stage::Production, false, false), "lifecycle");
        fixture = fixture.edit(lifecycle("Somewhere"));
        assert_eq!(decision(&fixture), (Stage::Development, false, false), "default");
    }

    #[test]
    fn unread_tags_make_a_later_rule_uncertain_and_an_earlier_one_not() {
        let hidden = Fixture::sound().hidden_all(FactKind::Tags);
        assert_eq!(decision(&hidden), (Stage::Production, false, true));
        let by_account = hidden.policy(|policy| {
            policy.stage.accounts.insert(ACCOUNT.to_owned(), Stage::Pilot);
        });
        assert_eq!(decision(&by_account), (Stage::Pilot, false, false));
    }
}

//! What the policy leaves out, and by which rule. Nothing is left out because something could not be read.

use wildmatch::WildMatch;

use super::Lookup;
use crate::evidence::Tags;
use crate::policy::{ScopeRules, Selector};

/// A live version that the policy leaves out of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// Id of the live version.
    pub id: String,
    /// The selector that excluded it, as written, or "not included".
    pub rule: String,
    /// Whether a tag decided: whoever may set the tag may hide the endpoint.
    pub by_tag: bool,
}

/// Whether something is in scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// It is; the note says what could not be applied.
    In(Option<String>),
    /// It is not.
    Out {
        /// The rule.
        rule: String,
        /// Whether a tag decided.
        by_tag: bool,
    },
}

/// Decides by name, and by the tags of what is billed.
pub(super) fn decide(rules: &ScopeRules, name: &str, tags: Lookup<&Tags>) -> Decision {
    if let Some(selector) = rules.exclude.iter().find(|selector| selects(selector, name, tags) == Some(true)) {
        return Decision::Out { rule: written(selector), by_tag: matches!(selector, Selector::Tag { .. }) };
    }
    let undecided = |selectors: &[Selector]| {
        let open = selectors.iter().find(|selector| selects(selector, name, tags).is_none());
        let selector = written(open?);
        Some(format!("kept in scope: its tags could not be read, so `{selector}` could not be applied"))
    };
    let included = rules.include.iter().any(|selector| selects(selector, name, tags) == Some(true));
    if rules.include.is_empty() || included {
        return Decision::In(undecided(&rules.exclude));
    }
    match undecided(&rules.include) {
        Some(note) => Decision::In(Some(note)),
        None => Decision::Out {
            rule: "not included".to_owned(),
            by_tag: rules.include.iter().any(|selector| matches!(selector, Selector::Tag { .. })),
        },
    }
}

/// Whether a pattern with `*` and `?` matches a name, whatever the case.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    WildMatch::new_case_insensitive(pattern).matches(name)
}

fn written(selector: &Selector) -> String {
    match selector {
        Selector::Name(pattern) => pattern.clone(),
        Selector::Tag { key, value } => format!("tag:{key}={value}"),
    }
}

/// Whether a selector selects; `None` if tags that it asks about could not be read.
fn selects(selector: &Selector, name: &str, tags: Lookup<&Tags>) -> Option<bool> {
    match selector {
        Selector::Name(pattern) => Some(matches(pattern, name)),
        Selector::Tag { key, value } => match tags {
            Lookup::Found(tags) => Some(tags.get(key).is_some_and(|found| matches(value, found))),
            Lookup::Unseen => None,
            Lookup::Absent(_) | Lookup::NotNamed => Some(false),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::evidence::FactKind;
    use crate::policy::Policy;

    fn tag(key: &str, value: &str) -> Selector {
        Selector::Tag { key: key.to_owned(), value: value.to_owned() }
    }

    fn name(pattern: &str) -> Selector {
        Selector::Name(pattern.to_owned())
    }

    fn excluded(fixture: &Fixture) -> Vec<(String, bool)> {
        let estate = fixture.estate();
        assert_eq!(estate.live.len() + estate.excluded.len(), 1);
        estate.excluded.into_iter().map(|it| (it.rule, it.by_tag)).collect()
    }

    fn under(change: impl FnOnce(&mut Policy)) -> Vec<(String, bool)> {
        excluded(&Fixture::sound().policy(change))
    }

    #[test]
    fn exclusion_wins_over_inclusion_and_says_by_which_rule() {
        assert_eq!(under(|_| ()), []);
        assert_eq!(under(|policy| policy.scope.exclude = vec![name("FRAUD-*")]), [("FRAUD-*".to_owned(), false)]);
        let both = |policy: &mut Policy| {
            policy.scope.include = vec![name("fraud-*")];
            policy.scope.exclude = vec![tag("stage", "prod*")];
        };
        assert_eq!(under(both), [("tag:stage=prod*".to_owned(), true)]);
        assert_eq!(under(|policy| policy.scope.include = vec![name("churn*")]), [("not included".to_owned(), false)]);
        assert_eq!(under(|policy| policy.scope.include = vec![tag("owner", "fraud-team")]), []);
    }

    #[test]
    fn what_cannot_be_decided_stays_in_with_a_note() {
        for change in [
            |policy: &mut Policy| policy.scope.exclude = vec![tag("stage", "*")],
            |policy: &mut Policy| policy.scope.include = vec![tag("stage", "*")],
        ] {
            let fixture = Fixture::sound().hidden_all(FactKind::Tags).policy(change);
            let estate = fixture.estate();
            assert!(estate.live[0].notes.iter().any(|note| note.contains("tag:stage=*")), "{:?}", estate.live[0].notes);
        }
    }
}

//! Which manifest of the policy is about a live version.

use std::collections::BTreeSet;

use super::scope::matches;
use crate::policy::Manifest;

/// The most specific manifest of a group: one narrowed to the endpoint comes before one narrowed to the account, and
/// that before one that is not narrowed; of equals, the first of the file.
///
/// A live version whose group is not known, because it is not registered or could not be resolved, has the manifest that
/// names its endpoint, if all that do are about one group.
pub(super) fn find<'a>(
    manifests: &'a [Manifest],
    groups: &[&str],
    account: &str,
    endpoint: &str,
) -> Option<&'a Manifest> {
    let here = |manifest: &&'a Manifest| {
        manifest.account.as_deref().is_none_or(|wanted| wanted == account)
            && manifest.endpoint.as_deref().is_none_or(|pattern| matches(pattern, endpoint))
    };
    let candidates: Vec<&'a Manifest> = if groups.is_empty() {
        let named: Vec<_> = manifests.iter().filter(|it| it.endpoint.is_some()).filter(here).collect();
        let about: BTreeSet<String> = named.iter().map(|it| it.group.to_lowercase()).collect();
        if about.len() > 1 { Vec::new() } else { named }
    } else {
        let about = |it: &&'a Manifest| groups.iter().any(|group| it.group.eq_ignore_ascii_case(group));
        manifests.iter().filter(about).filter(here).collect()
    };
    // `min_by_key` keeps the first of equals.
    candidates.into_iter().min_by_key(|it| (it.endpoint.is_none(), it.account.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(line: usize, group: &str, account: Option<&str>, endpoint: Option<&str>) -> Manifest {
        Manifest {
            group: group.to_owned(),
            account: account.map(str::to_owned),
            endpoint: endpoint.map(str::to_owned),
            line,
            ..Manifest::default()
        }
    }

    #[test]
    fn the_most_specific_manifest_of_the_group_is_found() {
        let manifests = [
            manifest(1, "fraud", None, None),
            manifest(2, "fraud", Some("1"), None),
            manifest(3, "Fraud", None, Some("score-*")),
            manifest(4, "fraud", Some("1"), Some("score-*")),
            manifest(5, "fraud", None, None),
            manifest(6, "churn", None, Some("churn-*")),
        ];
        let line = |groups: &[&str], account, endpoint| find(&manifests, groups, account, endpoint).map(|it| it.line);
        assert_eq!(line(&["fraud"], "2", "other"), Some(1));
        assert_eq!(line(&["FRAUD"], "1", "other"), Some(2));
        assert_eq!(line(&["fraud"], "2", "SCORE-eu"), Some(3));
        assert_eq!(line(&["fraud"], "1", "score-eu"), Some(4));
        assert_eq!(line(&["unknown"], "1", "churn-eu"), None);
        assert_eq!(line(&[], "1", "churn-eu"), Some(6), "without a group, the endpoint's name decides");
        assert_eq!(line(&[], "1", "other"), None);
    }

    #[test]
    fn without_a_group_two_groups_at_one_endpoint_decide_nothing() {
        let manifests = [manifest(1, "a", None, Some("*")), manifest(2, "b", None, Some("e"))];
        assert!(find(&manifests, &[], "1", "e").is_none());
    }
}

//! What the manifests declare about a live version, where it may not even be known which manifest applies.

use wildmatch::WildMatch;

use super::index::Index;
use super::{LiveVersion, Registration};
use crate::evidence::FactKind;
use crate::policy::{Manifest, Policy};

/// The answer of the manifests to one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declared<T> {
    /// The manifest of this live version says so.
    Says(T),
    /// None says so.
    Silent,
    /// The group could not be read, and the manifest of some group would say so.
    Unsure,
}

/// Asks the manifest of a live version. A manifest is found by the group of the package that serves: while that package
/// cannot be read, every manifest may be the one.
pub fn declared<'a, T>(
    live: &LiveVersion<'_>,
    index: &Index<'_>,
    policy: &'a Policy,
    read: impl Fn(&'a Manifest) -> Option<T>,
) -> Declared<T> {
    // Through the policy, so that what is read outlives the live version's borrow.
    let own = live.manifest.and_then(|own| policy.models.iter().find(|manifest| std::ptr::eq(*manifest, own)));
    if live.manifest.is_some() {
        return own.and_then(read).map_or(Declared::Silent, Declared::Says);
    }
    of_any(live, index, policy, read)
}

/// The same while the estate is joined, where the live version itself holds its manifest for long enough.
pub(super) fn said<'a, T>(
    live: &LiveVersion<'a>,
    index: &Index<'_>,
    policy: &'a Policy,
    read: impl Fn(&'a Manifest) -> Option<T>,
) -> Declared<T> {
    match live.manifest {
        Some(own) => read(own).map_or(Declared::Silent, Declared::Says),
        None => of_any(live, index, policy, read),
    }
}

/// Whether some manifest that may be the one says so.
fn of_any<'a, T>(
    live: &LiveVersion<'_>,
    index: &Index<'_>,
    policy: &'a Policy,
    read: impl Fn(&'a Manifest) -> Option<T>,
) -> Declared<T> {
    let may_apply = |manifest: &&Manifest| {
        manifest.account.as_deref().is_none_or(|account| account == live.account)
            && manifest
                .endpoint
                .as_deref()
                .is_none_or(|endpoint| WildMatch::new_case_insensitive(endpoint).matches(live.endpoint_name))
    };
    let groups = groups(live, index);
    let of_group = |manifest: &&Manifest| match &groups {
        Groups::Any => true,
        Groups::Only(groups) => groups.iter().any(|group| group.eq_ignore_ascii_case(&manifest.group)),
    };
    let mut possible = policy.models.iter().filter(may_apply).filter(of_group);
    if possible.any(|manifest| read(manifest).is_some()) { Declared::Unsure } else { Declared::Silent }
}

/// Groups that a live version may belong to, beside the one that was found out.
enum Groups<'a> {
    /// Nothing narrows them down.
    Any,
    /// One of these.
    Only(Vec<&'a str>),
}

fn groups<'a>(live: &LiveVersion<'a>, index: &Index<'_>) -> Groups<'a> {
    if !live.resolved() {
        return Groups::Any;
    }
    // What is tied by its content alone is only sure if every package could be read.
    let hidden = || index.hides_any(live.account, live.region, FactKind::Packages);
    let mut groups = Vec::new();
    for container in &live.containers {
        match &container.registration {
            Registration::Named(_) | Registration::Absent { .. } => {}
            Registration::Inferred(_) | Registration::None | Registration::UrlOnly { differs: true, .. }
                if !hidden() => {}
            // The name of a versioned package says its group.
            Registration::Unseen { named } => groups.extend(group_in(named)),
            Registration::Ambiguous(packages) => {
                groups.extend(packages.iter().filter_map(|package| package.data.group.as_deref()));
            }
            // It is the package that has its URL, or none.
            Registration::UrlOnly { package, differs: false } => groups.extend(package.data.group.as_deref()),
            _ => return Groups::Any,
        }
    }
    Groups::Only(groups)
}

/// The group in a package's ARN or in `group/version`.
fn group_in(named: &str) -> Option<&str> {
    let name = named.split_once(":model-package/").map_or(named, |(_, name)| name);
    name.split_once('/').map(|(group, _)| group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_read_from_the_name() {
        assert_eq!(group_in("arn:aws:sagemaker:eu-central-1:111122223333:model-package/fraud/7"), Some("fraud"));
        assert_eq!(group_in("fraud/7"), Some("fraud"));
        assert_eq!(group_in("arn:aws:sagemaker:eu-central-1:111122223333:model-package/proof"), None);
    }
}

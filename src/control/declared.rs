//! What the manifests declare about a live version, where it may not even be known which manifest applies.

use wildmatch::WildMatch;

use super::Context;
use super::standing::{Standing, standing};
use crate::estate::LiveVersion;
use crate::policy::Manifest;

/// The answer of the manifests to one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared<T> {
    /// The manifest of this live version says so.
    Says(T),
    /// None says so.
    Silent,
    /// The group could not be read, and the manifest of some group would say so.
    Unsure,
}

/// Asks the manifest of a live version. A manifest is found by the group of the package that serves: while that package
/// cannot be read, every manifest may be the one.
pub(super) fn declared<'a, T>(
    live: &LiveVersion<'_>,
    context: Context<'a>,
    read: impl Fn(&'a Manifest) -> Option<T>,
) -> Declared<T> {
    // Through the policy, so that what is read outlives the live version's borrow.
    let own = live.manifest.and_then(|own| context.policy.models.iter().find(|manifest| std::ptr::eq(*manifest, own)));
    if live.manifest.is_some() {
        return own.and_then(read).map_or(Declared::Silent, Declared::Says);
    }
    let may_apply = |manifest: &&Manifest| {
        manifest.account.as_deref().is_none_or(|account| account == live.account)
            && manifest
                .endpoint
                .as_deref()
                .is_none_or(|endpoint| WildMatch::new_case_insensitive(endpoint).matches(live.endpoint_name))
    };
    if !group_is_known(live, context)
        && context.policy.models.iter().filter(may_apply).any(|manifest| read(manifest).is_some())
    {
        return Declared::Unsure;
    }
    Declared::Silent
}

fn group_is_known(live: &LiveVersion<'_>, context: Context<'_>) -> bool {
    let sure = |container| !matches!(standing(container, live, context), Standing::Unsure(_));
    live.resolved() && live.containers.iter().all(sure)
}

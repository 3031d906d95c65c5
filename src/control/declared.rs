//! What the manifests declare about a live version, asked by a control.

use super::Context;
use crate::estate::LiveVersion;
use crate::policy::Manifest;

pub(super) use crate::estate::Declared;

/// Asks the manifest of a live version; see [`crate::estate::declared`].
pub(super) fn declared<'a, T>(
    live: &LiveVersion<'_>,
    context: Context<'a>,
    read: impl Fn(&'a Manifest) -> Option<T>,
) -> Declared<T> {
    crate::estate::declared(live, &context.estate.index, context.policy, read)
}

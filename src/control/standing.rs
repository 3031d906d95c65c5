//! Whether a container that serves is a registered version, as far as that can be told.

use super::{Context, Verdict};
use crate::estate::{LiveContainer, LiveVersion, Registration};
use crate::evidence::{Fact, FactKind, Package};

/// What the registry says about one container.
pub(super) enum Standing<'a> {
    /// It is this package.
    Registered(&'a Fact<Package>),
    /// It is none.
    Unregistered,
    /// That cannot be told, and why.
    Unsure(Verdict),
}

/// Follows a container to its package. What is tied by its content alone is only sure if every package could be read:
/// one that could not may fit as well, or better.
pub(super) fn standing<'a>(
    container: &LiveContainer<'a>,
    live: &LiveVersion<'_>,
    context: Context<'_>,
) -> Standing<'a> {
    let unsure = |why: String| Standing::Unsure(Verdict::unknown(why));
    let hidden = context.view.gaps_of(live.account, live.region, FactKind::Packages).next();
    let by_content = |standing: Standing<'a>| match hidden {
        None => standing,
        gap => Standing::Unsure(
            Verdict::unknown("which package it is, is not known: not every package could be read").gap(gap),
        ),
    };
    match &container.registration {
        Registration::Named(package) => Standing::Registered(package),
        Registration::Inferred(package) => by_content(Standing::Registered(package)),
        Registration::None | Registration::UrlOnly { differs: true, .. } => by_content(Standing::Unregistered),
        Registration::Absent { .. } => Standing::Unregistered,
        Registration::UrlOnly { package, differs: false } => {
            unsure(format!("it has the URL of `{}`, and there is nothing to compare the content by", package.data.arn))
        }
        Registration::Ambiguous(packages) => {
            unsure(format!("{} packages have the same data, content and image", packages.len()))
        }
        Registration::Unseen { named } => {
            unsure(format!("package `{named}`, from which it was made, could not be read"))
        }
        Registration::Unknown => Standing::Unsure(
            Verdict::unknown("no package that could be read fits it, and not every package could be read").gap(hidden),
        ),
    }
}

//! Whether a newer version was registered since something asked for one.

use jiff::Timestamp;

use crate::control::Context;
use crate::estate::LiveVersion;
use crate::evidence::{Fact, Package};

/// What answers a call for retraining.
pub(in crate::control) enum Answer<'a> {
    /// A version that was registered since, and its name in plain words.
    By(&'a Fact<Package>, String),
    /// None was.
    None,
    /// None was seen, and not all could be; the gap, where there is one.
    Hidden(Option<usize>),
}

/// Looks for the newest version of the group of what serves that was registered after an instant. One that serves already
/// counts too.
pub(in crate::control) fn answer<'a>(live: &LiveVersion<'a>, context: Context<'a>, after: Timestamp) -> Answer<'a> {
    let packages: Vec<&'a Fact<Package>> = live.packages().collect();
    let versions = packages.iter().flat_map(|package| context.view.versions_beside(&package.data)).copied();
    let newer = versions.filter(|version| version.data.created.is_some_and(|created| created > after));
    if let Some(newest) = newer.max_by_key(|version| (version.data.created, &version.data.arn)) {
        let name = newest.data.version.map(|version| format!("version {version}"));
        return Answer::By(newest, name.unwrap_or_else(|| newest.data.arn.clone()));
    }
    let mut hidden =
        packages.iter().filter_map(|package| context.view.versions_hidden(live.account, live.region, &package.data));
    match hidden.next() {
        Some(gap) => Answer::Hidden(Some(gap)),
        // Without a package that is known, its group is not either.
        None if packages.is_empty() => Answer::Hidden(None),
        None => Answer::None,
    }
}

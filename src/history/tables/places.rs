//! `places`: where each run looked, and whether it saw everything that serves there.

use crate::history::table::table;
use crate::report::document::Report;

table! {
    /// One row an account and region that a run looked at. It tells *nothing serves there* apart from *it was not read*.
    "places": Row<'a> {
        /// Account.
        account: &'a str,
        /// Region.
        region: &'a str,
        /// Whether everything that serves there was listed. Where it could not be, or the run was limited to what an event
        /// named, there may be more than `live_versions` holds.
        listed: bool,
        /// Live versions there.
        live_versions: usize,
        /// Gaps there that hide something.
        gaps: usize,
    }
}

pub(super) fn rows(report: &Report) -> impl Iterator<Item = Row<'_>> {
    let scope = &report.scope;
    scope.places().map(|((account, region), read)| {
        let unread = |place: &String| place.split_once('/') == Some((account, region));
        let live = report.live_versions.iter().filter(|live| live.account == account && live.region == region);
        let gaps = report.gaps.iter().filter(|gap| gap.account == account && gap.region == region);
        Row {
            account,
            region,
            listed: scope.focus.is_empty() && read && !report.summary.unread.iter().any(unread),
            live_versions: live.count(),
            gaps: gaps.filter(|gap| !gap.hides.is_empty()).count(),
        }
    })
}

//! The bar that filters live versions, their sections and findings.
//!
//! What the script and the tests hold on to:
//!
//! | Where | What |
//! |---|---|
//! | `#filters` | the bar; `hidden` until the script runs |
//! | `#filter-text` | free text; every word has to be there, in any case, in names, codes, reasons or owners |
//! | `#filter-verdict`, `-status`, `-severity`, `-owner`, `-account`, `-region`, `-control` | one `select` each; the empty value is any, [`NOBODY`] stands for no owner, [`NOT_KNOWN`] for one that could not be read; account and region are there only where there are several. An option's text ends with how many would be left: live versions, or findings for status, severity and control |
//! | `#filter-clear` | clears all; `hidden` while nothing is filtered |
//! | `#filter-result` | `2 of 12 live versions, 31 of 270 findings`, an `aria-live` region |
//! | `#unfold`, `#fold`, `#theme`, `#show-keys` | buttons; `#theme` goes from system to light to dark, and `html[data-theme]` follows |
//! | `#keys` | the `dialog` that tells the keys: `/`, `j`, `k`, `Enter`, `Escape`, `?` |
//! | `tr[data-live]` | a live version's row; the value is the id of its section, `details.version` |
//! | `[data-finding]` | an open finding in the table; the value is the id of where it is told, `f-…`. A large page has `.kind`, a control, with `.why`, a reason, with a link for each finding instead |
//! | `.here` | what the address points to |
//! | `html.filtered` | while something is filtered |
//!
//! The address keeps what is filtered behind the anchor, in the fragment, which no server ever sees:
//! `#ANCHOR?q=WORDS&verdict=stop&owner=cards`. Either part may be missing.

use std::collections::BTreeSet;

use super::tell::Say;
use crate::report::document::{FindingRow, Report};
use crate::report::owned::Owner;
use crate::report::words;

/// Stands for no owner.
pub(super) const NOBODY: &str = "-";

/// Stands for an owner that is not known.
pub(super) const NOT_KNOWN: &str = "?";

/// An owner's value in the bar.
pub(super) fn owner(owner: Owner<'_>) -> &str {
    match owner {
        Owner::Named(name) => name,
        Owner::Nobody => NOBODY,
        Owner::NotKnown => NOT_KNOWN,
    }
}

/// One `select`.
pub(super) struct Facet {
    /// In ids and in the address.
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    /// Value, and the words for it.
    pub(super) options: Vec<(String, String)>,
}

impl Facet {
    fn new(name: &'static str, label: &'static str, options: Vec<(String, String)>) -> Self {
        Self { name, label, options }
    }
}

/// The choices that this report offers; a choice of one is none.
pub(super) fn facets(report: &Report) -> Vec<Facet> {
    let own = |text: &str| (text.to_owned(), text.to_owned());
    let rows = &report.live_versions;
    let accounts: BTreeSet<&str> = rows.iter().map(|row| row.account.as_str()).collect();
    let regions: BTreeSet<&str> = rows.iter().map(|row| row.region.as_str()).collect();
    let owners: BTreeSet<Owner<'_>> = rows.iter().map(Owner::of).collect();
    let owners = owners.into_iter().map(|it| (owner(it).to_owned(), it.words().to_owned())).collect();
    let verdicts = words::VERDICTS.into_iter().filter(|it| rows.iter().any(|row| row.readiness.verdict == *it));
    let found = |matches: &dyn Fn(&FindingRow) -> bool| report.findings.iter().any(matches);
    let statuses = words::STATUSES.into_iter().filter(|it| found(&|finding| finding.status == *it));
    let severities = words::SEVERITIES.into_iter().filter(|it| found(&|finding| finding.severity == *it));
    let controls: BTreeSet<(&str, &str)> =
        report.findings.iter().map(|finding| (finding.code.as_str(), finding.summary.as_str())).collect();
    let mut facets = vec![
        Facet::new("verdict", "Verdict", verdicts.map(|it| (it.key().to_owned(), it.say().to_owned())).collect()),
        Facet::new("status", "Status", statuses.map(|it| (it.key().to_owned(), it.say().to_owned())).collect()),
        Facet::new("severity", "Severity", severities.map(|it| own(it.key())).collect()),
        Facet::new("owner", "Owner", owners),
        Facet::new("account", "Account", accounts.into_iter().map(own).collect()),
        Facet::new("region", "Region", regions.into_iter().map(own).collect()),
        Facet::new(
            "control",
            "Control",
            controls.into_iter().map(|(code, summary)| (code.to_owned(), format!("{code} {summary}"))).collect(),
        ),
    ];
    facets.retain(|facet| facet.options.len() > 1);
    facets
}

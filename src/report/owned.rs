//! Who owns live versions, and whose findings are: the owners of the live versions that each is about or touches.

use std::collections::BTreeMap;

use super::document::{FindingRow, LiveVersionRow, OwnerRow, Report};

/// Who owns something. In this order owners are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner<'r> {
    /// Somebody, by name.
    Named(&'r str),
    /// Nobody is named where all was read.
    Nobody,
    /// Its tags could not be read, and nothing else names anybody.
    NotKnown,
}

impl<'r> Owner<'r> {
    /// That of a live version.
    pub fn of(live: &'r LiveVersionRow) -> Self {
        match &live.owner {
            Some(owner) => Self::Named(&owner.name),
            None if live.tags.is_none() => Self::NotKnown,
            None => Self::Nobody,
        }
    }

    /// Whose a row of the list of owners is.
    pub fn of_row(row: &'r OwnerRow) -> Self {
        match &row.owner {
            Some(name) => Self::Named(name),
            None if row.not_known => Self::NotKnown,
            None => Self::Nobody,
        }
    }

    /// The name, if there is one.
    pub fn name(self) -> Option<&'r str> {
        match self {
            Self::Named(name) => Some(name),
            Self::Nobody | Self::NotKnown => None,
        }
    }

    /// The name, or what there is instead.
    pub fn words(self) -> &'r str {
        match self {
            Self::Named(name) => name,
            Self::Nobody => "nobody",
            Self::NotKnown => "not known",
        }
    }
}

/// Owners by live version.
pub struct Owners<'r>(BTreeMap<&'r str, Owner<'r>>);

impl<'r> Owners<'r> {
    /// Those of a report.
    pub fn of(report: &'r Report) -> Self {
        Self(report.live_versions.iter().map(|live| (live.id.as_str(), Owner::of(live))).collect())
    }

    /// Those of a finding that have a name, each once, by name.
    pub fn of_finding(&self, finding: &FindingRow) -> Vec<&'r str> {
        let touched = finding.subject.touches().filter_map(|id| self.0.get(id.as_str()));
        let mut owners: Vec<&str> = touched.filter_map(|owner| owner.name()).collect();
        owners.sort_unstable();
        owners.dedup();
        owners
    }

    /// Whether a live version that a finding is about or touches has this owner, in any case.
    pub fn has(&self, finding: &FindingRow, wanted: Owner<'_>) -> bool {
        finding.subject.touches().filter_map(|id| self.0.get(id.as_str())).any(|owner| match (owner, wanted) {
            (Owner::Named(name), Owner::Named(wanted)) => name.eq_ignore_ascii_case(wanted),
            (owner, wanted) => *owner == wanted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample::bank;
    use crate::report::text::{self, Style};
    use crate::report::{Format, render};

    /// The tags of the one that nobody owns could not be read.
    fn unread() -> Report {
        let mut report = bank();
        let live = report.live_versions.iter_mut().find(|live| live.owner.is_none()).expect("one has no owner");
        live.tags = None;
        for row in &mut report.owners {
            row.not_known = row.owner.is_none();
        }
        report
    }

    fn rendered(report: &Report, format: Format) -> String {
        String::from_utf8(render(report, format).unwrap()).unwrap()
    }

    #[test]
    fn an_owner_who_could_not_be_read_is_not_nobody_in_any_document() {
        let (known, unread) = (bank(), unread());
        let row = |text: &str, of: &str| -> String {
            text.lines().find(|line| line.contains(of) && line.contains("keep in pilot")).expect(text).to_owned()
        };
        let style = Style { width: 200, colour: false };
        for (report, words, value) in [(&known, "nobody", "-"), (&unread, "not known", "?")] {
            assert!(row(&text::summary(report, style), "mortgage-pricing/Blue").contains(words), "{words}");
            let markdown = rendered(report, Format::Markdown);
            assert!(row(&markdown, "shadow variant `mortgage-pricing`").contains(&format!("| {words} |")), "{words}");
            let page = rendered(report, Format::Html);
            assert_eq!(page.matches(&format!("data-owner=\"{value}\"")).count(), 1, "{words}");
            assert!(page.contains(&format!("<option value=\"{value}\">{words}</option>")), "{words}");
        }
        let page = rendered(&unread, Format::Html);
        for cell in ["data-label=\"Owner\"", "data-label=\"Owner\" class=\"main\""] {
            assert!(!page.contains(&format!("<td {cell}><span class=\"absent\">nobody</span>")), "{cell}");
            assert!(page.contains(&format!("<td {cell}><span class=\"not-known\">not known</span>")), "{cell}");
        }
        let manager = rendered(&unread, Format::Manager);
        assert!(!manager.contains("<b class=\"bad\">Nobody</b> owns"));
        assert!(manager.contains("Who owns 1 of 1 live version is <span class=\"not-known\">not known</span>"));
        assert!(rendered(&known, Format::Manager).contains("<b class=\"bad\">Nobody</b> owns 1 of 1 live version"));
    }

    #[test]
    fn findings_of_nobody_are_not_those_of_whom_it_is_not_known() {
        let of = |report: &Report, wanted: Owner<'_>| {
            let owners = Owners::of(report);
            report.findings.iter().filter(|finding| owners.has(finding, wanted)).count()
        };
        let (known, unread) = (bank(), unread());
        let theirs = of(&known, Owner::Nobody);
        assert!(theirs > 0);
        assert_eq!((of(&known, Owner::NotKnown), of(&unread, Owner::Nobody)), (0, 0));
        assert_eq!(of(&unread, Owner::NotKnown), theirs);
    }
}

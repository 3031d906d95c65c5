//! `report.html`: one page that asks nothing of anybody: no request leaves it, and it can be read as it is. Its own
//! [script] adds search, filters, keys and links that unfold what they lead to.
//!
//! The templates print every expression through [`super::escape::Html`]. The few that print markup of ours go through
//! `|safe`, and all of those come from [`safe`], which escapes what strangers wrote.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, BufWriter, Write};

use askama::Template;

use self::answers::{Reader, Shown};
use self::bar::Bar;
use self::filters::Facet;
use self::findings::{ControlCount, Open, urgency};
use self::heard::Heard;
use self::money::Ledger;
use self::tell::{Count, Instant, Means, Quantity, Say};
use self::timeline::{Lanes, What};
use super::document::{
    AccountRow, AlarmRow, ApprovalRow, CallRow, EvidenceRow, FindingRow, LiveVersionRow, Report, RollbackState,
    TimelineRow, ToldState, VersionCostRow,
};
use super::owned::Owner;
use super::shared::Shared;
use super::words;
use crate::control::Status;
use crate::estate::{Grade, ServingPath, Signal};
use crate::policy::{Profile, Stage};
use crate::readiness::ReadinessVerdict;

mod actors;
mod answers;
mod bar;
mod changes;
mod filters;
mod findings;
mod heard;
mod large;
mod manager;
pub(super) mod money;
mod plot;
mod rollback;
mod safe;
mod script;
mod spark;
mod tell;
mod timeline;

/// So many live versions, the worst off, are told in full; a browser takes no more, and neither does a reader.
const DETAILED: usize = 2_000;

/// Up to so many live versions, what passes is told too, and all evidence.
const THOROUGH: usize = 300;

/// So many changes and approvals are listed; all of them are in the JSON.
const CHANGES: usize = 300;

const STYLE: &str = concat!(
    include_str!("templates/report.css"),
    include_str!("templates/first.css"),
    include_str!("templates/watching.css"),
    include_str!("templates/costs.css"),
    include_str!("templates/filters.css"),
    include_str!("templates/sections.css")
);

pub(super) use manager::write as write_manager;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 16, out);
    Page::new(report).write_into(&mut out)?;
    out.flush()
}

/// The page: the document, and what is looked up in it again and again.
#[derive(Template)]
#[template(path = "report.html", config = "src/report/askama.toml")]
struct Page<'a> {
    report: &'a Report,
    style: &'static str,
    script: &'static str,
    csp: String,
    readers: [Reader; 3],
    bar: Bar,
    heard: Heard<'a>,
    ledger: Option<Ledger<'a>>,
    versions: Vec<Version<'a>>,
    /// Open findings that are about no single live version.
    elsewhere: Vec<Open<'a>>,
    /// The others of these.
    elsewhere_quiet: Vec<&'a FindingRow>,
    by_id: HashMap<&'a str, usize>,
}

/// A live version with its findings.
struct Version<'a> {
    row: &'a LiveVersionRow,
    slug: String,
    /// Whether it has a section of its own.
    detailed: bool,
    /// What fails, is unknown or is waived, worst first.
    open: Vec<Open<'a>>,
    passed: Vec<&'a FindingRow>,
    not_applicable: Vec<&'a FindingRow>,
    /// Open findings about alarms and buckets that touch it.
    around: Vec<&'a FindingRow>,
}

impl<'a> Page<'a> {
    fn new(report: &'a Report) -> Self {
        let mut about: HashMap<&str, Vec<&FindingRow>> = HashMap::new();
        let (mut elsewhere, mut elsewhere_quiet) = (Vec::new(), Vec::new());
        for finding in &report.findings {
            match finding.status {
                _ if finding.subject.live_version.is_some() => {}
                Status::Pass | Status::NotApplicable => elsewhere_quiet.push(finding),
                _ => elsewhere.push(Open::new(finding)),
            }
            for id in finding.subject.touches() {
                about.entry(id).or_default().push(finding);
            }
        }
        elsewhere.sort_by_key(|open| urgency(open.first));
        let mut rows: Vec<&LiveVersionRow> = report.live_versions.iter().collect();
        rows.sort_by_key(|row| words::verdict_rank(row.readiness.verdict));
        let mut versions: Vec<Version<'a>> =
            rows.into_iter().map(|row| Version::new(row, about.remove(row.id.as_str()).unwrap_or_default())).collect();
        for version in versions.iter_mut().skip(DETAILED) {
            version.detailed = false;
        }
        let ledger = Ledger::new(report);
        Self {
            report,
            style: STYLE,
            script: script::SCRIPT,
            csp: script::policy(STYLE, script::SCRIPT),
            readers: answers::readers(report, ledger.as_ref()),
            bar: Bar::new(&report.summary),
            heard: Heard::new(report),
            ledger,
            by_id: versions.iter().enumerate().map(|(at, version)| (version.row.id.as_str(), at)).collect(),
            versions,
            elsewhere,
            elsewhere_quiet,
        }
    }

    /// The live versions that are told in full.
    fn detailed(&self) -> &[Version<'a>] {
        self.versions.get(..DETAILED).unwrap_or(&self.versions)
    }

    /// Whether the page tells everything that the document holds.
    fn thorough(&self) -> bool {
        self.versions.len() <= THOROUGH
    }

    /// The swim lanes of a live version.
    fn lanes<'r>(&self, row: &'r TimelineRow) -> Lanes<'r> {
        Lanes::new(row, self.report.as_of)
    }

    /// Whether the live version at this place has its swim lanes drawn: on a large page, the worst off have.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
    fn drawn(&self, at: &usize) -> bool {
        self.thorough() || *at < large::FULL
    }

    /// Verdicts with how many have them.
    fn verdicts(&self) -> Vec<(ReadinessVerdict, usize)> {
        let count =
            |verdict| self.report.summary.by_verdict.get(words::verdict_key(verdict)).copied().unwrap_or_default();
        words::VERDICTS.into_iter().map(|verdict| (verdict, count(verdict))).collect()
    }

    fn stopping(&self) -> impl Iterator<Item = &Version<'a>> {
        self.versions.iter().filter(|version| version.row.readiness.verdict == ReadinessVerdict::Stop)
    }

    /// Live versions with their costs.
    fn priced<'p>(&'p self, ledger: &'p Ledger<'a>) -> impl Iterator<Item = (&'p Version<'a>, &'a VersionCostRow)> {
        self.listed().iter().filter_map(|version| Some((version, ledger.of(&version.row.id)?)))
    }

    /// A live version by its id.
    fn version(&self, id: &str) -> Option<&Version<'a>> {
        self.by_id.get(id).and_then(|at| self.versions.get(*at))
    }

    /// Findings that fail or are unknown, worst first.
    fn open(&self) -> Vec<&Open<'a>> {
        let all = self.detailed().iter().flat_map(|version| &version.open).chain(&self.elsewhere);
        let mut open: Vec<&Open<'a>> = all.filter(|open| open.first.status != Status::Waived).collect();
        open.sort_by_key(|open| urgency(open.first));
        open
    }

    /// Results by control: code, summary, and how many of each status.
    fn controls(&self) -> Vec<ControlCount<'a>> {
        let mut by_code: BTreeMap<&str, ControlCount<'a>> = BTreeMap::new();
        for finding in &self.report.findings {
            let count = by_code.entry(&finding.code).or_insert_with(|| ControlCount::new(finding));
            count.add(finding.status);
        }
        by_code.into_values().collect()
    }

    /// What the bar offers to filter by.
    fn facets(&self) -> Vec<Facet> {
        filters::facets(self.report)
    }

    /// The place of a live version in the table of all.
    fn place_of(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    fn evidence(&self, id: &str) -> Option<&'a EvidenceRow> {
        self.report.evidence.get(id)
    }

    /// The most authoritative call behind a fact.
    fn best_call(&self, fact: &EvidenceRow) -> Option<&'a CallRow> {
        self.report.calls.get(fact.calls.first()?)
    }

    /// The facts in the order of their numbers; on a large page those behind what is told in full.
    fn facts(&self) -> Vec<(&'a Shared, &'a EvidenceRow)> {
        if self.thorough() {
            return by_number(self.report.evidence.iter());
        }
        let full = self.versions.iter().take(large::FULL);
        let open = full.flat_map(|version| &version.open).chain(&self.elsewhere);
        let cited: BTreeSet<&Shared> = open.flat_map(|open| &open.first.evidence).collect();
        by_number(cited.into_iter().filter_map(|id| self.report.evidence.get_key_value(id)))
    }

    /// The calls behind these facts.
    fn calls_of(&self, facts: &[(&'a Shared, &'a EvidenceRow)]) -> Vec<(&'a Shared, &'a CallRow)> {
        let cited: BTreeSet<&Shared> = facts.iter().flat_map(|(_, fact)| &fact.calls).collect();
        by_number(cited.into_iter().filter_map(|id| self.report.calls.get_key_value(id)))
    }

    /// Results by status.
    fn statuses(&self) -> Vec<(Status, usize)> {
        let count = |status| self.report.summary.by_status.get(words::status_key(status)).copied().unwrap_or_default();
        words::STATUSES.into_iter().map(|status| (status, count(status))).collect()
    }

    /// Alarms without and with something to say about them.
    fn alarms(&self) -> (Vec<&'a AlarmRow>, Vec<&'a AlarmRow>) {
        let sound = self.report.alarms.iter().filter(|alarm| large::is_sound(alarm)).collect();
        (sound, large::faulty_alarms(self.report))
    }

    /// Whether rows must say which account and region they are about.
    fn several(&self) -> bool {
        self.report.scope.accounts.len() > 1 || self.report.scope.regions.len() > 1
    }

    /// How many live versions of an account have a verdict.
    #[allow(clippy::unused_self, clippy::trivially_copy_pass_by_ref, reason = "called from a template")]
    fn of_account(&self, row: &AccountRow, verdict: &ReadinessVerdict) -> String {
        match row.by_verdict.get(words::verdict_key(*verdict)).copied().unwrap_or_default() {
            0 => "–".to_owned(),
            count => words::number(count),
        }
    }

    fn profile(&self) -> &'static str {
        match self.report.policy.profile {
            Profile::Standard => "standard",
            Profile::Regulated => "regulated",
        }
    }

    fn sent(&self) -> usize {
        self.as_count(self.report.stats.sent)
    }

    fn retries(&self) -> usize {
        self.as_count(self.report.stats.retries)
    }

    #[allow(clippy::unused_self, reason = "called from a template")]
    fn as_count(&self, count: u64) -> usize {
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    #[allow(clippy::unused_self, reason = "called from a template")]
    fn place(&self, account: &str, region: &str) -> String {
        [account, region].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

impl<'a> Version<'a> {
    fn new(row: &'a LiveVersionRow, about: Vec<&'a FindingRow>) -> Self {
        let mut version = Self {
            row,
            slug: format!("live-{}", safe::slug(&row.id)),
            detailed: true,
            open: Vec::new(),
            passed: Vec::new(),
            not_applicable: Vec::new(),
            around: Vec::new(),
        };
        for finding in about {
            let own = finding.subject.live_version.is_some();
            match finding.status {
                Status::Pass if own => version.passed.push(finding),
                Status::NotApplicable if own => version.not_applicable.push(finding),
                Status::Pass | Status::NotApplicable => {}
                _ if own => Open::add(&mut version.open, finding),
                _ => version.around.push(finding),
            }
        }
        version.open.sort_by_key(|open| urgency(open.first));
        version
    }

    /// The parts of its name that follow the endpoint's.
    fn within(&self) -> impl Iterator<Item = &'a str> {
        [self.row.variant.as_deref(), self.row.component.as_deref()].into_iter().flatten()
    }

    fn approvals(&self) -> impl Iterator<Item = &'a ApprovalRow> {
        self.row.approval.iter().chain(&self.row.further_approvals)
    }

    /// The result of one control for it.
    fn result(&self, code: &str) -> Option<&'a FindingRow> {
        let open = self.open.iter().flat_map(Open::each);
        open.chain(self.passed.iter().copied())
            .chain(self.not_applicable.iter().copied())
            .find(|finding| finding.code == *code)
    }

    /// Who owns it, as the bar has it.
    fn owner(&self) -> &'a str {
        filters::owner(Owner::of(self.row))
    }

    /// The codes of what passes.
    fn pass_codes(&self) -> String {
        findings::codes(self.passed.iter().copied())
    }

    /// The codes of what does not apply.
    fn na_codes(&self) -> String {
        findings::codes(self.not_applicable.iter().copied())
    }

    /// How many findings are open.
    fn count(&self) -> usize {
        self.open.iter().map(|open| 1 + open.more.len()).sum()
    }
}

/// Rows in the order of the numbers in their ids.
fn by_number<'a, T>(rows: impl Iterator<Item = (&'a Shared, &'a T)>) -> Vec<(&'a Shared, &'a T)> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|(id, _)| (id.len(), *id));
    rows
}

#[cfg(test)]
mod tests;

//! One live version as an audit asks for it: the paragraph, then what each sentence of it rests on, then what is open.

use std::fmt::Write as _;

use super::{Style, slot, status_mark, urgency, verdict_mark, wrap};
use crate::control::Status;
use crate::estate::{Fault, Signal};
use crate::report::document::{
    ApprovalRow, ArtifactRow, CoverageRow, FaultRow, FindingRow, LiveVersionRow, Report, RollbackRow, ToldState,
    VersionCostRow,
};
use crate::report::escape::visible;
use crate::report::html::money;
use crate::report::owned::Owner;
use crate::report::{faults, words};

/// Columns of the names at the left.
const LABEL: usize = 12;

/// Longer lines are hard to read.
const PROSE: usize = 120;

/// So many facts behind one finding are told.
const FACTS: usize = 4;

/// Everything that a report says of one live version.
pub fn show(report: &Report, live: &LiveVersionRow, style: Style) -> String {
    let mut page = Page { out: String::new(), style: Style { width: style.width.clamp(40, PROSE), ..style } };
    page.head(report, live);
    page.verdict(live);
    page.approvals(report, live);
    page.artifacts(live);
    page.alarms(live);
    page.faults(live);
    page.owner(live);
    page.cost(report, live);
    page.way_back(report, live);
    page.open(report, live);
    page.out
}

/// What is written so far.
struct Page {
    out: String,
    style: Style,
}

impl Page {
    fn line(&mut self, text: &str) {
        _ = writeln!(self.out, "{text}");
    }

    /// A paragraph.
    fn text(&mut self, text: &str, margin: usize, paint: impl Fn(&str) -> String) {
        let indent = if text.starts_with("- ") { "  " } else { "" };
        for line in wrap(text, self.style.width - margin, indent) {
            let line = format!("{}{}", " ".repeat(margin), paint(&line));
            self.line(&line);
        }
    }

    /// What goes under one name; further items below the first.
    fn entry(&mut self, name: &str, items: &[String]) {
        let mut name = name;
        for item in items {
            for line in wrap(item, self.style.width - LABEL, "  ") {
                let label = format!("{name:LABEL$}");
                let label = if name.is_empty() { label } else { self.style.bold(&label) };
                let line = format!("{label}{line}");
                self.line(line.trim_end());
                name = "";
            }
        }
    }

    fn head(&mut self, report: &Report, live: &LiveVersionRow) {
        let verdict = live.readiness.verdict;
        let title = format!("{} {}: {}", verdict_mark(verdict), words::verdict(verdict), slot(live, report));
        let style = self.style;
        self.text(&title, 0, |line| style.verdict(verdict, line));
        self.text(&live.id, 0, |line| style.dim(line));
        self.text(&format!("as of {}", words::time(report.as_of)), 0, |line| style.dim(line));
        self.line("");
        self.text(&live.paragraph, 0, str::to_owned);
        self.line("");
    }

    fn verdict(&mut self, live: &LiveVersionRow) {
        let readiness = &live.readiness;
        let mut items = vec![format!(
            "{} by rule {}: {}",
            words::verdict(readiness.verdict),
            readiness.rule,
            readiness.reason.trim_end_matches('.')
        )];
        items.extend(readiness.because.iter().map(|because| format!("- {because}")));
        self.entry("Verdict", &items);
        let steps: Vec<String> = readiness
            .flip_set
            .iter()
            .map(|flip| {
                let who: Vec<&str> =
                    [flip.code.as_str(), flip.role.as_str()].into_iter().filter(|it| !it.is_empty()).collect();
                let who = if who.is_empty() { String::new() } else { format!(" ({})", who.join("; ")) };
                let about = match flip.subjects.as_slice() {
                    [] => String::new(),
                    subjects => format!(", for {}", words::list(subjects)),
                };
                format!("- {}{about}{who}", flip.remedy)
            })
            .collect();
        self.entry("To raise it", &steps);
    }

    fn approvals(&mut self, report: &Report, live: &LiveVersionRow) {
        let all: Vec<&ApprovalRow> = live.approval.iter().chain(&live.further_approvals).collect();
        if all.is_empty() {
            self.entry("Approval", &[format!("none: {}", words::unregistered(live))]);
        }
        for row in all {
            self.entry("Approval", &approval(row, report));
        }
    }

    fn artifacts(&mut self, live: &LiveVersionRow) {
        let mut items: Vec<String> = live.artifacts.iter().map(artifact).collect();
        if items.is_empty() {
            items.push("none is known".to_owned());
        }
        self.entry("Artifacts", &items);
    }

    fn alarms(&mut self, live: &LiveVersionRow) {
        let asked = Signal::MATRIX.into_iter().filter_map(|signal| {
            let row = live.alarms.get(signal.words())?;
            (row.state != "not_applicable").then(|| alarm(signal, row))
        });
        let mut items: Vec<String> = asked.collect();
        if items.is_empty() {
            items.push("no alarm is asked of it".to_owned());
        }
        self.entry("Alarms", &items);
    }

    fn faults(&mut self, live: &LiveVersionRow) {
        let told = Fault::ALL.into_iter().filter_map(|fault| faults::of(live, fault));
        let items: Vec<String> = told.filter(|row| row.told != ToldState::NotApplicable).map(fault).collect();
        self.entry("Faults", &items);
    }

    fn owner(&mut self, live: &LiveVersionRow) {
        let mut items = vec![match &live.owner {
            Some(owner) => format!("{} ({})", owner.name, owner.source),
            None if Owner::of(live) == Owner::NotKnown => "not known: its tags could not be read".to_owned(),
            None => "nobody is named".to_owned(),
        }];
        items.extend(live.cost_center.as_ref().map(|center| format!("cost centre {center}")));
        self.entry("Owner", &items);
    }

    fn cost(&mut self, report: &Report, live: &LiveVersionRow) {
        let Some(costs) = &report.costs else { return };
        let Some(row) = costs.live_versions.iter().find(|row| row.live_version == live.id) else { return };
        self.entry("Cost", &cost(row, &money::period(costs)));
    }

    /// What there is to go back to.
    fn way_back(&mut self, report: &Report, live: &LiveVersionRow) {
        if let Some(row) = &live.rollback {
            self.entry("Rollback", &rollback(row));
            return;
        }
        // Reports of earlier versions tell it in the finding alone.
        let judged = findings(report, live).find(|finding| finding.code == "DEP-001");
        let Some(finding) = judged else { return };
        let mut items = vec![format!("{}: {}", words::status(finding.status), finding.reason)];
        items.extend(finding.notes.iter().map(|note| format!("- {note}")));
        self.entry("Rollback", &items);
    }

    fn open(&mut self, report: &Report, live: &LiveVersionRow) {
        let mut open: Vec<&FindingRow> = findings(report, live)
            .filter(|finding| matches!(finding.status, Status::Fail | Status::Unknown | Status::Waived))
            .collect();
        open.sort_by(|a, b| urgency(a).cmp(&urgency(b)));
        let of = |status: Status| open.iter().filter(|finding| finding.status == status).count();
        let title = format!(
            "Open findings: {} fail, {} unknown, {} waived",
            of(Status::Fail),
            of(Status::Unknown),
            of(Status::Waived)
        );
        self.line("");
        let style = self.style;
        self.text(&title, 0, |line| style.bold(line));
        for finding in open {
            self.finding(report, finding);
        }
    }

    fn finding(&mut self, report: &Report, finding: &FindingRow) {
        let style = self.style;
        let title = format!(
            "{} {} {} ({}): {}",
            status_mark(finding.status),
            words::status(finding.status),
            finding.code,
            words::severity(finding.severity),
            finding.summary
        );
        self.line("");
        self.text(&title, 0, |line| style.status(finding.status, line));
        self.text(&words::sentence(&finding.reason), 2, str::to_owned);
        for note in &finding.notes {
            self.text(&format!("- {note}"), 2, str::to_owned);
        }
        if let Some(waiver) = &finding.waiver {
            self.text(&format!("Waived: {waiver}"), 2, str::to_owned);
        }
        if !finding.remedy.is_empty() {
            self.text(&format!("Remedy: {}", finding.remedy), 2, str::to_owned);
        }
        for id in finding.evidence.iter().take(FACTS) {
            let Some(fact) = report.evidence.get(id) else { continue };
            self.text(&format!("Evidence {id}: {}", fact.what), 2, |line| style.dim(line));
            for call in fact.calls.iter().filter_map(|id| report.calls.get(id)).take(1) {
                let request = call.request_id.as_ref().map_or_else(String::new, |id| format!(", request {id}"));
                let said = format!("{} of {} at {}{request}", call.call, call.subject, words::time(call.at));
                self.text(&said, 4, |line| style.dim(line));
            }
        }
        if finding.evidence.len() > FACTS {
            let more = words::number(finding.evidence.len() - FACTS);
            self.text(&format!("… and {more} more; `--json` prints all"), 2, |line| style.dim(line));
        }
        for gap in report.gaps.iter().filter(|gap| finding.gap_ids.contains(&gap.id)).take(FACTS) {
            let said = format!("Could not see: {} in {} ({}); {}", gap.call, gap.region, gap.cause_words, gap.remedy);
            self.text(&said, 2, str::to_owned);
        }
    }
}

/// What a report finds of a live version, and of what it touches.
pub fn findings<'r>(report: &'r Report, live: &'r LiveVersionRow) -> impl Iterator<Item = &'r FindingRow> {
    report.findings.iter().filter(|finding| finding.subject.touches().any(|id| *id == live.id))
}

/// Who approved, when, and what proves it.
fn approval(row: &ApprovalRow, report: &Report) -> Vec<String> {
    let status = words::state(row.status.as_deref());
    let who = row.by.as_deref().map_or("nobody who is named", words::identity);
    let kind = row.by_kind.map_or_else(String::new, |kind| format!(" ({})", words::actor(kind)));
    let at = row.at.map_or_else(
        || "at an unknown time".to_owned(),
        |at| format!("{}, {}", words::time(at), words::age(at, report.as_of)),
    );
    let mut items = vec![
        format!("{}: {status}", words::version(&row.package_arn)),
        match row.grade {
            crate::estate::Grade::None => "nothing proves who approved it, and when".to_owned(),
            _ => format!("by {who}{kind}, {at}"),
        },
        format!("grade {}: {}", row.grade.as_str(), row.grade_words),
    ];
    items.extend(row.event_id.as_ref().map(|id| format!("CloudTrail event {id}")));
    items.extend(row.reason.as_ref().map(|reason| format!("reason given: {reason}")));
    items.extend(row.registered_by.as_deref().map(|by| {
        let at = row.registered_at.map_or_else(String::new, |at| format!(", {}", words::time(at)));
        format!("registered by {}{at}", words::identity(by))
    }));
    items
}

fn artifact(row: &ArtifactRow) -> String {
    let since = match (&row.since_approval_words, row.state.as_str()) {
        (Some(words), _) => format!("{words} since it was approved"),
        (None, "present") => "there; nothing to compare it with".to_owned(),
        (None, state) => state.to_owned(),
    };
    let written = row.modified.map_or_else(String::new, |at| format!(", written {}", words::time(at)));
    let size = row.size.map_or_else(String::new, |size| format!(", {}", words::size(size)));
    let weakness = row.weakness.as_ref().map_or_else(String::new, |weakness| format!("; {weakness}"));
    format!("{} {}: {since}{written}{size}{weakness}", row.role, row.uri)
}

fn alarm(signal: Signal, row: &CoverageRow) -> String {
    let by = match row.alarms.as_slice() {
        [] => String::new(),
        alarms => format!(" by {}", words::list(alarms)),
    };
    let why = row.reason.as_ref().map_or_else(String::new, |why| format!("; {why}"));
    let mark = words::coverage_glyph(Some(row));
    format!("{mark} {}: {}{by}{why}", signal.words(), coverage(&row.state))
}

fn coverage(state: &str) -> &'static str {
    match state {
        "covered" => "heard",
        "broken" => "watched, but nobody hears",
        "missing" => "not watched",
        "not_applicable" => "not asked of it",
        _ => "not known",
    }
}

fn fault(row: &FaultRow) -> String {
    let heading = faults::heading(row.fault);
    let why = if row.why.is_empty() { String::new() } else { format!(": {}", words::list(&row.why)) };
    match row.told {
        ToldState::Human => {
            let minutes = match (row.minutes_from, row.minutes_to) {
                (Some(from), Some(to)) => format!(" within {}", faults::minutes(from, to)),
                _ => String::new(),
            };
            format!(
                "{heading}: {} is told{minutes}",
                if row.whom.is_empty() { "somebody".to_owned() } else { words::list(&row.whom) }
            )
        }
        ToldState::Unknown => format!("{heading}: not known who is told{why}"),
        ToldState::Nobody | ToldState::NotApplicable => format!("{heading}: nobody is told{why}"),
    }
}

fn rollback(row: &RollbackRow) -> Vec<String> {
    let mut items = vec![row.summary.clone()];
    let checks = row.target.iter().flat_map(|target| &target.checks);
    items.extend(checks.map(|check| {
        let name = if check.name.is_empty() { String::new() } else { format!(" {}", check.name) };
        format!("- {}{name}: {}: {}", check.what, check.state.words(), check.why)
    }));
    items.extend(row.steps.iter().zip(1..).map(|(step, number)| format!("{number}. {}", step.what)));
    if row.steps.iter().any(|step| step.command.is_some()) {
        items.push("`--json` prints the commands".to_owned());
    }
    items.extend(row.fallback.iter().map(|fallback| {
        let owner = fallback.owner.as_ref().map_or_else(String::new, |owner| format!(" of {owner}"));
        format!("declared fallback {}{owner}: {}", fallback.what, fallback.why)
    }));
    items
}

fn cost(row: &VersionCostRow, period: &str) -> Vec<String> {
    let mut items = vec![match row.cost.money() {
        Some(amount) => format!("{amount} from {period}, {}", money::source(&row.cost)),
        None => format!("not known: {}", row.cost.why().unwrap_or("no reason is given")),
    }];
    items.extend(
        row.monthly.money().map(|amount| format!("{amount} a month as it runs now, {}", money::source(&row.monthly))),
    );
    items.extend(row.per_thousand.money().map(|amount| format!("{} for a thousand predictions", money::fine(&amount))));
    items
}

/// The ids that can be shown, with the verdict of each.
pub fn names(report: &Report, style: Style) -> String {
    let mut out = String::new();
    for live in &report.live_versions {
        let verdict = live.readiness.verdict;
        let text = format!("{} {:18}  {}", verdict_mark(verdict), words::verdict(verdict), visible(&live.id));
        _ = writeln!(out, "{}", style.verdict(verdict, &text));
    }
    out
}

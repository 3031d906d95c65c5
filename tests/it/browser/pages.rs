//! The pages that are looked at: the demo's, and those of estates that are empty, closed to the reader, hostile or large.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use countersign::control::Status;
use countersign::evidence::{DeniedBy, FactKind, Facts, Gap, GapCause, Hidden, Snapshot};
use countersign::policy::{Dates, Policy};
use countersign::report::document::Report;
use countersign::report::words;
use countersign::report::{Format, write};
use countersign::run::judge;
use serde_json::Value;

use super::hostile;
use crate::support::root;

/// Where pages are written; a run writes over what an earlier one left.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages").join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn file(folder: &Path, report: &Report, format: Format) -> PathBuf {
    let path = folder.join(format.file_name());
    let mut file = BufWriter::new(File::create(&path).expect("a file"));
    write(report, format, &mut file).expect("a page");
    file.flush().expect("a page");
    path
}

/// A page, and the report it shows.
pub(super) struct Page {
    pub(super) html: PathBuf,
    pub(super) manager: PathBuf,
    /// The report as JSON, read as a stranger would.
    pub(super) report: Value,
}

impl Page {
    fn of(name: &str, report: &Report) -> Self {
        let folder = folder(name);
        let (html, manager) = (file(&folder, report, Format::Html), file(&folder, report, Format::Manager));
        Self { html, manager, report: serde_json::to_value(report).expect("a report is JSON") }
    }

    /// How many live versions the report counts.
    pub(super) fn live_versions(&self) -> usize {
        self.report["live_versions"].as_array().expect("rows").len()
    }

    /// Findings for which something holds.
    pub(super) fn findings(&self, wanted: impl Fn(&Value) -> bool) -> Vec<&Value> {
        self.report["findings"].as_array().expect("rows").iter().filter(|row| wanted(row)).collect()
    }
}

fn recorded() -> (Snapshot, Policy) {
    let snapshot = Snapshot::load(&root("src/cli/demo/bank.snapshot.json.zst")).expect("the embedded recording");
    let policy = policy(&std::fs::read_to_string(root("src/cli/demo/bank.toml")).expect("its policy"), &snapshot);
    (snapshot, policy)
}

fn policy(text: &str, snapshot: &Snapshot) -> Policy {
    let dates = Dates { today: snapshot.as_of, as_of: snapshot.as_of };
    Policy::parse(text, "bank.toml", &dates).expect("a policy").policy
}

/// What `countersign demo` shows.
pub(super) fn demo() -> &'static Page {
    static PAGE: OnceLock<Page> = OnceLock::new();
    PAGE.get_or_init(|| {
        let (snapshot, policy) = recorded();
        Page::of("demo", &judge(&snapshot, &policy, None))
    })
}

/// An account in which nothing serves: the recording without a fact.
pub(super) fn empty() -> &'static Page {
    static PAGE: OnceLock<Page> = OnceLock::new();
    PAGE.get_or_init(|| {
        let snapshot = Snapshot { facts: Facts::default(), ..recorded().0 };
        Page::of("empty", &judge(&snapshot, &policy("", &snapshot), None))
    })
}

/// An account that lets the reader see nothing: the recording with a gap in place of each kind of fact.
pub(super) fn denied() -> &'static Page {
    static PAGE: OnceLock<Page> = OnceLock::new();
    PAGE.get_or_init(|| {
        let (mut snapshot, policy) = recorded();
        snapshot.facts = Facts::default();
        snapshot.gaps = FactKind::ALL.iter().map(|kind| denial(&snapshot, *kind)).collect();
        Page::of("denied", &judge(&snapshot, &policy, None))
    })
}

fn denial(snapshot: &Snapshot, kind: FactKind) -> Gap {
    let name = serde_json::to_value(kind).expect("a name");
    let operation = format!("List-{}", name.as_str().expect("text"));
    Gap {
        account: snapshot.scope.account.clone(),
        region: snapshot.scope.regions[0].clone(),
        service: "sagemaker".to_owned(),
        action: format!("sagemaker:{operation}"),
        message: format!("User: reader is not authorized to perform: sagemaker:{operation} with an explicit deny"),
        operation,
        subject: "page 1".to_owned(),
        cause: GapCause::Denied(DeniedBy::Unstated),
        code: Some("AccessDeniedException".to_owned()),
        pages_read: 0,
        hides: vec![Hidden::All(kind)],
        request_id: None,
        at: snapshot.as_of,
    }
}

/// The demo with hostile text in whatever people name or write, and some of it without a place to break.
pub(super) fn hostile() -> &'static Page {
    static PAGE: OnceLock<Page> = OnceLock::new();
    PAGE.get_or_init(|| {
        let (snapshot, policy) = recorded();
        let mut report = serde_json::to_value(judge(&snapshot, &policy, None)).expect("a report is JSON");
        hostile::poison(&mut report);
        Page::of("hostile", &serde_json::from_value(report).expect("still a report"))
    })
}

/// A page too large to be looked at row by row, and what it has to say.
pub(super) struct Large {
    pub(super) html: PathBuf,
    pub(super) live_versions: usize,
    pub(super) findings: usize,
    pub(super) by_verdict: BTreeMap<String, usize>,
    pub(super) by_status: BTreeMap<String, usize>,
}

/// So many times the estate of the demo: 2,001 live versions.
const COPIES: &str = "69";

/// So many findings; what passes beyond them is left out.
const FINDINGS: usize = 50_000;

/// The estate of the demo again and again under other names (`tests/bench/grow.py`). Synthetic, and judged as any other.
pub(super) fn large() -> &'static Large {
    static PAGE: OnceLock<Large> = OnceLock::new();
    PAGE.get_or_init(|| {
        let (small, policy) = recorded();
        let folder = folder("large");
        let (once, often) = (folder.join("once.json"), folder.join("often.json"));
        serde_json::to_writer(BufWriter::new(File::create(&once).expect("a file")), &small).expect("JSON");
        let grown = Command::new("python3")
            .arg(root("tests/bench/grow.py"))
            .args([&once, &often])
            .args(["--copies", COPIES])
            .status();
        assert!(grown.expect("python starts").success());
        let snapshot = Snapshot::load(&often).expect("a snapshot");
        std::fs::remove_file(&often).expect("a file");
        let mut report = judge(&snapshot, &policy, None);
        drop(snapshot);
        thin(&mut report);
        Large {
            html: file(&folder, &report, Format::Html),
            live_versions: report.live_versions.len(),
            findings: report.findings.len(),
            by_verdict: report.summary.by_verdict,
            by_status: report.summary.by_status,
        }
    })
}

/// Leaves out findings that pass or do not apply, evenly, until there are [`FINDINGS`].
fn thin(report: &mut Report) {
    let quiet = |status: Status| matches!(status, Status::Pass | Status::NotApplicable);
    let all = report.findings.iter().filter(|row| quiet(row.status)).count();
    let kept = FINDINGS - (report.findings.len() - all);
    let mut seen = 0;
    report.findings.retain(|row| {
        if !quiet(row.status) {
            return true;
        }
        seen += 1;
        // Every so many-th: as many of them are kept as this line has been crossed.
        seen * kept / all > (seen - 1) * kept / all
    });
    for (status, count) in
        words::STATUSES.map(|status| (status, report.findings.iter().filter(|row| row.status == status).count()))
    {
        report.summary.by_status.insert(words::status_key(status).to_owned(), count);
    }
}

//! Findings as rows: named, fingerprinted, with their facts and gaps.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::{evidence, fingerprint};
use crate::control::engine::Finding;
use crate::control::{Control, Status, Subject};
use crate::estate::{Estate, LiveArtifact, LiveVersion};
use crate::report::document::{FindingRow, GapRow, LastKnown, SubjectRow};
use crate::report::shared::{Interner, Shared};

/// Texts of a control, shared by all its findings.
struct ControlText {
    code: Shared,
    id: Shared,
    summary: Shared,
    remedy: Shared,
}

impl ControlText {
    fn new(control: &Control) -> Self {
        Self {
            code: control.code.into(),
            id: control.id.into(),
            summary: control.summary.into(),
            remedy: control.remedy.into(),
        }
    }
}

/// All findings, sorted by subject and code; live versions come first.
pub(super) fn rows<'a>(
    mut found: Vec<Finding<'a>>,
    estate: &Estate<'a>,
    ids: &[Shared],
    gaps: &[GapRow],
    evidence: &mut evidence::Table,
    names: &mut Interner,
) -> Vec<FindingRow> {
    let before = |a: &Finding<'a>, b: &Finding<'a>| {
        (place(a.subject.as_ref()), a.control.code).cmp(&(place(b.subject.as_ref()), b.control.code))
    };
    if !found.is_sorted_by(|a, b| before(a, b).is_le()) {
        found.sort_by(before);
    }
    let mut texts: BTreeMap<&str, ControlText> = BTreeMap::new();
    let mut subjects = Subjects::new(estate, ids, names);
    let mut seen = Seen::default();
    let nothing = Shared::from("");
    let mut rows = Vec::with_capacity(found.len());
    for finding in found {
        let Finding { control, verdict, .. } = finding;
        let text = texts.entry(control.code).or_insert_with(|| ControlText::new(control));
        let subject = subjects.get(finding.subject.as_ref());
        let (id, fingerprint) = seen.name(control.code, &subject);
        let own = verdict.remedy.map(Shared::from);
        let gap = finding.gaps.first().and_then(|gap| gaps.get(*gap));
        let remedy = match (finding.status, own, gap) {
            (Status::Pass | Status::NotApplicable, ..) => nothing.clone(),
            (_, Some(own), _) => own,
            // What was not seen must be seen first.
            (Status::Unknown, None, Some(gap)) => gap.remedy.as_str().into(),
            (..) => text.remedy.clone(),
        };
        rows.push(FindingRow {
            id,
            fingerprint,
            code: text.code.clone(),
            control: text.id.clone(),
            summary: text.summary.clone(),
            status: finding.status,
            severity: finding.severity,
            gate: finding.gate,
            subject: Arc::clone(&subject.row),
            reason: verdict.reason.into(),
            notes: verdict.notes,
            evidence: verdict.cites.into_iter().map(|cite| evidence.id(cite)).collect(),
            gap_ids: finding.gaps.iter().filter_map(|gap| gaps.get(*gap)).map(|gap| gap.id.clone()).collect(),
            remedy,
            waiver: finding
                .waiver
                .map(|waiver| format!("{} (owner {}, approved by {})", waiver.reason, waiver.owner, waiver.approver)),
            state: None,
            first_seen: None,
            last_known: finding.last_known.map(|(status, at)| LastKnown { status, at }),
            known: false,
        });
    }
    rows
}

/// Where a subject stands: kind, account, region, name.
fn place<'a>(subject: Option<&Subject<'a>>) -> (u8, &'a str, &'a str, &'a str) {
    match subject {
        Some(Subject::LiveVersion(live)) => (0, "", "", live.id.as_str()),
        Some(Subject::Alarm(bound)) => (1, &bound.alarm.account, &bound.alarm.region, &bound.alarm.data.name),
        Some(Subject::Bucket { account, region, name }) => (2, account, region, name),
        Some(Subject::Region { account, region }) => (3, account, region, ""),
        Some(Subject::Account { account }) => (4, account, "", ""),
        None => (5, "", "", ""),
    }
}

/// Makes subject rows out of shared parts.
struct Subjects<'s, 'a> {
    estate: &'s Estate<'a>,
    ids: &'s [Shared],
    names: &'s mut Interner,
    by_bucket: BTreeMap<(&'a str, String), BTreeSet<usize>>,
    /// The live version judged last: its findings follow each other.
    last: Option<(&'a LiveVersion<'a>, Rc<Named>)>,
}

/// A subject, and its name as fingerprints know it.
struct Named {
    row: Arc<SubjectRow>,
    stable: String,
}

impl<'s, 'a> Subjects<'s, 'a> {
    fn new(estate: &'s Estate<'a>, ids: &'s [Shared], names: &'s mut Interner) -> Self {
        let mut by_bucket: BTreeMap<(&'a str, String), BTreeSet<usize>> = BTreeMap::new();
        for (at, live) in estate.live.iter().enumerate() {
            for location in live
                .containers
                .iter()
                .flat_map(|c| &c.artifacts)
                .flat_map(LiveArtifact::histories)
                .map(|it| &it.location)
            {
                by_bucket.entry((live.account, location.bucket.clone())).or_default().insert(at);
            }
        }
        Self { estate, ids, names, by_bucket, last: None }
    }

    fn get(&mut self, subject: Option<&Subject<'a>>) -> Rc<Named> {
        let live = match subject {
            Some(Subject::LiveVersion(live)) => Some(*live),
            _ => None,
        };
        if let (Some(live), Some((last, named))) = (live, &self.last)
            && std::ptr::eq(live, *last)
        {
            return Rc::clone(named);
        }
        let row = Arc::new(self.row(subject));
        let named = Rc::new(Named { stable: fingerprint::normalise(&row.name), row });
        self.last = live.map(|live| (live, Rc::clone(&named)));
        named
    }

    fn row(&mut self, subject: Option<&Subject<'a>>) -> SubjectRow {
        let ids = self.ids;
        let touched = |live: &mut dyn Iterator<Item = usize>| -> Vec<Shared> {
            let live: BTreeSet<usize> = live.collect();
            live.into_iter().filter_map(|at| ids.get(at).cloned()).collect()
        };
        let mut row = |kind, name: &str, arn: Option<&str>, account: &str, region: &str, live_versions| SubjectRow {
            kind: self.names.get(kind),
            name: self.names.get(name),
            arn: arn.map(|arn| self.names.get(arn)),
            account: self.names.get(account),
            region: self.names.get(region),
            live_version: None,
            live_versions,
        };
        match subject {
            Some(Subject::LiveVersion(live)) => {
                let row = row("live_version", &live.id, super::live::arn(live), live.account, live.region, Vec::new());
                SubjectRow { live_version: Some(row.name.clone()), ..row }
            }
            Some(Subject::Alarm(bound)) => {
                let alarm = &bound.alarm.data;
                let live = touched(&mut bound.bound.iter().map(|(at, _)| *at));
                row("alarm", &alarm.name, Some(&alarm.arn), &bound.alarm.account, &bound.alarm.region, live)
            }
            Some(Subject::Bucket { account, region, name }) => {
                let live = self.by_bucket.get(&(*account, (*name).to_owned()));
                let live = touched(&mut live.into_iter().flatten().copied());
                let partition = &self.estate.snapshot.scope.partition;
                row("bucket", name, Some(&format!("arn:{partition}:s3:::{name}")), account, region, live)
            }
            Some(Subject::Region { account, region }) => {
                row("region", &format!("{account}/{region}"), None, account, region, Vec::new())
            }
            Some(Subject::Account { account }) => row("account", account, None, account, "", Vec::new()),
            None => row("run", "run", None, &self.estate.snapshot.scope.account, "", Vec::new()),
        }
    }
}

/// Ids and fingerprints given so far; a second finding with the same one gets another.
#[derive(Default)]
struct Seen {
    ids: HashMap<(&'static str, u128), usize>,
    fingerprints: HashMap<u128, usize>,
}

impl Seen {
    fn name(&mut self, code: &'static str, subject: &Named) -> (Shared, Shared) {
        let row = &subject.row;
        let digest = |name| fingerprint::digest(&[code, &row.account, &row.region, &row.kind, name]);
        let short = digest(&row.name) >> 88;
        let id = unique(format!("{code}-{short:010x}"), self.ids.entry((code, short)).or_default());
        let stable = digest(&subject.stable);
        (id, unique(format!("{stable:032x}"), self.fingerprints.entry(stable).or_default()))
    }
}

/// The name, with a number where it was given before.
fn unique(name: String, times: &mut usize) -> Shared {
    *times += 1;
    if *times == 1 { name.into() } else { format!("{name}-{times}").into() }
}

/// Findings by the live version that they touch.
pub(super) struct ByLiveVersion<'a> {
    by_id: HashMap<&'a str, Vec<&'a FindingRow>>,
    /// Findings about the run, which concern every live version.
    run: Vec<&'a FindingRow>,
}

impl<'a> ByLiveVersion<'a> {
    pub(super) fn new(ids: &'a [Shared], findings: &'a [FindingRow]) -> Self {
        let mut map: HashMap<&str, Vec<&FindingRow>> = ids.iter().map(|id| (id.as_str(), Vec::new())).collect();
        for finding in findings {
            for id in finding.subject.touches() {
                if let Some(about) = map.get_mut(id.as_str()) {
                    about.push(finding);
                }
            }
        }
        let run = findings.iter().filter(|finding| finding.subject.kind == *"run").collect();
        Self { by_id: map, run }
    }

    /// Everything about one live version, in the order of the report.
    pub(super) fn all(&self, id: &str) -> &[&'a FindingRow] {
        self.by_id.get(id).map_or(&[], Vec::as_slice)
    }

    /// Everything about one live version or about the run.
    pub(super) fn bearing(&self, id: &str) -> impl Iterator<Item = &'a FindingRow> {
        self.all(id).iter().chain(&self.run).copied()
    }

    /// The finding of one control about the live version itself.
    pub(super) fn own(&self, id: &str, code: &str) -> Option<&'a FindingRow> {
        self.all(id).iter().copied().find(|finding| finding.code == *code && finding.subject.live_version.is_some())
    }
}

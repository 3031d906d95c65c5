//! Runs every control over every subject: turns gaps into "unknown", applies waivers, survives a control that fails.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use super::view::HiddenFrom;
use super::{Check, Context, Control, Gate, Severity, Status, Subject, Unit, Verdict, View, registry, waiving};
use crate::estate::{Estate, LiveArtifact};
use crate::evidence::{DeniedBy, FactKind, Gap, GapCause};
use crate::policy::{Policy, Waiver};
use crate::readiness::Readiness;

mod completeness;
mod last_known;
mod verdicts;

#[cfg(test)]
mod tests;

/// One control's result for one subject.
#[derive(Debug)]
pub struct Finding<'a> {
    /// The control.
    pub control: &'static Control,
    /// What was judged; `None` for the run as a whole.
    pub subject: Option<Subject<'a>>,
    /// Status after gaps and waivers.
    pub status: Status,
    /// Gate of this case.
    pub gate: Gate,
    /// Severity of this case.
    pub severity: Severity,
    /// What the check said; its status is the one before gaps and waivers, its reason the one to print.
    pub verdict: Verdict,
    /// Indices of the gaps that made it unknown, or that a note mentions.
    pub gaps: Vec<usize>,
    /// The waiver that applies.
    pub waiver: Option<&'a Waiver>,
    /// What was decided last, where it failed then and cannot be decided now: fail or waived, and when. The verdict counts
    /// it until it can be decided again, so that losing a permission never improves anything.
    pub last_known: Option<(Status, Timestamp)>,
    /// Indices of the live versions that it counts for; empty for the run, which is about all of them.
    pub touches: Vec<usize>,
}

impl Finding<'_> {
    /// Name of the subject, as waivers and reports use it: a live version's id, an alarm's or a bucket's name,
    /// `account/region`, an account's number, or `run`.
    pub fn subject_name(&self) -> String {
        match self.subject {
            Some(Subject::LiveVersion(live)) => live.id.clone(),
            Some(Subject::Alarm(alarm)) => alarm.alarm.data.name.clone(),
            Some(Subject::Bucket { name, .. }) => name.to_owned(),
            Some(Subject::Region { account, region }) => format!("{account}/{region}"),
            Some(Subject::Account { account }) => account.to_owned(),
            None => "run".to_owned(),
        }
    }

    /// The remedy of this case.
    pub fn remedy(&self) -> &str {
        self.verdict.remedy.as_deref().unwrap_or(self.control.remedy)
    }
}

/// Everything that is said about an estate.
#[derive(Debug)]
pub struct Assessment<'a> {
    /// The estate.
    pub estate: &'a Estate<'a>,
    /// The policy.
    pub policy: &'a Policy,
    /// Findings: those of live versions in their order, then of alarms, buckets, regions, accounts and the run; by code within.
    pub findings: Vec<Finding<'a>>,
    /// Readiness of each live version, in the order of [`Estate::live`].
    pub readiness: Vec<Readiness>,
    /// Of all gate controls asked, how many were decided: numerator and denominator of the evidence share.
    pub decided: (usize, usize),
    /// Waivers that apply to nothing, or are no longer valid, with why.
    pub idle_waivers: Vec<(&'a Waiver, String)>,
}

/// Judges an estate. Pure: the same estate and policy give the same assessment, in the same order.
pub fn assess<'a>(estate: &'a Estate<'a>, policy: &'a Policy) -> Assessment<'a> {
    assess_with(registry::CONTROLS, estate, policy)
}

fn assess_with<'a>(controls: &[&'static Control], estate: &'a Estate<'a>, policy: &'a Policy) -> Assessment<'a> {
    let mut controls = controls.to_vec();
    controls.sort_by_key(|control| control.code);
    let view = View::new(estate);
    let mut findings = judge_all(&controls, estate, Context { estate, policy, view: &view });
    let decided = completeness::share(&findings);
    for control in controls.iter().filter(|control| matches!(control.check, Check::Engine)) {
        let (verdict, gaps) = completeness::judge(&findings, decided, policy, &view);
        findings.push(finding(control, None, verdict.status, verdict, gaps, Vec::new()));
    }
    last_known::recall(&mut findings, estate);
    let idle_waivers = waiving::waive(&mut findings, &controls, policy, estate.as_of);
    let readiness = verdicts::of_each(&findings, estate, policy);
    Assessment { estate, policy, findings, readiness, decided, idle_waivers }
}

/// Judges every subject but the run.
fn judge_all<'a>(controls: &[&'static Control], estate: &'a Estate<'a>, context: Context<'_>) -> Vec<Finding<'a>> {
    let view = context.view;
    let asked = |unit| controls.iter().filter(|control| control.check.unit() == unit).count();
    let alarms = estate.alarms.iter().filter(|alarm| alarm.about_serving).count();
    // All but those of buckets, regions and accounts, which are few: a list of this length is not to be copied while it grows.
    let many = estate.live.len() * asked(Unit::LiveVersion) + alarms * asked(Unit::Alarm);
    let mut findings = Vec::with_capacity(many + many / 16);
    let of_live: Vec<HiddenFrom> = estate.live.iter().map(|live| view.hidden_from_live(live)).collect();
    for ((index, live), hidden) in estate.live.iter().enumerate().zip(&of_live) {
        for control in controls {
            if let Check::LiveVersion(check) = control.check {
                let subject = Subject::LiveVersion(live);
                findings.push(judge(control, subject, || check(live, context), hidden, vec![index], view));
            }
        }
    }
    for alarm in estate.alarms.iter().filter(|alarm| alarm.about_serving) {
        let hidden = view.hidden_from_alarm(alarm, &of_live);
        let mut touches: Vec<usize> = alarm.bound.iter().map(|(index, _)| *index).collect();
        touches.sort_unstable();
        touches.dedup();
        for control in controls {
            if let Check::Alarm(check) = control.check {
                let subject = Subject::Alarm(alarm);
                findings.push(judge(control, subject, || check(alarm, context), &hidden, touches.clone(), view));
            }
        }
    }
    for ((account, region, name), touches) in buckets_in_use(estate) {
        let hidden = view.hidden_from_bucket(account, region, name);
        for control in controls {
            if let Check::Bucket(check) = control.check {
                let subject = Subject::Bucket { account, region, name };
                let verdict = || check(account, region, name, context);
                findings.push(judge(control, subject, verdict, &hidden, touches.clone(), view));
            }
        }
    }
    for (account, region) in regions(estate) {
        let hidden = view.hidden_from_region(account, region);
        let subject = Subject::Region { account, region };
        let there = estate.live.iter().enumerate().filter(|(_, live)| (live.account, live.region) == (account, region));
        let touches: Vec<usize> = there.map(|(index, _)| index).collect();
        for control in controls {
            if let Check::Region(check) = control.check {
                // A run that was limited to something that does not serve cannot say that nothing serves.
                if touches.is_empty() && estate.snapshot.scope.is_narrowed() {
                    continue;
                }
                let verdict = || check(account, region, context);
                findings.push(judge(control, subject, verdict, &hidden, touches.clone(), view));
            } else if let Some((kind, gap)) = unlisted(control, account, region, view) {
                let reason = format!("what serves may be missing: {}", unreadable(kind, gap.1));
                let verdict = Verdict::unknown(reason);
                findings.push(finding(control, Some(subject), Status::Unknown, verdict, vec![gap.0], Vec::new()));
            }
        }
    }
    for account in accounts(estate) {
        let there = estate.live.iter().enumerate().filter(|(_, live)| live.account == account);
        let touches: Vec<usize> = there.map(|(index, _)| index).collect();
        if touches.is_empty() && estate.snapshot.scope.is_narrowed() {
            continue;
        }
        let hidden = view.hidden_from_account(account);
        for control in controls {
            if let Check::Account(check) = control.check {
                let subject = Subject::Account { account };
                findings.push(judge(control, subject, || check(account, context), &hidden, touches.clone(), view));
            }
        }
    }
    findings
}

/// Runs one check, and lets the gaps over its subject speak.
pub(super) fn judge<'a>(
    control: &'static Control,
    subject: Subject<'a>,
    check: impl FnOnce() -> Verdict,
    hidden: &[(FactKind, usize)],
    touches: Vec<usize>,
    view: &View<'_>,
) -> Finding<'a> {
    let mut verdict = catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|panic| broken(panic.as_ref()));
    let (mut status, mut gaps) = (verdict.status, std::mem::take(&mut verdict.gaps));
    let decided_anyway = verdict.settled && status == Status::NotApplicable;
    if !hidden.is_empty() && !decided_anyway {
        let needed = hidden_of(control.needs, hidden);
        if !verdict.settled
            && let Some((kind, index)) = needed.first()
        {
            if let Some(gap) = view.gap(*index) {
                let reason = std::mem::replace(&mut verdict.reason, because(*kind, gap, needed.len()));
                let said = if status == Status::Unknown { "besides" } else { "as far as could be read" };
                verdict.notes.insert(0, format!("{said}: {reason}"));
            }
            status = Status::Unknown;
        }
        let mut used = hidden_of(control.uses, hidden);
        if verdict.settled {
            used.extend(&needed);
        } else {
            gaps.extend(needed.iter().map(|(_, index)| index));
        }
        if status != Status::NotApplicable {
            for (kind, index) in used {
                verdict.notes.extend(view.gap(index).map(|gap| unreadable(kind, gap)));
                gaps.push(index);
            }
        }
        gaps.sort_unstable();
        gaps.dedup();
    }
    finding(control, Some(subject), status, verdict, gaps, touches)
}

fn finding<'a>(
    control: &'static Control,
    subject: Option<Subject<'a>>,
    status: Status,
    verdict: Verdict,
    gaps: Vec<usize>,
    touches: Vec<usize>,
) -> Finding<'a> {
    let gate = verdict.gate.unwrap_or(control.gate);
    let severity = verdict.severity.unwrap_or(control.severity);
    Finding { control, subject, status, gate, severity, verdict, gaps, waiver: None, last_known: None, touches }
}

/// A control that panics is a defect of this tool, not of the estate.
fn broken(panic: &(dyn std::any::Any + Send)) -> Verdict {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Verdict::unknown("the control itself failed, which is a defect of Countersign")
        .note(text.unwrap_or("it left no message").to_owned())
}

fn hidden_of(kinds: &[FactKind], hidden: &[(FactKind, usize)]) -> HiddenFrom {
    hidden.iter().filter(|(kind, _)| kinds.contains(kind)).copied().collect()
}

/// Kinds that a whole region may hide, and the control that answers for what is therefore not in the report.
const LISTED: [(FactKind, &str); 2] = [(FactKind::Endpoints, "INV-001"), (FactKind::TransformJobs, "INV-007")];

fn unlisted<'v>(
    control: &Control,
    account: &str,
    region: &str,
    view: &'v View<'_>,
) -> Option<(FactKind, (usize, &'v Gap))> {
    let (kind, _) = LISTED.iter().find(|(_, code)| *code == control.code)?;
    let index = view.whole_gaps_of(account, region, *kind).next()?;
    Some((*kind, (index, view.gap(index)?)))
}

/// Buckets that hold artifacts of live versions, with the live versions that each counts for.
fn buckets_in_use<'a>(estate: &'a Estate<'a>) -> BTreeMap<(&'a str, &'a str, &'a str), Vec<usize>> {
    let mut buckets: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, live) in estate.live.iter().enumerate() {
        let artifacts = live.containers.iter().flat_map(|container| &container.artifacts);
        for location in artifacts.flat_map(LiveArtifact::histories).map(|history| &history.location) {
            let touches = buckets.entry((live.account, live.region, location.bucket.as_str())).or_default();
            if touches.last() != Some(&index) {
                touches.push(index);
            }
        }
    }
    buckets
}

/// Accounts and regions that were read.
fn regions<'a>(estate: &'a Estate<'a>) -> Vec<(&'a str, &'a str)> {
    let serving = estate.live.iter().map(|live| (live.account, live.region));
    let mut regions: Vec<_> = estate.snapshot.scope.places().chain(serving).collect();
    regions.sort_unstable();
    regions.dedup();
    regions
}

/// Accounts that were read.
fn accounts<'a>(estate: &'a Estate<'a>) -> Vec<&'a str> {
    let mut accounts: Vec<_> = regions(estate).into_iter().map(|(account, _)| account).collect();
    accounts.dedup();
    accounts
}

fn because(kind: FactKind, gap: &Gap, gaps: usize) -> String {
    match gaps {
        0 | 1 => unreadable(kind, gap),
        more => format!("{}, and {} more like it", unreadable(kind, gap), more - 1),
    }
}

/// A gap in one sentence.
fn unreadable(kind: FactKind, gap: &Gap) -> String {
    let action = &gap.action;
    let why = match gap.cause {
        GapCause::Denied(DeniedBy::Unstated) => format!("`{action}` was denied"),
        GapCause::Denied(DeniedBy::RegionDisabled) => "the region is not enabled for the account".to_owned(),
        GapCause::Denied(by) => format!("`{action}` was denied by {}", by.words()),
        GapCause::Throttled => format!("`{action}` was throttled for longer than the retries last"),
        GapCause::ServiceError => format!("`{action}` answered with errors of the service"),
        GapCause::Unreachable => format!("`{action}` got no answer"),
        GapCause::Malformed => format!("`{action}` answered something that cannot be understood"),
        GapCause::Altered => format!("what `{action}` read is not what AWS wrote"),
        GapCause::Unsupported => format!("`{action}` is not offered there"),
        GapCause::OutOfReach => format!("`{action}` does not reach back far enough"),
        GapCause::Cancelled => format!("`{action}` was not called before the run was stopped"),
    };
    format!("{kind} could not be read: {why}")
}

//! Coverage: for each signal of a live version, whether somebody would hear of it.
//!
//! One judgement for all: the controls MON-001 to MON-004 and the report's matrix both read it. Three questions, one file
//! each: whether the signal has to be watched at all (`applies`), what each alarm on it is worth (`worth`), and what tells
//! of it without an alarm (`rules`).

use serde::{Deserialize, Serialize};

use super::declared::{Declared, said};
use super::index::Index;
use super::{BoundAlarm, LiveVersion, Lookup, ServingPath, Signal};
use crate::evidence::{CallId, FactKind, ResourceKey};
use crate::policy::{DeclaredMetric, Policy};

mod applies;
pub(crate) mod pattern;
mod rules;
#[cfg(test)]
mod tests;
mod worth;

use applies::Applies;
pub(super) use rules::{Rules, Teller};
pub(super) use worth::{Worth, Worths, full, monitor_of};

/// Whether a signal of a live version is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageState {
    /// Some alarm watches it, can fire and reaches somebody.
    Covered,
    /// Alarms watch it, and none of them works.
    Broken,
    /// No alarm watches it.
    Missing,
    /// Nothing has to watch it.
    NotApplicable,
    /// What was seen does not decide.
    Unknown,
}

/// Coverage of one signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Coverage {
    /// Which signal.
    pub signal: Signal,
    /// Whether it is covered.
    pub state: CoverageState,
    /// Alarms that watch it, those that work first: indices into [`Estate::alarms`](super::Estate::alarms).
    pub alarms: Vec<usize>,
    /// What tells of it without an alarm, such as "rule `failed-batch`"; what works first.
    pub beside: Vec<String>,
    /// Why it is not covered, in one sentence without a final period; `None` where it is.
    pub reason: Option<String>,
    /// What else a reader should know: what is wrong with each other alarm, and what it would be without a doubt.
    pub notes: Vec<String>,
    /// Whether it stands whatever could not be read: what serves, or the policy, decides.
    pub settled: bool,
    /// Kinds of fact that could not be read and leave it open.
    pub unread: Vec<FactKind>,
    /// The calls that it rests on, beside those of the alarms.
    pub seen: Vec<CallId>,
}

impl Coverage {
    fn new(signal: Signal, state: CoverageState, reason: Option<String>) -> Self {
        Self {
            signal,
            state,
            alarms: Vec::new(),
            beside: Vec::new(),
            reason,
            notes: Vec::new(),
            settled: false,
            unread: Vec::new(),
            seen: Vec::new(),
        }
    }

    /// What is missing or broken becomes unknown for a reason; what it would have been stays as a note.
    fn doubted(self, why: String, unread: Option<FactKind>) -> Self {
        let open = matches!(self.state, CoverageState::Missing | CoverageState::Broken);
        if open { self.doubted_altogether(why, unread) } else { self }
    }

    /// The same, and what is covered becomes unknown too.
    fn doubted_altogether(mut self, why: String, unread: Option<FactKind>) -> Self {
        let otherwise = match self.state {
            CoverageState::Covered => Some("it is covered".to_owned()),
            _ => self.reason.take(),
        };
        self.notes.splice(0..0, otherwise.map(|otherwise| format!("otherwise {otherwise}")));
        self.state = CoverageState::Unknown;
        self.reason = Some(why);
        self.unread.extend(unread);
        self
    }
}

/// Judges every signal of every live version.
pub(super) fn judge<'a>(
    index: &Index<'a>,
    live: &mut [LiveVersion<'a>],
    alarms: &[BoundAlarm<'a>],
    policy: &'a Policy,
) {
    let judge = Judge { index, worths: Worths::new(alarms, policy), rules: Rules::new(index), policy };
    for version in live {
        let coverage: Vec<Coverage> = Signal::MATRIX.iter().map(|signal| judge.signal(version, *signal)).collect();
        let topics = judge.rules.topics_of(version);
        version.resources.extend(topics.into_iter().map(|topic| ResourceKey::new(FactKind::Topics, topic)));
        version.coverage = coverage;
    }
}

/// Everything that a judgement looks at.
struct Judge<'j, 'a> {
    index: &'j Index<'a>,
    worths: Worths<'j, 'a>,
    rules: Rules<'a>,
    policy: &'a Policy,
}

/// What tells of a signal, an alarm or something beside it, with what it is worth.
struct Telling {
    alarm: Option<usize>,
    beside: Option<String>,
    worth: Worth,
    seen: Vec<CallId>,
}

impl<'a> Judge<'_, 'a> {
    fn signal(&self, live: &LiveVersion<'a>, signal: Signal) -> Coverage {
        let doubt = match applies::of(signal, live, self.index, self.policy) {
            Applies::No { why, settled } => {
                return Coverage { settled, ..Coverage::new(signal, CoverageState::NotApplicable, Some(why)) };
            }
            Applies::Yes => None,
            Applies::Perhaps { why, unread, altogether } => Some((why, unread, altogether)),
        };
        if let Some((why, unread)) = self.unreadable(live) {
            let coverage = Coverage::new(signal, CoverageState::Unknown, Some(why));
            return Coverage { unread: vec![unread], ..coverage };
        }
        let coverage = self.told(live, signal);
        let coverage = match doubt {
            Some((why, unread, true)) => coverage.doubted_altogether(why, unread),
            Some((why, unread, false)) => coverage.doubted(why, unread),
            None => coverage,
        };
        self.elsewhere(live, signal, coverage)
    }

    /// Without all alarms, or what they name, nothing can be said.
    fn unreadable(&self, live: &LiveVersion<'a>) -> Option<(String, FactKind)> {
        if !self.index.complete(live.account, live.region, FactKind::Alarms) {
            return Some(("alarms could not be read".to_owned(), FactKind::Alarms));
        }
        let unseen = |key: &&ResourceKey| {
            let (account, region) = (live.account, live.region);
            match key.kind {
                FactKind::Endpoints => self.index.endpoint(account, region, &key.name) == Lookup::Unseen,
                FactKind::InferenceComponents => self.index.component(account, region, &key.name) == Lookup::Unseen,
                _ => false,
            }
        };
        let hidden = |key: &&ResourceKey| self.index.gaps_over(live.account, live.region, key).next().is_some();
        let key = live.resources.iter().filter(unseen).find(hidden)?;
        Some((format!("what alarms name could not be read: `{}`", key.name), key.kind))
    }

    /// What the alarms and rules on a signal come to.
    fn told(&self, live: &LiveVersion<'a>, signal: Signal) -> Coverage {
        let mut telling = self.alarms(live, signal);
        if live.path == ServingPath::Batch && signal == Signal::Errors {
            telling.extend(
                self.rules.of(live, self.index).into_iter().map(|Teller { name, worth, seen, .. }| Telling {
                    alarm: None,
                    beside: Some(name),
                    worth,
                    seen,
                }),
            );
        }
        telling.sort_by_key(|it| (it.worth.rank(), it.alarm.is_none(), it.alarm, it.beside.clone()));
        let missing = Self::without_alarm(live, signal);
        let mut coverage = Coverage {
            alarms: telling.iter().filter_map(|it| it.alarm).collect(),
            beside: telling.iter().filter_map(|it| it.beside.clone()).collect(),
            seen: telling.iter().flat_map(|it| it.seen.iter().copied()).collect(),
            ..match telling.first().map(|it| &it.worth) {
                None => Coverage::new(signal, CoverageState::Missing, Some(missing)),
                Some(Worth::Covers) => Coverage::new(signal, CoverageState::Covered, None),
                Some(Worth::Unsure(why)) => {
                    Coverage::new(signal, CoverageState::Unknown, Some(self.sentence(telling.first(), why)))
                }
                Some(Worth::Broken(why)) => {
                    let first = self.sentence(telling.first(), why);
                    let reason = format!("{} works: {first}", Self::none(live, signal));
                    Coverage::new(signal, CoverageState::Broken, Some(reason))
                }
            }
        };
        coverage.notes = telling
            .iter()
            .skip(1)
            .filter_map(|it| match &it.worth {
                Worth::Covers => None,
                Worth::Unsure(why) | Worth::Broken(why) => Some(self.sentence(Some(it), why)),
            })
            .collect();
        if signal == Signal::Business {
            self.each_business_metric(live, &mut coverage);
        }
        coverage
    }

    fn none(live: &LiveVersion<'a>, signal: Signal) -> String {
        match (live.path, signal) {
            (ServingPath::Batch, Signal::Errors) => "nothing that tells of a failed transform job".to_owned(),
            _ => format!("no alarm on {}", signal.words()),
        }
    }

    fn without_alarm(live: &LiveVersion<'a>, signal: Signal) -> String {
        match (live.path, signal) {
            (ServingPath::Batch, Signal::Errors) => {
                "no rule of EventBridge tells anybody of a failed transform job, and no alarm does".to_owned()
            }
            _ => format!("no alarm watches {}", signal.words()),
        }
    }

    fn sentence(&self, telling: Option<&Telling>, why: &str) -> String {
        match telling {
            Some(Telling { beside: Some(name), .. }) => format!("{name} {why}"),
            Some(Telling { alarm: Some(number), .. }) => format!("alarm `{}` {why}", self.worths.name(*number)),
            _ => why.to_owned(),
        }
    }

    /// The alarms on a signal: those that are bound to it, and those on a metric that the manifest declares for it.
    fn alarms(&self, live: &LiveVersion<'a>, signal: Signal) -> Vec<Telling> {
        let mut bound: Vec<(usize, bool)> = Worths::bound(live, signal);
        for metric in declared_metrics(live, signal) {
            let on_it = self.worths.on_metric(live.account, live.region, metric);
            bound.extend(on_it.iter().map(|number| (*number, true)));
        }
        // The surer binding of an alarm counts.
        bound.sort_by_key(|(number, certain)| (*number, !*certain));
        bound.dedup_by_key(|(number, _)| *number);
        let telling = |(number, certain): (usize, bool)| Telling {
            alarm: Some(number),
            beside: None,
            worth: self.worths.of(number, certain, live, signal, self.index),
            seen: Vec::new(),
        };
        bound.into_iter().map(telling).collect()
    }

    /// Each declared business metric wants an alarm of its own.
    fn each_business_metric(&self, live: &LiveVersion<'a>, coverage: &mut Coverage) {
        if coverage.state != CoverageState::Covered {
            return;
        }
        let declared = live.manifest.map_or(&[][..], |manifest| manifest.business_metrics.as_slice());
        let unwatched = declared.iter().find(|business| {
            let on_it = self.worths.on_metric(live.account, live.region, &business.metric);
            !on_it
                .iter()
                .any(|number| self.worths.of(*number, true, live, Signal::Business, self.index) == Worth::Covers)
        });
        if let Some(business) = unwatched {
            coverage.state = CoverageState::Broken;
            coverage.reason = Some(format!("no alarm that works watches business metric `{}`", business.name));
        }
    }

    /// An alarm that could not be read may be the one that works, and so may one that stands elsewhere.
    fn elsewhere(&self, live: &LiveVersion<'a>, signal: Signal, coverage: Coverage) -> Coverage {
        let (account, region) = (live.account, live.region);
        if !self.index.listed(account, region, FactKind::Alarms) {
            return coverage.doubted("not every alarm could be read".to_owned(), Some(FactKind::Alarms));
        }
        if live.path == ServingPath::Batch && signal == Signal::Errors {
            if !self.index.listed(account, region, FactKind::EventRules) {
                return coverage
                    .doubted("rules of EventBridge could not be read".to_owned(), Some(FactKind::EventRules));
            }
            if !self.rules.were_read() {
                return coverage.doubted("rules of EventBridge were not read".to_owned(), None);
            }
        }
        let external = |manifest: &'a crate::policy::Manifest| manifest.external_monitors.first();
        if signal == Signal::Drift
            && let Declared::Says(monitor) = said(live, self.index, self.policy, external)
        {
            let why = format!("monitor `{}` is declared, and whom it tells is not read here", monitor.name);
            return coverage.doubted(why, None);
        }
        match said(live, self.index, self.policy, |manifest| manifest.alarms_elsewhere.as_deref()) {
            Declared::Says(place) => coverage
                .doubted(format!("its alarms are declared to live elsewhere ({place}), and cannot be read here"), None),
            Declared::Unsure => coverage
                .doubted("which manifest applies is not known, and one declares alarms elsewhere".to_owned(), None),
            Declared::Silent => coverage,
        }
    }
}

/// The metrics that a manifest declares for a signal.
fn declared_metrics<'a>(live: &LiveVersion<'a>, signal: Signal) -> Vec<&'a DeclaredMetric> {
    let Some(manifest) = live.manifest else { return Vec::new() };
    match signal {
        Signal::ResponsibleAi => manifest.segment_metrics.iter().collect(),
        Signal::Business => manifest.business_metrics.iter().map(|business| &business.metric).collect(),
        _ => Vec::new(),
    }
}

//! The coverage matrix: for each signal of a live version, whether anybody would hear of it.

use std::collections::BTreeMap;

use super::finding::ByLiveVersion;
use crate::control::Status;
use crate::estate::{Coverage, CoverageState, Estate, Hosting, LiveVersion, Signal};
use crate::evidence::FactKind;
use crate::remedy;
use crate::report::document::CoverageRow;
use crate::report::shared::{Interner, Shared};

/// The control that judges a signal, where there is one: its result and the matrix never differ.
fn control(signal: Signal) -> Option<&'static str> {
    match signal {
        Signal::Errors => Some("MON-001"),
        Signal::Latency => Some("MON-002"),
        Signal::Silence => Some("MON-003"),
        Signal::Saturation => Some("MON-004"),
        Signal::Drift | Signal::ResponsibleAi | Signal::Business | Signal::Other => None,
    }
}

/// Coverage by signal.
pub(super) fn rows(
    live: &LiveVersion<'_>,
    estate: &Estate<'_>,
    about: &ByLiveVersion<'_>,
    names: &mut Interner,
) -> BTreeMap<Shared, CoverageRow> {
    if !live.coverage.is_empty() {
        let row = |coverage: &Coverage| (names.get(coverage.signal.words()), judged(live, coverage, estate, names));
        return live.coverage.iter().map(row).collect();
    }
    let alarms_read = estate.index.complete(live.account, live.region, FactKind::Alarms);
    let row = |signal: Signal| {
        let bound = Bound::new(live, estate, signal);
        let finding = control(signal).and_then(|code| about.own(&live.id, code));
        let (state, reason) = match finding.map(|finding| (finding.status, finding.reason.to_string())) {
            Some((Status::Pass, _)) => ("covered", None),
            Some((Status::Fail | Status::Waived, reason)) => {
                (if bound.names.is_empty() { "missing" } else { "broken" }, Some(reason))
            }
            Some((Status::Unknown, reason)) => ("unknown", Some(reason)),
            Some((Status::NotApplicable, reason)) => ("not_applicable", Some(reason)),
            None => bound.judge(live, alarms_read, signal),
        };
        let alarms = bound.names.iter().map(|name| names.get(name)).collect();
        let reason = reason.map(|reason| names.get(&reason));
        (names.get(signal.words()), CoverageRow { state: names.get(state), alarms, reason, remedy: None })
    };
    Signal::MATRIX.into_iter().map(row).collect()
}

/// What the estate says of a signal, as a row.
fn judged(live: &LiveVersion<'_>, coverage: &Coverage, estate: &Estate<'_>, names: &mut Interner) -> CoverageRow {
    let open = matches!(coverage.state, CoverageState::Missing | CoverageState::Broken);
    let alarms = coverage.alarms.iter().filter_map(|alarm| estate.alarms.get(*alarm));
    CoverageRow {
        state: names.get(match coverage.state {
            CoverageState::Covered => "covered",
            CoverageState::Broken => "broken",
            CoverageState::Missing => "missing",
            CoverageState::NotApplicable => "not_applicable",
            CoverageState::Unknown => "unknown",
        }),
        alarms: alarms.map(|bound| names.get(&bound.alarm.data.name)).collect(),
        reason: coverage.reason.as_deref().map(|reason| names.get(reason)),
        remedy: open.then(|| remedy::commands_for(estate, live, coverage.signal)).flatten(),
    }
}

/// The alarms of one signal.
struct Bound {
    names: Vec<String>,
    /// Whether one of them reaches somebody.
    effective: Option<bool>,
    /// Why not, by the first that does not.
    defect: Option<String>,
}

impl Bound {
    fn new(live: &LiveVersion<'_>, estate: &Estate<'_>, signal: Signal) -> Self {
        let mut bound = Self { names: Vec::new(), effective: Some(false), defect: None };
        let mut ranked: Vec<(u8, &str)> = Vec::new();
        for binding in live.alarms.iter().filter(|binding| binding.signal == signal) {
            let Some(alarm) = estate.alarms.get(binding.alarm) else { continue };
            let name = &alarm.alarm.data.name;
            let effective = alarm.effective().filter(|_| binding.certain);
            let rank = match effective {
                Some(true) => 0,
                None => 1,
                Some(false) => 2,
            };
            ranked.push((rank, name.as_str()));
            bound.effective = match (bound.effective, effective) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (None, _) | (_, None) => None,
                (Some(false), Some(false)) => Some(false),
            };
            if bound.defect.is_none() {
                bound.defect = alarm.defects.first().map(|defect| format!("`{name}` {}", defect.words()));
            }
        }
        ranked.sort_unstable();
        ranked.dedup();
        bound.names = ranked.into_iter().map(|(_, name)| name.to_owned()).collect();
        bound
    }

    /// The state of a signal that no control judges.
    fn judge(&self, live: &LiveVersion<'_>, alarms_read: bool, signal: Signal) -> (&'static str, Option<String>) {
        if live.hosting == Hosting::Batch {
            return ("not_applicable", Some("batch jobs publish no such metric".to_owned()));
        }
        let elsewhere = live.manifest.and_then(|manifest| manifest.alarms_elsewhere.as_deref());
        match (self.effective, self.names.is_empty()) {
            (Some(true), _) => ("covered", None),
            (None, _) => ("unknown", Some("whether the alarm reaches somebody could not be seen".to_owned())),
            (Some(false), _) if !alarms_read => ("unknown", Some("not all alarms could be read".to_owned())),
            (Some(false), _) if elsewhere.is_some() => {
                ("unknown", elsewhere.map(|place| format!("alarms on it are declared to live elsewhere: {place}")))
            }
            (Some(false), true) => ("missing", Some(format!("no alarm watches {}", signal.words()))),
            (Some(false), false) => ("broken", self.defect.clone()),
        }
    }
}

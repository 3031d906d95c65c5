//! What a gap of one part means among many: it says something of the places that this part read, and nothing of others.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Unit;
use crate::evidence::order::{Recorded, Visit, each_list};
use crate::evidence::{Fact, FactKind, Facts, Gap, GapCause, Hidden, ResourceKey, Scope, ScopePart};

/// Kinds of which a collection reads everything that an account and region holds: its word about them is the last. Of all
/// other kinds it reads what it needs itself.
const WHOLE: [FactKind; 28] = [
    FactKind::Endpoints,
    FactKind::EndpointConfigs,
    FactKind::Models,
    FactKind::InferenceComponents,
    FactKind::TransformJobs,
    FactKind::PackageGroups,
    FactKind::Packages,
    FactKind::Alarms,
    FactKind::MuteRules,
    FactKind::TrailEvents,
    FactKind::Trails,
    FactKind::Domains,
    FactKind::AnomalyDetectors,
    FactKind::Dashboards,
    FactKind::EventRules,
    FactKind::ScalableTargets,
    FactKind::Monitors,
    FactKind::ViolationReports,
    FactKind::Jobs,
    FactKind::Bills,
    FactKind::Forecasts,
    FactKind::Budgets,
    FactKind::AllocationTags,
    FactKind::ProvisionedThroughputs,
    FactKind::InferenceProfiles,
    FactKind::SavingHints,
    FactKind::Notebooks,
    FactKind::ScalingPolicies,
];

/// Kinds whose names mean the same in every account, so that it makes no difference who saw one.
const GLOBAL: [FactKind; 13] = [
    FactKind::Packages,
    FactKind::Topics,
    FactKind::Objects,
    FactKind::Buckets,
    FactKind::Tags,
    FactKind::AlarmTags,
    FactKind::Images,
    FactKind::Roles,
    FactKind::Keys,
    FactKind::Captures,
    FactKind::Prefixes,
    FactKind::Prices,
    FactKind::TagCompliance,
];

/// Service of a gap that is about a unit as a whole.
pub(crate) const SERVICE: &str = "organization";

/// The gap of a unit that could not be entered: nothing of what it holds is known. `operation` is what was tried, such as
/// `sts:AssumeRole`, and `subject` what it was tried on.
pub fn not_entered(
    unit: &Unit,
    call: (&str, &str),
    subject: &str,
    cause: GapCause,
    message: &str,
    at: Timestamp,
) -> Gap {
    let (service, operation) = call;
    Gap {
        account: unit.account.clone(),
        region: unit.region.clone(),
        service: service.to_owned(),
        operation: operation.to_owned(),
        action: format!("{service}:{operation}"),
        subject: subject.to_owned(),
        cause,
        code: None,
        message: message.to_owned(),
        pages_read: 0,
        hides: everything(),
        request_id: None,
        at,
    }
}

/// The gap of a unit of which nothing arrived: its process ended before it could say why.
pub fn without_a_part(unit: &Unit, at: Timestamp) -> Gap {
    let message = "the unit of work left nothing: it was not begun, or ended before it could write what it read";
    not_entered(unit, (SERVICE, "Collect"), &unit.to_string(), GapCause::Cancelled, message, at)
}

/// Whether nothing at all of an account and region is known.
pub(crate) fn closes_everything(gap: &Gap) -> bool {
    [FactKind::Endpoints, FactKind::Models, FactKind::Packages, FactKind::Alarms, FactKind::TrailEvents]
        .into_iter()
        .all(|kind| gap.hides.contains(&Hidden::All(kind)))
}

/// Every kind that reading an account would have shown.
fn everything() -> Vec<Hidden> {
    // What earlier runs saw is not read from the account.
    FactKind::ALL.into_iter().filter(|kind| *kind != FactKind::Archive).map(Hidden::All).collect()
}

/// What all parts saw together, for the gaps of each.
pub(super) struct Seen {
    /// Accounts and regions, with the number of the part that speaks for each.
    pub(super) owners: BTreeMap<(String, String), usize>,
    /// What each part saw whole, by number, of the kinds that mean the same everywhere.
    pub(super) keys: BTreeMap<ResourceKey, BTreeSet<usize>>,
}

impl Seen {
    /// Notes what a part saw and no gap of its own hides.
    pub(super) fn note(&mut self, number: usize, facts: &mut Facts, gaps: &[Gap]) {
        let hidden = gaps.iter().flat_map(|gap| &gap.hides).filter_map(|hidden| match hidden {
            Hidden::One(key) => Some(key),
            Hidden::All(_) => None,
        });
        let hidden: BTreeSet<&ResourceKey> = hidden.collect();
        let mut keys = Keys::default();
        each_list(facts, &mut keys);
        let whole = keys.0.into_iter().filter(|key| !hidden.contains(key));
        for key in whole {
            self.keys.entry(key).or_default().insert(number);
        }
    }

    /// Whether a part other than this one saw something.
    fn elsewhere(&self, number: usize, key: &ResourceKey) -> bool {
        self.keys.get(key).is_some_and(|by| by.iter().any(|other| *other != number))
    }

    /// The gaps of one part as they are to be understood among all: each about places that the part read, and hiding nothing
    /// that another part shows.
    pub(super) fn narrow(&self, number: usize, scope: &Scope, facts: &mut Facts, gaps: Vec<Gap>) -> Vec<Gap> {
        let read = Read::of(scope);
        let mut own = Keys::default();
        each_list(facts, &mut own);
        let places = gaps.into_iter().flat_map(|gap| self.places(number, &read, &gap));
        places
            .map(|gap| {
                let told = self.told_by_another(number, &gap);
                let shown = |hidden: &Hidden| match hidden {
                    Hidden::All(kind) => told && WHOLE.contains(kind),
                    Hidden::One(key) => {
                        (told && WHOLE.contains(&key.kind)) || (!own.0.contains(key) && self.elsewhere(number, key))
                    }
                };
                let hides = gap.hides.iter().filter(|hidden| !shown(hidden)).cloned().collect();
                Gap { hides, ..gap }
            })
            .collect()
    }

    /// Whether all that is known of the gap's place is another part's to say.
    fn told_by_another(&self, number: usize, gap: &Gap) -> bool {
        let place = (gap.account.clone(), gap.region.clone());
        self.owners.get(&place).is_some_and(|owner| *owner != number)
    }

    /// The gap once for each place that it is about. One about a whole account stays whole if the part alone speaks for it.
    fn places(&self, number: usize, read: &Read, gap: &Gap) -> Vec<Gap> {
        // One part asks about money for all places of an account, or of the organization.
        if !gap.hides.is_empty() && gap.hides.iter().all(|hidden| FactKind::OF_THE_PAYER.contains(&hidden.kind())) {
            return vec![gap.clone()];
        }
        let accounts: Vec<String> = match gap.account.as_str() {
            "" => read.0.keys().cloned().collect(),
            account => vec![account.to_owned()],
        };
        let mut out = Vec::new();
        for account in accounts {
            let of_account = |(at, _): &(&(String, String), &usize)| at.0 == account;
            let alone = self.owners.iter().filter(of_account).all(|(_, owner)| *owner == number);
            let regions = match (gap.region.as_str(), alone, read.0.get(&account)) {
                ("", false, Some(regions)) => regions.iter().cloned().collect(),
                (region, ..) => vec![region.to_owned()],
            };
            out.extend(regions.into_iter().map(|region| Gap { account: account.clone(), region, ..gap.clone() }));
        }
        out
    }
}

/// The accounts and regions that one part asked about: its own, and the registries and monitoring accounts beside them.
struct Read(BTreeMap<String, BTreeSet<String>>);

impl Read {
    fn of(scope: &Scope) -> Self {
        let mut read: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (account, region) in scope.places() {
            read.entry(account.to_owned()).or_default().insert(region.to_owned());
        }
        for other in scope.others.iter().filter(|other| ["registry", "monitoring"].contains(&other.purpose.as_str())) {
            read.entry(other.account.clone()).or_default().extend(scope.regions.iter().cloned());
        }
        Self(read)
    }
}

/// Names of facts, of the kinds that mean the same everywhere.
#[derive(Default)]
struct Keys(BTreeSet<ResourceKey>);

impl Visit for Keys {
    fn list<T: Recorded>(&mut self, list: &mut Vec<Fact<T>>) {
        self.0.extend(list.iter().filter_map(|fact| fact.data.key()).filter(|key| GLOBAL.contains(&key.kind)));
    }
}

/// The part that a unit without one gets: it was to be read, and nobody did.
pub(super) fn empty_part(unit: &Unit, at: Timestamp) -> ScopePart {
    ScopePart {
        account: unit.account.clone(),
        regions: vec![unit.region.clone()],
        reader: String::new(),
        collected: at,
        events_since: None,
        batch_since: None,
        replaces: Vec::new(),
    }
}

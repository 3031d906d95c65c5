//! What could not be seen, indexed once for a whole assessment, so that each question about it is a look-up.

use std::collections::{BTreeMap, HashMap};

use crate::estate::{APPROVAL_EVENTS, BoundAlarm, Estate, LiveVersion, Lookup, ServingPath};
use crate::evidence::{Fact, FactKind, Gap, Hidden, Package, ResourceKey, Tags};

/// The gaps of an estate by what they hide, and its packages by group.
#[derive(Debug)]
pub struct View<'a> {
    estate: &'a Estate<'a>,
    one: HashMap<&'a ResourceKey, Vec<usize>>,
    whole: BTreeMap<FactKind, Vec<usize>>,
    any: BTreeMap<FactKind, Vec<usize>>,
    groups: HashMap<String, Vec<&'a Fact<Package>>>,
}

/// A kind of fact that a gap hides from one subject, and the gap's index. Sorted, without repetition.
pub(super) type HiddenFrom = Vec<(FactKind, usize)>;

impl<'a> View<'a> {
    /// Indexes the gaps and groups of an estate.
    pub fn new(estate: &'a Estate<'a>) -> Self {
        let mut view =
            Self { estate, one: HashMap::new(), whole: BTreeMap::new(), any: BTreeMap::new(), groups: HashMap::new() };
        for (index, gap) in estate.snapshot.gaps.iter().enumerate() {
            for hidden in &gap.hides {
                match hidden {
                    Hidden::All(kind) => view.whole.entry(*kind).or_default().push(index),
                    Hidden::One(key) => view.one.entry(key).or_default().push(index),
                }
                let of_kind = view.any.entry(hidden.kind()).or_default();
                if of_kind.last() != Some(&index) {
                    of_kind.push(index);
                }
            }
        }
        for package in &estate.snapshot.facts.packages {
            if let Some(group) = group_of(&package.data) {
                view.groups.entry(group).or_default().push(package);
            }
        }
        view
    }

    /// A gap by index.
    pub fn gap(&self, index: usize) -> Option<&'a Gap> {
        self.estate.snapshot.gaps.get(index)
    }

    /// Every version that was seen of the group that a package belongs to, the package itself included.
    pub fn versions_beside(&self, package: &Package) -> &[&'a Fact<Package>] {
        group_of(package).and_then(|group| self.groups.get(&group)).map_or(&[], Vec::as_slice)
    }

    /// The first gap that may hide a version of the group that a package belongs to.
    pub fn versions_hidden(&self, account: &str, region: &str, package: &Package) -> Option<usize> {
        let prefix = group_of(package).map(|group| format!("{group}/"));
        self.gaps_of(account, region, FactKind::Packages).find(|index| {
            self.gap(*index).is_some_and(|gap| {
                gap.hides.iter().any(|hidden| match (hidden, &prefix) {
                    (Hidden::All(kind), _) => *kind == FactKind::Packages,
                    (Hidden::One(key), Some(prefix)) => key.name.starts_with(prefix.as_str()),
                    (Hidden::One(_), None) => false,
                })
            })
        })
    }

    /// Whether no event of approval behind a live version is hidden by a gap. How far back they reach is another
    /// question.
    pub fn events_are_whole(&self, live: &LiveVersion<'_>) -> bool {
        APPROVAL_EVENTS.iter().all(|name| live.events_read.contains(name))
            || self.gaps_of(live.account, live.region, FactKind::TrailEvents).next().is_none()
    }

    /// Tags of what is billed. An inference component that carries tags of its own is billed by them, and batch by its
    /// newest job; while those could not be read, no others stand in for them.
    pub fn billed_tags(&self, live: &LiveVersion<'a>) -> Lookup<&'a Tags> {
        let component = live.component.map(|component| component.data.arn.as_str());
        let own = component.or_else(|| live.jobs.first().map(|job| job.data.arn.as_str()));
        let own = own.map(|arn| self.estate.index.tags(live.account, live.region, FactKind::Tags, arn));
        let gap_over = |kind| self.gaps_of(live.account, live.region, kind).next().is_some();
        let unread = own == Some(Lookup::Unseen) && gap_over(FactKind::Tags);
        let newer = live.path == ServingPath::Batch && gap_over(FactKind::TransformJobs);
        if unread || newer { Lookup::Unseen } else { live.tags }
    }

    /// Every gap of an account and region that hides anything of this kind.
    pub fn gaps_of<'s>(
        &'s self,
        account: &'s str,
        region: &'s str,
        kind: FactKind,
    ) -> impl Iterator<Item = usize> + 's {
        self.concerning(&self.any, account, region, kind)
    }

    /// Every gap of an account and region that hides all of this kind.
    pub fn whole_gaps_of<'s>(
        &'s self,
        account: &'s str,
        region: &'s str,
        kind: FactKind,
    ) -> impl Iterator<Item = usize> + 's {
        self.concerning(&self.whole, account, region, kind)
    }

    fn concerning<'s>(
        &'s self,
        gaps: &'s BTreeMap<FactKind, Vec<usize>>,
        account: &'s str,
        region: &'s str,
        kind: FactKind,
    ) -> impl Iterator<Item = usize> + 's {
        let concerns = move |index: &usize| self.gap(*index).is_some_and(|gap| gap.concerns(account, region));
        gaps.get(&kind).into_iter().flatten().copied().filter(concerns)
    }

    /// What is hidden from a live version. A gap over a whole kind hides nothing from it if everything of the kind that
    /// it names was seen some other way; but who watches it, and what happened, has no names to go by.
    pub(super) fn hidden_from_live(&self, live: &LiveVersion<'_>) -> HiddenFrom {
        let mut hidden = HiddenFrom::new();
        // An event that was read in log files or in the archive is not hidden by a gap in the event history.
        let unread =
            |key: &ResourceKey| key.kind != FactKind::TrailEvents || !live.events_read.contains(key.name.as_str());
        for key in live.resources.iter().filter(|key| unread(key)) {
            self.hidden_one(live.account, live.region, key, &mut hidden);
        }
        let events = || live.resources.iter().filter(|key| key.kind == FactKind::TrailEvents);
        let events_read = !events().any(unread);
        for kind in self.whole.keys().copied() {
            let nameless = matches!(
                kind,
                FactKind::Alarms
                    | FactKind::MuteRules
                    | FactKind::Topics
                    | FactKind::LogFiles
                    | FactKind::Archive
                    | FactKind::Trails
                    | FactKind::Domains
                    | FactKind::PackageGroups
                    | FactKind::AnomalyDetectors
                    | FactKind::EventRules
                    | FactKind::Keys
                    | FactKind::Monitors
                    | FactKind::Jobs
                    | FactKind::Bills
                    | FactKind::Forecasts
                    | FactKind::Budgets
                    | FactKind::Prices
                    | FactKind::AllocationTags
                    | FactKind::ProvisionedThroughputs
                    | FactKind::InferenceProfiles
                    | FactKind::SavingHints
                    | FactKind::Notebooks
                    | FactKind::ScalingPolicies
            ) || (kind == FactKind::TrailEvents && !events_read);
            let names = || live.resources.iter().filter(|key| key.kind == kind);
            if nameless || names().any(|key| !self.known(live.account, live.region, key)) {
                hidden.extend(self.whole_gaps_of(live.account, live.region, kind).map(|index| (kind, index)));
            }
        }
        // What earlier runs saw may contradict anything, and has no names to go by.
        hidden
            .extend(self.gaps_of(live.account, live.region, FactKind::Archive).map(|index| (FactKind::Archive, index)));
        // What happened to a package is recorded where it lives.
        for (account, region, key) in foreign(live) {
            self.hidden_one(account, region, &key, &mut hidden);
            for kind in [FactKind::TrailEvents, FactKind::LogFiles] {
                if kind == FactKind::LogFiles || !events_read {
                    hidden.extend(self.gaps_of(account, region, kind).map(|index| (kind, index)));
                }
            }
        }
        // A job that could not be read may have run any model.
        hidden.retain(|(kind, _)| *kind != FactKind::TransformJobs);
        if live.path == ServingPath::Batch {
            let jobs = self.gaps_of(live.account, live.region, FactKind::TransformJobs);
            hidden.extend(jobs.map(|index| (FactKind::TransformJobs, index)));
        }
        sorted(hidden)
    }

    /// What is hidden from an alarm: its own parts, and what is hidden from those that it watches.
    pub(super) fn hidden_from_alarm(&self, alarm: &BoundAlarm<'_>, of_live: &[HiddenFrom]) -> HiddenFrom {
        let fact = alarm.alarm;
        let (account, region) = (fact.account.as_str(), fact.region.as_str());
        let topics = fact.data.alarm_actions.iter().filter(|action| action.contains(":sns:"));
        let mut keys: Vec<ResourceKey> = topics.map(|topic| ResourceKey::new(FactKind::Topics, topic)).collect();
        keys.push(ResourceKey::new(FactKind::Alarms, &fact.data.name));
        keys.push(ResourceKey::new(FactKind::AlarmTags, &fact.data.arn));
        let mut hidden = HiddenFrom::new();
        for key in &keys {
            self.hidden_one(account, region, key, &mut hidden);
        }
        for kind in [FactKind::Topics, FactKind::AlarmTags] {
            if keys.iter().any(|key| key.kind == kind && !self.known(account, region, key)) {
                hidden.extend(self.whole_gaps_of(account, region, kind).map(|index| (kind, index)));
            }
        }
        for kind in [FactKind::MuteRules, FactKind::EventRules, FactKind::AlarmHistories, FactKind::AnomalyDetectors] {
            hidden.extend(self.gaps_of(account, region, kind).map(|index| (kind, index)));
        }
        let watched = alarm.bound.iter().filter_map(|(index, _)| of_live.get(*index)).flatten();
        let about_alarms = [
            FactKind::Alarms,
            FactKind::AlarmTags,
            FactKind::MuteRules,
            FactKind::Topics,
            FactKind::EventRules,
            FactKind::AlarmHistories,
            FactKind::AnomalyDetectors,
        ];
        hidden.extend(watched.filter(|(kind, _)| !about_alarms.contains(kind)).copied());
        sorted(hidden)
    }

    /// What is hidden from a bucket.
    pub(super) fn hidden_from_bucket(&self, account: &str, region: &str, name: &str) -> HiddenFrom {
        let key = ResourceKey::new(FactKind::Buckets, name);
        let mut hidden = HiddenFrom::new();
        self.hidden_one(account, region, &key, &mut hidden);
        if !self.known(account, region, &key) {
            hidden.extend(self.whole_gaps_of(account, region, key.kind).map(|index| (key.kind, index)));
        }
        sorted(hidden)
    }

    /// What is hidden from a region: every gap there, for a region is judged by all that is in it.
    pub(super) fn hidden_from_region(&self, account: &str, region: &str) -> HiddenFrom {
        let kinds = self.any.keys().copied();
        sorted(kinds.flat_map(|kind| self.gaps_of(account, region, kind).map(move |index| (kind, index))).collect())
    }

    /// What is hidden from an account: every gap in any of its regions.
    pub(super) fn hidden_from_account(&self, account: &str) -> HiddenFrom {
        let concerns =
            |index: &usize| self.gap(*index).is_some_and(|gap| gap.account.is_empty() || gap.account == account);
        let of_kinds = self.any.iter().flat_map(|(kind, gaps)| gaps.iter().map(move |index| (*kind, *index)));
        sorted(of_kinds.filter(|(_, index)| concerns(index)).collect())
    }

    fn hidden_one(&self, account: &str, region: &str, key: &ResourceKey, hidden: &mut HiddenFrom) {
        let gaps = self.one.get(key).into_iter().flatten().copied();
        let concerns = |index: &usize| self.gap(*index).is_some_and(|gap| gap.concerns(account, region));
        hidden.extend(gaps.filter(concerns).map(|index| (key.kind, index)));
    }

    /// Whether AWS said what a resource is, or that it is not there.
    fn known(&self, account: &str, region: &str, key: &ResourceKey) -> bool {
        let (index, name) = (&self.estate.index, key.name.as_str());
        match key.kind {
            FactKind::Endpoints => seen(&index.endpoint(account, region, name)),
            FactKind::EndpointConfigs => seen(&index.config(account, region, name)),
            FactKind::Models => seen(&index.model(account, region, name)),
            FactKind::InferenceComponents => seen(&index.component(account, region, name)),
            FactKind::Packages => seen(&index.package(account, region, name)),
            FactKind::Alarms => seen(&index.alarm(account, region, name)),
            FactKind::Topics => seen(&index.topic(account, region, name)),
            FactKind::Objects => seen(&index.listing(account, region, name)),
            FactKind::Buckets => seen(&index.bucket(account, region, name)),
            FactKind::Images => seen(&index.image(account, region, name)),
            FactKind::Roles => seen(&index.role(account, region, name)),
            FactKind::Tags | FactKind::AlarmTags => seen(&index.tags(account, region, key.kind, name)),
            FactKind::AlarmHistories => seen(&index.history(account, region, name)),
            FactKind::MetricData => seen(&index.series(account, region, name)),
            FactKind::Monitors => seen(&index.monitor(account, region, name)),
            FactKind::Captures => seen(&index.capture(account, region, name)),
            FactKind::Prefixes => seen(&index.prefix(account, region, name)),
            FactKind::Keys => seen(&index.key(account, region, name)),
            FactKind::TagCompliance => seen(&index.compliance(account, region, name)),
            FactKind::TransformJobs
            | FactKind::AnomalyDetectors
            | FactKind::Dashboards
            | FactKind::EventRules
            | FactKind::ScalableTargets
            | FactKind::ViolationReports
            | FactKind::Jobs
            | FactKind::Bills
            | FactKind::Forecasts
            | FactKind::Budgets
            | FactKind::Prices
            | FactKind::AllocationTags
            | FactKind::ProvisionedThroughputs
            | FactKind::InferenceProfiles
            | FactKind::SavingHints
            | FactKind::Notebooks
            | FactKind::ScalingPolicies
            | FactKind::PackageGroups
            | FactKind::MuteRules
            | FactKind::TrailEvents
            | FactKind::Trails
            | FactKind::LogFiles
            | FactKind::Domains
            | FactKind::Archive => false,
        }
    }
}

/// Packages behind a live version that live in another account or region, with their names.
fn foreign<'l>(live: &'l LiveVersion<'_>) -> impl Iterator<Item = (&'l str, &'l str, ResourceKey)> {
    live.packages().filter_map(|package| {
        let mut parts = package.data.arn.splitn(6, ':').skip(3);
        let (region, account) = (parts.next()?, parts.next()?);
        let key = ResourceKey::new(FactKind::Packages, &package.data.arn);
        ((account, region) != (live.account, live.region)).then_some((account, region, key))
    })
}

fn seen<T>(lookup: &Lookup<T>) -> bool {
    matches!(lookup, Lookup::Found(_) | Lookup::Absent(_))
}

fn sorted(mut hidden: HiddenFrom) -> HiddenFrom {
    hidden.sort_unstable();
    hidden.dedup();
    hidden
}

/// ARN of a versioned package without its version, folded: what all versions of a group share, across accounts.
fn group_of(package: &Package) -> Option<String> {
    package.group.as_ref()?;
    package.arn.rsplit_once('/').map(|(group, _)| group.to_lowercase())
}

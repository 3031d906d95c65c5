//! Facts by name, so that joins are look-ups. Names are folded as [`ResourceKey`] folds them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Lookup;
use super::arn::Arn;
use super::gaps::Gaps;
use crate::evidence::{
    Alarm, AlarmHistory, Bucket, CallId, CaptureArrival, Endpoint, EndpointConfig, EventRule, Fact, FactKind, Gap,
    Image, InferenceComponent, Key, MetricSeries, Model, MonitoringSchedule, MuteRule, ObjectListing, Package,
    PrefixState, Remembered, ResourceKey, Role, ScalableTarget, Snapshot, TagCompliance, Tags, Topic,
};

/// Account and region.
pub(super) type Place<'a> = (&'a str, &'a str);
type ByName<'a, T> = BTreeMap<(Place<'a>, ResourceKey), &'a Fact<T>>;
/// What has the same name wherever it is asked for, with what each place that asked saw of it, the newest first.
type Anywhere<'a, T> = BTreeMap<ResourceKey, Vec<&'a Fact<T>>>;

/// Facts of one snapshot by account, region and name.
#[derive(Debug)]
pub struct Index<'a> {
    read: BTreeSet<Place<'a>>,
    gaps: Gaps<'a>,
    endpoints: ByName<'a, Endpoint>,
    configs: ByName<'a, EndpointConfig>,
    models: ByName<'a, Model>,
    components: ByName<'a, InferenceComponent>,
    packages: BTreeMap<ResourceKey, &'a Fact<Package>>,
    topics: Anywhere<'a, Topic>,
    alarms: ByName<'a, Alarm>,
    mute_rules: ByName<'a, MuteRule>,
    listings: Anywhere<'a, ObjectListing>,
    earlier_listings: BTreeMap<ResourceKey, Vec<&'a Fact<Remembered<ObjectListing>>>>,
    collected: Timestamp,
    buckets: Anywhere<'a, Bucket>,
    images: Anywhere<'a, Image>,
    roles: Anywhere<'a, Role>,
    histories: ByName<'a, AlarmHistory>,
    series: ByName<'a, MetricSeries>,
    monitors: ByName<'a, MonitoringSchedule>,
    captures: Anywhere<'a, CaptureArrival>,
    prefixes: Anywhere<'a, PrefixState>,
    keys: Anywhere<'a, Key>,
    event_rules: ByName<'a, EventRule>,
    compliance: ByName<'a, TagCompliance>,
    scalable: ByName<'a, ScalableTarget>,
    operations: BTreeSet<&'a str>,
    tags: BTreeMap<ResourceKey, &'a Tags>,
    absences: BTreeMap<(Place<'a>, ResourceKey), CallId>,
}

impl<'a> Index<'a> {
    /// Indexes a snapshot. Where it holds two facts of one name, the one that was seen last counts.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let facts = &snapshot.facts;
        let called = snapshot.calls.iter().map(|call| (call.account.as_str(), call.region.as_str()));
        let mut tags = BTreeMap::new();
        for (kind, list) in [(FactKind::Tags, &facts.tags), (FactKind::AlarmTags, &facts.alarm_tags)] {
            tags.extend(
                by_arn(list, kind, |data| data.arn.clone()).into_iter().map(|(key, fact)| (key, &fact.data.tags)),
            );
        }
        let mut absences = BTreeMap::new();
        for fact in &facts.absences {
            if let Some(call) = fact.seen.last() {
                let said = absences.entry((place(fact), fact.data.resource.clone())).or_insert(*call);
                *said = (*said).max(*call);
            }
        }
        let mut earlier_listings: BTreeMap<_, Vec<&Fact<Remembered<ObjectListing>>>> = BTreeMap::new();
        for fact in &facts.remembered_objects {
            let key = ResourceKey::new(FactKind::Objects, &fact.data.data.location.to_string());
            earlier_listings.entry(key).or_default().push(fact);
        }
        for listings in earlier_listings.values_mut() {
            listings.sort_by(|a, b| (a.data.seen_at, &a.data.entry).cmp(&(b.data.seen_at, &b.data.entry)));
        }
        Self {
            earlier_listings,
            collected: snapshot.as_of,
            read: snapshot.scope.places().chain(called).collect(),
            gaps: Gaps::new(&snapshot.gaps),
            endpoints: by_name(&facts.endpoints, FactKind::Endpoints, |data| &data.name),
            configs: by_name(&facts.endpoint_configs, FactKind::EndpointConfigs, |data| &data.name),
            models: by_name(&facts.models, FactKind::Models, |data| &data.name),
            components: by_name(&facts.inference_components, FactKind::InferenceComponents, |data| &data.name),
            packages: by_arn(&facts.packages, FactKind::Packages, |data| data.arn.clone()),
            topics: anywhere(&facts.topics, FactKind::Topics, |data| data.arn.clone()),
            alarms: by_name(&facts.alarms, FactKind::Alarms, |data| &data.name),
            mute_rules: by_name(&facts.mute_rules, FactKind::MuteRules, |data| &data.name),
            listings: anywhere(&facts.objects, FactKind::Objects, |data| data.location.to_string()),
            buckets: anywhere(&facts.buckets, FactKind::Buckets, |data| data.name.clone()),
            images: anywhere(&facts.images, FactKind::Images, |data| data.uri.clone()),
            roles: anywhere(&facts.roles, FactKind::Roles, |data| data.arn.clone()),
            histories: by_name(&facts.alarm_histories, FactKind::AlarmHistories, |data| &data.alarm),
            series: newest(&facts.metric_series, |fact| {
                (place(fact), ResourceKey::new(FactKind::MetricData, &fact.data.key.to_string()))
            }),
            monitors: by_name(&facts.monitors, FactKind::Monitors, |data| &data.name),
            captures: anywhere(&facts.captures, FactKind::Captures, |data| data.location.to_string()),
            prefixes: anywhere(&facts.prefixes, FactKind::Prefixes, |data| data.location.to_string()),
            keys: anywhere(&facts.keys, FactKind::Keys, |data| data.asked.clone()),
            event_rules: by_name(&facts.event_rules, FactKind::EventRules, |data| &data.arn),
            compliance: by_name(&facts.tag_compliance, FactKind::TagCompliance, |data| &data.arn),
            scalable: by_name(&facts.scalable_targets, FactKind::ScalableTargets, |data| &data.resource),
            operations: snapshot.stats.calls.iter().map(|count| count.operation.as_str()).collect(),
            tags,
            absences,
        }
    }

    /// An endpoint by name.
    pub fn endpoint(&self, account: &str, region: &str, name: &str) -> Lookup<&'a Fact<Endpoint>> {
        self.look(&self.endpoints, account, region, FactKind::Endpoints, name)
    }

    /// An endpoint config by name.
    pub fn config(&self, account: &str, region: &str, name: &str) -> Lookup<&'a Fact<EndpointConfig>> {
        self.look(&self.configs, account, region, FactKind::EndpointConfigs, name)
    }

    /// A model by name.
    pub fn model(&self, account: &str, region: &str, name: &str) -> Lookup<&'a Fact<Model>> {
        self.look(&self.models, account, region, FactKind::Models, name)
    }

    /// An inference component by name.
    pub fn component(&self, account: &str, region: &str, name: &str) -> Lookup<&'a Fact<InferenceComponent>> {
        self.look(&self.components, account, region, FactKind::InferenceComponents, name)
    }

    /// An alarm by name.
    pub fn alarm(&self, account: &str, region: &str, name: &str) -> Lookup<&'a Fact<Alarm>> {
        self.look(&self.alarms, account, region, FactKind::Alarms, name)
    }

    /// A package by ARN, whichever account it lives in; `account` and `region` are those that asked.
    pub fn package(&self, account: &str, region: &str, arn: &str) -> Lookup<&'a Fact<Package>> {
        let key = ResourceKey::new(FactKind::Packages, arn);
        self.resolve(self.packages.get(&key).copied(), account, region, key)
    }

    /// A topic by ARN.
    pub fn topic(&self, account: &str, region: &str, arn: &str) -> Lookup<&'a Fact<Topic>> {
        let key = ResourceKey::new(FactKind::Topics, arn);
        self.resolve(seen_by(&self.topics, (account, region), &key), account, region, key)
    }

    /// The versions below an S3 location, written `s3://bucket/key`.
    pub fn listing(&self, account: &str, region: &str, location: &str) -> Lookup<&'a Fact<ObjectListing>> {
        let key = ResourceKey::new(FactKind::Objects, location);
        self.resolve(seen_by(&self.listings, (account, region), &key), account, region, key)
    }

    /// What earlier runs listed at an S3 location, oldest first.
    pub fn earlier_listings(&self, location: &str) -> Vec<&'a Fact<Remembered<ObjectListing>>> {
        self.earlier_listings.get(&ResourceKey::new(FactKind::Objects, location)).cloned().unwrap_or_default()
    }

    /// When the snapshot was collected.
    pub fn collected(&self) -> Timestamp {
        self.collected
    }

    /// A bucket by name.
    pub fn bucket(&self, account: &str, region: &str, name: &str) -> Lookup<&'a Fact<Bucket>> {
        let key = ResourceKey::new(FactKind::Buckets, name);
        self.resolve(seen_by(&self.buckets, (account, region), &key), account, region, key)
    }

    /// An image as it was asked for, by tag or digest.
    pub fn image(&self, account: &str, region: &str, uri: &str) -> Lookup<&'a Fact<Image>> {
        let key = ResourceKey::new(FactKind::Images, uri);
        self.resolve(seen_by(&self.images, (account, region), &key), account, region, key)
    }

    /// A role by ARN.
    pub fn role(&self, account: &str, region: &str, arn: &str) -> Lookup<&'a Fact<Role>> {
        let key = ResourceKey::new(FactKind::Roles, arn);
        self.resolve(seen_by(&self.roles, (account, region), &key), account, region, key)
    }

    /// Tags by ARN; `kind` is `Tags` or `AlarmTags`.
    pub fn tags(&self, account: &str, region: &str, kind: FactKind, arn: &str) -> Lookup<&'a Tags> {
        let key = ResourceKey::new(kind, arn);
        self.resolve(self.tags.get(&key).copied(), account, region, key)
    }

    /// What happened to an alarm.
    pub fn history(&self, account: &str, region: &str, alarm: &str) -> Lookup<&'a Fact<AlarmHistory>> {
        self.look(&self.histories, account, region, FactKind::AlarmHistories, alarm)
    }

    /// Data points, by the name of their [`SeriesKey`](crate::evidence::SeriesKey).
    pub fn series(&self, account: &str, region: &str, key: &str) -> Lookup<&'a Fact<MetricSeries>> {
        self.look(&self.series, account, region, FactKind::MetricData, key)
    }

    /// A monitoring schedule by name.
    pub fn monitor(&self, account: &str, region: &str, name: &str) -> Lookup<&'a Fact<MonitoringSchedule>> {
        self.look(&self.monitors, account, region, FactKind::Monitors, name)
    }

    /// What lies where captures go, written `s3://bucket/key`.
    pub fn capture(&self, account: &str, region: &str, location: &str) -> Lookup<&'a Fact<CaptureArrival>> {
        let key = ResourceKey::new(FactKind::Captures, location);
        self.resolve(seen_by(&self.captures, (account, region), &key), account, region, key)
    }

    /// What lies below a declared prefix, written `s3://bucket/key`.
    pub fn prefix(&self, account: &str, region: &str, location: &str) -> Lookup<&'a Fact<PrefixState>> {
        let key = ResourceKey::new(FactKind::Prefixes, location);
        self.resolve(seen_by(&self.prefixes, (account, region), &key), account, region, key)
    }

    /// A key of KMS as a topic names it.
    pub fn key(&self, account: &str, region: &str, asked: &str) -> Lookup<&'a Fact<Key>> {
        let key = ResourceKey::new(FactKind::Keys, asked);
        self.resolve(seen_by(&self.keys, (account, region), &key), account, region, key)
    }

    /// Every gap that hides this resource, in the order of the snapshot.
    pub fn gaps_over(&self, account: &str, region: &str, key: &ResourceKey) -> impl Iterator<Item = (usize, &'a Gap)> {
        self.gaps.over(account, region, key).into_iter()
    }

    /// Whether no gap hides all resources of a kind in this account and region. It does not say that the region was
    /// read at all: see [`Index::listed`].
    pub fn complete(&self, account: &str, region: &str, kind: FactKind) -> bool {
        !self.gaps.over_all(account, region, kind)
    }

    /// Whether every resource of a kind in this account and region was listed and read: only then does "not found" mean
    /// "not there".
    pub fn listed(&self, account: &str, region: &str, kind: FactKind) -> bool {
        self.read.contains(&(account, region)) && !self.gaps.any(account, region, kind)
    }

    /// Whether something of a kind could not be read when this account and region was asked, wherever it lives.
    pub fn hides_any(&self, account: &str, region: &str, kind: FactKind) -> bool {
        self.gaps.asked(account, region, kind)
    }

    /// Whether an operation was called at all: only then does finding nothing say anything.
    pub fn asked(&self, operation: &str) -> bool {
        self.operations.contains(operation)
    }

    /// The resources of a kind that are known to be there and could not be read.
    pub(super) fn unread(&self, account: &str, region: &str, kind: FactKind) -> Vec<&'a ResourceKey> {
        self.gaps.names(account, region, kind)
    }

    /// Every endpoint, by account, region and folded name.
    pub(super) fn endpoints(&self) -> impl Iterator<Item = &'a Fact<Endpoint>> + '_ {
        self.endpoints.values().copied()
    }

    /// Every inference component, by account, region and folded name.
    pub(super) fn components(&self) -> impl Iterator<Item = &'a Fact<InferenceComponent>> + '_ {
        self.components.values().copied()
    }

    /// Every package, by ARN.
    pub(super) fn packages(&self) -> impl Iterator<Item = &'a Fact<Package>> + '_ {
        self.packages.values().copied()
    }

    /// Every alarm, by account, region and name.
    pub(super) fn alarms(&self) -> impl Iterator<Item = &'a Fact<Alarm>> + '_ {
        self.alarms.values().copied()
    }

    /// Every mute rule, by account, region and name.
    pub(super) fn mute_rules(&self) -> impl Iterator<Item = &'a Fact<MuteRule>> + '_ {
        self.mute_rules.values().copied()
    }

    /// Every monitoring schedule, by account, region and folded name.
    pub fn monitors(&self) -> impl Iterator<Item = &'a Fact<MonitoringSchedule>> + '_ {
        self.monitors.values().copied()
    }

    /// Every rule of EventBridge, by account, region and ARN.
    pub fn event_rules(&self) -> impl Iterator<Item = &'a Fact<EventRule>> + '_ {
        self.event_rules.values().copied()
    }

    /// Every series of data points, by account, region and name.
    pub fn all_series(&self) -> impl Iterator<Item = &'a Fact<MetricSeries>> + '_ {
        self.series.values().copied()
    }

    /// What the organization's tag policy says of a resource, by ARN.
    pub fn compliance(&self, account: &str, region: &str, arn: &str) -> Lookup<&'a Fact<TagCompliance>> {
        self.look(&self.compliance, account, region, FactKind::TagCompliance, arn)
    }

    /// What scales a resource, such as `endpoint/fraud/variant/AllTraffic`.
    pub fn scalable(&self, account: &str, region: &str, resource: &str) -> Lookup<&'a Fact<ScalableTarget>> {
        self.look(&self.scalable, account, region, FactKind::ScalableTargets, resource)
    }

    fn look<T>(
        &self,
        map: &ByName<'a, T>,
        account: &str,
        region: &str,
        kind: FactKind,
        name: &str,
    ) -> Lookup<&'a Fact<T>> {
        let key = ((account, region), ResourceKey::new(kind, name));
        let found = map.get(&key).copied();
        self.resolve(found, account, region, key.1)
    }

    /// What was not found is absent only if AWS said so. A package or topic may be absent in the account that owns it.
    fn resolve<T>(&self, found: Option<T>, account: &str, region: &str, key: ResourceKey) -> Lookup<T> {
        if let Some(found) = found {
            return Lookup::Found(found);
        }
        let owner = Arn::parse(&key.name).map(|arn| (arn.account.to_owned(), arn.region.to_owned()));
        let asked = ((account, region), key);
        if let Some(call) = self.absences.get(&asked) {
            return Lookup::Absent(*call);
        }
        let owner = owner.as_ref().map(|(account, region)| (account.as_str(), region.as_str()));
        match owner.and_then(|owner| self.absences.get(&(owner, asked.1))) {
            Some(call) => Lookup::Absent(*call),
            None => Lookup::Unseen,
        }
    }
}

/// Account and region of a fact.
pub(super) fn place<T>(fact: &Fact<T>) -> Place<'_> {
    (fact.account.as_str(), fact.region.as_str())
}

fn by_name<T>(facts: &[Fact<T>], kind: FactKind, name: impl Fn(&T) -> &str) -> ByName<'_, T> {
    newest(facts, |fact| (place(fact), ResourceKey::new(kind, name(&fact.data))))
}

fn by_arn<T>(facts: &[Fact<T>], kind: FactKind, arn: impl Fn(&T) -> String) -> BTreeMap<ResourceKey, &Fact<T>> {
    newest(facts, |fact| ResourceKey::new(kind, &arn(&fact.data)))
}

fn anywhere<T>(facts: &[Fact<T>], kind: FactKind, name: impl Fn(&T) -> String) -> Anywhere<'_, T> {
    let mut map: Anywhere<'_, T> = BTreeMap::new();
    for fact in facts {
        map.entry(ResourceKey::new(kind, &name(&fact.data))).or_default().push(fact);
    }
    for seen in map.values_mut() {
        seen.sort_by(|a, b| b.seen.last().cmp(&a.seen.last()));
    }
    map
}

/// What a place itself saw counts there; what others saw counts where it saw nothing.
fn seen_by<'a, T>(map: &Anywhere<'a, T>, asked: Place<'_>, key: &ResourceKey) -> Option<&'a Fact<T>> {
    let seen = map.get(key)?;
    seen.iter().find(|fact| place(fact) == asked).or_else(|| seen.first()).copied()
}

fn newest<'a, T, K: Ord>(facts: &'a [Fact<T>], key: impl Fn(&'a Fact<T>) -> K) -> BTreeMap<K, &'a Fact<T>> {
    let mut map: BTreeMap<K, &'a Fact<T>> = BTreeMap::new();
    for fact in facts {
        let held = map.entry(key(fact)).or_insert(fact);
        if fact.seen.last() > held.seen.last() {
            *held = fact;
        }
    }
    map
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::evidence::{Hidden, Model};

    #[test]
    fn names_are_found_in_any_case_and_only_in_their_own_place() {
        let fixture = Fixture::sound();
        let index = Index::new(&fixture.snapshot);
        assert!(index.endpoint(ACCOUNT, REGION, "FRAUD-scoring").found().is_some());
        assert!(index.package(ACCOUNT, REGION, &PACKAGE.to_uppercase()).found().is_some());
        assert!(index.endpoint(ACCOUNT, "us-east-1", ENDPOINT).found().is_none());
        assert!(index.alarm(ACCOUNT, REGION, &ERRORS.to_uppercase()).found().is_none(), "alarm names keep their case");
    }

    #[test]
    fn what_is_missing_is_absent_only_if_aws_said_so() {
        let fixture = Fixture::sound().absent(FactKind::Models, MODEL).hidden(FactKind::EndpointConfigs, CONFIG);
        let index = Index::new(&fixture.snapshot);
        assert!(matches!(index.model(ACCOUNT, REGION, MODEL), Lookup::Absent(_)));
        assert_eq!(index.config(ACCOUNT, REGION, CONFIG), Lookup::Unseen);
        assert_eq!(index.model(ACCOUNT, REGION, "never-heard-of"), Lookup::Unseen);
    }

    #[test]
    fn of_two_facts_of_one_name_the_one_seen_last_counts() {
        let twice = Fixture::sound().with(model(MODEL, container()));
        let mut other = twice.clone();
        other.snapshot.facts.models.reverse();
        for fixture in [twice, other] {
            let index = Index::new(&fixture.snapshot);
            let found: &Model = &index.model(ACCOUNT, REGION, MODEL).found().unwrap().data;
            assert_eq!(found.containers[0].package, None);
        }
    }

    #[test]
    fn a_region_that_was_never_read_is_not_listed() {
        let fixture = Fixture::sound().gap(Hidden::All(FactKind::Topics));
        let index = Index::new(&fixture.snapshot);
        assert!(index.listed(ACCOUNT, REGION, FactKind::Endpoints));
        assert!(!index.listed(ACCOUNT, REGION, FactKind::Topics));
        assert!(!index.listed("999988887777", REGION, FactKind::Endpoints));
    }
}

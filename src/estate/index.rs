//! Facts by name, so that joins are look-ups. Names are folded as [`ResourceKey`] folds them.

use std::collections::BTreeMap;

use super::Lookup;
use crate::evidence::{
    Alarm, Bucket, CallId, Endpoint, EndpointConfig, Fact, FactKind, Gap, InferenceComponent, Model, ObjectListing,
    Package, ResourceKey, Snapshot, Tags, Topic,
};

type Place<'a> = (&'a str, &'a str);
type ByName<'a, T> = BTreeMap<(Place<'a>, ResourceKey), &'a Fact<T>>;

/// Facts of one snapshot by account, region and name.
#[derive(Debug)]
pub struct Index<'a> {
    snapshot: &'a Snapshot,
    endpoints: ByName<'a, Endpoint>,
    configs: ByName<'a, EndpointConfig>,
    models: ByName<'a, Model>,
    components: ByName<'a, InferenceComponent>,
    packages: BTreeMap<ResourceKey, &'a Fact<Package>>,
    topics: BTreeMap<ResourceKey, &'a Fact<Topic>>,
    alarms: ByName<'a, Alarm>,
    listings: BTreeMap<ResourceKey, &'a Fact<ObjectListing>>,
    buckets: BTreeMap<ResourceKey, &'a Fact<Bucket>>,
    tags: BTreeMap<ResourceKey, &'a Tags>,
    absences: BTreeMap<(Place<'a>, ResourceKey), CallId>,
}

impl<'a> Index<'a> {
    /// Indexes a snapshot.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let facts = &snapshot.facts;
        Self {
            snapshot,
            endpoints: by_name(&facts.endpoints, FactKind::Endpoints, |data| &data.name),
            configs: by_name(&facts.endpoint_configs, FactKind::EndpointConfigs, |data| &data.name),
            models: by_name(&facts.models, FactKind::Models, |data| &data.name),
            components: by_name(&facts.inference_components, FactKind::InferenceComponents, |data| &data.name),
            packages: by_arn(&facts.packages, FactKind::Packages, |data| data.arn.clone()),
            topics: by_arn(&facts.topics, FactKind::Topics, |data| data.arn.clone()),
            alarms: by_name(&facts.alarms, FactKind::Alarms, |data| &data.name),
            listings: by_arn(&facts.objects, FactKind::Objects, |data| data.location.to_string()),
            buckets: by_arn(&facts.buckets, FactKind::Buckets, |data| data.name.clone()),
            tags: facts
                .tags
                .iter()
                .map(|fact| (FactKind::Tags, fact))
                .chain(facts.alarm_tags.iter().map(|fact| (FactKind::AlarmTags, fact)))
                .map(|(kind, fact)| (ResourceKey::new(kind, &fact.data.arn), &fact.data.tags))
                .collect(),
            absences: facts
                .absences
                .iter()
                .filter_map(|fact| {
                    let call = *fact.seen.last()?;
                    Some((((fact.account.as_str(), fact.region.as_str()), fact.data.resource.clone()), call))
                })
                .collect(),
        }
    }

    /// An endpoint by name.
    pub fn endpoint(&self, account: &'a str, region: &'a str, name: &str) -> Lookup<&'a Fact<Endpoint>> {
        self.look(&self.endpoints, account, region, FactKind::Endpoints, name)
    }

    /// An endpoint config by name.
    pub fn config(&self, account: &'a str, region: &'a str, name: &str) -> Lookup<&'a Fact<EndpointConfig>> {
        self.look(&self.configs, account, region, FactKind::EndpointConfigs, name)
    }

    /// A model by name.
    pub fn model(&self, account: &'a str, region: &'a str, name: &str) -> Lookup<&'a Fact<Model>> {
        self.look(&self.models, account, region, FactKind::Models, name)
    }

    /// An inference component by name.
    pub fn component(&self, account: &'a str, region: &'a str, name: &str) -> Lookup<&'a Fact<InferenceComponent>> {
        self.look(&self.components, account, region, FactKind::InferenceComponents, name)
    }

    /// An alarm by name.
    pub fn alarm(&self, account: &'a str, region: &'a str, name: &str) -> Lookup<&'a Fact<Alarm>> {
        self.look(&self.alarms, account, region, FactKind::Alarms, name)
    }

    /// A package by ARN, whichever account it lives in; `account` and `region` are those that asked.
    pub fn package(&self, account: &'a str, region: &'a str, arn: &str) -> Lookup<&'a Fact<Package>> {
        let key = ResourceKey::new(FactKind::Packages, arn);
        self.resolve(self.packages.get(&key).copied(), account, region, key)
    }

    /// A topic by ARN.
    pub fn topic(&self, account: &'a str, region: &'a str, arn: &str) -> Lookup<&'a Fact<Topic>> {
        let key = ResourceKey::new(FactKind::Topics, arn);
        self.resolve(self.topics.get(&key).copied(), account, region, key)
    }

    /// The versions below an S3 location, written `s3://bucket/key`.
    pub fn listing(&self, account: &'a str, region: &'a str, location: &str) -> Lookup<&'a Fact<ObjectListing>> {
        let key = ResourceKey::new(FactKind::Objects, location);
        self.resolve(self.listings.get(&key).copied(), account, region, key)
    }

    /// A bucket by name.
    pub fn bucket(&self, account: &'a str, region: &'a str, name: &str) -> Lookup<&'a Fact<Bucket>> {
        let key = ResourceKey::new(FactKind::Buckets, name);
        self.resolve(self.buckets.get(&key).copied(), account, region, key)
    }

    /// Tags by ARN; `kind` is `Tags` or `AlarmTags`.
    pub fn tags(&self, account: &'a str, region: &'a str, kind: FactKind, arn: &str) -> Lookup<&'a Tags> {
        let key = ResourceKey::new(kind, arn);
        self.resolve(self.tags.get(&key).copied(), account, region, key)
    }

    /// Every gap that hides this resource.
    pub fn gaps_over(&self, account: &str, region: &str, key: &ResourceKey) -> impl Iterator<Item = (usize, &'a Gap)> {
        let (account, region, key) = (account.to_owned(), region.to_owned(), key.clone());
        self.snapshot.gaps.iter().enumerate().filter(move |(_, gap)| gap.covers(&account, &region, &key))
    }

    /// Whether every resource of a kind in this account and region was listed.
    pub fn complete(&self, account: &str, region: &str, kind: FactKind) -> bool {
        !self.snapshot.gaps.iter().any(|gap| gap.covers_all(account, region, kind))
    }

    fn look<T>(
        &self,
        map: &ByName<'a, T>,
        account: &'a str,
        region: &'a str,
        kind: FactKind,
        name: &str,
    ) -> Lookup<&'a Fact<T>> {
        let key = ResourceKey::new(kind, name);
        let found = map.get(&((account, region), key.clone())).copied();
        self.resolve(found, account, region, key)
    }

    /// What was not found is absent only if AWS said so, or if everything of its kind was listed.
    fn resolve<T>(&self, found: Option<T>, account: &'a str, region: &'a str, key: ResourceKey) -> Lookup<T> {
        if let Some(found) = found {
            return Lookup::Found(found);
        }
        match self.absences.get(&((account, region), key)) {
            Some(call) => Lookup::Absent(*call),
            None => Lookup::Unseen,
        }
    }
}

fn by_name<'a, T>(facts: &'a [Fact<T>], kind: FactKind, name: impl Fn(&T) -> &str) -> ByName<'a, T> {
    let key = |fact: &'a Fact<T>| {
        ((fact.account.as_str(), fact.region.as_str()), ResourceKey::new(kind, name(&fact.data)))
    };
    facts.iter().map(|fact| (key(fact), fact)).collect()
}

fn by_arn<'a, T>(facts: &'a [Fact<T>], kind: FactKind, arn: impl Fn(&T) -> String) -> BTreeMap<ResourceKey, &'a Fact<T>> {
    facts.iter().map(|fact| (ResourceKey::new(kind, &arn(&fact.data)), fact)).collect()
}

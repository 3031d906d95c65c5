//! From a slot to the live versions that fill it.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::actor::Who;
use super::approval::{APPROVAL_EVENTS, Archived, Promotion, Registries, Sources};
use super::arn::Arn;
use super::events::Events;
use super::index::Index;
use super::live_from::models_in_event;
use super::multi_model::Shelf;
use super::registration::{Registration, Registry, Setting};
use super::slots::Slot;
use super::stage::Subject;
use super::{
    Approval, LiveContainer, LiveFrom, LiveVersion, Lookup, Monitored, ServingPath, artifacts, manifests, owner,
    resources, stage,
};
use crate::evidence::{CallId, Container, DeployedImage, Fact, FactKind, Facts, Package, Tags};
use crate::policy::{Manifest, Policy};

/// What slots are filled from.
#[derive(Debug)]
pub(super) struct Join<'i, 'a> {
    pub(super) index: &'i Index<'a>,
    pub(super) events: Events<'a>,
    pub(super) who: Who<'a>,
    pub(super) archived: Archived<'a>,
    pub(super) facts: &'a Facts,
    pub(super) registry: Registry<'a>,
    pub(super) policy: &'a Policy,
    pub(super) as_of: Timestamp,
    /// Approvals by package ARN: many live versions may be one package.
    pub(super) approvals: BTreeMap<&'a str, Approval<'a>>,
}

impl<'a> Join<'_, 'a> {
    /// The live versions of a slot: one, but for a multi-model container one for each object below its prefix.
    pub(super) fn fill(&mut self, slot: &Slot<'a>) -> Vec<LiveVersion<'a>> {
        let setting = setting(slot);
        let containers: Vec<LiveContainer<'a>> =
            containers(slot).map(|(container, seen)| self.container(setting, container, seen)).collect();
        let from = self.live_from(slot);
        let Some(place) = containers.iter().position(|it| it.container.multi_model) else {
            return vec![self.live(slot, slot.id(None), slot.path, containers, from)];
        };
        let whole = containers.get(place).cloned();
        let shelf = whole
            .as_ref()
            .and_then(|whole| Shelf::new(self.index, setting, whole.container, whole.registration.package()));
        let (Some(whole), Some(shelf)) = (whole, shelf) else {
            return vec![self.live(slot, slot.id(Some("")), ServingPath::MultiModel, containers, from)];
        };
        let with = |container: LiveContainer<'a>| {
            let mut all = containers.clone();
            if let Some(held) = all.get_mut(place) {
                *held = container;
            }
            all
        };
        if shelf.objects.is_empty() {
            let mut live = self.live(slot, slot.id(Some("")), ServingPath::MultiModel, with(shelf.bare(&whole)), from);
            live.resources.extend(resources::of_artifacts(&whole));
            live.notes.push(if shelf.seen() {
                "nothing lies below the prefix of its multi-model container".to_owned()
            } else {
                "what lies below the prefix of its multi-model container could not be seen".to_owned()
            });
            return vec![live];
        }
        let objects = shelf.objects.iter().map(|object| {
            let id = slot.id(Some(shelf.target(object)));
            let all = with(shelf.with(object, &self.registry, self.index, setting, &whole));
            let from = from.map(|from| from.since_written(object.last_modified));
            (id, all, from)
        });
        let objects: Vec<_> = objects.collect();
        objects.into_iter().map(|(id, all, from)| self.live(slot, id, ServingPath::MultiModel, all, from)).collect()
    }

    fn container(&self, setting: Setting<'a>, container: &'a Container, seen: &'a [CallId]) -> LiveContainer<'a> {
        let registration = self.registry.resolve(self.index, setting, container);
        let Setting { account, region, .. } = setting;
        let artifacts = artifacts::of_container(self.index, account, region, container, registration.package());
        LiveContainer { container, seen, registration, artifacts }
    }

    fn live_from(&self, slot: &Slot<'a>) -> Option<LiveFrom<'a>> {
        match slot.path {
            ServingPath::Batch => LiveFrom::of_jobs(slot, self.index),
            ServingPath::Component => LiveFrom::of_component(slot, &self.events, self.index, self.as_of),
            _ => LiveFrom::of_variant(slot, &self.events, self.index),
        }
    }

    fn live(
        &mut self,
        slot: &Slot<'a>,
        id: String,
        path: ServingPath,
        containers: Vec<LiveContainer<'a>>,
        live_from: Option<LiveFrom<'a>>,
    ) -> LiveVersion<'a> {
        let packages = registered(&containers);
        let manifest = manifests::find(&self.policy.models, &groups(&containers), slot.account, slot.endpoint_name);
        let mut approvals: Vec<Approval<'a>> = packages.iter().map(|package| self.approval(package)).collect();
        for approval in &mut approvals {
            approval.promotion = self.promotion(approval.package, manifest);
        }
        let deployed = live_from.and_then(|from| from.event);
        let tags = self.tags(slot);
        let group_tags = containers.iter().find_map(|container| {
            let arn = resources::group_arn(&probable(container)?.data.arn)?;
            Some(self.index.tags(slot.account, slot.region, FactKind::Tags, &arn))
        });
        let carrier = match path {
            ServingPath::Batch => "the newest job",
            ServingPath::Component if self.own_tags(slot).is_some() => "the inference component",
            _ => "the endpoint",
        };
        let carriers = [(carrier, tags), ("the package group", group_tags.unwrap_or(Lookup::NotNamed))];
        let name = slot.endpoint_name;
        let subject = Subject { account: slot.account, name, tags, manifest, packages: &packages };
        LiveVersion {
            version_key: version_key(slot, &containers, self.as_of),
            account: slot.account,
            region: slot.region,
            path,
            hosting: slot.hosting,
            endpoint_name: slot.endpoint_name,
            endpoint: slot.endpoint,
            config: slot.config,
            pending: slot.pending,
            variant: slot.variant,
            settings: slot.settings,
            component: slot.component,
            jobs: slot.jobs.clone(),
            traffic_share: slot.traffic_share.filter(|_| path == ServingPath::Variant),
            model_name: slot.model_name,
            model: slot.model,
            live_from,
            deployer: deployed.map(|event| self.who.called(event, &self.events)),
            events_read: self.events_read(slot, path, &approvals),
            approvals,
            stage: stage::decide(&self.policy.stage, subject),
            tags,
            owner: owner::owner(&self.policy.tags, &carriers, manifest),
            cost_center: owner::cost_center(&self.policy.tags, &carriers),
            manifest,
            alarms: Vec::new(),
            coverage: Vec::new(),
            faults: Vec::new(),
            monitored: Monitored::default(),
            resources: resources::of(slot, &containers, &self.registry, self.index, setting(slot)),
            hint: self.hint(slot),
            notes: replaced(slot).into_iter().collect(),
            containers,
            id,
        }
    }

    fn approval(&mut self, package: &'a Fact<Package>) -> Approval<'a> {
        let sources = Sources { events: &self.events, who: &self.who, archived: &self.archived, as_of: self.as_of };
        let made = || Approval::new(package, &sources);
        self.approvals.entry(&package.data.arn).or_insert_with(made).clone()
    }

    /// The approval elsewhere that the manifest lets stand for that of a copy.
    fn promotion(&self, package: &'a Fact<Package>, manifest: Option<&'a Manifest>) -> Option<Promotion<'a>> {
        let declared = manifest.map_or(&[][..], |manifest| manifest.approval_source.as_slice());
        let registries = Registries { declared, facts: self.facts, index: self.index };
        let sources = Sources { events: &self.events, who: &self.who, archived: &self.archived, as_of: self.as_of };
        registries.trace(package, |source| Approval::new(source, &sources))
    }

    /// Names of the events behind a live version that were read completely: of approval, from the creation of each
    /// package until its last modification; of deployment, from the creation of what serves on.
    fn events_read(&self, slot: &Slot<'a>, path: ServingPath, approvals: &[Approval<'a>]) -> BTreeSet<&'static str> {
        let approval = |name: &str| {
            let read = |approval: &Approval<'_>| {
                let (package, arn) = (&approval.package.data, Arn::parse(&approval.package.data.arn));
                let (Some(arn), Some(created)) = (arn, package.created) else { return false };
                let until = package.modified.unwrap_or(self.as_of).max(created).min(self.as_of);
                self.events.cover(arn.account, arn.region, name, created, until).is_whole()
            };
            !approvals.is_empty() && approvals.iter().all(read)
        };
        let model = slot.model.found().and_then(|model| model.data.created);
        let since = model.max(slot.component.and_then(|component| component.data.created));
        let deployment = |name: &str| {
            since.is_some_and(|since| self.events.cover(slot.account, slot.region, name, since, self.as_of).is_whole())
        };
        let approvals = APPROVAL_EVENTS.into_iter().filter(|name| approval(name));
        approvals.chain(resources::deployment_events(path).iter().copied().filter(|name| deployment(name))).collect()
    }

    /// Tags of what is billed: the endpoint, or the component's own where it carries any. Those of batch jobs are not
    /// looked at, so there is nothing to follow unless somebody read them all the same.
    fn tags(&self, slot: &Slot<'a>) -> Lookup<&'a Tags> {
        let tags = |arn: &str| self.index.tags(slot.account, slot.region, FactKind::Tags, arn);
        if let Some(own) = self.own_tags(slot) {
            return Lookup::Found(own);
        }
        match (slot.endpoint, slot.jobs.first()) {
            (Some(endpoint), _) => tags(&endpoint.data.arn),
            (None, Some(job)) => tags(&job.data.arn).found().map_or(Lookup::NotNamed, Lookup::Found),
            (None, None) => Lookup::Unseen,
        }
    }

    fn own_tags(&self, slot: &Slot<'a>) -> Option<&'a Tags> {
        let component = slot.component?;
        let tags = self.index.tags(slot.account, slot.region, FactKind::Tags, &component.data.arn);
        tags.found().filter(|tags| !tags.is_empty())
    }

    /// What the trail says of a config or model that no longer exists.
    fn hint(&self, slot: &Slot<'a>) -> Option<String> {
        let gone = matches!(slot.config, Lookup::Absent(_)).then_some(slot.config_name).flatten();
        if let Some(config) = gone {
            let made = self.events.config_made(slot.account, slot.region, config)?;
            let models = models_in_event(made.data);
            let model = slot.variant_name.and_then(|variant| models.get(variant))?;
            return Some(format!(
                "CloudTrail shows that config `{config}` was made with model `{model}` at {}",
                made.data.time
            ));
        }
        let model = slot.model_name.filter(|_| matches!(slot.model, Lookup::Absent(_)))?;
        let made = self.events.model_made(slot.account, slot.region, model)?;
        let container = made.data.request.get("primarycontainer")?;
        let named = ["modelPackageName", "modelDataUrl"].iter().find_map(|member| container.get(member)?.as_str());
        Some(format!("CloudTrail shows that model `{model}` was made from `{}` at {}", named?, made.data.time))
    }
}

/// The containers of a slot with the calls that showed them: the component's own, or the model's.
fn containers<'a>(slot: &Slot<'a>) -> impl Iterator<Item = (&'a Container, &'a [CallId])> + use<'a> {
    let own = slot.component.filter(|_| slot.model_name.is_none());
    let own = own.and_then(|component| Some((component.data.container.as_ref()?, component.seen.as_slice())));
    let model = slot.model.found();
    let of_model =
        model.into_iter().flat_map(|model| model.data.containers.iter().map(|it| (it, model.seen.as_slice())));
    own.into_iter().chain(of_model)
}

fn setting<'a>(slot: &Slot<'a>) -> Setting<'a> {
    let images: &'a [DeployedImage] = match (slot.component, slot.variant) {
        (Some(component), _) => component.data.image.as_slice(),
        (None, Some(variant)) => &variant.images,
        (None, None) => &[],
    };
    Setting { account: slot.account, region: slot.region, images }
}

/// Jobs that began before their model was made ran another one, which has its name no more.
fn replaced(slot: &Slot<'_>) -> Option<String> {
    let made = slot.model.found()?.data.created?;
    let earlier = slot.jobs.iter().filter(|job| job.data.started.is_some_and(|began| began < made));
    let names: Vec<&str> = earlier.map(|job| job.data.name.as_str()).collect();
    let ran =
        || format!("ran before the model was made at {made}, so with another of the same name: {}", names.join(", "));
    (!names.is_empty()).then(ran)
}

/// The packages behind containers, in their order, without repetition.
fn registered<'a>(containers: &[LiveContainer<'a>]) -> Vec<&'a Fact<Package>> {
    let mut packages: Vec<&'a Fact<Package>> = Vec::new();
    for package in containers.iter().filter_map(|container| container.registration.package()) {
        if packages.iter().all(|known| known.data.arn != package.data.arn) {
            packages.push(package);
        }
    }
    packages
}

/// The package that a container is, or was meant to be: enough to find out whose it is.
fn probable<'a>(container: &LiveContainer<'a>) -> Option<&'a Fact<Package>> {
    match &container.registration {
        Registration::UrlOnly { package, .. } => Some(package),
        Registration::Ambiguous(packages) => {
            let first = packages.first()?;
            packages.iter().all(|package| package.data.group == first.data.group).then_some(*first)
        }
        other => other.package(),
    }
}

fn groups<'a>(containers: &[LiveContainer<'a>]) -> Vec<&'a str> {
    containers.iter().filter_map(|container| probable(container)?.data.group.as_deref()).collect()
}

/// What fills the slot: a package ARN for each registered container, else the model or component with the content of
/// its data.
fn version_key(slot: &Slot<'_>, containers: &[LiveContainer<'_>], as_of: Timestamp) -> String {
    let name = slot.model_name.or(slot.component.map(|component| component.data.name.as_str())).unwrap_or("unknown");
    let of_container = |container: &LiveContainer<'_>| {
        if let Some(package) = container.registration.package() {
            return package.data.arn.clone();
        }
        let content = container.artifacts.first().map(|artifact| {
            let state = artifact.state_at(as_of).unwrap_or_default();
            let only = state.values().next().filter(|_| state.len() == 1).and_then(|object| object.etag.as_deref());
            only.or(artifact.data.etag.as_deref()).unwrap_or(&artifact.data.uri).to_owned()
        });
        format!("{name}@{}", content.as_deref().or(container.container.image.as_deref()).unwrap_or("unknown"))
    };
    if containers.is_empty() {
        name.to_owned()
    } else {
        containers.iter().map(of_container).collect::<Vec<_>>().join("+")
    }
}

//! What a metric is about: the live versions that its dimensions name.

use std::collections::{BTreeMap, BTreeSet};

use super::signals::{self, Namespace};
use super::{Defect, Signal};
use crate::estate::index::{Index, Place};
use crate::estate::instance_types::{self, InstanceType};
use crate::estate::{Hosting, LiveVersion, Lookup, ServingPath};
use crate::evidence::{Alarm, Endpoint, Fact, FactKind, MetricTerm};

mod logs;
mod schedules;
mod selected;

type ByName<'a> = BTreeMap<(Place<'a>, String), Vec<usize>>;

/// Live versions by what dimensions can name.
#[derive(Debug)]
pub(super) struct Targets<'t, 'a> {
    index: &'t Index<'a>,
    live: &'t [LiveVersion<'a>],
    /// Endpoints that the policy leaves out, by account, region and folded name.
    excluded: &'t BTreeSet<(Place<'a>, String)>,
    endpoints: ByName<'a>,
    components: ByName<'a>,
    groups: ByName<'a>,
    places: BTreeMap<Place<'a>, Vec<usize>>,
    /// Metrics that manifests declare, by namespace, name and dimensions.
    declared: BTreeMap<Declared<'a>, Vec<(usize, Signal)>>,
    /// Accounts and regions that were to be read as a whole; of others only what was asked for is known.
    whole: BTreeSet<Place<'a>>,
}

type Declared<'a> = (&'a str, &'a str, &'a BTreeMap<String, String>);

/// What one metric is about.
#[derive(Debug, Default)]
pub(super) struct Hit {
    /// Live versions, and how sure that is.
    pub(super) live: Vec<(usize, bool)>,
    /// Whether it is about something that serves, or did.
    pub(super) serving: bool,
    /// What it names and is not there.
    pub(super) orphan: Option<String>,
    /// Why no such metric exists.
    pub(super) defect: Option<Defect>,
    /// What could not be seen.
    pub(super) unseen: Option<String>,
    /// Live versions whose manifest declares the metric, with what it tells of them.
    pub(super) declared: Vec<(usize, Signal)>,
}

impl<'t, 'a> Targets<'t, 'a> {
    pub(super) fn new(
        index: &'t Index<'a>,
        live: &'t [LiveVersion<'a>],
        excluded: &'t BTreeSet<(Place<'a>, String)>,
        whole: BTreeSet<Place<'a>>,
    ) -> Self {
        let mut targets = Self {
            index,
            live,
            excluded,
            endpoints: BTreeMap::new(),
            components: BTreeMap::new(),
            groups: BTreeMap::new(),
            places: BTreeMap::new(),
            declared: BTreeMap::new(),
            whole,
        };
        for (number, version) in live.iter().enumerate() {
            let place = (version.account, version.region);
            if let Some(group) = version.group() {
                targets.groups.entry((place, group.to_lowercase())).or_default().push(number);
            }
            if let Some(manifest) = version.manifest {
                let business = manifest.business_metrics.iter().map(|it| (&it.metric, Signal::Business));
                let segments = manifest.segment_metrics.iter().map(|it| (it, Signal::ResponsibleAi));
                for (metric, signal) in business.chain(segments) {
                    let key = (metric.namespace.as_str(), metric.metric.as_str(), &metric.dimensions);
                    targets.declared.entry(key).or_default().push((number, signal));
                }
            }
            if version.path == ServingPath::Batch {
                continue;
            }
            targets.endpoints.entry((place, version.endpoint_name.to_lowercase())).or_default().push(number);
            targets.places.entry(place).or_default().push(number);
            if let Some(component) = version.component {
                targets.components.entry((place, component.data.name.to_lowercase())).or_default().push(number);
            }
        }
        targets
    }

    /// What a metric term of an alarm in some place is about.
    pub(super) fn hit(&self, place: Place<'_>, alarm: &Alarm, term: &MetricTerm) -> Hit {
        let place = (term.account.as_deref().unwrap_or(place.0), place.1);
        let declared = self.declared(place, term);
        if !declared.is_empty() {
            return Hit { serving: true, declared, ..Hit::default() };
        }
        let (namespace, literal) = signals::namespace(&term.namespace);
        let mut hit = match namespace {
            Namespace::Foreign => Hit::default(),
            Namespace::Custom => self.custom(place, alarm, term),
            Namespace::Monitor => self.monitor(place, term),
            Namespace::Requests | Namespace::Instances | Namespace::Components => {
                let dimension = |name: &str| term.dimensions.get(name).map(String::as_str);
                match (dimension("InferenceComponentName"), dimension("EndpointName")) {
                    (Some(component), _) => self.component(place, component, term),
                    (None, Some(endpoint)) => self.endpoint(place, endpoint, term, namespace),
                    (None, None) => Hit::default(),
                }
            }
        };
        if let (Some(literal), true) = (literal, hit.serving) {
            let written = &term.namespace;
            hit.defect = Some(Defect::WrongDimensions(format!("namespace `{written}` is written `{literal}`")));
        }
        hit
    }

    /// The measured kind of hosting, where all that it hits is hosted alike.
    pub(super) fn hosting(&self, hit: &Hit) -> Option<Hosting> {
        let mut all = hit.live.iter().filter_map(|(number, _)| self.live.get(*number)).map(|version| version.hosting);
        let first = all.next()?;
        all.all(|other| other == first).then_some(first)
    }

    /// What was indexed.
    pub(super) fn index(&self) -> &'t Index<'a> {
        self.index
    }

    /// A live version by number.
    pub(super) fn live(&self, number: usize) -> Option<&'t LiveVersion<'a>> {
        self.live.get(number)
    }

    /// What the instances have that publish the metric, where all are alike and known.
    pub(super) fn instances(&self, hit: &Hit) -> Option<InstanceType> {
        let of = |version: &LiveVersion<'_>| {
            let settings = version.settings.filter(|settings| settings.pools.is_empty())?;
            instance_types::find(settings.instance_type.as_deref()?)
        };
        let mut all = hit.live.iter().filter_map(|(number, _)| self.live(*number)).map(of);
        let first = all.next()??;
        all.all(|other| other == Some(first)).then_some(first)
    }

    /// Live versions whose manifest declares the metric.
    fn declared(&self, place: Place<'_>, term: &MetricTerm) -> Vec<(usize, Signal)> {
        let named = self.declared.get(&(term.namespace.as_str(), term.metric.as_str(), &term.dimensions));
        let here = |number: usize| self.live(number).is_some_and(|live| (live.account, live.region) == place);
        named.into_iter().flatten().filter(|(number, _)| here(*number)).copied().collect()
    }

    /// Whether a metric is of one segment of those that a live version's manifest names.
    pub(super) fn is_of_segment(&self, hit: &Hit, term: &MetricTerm) -> bool {
        let named = |name: &str| {
            let manifests = hit.live.iter().filter_map(|(number, _)| self.live(*number)?.manifest);
            manifests.flat_map(|manifest| &manifest.segments).any(|segment| segment.eq_ignore_ascii_case(name))
        };
        term.dimensions.iter().any(|(key, value)| key.eq_ignore_ascii_case("segment") || named(key) || named(value))
    }

    /// Live versions that a text may be about: those of the endpoints that it names, else all of the place.
    pub(super) fn named_in(&self, place: Place<'_>, text: &str) -> Vec<usize> {
        let named: BTreeSet<usize> = words(text).flat_map(|word| self.of_endpoint(place, word)).copied().collect();
        if named.is_empty() {
            return self.places.get(&place).cloned().unwrap_or_default();
        }
        named.into_iter().collect()
    }

    /// Every live version of an endpoint in a place.
    pub(super) fn all_in(&self, place: Place<'_>) -> Vec<usize> {
        self.places.get(&place).cloned().unwrap_or_default()
    }

    /// Whether an endpoint that a query names is gone, or could not be read.
    pub(super) fn endpoint_gone(&self, place: Place<'_>, name: &str) -> (Option<String>, Option<String>) {
        let hit = self.whole_endpoint(place, name);
        (hit.orphan, hit.unseen)
    }

    /// All that serves behind an endpoint, whatever the metric.
    fn whole_endpoint(&self, place: Place<'_>, name: &str) -> Hit {
        let all = self.of_endpoint(place, name);
        let endpoint = self.index.endpoint(place.0, place.1, name);
        if all.is_empty() && !matches!(endpoint, Lookup::Found(_)) {
            return self.missing(place, "endpoint", name, &endpoint, FactKind::Endpoints);
        }
        let live = all.iter().map(|number| (*number, true)).collect();
        Hit { live, serving: self.serving(place, name, all), ..Hit::default() }
    }

    /// Live versions behind an endpoint.
    pub(super) fn of_endpoint<'s>(&'s self, place: Place<'s>, endpoint: &str) -> &'s [usize] {
        find(&self.endpoints, place, endpoint)
    }

    fn endpoint(&self, place: Place<'_>, name: &str, term: &MetricTerm, namespace: Namespace) -> Hit {
        let all = self.of_endpoint(place, name);
        let endpoint = match self.index.endpoint(place.0, place.1, name) {
            Lookup::Found(endpoint) => Some(endpoint),
            // Components that serve there say that it is there, though it could not be read.
            Lookup::Unseen if !all.is_empty() => None,
            other => return self.missing(place, "endpoint", name, &other, FactKind::Endpoints),
        };
        let wrong = |what: String| Hit {
            live: all.iter().map(|number| (*number, true)).collect(),
            serving: self.serving(place, name, all),
            defect: Some(Defect::WrongDimensions(what)),
            ..Hit::default()
        };
        if let Some(written) = endpoint.map(|endpoint| &endpoint.data.name).filter(|written| *written != name) {
            return wrong(format!("EndpointName `{name}` is written `{written}`"));
        }
        let by_endpoint = signals::by_endpoint(&term.metric);
        let variant = term.dimensions.get("VariantName").map(String::as_str);
        let Some(variant) = variant else {
            if by_endpoint || all.is_empty() {
                let live = all.iter().map(|number| (*number, true)).collect();
                let hit = Hit { live, serving: self.serving(place, name, all), ..Hit::default() };
                return self.unpublished(hit, term);
            }
            return wrong(format!(
                "EndpointName `{name}` without VariantName, by which `{}` is published",
                term.metric
            ));
        };
        let of_variant: Vec<usize> =
            all.iter().copied().filter(|number| self.variant_of(*number) == Some(variant)).collect();
        if of_variant.is_empty() && !all.is_empty() && endpoint.is_some_and(|endpoint| !has_variant(endpoint, variant))
        {
            return wrong(format!("endpoint `{name}` has no variant `{variant}`"));
        }
        let container = term.dimensions.get("ContainerName");
        let contained: Vec<usize> = of_variant
            .iter()
            .copied()
            .filter(|number| container.is_none_or(|container| self.has_container(*number, container)))
            .collect();
        if let (Some(container), true, false) = (container, contained.is_empty(), of_variant.is_empty()) {
            return wrong(format!("variant `{variant}` has no container `{container}`"));
        }
        // A single instance, or a dimension that SageMaker does not document, is not the whole variant.
        let documented = |name: &str| matches!(name, "EndpointName" | "VariantName" | "ContainerName");
        let whole = term.dimensions.keys().all(|name| documented(name)) && !by_endpoint;
        let live = contained.into_iter().map(|number| {
            // What a variant reports of its requests is the sum over its components.
            let summed = self.path_of(number) == Some(ServingPath::Component) && namespace == Namespace::Requests;
            (number, whole && !summed)
        });
        let hit = Hit { live: live.collect(), serving: self.serving(place, name, all), ..Hit::default() };
        self.unpublished(hit, term)
    }

    fn component(&self, place: Place<'_>, name: &str, term: &MetricTerm) -> Hit {
        let component = match self.index.component(place.0, place.1, name) {
            Lookup::Found(component) => component,
            other => return self.missing(place, "inference component", name, &other, FactKind::InferenceComponents),
        };
        let on_it = find(&self.components, place, name);
        let whole =
            !term.dimensions.keys().any(|name| matches!(name.as_str(), "InstanceId" | "ContainerId" | "AcceleratorId"));
        let written = (component.data.name != name).then(|| {
            Defect::WrongDimensions(format!("InferenceComponentName `{name}` is written `{}`", component.data.name))
        });
        Hit {
            live: on_it.iter().map(|number| (*number, whole)).collect(),
            serving: self.serving(place, &component.data.endpoint, on_it),
            defect: written,
            ..Hit::default()
        }
    }

    /// A metric of the customer's own is about what its dimensions name: an endpoint, a component, a package group.
    /// A metric of drift may also be tied by the alarm's description, which is less sure.
    fn custom(&self, place: Place<'_>, alarm: &Alarm, term: &MetricTerm) -> Hit {
        let named = |word: &str| {
            let maps = [&self.endpoints, &self.components, &self.groups];
            maps.into_iter().flat_map(|map| find(map, place, word)).copied().collect::<Vec<usize>>()
        };
        let by_dimension: BTreeSet<usize> = term.dimensions.values().flat_map(|value| named(value)).collect();
        let live: Vec<(usize, bool)> = if !by_dimension.is_empty() {
            by_dimension.into_iter().map(|number| (number, true)).collect()
        } else if signals::is_drift(&term.metric) {
            let description = alarm.description.as_deref().unwrap_or_default();
            let by_description: BTreeSet<usize> = words(description).flat_map(named).collect();
            by_description.into_iter().map(|number| (number, false)).collect()
        } else {
            Vec::new()
        };
        Hit { serving: !live.is_empty(), live, ..Hit::default() }
    }

    /// What is not among the facts is an orphan only if everything of its kind was listed.
    fn missing<T>(&self, place: Place<'_>, what: &str, name: &str, looked: &Lookup<T>, kind: FactKind) -> Hit {
        let listed = self.whole.contains(&place) && self.index.listed(place.0, place.1, kind);
        let gone = matches!(looked, Lookup::Absent(_)) || listed;
        let named = format!("{what} `{name}`");
        Hit {
            serving: true,
            orphan: gone.then(|| name.to_owned()),
            unseen: (!gone).then(|| format!("whether {named} exists")),
            ..Hit::default()
        }
    }

    /// A metric that nothing of its kind publishes. The hosting is sure only where the config or the endpoint's own
    /// description was read.
    fn unpublished(&self, hit: Hit, term: &MetricTerm) -> Hit {
        let versions = || hit.live.iter().filter_map(|(number, _)| self.live.get(*number));
        let sure = |version: &LiveVersion<'_>| {
            matches!(version.config, Lookup::Found(_))
                || version.endpoint.is_some_and(|endpoint| !endpoint.data.from_index)
        };
        let none = versions().next().is_some()
            && versions().all(|version| sure(version) && !signals::published(&term.metric, version.hosting));
        let hosting = self.hosting(&hit).map_or("such", |hosting| match hosting {
            Hosting::Asynchronous => "asynchronous",
            Hosting::Serverless => "serverless",
            Hosting::RealTime | Hosting::Batch => "real-time",
        });
        let defect =
            none.then(|| Defect::WrongDimensions(format!("{hosting} endpoints do not publish `{}`", term.metric)));
        Hit { defect, ..hit }
    }

    /// Whether an endpoint is anybody's business here: one that the policy leaves out, and that nothing else of the
    /// report is about, is not.
    fn serving(&self, place: Place<'_>, endpoint: &str, live: &[usize]) -> bool {
        !live.is_empty() || !has(self.excluded, place, endpoint)
    }

    fn path_of(&self, number: usize) -> Option<ServingPath> {
        self.live.get(number).map(|version| version.path)
    }

    fn variant_of(&self, number: usize) -> Option<&'a str> {
        let version = self.live.get(number)?;
        let running = version.variant.map(|variant| variant.name.as_str());
        let configured = || version.settings.map(|settings| settings.name.as_str());
        running.or_else(configured).or_else(|| version.component?.data.variant.as_deref())
    }

    fn has_container(&self, number: usize, name: &str) -> bool {
        let containers = self.live.get(number).map(|version| version.containers.as_slice()).unwrap_or_default();
        containers.iter().any(|it| it.container.hostname.as_deref() == Some(name))
    }
}

/// Whether a metric of an alarm is about something that serves, by the names alone: `serves` says which endpoints,
/// components and package groups do.
pub(in crate::estate) fn is_about_serving(alarm: &Alarm, term: &MetricTerm, serves: &dyn Fn(&str) -> bool) -> bool {
    let dimension = |name: &str| term.dimensions.get(name).map(String::as_str);
    match signals::namespace(&term.namespace).0 {
        Namespace::Foreign => false,
        Namespace::Requests | Namespace::Instances | Namespace::Components => {
            dimension("InferenceComponentName").or(dimension("EndpointName")).is_some_and(serves)
        }
        // Those of batch data name no endpoint.
        Namespace::Monitor => dimension("EndpointName").or(dimension("Endpoint")).is_none_or(serves),
        Namespace::Custom => {
            let described = || words(alarm.description.as_deref().unwrap_or_default()).any(serves);
            term.dimensions.values().any(|value| serves(value)) || (signals::is_drift(&term.metric) && described())
        }
    }
}

fn has_variant(endpoint: &Fact<Endpoint>, name: &str) -> bool {
    let data = &endpoint.data;
    let pending = data.pending.iter().flat_map(|pending| pending.variants.iter().chain(&pending.shadow_variants));
    data.variants.iter().chain(&data.shadow_variants).chain(pending).any(|variant| variant.name == name)
}

fn find<'m>(map: &'m ByName<'_>, place: Place<'m>, name: &str) -> &'m [usize] {
    map.get(&(place, name.to_lowercase())).map_or(&[], Vec::as_slice)
}

fn has<'s>(set: &'s BTreeSet<(Place<'_>, String)>, place: Place<'s>, name: &str) -> bool {
    set.contains(&(place, name.to_lowercase()))
}

/// Words of a text as names are written.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').filter(|word| !word.is_empty())
}

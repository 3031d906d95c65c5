//! What a run looks at that something in the estate set off: only what was named, and what belongs to it.

use std::collections::BTreeSet;
use std::fmt;

use crate::evidence::{
    Endpoint, EndpointConfig, Fact, Facts, InferenceComponent, Model, ModelData, Package, S3Location, ScopeFocus,
    TransformJob,
};

/// Something that an event names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// An endpoint, by name.
    Endpoint(String),
    /// An endpoint config, by name: endpoints that run it or are being moved to it.
    Config(String),
    /// A model package, by ARN: what serves it.
    Package(String),
    /// A model, by name: what serves it.
    Model(String),
    /// A model card, by name, where it names no model. It may be about any.
    Card(String),
    /// An alarm, by name, of which it is not told what it watches. It may watch anything.
    Alarm(String),
    /// A trail, by name or ARN. Everything in its region rests on it.
    Trail(String),
}

impl Subject {
    /// Whether it narrows what is read; what concerns everything does not.
    fn narrows(&self) -> bool {
        !matches!(self, Self::Card(_) | Self::Alarm(_) | Self::Trail(_))
    }

    /// Its name or ARN.
    pub fn name(&self) -> &str {
        match self {
            Self::Endpoint(name)
            | Self::Config(name)
            | Self::Package(name)
            | Self::Model(name)
            | Self::Card(name)
            | Self::Alarm(name)
            | Self::Trail(name) => name,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Endpoint(_) => "endpoint",
            Self::Config(_) => "endpoint config",
            Self::Package(_) => "model package",
            Self::Model(_) => "model",
            Self::Card(_) => "model card",
            Self::Alarm(_) => "alarm",
            Self::Trail(_) => "trail",
        };
        write!(f, "{kind} {}", self.name())
    }
}

/// What a run is limited to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Focus {
    /// What was named, at least one.
    pub subjects: BTreeSet<Subject>,
}

impl Focus {
    /// Whether less than everything is read.
    fn narrows(&self) -> bool {
        !self.subjects.is_empty() && self.subjects.iter().all(Subject::narrows)
    }

    /// Whether an endpoint may belong to it, before anything but names is known. Which model an endpoint serves is known
    /// only from its config, so where a package or a model is named it may be any endpoint.
    pub fn may_hold_endpoint(&self, name: &str) -> bool {
        let may = |subject: &Subject| match subject {
            Subject::Endpoint(named) => named.eq_ignore_ascii_case(name),
            _ => true,
        };
        !self.narrows() || self.subjects.iter().any(may)
    }

    /// Whether batch transform jobs may belong to it.
    pub fn may_hold_jobs(&self) -> bool {
        let may = |subject: &Subject| matches!(subject, Subject::Package(_) | Subject::Model(_));
        !self.narrows() || self.subjects.iter().any(may)
    }

    /// Drops from what was read whatever serves something else, and says what is left. What cannot be told apart is kept: a
    /// model that is not known yet may be made from the package. Endpoints themselves are kept, so that alarms on those
    /// that do not belong to it are not taken for orphans.
    pub fn narrow(&self, facts: &mut Facts) -> ScopeFocus {
        let on = self.subjects.iter().map(ToString::to_string).collect();
        if !self.narrows() {
            return ScopeFocus { on, endpoints: None };
        }
        let serving = Serving::of(self, facts);
        let of_endpoint =
            |fact: &&Fact<Endpoint>| serving.holds_endpoint(facts, (&fact.account, &fact.region), &fact.data);
        let kept: Vec<&Fact<Endpoint>> = facts.endpoints.iter().filter(of_endpoint).collect();
        let configs: BTreeSet<String> =
            kept.iter().flat_map(|fact| configs_of(&fact.data)).map(str::to_lowercase).collect();
        let name = |fact: &&Fact<Endpoint>| ScopeFocus::endpoint(&fact.account, &fact.region, &fact.data.name);
        let endpoints = serving.endpoints.iter().cloned().chain(kept.iter().map(name)).collect();
        let focus = ScopeFocus { on, endpoints: Some(endpoints) };
        let of_job = |fact: &Fact<TransformJob>| {
            serving.holds_model(facts, (&fact.account, &fact.region), &fact.data.model_name)
        };
        let jobs: Vec<Fact<TransformJob>> = facts.transform_jobs.iter().filter(|fact| of_job(fact)).cloned().collect();
        facts.transform_jobs = jobs;
        facts.inference_components.retain(|fact| focus.holds(&fact.account, &fact.region, &fact.data.endpoint));
        facts.endpoint_configs.retain(|fact| configs.contains(&fact.data.name.to_lowercase()));
        focus
    }
}

/// Account and region.
type Place<'p> = (&'p str, &'p str);

/// What is looked for, by the names under which endpoints serve it.
struct Serving {
    endpoints: BTreeSet<String>,
    configs: BTreeSet<String>,
    models: BTreeSet<String>,
    packages: BTreeSet<String>,
    /// Where the data of those packages lies: a model made from it without naming the package serves it all the same.
    data: BTreeSet<S3Location>,
}

impl Serving {
    fn of(focus: &Focus, facts: &Facts) -> Self {
        let named = |pick: fn(&Subject) -> bool| -> BTreeSet<String> {
            focus.subjects.iter().filter(|subject| pick(subject)).map(|it| it.name().to_lowercase()).collect()
        };
        let packages = named(|subject| matches!(subject, Subject::Package(_)));
        let is_one = |package: &&Package| packages.contains(&package.arn.to_lowercase());
        let of_packages = facts.packages.iter().map(|fact| &fact.data).filter(is_one);
        let data = of_packages
            .flat_map(|package| package.containers.iter().chain(package.additional.values().flatten()))
            .flat_map(|container| &container.data)
            .filter_map(lies_at)
            .collect();
        Self {
            endpoints: named(|subject| matches!(subject, Subject::Endpoint(_))),
            configs: named(|subject| matches!(subject, Subject::Config(_))),
            models: named(|subject| matches!(subject, Subject::Model(_))),
            packages,
            data,
        }
    }

    fn holds_endpoint(&self, facts: &Facts, place: Place<'_>, endpoint: &Endpoint) -> bool {
        if self.endpoints.contains(&endpoint.name.to_lowercase())
            || configs_of(endpoint).any(|config| self.configs.contains(&config.to_lowercase()))
        {
            return true;
        }
        if self.models.is_empty() && self.packages.is_empty() {
            return false;
        }
        let components = at(place, &facts.inference_components)
            .filter(|component| component.endpoint.eq_ignore_ascii_case(&endpoint.name));
        let by_component = |component: &InferenceComponent| match &component.model_name {
            Some(model) => self.holds_model(facts, place, model),
            None => component.container.iter().flat_map(|container| &container.data).any(|data| self.holds_data(data)),
        };
        let configured = |name: &str| match described(facts, place, name) {
            Some(config) => models_of(config).any(|model| self.holds_model(facts, place, model)),
            // It could not be read, or is gone: nobody can say what serves.
            None => true,
        };
        components.into_iter().any(by_component) || configs_of(endpoint).any(configured)
    }

    fn holds_model(&self, facts: &Facts, place: Place<'_>, name: &str) -> bool {
        if self.models.contains(&name.to_lowercase()) {
            return true;
        }
        if self.packages.is_empty() {
            return false;
        }
        let model = at(place, &facts.models).find(|model: &&Model| model.name.eq_ignore_ascii_case(name));
        let Some(model) = model else { return true };
        model.containers.iter().any(|container| {
            let named = container.package.as_ref().map(|name| name.to_lowercase());
            let is_it = |named: &String| {
                self.packages.contains(named)
                    || self
                        .packages
                        .iter()
                        .any(|arn| arn.split_once(":model-package/").is_some_and(|(_, own)| own == named))
            };
            named.as_ref().is_some_and(is_it) || container.data.iter().any(|data| self.holds_data(data))
        })
    }

    fn holds_data(&self, data: &ModelData) -> bool {
        let below =
            |own: &S3Location, other: &S3Location| own.bucket == other.bucket && own.key.starts_with(&other.key);
        lies_at(data).is_some_and(|serves| {
            self.data.iter().any(|own| *own == serves || ((data.prefix || serves.is_prefix()) && below(own, &serves)))
        })
    }
}

fn lies_at(data: &ModelData) -> Option<S3Location> {
    S3Location::parse(&data.uri)
}

fn configs_of(endpoint: &Endpoint) -> impl Iterator<Item = &str> {
    let pending = endpoint.pending.as_ref().map(|pending| &pending.config_name);
    endpoint.config_name.iter().chain(pending).map(String::as_str)
}

fn described<'f>(facts: &'f Facts, place: Place<'_>, name: &str) -> Option<&'f EndpointConfig> {
    at(place, &facts.endpoint_configs).find(|config| config.name.eq_ignore_ascii_case(name))
}

fn models_of(config: &EndpointConfig) -> impl Iterator<Item = &String> {
    config.variants.iter().chain(&config.shadow_variants).flat_map(|variant| {
        variant.model_name.iter().chain(variant.pools.iter().filter_map(|pool| pool.model_override.as_ref()))
    })
}

fn at<'f, T>((account, region): Place<'_>, facts: &'f [Fact<T>]) -> impl Iterator<Item = &'f T> + use<'f, T> {
    let (account, region) = (account.to_owned(), region.to_owned());
    facts.iter().filter(move |fact| fact.account == account && fact.region == region).map(|fact| &fact.data)
}

#[cfg(test)]
#[path = "focus_tests.rs"]
mod tests;

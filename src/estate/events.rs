//! CloudTrail events by what they are about. Event names collide between services, so the source is always compared;
//! failed calls changed nothing and are left out.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::arn::Arn;
use super::index::{Place, place};
use crate::evidence::{Fact, Snapshot, TrailEvent};

/// The only source whose events say anything here.
const SOURCE: &str = "sagemaker.amazonaws.com";

type Event<'a> = &'a Fact<TrailEvent>;
type ByName<'a> = BTreeMap<(Place<'a>, String), Vec<Event<'a>>>;

/// Events of a snapshot, each list oldest first.
#[derive(Debug, Default)]
pub(super) struct Events<'a> {
    packages: BTreeMap<String, Vec<Event<'a>>>,
    deployments: ByName<'a>,
    configs: ByName<'a>,
    models: ByName<'a>,
    components: ByName<'a>,
    windows: BTreeMap<(Place<'a>, &'a str), Vec<(Timestamp, Timestamp)>>,
}

impl<'a> Events<'a> {
    /// Sorts the events of a snapshot by what they are about.
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let mut events = Self::default();
        for event in &snapshot.facts.trail_events {
            events.add(event);
        }
        for window in &snapshot.facts.event_windows {
            if window.data.event_source == SOURCE {
                let span = (window.data.from, window.data.to);
                events.windows.entry((place(window), window.data.event_name.as_str())).or_default().push(span);
            }
        }
        events.packages.values_mut().for_each(sort);
        for map in [&mut events.deployments, &mut events.configs, &mut events.models, &mut events.components] {
            map.values_mut().for_each(sort);
        }
        events
    }

    fn add(&mut self, fact: Event<'a>) {
        let event = &fact.data;
        if event.source != SOURCE || event.error_code.is_some() {
            return;
        }
        let (map, parameter) = match event.name.as_str() {
            "UpdateModelPackage" => return self.add_package(fact, event.parameter("modelPackageArn")),
            "CreateModelPackage" => return self.add_package(fact, event.answer("modelPackageArn")),
            "CreateEndpoint" | "UpdateEndpoint" => (&mut self.deployments, "endpointName"),
            "CreateEndpointConfig" => (&mut self.configs, "endpointConfigName"),
            "CreateModel" => (&mut self.models, "modelName"),
            "CreateInferenceComponent" | "UpdateInferenceComponent" => (&mut self.components, "inferenceComponentName"),
            _ => return,
        };
        if let Some(name) = event.parameter(parameter) {
            map.entry((place(fact), name.to_lowercase())).or_default().push(fact);
        }
    }

    /// An event about a package counts where the package lives; a copy in the caller's account does not add anything.
    fn add_package(&mut self, fact: Event<'a>, arn: Option<&str>) {
        if let Some(arn) = arn
            && Arn::parse(arn).is_some_and(|parts| place(fact) == (parts.account, parts.region))
        {
            self.packages.entry(arn.to_lowercase()).or_default().push(fact);
        }
    }

    /// `CreateModelPackage` and `UpdateModelPackage` of one package.
    pub(super) fn of_package(&self, arn: &str) -> &[Event<'a>] {
        self.packages.get(&arn.to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// `CreateEndpoint` and `UpdateEndpoint` of one endpoint.
    pub(super) fn deployments<'m>(&'m self, account: &'m str, region: &'m str, endpoint: &str) -> &'m [Event<'a>] {
        named(&self.deployments, account, region, endpoint)
    }

    /// `CreateInferenceComponent` and `UpdateInferenceComponent` of one component.
    pub(super) fn of_component<'m>(&'m self, account: &'m str, region: &'m str, component: &str) -> &'m [Event<'a>] {
        named(&self.components, account, region, component)
    }

    /// The newest `CreateEndpointConfig` of one name.
    pub(super) fn config_made(&self, account: &str, region: &str, config: &str) -> Option<Event<'a>> {
        named(&self.configs, account, region, config).last().copied()
    }

    /// The newest `CreateModel` of one name.
    pub(super) fn model_made(&self, account: &str, region: &str, model: &str) -> Option<Event<'a>> {
        named(&self.models, account, region, model).last().copied()
    }

    /// Whether every event of one name was read from one instant to another.
    pub(super) fn cover(&self, account: &str, region: &str, name: &str, from: Timestamp, to: Timestamp) -> bool {
        let spans = self.windows.get(&((account, region), name)).into_iter().flatten();
        spans.into_iter().any(|(since, until)| *since <= from && *until >= to)
    }
}

fn named<'m, 'a>(map: &'m ByName<'a>, account: &'m str, region: &'m str, name: &str) -> &'m [Event<'a>] {
    map.get(&((account, region), name.to_lowercase())).map_or(&[], Vec::as_slice)
}

/// Oldest first. An event that two calls showed is one event.
fn sort(events: &mut Vec<Event<'_>>) {
    events.sort_by(|a, b| (a.data.time, &a.data.id, &a.seen).cmp(&(b.data.time, &b.data.id, &b.seen)));
    events.dedup_by(|a, b| a.data.id == b.data.id);
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;

    #[test]
    fn events_of_other_services_and_failed_calls_say_nothing() {
        let mut foreign = approval(PACKAGE, APPROVED, "Approved", sso("eve"));
        foreign.source = "dms.amazonaws.com".to_owned();
        let mut failed = approval(PACKAGE, APPROVED, "Approved", sso("eve"));
        failed.error_code = Some("AccessDenied".to_owned());
        let fixture = Fixture::empty().with(foreign).with(failed);
        assert!(Events::new(&fixture.snapshot).of_package(PACKAGE).is_empty());
    }

    #[test]
    fn package_events_count_only_where_the_package_lives_and_are_found_in_any_case() {
        let event = approval(
            &PACKAGE.to_uppercase().replace("ARN:AWS:SAGEMAKER:EU-CENTRAL-1", "arn:aws:sagemaker:eu-central-1"),
            APPROVED,
            "Approved",
            sso("anna"),
        );
        let fixture = Fixture::empty().with(event).with_in(
            "999988887777",
            REGION,
            approval(PACKAGE, DEPLOYED, "Rejected", sso("anna")),
        );
        let events = Events::new(&fixture.snapshot);
        assert_eq!(events.of_package(PACKAGE).len(), 1);
    }

    #[test]
    fn an_event_that_was_read_twice_is_one_event() {
        let event = approval(PACKAGE, APPROVED, "Approved", sso("anna"));
        let fixture = Fixture::empty().with(event.clone()).with(event);
        assert_eq!(Events::new(&fixture.snapshot).of_package(PACKAGE).len(), 1);
    }

    #[test]
    fn a_window_covers_what_lies_within_it() {
        let fixture = Fixture::empty();
        let events = Events::new(&fixture.snapshot);
        let covers = |from, to| events.cover(ACCOUNT, REGION, "CreateModel", at(from), at(to));
        assert!(covers(EVENTS_SINCE, AS_OF));
        assert!(!covers("2026-03-03T11:59:59Z", AS_OF));
        assert!(!covers(EVENTS_SINCE, "2026-06-01T12:00:01Z"));
        assert!(!events.cover("999988887777", REGION, "CreateModel", at(DEPLOYED), at(AS_OF)));
    }
}

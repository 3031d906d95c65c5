//! CloudTrail events by what they are about, from the event history, from log files and from the archive. Event names
//! collide between services, so the source is always compared; failed calls changed nothing and are left out. An event
//! that was read in several places counts once, from the best of them.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::arn::Arn;
use super::index::Place;
use crate::evidence::Snapshot;

pub use event::{Event, Source};
pub use windows::Cover;

use windows::Windows;

mod event;
mod windows;

/// The source of all that is about models and what serves them.
const SAGEMAKER: &str = "sagemaker.amazonaws.com";

/// Calls that switch off what would show a change, with their sources. Some do so only with certain parameters.
pub const WEAKENING: [(&str, &str); 9] = [
    ("cloudtrail.amazonaws.com", "DeleteTrail"),
    ("cloudtrail.amazonaws.com", "PutEventSelectors"),
    ("cloudtrail.amazonaws.com", "StopLogging"),
    ("cloudtrail.amazonaws.com", "UpdateTrail"),
    ("monitoring.amazonaws.com", "DisableAlarmActions"),
    ("monitoring.amazonaws.com", "PutAlarmMuteRule"),
    ("monitoring.amazonaws.com", "SetAlarmState"),
    ("s3.amazonaws.com", "PutBucketVersioning"),
    (SAGEMAKER, "DeleteMonitoringSchedule"),
];

type ByName<'a> = BTreeMap<(Place<'a>, String), Vec<Event<'a>>>;

/// Events of a snapshot, each list oldest first.
#[derive(Debug, Default)]
pub struct Events<'a> {
    packages: BTreeMap<String, Vec<Event<'a>>>,
    deployments: ByName<'a>,
    deletions: ByName<'a>,
    configs: ByName<'a>,
    models: ByName<'a>,
    components: ByName<'a>,
    weakening: BTreeMap<Place<'a>, Vec<Event<'a>>>,
    twins: BTreeMap<&'a str, Vec<Event<'a>>>,
    windows: Windows<'a>,
}

impl<'a> Events<'a> {
    /// Sorts the events of a snapshot by what they are about.
    pub(super) fn new(snapshot: &'a Snapshot) -> Self {
        let facts = &snapshot.facts;
        let remembered = facts.remembered_events.iter().map(Event::remembered);
        let mut best: BTreeMap<(Place<'a>, &'a str), Event<'a>> = BTreeMap::new();
        for event in facts.trail_events.iter().map(Event::read).chain(remembered) {
            let held = best.entry((event.place(), event.data.id.as_str())).or_insert(event);
            *held = held.better(event);
        }
        let mut all: Vec<Event<'a>> = best.into_values().filter(|event| event.data.error_code.is_none()).collect();
        all.sort_by(|a, b| (a.data.time, &a.data.id).cmp(&(b.data.time, &b.data.id)));
        let mut events = Self { windows: Windows::new(facts, &snapshot.gaps), ..Self::default() };
        for event in all {
            events.add(event);
        }
        events
    }

    fn add(&mut self, event: Event<'a>) {
        let data = event.data;
        let call = (data.source.as_str(), data.name.as_str());
        if let Some(shared) = &data.shared_id {
            self.twins.entry(shared).or_default().push(event);
        }
        if WEAKENING.contains(&call) {
            self.weakening.entry(event.place()).or_default().push(event);
        }
        if data.source != SAGEMAKER {
            return;
        }
        let (map, parameter) = match data.name.as_str() {
            "UpdateModelPackage" => return self.add_package(event, data.parameter("modelPackageArn")),
            "CreateModelPackage" => return self.add_package(event, data.answer("modelPackageArn")),
            "CreateEndpoint" | "UpdateEndpoint" => (&mut self.deployments, "endpointName"),
            "DeleteEndpoint" => (&mut self.deletions, "endpointName"),
            "CreateEndpointConfig" => (&mut self.configs, "endpointConfigName"),
            "CreateModel" => (&mut self.models, "modelName"),
            "CreateInferenceComponent" | "UpdateInferenceComponent" => (&mut self.components, "inferenceComponentName"),
            _ => return,
        };
        if let Some(name) = data.parameter(parameter) {
            map.entry((event.place(), name.to_lowercase())).or_default().push(event);
        }
    }

    /// An event about a package counts where the package lives; a copy in the caller's account does not add anything.
    fn add_package(&mut self, event: Event<'a>, arn: Option<&str>) {
        if let Some(arn) = arn
            && Arn::parse(arn).is_some_and(|parts| event.place() == (parts.account, parts.region))
        {
            self.packages.entry(arn.to_lowercase()).or_default().push(event);
        }
    }

    /// `CreateModelPackage` and `UpdateModelPackage` of one package.
    pub(super) fn of_package(&self, arn: &str) -> &[Event<'a>] {
        self.packages.get(&arn.to_lowercase()).map_or(&[], Vec::as_slice)
    }

    /// Every `CreateModelPackage` and `UpdateModelPackage`, with the ARN of its package in lower case.
    pub(super) fn about_packages(&self) -> impl Iterator<Item = (&str, Event<'a>)> {
        self.packages.iter().flat_map(|(arn, events)| events.iter().map(move |event| (arn.as_str(), *event)))
    }

    /// Every call that put something in service: on endpoints, and behind inference components.
    pub(super) fn deploying(&self) -> impl Iterator<Item = Event<'a>> {
        self.deployments.values().chain(self.components.values()).flatten().copied()
    }

    /// `CreateEndpoint` and `UpdateEndpoint` of one endpoint, since one of the same name was last deleted.
    pub(super) fn deployments<'m>(&'m self, account: &'m str, region: &'m str, endpoint: &str) -> &'m [Event<'a>] {
        let all = named(&self.deployments, account, region, endpoint);
        let deleted = named(&self.deletions, account, region, endpoint).last().map(|event| event.data.time);
        let begins = deleted.map_or(0, |deleted| all.partition_point(|event| event.data.time <= deleted));
        all.get(begins..).unwrap_or_default()
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

    /// The calls of [`WEAKENING`] that were made in an account and region.
    pub fn weakening<'m>(&'m self, account: &'m str, region: &'m str) -> &'m [Event<'a>] {
        self.weakening.get(&(account, region)).map_or(&[], Vec::as_slice)
    }

    /// What other accounts recorded of the same call.
    pub(super) fn twins(&self, event: Event<'a>) -> impl Iterator<Item = Event<'a>> + '_ {
        let shared = event.data.shared_id.as_deref().and_then(|shared| self.twins.get(shared));
        shared.into_iter().flatten().copied().filter(move |twin| twin.account != event.account)
    }

    /// Whether every SageMaker event of one name was read from one instant to another.
    pub fn cover(&self, account: &str, region: &str, name: &str, from: Timestamp, to: Timestamp) -> Cover {
        self.cover_of(SAGEMAKER, account, region, name, from, to)
    }

    /// Whether every event of one source and name was read from one instant to another.
    pub fn cover_of(
        &self,
        source: &str,
        account: &str,
        region: &str,
        name: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Cover {
        self.windows.cover(((account, region), source, name), from, to)
    }

    /// The earliest instant from which on every SageMaker event of one name was read until `to`.
    pub fn reach(&self, account: &str, region: &str, name: &str, to: Timestamp) -> Option<Timestamp> {
        self.windows.reach(((account, region), SAGEMAKER, name), to, true)
    }
}

fn named<'m, 'a>(map: &'m ByName<'a>, account: &'m str, region: &'m str, name: &str) -> &'m [Event<'a>] {
    map.get(&((account, region), name.to_lowercase())).map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::super::fixture::*;
    use super::*;
    use crate::estate::Grade;
    use crate::evidence::Origin;

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
        let covers = |from, to| events.cover(ACCOUNT, REGION, "CreateModel", at(from), at(to)).is_whole();
        assert!(covers(EVENTS_SINCE, AS_OF));
        assert!(!covers("2026-03-03T11:59:59Z", AS_OF));
        assert!(!covers(EVENTS_SINCE, "2026-06-01T12:00:01Z"));
        assert!(!events.cover("999988887777", REGION, "CreateModel", at(DEPLOYED), at(AS_OF)).is_whole());
    }

    #[test]
    fn all_that_weakens_is_watched() {
        let watched = |call: &(&str, &str)| {
            crate::trail::watched::WATCHED.iter().any(|watched| (watched.source, watched.name) == *call)
        };
        let missing: Vec<_> = WEAKENING.iter().filter(|call| !watched(call)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn of_one_event_in_several_places_the_best_counts() {
        let read = |origin: Origin| {
            let mut event = approval(PACKAGE, APPROVED, "Approved", sso("anna"));
            event.origin = origin;
            event
        };
        let log = |verified| Origin::LogFile { file: "s3://trail/1.json.gz".to_owned(), verified };
        let source = |fixture: &Fixture| {
            let events = Events::new(&fixture.snapshot);
            let [event] = events.of_package(PACKAGE) else { panic!("one event") };
            (event.source.grade(), event.source.place().map(str::to_owned))
        };
        let archived = Fixture::empty().remembered_event(read(Origin::History));
        assert_eq!(source(&archived), (Grade::C, Some("sha256:1".to_owned())));
        let unverified = Fixture::empty().with(read(log(false)));
        assert_eq!(source(&unverified).0, Grade::C);
        let history = unverified.with(read(Origin::History)).remembered_event(read(Origin::History));
        assert_eq!(source(&history), (Grade::B, None));
        let verified = history.with(read(log(true)));
        assert_eq!(source(&verified), (Grade::A, Some("s3://trail/1.json.gz".to_owned())));
    }
}

//! What of a snapshot is kept of events and packages, as pieces with a name: the same fact gives the same piece, and so the same object.
//!
//! Events are kept by what they are about and by month. A month that has passed is complete and never written again, and
//! one that is running stays small.

use std::collections::{BTreeMap, BTreeSet};

use super::ArchiveError;
use super::index::json;
use super::object::Hash;
use super::record::{About, Kind};
use crate::evidence::{Fact, Facts, ObjectListing, Origin, Package, Parameter, Snapshot, TrailEvent};

/// The only source whose events are about one resource here.
const SAGEMAKER: &str = "sagemaker.amazonaws.com";

/// Account, region and subject of an item.
pub(super) type Subject = (String, String, String);

/// Something to keep beside, or joined with, what was kept about the same before.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    Events(Vec<TrailEvent>),
    Package(Box<Package>),
}

impl Piece {
    pub(super) fn json(&self) -> Result<Vec<u8>, ArchiveError> {
        match self {
            Self::Events(events) => json("list of events", events),
            Self::Package(package) => json("package", package),
        }
    }
}

/// Events and packages of a snapshot. Calls that failed changed nothing and are not kept.
pub(super) fn pieces(facts: &Facts) -> Result<BTreeMap<About, Piece>, ArchiveError> {
    let mut months: BTreeMap<About, Vec<TrailEvent>> = BTreeMap::new();
    for event in facts.trail_events.iter().filter(|event| event.data.error_code.is_none()) {
        months.entry(about_event(event)).or_default().push(event.data.clone());
    }
    let mut pieces: BTreeMap<About, Piece> =
        months.into_iter().map(|(about, events)| (about, Piece::Events(join_events(events, Vec::new())))).collect();
    for package in &facts.packages {
        pieces.insert(about_package(package)?, Piece::Package(Box::new(package.data.clone())));
    }
    Ok(pieces)
}

/// What something about a whole run is kept under: there is one of each account, and one of all accounts together.
pub(super) fn about_the_run(kind: Kind, snapshot: &Snapshot) -> About {
    (kind, snapshot.scope.name().to_owned(), String::new(), String::new(), String::new())
}

/// What the answers of Cost Explorer about an account are kept under.
pub(super) fn about_costs(account: &str) -> About {
    (Kind::Costs, account.to_owned(), String::new(), String::new(), String::new())
}

/// What an event is kept under.
pub(super) fn about_event(event: &Fact<TrailEvent>) -> About {
    let month = event.data.time.to_string().chars().take(7).collect();
    (Kind::Events, event.account.clone(), event.region.clone(), subject(&event.data), month)
}

/// A description is told from others by its content; which call showed it makes no difference.
pub(super) fn about_package(package: &Fact<Package>) -> Result<About, ArchiveError> {
    let description = Package { from_index: false, ..package.data.clone() };
    let part = Hash::of(&json("package", &description)?).hex().chars().take(16).collect();
    Ok((Kind::Package, package.account.clone(), package.region.clone(), package_subject(&package.data.arn), part))
}

/// What the present listing of an artifact is kept under.
pub(super) fn about_artifact(listing: &Fact<ObjectListing>) -> About {
    let location = listing.data.location.to_string();
    (Kind::Artifact, listing.account.clone(), listing.region.clone(), location, String::new())
}

pub(super) fn package_subject(arn: &str) -> String {
    format!("package/{}", arn.to_lowercase())
}

pub(super) fn named(kind: &str, name: &str) -> String {
    format!("{kind}/{}", name.to_lowercase())
}

/// What an event is about.
pub(super) fn subject(event: &TrailEvent) -> String {
    let parameter = |kind: &str, name: &str| event.parameter(name).map(|name| named(kind, name));
    let about = match event.name.as_str() {
        _ if event.source != SAGEMAKER => None,
        "CreateModelPackage" => event.answer("modelPackageArn").map(package_subject),
        "UpdateModelPackage" => event.parameter("modelPackageArn").map(package_subject),
        "DeleteModelPackage" => event.parameter("modelPackageName").map(package_subject),
        "CreateEndpointConfig" | "DeleteEndpointConfig" => parameter("endpoint-config", "endpointConfigName"),
        "CreateModel" | "DeleteModel" => parameter("model", "modelName"),
        name if name.contains("InferenceComponent") => parameter("inference-component", "inferenceComponentName"),
        name if name.contains("Endpoint") => parameter("endpoint", "endpointName"),
        _ => None,
    };
    about.unwrap_or_else(|| format!("event/{}/{}", event.source, event.name))
}

/// What an event leads to: the config of a deployment, the models of a config, the package of a model.
pub(super) fn leads_to(event: &TrailEvent) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    if event.source != SAGEMAKER {
        return found;
    }
    match event.name.as_str() {
        "CreateEndpoint" | "UpdateEndpoint" => {
            found.extend(event.parameter("endpointConfigName").map(|name| named("endpoint-config", name)));
        }
        _ => {
            for (_, value) in event.request.iter() {
                names_in(value, &mut found);
            }
        }
    }
    found
}

/// The models and packages that are named anywhere in a value.
fn names_in(value: &Parameter, found: &mut BTreeSet<String>) {
    match value {
        Parameter::List(values) => values.iter().for_each(|value| names_in(value, found)),
        Parameter::Object(members) => {
            for (name, value) in members.iter() {
                match (name, value.as_str()) {
                    ("modelName", Some(model)) => found.extend([named("model", model)]),
                    ("modelPackageName", Some(package)) => found.extend([package_subject(package)]),
                    _ => names_in(value, found),
                }
            }
        }
        _ => {}
    }
}

/// Every event of two lists once, oldest first. Of two records of one event the better proved one counts.
pub(super) fn join_events(mut events: Vec<TrailEvent>, others: Vec<TrailEvent>) -> Vec<TrailEvent> {
    let proof = |event: &TrailEvent| match event.origin {
        Origin::Delivered { .. } => 3,
        Origin::History => 2,
        Origin::LogFile { verified: false, .. } => 1,
        Origin::LogFile { verified: true, .. } => 0,
    };
    events.extend(others);
    events.sort_by(|a, b| (&a.id, proof(a), &a.origin).cmp(&(&b.id, proof(b), &b.origin)));
    events.dedup_by(|a, b| a.id == b.id);
    events.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    events
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    #[test]
    fn events_are_kept_by_what_they_are_about_and_by_month() {
        let fixture = Fixture::sound().with(approval(PACKAGE, "2026-04-30T23:59:59Z", "Rejected", sso("anna")));
        let months: Vec<(String, String, usize)> = pieces(&fixture.snapshot.facts)
            .unwrap()
            .into_iter()
            .filter_map(|((.., subject, month), piece)| match piece {
                Piece::Events(events) => Some((subject, month, events.len())),
                _ => None,
            })
            .collect();
        let package = package_subject(PACKAGE);
        assert!(months.contains(&(package.clone(), "2026-04".to_owned(), 1)), "{months:?}");
        assert!(months.contains(&(package, "2026-05".to_owned(), 2)), "{months:?}");
        assert!(months.contains(&("endpoint/fraud-scoring".to_owned(), "2026-05".to_owned(), 1)), "{months:?}");
    }

    #[test]
    fn a_deployment_leads_to_its_config_and_that_to_its_models() {
        let fixture = Fixture::sound();
        let led: BTreeSet<String> =
            fixture.snapshot.facts.trail_events.iter().flat_map(|event| leads_to(&event.data)).collect();
        assert!(led.contains("endpoint-config/fraud-scoring-7") && led.contains("model/fraud-7"), "{led:?}");
    }

    #[test]
    fn a_failed_call_is_not_kept() {
        let mut failed = approval(PACKAGE, APPROVED, "Approved", sso("eve"));
        failed.error_code = Some("AccessDenied".to_owned());
        assert!(pieces(&Fixture::empty().with(failed).snapshot.facts).unwrap().is_empty());
    }

    #[test]
    fn a_description_from_the_index_is_the_same_description() {
        let arn = |fixture: &Fixture| about_package(&fixture.snapshot.facts.packages[0]).unwrap();
        let described = Fixture::sound();
        let searched = Fixture::sound().edit(|package: &mut Package| package.from_index = true);
        let edited = Fixture::sound().edit(|package: &mut Package| package.source_uri = Some("s3://x/y".to_owned()));
        assert_eq!(arn(&described), arn(&searched));
        assert_ne!(arn(&described), arn(&edited));
    }
}

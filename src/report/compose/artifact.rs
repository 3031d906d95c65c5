//! Containers and artifacts as rows.

use jiff::Timestamp;

use crate::estate::{Held, History, LiveArtifact, LiveContainer, LiveVersion, Lookup, Outcome, Registration, image};
use crate::evidence::{Checksum, ObjectListing, ObjectVersion};
use crate::report::document::{ArtifactRow, ArtifactStateRow, ChecksumRow, ContainerRow};

pub(super) fn containers(live: &LiveVersion<'_>) -> Vec<ContainerRow> {
    live.containers.iter().map(|container| self::container(container, live)).collect()
}

pub(super) fn artifacts(live: &LiveVersion<'_>, as_of: Timestamp) -> Vec<ArtifactRow> {
    let of_container = |container: &LiveContainer<'_>| {
        let instants = instants(container, live, as_of);
        container.artifacts.iter().map(|it| artifact(it, &instants)).collect::<Vec<_>>()
    };
    live.containers.iter().flat_map(of_container).collect()
}

/// An instant at which an artifact is looked at, and whether it is exact.
type Instants = Vec<(&'static str, Timestamp, bool)>;

/// When the version was registered, approved and deployed, as far as that is known; and now.
fn instants(container: &LiveContainer<'_>, live: &LiveVersion<'_>, as_of: Timestamp) -> Instants {
    let arn = container.registration.package().map(|package| package.data.arn.as_str());
    let approval = live.approvals.iter().find(|approval| Some(approval.package.data.arn.as_str()) == arn);
    let registered = approval.and_then(|it| it.registration.as_ref().map(|event| event.at).or(it.package.data.created));
    let approved = approval.and_then(|it| Some((it.at?, it.approved.is_some())));
    let all = [
        registered.map(|at| ("registered", at, true)),
        approved.map(|(at, exact)| ("approved", at, exact)),
        live.live_from.map(|from| ("deployed", from.at, from.exact)),
        Some(("now", as_of, true)),
    ];
    all.into_iter().flatten().collect()
}

/// An artifact at an instant.
fn state(history: &History<'_>, (moment, at, exact): (&'static str, Timestamp, bool)) -> ArtifactStateRow {
    let held = history.at(at);
    let objects = |held: &Held<'_>| matches!(held, Held::Object(_));
    let unclear = |held: &Held<'_>| matches!(held, Held::Unclear(_));
    let state = match &held {
        Some(held) if held.values().any(unclear) => "unknown",
        Some(held) if held.values().any(objects) => "present",
        Some(_) => "absent",
        None => "unknown",
    };
    let only = held.as_ref().filter(|_| !history.set).and_then(|held| match held.values().next() {
        Some(Held::Object(version)) => Some(*version),
        _ => None,
    });
    ArtifactStateRow {
        moment: moment.to_owned(),
        at,
        bound: if exact { "exact" } else { "upper_bound" }.to_owned(),
        state: state.to_owned(),
        version_id: only.map(|version| version.version_id.clone()),
        etag: only.and_then(|version| version.etag.clone()),
        objects: held.as_ref().filter(|_| history.set).map(|held| held.values().filter(|held| objects(held)).count()),
    }
}

/// The worst that became of an artifact since the approval.
fn since_approval<'a>(history: &History<'a>, instants: &Instants) -> Option<Outcome<'a>> {
    let at = |moment| instants.iter().find(|(name, ..)| *name == moment).map(|(_, at, _)| *at);
    let changes = history.between(at("approved")?, at("now")?)?;
    let rank = |outcome: &Outcome<'_>| {
        let order = ["same", "same_bytes", "absent", "not_proved", "unclear", "added", "gone", "different"];
        order.iter().position(|key| *key == outcome.key())
    };
    changes.into_iter().map(|change| change.outcome).max_by_key(rank).or(Some(Outcome::Absent))
}

fn container(live: &LiveContainer<'_>, version: &LiveVersion<'_>) -> ContainerRow {
    let deployed = image::deployed(live, version);
    ContainerRow {
        resolved_image: deployed.and_then(|deployed| deployed.resolved.clone()),
        image: live.container.image.clone().or_else(|| deployed.and_then(|deployed| deployed.specified.clone())),
        package_arn: package(&live.registration).map(str::to_owned),
        registration: registration(&live.registration).to_owned(),
    }
}

fn package<'a>(registration: &'a Registration<'_>) -> Option<&'a str> {
    match registration {
        Registration::Named(package) | Registration::Inferred(package) | Registration::UrlOnly { package, .. } => {
            Some(&package.data.arn)
        }
        Registration::Unseen { named } | Registration::Absent { named, .. } => Some(named),
        Registration::Ambiguous(_) | Registration::None | Registration::Unknown => None,
    }
}

fn registration(registration: &Registration<'_>) -> &'static str {
    match registration {
        Registration::Named(_) => "named",
        Registration::Inferred(_) => "inferred",
        Registration::UrlOnly { .. } => "url_only",
        Registration::Ambiguous(_) => "ambiguous",
        Registration::Unseen { .. } => "unseen",
        Registration::Absent { .. } => "absent",
        Registration::None => "none",
        Registration::Unknown => "unknown",
    }
}

fn artifact(artifact: &LiveArtifact<'_>, instants: &Instants) -> ArtifactRow {
    let history = artifact.history.as_ref();
    let since = history.and_then(|history| since_approval(history, instants));
    let mut row = ArtifactRow {
        uri: artifact.data.uri.clone(),
        role: artifact.data.role.clone(),
        registered_etag: artifact.registered_etag().map(str::to_owned),
        etag: None,
        version_id: None,
        size: None,
        checksum: None,
        modified: None,
        state: "unknown".to_owned(),
        states: history.map(|history| instants.iter().map(|it| state(history, *it)).collect()).unwrap_or_default(),
        since_approval: since.map(|outcome| outcome.key().to_owned()),
        since_approval_words: since.map(|outcome| outcome.words().to_owned()),
        weakness: history.and_then(History::weakness).map(|weakness| weakness.words().to_owned()),
    };
    match artifact.listing() {
        Lookup::Found(listing) => fill(&mut row, &listing.data),
        Lookup::Absent(_) => "absent".clone_into(&mut row.state),
        Lookup::Unseen | Lookup::NotNamed => {}
    }
    row
}

/// What lies there now: one object, or the sum of a prefix.
fn fill(row: &mut ArtifactRow, listing: &ObjectListing) {
    let newest = || listing.versions.iter().filter(|version| version.is_latest);
    let present: Vec<&ObjectVersion> = newest().filter(|version| !version.delete_marker).collect();
    row.modified = newest().map(|version| version.last_modified).max();
    let state = match (present.as_slice(), row.modified) {
        ([], Some(_)) => "deleted",
        ([], None) => "absent",
        _ => "present",
    };
    state.clone_into(&mut row.state);
    if let [object] = present.as_slice()
        && !listing.location.is_prefix()
    {
        row.etag.clone_from(&object.etag);
        row.version_id = Some(object.version_id.clone());
        row.checksum = object.checksum.as_ref().map(checksum);
    }
    row.size = present.iter().map(|version| version.size).sum::<Option<i64>>().filter(|_| !present.is_empty());
}

fn checksum(sum: &Checksum) -> ChecksumRow {
    ChecksumRow { algorithm: sum.algorithm.clone(), value: sum.value.clone(), whole: sum.whole }
}

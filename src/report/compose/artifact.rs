//! Containers and artifacts as rows.

use crate::estate::{LiveArtifact, LiveContainer, LiveVersion, Lookup, Registration, image};
use crate::evidence::{ObjectListing, ObjectVersion};
use crate::report::document::{ArtifactRow, ContainerRow};

pub(super) fn containers(live: &LiveVersion<'_>) -> Vec<ContainerRow> {
    live.containers.iter().map(|container| self::container(container, live)).collect()
}

pub(super) fn artifacts(live: &LiveVersion<'_>) -> Vec<ArtifactRow> {
    live.containers.iter().flat_map(|container| &container.artifacts).map(artifact).collect()
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

fn artifact(artifact: &LiveArtifact<'_>) -> ArtifactRow {
    let mut row = ArtifactRow {
        uri: artifact.data.uri.clone(),
        role: artifact.data.role.clone(),
        registered_etag: artifact.registered_etag().map(str::to_owned),
        etag: None,
        version_id: None,
        size: None,
        modified: None,
        state: "unknown".to_owned(),
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
    }
    row.size = present.iter().map(|version| version.size).sum::<Option<i64>>().filter(|_| !present.is_empty());
}

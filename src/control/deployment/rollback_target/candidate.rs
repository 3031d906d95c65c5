//! Whether an earlier version can be deployed again: every part of it has to be there.

use jiff::Timestamp;

use crate::control::{Context, day};
use crate::estate::{Access, EndKind, Held, History, LiveArtifact, LiveVersion, Lookup, access_at};
use crate::evidence::{Fact, ObjectVersion, Package};

/// What became of an earlier version.
pub(super) enum Candidate {
    /// It can be deployed; until when rules leave its artifacts there.
    Deployable { until: Option<Timestamp> },
    /// That cannot be told, and why.
    Unsure(String),
    /// Some part of it is gone, and which.
    Lost(String),
}

/// The state of one part, from the best to the worst.
enum Part {
    There(Option<Timestamp>),
    Unsure(String),
    Lost(String),
}

/// Looks at the artifacts and images of a version, and at the role that a model of it would run as.
pub(super) fn judge<'a>(candidate: &'a Fact<Package>, live: &LiveVersion<'a>, context: Context<'a>) -> Candidate {
    let mut until = None;
    let mut unsure = None;
    let containers = &candidate.data.containers;
    let artifacts = containers.iter().flat_map(|container| &container.data).flat_map(|data| {
        LiveArtifact::registered(&context.estate.index, live.account, live.region, data).into_histories()
    });
    let artifacts = artifacts.map(|history| artifact(&history, context.estate.as_of));
    let images = containers.iter().filter_map(|container| container.image.as_deref());
    let images = images.map(|uri| image(uri, live, context));
    for part in artifacts.chain(images).chain([role(live, context)]) {
        match part {
            Part::There(end) => until = [until, end].into_iter().flatten().min(),
            Part::Unsure(why) => unsure = unsure.or(Some(why)),
            Part::Lost(why) => return Candidate::Lost(why),
        }
    }
    unsure.map_or(Candidate::Deployable { until }, Candidate::Unsure)
}

/// An artifact has to lie under its own key: that is what a model names.
fn artifact(history: &History<'_>, now: Timestamp) -> Part {
    let uri = &history.location;
    let Some(state) = history.at(now) else {
        return Part::Unsure(format!("whether its artifact still exists at `{uri}` could not be read"));
    };
    let mut until = None;
    let mut any = false;
    for (key, held) in state {
        match held {
            Held::Object(version) => match object(version, history, now) {
                Part::There(end) => {
                    any = true;
                    until = [until, end].into_iter().flatten().min();
                }
                worse => return worse,
            },
            Held::Nothing(_) => {}
            Held::Unclear(_) => return Part::Unsure(format!("`{key}` was written while it was read")),
        }
    }
    if any { Part::There(until) } else { Part::Lost(format!("nothing is stored at `{uri}` any more")) }
}

fn object(version: &ObjectVersion, history: &History<'_>, now: Timestamp) -> Part {
    let (uri, class) = (&history.location, version.storage_class.as_deref().unwrap_or("STANDARD"));
    if let (false, Some(registered), Some(etag)) = (history.set, history.registered_etag, version.etag.as_deref())
        && registered != etag
    {
        return Part::Lost(format!("at `{uri}` lies ETag `{etag}`, and `{registered}` was registered"));
    }
    match access_at(version, now) {
        Access::AtOnce => {}
        Access::Archived => return Part::Lost(format!("its artifact `{uri}` lies in the archive class {class}")),
        Access::NotListed => {
            return Part::Unsure(format!(
                "whether `{uri}`, in {class}, lies in an archive tier is not shown by a listing"
            ));
        }
    }
    let Some(ends) = history.ends(version) else {
        return Part::Unsure(format!("the lifecycle rules over `{uri}` could not be read"));
    };
    // Rules run some time after their moment: what is due is as good as gone.
    match ends.iter().find(|end| end.at <= now) {
        Some(end) if end.certain => Part::Lost(format!("`{uri}` {} since {}", due(end.kind), day(end.at))),
        Some(end) => Part::Unsure(format!("`{uri}` {} since {}", end.kind.may(), day(end.at))),
        None => Part::There(ends.first().map(|end| end.at)),
    }
}

fn due(kind: EndKind) -> &'static str {
    match kind {
        EndKind::Deleted => "is due to be deleted",
        EndKind::Hidden => "is due to get a delete marker",
        EndKind::Archived => "is due to be archived",
    }
}

fn image(uri: &str, live: &LiveVersion<'_>, context: Context<'_>) -> Part {
    match context.estate.index.image(live.account, live.region, uri) {
        Lookup::Found(image) if image.data.archived => Part::Lost(format!("its image `{uri}` is archived")),
        Lookup::Found(_) => Part::There(None),
        Lookup::Absent(_) => Part::Lost(format!("its image `{uri}` does not exist any more")),
        Lookup::Unseen | Lookup::NotNamed => {
            Part::Unsure(format!("whether its image `{uri}` exists could not be read"))
        }
    }
}

/// A model of the package can be made again as long as the role exists that the live one runs as.
fn role(live: &LiveVersion<'_>, context: Context<'_>) -> Part {
    let Some(arn) = live.model.found().and_then(|model| model.data.role_arn.as_deref()) else {
        return Part::Unsure("which execution role it would run as is not known".to_owned());
    };
    match context.estate.index.role(live.account, live.region, arn) {
        Lookup::Found(_) => Part::There(None),
        Lookup::Absent(_) => Part::Lost(format!("the execution role `{arn}` does not exist any more")),
        Lookup::Unseen | Lookup::NotNamed => {
            Part::Unsure(format!("whether the execution role `{arn}` exists could not be read"))
        }
    }
}

//! Whether an earlier version can be deployed again: every part of it has to be there.

use jiff::Timestamp;

use crate::control::{Context, day};
use crate::estate::{Access, EndKind, Held, History, LiveArtifact, LiveVersion, Lookup, access_at};
use crate::evidence::{CallId, Fact, ObjectVersion, Package, PackageContainer};

/// One part of an earlier version.
pub(crate) struct Part<'a> {
    /// What it is.
    pub(crate) kind: PartKind,
    /// Its name: a URI or an ARN.
    pub(crate) name: String,
    /// Whether it is there.
    pub(crate) state: PartState,
    /// The calls that showed it.
    pub(crate) seen: &'a [CallId],
}

/// Kinds of part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PartKind {
    /// Model data.
    Artifact,
    /// A container image.
    Image,
    /// The role that a model of it would run as.
    Role,
    /// A container that it would have to name, and of which nothing is known.
    Container,
}

/// The state of one part, from the best to the worst.
pub(crate) enum PartState {
    /// It is there; until when rules leave it there.
    There(Option<Timestamp>),
    /// That is not known, and why.
    Unsure(String),
    /// It is not, or not for use, and why.
    Lost(String),
}

impl PartKind {
    /// In plain words.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Artifact => "artifact",
            Self::Image => "image",
            Self::Role => "execution role",
            Self::Container => "container",
        }
    }
}

/// The artifacts and images of a version, and the role that a model of it would run as.
pub(super) fn all<'a>(package: &'a Fact<Package>, live: &LiveVersion<'a>, context: Context<'a>) -> Vec<Part<'a>> {
    let containers = &package.data.containers;
    let data = containers.iter().flat_map(|container| &container.data);
    let artifacts = data.flat_map(|data| {
        LiveArtifact::registered(&context.estate.index, live.account, live.region, data).into_histories()
    });
    let artifacts = artifacts.map(|history| Part {
        kind: PartKind::Artifact,
        name: history.location.to_string(),
        state: artifact(&history, context.estate.as_of),
        seen: history.listing.found().map_or(&[], |listing| listing.seen.as_slice()),
    });
    let images = containers.iter().filter_map(|container| container.image.as_deref());
    let images = images.map(|uri| image(uri, live, context));
    artifacts.chain(images).chain(unnamed(&package.data)).chain([role(live, context)]).collect()
}

/// Without a container that names an image or data there is nothing to make a model of.
fn unnamed<'a>(package: &Package) -> Option<Part<'a>> {
    let says = |container: &PackageContainer| container.image.is_some() || !container.data.is_empty();
    let state = if package.containers.is_empty() {
        if package.from_index || !package.additional.is_empty() {
            PartState::Unsure("which containers it would be made of could not be read".to_owned())
        } else {
            PartState::Lost("it names no container to make a model of".to_owned())
        }
    } else if package.containers.iter().all(says) {
        return None;
    } else {
        PartState::Unsure("a container of it names neither an image nor data".to_owned())
    };
    Some(Part { kind: PartKind::Container, name: String::new(), state, seen: &[] })
}

/// An artifact has to lie under its own key: that is what a model names.
fn artifact(history: &History<'_>, now: Timestamp) -> PartState {
    let uri = &history.location;
    let Some(state) = history.at(now) else {
        return PartState::Unsure(format!("whether its artifact still exists at `{uri}` could not be read"));
    };
    let mut until = None;
    let mut any = false;
    for (key, held) in state {
        match held {
            Held::Object(version) => match object(version, history, now) {
                PartState::There(end) => {
                    any = true;
                    until = [until, end].into_iter().flatten().min();
                }
                worse => return worse,
            },
            Held::Nothing(_) => {}
            Held::Unclear(_) => return PartState::Unsure(format!("`{key}` was written while it was read")),
        }
    }
    if any { PartState::There(until) } else { PartState::Lost(format!("nothing is stored at `{uri}` any more")) }
}

fn object(version: &ObjectVersion, history: &History<'_>, now: Timestamp) -> PartState {
    let (uri, class) = (&history.location, version.storage_class.as_deref().unwrap_or("STANDARD"));
    if let (false, Some(registered), Some(etag)) = (history.set, history.registered_etag, version.etag.as_deref())
        && registered != etag
    {
        return PartState::Lost(format!("at `{uri}` lies ETag `{etag}`, and `{registered}` was registered"));
    }
    match access_at(version, now) {
        Access::AtOnce => {}
        Access::Archived => return PartState::Lost(format!("its artifact `{uri}` lies in the archive class {class}")),
        Access::NotListed => {
            return PartState::Unsure(format!(
                "whether `{uri}`, in {class}, lies in an archive tier is not shown by a listing"
            ));
        }
    }
    let Some(ends) = history.ends(version) else {
        return PartState::Unsure(format!("the lifecycle rules over `{uri}` could not be read"));
    };
    // Rules run some time after their moment: what is due is as good as gone.
    match ends.iter().find(|end| end.at <= now) {
        Some(end) if end.certain => PartState::Lost(format!("`{uri}` {} since {}", due(end.kind), day(end.at))),
        Some(end) => PartState::Unsure(format!("`{uri}` {} since {}", end.kind.may(), day(end.at))),
        None => PartState::There(ends.first().map(|end| end.at)),
    }
}

fn due(kind: EndKind) -> &'static str {
    match kind {
        EndKind::Deleted => "is due to be deleted",
        EndKind::Hidden => "is due to get a delete marker",
        EndKind::Archived => "is due to be archived",
    }
}

fn image<'a>(uri: &str, live: &LiveVersion<'_>, context: Context<'a>) -> Part<'a> {
    let (state, seen): (_, &[CallId]) = match context.estate.index.image(live.account, live.region, uri) {
        Lookup::Found(image) if image.data.archived => {
            (PartState::Lost(format!("its image `{uri}` is archived")), &image.seen)
        }
        Lookup::Found(image) => (PartState::There(None), &image.seen),
        Lookup::Absent(_) => (PartState::Lost(format!("its image `{uri}` does not exist any more")), &[]),
        Lookup::Unseen | Lookup::NotNamed => {
            (PartState::Unsure(format!("whether its image `{uri}` exists could not be read")), &[])
        }
    };
    Part { kind: PartKind::Image, name: uri.to_owned(), state, seen }
}

/// A model of the package can be made again as long as the role exists that the live one runs as.
fn role<'a>(live: &LiveVersion<'_>, context: Context<'a>) -> Part<'a> {
    let Some(arn) = live.model.found().and_then(|model| model.data.role_arn.as_deref()) else {
        let why = "which execution role it would run as is not known".to_owned();
        return Part { kind: PartKind::Role, name: String::new(), state: PartState::Unsure(why), seen: &[] };
    };
    let (state, seen): (_, &[CallId]) = match context.estate.index.role(live.account, live.region, arn) {
        Lookup::Found(role) => (PartState::There(None), &role.seen),
        Lookup::Absent(_) => (PartState::Lost(format!("the execution role `{arn}` does not exist any more")), &[]),
        Lookup::Unseen | Lookup::NotNamed => {
            (PartState::Unsure(format!("whether the execution role `{arn}` exists could not be read")), &[])
        }
    };
    Part { kind: PartKind::Role, name: arn.to_owned(), state, seen }
}

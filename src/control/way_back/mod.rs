//! What there is to go back to when a live version fails. Found out in one place: DEP-001 judges it, and the report shows
//! it on the live version's rollback card.

use jiff::{SignedDuration, Timestamp};

pub(crate) use part::PartState;
pub(crate) use steps::Steps;

use part::{Part, PartKind};

use super::declared::{Declared, declared};
use super::standing::{Standing, standing};
use super::{Context, Verdict};
use crate::estate::LiveVersion;
use crate::evidence::{ApprovalStatus, Container, Fact, Model, Package};
use crate::policy::Fallback;

mod former;
mod part;
mod steps;

/// The ways back of one live version.
pub(crate) struct WayBack<'a> {
    /// What its manifest declares.
    pub(crate) fallback: Option<DeclaredFallback<'a>>,
    /// Whether a fallback may be declared by a manifest of which it is not known whether it applies.
    pub(crate) fallback_unsure: bool,
    /// What the registry offers.
    pub(crate) earlier: Earlier<'a>,
}

/// A declared fallback, and what it is worth.
pub(crate) struct DeclaredFallback<'a> {
    /// As declared.
    pub(crate) declared: &'a Fallback,
    /// Why it counts, or why it does not.
    pub(crate) worth: Result<String, String>,
}

/// What the registry offers to go back to.
pub(crate) enum Earlier<'a> {
    /// Which model serves is not known.
    Unresolved,
    /// Whether it is a registered version is not known, and why.
    Unsure(Verdict),
    /// It is no registered version.
    Unregistered,
    /// It is one.
    Versions {
        /// The version that serves.
        current: &'a Fact<Package>,
        /// Approved versions of its group that came before, newest first, up to the first that can be deployed.
        candidates: Vec<Candidate<'a>>,
        /// A gap that may hide another version.
        hidden: Option<usize>,
    },
}

/// An earlier version, part by part.
pub(crate) struct Candidate<'a> {
    /// The version.
    pub(crate) package: &'a Fact<Package>,
    /// What has to be there to deploy it.
    pub(crate) parts: Vec<Part<'a>>,
    /// Models that were made of it and still exist, by name.
    pub(crate) models: Vec<&'a Fact<Model>>,
}

/// Whether an earlier version can be deployed.
pub(crate) enum Outlook<'c> {
    /// It can; until when rules leave its artifacts there.
    Deployable { until: Option<Timestamp> },
    /// That cannot be told, and why.
    Unsure(&'c str),
    /// Some part of it is gone, and which.
    Lost(&'c str),
}

impl<'a> WayBack<'a> {
    pub(crate) fn of(live: &'a LiveVersion<'a>, context: Context<'a>) -> Self {
        let declared = declared(live, context, |manifest| manifest.fallback.as_ref());
        Self {
            fallback_unsure: matches!(declared, Declared::Unsure),
            fallback: match declared {
                Declared::Says(fallback) => {
                    Some(DeclaredFallback { declared: fallback, worth: tested(fallback, context) })
                }
                Declared::Silent | Declared::Unsure => None,
            },
            earlier: Earlier::of(live, context),
        }
    }
}

impl<'a> Earlier<'a> {
    fn of(live: &'a LiveVersion<'a>, context: Context<'a>) -> Self {
        if !live.resolved() {
            return Self::Unresolved;
        }
        let mut current = None;
        for container in &live.containers {
            match standing(container, live, context) {
                Standing::Registered(package) if package.data.group.is_some() => current = current.or(Some(package)),
                Standing::Registered(_) | Standing::Unregistered => {}
                Standing::Unsure(verdict) => return Self::Unsure(verdict),
            }
        }
        let Some(current) = current else { return Self::Unregistered };
        let mut candidates = Vec::new();
        for package in earlier_approved(current, live, context) {
            let candidate = Candidate {
                package,
                parts: part::all(package, live, context),
                models: models_of(&package.data.arn, live, context),
            };
            let deployable = matches!(candidate.outlook(), Outlook::Deployable { .. });
            candidates.push(candidate);
            if deployable {
                break;
            }
        }
        // A version that could not be read may be the one to go back to.
        let hidden = context.view.versions_hidden(live.account, live.region, &current.data);
        Self::Versions { current, candidates, hidden }
    }

    /// The candidate to go back to, or else the one that comes nearest: one of which it is not known before one that is
    /// lost, and newer before older.
    pub(crate) fn best(&self) -> Option<&Candidate<'a>> {
        let Self::Versions { candidates, .. } = self else { return None };
        candidates.iter().min_by_key(|candidate| match candidate.outlook() {
            Outlook::Deployable { .. } => 0,
            Outlook::Unsure(_) => 1,
            Outlook::Lost(_) => 2,
        })
    }
}

impl Candidate<'_> {
    /// Whether it can be deployed: a part that is lost outweighs all that is not known.
    pub(crate) fn outlook(&self) -> Outlook<'_> {
        let (mut until, mut unsure) = (None, None);
        for part in &self.parts {
            match &part.state {
                PartState::There(end) => until = [until, *end].into_iter().flatten().min(),
                PartState::Unsure(why) => unsure = unsure.or(Some(why.as_str())),
                PartState::Lost(why) => return Outlook::Lost(why),
            }
        }
        unsure.map_or(Outlook::Deployable { until }, Outlook::Unsure)
    }

    /// What it is made of, in words: `artifacts, image and execution role`.
    pub(crate) fn made_of(&self) -> String {
        let kinds = [PartKind::Artifact, PartKind::Image, PartKind::Role, PartKind::Container];
        let told = kinds.into_iter().filter_map(|kind| match self.parts.iter().filter(|it| it.kind == kind).count() {
            0 => None,
            1 => Some(kind.words().to_owned()),
            _ => Some(format!("{}s", kind.words())),
        });
        match told.collect::<Vec<_>>().as_slice() {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} and {last}", first.join(", ")),
        }
    }
}

/// What a declared fallback is worth.
fn tested(fallback: &Fallback, context: Context<'_>) -> Result<String, String> {
    let days = context.policy.thresholds.fallback_tested_days;
    let kind = &fallback.kind;
    let owner = fallback.owner.as_deref().map(str::trim).filter(|owner| !owner.is_empty());
    let Some(owner) = owner else { return Err(format!("the declared fallback `{kind}` has no owner")) };
    let Some(tested) = fallback.tested else { return Err(format!("the declared fallback `{kind}` was never tested")) };
    let limit = SignedDuration::from_hours(days.saturating_mul(24));
    if context.estate.as_of.duration_since(tested) > limit {
        return Err(format!("the declared fallback `{kind}` was last tested at {tested}, more than {days} days ago"));
    }
    Ok(format!("the declared fallback is `{kind}`, owned by {owner} and tested at {tested}"))
}

/// Models that were made of a package and still exist, where the live version is.
fn models_of<'a>(arn: &str, live: &LiveVersion<'_>, context: Context<'a>) -> Vec<&'a Fact<Model>> {
    let models = context.estate.snapshot.facts.models.iter();
    let here = models.filter(|model| model.account == live.account && model.region == live.region);
    let of_package = |model: &&Fact<Model>| {
        let named = |it: &Container| it.package.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(arn));
        model.data.containers.iter().any(named)
    };
    let mut models: Vec<_> = here.filter(of_package).collect();
    models.sort_by(|a, b| a.data.name.cmp(&b.data.name));
    models
}

/// Approved versions of the group that came before, newest first. What serves itself, in any container, is no way back.
fn earlier_approved<'a>(
    current: &Fact<Package>,
    live: &LiveVersion<'_>,
    context: Context<'a>,
) -> Vec<&'a Fact<Package>> {
    let serves = |other: &Fact<Package>| live.packages().any(|own| own.data.arn.eq_ignore_ascii_case(&other.data.arn));
    let beside = context.view.versions_beside(&current.data);
    let mut earlier: Vec<_> = beside
        .iter()
        .copied()
        .filter(|other| other.data.version < current.data.version)
        .filter(|other| other.data.approval == Some(ApprovalStatus::Approved))
        .filter(|other| !serves(other))
        .collect();
    earlier.sort_by_key(|package| std::cmp::Reverse(package.data.version));
    earlier
}

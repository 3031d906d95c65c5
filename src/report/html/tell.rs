//! What templates ask of values. Methods rather than functions: a template hands on references to references.

use std::fmt::Display;

use jiff::Timestamp;

use super::{Version, safe};
use crate::control::{Gate, Severity, Status};
use crate::estate::{ActorKind, Fault, Grade, Hosting, ServingPath, Turn};
use crate::evidence::MonitorKind;
use crate::readiness::ReadinessVerdict;
use crate::report::document::{ApprovalRow, ArtifactRow, ArtifactStateRow, CoverageRow, StateRow};
use crate::report::{faults, words};

/// An enumeration in plain words.
pub(super) trait Say {
    /// In plain words.
    fn say(&self) -> &'static str;

    /// As the document spells it; also the name of its style and of its shape.
    fn key(&self) -> &'static str {
        self.say()
    }
}

macro_rules! say {
    ($($kind:ty: $words:path $(, $key:path)?;)*) => {
        $(impl Say for $kind {
            fn say(&self) -> &'static str {
                $words(*self)
            }
            $(fn key(&self) -> &'static str {
                $key(*self)
            })?
        })*
    };
}

say! {
    ReadinessVerdict: words::verdict, words::verdict_key;
    Status: words::status, words::status_key;
    Severity: words::severity;
    Gate: words::gate;
    MonitorKind: MonitorKind::words;
    Fault: faults::heading;
    ServingPath: words::path;
    Hosting: words::hosting;
    ActorKind: words::actor;
    Turn: words::change;
}

/// What a verdict asks for.
pub(super) trait Means {
    /// In plain words.
    fn means(&self) -> &'static str;
}

impl Means for ReadinessVerdict {
    fn means(&self) -> &'static str {
        words::verdict_meaning(*self)
    }
}

/// Counts.
pub(super) trait Count {
    /// With thousands apart.
    fn grouped(&self) -> String;

    /// With what is counted.
    fn of(&self, noun: &str) -> String;
}

impl Count for usize {
    fn grouped(&self) -> String {
        words::number(*self)
    }

    fn of(&self, noun: &str) -> String {
        words::count(*self, noun)
    }
}

/// Quantities with a unit.
pub(super) trait Quantity {
    /// With its unit.
    fn with_unit(&self) -> String;
}

/// A share.
impl Quantity for f64 {
    fn with_unit(&self) -> String {
        words::percent(*self)
    }
}

/// A size in bytes.
impl Quantity for i64 {
    fn with_unit(&self) -> String {
        words::size(*self)
    }
}

/// A time in milliseconds.
impl Quantity for u64 {
    fn with_unit(&self) -> String {
        words::millis(*self)
    }
}

/// Instants.
pub(super) trait Instant {
    /// To the minute, as markup.
    fn utc(&self) -> impl Display;

    /// How long ago, as markup.
    fn age(&self, as_of: &Timestamp) -> impl Display;

    /// The day.
    fn day(&self) -> String;
}

impl Instant for Timestamp {
    fn utc(&self) -> impl Display {
        safe::time(*self)
    }

    fn age(&self, as_of: &Timestamp) -> impl Display {
        safe::age(*self, *as_of)
    }

    fn day(&self) -> String {
        words::day(*self)
    }
}

/// A coverage state as a class name; a report that was read from a file may hold anything, or nothing.
pub(super) fn known_state(coverage: Option<&CoverageRow>) -> &'static str {
    match coverage.map(|coverage| coverage.state.as_str()) {
        Some("covered") => "covered",
        Some("broken") => "broken",
        Some("missing") => "missing",
        Some("not_applicable") => "not-applicable",
        _ => "unknown",
    }
}

pub(super) fn coverage_words(state: &str) -> &'static str {
    match state {
        "covered" => "heard",
        "broken" => "broken",
        "missing" => "missing",
        "not-applicable" => "n/a",
        _ => "unknown",
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "templates pass references")]
pub(super) fn grade_class(grade: &Grade) -> &'static str {
    match *grade {
        Grade::A | Grade::B | Grade::C => "proved",
        Grade::D | Grade::E | Grade::F => "weak",
        Grade::None => "none",
    }
}

/// How a container is tied to the registry, in plain words.
pub(super) fn registration_words(registration: &str) -> &'static str {
    match registration {
        "named" => "the model names this registered package",
        "inferred" => "not named, but exactly one registered package has the same data and image",
        "url_only" => "a registered package has the same URL, but its content differs or cannot be compared",
        "ambiguous" => "several registered packages fit",
        "unseen" => "the model names this package, which could not be read",
        "absent" => "the model names this package, which does not exist",
        "none" => "no registered package fits",
        _ => "no package fits among those that could be read",
    }
}

/// Whether the status is Approved now.
pub(super) fn approved(approval: &ApprovalRow) -> bool {
    approval.status.as_deref() == Some("Approved")
}

/// The approval status where it is not Approved.
pub(super) fn approval_words(approval: &ApprovalRow) -> &str {
    match approval.status.as_deref() {
        None => "status not known",
        status => words::state(status),
    }
}

/// A state of a version.
pub(super) fn state_words(state: &StateRow) -> &str {
    words::state(state.state.as_deref())
}

/// Whether it served before it was approved.
pub(super) fn served_first(approval: &ApprovalRow) -> bool {
    approval.lead_seconds.is_some_and(|lead| lead < 0)
}

/// The instants at which artifacts are looked at.
pub(super) const MOMENTS: [&str; 4] = ["registered", "approved", "deployed", "now"];

/// An artifact at one of these.
pub(super) fn state_of<'a>(artifact: &'a ArtifactRow, moment: &str) -> Option<&'a ArtifactStateRow> {
    artifact.states.iter().find(|state| state.moment == moment)
}

/// Whether another version lies there than at the approval.
pub(super) fn changed(artifact: &ArtifactRow, moment: &str) -> bool {
    let of = |moment| state_of(artifact, moment).map(|state| (&state.version_id, &state.etag, &state.state));
    let (approved, then) = (of("approved"), of(moment));
    matches!(moment, "deployed" | "now") && approved.is_some() && then.is_some() && approved != then
}

/// An S3 URI without its bucket.
pub(super) fn key(uri: &str) -> &str {
    let key = uri.strip_prefix("s3://").and_then(|rest| rest.split_once('/')).map(|(_, key)| key);
    key.filter(|key| !key.is_empty()).unwrap_or(uri)
}

/// The beginning of an ETag or a version id, which is enough to tell two apart.
pub(super) fn short(id: &str) -> String {
    let parts = id.split_once('-').map(|(_, parts)| parts).filter(|parts| parts.len() < 4);
    let start: String = id.chars().take(8).collect();
    match parts {
        Some(parts) if id.len() > 12 => format!("{start}…-{parts}"),
        _ if id.chars().count() > 10 => format!("{start}…"),
        _ => id.to_owned(),
    }
}

/// What became of an artifact, as a class name.
pub(super) fn since_class(artifact: &ArtifactRow) -> &'static str {
    match artifact.since_approval.as_deref() {
        Some("same" | "same_bytes") => "good",
        Some("different" | "gone" | "absent") => "bad",
        _ => "unknown",
    }
}

/// Whether the artifact's ETag is the one that the registry recorded.
pub(super) fn as_registered(artifact: &ArtifactRow) -> bool {
    artifact.etag.is_some() && artifact.etag == artifact.registered_etag
}

/// Lead from approval to serving.
pub(super) fn lead(approval: &ApprovalRow, version: &Version<'_>) -> String {
    let Some(seconds) = approval.lead_seconds else { return "–".to_owned() };
    let at_most = version.row.live_from.as_ref().is_some_and(|from| from.bound != "exact");
    match (seconds < 0, at_most) {
        (true, true) => format!("served ≥ {} earlier", words::span(seconds)),
        (true, false) => format!("served {} earlier", words::span(seconds)),
        (false, true) => format!("≤ {}", words::span(seconds)),
        (false, false) => words::span(seconds),
    }
}

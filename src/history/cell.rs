//! What a field of a row may be, and the kind of column that it fills.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use super::table::Kind;
use crate::control::{Gate, Severity, Status};
use crate::estate::{ActorKind, Grade, Hosting, ServingPath};
use crate::policy::{Profile, Stage};
use crate::readiness::ReadinessVerdict;
use crate::report::document::FindingState;

/// A field of a row.
pub(super) trait Cell {
    /// The kind of column that it fills.
    const KIND: Kind;
    /// Whether every row has it.
    const REQUIRED: bool = true;
}

macro_rules! cells {
    ($($kind:ident: $($type:ty),*;)*) => { $($(impl Cell for $type { const KIND: Kind = Kind::$kind; })*)* };
}

cells! {
    Text: &str, ActorKind, FindingState, Gate, Grade, Hosting, Profile, ReadinessVerdict, ServingPath, Severity, Stage, Status;
    Texts: Vec<&str>;
    Integer: i64, usize;
    Share: f64;
    Truth: bool;
    Instant: Instant;
    Day: Date;
    Money: Amount<'_>;
}

impl<C: Cell> Cell for Option<C> {
    const KIND: Kind = C::KIND;
    const REQUIRED: bool = false;
}

/// An instant, as the column holds it: microseconds since 1970, what is finer cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Instant(pub(super) Timestamp);

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0.as_microsecond())
    }
}

/// An amount of money in decimal notation, such as `12.345678`: never a binary fraction on its way into the column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Amount<'a>(pub(super) &'a str);

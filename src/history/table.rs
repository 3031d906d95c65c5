//! What a table is: a name, columns, and what each of them means.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// A table of the history.
#[derive(Debug)]
pub struct Table {
    /// Its name, and the first part of the keys of its files.
    pub name: &'static str,
    /// What one row is.
    pub about: &'static str,
    /// Its own columns, which follow [`COMMON`](Self::COMMON).
    pub(super) own: &'static [Column],
}

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Its name: lower case, and no reserved word of SQL.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether every row has it. Only what the first version of the format had can be: older files lack what came later.
    pub required: bool,
    /// What it means.
    pub about: &'static str,
}

/// How Arrow spells the time zone of instants; the file only says that they are UTC.
pub(super) const UTC: &str = "+00:00";

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text, exact.
    Text,
    /// A list of texts.
    Texts,
    /// A whole number of 64 bits.
    Integer,
    /// A share from 0 to 1.
    Share,
    /// True or false.
    Truth,
    /// An instant: UTC, in microseconds.
    Instant,
    /// A day.
    Day,
    /// An amount of money: 18 digits, 6 of them after the point.
    Money,
}

impl Kind {
    /// Digits of an amount of money.
    const DIGITS: u8 = 18;
    /// Of these, digits after the point.
    const DECIMALS: i8 = 6;

    /// The type as Glue and Athena spell it in the declaration of a table.
    pub fn glue(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Texts => "array<string>",
            Self::Integer => "bigint",
            Self::Share => "double",
            Self::Truth => "boolean",
            Self::Instant => "timestamp",
            Self::Day => "date",
            Self::Money => "decimal(18,6)",
        }
    }

    fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Texts => DataType::List(Arc::new(Field::new("element", DataType::Utf8, false))),
            Self::Integer => DataType::Int64,
            Self::Share => DataType::Float64,
            Self::Truth => DataType::Boolean,
            Self::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some(UTC.into())),
            Self::Day => DataType::Date32,
            Self::Money => DataType::Decimal128(Self::DIGITS, Self::DECIMALS),
        }
    }
}

impl Table {
    /// The columns that every table begins with.
    pub const COMMON: [Column; 3] = [
        Column { name: "run_id", kind: Kind::Text, required: true, about: "The run that wrote the row." },
        Column {
            name: "as_of",
            kind: Kind::Instant,
            required: true,
            about: "The instant at which the estate was judged.",
        },
        Column { name: "collected_at", kind: Kind::Instant, required: true, about: "When the evidence was collected." },
    ];

    /// Every column, in order.
    pub fn columns(&self) -> impl Iterator<Item = &Column> {
        Self::COMMON.iter().chain(self.own)
    }

    /// The columns of a file.
    pub(super) fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.columns().map(field).collect::<Vec<_>>()))
    }

    /// The columns that rows bring themselves.
    pub(super) fn own_schema(&self) -> SchemaRef {
        Arc::new(Schema::new(self.own.iter().map(field).collect::<Vec<_>>()))
    }
}

fn field(column: &Column) -> Field {
    Field::new(column.name, column.kind.arrow(), !column.required)
}

/// Rows of one table.
pub(super) trait Row: serde::Serialize {
    /// The table.
    const TABLE: &'static Table;
}

/// Declares a table and its rows in one place: what the documentation of a field says is what the column means, its type
/// decides what the column holds, and an `Option` is what a row may lack.
macro_rules! table {
    (
        $(#[doc = $about:literal])*
        $name:literal: $row:ident<$life:lifetime> {
            $($(#[doc = $doc:literal])* $field:ident: $type:ty,)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Debug, serde::Serialize)]
        pub(super) struct $row<$life> {
            $($(#[doc = $doc])* pub(super) $field: $type,)*
        }

        impl<$life> $crate::history::table::Row for $row<$life> {
            const TABLE: &'static $crate::history::table::Table = &$crate::history::table::Table {
                name: $name,
                about: concat!($($about,)*).trim_ascii(),
                own: &[$($crate::history::table::Column {
                    name: stringify!($field),
                    kind: <$type as $crate::history::cell::Cell>::KIND,
                    required: <$type as $crate::history::cell::Cell>::REQUIRED,
                    about: concat!($($doc,)*).trim_ascii(),
                },)*],
            };
        }
    };
}
pub(super) use table;

//! How what is paid for is used, and how it grows.

use jiff::Timestamp;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::FigureRow;
use crate::report::shared::Shared;

/// A quantity that is no money. It has a value, or a reason why not.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct QuantityRow {
    /// The value; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// Why it is not known, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Why there is no such quantity, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<String>,
}

/// How one live version is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct UseRow {
    /// Requests in the observed days.
    pub requests: QuantityRow,
    /// Days that were observed.
    pub days: f64,
    /// Share of the observed hours with a request.
    pub duty_cycle: QuantityRow,
    /// 95th percentile of the processors' use, from 0 to 1.
    pub processors: QuantityRow,
    /// The same of the accelerators.
    pub accelerators: QuantityRow,
    /// Highest use of memory, from 0 to 1.
    pub memory: QuantityRow,
    /// Between which counts it scales; absent where it does not, or where that is not known.
    pub scaling: Option<ScalingRow>,
    /// Why it is not known how it scales, or that it does not.
    pub no_scaling: Option<String>,
    /// The tag by which it stands by on purpose.
    pub stands_by: Option<String>,
}

/// How far something scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScalingRow {
    /// The least.
    pub least: i32,
    /// The most.
    pub most: i32,
    /// Whether a rule scales it, and is not suspended.
    pub active: bool,
}

/// How a count grew against the four weeks before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GrowthRow {
    /// Ids of the live versions that it is about.
    pub live_versions: Vec<Shared>,
    /// What is counted.
    pub what: String,
    /// Unit.
    pub unit: String,
    /// The newest whole weeks, oldest first.
    pub weeks: Vec<GrowthWeekRow>,
    /// Median of the four weeks before the newest.
    pub median: Option<f64>,
    /// The newest week over that median, less one.
    pub growth: Option<f64>,
    /// What was declared to be the most.
    pub ceiling: Option<f64>,
    /// Why it cannot be said, where it cannot.
    pub unknown: Option<String>,
}

/// What one week held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GrowthWeekRow {
    /// Its first day.
    #[schemars(with = "String")]
    pub day: Date,
    /// What it held; absent where that is not known.
    pub value: Option<f64>,
}

/// Capacity that is paid for by the hour, and how it is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CapacityRow {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Requests in the last seven days.
    pub requests: QuantityRow,
    /// Days since it was bought.
    pub age_days: Option<i64>,
    /// When the commitment ends; absent without one.
    #[schemars(with = "Option<String>")]
    pub expires: Option<Timestamp>,
    /// What this rests on, as ids into the report's evidence.
    pub evidence: Vec<Shared>,
}

/// What the tokens of one model or inference profile cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TokenRow {
    /// Model id, or name of the application inference profile.
    pub of: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Tokens in, in the period.
    pub tokens_in: QuantityRow,
    /// Tokens out, in the period.
    pub tokens_out: QuantityRow,
    /// What they cost.
    pub cost: FigureRow,
}

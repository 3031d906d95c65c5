//! Money: what each live version costs and how that is known, who pays, which budget watches, and what is wasted.
//!
//! Amounts are exact decimals, written as strings, beside their currency. A figure that no evidence supports has no amount
//! but a reason: unknown is never zero.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::OwnerRef;
use crate::cost::{CostSource, Money, WasteKind};
use crate::report::shared::Shared;

pub use use_of::{CapacityRow, GrowthRow, GrowthWeekRow, QuantityRow, ScalingRow, TokenRow, UseRow};

mod use_of;

/// Everything about money.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CostsSection {
    /// The days that figures are about; absent where nothing serves.
    pub period: Option<PeriodRow>,
    /// What the live versions cost together in the period, by currency: the sum of those whose cost is known.
    pub total: Vec<MoneyRow>,
    /// How many live versions have a cost that is not known.
    pub unknown: usize,
    /// Why there is no bill; absent where there is one.
    pub no_bill: Option<String>,
    /// What is not known about money, and why, in plain words.
    pub not_known: Vec<String>,
    /// Cost and use of each live version, in the order of the report's.
    pub live_versions: Vec<VersionCostRow>,
    /// Cost by model group, the dearest first; what belongs to no group comes last.
    pub groups: Vec<GroupCostRow>,
    /// Cost by owner, the dearest first.
    pub by_owner: Vec<RollUpRow>,
    /// Cost by cost centre, the dearest first.
    pub by_cost_center: Vec<RollUpRow>,
    /// Cost by account, the dearest first.
    pub by_account: Vec<RollUpRow>,
    /// What is behind the live versions and has to be somebody's: groups, endpoints, alarms and buckets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub owned: Vec<OwnedRow>,
    /// What was billed by kind of work; absent where no bill was read.
    pub spend: Option<Vec<SpendRow>>,
    /// What was billed on each day, oldest first, for the services that serve models.
    pub days: Vec<DayCostRow>,
    /// What the month will have cost.
    pub outlook: Option<OutlookRow>,
    /// Budgets, by account and name.
    pub budgets: Vec<BudgetRow>,
    /// Why there may be budgets that are not listed; absent where all were read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_budgets: Option<String>,
    /// What costs more than it has to, the dearest first.
    pub waste: Vec<WasteRow>,
    /// How what is counted grows.
    pub growth: Vec<GrowthRow>,
    /// Capacity of Bedrock that is paid for by the hour.
    pub capacity: Vec<CapacityRow>,
    /// Tokens of Bedrock.
    pub tokens: Vec<TokenRow>,
}

/// Some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PeriodRow {
    /// The first day.
    #[schemars(with = "String")]
    pub from: Date,
    /// The day after the last one: the latest 48 hours are left out, since bills still change then.
    #[schemars(with = "String")]
    pub until: Date,
    /// How many days that are.
    pub days: i32,
}

/// An amount of money.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MoneyRow {
    /// How much, exactly.
    #[serde(with = "rust_decimal::serde::str")]
    #[schemars(with = "String")]
    pub amount: Decimal,
    /// Currency, such as `USD`.
    pub currency: String,
}

impl MoneyRow {
    /// As an amount.
    pub fn money(&self) -> Money {
        Money::new(self.amount, &self.currency)
    }
}

impl From<&Money> for MoneyRow {
    fn from(money: &Money) -> Self {
        Self { amount: money.value, currency: money.currency.clone() }
    }
}

/// A figure in money, how it is known, and how far off it may be. It has an amount, or a reason why not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FigureRow {
    /// The amount; absent where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rust_decimal::serde::str_option")]
    #[schemars(with = "Option<String>")]
    pub amount: Option<Decimal>,
    /// It is at least this much …
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rust_decimal::serde::str_option")]
    #[schemars(with = "Option<String>")]
    pub low: Option<Decimal>,
    /// … and at most this much.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rust_decimal::serde::str_option")]
    #[schemars(with = "Option<String>")]
    pub high: Option<Decimal>,
    /// Currency of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<CostSource>,
    /// What a reader has to know of it, in plain words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What it rests on, as ids into the report's evidence; empty where that is the same as of the cost beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Shared>,
    /// Why it is not known, where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// Why there is no such figure, where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub none: Option<String>,
}

impl FigureRow {
    /// The amount, where it is known.
    pub fn money(&self) -> Option<Money> {
        Some(Money::new(self.amount?, self.currency.as_deref()?))
    }

    /// The least and the most that it may be, where that is not one amount.
    pub fn range(&self) -> Option<(Money, Money)> {
        let (currency, low, high) = (self.currency.as_deref()?, self.low?, self.high?);
        (low != high).then(|| (Money::new(low, currency), Money::new(high, currency)))
    }

    /// Why there is no amount.
    pub fn why(&self) -> Option<&str> {
        self.unknown.as_deref().or(self.none.as_deref())
    }
}

/// What one live version costs, and how it is used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct VersionCostRow {
    /// Id of the live version.
    pub live_version: Shared,
    /// The share of its endpoint's cost that it bears, from 0 to 1.
    #[serde(with = "rust_decimal::serde::str")]
    #[schemars(with = "String")]
    pub share: Decimal,
    /// Why it is that.
    pub share_why: String,
    /// In the period, by the best source there is.
    pub cost: FigureRow,
    /// The same by estimate, whatever the best source is.
    pub estimate: FigureRow,
    /// How the estimate is made up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<EstimateLineRow>,
    /// What was billed less what was estimated, where both are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<MoneyRow>,
    /// What a month of 730 hours costs as it runs now, by estimate.
    pub monthly: FigureRow,
    /// Cost of a thousand predictions in the period.
    pub per_thousand: FigureRow,
    /// Predictions in the period.
    pub predictions: QuantityRow,
    /// The version of its group that waits for approval, where one does, and what it would cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidate: Option<CandidateRow>,
    /// How it is used, as far as its cost is concerned.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub used: Option<UseRow>,
}

/// One line of an estimate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EstimateLineRow {
    /// What is paid for, such as `ml.m5.xlarge hosting`.
    pub what: String,
    /// How much of it.
    #[serde(with = "rust_decimal::serde::str")]
    #[schemars(with = "String")]
    pub quantity: Decimal,
    /// Its unit, such as `instance-hours`.
    pub unit: String,
    /// Price of one unit.
    pub price: Option<MoneyRow>,
    /// Where the price stands, or why there is none.
    pub price_from: String,
    /// Quantity times price; absent where the price is not known.
    pub cost: Option<MoneyRow>,
}

/// What a version would cost that is not live yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CandidateRow {
    /// ARN of the package.
    pub package: String,
    /// Cost of a thousand predictions, on the hardware that it was tried on or is to run on.
    pub per_thousand: FigureRow,
}

/// What a group of models costs against what it may.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct GroupCostRow {
    /// The group; absent for live versions that belong to none.
    pub group: Option<String>,
    /// Ids of its live versions.
    pub live_versions: Vec<Shared>,
    /// What they cost together in the period, by currency: the sum of those whose cost is known.
    pub cost: Vec<MoneyRow>,
    /// How many of them have a cost that is not known.
    pub unknown: usize,
    /// How many of the known costs are estimates.
    pub estimated: usize,
    /// What the month will have cost at the pace of the days so far: our own projection.
    pub month_end: Option<OutlookRow>,
    /// What it may cost in a month, as its manifest declares.
    pub declared: Option<MoneyRow>,
    /// Days between reviews, as its manifest declares.
    pub review_period_days: Option<i64>,
}

/// One row of a roll-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RollUpRow {
    /// Whose; absent for what nobody has.
    pub of: Option<String>,
    /// Ids of its live versions.
    pub live_versions: Vec<Shared>,
    /// What they cost together in the period, by currency.
    pub cost: Vec<MoneyRow>,
    /// How many of them have a cost that is not known.
    pub unknown: usize,
}

/// Something that somebody has to own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnedRow {
    /// `group`, `endpoint`, `alarm` or `bucket`.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Who owns it, and where that is said; absent where nobody does, or where that is not known.
    pub owner: Option<OwnerRef>,
    /// Who pays for it, likewise.
    pub cost_center: Option<OwnerRef>,
    /// Ids of the live versions that it is about.
    pub live_versions: Vec<Shared>,
    /// What the live versions of a group or an endpoint cost together in the period, by currency.
    pub cost: Vec<MoneyRow>,
    /// How many of them have a cost that is not known.
    pub unknown: usize,
    /// Why nothing can be said of an owner that was not found.
    pub unsure: Option<String>,
}

/// What was billed for one kind of work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SpendRow {
    /// Kind of work, such as `hosting` or `training`.
    pub kind: String,
    /// In the period.
    pub cost: MoneyRow,
    /// In the same days of the month before; absent where it is not known.
    pub before: Option<MoneyRow>,
    /// Of the cost, what carries no cost-centre tag.
    pub untagged: MoneyRow,
}

/// What was billed on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DayCostRow {
    /// The day.
    #[schemars(with = "String")]
    pub day: Date,
    /// What it cost.
    pub cost: MoneyRow,
}

/// What a month will have cost at its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutlookRow {
    /// The amount.
    pub cost: MoneyRow,
    /// The lower end.
    pub low: Option<MoneyRow>,
    /// The upper end.
    pub high: Option<MoneyRow>,
    /// Whose word it is.
    pub by: String,
}

/// A budget, and how good it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BudgetRow {
    /// Name.
    pub name: String,
    /// Account.
    pub account: String,
    /// How long it is for, such as `MONTHLY`.
    pub unit: String,
    /// Limit.
    pub limit: Option<MoneyRow>,
    /// What was spent.
    pub actual: Option<MoneyRow>,
    /// What AWS expects.
    pub forecast: Option<MoneyRow>,
    /// `HEALTHY` or `UNHEALTHY`, as AWS says.
    pub health: Option<String>,
    /// When its present period ends.
    #[schemars(with = "Option<String>")]
    pub expires: Option<Timestamp>,
    /// Ids of the live versions that it covers.
    pub covers: Vec<Shared>,
    /// Ids of those of which it cannot be said.
    pub may_cover: Vec<Shared>,
    /// Who hears of it, addresses shown in part; absent where that could not be read.
    pub heard_by: Option<Vec<String>>,
    /// What is wrong with it.
    pub faults: Vec<String>,
    /// What could not be said of it.
    pub unsure: Vec<String>,
    /// Share of the limit that was spent, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rust_decimal::serde::str_option")]
    #[schemars(with = "Option<String>")]
    pub spent: Option<Decimal>,
    /// Whether it is spent or will not be kept; absent where its figures do not say, and in documents of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exceeded: Option<bool>,
    /// What this rests on, as ids into the report's evidence.
    pub evidence: Vec<Shared>,
}

/// Something that costs more than it has to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WasteRow {
    /// What kind of waste.
    pub kind: WasteKind,
    /// What is wasteful, by name.
    pub what: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Ids of the live versions that it is about.
    pub live_versions: Vec<Shared>,
    /// Why it is waste, with figures.
    pub why: String,
    /// What a month would save.
    pub saves: FigureRow,
    /// What AWS says that it would save.
    pub aws_says: Option<MoneyRow>,
    /// The command that ends it.
    pub command: String,
    /// What this rests on, as ids into the report's evidence.
    pub evidence: Vec<Shared>,
}

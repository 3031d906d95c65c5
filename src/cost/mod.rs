//! Money: what each live version costs and how that is known, who pays, which budget watches, and what is wasted.
//!
//! Pure and exact: amounts are decimals with a currency, each with the source that it comes from, and a figure that no
//! evidence supports is not zero but [`Known::Unknown`] with the reason. Everything is computed once for an estate into a
//! [`Ledger`]; controls and reports only read it.

use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::estate::Estate;
use crate::evidence::{Budget, CallId, Fact};
use crate::policy::Policy;

pub use money::{Money, Sum};
pub use owned::{Owned, OwnedKind};

mod bill;
mod billed;
mod divide;
mod estimate;
mod fleet;
mod hours;
mod money;
mod observed;
mod owned;
mod parts;
mod period;
mod predictions;
pub(crate) mod prices;
mod rollup;
#[cfg(test)]
mod tests;
mod usage;
mod versions;
mod watched;

/// What is known of a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known<T> {
    /// It is known.
    Known(T),
    /// It cannot be known; why, in plain words.
    Unknown(String),
    /// There is no such figure; why, in plain words.
    None(String),
}

impl<T> Known<T> {
    /// The figure, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown(_) | Self::None(_) => None,
        }
    }

    /// Why it is not known, where it is not.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Known(_) => None,
            Self::Unknown(why) | Self::None(why) => Some(why),
        }
    }
}

/// Where a figure comes from, the best first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CostSource {
    /// Billed for this very resource.
    BilledByResource,
    /// Billed for its usage type and tag, and divided among those that share both.
    BilledByTag,
    /// Hours, requests and capacity, times the list price, before commitments and discounts.
    Estimate,
}

/// A figure, how it is known, and how far off it may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// The amount.
    pub amount: Money,
    /// It is at least this much …
    pub low: Money,
    /// … and at most this much.
    pub high: Money,
    /// Where it comes from.
    pub source: CostSource,
    /// What a reader has to know of it, in plain words.
    pub notes: Vec<String>,
    /// The calls that showed what it rests on.
    pub seen: Vec<CallId>,
}

/// The days that figures are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The day after the last one: the latest 48 hours are left out, since bills still change then.
    pub until: Date,
}

impl Period {
    /// Its days.
    pub fn days(self) -> i32 {
        self.from.until(self.until).map_or(0, |span| span.get_days())
    }
}

/// One line of an estimate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EstimateLine {
    /// What is paid for, such as `ml.m5.xlarge hosting`.
    pub what: String,
    /// How much of it.
    pub quantity: Decimal,
    /// Its unit, such as `instance-hours`.
    pub unit: String,
    /// Price of one unit, and where that stands: `price list, 2026-11-20` or `table of 2026-11-01`.
    pub price: Known<(Money, String)>,
    /// Quantity times price.
    pub amount: Known<Money>,
}

/// What one live version costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionCost {
    /// The share of its endpoint's cost that it bears, from 0 to 1, and why it is that.
    pub share: (Decimal, String),
    /// In [`Ledger::period`], by the best source there is.
    pub cost: Known<Figure>,
    /// The same by estimate, whatever the best source is.
    pub estimate: Known<Figure>,
    /// How the estimate is made up.
    pub lines: Vec<EstimateLine>,
    /// What was billed less what was estimated, where both are known.
    pub gap: Option<Money>,
    /// What a month of 730 hours costs as it runs now, by estimate.
    pub monthly: Known<Figure>,
    /// Cost of a thousand predictions in the period.
    pub per_thousand: Known<Figure>,
    /// Predictions in the period.
    pub predictions: Known<Decimal>,
    /// The same of the version that waits for approval in its group, where one does.
    pub candidate: Option<Candidate>,
}

/// What a version would cost that is not live yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// ARN of the package.
    pub package: String,
    /// Cost of a thousand predictions, on the hardware that it was tried on or is to run on.
    pub per_thousand: Known<Figure>,
}

/// One row of a roll-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RollUp {
    /// Whose: an owner, cost centre, group or account; `None` for what nobody has.
    pub of: Option<String>,
    /// Live versions in it, as indices into [`Estate::live`].
    pub live: Vec<usize>,
    /// What they cost together in the period.
    pub cost: Sum,
    /// How many of them have a cost that is not known.
    pub unknown: usize,
}

/// What was billed for one kind of work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spend {
    /// `hosting`, `training`, `processing`, `batch transform`, `notebooks`, `studio`, `serverless`, `bedrock`, `storage`, `other`.
    pub kind: String,
    /// In the present period.
    pub cost: Money,
    /// In the same days of the month before; `None` where it is not known.
    pub before: Option<Money>,
    /// Of the cost, what carries no cost-centre tag.
    pub untagged: Money,
}

/// A budget, and how good it is.
#[derive(Clone, Debug)]
pub struct BudgetView<'a> {
    /// The budget.
    pub budget: &'a Fact<Budget>,
    /// Live versions that it covers, as indices into [`Estate::live`].
    pub covers: Vec<usize>,
    /// Live versions of which it cannot be said.
    pub may_cover: Vec<usize>,
    /// Who hears of it; `None` where that could not be read.
    pub heard_by: Option<Vec<String>>,
    /// Whether it is spent or will not be kept; `None` where its figures do not say.
    pub exceeded: Option<bool>,
    /// What is wrong with it, in plain words.
    pub faults: Vec<String>,
    /// What could not be said of it, in plain words.
    pub unsure: Vec<String>,
    /// Share of the limit that was spent.
    pub spent: Option<Decimal>,
}

/// What the present month will have cost at its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The amount.
    pub amount: Money,
    /// The lower end.
    pub low: Option<Money>,
    /// The upper end.
    pub high: Option<Money>,
    /// Whose word it is: `AWS` or `our own projection of the days so far`.
    pub by: String,
}

/// Kinds of waste.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum WasteKind {
    /// Nobody asks it anything.
    Idle,
    /// Its instances are too large.
    OverProvisioned,
    /// Requests come in few hours only.
    ServerlessCandidate,
    /// It cannot shrink when there is little to do.
    BoundedScaling,
    /// Capacity that is paid for and not used.
    UnusedCapacity,
    /// A notebook that runs.
    Notebook,
    /// What AWS itself recommends, of something that is not among the others.
    Recommended,
}

/// Something that costs more than it has to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waste {
    /// What kind of waste.
    pub kind: WasteKind,
    /// What is wasteful: endpoint, notebook or capacity by name.
    pub what: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Live versions that it is about, as indices into [`Estate::live`].
    pub live: Vec<usize>,
    /// Why it is waste, with figures.
    pub why: String,
    /// What a month would save.
    pub saves: Known<Money>,
    /// What AWS says that it would save, where it says so.
    pub aws_says: Option<Money>,
    /// The command that ends it, ready to copy.
    pub command: String,
    /// The calls that showed it.
    pub seen: Vec<CallId>,
}

/// How one live version is used, as far as its cost is concerned.
#[derive(Clone, Debug, PartialEq)]
pub struct Use {
    /// Requests in the last `idle_days`: `Known(0)` is idle.
    pub requests: Known<f64>,
    /// Days over which use was observed.
    pub days: f64,
    /// Share of the observed hours with a request.
    pub duty_cycle: Known<f64>,
    /// 95th percentile of the processors' use over the cores, from 0 to 1.
    pub processors: Known<f64>,
    /// The same of the accelerators; `None` where there are none.
    pub accelerators: Known<f64>,
    /// Highest use of memory, from 0 to 1.
    pub memory: Known<f64>,
    /// Whether a policy scales it, and between which counts.
    pub scaling: Known<Scaling>,
    /// The tag by which it stands by on purpose.
    pub stands_by: Option<String>,
}

/// How far something scales.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaling {
    /// The least.
    pub least: i32,
    /// The most.
    pub most: i32,
    /// Whether a rule scales it, and is not suspended.
    pub active: bool,
}

/// How a count grew against the four weeks before.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    /// Live versions that it is about, as indices into [`Estate::live`].
    pub live: Vec<usize>,
    /// What is counted, in plain words.
    pub what: String,
    /// Unit.
    pub unit: String,
    /// The newest whole weeks, oldest first, each with what it held; `None` where that is not known.
    pub weeks: Vec<(Date, Option<f64>)>,
    /// Median of the four weeks before the newest.
    pub median: Option<f64>,
    /// The newest week over that median, less one.
    pub growth: Option<f64>,
    /// What was declared to be the most.
    pub ceiling: Option<f64>,
    /// Why it cannot be said, where it cannot.
    pub unknown: Option<String>,
}

/// Capacity of Bedrock that is paid for by the hour, and how it is used.
#[derive(Clone, Debug, PartialEq)]
pub struct CapacityUse {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Requests in the last seven days.
    pub requests: Known<f64>,
    /// Days since it was bought.
    pub age_days: Option<i64>,
    /// When the commitment ends; `None` without one.
    pub expires: Option<jiff::Timestamp>,
    /// The calls that showed it.
    pub seen: Vec<CallId>,
}

/// What the tokens of one model or inference profile cost.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenUse {
    /// Model id, or name of the application inference profile.
    pub of: String,
    /// What metrics name it by: the model's id, the profile's, or the ARN of provisioned throughput.
    pub id: String,
    /// Account.
    pub account: String,
    /// Region.
    pub region: String,
    /// Tokens in, in the period.
    pub tokens_in: Known<f64>,
    /// Tokens out, in the period.
    pub tokens_out: Known<f64>,
    /// What they cost.
    pub cost: Known<Figure>,
}

/// Everything about money that one estate says.
#[derive(Debug, Default)]
pub struct Ledger<'a> {
    /// The days that figures are about; `None` where the estate is empty.
    pub period: Option<Period>,
    /// Cost of each live version, in the order of [`Estate::live`].
    pub versions: Vec<VersionCost>,
    /// Use of each live version, in the order of [`Estate::live`].
    pub uses: Vec<Use>,
    /// By owner, the dearest first.
    pub by_owner: Vec<RollUp>,
    /// By cost centre.
    pub by_cost_center: Vec<RollUp>,
    /// By package group.
    pub by_group: Vec<RollUp>,
    /// By account.
    pub by_account: Vec<RollUp>,
    /// What was billed by kind of work; `None` where no bill was read.
    pub spend: Option<Vec<Spend>>,
    /// What was billed on each day, oldest first, for the services that serve models; the currency is that of the bill.
    pub days: Vec<(Date, Money)>,
    /// What the month will have cost.
    pub outlook: Option<Outlook>,
    /// Budgets, by account and name.
    pub budgets: Vec<BudgetView<'a>>,
    /// Waste, the dearest first.
    pub waste: Vec<Waste>,
    /// Growth of what is counted.
    pub growth: Vec<Growth>,
    /// Capacity of Bedrock.
    pub capacity: Vec<CapacityUse>,
    /// Tokens of Bedrock.
    pub tokens: Vec<TokenUse>,
    /// Groups, endpoints, alarms and buckets with their owners, by kind, account, region and name.
    pub owned: Vec<Owned>,
    /// Why there is no bill: not asked for, denied, or not there; `None` where there is one.
    pub no_bill: Option<String>,
}

/// Computes everything about money.
pub fn ledger<'a>(estate: &Estate<'a>, policy: &Policy) -> Ledger<'a> {
    let mut ledger = Ledger::default();
    versions::fill(&mut ledger, estate, policy);
    watched::fill(&mut ledger, estate, policy);
    ledger.owned = owned::owned(estate, policy);
    ledger
}

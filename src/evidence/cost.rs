//! Money: what AWS billed, what it asks, what was budgeted, and what could be saved.
//!
//! Amounts are exact decimals, each beside its currency; nothing here adds two of them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An amount of money as AWS states it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Amount {
    /// How much, exactly.
    #[serde(with = "rust_decimal::serde::str")]
    pub value: Decimal,
    /// Currency, such as `USD`.
    pub currency: String,
}

/// One answer of Cost Explorer about what was billed: everything that was asked for, over all pages.
///
/// Source: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// Which question it answers.
    pub question: BillQuestion,
    /// Measure, such as `NetAmortizedCost`.
    pub metric: String,
    /// What the lines are grouped by, in order, such as `DIMENSION:USAGE_TYPE` and `TAG:cost-center`.
    pub grouped_by: Vec<String>,
    /// The first day.
    pub from: Date,
    /// The day after the last one.
    pub until: Date,
    /// The accounts that it was asked for, sorted; empty where it is about all that the account that was asked sees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// The lines.
    pub lines: Vec<BillLine>,
}

/// What Cost Explorer was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BillQuestion {
    /// Each day's cost by usage type and cost-centre tag, of the services that serve models.
    ByUsageType,
    /// Each day's cost by resource, of the last 14 days.
    ByResource,
}

/// What one group was billed in one period.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BillLine {
    /// The first day.
    pub from: Date,
    /// The day after the last one.
    pub until: Date,
    /// Keys of the group, in the order of [`Bill::grouped_by`]; a tag's as AWS writes it, `key$value`, with an empty value for
    /// what carries no such tag.
    pub keys: Vec<String>,
    /// What it cost.
    pub cost: Amount,
    /// How much was used, in [`BillLine::usage_unit`].
    #[serde(default, skip_serializing_if = "Option::is_none", with = "rust_decimal::serde::str_option")]
    pub usage: Option<Decimal>,
    /// Unit of the usage, such as `Hrs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage_unit: Option<String>,
    /// Whether AWS may still change it.
    pub estimated: bool,
}

/// What AWS expects the rest of a month to cost.
///
/// Source: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostForecast.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    /// Measure, such as `NET_AMORTIZED_COST`.
    pub metric: String,
    /// The first day.
    pub from: Date,
    /// The day after the last one.
    pub until: Date,
    /// The accounts that it was asked for, sorted; empty where it is about all that the account that was asked sees.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<String>,
    /// What is expected.
    pub mean: Amount,
    /// The lower end of the interval of 80 %.
    pub low: Option<Amount>,
    /// The upper end.
    pub high: Option<Amount>,
}

/// A budget with who is told of it.
///
/// Source: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_Budget.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Name, unique in the account.
    pub name: String,
    /// `COST`, `USAGE`, `RI_UTILIZATION` and so on.
    pub kind: String,
    /// `MONTHLY`, `DAILY`, `QUARTERLY`, `ANNUALLY` or `CUSTOM`.
    pub unit: String,
    /// The limit of the present period; the planned one where limits are planned.
    pub limit: Option<Amount>,
    /// What was spent in the present period.
    pub actual: Option<Amount>,
    /// What AWS expects of the whole period.
    pub forecast: Option<Amount>,
    /// The first instant that it is for.
    pub start: Option<Timestamp>,
    /// The instant at which it ends.
    pub end: Option<Timestamp>,
    /// Filters of the older form by key, such as `Service` or `TagKeyValue` (`user:team$fraud`); all have to match.
    pub filters: BTreeMap<String, Vec<String>>,
    /// The filter of the newer form; where it is there, [`Budget::filters`] is empty.
    pub expression: Option<CostExpression>,
    /// `HEALTHY` or `UNHEALTHY`.
    pub health: Option<String>,
    /// Why it is unhealthy.
    pub health_reason: Option<String>,
    /// Its notifications; `None` where they could not be read.
    pub notifications: Option<Vec<BudgetNotification>>,
}

/// When a budget tells somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BudgetNotification {
    /// `ACTUAL` or `FORECASTED`.
    pub kind: String,
    /// `GREATER_THAN`, `LESS_THAN` or `EQUAL_TO`.
    pub comparison: String,
    /// Threshold in its unit.
    #[serde(with = "rust_decimal::serde::str")]
    pub threshold: Decimal,
    /// Whether the threshold is a percentage of the limit rather than an amount.
    pub percentage: bool,
    /// Whether it is in alarm.
    pub alarm: Option<bool>,
    /// Who is told: addresses shown in part, and ARNs of topics; `None` where they could not be read.
    pub subscribers: Option<Vec<BudgetSubscriber>>,
}

/// Who a budget tells.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct BudgetSubscriber {
    /// `EMAIL` or `SNS`.
    pub kind: String,
    /// Address in part, or ARN of a topic.
    pub address: String,
}

/// A filter over costs, as budgets and Cost Explorer write it.
///
/// Source: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_Expression.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostExpression {
    /// Any of them.
    Or(Vec<CostExpression>),
    /// All of them.
    And(Vec<CostExpression>),
    /// Not this one.
    Not(Box<CostExpression>),
    /// A dimension, such as `SERVICE`, has one of these values.
    Dimension(CostMatch),
    /// A tag has one of these values.
    Tag(CostMatch),
    /// A cost category has one of these values.
    Category(CostMatch),
    /// Something that this version does not know, in AWS's words.
    Other(String),
}

/// One comparison of a filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostMatch {
    /// Key: a dimension, a tag's key or a category.
    pub key: String,
    /// Values, any of which matches.
    pub values: Vec<String>,
    /// How they are compared, such as `EQUALS`, `ABSENT`, `STARTS_WITH`, `CASE_INSENSITIVE`; empty for AWS's default.
    pub options: Vec<String>,
}

/// What AWS asks for one unit of something, on demand.
///
/// Source: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Price {
    /// Service as the price list names it, such as `AmazonSageMaker`.
    pub service: String,
    /// Region that it holds in.
    pub region: String,
    /// What it is for: `Hosting`, `Training`, `Processing`, `Batch Transform`, `Notebook`, `Serverless` and so on.
    pub component: String,
    /// Instance type, such as `ml.m5.xlarge`, or another name of what is billed.
    pub item: String,
    /// Unit, such as `Hrs`.
    pub unit: String,
    /// Price of one unit.
    pub price: Amount,
    /// From when on it holds.
    pub effective: Option<Timestamp>,
}

/// Whether a tag key counts in cost reports.
///
/// Source: <https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_ListCostAllocationTags.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllocationTag {
    /// Tag key.
    pub key: String,
    /// Whether it is activated.
    pub active: bool,
    /// Since when that is so.
    pub updated: Option<Timestamp>,
    /// Month in which it was last used.
    pub last_used: Option<Timestamp>,
}

/// What an organization's tag policy says of one resource.
///
/// Source: <https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_ComplianceDetails.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagCompliance {
    /// ARN of the resource.
    pub arn: String,
    /// Whether it complies.
    pub compliant: bool,
    /// Keys that are missing, or have a wrong case or value.
    pub noncompliant_keys: Vec<String>,
}

/// Model units of Bedrock that are paid for by the hour.
///
/// Source: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_ProvisionedModelSummary.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionedThroughput {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// ARN of the model that answers.
    pub model: String,
    /// Model units now.
    pub units: i32,
    /// `Creating`, `InService`, `Updating` or `Failed`.
    pub status: String,
    /// `OneMonth` or `SixMonths`; `None` where it is not committed.
    pub commitment: Option<String>,
    /// When the commitment ends.
    pub expires: Option<Timestamp>,
    /// When it was bought.
    pub created: Option<Timestamp>,
}

/// An application inference profile of Bedrock: what tags can be put on, so that tokens are somebody's.
///
/// Source: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_InferenceProfileSummary.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InferenceProfile {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// Id, as metrics name it.
    pub id: String,
    /// ARNs of the models behind it.
    pub models: Vec<String>,
    /// When it was created.
    pub created: Option<Timestamp>,
}

/// What AWS itself recommends to save.
///
/// Source: <https://docs.aws.amazon.com/cost-management/latest/APIReference/API_CostOptimizationHub_Recommendation.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavingHint {
    /// Id of the recommendation.
    pub id: String,
    /// Account of the resource.
    pub account: Option<String>,
    /// Region of the resource.
    pub region: Option<String>,
    /// ARN, or id where there is no ARN.
    pub resource: String,
    /// Type of the resource, such as `SageMakerEndpoint`.
    pub kind: String,
    /// `Delete`, `Rightsize`, `ScaleIn`, `Stop` and so on.
    pub action: String,
    /// What it would save in a month.
    pub monthly: Option<Amount>,
    /// When it was last computed.
    pub refreshed: Option<Timestamp>,
}

/// A notebook instance: nothing of it serves, and all of it costs.
///
/// Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_NotebookInstanceSummary.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notebook {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// `InService`, `Stopped` and so on.
    pub status: String,
    /// Instance type.
    pub instance_type: Option<String>,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// When it last changed.
    pub modified: Option<Timestamp>,
}

/// A rule by which Application Auto Scaling scales what SageMaker runs.
///
/// Source: <https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ScalingPolicy.html>
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    /// Name.
    pub name: String,
    /// ARN.
    pub arn: String,
    /// What it scales, such as `endpoint/fraud/variant/blue`.
    pub resource: String,
    /// Dimension, such as `sagemaker:variant:DesiredInstanceCount`.
    pub dimension: String,
    /// `TargetTrackingScaling`, `StepScaling` or `PredictiveScaling`.
    pub kind: String,
}

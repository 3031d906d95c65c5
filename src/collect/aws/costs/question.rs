//! What is asked of Cost Explorer: over which days, by what, of which services.

use aws_sdk_costexplorer::types::{
    DateInterval, Dimension, DimensionValues, Expression, GroupDefinition, GroupDefinitionType,
};
use aws_smithy_types::error::operation::BuildError;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::evidence::{Bill, BillQuestion};

/// The measure: what is paid after commitments and discounts, with what was paid upfront spread over its time.
/// Source: <https://docs.aws.amazon.com/cost-management/latest/userguide/ce-advanced.html>
pub(super) const METRIC: &str = "NetAmortizedCost";
/// How much was used.
pub(super) const USAGE_QUANTITY: &str = "UsageQuantity";

/// Services that serve models, as bills name them. Models that Bedrock sells for others are billed under names of their own.
const SERVICES: [&str; 4] = ["Amazon SageMaker", "Amazon SageMaker AI", "Amazon Bedrock", "Amazon Bedrock Service"];

/// Days for which AWS keeps costs by resource.
/// Source: <https://docs.aws.amazon.com/cost-management/latest/userguide/ce-granular-data.html>
const RESOURCE_DAYS: i64 = 14;

/// The days that questions are about, all in UTC as bills are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Days {
    /// The first day of the month before.
    pub(super) from: Date,
    /// Today.
    pub(super) today: Date,
    /// The first day of the month that comes.
    pub(super) month_end: Date,
}

impl Days {
    /// The days as of an instant; `None` at the end of the calendar.
    pub(super) fn at(now: Timestamp) -> Option<Self> {
        let today = TimeZone::UTC.to_datetime(now).date();
        let from = today.first_of_month().yesterday().ok()?.first_of_month();
        Some(Self { from, today, month_end: today.last_of_month().tomorrow().ok()? })
    }

    /// So many days before today.
    pub(super) fn before(&self, days: i64) -> Date {
        self.today.saturating_sub(jiff::Span::new().days(days))
    }
}

/// One question about what was billed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) asks: BillQuestion,
    pub(super) from: Date,
    pub(super) until: Date,
    /// The accounts that it is about, sorted.
    pub(super) accounts: Vec<String>,
    groups: Vec<(GroupDefinitionType, String)>,
}

impl Question {
    /// By usage type and cost-centre tag, from the month before on.
    pub(super) fn by_usage_type(days: &Days, accounts: &[String], tag: Option<&str>) -> Self {
        let usage_type = (GroupDefinitionType::Dimension, "USAGE_TYPE".to_owned());
        let tag = tag.map(|tag| (GroupDefinitionType::Tag, tag.to_owned()));
        Self {
            asks: BillQuestion::ByUsageType,
            from: days.from,
            until: days.today,
            accounts: accounts.to_vec(),
            groups: [usage_type].into_iter().chain(tag).collect(),
        }
    }

    /// By resource and usage type, as far as AWS keeps that.
    pub(super) fn by_resource(days: &Days, accounts: &[String]) -> Self {
        let groups = ["RESOURCE_ID", "USAGE_TYPE"].map(|name| (GroupDefinitionType::Dimension, name.to_owned()));
        let from = days.before(RESOURCE_DAYS);
        let (asks, until) = (BillQuestion::ByResource, days.today);
        Self { asks, from, until, accounts: accounts.to_vec(), groups: groups.to_vec() }
    }

    /// What it is grouped by, as bills keep it.
    pub(super) fn grouped_by(&self) -> Vec<String> {
        self.groups.iter().map(|(kind, key)| format!("{}:{key}", kind.as_str())).collect()
    }

    /// Whether a bill answers it.
    pub(super) fn is_answered_by(&self, bill: &Bill) -> bool {
        (bill.question, bill.from, bill.until) == (self.asks, self.from, self.until)
            && bill.metric == METRIC
            && bill.grouped_by == self.grouped_by()
            && bill.accounts == self.accounts
    }

    /// What it is grouped by, as the request says it.
    pub(super) fn group_by(&self) -> Vec<GroupDefinition> {
        let group = |(kind, key): &(GroupDefinitionType, String)| {
            GroupDefinition::builder().r#type(kind.clone()).key(key).build()
        };
        self.groups.iter().map(group).collect()
    }

    /// In plain words.
    pub(super) fn words(&self) -> String {
        let Self { from, until, .. } = self;
        match self.asks {
            BillQuestion::ByUsageType => format!("cost by usage type and tag, {from} to {until}"),
            BillQuestion::ByResource => format!("cost by resource, {from} to {until}"),
        }
    }
}

/// A span of days as the request says it.
pub(super) fn interval(from: Date, until: Date) -> Result<DateInterval, BuildError> {
    DateInterval::builder().start(from.to_string()).end(until.to_string()).build()
}

/// What the services that serve models cost these accounts, as the request says it: whoever pays for others sees theirs too.
pub(super) fn served_in(accounts: &[String]) -> Expression {
    let any_of = |dimension: Dimension, values: Vec<String>| {
        let values = DimensionValues::builder().key(dimension).set_values(Some(values)).build();
        Expression::builder().dimensions(values).build()
    };
    let services = any_of(Dimension::Service, SERVICES.map(str::to_owned).to_vec());
    Expression::builder().and(services).and(any_of(Dimension::LinkedAccount, accounts.to_vec())).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(now: &str) -> [String; 3] {
        let Days { from, today, month_end } = Days::at(now.parse().unwrap()).unwrap();
        [from, today, month_end].map(|day| day.to_string())
    }

    #[test]
    fn days_begin_with_the_month_before_and_end_with_this_one() {
        assert_eq!(days("2026-11-23T14:00:00Z"), ["2026-10-01", "2026-11-23", "2026-12-01"]);
        assert_eq!(days("2026-01-01T00:00:00Z"), ["2025-12-01", "2026-01-01", "2026-02-01"]);
        assert_eq!(days("2026-03-31T23:59:59Z"), ["2026-02-01", "2026-03-31", "2026-04-01"]);
    }

    #[test]
    fn a_question_is_answered_by_the_bill_that_it_asked_for() {
        let days = Days::at("2026-11-23T14:00:00Z".parse().unwrap()).unwrap();
        let accounts = ["111122223333".to_owned()];
        let question = Question::by_usage_type(&days, &accounts, Some("cost-center"));
        assert_eq!(question.grouped_by(), ["DIMENSION:USAGE_TYPE", "TAG:cost-center"]);
        let bill = |question: &Question| Bill {
            question: question.asks,
            metric: METRIC.to_owned(),
            grouped_by: question.grouped_by(),
            from: question.from,
            until: question.until,
            accounts: question.accounts.clone(),
            lines: Vec::new(),
        };
        assert!(question.is_answered_by(&bill(&question)));
        assert!(!question.is_answered_by(&bill(&Question::by_usage_type(&days, &accounts, Some("team")))));
        assert!(!question.is_answered_by(&bill(&Question::by_resource(&days, &accounts))));
        let yesterday = Days { today: days.before(1), ..days };
        assert!(!question.is_answered_by(&bill(&Question::by_usage_type(&yesterday, &accounts, Some("cost-center")))));
        let of_others = Question::by_usage_type(&days, &["222233334444".to_owned()], Some("cost-center"));
        assert!(!question.is_answered_by(&bill(&of_others)), "the same question about another account");
        let of_all = Bill { accounts: Vec::new(), ..bill(&question) };
        assert!(!question.is_answered_by(&of_all), "an earlier version asked for everybody");
        assert_eq!(Question::by_resource(&days, &accounts).from.to_string(), "2026-11-09");
    }

    #[test]
    fn only_the_accounts_of_the_run_are_asked_for() {
        let asked = served_in(&["111122223333".to_owned(), "222233334444".to_owned()]);
        let parts: Vec<&DimensionValues> = asked.and().iter().filter_map(Expression::dimensions).collect();
        let [services, accounts] = parts.as_slice() else { panic!("{asked:?}") };
        assert_eq!((services.key(), services.values()), (Some(&Dimension::Service), &SERVICES.map(str::to_owned)[..]));
        let told = ["111122223333", "222233334444"].map(str::to_owned);
        assert_eq!((accounts.key(), accounts.values()), (Some(&Dimension::LinkedAccount), &told[..]));
        assert!(asked.dimensions().is_none(), "an expression says one thing");
    }
}

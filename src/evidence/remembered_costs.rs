//! What Cost Explorer answered earlier on a day. AWS charges for each request, so an answer holds until the day is over.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{AllocationTag, Bill, Call, CallId, Fact, FactKind, Forecast, Snapshot};

/// Everything that Cost Explorer said of one account on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostAnswers {
    /// Account that was asked.
    pub account: String,
    /// Day on which it was asked, in UTC.
    pub day: Date,
    /// What was billed.
    pub bills: Vec<Answered<Bill>>,
    /// What is expected.
    pub forecasts: Vec<Answered<Forecast>>,
    /// Which tag keys count.
    pub allocation_tags: Vec<Answered<AllocationTag>>,
}

/// One thing that was answered, and the calls that showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered<T> {
    /// The calls, as they were made then.
    pub calls: Vec<Call>,
    /// What they showed.
    pub data: T,
}

impl CostAnswers {
    /// What a snapshot holds of them, account by account.
    pub fn of(snapshot: &Snapshot) -> Vec<Self> {
        let facts = &snapshot.facts;
        let bills = facts.bills.iter().map(|fact| fact.account.as_str());
        let forecasts = facts.forecasts.iter().map(|fact| fact.account.as_str());
        let tags = facts.allocation_tags.iter().map(|fact| fact.account.as_str());
        let accounts: std::collections::BTreeSet<&str> = bills.chain(forecasts).chain(tags).collect();
        let partly = snapshot.gaps.iter().any(|gap| gap.hides.iter().any(|it| it.kind() == FactKind::AllocationTags));
        let day = TimeZone::UTC.to_datetime(snapshot.as_of).date();
        let of_account = |account: &str| Self {
            account: account.to_owned(),
            day,
            bills: answered(snapshot, account, &facts.bills),
            forecasts: answered(snapshot, account, &facts.forecasts),
            // A part of the keys would pass for all of them.
            allocation_tags: if partly { Vec::new() } else { answered(snapshot, account, &facts.allocation_tags) },
        };
        accounts.into_iter().map(of_account).collect()
    }
}

fn answered<T: Clone>(snapshot: &Snapshot, account: &str, facts: &[Fact<T>]) -> Vec<Answered<T>> {
    let calls = |seen: &[CallId]| seen.iter().filter_map(|id| snapshot.call(*id).cloned()).collect();
    let of_account = facts.iter().filter(|fact| fact.account == account);
    of_account.map(|fact| Answered { calls: calls(&fact.seen), data: fact.data.clone() }).collect()
}

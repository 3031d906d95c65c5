//! Capacity of Bedrock that is paid for by the hour, and how it is used.

use std::collections::BTreeMap;

use super::points;
use crate::cost::{CapacityUse, Known};
use crate::estate::{Estate, bedrock};
use crate::evidence::{Fact, ProvisionedThroughput};

/// Days of use that are looked at.
const DAYS: i64 = 7;

/// Every provisioned throughput, by account, region and name.
pub(super) fn all(estate: &Estate<'_>) -> Vec<CapacityUse> {
    let mut newest: BTreeMap<(&str, &str, &str), &Fact<ProvisionedThroughput>> = BTreeMap::new();
    for fact in &estate.snapshot.facts.provisioned_throughputs {
        let held = newest.entry((&fact.account, &fact.region, &fact.data.arn)).or_insert(fact);
        if fact.seen.last() > held.seen.last() {
            *held = fact;
        }
    }
    let mut all: Vec<CapacityUse> = newest.into_values().map(|fact| one(fact, estate)).collect();
    all.sort_by(|a, b| (&a.account, &a.region, &a.name, &a.arn).cmp(&(&b.account, &b.region, &b.name, &b.arn)));
    all
}

fn one(fact: &Fact<ProvisionedThroughput>, estate: &Estate<'_>) -> CapacityUse {
    let until = points::known_until(estate);
    let span = points::days_before(until, DAYS)..until;
    let [invocations, ..] = bedrock(&fact.data.arn);
    let mut seen = fact.seen.clone();
    let requests = match points::read(estate, &fact.account, &fact.region, &invocations) {
        None => Known::Unknown("no data points of its requests were read".to_owned()),
        Some((series, calls)) => {
            seen.extend(calls.iter().copied());
            let count = points::count(series, &span);
            if count.whole || count.sum > 0.0 {
                Known::Known(count.sum)
            } else {
                Known::Unknown("its requests of the last seven days were read in part only".to_owned())
            }
        }
    };
    let age = |created| estate.as_of.duration_since(created).as_hours() / 24;
    CapacityUse {
        name: fact.data.name.clone(),
        arn: fact.data.arn.clone(),
        account: fact.account.clone(),
        region: fact.region.clone(),
        requests,
        age_days: fact.data.created.map(age),
        expires: fact.data.expires,
        seen,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    #[test]
    fn what_nobody_asks_is_told_from_what_was_not_read() {
        let fixture = Fixture::sound().with(provisioned("chat"));
        let requests = |fixture: &Fixture| fixture.estate().money.capacity[0].requests.clone();
        assert!(matches!(requests(&fixture), Known::Unknown(_)));
        let [key, ..] = bedrock(PROVISIONED);
        let mut none = steady(key.clone(), 35 * 24, 0.0);
        none.runs.clear();
        assert_eq!(requests(&fixture.clone().with(none)), Known::Known(0.0));
        let used = requests(&fixture.with(steady(key, 35 * 24, 3.0)));
        assert!(used.known().is_some_and(|sum| *sum >= 21.0), "{used:?}");
    }
}

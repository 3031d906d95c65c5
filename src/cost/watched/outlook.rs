//! What the present month will have cost: what AWS expects, else what the days so far let expect.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::cost::bill::Bills;
use crate::cost::{Ledger, Money, Outlook};
use crate::estate::Estate;
use crate::evidence::{Amount, BillQuestion, Fact, Forecast};
use crate::policy::Policy;

/// Days of two weeks: with so many the days of a week have a shape of their own.
const TWO_WEEKS: usize = 14;
/// Fewest days from which anything is projected.
const FEWEST: usize = 3;

/// The outlook of the month in which the estate is evaluated; `None` where no bill shows what it cost so far.
pub(super) fn of(ledger: &Ledger<'_>, estate: &Estate<'_>, policy: &Policy) -> Option<Outlook> {
    let today = estate.as_of.to_zoned(TimeZone::UTC).date();
    let days = Days::new(&ledger.days, today)?;
    let fits = |it: &Forecast| it.mean.currency == days.currency && days.month.contains(&it.from);
    match expected(estate, policy).filter(fits) {
        Some(forecast) => {
            // What AWS leaves out are days that are over and on no bill yet.
            let so_far = days.until(forecast.from)?;
            let add = |amount: &Amount| Money::new(so_far + amount.value, &days.currency);
            Some(Outlook {
                amount: add(&forecast.mean),
                low: forecast.low.as_ref().map(add),
                high: forecast.high.as_ref().map(add),
                by: "AWS".to_owned(),
            })
        }
        None => Some(Outlook {
            amount: Money::new(days.until(days.month.end)?, &days.currency),
            low: None,
            high: None,
            by: "our own projection of the days so far".to_owned(),
        }),
    }
}

/// What AWS expects of the accounts that the bills are about; `None` where it says nothing of just those. Where it was asked
/// for some accounts and for others, its words add up.
fn expected(estate: &Estate<'_>, policy: &Policy) -> Option<Forecast> {
    let mut newest: BTreeMap<(&str, &[String]), &Fact<Forecast>> = BTreeMap::new();
    for fact in &estate.snapshot.facts.forecasts {
        let held = newest.entry((&fact.account, &fact.data.accounts)).or_insert(fact);
        if fact.seen.last() > held.seen.last() {
            *held = fact;
        }
    }
    let (named, whole): (Vec<&Fact<Forecast>>, Vec<_>) =
        newest.into_values().partition(|fact| !fact.data.accounts.is_empty());
    let Some((first, others)) = named.split_first() else {
        return whole.into_iter().max_by(|a, b| a.seen.last().cmp(&b.seen.last())).map(|fact| fact.data.clone());
    };
    let mut told: Vec<&str> = named.iter().flat_map(|fact| fact.data.accounts.iter().map(String::as_str)).collect();
    told.sort_unstable();
    let billed = Bills::of(estate, policy, BillQuestion::ByUsageType).accounts()?;
    if !told.into_iter().eq(billed) {
        return None;
    }
    others.iter().try_fold(first.data.clone(), |sum, fact| {
        let alike = (sum.from, &sum.mean.currency) == (fact.data.from, &fact.data.mean.currency);
        let mean = Amount { value: sum.mean.value + fact.data.mean.value, currency: sum.mean.currency.clone() };
        // Two intervals do not add up to one.
        alike.then_some(Forecast { mean, low: None, high: None, ..sum })
    })
}

/// What days cost, those that were billed and those that are expected.
struct Days {
    month: std::ops::Range<Date>,
    currency: String,
    billed: BTreeMap<Date, Decimal>,
}

impl Days {
    fn new(days: &[(Date, Money)], today: Date) -> Option<Self> {
        let (_, last) = days.last()?;
        let same = days.iter().filter(|(day, money)| money.currency == last.currency && *day < today);
        let billed: BTreeMap<Date, Decimal> = same.map(|(day, money)| (*day, money.value)).collect();
        let mut billed = billed;
        // A day between two that were billed, and that no line is about, cost nothing.
        let span = billed.keys().next().copied().zip(billed.keys().next_back().copied());
        if let Some((first, last)) = span {
            first.series(1.day()).take_while(|day| *day < last).for_each(|day| {
                billed.entry(day).or_default();
            });
        }
        let month = today.first_of_month()..today.last_of_month().tomorrow().ok()?;
        (billed.len() >= FEWEST).then(|| Self { month, currency: last.currency.clone(), billed })
    }

    /// The month's days before this one: as billed, else as expected.
    fn until(&self, end: Date) -> Option<Decimal> {
        let days = self.month.start.series(1.day()).take_while(|day| *day < end);
        days.map(|day| self.billed.get(&day).copied().or_else(|| self.expected(day))).sum()
    }

    /// What a day is expected to cost: the mean of the same days of the week in the two weeks that were billed last, where
    /// there are two, else the mean of all that were billed in the month, else of all.
    fn expected(&self, day: Date) -> Option<Decimal> {
        let recent: Vec<(&Date, &Decimal)> = self.billed.iter().rev().take(TWO_WEEKS).collect();
        if recent.len() == TWO_WEEKS {
            let alike = recent.iter().filter(|(other, _)| other.weekday() == day.weekday()).map(|(_, value)| **value);
            if let Some(mean) = mean(alike) {
                return Some(mean);
            }
        }
        let of_month = self.billed.range(self.month.start..).map(|(_, value)| *value);
        mean(of_month).or_else(|| mean(self.billed.values().copied()))
    }
}

fn mean(values: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    let values: Vec<Decimal> = values.collect();
    let count = Decimal::from(values.len());
    values.iter().sum::<Decimal>().checked_div(count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    /// Days from one on, each of which cost what the function says.
    fn days(from: &str, count: usize, cost: impl Fn(Date) -> i64) -> Vec<(Date, Money)> {
        let days = on(from).series(1.day()).take(count);
        days.map(|day| (day, Money::new(Decimal::from(cost(day)), "USD"))).collect()
    }

    fn outlook(fixture: &Fixture, days: Vec<(Date, Money)>) -> Option<(String, Option<String>, String)> {
        let ledger = Ledger { days, ..Ledger::default() };
        let outlook = of(&ledger, &fixture.estate(), &fixture.policy)?;
        Some((outlook.amount.to_string(), outlook.high.map(|it| it.to_string()), outlook.by))
    }

    const OWN: &str = "our own projection of the days so far";

    #[test]
    fn days_without_a_line_between_billed_ones_cost_nothing() {
        let monday = |day: &Date| day.weekday() == jiff::civil::Weekday::Monday;
        let mondays: Vec<(Date, Money)> =
            days("2026-04-27", 35, |_| 100).into_iter().filter(|(day, _)| monday(day)).collect();
        let projected = Days::new(&mondays, on("2026-05-26")).unwrap();
        // Four Mondays of May 2026; the days after the last of them are Tuesdays to Sundays.
        assert_eq!(projected.until(projected.month.end), Some(Decimal::from(400)));
    }

    #[test]
    fn what_aws_expects_of_the_rest_is_added_to_what_was_billed() {
        let fixture = Fixture::empty().at("2026-06-11T12:00:00Z").with(Forecast {
            from: on("2026-06-11"),
            high: Some(usd("300")),
            ..forecast("200")
        });
        // Eight days are billed; the 9th and 10th are over, and expected to be as those.
        let told = outlook(&fixture, days("2026-06-01", 8, |_| 10)).unwrap();
        assert_eq!(told, ("300.00 USD".to_owned(), Some("400.00 USD".to_owned()), "AWS".to_owned()));
    }

    #[test]
    fn what_aws_expects_counts_where_it_is_about_what_was_billed() {
        let about = |accounts: &[&str], mean: &str| Forecast {
            from: on("2026-06-11"),
            accounts: accounts.iter().map(|&account| account.to_owned()).collect(),
            high: Some(usd("300")),
            ..forecast(mean)
        };
        let bill = || crate::evidence::Bill {
            accounts: vec![ACCOUNT.to_owned(), "222233334444".to_owned()],
            ..bill(Vec::new())
        };
        let told = |forecasts: Vec<Forecast>| {
            let fixture = Fixture::empty().at("2026-06-11T12:00:00Z").with(bill());
            let fixture = forecasts.into_iter().fold(fixture, Fixture::with);
            outlook(&fixture, days("2026-06-01", 10, |_| 10)).unwrap()
        };
        let both = told(vec![about(&[ACCOUNT, "222233334444"], "200")]);
        assert_eq!(both, ("300.00 USD".to_owned(), Some("400.00 USD".to_owned()), "AWS".to_owned()));
        let one = about(&[ACCOUNT], "150");
        assert_eq!(told(vec![one.clone()]).2, OWN, "it leaves one account out");
        let added = told(vec![one.clone(), about(&["222233334444"], "50")]);
        assert_eq!(added, ("300.00 USD".to_owned(), None, "AWS".to_owned()));
        assert_eq!(told(vec![one, about(&[ACCOUNT, "222233334444"], "200")]).2, OWN, "one account would count twice");
    }

    #[test]
    fn without_a_forecast_the_mean_of_the_days_so_far_goes_on() {
        let fixture = Fixture::empty().at("2026-06-11T12:00:00Z");
        let told = outlook(&fixture, days("2026-06-01", 8, |_| 10)).unwrap();
        assert_eq!(told, ("300.00 USD".to_owned(), None, OWN.to_owned()));
        assert_eq!(outlook(&fixture, days("2026-06-01", 2, |_| 10)), None, "two days are no trend");
        assert_eq!(outlook(&fixture, Vec::new()), None);
    }

    #[test]
    fn weekends_that_cost_less_are_expected_to_cost_less() {
        use jiff::civil::Weekday::{Saturday, Sunday};
        let weekend = |day: Date| matches!(day.weekday(), Saturday | Sunday);
        let fixture = Fixture::empty().at("2026-06-11T12:00:00Z");
        let told = outlook(&fixture, days("2026-05-20", 20, |day| if weekend(day) { 1 } else { 10 })).unwrap();
        // June 2026 has 22 working days and 8 days of weekends.
        assert_eq!(told, ("228.00 USD".to_owned(), None, OWN.to_owned()));
    }

    #[test]
    fn a_forecast_in_another_currency_or_of_another_month_says_nothing_of_this_one() {
        for other in [
            Forecast { from: on("2026-05-11"), ..forecast("200") },
            Forecast {
                from: on("2026-06-11"),
                mean: crate::evidence::Amount { currency: "EUR".into(), ..usd("1") },
                ..forecast("1")
            },
        ] {
            let fixture = Fixture::empty().at("2026-06-11T12:00:00Z").with(other);
            assert_eq!(outlook(&fixture, days("2026-06-01", 8, |_| 10)).unwrap().2, OWN);
        }
    }
}

//! What each group of models costs, and what it will have cost at the end of the month.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::cost::prices::MONTH_HOURS;
use crate::cost::{CostSource, Sum};
use crate::report::document::{
    CostsSection, FigureRow, GroupCostRow, LiveVersionRow, MoneyRow, OutlookRow, PeriodRow, VersionCostRow,
};

/// What is known of a live version apart from its cost.
#[derive(Debug, Default)]
pub(in crate::report) struct About {
    /// What its group may cost in a month, as declared.
    pub(in crate::report) limit: Option<MoneyRow>,
    /// Days between reviews of its group.
    pub(in crate::report) review_days: Option<i64>,
    /// When it was deployed as it runs now.
    pub(in crate::report) deployed: Option<Timestamp>,
}

/// Groups, the dearest first; what belongs to none comes last. `about` says what is known of the live version at an index.
pub(in crate::report) fn of(
    live: &[LiveVersionRow],
    costs: &CostsSection,
    as_of: Timestamp,
    about: impl Fn(usize) -> About,
) -> Vec<GroupCostRow> {
    let by_id: HashMap<&str, &VersionCostRow> =
        costs.live_versions.iter().map(|row| (row.live_version.as_str(), row)).collect();
    let mut groups: BTreeMap<Option<&str>, Vec<(usize, &LiveVersionRow)>> = BTreeMap::new();
    for (at, row) in live.iter().enumerate() {
        groups.entry(row.group.as_deref()).or_default().push((at, row));
    }
    let row = |(group, live): (Option<&str>, Vec<(usize, &LiveVersionRow)>)| {
        let rows = live.iter().filter_map(|(_, row)| by_id.get(row.id.as_str()).copied());
        let (known, others): (Vec<&VersionCostRow>, Vec<_>) = rows.partition(|row| row.cost.amount.is_some());
        let mut cost = Sum::default();
        known.iter().filter_map(|row| row.cost.money()).for_each(|money| cost.add(&money));
        let said: Vec<About> = live.iter().map(|(at, _)| about(*at)).collect();
        let limit = said.iter().find_map(|about| about.limit.clone());
        let review = said.iter().find_map(|about| about.review_days);
        let newest = said.iter().filter_map(|about| about.deployed).max();
        let decided = known.len() + others.iter().filter(|row| row.cost.none.is_some()).count();
        let unknown = live.len().saturating_sub(decided);
        GroupCostRow {
            group: group.map(str::to_owned),
            live_versions: live.iter().map(|(_, row)| row.id.clone()).collect(),
            month_end: costs
                .period
                .filter(|_| unknown == 0)
                .and_then(|period| at_month_end(&known, period, as_of, newest)),
            cost: cost.amounts().map(|money| MoneyRow::from(&money)).collect(),
            unknown,
            estimated: known.iter().filter(|row| row.cost.source == Some(CostSource::Estimate)).count(),
            // What belongs to no group has no budget of a group.
            declared: limit.filter(|_| group.is_some()),
            review_period_days: review,
        }
    };
    let mut rows: Vec<GroupCostRow> = groups.into_iter().map(row).collect();
    // Amounts of different currencies cannot be compared; these groups come after those that can.
    let size = |row: &GroupCostRow| match row.cost.as_slice() {
        [one] => one.amount,
        _ => Decimal::ZERO,
    };
    rows.sort_by_key(|row| (row.group.is_none(), std::cmp::Reverse(size(row))));
    rows
}

/// The rest of the month at the pace of the days so far. Where something was deployed within these days, they are no measure:
/// then what is left of the month at what a month costs as it runs now. `None` where currencies differ, nothing is known, or
/// that is not.
fn at_month_end(
    known: &[&VersionCostRow],
    period: PeriodRow,
    as_of: Timestamp,
    newest: Option<Timestamp>,
) -> Option<OutlookRow> {
    let currency = known.first()?.cost.currency.as_deref()?;
    let same = |figure: &FigureRow| figure.currency.as_deref() == Some(currency);
    // In its first days figures are about the month before.
    let this_month = day(as_of).first_of_month() == period.from;
    if !this_month || period.days < 1 || !known.iter().all(|row| same(&row.cost)) {
        return None;
    }
    let young = newest.is_some_and(|newest| day(newest) >= period.from);
    if young && !known.iter().all(|row| same(&row.monthly)) {
        return None;
    }
    let month = period.from.days_in_month();
    let left = i32::from(month).checked_sub(period.days)?.checked_mul(24)?;
    let whole = |part: fn(&FigureRow) -> Option<Decimal>| -> Option<MoneyRow> {
        let sum = |of: fn(&VersionCostRow) -> &FigureRow| {
            known.iter().try_fold(Decimal::ZERO, |sum, row| sum.checked_add(part(of(row))?))
        };
        let so_far = sum(|row| &row.cost)?;
        let amount = if young {
            let rest = sum(|row| &row.monthly)?.checked_mul(Decimal::from(left))?;
            so_far.checked_add(rest.checked_div(Decimal::from(MONTH_HOURS))?)?.round_dp(10).normalize()
        } else {
            so_far.checked_mul(Decimal::from(month))?.checked_div(Decimal::from(period.days))?
        };
        Some(MoneyRow { amount, currency: currency.to_owned() })
    };
    let pace =
        if young { "as it runs now, since it was deployed in these days" } else { "at the pace of the days so far" };
    Some(OutlookRow {
        cost: whole(|figure| figure.amount)?,
        low: whole(|figure| figure.low),
        high: whole(|figure| figure.high),
        by: format!("our own projection: the rest of the month {pace}"),
    })
}

fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::report::document::QuantityRow;

    #[test]
    fn what_is_young_goes_on_as_it_runs_now_and_the_month_before_has_no_end_to_come() {
        let usd = |amount: i64| FigureRow {
            amount: Some(Decimal::from(amount)),
            currency: Some("USD".to_owned()),
            ..FigureRow::default()
        };
        let row = |monthly| VersionCostRow {
            live_version: "one".into(),
            share: Decimal::ONE,
            share_why: String::new(),
            cost: usd(1),
            estimate: FigureRow::default(),
            lines: Vec::new(),
            gap: None,
            monthly,
            per_thousand: FigureRow::default(),
            predictions: QuantityRow::default(),
            candidate: None,
            used: None,
        };
        let (known, unknown) = (row(usd(730)), row(FigureRow::default()));
        let period = PeriodRow { from: date(2026, 11, 1), until: date(2026, 11, 11), days: 10 };
        let end = |row: &VersionCostRow, as_of: &str, newest: &str| {
            let end = at_month_end(&[row], period, as_of.parse().unwrap(), Some(newest.parse().unwrap()));
            end.map(|end| end.cost.amount)
        };
        let (now, old, young) = ("2026-11-13T09:00:00Z", "2026-05-06T08:00:00Z", "2026-11-10T23:00:00Z");
        assert_eq!(end(&known, now, old), Some(Decimal::from(3)), "ten of thirty days");
        assert_eq!(end(&known, now, young), Some(Decimal::from(481)), "an hour of ten days, and 480 hours to come");
        assert_eq!((end(&unknown, now, old), end(&unknown, now, young)), (Some(Decimal::from(3)), None));
        assert_eq!(end(&known, "2026-12-02T09:00:00Z", old), None, "November is over");
    }
}

//! What each group of models costs, and what it will have cost at the end of the month.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;

use crate::cost::{CostSource, Sum};
use crate::report::document::{
    CostsSection, FigureRow, GroupCostRow, LiveVersionRow, MoneyRow, OutlookRow, PeriodRow, VersionCostRow,
};

/// Groups, the dearest first; what belongs to none comes last. `declared` says of the live version at an index what its group
/// may cost in a month, and how many days lie between reviews.
pub(in crate::report) fn of(
    live: &[LiveVersionRow],
    costs: &CostsSection,
    declared: impl Fn(usize) -> (Option<MoneyRow>, Option<i64>),
) -> Vec<GroupCostRow> {
    let by_id: HashMap<&str, &VersionCostRow> =
        costs.live_versions.iter().map(|row| (row.live_version.as_str(), row)).collect();
    let mut groups: BTreeMap<Option<&str>, Vec<(usize, &LiveVersionRow)>> = BTreeMap::new();
    for (at, row) in live.iter().enumerate() {
        groups.entry(row.group.as_deref()).or_default().push((at, row));
    }
    let row = |(group, live): (Option<&str>, Vec<(usize, &LiveVersionRow)>)| {
        let costs_of = live.iter().filter_map(|(_, row)| Some(&by_id.get(row.id.as_str())?.cost));
        let (known, others): (Vec<&FigureRow>, Vec<&FigureRow>) = costs_of.partition(|cost| cost.amount.is_some());
        let mut cost = Sum::default();
        known.iter().filter_map(|figure| figure.money()).for_each(|money| cost.add(&money));
        let mut said = live.iter().map(|(at, _)| declared(*at));
        let (mut limit, mut review) = said.next().unwrap_or_default();
        for (more, days) in said {
            limit = limit.or(more);
            review = review.or(days);
        }
        let decided = known.len() + others.iter().filter(|cost| cost.none.is_some()).count();
        let unknown = live.len().saturating_sub(decided);
        GroupCostRow {
            group: group.map(str::to_owned),
            live_versions: live.iter().map(|(_, row)| row.id.clone()).collect(),
            month_end: costs.period.filter(|_| unknown == 0).and_then(|period| at_month_end(&known, period)),
            cost: cost.amounts().map(|money| MoneyRow::from(&money)).collect(),
            unknown,
            estimated: known.iter().filter(|figure| figure.source == Some(CostSource::Estimate)).count(),
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

/// Days so far to days of the month, at the same pace. `None` where currencies differ, or nothing is known.
fn at_month_end(known: &[&FigureRow], period: PeriodRow) -> Option<OutlookRow> {
    let currency = known.first()?.currency.as_deref()?;
    if period.days < 1 || known.iter().any(|figure| figure.currency.as_deref() != Some(currency)) {
        return None;
    }
    let month = Decimal::from(period.from.days_in_month());
    let whole = |part: fn(&FigureRow) -> Option<Decimal>| -> Option<MoneyRow> {
        let so_far = known.iter().try_fold(Decimal::ZERO, |sum, figure| sum.checked_add(part(figure)?))?;
        let amount = so_far.checked_mul(month)?.checked_div(Decimal::from(period.days))?;
        Some(MoneyRow { amount, currency: currency.to_owned() })
    };
    Some(OutlookRow {
        cost: whole(|figure| figure.amount)?,
        low: whole(|figure| figure.low),
        high: whole(|figure| figure.high),
        by: "our own projection: the rest of the month at the pace of the days so far".to_owned(),
    })
}

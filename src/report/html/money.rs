//! Money as pages show it: what is looked up for `report.html` and `manager.html` alike.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::answers::bullet::Bullet;
use super::plot::{self, Drawn, Plot};
use crate::cost::{CostSource, Money, WasteKind};
use crate::report::document::{
    BudgetRow, CostsSection, FigureRow, GrowthRow, LiveVersionRow, MoneyRow, QuantityRow, Report, SpendRow,
    VersionCostRow, WasteRow,
};
use crate::report::words;

/// So many rows of a table of money are told; all of them are in the JSON and in the workbook.
pub(super) const ROWS: usize = 300;

/// The costs of a report, with what is looked up in them.
pub(super) struct Ledger<'a> {
    pub(super) costs: &'a CostsSection,
    versions: HashMap<&'a str, &'a VersionCostRow>,
    live: HashMap<&'a str, &'a LiveVersionRow>,
    several: bool,
    /// The month so far, where it can be drawn.
    pub(super) plot: Option<Plot>,
    /// The same as one bar.
    pub(super) bullet: Option<Bullet>,
}

impl<'a> Ledger<'a> {
    pub(super) fn new(report: &'a Report) -> Option<Self> {
        let costs = report.costs.as_ref()?;
        let drawn = whole(costs, report.live_versions.len(), report.as_of);
        let covering = covering(costs, report.live_versions.len());
        Some(Self {
            costs,
            versions: costs.live_versions.iter().map(|row| (row.live_version.as_str(), row)).collect(),
            live: report.live_versions.iter().map(|row| (row.id.as_str(), row)).collect(),
            several: report.live_versions.windows(2).any(|two| match two {
                [a, b] => (&a.account, &a.region) != (&b.account, &b.region),
                _ => false,
            }),
            plot: drawn.as_ref().and_then(Plot::new),
            bullet: drawn.as_ref().and_then(|drawn| Bullet::new(drawn, &covering)),
        })
    }

    /// The cost of a live version.
    pub(super) fn of(&self, id: &str) -> Option<&'a VersionCostRow> {
        self.versions.get(id).copied()
    }

    /// What a live version is called.
    pub(super) fn name(&self, id: &str) -> String {
        let Some(row) = self.live.get(id) else { return id.to_owned() };
        let place = [&row.account, &row.region].into_iter().filter(|_| self.several).map(String::as_str);
        let parts = [Some(row.endpoint.as_str()), row.variant.as_deref(), row.component.as_deref()];
        place.chain(parts.into_iter().flatten()).collect::<Vec<_>>().join("/")
    }

    /// The days that figures are about, in words.
    pub(super) fn period(&self) -> String {
        period(self.costs)
    }

    /// In how many days: ` in 17 days`, and nothing where no days are known.
    pub(super) fn in_days(&self) -> String {
        let days = self.costs.period.and_then(|period| usize::try_from(period.days).ok());
        days.map_or_else(String::new, |days| format!(" in {}", words::count(days, "day")))
    }

    /// The currencies of all amounts.
    pub(super) fn currency(&self) -> String {
        let mut all: Vec<&str> = self.costs.total.iter().map(|money| money.currency.as_str()).collect();
        all.extend(self.costs.days.iter().map(|day| day.cost.currency.as_str()));
        all.sort_unstable();
        all.dedup();
        if all.is_empty() { "none is known".to_owned() } else { words::list(&all) }
    }

    /// The whole in a sentence.
    pub(super) fn sentence(&self) -> String {
        sentence(self.costs, self.live.len())
    }

    /// What was billed without a cost-centre tag, of how much; none where no bill was read.
    pub(super) fn untagged(&self) -> Option<(String, String)> {
        let spend = self.costs.spend.as_ref()?;
        let sum = |of: fn(&SpendRow) -> &MoneyRow| total(spend.iter().map(of));
        Some((sum(|row| &row.untagged), sum(|row| &row.cost)))
    }

    /// What a month would save, where anything is known of it.
    pub(super) fn savings(&self) -> Option<String> {
        savings(self.costs)
    }
}

/// What a month would save, where anything is known of it.
pub(in crate::report) fn savings(costs: &CostsSection) -> Option<String> {
    // What is too large and cannot shrink either is mended once: of alternatives the dearest counts, which comes first.
    let mut mended = BTreeSet::new();
    let known = costs.waste.iter().filter_map(|row| {
        let saves: MoneyRow = (&row.saves.money()?).into();
        let what = if row.live_versions.is_empty() { row.what.as_str() } else { "" };
        mended.insert((&row.account, &row.region, what, &row.live_versions)).then_some(saves)
    });
    let known: Vec<MoneyRow> = known.collect();
    (!known.is_empty()).then(|| total(known.iter()))
}

/// The days that figures are about, in words.
pub(in crate::report) fn period(costs: &CostsSection) -> String {
    match costs.period {
        Some(period) => format!(
            "{} ({})",
            plot::days(period),
            words::count(usize::try_from(period.days).unwrap_or_default(), "day")
        ),
        None => "no days are known".to_owned(),
    }
}

/// The whole in a sentence.
pub(in crate::report) fn sentence(costs: &CostsSection, live: usize) -> String {
    let versions = words::count(live, "live version");
    let period = period(costs);
    match (costs.total.is_empty(), costs.unknown) {
        (true, _) if live == 0 => "Nothing serves, so nothing costs".to_owned(),
        (true, _) => format!("What {versions} cost is not known"),
        (false, 0) => format!("{versions} cost {} from {period}", amounts(&costs.total)),
        (false, unknown) => format!(
            "{} of {versions} cost {} from {period}; the cost of {} is not known",
            words::number(live.saturating_sub(unknown)),
            amounts(&costs.total),
            words::number(unknown)
        ),
    }
}

/// Amounts of several currencies, which are never added.
pub(in crate::report) fn amounts(rows: &[MoneyRow]) -> String {
    words::list(&rows.iter().map(|row| row.money().to_string()).collect::<Vec<_>>())
}

fn total<'r>(rows: impl Iterator<Item = &'r MoneyRow>) -> String {
    let mut sum = crate::cost::Sum::default();
    rows.for_each(|row| sum.add(&row.money()));
    words::list(&sum.amounts().map(|money| money.to_string()).collect::<Vec<_>>())
}

/// Budgets over everything that serves.
fn covering(costs: &CostsSection, live: usize) -> Vec<&BudgetRow> {
    costs.budgets.iter().filter(|budget| live > 0 && budget.covers.len() == live).collect()
}

/// The month so far of all that was billed; where no bill was read, of the live versions. In the first days of a month these
/// figures are about the month before, of which no end is to come.
fn whole(costs: &CostsSection, live: usize, as_of: Timestamp) -> Option<Drawn<'_>> {
    let period = costs.period?;
    let within = |day: jiff::civil::Date| day >= period.from && day < period.until;
    let billed: Vec<&MoneyRow> = costs.days.iter().filter(|row| within(row.day)).map(|row| &row.cost).collect();
    let currency = &billed.first().copied().or(costs.total.first())?.currency;
    let sum = |rows: &[&MoneyRow]| rows.iter().try_fold(Decimal::ZERO, |sum, row| sum.checked_add(row.amount));
    let amount = if billed.is_empty() { sum(&costs.total.iter().collect::<Vec<_>>())? } else { sum(&billed)? };
    if billed
        .iter()
        .copied()
        .chain(costs.total.iter().filter(|_| billed.is_empty()))
        .any(|row| row.currency != *currency)
    {
        return None;
    }
    // All of them have to be kept, so what a month may cost is what the lowest allows.
    let limits =
        covering(costs, live).into_iter().filter(|budget| monthly(budget)).filter_map(|row| row.limit.as_ref());
    let limit = limits.filter(|limit| limit.currency == *currency).min_by_key(|limit| limit.amount);
    let this_month = TimeZone::UTC.to_datetime(as_of).date().first_of_month() == period.from;
    Some(Drawn {
        period,
        cost: Money::new(amount, currency),
        estimated: billed.is_empty(),
        days: &costs.days,
        outlook: costs.outlook.as_ref().filter(|_| this_month),
        limit: limit.map(MoneyRow::money),
        ended: !this_month,
    })
}

/// Whether a budget is for a month: others cannot be compared with one.
pub(super) fn monthly(budget: &BudgetRow) -> bool {
    budget.unit == "MONTHLY"
}

/// Where a figure comes from, in plain words.
pub(in crate::report) fn source(figure: &FigureRow) -> &'static str {
    source_words(figure.source)
}

/// The same of a source.
pub(in crate::report) fn source_words(source: Option<CostSource>) -> &'static str {
    match source {
        Some(CostSource::BilledByResource) => "billed",
        Some(CostSource::BilledByTag) => "billed, divided by tag",
        Some(CostSource::Estimate) => "estimate at list price",
        None => "",
    }
}

/// Whether a figure is an estimate.
pub(super) fn estimated(figure: &FigureRow) -> bool {
    figure.source == Some(CostSource::Estimate)
}

/// A small amount with as many digits as it needs: a thousand predictions may cost a part of a cent.
pub(in crate::report) fn fine(money: &Money) -> String {
    let cents = money.value.abs() < Decimal::ONE && !money.value.is_zero();
    if cents { format!("{} {}", money.value.round_dp(4).normalize(), money.currency) } else { money.to_string() }
}

/// What kind of waste, in plain words.
pub(in crate::report) fn waste_words(row: &WasteRow) -> &'static str {
    match row.kind {
        WasteKind::Idle => "nobody uses it",
        WasteKind::OverProvisioned => "larger than needed",
        WasteKind::ServerlessCandidate => "used in few hours only",
        WasteKind::BoundedScaling => "cannot shrink",
        WasteKind::UnusedCapacity => "paid for and not used",
        WasteKind::Notebook => "a notebook that runs",
        WasteKind::Recommended => "AWS recommends it",
    }
}

/// A quantity, or a dash where there is none; none where it is not known.
pub(super) fn quantity(row: &QuantityRow) -> Option<String> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count, checked to be one that fits")]
    match (row.value, &row.none) {
        (Some(value), _) if (0.0..1e15).contains(&value) => Some(words::number(value.round() as usize)),
        (Some(value), _) => Some(format!("{value:.0}")),
        (None, Some(_)) => Some("–".to_owned()),
        (None, None) => None,
    }
}

/// A count of something, as people write it.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "templates hand references")]
pub(super) fn counted(value: &f64) -> String {
    quantity(&QuantityRow { value: Some(*value), ..QuantityRow::default() }).unwrap_or_default()
}

/// What the newest week held.
pub(super) fn newest(row: &GrowthRow) -> Option<String> {
    row.weeks.last()?.value.as_ref().map(counted)
}

/// How much more, or less, than usual.
#[allow(clippy::trivially_copy_pass_by_ref, reason = "templates hand references")]
pub(super) fn grown(growth: &f64) -> String {
    match *growth {
        growth if growth >= 1.0 => format!("{:.1} times the usual", growth + 1.0),
        growth if growth < 0.0 => format!("{} less than usual", words::percent(-growth)),
        growth => format!("{} more than usual", words::percent(growth)),
    }
}

/// A price with all its digits.
pub(super) fn exact(price: &MoneyRow) -> String {
    format!("{} {}", price.amount.normalize(), price.currency)
}

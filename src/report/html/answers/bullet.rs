//! What a month costs against what it may, as one bar: what was billed or estimated so far, what is expected at its end,
//! and the budget as a line across.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::cost::Money;
use crate::report::document::{BudgetRow, MoneyRow, OutlookRow};
use crate::report::html::plot::{self, Drawn};
use crate::report::words;

/// The bar is drawn in a box of this width.
pub(in crate::report::html) const WIDTH: f64 = 400.0;

#[derive(Clone)]
pub(in crate::report::html) struct Bullet {
    /// Where what it cost so far ends.
    pub(in crate::report::html) now: f64,
    /// From the least to the most that is expected at the end.
    pub(in crate::report::html) expected: Option<(f64, f64)>,
    /// Where the budget ends.
    pub(in crate::report::html) limit: Option<f64>,
    pub(in crate::report::html) estimated: bool,
    /// Whether it costs more than a budget allows, or will; absent where that is not known of each of them.
    pub(super) over: Option<bool>,
    /// The budgets that are spent or will not be kept, in words; names stand between backticks.
    pub(super) exceeded: Option<String>,
    /// Whether the month that it shows is over.
    pub(super) ended: bool,
    /// The amounts that it shows.
    pub(super) cost: Money,
    pub(super) outlook: Option<Money>,
    pub(super) allowed: Option<Money>,
    /// In how many days it cost that.
    pub(super) days: i32,
    /// The same in words, exactly.
    pub(in crate::report::html) words: String,
}

impl Bullet {
    /// Of the month, and of the budgets over everything that serves; `None` where an amount is too large to be drawn.
    pub(in crate::report::html) fn new(drawn: &Drawn<'_>, budgets: &[&BudgetRow]) -> Option<Self> {
        let currency = &drawn.cost.currency;
        let outlook = drawn.outlook.filter(|row| row.cost.currency == *currency);
        let allowed = drawn.limit.clone().filter(|limit| limit.currency == *currency);
        let amount = |row: &Option<MoneyRow>, or: Decimal| row.as_ref().map_or(or, |row| row.amount);
        let now = number(drawn.cost.value)?;
        let expected = match outlook {
            Some(row) => {
                Some((number(amount(&row.low, row.cost.amount))?, number(amount(&row.high, row.cost.amount))?))
            }
            None => None,
        };
        let limit = match &allowed {
            Some(limit) => Some(number(limit.value)?),
            None => None,
        };
        let most = [Some(now), expected.map(|(_, high)| high), limit].into_iter().flatten().fold(0.01, f64::max);
        let x = |value: f64| (value / most * (WIDTH - 8.0) * 10.0).round() / 10.0;
        Some(Self {
            now: x(now),
            // What is expected is still seen where it is exact.
            expected: expected.map(|(low, high)| (x(low), x(high).max(x(low) + 3.0))),
            limit: limit.map(x),
            estimated: drawn.estimated,
            over: over(drawn, outlook, allowed.as_ref(), budgets),
            exceeded: exceeded(budgets),
            ended: drawn.ended,
            cost: drawn.cost.clone(),
            outlook: outlook.map(|row| row.cost.money()),
            allowed,
            days: drawn.period.days,
            words: plot::words(drawn, outlook, drawn.limit.as_ref()),
        })
    }

    /// What it cost so far, rounded.
    pub(in crate::report::html) fn so_far(&self) -> String {
        let how = if self.estimated { "estimated" } else { "billed" };
        let days = words::count(usize::try_from(self.days).unwrap_or_default(), "day");
        format!("{} {how} in {days}", plot::rounded(&self.cost))
    }

    /// What it may cost, rounded.
    pub(in crate::report::html) fn budget(&self) -> Option<String> {
        Some(format!("budget {}", plot::rounded(self.allowed.as_ref()?)))
    }
}

/// Good only where each budget is known to be kept: one that is not is enough to be over.
fn over(
    drawn: &Drawn<'_>,
    outlook: Option<&OutlookRow>,
    allowed: Option<&Money>,
    budgets: &[&BudgetRow],
) -> Option<bool> {
    if allowed.is_some_and(|limit| drawn.cost.value > limit.value) || budgets.iter().any(|row| kept(row) == Some(false))
    {
        return Some(true);
    }
    let over = outlook?.cost.amount > allowed?.value;
    (over || budgets.iter().all(|row| kept(row) == Some(true))).then_some(over)
}

/// Whether a budget is kept, as far as its figures say; documents of before hold nothing but the figures.
fn kept(budget: &BudgetRow) -> Option<bool> {
    let limit = budget.limit.as_ref()?;
    let within = |row: &MoneyRow| (row.currency == limit.currency).then(|| row.amount <= limit.amount);
    let (actual, forecast) = (budget.actual.as_ref().and_then(within), budget.forecast.as_ref().and_then(within));
    match (budget.exceeded, actual, forecast) {
        (Some(true), ..) | (_, Some(false), _) | (_, _, Some(false)) => Some(false),
        (Some(false), ..) | (None, _, Some(true)) => Some(true),
        (None, ..) => None,
    }
}

fn exceeded(budgets: &[&BudgetRow]) -> Option<String> {
    let lost: Vec<&&BudgetRow> = budgets.iter().filter(|row| kept(row) == Some(false)).collect();
    let first = lost.first()?;
    let spent = matches!((&first.actual, &first.limit), (Some(actual), Some(limit)) if actual.amount > limit.amount);
    let how = if spent { "is spent" } else { "will not be kept" };
    Some(match lost.len() - 1 {
        0 => format!("budget `{}` {how}", first.name),
        more => format!("budget `{}` {how}, and {} more are not kept", first.name, words::number(more)),
    })
}

/// A credit is drawn as nothing.
fn number(value: Decimal) -> Option<f64> {
    value.to_f64().filter(|value| value.is_finite()).map(|value| value.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::PeriodRow;
    use crate::report::html::money::Ledger;
    use crate::report::sample::bank;
    use jiff::civil::date;

    fn usd(text: &str) -> MoneyRow {
        MoneyRow { amount: text.parse().unwrap(), currency: "USD".to_owned() }
    }

    #[test]
    fn nothing_leaves_the_box_and_more_than_the_budget_is_told() {
        let period = PeriodRow { from: date(2026, 11, 1), until: date(2026, 11, 18), days: 17 };
        for (cost, expected, limit, over) in [
            ("0", "0", "0", false),
            ("-5", "-3", "10", false),
            ("4570.09", "8063.44", "9000", false),
            ("4570.09", "9063.44", "9000", true),
            ("79228162514264337593543950335", "79228162514264337593543950335", "1", true),
        ] {
            let outlook = OutlookRow { cost: usd(expected), low: None, high: None, by: String::new() };
            let drawn = Drawn {
                period,
                cost: usd(cost).money(),
                estimated: false,
                days: &[],
                outlook: Some(&outlook),
                limit: Some(usd(limit).money()),
                ended: false,
            };
            let bullet = Bullet::new(&drawn, &[]).unwrap();
            assert_eq!(bullet.over, Some(over), "{cost}");
            let (low, high) = bullet.expected.unwrap();
            for x in [bullet.now, low, high, bullet.limit.unwrap()] {
                assert!((0.0..=WIDTH).contains(&x), "{cost}: {x}");
            }
        }
    }

    /// The sample with one budget over everything, and this one after it: its limit, what was spent, what AWS expects.
    fn beside(second: Option<(&str, &str, &str)>) -> Bullet {
        let mut report = bank();
        let costs = report.costs.as_mut().unwrap();
        costs.budgets.retain(|budget| budget.name == "ml-platform");
        let mut other = costs.budgets[0].clone();
        if let Some((limit, actual, forecast)) = second {
            "zzz".clone_into(&mut other.name);
            (other.limit, other.actual, other.forecast) = (Some(usd(limit)), Some(usd(actual)), Some(usd(forecast)));
            // As a document of before has it.
            other.exceeded = None;
            costs.budgets.push(other);
        }
        Ledger::new(&report).unwrap().bullet.unwrap()
    }

    #[test]
    fn all_budgets_over_everything_have_to_be_kept() {
        let one = beside(None);
        assert_eq!((one.over, one.exceeded), (Some(false), None));
        let spent = beside(Some(("5000", "5100", "5200")));
        assert_eq!((spent.over, spent.budget().as_deref()), (Some(true), Some("budget 5,000")));
        assert_eq!(spent.exceeded.as_deref(), Some("budget `zzz` is spent"));
        let wide = beside(Some(("12000", "11000", "19000")));
        assert_eq!((wide.over, wide.budget().as_deref()), (Some(true), Some("budget 10,500")));
        assert_eq!(wide.exceeded.as_deref(), Some("budget `zzz` will not be kept"));
    }

    #[test]
    fn a_budget_whose_figures_do_not_say_is_not_known_to_be_kept() {
        let mut report = bank();
        let costs = report.costs.as_mut().unwrap();
        costs.budgets.retain(|budget| budget.name == "ml-platform");
        costs.budgets[0].exceeded = None;
        (costs.budgets[0].actual, costs.budgets[0].forecast) = (None, None);
        assert_eq!(Ledger::new(&report).unwrap().bullet.unwrap().over, None);
    }

    #[test]
    fn of_a_month_that_is_over_nothing_is_expected() {
        let mut report = bank();
        report.as_of = "2026-12-02T09:00:00Z".parse().unwrap();
        let bullet = Ledger::new(&report).unwrap().bullet.unwrap();
        assert!(bullet.ended && bullet.outlook.is_none() && bullet.expected.is_none());
        assert!(!bullet.words.contains("Expected"), "{}", bullet.words);
    }
}

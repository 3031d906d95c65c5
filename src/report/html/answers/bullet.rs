//! What a month costs against what it may, as one bar: what was billed or estimated so far, what is expected at its end,
//! and the budget as a line across.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::cost::Money;
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
    /// Whether more is expected than the budget allows; absent where either is not known.
    pub(super) over: Option<bool>,
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
    /// `None` where an amount is too large to be drawn.
    pub(in crate::report::html) fn new(drawn: &Drawn<'_>) -> Option<Self> {
        let currency = &drawn.cost.currency;
        let outlook = drawn.outlook.filter(|row| row.cost.currency == *currency);
        let allowed = drawn.limit.clone().filter(|limit| limit.currency == *currency);
        let amount =
            |row: &Option<crate::report::document::MoneyRow>, or: Decimal| row.as_ref().map_or(or, |row| row.amount);
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
            over: outlook.zip(allowed.as_ref()).map(|(row, limit)| row.cost.amount > limit.value),
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

/// A credit is drawn as nothing.
fn number(value: Decimal) -> Option<f64> {
    value.to_f64().filter(|value| value.is_finite()).map(|value| value.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{MoneyRow, OutlookRow, PeriodRow};
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
            };
            let bullet = Bullet::new(&drawn).unwrap();
            assert_eq!(bullet.over, Some(over), "{cost}");
            let (low, high) = bullet.expected.unwrap();
            for x in [bullet.now, low, high, bullet.limit.unwrap()] {
                assert!((0.0..=WIDTH).contains(&x), "{cost}: {x}");
            }
        }
    }
}

//! An amount of money, and sums that never mix currencies.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::evidence::Amount;

/// An amount of money: an exact decimal with its currency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    /// Currency, such as `USD`.
    pub currency: String,
    /// How much, exactly.
    pub value: Decimal,
}

impl Money {
    /// An amount.
    pub fn new(value: Decimal, currency: &str) -> Self {
        Self { currency: currency.to_owned(), value }
    }

    /// So many times as much.
    #[must_use]
    pub fn times(&self, factor: Decimal) -> Self {
        Self { currency: self.currency.clone(), value: self.value.saturating_mul(factor) }
    }

    /// To the cent, half to even, as money is shown; what is computed keeps all its digits.
    pub fn rounded(&self) -> Decimal {
        let mut value = self.value.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven);
        value.rescale(2);
        value
    }
}

impl From<&Amount> for Money {
    fn from(amount: &Amount) -> Self {
        Self::new(amount.value, &amount.currency)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.rounded().abs().to_string();
        let (whole, cents) = digits.split_once('.').unwrap_or((&digits, "00"));
        if self.value.is_sign_negative() && !self.rounded().is_zero() {
            f.write_str("-")?;
        }
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ".{cents} {}", self.currency)
    }
}

/// A sum of amounts, one for each currency.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    by_currency: BTreeMap<String, Decimal>,
}

impl Sum {
    /// Adds an amount.
    pub fn add(&mut self, money: &Money) {
        let sum = self.by_currency.entry(money.currency.clone()).or_default();
        *sum = sum.saturating_add(money.value);
    }

    /// Adds another sum.
    pub fn add_all(&mut self, other: &Self) {
        other.amounts().for_each(|money| self.add(&money));
    }

    /// Its amounts, by currency.
    pub fn amounts(&self) -> impl Iterator<Item = Money> + '_ {
        self.by_currency.iter().map(|(currency, value)| Money::new(*value, currency))
    }

    /// The amount, where all are of one currency; `None` where there is nothing, or where currencies differ.
    pub fn single(&self) -> Option<Money> {
        let mut amounts = self.amounts();
        let first = amounts.next()?;
        amounts.next().is_none().then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_shown_with_its_currency_and_to_the_cent() {
        let shown = |text: &str| Money::new(text.parse().unwrap(), "USD").to_string();
        assert_eq!(
            [shown("0"), shown("1234567.005"), shown("-1234.5"), shown("-0.001"), shown("999.995")],
            ["0.00 USD", "1,234,567.00 USD", "-1,234.50 USD", "0.00 USD", "1,000.00 USD"]
        );
    }

    #[test]
    fn currencies_are_never_added() {
        let mut sum = Sum::default();
        assert_eq!(sum.single(), None);
        sum.add(&Money::new("0.1".parse().unwrap(), "USD"));
        sum.add(&Money::new("0.2".parse().unwrap(), "USD"));
        assert_eq!(sum.single(), Some(Money::new("0.3".parse().unwrap(), "USD")));
        sum.add(&Money::new(Decimal::ONE, "EUR"));
        assert_eq!(sum.single(), None);
        assert_eq!(sum.amounts().count(), 2);
    }
}

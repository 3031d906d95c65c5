//! Exact division: the parts of an amount add up to it, to the last digit.

use rust_decimal::Decimal;

/// Digits after the point that parts are rounded to, unless what is divided has more: Cost Explorer states ten.
const DIGITS: u32 = 10;

/// Divides an amount in proportion to weights, in equal parts where they weigh nothing. What rounding leaves over goes to
/// the heaviest, the first of those that are as heavy.
pub(super) fn divide(amount: Decimal, weights: &[Decimal]) -> Vec<Decimal> {
    let whole: Decimal = weights.iter().sum();
    let equal = vec![Decimal::ONE; weights.len()];
    let (weights, whole) =
        if whole.is_zero() { (equal.as_slice(), Decimal::from(weights.len())) } else { (weights, whole) };
    let part = |weight: &Decimal| {
        let exact = amount.checked_mul(*weight).map_or_else(|| amount / whole * weight, |product| product / whole);
        exact.round_dp(DIGITS.max(amount.scale()).min(18))
    };
    let mut parts: Vec<Decimal> = weights.iter().map(part).collect();
    let over = amount - parts.iter().sum::<Decimal>();
    let heaviest = weights.iter().max().and_then(|most| weights.iter().position(|weight| weight == most));
    if let Some(part) = heaviest.and_then(|at| parts.get_mut(at)) {
        *part += over;
    }
    parts.iter().map(Decimal::normalize).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parts(amount: &str, weights: &[u32]) -> Vec<String> {
        let weights: Vec<Decimal> = weights.iter().copied().map(Decimal::from).collect();
        divide(amount.parse().unwrap(), &weights).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn parts_are_in_proportion_and_the_heaviest_bears_what_is_left_over() {
        assert_eq!(parts("17.625", &[1, 3]), ["4.40625", "13.21875"]);
        assert_eq!(parts("1", &[1, 1, 1]), ["0.3333333334", "0.3333333333", "0.3333333333"]);
        assert_eq!(parts("10", &[0, 0]), ["5", "5"]);
        assert_eq!(parts("10", &[]), Vec::<String>::new());
        assert_eq!(parts("-3", &[1, 2]), ["-1", "-2"]);
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole(
            amount in -1_000_000_000_000_i64..1_000_000_000_000, scale in 0_u32..12,
            weights in prop::collection::vec(0_u64..1_000_000_000, 1..40),
        ) {
            let amount = Decimal::new(amount, scale);
            let weights: Vec<Decimal> = weights.into_iter().map(|weight| Decimal::new(weight.cast_signed(), 4)).collect();
            prop_assert_eq!(divide(amount, &weights).iter().sum::<Decimal>(), amount);
        }
    }
}

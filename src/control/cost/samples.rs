//! Rows of a ledger for the cases of the controls.

use rust_decimal::Decimal;

use crate::cost::{CostSource, Figure, Known, Money, Scaling, Use, VersionCost};
use crate::estate::fixture::decimal;

/// A busy live version that scales between one and four instances.
pub(super) fn used() -> Use {
    Use {
        requests: Known::Known(4_200.0),
        days: 14.0,
        duty_cycle: Known::Known(1.0),
        processors: Known::Known(0.5),
        accelerators: Known::None("its instances have none".to_owned()),
        memory: Known::Known(0.6),
        scaling: Known::Known(Scaling { least: 1, most: 4, active: true }),
        stands_by: None,
    }
}

/// A figure in dollars, by estimate.
pub(super) fn estimated(amount: &str) -> Known<Figure> {
    let money = Money::new(decimal(amount), "USD");
    Known::Known(Figure {
        low: money.clone(),
        high: money.clone(),
        amount: money,
        source: CostSource::Estimate,
        notes: Vec::new(),
        seen: Vec::new(),
    })
}

/// What a live version costs that costs so much in a month.
pub(super) fn costs(monthly: &str) -> VersionCost {
    VersionCost {
        share: (Decimal::ONE, "it is alone on its endpoint".to_owned()),
        cost: estimated(monthly),
        estimate: estimated(monthly),
        lines: Vec::new(),
        gap: None,
        monthly: estimated(monthly),
        per_thousand: Known::None("not asked".to_owned()),
        predictions: Known::None("not asked".to_owned()),
        candidate: None,
    }
}

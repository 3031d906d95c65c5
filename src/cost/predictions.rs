//! Requests that were answered, and what a thousand of them cost.

use rust_decimal::Decimal;

use super::observed::{self, Quantity};
use super::{Figure, Known, Money, Period, hours};
use crate::estate::{DAY_PERIOD, Estate, Hosting, LiveVersion, NORMAL_PERIOD, ServingPath, Unit};

/// Predictions of the period, and how they were counted.
#[derive(Debug)]
pub(super) struct Predictions {
    /// How many.
    pub(super) known: Known<Decimal>,
    counted: Option<Quantity>,
}

/// How many requests a live version answered. Where it is not alone on its variant, metrics count those of all together.
pub(super) fn of(estate: &Estate<'_>, live: &LiveVersion<'_>, alone: bool, period: Period) -> Predictions {
    let unknown = |why: &str| Predictions { known: Known::Unknown(why.to_owned()), counted: None };
    if live.path == ServingPath::Batch {
        let why = "batch jobs do not publish how many records they read".to_owned();
        return Predictions { known: Known::None(why), counted: None };
    }
    if !alone && live.component.is_none() {
        return unknown("requests are counted for its variant, on which it is not alone");
    }
    let metric = if live.hosting == Hosting::Asynchronous { "InvocationsProcessed" } else { "Invocations" };
    let counted = Unit::of(live).and_then(|unit| {
        let (from, until) = hours::span(live, period);
        // Days are read further back than hours are.
        [DAY_PERIOD, NORMAL_PERIOD].into_iter().find_map(|seconds| {
            let key = unit.series(metric, "Sum", seconds).to_string();
            let series = estate.index.series(live.account, live.region, &key).found()?;
            observed::count(series, from, until, |_, count| Some(count))
        })
    });
    match counted {
        Some(counted) => {
            let known = Known::Known(counted.likely.round().normalize());
            Predictions { known, counted: Some(counted) }
        }
        None => unknown("its requests were not counted: no metrics of these days were read"),
    }
}

/// What a thousand predictions cost.
pub(super) fn per_thousand(cost: &Known<Figure>, predictions: &Predictions) -> Known<Figure> {
    let figure = match cost {
        Known::Known(figure) => figure,
        other => return other.clone(),
    };
    let count = match &predictions.known {
        Known::Known(count) if count.is_zero() => {
            return Known::None("nobody asked it anything in these days".to_owned());
        }
        Known::Known(count) => *count,
        Known::Unknown(why) => return Known::Unknown(why.clone()),
        Known::None(why) => return Known::None(why.clone()),
    };
    let of = |amount: &Money| {
        Money::new((amount.value * Decimal::ONE_THOUSAND / count).round_dp(10).normalize(), &amount.currency)
    };
    let mut figure =
        Figure { amount: of(&figure.amount), low: of(&figure.low), high: of(&figure.high), ..figure.clone() };
    if let Some(counted) = &predictions.counted {
        figure.notes.extend(counted.how.iter().cloned());
        figure.seen.extend(&counted.seen);
    }
    super::estimate::tidy(&mut figure);
    Known::Known(figure)
}

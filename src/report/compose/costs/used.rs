//! Use, growth, capacity and tokens as rows.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::Ids;
use crate::cost::{CapacityUse, Growth, Known, TokenUse, Use};
use crate::report::document::{CapacityRow, GrowthRow, GrowthWeekRow, QuantityRow, ScalingRow, TokenRow, UseRow};

/// A quantity. One that is no number is not known, and could not be written as JSON.
fn quantity(known: &Known<f64>) -> QuantityRow {
    match known {
        Known::Known(value) if value.is_finite() => QuantityRow { value: Some(*value), ..QuantityRow::default() },
        Known::Known(_) => {
            QuantityRow { unknown: Some("its data are no numbers".to_owned()), ..QuantityRow::default() }
        }
        Known::Unknown(why) => QuantityRow { unknown: Some(why.clone()), ..QuantityRow::default() },
        Known::None(why) => QuantityRow { none: Some(why.clone()), ..QuantityRow::default() },
    }
}

/// The same of an exact count.
pub(super) fn decimal(known: &Known<Decimal>) -> QuantityRow {
    match known {
        Known::Known(value) => quantity(&Known::Known(value.to_f64().unwrap_or(f64::NAN))),
        Known::Unknown(why) => quantity(&Known::Unknown(why.clone())),
        Known::None(why) => quantity(&Known::None(why.clone())),
    }
}

/// How a live version is used.
pub(super) fn of(used: &Use) -> UseRow {
    let scaling = used.scaling.known();
    UseRow {
        requests: quantity(&used.requests),
        days: finite(Some(used.days)).unwrap_or_default(),
        duty_cycle: quantity(&used.duty_cycle),
        processors: quantity(&used.processors),
        accelerators: quantity(&used.accelerators),
        memory: quantity(&used.memory),
        scaling: scaling.map(|it| ScalingRow { least: it.least, most: it.most, active: it.active }),
        no_scaling: used.scaling.why().map(str::to_owned),
        stands_by: used.stands_by.clone(),
    }
}

pub(super) fn growth(growth: &Growth, ids: &Ids<'_, '_>) -> GrowthRow {
    let week = |(day, value): &(jiff::civil::Date, Option<f64>)| GrowthWeekRow { day: *day, value: finite(*value) };
    GrowthRow {
        live_versions: ids.of(&growth.live),
        what: growth.what.clone(),
        unit: growth.unit.clone(),
        weeks: growth.weeks.iter().map(week).collect(),
        median: finite(growth.median),
        growth: finite(growth.growth),
        ceiling: finite(growth.ceiling),
        unknown: growth.unknown.clone(),
    }
}

fn finite(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite())
}

pub(super) fn capacity(capacity: &CapacityUse, ids: &mut Ids<'_, '_>) -> CapacityRow {
    CapacityRow {
        name: capacity.name.clone(),
        arn: capacity.arn.clone(),
        account: capacity.account.clone(),
        region: capacity.region.clone(),
        requests: quantity(&capacity.requests),
        age_days: capacity.age_days,
        expires: capacity.expires,
        evidence: ids.seen(|| format!("provisioned throughput `{}`", capacity.name), &capacity.seen),
    }
}

pub(super) fn tokens(tokens: &TokenUse, ids: &mut Ids<'_, '_>) -> TokenRow {
    TokenRow {
        of: tokens.of.clone(),
        account: tokens.account.clone(),
        region: tokens.region.clone(),
        tokens_in: quantity(&tokens.tokens_in),
        tokens_out: quantity(&tokens.tokens_out),
        cost: ids.figure(&tokens.cost, |figure| format!("the tokens of `{}` cost {}", tokens.of, figure.amount)),
    }
}

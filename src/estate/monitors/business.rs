//! Business metrics that a manifest declares, and how they stand.

use super::BusinessReading;
use super::series::{newest, seconds, span};
use super::sight::Sight;
use crate::estate::LiveVersion;

const HOUR: i64 = 3_600;

/// Reads every declared business metric.
pub(super) fn read<'a>(sight: &Sight<'_, 'a>, live: &LiveVersion<'a>) -> Vec<BusinessReading<'a>> {
    let declared = live.manifest.map(|manifest| manifest.business_metrics.as_slice()).unwrap_or_default();
    declared.iter().map(|declared| reading(sight, live, declared)).collect()
}

fn reading<'a>(
    sight: &Sight<'_, 'a>,
    live: &LiveVersion<'a>,
    declared: &'a crate::policy::BusinessMetric,
) -> BusinessReading<'a> {
    let without = |why: &str, seen| BusinessReading {
        declared,
        value: None,
        at: None,
        breached: None,
        why: Some(why.to_owned()),
        seen,
    };
    let Some(series) = sight.series(live, &declared.metric.key()) else {
        return without("its data points were not read", Vec::new());
    };
    let seen = series.seen.clone();
    let Some((at, value)) = newest(&series.data) else {
        return without("nobody publishes it: it has no data points", seen);
    };
    let age = seconds(at, sight.as_of);
    let stale = age > declared.within_hours.saturating_mul(HOUR);
    BusinessReading {
        declared,
        value: Some(value),
        at: Some(at),
        breached: (!stale).then(|| declared.limit.is_passed(value)),
        why: stale.then(|| format!("its newest value is {} old", span(age))),
        seen,
    }
}

//! Whether an alarm goes into ALARM when requests stop: without requests there are no data points, not zeros.
//!
//! The alarm's own rule is run over a series that ends, so that `FILL` and its kin are evaluated rather than guessed.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::cloudwatch::alarm::{AlarmRule, Judged, LOOKBACK, MissingData, State};
use crate::cloudwatch::maths::{Maths, Unsupported};
use crate::cloudwatch::series::Series;
use crate::evidence::AlarmMetric;

/// Requests in a period before they stop: more than any threshold for few.
const MANY: f64 = 1e12;

/// Whether it fires.
///
/// # Errors
/// Why that cannot be told.
pub(super) fn fires(metric: &AlarmMetric, is_volume: impl Fn(usize) -> bool) -> Result<bool, String> {
    let rule = AlarmRule::read_with_band(metric).map_err(|why| why.to_string())?;
    if metric.threshold_metric.is_some() {
        // However wide the band is, a point that is missing breaches.
        return if rule.missing == MissingData::Breaching {
            Ok(true)
        } else {
            Err("whether its anomaly band fires when requests stop altogether".to_owned())
        };
    }
    let [short, long] = [*LOOKBACK.start(), *LOOKBACK.end()].map(|lookback| run(metric, &rule, lookback, &is_volume));
    match (short?, long?) {
        (short, long) if short == long => Ok(short),
        _ => Err("whether CloudWatch looks back far enough for it to fire".to_owned()),
    }
}

/// Whether it fires once requests have stopped, if CloudWatch looks back so many periods beyond those of the rule.
fn run(
    metric: &AlarmMetric,
    rule: &AlarmRule,
    lookback: u32,
    is_volume: &impl Fn(usize) -> bool,
) -> Result<bool, String> {
    let period = i64::from(rule.period);
    let range = i64::from(rule.evaluation_periods.saturating_add(lookback));
    let at = |periods: i64| Timestamp::from_second(periods.saturating_mul(period)).unwrap_or(Timestamp::MAX);
    let series: BTreeMap<String, Series> = metric
        .terms
        .iter()
        .enumerate()
        .map(|(number, term)| {
            let value = if is_volume(number) { MANY } else { 0.0 };
            (term.id.clone(), Series::of(rule.period, (0..range).map(|periods| (at(periods), value))))
        })
        .collect();
    let mut state = State::Ok;
    // Requests stop after `range` periods; from then on each period is one more without.
    for silent in 1..=range {
        let span = at(silent)..at(range + silent);
        let judged = match &rule.judged {
            Judged::Metric { term, .. } => {
                let id = metric.terms.get(*term).map(|term| term.id.as_str()).unwrap_or_default();
                series.get(id).cloned().unwrap_or_else(|| Series::new(rule.period))
            }
            Judged::Expression { id } => {
                let maths =
                    Maths { period: rule.period, span: &span, series: &series, expressions: &metric.expressions };
                match maths.evaluate(id) {
                    Ok(series) => series,
                    // Nothing is documented of filling where there is no point at all; it has fired by then, or not.
                    Err(Unsupported::Undocumented(_)) if silent == range => break,
                    Err(why) => return Err(why.to_string()),
                }
            }
        };
        let points: Vec<_> = (silent..range + silent).map(|periods| rule.judge(judged.at(at(periods)), None)).collect();
        state = rule.decide_points(&points, state).state;
        if state == State::Alarm {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;

    fn told(change: impl FnOnce(&mut AlarmMetric)) -> Result<bool, String> {
        let mut alarm = alarm("a", "Invocations");
        let rule = rule(&mut alarm);
        change(rule);
        fires(rule, |_| true)
    }

    fn filled(expression: &str, missing: &str) -> Result<bool, String> {
        told(|rule| {
            rule.terms[0].id = "m1".to_owned();
            rule.terms[0].judged = false;
            rule.expressions = [("judged".to_owned(), expression.to_owned())].into();
            rule.judged_expression = Some("judged".to_owned());
            rule.missing_data = Some(missing.to_owned());
        })
    }

    #[test]
    fn missing_data_must_breach() {
        for (missing, expected) in [("breaching", true), ("notBreaching", false), ("ignore", false), ("missing", false)]
        {
            assert_eq!(told(|rule| rule.missing_data = Some(missing.to_owned())), Ok(expected), "{missing}");
        }
        assert_eq!(told(|rule| rule.missing_data = None), Ok(false), "what AWS does by itself");
    }

    #[test]
    fn what_fills_missing_data_is_evaluated() {
        assert_eq!(filled("FILL(m1, 0)", "notBreaching"), Ok(true), "zeros breach");
        assert_eq!(filled("FILL(m1, 10)", "notBreaching"), Ok(false));
        assert_eq!(filled("FILL(m1, REPEAT)", "missing"), Ok(false), "the last value is repeated");
        assert_eq!(filled("IF(FILL(m1, 0) > 0, 5, 0)", "notBreaching"), Ok(true));
        assert_eq!(filled("m1 * 2", "breaching"), Ok(true));
        assert_eq!(filled("m1 * 2", "missing"), Ok(false));
    }

    #[test]
    fn what_only_cloudwatch_can_evaluate_is_not_known() {
        assert!(filled("ANOMALY_DETECTION_BAND(m1, 2)", "missing").is_err());
        assert!(filled("FILL(other, 0)", "missing").is_err());
        let band = told(|rule| {
            rule.missing_data = None;
            rule.threshold_metric = Some("band".to_owned());
            rule.comparison = Some("LessThanLowerThreshold".to_owned());
            rule.expressions = [("band".to_owned(), "ANOMALY_DETECTION_BAND(m1, 2)".to_owned())].into();
        });
        assert!(band.is_err());
    }
}

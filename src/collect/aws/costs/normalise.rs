//! SDK answers of Cost Explorer to ours. Amounts stay exact.

use aws_sdk_costexplorer::operation::get_cost_forecast::GetCostForecastOutput;
use aws_sdk_costexplorer::types::{CostAllocationTag, CostAllocationTagStatus, Group, MetricValue, ResultByTime};
use jiff::Timestamp;
use jiff::civil::Date;

use super::question::{Days, METRIC, USAGE_QUANTITY};
use crate::collect::Malformed;
use crate::collect::aws::text::{decimal, required, text};
use crate::evidence::{AllocationTag, Amount, BillLine, Forecast};

/// Unit of a usage that is a sum of unlike things.
const NO_UNIT: &str = "N/A";

/// The lines of one day.
///
/// # Errors
/// If one of them does not say of what or how much it is.
pub(super) fn lines(result: &ResultByTime, groups: usize) -> Result<Vec<BillLine>, Malformed> {
    let period = result.time_period().map(|period| (period.start(), period.end()));
    let days = period.and_then(|(start, end)| Some((day(start)?, day(end)?)));
    let (from, until) = days.ok_or_else(|| problem("a day of the bill", "`TimePeriod` is no span of days"))?;
    let line = |group: &Group| {
        let item = format!("`{}` on {from}", group.keys().join("`, `"));
        if group.keys().len() != groups {
            return Err(problem(&item, &format!("it has {} keys instead of {groups}", group.keys().len())));
        }
        let metric = |name: &str| group.metrics().and_then(|metrics| metrics.get(name));
        let usage = metric(USAGE_QUANTITY);
        let amount = usage.and_then(MetricValue::amount);
        let bad = || problem(&item, &format!("`{USAGE_QUANTITY}` is no number"));
        Ok(BillLine {
            from,
            until,
            keys: group.keys().to_vec(),
            cost: money(&item, METRIC, metric(METRIC))?,
            usage: amount.map(|amount| decimal(amount).ok_or_else(bad)).transpose()?,
            usage_unit: usage.and_then(|usage| text(usage.unit())).filter(|unit| unit != NO_UNIT),
            estimated: result.estimated(),
        })
    };
    result.groups().iter().map(line).collect()
}

/// What the rest of the month is expected to cost these accounts.
///
/// # Errors
/// If the answer has no total.
pub(super) fn forecast(
    output: &GetCostForecastOutput,
    days: &Days,
    accounts: &[String],
) -> Result<Forecast, Malformed> {
    let mean = money("the forecast", "Total", output.total())?;
    let amount = |value: Option<&str>| Some(Amount { value: decimal(value?)?, currency: mean.currency.clone() });
    let month = output.forecast_results_by_time().first();
    Ok(Forecast {
        metric: "NET_AMORTIZED_COST".to_owned(),
        from: days.today,
        until: days.month_end,
        accounts: accounts.to_vec(),
        low: month.and_then(|month| amount(month.prediction_interval_lower_bound())),
        high: month.and_then(|month| amount(month.prediction_interval_upper_bound())),
        mean,
    })
}

/// One tag key.
///
/// # Errors
/// If it has no name, or a status that is neither active nor inactive.
pub(super) fn allocation_tag(tag: &CostAllocationTag) -> Result<AllocationTag, Malformed> {
    let key = required("a tag key", "TagKey", Some(tag.tag_key()))?;
    let active = match tag.status() {
        CostAllocationTagStatus::Active => true,
        CostAllocationTagStatus::Inactive => false,
        other => return Err(problem(&key, &format!("its status `{}` is not known", other.as_str()))),
    };
    let at = |date: Option<&str>| date.and_then(|date| date.parse::<Timestamp>().ok());
    Ok(AllocationTag { key, active, updated: at(tag.last_updated_date()), last_used: at(tag.last_used_date()) })
}

fn money(item: &str, name: &str, value: Option<&MetricValue>) -> Result<Amount, Malformed> {
    let amount = required(item, name, value.and_then(MetricValue::amount))?;
    let currency = required(item, "Unit", value.and_then(MetricValue::unit))?;
    let value = decimal(&amount).ok_or_else(|| problem(item, &format!("`{name}` is no number")))?;
    Ok(Amount { value, currency })
}

/// A day, which AWS may write with the hour it begins at.
fn day(text: &str) -> Option<Date> {
    text.split('T').next()?.parse().ok()
}

fn problem(item: &str, reason: &str) -> Malformed {
    Malformed { item: item.to_owned(), reason: reason.to_owned() }
}

#[cfg(test)]
mod tests {
    use aws_sdk_costexplorer::types::{CostAllocationTagType, DateInterval, ForecastResult};

    use super::*;

    fn value(amount: &str, unit: &str) -> MetricValue {
        MetricValue::builder().amount(amount).unit(unit).build()
    }

    fn result(keys: &[&str], cost: &str, unit: &str) -> ResultByTime {
        let day = DateInterval::builder().start("2026-11-02").end("2026-11-03").build().unwrap();
        let group = Group::builder().set_keys(Some(keys.iter().map(|&key| key.to_owned()).collect()));
        let group = group.metrics(METRIC, value(cost, "USD")).metrics(USAGE_QUANTITY, value("24", unit)).build();
        ResultByTime::builder().time_period(day).groups(group).estimated(true).build()
    }

    #[test]
    fn a_line_keeps_the_keys_and_the_exact_amount() {
        let hostile = "cost-center$=HYPERLINK(\"x\")\u{202e}";
        let read = lines(&result(&["EUC1-Host:ml.m5.xlarge", hostile], "5.5200000001", "Hrs"), 2).unwrap();
        let [line] = read.as_slice() else { panic!("{read:?}") };
        assert_eq!((line.from.to_string(), line.until.to_string()), ("2026-11-02".into(), "2026-11-03".into()));
        assert_eq!(line.keys, ["EUC1-Host:ml.m5.xlarge", hostile]);
        assert_eq!((line.cost.value.to_string(), line.cost.currency.as_str()), ("5.5200000001".into(), "USD"));
        assert_eq!((line.usage.unwrap().to_string(), line.usage_unit.as_deref()), ("24".into(), Some("Hrs")));
        assert!(line.estimated);
        assert_eq!(lines(&result(&["a", "b"], "-1.2E-7", "N/A"), 2).unwrap()[0].usage_unit, None);
    }

    #[test]
    fn what_is_no_line_is_told() {
        let reason = |result: &ResultByTime| lines(result, 2).unwrap_err().reason;
        assert_eq!(reason(&result(&["a"], "1", "Hrs")), "it has 1 keys instead of 2");
        assert_eq!(reason(&result(&["a", "b"], "much", "Hrs")), "`NetAmortizedCost` is no number");
        assert_eq!(reason(&result(&["a", "b"], "", "Hrs")), "`NetAmortizedCost` is missing");
        assert_eq!(reason(&ResultByTime::builder().build()), "`TimePeriod` is no span of days");
    }

    #[test]
    fn a_forecast_has_a_mean_and_perhaps_an_interval() {
        let days = Days::at("2026-11-23T00:00:00Z".parse().unwrap()).unwrap();
        let accounts = ["111122223333".to_owned()];
        let part = ForecastResult::builder().mean_value("12.5").prediction_interval_lower_bound("10");
        let part = part.prediction_interval_upper_bound("15.25").build();
        let output = GetCostForecastOutput::builder().total(value("12.5", "EUR"));
        let read = forecast(&output.clone().forecast_results_by_time(part).build(), &days, &accounts).unwrap();
        let high = read.high.unwrap();
        assert_eq!((high.value.to_string(), high.currency.as_str(), read.low.is_some()), ("15.25".into(), "EUR", true));
        assert_eq!((read.from.to_string(), read.until.to_string()), ("2026-11-23".into(), "2026-12-01".into()));
        assert_eq!(read.accounts, accounts);
        assert!(forecast(&output.build(), &days, &accounts).unwrap().low.is_none());
        forecast(&GetCostForecastOutput::builder().build(), &days, &accounts).unwrap_err();
    }

    #[test]
    fn a_tag_key_is_active_or_not() {
        let tag = |key: &str, status| {
            let built = CostAllocationTag::builder().tag_key(key).r#type(CostAllocationTagType::UserDefined);
            let built = built.status(status).last_updated_date("2026-05-01T00:00:00Z").last_used_date("lately");
            allocation_tag(&built.build().unwrap())
        };
        let read = tag("cost-center", CostAllocationTagStatus::Inactive).unwrap();
        assert_eq!((read.key.as_str(), read.active, read.last_used), ("cost-center", false, None));
        assert_eq!(read.updated.unwrap().to_string(), "2026-05-01T00:00:00Z");
        assert!(tag("owner", CostAllocationTagStatus::Active).unwrap().active);
        tag("", CostAllocationTagStatus::Active).unwrap_err();
        tag("team", "Pending".into()).unwrap_err();
    }
}

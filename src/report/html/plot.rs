//! A month's cost against what it may be: days from left to right, money upwards. What was billed is a solid line, what is
//! estimated a dashed one over hatching; the fan is what is expected until the month ends. Drawn, so in floating point;
//! every amount is also told exactly, in words.

use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use crate::cost::Money;
use crate::report::document::{DayCostRow, OutlookRow, PeriodRow};

/// Size of the drawing, and of the room for labels around it.
pub(super) const WIDTH: f64 = 480.0;
pub(super) const HEIGHT: f64 = 216.0;
pub(super) const LEFT: f64 = 54.0;
pub(super) const RIGHT: f64 = WIDTH - 112.0;
pub(super) const TOP: f64 = 26.0;
pub(super) const BOTTOM: f64 = HEIGHT - 28.0;

/// Two labels stand at least so far apart.
const APART: f64 = 14.0;

/// What is drawn.
pub(super) struct Drawn<'a> {
    pub(super) period: PeriodRow,
    /// What it cost so far.
    pub(super) cost: Money,
    /// Whether any of it is an estimate.
    pub(super) estimated: bool,
    /// Each day's cost, where days are known apart.
    pub(super) days: &'a [DayCostRow],
    /// What is expected.
    pub(super) outlook: Option<&'a OutlookRow>,
    /// What the month may cost.
    pub(super) limit: Option<Money>,
    /// Whether the month is over, so that nothing more is expected of it.
    pub(super) ended: bool,
}

/// The drawing.
pub(super) struct Plot {
    /// The line of what it cost.
    pub(super) line: String,
    /// The area below it.
    pub(super) area: String,
    pub(super) estimated: bool,
    /// From the least to the most that is expected.
    pub(super) fan: Option<String>,
    /// The line of what is expected.
    pub(super) expected: Option<String>,
    /// Where what it cost so far ends.
    pub(super) now: (f64, f64),
    /// Height of the budget.
    pub(super) limit: Option<f64>,
    /// Whether more is expected than the budget allows.
    pub(super) over: bool,
    /// Heights with their amounts.
    pub(super) amounts: Vec<(f64, String)>,
    /// Places of days.
    pub(super) dates: Vec<(f64, String)>,
    /// Labels at the right: height, class and two lines of text.
    pub(super) labels: Vec<(f64, &'static str, String)>,
    pub(super) currency: String,
    /// The same in words.
    pub(super) words: String,
}

impl Plot {
    /// `None` where currencies differ or there is no day to draw: what cannot be compared is not drawn on one axis.
    pub(super) fn new(drawn: &Drawn<'_>) -> Option<Self> {
        let (period, currency) = (drawn.period, drawn.cost.currency.as_str());
        let same = |money: &Money| money.currency == currency;
        let outlook = drawn.outlook.filter(|it| it.cost.currency == currency);
        let limit = drawn.limit.as_ref().filter(|limit| same(limit));
        let days = f64::from(period.from.days_in_month());
        if period.days < 1 {
            return None;
        }
        let so_far = number(drawn.cost.value)?;
        let (low, most) = match outlook {
            Some(it) => {
                let of = |row: &Option<crate::report::document::MoneyRow>| {
                    row.as_ref().map_or(it.cost.amount, |row| row.amount)
                };
                (Some((number(of(&it.low))?, number(it.cost.amount)?)), number(of(&it.high))?)
            }
            None => (None, so_far),
        };
        let allowed = limit.and_then(|limit| number(limit.value));
        let step = step(so_far.max(most).max(allowed.unwrap_or_default()) / 3.0);
        let top = step * (so_far.max(most).max(allowed.unwrap_or_default()) / step * 1.04).ceil().max(1.0);
        let x = |day: f64| round(LEFT + (RIGHT - LEFT) * day / days);
        let y = |value: f64| round(BOTTOM - (BOTTOM - TOP) * (value / top).clamp(0.0, 1.0));
        let now = (x(f64::from(period.days)), y(so_far));
        let line = course(drawn, &x, &y).unwrap_or_else(|| format!("M{} {}L{} {}", x(0.0), y(0.0), now.0, now.1));
        let end = x(days);
        let over = matches!((limit, outlook), (Some(limit), Some(it)) if it.cost.amount > limit.value);
        let mut labels = Vec::new();
        if let Some((_, mean)) = low {
            labels.push((y(mean), if over { "p-over" } else { "p-expected" }, format!("expected {}", short(mean))));
        }
        if let Some(allowed) = allowed {
            labels.push((y(allowed), "p-limit", format!("budget {}", short(allowed))));
        }
        Some(Self {
            area: format!("{line}L{} {}L{} {}Z", now.0, y(0.0), x(0.0), y(0.0)),
            line,
            estimated: drawn.estimated,
            fan: low.map(|(low, _)| format!("M{} {}L{end} {}L{end} {}Z", now.0, now.1, y(most), y(low))),
            expected: low.map(|(_, mean)| format!("M{} {}L{end} {}", now.0, now.1, y(mean))),
            now,
            limit: allowed.map(y),
            over,
            amounts: amounts(step, top).into_iter().map(|value| (y(value), short(value))).collect(),
            dates: [1_i8, 8, 15, 22, period.from.days_in_month()]
                .map(|day| (x(f64::from(day) - 0.5), day.to_string()))
                .into(),
            labels: apart(labels),
            // A currency has three letters; what is longer would leave the drawing.
            currency: currency.chars().take(6).collect(),
            words: words(drawn, outlook, limit),
        })
    }
}

/// The course of the days, one upon the other; none where they are not known apart or do not add up to what is drawn.
fn course(drawn: &Drawn<'_>, x: &impl Fn(f64) -> f64, y: &impl Fn(f64) -> f64) -> Option<String> {
    let period = drawn.period;
    let within = |row: &&DayCostRow| row.day >= period.from && row.day < period.until;
    let rows: Vec<&DayCostRow> = drawn.days.iter().filter(within).collect();
    let alike = rows.iter().all(|row| row.cost.currency == drawn.cost.currency);
    if rows.len() < 2 || !alike {
        return None;
    }
    let mut sum = Decimal::ZERO;
    let mut line = format!("M{} {}", x(0.0), y(0.0));
    for row in rows {
        sum = sum.checked_add(row.cost.amount)?;
        line.extend([format!("L{} {}", x(f64::from(row.day.day())), y(number(sum)?))]);
    }
    (sum == drawn.cost.value).then_some(line)
}

/// The same in words, exactly.
pub(super) fn words(drawn: &Drawn<'_>, outlook: Option<&OutlookRow>, limit: Option<&Money>) -> String {
    let how = if drawn.estimated { "Estimated" } else { "Billed" };
    let mut words = format!("{how} from {}: {}.", days(drawn.period), drawn.cost);
    if let Some(it) = outlook {
        words.extend([format!(" Expected by {}: {}", day(drawn.period.from.last_of_month()), it.cost.money())]);
        if let (Some(low), Some(high)) = (&it.low, &it.high)
            && low != high
        {
            words.extend([format!(", between {} and {}", low.money(), high.money())]);
        }
        words.push('.');
    }
    if let Some(limit) = limit {
        words.extend([format!(" Budget of a month: {limit}.")]);
    }
    words
}

/// The day before.
pub(super) fn last(until: Date) -> Date {
    until.yesterday().unwrap_or(until)
}

/// Days as people say them: `1 to 17 November 2026`.
pub(super) fn days(period: PeriodRow) -> String {
    let (from, last) = (period.from, last(period.until));
    if (from.year(), from.month()) == (last.year(), last.month()) && from < last {
        format!("{} to {}", from.day(), day(last))
    } else {
        format!("{} to {}", day(from), day(last))
    }
}

/// A day as people say it: `17 November 2026`.
pub(super) fn day(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// A negative amount, such as a credit, is drawn as nothing; a number beyond floating point is not drawn.
fn number(value: Decimal) -> Option<f64> {
    value.to_f64().filter(|value| value.is_finite()).map(|value| value.max(0.0))
}

/// A step of an axis: 1, 2 or 5 times a power of ten, and at least a cent.
fn step(about: f64) -> f64 {
    let power = 10_f64.powf(about.max(0.01).log10().floor());
    let times = about / power;
    power
        * if times > 5.0 {
            10.0
        } else if times > 2.0 {
            5.0
        } else if times > 1.0 {
            2.0
        } else {
            1.0
        }
}

/// Every step up to the top.
fn amounts(step: f64, top: f64) -> Vec<f64> {
    std::iter::successors(Some(0.0), |value| Some(value + step))
        .take_while(|value| *value <= top * 1.001)
        .take(8)
        .collect()
}

/// An amount as short as it can be read, without its currency.
pub(super) fn rounded(money: &Money) -> String {
    money.value.to_f64().map_or_else(|| money.value.to_string(), short)
}

/// An amount as short as it can be read: `1,250`, `0.50`.
fn short(value: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not negative, and below the check")]
    if (10.0..1e15).contains(&value) {
        return crate::report::words::number(value.round() as usize);
    }
    let text = format!("{value:.2}");
    text.strip_suffix(".00").map_or(text.clone(), str::to_owned)
}

/// Moves labels apart that would stand on each other, and keeps them in the drawing.
fn apart(mut labels: Vec<(f64, &'static str, String)>) -> Vec<(f64, &'static str, String)> {
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut last = TOP - APART;
    for label in &mut labels {
        label.0 = label.0.max(last + APART);
        last = label.0;
    }
    labels
}

/// A tenth of a pixel is enough.
fn round(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::MoneyRow;
    use jiff::civil::date;

    fn usd(text: &str) -> MoneyRow {
        MoneyRow { amount: text.parse().unwrap(), currency: "USD".to_owned() }
    }

    fn plot(cost: &str, expected: Option<&str>, limit: Option<&str>) -> Option<Plot> {
        let outlook = expected.map(|text| OutlookRow { cost: usd(text), low: None, high: None, by: String::new() });
        let period = PeriodRow { from: date(2026, 11, 1), until: date(2026, 11, 18), days: 17 };
        Plot::new(&Drawn {
            period,
            cost: usd(cost).money(),
            estimated: false,
            days: &[],
            outlook: outlook.as_ref(),
            limit: limit.map(|text| usd(text).money()),
            ended: false,
        })
    }

    #[test]
    fn everything_stays_in_the_drawing() {
        for (cost, expected, limit) in [
            ("0", None, None),
            ("0.001", Some("0.002"), Some("0.0001")),
            ("1284.36", Some("2266.5"), Some("2500")),
            ("-12", Some("-20"), Some("5")),
            ("79228162514264337593543950335", Some("79228162514264337593543950335"), Some("1")),
        ] {
            let plot = plot(cost, expected, limit).unwrap();
            let inside = |y: &f64| (0.0..=HEIGHT).contains(y);
            assert!(inside(&plot.now.1) && plot.limit.iter().all(&inside), "{cost}");
            assert!(plot.labels.iter().all(|label| inside(&label.0)), "{cost}");
            assert!(plot.amounts.len() >= 2 && plot.amounts.len() <= 8, "{cost}: {:?}", plot.amounts);
            assert!(!format!("{}{}", plot.area, plot.line).contains("NaN"), "{cost}");
        }
    }

    #[test]
    fn the_words_are_exact_and_say_the_currency_and_the_days() {
        let plot = plot("1284.36", Some("2266.52"), Some("2000")).unwrap();
        assert!(plot.over);
        assert_eq!(
            plot.words,
            "Billed from 1 to 17 November 2026: 1,284.36 USD. Expected by 30 November 2026: 2,266.52 USD. \
             Budget of a month: 2,000.00 USD."
        );
    }

    #[test]
    fn labels_never_stand_on_each_other() {
        let plot = plot("100", Some("200"), Some("201")).unwrap();
        let heights: Vec<f64> = plot.labels.iter().map(|label| label.0).collect();
        assert!((heights[1] - heights[0]).abs() >= APART - 0.01, "{heights:?}");
    }
}

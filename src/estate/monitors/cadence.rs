//! How often a monitoring schedule runs, by its cron expression.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/dg/model-monitor-schedule-expression.html>

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// When a schedule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cadence {
    /// Again and again; seconds from one execution to the next, at most.
    Every(i64),
    /// Once, as soon as it was created.
    Once,
}

impl Cadence {
    /// Reads `cron(0 * ? * * *)`, `cron(0 2 ? * * *)`, `cron(0 17/12 ? * * *)` and their like, or `NOW`. `None` for what is no
    /// such expression.
    pub(super) fn read(expression: &str) -> Option<Self> {
        let expression = expression.trim();
        if expression.eq_ignore_ascii_case("now") {
            return Some(Self::Once);
        }
        let fields = expression.strip_prefix("cron(")?.strip_suffix(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let [minute, hour, day_of_month, month, day_of_week, _year] = fields.as_slice() else { return None };
        minute.parse::<u8>().ok().filter(|minute| *minute < 60)?;
        if *month != "*" {
            return None;
        }
        let hours = hours(hour)?;
        match (*day_of_month, *day_of_week) {
            ("?" | "*", "?" | "*") => Some(Self::Every(hours)),
            // From the last run of one such day to the first of the next.
            ("?" | "*", days) => Some(Self::Every(days_apart(&days_of_week(days)?) * DAY)),
            (_, "?" | "*") => Some(Self::Every(31 * DAY)),
            _ => None,
        }
    }

    /// Seconds from one execution to the next, where there is a next.
    pub(super) fn seconds(self) -> Option<i64> {
        match self {
            Self::Every(seconds) => Some(seconds),
            Self::Once => None,
        }
    }
}

/// The longest time between two runs of a day, over midnight too. `17/12` is every twelve hours from 17:00 on.
fn hours(field: &str) -> Option<i64> {
    if field == "*" {
        return Some(HOUR);
    }
    if let Some((_start, every)) = field.split_once('/') {
        let every: i64 = every.parse().ok()?;
        return (1..=24).contains(&every).then_some(every * HOUR);
    }
    let mut hours = list(field, |text| text.parse().ok().filter(|hour| *hour < 24))?;
    hours.sort_unstable();
    Some(widest(&hours, 24)? * HOUR)
}

/// Days of the week, from 1 for Sunday.
fn days_of_week(field: &str) -> Option<Vec<i64>> {
    const NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let mut days = list(field, |text| {
        let named =
            NAMES.iter().position(|name| name.eq_ignore_ascii_case(text)).and_then(|it| i64::try_from(it + 1).ok());
        named.or_else(|| text.parse().ok()).filter(|day| (1..=7).contains(day))
    })?;
    days.sort_unstable();
    Some(days)
}

fn days_apart(days: &[i64]) -> i64 {
    widest(days, 7).unwrap_or(7)
}

/// `2`, `2,14` or `8-18`.
fn list(field: &str, read: impl Fn(&str) -> Option<i64>) -> Option<Vec<i64>> {
    let mut all = Vec::new();
    for part in field.split(',') {
        match part.split_once('-') {
            Some((first, last)) => all.extend(read(first)?..=read(last)?),
            None => all.push(read(part)?),
        }
    }
    (!all.is_empty()).then_some(all)
}

/// The widest gap between sorted numbers on a circle.
fn widest(sorted: &[i64], circle: i64) -> Option<i64> {
    let (first, last) = (sorted.first()?, sorted.last()?);
    let over = circle - last + first;
    let between = sorted.windows(2).map(|pair| pair.last().copied().unwrap_or(0) - pair.first().copied().unwrap_or(0));
    between.chain([over]).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_the_documentation_say_how_often() {
        for (expression, hours) in [
            ("cron(0 * ? * * *)", 1),
            ("cron(0 12 ? * * *)", 24),
            ("cron(0 0/1 ? * * *)", 1),
            ("cron(0 17/12 ? * * *)", 12),
            ("cron(0 0/2 ? * * *)", 2),
            ("cron(30 2,14 ? * * *)", 12),
            ("cron(0 2,4 ? * * *)", 22),
            ("cron(0 8-18 ? * * *)", 14),
            ("cron(0 2 ? * MON-FRI *)", 72),
            ("cron(0 2 ? * SUN *)", 168),
            ("cron(0 2 1 * ? *)", 744),
            (" cron(0  2 ? * * *) ", 24),
        ] {
            assert_eq!(Cadence::read(expression), Some(Cadence::Every(hours * HOUR)), "{expression}");
        }
        assert_eq!(Cadence::read("NOW"), Some(Cadence::Once));
        assert_eq!(Cadence::Once.seconds(), None);
    }

    #[test]
    fn what_is_no_expression_says_nothing() {
        for expression in [
            "",
            "cron()",
            "cron(0 2 ? * *)",
            "rate(1 day)",
            "cron(0 24 ? * * *)",
            "cron(0 0/25 ? * * *)",
            "cron(x 2 ? * * *)",
            "cron(0 2 ? 6 * *)",
            "cron(0 9-3 ? * * *)",
            "cron(0 2 ? * FREITAG *)",
        ] {
            assert_eq!(Cadence::read(expression), None, "{expression}");
        }
    }
}

//! The five fields of a mute rule's `cron(…)`: minute, hour, day of the month, month, day of the week.

use jiff::civil::Date;

/// When something begins again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cron {
    minutes: Vec<i8>,
    hours: Vec<i8>,
    days: Vec<i8>,
    months: Vec<i8>,
    weekdays: Vec<i8>,
    /// Whether the field of the day of the month, and that of the week, is anything but `*`.
    restricted: (bool, bool),
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Cron {
    /// Reads the fields; `None` if they are not as documented. `*`, `-` and `,` are all that there is: a step, as in
    /// `*/5`, is not.
    pub(super) fn read(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else { return None };
        let mut on: Vec<i8> = field(weekdays, 0, 7, &WEEKDAYS, 0)?.into_iter().map(|day| day % 7).collect();
        on.sort_unstable();
        on.dedup();
        Some(Self {
            minutes: field(minutes, 0, 59, &[], 0)?,
            hours: field(hours, 0, 23, &[], 0)?,
            days: field(days, 1, 31, &[], 0)?,
            months: field(months, 1, 12, &MONTHS, 1)?,
            weekdays: on,
            restricted: (*days != "*", *weekdays != "*"),
        })
    }

    /// Whether it begins on a day at all. As in every cron, days of the month and of the week add up where both are
    /// given.
    pub(super) fn on(&self, day: Date) -> bool {
        let of_month = self.days.contains(&day.day());
        let of_week = self.weekdays.contains(&day.weekday().to_sunday_zero_offset());
        self.months.contains(&day.month())
            && match self.restricted {
                (true, true) => of_month || of_week,
                _ => of_month && of_week,
            }
    }

    /// The hours and minutes at which it begins on such a day, in order.
    pub(super) fn times(&self) -> impl Iterator<Item = (i8, i8)> + '_ {
        self.hours.iter().flat_map(|hour| self.minutes.iter().map(|minute| (*hour, *minute)))
    }
}

/// The values of one field, in order. Names stand for numbers from `first_name` on.
fn field(text: &str, lowest: i8, highest: i8, names: &[&str], first_name: i8) -> Option<Vec<i8>> {
    let number = |text: &str| {
        let named = names.iter().zip(first_name..).find(|(name, _)| name.eq_ignore_ascii_case(text));
        let digits = || text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?;
        named.map(|(_, number)| number).or_else(digits).filter(|number| (lowest..=highest).contains(number))
    };
    let mut values = Vec::new();
    for part in text.split(',') {
        if part == "*" {
            values.extend(lowest..=highest);
            continue;
        }
        let (from, to) = match part.split_once('-') {
            None => (number(part)?, number(part)?),
            // A range may end with Sunday, which is 0 and 7.
            Some((from, to)) if names == WEEKDAYS && number(to)? == 0 => (number(from)?, 7),
            Some((from, to)) => (number(from)?, number(to)?),
        };
        if from > to {
            return None;
        }
        values.extend(from..=to);
    }
    values.sort_unstable();
    values.dedup();
    Some(values)
}

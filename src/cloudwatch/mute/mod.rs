//! Mute rules: when the actions of an alarm are muted.
//!
//! An alarm that changes its state meanwhile is still evaluated, and tells when the window ends, if it is then still in
//! that state.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-mute-rules.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Schedule.html>

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

use crate::evidence::MuteRule;

mod cron;
#[cfg(test)]
mod tests;

use cron::Cron;

/// The longest that one window may be.
const LONGEST: SignedDuration = SignedDuration::from_hours(15 * 24);

/// Why it is not known when a rule mutes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A part that every schedule has is missing.
    #[error("its {0} is missing")]
    Missing(&'static str),
    /// The expression is neither `cron(…)` nor `at(…)` as documented.
    #[error("its schedule `{0}` is not written as documented")]
    Expression(String),
    /// The duration is no ISO 8601 duration of one minute to fifteen days.
    #[error("its duration `{0}` is no duration from one minute to fifteen days")]
    Duration(String),
    /// The time zone is not known, and may be any.
    #[error("its time zone `{0}` is not known")]
    Zone(String),
}

/// When a rule mutes.
#[derive(Clone, Debug)]
pub struct Schedule {
    when: When,
    lasts: SignedDuration,
    zone: TimeZone,
    starts: Option<Timestamp>,
    expires: Option<Timestamp>,
}

#[derive(Clone, Debug)]
enum When {
    Once(DateTime),
    Again(Cron),
}

impl Schedule {
    /// Reads the schedule of a rule. Without a time zone it is in UTC.
    ///
    /// # Errors
    /// If it is not written as documented, or in a time zone that is not known.
    pub fn read(rule: &MuteRule) -> Result<Self, Unreadable> {
        let expression = rule.expression.as_deref().ok_or(Unreadable::Missing("schedule"))?;
        let duration = rule.duration.as_deref().ok_or(Unreadable::Missing("duration"))?;
        let odd = || Unreadable::Expression(expression.to_owned());
        let zone = match rule.timezone.as_deref() {
            None | Some("") => TimeZone::UTC,
            Some(name) => TimeZoneDatabase::bundled().get(name).map_err(|_| Unreadable::Zone(name.to_owned()))?,
        };
        Ok(Self {
            when: within(expression, "cron(")
                .and_then(|fields| Cron::read(fields).map(When::Again))
                .or_else(|| within(expression, "at(").and_then(|at| at.parse().ok().map(When::Once)))
                .ok_or_else(odd)?,
            lasts: lasts(duration).ok_or_else(|| Unreadable::Duration(duration.to_owned()))?,
            zone,
            starts: rule.starts,
            expires: rule.expires,
        })
    }

    /// The windows between two instants, oldest first, cut to them; windows that touch are one.
    pub fn windows(&self, span: &Range<Timestamp>) -> Vec<Range<Timestamp>> {
        merged(self.begins(span).map(|begin| begin..begin.saturating_add(self.lasts).unwrap_or(Timestamp::MAX)).map(
            |window| {
                let end = self.expires.map_or(window.end, |expires| window.end.min(expires));
                window.start.max(span.start)..end.min(span.end)
            },
        ))
    }

    /// Whether it mutes at this instant.
    pub fn mutes(&self, at: Timestamp) -> bool {
        !self.windows(&(at..at.saturating_add(SignedDuration::from_nanos(1)).unwrap_or(at))).is_empty()
    }

    /// When the window that mutes at this instant ends, and actions are told that are still due; `None` if none mutes,
    /// or if windows follow each other without an end for a year.
    pub fn mutes_until(&self, at: Timestamp) -> Option<Timestamp> {
        let year = at.saturating_add(SignedDuration::from_hours(366 * 24)).unwrap_or(Timestamp::MAX);
        let first = self.windows(&(at..year)).into_iter().next()?;
        (first.start == at && first.end < year).then_some(first.end)
    }

    /// When windows begin that may reach into a span, oldest first.
    fn begins(&self, span: &Range<Timestamp>) -> Box<dyn Iterator<Item = Timestamp> + '_> {
        let earliest = span.start.saturating_sub(self.lasts).unwrap_or(Timestamp::MIN);
        let latest = span.end;
        let instant = move |time: DateTime| {
            // A time that the clocks skip is an hour later; of one that comes twice, the first counts.
            let begin = time.to_zoned(self.zone.clone()).ok()?.timestamp();
            let allowed = self.starts.is_none_or(|starts| begin >= starts);
            (allowed && begin > earliest && begin < latest).then_some(begin)
        };
        match &self.when {
            When::Once(time) => Box::new(instant(*time).into_iter()),
            When::Again(cron) => {
                let day = |at: Timestamp| at.to_zoned(self.zone.clone()).date();
                let (first, last) = (day(earliest), day(latest));
                let days =
                    std::iter::successors(Some(first), |day| day.tomorrow().ok()).take_while(move |day| *day <= last);
                Box::new(days.filter(|day| cron.on(*day)).flat_map(move |day| times(cron, day)).filter_map(instant))
            }
        }
    }
}

/// The share of a span during which at least one of the schedules mutes, from 0 to 1.
pub fn share<'s>(schedules: impl IntoIterator<Item = &'s Schedule>, span: &Range<Timestamp>) -> f64 {
    let whole = span.end.duration_since(span.start).as_secs_f64();
    if whole <= 0.0 {
        return 0.0;
    }
    let windows = merged(schedules.into_iter().flat_map(|schedule| schedule.windows(span)));
    let muted: f64 = windows.iter().map(|window| window.end.duration_since(window.start).as_secs_f64()).sum();
    (muted / whole).clamp(0.0, 1.0)
}

/// The longest time without a break during which at least one of the schedules mutes, of the windows that begin in a span;
/// `None` if one of them goes on for longer after the span than any single window lasts.
pub fn longest<'s>(
    schedules: impl IntoIterator<Item = &'s Schedule>,
    span: &Range<Timestamp>,
) -> Option<SignedDuration> {
    let until = span.end.saturating_add(LONGEST).unwrap_or(Timestamp::MAX);
    let wide = span.start..until;
    let windows = merged(schedules.into_iter().flat_map(|schedule| schedule.windows(&wide)));
    windows.iter().filter(|window| window.start < span.end).try_fold(SignedDuration::ZERO, |longest, window| {
        (window.end < until).then(|| longest.max(window.end.duration_since(window.start)))
    })
}

fn times(cron: &Cron, day: Date) -> impl Iterator<Item = DateTime> + '_ {
    cron.times().filter_map(move |(hour, minute)| Some(day.to_datetime(Time::new(hour, minute, 0, 0).ok()?)))
}

/// Windows in order, those that touch as one, without empty ones.
fn merged(windows: impl Iterator<Item = Range<Timestamp>>) -> Vec<Range<Timestamp>> {
    let mut windows: Vec<_> = windows.filter(|window| window.start < window.end).collect();
    windows.sort_by_key(|window| window.start);
    let mut merged: Vec<Range<Timestamp>> = Vec::new();
    for window in windows {
        match merged.last_mut() {
            Some(last) if window.start <= last.end => last.end = last.end.max(window.end),
            _ => merged.push(window),
        }
    }
    merged
}

/// What stands between an opening and the closing parenthesis.
fn within<'t>(text: &'t str, opening: &str) -> Option<&'t str> {
    text.trim().strip_prefix(opening)?.strip_suffix(')').map(str::trim)
}

/// A duration of one minute to fifteen days; a day has 24 hours.
fn lasts(text: &str) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (SignedDuration::from_mins(1)..=LONGEST).contains(&duration).then_some(duration)
}

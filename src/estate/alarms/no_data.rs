//! Alarms that have been without data for so long that there will never be any.
//!
//! Requests that do not come publish nothing either, so an alarm on requests is only broken if there were some; and what
//! monitors publish comes as often as they run.

use jiff::{SignedDuration, Timestamp};

use super::Defect;
use super::signals::{self, Namespace};
use super::targets::{Hit, Targets};
use super::watched::Reading;
use crate::cloudwatch::series::floor;
use crate::estate::declared::{Declared, declared};
use crate::estate::index::place;
use crate::estate::replay::normal::Unit;
use crate::estate::{LiveVersion, Lookup};
use crate::evidence::{Alarm, AlarmMetric, Fact, FactKind, MetricSeries, MetricTerm};

/// Days without data that prove nothing.
const PATIENCE_DAYS: i64 = 7;

/// What is known of an alarm's data.
#[derive(Debug, PartialEq)]
pub(super) enum Data {
    /// There is some, or there need not be.
    Fine,
    /// There has been none for long.
    None(Defect),
    /// Whether there should be some could not be read.
    Unseen(String),
}

/// Looks at an alarm that CloudWatch says has no data.
pub(super) fn judge(
    alarm: &Fact<Alarm>,
    metric: &AlarmMetric,
    terms: &[(&MetricTerm, Hit)],
    reading: &Reading<'_, '_, '_>,
) -> Data {
    let (targets, as_of) = (reading.targets, reading.as_of);
    let state = &alarm.data.state;
    let Some(since) = state.since.filter(|_| state.value == "INSUFFICIENT_DATA") else { return Data::Fine };
    let live = || terms.iter().flat_map(|(_, hit)| &hit.live).filter_map(|(number, _)| targets.live(*number));
    let made = live().filter_map(|live| live.endpoint?.data.created).max();
    let since = [alarm.data.configured, made].into_iter().flatten().fold(since, Timestamp::max);
    let long = as_of.duration_since(since);
    let evaluated = metric.terms.iter().filter_map(|term| term.period).max().unwrap_or(300).max(1);
    let evaluated = i64::from(evaluated).saturating_mul(i64::from(metric.evaluation_periods.unwrap_or(1)));
    let patience =
        SignedDuration::from_secs(evaluated.saturating_mul(10)).max(SignedDuration::from_hours(24 * PATIENCE_DAYS));
    if long <= patience || live().next().is_none() {
        return Data::Fine;
    }
    match expected(alarm, terms, since, reading) {
        Ok(true) => {
            let days = long.as_hours() / 24;
            Data::None(Defect::NoData(format!("it has been in INSUFFICIENT_DATA for {days} days, since {since}")))
        }
        Ok(false) => Data::Fine,
        Err(what) => Data::Unseen(what),
    }
}

/// Whether there should have been data since then.
///
/// # Errors
/// What could not be seen, where that decides.
pub(super) fn expected(
    alarm: &Fact<Alarm>,
    terms: &[(&MetricTerm, Hit)],
    since: Timestamp,
    reading: &Reading<'_, '_, '_>,
) -> Result<bool, String> {
    let targets = reading.targets;
    let live = || terms.iter().flat_map(|(_, hit)| &hit.live).filter_map(|(number, _)| targets.live(*number));
    let between = cadence(alarm, terms, targets).ok_or("how often its monitor runs")?;
    if reading.as_of.duration_since(since) <= between {
        return Ok(false);
    }
    let published_by = |namespace| terms.iter().any(|(term, _)| signals::namespace(&term.namespace).0 == namespace);
    if !published_by(Namespace::Requests) {
        // Who publishes a metric of their own may do so only now and then, and have chosen the treatment of missing data
        // for it.
        let now_and_then = published_by(Namespace::Custom) && alarm.data.state.value != "INSUFFICIENT_DATA";
        return if now_and_then { Err("whether its metric is published all the time".to_owned()) } else { Ok(true) };
    }
    if live().next().is_none() {
        return Err("whose requests it watches".to_owned());
    }
    // A queue publishes nothing while it is empty.
    let queue = terms.iter().any(|(term, _)| signals::by_endpoint(&term.metric));
    let sporadic = |live: &LiveVersion<'_>| {
        declared(live, targets.index(), reading.policy, |manifest| manifest.sporadic_traffic.then_some(()))
    };
    let sporadic: Vec<Declared<()>> = live().map(sporadic).collect();
    if queue || sporadic.contains(&Declared::Says(())) {
        return Ok(false);
    }
    if sporadic.contains(&Declared::Unsure) {
        return Err("whether its requests come and go, as some manifest declares".to_owned());
    }
    let mut idle = true;
    for live in live() {
        match busy(live, targets, since) {
            Some(true) => return Ok(true),
            Some(false) => {}
            None => idle = false,
        }
    }
    if idle { Ok(false) } else { Err("whether there were requests while it had no data".to_owned()) }
}

/// Whether a live version had requests since then; `None` where that was not read.
fn busy(live: &LiveVersion<'_>, targets: &Targets<'_, '_>, since: Timestamp) -> Option<bool> {
    let key = Unit::of(live)?.silence();
    let Lookup::Found(series) = targets.index().series(live.account, live.region, &key.to_string()) else {
        return None;
    };
    let series: &MetricSeries = &series.data;
    let last = series.runs.last().and_then(|run| {
        let seconds = i64::from(series.key.period) * i64::try_from(run.values.len()).ok()?;
        run.start.checked_add(SignedDuration::from_secs(seconds)).ok()
    });
    match last {
        Some(last) if last > floor(since, series.key.period) => Some(true),
        _ => series.whole.then_some(false),
    }
}

/// How long what a monitor publishes may be away: twice the time between its executions, and a day.
///
/// `None` where the monitor could not be read.
fn cadence(alarm: &Fact<Alarm>, terms: &[(&MetricTerm, Hit)], targets: &Targets<'_, '_>) -> Option<SignedDuration> {
    let of_monitor = terms.iter().find(|(term, _)| signals::namespace(&term.namespace).0 == Namespace::Monitor);
    let Some((term, _)) = of_monitor else { return Some(SignedDuration::ZERO) };
    let (account, region) = place(alarm);
    let schedule = term.dimensions.get("MonitoringSchedule").or_else(|| term.dimensions.get("ScheduleName"));
    let monitor = schedule.and_then(|name| targets.index().monitor(account, region, name).found());
    if monitor.is_none() && targets.index().hides_any(account, region, FactKind::Monitors) {
        return None;
    }
    let days = monitor.and_then(|monitor| days_between(monitor.data.expression.as_deref()?)).unwrap_or(31);
    Some(SignedDuration::from_hours(24 * (2 * days + 1)))
}

/// Days between two executions of `cron(minute hour day-of-month month day-of-week year)`, rounded up.
fn days_between(expression: &str) -> Option<i64> {
    let fields = expression.strip_prefix("cron(")?.strip_suffix(')')?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let [_, _, day_of_month, month, day_of_week, ..] = fields.as_slice() else { return None };
    let any = |field: &str| matches!(field, "*" | "?");
    Some(match (any(month), any(day_of_month), any(day_of_week)) {
        (false, _, _) => 366,
        (true, false, _) => 31,
        (true, true, false) => 7,
        (true, true, true) => 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estate::fixture::*;
    use crate::estate::replay::Outcome;
    use crate::evidence::Run;

    fn without_data(metric: &'static str, since: &'static str) -> Fixture {
        Fixture::sound().edit_named(ERRORS, move |alarm: &mut Alarm| {
            alarm.state.value = "INSUFFICIENT_DATA".to_owned();
            alarm.state.since = Some(at(since));
            let changed = super::super::super::fixture::alarm(ERRORS, metric);
            alarm.kind = changed.kind;
        })
    }

    fn requests(fixture: Fixture, runs: Vec<Run>) -> Fixture {
        let estate = fixture.estate();
        let key = Unit::of(&estate.live[0]).unwrap().silence();
        drop(estate);
        let (from, until) = (at("2026-05-18T12:00:00Z"), at(AS_OF));
        let keyed = key.to_string();
        fixture.drop_where(move |it: &MetricSeries| it.key.to_string() == keyed).with(MetricSeries {
            key,
            from,
            until,
            whole: true,
            runs,
        })
    }

    fn busy_days() -> Vec<Run> {
        vec![Run { start: at("2026-05-18T12:00:00Z"), values: vec![40.0; 4_000] }]
    }

    fn judged(fixture: &Fixture) -> (Option<bool>, Vec<Defect>) {
        let estate = fixture.estate();
        let alarm = estate.alarms.iter().find(|it| it.alarm.data.name == ERRORS).unwrap();
        (alarm.effective(), alarm.defects.clone())
    }

    const LONG_AGO: &str = "2026-05-10T08:00:00Z";

    #[test]
    fn requests_without_data_of_theirs_prove_that_there_never_is_any() {
        let (effective, defects) = judged(&requests(without_data("InvocationModelErrors", LONG_AGO), busy_days()));
        assert_eq!(effective, Some(false));
        assert!(matches!(&defects[..], [Defect::NoData(why)] if why.contains("22 days")), "{defects:?}");
    }

    #[test]
    fn no_requests_no_data_and_unread_requests_leave_it_open() {
        let idle = requests(without_data("InvocationModelErrors", LONG_AGO), vec![]);
        assert_eq!(judged(&idle).1, vec![]);
        let unread = requests(without_data("InvocationModelErrors", LONG_AGO), vec![]).hidden_all(FactKind::MetricData);
        assert_eq!(judged(&unread), (None, vec![]));
    }

    #[test]
    fn instances_always_publish_and_a_week_is_not_long() {
        assert!(matches!(&judged(&without_data("MemoryUtilization", LONG_AGO)).1[..], [Defect::NoData(_)]));
        assert!(judged(&without_data("MemoryUtilization", "2026-05-28T08:00:00Z")).1.is_empty());
    }

    #[test]
    fn what_a_monitor_publishes_comes_as_often_as_it_runs() {
        assert_eq!(days_between("cron(0 * ? * * *)"), Some(1));
        assert_eq!(days_between("cron(0 2 ? * MON *)"), Some(7));
        assert_eq!(days_between("cron(0 2 1 * ? *)"), Some(31));
        assert_eq!(days_between("NOW"), None);
        let daily = without_data("feature_x", LONG_AGO);
        assert!(matches!(&judged(&daily).1[..], [Defect::NoData(_)]), "it runs each day");
        let unseen = daily.hidden_all(FactKind::Monitors);
        assert_eq!(judged(&unseen), (None, vec![]), "how often it runs could not be read");
    }

    /// What an alarm's data points show, what is wrong with it, and whether it works.
    fn replayed(fixture: &Fixture, name: &str) -> (Option<Outcome>, Vec<Defect>, Option<bool>) {
        let estate = fixture.estate();
        let alarm = estate.alarms.iter().find(|it| it.alarm.data.name == name).unwrap();
        (alarm.replay.as_ref().map(|it| it.outcome.clone()), alarm.defects.clone(), alarm.effective())
    }

    /// Every series was read to its end and is empty; the alarms are in the states that this puts them in.
    fn idle() -> Fixture {
        Fixture::sound()
            .edit(|series: &mut MetricSeries| *series = flat(series.key.clone(), None))
            .edit_named(ERRORS, |alarm: &mut Alarm| rule(alarm).missing_data = Some("notBreaching".to_owned()))
            .edit_named(LATENCY, |alarm: &mut Alarm| alarm.state.value = "INSUFFICIENT_DATA".to_owned())
            .edit_named(SILENCE, |alarm: &mut Alarm| alarm.state.value = "ALARM".to_owned())
    }

    fn sporadic(fixture: Fixture) -> Fixture {
        fixture.manifest(|manifest| manifest.sporadic_traffic = true)
    }

    #[test]
    fn an_empty_replay_of_what_is_idle_or_sporadic_is_no_defect() {
        let none_due = || (Some(Outcome::NoData(Some(false))), vec![], Some(true));
        for fixture in [idle(), sporadic(idle())] {
            for name in [ERRORS, LATENCY, SILENCE] {
                assert_eq!(replayed(&fixture, name), none_due(), "{name}");
            }
            let estate = fixture.estate();
            let covered = estate.live[0].coverage.iter().find(|it| it.signal == super::super::Signal::Errors).unwrap();
            assert_eq!(covered.state, crate::estate::CoverageState::Covered, "{covered:?}");
        }
        let now_and_then =
            requests(sporadic(idle()), vec![Run { start: at("2026-05-25T12:00:00Z"), values: vec![1.0] }]);
        for name in [ERRORS, LATENCY] {
            assert_eq!(replayed(&now_and_then, name), none_due(), "{name}");
        }
    }

    #[test]
    fn an_empty_replay_beside_requests_is_a_defect_and_beside_unread_ones_is_open() {
        let busy = requests(idle(), busy_days());
        let (outcome, defects, effective) = replayed(&busy, LATENCY);
        assert_eq!((outcome, effective), (Some(Outcome::NoData(Some(true))), Some(false)));
        assert!(matches!(&defects[..], [Defect::NoData(_)]), "{defects:?}");
        assert_eq!(replayed(&busy, ERRORS).0, Some(Outcome::NoData(Some(true))));
        let part = requests(idle(), vec![]).edit(|series: &mut MetricSeries| {
            series.whole = series.key.metric != "Invocations";
        });
        assert_eq!(replayed(&part, ERRORS), (Some(Outcome::NoData(None)), vec![], None));
    }

    #[test]
    fn what_somebody_publishes_now_and_then_need_not_be_there() {
        let own = |missing: &str| {
            let mut alarm = metric_alarm("own", "Bank/Quality", "psi", &[("Endpoint", ENDPOINT)]);
            rule(&mut alarm).missing_data = Some(missing.to_owned());
            let key = key_of(&rule(&mut alarm).terms[0]);
            Fixture::sound().with(alarm).with(flat(key, None))
        };
        assert_eq!(replayed(&own("notBreaching"), "own"), (Some(Outcome::NoData(None)), vec![], None));
        let lost = own("missing").edit_named("own", |alarm: &mut Alarm| {
            alarm.state.value = "INSUFFICIENT_DATA".to_owned();
        });
        assert_eq!(replayed(&lost, "own").2, Some(false));
    }
}

//! The tables that AWS publishes, and what must hold of every rule.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::cloudwatch::series::Series;
use crate::evidence::{AlarmMetric, MetricTerm};

fn rule(datapoints_to_alarm: u32, evaluation_periods: u32, missing: MissingData) -> AlarmRule {
    AlarmRule {
        judged: Judged::Metric { term: 0, statistic: Statistic::Sum },
        period: 60,
        evaluation_periods,
        datapoints_to_alarm,
        comparison: Comparison::Greater,
        threshold: Threshold::Fixed(5.0),
        missing,
        evaluates_low_samples: true,
    }
}

/// Points as AWS writes them, the newest on the right.
fn points(written: &str) -> Vec<Option<f64>> {
    let point = |letter| match letter {
        "0" => Some(1.0),
        "X" => Some(9.0),
        "-" => None,
        _ => panic!("{written}"),
    };
    written.split(' ').map(point).collect()
}

const TREATMENTS: [MissingData; 4] =
    [MissingData::Missing, MissingData::Ignore, MissingData::Breaching, MissingData::NotBreaching];

/// Rows of <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html>: the points,
/// then the state for MISSING, IGNORE, BREACHING and NOT BREACHING. `RETAIN` is "Retain current state".
fn table(datapoints_to_alarm: u32, rows: &[(&str, [&str; 4])]) {
    for (written, states) in rows {
        for (treatment, expected) in TREATMENTS.into_iter().zip(states) {
            for before in [State::Ok, State::Alarm, State::InsufficientData] {
                let decision = rule(datapoints_to_alarm, 3, treatment).decide(&points(written), before);
                let expected = if *expected == "RETAIN" { before.as_str() } else { expected };
                assert_eq!(decision.state.as_str(), expected, "{datapoints_to_alarm} of 3: {written} {treatment:?}");
            }
        }
    }
}

#[test]
fn three_of_three_decides_as_the_first_table_says() {
    table(
        3,
        &[
            ("0 - X - X", ["OK", "OK", "OK", "OK"]),
            ("0 - - - -", ["OK", "OK", "OK", "OK"]),
            ("- - - - -", ["INSUFFICIENT_DATA", "RETAIN", "ALARM", "OK"]),
            ("0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("- - X - -", ["ALARM", "RETAIN", "ALARM", "OK"]),
        ],
    );
}

#[test]
fn two_of_three_decides_as_the_second_table_says() {
    table(
        2,
        &[
            ("0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("0 - X - -", ["OK", "OK", "ALARM", "OK"]),
            ("- - - - 0", ["OK", "OK", "ALARM", "OK"]),
            ("- - - X -", ["ALARM", "RETAIN", "ALARM", "OK"]),
        ],
    );
}

/// "Avoiding premature transitions to alarm state", on the same page; rows five and six of the table as it was
/// published before (<https://github.com/awsdocs/amazon-cloudwatch-user-guide>).
#[test]
fn an_alarm_waits_while_its_only_breaching_points_are_young() {
    for young in ["- - - - X", "- - - X -"] {
        let decision = rule(3, 3, MissingData::Missing).decide(&points(young), State::Ok);
        assert_ne!(decision.state, State::Alarm, "{young}");
        assert_eq!(decision.ground, Ground::TooYoung, "{young}");
    }
    for followed in ["- - - X 0", "- - X - 0"] {
        assert_eq!(rule(3, 3, MissingData::Missing).decide(&points(followed), State::Alarm).state, State::Ok);
    }
    table(
        3,
        &[
            ("- - - - X", ["INSUFFICIENT_DATA", "RETAIN", "ALARM", "OK"]),
            ("X - - - -", ["ALARM", "RETAIN", "ALARM", "OK"]),
        ],
    );
}

#[test]
fn a_range_no_longer_than_the_evaluation_periods_is_decided_too() {
    let silence = AlarmRule { comparison: Comparison::Less, ..rule(1, 1, MissingData::Breaching) };
    assert_eq!(silence.decide(&[None], State::Ok).state, State::Alarm);
    assert_eq!(silence.decide(&[], State::Ok).state, State::Alarm);
    // As long as the last point is in the range, it is judged again: an alarm on silence fires later than its periods.
    assert_eq!(silence.decide(&[Some(9.0), None, None], State::Ok).state, State::Ok);
}

#[test]
fn operators_hold_values_against_the_threshold_or_the_band() {
    let cases = [
        ("GreaterThanThreshold", [false, false, true]),
        ("GreaterThanOrEqualToThreshold", [false, true, true]),
        ("LessThanThreshold", [true, false, false]),
        ("LessThanOrEqualToThreshold", [true, true, false]),
    ];
    for (operator, breaches) in cases {
        let alarm = AlarmRule { comparison: Comparison::read(operator).unwrap(), ..rule(1, 1, MissingData::Missing) };
        for (value, breaches) in [4.0, 5.0, 6.0].into_iter().zip(breaches) {
            assert_eq!(alarm.judge(Some(value), None) == Point::Breaching, breaches, "{operator} {value}");
        }
    }
    let cases = [
        ("GreaterThanUpperThreshold", [false, false, true]),
        ("LessThanLowerThreshold", [true, false, false]),
        ("LessThanLowerOrGreaterThanUpperThreshold", [true, false, true]),
    ];
    for (operator, breaches) in cases {
        let comparison = Comparison::read(operator).unwrap();
        let alarm = AlarmRule { comparison, threshold: Threshold::Band, ..rule(1, 1, MissingData::Missing) };
        for (value, breaches) in [1.0, 5.0, 9.0].into_iter().zip(breaches) {
            assert_eq!(alarm.judge(Some(value), Some((2.0, 8.0))) == Point::Breaching, breaches, "{operator} {value}");
            assert_eq!(alarm.judge(Some(value), None), Point::Missing, "without a band nothing can be judged");
        }
    }
}

#[test]
fn a_percentile_of_few_samples_keeps_the_state_where_the_alarm_says_so() {
    let judged = Judged::Metric { term: 0, statistic: Statistic::Percentile(99.0) };
    let mut alarm = AlarmRule { judged, ..rule(1, 1, MissingData::Missing) };
    assert_eq!(alarm.decide_sampled(&points("X"), 999.0, State::Ok).state, State::Alarm);
    alarm.evaluates_low_samples = false;
    assert_eq!(alarm.decide_sampled(&points("X"), 999.0, State::Ok).state, State::Ok);
    assert_eq!(alarm.decide_sampled(&points("X"), 1000.0, State::Ok).state, State::Alarm);
}

#[test]
fn alarms_are_evaluated_every_minute_or_more_often_or_every_hour() {
    let every = |period, evaluation_periods| {
        AlarmRule { period, evaluation_periods, ..rule(1, 1, MissingData::Missing) }.cadence()
    };
    assert_eq!((every(10, 3), every(30, 1), every(60, 1), every(300, 12)), (10, 10, 60, 60));
    assert_eq!((every(3600, 24), every(3600, 25), every(86_400, 2)), (60, 3600, 3600));
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

fn told(transitions: &[Transition]) -> Vec<(i64, &str)> {
    transitions.iter().map(|change| (change.at.as_second() / 60, change.to.as_str())).collect()
}

#[test]
fn a_run_tells_when_the_state_changes() {
    // "In the figure, this happens in the third through fifth time periods. At period six, the value dips below the
    // threshold ... During the ninth time period, the threshold is breached again, but for only one period."
    let values = [2.0, 2.0, 6.0, 6.0, 6.0, 2.0, 2.0, 2.0, 6.0, 2.0, 2.0];
    let series = Series::of(60, (0..).map(at).zip(values));
    let run = rule(3, 3, MissingData::Missing).run(&series, at(3)..at(11), State::Ok, 2).unwrap();
    assert_eq!(told(&run), [(5, "ALARM"), (6, "OK")]);
}

#[test]
fn silence_is_told_later_the_further_cloudwatch_looks_back() {
    let series = Series::of(60, (0..10).map(|minute| (at(minute), 40.0)));
    let silence = AlarmRule {
        comparison: Comparison::Less,
        threshold: Threshold::Fixed(1.0),
        ..rule(2, 2, MissingData::Breaching)
    };
    // The last point ends at minute 10, and keeps it from firing until it leaves the range.
    for (lookback, fires) in [(0, 12), (1, 13), (2, 14), (5, 17)] {
        let run = silence.run(&series, at(5)..at(60), State::Ok, lookback).unwrap();
        assert_eq!(told(&run), [(fires, "ALARM")], "looking back {lookback}");
    }
    let missing = AlarmRule { missing: MissingData::Missing, ..silence };
    assert_eq!(told(&missing.run(&series, at(5)..at(60), State::Ok, 2).unwrap()), [(14, "INSUFFICIENT_DATA")]);
}

#[test]
fn periods_slide_by_the_minute_where_the_points_allow_it() {
    let series = Series::of(60, (0..30).map(|minute| (at(minute), if minute < 12 { 0.0 } else { 3.0 })));
    let errors = AlarmRule { period: 300, ..rule(1, 1, MissingData::NotBreaching) };
    assert_eq!(told(&errors.run(&series, at(10)..at(30), State::Ok, 2).unwrap()), [(14, "ALARM")]);
    let coarse = Series::of(300, (0..6).map(|five| (at(five * 5), if five < 3 { 0.0 } else { 15.0 })));
    assert_eq!(told(&errors.run(&coarse, at(10)..at(30), State::Ok, 2).unwrap()), [(20, "ALARM")]);
    let average = AlarmRule { judged: Judged::Metric { term: 0, statistic: Statistic::Average }, ..errors };
    assert!(average.run(&series, at(10)..at(30), State::Ok, 2).is_err(), "averages do not add up");
}

fn plain() -> AlarmMetric {
    AlarmMetric {
        terms: vec![MetricTerm {
            id: String::new(),
            namespace: "AWS/SageMaker".into(),
            metric: "Invocation5XXErrors".into(),
            dimensions: BTreeMap::new(),
            statistic: Some("Sum".into()),
            period: Some(300),
            account: None,
            judged: true,
            unit: None,
        }],
        expressions: BTreeMap::new(),
        judged_expression: None,
        expression_period: None,
        promql: None,
        threshold_metric: None,
        threshold: Some(5.0),
        comparison: Some("GreaterThanThreshold".into()),
        evaluation_periods: Some(3),
        datapoints_to_alarm: None,
        missing_data: None,
        few_samples: None,
    }
}

fn maths(expressions: &[(&str, &str)]) -> AlarmMetric {
    let mut alarm = plain();
    alarm.terms[0].judged = false;
    alarm.terms[0].id = "m1".into();
    alarm.expressions = expressions.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
    alarm
}

#[test]
fn a_rule_is_read_with_the_defaults_of_aws() {
    let read = AlarmRule::read(&plain()).unwrap();
    assert_eq!(read, AlarmRule { period: 300, ..rule(3, 3, MissingData::Missing) });
    let read = AlarmRule::read(&maths(&[("rate", "100 * m1 / half"), ("half", "m1 / 2")])).unwrap();
    assert_eq!(read.judged, Judged::Expression { id: "rate".into() });
    let said = AlarmMetric {
        judged_expression: Some("half".into()),
        few_samples: Some("ignore".into()),
        ..maths(&[("rate", "100 * m1"), ("half", "m1 / 2")])
    };
    let read = AlarmRule::read(&said).unwrap();
    assert_eq!((read.judged, read.evaluates_low_samples), (Judged::Expression { id: "half".into() }, false));
    let other = AlarmMetric { expression_period: Some(60), ..said };
    assert_eq!(AlarmRule::read(&other), Err(Unevaluable::DifferentPeriods));
}

#[test]
fn what_only_cloudwatch_can_evaluate_is_said_to_be_so() {
    let cases = [
        (AlarmMetric { promql: Some("up".into()), ..plain() }, Unevaluable::PromQl),
        (
            AlarmMetric { comparison: Some("GreaterThanUpperThreshold".into()), threshold: None, ..plain() },
            Unevaluable::AnomalyBand,
        ),
        (maths(&[("q", "select AVG(ModelLatency) FROM \"AWS/SageMaker\"")]), Unevaluable::MetricsInsights),
        (maths(&[("q", "SUM(SEARCH('x', 'Sum', 60))")]), Unevaluable::Function("SEARCH".into())),
        (maths(&[("a", "m1 * 2"), ("b", "m1 * 3")]), Unevaluable::SeveralSeries),
        (maths(&[("a", "b"), ("b", "a")]), Unevaluable::NothingJudged),
        (
            AlarmMetric { evaluation_periods: Some(0), ..plain() },
            Unevaluable::Incomplete { part: "number of evaluation periods", value: "`0`".into() },
        ),
        (
            AlarmMetric { datapoints_to_alarm: Some(4), ..plain() },
            Unevaluable::Incomplete { part: "number of data points to alarm", value: "`4`".into() },
        ),
        (
            AlarmMetric { missing_data: Some("?".into()), ..plain() },
            Unevaluable::Incomplete { part: "treatment of missing data", value: "`?`".into() },
        ),
    ];
    for (alarm, expected) in cases {
        assert_eq!(AlarmRule::read(&alarm), Err(expected));
    }
}

fn any_treatment() -> impl Strategy<Value = MissingData> {
    prop::sample::select(TREATMENTS.to_vec())
}

fn any_state() -> impl Strategy<Value = State> {
    prop::sample::select(vec![State::Ok, State::Alarm, State::InsufficientData])
}

fn any_point() -> impl Strategy<Value = Point> {
    prop::sample::select(vec![Point::Within, Point::Breaching, Point::Missing])
}

prop_compose! {
    fn any_rule()(evaluation_periods in 1..6_u32)(
        evaluation_periods in Just(evaluation_periods),
        enough in 1..=evaluation_periods,
        missing in any_treatment(),
    ) -> AlarmRule {
        rule(enough, evaluation_periods, missing)
    }
}

proptest! {
    #[test]
    fn more_breaching_points_never_end_an_alarm(
        rule in any_rule(),
        points in prop::collection::vec(any_point(), 0..10),
        place in any::<prop::sample::Index>(),
        before in any_state(),
    ) {
        prop_assume!(rule.decide_points(&points, before).state == State::Alarm && !points.is_empty());
        let mut more = points.clone();
        let place = place.index(more.len());
        more[place] = Point::Breaching;
        prop_assert_eq!(rule.decide_points(&more, before).state, State::Alarm, "{:?} -> {:?}", points, more);
    }

    #[test]
    fn the_state_before_counts_only_where_missing_data_is_ignored(
        rule in any_rule(),
        points in prop::collection::vec(any_point(), 0..10),
    ) {
        let [ok, alarm] = [State::Ok, State::Alarm].map(|before| rule.decide_points(&points, before));
        prop_assert!(ok == alarm || ok.ground == Ground::Kept && rule.missing == MissingData::Ignore);
    }

    #[test]
    fn ignoring_missing_data_never_leaves_a_state_without_data(rule in any_rule(), before in any_state(), length in 0..9_usize) {
        let ignore = AlarmRule { missing: MissingData::Ignore, ..rule };
        prop_assert_eq!(ignore.decide(&vec![None; length], before).state, before);
    }

    #[test]
    fn missing_points_are_filled_only_as_often_as_needed(
        rule in any_rule(),
        points in prop::collection::vec(any_point(), 5..10),
    ) {
        // The documented words, by brute force: enough real points decide alone, else the treatment fills the rest.
        let real: Vec<Point> = points.iter().rev().copied().filter(|point| *point != Point::Missing).collect();
        let wanted = rule.evaluation_periods as usize;
        let breaching = real.iter().take(wanted).filter(|point| **point == Point::Breaching).count();
        let filled = match rule.missing {
            MissingData::Breaching => breaching + wanted.saturating_sub(real.len()),
            _ => breaching,
        };
        let by_hand = if filled >= rule.datapoints_to_alarm as usize { State::Alarm } else { State::Ok };
        let decision = rule.decide_points(&points, State::Ok);
        if real.len() >= wanted || matches!(rule.missing, MissingData::Breaching | MissingData::NotBreaching) {
            prop_assert_eq!(decision.state, by_hand);
        }
    }
}

//! What must hold of every estate.

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;

/// Any rule that an alarm may have.
#[derive(Clone, Debug)]
struct Any {
    alarm: &'static str,
    period: i32,
    evaluation: i32,
    to_alarm: i32,
    threshold: f64,
    missing: &'static str,
    statistic: &'static str,
}

fn any_rule() -> impl Strategy<Value = Any> {
    let alarm = prop::sample::select(&ALARMS[..]);
    let period = prop::sample::select(vec![60, 300, 900, 3_600]);
    let threshold = prop::sample::select(vec![0.0, 0.5, 5.0, 100.0, 320.0, 250_000.0]);
    let missing = prop::sample::select(vec!["missing", "ignore", "breaching", "notBreaching"]);
    let statistic = prop::sample::select(vec!["Sum", "Average", "Maximum", "Minimum", "p95", "SampleCount"]);
    (alarm, period, 1..5_i32, 0..4_i32, threshold, missing, statistic).prop_map(
        |(alarm, period, evaluation, less, threshold, missing, statistic)| {
            let to_alarm = (evaluation - less).max(1);
            Any { alarm, period, evaluation, to_alarm, threshold, missing, statistic }
        },
    )
}

fn changed(fixture: Fixture, rules: &[Any]) -> Fixture {
    rules.iter().fold(fixture, |fixture, any| {
        fixture.edit_named(any.alarm, |alarm: &mut Alarm| {
            let rule = rule(alarm);
            rule.terms[0].period = Some(any.period);
            rule.terms[0].statistic = Some(any.statistic.to_owned());
            rule.threshold = Some(any.threshold);
            rule.missing_data = Some(any.missing.to_owned());
            (rule.evaluation_periods, rule.datapoints_to_alarm) = (Some(any.evaluation), Some(any.to_alarm));
        })
    })
}

fn estates() -> impl Strategy<Value = Fixture> {
    prop::collection::vec(any_rule(), 0..3).prop_map(|rules| changed(watched(), &rules))
}

fn all(fixture: &Fixture) -> Vec<FaultOutcome> {
    fixture.estate().live.iter().flat_map(|live| live.faults.clone()).collect()
}

/// Whether somebody is told no sooner than before.
fn no_sooner(before: &Told, after: &Told) -> bool {
    match (before, after) {
        (Told::Human { from, to, .. }, Told::Human { from: from_after, to: to_after, .. }) => {
            from_after >= from && to_after >= to
        }
        (_, Told::Human { .. }) => false,
        _ => true,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_range_begins_before_it_ends(fixture in estates()) {
        for outcome in all(&fixture) {
            if let Told::Human { from, to, whom } = &outcome.told {
                prop_assert!(from <= to && !whom.is_empty(), "{:?}", outcome);
            }
        }
    }

    #[test]
    fn disabling_or_muting_never_makes_anybody_told_sooner(
        fixture in estates(),
        which in subsequence(&ALARMS[..], 1..4),
        muting in any::<bool>(),
    ) {
        let quiet = if muting {
            fixture.clone().with(mute("quiet", &which))
        } else {
            which.iter().fold(fixture.clone(), |fixture, name| {
                fixture.edit_named(name, |alarm: &mut Alarm| alarm.actions_enabled = false)
            })
        };
        for (before, after) in all(&fixture).iter().zip(&all(&quiet)) {
            prop_assert!(no_sooner(&before.told, &after.told), "{:?}\n{:?}", before, after);
        }
    }

    #[test]
    fn one_that_is_disabled_never_reaches_anybody(fixture in estates()) {
        let quiet = fixture.edit(|alarm: &mut Alarm| alarm.actions_enabled = false);
        let told = all(&quiet).iter().any(|outcome| matches!(outcome.told, Told::Human { .. }));
        prop_assert!(!told, "{:?}", all(&quiet));
    }

    #[test]
    fn adding_a_sound_alarm_never_makes_it_later(fixture in estates()) {
        let added = observed(fixture.clone().with(alarm("spare", "InvocationModelErrors")), "spare", Some(0.0));
        for (before, after) in all(&fixture).iter().zip(&all(&added)) {
            if let Told::Human { to, .. } = &before.told {
                let earlier = matches!(&after.told, Told::Human { to: after, .. } if after <= to);
                prop_assert!(earlier, "{:?}\n{:?}", before, after);
            }
        }
    }

    #[test]
    fn what_cannot_be_read_never_turns_nobody_into_somebody(
        fixture in estates(),
        kind in prop::sample::select(FactKind::ALL.to_vec()),
    ) {
        let lost = fixture.clone().hidden_all(kind);
        let (before, after) = (fixture.estate(), lost.estate());
        for live in &after.live {
            let Some(same) = before.live.iter().find(|it| it.id == live.id) else { continue };
            for (before, after) in same.faults.iter().zip(&live.faults) {
                let turned = matches!(before.told, Told::Nobody { .. }) && matches!(after.told, Told::Human { .. });
                prop_assert!(!turned, "without {}: {:?}\n{:?}", kind, before, after);
            }
        }
    }

    #[test]
    fn the_order_of_facts_and_of_subscriptions_does_not_matter(fixture in estates(), by in 0..7_usize) {
        let several = fixture.edit(|held: &mut Topic| {
            let subscribers = [("email", "a…@bank.example"), ("lambda", "arn:aws:lambda:x"), ("sms", "+49…1")];
            *held = topic(TOPIC, &subscribers);
        });
        let mut turned = several.clone();
        let facts = &mut turned.snapshot.facts;
        facts.alarms.rotate_left(by % 5);
        facts.metric_series.rotate_left(by % 5);
        facts.metric_series.reverse();
        for topic in &mut facts.topics {
            topic.data.subscriptions.iter_mut().for_each(|all| all.rotate_left(by % 3));
        }
        prop_assert_eq!(all(&several), all(&turned));
    }
}

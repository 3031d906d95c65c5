//! The rules by example, and their laws over random outcomes.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::*;

const STATUSES: [Status; 5] = [Status::Pass, Status::Fail, Status::Unknown, Status::NotApplicable, Status::Waived];
const GATES: [Gate; 5] = [Gate::Stop, Gate::Fix, Gate::Operability, Gate::Expansion, Gate::Advisory];
const SEVERITIES: [Severity; 5] = [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical];

fn outcome(code: &str, status: Status, gate: Gate, severity: Severity) -> Outcome {
    Outcome { code: code.to_owned(), status, gate, severity }
}

fn production(outcomes: &[Outcome]) -> Readiness {
    decide(outcomes, Stage::Production, &[])
}

#[test]
fn each_rule_decides_its_case() {
    use Gate::{Advisory, Expansion, Fix, Operability, Stop};
    use Status::{Fail, NotApplicable, Pass, Unknown, Waived};
    let cases = [
        (vec![("A", Fail, Stop)], ReadinessVerdict::Stop, 1),
        (vec![("A", Fail, Fix)], ReadinessVerdict::FixControlsFirst, 2),
        (vec![("A", Unknown, Stop)], ReadinessVerdict::FixControlsFirst, 2),
        (vec![("A", Fail, Operability), ("B", Fail, Operability)], ReadinessVerdict::FixControlsFirst, 3),
        (vec![("A", Fail, Operability)], ReadinessVerdict::OperateAsIs, 4),
        (vec![("A", Unknown, Fix)], ReadinessVerdict::OperateAsIs, 4),
        (vec![("A", Unknown, Operability)], ReadinessVerdict::OperateAsIs, 4),
        (vec![("A", Fail, Expansion)], ReadinessVerdict::OperateAsIs, 4),
        (vec![("A", Waived, Stop)], ReadinessVerdict::OperateAsIs, 4),
        (vec![("A", Fail, Advisory), ("B", NotApplicable, Stop), ("C", Pass, Fix)], ReadinessVerdict::Expand, 5),
        (vec![], ReadinessVerdict::Expand, 5),
    ];
    for (outcomes, verdict, rule) in cases {
        let outcomes: Vec<_> =
            outcomes.iter().map(|(code, status, gate)| outcome(code, *status, *gate, Severity::High)).collect();
        let readiness = production(&outcomes);
        assert_eq!((readiness.verdict, readiness.rule), (verdict, rule), "{outcomes:?}");
    }
}

#[test]
fn outside_production_what_bars_keeps_it_a_pilot() {
    let barred = [outcome("MON-001", Status::Fail, Gate::Fix, Severity::High)];
    assert_eq!(decide(&barred, Stage::Pilot, &[]).verdict, ReadinessVerdict::KeepInPilot);
    assert_eq!(decide(&barred, Stage::Development, &[]).verdict, ReadinessVerdict::KeepInPilot);
}

#[test]
fn a_hurdle_keeps_from_expansion_and_is_said_in_words() {
    let hurdles = ["show 14 days of a steady trend".to_owned()];
    let readiness = decide(&[], Stage::Production, &hurdles);
    assert_eq!((readiness.verdict, readiness.rule), (ReadinessVerdict::OperateAsIs, 5));
    assert_eq!(readiness.flip_set, hurdles);
    assert!(readiness.binding.is_empty() && readiness.reason.contains("steady trend"), "{readiness:?}");
    let unknown = [outcome("APR-003", Status::Unknown, Gate::Fix, Severity::High)];
    assert_eq!(decide(&unknown, Stage::Production, &hurdles).flip_set, ["APR-003", "show 14 days of a steady trend"]);
    // Below that step nobody needs to hear of it.
    let failed = [outcome("APR-003", Status::Fail, Gate::Fix, Severity::High)];
    assert_eq!(decide(&failed, Stage::Production, &hurdles).flip_set, ["APR-003"]);
}

#[test]
fn several_subjects_of_one_control_weigh_once_and_flip_together() {
    let alarm = outcome("RSP-001", Status::Fail, Gate::Operability, Severity::Medium);
    let readiness = production(&[alarm.clone(), alarm.clone(), alarm]);
    assert_eq!((readiness.verdict, readiness.rule), (ReadinessVerdict::OperateAsIs, 4));
    assert_eq!(readiness.flip_set, ["RSP-001"]);
}

#[test]
fn the_flip_set_of_a_fix_also_lightens_what_weighs() {
    let outcomes = [
        outcome("A", Status::Fail, Gate::Fix, Severity::Low),
        outcome("B", Status::Fail, Gate::Operability, Severity::Medium),
        outcome("C", Status::Fail, Gate::Operability, Severity::High),
        outcome("D", Status::Fail, Gate::Operability, Severity::Low),
    ];
    let readiness = production(&outcomes);
    assert_eq!(
        (readiness.binding.as_slice(), readiness.flip_set.as_slice()),
        (&["A".to_owned()][..], &["A".to_owned(), "C".to_owned()][..])
    );
    assert_eq!(readiness.reason, "A has to be fixed before anything else");
}

/// The rules once more, written as plainly as the catalogue has them, without effects or sets.
fn step_by_the_book(outcomes: &[Outcome]) -> u8 {
    let any = |gate: Gate, status: Status| outcomes.iter().any(|o| o.gate == gate && o.status == status);
    let mut weighed: Vec<(&str, u32)> = Vec::new();
    for o in outcomes.iter().filter(|o| o.gate == Gate::Operability && o.status == Status::Fail) {
        match weighed.iter_mut().find(|(code, _)| *code == o.code) {
            Some((_, old)) => *old = (*old).max(weight(o.severity)),
            None => weighed.push((&o.code, weight(o.severity))),
        }
    }
    if any(Gate::Stop, Status::Fail) {
        0
    } else if any(Gate::Fix, Status::Fail)
        || any(Gate::Stop, Status::Unknown)
        || weighed.iter().map(|(_, weight)| weight).sum::<u32>() >= 4
    {
        1
    } else if outcomes
        .iter()
        .any(|o| o.gate != Gate::Advisory && !matches!(o.status, Status::Pass | Status::NotApplicable))
    {
        2
    } else {
        3
    }
}

fn passing(outcomes: &[Outcome], codes: &[&str]) -> Vec<Outcome> {
    let flip = |o: &Outcome| if codes.contains(&o.code.as_str()) { Status::Pass } else { o.status };
    outcomes.iter().map(|o| Outcome { status: flip(o), ..o.clone() }).collect()
}

/// Size of the smallest set of codes whose passing raises the verdict, by trying all of them.
fn smallest_flip(outcomes: &[Outcome]) -> Option<usize> {
    let codes: BTreeSet<&str> = outcomes.iter().map(|o| o.code.as_str()).collect();
    let codes: Vec<&str> = codes.into_iter().collect();
    let now = step_by_the_book(outcomes);
    (0_u32..1 << codes.len())
        .filter(|set| {
            let chosen: Vec<&str> =
                (0..codes.len()).filter(|bit| set & (1 << bit) != 0).map(|bit| codes[bit]).collect();
            step_by_the_book(&passing(outcomes, &chosen)) > now
        })
        .map(|set| set.count_ones() as usize)
        .min()
}

fn any_outcome() -> impl Strategy<Value = Outcome> {
    // Few codes, so that several outcomes often share one.
    (0..9_u8, select(&STATUSES[..]), select(&GATES[..]), select(&SEVERITIES[..]))
        .prop_map(|(code, status, gate, severity)| outcome(&format!("C-{code}"), status, gate, severity))
}

fn outcomes() -> impl Strategy<Value = Vec<Outcome>> {
    proptest::collection::vec(any_outcome(), 1..=10)
}

fn with_status(outcomes: &[Outcome], at: usize, status: Status) -> Vec<Outcome> {
    let mut changed = outcomes.to_vec();
    changed[at].status = status;
    changed
}

proptest! {
    #[test]
    fn it_decides_as_the_rules_say(outcomes in outcomes()) {
        prop_assert_eq!(production(&outcomes).verdict.step(), step_by_the_book(&outcomes));
    }

    #[test]
    fn a_pass_never_lowers_and_an_unknown_is_never_better(outcomes in outcomes(), at in any::<Index>()) {
        let at = at.index(outcomes.len());
        let step = |status| production(&with_status(&outcomes, at, status)).verdict.step();
        let (pass, fail, unknown) = (step(Status::Pass), step(Status::Fail), step(Status::Unknown));
        prop_assert!(pass >= unknown && unknown >= fail, "pass {pass}, unknown {unknown}, fail {fail}");
    }

    #[test]
    fn unknown_never_stops(outcomes in outcomes()) {
        let no_fail: Vec<_> = outcomes.into_iter().filter(|o| o.status != Status::Fail).collect();
        prop_assert_ne!(production(&no_fail).verdict, ReadinessVerdict::Stop);
    }

    #[test]
    fn a_waiver_never_lifts_to_expand(outcomes in outcomes(), at in any::<Index>()) {
        let at = at.index(outcomes.len());
        prop_assume!(outcomes[at].gate != Gate::Advisory);
        prop_assert_ne!(production(&with_status(&outcomes, at, Status::Waived)).verdict, ReadinessVerdict::Expand);
    }

    #[test]
    fn the_order_does_not_matter(
        (outcomes, shuffled) in outcomes().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        prop_assert_eq!(production(&outcomes), production(&shuffled));
    }

    #[test]
    fn the_flip_set_raises_the_verdict_and_none_is_smaller(outcomes in outcomes()) {
        let readiness = production(&outcomes);
        let flips: Vec<&str> = readiness.flip_set.iter().map(String::as_str).collect();
        match smallest_flip(&outcomes) {
            None => prop_assert!(readiness.verdict == ReadinessVerdict::Expand && flips.is_empty()),
            Some(size) => {
                prop_assert_eq!(flips.len(), size, "{:?}", readiness);
                prop_assert!(step_by_the_book(&passing(&outcomes, &flips)) > step_by_the_book(&outcomes));
            }
        }
    }

    #[test]
    fn a_hurdle_only_keeps_from_expansion(outcomes in outcomes()) {
        let free = production(&outcomes);
        let held = decide(&outcomes, Stage::Production, &["wait".to_owned()]);
        prop_assert_eq!(held.verdict.step(), free.verdict.step().min(2));
    }
}

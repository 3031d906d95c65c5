//! AWS's documented examples as truth tables, the grammar, and what is known where states are not.
use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Rule {
    Rule::parse(text).unwrap_or_else(|| panic!("{text}"))
}

#[test]
fn an_alarm_alone_is_enough_or_not() {
    let cases = [
        ("ALARM(a)", true, true),
        ("ALARM(\"a\") OR ALARM(b)", true, true),
        ("alarm(a) or alarm(b)", true, true),
        ("ALARM(arn:aws:cloudwatch:eu-central-1:111122223333:alarm:a)", true, true),
        ("ALARM(a) AND NOT ALARM(deploying)", true, true),
        ("ALARM(a) AND (ALARM(b) OR ALARM(c))", false, true),
        ("(ALARM(a) AND ALARM(b)) OR ALARM(c)", false, true),
        ("AT_LEAST(2, ALARM, (a, b, \"c d\"))", false, true),
        ("AT_LEAST(30%, ALARM, (a, b, c))", true, true),
        ("AT_LEAST(1, NOT OK, (a, b))", true, true),
        ("ALARM(a) AND FALSE", false, false),
        ("NOT ALARM(a)", false, false),
        ("OK(a)", false, false),
        ("ALARM(a) AND ALARM(b) AND NOT ALARM(b)", false, false),
    ];
    for (text, suffices, may_need) in cases {
        let rule = parse(text);
        assert_eq!((rule.suffices("a"), rule.may_need("a")), (suffices, may_need), "{text}");
    }
}

#[test]
fn a_rule_that_never_holds_is_found_out() {
    for text in ["FALSE", "ALARM(a) AND OK(a)", "NOT TRUE", "ALARM(a) AND FALSE", "AT_LEAST(3, ALARM, (a, b))"] {
        assert!(!parse(text).can_hold(), "{text}");
    }
    for text in ["TRUE", "ALARM(a) AND ALARM(b) AND NOT ALARM(c)", "INSUFFICIENT_DATA(a)"] {
        assert!(parse(text).can_hold(), "{text}");
    }
}

#[test]
fn names_may_hold_spaces_quotes_and_words_of_the_rule() {
    let rule = parse("ALARM(\"a \\\"b\\\" OR (c)\") AND OK(d AND e)");
    assert_eq!(rule.names().into_iter().collect::<Vec<_>>(), ["a \"b\" OR (c)", "d AND e"]);
}

#[test]
fn what_is_not_a_rule_is_refused() {
    let deep = format!("{}TRUE{}", "(".repeat(5_000), ")".repeat(5_000));
    for text in [
        "",
        "ALARM",
        "ALARM()",
        "ALARM(a) ALARM(b)",
        "ALARM(a) AND",
        "WARN(a)",
        "(ALARM(a)",
        "\"a\"",
        "ALARM(\"a)",
        &deep,
    ] {
        assert_eq!(Rule::parse(text), None, "{}", text.get(..20).unwrap_or(text));
    }
}

/// The examples of <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html> and of
/// `PutCompositeAlarm`, each over all states of two of its alarms; the others are as said.
#[test]
fn the_documented_examples_hold_when_their_words_say_so() {
    fn over_all_states(text: &str, names: [&str; 2], others: State, words: impl Fn(State, State) -> bool) {
        let rule = parse(text);
        for first in [State::Ok, State::Alarm, State::InsufficientData] {
            for second in [State::Ok, State::Alarm, State::InsufficientData] {
                let state = |name: &str| match name {
                    _ if name == names[0] => first,
                    _ if name == names[1] => second,
                    _ => others,
                };
                assert_eq!(rule.holds(&state), words(first, second), "{text}: {first:?}, {second:?}");
                assert_eq!(rule.holds_as_far_as_known(&|name| Some(state(name))), Some(words(first, second)), "{text}");
            }
        }
    }
    let (ok, alarm) = (State::Ok, State::Alarm);
    let cpu_and_disk = ["CPUUtilizationTooHigh", "DiskReadOpsTooHigh"];
    over_all_states("ALARM(CPUUtilizationTooHigh) AND ALARM(DiskReadOpsTooHigh)", cpu_and_disk, ok, |cpu, disk| {
        cpu == alarm && disk == alarm
    });
    over_all_states(
        "ALARM(CPUUtilizationTooHigh) AND NOT ALARM(DeploymentInProgress)",
        ["CPUUtilizationTooHigh", "DeploymentInProgress"],
        ok,
        |cpu, deploying| cpu == alarm && deploying != alarm,
    );
    let prevents_noise = "(ALARM(CPUUtilizationTooHigh) OR ALARM(DiskReadOpsTooHigh)) AND OK(NetworkOutTooHigh)";
    over_all_states(prevents_noise, cpu_and_disk, ok, |cpu, disk| cpu == alarm || disk == alarm);
    over_all_states(prevents_noise, cpu_and_disk, alarm, |_, _| false);
    let servers = "AT_LEAST(2, ALARM, (WebServer1CPU, WebServer2CPU, WebServer3CPU, WebServer4CPU))";
    let two = ["WebServer1CPU", "WebServer4CPU"];
    over_all_states(servers, two, ok, |one, four| one == alarm && four == alarm);
    over_all_states(servers, two, alarm, |_, _| true);
    let half =
        "AT_LEAST(50%, OK, (DatabaseConnection1, DatabaseConnection2, DatabaseConnection3, DatabaseConnection4))";
    let two = ["DatabaseConnection1", "DatabaseConnection2"];
    over_all_states(half, two, alarm, |one, two| one == ok && two == ok);
    over_all_states(half, two, ok, |_, _| true);
    let zones = "AT_LEAST(2, ALARM, (AZ1Health, AZ2Health, AZ3Health)) AND NOT ALARM(MaintenanceWindow)";
    over_all_states(zones, ["AZ1Health", "AZ3Health"], ok, |one, three| one == alarm && three == alarm);
    over_all_states(zones, ["AZ1Health", "MaintenanceWindow"], alarm, |_, maintenance| maintenance != alarm);
}

#[test]
fn what_depends_on_a_state_that_is_not_known_is_not_known() {
    let known = |text: &str| {
        parse(text).holds_as_far_as_known(&|name: &str| match name {
            "fires" => Some(State::Alarm),
            "fine" => Some(State::Ok),
            _ => None,
        })
    };
    let cases = [
        ("ALARM(fires) OR ALARM(unknown)", Some(true)),
        ("ALARM(fine) OR ALARM(unknown)", None),
        ("ALARM(fine) AND ALARM(unknown)", Some(false)),
        ("ALARM(fires) AND NOT ALARM(unknown)", None),
        ("ALARM(unknown) OR NOT ALARM(unknown)", Some(true)),
        ("AT_LEAST(1, ALARM, (fires, unknown))", Some(true)),
        ("AT_LEAST(2, ALARM, (fires, unknown))", None),
        ("AT_LEAST(2, ALARM, (fine, unknown))", Some(false)),
        ("AT_LEAST(100%, NOT OK, (fine, a, b, c, d, e, f, g, h))", Some(false)),
    ];
    for (text, expected) in cases {
        assert_eq!(known(text), expected, "{text}");
    }
}

fn any_state() -> impl Strategy<Value = State> {
    prop::sample::select(vec![State::Ok, State::Alarm, State::InsufficientData])
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let name = || "[a-d]";
    let leaf = prop_oneof![
        (any_state(), name()).prop_map(|(state, name)| Rule::Is(state, name)),
        any::<bool>().prop_map(Rule::Constant),
        (0..4_usize, any_state(), any::<bool>(), prop::collection::vec(name(), 1..4))
            .prop_map(|(number, state, is, names)| Rule::AtLeast(Quota::Number(number), state, is, names)),
        (0..150_usize, any_state(), any::<bool>(), prop::collection::vec(name(), 1..4))
            .prop_map(|(percent, state, is, names)| Rule::AtLeast(Quota::Percent(percent), state, is, names)),
    ];
    leaf.prop_recursive(3, 12, 3, |rule| {
        prop_oneof![
            rule.clone().prop_map(|rule| Rule::Not(Box::new(rule))),
            prop::collection::vec(rule.clone(), 1..4).prop_map(Rule::All),
            prop::collection::vec(rule, 1..4).prop_map(Rule::Any),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_known_holds_however_the_unknown_states_turn_out(
        rule in any_rule(),
        states in prop::collection::btree_map("[a-d]", any_state(), 0..4),
    ) {
        let state = |name: &str| states.get(name).copied();
        let unknown: Vec<&str> = rule.names().into_iter().filter(|name| state(name).is_none()).collect();
        let outcomes: BTreeSet<bool> =
            combinations(&unknown).map(|turned| rule.holds(&assumed(&unknown, &turned, &state))).collect();
        let one = if outcomes.len() == 1 { outcomes.first().copied() } else { None };
        prop_assert_eq!(rule.holds_as_far_as_known(&state), one);
        let each = rule.holds_three_valued(&state);
        prop_assert!(each.is_none() || each == one, "{:?} but {:?}", each, one);
    }

    #[test]
    fn no_text_makes_it_panic(text in "(ALARM|OK|AND|OR|NOT|AT_LEAST|TRUE|[(),\"%\\\\ 2a]|.){0,40}") {
        if let Some(rule) = Rule::parse(&text) {
            rule.can_hold();
            rule.may_need("a");
        }
    }
}

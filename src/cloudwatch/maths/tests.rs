//! The examples of the documentation, what it leaves open, and that no text makes any of it panic.

use proptest::prelude::*;

use super::*;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(minute * 60).unwrap()
}

/// A series as the documentation writes it, `-` where there is no point.
fn series(written: &str) -> Series {
    let points = written.split(", ").enumerate().filter(|(_, value)| *value != "-");
    Series::of(60, points.map(|(minute, value)| (at(minute as i64), value.parse().unwrap())))
}

fn evaluate(metrics: &[(&str, &str)], expressions: &[(&str, &str)], id: &str) -> Result<String, Unsupported> {
    let length = metrics.iter().map(|(_, written)| written.split(", ").count()).max().unwrap_or(0) as i64;
    let series = metrics.iter().map(|(id, written)| ((*id).to_owned(), series(written))).collect();
    let expressions = expressions.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect();
    let maths = Maths { period: 60, span: &(at(0)..at(length)), series: &series, expressions: &expressions };
    let found = maths.evaluate(id)?;
    let points = (0..length).map(|minute| found.at(at(minute)).map_or("-".to_owned(), |value| value.to_string()));
    Ok(points.collect::<Vec<_>>().join(", "))
}

fn check(metrics: &[(&str, &str)], cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        let found = evaluate(metrics, &[("e", expression)], "e");
        assert_eq!(found.as_deref(), Ok(*expected), "{expression}");
    }
}

fn refused(metrics: &[(&str, &str)], expression: &str) -> Unsupported {
    evaluate(metrics, &[("e", expression)], "e").expect_err(expression)
}

#[test]
fn comparisons_and_logic_as_the_documented_table_has_them() {
    check(
        &[("metric1", "30, 20, 0, 0"), ("metric2", "20, -, 20, -")],
        &[
            ("(metric1 < metric2)", "0, 0, 1, 0"),
            ("(metric1 >= 30)", "1, 0, 0, 0"),
            ("(metric1 > 15 AND metric2 > 15)", "1, 0, 0, 0"),
            ("metric1 > 15 && metric2 > 15 || metric1 == 20", "1, 1, 0, 0"),
        ],
    );
}

#[test]
fn if_as_the_documented_tables_have_it() {
    check(
        &[("metric1", "1, 1, 0, 0, -"), ("metric2", "30, -, 0, 0, 30"), ("metric3", "0, 0, 20, -, 20")],
        &[
            ("IF(metric1, metric2, metric3)", "30, 0, 20, -, -"),
            ("IF(metric1, 5, metric3)", "5, 5, 20, -, -"),
            ("IF(metric1, metric2, 5)", "30, 0, 5, 5, -"),
            ("IF(metric1, metric2)", "30, 0, -, -, -"),
            ("IF(1, metric2, metric3)", "30, -, 0, 0, 30"),
            ("IF(0, metric2, metric3)", "0, 0, 20, -, 20"),
            ("IF(0, metric2)", "-, -, -, -, -"),
        ],
    );
    check(&[("latency", "100, 500")], &[("IF(latency>400, 1, 0)", "0, 1"), ("IF(latency<400, latency)", "100, -")]);
}

#[test]
fn arithmetic_takes_what_is_missing_for_zero_and_drops_what_divides_by_it() {
    check(
        &[("errors", "1, -, 3, -"), ("requests", "10, 20, -, -")],
        &[
            ("errors + requests", "11, 20, 3, -"),
            ("100 * errors / requests", "10, 0, -, -"),
            ("-errors", "-1, -, -3, -"),
            ("2 ^ errors - 1", "1, -, 7, -"),
            ("(-errors) ^ 2", "1, -, 9, -"),
            ("SUM(100/[requests, errors])", "110, 5, 33.333333333333336, -"),
            ("requests/PERIOD(requests)*60", "10, 20, -, -"),
            ("errors - AVG(errors)", "-1, -, 1, -"),
        ],
    );
}

#[test]
fn functions_yield_what_their_words_say() {
    check(
        &[("a", "1.5, -, -2.5, 4"), ("b", "1, 2, -, -")],
        &[
            ("ABS(a)", "1.5, -, 2.5, 4"),
            ("CEIL(a)", "2, -, -2, 4"),
            ("FLOOR(a)", "1, -, -3, 4"),
            ("DIFF(a)", "-, -, -4, 6.5"),
            ("DIFF_TIME(a)", "-, -, 120, 60"),
            ("RATE(b) * 60", "-, 1, -, -"),
            ("RUNNING_SUM(a)", "1.5, -, -1, 3"),
            ("SUM([a, b])", "2.5, 2, -2.5, 4"),
            ("AVG([a, b])", "1.25, 1, -1.25, 2"),
            ("MAX(METRICS())", "1.5, 2, -2.5, 4"),
            ("MIN([a, b])", "1, 2, -2.5, 4"),
            ("DATAPOINT_COUNT([a, b])", "2, 1, 1, 1"),
            ("SUM(a) / DATAPOINT_COUNT(a) + 0 * b", "1, 1, -, -"),
            ("SUM(METRICS(\"b\"))", "1, 2, -, -"),
            ("b/METRIC_COUNT(METRICS())", "0.5, 1, -, -"),
            ("TIME_SERIES(MAX(a))", "4, 4, 4, 4"),
            ("MINUTE(a)", "0, 1, 2, 3"),
            ("DAY(b)", "4, 4, 4, 4"),
            ("LOG10(b * 10)", "1, 1.3010299956639813, -, -"),
            ("LOG(a - a)", "-, -, -, -"),
        ],
    );
}

#[test]
fn fill_fills_what_is_missing_in_each_of_its_ways() {
    check(
        &[("m", "-, 10, -, -, 40, -"), ("other", "1, 2, 3, 4, -, -")],
        &[
            ("FILL(m, 0)", "0, 10, 0, 0, 40, 0"),
            ("FILL(m, REPEAT)", "-, 10, 10, 10, 40, 40"),
            ("FILL(m, LINEAR)", "-, 10, 20, 30, 40, -"),
            ("FILL(m, MIN(m))", "10, 10, 10, 10, 40, 10"),
            ("FILL(m, other)", "1, 10, 3, 4, 40, -"),
            ("SUM(FILL([m, other], 0))", "1, 12, 3, 4, 40, 0"),
        ],
    );
    let silent = refused(&[("m", "-, -")], "FILL(m, 0)");
    assert!(matches!(silent, Unsupported::Undocumented(_)), "{silent}");
}

#[test]
fn expressions_use_each_other() {
    let metrics = [("errors", "1, 2"), ("requests", "10, 10")];
    let expressions = [("rate", "100 * errors / total"), ("total", "requests"), ("a", "b + 1"), ("b", "a")];
    assert_eq!(evaluate(&metrics, &expressions, "rate").as_deref(), Ok("10, 20"));
    assert_eq!(evaluate(&metrics, &expressions, "requests").as_deref(), Ok("10, 10"));
    assert!(matches!(evaluate(&metrics, &expressions, "a"), Err(Unsupported::Circle(_))));
    assert_eq!(evaluate(&metrics, &expressions, "gone"), Err(Unsupported::Unknown("gone".into())));
}

#[test]
fn what_only_cloudwatch_can_answer_is_never_guessed() {
    let metrics = [("m", "1, 2")];
    for function in [
        "SEARCH('{AWS/SageMaker,EndpointName} x', 'Sum', 60)",
        "ANOMALY_DETECTION_BAND(m, 2)",
        "INSIGHT_RULE_METRIC(\"rule\", \"Sum\")",
        "LAMBDA(\"f\")",
        "SERVICE_QUOTA(m)",
        "STDDEV(m)",
        "SORT(METRICS(), AVG, DESC)",
    ] {
        let name = function.split('(').next().unwrap();
        assert_eq!(refused(&metrics, function), Unsupported::Function(name.into()));
    }
    for open in ["2 ^ m ^ 2", "-m ^ 2", "m < 1 < 2", "[m] + [m]", "[m] > 1", "1 / 0 * m", "IF(1, 2, 3)", "IF([m], m)"] {
        assert!(matches!(refused(&metrics, open), Unsupported::Undocumented(_)), "{open}");
    }
    for wrong in ["", "m +", "(m", "m)", "m = 1", "[m", "m m", "\"m", "1..2", "m ? 1", "SELECT AVG(x) FROM y"] {
        assert!(matches!(refused(&metrics, wrong), Unsupported::Syntax(_)), "{wrong}");
    }
    assert_eq!(refused(&metrics, "AVG(m)"), Unsupported::NotOneSeries);
    assert_eq!(refused(&metrics, "[m]"), Unsupported::NotOneSeries);
}

#[test]
fn an_expression_says_what_it_names_and_whether_the_range_matters() {
    let expression = Expression::parse("IF(FILL(m1, 0) > 0, 100 * e1 / m1)").unwrap();
    assert_eq!(expression.names().into_iter().collect::<Vec<_>>(), ["e1", "m1"]);
    assert_eq!(expression.functions().into_iter().collect::<Vec<_>>(), ["FILL", "IF"]);
    assert!(expression.depends_on_range());
    assert!(!Expression::parse("100 * e1 / m1").unwrap().depends_on_range());
    let found =
        Expression::parse("SUM(SEARCH(' {AWS/Lambda, FunctionName} MetricName=\"Errors\" ', 'Sum', 300))").unwrap();
    assert_eq!(found.searches(), [" {AWS/Lambda, FunctionName} MetricName=\"Errors\" "]);
    assert!(Expression::parse(&"(".repeat(3_000)).is_err() && Expression::parse(&"-".repeat(3_000)).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "(m1|m2|e|SUM|FILL|IF|AVG|METRICS|REPEAT|LINEAR|AND|OR|[-+*/^<>=!&|(),\\[\\]'\" 0-9.]|.){0,40}",
    ) {
        let metrics = [("m1", "1, -, 3"), ("m2", "-, 2, 0")];
        if let Ok(found) = evaluate(&metrics, &[("e", &text)], "e") {
            prop_assert!(!found.contains("NaN") && !found.contains("inf"), "{}: {}", text, found);
        }
    }

    #[test]
    fn a_formula_of_two_full_series_is_what_numbers_make_of_it(
        left in prop::collection::vec(-50..50_i32, 3),
        right in prop::collection::vec(-50..50_i32, 3),
    ) {
        let written = |values: &[i32]| values.iter().map(i32::to_string).collect::<Vec<_>>().join(", ");
        let metrics = [("l", written(&left)), ("r", written(&right))];
        let metrics: Vec<(&str, &str)> = metrics.iter().map(|(id, written)| (*id, written.as_str())).collect();
        let by_hand: Vec<i32> = left.iter().zip(&right).map(|(l, r)| 3 * (l - r) + l * -r + i32::from(l <= r)).collect();
        prop_assert_eq!(evaluate(&metrics, &[("e", "3 * (l - r) + l * -r + (l <= r)")], "e"), Ok(written(&by_hand)));
    }
}

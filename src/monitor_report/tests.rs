//! Reports of every kind of monitor, and what is no report.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn told(report: &Value) -> Result<Vec<String>, String> {
    let line = |it: &Violation| {
        format!("{}|{}|{}|{}", it.feature, it.facet.as_deref().unwrap_or("-"), it.check, it.description)
    };
    let report = read("f.json", report.to_string().as_bytes()).map_err(|error| error.to_string())?;
    assert_eq!(report.total, report.violations.len());
    Ok(report.violations.iter().map(line).collect())
}

#[test]
fn every_monitor_is_understood() {
    let cases = [
        (
            json!({ "violations": [{ "feature_name": "fare", "constraint_check_type": "data_type_check", "description": "0.5" }] }),
            "fare|-|data_type_check|0.5",
        ),
        (
            json!({ "version": 0.0, "violations": [{ "constraint_check_type": "LessThanThreshold", "metric_name": "recall",
                "description": "Metric recall with 0.69 was LessThanThreshold '1.0'" }] }),
            "recall|-|LessThanThreshold|Metric recall with 0.69 was LessThanThreshold '1.0'",
        ),
        (
            json!({ "version": "1.0", "violations": [{ "facet": "Age", "facet_value": "40", "metric_name": "CI",
                "constraint_check_type": "bias_drift_check", "description": "Value 0.07" }] }),
            "CI|Age=40|bias_drift_check|Value 0.07",
        ),
        (
            json!({ "violations": [{ "label": "label0", "metric_name": "shap",
                "constraint_check_type": "feature_attribution_drift_check", "description": "nDCG 0.6" }] }),
            "shap of label0|-|feature_attribution_drift_check|nDCG 0.6",
        ),
        (
            json!({ "violations": [{ "feature_name": "sentence", "facet": "sex", "facet_value": 1, "extra": [{}],
                "constraint_check_type": "cosine drift", "description": null }] }),
            "sentence|sex=1|cosine drift|",
        ),
    ];
    for (report, expected) in cases {
        assert_eq!(told(&report).unwrap(), [expected]);
    }
    assert_eq!(told(&json!({ "violations": [] })).unwrap(), Vec::<String>::new());
}

#[test]
fn what_is_no_report_is_told_with_its_place() {
    for (text, expected) in [
        (
            "{\n \"violations\": [\n  {\"feature_name\": [], ",
            "`f`, line 3, column 21: invalid type: sequence, expected a text;",
        ),
        ("", "line 1, column 0: EOF while parsing"),
        ("[]", "invalid type: sequence, expected an object"),
        ("{}", "missing field `violations`"),
        (r#"{"violations": {}}"#, "invalid type: map, expected a list of violations"),
        (r#"{"violations": null}"#, "expected a list of violations"),
        (r#"{"violations": [7]}"#, "invalid type: integer `7`"),
        (r#"{"violations": [{}]}"#, "violation 1 has no `feature_name`, `metric_name` or `label`"),
        (r#"{"violations": [{"label": "x"}]}"#, "violation 1 has no `constraint_check_type`"),
        (r#"{"violations": []} x"#, "trailing characters"),
        (r#"{"violations": [], "violations": []}"#, "duplicate field `violations`"),
    ] {
        let error = read("f", text.as_bytes()).unwrap_err().to_string();
        assert!(error.contains(expected) && error.contains("expected a report of a monitor"), "{text}: {error}");
    }
    let deep = format!("{{\"x\": {}", "[".repeat(100_000));
    read("f", deep.as_bytes()).unwrap_err();
    read("f", b"{\"violations\": [{\"feature_name\": \"\xff\"}]}").unwrap_err();
}

#[test]
fn a_mark_of_the_encoding_is_no_mistake() {
    assert_eq!(read("f", b"\xef\xbb\xbf{\"violations\": []}").unwrap(), Report::default());
}

#[test]
fn sizes_are_bounded_and_all_are_counted() {
    let entry =
        json!({ "feature_name": "f".repeat(5_000), "constraint_check_type": "c", "description": "é".repeat(5_000) });
    let few = read("f", json!({ "violations": [entry] }).to_string().as_bytes()).unwrap();
    assert_eq!(few.violations[0].description.chars().count(), 2_001);
    let small = json!({ "feature_name": "f", "constraint_check_type": "c" });
    let many = read("f", json!({ "violations": vec![small; KEPT + 7] }).to_string().as_bytes()).unwrap();
    assert_eq!((many.violations.len(), many.total), (KEPT, KEPT + 7));
    let error = read("big.json", &vec![b' '; LARGEST + 1]).unwrap_err();
    assert!(error.to_string().starts_with("`big.json` has more than 8388608 bytes"), "{error}");
}

/// Any text that a stranger may choose, line ends, marks of direction and formulas among them.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{1,20}", Just("=HYPERLINK(\"x\")".to_owned()), Just("a\u{202e}\r\n<b>\u{0}".to_owned())]
}

proptest! {
    #[test]
    fn whatever_is_written_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        drop(read("f", &bytes));
    }

    #[test]
    fn names_survive_and_no_beginning_passes_for_the_whole(
        names in prop::collection::vec((name(), name(), name()), 1..6),
        cut in 0.0..1.0_f64,
    ) {
        let entries: Vec<Value> = names.iter().map(|(feature, check, words)| {
            json!({ "feature_name": feature, "constraint_check_type": check, "description": words })
        }).collect();
        let text = json!({ "violations": entries }).to_string();
        let report = read("f", text.as_bytes()).unwrap();
        let read_back: Vec<_> = report.violations.into_iter().map(|it| (it.feature, it.check, it.description)).collect();
        prop_assert_eq!(read_back, names);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in a short text")]
        let end = (text.len() as f64 * cut) as usize;
        let error = read("f", &text.as_bytes()[..end]).unwrap_err();
        prop_assert!(!error.to_string().contains(char::is_control));
    }
}

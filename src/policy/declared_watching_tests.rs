use crate::evidence::S3Location;
use crate::policy::{CriterionSignal, Dates, DeclaredMetric, Heartbeat, Limit, Manifest, Mistake, Policy, PolicyError};

fn read(text: &str) -> Result<Manifest, Vec<Mistake>> {
    let day: jiff::Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    let text = format!("[[model]]\ngroup = \"fraud\"\n{text}\n");
    match Policy::parse(&text, "countersign.toml", &Dates { today: day, as_of: day }) {
        Ok(mut checked) => Ok(checked.policy.models.remove(0)),
        Err(PolicyError::Mistakes { mistakes, .. }) => Err(mistakes),
        Err(other) => panic!("{other}"),
    }
}

fn location(uri: &str) -> S3Location {
    S3Location::parse(uri).unwrap()
}

fn metric(namespace: &str, metric: &str) -> DeclaredMetric {
    DeclaredMetric {
        namespace: namespace.to_owned(),
        metric: metric.to_owned(),
        dimensions: [("Endpoint".to_owned(), "fraud".to_owned())].into(),
        statistic: "Average".to_owned(),
        period: 3_600,
    }
}

#[test]
fn criteria_are_words_or_bound_to_what_measures_them() {
    let text = r#"
retrain_when = [
  "new fraud pattern confirmed by the desk",
  { when = "the drift alarm rings", alarm = "fraud-drift", act_within_days = 14 },
  { when = "the monitor finds violations", monitor = "fraud-daily" },
  { when = "precision falls", metric = { namespace = "Bank/ML", metric = "precision", dimensions = { Endpoint = "fraud" } }, below = 0.8 },
  { when = "inputs drift", drift = true },
  { when = "half a year has passed", age_days = 180 },
  { when = "labels have come in", objects = "s3://ml-labels/fraud/", count = 200 },
]
"#;
    let criteria = read(text).unwrap().retrain_when;
    let signals: Vec<Option<CriterionSignal>> = criteria.iter().map(|criterion| criterion.signal.clone()).collect();
    assert_eq!(
        signals,
        [
            None,
            Some(CriterionSignal::Alarm("fraud-drift".to_owned())),
            Some(CriterionSignal::Monitor("fraud-daily".to_owned())),
            Some(CriterionSignal::Metric(metric("Bank/ML", "precision"), Limit::Below(0.8))),
            Some(CriterionSignal::Drift),
            Some(CriterionSignal::AgeDays(180)),
            Some(CriterionSignal::Objects(location("s3://ml-labels/fraud/"), 200)),
        ]
    );
    assert_eq!(criteria[0].words, "new fraud pattern confirmed by the desk");
    assert_eq!((criteria[0].line, criteria[1].line, criteria[6].line), (5, 6, 11));
    assert_eq!((criteria[0].act_within_days, criteria[1].act_within_days), (30, 14));
}

#[test]
fn metrics_feedback_and_monitors_elsewhere_are_read_with_what_holds_where_nothing_is_said() {
    let text = r#"
no_capture_because = "requests hold health data"
no_drift_because = "a table of rules"
segment_metrics = [{ namespace = "Bank/ML", metric = "precision", dimensions = { Endpoint = "fraud" } }]
declared_external_monitors = [
  { name = "evidently", heartbeat = "s3://ml-drift/fraud/" },
  { name = "arize", heartbeat = "https://drift.example.com/health" },
  { name = "own", heartbeat = { metric = { namespace = "Bank/ML", metric = "psi", dimensions = { Endpoint = "fraud" } }, within_hours = 48 } },
  { name = "nightly", heartbeat = { objects = "s3://ml-drift/night" } },
  { name = "hearsay" },
]
[[model.business_metric]]
name = "losses by fraud"
namespace = "Bank/Fraud"
metric = "Losses"
statistic = "p99.5"
period = 86400
above = 4_000
owner = "fraud-desk"
within_hours = 48
[[model.feedback]]
prefix = "s3://ml-feedback/fraud/"
"#;
    let manifest = read(text).unwrap();
    assert_eq!(manifest.no_capture_because.as_deref(), Some("requests hold health data"));
    assert_eq!(manifest.no_drift_because.as_deref(), Some("a table of rules"));
    assert_eq!(manifest.segment_metrics, [metric("Bank/ML", "precision")]);
    let heartbeats: Vec<Option<Heartbeat>> = manifest.external_monitors.into_iter().map(|it| it.heartbeat).collect();
    assert_eq!(
        heartbeats,
        [
            Some(Heartbeat::Objects(location("s3://ml-drift/fraud/"), 24)),
            Some(Heartbeat::Elsewhere("https://drift.example.com/health".to_owned())),
            Some(Heartbeat::Metric(metric("Bank/ML", "psi"), 48)),
            Some(Heartbeat::Objects(location("s3://ml-drift/night"), 24)),
            None,
        ]
    );
    let losses = &manifest.business_metrics[0];
    assert_eq!(
        (losses.name.as_str(), losses.limit, losses.within_hours),
        ("losses by fraud", Limit::Above(4_000.0), 48)
    );
    assert_eq!((losses.metric.statistic.as_str(), losses.metric.period), ("p99.5", 86_400));
    assert_eq!(losses.owner.as_deref(), Some("fraud-desk"));
    let feedback = &manifest.feedback[0];
    assert_eq!(feedback.prefix, location("s3://ml-feedback/fraud/"));
    assert_eq!((feedback.grows_within_days, feedback.used_within_days), (7, 90));
}

/// What stands after the group on line 2, and each mistake's line, column and words.
type Wrong = (&'static str, &'static [(usize, usize, &'static str)]);

const METRIC: &str = "namespace = \"N\"\nmetric = \"m\"\n";

const WRONG: &[Wrong] = &[
    ("retrain_when = \"drift\"", &[(3, 16, "put it in brackets: `[\"drift\"]`")]),
    ("retrain_when = [3]", &[(3, 17, "must be a text, not `3`")]),
    ("retrain_when = [{ alarm = \"a\" }]", &[(3, 17, "has no `when`; say it in words")]),
    ("retrain_when = [{ when = \"w\" }]", &[(3, 17, "nothing measures this criterion; name `alarm`, `monitor`")]),
    (
        "retrain_when = [{ when = \"w\", alarm = \"a\", age_days = 3 }]",
        &[(3, 17, "`alarm` and `age_days` both measure this criterion")],
    ),
    (
        "retrain_when = [{ when = \"w\", age_day = 3 }]",
        &[
            (3, 17, "nothing measures this criterion"),
            (3, 31, "unknown key `age_day` in a criterion of `retrain_when`; did you mean `age_days`?"),
        ],
    ),
    (
        "retrain_when = [{ words = \"w\", drift = true }]",
        &[
            (3, 17, "has no `when`"),
            (3, 19, "unknown key `words` in a criterion of `retrain_when`; it belongs in `when`"),
        ],
    ),
    ("retrain_when = [{ when = \"w\", drift = false }]", &[(3, 17, "`drift = false` measures nothing")]),
    ("retrain_when = [{ when = \"w\", age_days = 0 }]", &[(3, 42, "must be a whole number from 1 to 3660, not `0`")]),
    (
        "retrain_when = [{ when = \"w\", metric = { namespace = \"N\", metric = \"m\" } }]",
        &[(3, 17, "`metric` has no limit; write `above = 0.2` or `below = 0.8` beside it")],
    ),
    (
        "retrain_when = [{ when = \"w\", metric = { namespace = \"N\", metric = \"m\", above = 1 } }]",
        &[(3, 17, "`metric` has no limit"), (3, 73, "it belongs beside the metric")],
    ),
    ("retrain_when = [{ when = \"w\", objects = \"s3://bucket/p\" }]", &[(3, 17, "`objects` has no `count`")]),
    (
        "retrain_when = [{ when = \"w\", objects = \"labels/\", count = 3 }]",
        &[(3, 41, "must be a place in S3, not the text `labels/`; write it like `s3://bucket/prefix/`")],
    ),
    ("retrain_when = [{ when = \"w\", drift = true, above = 1 }]", &[(3, 17, "`above` stands without `metric`")]),
    (
        "[[model.business_metric]]\nname = \"n\"",
        &[
            (3, 1, "[[business_metric]] has no `metric`"),
            (3, 1, "[[business_metric]] has no `namespace`; name the namespace as CloudWatch lists it"),
            (3, 1, "[[business_metric]] has no limit; write what it must not pass"),
        ],
    ),
    ("business_metrics = []", &[(3, 1, "it belongs in a `[[model.business_metric]]`")]),
    (
        "[[model.feedback]]\nprefix = \"feedback\"\ngrows = 1",
        &[(4, 10, "must be a place in S3"), (5, 1, "unknown key `grows` in [[feedback]]")],
    ),
    ("[model.feedback]\nprefix = \"s3://bucket/feedback/\"", &[(3, 1, "`feedback` must be a list")]),
    ("segment_metrics = [\"psi\"]", &[(3, 20, "`segment_metrics` must be a table, not the text `psi`")]),
    ("declared_external_monitors = [{ name = \"n\", heartbeat = \"s3://\" }]", &[(3, 57, "must be a place in S3")]),
    (
        "declared_external_monitors = [{ name = \"n\", heartbeat = { within_hours = 3 } }]",
        &[(3, 57, "this heartbeat names nothing")],
    ),
    ("no_drift_because = true", &[(3, 20, "put it in quotes: `\"true\"`")]),
];

#[test]
fn each_mistake_is_named_with_its_place() {
    for (text, expected) in WRONG {
        let found = read(text).unwrap_err();
        let places: Vec<(usize, usize)> = found.iter().map(|mistake| (mistake.line, mistake.column)).collect();
        let wanted: Vec<(usize, usize)> = expected.iter().map(|(line, column, _)| (*line, *column)).collect();
        assert_eq!(places, wanted, "{text}\n{found:#?}");
        for (mistake, (_, _, words)) in found.iter().zip(*expected) {
            assert!(mistake.to_string().contains(words), "{text}\n{mistake}\n{words}");
        }
    }
}

#[test]
fn a_metric_has_a_statistic_a_period_and_one_limit() {
    let with = |line: &str| read(&format!("[[model.business_metric]]\nname = \"n\"\n{METRIC}{line}"));
    for sound in ["above = 1", "below = -0.5", "above = 1\nperiod = 60", "above = 1e3\nstatistic = \"tm90\""] {
        assert!(with(sound).is_ok(), "{sound}");
    }
    for statistic in ["IQM", "SampleCount", "p0", "p99.99", "TM(10%:90%)", "PR(:300)"] {
        assert!(with(&format!("above = 1\nstatistic = \"{statistic}\"")).is_ok(), "{statistic}");
    }
    for (line, words) in [
        ("above = 1\nbelow = 0", "`above` and `below` stand side by side"),
        ("above = \"1\"", "must be a number"),
        ("above = inf", "must be a number"),
        ("above = 1\nperiod = 90", "a multiple of 60 seconds, not `90`"),
        ("above = 1\nperiod = 90000", "from 1 to 86400"),
        ("above = 1\nstatistic = \"average\"", "must be a statistic, not the text `average`"),
        ("above = 1\nstatistic = \"p101\"", "must be a statistic"),
        ("above = 1\ndimensions = { Endpoint = 1 }", "`Endpoint` must be a text"),
        ("above = 1\nwithin_hours = 0", "from 1 to 8760"),
    ] {
        let found = with(line).unwrap_err();
        assert_eq!(found.len(), 1, "{line}\n{found:#?}");
        assert!(found[0].to_string().contains(words), "{line}\n{}", found[0]);
    }
}

//! A run as CloudWatch metrics, in the embedded metric format: JSON documents, one a line, that CloudWatch Logs makes metrics
//! of. What Lambda prints goes there by itself.
//!
//! | Metric | Dimension | What it counts |
//! |---|---|---|
//! | `FailingFindings` | `Severity` | findings that fail |
//! | `Findings` | `Status` | findings |
//! | `LiveVersions` | `Verdict` | live versions |
//! | `Gaps` | | what could not be seen |
//! | `RunCompleted` | | 1: its absence says that the agent itself did not run |
//! | `RunDuration` | | milliseconds of reading |
//! | `EventRunCompleted` | | 1 after a run that an event made, in place of all of the above |
//!
//! Every value of a dimension is there, at least as 0, and none is a name that a stranger chose: eighteen metrics, whatever the
//! estate holds. A run that looked at a part of the estate must not count as the whole.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Publication, Trigger};

/// Namespace of the metrics.
pub const NAMESPACE: &str = "Countersign";

/// The documents of a run, one a line.
pub fn documents(publication: &Publication<'_>) -> Vec<String> {
    let Publication { report, stats, run, trigger, .. } = *publication;
    let at = report.collected_at.as_millisecond();
    let mut all = Vec::new();
    if matches!(trigger, Trigger::Event { .. }) {
        all.push(document(at, run, &[], &[("EventRunCompleted", "Count", 1)]));
        return all;
    }
    let summary = &report.summary;
    for (metric, dimension, counts) in [
        ("FailingFindings", "Severity", &summary.failing_by_severity),
        ("Findings", "Status", &summary.by_status),
        ("LiveVersions", "Verdict", &summary.by_verdict),
    ] {
        all.extend(histogram(at, run, metric, dimension, counts));
    }
    // Last: who sees it knows that all the others are there.
    let whole = [
        ("Gaps", "Count", whole(report.gaps.len())),
        ("RunCompleted", "Count", 1),
        ("RunDuration", "Milliseconds", stats.wall_ms),
    ];
    all.push(document(at, run, &[], &whole));
    all
}

fn histogram<'a>(
    at: i64,
    run: &'a str,
    metric: &'a str,
    dimension: &'a str,
    counts: &'a BTreeMap<String, usize>,
) -> impl Iterator<Item = String> + 'a {
    counts
        .iter()
        .map(move |(value, count)| document(at, run, &[(dimension, value)], &[(metric, "Count", whole(*count))]))
}

/// One document. The run is a property, not a dimension: it can be searched for, and makes no metric of its own.
fn document(at: i64, run: &str, dimensions: &[(&str, &str)], metrics: &[(&str, &str, u64)]) -> String {
    let names: Vec<&str> = dimensions.iter().map(|(name, _)| *name).collect();
    let declared: Vec<Value> = metrics.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit })).collect();
    let mut document = Map::new();
    document.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": at,
            "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [names], "Metrics": declared }],
        }),
    );
    document.insert("Run".to_owned(), run.into());
    document.extend(dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())));
    document.extend(metrics.iter().map(|(name, _, value)| ((*name).to_owned(), (*value).into())));
    Value::Object(document).to_string()
}

fn whole(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::CollectStats;
    use crate::report::document::Report;
    use crate::report::sample::{bank, hostile};

    /// The published schema of the format, as far as it says anything about us.
    fn schema() -> Value {
        json!({
            "type": "object",
            "required": ["_aws"],
            "properties": { "_aws": {
                "type": "object",
                "required": ["Timestamp", "CloudWatchMetrics"],
                "additionalProperties": false,
                "properties": {
                    "Timestamp": { "type": "integer" },
                    "CloudWatchMetrics": { "type": "array", "minItems": 1, "items": {
                        "type": "object",
                        "required": ["Namespace", "Dimensions", "Metrics"],
                        "additionalProperties": false,
                        "properties": {
                            "Namespace": { "type": "string", "pattern": "^[^:].*$", "minLength": 1, "maxLength": 1024 },
                            "Dimensions": { "type": "array", "minItems": 1, "items": {
                                "type": "array", "maxItems": 30,
                                "items": { "type": "string", "minLength": 1, "maxLength": 250 },
                            } },
                            "Metrics": { "type": "array", "minItems": 1, "maxItems": 100, "items": {
                                "type": "object",
                                "required": ["Name"],
                                "additionalProperties": false,
                                "properties": {
                                    "Name": { "type": "string", "minLength": 1, "maxLength": 1024 },
                                    "Unit": { "enum": ["Count", "Milliseconds", "None"] },
                                    "StorageResolution": { "enum": [1, 60] },
                                },
                            } },
                        },
                    } },
                },
            } },
        })
    }

    fn of(report: &Report, trigger: &Trigger) -> Vec<Value> {
        let stats = CollectStats { wall_ms: 1_500, ..CollectStats::default() };
        let publication = Publication { report, stats: &stats, run: "run-1", trigger, documents: &[] };
        let documents = documents(&publication);
        assert!(documents.iter().all(|line| !line.contains('\n') && line.len() < 256 * 1_024));
        documents.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_document_is_valid_and_its_members_are_there() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for report in [bank(), hostile()] {
            for document in of(&report, &Trigger::Schedule) {
                assert!(validator.is_valid(&document), "{document}");
                let directive = &document["_aws"]["CloudWatchMetrics"][0];
                for metric in directive["Metrics"].as_array().unwrap() {
                    assert!(document[metric["Name"].as_str().unwrap()].is_u64(), "{document}");
                }
                for name in directive["Dimensions"][0].as_array().unwrap() {
                    let value = document[name.as_str().unwrap()].as_str().unwrap();
                    assert!((1..=1024).contains(&value.len()) && value.is_ascii(), "{document}");
                }
            }
        }
    }

    #[test]
    fn the_metrics_say_what_the_summary_says() {
        let (report, documents) = (bank(), of(&bank(), &Trigger::Command));
        let value = |metric: &str, dimension: &str, of: &str| {
            let found = documents.iter().find(|it| it[dimension] == of && it[metric].is_u64());
            usize::try_from(found.unwrap()[metric].as_u64().unwrap()).unwrap()
        };
        assert_eq!(value("FailingFindings", "Severity", "critical"), report.summary.failing_by_severity["critical"]);
        assert_eq!(value("Findings", "Status", "unknown"), report.summary.by_status["unknown"]);
        assert_eq!(value("LiveVersions", "Verdict", "stop"), report.summary.by_verdict["stop"]);
        let last = documents.last().unwrap();
        assert_eq!((last["RunCompleted"].as_u64(), last["RunDuration"].as_u64()), (Some(1), Some(1_500)));
        let names = documents.iter().map(|it| it["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap().len());
        assert_eq!(names.sum::<usize>(), 18, "each is billed");
    }

    #[test]
    fn a_part_of_the_estate_does_not_count_as_the_whole() {
        let event = Trigger::Event { id: "1".to_owned(), kind: "x".to_owned(), names: Vec::new() };
        let documents = of(&bank(), &event);
        assert_eq!((documents.len(), documents[0]["EventRunCompleted"].as_u64()), (1, Some(1)));
    }
}

//! What reading costs: AWS throttles whoever asks one by one, so the number of calls is a promise.

use std::collections::BTreeMap;

use countersign::evidence::Snapshot;

use crate::emulator_or_skip;
use crate::support::{against, fast_policy, fresh_account, parts, run, seed};

/// Calls to SageMaker, CloudWatch, SNS and the tagging API for 60 endpoints, 60 models, 300 packages and 120 alarms.
const BUDGET: u64 = 125;

/// Of these, what it takes to know what watches: ten series for each endpoint and five hundred a call; one call for each of
/// the alarms; a page of mute rules.
const PLAN: [(&str, u64); 4] = [
    ("cloudwatch:GetMetricData", (10 * 60_u64).div_ceil(500)),
    ("cloudwatch:DescribeAlarmHistory", 120),
    ("cloudwatch:ListAlarmMuteRules", 1),
    ("cloudwatch:GetAlarmMuteRule", 0),
];

#[test]
fn sixty_endpoints_cost_few_calls() {
    let emulator = emulator_or_skip!();
    let (account, folder) = (fresh_account(), tempfile::tempdir().expect("a folder"));
    seed(emulator, "bench", &account, &[]);
    let file = folder.path().join("snapshot.json");
    let (policy, out) = (fast_policy(), file.display().to_string());
    let mut command =
        against(emulator, &account, &["collect", "--region", "us-east-1", "--policy", &policy, "--out", &out]);
    command.env("SOURCE_DATE_EPOCH", "1795165200"); // 2026-11-20T09:00:00Z, where the estate's clock stands
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stdout}\n{stderr}");

    let snapshot = Snapshot::load(&file).expect("a snapshot");
    let counted = ["sagemaker", "cloudwatch", "sns", "tag"];
    let calls: BTreeMap<String, u64> = snapshot
        .stats
        .calls
        .iter()
        .filter(|count| counted.contains(&count.service.as_str()))
        .map(|count| (format!("{}:{}", count.service, count.operation), count.sent))
        .collect();
    let facts = &snapshot.facts;
    let read =
        [facts.endpoints.len(), facts.models.len(), facts.packages.len(), facts.alarms.len(), facts.topics.len()];
    assert_eq!(read, [60, 60, 300, 120, 2], "endpoints, models, packages, alarms, topics; gaps: {:#?}", snapshot.gaps);
    assert_eq!(snapshot.gaps, [], "nothing was refused");
    let sent: u64 = calls.values().sum();
    eprintln!("budget: {sent} of {BUDGET} calls");
    assert!(sent <= BUDGET, "{sent} calls, at most {BUDGET} are promised: {calls:#?}");
    for (call, planned) in PLAN {
        let sent = calls.get(call).copied().unwrap_or_default();
        eprintln!("budget: {sent} of {planned} {call}");
        assert!(sent <= planned, "{sent} of {call}, {planned} are planned");
    }
    let (asked, usd) = (snapshot.stats.metrics, snapshot.stats.metrics_usd());
    assert!((1..=14 * 60).contains(&asked), "{asked} metrics for {usd} USD");
}

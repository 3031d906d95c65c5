//! The history of several runs, read back by `DuckDB` through the views that are shipped for Athena.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use countersign::control::Status;
use countersign::evidence::Snapshot;
use countersign::history::{self, HistoryFile};
use countersign::policy::{Dates, Policy};
use countersign::report::document::{FindingRow, Report};
use countersign::run::judge;
use serde_json::{Value, json};

use crate::support::{countersign, parts, root, run, validator};

/// An owner as a stranger may choose it.
const HOSTILE: &str = "'); DROP TABLE live_versions; -- \u{202e}=cmd|'/C calc'!A0\r\n\"\\x00\" ${AWS::Region}";

fn bank() -> String {
    let bytes = std::fs::read(root("src/cli/demo/bank.snapshot.json.zst")).expect("the embedded recording");
    String::from_utf8(zstd::decode_all(bytes.as_slice()).expect("zstd")).expect("text")
}

/// The bank as it is at another time, after a change, in the light of an earlier run.
fn at(time: &str, earlier: Option<&Report>, change: impl FnOnce(&mut Value)) -> Report {
    let mut snapshot: Value = serde_json::from_str(&bank()).expect("the snapshot is JSON");
    snapshot["as_of"] = json!(time);
    change(&mut snapshot);
    let mut snapshot: Snapshot = serde_json::from_value(snapshot).expect("still a snapshot");
    snapshot.history = earlier.map(|report| countersign::archive::as_history(report, "earlier"));
    let dates = Dates { today: snapshot.as_of, as_of: snapshot.as_of };
    let text = std::fs::read_to_string(root("src/cli/demo/bank.toml")).expect("the policy");
    let policy = Policy::parse(&text, "bank.toml", &dates).expect("a sound policy").policy;
    judge(&snapshot, &policy, None)
}

/// A version is rejected, an endpoint is gone, and another one changes its owner.
fn changed(snapshot: &mut Value) {
    let facts = &mut snapshot["facts"];
    for package in facts["packages"].as_array_mut().expect("packages") {
        if package["data"]["group"] == "fraud-screening" {
            package["data"]["approval"] = json!("Rejected");
        }
    }
    facts["endpoints"].as_array_mut().expect("endpoints").retain(|fact| fact["data"]["name"] != "assistant");
    for tags in facts["tags"].as_array_mut().expect("tags") {
        if tags["data"]["arn"].as_str().is_some_and(|arn| arn.ends_with("endpoint/aml-alert-triage")) {
            tags["data"]["tags"]["owner"] = json!(HOSTILE);
        }
    }
}

/// Nobody may list endpoints any more.
fn blind(snapshot: &mut Value) {
    snapshot["facts"]["endpoints"] = json!([]);
    snapshot["gaps"].as_array_mut().expect("gaps").push(json!({
        "account": "111122223333", "region": "us-east-1", "service": "sagemaker", "operation": "ListEndpoints",
        "action": "sagemaker:ListEndpoints", "subject": "all", "cause": {"denied": "service_control_policy"}, "message": "closed",
        "pages_read": 0, "hides": [{"all": "endpoints"}], "at": "2026-11-22T09:00:00Z",
    }));
}

/// Another account with an estate of its own, read in runs of its own.
fn elsewhere(snapshot: &mut Value) {
    let text = snapshot.to_string().replace("111122223333", "222233334444").replace("us-east-1", "eu-west-1");
    *snapshot = serde_json::from_str(&text).expect("still JSON");
}

/// Two runs on one day, one of them after a change, a day on which nothing could be listed, a day without a run, and another
/// account.
fn runs() -> Vec<Report> {
    let first = at("2026-11-20T09:00:00Z", None, |_| {});
    let second = at("2026-11-21T08:00:00Z", Some(&first), |_| {});
    let third = at("2026-11-21T18:30:00.250001Z", Some(&second), changed);
    let fourth = at("2026-11-22T09:00:00Z", Some(&third), blind);
    let fifth = at("2026-11-24T09:00:00Z", Some(&third), changed);
    let other = at("2026-11-21T09:00:00Z", None, elsewhere);
    vec![first, second, third, fourth, fifth, other]
}

fn write(folder: &Path, reports: &[Report]) {
    for report in reports {
        let id = history::run_id(report).expect("a name");
        for file in history::files(report, &id) {
            let HistoryFile { key, bytes } = file.expect("a file");
            let path = folder.join(key);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, bytes).expect("a file");
        }
    }
}

/// What the shipped file of a view or a question says: its opening comment, and the SQL.
fn shipped(folder: &str) -> Vec<(String, String, String)> {
    let entries = std::fs::read_dir(root(folder)).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = entries.filter(|path| path.extension().is_some_and(|it| it == "sql")).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let text = std::fs::read_to_string(path).expect("text");
        let about: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("-- ")).collect();
        let sql: Vec<&str> = text.lines().skip(about.len()).collect();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        (name, about.join(" "), sql.join("\n"))
    };
    paths.iter().map(read).collect()
}

/// The views in an order in which each finds those that it rests on.
pub fn views() -> Vec<(String, String, String)> {
    let mut views = shipped("infra/athena");
    views.sort_by_key(|(name, ..)| name != "last_runs");
    views
}

pub fn questions() -> Vec<(String, String, String)> {
    shipped("infra/athena/questions")
}

fn question(name: &str) -> String {
    questions().into_iter().find(|question| question.0 == name).expect("a question that is shipped").2
}

/// Asks `DuckDB`; `None` where it is not installed.
pub fn duckdb(folder: &Path, more: Value) -> Option<Value> {
    let columns = |table: &history::Table| -> Vec<Value> {
        table.columns().map(|column| json!([column.name, column.kind.glue()])).collect()
    };
    let mut asked = json!({
        "folder": folder,
        "tables": history::tables().map(|table| json!({"name": table.name, "columns": columns(table)})).collect::<Vec<_>>(),
        "views": views().into_iter().map(|(name, _, sql)| json!([name, sql])).collect::<Vec<_>>(),
    });
    asked.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let mut command = Command::new(validator("python")?);
    command.arg(root("tests/tools/history.py")).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the reader starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    std::thread::spawn(move || stdin.write_all(asked.to_string().as_bytes()));
    let output = child.wait_with_output().expect("the reader ends");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

fn day(report: &Report) -> String {
    report.collected_at.strftime("%Y-%m-%d").to_string()
}

/// Rows in an order of their own.
fn sorted(mut rows: Vec<Value>) -> Vec<Value> {
    rows.sort_by_key(Value::to_string);
    rows
}

/// The columns that are compared.
fn picked(rows: &Value, columns: &[&str]) -> Vec<Value> {
    let pick = |row: &Value| Value::Array(columns.iter().map(|column| row[column].clone()).collect());
    sorted(rows.as_array().expect("rows").iter().map(pick).collect())
}

fn place(report: &Report) -> (&str, &str) {
    (&report.scope.accounts[0], &report.scope.regions[0])
}

/// The runs that speak for a date: of each place the last one up to its end that could list what serves.
fn speaking<'a>(runs: &'a [Report], date: &str) -> Vec<&'a Report> {
    let mut by_place = BTreeMap::new();
    for report in runs.iter().filter(|report| report.summary.unread.is_empty() && *day(report) <= *date) {
        let latest = by_place.entry(place(report)).or_insert(report);
        if report.collected_at > latest.collected_at {
            *latest = report;
        }
    }
    by_place.into_values().collect()
}

/// The last run of each day and place that could list what serves.
fn of_each_day(runs: &[Report]) -> Vec<&Report> {
    let mut days: Vec<String> = runs.iter().map(day).collect();
    days.sort();
    days.dedup();
    let on = |date: &String| speaking(runs, date).into_iter().filter(|report| day(report) == *date).collect::<Vec<_>>();
    days.iter().flat_map(on).collect()
}

fn counted(keys: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut counts: BTreeMap<String, (Value, u64)> = BTreeMap::new();
    for key in keys {
        counts.entry(key.to_string()).or_insert((key, 0)).1 += 1;
    }
    let row = |(mut key, count): (Value, u64)| {
        key.as_array_mut().expect("a key").push(json!(count));
        key
    };
    sorted(counts.into_values().map(row).collect())
}

const DATES: [&str; 7] =
    ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24", "2026-12-31"];

#[test]
fn what_was_live_on_a_date_and_who_had_approved_it() {
    let (folder, runs) = (tempfile::tempdir().expect("a folder"), runs());
    write(folder.path(), &runs);
    let ask = |name: &str| DATES.map(|date| json!({"sql": question(name), "parameters": [date]}));
    let asked: Vec<Value> = ask("live_on").into_iter().chain(ask("approved_on")).collect();
    let Some(found) = duckdb(folder.path(), json!({"ask": asked})) else { return };
    let live_columns = [
        "live_version",
        "version_key",
        "endpoint",
        "owner",
        "verdict",
        "approval_grade",
        "live_from",
        "package_version",
        "traffic_share",
        "collected_at",
    ];
    let approval_columns = [
        "live_version",
        "package_arn",
        "worst_off",
        "approval_status",
        "approved_by",
        "approved_by_kind",
        "approved_at",
        "approval_reason",
        "grade",
    ];
    for (n, date) in DATES.iter().enumerate() {
        let speaking = speaking(&runs, date);
        let live = speaking.iter().flat_map(|report| report.live_versions.iter().map(move |live| (report, live)));
        let expected = live.clone().map(|(report, live)| {
            let owner = live.owner.as_ref().map(|owner| &owner.name);
            let grade = live.approval.as_ref().map(|approval| approval.grade);
            let from = live.live_from.as_ref().map(|from| from.at);
            json!([
                live.id,
                live.version_key,
                live.endpoint,
                owner,
                live.readiness.verdict,
                grade,
                from,
                live.version,
                live.traffic_share,
                report.collected_at
            ])
        });
        assert_eq!(picked(&found["answers"][n], &live_columns), sorted(expected.collect()), "live on {date}");
        let approvals = live.flat_map(|(_, live)| {
            let leading = live.approval.iter().map(|approval| (approval, true));
            let all = leading.chain(live.further_approvals.iter().map(|approval| (approval, false)));
            all.map(|(it, leading)| {
                json!([live.id, it.package_arn, leading, it.status, it.by, it.by_kind, it.at, it.reason, it.grade])
            })
        });
        assert_eq!(
            picked(&found["answers"][DATES.len() + n], &approval_columns),
            sorted(approvals.collect()),
            "approved on {date}"
        );
    }
    let rows = |n: usize| found["answers"][n].as_array().expect("rows").len();
    assert!(
        rows(0) == 0 && rows(1) > 20 && rows(2) > 2 * rows(1) - 3 && rows(3) == rows(2),
        "the planted story is told"
    );
    let owned = |n: usize| found["answers"][n].as_array().expect("rows").iter().any(|row| row["owner"] == HOSTILE);
    assert!(!owned(1) && owned(2), "a name that deceives is told as it is");
}

#[test]
fn findings_coverage_and_gaps_over_time() {
    let (folder, runs) = (tempfile::tempdir().expect("a folder"), runs());
    write(folder.path(), &runs);
    let all = |view: &str| json!({"sql": format!("SELECT * FROM {view}")});
    let asked = json!({"ask": [
        all("findings_over_time"), all("coverage_over_time"), all("reading_over_time"), all("open_findings"), all("last_runs"),
        {"sql": question("oldest_open"), "parameters": ["2"]}, {"sql": question("failing_by_day")}, {"sql": question("not_read")},
    ]});
    let Some(found) = duckdb(folder.path(), asked) else { return };
    let answers = &found["answers"];
    let daily = of_each_day(&runs);

    let findings = daily.iter().flat_map(|report| report.findings.iter().map(move |finding| (day(report), finding)));
    let placed = findings.filter(|(_, finding)| !finding.subject.region.is_empty());
    let key = |(day, finding): &(String, &FindingRow)| {
        json!([day, finding.subject.account, finding.subject.region, finding.code, finding.severity, finding.status])
    };
    let expected = counted(placed.clone().map(|row| key(&row)));
    assert_eq!(picked(&answers[0], &["day", "account", "region", "code", "severity", "status", "findings"]), expected);
    let sum = |column: &str| {
        answers[0].as_array().expect("rows").iter().map(|row| row[column].as_u64().expect("a number")).sum::<u64>()
    };
    let of_state =
        |state: &str| placed.clone().filter(|(_, it)| it.state.is_some_and(|is| is.key() == state)).count() as u64;
    assert_eq!((sum("appeared"), sum("healed")), (of_state("new"), of_state("healed")));
    assert!(sum("appeared") > 0);

    let signals = daily.iter().flat_map(|report| {
        let of = |live: &countersign::report::document::LiveVersionRow| {
            live.alarms
                .iter()
                .map(|(signal, coverage)| json!([day(report), live.account, live.region, signal, coverage.state]))
                .collect::<Vec<_>>()
        };
        report.live_versions.iter().flat_map(of)
    });
    assert_eq!(
        picked(&answers[1], &["day", "account", "region", "signal", "state", "live_versions"]),
        counted(signals)
    );

    let reading = picked(&answers[2], &["day", "account", "runs", "runs_that_listed", "cause", "operation", "gaps"]);
    let quiet = |day: &str, account: &str, runs: u64| json!([day, account, runs, runs, null, null, 0]);
    let expected = sorted(vec![
        quiet("2026-11-20", "111122223333", 1),
        quiet("2026-11-21", "111122223333", 2),
        quiet("2026-11-21", "222233334444", 1),
        json!(["2026-11-22", "111122223333", 1, 0, "denied", "sagemaker:ListEndpoints", 1]),
        quiet("2026-11-24", "111122223333", 1),
    ]);
    assert_eq!(reading, expected);
    assert_eq!(picked(&answers[7], &["day", "runs", "runs_that_listed"]), [json!(["2026-11-22", 1, 0])]);

    let newest = speaking(&runs, "2026-12-31");
    let open =
        newest.iter().flat_map(|report| report.findings.iter().filter(|it| is_open(it)).map(move |it| (report, it)));
    let expected = open.filter(|(_, it)| !it.subject.region.is_empty()).map(|(report, it)| {
        let days = it.first_seen.map(|seen| days_between(seen, report.collected_at));
        let live = report.live_versions.iter().find(|live| Some(&live.id) == it.subject.live_version.as_ref());
        let owner = live.and_then(|live| live.owner.as_ref()).map(|owner| &owner.name);
        json!([it.subject.account, it.fingerprint, it.status, it.state, days, owner, it.reason])
    });
    let expected = sorted(expected.collect());
    let columns = ["account", "fingerprint", "status", "state", "days_open", "owner", "reason"];
    assert_eq!(picked(&answers[3], &columns), expected);
    let old: Vec<Value> = expected.into_iter().filter(|row| row[4].as_i64().is_some_and(|days| days > 2)).collect();
    assert!(!old.is_empty());
    assert_eq!(picked(&answers[5], &columns), old);

    let expected = [
        ("2026-11-20", json!("2026-11-21"), 0),
        ("2026-11-21", json!("2026-11-24"), 2),
        ("2026-11-24", Value::Null, 4),
        ("2026-11-21", Value::Null, 5),
    ]
    .map(|(day, next, run)| {
        json!([day, next, place(&runs[run]).0, history::run_id(&runs[run]).unwrap(), runs[run].as_of])
    });
    assert_eq!(picked(&answers[4], &["day", "next_day", "account", "run_id", "as_of"]), sorted(expected.to_vec()));

    let failing = daily.iter().flat_map(|report| report.findings.iter().map(move |it| (day(report), it)));
    let failing = failing.filter(|(_, it)| it.status == Status::Fail && !it.subject.region.is_empty());
    assert_eq!(
        picked(&answers[6], &["day", "severity", "failing"]),
        counted(failing.map(|(day, it)| json!([day, it.severity])))
    );
}

fn is_open(finding: &FindingRow) -> bool {
    let open = |status: Status| matches!(status, Status::Fail | Status::Waived);
    open(finding.status) || finding.last_known.is_some_and(|known| open(known.status))
}

fn days_between(from: jiff::Timestamp, to: jiff::Timestamp) -> i64 {
    let date = |at: jiff::Timestamp| at.to_zoned(jiff::tz::TimeZone::UTC).date();
    date(from).until(date(to)).expect("days").get_days().into()
}

#[test]
fn costs_are_what_the_newest_run_told_and_exact() {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), &[at("2026-11-20T09:00:00Z", None, |_| {})]);
    // Reports hold no amounts yet, so the rows are planted: three of one live version and month, told by two runs.
    let row = |run: &str, live: &str, owner: &str, amount: &str| {
        format!(
            "INSERT INTO costs BY NAME SELECT '{run}' AS run_id, TIMESTAMP '2026-12-0{run} 00:00:00' AS as_of, \
             TIMESTAMP '2026-12-0{run} 00:00:00' AS collected_at, '{live}' AS live_version, '111122223333' AS account, \
             'us-east-1' AS region, {owner} AS owner, 'CC-1' AS cost_center, DATE '2026-11-01' AS period_start, \
             DATE '2026-12-01' AS period_end, {amount} AS amount, 'USD' AS currency, 'bill' AS source, '2026-12-0{run}' AS day"
        )
    };
    let after = [
        row("1", "a", "'risk'", "999999999999.999999"),
        row("2", "a", "'risk'", "0.100001"),
        row("2", "b", "'risk'", "0.200002"),
        row("2", "c", "NULL", "7"),
    ];
    let asked =
        json!({"after": after, "ask": [{"sql": "SELECT * FROM cost_by_owner"}, {"sql": question("cost_by_month")}]});
    let Some(found) = duckdb(folder.path(), asked) else { return };
    let expected = [json!(["2026-11-01", "risk", "0.300003"]), json!(["2026-11-01", null, "7.000000"])];
    assert_eq!(picked(&found["answers"][0], &["period_start", "owner", "amount"]), sorted(expected.to_vec()));
    assert_eq!(
        picked(&found["answers"][1], &["owner", "amount"]),
        sorted(vec![json!(["risk", "0.300003"]), json!([null, "7.000000"])])
    );
    let Some(none) = duckdb(folder.path(), json!({"ask": [{"sql": "SELECT * FROM cost_by_owner"}]})) else { return };
    assert_eq!(none["answers"][0], json!([]), "nothing is made up");
}

#[test]
fn files_that_are_older_than_a_column_stay_readable() {
    let (folder, report) = (tempfile::tempdir().expect("a folder"), at("2026-11-20T09:00:00Z", None, |_| {}));
    write(folder.path(), std::slice::from_ref(&report));
    let files = |table: &str| format!("{}/{table}/v=1", folder.path().display());
    // The same file as a version that did not know two of the columns would have written it, a day earlier.
    let older = format!("{}/day=2026-11-19", files("live_versions"));
    std::fs::create_dir_all(&older).expect("a folder");
    let before = [format!(
        "COPY (SELECT * EXCLUDE (day, v, approval_grade, artifact_since_approval) FROM read_parquet('{}/day=2026-11-20/*.parquet', hive_partitioning = true)) TO '{older}/old.parquet'",
        files("live_versions")
    )];
    let ask = [
        json!({"sql": "SELECT day, count(*) AS live, count(approval_grade) AS graded, count(owner) AS owned FROM live_versions GROUP BY day ORDER BY day"}),
    ];
    let Some(found) = duckdb(folder.path(), json!({"before": before, "ask": ask})) else { return };
    let rows = found["answers"][0].as_array().expect("rows");
    let live = report.live_versions.len();
    let graded = report.live_versions.iter().filter(|live| live.approval.is_some()).count();
    let owned = report.live_versions.iter().filter(|live| live.owner.is_some()).count();
    assert_eq!(rows[0], json!({"day": "2026-11-19", "live": live, "graded": 0, "owned": owned}));
    assert_eq!(rows[1], json!({"day": "2026-11-20", "live": live, "graded": graded, "owned": owned}));
    assert!(graded > 10);
}

#[test]
fn saved_runs_become_tables_and_writing_them_again_changes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let ended = |arguments: &[&str]| {
        let mut command = countersign(arguments);
        command.current_dir(folder.path());
        parts(&run(command))
    };
    let snapshot = root("src/cli/demo/bank.snapshot.json.zst").display().to_string();
    let policy = root("src/cli/demo/bank.toml").display().to_string();
    let (code, _, stderr) = ended(&["assess", &snapshot, "--policy", &policy, "--format", "json", "--out", "report"]);
    assert_eq!(code, 0, "{stderr}");
    let (code, stdout, stderr) = ended(&["history", "report", &snapshot, "--out", "history"]);
    assert_eq!(code, 0, "{stderr}");
    let lines: Vec<&str> = stdout.lines().collect();
    assert!(lines.len() == 2 && lines.iter().all(|line| line.ends_with("7 tables, 7 of them new")), "{stdout}");
    let (code, stdout, _) = ended(&["history", &snapshot, "--policy", &policy, "--out", "history"]);
    assert!(
        code == 0 && stdout.ends_with("7 tables, 0 of them new\n"),
        "the snapshot gives the run's own report: {stdout}"
    );
    let found = duckdb(&folder.path().join("history"), json!({"ask": [{"sql": "SELECT day, tool FROM runs"}]}));
    let Some(found) = found else { return };
    assert_eq!(found["answers"][0].as_array().expect("rows").len(), 2, "two policies judged");
    let (code, _, stderr) = ended(&["history", "nowhere.json", "--out", "history"]);
    assert!(code == 2 && stderr.contains("nowhere.json"), "{stderr}");
    let (code, _, stderr) = ended(&["history", "report", "--out", "report/report.json"]);
    assert!(code == 2 && stderr.contains("is a file"), "{stderr}");
}

#[test]
fn security_lake_gets_events_that_others_read_and_find_valid() {
    let Some(python) = validator("python") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let first = at("2026-11-20T09:00:00Z", None, |_| {});
    let runs = [at("2026-11-21T18:30:00Z", Some(&first), changed), at("2026-11-21T09:00:00Z", None, elsewhere)];
    let mut written = Vec::new();
    for report in &runs {
        for file in history::lake::files(report, &history::run_id(report).expect("a name")) {
            let HistoryFile { key, bytes } = file.expect("a file");
            let path = folder.path().join("lake").join(&key);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, bytes).expect("a file");
            written.push(key);
        }
    }
    written.sort();
    let lines = folder.path().join("events.jsonl");
    let mut command = Command::new(&python);
    command.arg(root("tests/tools/lake.py")).args([&folder.path().join("lake"), &lines]);
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stderr}");
    let files: Value = serde_json::from_str(&stdout).expect("JSON");
    let files = files.as_array().expect("files");
    assert_eq!(files.iter().map(|file| file["path"].as_str().expect("a path")).collect::<Vec<_>>(), written);
    assert!(written[0].starts_with("region=eu-west-1/accountId=222233334444/eventDay=20261121/"), "{written:?}");
    for file in files {
        assert_eq!(
            (&file["classes"], &file["sorted"], &file["compression"]),
            (&json!([2003]), &json!(true), &json!(["ZSTD"]))
        );
        let columns = &file["columns"];
        assert_eq!((&columns["time"], &columns["class_uid"]), (&json!("int64"), &json!("int32")));
        assert!(columns["unmapped"].as_str().is_some_and(|kind| kind.starts_with("map<string, string")));
    }

    // What was read is what the format `ocsf` writes, and it is valid by those who did not write it.
    let found = std::fs::read_to_string(&lines).expect("lines");
    let found = sorted(found.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect());
    let events = runs.iter().flat_map(countersign::report::ocsf::events);
    let expected = sorted(events.map(|event| serde_json::to_value(event).expect("JSON")).collect());
    assert!(expected.len() > 20 && expected.iter().any(|event| event["message"].to_string().contains("Rejected")));
    assert_eq!(found, expected);
    let mut command = Command::new(&python);
    command.arg(root("tests/tools/formats.py")).arg("ocsf").arg(&lines);
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stdout}{stderr}");
}

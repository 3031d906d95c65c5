//! The function as Lambda runs it: the built binary, handed events over the runtime's interface by `cargo lambda`, against
//! the emulator.

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::emulator_or_skip;
use crate::support::http::{Request, Response, serve};
use crate::support::{Child, countersign, fast_policy, fresh_account, python, root, seed, validator};

/// The instant at which the story of the bank ends.
const AS_OF: &str = "1795165200"; // 2026-11-20T09:00:00Z
const REGION: &str = "us-east-1";
/// A live version that is as it should be.
const SOUND: &str = "fraud-screening";

/// A bank with a function in it: what it reads, and where it writes.
struct Bank {
    endpoint: &'static str,
    account: String,
    /// Messages of the topic, as its subscriber got them.
    heard: Arc<Mutex<Vec<Value>>>,
}

impl Bank {
    fn seeded(endpoint: &'static str) -> Self {
        let account = fresh_account();
        seed(endpoint, "bank", &account, &[]);
        let heard = Arc::new(Mutex::new(Vec::new()));
        let subscriber = {
            let heard = Arc::clone(&heard);
            serve(move |request: &Request| {
                if let Ok(message) = serde_json::from_slice::<Value>(&request.body) {
                    heard.lock().expect("a lock").push(message);
                }
                Response { status: 200, headers: Vec::new(), body: Vec::new() }
            })
        };
        let bank = Self { endpoint, account, heard };
        let pace = std::fs::read_to_string(fast_policy()).expect("a pace");
        let own = |name: &str| format!("{name}-{}", bank.account);
        let mut calls: Vec<Value> = ["conf", "evidence", "reports"]
            .iter()
            .map(|name| json!(["s3", "create_bucket", {"Bucket": own(name)}]))
            .collect();
        calls
            .push(json!(["s3", "put_object", {"Bucket": own("conf"), "Key": "policy/countersign.toml", "Body": pace}]));
        calls.push(json!(["sns", "create_topic", {"Name": "governance"}]));
        let topic = bank.topic();
        calls.push(json!(["sns", "subscribe", {"TopicArn": topic, "Protocol": "http", "Endpoint": subscriber}]));
        bank.calls(&calls);
        bank.post("/_countersign/sns/confirm", &json!({"topic": topic}));
        bank
    }

    fn topic(&self) -> String {
        format!("arn:aws:sns:{REGION}:{}:governance", self.account)
    }

    /// Calls AWS in the account, in this order, and returns the answers.
    fn calls(&self, calls: &[Value]) -> Vec<Value> {
        let mut child = Command::new(python())
            .arg(root("tests/tools/aws.py"))
            .arg(&self.account)
            .env("AWS_ENDPOINT_URL", self.endpoint)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python starts");
        let lines: Vec<String> = calls.iter().map(|call| format!("{call}\n")).collect();
        child.stdin.take().expect("its input").write_all(lines.concat().as_bytes()).expect("written");
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{calls:?}");
        let answers: Vec<Value> =
            output.stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!(answers.len(), calls.len());
        answers
    }

    fn post(&self, route: &str, body: &Value) {
        let script = "import sys, urllib.request as u\n\
                      r = u.Request(sys.argv[1], data=sys.argv[2].encode(), headers={'content-type': 'application/json'})\n\
                      u.urlopen(r, timeout=20).read()";
        let url = format!("{}{route}", self.endpoint);
        let status = Command::new(python()).args(["-c", script, &url, &body.to_string()]).status();
        assert!(status.expect("python starts").success(), "{route} {body}");
    }

    /// Keys below a prefix of the reports.
    fn keys(&self, prefix: &str) -> BTreeSet<String> {
        let bucket = format!("reports-{}", self.account);
        let answer = self.calls(&[json!(["s3", "list_objects_v2", {"Bucket": bucket, "Prefix": prefix}])]).remove(0);
        let keys = answer["Contents"].as_array().cloned().unwrap_or_default();
        keys.iter().filter_map(|entry| entry["Key"].as_str().map(str::to_owned)).collect()
    }

    fn read(&self, key: &str) -> Value {
        let bucket = format!("reports-{}", self.account);
        let answer = self.calls(&[json!(["s3", "get_object", {"Bucket": bucket, "Key": key}])]).remove(0);
        serde_json::from_str(answer["Body"].as_str().expect("text")).expect("JSON")
    }

    /// Everything below `reports/`, and how many messages were heard.
    fn published(&self) -> (BTreeSet<String>, usize) {
        (self.keys("reports/"), self.messages().len())
    }

    fn messages(&self) -> Vec<Value> {
        let heard = self.heard.lock().expect("a lock");
        heard.iter().filter(|message| message["Type"] == "Notification").cloned().collect()
    }

    /// The newest version of a group.
    fn package(&self, group: &str) -> String {
        let call = json!(["sagemaker", "list_model_packages", {"ModelPackageGroupName": group, "SortBy": "CreationTime", "SortOrder": "Descending"}]);
        let list = self.calls(&[call]).remove(0);
        list["ModelPackageSummaryList"][0]["ModelPackageArn"].as_str().expect("a package").to_owned()
    }

    /// The settings that `infra/agent.yaml` would give.
    fn settings(&self) -> Vec<(String, String)> {
        let own = |name: &str, prefix: &str| format!("s3://{name}-{}/{prefix}", self.account);
        [
            ("COUNTERSIGN_POLICY", own("conf", "policy/countersign.toml")),
            ("COUNTERSIGN_ARCHIVE", own("evidence", "archive")),
            ("COUNTERSIGN_STATE", own("reports", "state")),
            ("COUNTERSIGN_PUBLISH", format!("{} {}", own("reports", "reports"), self.topic())),
            ("COUNTERSIGN_READER_ROLE", format!("arn:aws:iam::{}:role/countersign-reader", self.account)),
            ("COUNTERSIGN_REGIONS", REGION.to_owned()),
            ("AWS_ENDPOINT_URL", self.endpoint.to_owned()),
            ("AWS_ACCESS_KEY_ID", self.account.clone()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", REGION.to_owned()),
            ("SOURCE_DATE_EPOCH", AS_OF.to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// An event of SageMaker in this account.
    fn event(&self, id: &str, source: &str, kind: &str, detail: Value) -> Value {
        json!({
            "version": "0", "id": id, "detail-type": kind, "source": source, "account": self.account,
            "time": "2026-11-20T08:59:00Z", "region": REGION, "resources": [], "detail": detail,
        })
    }
}

/// The binary, started as Lambda starts it.
fn function(api: &str, settings: &[(String, String)]) -> (Child, tempfile::TempDir) {
    let temporary = tempfile::tempdir().expect("a folder");
    let log = std::fs::File::create(temporary.path().join("log")).expect("a log");
    let mut command = countersign(&[]);
    command
        .env("AWS_LAMBDA_RUNTIME_API", api)
        .env("AWS_LAMBDA_FUNCTION_NAME", "_")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("TMPDIR", temporary.path())
        .envs(settings.iter().cloned())
        .stdout(Stdio::null())
        .stderr(log);
    (Child(command.spawn().expect("the binary starts")), temporary)
}

/// What `cargo lambda` stands in for, with the function behind it.
struct CargoLambda {
    program: PathBuf,
    port: u16,
    function: Option<(Child, tempfile::TempDir)>,
    _watch: Child,
}

impl CargoLambda {
    fn started(settings: &[(String, String)]) -> Option<Self> {
        let program = validator("cargo-lambda")?;
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let watch = Command::new(&program)
            .args([
                "lambda",
                "watch",
                "--only-lambda-apis",
                "--invoke-address",
                "127.0.0.1",
                "--invoke-port",
                &port.to_string(),
            ])
            .current_dir(root(""))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("cargo-lambda starts");
        let watch = Child(watch);
        for _ in 0..100 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let function = function(&format!("http://127.0.0.1:{port}/.rt"), settings);
        Some(Self { program, port, function: Some(function), _watch: watch })
    }

    /// Ends the function, and starts another that knows nothing of it.
    fn again(&mut self, settings: &[(String, String)]) {
        drop(self.function.take());
        self.function = Some(function(&format!("http://127.0.0.1:{}/.rt", self.port), settings));
    }

    fn invoke(&self, payload: &Value) -> Result<Value, String> {
        let output = Command::new(&self.program)
            .args(["lambda", "invoke", "--invoke-address", "127.0.0.1", "--invoke-port", &self.port.to_string()])
            .args(["--output-format", "json", "--data-ascii", &payload.to_string()])
            .current_dir(root(""))
            .output()
            .expect("cargo-lambda starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"));
        }
        Err(format!("{text}{}", String::from_utf8_lossy(&output.stderr)))
    }

    /// The answer to what must not fail.
    fn answer(&self, payload: &Value) -> Value {
        self.invoke(payload).unwrap_or_else(|error| panic!("{payload}: {error}\n{}", self.log()))
    }

    /// What the function said.
    fn log(&self) -> String {
        let (_, folder) = self.function.as_ref().expect("a function");
        std::fs::read_to_string(folder.path().join("log")).expect("a log")
    }
}

macro_rules! cargo_lambda_or_skip {
    ($settings:expr) => {
        match CargoLambda::started($settings) {
            Some(lambda) => lambda,
            None => return,
        }
    };
}

/// A schedule, then each event that the rules of `infra/agent.yaml` let through.
#[test]
fn scheduled_runs_and_events_are_answered_published_and_told_once() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let settings = bank.settings();
    let mut lambda = cargo_lambda_or_skip!(&settings);

    // A schedule reads everything; the documents land below a prefix by day and run, and `latest` points to them.
    let schedule = bank.event("5c4e-1", "aws.events", "Scheduled Event", json!({}));
    let first = lambda.answer(&schedule);
    assert_eq!(
        (&first["outcome"], &first["exit"], &first["event"]),
        (&json!("ran"), &json!("done"), &json!("5c4e-1")),
        "{first}"
    );
    assert!(first["verdicts"].as_object().is_some_and(|verdicts| verdicts.len() > 1), "{first}");
    let archived = first["archived"]["took"].as_str().expect("an entry");
    assert!(archived.starts_with("entry 1,"), "{archived}");
    let (reports, messages) = bank.published();
    let run = first["run"].as_str().expect("a run");
    for name in ["report.html", "report.md", "report.json", "findings.csv", "snapshot.json.zst"] {
        assert!(reports.iter().any(|key| key.contains(run) && key.ends_with(name)), "{name}: {reports:?}");
    }
    assert!(reports.iter().any(|key| key.ends_with("latest.json")), "{reports:?}");
    assert_eq!(messages, 1, "the first run tells of everything");

    // The same again changes nothing, though another process gets it.
    lambda.again(&settings);
    assert_eq!(lambda.answer(&schedule), first);
    assert_eq!(bank.published(), (reports.clone(), messages));

    // An event that changes no gate is looked at, and nobody is told.
    let touched =
        bank.event("0001-a", "aws.sagemaker", "SageMaker Endpoint State Change", json!({"EndpointName": SOUND}));
    let looked = lambda.answer(&touched);
    assert_eq!(
        (&looked["outcome"], &looked["focus"]),
        (&json!("ran"), &json!([format!("endpoint {SOUND}")])),
        "{looked}"
    );
    assert!(looked["changed"].is_null() && looked["archived"].is_null(), "{looked}");
    let (_, messages_then) = bank.published();
    assert_eq!(messages_then, messages);
    let key = report_of(&bank, &looked);
    let report = bank.read(&key);
    assert!(report["summary"]["headline"].as_str().expect("a headline").contains("Only what belongs to"), "{report}");
    let lives: Vec<&str> = report["live_versions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|live| live["endpoint"].as_str())
        .collect();
    assert!(!lives.is_empty() && lives.iter().all(|live| live.eq_ignore_ascii_case(SOUND)), "{lives:?}");
    assert!(
        report["changes"]["live_versions"].as_array().is_some_and(Vec::is_empty),
        "nothing else is gone: {}",
        report["changes"]
    );

    // Somebody rejects what serves: a gate changes, once.
    let package = bank.package(SOUND);
    bank.calls(&[json!(["sagemaker", "update_model_package", {"ModelPackageArn": package, "ModelApprovalStatus": "Rejected", "ApprovalDescription": "CHG-9 biased"}])]);
    let detail = json!({"ModelPackageArn": package, "ModelPackageGroupName": SOUND, "ModelApprovalStatus": "Rejected"});
    let rejected = bank.event("0002-b", "aws.sagemaker", "SageMaker Model Package State Change", detail.clone());
    let told = lambda.answer(&rejected);
    let changed = told["changed"].to_string();
    assert!(
        changed.contains("APR-001 now fails") && changed.to_lowercase().contains(SOUND),
        "{told}\n{}",
        lambda.log()
    );
    let after = bank.published();
    assert_eq!(after.1, messages + 1, "{told}");
    let message = bank.messages().pop().expect("a message").to_string();
    assert!(message.to_lowercase().contains(SOUND) && message.contains("APR-001"), "{message}");
    assert_eq!(lambda.answer(&rejected), told, "a repeated event gets the first answer");
    assert_eq!(bank.published(), after, "and changes nothing");
    let same = bank.event("0003-c", "aws.sagemaker", "SageMaker Model Package State Change", detail);
    assert!(lambda.answer(&same)["changed"].is_null(), "another event that shows the same is no news");
    assert_eq!(bank.messages().len(), after.1);

    // The other kinds of event, each looked at.
    let alarm = json!({"alarmName": "x", "configuration": {"metrics": [{"metricStat": {"metric": {"namespace": "AWS/SageMaker", "name": "Invocation5XXErrors", "dimensions": {"EndpointName": SOUND, "VariantName": "AllTraffic"}}}}]}});
    for (id, source, kind, detail, focus) in [
        (
            "1001",
            "aws.sagemaker",
            "SageMaker Endpoint Deployment State Change",
            json!({"EndpointName": SOUND}),
            format!("endpoint {SOUND}"),
        ),
        (
            "1002",
            "aws.sagemaker",
            "SageMaker Endpoint Config State Change",
            json!({"EndpointConfigName": "none"}),
            "endpoint config none".to_owned(),
        ),
        (
            "1003",
            "aws.sagemaker",
            "SageMaker Model Card State Change",
            json!({"ModelCardName": "card", "ModelId": package}),
            format!("model package {package}"),
        ),
        ("1004", "aws.cloudwatch", "CloudWatch Alarm State Change", alarm, format!("endpoint {SOUND}")),
    ] {
        let answer = lambda.answer(&bank.event(id, source, kind, detail));
        assert_eq!((&answer["outcome"], &answer["focus"]), (&json!("ran"), &json!([focus])), "{kind}: {answer}");
        assert!(answer["changed"].is_null(), "{kind}: {answer}");
    }

    // Its trail is stopped: CloudTrail says so by the call itself.
    let trails = bank.calls(&[json!(["cloudtrail", "describe_trails", {}])]).remove(0);
    let trail = trails["trailList"][0]["Name"].as_str().expect("a trail").to_owned();
    bank.calls(&[json!(["cloudtrail", "stop_logging", {"Name": trail}])]);
    let call = |name: &str| {
        json!({
            "eventVersion": "1.11", "eventID": format!("call-{name}"), "eventName": name, "eventSource": "cloudtrail.amazonaws.com",
            "eventTime": "2026-11-20T08:59:00Z", "awsRegion": REGION, "recipientAccountId": bank.account, "eventCategory": "Management",
            "userIdentity": {"type": "IAMUser", "userName": "mallory", "arn": format!("arn:aws:iam::{}:user/mallory", bank.account)},
            "requestParameters": {"name": trail},
        })
    };
    let stopped =
        lambda.answer(&bank.event("2001", "aws.cloudtrail", "AWS API Call via CloudTrail", call("StopLogging")));
    let changed = stopped["changed"].to_string();
    assert!(changed.contains("AUD-001 now fails") || changed.contains("AUD-004 now fails"), "{stopped}");
    assert_eq!(bank.messages().len(), after.1 + 1);
    let deleted =
        lambda.answer(&bank.event("2002", "aws.cloudtrail", "AWS API Call via CloudTrail", call("DeleteTrail")));
    assert_eq!(deleted["outcome"], "ran", "{deleted}");

    // A whole run afterwards remembers the first one, and nothing of the looks between.
    let nightly = lambda.answer(&json!({}));
    assert!(nightly["archived"]["took"].as_str().is_some_and(|took| took.starts_with("entry 2,")), "{nightly}");
    let log = lambda.log();
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "each line is JSON: {log}");
}

/// The key of the report that an answer speaks of.
fn report_of(bank: &Bank, answer: &Value) -> String {
    let run = answer["run"].as_str().expect("a run");
    let keys = bank.keys("reports/");
    keys.iter()
        .find(|key| key.contains(run) && key.ends_with("report.json"))
        .unwrap_or_else(|| panic!("{answer}: {keys:?}"))
        .clone()
}

/// What concerns nobody is answered with why, and leaves no trace.
#[test]
fn other_events_are_ignored_politely() {
    let endpoint = emulator_or_skip!();
    let bank = Bank { endpoint, account: fresh_account(), heard: Arc::default() };
    let settings: Vec<(String, String)> = bank
        .settings()
        .into_iter()
        .filter(|(name, _)| !["COUNTERSIGN_POLICY", "COUNTERSIGN_STATE"].contains(&name.as_str()))
        .collect();
    let lambda = cargo_lambda_or_skip!(&settings);
    let of = |account: &str, region: &str| {
        let mut event =
            bank.event("e", "aws.sagemaker", "SageMaker Endpoint State Change", json!({"EndpointName": "x"}));
        event["account"] = json!(account);
        event["region"] = json!(region);
        event
    };
    for (payload, why) in [
        (bank.event("e", "aws.ec2", "EC2 Instance State-change Notification", json!({})), "concerns no model"),
        (bank.event("e", "aws.sagemaker", "SageMaker Training Job State Change", json!({})), "concerns no model"),
        (json!({"Records": []}), "no event of EventBridge"),
        (json!([1, 2]), "no JSON object"),
        (of("999999999999", REGION), "it happened in account 999999999999"),
        (of(&bank.account, "eu-west-1"), "it happened in eu-west-1"),
    ] {
        let answer = lambda.answer(&payload);
        assert_eq!(answer["outcome"], "ignored", "{payload}: {answer}");
        assert!(answer["notes"].to_string().contains(why), "{payload}: {answer}");
    }
    let error = lambda.invoke(&json!({"countersign": "dance"})).expect_err("a state machine has to hear of it");
    assert!(error.contains("countersign"), "{error}");
}

/// The runtime's interface for one invocation with this many milliseconds; returns what came back, and what kind it was.
fn one_invocation(settings: &[(String, String)], payload: &Value, milliseconds: u64) -> (String, Value) {
    let handed = AtomicBool::new(false);
    let heard: Arc<Mutex<Option<(String, Value)>>> = Arc::default();
    let api = {
        let (heard, payload) = (Arc::clone(&heard), payload.to_string().into_bytes());
        serve(move |request: &Request| {
            if request.path.ends_with("/invocation/next") {
                if handed.swap(true, Ordering::SeqCst) {
                    std::thread::sleep(Duration::from_mins(10));
                }
                let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis();
                let header = |name: &str, value: String| (name.to_owned(), value);
                return Response {
                    status: 200,
                    headers: vec![
                        header(
                            "lambda-runtime-aws-request-id",
                            format!("{}-e9f4-11e8-9739-2dfe598c3fcd", &fresh_account()[4..]),
                        ),
                        header("lambda-runtime-deadline-ms", (now + u128::from(milliseconds)).to_string()),
                        header(
                            "lambda-runtime-invoked-function-arn",
                            "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
                        ),
                        header("content-type", "application/json".to_owned()),
                    ],
                    body: payload.clone(),
                };
            }
            let kind = request.path.rsplit('/').next().unwrap_or_default().to_owned();
            let kind = if request.path.ends_with("/init/error") { "init".to_owned() } else { kind };
            let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
            *heard.lock().expect("a lock") = Some((kind, body));
            Response { status: 202, headers: Vec::new(), body: Vec::new() }
        })
    };
    let (_function, folder) = function(api.trim_start_matches("http://"), settings);
    for _ in 0..1_200 {
        if let Some(heard) = heard.lock().expect("a lock").take() {
            return heard;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("no answer: {}", std::fs::read_to_string(folder.path().join("log")).unwrap_or_default());
}

/// With too little time there is a report all the same, and what was not read is a gap.
#[test]
fn the_time_that_is_left_decides_how_much_is_read() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let slow = json!({"account": bank.account, "service": "sagemaker", "operation": "DescribeEndpointConfig", "latency": 60_000});
    bank.post("/_localstack/chaos/faults", &json!([slow]));
    let (kind, answer) = one_invocation(&bank.settings(), &json!({}), 20_000);
    assert_eq!((kind.as_str(), &answer["stopped_early"]), ("response", &json!(true)), "{answer}");
    assert!(answer["gaps"].as_u64().is_some_and(|gaps| gaps > 0), "{answer}");
    let report = bank.read(&report_of(&bank, &answer));
    let gaps = report["gaps"].as_array().expect("gaps");
    assert!(
        gaps.iter().any(|gap| gap["cause"] == "cancelled" && gap["call"] == "sagemaker:DescribeEndpointConfig"),
        "{gaps:?}"
    );

    // The next one has the time, and reads what was missing.
    bank.post(
        "/_localstack/chaos/faults",
        &json!([{"account": bank.account, "operation": "None", "times": 0, "latency": 1}]),
    );
    let (_, answer) = one_invocation(&bank.settings(), &json!({}), 600_000);
    assert!(answer["stopped_early"].is_null(), "{answer}");
}

/// What the reader may not do is a gap; a reader that nobody may become is an error that names the setting.
#[test]
fn a_reader_that_is_denied_or_throttled_leaves_gaps_and_one_that_is_not_there_an_error() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let rules = json!([
        {"account": bank.account, "service": "sagemaker", "operation": "ListEndpoints", "error": {"code": "ThrottlingException", "message": "Rate exceeded", "statusCode": 400}},
        {"account": bank.account, "service": "cloudtrail", "operation": "LookupEvents", "error": {"denied": "identity"}},
    ]);
    bank.post("/_localstack/chaos/faults", &rules);
    let (kind, answer) = one_invocation(&bank.settings(), &json!({}), 600_000);
    assert_eq!((kind.as_str(), &answer["outcome"]), ("response", &json!("ran")), "{answer}");
    let report = bank.read(&report_of(&bank, &answer));
    let causes: BTreeSet<&str> =
        report["gaps"].as_array().expect("gaps").iter().filter_map(|gap| gap["cause"].as_str()).collect();
    assert!(causes.is_superset(&BTreeSet::from(["denied", "throttled"])), "{causes:?}");

    bank.post("/_localstack/chaos/faults", &json!([{"account": bank.account, "service": "sts", "operation": "AssumeRole", "error": {"denied": "identity"}}]));
    let (kind, error) = one_invocation(&bank.settings(), &json!({}), 600_000);
    assert_eq!(kind, "error", "{error}");
    let message = error["errorMessage"].as_str().expect("a message");
    assert!(message.contains("COUNTERSIGN_READER_ROLE") && message.contains("countersign-reader"), "{message}");
}

/// A sink that fails leaves the others done; if nobody took anything, trying again makes sense.
#[test]
fn one_sink_that_fails_is_told_of_and_all_of_them_are_an_error() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let deny = |service: &str, operation: &str| json!({"account": bank.account, "service": service, "operation": operation, "error": {"denied": "identity"}});
    bank.post("/_localstack/chaos/faults", &json!([deny("sns", "Publish"), deny("s3", "PutObject")]));
    let (kind, error) = one_invocation(&bank.settings(), &json!({}), 600_000);
    assert_eq!(kind, "error", "{error}");
    let message = error["errorMessage"].as_str().expect("a message");
    assert!(message.contains("nothing was archived or published"), "{message}");

    bank.post("/_localstack/chaos/faults", &json!([deny("sns", "Publish")]));
    let (kind, answer) = one_invocation(&bank.settings(), &json!({}), 600_000);
    assert_eq!((kind.as_str(), &answer["exit"]), ("response", &json!("sink_failed")), "{answer}");
    let told = answer["published"].as_array().expect("sinks");
    let failed: Vec<&Value> = told.iter().filter(|told| !told["failed"].is_null()).collect();
    assert!(failed.len() == 1 && failed[0]["to"].as_str().is_some_and(|to| to.contains(":sns:")), "{answer}");
}

/// A setting that cannot be used is told before anything is asked, by its name.
#[test]
fn a_bad_setting_is_an_error_of_the_start_that_names_it() {
    let settings = [
        ("COUNTERSIGN_REGIONS", "frankfurt"),
        ("COUNTERSIGN_STATE", "/tmp"),
        ("COUNTERSIGN_PUBLISH", "https://hooks.slack.com/services/geheim"),
    ];
    let settings: Vec<(String, String)> =
        settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let (kind, error) = one_invocation(&settings, &json!({}), 60_000);
    assert_eq!((kind.as_str(), &error["errorType"]), ("init", &json!("Countersign.Settings")));
    let message = error["errorMessage"].as_str().expect("a message");
    for (name, _) in &settings {
        assert!(message.contains(name.as_str()), "{message}");
    }
    assert!(!message.contains("geheim"), "{message}");
}

/// The state machine's three steps: which accounts, one part for each, one report of all. What left no part is a gap.
#[test]
fn an_organization_is_read_step_by_step() {
    let endpoint = emulator_or_skip!();
    let bank = Bank { endpoint, account: fresh_account(), heard: Arc::default() };
    let members = [fresh_account(), fresh_account()];
    let email = |number: usize| format!("{number}@bank.example");
    bank.calls(&[json!(["organizations", "create_organization", {"FeatureSet": "ALL"}])]);
    let ids = json!({email(0): members[0], email(1): members[1]});
    bank.post("/_countersign/organizations", &json!({"account": bank.account, "ids": ids}));
    let made = |number: usize| json!(["organizations", "create_account", {"AccountName": format!("a{number}"), "Email": email(number)}]);
    let reports = format!("reports-{}", bank.account);
    bank.calls(&[made(0), made(1), json!(["s3", "create_bucket", {"Bucket": reports}])]);
    let role = format!("arn:aws:iam::{}:role/countersign-reader", members[0]);
    let closed = json!({"account": bank.account, "service": "sts", "operation": "AssumeRole", "match": {"RoleArn": role}, "error": {"denied": "identity"}});
    bank.post("/_localstack/chaos/faults", &json!([closed]));

    let mut settings = bank.settings();
    settings.retain(|(name, _)| {
        !["COUNTERSIGN_POLICY", "COUNTERSIGN_ARCHIVE", "COUNTERSIGN_PUBLISH"].contains(&name.as_str())
    });
    settings.push(("COUNTERSIGN_MEMBER_ROLE".to_owned(), "countersign-reader".to_owned()));
    settings.push(("COUNTERSIGN_PUBLISH".to_owned(), format!("s3://{reports}/reports")));
    let step = |payload: Value| {
        let (kind, answer) = one_invocation(&settings, &payload, 600_000);
        assert_eq!(kind, "response", "{payload}: {answer}");
        answer
    };
    let planned = step(json!({"countersign": "plan", "run": "r-1"}));
    assert_eq!(planned, json!({"run": "r-1", "bucket": reports, "key": "state/runs/r-1/units.json", "units": 3}));
    let units = bank.read("state/runs/r-1/units.json");
    assert!(
        units.as_array().is_some_and(|units| units.iter().all(|unit| unit["run"] == "r-1" && unit["region"] == REGION)),
        "{units}"
    );

    let unit =
        |account: &str| json!({"countersign": "collect", "unit": {"run": "r-1", "account": account, "region": REGION}});
    let own = step(unit(&bank.account));
    assert_eq!(own["key"], format!("runs/r-1/parts/{}-{REGION}.json.zst", bank.account), "{own}");
    let denied = step(unit(&members[0]));
    // One for what serves there, and one for what it costs.
    assert_eq!((&denied["facts"], &denied["gaps"]), (&json!(0), &json!(2)), "{denied}");
    assert_eq!(step(unit(&members[0])), denied, "a step may be repeated");

    let merged = step(json!({"countersign": "merge", "run": "r-1"}));
    assert_eq!(merged["outcome"], "ran", "{merged}");
    let report = bank.read(&report_of(&bank, &merged));
    let gaps: BTreeSet<&str> =
        report["gaps"].as_array().expect("gaps").iter().filter_map(|gap| gap["account"].as_str()).collect();
    assert!(gaps.contains(members[0].as_str()) && gaps.contains(members[1].as_str()), "{gaps:?}");

    let (kind, error) = one_invocation(&settings, &json!({"countersign": "merge", "run": "r-2"}), 600_000);
    assert_eq!(kind, "error", "{error}");
    assert!(error["errorMessage"].as_str().is_some_and(|it| it.contains("was not planned")), "{error}");
}

/// What looks unapproved only because CloudTrail tells of it later is asked about again, once; where the record of the call
/// comes with the event, it need not be.
#[test]
fn an_approval_that_cloudtrail_has_not_told_yet_is_asked_about_again() {
    let endpoint = emulator_or_skip!();
    let bank = Bank::seeded(endpoint);
    let package = bank.package(SOUND);
    bank.post("/_countersign/cloudtrail/delay", &json!({"account": bank.account, "seconds": 900}));
    let set = |status: &str| json!(["sagemaker", "update_model_package", {"ModelPackageArn": package, "ModelApprovalStatus": status, "ApprovalDescription": "CHG-77 accepted"}]);
    bank.calls(&[set("PendingManualApproval"), set("Approved")]);
    let detail = json!({"ModelPackageArn": package, "ModelApprovalStatus": "Approved"});
    let mut event = bank.event("a-1", "aws.sagemaker", "SageMaker Model Package State Change", detail);
    let (_, first) = one_invocation(&bank.settings(), &event, 600_000);
    assert_eq!(first["recheck_at"], "2026-11-20T09:20:00Z", "{first}");
    assert!(!first["changed"].to_string().contains("APR-002"), "nobody is told that it is unapproved: {first}");

    // The same call, told by CloudTrail's own event: who approved is known from it.
    let record = json!({
        "eventVersion": "1.11", "eventID": "c-77", "eventName": "UpdateModelPackage", "eventSource": "sagemaker.amazonaws.com",
        "eventTime": "2026-11-20T08:59:59Z", "awsRegion": REGION, "recipientAccountId": bank.account, "eventCategory": "Management",
        "userIdentity": {
            "type": "AssumedRole", "principalId": "AROAX:maria.lopez@bank.example", "accountId": bank.account,
            "arn": format!("arn:aws:sts::{}:assumed-role/AWSReservedSSO_ModelApprover_0a1b2c3d4e5f6a7b/maria.lopez@bank.example", bank.account),
            "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::{}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_ModelApprover_0a1b2c3d4e5f6a7b", bank.account)}},
        },
        "requestParameters": {"modelPackageArn": package, "modelApprovalStatus": "Approved", "approvalDescription": "CHG-77 accepted"},
    });
    let call = bank.event("a-2", "aws.sagemaker", "AWS API Call via CloudTrail", record);
    let (_, told) = one_invocation(&bank.settings(), &call, 600_000);
    let report = bank.read(&report_of(&bank, &told));
    let live = report["live_versions"].as_array().expect("a list").iter();
    let mut steps = live.filter_map(|live| live["approval"]["history"].as_array()).flatten();
    assert!(
        steps.any(|step| step["event_id"] == "c-77" && step["grade"] == "C" && step["source"] == "a-2"),
        "{report}"
    );

    // Twenty minutes later CloudTrail has told, and nothing is asked again.
    bank.post("/_countersign/cloudtrail/delay", &json!({"account": bank.account, "seconds": 0}));
    let mut settings = bank.settings();
    settings.retain(|(name, _)| name != "SOURCE_DATE_EPOCH");
    settings.push(("SOURCE_DATE_EPOCH".to_owned(), "1795166460".to_owned()));
    event["countersign_attempt"] = json!(2);
    let (_, second) = one_invocation(&settings, &event, 600_000);
    assert_eq!((&second["outcome"], &second["recheck_at"]), (&json!("ran"), &Value::Null), "{second}");
    let report = bank.read(&report_of(&bank, &second));
    let waits = report["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .any(|it| it["reason"].as_str().is_some_and(|it| it.contains("may still arrive")));
    assert!(!waits);
}

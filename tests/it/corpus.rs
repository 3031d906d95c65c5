//! Every collector against what AWS really answered: each recorded response of the corpus goes over the wire once more,
//! through the SDK and the collector that asks for it, and must come out as a fact or as a named gap.
//!
//! `tests/tools/corpus_wire.py` writes the responses as their services would. What no recording holds (the lists that
//! lead a collector to a resource, the resources around it) is made up here; everything else is denied, so that only the
//! recorded response can be where a fact comes from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use countersign::collect::aws::COLLECTORS;
use countersign::evidence::{Bucket, Fact, ResourceTags, Snapshot, Versioning};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::http::{Request, Response, serve};
use crate::support::{against, fast_policy, parts, python, root, run, skip};

/// A recorded response, as its service writes it.
#[derive(Deserialize)]
struct Recorded {
    operation: String,
    source: String,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    body_hex: Option<String>,
    #[serde(default)]
    value: Value,
    unusable: Option<String>,
}

#[test]
fn every_recorded_response_becomes_a_fact_or_a_named_gap() {
    let Some(corpus) = std::env::var_os("COUNTERSIGN_CORPUS") else { return skip("COUNTERSIGN_CORPUS is not set") };
    if std::env::var_os("COUNTERSIGN_EMULATOR_PYTHON").is_none() {
        return skip("no Python of the emulator; `tests/run` names one");
    }
    let recorded = recordings(Path::new(&corpus));
    let (unusable, usable): (Vec<_>, Vec<_>) = recorded.into_iter().partition(|recorded| recorded.unusable.is_some());
    assert!(usable.len() > 100, "the corpus holds {} responses of operations that collectors call", usable.len());
    let all = usable.len();
    let rounds = rounds(distinct(usable));

    let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(round) = rounds.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = play(round);
                    outcomes.lock().expect("no poison").extend(found);
                }
            });
        }
    });

    let mut outcomes = outcomes.into_inner().expect("no poison");
    outcomes.sort();
    let told = |wanted: Outcome| -> Vec<&str> {
        outcomes.iter().filter(|(is, _)| *is == wanted).map(|(_, what)| what.as_str()).collect()
    };
    let [mapped, refused, gaps, lost] = [Outcome::Mapped, Outcome::Refused, Outcome::Gap, Outcome::Lost].map(told);
    eprintln!(
        "corpus: {all} responses, {} of them distinct, read in {} runs: {} mapped, {} recorded errors became gaps, {} answers \
         became gaps, {} unusable",
        outcomes.len(),
        rounds.len(),
        mapped.len(),
        refused.len(),
        gaps.len(),
        unusable.len()
    );
    for what in &refused {
        eprintln!("  recorded error: {what}");
    }
    for what in &gaps {
        eprintln!("  gap: {what}");
    }
    for operation in NOT_LED_TO {
        eprintln!("  not read here: {operation}");
    }
    for recorded in &unusable {
        let why = recorded.unusable.as_deref().unwrap_or_default();
        eprintln!("  unusable: {} {}: {why}", recorded.operation, recorded.source);
    }
    assert!(lost.is_empty(), "{} responses are neither fact nor gap:\n{lost:#?}", lost.len());
    let news: Vec<&&str> = gaps.iter().filter(|gap| !UNREADABLE.iter().any(|known| gap.contains(known))).collect();
    assert!(news.is_empty(), "AWS answered, but the answer was not read:\n{news:#?}");
}

/// Operations whose recorded answers no collector is led to here: what leads to them is a policy, an alarm with its metrics,
/// or a schedule with its jobs, of which the recordings hold nothing. `watch.rs` reads them of an estate that has all of that.
const NOT_LED_TO: [&str; 15] = [
    "cloudwatch:DescribeAlarmHistory",
    "cloudwatch:DescribeAnomalyDetectors",
    "cloudwatch:GetDashboard",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListDashboards",
    "s3:GetObject",
    "s3:ListObjectsV2",
    "sagemaker:DescribeDataQualityJobDefinition",
    "sagemaker:DescribeModelBiasJobDefinition",
    "sagemaker:DescribeModelExplainabilityJobDefinition",
    "sagemaker:DescribeModelQualityJobDefinition",
    "sagemaker:DescribeProcessingJob",
    "sagemaker:DescribeTrainingJob",
    "sagemaker:ListProcessingJobs",
    "sagemaker:ListTrainingJobs",
];

/// Sources of recorded answers that cannot be read, each with its reason: none so far.
const UNREADABLE: [&str; 0] = [];

/// What came of one recording.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Outcome {
    /// Every item of it is a fact.
    Mapped,
    /// It is an error, and a gap tells of it.
    Refused,
    /// A gap tells that it could not be read.
    Gap,
    /// Nothing in the snapshot tells of it.
    Lost,
}

/// What the corpus holds of every operation that a collector may call.
fn recordings(corpus: &Path) -> Vec<Recorded> {
    let operations: BTreeSet<String> = COLLECTORS
        .iter()
        .flat_map(|info| info.calls)
        .map(|call| format!("{}:{}", call.service, call.operation))
        .filter(|operation| !NOT_LED_TO.contains(&operation.as_str()))
        .collect();
    let output = Command::new(python())
        .arg(root("tests/tools/corpus_wire.py"))
        .arg("--corpus")
        .arg(corpus)
        .args(operations)
        .output()
        .expect("the emulator's Python starts");
    assert!(output.status.success(), "corpus_wire.py: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a recording a line")).collect()
}

/// Tests record the same answer again and again; each is read once.
fn distinct(recorded: Vec<Recorded>) -> Vec<Recorded> {
    let mut seen = BTreeSet::new();
    recorded.into_iter().filter(|it| seen.insert((it.operation.clone(), it.status, it.value.to_string()))).collect()
}

/// What one run of the binary is answered: at most one recording for each operation and resource.
#[derive(Default)]
struct Round {
    answers: BTreeMap<(String, String), Recorded>,
}

/// Distributes the recordings over as few runs as there may be.
fn rounds(recorded: Vec<Recorded>) -> Vec<Arc<Round>> {
    // Recorded lists name resources of their own, so they are kept apart from made-up lists.
    let (mut of_lists, mut of_resources): (Vec<Round>, Vec<Round>) = (Vec::new(), Vec::new());
    for (number, recorded) in recorded.into_iter().enumerate() {
        let about = resource(&recorded, number);
        let rounds = if about.is_empty() { &mut of_lists } else { &mut of_resources };
        let key = (recorded.operation.clone(), about);
        match rounds.iter_mut().find(|round| !round.answers.contains_key(&key)) {
            Some(round) => drop(round.answers.insert(key, recorded)),
            None => rounds.push(Round { answers: BTreeMap::from([(key, recorded)]) }),
        }
    }
    of_lists.into_iter().chain(of_resources).map(Arc::new).collect()
}

/// What a recording is about, as [`asked_about`] tells it from a request but in lower case; nothing for a list of everything. Answers that
/// do not say what they are about get a resource of their own.
fn resource(recorded: &Recorded, number: usize) -> String {
    let named = |member: &str| recorded.value[member].as_str().expect("a name").to_lowercase();
    match recorded.operation.as_str() {
        "sagemaker:DescribeEndpoint" => named("EndpointName"),
        "sagemaker:DescribeEndpointConfig" => named("EndpointConfigName"),
        "sagemaker:DescribeModel" => named("ModelName"),
        "sagemaker:DescribeTransformJob" => named("TransformJobName"),
        "sagemaker:ListTags" | "cloudwatch:ListTagsForResource" => format!("tagged-{number}"),
        operation if operation.starts_with("s3:") => format!("bucket-{number}"),
        "cloudtrail:GetTrailStatus" => format!("trail-{number}"),
        "cloudtrail:GetEventSelectors" => named("TrailARN"),
        "cloudtrail:DescribeTrails"
        | "sagemaker:ListEndpoints"
        | "sagemaker:ListTransformJobs"
        | "sagemaker:ListModelPackages"
        | "cloudwatch:DescribeAlarms"
        | "tag:GetResources" => String::new(),
        other => {
            panic!("{}: say in this file how a collector is led to {other}, and what comes of it", recorded.source)
        }
    }
}

/// The resource that a request is about.
fn asked_about(operation: &str, request: &Request) -> String {
    let body = String::from_utf8_lossy(&request.body);
    if operation.starts_with("sagemaker:") {
        let asked: Value = serde_json::from_str(&body).unwrap_or_default();
        let members =
            ["EndpointName", "EndpointConfigName", "ModelName", "TransformJobName", "ModelPackageName", "ResourceArn"];
        let name = members.iter().find_map(|member| asked[*member].as_str()).unwrap_or_default();
        let is_arn = asked["ResourceArn"].is_string();
        return name.rsplit('/').next().filter(|_| is_arn).unwrap_or(name).to_owned();
    }
    if operation.starts_with("cloudtrail:") {
        let asked: Value = serde_json::from_str(&body).unwrap_or_default();
        let arn = asked["TrailName"].as_str().or(asked["Name"].as_str()).unwrap_or_default();
        let name = arn.rsplit('/').next().unwrap_or_default();
        return if name.starts_with("trail-") { name } else { arn }.to_owned();
    }
    if operation == "cloudwatch:ListTagsForResource" {
        let number: String =
            body.split("tagged-").nth(1).unwrap_or_default().chars().take_while(char::is_ascii_digit).collect();
        return format!("tagged-{number}");
    }
    if operation.starts_with("s3:") {
        return request.path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default().to_owned();
    }
    String::new()
}

/// Whether a request asks for a page after the first.
fn goes_on(request: &Request) -> bool {
    let body = String::from_utf8_lossy(&request.body);
    ["NextToken", "PaginationToken"].iter().any(|member| body.contains(member)) || request.path.contains("key-marker=")
}

impl Round {
    fn answer(&self, request: &Request) -> Response {
        let operation =
            crate::support::replay::operation(&request.method, &request.path, &request.target, &request.body);
        let about = asked_about(&operation, request);
        match self.answers.get(&(operation.clone(), about.to_lowercase())) {
            Some(_) if goes_on(request) => nothing_more(request),
            Some(recorded) => recorded.response(),
            None => self.made_up(&operation, &about).unwrap_or_else(|| denied(request)),
        }
    }

    /// Resources that this run has recordings of, for one operation.
    fn about(&self, operation: &str) -> impl Iterator<Item = &str> {
        self.answers.keys().filter(move |(is, _)| is == operation).map(|(_, about)| about.as_str())
    }

    /// Buckets that this run has recordings of.
    fn buckets(&self) -> impl Iterator<Item = &str> {
        self.answers.keys().filter(|(operation, _)| operation.starts_with("s3:")).map(|(_, about)| about.as_str())
    }

    /// The answers that lead to the recorded ones: an endpoint `runs-X` has the config `X`; the config `estate` names all
    /// models; the model `in-X` is made of what is in bucket `X`.
    fn made_up(&self, operation: &str, about: &str) -> Option<Response> {
        let arn = |kind: &str, name: &str| format!("arn:aws:sagemaker:us-east-1:111122223333:{kind}/{name}");
        let body = match operation {
            "sts:GetCallerIdentity" => return Some(identity()),
            "sagemaker:ListEndpoints" => {
                let configs = self.about("sagemaker:DescribeEndpointConfig").chain(["estate"]);
                let names = configs.map(|config| format!("runs-{config}"));
                let others = self.about("sagemaker:DescribeEndpoint").chain(self.about("sagemaker:ListTags"));
                let endpoint = |name: String| {
                    let arn = arn("endpoint", &name);
                    json!({"EndpointName": name, "EndpointArn": arn, "EndpointStatus": "InService", "CreationTime": 1, "LastModifiedTime": 1})
                };
                json!({ "Endpoints": names.chain(others.map(str::to_owned)).map(endpoint).collect::<Vec<_>>() })
            }
            "sagemaker:DescribeEndpoint" => {
                let config = about.strip_prefix("runs-");
                json!({"EndpointName": about, "EndpointArn": arn("endpoint", about), "EndpointConfigName": config,
                       "EndpointStatus": "InService", "CreationTime": 1, "LastModifiedTime": 1})
            }
            "sagemaker:DescribeEndpointConfig" if about == "estate" => {
                let models = self.about("sagemaker:DescribeModel").map(str::to_owned);
                let variants = models.chain(self.buckets().map(|bucket| format!("in-{bucket}")));
                let variants: Vec<Value> =
                    variants.map(|model| json!({"VariantName": model, "ModelName": model})).collect();
                json!({"EndpointConfigName": about, "EndpointConfigArn": arn("endpoint-config", about), "ProductionVariants": variants, "CreationTime": 1})
            }
            "sagemaker:DescribeModel" => {
                let bucket = about.strip_prefix("in-")?;
                let container = json!({"Image": "image", "ModelDataUrl": format!("s3://{bucket}/")});
                json!({"ModelName": about, "ModelArn": arn("model", about), "PrimaryContainer": container, "CreationTime": 1})
            }
            "sagemaker:ListTransformJobs" => {
                let job = |name| json!({"TransformJobName": name, "TransformJobArn": arn("transform-job", name), "CreationTime": 1, "TransformJobStatus": "Completed"});
                json!({ "TransformJobSummaries": self.about("sagemaker:DescribeTransformJob").map(job).collect::<Vec<_>>() })
            }
            "sagemaker:DescribeTransformJob" => {
                json!({"TransformJobName": about, "TransformJobArn": arn("transform-job", about), "TransformJobStatus": "Completed", "ModelName": "m", "CreationTime": 1})
            }
            "cloudtrail:DescribeTrails" => {
                let made = |name: &str| format!("arn:aws:cloudtrail:us-east-1:111122223333:trail/{name}");
                let arns = self.about("cloudtrail:GetTrailStatus").map(made);
                let arns = arns.chain(self.about("cloudtrail:GetEventSelectors").map(str::to_owned));
                let trail = |arn: String| {
                    let home = arn.split(':').nth(3).unwrap_or_default();
                    let name = arn.rsplit('/').next().unwrap_or_default();
                    json!({"Name": name, "TrailARN": arn, "HomeRegion": home, "S3BucketName": "b", "IsMultiRegionTrail": true,
                           "IsOrganizationTrail": true, "LogFileValidationEnabled": true})
                };
                json!({ "trailList": arns.map(trail).collect::<Vec<_>>() })
            }
            "sagemaker:DescribeModelPackage" => {
                json!({"ModelPackageArn": about, "ModelPackageName": about, "CreationTime": 1})
            }
            "cloudwatch:DescribeAlarms" => {
                let alarm = |name: &str| {
                    let arn = format!("arn:aws:cloudwatch:us-east-1:111122223333:alarm:{name}");
                    json!({"AlarmName": name, "AlarmArn": arn, "StateValue": "OK", "Namespace": "AWS/SageMaker", "MetricName": "Invocations"})
                };
                let alarms: Vec<Value> = self.about("cloudwatch:ListTagsForResource").map(alarm).collect();
                return Some(cbor_response(200, &json!({ "MetricAlarms": alarms })));
            }
            _ => return None,
        };
        Some(plain(200, "application/x-amz-json-1.1", body.to_string()))
    }
}

impl Recorded {
    fn response(&self) -> Response {
        let unhex = |text: &String| {
            let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
            (0..text.len()).step_by(2).map(pair).collect()
        };
        let body = self.body_hex.as_ref().map_or_else(|| self.body.clone().into_bytes(), unhex);
        Response { status: self.status, headers: self.headers.clone().into_iter().collect(), body }
    }
}

fn plain(status: u16, kind: &str, body: impl Into<Vec<u8>>) -> Response {
    Response { status, headers: vec![("content-type".into(), kind.into())], body: body.into() }
}

fn identity() -> Response {
    let body = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
                <Arn>arn:aws:iam::111122223333:role/reader</Arn><UserId>A</UserId><Account>111122223333</Account>\
                </GetCallerIdentityResult></GetCallerIdentityResponse>";
    plain(200, "text/xml", body)
}

fn denied(request: &Request) -> Response {
    let json = json!({"__type": "AccessDeniedException", "message": "no identity-based policy allows it"});
    let xml = "<Code>AccessDenied</Code><Message>no identity-based policy allows it</Message>";
    match (request.target.is_empty(), request.path.contains("/operation/"), request.method.as_str()) {
        (false, ..) => plain(400, "application/x-amz-json-1.1", json.to_string()),
        (_, true, _) => cbor_response(400, &json),
        (.., "POST") => plain(403, "text/xml", format!("<ErrorResponse><Error>{xml}</Error></ErrorResponse>")),
        _ => plain(403, "application/xml", format!("<Error>{xml}</Error>")),
    }
}

/// The page behind a recorded one, of which nothing was recorded.
fn nothing_more(request: &Request) -> Response {
    match (request.target.is_empty(), request.path.contains("/operation/")) {
        (false, _) => plain(200, "application/x-amz-json-1.1", "{}"),
        (_, true) => cbor_response(200, &json!({})),
        _ => plain(200, "application/xml", "<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>"),
    }
}

fn cbor_response(status: u16, value: &Value) -> Response {
    let mut response = plain(status, "application/cbor", cbor(value));
    response.headers.push(("smithy-protocol".into(), "rpc-v2-cbor".into()));
    response
}

/// CBOR of what is made up here: maps, lists and texts, all of them short.
fn cbor(value: &Value) -> Vec<u8> {
    let head = |kind: u8, length: usize| {
        let length = u16::try_from(length).expect("short").to_be_bytes();
        vec![kind | 0x19, length[0], length[1]]
    };
    match value {
        Value::String(text) => [head(0x60, text.len()), text.clone().into_bytes()].concat(),
        Value::Array(list) => list.iter().fold(head(0x80, list.len()), |bytes, item| [bytes, cbor(item)].concat()),
        Value::Object(map) => map.iter().fold(head(0xa0, map.len()), |bytes, (name, item)| {
            [bytes, cbor(&Value::String(name.clone())), cbor(item)].concat()
        }),
        other => panic!("nothing made up here holds {other}"),
    }
}

/// Runs the binary against one round and says of each recording what came of it.
fn play(round: &Arc<Round>) -> Vec<(Outcome, String)> {
    let server = Arc::clone(round);
    let endpoint = serve(move |request| server.answer(request));
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("snapshot.json");
    let (policy, out) = (fast_policy(), file.display().to_string());
    let arguments = ["collect", "--region", "us-east-1", "--policy", &policy, "--out", &out];
    let (code, stdout, stderr) = parts(&run(against(&endpoint, "111122223333", &arguments)));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    assert!(!stderr.contains("panicked"), "{stderr}");
    let snapshot = Snapshot::load(&file).expect("a snapshot");
    round.answers.iter().map(|((_, about), recorded)| outcome(recorded, about, &snapshot)).collect()
}

/// What came of a recording, and which it is.
fn outcome(recorded: &Recorded, about: &str, snapshot: &Snapshot) -> (Outcome, String) {
    let what = format!("{} {}", recorded.operation, recorded.source);
    if is_mapped(recorded, about, snapshot) {
        return (Outcome::Mapped, what);
    }
    let gap = snapshot.gaps.iter().find(|gap| {
        let is_it = format!("{}:{}", gap.service, gap.operation) == recorded.operation;
        is_it && (gap.subject.to_lowercase().contains(about) || gap.message.to_lowercase().contains(about))
    });
    match gap {
        Some(gap) if recorded.status >= 400 => (Outcome::Refused, format!("{what}: {}", gap.message)),
        Some(gap) => (Outcome::Gap, format!("{what}: {}", gap.message)),
        None => (Outcome::Lost, format!("{what}: {}", recorded.value)),
    }
}

/// Whether everything that a recording states is a fact of the snapshot.
fn is_mapped(recorded: &Recorded, about: &str, snapshot: &Snapshot) -> bool {
    let (value, facts) = (&recorded.value, &snapshot.facts);
    let items = |list: &str| value[list].as_array().cloned().unwrap_or_default();
    let all = |list: &str, member: &str, known: BTreeSet<&str>| -> bool {
        items(list).iter().all(|item| known.contains(item[member].as_str().expect("a name")))
    };
    match recorded.operation.as_str() {
        "sagemaker:DescribeEndpoint" => facts.endpoints.iter().any(|fact| {
            let endpoint = &fact.data;
            value["EndpointName"] == *endpoint.name
                && value["EndpointArn"] == *endpoint.arn
                && value["EndpointStatus"] == *endpoint.status
                && items("ProductionVariants").len() == endpoint.variants.len()
        }),
        "sagemaker:DescribeEndpointConfig" => facts.endpoint_configs.iter().any(|fact| {
            let models: Vec<&str> =
                fact.data.variants.iter().filter_map(|variant| variant.model_name.as_deref()).collect();
            let recorded = items("ProductionVariants");
            let recorded: Vec<&str> = recorded.iter().filter_map(|variant| variant["ModelName"].as_str()).collect();
            value["EndpointConfigName"] == *fact.data.name && recorded == models
        }),
        "sagemaker:DescribeModel" => facts.models.iter().any(|fact| {
            let containers = items("Containers").len() + usize::from(value["PrimaryContainer"].is_object());
            value["ModelName"] == *fact.data.name
                && value["ModelArn"] == *fact.data.arn
                && containers == fact.data.containers.len()
        }),
        "sagemaker:DescribeTransformJob" => facts.transform_jobs.iter().any(|fact| {
            value["TransformJobName"] == *fact.data.name
                && value["ModelName"] == *fact.data.model_name
                && value["TransformJobStatus"] == *fact.data.status
        }),
        "sagemaker:ListEndpoints" => all("Endpoints", "EndpointName", names(&facts.endpoints, |it| &it.name)),
        "sagemaker:ListTransformJobs" => {
            all("TransformJobSummaries", "TransformJobName", names(&facts.transform_jobs, |it| &it.name))
        }
        "sagemaker:ListModelPackages" => {
            all("ModelPackageSummaryList", "ModelPackageArn", names(&facts.packages, |it| &it.arn))
        }
        "cloudwatch:DescribeAlarms" => {
            let known = names(&facts.alarms, |it| &it.name);
            let count = [items("MetricAlarms"), items("CompositeAlarms"), items("LogAlarms")].concat();
            let recorded: BTreeSet<&str> = count.iter().filter_map(|alarm| alarm["AlarmName"].as_str()).collect();
            recorded == known
        }
        "sagemaker:ListTags" => tags_of(&facts.tags, about) == Some(pairs(&items("Tags"))),
        "cloudwatch:ListTagsForResource" => tags_of(&facts.alarm_tags, about) == Some(pairs(&items("Tags"))),
        "tag:GetResources" => items("ResourceTagMappingList").iter().all(|mapping| {
            let arn = mapping["ResourceARN"].as_str().expect("an ARN");
            let tags = pairs(mapping["Tags"].as_array().expect("tags"));
            [&facts.tags, &facts.alarm_tags].iter().any(|facts| tags_of(facts, arn).as_ref() == Some(&tags))
        }),
        "s3:ListObjectVersions" => facts.objects.iter().filter(|fact| fact.data.location.bucket == about).any(|fact| {
            let mut keys: Vec<&str> = fact.data.versions.iter().map(|version| version.key.as_str()).collect();
            let recorded = [items("Versions"), items("DeleteMarkers")].concat();
            let mut recorded: Vec<&str> = recorded.iter().filter_map(|version| version["Key"].as_str()).collect();
            keys.sort_unstable();
            recorded.sort_unstable();
            keys == recorded
        }),
        "cloudtrail:DescribeTrails" => all("trailList", "TrailARN", names(&facts.trails, |it| &it.arn)),
        "cloudtrail:GetTrailStatus" => {
            let told = facts.trails.iter().filter(|fact| fact.data.name == about).find_map(|fact| fact.data.logging);
            told.is_some() && told == value["IsLogging"].as_bool()
        }
        "cloudtrail:GetEventSelectors" => {
            facts.trails.iter().any(|fact| fact.data.arn.to_lowercase() == about && fact.data.management.is_some())
        }
        "s3:GetBucketVersioning" => bucket(&facts.buckets, about).is_some_and(|bucket| {
            let recorded = match value["Status"].as_str() {
                Some("Enabled") => Versioning::Enabled,
                Some(_) => Versioning::Suspended,
                None => Versioning::Never,
            };
            bucket.versioning == Some(recorded)
        }),
        "s3:GetBucketEncryption" => bucket(&facts.buckets, about).is_some_and(|bucket| {
            let rule = &value["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"];
            rule["SSEAlgorithm"].as_str() == bucket.encryption.as_deref()
        }),
        "s3:GetPublicAccessBlock" => bucket(&facts.buckets, about).is_some_and(|bucket| {
            let settings = value["PublicAccessBlockConfiguration"].as_object();
            let blocked = settings.is_some_and(|settings| settings.values().all(|on| *on == true));
            bucket.public_access_blocked == Some(blocked)
        }),
        "s3:GetBucketLifecycleConfiguration" => bucket(&facts.buckets, about)
            .and_then(|bucket| bucket.lifecycle.as_ref())
            .is_some_and(|rules| rules.len() == items("Rules").len()),
        "s3:GetObjectLockConfiguration" => {
            bucket(&facts.buckets, about).and_then(|bucket| bucket.object_lock.as_ref()).is_some_and(|lock| {
                let default = &value["ObjectLockConfiguration"]["Rule"]["DefaultRetention"];
                lock.enabled && lock.mode.as_deref() == default["Mode"].as_str()
            })
        }
        "s3:GetBucketPolicy" => {
            // That there is none, AWS says by an error.
            let recorded =
                if value["Error"]["Code"] == "NoSuchBucketPolicy" { Some("") } else { value["Policy"].as_str() };
            bucket(&facts.buckets, about)
                .is_some_and(|bucket| recorded.is_some() && bucket.policy.as_deref() == recorded)
        }
        "s3:GetBucketReplication" => {
            let rules = value["ReplicationConfiguration"]["Rules"].as_array().cloned().unwrap_or_default();
            let enabled = rules.iter().any(|rule| rule["Status"] == "Enabled");
            bucket(&facts.buckets, about).is_some_and(|bucket| bucket.replicates == Some(enabled))
        }
        _ => false,
    }
}

fn names<T>(facts: &[Fact<T>], name: impl Fn(&T) -> &String) -> BTreeSet<&str> {
    facts.iter().map(|fact| name(&fact.data).as_str()).collect()
}

fn bucket<'f>(facts: &'f [Fact<Bucket>], name: &str) -> Option<&'f Bucket> {
    facts.iter().map(|fact| &fact.data).find(|bucket| bucket.name == name)
}

fn pairs(tags: &[Value]) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    tags.iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect()
}

/// The tags of the resource whose ARN is, or ends in, this.
fn tags_of(facts: &[Fact<ResourceTags>], arn: &str) -> Option<BTreeMap<String, String>> {
    let is_it =
        |fact: &&Fact<ResourceTags>| fact.data.arn == arn || fact.data.arn.rsplit(['/', ':']).next() == Some(arn);
    facts.iter().find(is_it).map(|fact| fact.data.tags.clone())
}

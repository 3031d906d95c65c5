//! Replays recorded exchanges on loopback, whole or with one operation broken in a way that AWS breaks.
//!
//! The base recording (`tests/scenarios/<name>/http.jsonl`) was made by `tests/record-scenarios` against the emulator.
//! What a [`Fault`] makes of it is synthetic: derived here, so that every operation meets every kind of failure.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

use serde::Deserialize;

use super::http::{Request, Response, pass_on, serve};

/// Ways in which one operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Refused, in AWS's words.
    Denied,
    /// The first page comes, with a token; every later one is throttled, also when it is tried again. What has no pages is
    /// throttled from the start.
    ThrottledInMidPage,
    /// The answer is cut off in the middle.
    Malformed,
    /// The answer has none of its members.
    Empty,
}

/// One line of a recording.
#[derive(Deserialize)]
struct Exchange {
    #[serde(default)]
    session: String,
    method: String,
    path: String,
    target: String,
    #[serde(default)]
    request: String,
    request_base64: Option<String>,
    status: u16,
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: String,
    body_base64: Option<String>,
}

/// Session, method, path, target and body.
type Key = (String, String, String, String, Vec<u8>);

/// A recording, ready to be served.
#[derive(Clone)]
pub struct Recording {
    exchanges: Arc<HashMap<Key, Response>>,
}

/// What was asked of a replaying server.
#[derive(Clone, Default)]
pub struct Asked(Arc<Mutex<BTreeSet<String>>>);

impl Asked {
    /// Requests that the recording does not hold.
    pub fn unknown(&self) -> Vec<String> {
        self.0.lock().expect("no poison").iter().cloned().collect()
    }
}

impl Recording {
    /// Loads `tests/scenarios/<name>/http.jsonl`.
    pub fn load(name: &str) -> Self {
        let path = super::root("tests/scenarios").join(name).join("http.jsonl");
        let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let exchanges = text
            .lines()
            .map(|line| serde_json::from_str::<Exchange>(line).expect("an exchange a line"))
            .map(|exchange| {
                let response = Response {
                    status: exchange.status,
                    headers: exchange.headers.into_iter().collect(),
                    body: exchange.body_base64.map_or_else(|| exchange.body.into_bytes(), |text| base64(&text)),
                };
                let request =
                    exchange.request_base64.map_or_else(|| exchange.request.into_bytes(), |text| base64(&text));
                let key = (exchange.session, exchange.method, exchange.path, exchange.target, request);
                let response = if key.4.starts_with(b"Action=AssumeRole") { lasting(response) } else { response };
                (key, response)
            })
            .collect();
        Self { exchanges: Arc::new(exchanges) }
    }

    /// The same with a text of its JSON answers replaced by another: what AWS would have answered had somebody named it so.
    pub fn saying(&self, text: &str, instead: &str) -> Self {
        let instead = serde_json::to_string(instead).expect("a text is JSON");
        let instead = instead.trim_matches('"');
        let replaced = |response: &Response| match String::from_utf8(response.body.clone()) {
            Ok(body) => Response { body: body.replace(text, instead).into_bytes(), ..response.clone() },
            Err(_) => response.clone(),
        };
        let exchanges = self.exchanges.iter().map(|(key, response)| (key.clone(), replaced(response)));
        Self { exchanges: Arc::new(exchanges.collect()) }
    }

    /// Every operation that the recording holds, as `service:Operation`.
    pub fn operations(&self) -> BTreeSet<String> {
        self.exchanges.keys().map(|(_, method, path, target, body)| operation(method, path, target, body)).collect()
    }

    /// Serves it as another account's, and passes on to another endpoint what is written there: objects of buckets whose name
    /// begins with `reports-`, and messages to topics.
    pub fn serve_beside(&self, account: &str, writes: &str) -> String {
        let (exchanges, account, writes) = (Arc::clone(&self.exchanges), account.to_owned(), writes.to_owned());
        serve(move |request| {
            let text = String::from_utf8_lossy(&request.body);
            if request.path.starts_with("/reports-") || text.starts_with("Action=Publish") {
                return pass_on(request, &writes).expect("the emulator answers");
            }
            let Request { session, method, path, target, body, .. } = request;
            let path = path.replace(&account, RECORDED);
            let key = (session.clone(), method.clone(), path, target.clone(), renamed(body, &account, RECORDED));
            let unknown = || error(request, 400, "ValidationException", "the recording holds no such request");
            let response = exchanges.get(&key).cloned().unwrap_or_else(unknown);
            Response { body: renamed(&response.body, RECORDED, &account), ..response }
        })
    }

    /// Serves it, with some operations broken; returns the endpoint's URL.
    pub fn serve(&self, broken: &[(&str, Fault)]) -> (String, Asked) {
        let exchanges = Arc::clone(&self.exchanges);
        let broken: HashMap<String, Fault> = broken.iter().map(|(name, fault)| ((*name).to_owned(), *fault)).collect();
        let asked = Asked::default();
        let log = asked.clone();
        let url = serve(move |request| {
            let name = operation(&request.method, &request.path, &request.target, &request.body);
            let key = (
                request.session.clone(),
                request.method.clone(),
                request.path.clone(),
                request.target.clone(),
                request.body.clone(),
            );
            let recorded = exchanges.get(&key);
            match broken.get(&name) {
                Some(fault) => fault.apply(request, recorded),
                None => recorded.cloned().unwrap_or_else(|| {
                    log.0
                        .lock()
                        .expect("no poison")
                        .insert(format!("{name} {}", String::from_utf8_lossy(&request.body)));
                    error(request, 400, "ValidationException", "the recording holds no such request")
                }),
            }
        });
        (url, asked)
    }
}

/// The account of the recordings.
const RECORDED: &str = "111122223333";

/// The bytes with one account in place of another: as long, so that it may stand in CBOR, too.
fn renamed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let (from, to) = (from.as_bytes(), to.as_bytes());
    assert_eq!(from.len(), to.len());
    let mut out = bytes.to_vec();
    for at in 0..out.len().saturating_sub(from.len() - 1) {
        if &out[at..at + from.len()] == from {
            out[at..at + to.len()].copy_from_slice(to);
        }
    }
    out
}

/// A session that was recorded would have expired by now.
fn lasting(response: Response) -> Response {
    let text = String::from_utf8(response.body).expect("an answer of STS is text");
    let (before, rest) = text.split_once("<Expiration>").expect("a session that expires");
    let (_, after) = rest.split_once("</Expiration>").expect("a session that expires");
    let body = format!("{before}<Expiration>2099-01-01T00:00:00Z</Expiration>{after}").into_bytes();
    Response { body, ..response }
}

impl Fault {
    fn apply(self, request: &Request, recorded: Option<&Response>) -> Response {
        let denied = "User: arn:aws:sts::111122223333:assumed-role/reader/countersign is not authorized to perform this action \
                      because no identity-based policy allows it";
        match (self, recorded) {
            // What is asked for by HEAD is answered in headers only: those are what gets lost.
            (Self::Malformed | Self::Empty, _) if request.method == "HEAD" => {
                Response { status: 200, headers: Vec::new(), body: Vec::new() }
            }
            (Self::Denied, _) => error(request, 403, denied_code(request), denied),
            (Self::ThrottledInMidPage, Some(page)) if page.status == 200 && has_pages(request) => {
                with_token(request, page.clone())
            }
            (Self::ThrottledInMidPage, _) => error(request, 400, "ThrottlingException", "Rate exceeded"),
            (Self::Malformed, Some(page)) => {
                Response { body: page.body[..page.body.len() / 4].to_vec(), ..page.clone() }
            }
            (Self::Malformed, None) => Response { status: 200, headers: Vec::new(), body: b"{\"Results\":[{".to_vec() },
            (Self::Empty, recorded) => empty(request, recorded),
        }
    }
}

/// The protocols that AWS's services speak.
#[derive(PartialEq, Eq)]
enum Protocol {
    Json,
    Cbor,
    Query,
    S3,
}

fn protocol(request: &Request) -> Protocol {
    if !request.target.is_empty() || bedrock(&request.path).is_some() {
        Protocol::Json
    } else if request.path.contains("/operation/") {
        Protocol::Cbor
    } else if request.method == "POST" {
        Protocol::Query
    } else {
        Protocol::S3
    }
}

/// `service:Operation` of a request, whatever its protocol.
pub fn operation(method: &str, path: &str, target: &str, body: &[u8]) -> String {
    if let Some((service, operation)) = target.rsplit_once('.') {
        let service = match service.rsplit('.').next().unwrap_or(service) {
            service if service.starts_with("SageMaker") => "sagemaker",
            service if service.starts_with("CloudTrail") => "cloudtrail",
            service if service.starts_with("ResourceGroupsTagging") => "tag",
            service if service.starts_with("Granite") => "cloudwatch",
            service if service.starts_with("AmazonEC2ContainerRegistry") => "ecr",
            "AWSEvents" => "events",
            "AnyScaleFrontendService" => "application-autoscaling",
            "TrentService" => "kms",
            "AWSInsightsIndexService" => "ce",
            "AWSBudgetServiceGateway" => "budgets",
            "AWSPriceListService" => "pricing",
            "CostOptimizationHubService" => "cost-optimization-hub",
            other => panic!("unknown service `{other}`"),
        };
        return format!("{service}:{operation}");
    }
    if let Some((service, operation)) = path.split_once("/operation/") {
        let service = if service.contains("Granite") { "cloudwatch" } else { "tag" };
        return format!("{service}:{operation}");
    }
    if let Some(operation) = bedrock(path) {
        return format!("bedrock:{operation}");
    }
    if method == "POST" {
        let body = String::from_utf8_lossy(body);
        let action = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or("?").to_owned();
        let of_version = |version: &str| body.contains(&format!("Version={version}"));
        let service = if of_version("2011-06-15") {
            "sts"
        } else if of_version("2010-05-08") {
            "iam"
        } else {
            "sns"
        };
        return format!("{service}:{action}");
    }
    let query = path.split_once('?').map_or("", |(_, query)| query);
    let has = |name: &str| query.split('&').any(|part| part.split('=').next() == Some(name));
    if method == "HEAD" {
        return "s3:HeadObject".to_owned();
    }
    let asked = SUBRESOURCES.iter().find(|(name, ..)| has(name));
    format!("s3:{}", asked.map_or("GetObject", |(_, operation, _)| operation))
}

/// Bedrock's operations, which are told apart by their paths.
fn bedrock(path: &str) -> Option<&'static str> {
    match path.split('?').next().unwrap_or_default() {
        "/provisioned-model-throughputs" => Some("ListProvisionedModelThroughputs"),
        "/inference-profiles" => Some("ListInferenceProfiles"),
        "/listTagsForResource" => Some("ListTagsForResource"),
        _ => None,
    }
}

/// S3's operations by the query parameter that asks for them, and the root element of each answer. A bucket's policy is
/// no XML; what it answers with nothing in it is an object without members.
const SUBRESOURCES: [(&str, &str, &str); 12] = [
    ("list-type", "ListObjectsV2", "ListBucketResult"),
    ("versions", "ListObjectVersions", "ListVersionsResult"),
    ("versioning", "GetBucketVersioning", "VersioningConfiguration"),
    ("encryption", "GetBucketEncryption", "ServerSideEncryptionConfiguration"),
    ("publicAccessBlock", "GetPublicAccessBlock", "PublicAccessBlockConfiguration"),
    ("lifecycle", "GetBucketLifecycleConfiguration", "LifecycleConfiguration"),
    ("object-lock", "GetObjectLockConfiguration", "ObjectLockConfiguration"),
    ("policy", "GetBucketPolicy", ""),
    ("replication", "GetBucketReplication", "ReplicationConfiguration"),
    ("location", "GetBucketLocation", "LocationConstraint"),
    ("attributes", "GetObjectAttributes", "GetObjectAttributesResponse"),
    ("retention", "GetObjectRetention", "Retention"),
];

/// Whether an operation answers in pages.
fn has_pages(request: &Request) -> bool {
    let name = operation(&request.method, &request.path, &request.target, &request.body);
    let name = name.split(':').next_back().unwrap_or_default();
    let others = ["Search", "LookupEvents", "DescribeAlarms", "GetResources", "GetProducts", "DescribeBudgets"];
    (name.starts_with("List") && name != "ListTagsForResource") || others.contains(&name)
}

fn denied_code(request: &Request) -> &'static str {
    match protocol(request) {
        Protocol::S3 => "AccessDenied",
        Protocol::Query => "AuthorizationError",
        Protocol::Json | Protocol::Cbor => "AccessDeniedException",
    }
}

fn error(request: &Request, status: u16, code: &str, message: &str) -> Response {
    let id = "00000000-0000-4000-8000-000000000000";
    let (kind, body) = match protocol(request) {
        Protocol::Json => (
            "application/x-amz-json-1.1",
            serde_json::json!({ "__type": code, "message": message }).to_string().into_bytes(),
        ),
        Protocol::Cbor => {
            let mut body = vec![0xa2];
            for text in ["__type", code, "message", message] {
                let length = text.len();
                body.extend([0x79, u8::try_from(length >> 8).unwrap(), u8::try_from(length & 0xff).unwrap()]);
                body.extend(text.as_bytes());
            }
            ("application/cbor", body)
        }
        Protocol::Query => (
            "text/xml",
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>{id}</RequestId></ErrorResponse>"
            )
            .into_bytes(),
        ),
        Protocol::S3 => (
            "application/xml",
            format!("<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>")
                .into_bytes(),
        ),
    };
    let mut headers = vec![("content-type".into(), kind.into()), ("x-amzn-requestid".into(), id.into())];
    if protocol(request) == Protocol::Cbor {
        headers.push(("smithy-protocol".into(), "rpc-v2-cbor".into()));
    }
    Response { status, headers, body }
}

/// The recorded page, saying that another one follows.
fn with_token(request: &Request, mut page: Response) -> Response {
    match protocol(request) {
        Protocol::Json => {
            let mut body: serde_json::Value = serde_json::from_slice(&page.body).expect("a JSON answer");
            let name = match request.target.as_str() {
                target if target.contains("Tagging") => "PaginationToken",
                target if target.contains("GetCostAndUsage") => "NextPageToken",
                // Those of REST have no target.
                "" => "nextToken",
                target if target.starts_with("CostOptimizationHub") => "nextToken",
                _ => "NextToken",
            };
            body[name] = "synthetic".into();
            page.body = body.to_string().into_bytes();
        }
        Protocol::Cbor => {
            let name = if request.path.contains("Granite") { "NextToken" } else { "PaginationToken" };
            let mut pair = Vec::new();
            for text in [name, "synthetic"] {
                pair.push(0x60 | u8::try_from(text.len()).expect("short"));
                pair.extend(text.as_bytes());
            }
            match page.body.first().copied() {
                Some(0xbf) => drop(page.body.splice(1..1, pair)),
                Some(map @ 0xa0..=0xb6) => {
                    page.body[0] = map + 1;
                    drop(page.body.splice(1..1, pair));
                }
                other => panic!("not a small map: {other:?}"),
            }
        }
        Protocol::Query => {
            let text = String::from_utf8(page.body).expect("XML");
            page.body = text.replacen("Result>", "Result><NextToken>synthetic</NextToken>", 1).into_bytes();
        }
        Protocol::S3 => {
            let text = String::from_utf8(page.body).expect("XML");
            let text = text.replace("<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated>");
            page.body = text
                .replace("</ListVersionsResult>", "<NextKeyMarker>synthetic</NextKeyMarker></ListVersionsResult>")
                .replace(
                    "</ListBucketResult>",
                    "<NextContinuationToken>synthetic</NextContinuationToken></ListBucketResult>",
                )
                .into_bytes();
        }
    }
    page
}

fn empty(request: &Request, recorded: Option<&Response>) -> Response {
    let headers = recorded.map(|response| response.headers.clone()).unwrap_or_default();
    let body = match protocol(request) {
        Protocol::Json => b"{}".to_vec(),
        Protocol::Cbor => vec![0xa0],
        Protocol::Query => {
            let name = operation(&request.method, &request.path, &request.target, &request.body);
            let action = name.split(':').next_back().unwrap_or_default();
            format!("<{action}Response><{action}Result/></{action}Response>").into_bytes()
        }
        Protocol::S3 => {
            let name = operation(&request.method, &request.path, "", &[]);
            let root = SUBRESOURCES.iter().find(|(_, operation, _)| name.ends_with(operation)).map_or("", |it| it.2);
            if root.is_empty() {
                return Response { status: 200, headers, body: b"{}".to_vec() };
            }
            format!("<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>").into_bytes()
        }
    };
    Response { status: 200, headers, body }
}

/// Decodes standard base64; recordings hold nothing else.
fn base64(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut buffer, mut bits) = (0_u32, 0);
    for character in text.bytes().filter(|byte| *byte != b'=') {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            other => panic!("not base64: {other}"),
        };
        buffer = (buffer << 6) | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from((buffer >> bits) & 0xff).expect("a byte"));
        }
    }
    bytes
}

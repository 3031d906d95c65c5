//! The bank that is read from its recording, and the receivers on the emulator and on loopback that are published to.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::http::{Request, Response, serve};
use crate::support::replay::Recording;
use crate::support::{against, fast_policy, fresh_account, parts, python, run};

/// When every run says that it began.
const AS_OF: &str = "1795165200"; // 2026-11-20T09:00:00Z

/// What only sinks speak to; everything else is answered by the recording, which passes on what is written.
const WRITTEN: [&str; 4] = ["SECRETS_MANAGER", "SSM", "EVENTBRIDGE", "SECURITYHUB"];

/// The bank, and a folder of its own.
pub struct Bank {
    recorded: String,
    emulator: String,
    pub account: String,
    as_of: &'static str,
    folder: PathBuf,
    _kept: Option<tempfile::TempDir>,
}

impl Bank {
    /// The recorded bank as a fresh account, with some texts of its answers replaced.
    pub fn new(emulator: &str, saying: &[(&str, &str)]) -> Self {
        let (kept, account) = (tempfile::tempdir().expect("a folder"), fresh_account());
        Self {
            recorded: recorded(emulator, &account, saying),
            emulator: emulator.to_owned(),
            account,
            as_of: AS_OF,
            folder: kept.path().to_owned(),
            _kept: Some(kept),
        }
    }

    /// The same bank with other answers: the same account, receivers and folder.
    pub fn beside(other: &Self, saying: &[(&str, &str)]) -> Self {
        Self {
            recorded: recorded(&other.emulator, &other.account, saying),
            emulator: other.emulator.clone(),
            account: other.account.clone(),
            as_of: other.as_of,
            folder: other.folder.clone(),
            _kept: None,
        }
    }

    /// An hour later: what is told then is newer.
    pub fn later(self) -> Self {
        Self { as_of: "1795168800", ..self }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Runs under a name, and publishes there.
    pub fn run<T: AsRef<str>>(&self, name: &str, targets: &[T]) -> (i32, String, String) {
        let publish = targets.iter().flat_map(|target| ["--publish", target.as_ref()]);
        self.run_with(name, &fast_policy(), publish.collect())
    }

    /// Publishes what the last run saw once more.
    pub fn again<T: AsRef<str>>(&self, name: &str, targets: &[T]) -> (i32, String, String) {
        let snapshot = self.folder.join("out/snapshot.json.zst").display().to_string();
        let publish = targets.iter().flat_map(|target| ["--publish", target.as_ref()]);
        self.told(&["merge", &snapshot], name, &fast_policy(), "again", publish.collect())
    }

    /// Runs with a policy that declares its sinks.
    pub fn run_declaring(&self, name: &str, sinks: &str) -> (i32, String, String) {
        let policy = self.folder.join("policy.toml");
        let pace = std::fs::read_to_string(fast_policy()).expect("a policy");
        std::fs::write(&policy, format!("{pace}\n{sinks}")).expect("a policy");
        self.run_with(name, &policy.display().to_string(), vec!["--publish", "declared"])
    }

    fn run_with(&self, name: &str, policy: &str, publish: Vec<&str>) -> (i32, String, String) {
        self.told(&["run"], name, policy, "out", publish)
    }

    fn told(&self, command: &[&str], name: &str, policy: &str, out: &str, publish: Vec<&str>) -> (i32, String, String) {
        let out = self.folder.join(out).display().to_string();
        let mut arguments = command.to_vec();
        arguments.extend(["--region", "us-east-1", "--policy", policy, "--out", &out, "--run-id", name]);
        arguments.extend(["--format", "html,json"]);
        arguments.extend(publish);
        let mut command = against(&self.recorded, &self.account, &arguments);
        for service in WRITTEN {
            command.env(format!("AWS_ENDPOINT_URL_{service}"), &self.emulator);
        }
        command.env("SOURCE_DATE_EPOCH", self.as_of).current_dir(&self.folder);
        parts(&run(command))
    }

    /// Breaks some calls of this account, in the words of the emulator's faults.
    pub fn broken(&self, rules: Value) {
        let account = &self.account;
        let rules = serde_json::to_string(&rules.to_string()).expect("a text");
        let script = format!(
            "urllib.request.urlopen(urllib.request.Request('{}/_localstack/chaos/faults?account={account}', \
             data={rules}.encode(), method='POST'))",
            self.emulator
        );
        self.python(&script);
    }

    /// Mends them.
    pub fn mended(&self) {
        self.broken(Value::Array(Vec::new()));
    }

    /// Speaks to the emulator as the account.
    pub fn python(&self, script: &str) -> String {
        let head =
            "import boto3, json, urllib.request\nclient = lambda name: boto3.client(name, region_name='us-east-1')\n";
        let mut command = Command::new(python());
        command
            .args(["-c", &format!("{head}{script}")])
            .env("AWS_ENDPOINT_URL", &self.emulator)
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", "test");
        let (code, stdout, stderr) = parts(&run(command));
        assert_eq!(code, 0, "{script}\n{stderr}");
        stdout
    }

    fn json(&self, script: &str) -> Value {
        serde_json::from_str(&self.python(script)).expect("JSON")
    }
}

fn recorded(emulator: &str, account: &str, saying: &[(&str, &str)]) -> String {
    let mut recording = Recording::load("bank");
    for (text, instead) in saying {
        recording = recording.saying(text, instead);
    }
    recording.serve_beside(account, emulator)
}

/// One request: path, headers, body.
type Received = (String, BTreeMap<String, String>, Vec<u8>);

/// What webhooks received, and what they answer.
#[derive(Clone)]
pub struct Hooks {
    pub url: String,
    seen: Arc<Mutex<Vec<Received>>>,
}

impl Hooks {
    /// Listens on loopback, and answers as `answer` says: status and headers.
    pub fn answering(answer: impl Fn(usize, &Request) -> (u16, Vec<(String, String)>) + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<_>>> = Arc::default();
        let log = Arc::clone(&seen);
        let url = serve(move |request| {
            let number = {
                let mut log = log.lock().expect("no poison");
                log.push((request.path.clone(), request.headers.clone(), request.body.clone()));
                log.len()
            };
            let (status, headers) = answer(number, request);
            Response { status, headers, body: b"no_service".to_vec() }
        });
        Self { url, seen }
    }

    /// The requests to a path: headers and body.
    pub fn requests(&self, path: &str) -> Vec<(BTreeMap<String, String>, Vec<u8>)> {
        let seen = self.seen.lock().expect("no poison");
        seen.iter()
            .filter(|(to, ..)| to.starts_with(path))
            .map(|(_, headers, body)| (headers.clone(), body.clone()))
            .collect()
    }

    /// The JSON that was sent to a path.
    pub fn bodies(&self, path: &str) -> Vec<Value> {
        self.requests(path).iter().map(|(_, body)| serde_json::from_slice(body).expect("JSON")).collect()
    }
}

/// A bucket, a topic with a queue and an HTTP subscriber, a bus with a queue, secrets, and the hooks that they point to.
pub struct Receivers<'b> {
    bank: &'b Bank,
    pub hooks: Hooks,
}

impl<'b> Receivers<'b> {
    /// Makes them in the account of the bank.
    pub fn make(bank: &'b Bank) -> Self {
        let hooks = Hooks::answering(|_, _| (200, Vec::new()));
        let account = &bank.account;
        bank.python(&format!(
            "s3, sns, sqs, events = client('s3'), client('sns'), client('sqs'), client('events')\n\
             s3.create_bucket(Bucket='reports-{account}')\n\
             s3.put_bucket_versioning(Bucket='reports-{account}', VersioningConfiguration={{'Status': 'Enabled'}})\n\
             topic = sns.create_topic(Name='governance')['TopicArn']\n\
             def queue(name):\n \
             url = sqs.create_queue(QueueName=name)['QueueUrl']\n \
             allow = {{'Effect': 'Allow', 'Principal': '*', 'Action': 'sqs:SendMessage', 'Resource': '*'}}\n \
             policy = json.dumps({{'Version': '2012-10-17', 'Statement': [allow]}})\n \
             sqs.set_queue_attributes(QueueUrl=url, Attributes={{'Policy': policy}})\n \
             return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=['QueueArn'])['Attributes']['QueueArn']\n\
             sns.subscribe(TopicArn=topic, Protocol='sqs', Endpoint=queue('messages'))\n\
             sns.subscribe(TopicArn=topic, Protocol='http', Endpoint='{url}/subscriber')\n\
             sns.subscribe(TopicArn=topic, Protocol='email', Endpoint='{account}@bank.example')\n\
             urllib.request.urlopen(urllib.request.Request('{emulator}/_countersign/sns/confirm', \
             data=json.dumps({{'topic': topic}}).encode(), method='POST'))\n\
             events.create_event_bus(Name='governance')\n\
             events.put_rule(Name='all', EventBusName='governance', EventPattern=json.dumps({{'source': ['countersign']}}))\n\
             events.put_targets(Rule='all', EventBusName='governance', Targets=[{{'Id': '1', 'Arn': queue('events')}}])\n\
             client('secretsmanager').create_secret(Name='hook', \
             SecretString=json.dumps({{'url': '{url}/hook/hunter2', 'key': 'hunter3'}}))\n\
             client('ssm').put_parameter(Name='/countersign/slack', Type='SecureString', Value='{url}/slack/hunter2')\n",
            url = hooks.url,
            emulator = bank.emulator,
        ));
        Self { bank, hooks }
    }

    /// The target of a kind.
    pub fn target(&self, kind: &str) -> String {
        let account = &self.bank.account;
        match kind {
            "s3" => format!("s3://reports-{account}/reports"),
            "history" => format!("history:s3://reports-{account}/tables"),
            "security-lake" => format!("security-lake:s3://reports-{account}/lake"),
            "sns" => format!("arn:aws:sns:us-east-1:{account}:governance"),
            "slack" => "slack:/countersign/slack".to_owned(),
            "webhook" => "webhook:hook".to_owned(),
            "events" => "events:governance".to_owned(),
            "folder" => "./shelf".to_owned(),
            other => other.to_owned(),
        }
    }

    /// One of every kind that needs no Security Hub.
    pub fn targets(&self) -> Vec<String> {
        ["s3", "sns", "slack", "webhook", "events", "metrics", "history", "security-lake", "folder"]
            .map(|kind| self.target(kind))
            .to_vec()
    }

    pub fn python(&self, script: &str) -> String {
        self.bank.python(script)
    }

    /// What lies in the bucket, by key; text with its body.
    pub fn objects(&self) -> BTreeMap<String, Value> {
        let bucket = format!("reports-{}", self.bank.account);
        let all = self.bank.json(&format!(
            "s3 = client('s3')\nall = {{}}\n\
             for item in s3.list_objects_v2(Bucket='{bucket}').get('Contents', []):\n \
             it = s3.get_object(Bucket='{bucket}', Key=item['Key'])\n \
             body = it['Body'].read()\n \
             all[item['Key']] = {{k: it.get(k) for k in ('ContentType', 'ServerSideEncryption', 'SSEKMSKeyId')}}\n \
             all[item['Key']]['Body'] = body.decode() if item['Key'].endswith('latest.json') else len(body)\n\
             print(json.dumps(all))"
        ));
        serde_json::from_value(all).expect("objects by key")
    }

    /// Every version of every object.
    pub fn versions(&self) -> Vec<String> {
        let bucket = format!("reports-{}", self.bank.account);
        let script = format!(
            "print(json.dumps([f\"{{it['Key']}} {{it['VersionId']}}\" for it in \
             client('s3').list_object_versions(Bucket='{bucket}')['Versions']]))"
        );
        serde_json::from_value(self.bank.json(&script)).expect("versions")
    }

    /// The message that the topic's queue received; there is one.
    pub fn message(&self) -> Value {
        let all = self.queue("messages", 1);
        assert_eq!(all.len(), 1, "one message a run");
        all.into_iter().next().expect("a message")
    }

    /// The events that the bus's queue received, at least so many.
    pub fn events(&self, least: usize) -> Vec<Value> {
        self.queue("events", least)
    }

    /// Reads a queue until so many messages are there.
    fn queue(&self, name: &str, least: usize) -> Vec<Value> {
        let script = format!(
            "sqs = client('sqs')\nurl, all = sqs.get_queue_url(QueueName='{name}')['QueueUrl'], []\n\
             for _ in range(60):\n \
             got = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1).get('Messages', [])\n \
             for it in got:\n  \
             all.append(json.loads(it['Body']))\n  \
             sqs.delete_message(QueueUrl=url, ReceiptHandle=it['ReceiptHandle'])\n \
             if len(all) >= {least} and not got: break\n\
             print(json.dumps(all))"
        );
        serde_json::from_value(self.bank.json(&script)).expect("messages")
    }

    /// What a mail says, and its subject.
    pub fn plain_text(&self) -> (String, String) {
        let subject = self.message()["Subject"].as_str().expect("a subject").to_owned();
        let mails = self.bank.json(&format!(
            "import time\n\
             def mine():\n \
             all = json.load(urllib.request.urlopen('{}/_aws/ses'))['messages']\n \
             return [it['Body']['text_part'] for it in all if it['Destination']['ToAddresses'] == ['{}@bank.example']]\n\
             for _ in range(50):\n \
             if mine(): break\n \
             time.sleep(0.2)\n\
             print(json.dumps(mine()))",
            self.bank.emulator, self.bank.account
        ));
        let mails: Vec<String> = serde_json::from_value(mails).expect("texts");
        assert_eq!(mails.len(), 1, "one mail a run: {mails:?}");
        (mails.concat(), subject)
    }

    /// The notifications that the subscriber on loopback heard of.
    pub fn heard(&self) -> Vec<Value> {
        let heard = self.hooks.requests("/subscriber").into_iter();
        let notes = heard
            .filter(|(headers, _)| headers.get("x-amz-sns-message-type").is_some_and(|kind| kind == "Notification"));
        notes.map(|(_, body)| serde_json::from_slice(&body).expect("JSON")).collect()
    }
}

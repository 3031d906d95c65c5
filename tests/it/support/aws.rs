//! AWS as a test speaks to it: boto3 behind a pipe, so that a call is one line.

use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Child, python, root};

/// One account and region of the emulator. Panics where a call is refused; [`Aws::tried`] does not.
pub struct Aws {
    pub account: String,
    asked: ChildStdin,
    answers: BufReader<ChildStdout>,
    _child: Child,
}

impl Aws {
    pub fn new(endpoint: &str, account: &str) -> Self {
        let mut child = Command::new(python())
            .arg(root("tests/tools/aws.py"))
            .arg(account)
            .env("AWS_ENDPOINT_URL", endpoint)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let (asked, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Self { account: account.to_owned(), asked, answers, _child: Child(child) }
    }

    /// The answer, or an object with `refused` and `message`.
    pub fn tried(&mut self, service: &str, call: &str, with: &Value) -> Value {
        writeln!(self.asked, "{}", json!([service, call, with, true])).expect("Python listens");
        let mut line = String::new();
        self.answers.read_line(&mut line).expect("Python answers");
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("{service} {call} has no answer"))
    }

    pub fn call(&mut self, service: &str, call: &str, with: &Value) -> Value {
        let answer = self.tried(service, call, with);
        assert!(answer.get("refused").is_none(), "{service} {call}: {answer}");
        answer
    }

    /// Calls until the answer holds what is waited for; panics with the last answer after so long.
    pub fn until(
        &mut self,
        seconds: u64,
        service: &str,
        call: &str,
        with: &Value,
        holds: impl Fn(&Value) -> bool,
    ) -> Value {
        let begun = Instant::now();
        loop {
            let answer = self.tried(service, call, with);
            if holds(&answer) {
                return answer;
            }
            assert!(begun.elapsed() < Duration::from_secs(seconds), "{service} {call}: still {answer}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The keys of a bucket below a prefix, sorted.
    pub fn keys(&mut self, bucket: &str, prefix: &str) -> Vec<String> {
        let answer = self.call("s3", "list_objects_v2", &json!({"Bucket": bucket, "Prefix": prefix}));
        let contents = answer["Contents"].as_array().cloned().unwrap_or_default();
        contents.iter().map(|object| object["Key"].as_str().unwrap().to_owned()).collect()
    }

    /// A JSON document of a bucket.
    pub fn json(&mut self, bucket: &str, key: &str) -> Value {
        let answer = self.call("s3", "get_object", &json!({"Bucket": bucket, "Key": key}));
        serde_json::from_str(answer["Body"].as_str().unwrap()).unwrap_or_else(|error| panic!("{key}: {error}"))
    }
}

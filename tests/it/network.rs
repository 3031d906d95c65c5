//! Networks as companies have them: a proxy that intercepts TLS with an authority of its own.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use crate::emulator_or_skip;
use crate::support::report::Report;
use crate::support::{Child, countersign, fast_policy, fresh_account, parts, python, root, run, seed};

/// Starts the intercepting proxy; returns its port and what it prints from then on.
pub fn intercepting_proxy(endpoint: &str, authority: &std::path::Path) -> (Child, u16, mpsc::Receiver<String>) {
    let mut child = Command::new(python())
        .arg(root("tests/tools/tls_proxy.py"))
        .args(["--to", endpoint, "--ca"])
        .arg(authority)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the proxy starts");
    let stdout = child.stdout.take().expect("a pipe");
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let first = receiver.recv_timeout(Duration::from_secs(20)).expect("the proxy listens");
    let port = first.strip_prefix("listening on ").and_then(|port| port.parse().ok()).expect("a port");
    (Child(child), port, receiver)
}

fn through(port: u16, account: &str, arguments: &[&str]) -> Command {
    let mut command = countersign(arguments);
    command
        .env("HTTPS_PROXY", format!("http://127.0.0.1:{port}"))
        .env("AWS_ACCESS_KEY_ID", account)
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1");
    command
}

#[test]
fn an_estate_behind_an_intercepting_proxy_is_read_with_its_authority_and_refused_without() {
    let endpoint = emulator_or_skip!();
    let account = fresh_account();
    seed(endpoint, "many", &account, &["--size", "3", "--live-clock"]);
    let folder = tempfile::tempdir().expect("a folder");
    let authority = folder.path().join("ca.pem");
    let (_proxy, port, seen) = intercepting_proxy(endpoint, &authority);

    let out = folder.path().join("trusted").display().to_string();
    let arguments = ["run", "--region", "us-east-1", "--policy", &fast_policy(), "--out", &out];
    let mut command = through(port, &account, &arguments);
    command.env("AWS_CA_BUNDLE", &authority);
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    assert_eq!(Report::in_folder(&folder.path().join("trusted")).verdicts().len(), 3);
    let hosts: Vec<String> = seen.try_iter().collect();
    assert!(hosts.iter().any(|host| host.contains("sagemaker.us-east-1.amazonaws.com")), "{hosts:?}");

    let out = folder.path().join("refused").display().to_string();
    let arguments = ["run", "--region", "us-east-1", "--policy", &fast_policy(), "--out", &out];
    let (code, _, stderr) = parts(&run(through(port, &account, &arguments)));
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("AWS_CA_BUNDLE"), "the error says what to do: {stderr}");
    assert!(!folder.path().join("refused").exists(), "nothing is half-written");
}

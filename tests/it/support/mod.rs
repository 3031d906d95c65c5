//! What the integration tests share.

pub mod aws;
#[path = "../../../src/report/sample/hostile.rs"]
pub mod hostile;
pub mod http;
pub mod image;
pub mod replay;
pub mod report;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// The binary under test, in an environment with nothing of the machine's AWS set-up.
pub fn countersign(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    for name in ["PATH", "HOME", "TMPDIR", "LLVM_PROFILE_FILE"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    // No profile of the machine, and no look for instance credentials.
    command
        .env("AWS_CONFIG_FILE", "/nonexistent/config")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent/credentials")
        .env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

/// The same, speaking to an endpoint as an account.
pub fn against(endpoint: &str, account: &str, arguments: &[&str]) -> Command {
    let mut command = countersign(arguments);
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", account)
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1");
    command
}

/// Runs a command to its end.
pub fn run(mut command: Command) -> Output {
    command.output().expect("the command starts")
}

/// Exit code, standard output and standard error of a finished command.
pub fn parts(output: &Output) -> (i32, String, String) {
    (
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

/// A file of the repository.
pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A policy that reads as fast as it may: loopback has no quotas.
pub fn fast_policy() -> String {
    root("tests/scenarios/pace.toml").display().to_string()
}

/// The emulator that `tests/run` started, if it did.
pub fn emulator() -> Option<&'static str> {
    static URL: OnceLock<Option<String>> = OnceLock::new();
    URL.get_or_init(|| std::env::var("COUNTERSIGN_EMULATOR_URL").ok()).as_deref()
}

/// The emulator; without one the test says aloud that it is skipped, or fails where `tests/run` promised one.
#[macro_export]
macro_rules! emulator_or_skip {
    () => {
        match $crate::support::emulator() {
            Some(url) => url,
            None => {
                $crate::support::skip("no emulator; `tests/run` starts one");
                return;
            }
        }
    };
}

/// Says aloud that a test is skipped; where everything is promised to be there, fails instead.
pub fn skip(why: &str) {
    assert!(std::env::var_os("COUNTERSIGN_REQUIRE_ALL").is_none(), "may not be skipped here: {why}");
    eprintln!("skipped: {why}");
}

/// Whether a program is on the PATH.
pub fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// An account that no other test uses.
pub fn fresh_account() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let process = u64::from(std::process::id()) % 1_000_000;
    format!("{:012}", 200_000_000_000 + process * 1_000 + NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The account of the registry beside that of a bank's estate: see `localstack/estates/bank_evidence.py`.
pub fn registry_of(account: &str) -> String {
    format!("7{}", &account[1..])
}

/// The Python of the emulator's environment, which has boto3 and cryptography.
pub fn python() -> PathBuf {
    std::env::var_os("COUNTERSIGN_EMULATOR_PYTHON").map_or_else(|| PathBuf::from("python3"), PathBuf::from)
}

/// A program of the environment that `tests/tools/install` makes, such as `python`; without it the test says aloud that
/// it is skipped, or fails where `tests/run` promised it.
pub fn validator(program: &str) -> Option<PathBuf> {
    validator_file(&format!("bin/{program}"))
}

/// The same for any file of it.
pub fn validator_file(path: &str) -> Option<PathBuf> {
    let home = std::env::var_os("COUNTERSIGN_VALIDATORS");
    let path = home.map_or_else(|| root("localstack/.state/validators"), PathBuf::from).join(path);
    if !path.exists() {
        skip(&format!("no `{}`; `tests/tools/install` installs it", path.display()));
        return None;
    }
    Some(path)
}

/// Seeds an estate into an account of the emulator and returns the truth that the seeder wrote.
pub fn seed(endpoint: &str, estate: &str, account: &str, more: &[&str]) -> serde_json::Value {
    let folder = tempfile::tempdir().expect("a folder");
    let truth = folder.path().join("truth.json");
    let output = Command::new(python())
        .arg(root("localstack/seed.py"))
        .args([estate, "--account", account, "--truth"])
        .arg(&truth)
        .args(more)
        .env("AWS_ENDPOINT_URL", endpoint)
        .output()
        .expect("the seeder starts");
    assert!(output.status.success(), "seeding {estate}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&std::fs::read(&truth).expect("a truth file")).expect("the truth is JSON")
}

/// A running child that ends with the test.
pub struct Child(pub std::process::Child);

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

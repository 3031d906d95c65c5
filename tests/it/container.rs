//! The container image: what is in it, and a run in it as a scheduler starts one.

use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::mpsc;
use std::time::Duration;

use serde_json::json;

use crate::emulator_or_skip;
use crate::network::intercepting_proxy;
use crate::support::http::{Response, serve};
use crate::support::image::{Image, NOBODY};
use crate::support::report::Report;
use crate::support::{countersign, fast_policy, fresh_account, parts, run, seed};

/// Every file below a folder, from there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found
}

#[test]
fn the_image_holds_the_binary_and_what_it_loads() {
    let Some(image) = Image::built() else { return };
    let name = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    let found: BTreeSet<String> = files(&image.rootfs).iter().map(name).collect();
    let plain = ["LICENSE", "ca-certificates.crt", "countersign", "group", "nsswitch.conf", "passwd"];
    let (rest, libraries): (Vec<_>, Vec<_>) = found.into_iter().partition(|name| plain.contains(&name.as_str()));
    assert_eq!(rest, plain, "nothing else, and no shell");
    assert!(!libraries.is_empty() && libraries.iter().all(|name| name.contains(".so")), "{libraries:?}");

    for path in files(&image.rootfs) {
        let at = std::fs::metadata(&path).expect("a file");
        assert_eq!((at.uid(), at.mode() & 0o6022), (0, 0), "{}: root's, and written by nobody else", path.display());
    }
    let config = &image.config;
    assert_eq!((&config["User"], &config["WorkingDir"]), (&json!("65532:65532"), &json!("/out")));
    assert_eq!(config["Entrypoint"], json!(["/countersign"]));
    assert_eq!(config["Labels"]["org.opencontainers.image.version"], env!("CARGO_PKG_VERSION"));

    let (code, stdout, stderr) = parts(&run(image.container().command(&["--help"])));
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("Usage: countersign"), "{stdout}");
}

#[test]
fn a_run_in_a_container_writes_to_its_volume_and_nowhere_else() {
    let endpoint = emulator_or_skip!();
    let Some(image) = Image::built() else { return };
    let account = fresh_account();
    seed(endpoint, "many", &account, &["--size", "3", "--live-clock"]);
    let pace = std::fs::read_to_string(fast_policy()).expect("a pace");
    let container = image.container().against(endpoint).with_keys_of(&account);
    // The policy is found where the process works: on the volume.
    let container = container.with_volume_file("countersign.toml", &pace);

    let arguments = ["run", "--out", "report", "--archive", "archive", "--require-complete", "--fail-on", "critical"];
    let (code, stdout, stderr) = parts(&run(container.command(&arguments)));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    let volume = container.volume.path();
    assert_eq!(Report::in_folder(&volume.join("report")).verdicts().len(), 3);
    for path in files(&volume.join("report")).iter().chain(&files(&volume.join("archive"))) {
        let at = std::fs::metadata(path).expect("a file");
        assert_eq!((at.uid(), at.gid()), (NOBODY, NOBODY), "{}", path.display());
    }
    let archive = volume.join("archive").display().to_string();
    let (code, stdout, stderr) = parts(&run(countersign(&["archive", "verify", &archive])));
    assert_eq!(code, 0, "{stdout}\n{stderr}");

    let (code, _, stderr) = parts(&run(container.command(&["run", "--out", "report", "--fail-on", "high"])));
    assert_eq!(code, 1, "the exit code reaches the scheduler: {stderr}");

    for place in ["/report", "/tmp/report"] {
        let (code, _, stderr) = parts(&run(container.command(&["demo", "--out", place])));
        assert_eq!(code, 2, "{stderr}");
        assert!(stderr.contains("Read-only file system"), "{place}: {stderr}");
    }
}

/// Amazon ECS and EKS Pod Identity hand out the task's role at an address, against a token in a file. They end a task by a
/// signal, and kill it later.
#[test]
fn a_task_with_a_role_that_is_told_to_end_reports_what_it_read() {
    let endpoint = emulator_or_skip!();
    let Some(image) = Image::built() else { return };
    let account = fresh_account();
    seed(endpoint, "many", &account, &["--size", "3", "--live-clock"]);
    let keys =
        json!({ "AccessKeyId": account, "SecretAccessKey": "test", "Token": "", "Expiration": "2999-01-01T00:00:00Z" });
    let (sender, asked) = mpsc::channel();
    let address = serve(move |request| {
        drop(sender.send(format!("{} {}", request.method, request.path)));
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Response { status: 200, headers, body: keys.to_string().into_bytes() }
    });
    let container = image
        .container()
        .against(endpoint)
        .with_volume_file("token", "a token")
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{address}/v1/credentials"))
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/out/token");

    // At the usual pace, the events alone take longer than ten seconds.
    let mut command = container.command(&["run", "--out", "report"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the container starts");
    let first = asked.recv_timeout(Duration::from_mins(1)).expect("the role's keys are asked for");
    assert_eq!(first, "GET /v1/credentials");
    std::thread::sleep(Duration::from_secs(2));
    container.terminate(&child);

    let (code, stdout, stderr) = parts(&child.wait_with_output().expect("the container ends"));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    assert!(stderr.contains("stopping: what was read is kept"), "{stderr}");
    let report = Report::in_folder(&container.volume.path().join("report"));
    assert!(report.gap_actions().contains("cloudtrail:LookupEvents"), "{:?}", report.gap_actions());
}

#[test]
fn certificate_authorities_are_those_of_the_image() {
    let endpoint = emulator_or_skip!();
    let Some(image) = Image::built() else { return };
    let account = fresh_account();
    seed(endpoint, "empty", &account, &["--live-clock"]);
    let folder = tempfile::tempdir().expect("a folder");
    let authority = folder.path().join("ca.pem");
    let (_proxy, port, seen) = intercepting_proxy(endpoint, &authority);
    let pace = std::fs::read_to_string(fast_policy()).expect("a pace");
    let through = || {
        let container = image.container().with_keys_of(&account).with_volume_file("countersign.toml", &pace);
        container.env("HTTPS_PROXY", &format!("http://127.0.0.1:{port}")).env("AWS_REGION", "us-east-1")
    };

    let (code, _, stderr) = parts(&run(through().command(&["run", "--out", "report"])));
    assert_eq!(code, 2, "an authority that the image does not have: {stderr}");
    let container = through().with_file(&authority, "/etc/ssl/certs/ca-certificates.crt");
    let (code, stdout, stderr) = parts(&run(container.command(&["run", "--out", "report"])));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    assert!(seen.try_iter().any(|host| host.contains("sagemaker.us-east-1.amazonaws.com")));
}

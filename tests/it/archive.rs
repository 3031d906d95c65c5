//! The archive as an operator meets it: runs that keep what they saw, commands that look at it, and what happens when
//! somebody tampers with it or it cannot be written. In a folder against the recorded estate, in a bucket on the emulator.

use std::path::Path;
use std::process::Command;

use crate::emulator_or_skip;
use crate::support::replay::Recording;
use crate::support::{against, countersign, fast_policy, fresh_account, parts, python, run};

const AS_OF: &str = "1795165200"; // 2026-11-20T09:00:00Z

/// Runs against an endpoint with this archive.
fn archiving(endpoint: &str, account: &str, out: &Path, archive: &str) -> (i32, String, String) {
    let (policy, out) = (fast_policy(), out.display().to_string());
    let mut command = against(
        endpoint,
        account,
        &["run", "--region", "us-east-1", "--policy", &policy, "--out", &out, "--format", "json", "--archive", archive],
    );
    command.env("SOURCE_DATE_EPOCH", AS_OF);
    parts(&run(command))
}

fn archive(arguments: &[&str]) -> (i32, String, String) {
    parts(&run(countersign(&[&["archive"], arguments].concat())))
}

#[test]
fn runs_keep_what_they_saw_and_the_commands_show_it() {
    let (endpoint, _) = Recording::load("bank").serve(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let (out, kept) = (folder.path().join("out"), folder.path().join("kept"));
    let place = kept.display().to_string();
    let (code, stdout, stderr) = archiving(&endpoint, "111122223333", &out, &place);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("Archived:") && stdout.contains("the archive begins with it"), "{stdout}");
    let (code, stdout, stderr) = archiving(&endpoint, "111122223333", &out, &place);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("entry 2"), "{stdout}");
    let head = stdout.lines().find_map(|line| line.trim().strip_prefix("sha256:")).expect("a hash").to_owned();

    let (code, stdout, stderr) = archive(&["verify", &place, "--head", &format!("sha256:{head}")]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("2 entries") && stdout.ends_with("sound\n"), "{stdout}");
    let (code, stdout, _) = archive(&["list", &place, "--format", "jsonl"]);
    assert_eq!((code, stdout.lines().count()), (0, 2));
    let last: serde_json::Value = serde_json::from_str(stdout.lines().last().expect("a line")).expect("JSON");
    assert_eq!((last["number"].as_u64(), last["hash"].as_str()), (Some(2), Some(format!("sha256:{head}").as_str())));

    // The saved snapshot gives the second report again, without the archive.
    let report = || std::fs::read(out.join("report.json")).expect("a report");
    let (before, policy) = (report(), fast_policy());
    let (snapshot, out) = (out.join("snapshot.json.zst").display().to_string(), out.display().to_string());
    std::fs::rename(&kept, folder.path().join("elsewhere")).expect("moved");
    let again = countersign(&["assess", &snapshot, "--policy", &policy, "--out", &out, "--format", "json"]);
    assert_eq!(parts(&run(again)).0, 0);
    assert!(report() == before);
}

#[test]
fn what_was_tampered_with_is_told_by_name() {
    let (endpoint, _) = Recording::load("bank").serve(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let kept = folder.path().join("kept");
    let place = kept.display().to_string();
    for _ in 0..3 {
        assert_eq!(archiving(&endpoint, "111122223333", &folder.path().join("out"), &place).0, 0);
    }
    std::fs::remove_file(kept.join("entries/000000000002.json")).expect("removed");
    let (code, stdout, _) = archive(&["verify", &place]);
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.contains("DAMAGED") && stdout.contains("entry 2 is missing"), "{stdout}");
    assert_eq!(archive(&["list", &place]).0, 1);
    // A run says so twice: what it cannot remember is a gap, what it may not add to is a sink that failed.
    let (code, _, stderr) = archiving(&endpoint, "111122223333", &folder.path().join("out"), &place);
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("not archived") && stderr.contains("name another location"), "{stderr}");
    let report = std::fs::read_to_string(folder.path().join("out/report.json")).expect("the report all the same");
    assert!(report.contains("archive:Read"));
}

#[test]
fn an_archive_that_cannot_be_written_leaves_the_report() {
    let (endpoint, _) = Recording::load("bank").serve(&[]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("a file");
    let out = folder.path().join("out");
    let (code, _, stderr) = archiving(&endpoint, "111122223333", &out, &file.join("kept").display().to_string());
    assert_eq!(code, 4, "{stderr}");
    assert!(out.join("report.json").exists() && stderr.contains("not archived"), "{stderr}");
    let (code, _, stderr) = archive(&["verify", &folder.path().join("nowhere").display().to_string()]);
    assert_eq!(code, 2);
    assert!(stderr.contains("is no folder"), "{stderr}");
}

/// Speaks to S3 of the emulator as an account.
fn s3(endpoint: &str, account: &str, script: &str) -> String {
    let mut command = Command::new(python());
    command
        .args(["-c", &format!("import boto3\ns3 = boto3.client('s3', region_name='us-east-1')\n{script}")])
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_ACCESS_KEY_ID", account)
        .env("AWS_SECRET_ACCESS_KEY", "test");
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stderr}");
    stdout
}

/// The same commands, reading a bucket.
fn archive_of(endpoint: &str, account: &str, arguments: &[&str]) -> (i32, String, String) {
    parts(&run(against(endpoint, account, &[&["archive"], arguments].concat())))
}

#[test]
fn a_bucket_keeps_an_archive_as_a_folder_does() {
    let endpoint = emulator_or_skip!();
    let account = fresh_account();
    let (folder, bucket) = (tempfile::tempdir().expect("a folder"), format!("evidence-{account}"));
    s3(endpoint, &account, &format!("s3.create_bucket(Bucket='{bucket}', ObjectLockEnabledForBucket=True)"));
    let place = format!("s3://{bucket}/countersign");
    // Two runs at once: both want the first entry, and both are kept.
    std::thread::scope(|scope| {
        for name in ["a", "b"] {
            let (place, account, out) = (&place, &account, folder.path().join(name));
            scope.spawn(move || {
                let (code, stdout, stderr) = archiving(endpoint, account, &out, place);
                assert_eq!(code, 0, "{stdout}{stderr}");
            });
        }
    });
    let (code, stdout, stderr) = archive_of(endpoint, &account, &["verify", &place]);
    assert_eq!(code, 0, "{stdout}{stderr}");
    assert!(stdout.contains("2 entries") && stdout.ends_with("sound\n"), "{stdout}");
    s3(
        endpoint,
        &account,
        &format!("s3.put_object(Bucket='{bucket}', Key='countersign/entries/000000000001.json', Body=b'{{}}')"),
    );
    let (code, stdout, _) = archive_of(endpoint, &account, &["verify", &place]);
    assert_eq!(code, 1);
    assert!(stdout.contains("entry 1 is not what its seal says"), "{stdout}");
}

#[test]
fn what_is_written_is_locked_for_as_long_as_the_policy_says() {
    let endpoint = emulator_or_skip!();
    let account = fresh_account();
    let (folder, bucket) = (tempfile::tempdir().expect("a folder"), format!("locked-{account}"));
    s3(endpoint, &account, &format!("s3.create_bucket(Bucket='{bucket}', ObjectLockEnabledForBucket=True)"));
    let policy = folder.path().join("policy.toml");
    let text = std::fs::read_to_string(fast_policy()).expect("a policy");
    let archive = format!("[archive]\nlocation = \"s3://{bucket}\"\nretain_days = 400\nretention = \"governance\"\n");
    std::fs::write(&policy, text + "\n" + &archive).expect("a policy");
    let (policy, out) = (policy.display().to_string(), folder.path().join("out").display().to_string());
    let command = against(
        endpoint,
        &account,
        &["run", "--region", "us-east-1", "--policy", &policy, "--out", &out, "--format", "json"],
    );
    let (code, stdout, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stdout}{stderr}");
    let locks = s3(
        endpoint,
        &account,
        &format!(
            "import datetime\nsoon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=390)\n\
             for item in s3.list_objects_v2(Bucket='{bucket}')['Contents']:\n \
             lock = s3.get_object_retention(Bucket='{bucket}', Key=item['Key'])['Retention']\n \
             print(lock['Mode'], lock['RetainUntilDate'] > soon)"
        ),
    );
    assert!(locks.lines().count() > 3 && locks.lines().all(|line| line == "GOVERNANCE True"), "{locks}");
}

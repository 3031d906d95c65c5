//! Evidence packs as an operator meets them: made from a run's snapshot, signed by a local key or one in KMS, checked
//! offline.

use std::path::Path;
use std::process::Command;

use crate::emulator_or_skip;
use crate::support::{against, countersign, fresh_account, parts, python, root, run, skip};

const LIVE: &str = "variant/fraud-screening/AllTraffic";

/// The arguments of `evidence` about one version of the recorded bank.
fn evidence(folder: &Path) -> Vec<String> {
    let path = |path: &Path| path.display().to_string();
    let (from, policy) = (root("src/cli/demo/bank.snapshot.json.zst"), root("src/cli/demo/bank.toml"));
    let mut arguments: Vec<String> = ["evidence", LIVE, "--from"].map(str::to_owned).into();
    arguments.extend([
        path(&from),
        "--policy".to_owned(),
        path(&policy),
        "--out".to_owned(),
        path(&folder.join("p.zip")),
    ]);
    arguments
}

fn ended(arguments: &[String]) -> (i32, String, String) {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    parts(&run(countersign(&arguments)))
}

fn verify(folder: &Path, more: &[&str]) -> (i32, String, String) {
    let pack = folder.join("p.zip").display().to_string();
    parts(&run(countersign(&[&["verify", &pack], more].concat())))
}

#[test]
fn an_unsigned_pack_is_checked_against_the_digest_that_was_printed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, stdout, stderr) = ended(&evidence(folder.path()));
    assert_eq!(code, 0, "{stderr}");
    let digest = stdout.lines().find_map(|line| line.trim().strip_prefix("sha256 ")).expect("a digest").to_owned();
    let (code, stdout, _) = verify(folder.path(), &["--digest", &digest]);
    assert!(code == 0 && stdout.contains("judged again with the same result"), "{stdout}");
    let (code, stdout, _) = verify(folder.path(), &[]);
    assert!(code == 1 && stdout.contains("--digest"), "{stdout}");
}

#[test]
fn a_pack_signed_by_a_key_of_openssl_verifies_and_a_changed_byte_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let openssl = |arguments: &[&str]| Command::new("openssl").args(arguments).output();
    let made = openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", &path("k.pem")]);
    if !made.is_ok_and(|output| output.status.success()) {
        return skip("openssl makes no key");
    }
    let public = openssl(&["pkey", "-in", &path("k.pem"), "-pubout", "-out", &path("k.pub.pem")]);
    assert!(public.expect("openssl").status.success());
    let mut arguments = evidence(folder.path());
    arguments.extend(["--sign-key".to_owned(), path("k.pem")]);
    let (code, _, stderr) = ended(&arguments);
    assert_eq!(code, 0, "{stderr}");
    let (code, stdout, _) = verify(folder.path(), &["--public-key", &path("k.pub.pem")]);
    assert!(code == 0 && stdout.contains("by the key that was asked for"), "{stdout}");

    let pack = folder.path().join("p.zip");
    let mut bytes = std::fs::read(&pack).expect("the pack");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&pack, bytes).expect("written");
    let (code, stdout, _) = verify(folder.path(), &["--public-key", &path("k.pub.pem")]);
    assert!(code == 1 && stdout.starts_with("NOT VERIFIED") && stdout.contains('`'), "{stdout}");
}

#[test]
fn what_cannot_be_packed_or_read_is_said_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut arguments = evidence(folder.path());
    arguments[1] = "no-such-version".to_owned();
    let (code, _, stderr) = ended(&arguments);
    assert!(code == 2 && stderr.contains("`no-such-version`"), "{stderr}");
    let mut arguments = evidence(folder.path());
    arguments.extend(["--sign-key".to_owned(), root("Cargo.toml").display().to_string()]);
    let (code, _, stderr) = ended(&arguments);
    assert!(code == 2 && stderr.contains("PKCS#8"), "{stderr}");
    assert!(!folder.path().join("p.zip").exists());
    let (code, _, stderr) = verify(folder.path(), &[]);
    assert!(code == 2 && stderr.contains("cannot read pack") && stderr.contains("No such file"), "{stderr}");
}

const MAKE_KEY: &str = "
import boto3, sys
kms = boto3.client('kms', endpoint_url=sys.argv[1], region_name='us-east-1', aws_access_key_id=sys.argv[2], aws_secret_access_key='x')
print(kms.create_key(KeyUsage='SIGN_VERIFY', KeySpec=sys.argv[3])['KeyMetadata']['Arn'])
";

#[test]
fn a_key_in_kms_signs() {
    let emulator = emulator_or_skip!();
    for spec in ["ECC_NIST_P256", "RSA_2048"] {
        let (folder, account) = (tempfile::tempdir().expect("a folder"), fresh_account());
        let key = Command::new(python()).args(["-c", MAKE_KEY, emulator, &account, spec]).output().expect("python");
        assert!(key.status.success(), "{}", String::from_utf8_lossy(&key.stderr));
        let key = String::from_utf8(key.stdout).expect("an ARN").trim().to_owned();
        let mut arguments = evidence(folder.path());
        arguments.extend(["--sign-kms".to_owned(), key, "--region".to_owned(), "us-east-1".to_owned()]);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (code, stdout, stderr) = parts(&run(against(emulator, &account, &arguments)));
        assert!(code == 0 && stdout.contains("signed by key"), "{spec}: {stderr}");
        let (code, stdout, _) = verify(folder.path(), &[]);
        assert!(code == 0 && stdout.contains("by key "), "{spec}: {stdout}");
    }
}

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::statement::sha256;
use super::*;
use crate::estate::fixture::*;
use crate::evidence::{ApprovalStatus, FactKind, Package, Snapshot};
use crate::policy::{Dates, Policy};

const TOOL: &str = "countersign 0.0.1";

fn id(fixture: &Fixture) -> String {
    fixture.estate().live[0].id.clone()
}

fn request<'a>(snapshot: &'a Snapshot, policy: &'a Policy, id: &'a str, tool: &'a str) -> Request<'a> {
    Request { snapshot, policy, policy_text: None, as_of: snapshot.as_of, id, tool, signer: None }
}

/// A pack of the first live version, made by this version of the tool.
fn packed(fixture: &Fixture, signer: Option<&dyn Signer>) -> Made {
    let (id, tool) = (id(fixture), crate::run::tool());
    make(&Request { signer, ..request(&fixture.snapshot, &fixture.policy, &id, &tool) }).unwrap()
}

/// A key that OpenSSL's command would make: PKCS#8 in PEM.
fn local_key(folder: &std::path::Path, der: &[u8]) -> LocalKey {
    use base64::Engine;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    let path = folder.join("key.pem");
    fs::write(&path, format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n")).unwrap();
    LocalKey::load(&path).unwrap()
}

fn keys(folder: &std::path::Path) -> Vec<LocalKey> {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
    let random = SystemRandom::new();
    let ed25519 = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
    let p256 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let rsa = KeyPair::generate(KeySize::Rsa2048).unwrap();
    let rsa: aws_lc_rs::encoding::Pkcs8V1Der<'_> = rsa.as_der().unwrap();
    [ed25519.as_ref(), p256.as_ref(), rsa.as_ref()].map(|der| local_key(folder, der)).into()
}

/// The sound estate under the policy that holds without a file: what is packed without a policy's text is checked against it.
fn undeclared() -> Fixture {
    Fixture::sound().without_manifest()
}

/// The bank's estate with a second endpoint that has nothing to do with the first.
fn with_stranger() -> Fixture {
    Fixture::sound()
        .with(endpoint("stranger-endpoint", "stranger-config", &[VARIANT]))
        .with(config("stranger-config", &[(VARIANT, Some("stranger-model"))]))
        .with(model("stranger-model", from_artifact("s3://ml-models/stranger/model.tar.gz", None)))
}

#[test]
fn a_pack_says_of_its_live_version_what_the_report_says() {
    for fixture in [
        Fixture::sound(),
        Fixture::sound().edit(|package: &mut Package| package.approval = Some(ApprovalStatus::Rejected)),
        Fixture::sound().hidden_all(FactKind::TrailEvents),
        with_stranger(),
    ] {
        let id = id(&fixture);
        let made = packed(&fixture, None);
        let whole = crate::run::judge(&fixture.snapshot, &fixture.policy, None);
        let live = whole.live_versions.iter().find(|live| live.id == *id).unwrap();
        assert_eq!(
            (made.claim.verdict, made.claim.version_key.as_str()),
            (live.readiness.verdict, live.version_key.as_str())
        );
        let own = |report: &crate::report::document::Report| -> Vec<(String, crate::control::Status, String)> {
            let own = report.findings.iter().filter(|row| row.subject.live_version.as_deref() == Some(&id));
            own.map(|row| (row.code.to_string(), row.status, row.reason.to_string())).collect()
        };
        let files = canonical::read(&made.bytes).unwrap();
        let packed: crate::report::document::Report = serde_json::from_slice(&files[REPORT]).unwrap();
        assert_eq!(own(&packed), own(&whole));
    }
}

#[test]
fn what_others_are_made_of_is_left_out() {
    let made = packed(&with_stranger(), None);
    let files = canonical::read(&made.bytes).unwrap();
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("stranger-endpoint"), "{name}");
    }
    assert!(files.keys().any(|name| name.starts_with("facts/packages/")) && files.contains_key("rules/APR-001.md"));
}

#[test]
fn the_same_evidence_makes_the_same_pack() {
    assert_eq!(packed(&Fixture::sound(), None).digest, packed(&Fixture::sound(), None).digest);
}

#[test]
fn a_snapshot_taken_apart_is_put_together_again() {
    let fixture = with_stranger();
    let files = facts::split(&fixture.snapshot).unwrap();
    let joined = Snapshot::from_bytes(&facts::join(&files).unwrap(), std::path::Path::new("x")).unwrap();
    assert_eq!(joined, fixture.snapshot);
}

#[test]
fn an_unsigned_pack_is_checked_against_its_digest() {
    let made = packed(&undeclared(), None);
    let digest = |digest: &str| Trust { key: None, digest: Some(digest.to_owned()) };
    let verified = verify(&made.bytes, &digest(&made.digest)).unwrap();
    assert_eq!((verified.signed_by, verified.digest.as_str()), (None, made.digest.as_str()));
    assert!(verified.findings > 20, "{}", verified.findings);
    assert_eq!(verify(&made.bytes, &Trust::default()).unwrap_err(), [Fault::Unsigned]);
    assert!(matches!(verify(&made.bytes, &digest(&"0".repeat(64))).unwrap_err()[..], [Fault::Digest { .. }]));
}

#[test]
fn each_kind_of_key_signs_and_another_does_not_do() {
    let folder = tempfile::tempdir().unwrap();
    let keys = keys(folder.path());
    for (at, key) in keys.iter().enumerate() {
        let made = packed(&undeclared(), Some(key));
        let trust = |key: &LocalKey| Trust { key: Some(key.public_key().clone()), digest: None };
        let verified = verify(&made.bytes, &trust(key)).unwrap();
        assert!(verified.trusted && verified.signed_by == Some(key.public_key().fingerprint()));
        assert!(!verify(&made.bytes, &Trust::default()).unwrap().trusted, "the pack's own key proves no owner");
        let other = &keys[(at + 1) % keys.len()];
        assert!(matches!(verify(&made.bytes, &trust(other)).unwrap_err()[..], [Fault::OtherKey { .. }]));
        let unsigned = packed(&undeclared(), None);
        assert!(verify(&unsigned.bytes, &trust(key)).unwrap_err()[0].to_string().contains("no signature"));
    }
}

#[test]
fn no_byte_of_a_signed_pack_can_be_changed_and_the_place_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let key = &keys(folder.path())[0];
    let made = packed(&Fixture::sound(), Some(key));
    let trust = Trust { key: Some(key.public_key().clone()), digest: None };
    // Every byte takes minutes; a stride that is prime to the sizes of all headers meets every kind of place.
    for at in (0..made.bytes.len()).step_by(997).chain(made.bytes.len() - 400..made.bytes.len()) {
        let mut changed = made.bytes.clone();
        changed[at] ^= 0x20;
        let faults = verify(&changed, &trust).unwrap_err();
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert!(
            told.iter().all(|fault| fault.contains('`') || fault.contains("byte ") || fault.contains("zip")),
            "{at}: {told:?}"
        );
    }
}

/// A pack with one file replaced, and hashed and put together anew by somebody without the key.
fn forged(made: &Made, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut files = canonical::read(&made.bytes).unwrap();
    change(files.get_mut(name).unwrap());
    canonical::write(&files).unwrap()
}

#[test]
fn a_changed_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let key = &keys(folder.path())[0];
    let made = packed(&Fixture::sound(), Some(key));
    let faults =
        |name: &str, change: fn(&mut Vec<u8>)| verify(&forged(&made, name, change), &Trust::default()).unwrap_err();
    for name in ["report.json", "index.html", "snapshot.json", "rules/APR-001.md", "facts/packages/0001.json"] {
        let faults = faults(name, |bytes| bytes.push(b' '));
        assert!(matches!(&faults[..], [Fault::Changed { name: named, .. }] if named == name), "{faults:?}");
    }
    assert!(faults(SIGNER, |bytes| bytes[30] ^= 1).iter().any(|fault| fault.to_string().contains("signer.pub.pem")));
    assert!(
        faults(MANIFEST, |bytes| bytes.push(b'\n'))
            .iter()
            .any(|fault| fault.to_string().contains("not around the manifest"))
    );
    assert!(
        faults(ENVELOPE, |bytes| bytes.push(b'\n'))
            .iter()
            .any(|fault| fault.to_string().contains("not around the manifest"))
    );
}

#[test]
fn whoever_hashes_anew_cannot_make_the_facts_say_something_else() {
    let rejected = Fixture::sound().edit(|package: &mut Package| package.approval = Some(ApprovalStatus::Rejected));
    let made = packed(&rejected, None);
    let mut files = canonical::read(&made.bytes).unwrap();
    let fact = files.iter().find(|(name, bytes)| {
        name.starts_with("facts/packages/") && String::from_utf8_lossy(bytes).contains("\"Rejected\"")
    });
    let name = fact.unwrap().0.clone();
    let text = String::from_utf8(files[&name].clone()).unwrap().replace("\"Rejected\"", "\"Approved\"");
    files.insert(name, text.into_bytes());
    let (manifest, envelope) = (files.remove(MANIFEST).unwrap(), files.remove(ENVELOPE).unwrap());
    drop(envelope);
    let claim = serde_json::from_slice::<statement::Statement>(&manifest).unwrap().predicate;
    let payload = facts::json(&statement::Statement::new(&files, claim)).unwrap();
    files.insert(ENVELOPE.to_owned(), facts::json(&statement::Envelope::around(&payload, Vec::new())).unwrap());
    files.insert(MANIFEST.to_owned(), payload);
    let bytes = canonical::write(&files).unwrap();
    let faults = verify(&bytes, &Trust { key: None, digest: Some(sha256(&bytes)) }).unwrap_err();
    assert!(matches!(&faults[..], [Fault::Judged(_)]), "{faults:?}");
}

#[test]
fn the_policy_travels_with_the_evidence() {
    let text = "[tags]\nrequired = [\"data-class\"]\n";
    let mut fixture = Fixture::sound();
    let today = fixture.snapshot.as_of;
    fixture.policy = Policy::parse(text, "bank.toml", &Dates { today, as_of: today }).unwrap().policy;
    let (id, tool) = (id(&fixture), crate::run::tool());
    let policy_text = PolicyText { text: text.to_owned(), today };
    let request = request(&fixture.snapshot, &fixture.policy, &id, &tool);
    let made = make(&Request { policy_text: Some(&policy_text), ..request }).unwrap();
    verify(&made.bytes, &Trust { key: None, digest: Some(made.digest.clone()) }).unwrap();
    let without = make(&request).unwrap();
    let faults = verify(&without.bytes, &Trust { key: None, digest: Some(without.digest.clone()) }).unwrap_err();
    assert_eq!(faults, [Fault::Missing(POLICY.to_owned())]);
}

#[test]
fn a_pack_of_another_version_is_held_to_its_findings_not_its_words() {
    let fixture = undeclared();
    let id = id(&fixture);
    let made = make(&request(&fixture.snapshot, &fixture.policy, &id, TOOL)).unwrap();
    let verified = verify(&made.bytes, &Trust { key: None, digest: Some(made.digest.clone()) }).unwrap();
    assert_eq!(verified.other_tool.as_deref(), Some(TOOL));
}

#[test]
fn an_unknown_live_version_is_refused_with_those_that_come_near() {
    let fixture = Fixture::sound();
    let error = make(&request(&fixture.snapshot, &fixture.policy, ENDPOINT, TOOL)).unwrap_err().to_string();
    assert!(error.contains(&id(&fixture)), "{error}");
    let error = make(&request(&fixture.snapshot, &fixture.policy, "nothing", TOOL)).unwrap_err().to_string();
    assert!(error.contains("`nothing`; `countersign assess`"), "{error}");
}

/// The envelope verifies with tools that know nothing of this one.
#[test]
fn openssl_verifies_the_signature() {
    let folder = tempfile::tempdir().unwrap();
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl is not on the PATH");
        return;
    }
    let key = &keys(folder.path())[1];
    let made = packed(&Fixture::sound(), Some(key));
    let files = canonical::read(&made.bytes).unwrap();
    let envelope: statement::Envelope = serde_json::from_slice(&files[ENVELOPE]).unwrap();
    let write = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    use base64::Engine;
    let signature = base64::engine::general_purpose::STANDARD.decode(&envelope.signatures[0].sig).unwrap();
    let signed = write("signed", &statement::pre_authentication_encoding(&files[MANIFEST]));
    let (public, signature) = (write("pub.pem", &files[SIGNER]), write("sig", &signature));
    let output = Command::new("openssl")
        .args(["dgst", "-sha256", "-verify"])
        .arg(&public)
        .arg("-signature")
        .arg(&signature)
        .arg(&signed)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn keys_that_are_none_are_refused_with_what_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.pem");
    fs::write(&path, "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n").unwrap();
    assert!(LocalKey::load(&path).unwrap_err().to_string().contains("PKCS#8"));
    assert!(PublicKey::load(&path).unwrap_err().to_string().contains("BEGIN PUBLIC KEY"));
    assert!(
        PublicKey::load(std::path::Path::new("/nowhere"))
            .unwrap_err()
            .to_string()
            .contains("cannot read key `/nowhere`")
    );
}

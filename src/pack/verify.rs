//! Checking a pack, offline and from the pack alone.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::statement::{
    Claim, Envelope, PAYLOAD_TYPE, PREDICATE_TYPE, STATEMENT_TYPE, Statement, pre_authentication_encoding, sha256,
};
use super::{ENVELOPE, Files, INDEX, MANIFEST, POLICY, PublicKey, REPORT, SIGNER, canonical, facts};
use crate::evidence::Snapshot;
use crate::policy::{Dates, Policy};
use crate::report::document::Report;
use crate::report::{Format, render};
use crate::run::judge_one;

/// What a pack is held against.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// The key that must have signed it; without one, the key in the pack, whose owner the pack cannot prove.
    pub key: Option<PublicKey>,
    /// SHA-256 of the file, as printed when it was made.
    pub digest: Option<String>,
}

/// A pack that holds.
#[derive(Clone, Debug)]
pub struct Verified {
    /// What it claims.
    pub claim: Claim,
    /// SHA-256 of the file.
    pub digest: String,
    /// Fingerprint of the key that signed it.
    pub signed_by: Option<String>,
    /// Whether that is the key that was asked for.
    pub trusted: bool,
    /// Files whose hashes hold.
    pub files: usize,
    /// Findings that came out again as they are written.
    pub findings: usize,
    /// The version that judged, where it is not this one: its words may differ, its findings do not.
    pub other_tool: Option<String>,
}

/// One thing that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is another than the one that was made.
    #[error("the file has the SHA-256 {found}, not {asked}")]
    Digest {
        /// What it has.
        found: String,
        /// What was asked for.
        asked: String,
    },
    /// The container is not a canonical zip.
    #[error("{0}")]
    Container(String),
    /// A file does not have the hash that the manifest gives.
    #[error("`{name}` is not the file that was packed: its SHA-256 is {found}, the manifest says {packed}")]
    Changed {
        /// The file.
        name: String,
        /// Its hash.
        found: String,
        /// The hash in the manifest.
        packed: String,
    },
    /// A file of the manifest is not there.
    #[error("`{0}` is missing")]
    Missing(String),
    /// A file that the manifest does not name.
    #[error("`{0}` is not in the manifest")]
    Extra(String),
    /// A file cannot be read as what it should be.
    #[error("`{name}`: {reason}")]
    Malformed {
        /// The file.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// The signature does not hold.
    #[error("`{ENVELOPE}`: the signature is not one of key {key} over `{MANIFEST}`")]
    Signature {
        /// Fingerprint of the key.
        key: String,
    },
    /// Another key signed.
    #[error("it is signed by key {found}, not by {asked}")]
    OtherKey {
        /// The key that signed.
        found: String,
        /// The key that was asked for.
        asked: String,
    },
    /// Nothing ties the pack to its maker.
    #[error("it is not signed; give the digest that was printed when it was made, with `--digest`")]
    Unsigned,
    /// The facts do not give the findings.
    #[error("judged again, {0}")]
    Judged(String),
}

/// Checks a pack. All that does not hold is told, not only the first.
///
/// # Errors
/// Everything that does not hold.
pub fn verify(bytes: &[u8], trust: &Trust) -> Result<Verified, Vec<Fault>> {
    let digest = sha256(bytes);
    let mut faults = Vec::new();
    if let Some(asked) = trust.digest.as_ref().filter(|asked| **asked != digest) {
        faults.push(Fault::Digest { found: digest.clone(), asked: asked.clone() });
    }
    let files = match canonical::read(bytes) {
        Ok(files) => files,
        Err(fault) => {
            faults.push(Fault::Container(fault.to_string()));
            return Err(faults);
        }
    };
    let statement: Statement = match read(&files, MANIFEST) {
        Ok(statement) => statement,
        Err(fault) => {
            faults.push(fault);
            return Err(faults);
        }
    };
    if statement.kind != STATEMENT_TYPE || statement.predicate_type != PREDICATE_TYPE {
        let reason = format!(
            "it is `{}` of type `{}`, not an evidence pack that this version reads",
            statement.kind, statement.predicate_type
        );
        faults.push(Fault::Malformed { name: MANIFEST.to_owned(), reason });
    }
    hashes(&files, &statement, &mut faults);
    let signed_by = signature(&files, trust, &mut faults);
    if signed_by.is_none() && trust.digest.is_none() && faults.is_empty() {
        faults.push(Fault::Unsigned);
    }
    let claim = statement.predicate;
    let judged = if faults.is_empty() { judge_again(&files, &claim) } else { Ok((0, None)) };
    match judged {
        Ok((findings, other_tool)) if faults.is_empty() => Ok(Verified {
            trusted: signed_by.is_some() && trust.key.is_some(),
            claim,
            digest,
            signed_by,
            files: files.len(),
            findings,
            other_tool,
        }),
        Ok(_) => Err(faults),
        Err(fault) => {
            faults.push(fault);
            Err(faults)
        }
    }
}

fn read<T: serde::de::DeserializeOwned>(files: &Files, name: &str) -> Result<T, Fault> {
    let bytes = files.get(name).ok_or_else(|| Fault::Missing(name.to_owned()))?;
    serde_json::from_slice(bytes).map_err(|error| Fault::Malformed { name: name.to_owned(), reason: error.to_string() })
}

/// Holds every file against the manifest.
fn hashes(files: &Files, statement: &Statement, faults: &mut Vec<Fault>) {
    let mut named: BTreeMap<&str, &str> = BTreeMap::new();
    for subject in &statement.subject {
        named.insert(&subject.name, &subject.digest.sha256);
        match files.get(&subject.name).map(|bytes| sha256(bytes)) {
            None => faults.push(Fault::Missing(subject.name.clone())),
            Some(found) if found != subject.digest.sha256 => {
                faults.push(Fault::Changed {
                    name: subject.name.clone(),
                    found,
                    packed: subject.digest.sha256.clone(),
                });
            }
            Some(_) => {}
        }
    }
    let own = [MANIFEST, ENVELOPE];
    let extra = files.keys().filter(|name| !own.contains(&name.as_str()) && !named.contains_key(name.as_str()));
    faults.extend(extra.map(|name| Fault::Extra(name.clone())));
}

/// Checks the envelope: that it is around the manifest, byte for byte, and who signed it.
fn signature(files: &Files, trust: &Trust, faults: &mut Vec<Fault>) -> Option<String> {
    let malformed = |reason: &str| Fault::Malformed { name: ENVELOPE.to_owned(), reason: reason.to_owned() };
    let envelope: Envelope = match read(files, ENVELOPE) {
        Ok(envelope) => envelope,
        Err(fault) => {
            faults.push(fault);
            return None;
        }
    };
    let payload = files.get(MANIFEST)?;
    // Written anew it must be the same: nothing in the envelope is without a meaning.
    let again =
        Envelope { payload_type: PAYLOAD_TYPE.to_owned(), ..Envelope::around(payload, envelope.signatures.clone()) };
    if facts::json(&again).ok().as_ref() != files.get(ENVELOPE) {
        faults.push(malformed("it is not around the manifest, byte for byte"));
        return None;
    }
    let signature = match envelope.signatures.as_slice() {
        [] => {
            if let Some(key) = &trust.key {
                faults.push(malformed(&format!("it holds no signature, and key {} was asked for", key.fingerprint())));
            }
            return None;
        }
        [signature] => signature,
        _ => {
            faults.push(malformed("it holds several signatures; a pack has one"));
            return None;
        }
    };
    let Some(key) = files.get(SIGNER).and_then(|pem| PublicKey::from_pem(&String::from_utf8_lossy(pem))) else {
        faults
            .push(Fault::Malformed { name: SIGNER.to_owned(), reason: "no public key that is known here".to_owned() });
        return None;
    };
    let fingerprint = key.fingerprint();
    let sig = STANDARD.decode(&signature.sig).unwrap_or_default();
    if signature.keyid != fingerprint || !key.verifies(&pre_authentication_encoding(payload), &sig) {
        faults.push(Fault::Signature { key: fingerprint });
        return None;
    }
    if let Some(asked) = trust.key.as_ref().filter(|asked| **asked != key) {
        faults.push(Fault::OtherKey { found: fingerprint, asked: asked.fingerprint() });
        return None;
    }
    Some(fingerprint)
}

/// Judges the facts of the pack again; how many findings came out as written, and by which other version they were.
fn judge_again(files: &Files, claim: &Claim) -> Result<(usize, Option<String>), Fault> {
    let malformed = |name: &str, reason: String| Fault::Malformed { name: name.to_owned(), reason };
    let bytes = facts::join(files).map_err(|reason| malformed(super::SNAPSHOT, reason))?;
    let snapshot = Snapshot::from_bytes(&bytes, Path::new("the pack"))
        .map_err(|error| malformed(super::SNAPSHOT, error.to_string()))?;
    let policy = policy(files, claim)?;
    let report = judge_one(&snapshot, &policy, Some(claim.as_of), &claim.live_version);
    let same = |name: &str, format| {
        let again = render(&report, format).map_err(|error| malformed(name, error.to_string()))?;
        Ok(files.get(name) == Some(&again))
    };
    let this = crate::run::tool();
    if claim.tool == this {
        for (name, format) in [(REPORT, Format::Json), (INDEX, Format::Html)] {
            if !same(name, format)? {
                return Err(Fault::Judged(format!("`{name}` comes out otherwise")));
            }
        }
        return Ok((report.findings.len(), None));
    }
    let written: Report = read(files, REPORT)?;
    let results = |report: &Report| -> BTreeMap<String, crate::control::Status> {
        report.findings.iter().map(|row| (row.id.to_string(), row.status)).collect()
    };
    let (before, now) = (results(&written), results(&report));
    match before.iter().find(|(id, status)| now.get(*id) != Some(status)) {
        None => Ok((before.len(), Some(claim.tool.clone()))),
        Some((id, status)) => {
            let now = now.get(id).map_or_else(|| "is not asked".to_owned(), |now| format!("is {now:?}").to_lowercase());
            Err(Fault::Judged(format!(
                "finding `{id}`, which was {} by {}, {now} by {this}",
                format!("{status:?}").to_lowercase(),
                claim.tool
            )))
        }
    }
}

fn policy(files: &Files, claim: &Claim) -> Result<Policy, Fault> {
    let malformed = |reason: String| Fault::Malformed { name: POLICY.to_owned(), reason };
    let policy = match (files.get(POLICY), &claim.policy_origin) {
        (None, None) => Policy::default(),
        (None, Some(_)) => return Err(Fault::Missing(POLICY.to_owned())),
        (Some(text), origin) => {
            let text = std::str::from_utf8(text).map_err(|error| malformed(error.to_string()))?;
            let dates = Dates { today: claim.policy_today, as_of: claim.as_of };
            let origin = origin.as_deref().unwrap_or(POLICY);
            Policy::parse(text, origin, &dates).map_err(|error| malformed(error.to_string()))?.policy
        }
    };
    if policy.hash != claim.policy_hash {
        return Err(malformed(format!("its SHA-256 is {}, the manifest says {}", policy.hash, claim.policy_hash)));
    }
    Ok(policy)
}

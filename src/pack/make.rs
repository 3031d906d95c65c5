//! Making a pack.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::statement::{Claim, Envelope, Signature, Statement, pre_authentication_encoding, sha256};
use super::{
    ENVELOPE, Files, INDEX, MANIFEST, POLICY, PackError, PolicyText, REPORT, SIGNER, Signer, canonical, facts, prune,
};
use crate::control::Status;
use crate::control::registry::CONTROLS;
use crate::estate::reconcile_one;
use crate::evidence::Snapshot;
use crate::policy::Policy;
use crate::report::document::{LiveVersionRow, Report};
use crate::report::{Format, render};

/// What a pack is made of.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The evidence.
    pub snapshot: &'a Snapshot,
    /// The policy that judges.
    pub policy: &'a Policy,
    /// Its text; `None` for the built-in defaults.
    pub policy_text: Option<&'a PolicyText>,
    /// The instant at which it is judged.
    pub as_of: Timestamp,
    /// Id of the live version.
    pub id: &'a str,
    /// The tool that makes it.
    pub tool: &'a str,
    /// The key that signs.
    pub signer: Option<&'a dyn Signer>,
}

/// A pack.
#[derive(Clone, Debug)]
pub struct Made {
    /// The file.
    pub bytes: Vec<u8>,
    /// SHA-256 of the file: what an unsigned pack is checked against.
    pub digest: String,
    /// What it claims.
    pub claim: Claim,
    /// Facts that it holds.
    pub facts: usize,
    /// Fingerprint of the key that signed.
    pub signed_by: Option<String>,
}

/// Makes a pack. Pure but for the key: the same evidence, policy and instant give the same bytes, unsigned.
///
/// # Errors
/// If there is no such live version, or the key does not sign.
pub fn make(request: &Request<'_>) -> Result<Made, PackError> {
    let Request { snapshot, policy, as_of, id, .. } = *request;
    let estate = reconcile_one(snapshot, policy, as_of, id);
    let Some(live) = estate.live.first() else { return Err(unknown(request)) };
    let (kept, report) = prune::prune(snapshot, policy, as_of, id, &live.resources)?;
    let mut files = facts::split(&kept)?;
    let held = files.len() - 1;
    files.insert(REPORT.to_owned(), render(&report, Format::Json)?);
    files.insert(INDEX.to_owned(), render(&report, Format::Html)?);
    if let Some(policy) = request.policy_text {
        files.insert(POLICY.to_owned(), policy.text.clone().into_bytes());
    }
    rules(&report, &mut files);
    if let Some(signer) = request.signer {
        files.insert(SIGNER.to_owned(), signer.public_key().to_pem().into_bytes());
    }
    let Some(row) = report.live_versions.iter().find(|row| row.id == *id) else { return Err(unknown(request)) };
    let claim = claim(row, &report, request);
    let payload = facts::json(&Statement::new(&files, claim.clone()))?;
    let signatures = request.signer.map(|signer| sign(signer, &payload)).transpose()?;
    let envelope = Envelope::around(&payload, signatures.into_iter().collect());
    files.insert(ENVELOPE.to_owned(), facts::json(&envelope)?);
    files.insert(MANIFEST.to_owned(), payload);
    let bytes = canonical::write(&files)?;
    let signed_by = request.signer.map(|signer| signer.public_key().fingerprint());
    Ok(Made { digest: sha256(&bytes), bytes, claim, facts: held, signed_by })
}

fn sign(signer: &dyn Signer, payload: &[u8]) -> Result<Signature, PackError> {
    let sig = signer.sign(&pre_authentication_encoding(payload))?;
    Ok(Signature { keyid: signer.public_key().fingerprint(), sig: STANDARD.encode(sig) })
}

/// What each control that judged requires.
fn rules(report: &Report, files: &mut Files) {
    for control in CONTROLS.iter().filter(|control| report.findings.iter().any(|row| row.code == *control.code)) {
        let text = format!("# {} {}\n\n{}\n\n{}\n", control.code, control.id, control.summary, control.doc.trim());
        files.insert(format!("rules/{}.md", control.code), text.into_bytes());
    }
}

fn claim(row: &LiveVersionRow, report: &Report, request: &Request<'_>) -> Claim {
    let count = |status| report.findings.iter().filter(|finding| finding.status == status).count();
    Claim {
        live_version: request.id.to_owned(),
        version_key: row.version_key.clone(),
        as_of: request.as_of,
        collected_at: report.collected_at,
        reader: report.scope.reader.clone(),
        tool: request.tool.to_owned(),
        policy_hash: request.policy.hash.clone(),
        policy_origin: request.policy.origin.clone(),
        policy_today: request.policy_text.map_or(request.as_of, |policy| policy.today),
        verdict: row.readiness.verdict,
        grade: row.approval.as_ref().map(|approval| approval.grade),
        failing: count(Status::Fail),
        unknown: count(Status::Unknown),
    }
}

/// With the ids that come near what was asked for.
fn unknown(request: &Request<'_>) -> PackError {
    let asked = request.id.to_lowercase();
    let estate = crate::estate::reconcile(request.snapshot, request.policy, request.as_of);
    let near = estate.live.iter().filter(|live| live.id.to_lowercase().contains(&asked)).map(|live| live.id.clone());
    PackError::Unknown { id: request.id.to_owned(), near: near.take(5).collect() }
}

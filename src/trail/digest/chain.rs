//! Walking a chain of digests, from the newest to the oldest.
//!
//! Each digest names the one before it with its hash and its signature. A digest that names none begins a chain: the
//! trail, or its validation, was switched on. Where a link leads to nothing, or a digest cannot be trusted, the walk goes on at the
//! next older digest that is listed.

use std::collections::HashMap;

use aws_lc_rs::signature::ParsedPublicKey;
use jiff::{SignedDuration, Timestamp};

use super::document::{Document, Listed, SIGNATURE_ALGORITHM};
use super::key::{KeysError, PublicKeys};
use super::name::Area;
use super::read::{ListedDigest, Reading, Seal, each, read_digest};
use super::signature::{same, string_to_sign, verifies};
use super::source::Source;
use super::state::{Fault, State};
use crate::sha256::Sha256;

/// A digest covers an hour.
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// One digest of a chain, or the place of one that is gone.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) key: String,
    pub(super) from: Timestamp,
    pub(super) to: Timestamp,
    pub(super) state: State,
    /// The hash of its text, where it was read.
    pub(super) hash: Option<Sha256>,
    /// Whether CloudTrail signed it: then what it lists is so, whatever else is wrong.
    pub(super) signed: bool,
    /// What it lists, if it is signed.
    pub(super) logs: Vec<Listed>,
}

/// What a walk needs.
pub(super) struct Walk<'a> {
    pub(super) source: &'a Source<'a>,
    pub(super) area: &'a Area,
    pub(super) from: Timestamp,
    pub(super) keys: Keys<'a>,
}

/// The keys that are known, and where to ask for more.
pub(super) struct Keys<'a> {
    pub(super) origin: &'a dyn PublicKeys,
    pub(super) region: &'a str,
    /// By fingerprint; none where a key cannot be read.
    pub(super) known: HashMap<String, Option<ParsedPublicKey>>,
}

/// What a digest says of the one before it.
struct Link {
    key: String,
    bucket: String,
    object: String,
    /// When the one before ends.
    end: Timestamp,
    /// When the one that says so begins.
    next: Timestamp,
    hash: Sha256,
    signature: String,
}

impl Walk<'_> {
    /// Walks the digests of one chain, given in the order of their ends. The steps come from the newest to the oldest, with a
    /// sentence for each place at which the chain leads elsewhere.
    pub(super) fn run(&mut self, listed: &[ListedDigest]) -> Result<(Vec<Step>, Vec<String>), KeysError> {
        let source = self.source;
        let mut readings: HashMap<&str, Reading> = each(listed, |digest| read_digest(source, &digest.key))
            .into_iter()
            .zip(listed)
            .map(|(reading, digest)| (digest.key.as_str(), reading))
            .collect();
        let mut older: Vec<&ListedDigest> = listed.iter().collect();
        let (mut steps, mut notes) = (Vec::new(), Vec::new());
        let mut link: Option<Link> = None;
        loop {
            // A digest that no link leads to is judged by itself, in its place.
            let linked = link.as_ref().map(|link| (link.key.clone(), link.end));
            let (key, end) = match (older.last(), linked) {
                (Some(next), Some((key, end))) if next.end > end || (next.end == end && next.key != key) => {
                    (next.key.clone(), next.end)
                }
                (_, Some((key, end))) => (key, end),
                (Some(next), None) => (next.key.clone(), next.end),
                (None, None) => break,
            };
            if end <= self.from {
                break;
            }
            if older.last().is_some_and(|next| next.key == key) {
                older.pop();
            }
            let link_here = if link.as_ref().is_some_and(|link| link.key == key) { link.take() } else { None };
            let reading = readings.remove(key.as_str()).unwrap_or_else(|| read_digest(source, &key));
            let below = older.last().map(|digest| digest.end);
            let (step, next) = self.step(key, end, reading, link_here.as_ref(), below, &mut notes)?;
            steps.push(step);
            if link.is_none() {
                link = next;
            }
        }
        Ok((steps, notes))
    }

    /// Judges one digest, and says where its link leads.
    fn step(
        &mut self,
        key: String,
        end: Timestamp,
        reading: Reading,
        link: Option<&Link>,
        below: Option<Timestamp>,
        notes: &mut Vec<String>,
    ) -> Result<(Step, Option<Link>), KeysError> {
        // It tells nothing of its own time: from the end of the next older one, as far as that is known.
        let gone = |state, to: Timestamp| {
            let from = below.unwrap_or_else(|| before(end));
            Step { key: key.clone(), from, to, state, hash: None, signed: false, logs: Vec::new() }
        };
        let (document, hash, seal) = match reading {
            Reading::Read { document, hash, seal } => (*document, hash, seal),
            Reading::NotThere => return Ok((gone(State::Missing, link.map_or(end, |link| link.next.max(end))), None)),
            Reading::Unread(why) => return Ok((gone(State::NotCovered(why), end), None)),
            Reading::Bad(fault) => return Ok((gone(State::Invalid(fault), end), None)),
        };
        let (state, signed) = self.judge(&key, &document, hash, seal.as_ref(), link)?;
        // What a forged digest says of its own time is not believed.
        if !signed && matches!(state, State::Invalid(_)) {
            return Ok((Step { hash: Some(hash), ..gone(state, end) }, None));
        }
        let onward = document.previous.as_ref().and_then(|previous| {
            let Some(key) = self.source.key(&previous.bucket, &previous.object) else {
                let place = format!("s3://{}/{}", previous.bucket, previous.object);
                notes.push(format!("before {} the chain goes on at `{place}`, which was not read", document.start));
                return None;
            };
            let end = self.area.digest(&key).map_or(document.start, |name| name.end);
            let older = end < document.end;
            let super::Previous { bucket, object, hash, signature } = previous.clone();
            older.then_some(Link { key, bucket, object, end, next: document.start, hash, signature })
        });
        let logs = if signed { document.logs } else { Vec::new() };
        Ok((Step { key, from: document.start, to: document.end, state, hash: Some(hash), signed, logs }, onward))
    }

    /// What is to be said of a digest, and whether CloudTrail signed it.
    fn judge(
        &mut self,
        key: &str,
        document: &Document,
        hash: Sha256,
        seal: Option<&Seal>,
        link: Option<&Link>,
    ) -> Result<(State, bool), KeysError> {
        let refused = |fault| Ok((State::Invalid(fault), false));
        let expected = link.is_none_or(|link| (&link.bucket, &link.object) == (&document.bucket, &document.object));
        if !expected || !self.source.is(key, &document.bucket, &document.object) {
            return refused(Fault::Moved);
        }
        let backfill = self.area.digest(key).is_some_and(|name| name.chain.backfill);
        if let (true, Some(seal)) = (backfill, seal) {
            let generated = seal.generated.as_ref().and_then(|generated| generated.parse().ok());
            let Some(generated) = generated else {
                let why = "its metadata lack a backfill-generation-timestamp".to_owned();
                return refused(Fault::Format(why));
            };
            self.keys.around(&document.fingerprint, generated)?;
        }
        let signature = seal.map(|seal| seal.signature.as_str()).or(link.map(|link| link.signature.as_str()));
        let Some(signature) = signature else {
            let why = "its signature is not known: a folder keeps no metadata, and no newer digest states it";
            return Ok((State::NotCovered(why.to_owned()), false));
        };
        let public_key = match self.keys.known.get(&document.fingerprint) {
            Some(Some(public_key)) => public_key,
            Some(None) => return refused(Fault::Key(document.fingerprint.clone())),
            None => {
                let (region, fingerprint) = (self.keys.region.to_owned(), document.fingerprint.clone());
                return refused(Fault::NoKey { region, fingerprint });
            }
        };
        if !verifies(public_key, &string_to_sign(document, hash), signature) {
            return refused(Fault::Signature);
        }
        // From here on CloudTrail wrote it; what is left is whether all else agrees.
        let state = match (link, seal) {
            (Some(link), _) if link.hash != hash => State::Invalid(Fault::LinkHash),
            (Some(link), _) if !same(&link.signature, signature) => State::Invalid(Fault::LinkSignature),
            (_, Some(seal)) if seal.algorithm.as_deref() != Some(SIGNATURE_ALGORITHM) => {
                State::Invalid(Fault::Algorithm(seal.algorithm.clone()))
            }
            _ => State::Valid,
        };
        Ok((state, true))
    }
}

impl<'a> Keys<'a> {
    /// The keys that were in use between two instants.
    pub(super) fn of(
        origin: &'a dyn PublicKeys,
        region: &'a str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Self, KeysError> {
        let mut keys = Self { origin, region, known: HashMap::new() };
        keys.learn(from, to)?;
        Ok(keys)
    }

    /// A backfill digest was signed when it was made, which may be long after the time that it covers.
    fn around(&mut self, fingerprint: &str, generated: Timestamp) -> Result<(), KeysError> {
        if self.known.contains_key(fingerprint) {
            return Ok(());
        }
        self.learn(before(generated), generated.checked_add(HOUR).unwrap_or(generated))
    }

    fn learn(&mut self, from: Timestamp, to: Timestamp) -> Result<(), KeysError> {
        for key in self.origin.keys(self.region, from, to)? {
            let parsed = key.parse();
            self.known.insert(key.fingerprint, parsed);
        }
        Ok(())
    }
}

/// An hour earlier.
pub(super) fn before(at: Timestamp) -> Timestamp {
    at.checked_sub(HOUR).unwrap_or(at)
}

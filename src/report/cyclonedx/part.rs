//! Artifacts, and the data that go with a live version.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::bom::{Component, Contents, Data, ExternalReference, Hash, version};
use super::reference::{reference, uri};
use super::{Components, visible};
use crate::report::document::{ArtifactRow, ChecksumRow, LiveVersionRow};
use crate::report::words;
use crate::sha256::hex;

/// The artifacts of a live version, by `bom-ref`; those that are new are added.
pub(super) fn artifacts<'a>(live: &'a LiveVersionRow, components: &mut Components<'a>) -> Vec<String> {
    let add = |artifact: &'a ArtifactRow| {
        let reference = reference("artifact", &artifact.uri);
        components.entry(reference.clone()).or_insert_with_key(|reference| file(reference, artifact));
        reference
    };
    live.artifacts.iter().map(add).collect()
}

/// What lies at the artifact's place now.
fn file<'a>(reference: &str, artifact: &'a ArtifactRow) -> Component<'a> {
    let name = artifact.uri.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty());
    let name = visible(name.unwrap_or(&artifact.uri));
    let mut file = Component::new("file", Some(reference.to_owned()), name);
    // `null` is the version of what was written without versioning: no name of these bytes.
    file.version = artifact.version_id.as_deref().filter(|id| *id != "null").and_then(version);
    file.hashes = artifact.checksum.as_ref().and_then(hash).into_iter().collect();
    file.external_references = place("distribution", None, &artifact.uri, Vec::new()).into_iter().collect();
    let properties = &mut file.properties;
    properties.say("uri", &artifact.uri);
    properties.say("state", &artifact.state);
    properties.maybe("version-id", artifact.version_id.as_deref());
    properties.maybe("etag", artifact.etag.as_deref());
    if let Some(sum) = &artifact.checksum {
        let whole = if sum.whole { "" } else { " over the parts of its upload" };
        properties.say("checksum", &format!("{} {}{whole}", sum.algorithm, sum.value));
    }
    properties.maybe("size", artifact.size.map(|size| size.to_string()).as_deref());
    properties.maybe("modified", artifact.modified.map(|at| at.to_string()).as_deref());
    if artifact.state == "unknown" {
        properties.unknown("what lies there");
    }
    file
}

/// A checksum as a hash, if it is one over the whole object and CycloneDX knows the algorithm.
fn hash(sum: &ChecksumRow) -> Option<Hash> {
    let (alg, bytes) = match sum.algorithm.as_str() {
        "SHA256" => ("SHA-256", 32),
        "SHA1" => ("SHA-1", 20),
        _ => return None,
    };
    let value = STANDARD.decode(&sum.value).ok()?;
    (sum.whole && value.len() == bytes).then(|| Hash { alg, content: hex(&value) })
}

/// A place that something refers to, if a reader may be led there.
pub(super) fn place<'a>(
    kind: &'static str,
    comment: Option<&'a str>,
    place: &str,
    hashes: Vec<Hash>,
) -> Option<ExternalReference<'a>> {
    Some(ExternalReference { url: uri(place)?, comment: comment.map(visible), kind, hashes })
}

/// The data sets that go with a live version, by `bom-ref`: what is captured of its requests, and what comes back as
/// feedback. What it was trained on is not known.
pub(super) fn data<'a>(live: &'a LiveVersionRow, components: &mut Components<'a>) -> Vec<String> {
    let class = live.card.as_ref().and_then(|card| card.data_class.as_deref());
    let mut add = |what: &'static str, place: &'a str, words: &'a str, class: Option<&'a str>| {
        let reference = reference("data", place);
        components.entry(reference.clone()).or_insert_with_key(|reference| {
            let mut data = Component::new("data", Some(reference.clone()), visible(place));
            data.description = Some(visible(words));
            let contents = uri(place).map(|url| Contents { url });
            data.data = vec![Data { kind: "dataset", name: what, contents, classification: class.map(visible) }];
            data
        });
        reference
    };
    let captured = live.capture.iter().filter_map(|capture| {
        let destination = capture.destination.as_deref()?;
        Some(("captured requests", destination, capture.why.as_str(), class))
    });
    let feedback = live.feedback.iter().map(|row| ("feedback", row.prefix.as_str(), row.words.as_str(), None));
    captured.chain(feedback).map(|(what, place, words, class)| add(what, place, words, class)).collect()
}

/// What became of an artifact since the approval, in a line.
pub(super) fn since_approval(artifact: &ArtifactRow) -> Option<String> {
    let words = artifact.since_approval_words.as_deref()?;
    let weakness = artifact.weakness.as_deref().map(|weakness| format!(" ({weakness})")).unwrap_or_default();
    Some(format!("{} of {}: {words}{weakness}", artifact.role, words::tail(&artifact.uri)))
}

//! What `countersign trail verify` prints.

use serde::Serialize;

use super::Verified;
use crate::report::escape::visible;
use crate::trail::digest::{Coverage, State, TrailVerification, Verification};

/// Every key that is told of.
pub(super) fn keys(verification: &Verification) -> impl Iterator<Item = &str> {
    let of_trails = verification.trails.iter().flat_map(|trail| {
        let digests = trail.digests.iter().map(|digest| digest.key.as_str());
        digests.chain(trail.logs.iter().map(|log| log.key.as_str()))
    });
    of_trails.chain(verification.unlisted.iter().map(String::as_str))
}

/// A page for people: spans of time, counts, and each file that is not valid.
pub(super) fn table(verified: &Verified) -> String {
    let mut lines = vec![format!("Source: {}", visible(&verified.source))];
    for verification in &verified.found {
        let Verification { area, from, to, .. } = verification;
        let of = area.organization.as_ref().map(|id| format!(" of {}", visible(id))).unwrap_or_default();
        lines.push(String::new());
        lines.push(format!("{}{of}, {}, {from} to {to}", visible(&area.account), visible(&area.region)));
        if verification.trails.is_empty() {
            lines.push("  no digests: not covered".to_owned());
        }
        for trail in &verification.trails {
            of_trail(verified, trail, &mut lines);
        }
        lines.extend(verification.unlisted.iter().map(|key| format!("  listed by no digest: {}", verified.place(key))));
    }
    lines.join("\n") + "\n"
}

fn of_trail(verified: &Verified, trail: &TrailVerification, lines: &mut Vec<String>) {
    lines.push(format!("  trail {} (made in {})", visible(&trail.trail), visible(&trail.home_region)));
    lines.extend(trail.spans.iter().map(|span| format!("    {} to {}  {}", span.from, span.to, span.coverage)));
    lines.push(format!("    digests: {}", counts(trail.digests.iter().map(|digest| &digest.state))));
    lines.push(format!("    log files: {}", counts(trail.logs.iter().map(|log| &log.state))));
    let digests = trail.digests.iter().map(|digest| ("digest", &digest.key, &digest.state));
    let logs = trail.logs.iter().map(|log| ("log file", &log.key, &log.state));
    for (kind, key, state) in digests.chain(logs).filter(|(_, _, state)| **state != State::Valid) {
        let (coverage, reason) = (state.coverage(), state.reason());
        lines.push(format!("    {coverage}: {kind} {}: {}", verified.place(key), visible(&reason)));
    }
    lines.extend(trail.notes.iter().map(|note| format!("    note: {}", visible(note))));
}

/// Such as `3 valid, 1 missing`.
fn counts<'a>(states: impl Iterator<Item = &'a State>) -> String {
    let all: Vec<Coverage> = states.map(State::coverage).collect();
    let kinds = [Coverage::Valid, Coverage::Invalid, Coverage::Missing, Coverage::NotCovered];
    let counted = kinds.map(|kind| (all.iter().filter(|one| **one == kind).count(), kind));
    let told: Vec<String> =
        counted.iter().filter(|(count, _)| *count > 0).map(|(count, kind)| format!("{count} {kind}")).collect();
    if told.is_empty() { "none".to_owned() } else { told.join(", ") }
}

/// One line: a span of time, a digest or a log file.
#[derive(Serialize)]
struct Line<'a> {
    kind: &'static str,
    account: &'a str,
    region: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    trail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    /// `valid`, `invalid`, `missing`, `not_covered`; `unlisted` for a log file that no digest lists.
    state: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// One JSON object a line.
pub(super) fn jsonl(verified: &Verified) -> anyhow::Result<String> {
    let mut text = String::new();
    let mut put = |line: &Line<'_>| -> anyhow::Result<()> {
        text += &serde_json::to_string(line)?;
        text.push('\n');
        Ok(())
    };
    for verification in &verified.found {
        let (account, region) = (verification.area.account.as_str(), verification.area.region.as_str());
        let blank = |kind, state| Line {
            kind,
            account,
            region,
            trail: None,
            from: None,
            to: None,
            file: None,
            state,
            reason: None,
        };
        let place = |key: &'_ str| verified.places.get(key).map(String::as_str);
        let why = |state: &State| Some(state.reason()).filter(|reason| !reason.is_empty());
        if verification.trails.is_empty() {
            for span in verification.spans() {
                let (from, to) = (Some(span.from.to_string()), Some(span.to.to_string()));
                put(&Line { from, to, ..blank("span", word(span.coverage)) })?;
            }
        }
        for trail in &verification.trails {
            let name = Some(trail.trail.as_str());
            for span in &trail.spans {
                let (from, to) = (Some(span.from.to_string()), Some(span.to.to_string()));
                put(&Line { trail: name, from, to, ..blank("span", word(span.coverage)) })?;
            }
            for digest in &trail.digests {
                let (from, to) = (Some(digest.from.to_string()), Some(digest.to.to_string()));
                let (file, reason) = (place(&digest.key), why(&digest.state));
                put(&Line { trail: name, from, to, file, reason, ..blank("digest", word(digest.state.coverage())) })?;
            }
            for log in &trail.logs {
                let (file, reason) = (place(&log.key), why(&log.state));
                put(&Line { trail: name, file, reason, ..blank("log", word(log.state.coverage())) })?;
            }
        }
        for key in &verification.unlisted {
            let reason = Some("no digest lists it".to_owned());
            put(&Line { file: place(key), reason, ..blank("log", "unlisted") })?;
        }
    }
    Ok(text)
}

fn word(coverage: Coverage) -> &'static str {
    match coverage {
        Coverage::Valid => "valid",
        Coverage::Invalid => "invalid",
        Coverage::Missing => "missing",
        Coverage::NotCovered => "not_covered",
    }
}

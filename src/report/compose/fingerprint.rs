//! The identity of a finding over runs. Deployments put times and hashes into names (`fraud-2026-10-04-09-15-00`), so
//! a fingerprint leaves them out: the same fault of the next deployment is the same finding.

use crate::sha256::Sha256;

/// The first 128 bits of a SHA-256 over parts that cannot run into each other.
pub(super) fn digest(parts: &[&str]) -> u128 {
    let lengths: Vec<[u8; 8]> = parts.iter().map(|part| part.len().to_le_bytes()).collect();
    let hash = Sha256::of_parts(lengths.iter().zip(parts).flat_map(|(length, part)| [length, part.as_bytes()]));
    hash.as_bytes().iter().take(16).fold(0, |digest, byte| digest << 8 | u128::from(*byte))
}

/// The name with what changes from one deployment to the next replaced by `#`.
pub(super) fn normalise(name: &str) -> String {
    let words: Vec<(&str, Option<char>)> = words(name).collect();
    let mut rest = words.as_slice();
    let mut out = String::with_capacity(name.len());
    while let [(word, separator), after @ ..] = rest {
        let date = if is_year(word) { date_parts(*separator, after) } else { 0 };
        if date >= 2 {
            out.push('#');
            out.extend(after.get(date - 1).and_then(|(_, separator)| *separator));
            rest = after.get(date..).unwrap_or_default();
            continue;
        }
        out.push_str(if is_volatile(word) { "#" } else { word });
        out.extend(*separator);
        rest = after;
    }
    out
}

/// How many of the words after a year go on with its date: month, day, hour, minute, second, millisecond.
fn date_parts(mut separator: Option<char>, after: &[(&str, Option<char>)]) -> usize {
    let goes_on = |(word, next): &&(&str, Option<char>)| {
        let joined = separator.is_some_and(|c| c != '/');
        separator = *next;
        joined && is_number(word) && word.len() <= 3
    };
    after.iter().take(6).take_while(goes_on).count()
}

/// Runs of letters and digits, each with the character that ends it.
fn words(name: &str) -> impl Iterator<Item = (&str, Option<char>)> {
    name.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).map(|piece| {
        match piece.chars().next_back().filter(|c| !c.is_ascii_alphanumeric()) {
            Some(end) => (piece.strip_suffix(end).unwrap_or(piece), Some(end)),
            None => (piece, None),
        }
    })
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && is_number(word) && (word.starts_with("19") || word.starts_with("20"))
}

/// Long numbers, `20261004T091500Z`, and hashes: eight or more hexadecimal digits, of both kinds.
fn is_volatile(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let hexadecimal = word.bytes().all(|b| b.is_ascii_hexdigit());
    let stamp = word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'T' | b't' | b'Z' | b'z'));
    (digits >= 6 && stamp) || (word.len() >= 8 && hexadecimal && digits > 0 && digits < word.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_successive_deployments_are_one() {
        let cases = [
            ("fraud-screening", "fraud-screening"),
            ("fraud-2026-10-04-09-15-00", "fraud-#"),
            ("fraud-2026-10-04-09-15-00-123/AllTraffic", "fraud-#/AllTraffic"),
            ("fraud-20261004T091500Z-eu", "fraud-#-eu"),
            ("fraud-1764547200/v7", "fraud-#/v7"),
            ("model-3f9a1c2bd4e5", "model-#"),
            ("model-deadbeef", "model-deadbeef"),
            ("gpt2-v2-4bit", "gpt2-v2-4bit"),
            ("basel-2026-model-4", "basel-2026-model-4"),
            ("2026/10/fraud", "2026/10/fraud"),
        ];
        for (name, normalised) in cases {
            assert_eq!(normalise(name), normalised);
        }
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(digest(&["ab", "c"]), digest(&["a", "bc"]));
        assert_eq!(digest(&["a"]), digest(&["a"]));
    }
}

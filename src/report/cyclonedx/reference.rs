//! Names as `bom-ref`, and places as references that a validator takes and nobody is lured by.

use std::fmt::Write as _;

/// The `bom-ref` of something: two that differ in name differ in this, and it holds nothing but plain ASCII.
pub(super) fn reference(kind: &str, name: &str) -> String {
    let mut out = format!("{kind}:");
    encode(name, "-._~:/@+=,", &mut out);
    out
}

/// A place as a URI, if it is one that a reader may be led to: S3, the web, Git, an ARN. User names and passwords are none
/// of its parts.
pub(super) fn uri(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    if scheme == "arn" {
        let mut out = String::from("arn:");
        encode(rest, "-._~:/@+=,", &mut out);
        return Some(out);
    }
    if !matches!(scheme.as_str(), "s3" | "https" | "http" | "ssh" | "git") {
        return None;
    }
    let rest = rest.strip_prefix("//")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at_checked(end)?;
    let (name, port) = host.split_once(':').unwrap_or((host, ""));
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if name.is_empty() || !name.chars().all(is_name) || !port.chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let mut out = format!("{scheme}://{host}");
    // The key of an object is raw; an address on the web has its signs encoded already.
    let kept = if scheme == "s3" { "-._~:/@+=,!$'()*;" } else { "-._~:/@+=,!$'()*;?&%" };
    encode(path, kept, &mut out);
    Some(out)
}

/// Percent-encodes all but letters, digits and what is kept. A kept `%` stays one only before two digits.
fn encode(text: &str, kept: &str, out: &mut String) {
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let c = char::from(*byte);
        let coded = matches!(after, [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
        if byte.is_ascii_alphanumeric() || (byte.is_ascii() && kept.contains(c) && (c != '%' || coded)) {
            out.push(c);
        } else {
            // Writing to a string never fails.
            _ = write!(out, "%{byte:02X}");
        }
        rest = after;
    }
}

/// Percent-encodes a piece of a path or a query.
pub(super) fn piece(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    encode(text, "-._~", &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_plain_and_told_apart() {
        assert_eq!(
            reference("live", "111122223333/eu-central-1/variant/a"),
            "live:111122223333/eu-central-1/variant/a"
        );
        assert_eq!(reference("live", "a b%20\u{202e}é"), "live:a%20b%2520%E2%80%AE%C3%A9");
    }

    #[test]
    fn only_places_become_references() {
        let cases = [
            ("s3://bank-models/a b/<x>#1%", Some("s3://bank-models/a%20b/%3Cx%3E%231%25")),
            ("https://git.bank.example/models?a=%2f&b=%z", Some("https://git.bank.example/models?a=%2f&b=%25z")),
            ("HTTPS://git.bank.example:8443", Some("https://git.bank.example:8443")),
            ("arn:aws:sagemaker:eu-central-1:1:pipeline/x", Some("arn:aws:sagemaker:eu-central-1:1:pipeline/x")),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("https://user:secret@git.bank.example/x", None),
            ("https://[::1/x", None),
            ("https://host:port/", None),
            ("https:///x", None),
            ("git@git.bank.example:models.git", None),
            ("no place", None),
        ];
        for (text, expected) in cases {
            assert_eq!(uri(text).as_deref(), expected, "{text}");
        }
    }
}

//! What a webhook is sent, how it is signed, and what its secret holds.
//!
//! The secret is the address itself, or `{"url": "https://…", "key": "…"}`; with a key each request is signed:
//!
//! ```text
//! Countersign-Timestamp: 1795165200
//! Countersign-Signature: v1=<hex of HMAC-SHA256 over "1795165200." and the body, under the key>
//! ```
//!
//! A receiver computes the same, compares in constant time, and refuses a timestamp that is minutes old. `Idempotency-Key` is
//! the run: the same run is never two.

use std::fmt;

use aws_lc_rs::hmac;
use jiff::Timestamp;
use serde::Deserialize;

use crate::sha256::hex;

/// Where to send, and what to sign with. Neither is ever shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    /// The whole address.
    url: String,
    key: Option<String>,
}

/// Why a secret is of no use. It does not repeat it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(&'static str);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: String,
    #[serde(default)]
    key: Option<String>,
}

impl Address {
    /// Reads what a secret holds.
    ///
    /// # Errors
    /// If it is neither an address nor JSON with one, or would be sent to in the clear.
    pub fn parse(secret: &str) -> Result<Self, AddressError> {
        let secret = secret.trim();
        let written = if secret.starts_with('{') {
            let advice = "the secret is no JSON of the form { \"url\": \"https://…\", \"key\": \"…\" }";
            serde_json::from_str(secret).map_err(|_| AddressError(advice))?
        } else {
            Written { url: secret.to_owned(), key: None }
        };
        let url = written.url.trim().to_owned();
        if url.is_empty() || url.chars().any(|c| !matches!(c, '!'..='~')) {
            return Err(AddressError("the secret holds no address; store one such as `https://…`"));
        }
        let (scheme, rest) = url.split_once("://").unwrap_or(("", &url));
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.is_empty() || authority.contains('@') {
            return Err(AddressError(
                "the secret holds no address of the form `https://host/path` without a password in it",
            ));
        }
        match scheme {
            "https" => {}
            "http" if is_loopback(authority) => {}
            _ => return Err(AddressError("the secret's address must begin with `https://`")),
        }
        Ok(Self { url, key: written.key.filter(|key| !key.is_empty()) })
    }

    /// The address, to be given to an HTTP client and to nobody else.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The header that signs a body, if there is a key: `v1=…`.
    pub fn signature(&self, at: Timestamp, body: &[u8]) -> Option<String> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key.as_ref()?.as_bytes());
        let mut context = hmac::Context::with_key(&key);
        context.update(format!("{}.", at.as_second()).as_bytes());
        context.update(body);
        Some(format!("v1={}", hex(context.sign().as_ref())))
    }

    /// A text without the address in it.
    pub fn hidden_in(&self, text: &str) -> String {
        let mut text = text.replace(&self.url, "(the address)");
        let rest = self.url.split_once("://").map_or(self.url.as_str(), |(_, rest)| rest);
        if let Some((_, path)) = rest.split_once('/').filter(|(_, path)| path.len() >= 4) {
            text = text.replace(path, "(the path)");
        }
        text
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(secret)")
    }
}

/// Whether a host is this machine: there nobody listens on the way.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What to do with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It took the message.
    Taken,
    /// It may take it later; seconds to wait, if it said so.
    Later(Option<u64>),
    /// It sends elsewhere, which is not followed: whoever holds the host could lead the message away.
    Elsewhere,
    /// It does not take it.
    Refused,
}

impl Answer {
    /// Reads a status and its `Retry-After`, in seconds or as a date.
    pub fn of(status: u16, retry_after: Option<&str>, now: Timestamp) -> Self {
        match status {
            200..=299 => Self::Taken,
            300..=399 => Self::Elsewhere,
            408 | 425 | 429 | 500..=599 => Self::Later(retry_after.and_then(|text| seconds(text.trim(), now))),
            _ => Self::Refused,
        }
    }
}

fn seconds(text: &str, now: Timestamp) -> Option<u64> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(seconds);
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    u64::try_from(at.as_second() - now.as_second()).ok().or(Some(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_an_address_or_json_with_one() {
        let address = Address::parse(" https://hooks.example/T0/hunter2\n").unwrap();
        assert_eq!(address.url(), "https://hooks.example/T0/hunter2");
        assert_eq!(format!("{address:?}"), "Address(secret)");
        let both = Address::parse(r#"{"url": "https://hooks.example/x", "key": "k"}"#).unwrap();
        assert!(both.signature(Timestamp::UNIX_EPOCH, b"").is_some());
        for local in ["http://127.0.0.1:8080/x", "http://[::1]:9/x", "http://localhost/x"] {
            assert!(Address::parse(local).is_ok(), "{local}");
        }
        for (wrong, words) in [
            ("", "no address"),
            ("hunter2", "https://"),
            ("http://hooks.example/hunter2", "must begin with `https://`"),
            ("http://127.0.0.1.evil.example/hunter2", "must begin with `https://`"),
            ("http://localhost@evil.example/hunter2", "without a password"),
            ("https://user:hunter2@hooks.example/", "without a password"),
            ("https:///hunter2", "no address of the form"),
            ("ftp://hooks.example/hunter2", "must begin with `https://`"),
            ("https://hooks.example/a\r\nX: hunter2", "no address"),
            (r#"{"uri": "https://hooks.example/hunter2"}"#, "no JSON of the form"),
        ] {
            let error = Address::parse(wrong).unwrap_err().to_string();
            assert!(error.contains(words) && !error.contains("hunter2"), "{wrong}: {error}");
        }
    }

    #[test]
    fn a_signature_is_what_any_library_computes() {
        let address = Address::parse(r#"{"url": "https://hooks.example/x", "key": "hunter2"}"#).unwrap();
        let at = "2026-11-20T09:00:00Z".parse().unwrap();
        // printf '1795165200.{"a":1}' | openssl dgst -sha256 -hmac hunter2
        let expected = "v1=356d02f13ade308facef1f574287bd6ab2a3d8fc3a37e3d42cacccc0c6723ccf";
        let signature = address.signature(at, br#"{"a":1}"#).unwrap();
        assert_eq!(signature, expected);
        assert_eq!(Address::parse("https://hooks.example/x").unwrap().signature(at, b""), None);
    }

    #[test]
    fn the_address_is_taken_out_of_what_others_say() {
        let address = Address::parse("https://hooks.example/services/hunter2?token=x").unwrap();
        let said =
            address.hidden_in("no route to https://hooks.example/services/hunter2?token=x, /services/hunter2?token=x");
        assert_eq!(said, "no route to (the address), /(the path)");
    }

    #[test]
    fn an_answer_says_whether_to_come_again() {
        let now = "2026-11-20T09:00:00Z".parse().unwrap();
        let of = |status, retry| Answer::of(status, retry, now);
        assert_eq!(of(204, None), Answer::Taken);
        assert_eq!(of(302, None), Answer::Elsewhere);
        assert_eq!(of(404, Some("1")), Answer::Refused);
        assert_eq!(of(500, None), Answer::Later(None));
        assert_eq!(of(429, Some(" 7 ")), Answer::Later(Some(7)));
        assert_eq!(of(503, Some("Fri, 20 Nov 2026 09:00:30 GMT")), Answer::Later(Some(30)));
        assert_eq!(of(503, Some("Fri, 20 Nov 2026 08:00:30 GMT")), Answer::Later(Some(0)));
        assert_eq!(of(503, Some("soon")), Answer::Later(None));
    }
}

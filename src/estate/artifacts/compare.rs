//! What became of a key between two instants.
//!
//! Only what proves something is taken for proof. Two `ETag`s that differ prove nothing: copying in place, uploading in
//! parts and encrypting with another key all change them. Two that are equal mean equal bytes: they are an MD5 of the
//! bytes, or of the MD5s of their parts. A checksum over the whole object that differs proves other bytes, whatever its
//! algorithm; one that is equal proves equal bytes only if nobody can forge it, which excludes CRCs.
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Object.html>

use super::history::{Held, Unclear};
use super::state::is_same;
use crate::evidence::{Checksum, ObjectVersion};

/// What became of one key.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change<'a> {
    /// The key.
    pub key: &'a str,
    /// What became of it.
    pub outcome: Outcome<'a>,
}

/// What became of a key, from the first instant (`then`) to the second (`now`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome<'a> {
    /// The same version.
    Same(&'a ObjectVersion),
    /// Another version of the same bytes.
    SameBytesAgain(&'a ObjectVersion, &'a ObjectVersion, Proof),
    /// Another version of other bytes.
    Different(&'a ObjectVersion, &'a ObjectVersion, Proof),
    /// Another version, and whether its bytes are the same is not proved.
    NotProved(&'a ObjectVersion, &'a ObjectVersion),
    /// Nothing is there any more; the delete marker, where there is one.
    Gone(&'a ObjectVersion, Option<&'a ObjectVersion>),
    /// Nothing was there.
    Added(&'a ObjectVersion),
    /// Nothing was there and nothing is.
    Absent,
    /// What was there cannot be told; what is there now, if anything.
    Unclear(Unclear<'a>, Option<&'a ObjectVersion>),
}

/// What proves that two versions hold the same or other bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Equal `ETag` and size.
    Etag,
    /// A checksum over the whole object.
    Checksum,
    /// The size.
    Size,
}

impl Proof {
    /// In plain words, after "by".
    pub fn words(self) -> &'static str {
        match self {
            Self::Etag => "ETag",
            Self::Checksum => "checksum",
            Self::Size => "size",
        }
    }
}

impl Outcome<'_> {
    /// In a few words, for a table. Complete sentences are the controls' affair.
    pub fn words(&self) -> &'static str {
        match self {
            Self::Same(_) => "unchanged",
            Self::SameBytesAgain(..) => "written again with the same bytes",
            Self::Different(..) => "replaced by other bytes",
            Self::NotProved(..) => "replaced; whether by the same bytes is not proved",
            Self::Gone(..) => "deleted",
            Self::Added(_) => "added since",
            Self::Absent => "not there",
            Self::Unclear(Unclear::Overwritten(_), _) => "overwritten in a bucket that kept no version of it",
            Self::Unclear(Unclear::Expired(_), _) => "written; earlier versions may have expired",
            Self::Unclear(Unclear::Removed(_), _) => "a version was removed, and when is not known",
            Self::Unclear(Unclear::Replica(_), _) => "replicated, and when it arrived is not known",
        }
    }

    /// The name of the outcome in documents.
    pub fn key(&self) -> &'static str {
        match self {
            Self::Same(_) => "same",
            Self::SameBytesAgain(..) => "same_bytes",
            Self::Different(..) => "different",
            Self::NotProved(..) => "not_proved",
            Self::Gone(..) => "gone",
            Self::Added(_) => "added",
            Self::Absent => "absent",
            Self::Unclear(..) => "unclear",
        }
    }
}

/// Compares what a key held at two instants.
pub(super) fn compare<'a>(key: &'a str, then: Held<'a>, now: Held<'a>) -> Change<'a> {
    let outcome = match (then, now) {
        (Held::Unclear(why), Held::Object(now)) => Outcome::Unclear(why, Some(now)),
        (Held::Unclear(why), _) | (_, Held::Unclear(why)) => Outcome::Unclear(why, None),
        (Held::Object(then), Held::Object(now)) => objects(then, now),
        (Held::Object(then), Held::Nothing(marker)) => Outcome::Gone(then, marker),
        (Held::Nothing(_), Held::Object(now)) => Outcome::Added(now),
        (Held::Nothing(_), Held::Nothing(_)) => Outcome::Absent,
    };
    Change { key, outcome }
}

/// Compares two versions of a key.
pub fn objects<'a>(then: &'a ObjectVersion, now: &'a ObjectVersion) -> Outcome<'a> {
    if is_same(then, now) {
        return Outcome::Same(now);
    }
    if let (Some(old), Some(new)) = (then.size, now.size)
        && old != new
    {
        return Outcome::Different(then, now, Proof::Size);
    }
    match checksums(then, now) {
        Some((_, false)) => return Outcome::Different(then, now, Proof::Checksum),
        Some((algorithm, true)) if is_cryptographic(algorithm) => {
            return Outcome::SameBytesAgain(then, now, Proof::Checksum);
        }
        _ => {}
    }
    match (&then.etag, &now.etag) {
        (Some(old), Some(new)) if old == new && is_digest(old) && then.size == now.size => {
            Outcome::SameBytesAgain(then, now, Proof::Etag)
        }
        _ => Outcome::NotProved(then, now),
    }
}

/// The algorithm of two checksums that may be compared, and whether they are equal.
fn checksums<'a>(a: &'a ObjectVersion, b: &ObjectVersion) -> Option<(&'a str, bool)> {
    let whole = |version: &'a ObjectVersion| version.checksum.as_ref().filter(|sum: &&Checksum| sum.whole);
    let (one, two) = (whole(a)?, b.checksum.as_ref().filter(|sum| sum.whole)?);
    (one.algorithm == two.algorithm).then(|| (one.algorithm.as_str(), one.value == two.value))
}

/// Whether nobody can make other bytes with the same checksum. SHA-1 is broken for collisions, which need both sides
/// to be made by the forger; what is approved is then another's.
fn is_cryptographic(algorithm: &str) -> bool {
    matches!(algorithm, "SHA256" | "SHA1")
}

/// Whether an `ETag` is made of digests: 32 hexadecimal digits, with the number of parts where there were several.
fn is_digest(etag: &str) -> bool {
    let (digest, parts) = etag.split_once('-').map_or((etag, None), |(digest, parts)| (digest, Some(parts)));
    let hex = digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
    hex && parts.is_none_or(|parts| !parts.is_empty() && parts.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::fixture::*;
    use super::*;

    const ONE: &str = "1111111111111111111111111111aaaa";
    const TWO: &str = "2222222222222222222222222222aaaa";

    fn sum(algorithm: &str, value: &str, whole: bool) -> Option<Checksum> {
        Some(Checksum { algorithm: algorithm.to_owned(), value: value.to_owned(), whole })
    }

    fn object(id: &str, etag: &str, size: i64, checksum: Option<Checksum>) -> ObjectVersion {
        ObjectVersion { size: Some(size), checksum, ..version("k", id, etag, WRITTEN) }
    }

    #[test]
    fn only_what_proves_something_is_proof() {
        let cases = [
            (object("2", ONE, 5, None), "same_bytes"),
            (object("2", TWO, 5, None), "not_proved"),
            (object("2", TWO, 6, None), "different"),
            (object("2", ONE, 6, None), "different"),
            (object("2", TWO, 5, sum("SHA256", "x", true)), "same_bytes"),
            (object("2", TWO, 5, sum("SHA256", "y", true)), "different"),
            (object("2", ONE, 5, sum("SHA256", "y", true)), "different"),
            (object("2", TWO, 5, sum("SHA256", "y", false)), "not_proved"),
            (object("2", TWO, 5, sum("CRC64NVME", "x", true)), "not_proved"),
        ];
        let then = object("1", ONE, 5, sum("SHA256", "x", true));
        for (now, outcome) in &cases {
            assert_eq!(objects(&then, now).key(), *outcome, "{now:?}");
        }
        let crc = |value| object("1", TWO, 5, sum("CRC64NVME", value, true));
        let again = |value| object("2", ONE, 5, sum("CRC64NVME", value, true));
        assert_eq!(objects(&crc("x"), &again("x")).key(), "not_proved", "a CRC can be forged");
        assert_eq!(objects(&crc("x"), &again("y")).key(), "different", "but not be different for the same bytes");
    }

    #[test]
    fn equal_etags_of_parts_are_equal_bytes_and_those_of_nothing_known_are_not() {
        let parts = |id: &str, etag: &str| object(id, etag, 5, None);
        assert_eq!(objects(&parts("1", &format!("{ONE}-3")), &parts("2", &format!("{ONE}-3"))).key(), "same_bytes");
        assert_eq!(objects(&parts("1", ONE), &parts("2", &format!("{ONE}-1"))).key(), "not_proved");
        for odd in ["", "e", "zz", &format!("{ONE}-"), &format!("{ONE}-x"), &"z".repeat(32)] {
            assert_eq!(objects(&parts("1", odd), &parts("2", odd)).key(), "not_proved", "{odd}");
        }
    }

    fn held() -> impl Strategy<Value = (u8, bool, u8, i64, u8)> {
        (0..4_u8, any::<bool>(), 0..2_u8, 5..7_i64, 0..3_u8)
    }

    fn made((id, marker, etag, size, checksum): (u8, bool, u8, i64, u8)) -> ObjectVersion {
        let checksum = match checksum {
            0 => None,
            1 => sum("SHA256", &format!("{etag}"), true),
            _ => sum("CRC32", "x", true),
        };
        let made = object(&id.to_string(), if etag == 0 { ONE } else { TWO }, size, checksum);
        ObjectVersion { delete_marker: marker, ..made }
    }

    proptest! {
        #[test]
        fn looked_at_from_the_other_end_it_is_the_same(a in held(), b in held()) {
            let (a, b) = (made(a), made(b));
            let held = |it| match it { &ObjectVersion { delete_marker: true, .. } => Held::Nothing(Some(it)), _ => Held::Object(it) };
            let there = compare("k", held(&a), held(&b)).outcome.key();
            let back = compare("k", held(&b), held(&a)).outcome.key();
            let mirrored = match there { "gone" => "added", "added" => "gone", same => same };
            prop_assert_eq!(mirrored, back);
        }

        #[test]
        fn equal_sizes_without_checksums_never_prove_other_bytes(a in held(), b in held()) {
            let plain = |it: (u8, bool, u8, i64, u8)| ObjectVersion { checksum: None, size: Some(5), ..made(it) };
            prop_assert_ne!(objects(&plain(a), &plain(b)).key(), "different");
        }
    }
}

//! SHA-256 values, and bytes as hexadecimal digits.

use std::fmt;

use aws_lc_rs::digest;

/// A SHA-256 value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self::of_parts([bytes])
    }

    /// The hash of some bytes that come in parts; where one part ends makes no difference.
    pub fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hasher = digest::Context::new(&digest::SHA256);
        parts.into_iter().for_each(|part| hasher.update(part));
        let mut value = [0; 32];
        for (to, from) in value.iter_mut().zip(hasher.finish().as_ref()) {
            *to = *from;
        }
        Self(value)
    }

    /// Reads 64 hexadecimal digits, of either case.
    pub fn from_hex(text: &str) -> Option<Self> {
        Some(Self(unhex(text)?.try_into().ok()?))
    }

    /// Its 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 hexadecimal digits in lower case.
impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

/// Hexadecimal digits of either case as bytes.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    rest.is_empty().then_some(())?;
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_goes_both_ways() {
        assert_eq!(unhex("00fFa0"), Some(vec![0, 255, 160]));
        assert_eq!(hex(&[0, 255, 160]), "00ffa0");
        for wrong in ["0", "0g", "é", "+1"] {
            assert_eq!(unhex(wrong), None, "{wrong}");
        }
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Sha256::of(b"").to_string(), empty);
        assert_eq!(Sha256::from_hex(&empty.to_uppercase()), Some(Sha256::of(b"")));
        assert_eq!(Sha256::from_hex("00"), None);
    }

    #[test]
    fn parts_are_one_text() {
        assert_eq!(Sha256::of_parts([b"ab".as_slice(), b"", b"c"]), Sha256::of(b"abc"));
    }
}

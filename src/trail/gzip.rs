//! Inflating one log file or digest: one gzip member, nothing before it and nothing after it.
//!
//! CloudTrail writes each file as a single member, and its digests are over the inflated bytes only. What follows the
//! first member is therefore covered by no signature, and some tools read it while others do not: such a file is
//! refused.

use libdeflater::{DecompressionError, Decompressor};
use memchr::memmem;

/// Files that inflate to more are refused: CloudTrail's have some tens of megabytes at most.
pub const LARGEST: usize = 512 << 20;

/// DEFLATE cannot shrink more than 1,032 to 1 (<https://zlib.net/zlib_tech.html>), so a longer claim is a lie.
const HIGHEST_RATIO: usize = 1_032;

/// A buffer that one huge file left behind is not kept for the next.
const KEPT: usize = 64 << 20;

/// Why a file was not inflated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GzipError {
    /// The stream is cut off, altered, or of another format.
    #[error("not a whole gzip file: it is cut off or damaged")]
    Damaged,
    /// Something follows the first member.
    #[error("unexpected data after the end of the compressed stream")]
    Trailing,
    /// It claims to inflate to more than is read.
    #[error("it inflates to {0} bytes; more than {LARGEST} are not read")]
    TooLarge(u64),
}

/// Inflates file after file into a buffer that is used again.
pub struct Inflater {
    decompressor: Decompressor,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Inflater {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inflater").field("buffer", &self.buffer.len()).finish_non_exhaustive()
    }
}

impl Default for Inflater {
    fn default() -> Self {
        Self { decompressor: Decompressor::new(), buffer: Vec::new() }
    }
}

/// Whether the bytes begin as a gzip file does.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

impl Inflater {
    /// The inflated bytes of a gzip file.
    ///
    /// # Errors
    /// [`GzipError`], if it is not exactly one whole member, or too large.
    pub fn inflate(&mut self, compressed: &[u8]) -> Result<&[u8], GzipError> {
        // A file ends with the length of what its last member inflates to, modulo 2^32 (RFC 1952, 2.3.1).
        let stated = compressed.last_chunk::<4>().ok_or(GzipError::Damaged)?;
        let length = usize::try_from(u32::from_le_bytes(*stated)).map_err(|_| GzipError::Damaged)?;
        if length > compressed.len().saturating_mul(HIGHEST_RATIO) {
            return Err(GzipError::Damaged);
        }
        if length > LARGEST {
            return Err(GzipError::TooLarge(length as u64));
        }
        if self.buffer.len() < length || self.buffer.len() > KEPT {
            self.buffer = vec![0; length];
        }
        let room = self.buffer.get_mut(..length).ok_or(GzipError::Damaged)?;
        let written = self.decompressor.gzip_decompress(compressed, room).map_err(|error| match error {
            DecompressionError::BadData => GzipError::Damaged,
            // The first member is longer than the file's end says: that end belongs to another member.
            DecompressionError::InsufficientSpace => GzipError::Trailing,
        })?;
        let inflated = self.buffer.get(..written).ok_or(GzipError::Damaged)?;
        if is_followed(compressed, inflated, *stated) { Err(GzipError::Trailing) } else { Ok(inflated) }
    }
}

/// Whether bytes follow the member that was inflated. The library does not say how many it read, but it did check the
/// member's last eight bytes, checksum and length: they are the file's last eight, and nowhere before, exactly if
/// nothing follows. The length alone settles it for nearly every file, and costs no second pass over what was inflated.
fn is_followed(compressed: &[u8], inflated: &[u8], stated: [u8; 4]) -> bool {
    if usize::try_from(u32::from_le_bytes(stated)) != Ok(inflated.len()) {
        return true;
    }
    if memmem::find(compressed, &stated) == Some(compressed.len().saturating_sub(stated.len())) {
        return false;
    }
    let checksum = libdeflater::crc32(inflated).to_le_bytes();
    let end = [checksum, stated].concat();
    memmem::find(compressed, &end) != Some(compressed.len().saturating_sub(end.len()))
}

#[cfg(test)]
pub(super) mod tests {
    use libdeflater::{CompressionLvl, Compressor};
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut compressor = Compressor::new(CompressionLvl::default());
        let mut out = vec![0; compressor.gzip_compress_bound(bytes.len())];
        let written = compressor.gzip_compress(bytes, &mut out).unwrap();
        out.truncate(written);
        out
    }

    fn inflate(compressed: &[u8]) -> Result<Vec<u8>, GzipError> {
        Inflater::default().inflate(compressed).map(<[u8]>::to_vec)
    }

    #[test]
    fn one_member_is_inflated_and_the_buffer_serves_again() {
        let mut inflater = Inflater::default();
        for text in [&b"a long text that comes first"[..], b"short", b""] {
            assert_eq!(inflater.inflate(&gzip(text)).unwrap(), text);
        }
    }

    #[test]
    fn a_second_member_is_refused_even_if_it_is_the_same_again() {
        let (one, other) = (gzip(b"{\"Records\":[]}"), gzip(b"{\"Records\":[{}]}"));
        for second in [&one, &other, &gzip(b""), &gzip(&[b'x'; 5_000])] {
            assert_eq!(inflate(&[one.as_slice(), second].concat()), Err(GzipError::Trailing));
        }
        let end = one.last_chunk::<8>().unwrap();
        for junk in [&b"\0"[..], b"junk of any length", end, &[b"junk", end.as_slice()].concat()] {
            assert!(inflate(&[one.as_slice(), junk].concat()).is_err(), "{junk:?}");
        }
    }

    #[test]
    fn a_length_that_happens_to_stand_in_the_stream_is_no_trailing_data() {
        // Stored, not compressed: the text holds its own length, as the end of the file does.
        let text = [16u8, 0, 0, 0].repeat(4);
        let mut stored = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1, 16, 0, 239, 255];
        stored.extend(&text);
        stored.extend(libdeflater::crc32(&text).to_le_bytes());
        stored.extend(16u32.to_le_bytes());
        assert_eq!(inflate(&stored).unwrap(), text);
    }

    #[test]
    fn absurd_lengths_are_refused_before_anything_is_allocated() {
        let lying = |mut file: Vec<u8>, megabytes: u32| {
            let at = file.len() - 4;
            file[at..].copy_from_slice(&(megabytes << 20).to_le_bytes());
            inflate(&file)
        };
        assert_eq!(lying(gzip(b"small"), 600), Err(GzipError::Damaged));
        let large = [gzip(b"small"), vec![0; 700_000]].concat();
        assert_eq!(lying(large.clone(), 600), Err(GzipError::TooLarge(600 << 20)));
        assert_eq!(lying(large, 400), Err(GzipError::Trailing));
        let cut = gzip(b"a text that is cut off somewhere");
        for length in 0..cut.len() {
            assert!(inflate(&cut[..length]).is_err());
        }
    }

    proptest! {
        #[test]
        fn what_was_compressed_comes_back_and_what_was_altered_does_not_pass_for_it(
            text in prop::collection::vec(any::<u8>(), 0..400), at in any::<prop::sample::Index>(), bit in 0..8u8,
        ) {
            let mut file = gzip(&text);
            prop_assert_eq!(inflate(&file).unwrap(), text.clone());
            let at = at.index(file.len());
            file[at] ^= 1 << bit;
            if let Ok(inflated) = inflate(&file) {
                prop_assert_eq!(inflated, text, "only bytes of the header that say nothing may change");
            }
        }
    }
}

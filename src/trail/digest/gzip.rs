//! Unpacking a file that has to be one gzip stream and nothing else.

use libdeflater::{DecompressionError, Decompressor};

/// More than a trail ever writes into one file; what claims to be larger is not unpacked.
const LARGEST: usize = 1 << 30;

/// DEFLATE cannot pack a byte more tightly than this.
const DENSEST: usize = 1_032;

/// Header and footer of an empty stream.
const SMALLEST: usize = 18;

/// Why a file was not unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotOneStream {
    /// It does not begin as gzip does.
    NotGzip,
    /// It begins as gzip, but is cut off, damaged, or larger than anything that a trail writes.
    Damaged,
    /// Bytes follow the first stream: a second one, or anything else.
    Trailing,
}

/// Unpacks one gzip stream that ends where the file ends.
pub(super) fn unpack(file: &[u8]) -> Result<Vec<u8>, NotOneStream> {
    if !file.starts_with(&[0x1f, 0x8b, 8]) {
        return Err(NotOneStream::NotGzip);
    }
    if file.len() < SMALLEST {
        return Err(NotOneStream::Damaged);
    }
    let mut inflater = Decompressor::new();
    let mut content = Vec::new();
    let length = loop {
        content.resize(next_size(file, content.len())?, 0);
        match inflater.gzip_decompress(file, &mut content) {
            Ok(length) => break length,
            Err(DecompressionError::InsufficientSpace) => {}
            Err(DecompressionError::BadData) => return Err(NotOneStream::Damaged),
        }
    };
    // The inflater does not say where the stream ended. If it needs the last byte, nothing follows.
    let shorter = file.get(..file.len() - 1).unwrap_or_default();
    let mut again = vec![0; length];
    if inflater.gzip_decompress(shorter, &mut again).is_ok() {
        return Err(NotOneStream::Trailing);
    }
    content.truncate(length);
    Ok(content)
}

/// How much room to try next: first what the footer says, as far as that is possible, then twice as much.
fn next_size(file: &[u8], tried: usize) -> Result<usize, NotOneStream> {
    let stated = || {
        let footer = file.last_chunk::<4>().map_or(0, |bytes| u32::from_le_bytes(*bytes));
        usize::try_from(footer).unwrap_or(usize::MAX).min(file.len().saturating_mul(DENSEST))
    };
    let next = if tried == 0 { stated().max(1) } else { tried.saturating_mul(2) };
    if next > LARGEST { Err(NotOneStream::Damaged) } else { Ok(next) }
}

#[cfg(test)]
mod tests {
    use libdeflater::{CompressionLvl, Compressor};
    use proptest::prelude::*;

    use super::*;

    fn pack(content: &[u8]) -> Vec<u8> {
        let mut packer = Compressor::new(CompressionLvl::default());
        let mut file = vec![0; packer.gzip_compress_bound(content.len())];
        let length = packer.gzip_compress(content, &mut file).unwrap();
        file.truncate(length);
        file
    }

    #[test]
    fn what_is_not_one_stream_is_refused() {
        let file = pack(b"{\"Records\": []}");
        assert_eq!(unpack(&file).unwrap(), b"{\"Records\": []}");
        assert_eq!(unpack(&pack(b"")).unwrap(), b"");
        assert_eq!(unpack(b"{}"), Err(NotOneStream::NotGzip));
        assert_eq!(unpack(&file[..10]), Err(NotOneStream::Damaged));
        assert_eq!(unpack(&file[..file.len() - 1]), Err(NotOneStream::Damaged));
        assert_eq!(unpack(&[&file[..], b"\0"].concat()), Err(NotOneStream::Trailing));
        assert_eq!(unpack(&[&file[..], &pack(b"more")[..]].concat()), Err(NotOneStream::Trailing));
    }

    #[test]
    fn a_second_stream_with_the_footer_of_the_first_does_not_hide() {
        let file = pack(b"content");
        let footer = &file[file.len() - 8..];
        assert_eq!(unpack(&[&file[..], b"hidden", footer].concat()), Err(NotOneStream::Trailing));
    }

    #[test]
    fn a_footer_that_lies_about_the_size_costs_no_memory() {
        let mut file = pack(b"content");
        let length = file.len();
        file[length - 4..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(unpack(&file), Err(NotOneStream::Damaged));
    }

    proptest! {
        #[test]
        fn whatever_was_packed_comes_back(content in proptest::collection::vec(any::<u8>(), 0..5_000), tail in proptest::collection::vec(any::<u8>(), 1..30)) {
            let file = pack(&content);
            prop_assert_eq!(unpack(&file).unwrap(), content);
            prop_assert_eq!(unpack(&[file, tail].concat()), Err(NotOneStream::Trailing));
        }
    }
}

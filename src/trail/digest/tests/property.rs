//! Laws: one changed byte is noticed, and spans partition what was asked for, whatever is there.

use proptest::prelude::*;

use super::super::content::unpack;
use super::*;

/// Bytes of a gzip header that say nothing of the content (RFC 1952): the flag `FTEXT`, the time, the extra flags and the
/// operating system. Elsewhere only bits that fill up the last byte of the DEFLATE stream mean nothing.
const IDLE: std::ops::Range<usize> = 3..10;

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn one_changed_byte_of_any_file_is_noticed(file in any::<prop::sample::Index>(), place in any::<prop::sample::Index>(), flip in 1..=255u8) {
        let mut trail = Trail::of_hours(3);
        let keys: Vec<String> = trail.bucket.objects.keys().cloned().collect();
        let key = file.get(&keys).clone();
        let before = trail.bytes(&key).clone();
        let place = place.index(before.len());
        trail.bytes(&key)[place] ^= flip;
        let verification = trail.verify(3);
        let noticed = verification.is_tampered() && wrong(&verification).iter().any(|(wrong, _)| *wrong == key);
        let same = unpack(trail.bytes(&key), Fault::Hash).ok() == unpack(&before, Fault::Hash).ok();
        let filling = place == before.len() - 9;
        prop_assert!(noticed != (same && (IDLE.contains(&place) || filling)), "byte {} of {}", place, key);
    }

    #[test]
    fn one_changed_byte_of_a_signature_is_noticed(digest in 0..3usize, place in 0..512usize, to in "[ -~]") {
        let mut trail = Trail::of_hours(3);
        let key = trail.digests[digest].clone();
        let signature = trail.metadata(&key)["signature"].clone();
        let mut changed = signature.clone();
        changed.replace_range(place..=place, &to);
        trail.metadata(&key).insert("signature".to_owned(), changed.clone());
        let same = changed.eq_ignore_ascii_case(&signature);
        prop_assert_eq!(trail.verify(3).is_tampered(), !same);
    }

    #[test]
    fn spans_partition_what_was_asked_for(
        deleted in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        from in -90..400i64,
        length in 1..400i64,
        is_folder in any::<bool>(),
    ) {
        let mut trail = Trail::of_hours(5);
        trail.bucket.is_folder = is_folder;
        for index in deleted {
            let keys: Vec<String> = trail.bucket.objects.keys().cloned().collect();
            let key: &String = index.get(&keys);
            trail.delete(key);
        }
        let (from, to) = (at(from), at(from + length));
        let verification = trail.ask(&Request { from, to, ..Trail::request(5) }).unwrap();
        for spans in verification.trails.iter().map(|trail| &trail.spans).chain([&verification.spans()]) {
            prop_assert_eq!(spans.first().unwrap().from, from);
            prop_assert_eq!(spans.last().unwrap().to, to);
            prop_assert!(spans.windows(2).all(|pair| pair[0].to == pair[1].from && pair[0].coverage != pair[1].coverage));
        }
        // What is called valid has every log file of its time verified.
        for key in &trail.logs {
            let (delivered, _) = Trail::area().log(key).unwrap();
            if verification.covers(delivered, delivered) {
                prop_assert!(verification.verified(key), "{}", key);
            }
        }
    }
}

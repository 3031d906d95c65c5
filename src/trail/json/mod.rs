//! Finding records in the text of a log file without parsing all of it.
//!
//! Everything here rests on one fact of JSON: inside a string a quotation mark is always escaped. So where a brace or a
//! quotation mark stands can nearly always be told from what follows it ([`structure`]), and the objects that matter can
//! be found from inside out. What cannot be told is left to [`split`], which reads from the beginning.

pub(super) mod split;
pub(super) mod structure;

/// Whether JSON allows the byte between tokens.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// The first position from `at` on that is no white space.
pub(super) fn skip_space(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !is_space(*byte)).unwrap_or(rest.len())
}

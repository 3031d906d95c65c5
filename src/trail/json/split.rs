//! A text of any form split into its records, read from the beginning.
//!
//! A log file is `{"Records":[…]}`. Downloaded and converted files also come as a bare list, one bare record, one record a
//! line, or several of these one after another. Whatever is wrong inside a record leaves the others readable.

use std::ops::Range;

use memchr::memchr2;
use serde::de::IgnoredAny;

use super::{is_space, skip_space};

/// What stands in a file in the place of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::trail) enum Piece {
    /// An object; whether it is valid JSON is not known yet.
    Record(Range<usize>),
    /// Something else in the place of a record, and what is wrong with it.
    Element(&'static str),
    /// Something else anywhere, and what is wrong with it.
    Stray(String),
}

/// Hands over every piece in its order. Records are the objects in the lists of the outermost value; without lists,
/// that object itself.
pub(in crate::trail) fn split(text: &[u8], each: &mut dyn FnMut(Piece)) {
    // Some editors begin a file with a byte order mark.
    let mut at = skip_space(text, if text.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 });
    if at == text.len() {
        each(Piece::Stray("the file is empty".to_owned()));
    }
    while let Some(first) = text.get(at) {
        let end = match first {
            b'{' | b'[' => end_of(text, at),
            _ => None,
        };
        let Some(end) = end else {
            let reason = match first {
                b'{' | b'[' if is_envelope(text, at..text.len()) => {
                    records_of(text, at..text.len(), each);
                    "the file ends within the list of records".to_owned()
                }
                b'{' | b'[' => format!("what begins at byte {at} does not end"),
                _ => format!("byte {at} begins neither an object nor a list"),
            };
            each(Piece::Stray(reason));
            return;
        };
        if *first == b'[' || is_envelope(text, at..end) {
            let mut whole = true;
            records_of(text, at..end, &mut |piece| {
                whole &= is_valid(text, &piece);
                each(piece);
            });
            // A comma too many, or two records with none between them.
            let document = text.get(at..end).unwrap_or_default();
            if let (true, Err(error)) = (whole, serde_json::from_slice::<IgnoredAny>(document)) {
                each(Piece::Stray(format!("between the records: {error}")));
            }
        } else {
            each(Piece::Record(at..end));
        }
        at = skip_space(text, end);
    }
}

fn is_valid(text: &[u8], piece: &Piece) -> bool {
    match piece {
        Piece::Record(range) => {
            serde_json::from_slice::<IgnoredAny>(text.get(range.clone()).unwrap_or_default()).is_ok()
        }
        Piece::Element(_) | Piece::Stray(_) => false,
    }
}

/// Whether an object carries a list of records rather than being one.
fn is_envelope(text: &[u8], document: Range<usize>) -> bool {
    let (mut at, end) = (document.start + 1, document.end);
    let mut depth = 0_usize;
    while at < end {
        match text.get(at) {
            Some(b'"') => {
                let Some(after) = end_of_string(text, at) else { return false };
                let value = skip_space(text, after);
                if depth == 0 && text.get(value) == Some(&b':') && is_records(text.get(at..after).unwrap_or_default()) {
                    return text.get(skip_space(text, value + 1)) == Some(&b'[');
                }
                at = after;
                continue;
            }
            Some(b'{' | b'[') => depth += 1,
            Some(b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    false
}

/// Whether a quoted key is `Records`, however it is escaped.
fn is_records(key: &[u8]) -> bool {
    key == b"\"Records\""
        || (key.contains(&b'\\') && serde_json::from_slice::<String>(key).is_ok_and(|key| key == "Records"))
}

/// The pieces in the lists of one value: of a list, or of an object that carries lists.
fn records_of(text: &[u8], document: Range<usize>, each: &mut dyn FnMut(Piece)) {
    let envelope = text.get(document.start) == Some(&b'{');
    let mut at = document.start + usize::from(envelope);
    let mut lists = 0_usize;
    while at < document.end {
        let Some(byte) = text.get(at) else { return };
        match byte {
            b'{' => {
                let Some(end) = end_of(text, at) else {
                    return each(Piece::Element("it does not end"));
                };
                // An object beside the list is none of the records.
                if lists > 0 {
                    each(Piece::Record(at..end));
                }
                at = end;
                continue;
            }
            b'[' => lists += 1,
            b']' => lists = lists.saturating_sub(1),
            b'"' => {
                if lists > 0 {
                    each(Piece::Element("not an object"));
                }
                let Some(end) = end_of_string(text, at) else { return };
                at = end;
                continue;
            }
            byte if lists > 0 && !is_space(*byte) && *byte != b',' => {
                each(Piece::Element("not an object"));
                let rest = text.get(at..).unwrap_or_default();
                let length =
                    rest.iter().position(|byte| is_space(*byte) || matches!(byte, b',' | b']' | b'}' | b'{' | b'"'));
                at += length.unwrap_or(rest.len()).max(1);
                continue;
            }
            _ => {}
        }
        at += 1;
    }
}

/// The position after the object or list that begins at `at`.
fn end_of(text: &[u8], at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    let mut at = at;
    loop {
        match text.get(at)? {
            b'"' => {
                at = end_of_string(text, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}

/// The position after the string whose quotation mark is at `at`.
fn end_of_string(text: &[u8], at: usize) -> Option<usize> {
    let mut at = at + 1;
    loop {
        at += memchr2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(text: &str) -> Vec<Result<&str, String>> {
        let mut pieces = Vec::new();
        split(text.as_bytes(), &mut |piece| {
            pieces.push(match piece {
                Piece::Record(range) => Ok(&text[range]),
                Piece::Element(reason) => Err(reason.to_owned()),
                Piece::Stray(reason) => Err(reason),
            });
        });
        pieces
    }

    #[test]
    fn every_form_of_a_file_gives_its_records() {
        let (a, b) = (r#"{"a":"]}\"{","n":[{"x":1}]}"#, r#"{"b":{}}"#);
        let both = [Ok(a), Ok(b)];
        for text in [
            format!(r#"{{"Records":[{a},{b}]}}"#),
            format!("\u{feff} {{ \"Records\" :\n[ {a} ,\t{b} ] }}\n"),
            format!(r#"{{"\u0052ecords":[{a},{b}]}}"#),
            format!(r#"{{"note":{{"Records":[7]}},"n":"Records","Records":[{a},{b}],"more":1}}"#),
            format!("[{a},{b}]"),
            format!("[[{a}],[],[{b}]]"),
            format!("{a}\n{b}\n"),
            format!("{a}{b}"),
            format!("{{\"Records\":[{a}]}}\n{{\"Records\":[{b}]}}"),
        ] {
            assert_eq!(pieces(&text), both, "{text}");
        }
        assert_eq!(pieces(a), [Ok(a)]);
        assert_eq!(pieces(r#"{"Records":[]}"#), []);
        assert_eq!(pieces(r#"{"Records":"none"}"#), [Ok(r#"{"Records":"none"}"#)]);
    }

    #[test]
    fn what_is_no_record_is_told_and_leaves_the_rest() {
        let reason = |text: &str| pieces(text).into_iter().filter_map(Result::err).collect::<Vec<_>>();
        assert_eq!(pieces(r#"{"Records":[{"a":1},7,"x",null,{"b":2}]}"#).len(), 5);
        assert_eq!(reason(r#"{"Records":[{"a":1},7,"{",{"b":2}]}"#), ["not an object", "not an object"]);
        assert_eq!(pieces(r#"{"Records":[{"a":1},{"b":2"#)[0], Ok(r#"{"a":1}"#));
        assert_eq!(
            reason(r#"{"Records":[{"a":1},{"b":2"#),
            ["it does not end", "the file ends within the list of records"]
        );
        assert_eq!(pieces(r#"[{"a":1}{"b":2}]"#)[..2], [Ok(r#"{"a":1}"#), Ok(r#"{"b":2}"#)]);
        assert!(reason(r#"[{"a":1}{"b":2}]"#)[0].contains("between the records"));
        assert!(reason(r#"[{"a":1},]"#)[0].contains("between the records"));
        assert_eq!(reason("  "), ["the file is empty"]);
        assert!(reason("<html>")[0].contains("neither an object nor a list"));
        assert!(reason("{\"a\":\"")[0].contains("does not end"));
    }
}

//! Lists of JSON objects, one on a line, written one by one: a list need never be in memory.
//!
//! Some readers end a line where Unicode does and JSON does not, so the characters that part lines are written as escapes.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// A JSON array.
pub(super) fn array<T: Serialize>(items: impl Iterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    out.write_all(b"[")?;
    for (item, number) in items.zip(0_u64..) {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        line(&item, &mut out)?;
    }
    out.write_all(b"\n]\n")?;
    out.flush()
}

/// One object a line.
pub(super) fn jsonl<T: Serialize>(items: impl Iterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    for item in items {
        line(&item, &mut out)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

fn line(item: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    Ok(item.serialize(&mut Serializer::with_formatter(out, OneLine))?)
}

/// Compact, and on one line to every reader.
struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        let mut rest = text;
        while let Some((at, parting)) =
            rest.char_indices().find(|(_, c)| matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}'))
        {
            let (before, after) = rest.split_at(at);
            write!(out, "{before}\\u{:04x}", u32::from(parting))?;
            rest = after.get(parting.len_utf8()..).unwrap_or_default();
        }
        out.write_all(rest.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_is_one_line_to_every_reader() {
        let items = ["a\u{2028}b\u{85}", "c\nd\u{b}\u{1e}", "é\u{2029}"];
        let mut text = Vec::new();
        jsonl(items.iter(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains(['\u{2028}', '\u{2029}', '\u{85}', '\u{b}', '\u{1e}']), "{text:?}");
        let back: Vec<String> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(back, items);
        let mut list = Vec::new();
        array(items.iter(), &mut list).unwrap();
        assert_eq!(serde_json::from_slice::<Vec<String>>(&list).unwrap(), items);
    }
}

//! Lists of JSON objects, one on a line, written one by one: a list need never be in memory.

use std::io::{self, Write};

use serde::Serialize;

/// A JSON array.
pub(super) fn array<T: Serialize>(items: impl Iterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    out.write_all(b"[")?;
    for (item, number) in items.zip(0_u64..) {
        out.write_all(if number == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut out, &item)?;
    }
    out.write_all(b"\n]\n")?;
    out.flush()
}

/// One object a line.
pub(super) fn jsonl<T: Serialize>(items: impl Iterator<Item = T>, out: &mut dyn Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 16, out);
    for item in items {
        serde_json::to_writer(&mut out, &item)?;
        out.write_all(b"\n")?;
    }
    out.flush()
}

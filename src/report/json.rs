//! `report.json`: the document itself. Fields in the order of the schema, maps sorted, one final newline.

use std::io::{self, Write};

use super::document::Report;

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    out.write_all(b"\n")
}

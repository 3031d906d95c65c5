//! The formats of a list of records: a table for people, CSV for spreadsheets, JSON lines for machines.

use std::fmt::Write;

use serde_json::Value;

use super::rows::Row;
use crate::report::cell;
use crate::report::escape::visible;

const HEADER: [&str; 11] = [
    "time",
    "event_name",
    "event_source",
    "actor",
    "actor_kind",
    "subject",
    "account",
    "region",
    "error",
    "event_id",
    "file",
];

/// Columns of a table are no wider than this; the other formats cut nothing.
const WIDEST: usize = 64;

/// Rows under a heading, each column as wide as it must be.
pub(super) fn table(rows: &[Row]) -> String {
    let cells = rows.iter().map(|row| {
        let place = if row.account.is_empty() { row.region.clone() } else { format!("{}/{}", row.account, row.region) };
        let who = if row.kind.is_empty() { row.who.clone() } else { format!("{} ({})", row.who, row.kind) };
        [&row.time, &row.name, &who, &row.what, &place, &row.error].map(|text| cut(&visible(text)))
    });
    let head = ["TIME", "EVENT", "WHO", "WHAT", "ACCOUNT/REGION", "ERROR"].map(str::to_owned);
    let lines: Vec<[String; 6]> = std::iter::once(head).chain(cells).collect();
    let mut widths = [0; 6];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut out = String::new();
    for line in lines {
        let padded: Vec<String> = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        out.push_str(padded.join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// A text that fits a column. Of an ARN the end tells more than the beginning.
fn cut(text: &str) -> String {
    let length = text.chars().count();
    if length <= WIDEST {
        return text.to_owned();
    }
    let end = text.chars().skip(length - WIDEST + 1);
    std::iter::once('…').chain(end).collect()
}

/// Rows under a header, for a spreadsheet; no cell is taken for a formula.
pub(super) fn csv(rows: &[Row]) -> anyhow::Result<String> {
    let mut csv = ::csv::WriterBuilder::new().terminator(::csv::Terminator::CRLF).from_writer(Vec::new());
    csv.write_record(HEADER)?;
    for row in rows {
        let cells = [
            &row.time,
            &row.name,
            &row.source,
            &row.who,
            row.kind,
            &row.what,
            &row.account,
            &row.region,
            &row.error,
            &row.id,
            &row.file,
        ];
        csv.write_record(cells.map(|text| cell(text).into_owned()))?;
    }
    Ok(String::from_utf8(csv.into_inner()?)?)
}

/// One line: the file, and the record as it is written there.
pub(super) fn json_line(out: &mut String, file: &str, text: &str) {
    // Outside of strings line breaks mean nothing, and in them JSON allows none.
    let text: String = text.chars().map(|c| if c.is_ascii_control() { ' ' } else { c }).collect();
    // Writing to a string cannot fail.
    writeln!(out, r#"{{"file":{},"record":{text}}}"#, Value::from(file)).ok();
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "=cmd|' /C calc'!A0\u{1b}[31m\u{202e}\n,\"x\"";

    fn hostile() -> Row {
        let text = || HOSTILE.to_owned();
        Row {
            time: text(),
            name: text(),
            source: text(),
            who: text(),
            kind: "unknown",
            what: "x".repeat(500),
            account: text(),
            region: text(),
            error: text(),
            id: text(),
            file: text(),
        }
    }

    #[test]
    fn a_table_is_lines_of_plain_text() {
        let table = table(&[hostile(), Row::default()]);
        assert_eq!(table.lines().count(), 3);
        assert!(!table.contains(['\u{1b}', '\u{202e}']), "{table:?}");
        assert!(table.lines().all(|line| line.chars().count() < 6 * (WIDEST + 2)));
    }

    #[test]
    fn columns_line_up() {
        let row = |name: &str, what: &str| Row { name: name.to_owned(), what: what.to_owned(), ..Row::default() };
        let table = table(&[row("CreateModel", "é"), row("X", "y")]);
        let columns: Vec<usize> =
            table.lines().skip(1).map(|line| line.chars().position(|c| c == 'é' || c == 'y').unwrap()).collect();
        assert_eq!(columns[0], columns[1]);
        assert_eq!(cut(&"a".repeat(WIDEST)).chars().count(), WIDEST);
        assert!(cut(&format!("{}end", "a".repeat(WIDEST))).starts_with('…'));
    }

    #[test]
    fn no_cell_of_the_csv_is_a_formula_and_each_row_is_one_record() {
        let text = csv(&[hostile()]).unwrap();
        let mut reader = ::csv::Reader::from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap(), HEADER.as_slice());
        let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 1);
        for cell in &rows[0] {
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !cell.contains('\u{1b}'), "{cell}");
        }
    }

    #[test]
    fn a_json_line_is_one_line_and_holds_the_record_unchanged() {
        let mut out = String::new();
        json_line(&mut out, "a\"\n", "{\r\n\t\"n\" : \"é\\n\\u001b\",\n \"big\": 12345678901234567890.5}");
        assert_eq!(out.lines().count(), 1);
        assert!(out.contains(r#""n" : "é\n\u001b""#) && out.contains("12345678901234567890.5"), "{out}");
        let value: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(value["file"], "a\"\n");
    }
}

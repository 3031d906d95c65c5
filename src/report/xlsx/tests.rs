//! The workbook, read back as the files that it is made of.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use super::*;
use crate::report::sample::{HOSTILE, bank, blank, hostile};

/// The parts of a workbook by name.
fn parts(bytes: &[u8]) -> BTreeMap<String, String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).unwrap();
            let mut text = String::new();
            file.read_to_string(&mut text).unwrap();
            (file.name().unwrap().into_owned(), text)
        })
        .collect()
}

fn written(report: &Report) -> BTreeMap<String, String> {
    let mut bytes = Vec::new();
    write(report, &mut bytes).unwrap();
    parts(&bytes)
}

/// The cells of a sheet by place: their type, style and value. Text is looked up among the shared strings.
fn cells(parts: &BTreeMap<String, String>, sheet: usize) -> BTreeMap<String, (String, String)> {
    let shared: Vec<String> = parts
        .get("xl/sharedStrings.xml")
        .map(|xml| xml.split("<si>").skip(1).map(|si| between(si, "<t", "</t>")).collect())
        .unwrap_or_default();
    let xml = &parts[&format!("xl/worksheets/sheet{sheet}.xml")];
    let cell = |piece: &str| {
        let place = between(piece, " r=\"", "\"");
        let head = piece.split('>').next().unwrap();
        let kind = if head.contains(" t=\"s\"") { "text" } else { "number" };
        let value = piece.split_once("<v>").unwrap().1.split_once("</v>").unwrap().0;
        let value = if kind == "text" { shared[value.parse::<usize>().unwrap()].clone() } else { value.to_owned() };
        (place, (kind.to_owned(), value))
    };
    xml.split("<c ").skip(1).map(|piece| cell(&format!(" {piece}"))).collect()
}

fn between(text: &str, open: &str, close: &str) -> String {
    let rest = text.split_once(open).unwrap().1;
    let rest = if open == "<t" { rest.split_once('>').unwrap().1 } else { rest };
    rest.split_once(close).unwrap().0.to_owned()
}

#[test]
fn nothing_is_a_formula_and_nothing_leads_elsewhere() {
    for report in [bank(), hostile(), blank()] {
        let parts = written(&report);
        for (name, xml) in &parts {
            assert!(!xml.contains("<f>") && !xml.contains("<f "), "a formula in {name}");
            assert!(!xml.contains("<hyperlink") && !name.contains("externalLink"), "a link in {name}");
            let bad = xml.chars().find(|c| {
                (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
                    || matches!(c, '\u{202e}' | '\u{2066}' | '\u{200b}')
            });
            assert_eq!(bad, None, "{name}");
        }
        assert_eq!(parts.keys().filter(|name| name.starts_with("xl/worksheets/sheet")).count(), 8);
    }
}

#[test]
fn hostile_text_comes_through_as_text() {
    let mut report = bank();
    let names: Vec<String> = HOSTILE.iter().map(|text| (*text).to_owned()).chain(strange()).collect();
    let waste = report.costs.as_ref().unwrap().waste[0].clone();
    let costs = report.costs.as_mut().unwrap();
    costs.waste =
        names.iter().map(|name| crate::report::document::WasteRow { what: name.clone(), ..waste.clone() }).collect();
    let cells = cells(&written(&report), 6);
    for (name, row) in names.iter().zip(2..) {
        let Some((kind, value)) = cells.get(&format!("A{row}")) else {
            assert!(name.is_empty(), "{name:?} is lost");
            continue;
        };
        assert_eq!(kind, "text", "{name:?}");
        let back = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        let shown = fitting(name);
        // A text that looks like Excel's own escape is escaped, else it would be read as the character.
        assert_eq!(back.replace("_x005F_", "_"), shown, "{name:?}");
    }
}

/// Tag values of strangers that are long, empty, of another script, or Excel's own escapes.
fn strange() -> Vec<String> {
    vec![
        "x".repeat(256),
        "🧾💸".repeat(64),
        "\u{645}\u{627}\u{644} USD".to_owned(),
        String::new(),
        "_x0041_".to_owned(),
        " spaces around ".to_owned(),
        "é".repeat(40_000),
        "💸".repeat(20_000),
    ]
}

#[test]
fn text_that_is_too_long_is_cut_to_what_excel_takes() {
    for text in strange() {
        let fits = fitting(&text);
        assert!(fits.encode_utf16().count() <= LONGEST);
        assert_eq!(fits.ends_with('…'), text.encode_utf16().count() > LONGEST);
    }
}

#[test]
fn amounts_are_numbers_and_days_are_dates() {
    let report = bank();
    let parts = written(&report);
    let summary = cells(&parts, 1);
    // 2026-11-20 is day 46346 of Excel's calendar.
    assert_eq!(summary["B2"], ("number".to_owned(), "46346".to_owned()));
    let live = cells(&parts, 2);
    assert_eq!(live["K1"].1, "cost");
    let costs = &report.costs.as_ref().unwrap().live_versions;
    for (row, at) in costs.iter().zip(2..) {
        match row.cost.amount {
            Some(amount) => {
                assert_eq!(live[&format!("K{at}")].0, "number");
                let written: Decimal = live[&format!("K{at}")].1.parse().unwrap();
                assert_eq!(written.round_dp(2), amount.round_dp(2));
                assert_eq!(live[&format!("J{at}")].1, "USD");
            }
            None => {
                assert!(!live.contains_key(&format!("K{at}")), "what is not known is empty, not zero");
                assert_eq!(live[&format!("W{at}")].0, "text");
            }
        }
    }
    let spend = &parts["xl/worksheets/sheet7.xml"];
    assert!(spend.contains("state=\"frozen\"") && spend.contains("<autoFilter ref=\"A1:G"), "{spend:.900}");
    assert!(spend.contains("<cols>"));
}

#[test]
fn the_same_report_gives_the_same_bytes_whenever_it_is_written() {
    let parts = written(&bank());
    let properties = &parts["docProps/core.xml"];
    assert!(properties.contains("2026-11-20T09:00:00Z"), "{properties}");
    let mut bytes = Vec::new();
    write(&bank(), &mut bytes).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(&bytes)).unwrap();
    for at in 0..archive.len() {
        let year = archive.by_index(at).unwrap().last_modified().map(|at| at.year());
        assert!(year.is_none_or(|year| year == 1980), "{year:?}");
    }
}

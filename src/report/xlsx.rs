//! `costs.xlsx`: money for those who live in spreadsheets. Numbers are numbers and dates are dates; a cell with text is
//! always written as text, so that nothing that strangers wrote is ever a formula.
//!
//! A spreadsheet knows only binary floating point: amounts there are the nearest such number, shown to the cent. What is
//! exact stands in `report.json`. An amount that is not known is an empty cell, with the reason in a column of its own.

use std::io::{self, Write};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::document::Report;
use super::escape::visible;

mod sheets;

/// The most UTF-16 units that Excel takes in a cell.
const LONGEST: usize = 32_767;

/// One cell.
enum Cell {
    Text(String),
    /// An amount of money, without its currency.
    Money(Decimal),
    /// A small amount, such as a price.
    Fine(Decimal),
    Number(f64),
    Share(f64),
    Day(Date),
    Empty,
}

/// One sheet: its name, its columns with their widths, and its rows.
struct Sheet {
    name: &'static str,
    columns: Vec<(&'static str, u8)>,
    rows: Vec<Vec<Cell>>,
}

pub(super) fn write(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let bytes = workbook(report).map_err(io::Error::other)?;
    out.write_all(&bytes)
}

fn workbook(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // Else the instant of writing would stand in the file.
    let properties =
        DocProperties::new().set_title("Models, owners and cost").set_creation_datetime(&instant(report.as_of)?);
    book.set_properties(&properties);
    let formats = Formats::new();
    for sheet in sheets::all(report) {
        sheet.write(book.add_worksheet(), &formats)?;
    }
    book.save_to_buffer()
}

struct Formats {
    head: Format,
    text: Format,
    money: Format,
    fine: Format,
    number: Format,
    share: Format,
    day: Format,
}

impl Formats {
    fn new() -> Self {
        let cell = || Format::new().set_align(FormatAlign::Top);
        Self {
            head: Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top),
            text: cell().set_text_wrap(),
            money: cell().set_num_format("#,##0.00"),
            fine: cell().set_num_format("#,##0.00####"),
            number: cell().set_num_format("#,##0.##"),
            share: cell().set_num_format("0.0%"),
            day: cell().set_num_format("yyyy-mm-dd"),
        }
    }
}

impl Sheet {
    fn write(&self, sheet: &mut Worksheet, formats: &Formats) -> Result<(), XlsxError> {
        sheet.set_name(self.name)?;
        for ((name, width), column) in self.columns.iter().zip(0_u16..) {
            sheet.write_string_with_format(0, column, *name, &formats.head)?;
            sheet.set_column_width(column, *width)?;
        }
        for (row, at) in self.rows.iter().zip(1_u32..) {
            for (cell, column) in row.iter().zip(0_u16..) {
                cell.write(sheet, at, column, formats)?;
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        let (last, rows) = (self.columns.len().saturating_sub(1), self.rows.len());
        if let (Ok(last), Ok(rows)) = (u16::try_from(last), u32::try_from(rows)) {
            sheet.autofilter(0, 0, rows, last)?;
        }
        Ok(())
    }
}

impl Cell {
    fn text(text: impl AsRef<str>) -> Self {
        Self::Text(fitting(text.as_ref()))
    }

    fn maybe(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, Self::text)
    }

    fn count(count: usize) -> Self {
        u32::try_from(count).map_or_else(|_| Self::text(count.to_string()), |count| Self::Number(f64::from(count)))
    }

    fn instant(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Empty, |at| Self::Day(at.to_zoned(TimeZone::UTC).date()))
    }

    fn write(&self, sheet: &mut Worksheet, row: u32, column: u16, formats: &Formats) -> Result<(), XlsxError> {
        let number = |value: &Decimal| value.to_f64().filter(|value| value.is_finite());
        match self {
            Self::Empty => {}
            Self::Text(text) if text.is_empty() => {}
            Self::Text(text) => _ = sheet.write_string_with_format(row, column, text, &formats.text)?,
            Self::Money(value) | Self::Fine(value) => {
                let format = if matches!(self, Self::Money(_)) { &formats.money } else { &formats.fine };
                match number(value) {
                    Some(number) => _ = sheet.write_number_with_format(row, column, number, format)?,
                    None => _ = sheet.write_string_with_format(row, column, value.to_string(), &formats.text)?,
                }
            }
            Self::Number(value) => _ = sheet.write_number_with_format(row, column, *value, &formats.number)?,
            Self::Share(value) => _ = sheet.write_number_with_format(row, column, *value, &formats.share)?,
            Self::Day(day) => match excel(*day) {
                Ok(day) => _ = sheet.write_datetime_with_format(row, column, &day, &formats.day)?,
                // Excel's calendar begins in 1900.
                Err(_) => _ = sheet.write_string_with_format(row, column, day.to_string(), &formats.text)?,
            },
        }
        Ok(())
    }
}

/// Text that a cell takes: what deceives is written out, and what is too long is cut, which it says.
fn fitting(text: &str) -> String {
    let shown = visible(text);
    if shown.encode_utf16().count() <= LONGEST {
        return shown.into_owned();
    }
    let mut length = 1;
    let fits = |c: &char| {
        length += c.len_utf16();
        length <= LONGEST
    };
    let mut cut: String = shown.chars().take_while(fits).collect();
    cut.push('…');
    cut
}

fn excel(day: Date) -> Result<ExcelDateTime, XlsxError> {
    let part = |value: i8| u8::try_from(value).unwrap_or_default();
    ExcelDateTime::from_ymd(u16::try_from(day.year()).unwrap_or_default(), part(day.month()), part(day.day()))
}

fn instant(at: Timestamp) -> Result<ExcelDateTime, XlsxError> {
    let at = at.to_zoned(TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).unwrap_or_default();
    excel(at.date())?.and_hms(u16::from(part(at.hour())), part(at.minute()), f64::from(part(at.second())))
}

#[cfg(test)]
mod tests;

//! A policy file as it is written: TOML values that know where they stand, and a note of everything that is wrong.
//!
//! Deserializing straight into the policy would stop at the first mistake. Here each value is asked for what it should
//! be; a wrong one is noted with its place and read as absent, and a key that nobody asked for is noted in the end.

use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};

use jiff::Timestamp;
use jiff::civil;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::mistake::Mistake;
use super::nearest::nearest;

/// What is wrong so far.
#[derive(Debug)]
pub(crate) struct Notes<'t> {
    text: &'t str,
    mistakes: RefCell<Vec<Note>>,
}

#[derive(Debug)]
struct Note {
    at: usize,
    kind: Kind,
    message: String,
    advice: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Syntax,
    Absent,
    Wrong,
}

impl<'t> Notes<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, mistakes: RefCell::default() }
    }

    /// Notes what is wrong at a place.
    pub(crate) fn wrong(&self, at: usize, message: impl Into<String>, advice: impl Into<String>) {
        self.note(at, Kind::Wrong, message, advice);
    }

    /// Notes what has to be at a place and is not there.
    pub(crate) fn missing(&self, at: usize, message: impl Into<String>, advice: impl Into<String>) {
        self.note(at, Kind::Absent, message, advice);
    }

    fn note(&self, at: usize, kind: Kind, message: impl Into<String>, advice: impl Into<String>) {
        self.mistakes.borrow_mut().push(Note { at, kind, message: message.into(), advice: advice.into() });
    }

    /// Line and column of a byte, both from 1.
    pub(crate) fn place(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    /// A note as a mistake with its line and column.
    pub(crate) fn mistake(&self, at: usize, message: String, advice: String) -> Mistake {
        let (line, column) = self.place(at);
        Mistake { line, column, message, advice }
    }

    /// All mistakes in the order of the file. What a syntax error may have swallowed is not called missing.
    pub(crate) fn finish(self) -> Vec<Mistake> {
        let notes = self.mistakes.take();
        let broken: Vec<usize> =
            notes.iter().filter(|note| note.kind == Kind::Syntax).map(|note| self.place(note.at).0).collect();
        let mut mistakes: Vec<Mistake> = notes
            .into_iter()
            .filter(|note| match note.kind {
                Kind::Syntax => true,
                Kind::Absent => broken.is_empty(),
                Kind::Wrong => !broken.contains(&self.place(note.at).0),
            })
            .map(|note| self.mistake(note.at, note.message, note.advice))
            .collect();
        mistakes.sort();
        mistakes.dedup();
        mistakes
    }

    /// Parses the whole file; what is readable of a broken one is still checked.
    pub(crate) fn parse(&self) -> Spanned<DeTable<'t>> {
        let (table, errors) = DeTable::parse_recoverable(self.text);
        for error in errors {
            let at = error.span().map_or(0, |span| span.start);
            let message = error.message().trim().replace('\n', ", ");
            self.note(at, Kind::Syntax, format!("not valid TOML: {message}"), "correct the line; see https://toml.io");
        }
        table
    }
}

/// A table whose keys are asked for one by one.
#[derive(Debug)]
pub(crate) struct Section<'d> {
    /// As a reader names it, such as `[scope]`.
    name: String,
    at: usize,
    table: &'d DeTable<'d>,
    asked: Vec<&'static str>,
    notes: &'d Notes<'d>,
}

/// Whether a date without a time means its first or its last moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Day {
    Begins,
    Ends,
}

impl<'d> Section<'d> {
    pub(crate) fn new(name: impl Into<String>, at: usize, table: &'d DeTable<'d>, notes: &'d Notes<'d>) -> Self {
        Self { name: name.into(), at, table, asked: Vec::new(), notes }
    }

    /// Where it begins.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    /// Line on which it begins.
    pub(crate) fn line(&self) -> usize {
        self.notes.place(self.at).0
    }

    /// The notes that it writes to.
    pub(crate) fn notes(&self) -> &'d Notes<'d> {
        self.notes
    }

    /// Whether a key is there, whatever its value.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The value of a key, if it is there.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<Value<'d>> {
        self.asked.push(key);
        let (_, value) = self.table.get_key_value(key)?;
        Some(Value { name: key.to_owned(), data: value, notes: self.notes })
    }

    /// The value of a key that has to be there; otherwise `advice` says what to write.
    pub(crate) fn need(&mut self, key: &'static str, advice: &str) -> Option<Value<'d>> {
        let value = self.take(key);
        if value.is_none() {
            self.notes.missing(self.at, format!("{} has no `{key}`", self.name), advice);
        }
        value
    }

    pub(crate) fn text(&mut self, key: &'static str) -> Option<String> {
        self.take(key)?.text()
    }

    pub(crate) fn texts(&mut self, key: &'static str) -> Option<Vec<String>> {
        Some(self.take(key)?.texts())
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> Option<bool> {
        self.take(key)?.flag()
    }

    pub(crate) fn whole(&mut self, key: &'static str, range: RangeInclusive<i64>) -> Option<i64> {
        self.take(key)?.whole(range)
    }

    pub(crate) fn section(&mut self, key: &'static str) -> Option<Section<'d>> {
        self.take(key)?.section(format!("[{key}]"))
    }

    /// The tables of `[[key]]`, or of `key = [{…}]`.
    pub(crate) fn sections(&mut self, key: &'static str) -> Vec<Section<'d>> {
        let Some(value) = self.take(key) else { return Vec::new() };
        value.items().into_iter().filter_map(|item| item.section(format!("[[{key}]]"))).collect()
    }

    /// Every entry, in the order of the file: for tables whose keys are the author's own.
    pub(crate) fn entries(self) -> Vec<(String, Value<'d>)> {
        let mut entries: Vec<_> = self.table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .map(|(key, data)| {
                let key = key.get_ref().to_string();
                let value = Value { name: key.clone(), data, notes: self.notes };
                (key, value)
            })
            .collect()
    }

    /// Notes the keys that nobody asked for. `elsewhere` says where else a key belongs.
    pub(crate) fn finish(self, elsewhere: impl Fn(&str) -> Option<&'static str>) {
        for key in self.table.keys() {
            let name = key.get_ref().as_ref();
            if self.asked.contains(&name) {
                continue;
            }
            let advice = if let Some(place) = elsewhere(name) {
                format!("it belongs {place}")
            } else if let Some(meant) = nearest(name, self.asked.iter().copied()) {
                format!("did you mean `{meant}`?")
            } else {
                format!("the keys here are {}", or(&self.asked, "and"))
            };
            self.notes.wrong(key.span().start, format!("unknown key `{name}` in {}", self.name), advice);
        }
    }
}

/// One value.
#[derive(Debug)]
pub(crate) struct Value<'d> {
    name: String,
    data: &'d Spanned<DeValue<'d>>,
    notes: &'d Notes<'d>,
}

impl<'d> Value<'d> {
    pub(crate) fn at(&self) -> usize {
        self.data.span().start
    }

    /// Line on which it begins.
    pub(crate) fn line(&self) -> usize {
        self.notes.place(self.at()).0
    }

    /// Whether it is a table.
    pub(crate) fn is_table(&self) -> bool {
        self.data.get_ref().is_table()
    }

    /// Notes what is wrong with it.
    pub(crate) fn wrong(&self, message: impl Into<String>, advice: impl Into<String>) {
        self.notes.wrong(self.at(), message, advice);
    }

    fn expected(&self, what: &str, advice: impl Into<String>) {
        let found = match self.data.get_ref() {
            DeValue::String(text) => format!("the text `{text}`"),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Boolean(_) => {
                format!("`{}`", self.source())
            }
            DeValue::Array(_) => "a list".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        };
        self.wrong(format!("`{}` must be {what}, not {found}", self.name), advice);
    }

    /// As it stands in the file.
    fn source(&self) -> &'d str {
        let Range { start, end } = self.data.span();
        self.notes.text.get(start..end).unwrap_or_default()
    }

    /// A text that says something.
    pub(crate) fn text(&self) -> Option<String> {
        match self.data.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                self.wrong(format!("`{}` is empty", self.name), "say what it is, or leave the key out");
                None
            }
            DeValue::String(text) => Some(text.trim().to_owned()),
            DeValue::Array(_) | DeValue::Table(_) => {
                self.expected("a text", format!("write `{} = \"…\"`", self.name));
                None
            }
            _ => {
                self.expected("a text", format!("put it in quotes: `\"{}\"`", self.source()));
                None
            }
        }
    }

    /// A list of texts; wrong ones are left out.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.items().iter().filter_map(Value::text).collect()
    }

    /// The values of a list.
    pub(crate) fn items(&self) -> Vec<Value<'d>> {
        if let DeValue::Array(items) = self.data.get_ref() {
            items.iter().map(|data| Value { name: self.name.clone(), data, notes: self.notes }).collect()
        } else {
            self.expected("a list", format!("put it in brackets: `[{}]`", self.source().trim()));
            Vec::new()
        }
    }

    pub(crate) fn flag(&self) -> Option<bool> {
        let flag = self.data.get_ref().as_bool();
        if flag.is_none() {
            self.expected("`true` or `false`", "write one of the two without quotes");
        }
        flag
    }

    /// A whole number within a range.
    pub(crate) fn whole(&self, range: RangeInclusive<i64>) -> Option<i64> {
        let number = match self.data.get_ref() {
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (low, high) = (range.start(), range.end());
            self.expected(&format!("a whole number from {low} to {high}"), "write such a number without quotes");
        }
        number
    }

    /// A number within a range.
    pub(crate) fn number(&self, range: RangeInclusive<f64>) -> Option<f64> {
        let number = match self.data.get_ref() {
            DeValue::Integer(number) => number.as_str().parse::<f64>().ok().filter(|_| number.radix() == 10),
            DeValue::Float(number) => number.as_str().parse::<f64>().ok(),
            _ => None,
        };
        let number = number.filter(|number| range.contains(number));
        if number.is_none() {
            let (low, high) = (range.start(), range.end());
            self.expected(&format!("a number from {low} to {high}"), "write such a number without quotes");
        }
        number
    }

    /// A day or an instant, as TOML writes them or as a text.
    pub(crate) fn date(&self, day: Day) -> Option<Timestamp> {
        let read = match self.data.get_ref() {
            DeValue::Datetime(date) => instant(&date.to_string(), day),
            DeValue::String(text) => instant(text.trim(), day),
            _ => None,
        };
        if read.is_none() {
            let example = "write it like `2027-01-31` or `2027-01-31T18:00:00Z`";
            self.expected("a date", example);
        }
        read
    }

    /// A table.
    pub(crate) fn section(&self, name: String) -> Option<Section<'d>> {
        let table = self.data.get_ref().as_table();
        if table.is_none() {
            self.expected("a table", format!("write it as `{name}` with keys below, or as `{{ key = value }}`"));
        }
        Some(Section::new(name, self.at(), table?, self.notes))
    }

    /// What `read` makes of a text; `what` and `advice` say what it should be.
    pub(crate) fn parsed<T>(&self, what: &str, advice: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        let text = self.text()?;
        let parsed = read(&text);
        if parsed.is_none() {
            self.expected(what, advice);
        }
        parsed
    }
}

/// Reads a day or an instant. One without an offset is UTC.
pub(crate) fn instant(text: &str, day: Day) -> Option<Timestamp> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant);
    }
    // jiff would read the date out of a longer text and drop the rest.
    let moment = if text.contains([':', 'T', 't', ' ']) {
        text.parse::<civil::DateTime>().ok()?
    } else {
        let date = text.parse::<civil::Date>().ok()?;
        if day == Day::Begins { date.at(0, 0, 0, 0) } else { date.at(23, 59, 59, 0) }
    };
    jiff::tz::Offset::UTC.to_timestamp(moment).ok()
}

/// "`a`, `b` and `c`".
pub(crate) fn or(words: &[&str], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => format!("`{one}`"),
        [first @ .., end] => {
            let first: Vec<String> = first.iter().map(|word| format!("`{word}`")).collect();
            format!("{} {last} `{end}`", first.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_lines_and_columns_of_characters() {
        let notes = Notes::new("a = 1\nü = \"é\" # x\nb = 2\n");
        assert_eq!(notes.place(0), (1, 1));
        assert_eq!(notes.place(6), (2, 1));
        assert_eq!(notes.place(11), (2, 5));
        assert_eq!(notes.place(999), (4, 1));
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, day, expected) in [
            ("2027-01-31", Day::Ends, Some("2027-01-31T23:59:59Z")),
            ("2027-01-31", Day::Begins, Some("2027-01-31T00:00:00Z")),
            ("2027-01-31T18:00:00Z", Day::Ends, Some("2027-01-31T18:00:00Z")),
            ("2027-01-31T18:00:00+02:00", Day::Ends, Some("2027-01-31T16:00:00Z")),
            ("2027-01-31T18:00:00", Day::Ends, Some("2027-01-31T18:00:00Z")),
            ("2027-01-31 18:00:00", Day::Ends, Some("2027-01-31T18:00:00Z")),
            ("2027-02-30", Day::Ends, None),
            ("31.01.2027", Day::Ends, None),
            ("18:00:00", Day::Ends, None),
            ("soon", Day::Ends, None),
        ] {
            assert_eq!(instant(text, day).map(|at| at.to_string()).as_deref(), expected, "{text}");
        }
    }
}

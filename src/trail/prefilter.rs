//! Finding the few records that are asked for without parsing the many that are not.
//!
//! The text is searched for the key whose value the filter names (`"eventName"`, else `"eventSource"`). Only around a
//! value that is asked for is anything parsed: the object that holds it, found from the inside. If its members say that
//! it is asked for, one question is left: is it a record, or only written like one inside a request parameter? That is
//! settled by counting the objects that are open where it begins.
//!
//! All of this may let through too much, which the parse then turns away, and never too little: in valid JSON a key can
//! hide from the search only behind an escape of one of its letters, and a text with such an escape is read from the
//! beginning, as is one of another form than CloudTrail's and one in which something cannot be told. What is not looked
//! at is not validated either; the checksum of the compressed file vouches for it.

use std::ops::Range;

use memchr::{memchr2, memmem};

use super::filter::{Filter, Judgement};
use super::head::Head;
use super::json::structure::{balance, object_around};
use super::json::{is_space, skip_space};

/// A filter, prepared for many texts.
#[derive(Debug)]
pub(super) struct Prefilter<'f> {
    filter: &'f Filter,
    anchor: Option<Anchor<'f>>,
    escape: memmem::Finder<'static>,
}

/// The key to look for, and the values of it that are asked for.
#[derive(Debug)]
struct Anchor<'f> {
    key: memmem::Finder<'static>,
    values: Vec<&'f [u8]>,
}

/// A record that is asked for, and where it stands.
pub(super) type Found = (Range<usize>, Judgement);

impl<'f> Prefilter<'f> {
    pub(super) fn new(filter: &'f Filter) -> Self {
        // Names select more narrowly than sources do.
        let anchor = [("\"eventName\"", &filter.names), ("\"eventSource\"", &filter.sources)]
            .into_iter()
            .find(|(_, values)| !values.is_empty())
            .map(|(key, values)| Anchor {
                key: memmem::Finder::new(key),
                // A set gives its values in order, by which they are looked up.
                values: values.iter().map(String::as_bytes).collect(),
            });
        Self { filter, anchor, escape: memmem::Finder::new("\\u00") }
    }

    /// The records of a text that are asked for. `None` if it must be read from the beginning: then nothing is known.
    pub(super) fn find(&self, text: &[u8]) -> Option<Vec<Found>> {
        let anchor = self.anchor.as_ref()?;
        if !is_plain(text) || self.hides_letters(text) {
            return None;
        }
        let mut found: Vec<Found> = Vec::new();
        let mut past = 0;
        for key in anchor.key.find_iter(text) {
            if key < past || !anchor.holds_at(text, key) {
                continue;
            }
            let start = object_around(text, key)?;
            let (head, end) = parse(text, start)?;
            past = end;
            let judgement = self.filter.judge(&head);
            if judgement == Judgement::Unwanted {
                continue;
            }
            let before = text.get(..start)?.iter().rev().find(|byte| !is_space(**byte))?;
            match before {
                b',' | b'[' => found.push((start..end, judgement)),
                // The value of a member, so part of something else.
                b':' => {}
                _ => return None,
            }
        }
        only_records(text, found)
    }

    /// Whether a letter is written as an escape, so that a key might be.
    fn hides_letters(&self, text: &[u8]) -> bool {
        self.escape.find_iter(text).any(|at| {
            let digits = text.get(at + 4..at + 6).and_then(|digits| std::str::from_utf8(digits).ok());
            let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
            byte.is_none_or(|byte| byte.is_ascii_alphabetic())
        })
    }
}

impl Anchor<'_> {
    /// Whether a key really stands here, and its value is one that is asked for, or might be behind its escapes.
    fn holds_at(&self, text: &[u8], at: usize) -> bool {
        self.value_at(text, at).is_some_and(|value| value.contains(&b'\\') || self.values.binary_search(&value).is_ok())
    }

    /// The text of the key's value, up to its end or its first escape.
    fn value_at<'t>(&self, text: &'t [u8], at: usize) -> Option<&'t [u8]> {
        // An escaped quotation mark: the end of a longer key, or of a string.
        if at > 0 && text.get(at - 1) == Some(&b'\\') {
            return None;
        }
        let colon = skip_space(text, at + self.key.needle().len());
        let quote = skip_space(text, colon + 1);
        if text.get(colon) != Some(&b':') || text.get(quote) != Some(&b'"') {
            return None;
        }
        let value = text.get(quote + 1..)?;
        let end = memchr2(b'"', b'\\', value)?;
        let escaped = value.get(end) == Some(&b'\\');
        value.get(..end + usize::from(escaped))
    }
}

/// Whether a text begins and ends as CloudTrail's files do: one object that begins with the list of its records.
fn is_plain(text: &[u8]) -> bool {
    let tokens: [&[u8]; 4] = [b"{", b"\"Records\"", b":", b"["];
    let mut at = 0;
    for token in tokens {
        at = skip_space(text, at);
        if !text.get(at..).is_some_and(|rest| rest.starts_with(token)) {
            return false;
        }
        at += token.len();
    }
    let mut end = text.iter().rev().filter(|byte| !is_space(**byte));
    end.next() == Some(&b'}') && end.next() == Some(&b']')
}

/// Parses the object that begins at `start` and says where it ends. `None` if it is not valid.
fn parse(text: &[u8], start: usize) -> Option<(Head<'_>, usize)> {
    let mut objects = serde_json::Deserializer::from_slice(text.get(start..)?).into_iter::<Head<'_>>();
    let head = objects.next()?.ok()?;
    let end = start + objects.byte_offset();
    std::str::from_utf8(text.get(start..end)?).ok()?;
    Some((head, end))
}

/// Of the objects found, those that are records: those within the outermost object and no other. `None` if that cannot be
/// told, or one of the records lacks what every record has.
fn only_records(text: &[u8], found: Vec<Found>) -> Option<Vec<Found>> {
    let depths = depths(text, &found)?;
    let mut records = Vec::new();
    for (found, depth) in found.into_iter().zip(depths) {
        match (depth, &found.1) {
            (1, Judgement::Wanted { .. }) => records.push(found),
            (2.., _) => {}
            _ => return None,
        }
    }
    Some(records)
}

/// How many objects are open where each found object begins. The texts between them are walked, but for the longest: what
/// follows it is counted from the end, where all are closed.
fn depths(text: &[u8], found: &[Found]) -> Option<Vec<isize>> {
    let starts = found.iter().map(|(range, _)| range.start).chain([text.len()]);
    let ends = [0].into_iter().chain(found.iter().map(|(range, _)| range.end));
    let gaps: Vec<Range<usize>> = ends.zip(starts).map(|(end, start)| end..start).collect();
    let longest = (0..gaps.len()).max_by_key(|gap| gaps.get(*gap).map(ExactSizeIterator::len))?;
    let mut depths = vec![0; found.len()];
    let mut open = 0;
    for (gap, depth) in gaps.iter().zip(&mut depths).take(longest) {
        open += balance(text, gap.clone())?;
        *depth = open;
    }
    let mut open = 0;
    for (gap, depth) in gaps.iter().skip(1).zip(&mut depths).skip(longest).rev() {
        open -= balance(text, gap.clone())?;
        *depth = open;
    }
    Some(depths)
}

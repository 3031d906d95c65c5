//! The records of one log file that a filter asks for.

use std::fmt;

use jiff::Timestamp;

use super::filter::{Filter, Judgement};
use super::gzip::{GzipError, Inflater, LARGEST, is_gzip};
use super::head::Head;
use super::json::split::{Piece, split};
use super::prefilter::Prefilter;
use crate::sha256::Sha256;

/// Of one file, so many problems are told one by one.
const TOLD: usize = 20;

/// One record that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// `eventID`.
    pub id: String,
    /// `eventTime`.
    pub time: Timestamp,
    /// The record as it is written, one JSON object; [`super::record::from_text`] reads it.
    pub text: Box<str>,
}

/// Something that could not be read, or not taken for a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file: a key of the store, or the prefix that could not be listed.
    pub file: String,
    /// Which record of the file, counted from 1, if it is one.
    pub record: Option<u64>,
    /// What is wrong with it.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.record {
            Some(record) => write!(f, "`{}`, record {record}: {}", self.file, self.reason),
            None => write!(f, "`{}`: {}", self.file, self.reason),
        }
    }
}

/// What one file gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    /// Bytes, inflated.
    pub inflated: u64,
    /// SHA-256 of the inflated bytes, which is what a digest lists, if it was asked for.
    pub sha256: Option<Sha256>,
    /// Records that are asked for, in the file's order.
    pub records: Vec<Record>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Reads file after file for one filter; its buffers are used again.
#[derive(Debug)]
pub struct FileReader<'f> {
    filter: &'f Filter,
    prefilter: Prefilter<'f>,
    inflater: Inflater,
    hash: bool,
}

impl<'f> FileReader<'f> {
    /// A reader of what this filter asks for; with `hash`, also of each file's SHA-256.
    pub fn new(filter: &'f Filter, hash: bool) -> Self {
        Self { filter, prefilter: Prefilter::new(filter), inflater: Inflater::default(), hash }
    }

    /// Reads one file from its bytes as they are stored, compressed or not.
    pub fn read(&mut self, name: &str, stored: &[u8]) -> Content {
        let text = if is_gzip(stored) {
            self.inflater.inflate(stored)
        } else if stored.len() > LARGEST {
            Err(GzipError::TooLarge(stored.len() as u64))
        } else {
            Ok(stored)
        };
        match text {
            Ok(text) => {
                let mut content = records(name, text, self.filter, &self.prefilter);
                content.inflated = text.len() as u64;
                content.sha256 = self.hash.then(|| Sha256::of(text));
                content
            }
            Err(error) => {
                let problem = Problem { file: name.to_owned(), record: None, reason: error.to_string() };
                Content { problems: vec![problem], ..Content::default() }
            }
        }
    }
}

/// The records of an inflated text, found the quick way where that is certain.
fn records(name: &str, text: &[u8], filter: &Filter, prefilter: &Prefilter<'_>) -> Content {
    let found = prefilter.find(text).and_then(|found| {
        let records = found.into_iter().map(|(range, judgement)| match judgement {
            Judgement::Wanted { id, time } => {
                let text = std::str::from_utf8(text.get(range)?).ok()?;
                Some(Record { id, time, text: text.into() })
            }
            Judgement::Unwanted | Judgement::Malformed(_) => None,
        });
        records.collect::<Option<Vec<Record>>>()
    });
    match found {
        Some(records) => Content { records, ..Content::default() },
        None => read_all(name, text, filter),
    }
}

/// The records of an inflated text, each parsed.
fn read_all(name: &str, text: &[u8], filter: &Filter) -> Content {
    let mut content = Content::default();
    let (mut number, mut untold) = (0, 0_u64);
    split(text, &mut |piece| {
        let outcome = match piece {
            Piece::Record(range) => {
                number += 1;
                judge(text.get(range).unwrap_or_default(), filter).map_err(|reason| (Some(number), reason))
            }
            Piece::Element(reason) => {
                number += 1;
                Err((Some(number), reason.to_owned()))
            }
            Piece::Stray(reason) => Err((None, reason)),
        };
        match outcome {
            Ok(Some(record)) => content.records.push(record),
            Ok(None) => {}
            Err((record, reason)) if content.problems.len() < TOLD => {
                content.problems.push(Problem { file: name.to_owned(), record, reason });
            }
            Err(_) => untold += 1,
        }
    });
    if untold > 0 {
        let reason = format!("{untold} more of its records could not be read");
        content.problems.push(Problem { file: name.to_owned(), record: None, reason });
    }
    content
}

/// One record, if it is asked for.
fn judge(text: &[u8], filter: &Filter) -> Result<Option<Record>, String> {
    let text = std::str::from_utf8(text).map_err(|error| format!("not UTF-8: {error}"))?;
    let head: Head<'_> = serde_json::from_str(text).map_err(|error| format!("not JSON: {error}"))?;
    match filter.judge(&head) {
        Judgement::Wanted { id, time } => Ok(Some(Record { id, time, text: text.into() })),
        Judgement::Unwanted => Ok(None),
        Judgement::Malformed(reason) => Err(reason),
    }
}

#[cfg(test)]
mod tests;

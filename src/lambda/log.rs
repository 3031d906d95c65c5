//! One JSON object a line on standard error, which Lambda hands to CloudWatch Logs. Never a secret, never a payload.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>

use std::io::Write;

use serde_json::{Map, Value};

use super::answer::short;
use crate::cli::clock;

/// How grave a line is, in the words that Lambda's log filters know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Info,
    Warn,
    Error,
}

/// Says something about an invocation; texts are shortened, and what steers a terminal is written out.
pub(super) fn say(level: Level, request: &str, message: &str, fields: &[(&str, Value)]) {
    let level = match level {
        Level::Info => "INFO",
        Level::Warn => "WARN",
        Level::Error => "ERROR",
    };
    let mut line = Map::new();
    line.insert("timestamp".to_owned(), clock::real().to_string().into());
    line.insert("level".to_owned(), level.into());
    line.insert("message".to_owned(), short(message).into());
    if !request.is_empty() {
        line.insert("requestId".to_owned(), request.into());
    }
    for (name, value) in fields {
        let value = value.as_str().map_or_else(|| value.clone(), |text| short(text).into());
        line.insert((*name).to_owned(), value);
    }
    // Nobody is left to tell if this fails.
    drop(writeln!(std::io::stderr().lock(), "{}", Value::Object(line)));
}

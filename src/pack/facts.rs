//! A snapshot as many small files, one a fact, and back.

use serde_json::{Map, Value};

use super::{Files, SNAPSHOT};
use crate::evidence::Snapshot;

const FACTS: &str = "facts/";

/// Takes a snapshot apart.
///
/// # Errors
/// If it cannot be written as JSON.
pub(super) fn split(snapshot: &Snapshot) -> Result<Files, serde_json::Error> {
    let mut files = Files::new();
    let mut whole = serde_json::to_value(snapshot)?;
    if let Some(Value::Object(kinds)) = whole.get_mut("facts").map(Value::take) {
        for (kind, facts) in kinds {
            for (number, fact) in (1..).zip(facts.as_array().into_iter().flatten()) {
                files.insert(format!("{FACTS}{kind}/{number:04}.json"), json(fact)?);
            }
        }
    }
    if let Some(whole) = whole.as_object_mut() {
        whole.remove("facts");
    }
    files.insert(SNAPSHOT.to_owned(), json(&whole)?);
    Ok(files)
}

/// Puts a snapshot together again, in the bytes of a snapshot file.
///
/// # Errors
/// If a file is not JSON; the error names it.
pub(super) fn join(files: &Files) -> Result<Vec<u8>, String> {
    let parse = |name: &str, bytes: &[u8]| -> Result<Value, String> {
        serde_json::from_slice(bytes).map_err(|error| format!("`{name}` is not JSON: {error}"))
    };
    let bytes = files.get(SNAPSHOT).ok_or_else(|| format!("`{SNAPSHOT}` is missing"))?;
    let mut whole = parse(SNAPSHOT, bytes)?;
    let mut kinds: Map<String, Value> = Map::new();
    let mut facts: Vec<(&str, u64, &String, &Vec<u8>)> = Vec::new();
    for (name, bytes) in files {
        let Some(rest) = name.strip_prefix(FACTS) else { continue };
        let place = rest.strip_suffix(".json").and_then(|rest| rest.split_once('/'));
        let (kind, number) = place.ok_or_else(|| format!("`{name}` is no place for a fact"))?;
        let number = number.parse().map_err(|_| format!("`{name}` is no place for a fact"))?;
        facts.push((kind, number, name, bytes));
    }
    // By number: the names sort so only up to 9,999.
    facts.sort();
    for (kind, _, name, bytes) in facts {
        let list = kinds.entry(kind).or_insert_with(|| Value::Array(Vec::new()));
        if let Some(list) = list.as_array_mut() {
            list.push(parse(name, bytes)?);
        }
    }
    match whole.as_object_mut() {
        Some(whole) => whole.insert("facts".to_owned(), Value::Object(kinds)),
        None => return Err(format!("`{SNAPSHOT}` is no object")),
    };
    serde_json::to_vec(&whole).map_err(|error| error.to_string())
}

/// JSON for people and machines, with a final newline.
///
/// # Errors
/// If it cannot be written.
pub(super) fn json(value: &impl serde::Serialize) -> Result<Vec<u8>, serde_json::Error> {
    let mut bytes = serde_json::to_vec_pretty(value)?;
    bytes.push(b'\n');
    Ok(bytes)
}

//! Which records are asked for, and whether one is among them.

use std::borrow::Cow;
use std::collections::BTreeSet;

use jiff::Timestamp;

use super::head::Head;

/// Which records are asked for. An empty set asks for any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Event sources, such as `sagemaker.amazonaws.com`.
    pub sources: BTreeSet<String>,
    /// Event names, such as `UpdateModelPackage`.
    pub names: BTreeSet<String>,
    /// Accounts that received the call. A record that names none is let through.
    pub accounts: BTreeSet<String>,
    /// Regions. A record that names none is let through.
    pub regions: BTreeSet<String>,
    /// Calls made at this instant or later.
    pub since: Option<Timestamp>,
    /// Calls made before this instant.
    pub until: Option<Timestamp>,
    /// Also calls that failed, and so changed nothing.
    pub failed: bool,
    /// Only calls that may have changed something: those whose record does not say `readOnly`.
    pub writes: bool,
}

/// What a filter says of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Judgement {
    /// It is asked for.
    Wanted {
        /// `eventID`.
        id: String,
        /// `eventTime`.
        time: Timestamp,
    },
    /// It is not asked for.
    Unwanted,
    /// It may be asked for, but lacks what every record has.
    Malformed(String),
}

impl Filter {
    /// Judges one record by its top-level members.
    pub(super) fn judge(&self, head: &Head<'_>) -> Judgement {
        if !holds(&self.sources, head.source.as_deref(), false)
            || !holds(&self.names, head.name.as_deref(), false)
            || !holds(&self.accounts, head.account.as_deref(), true)
            || !holds(&self.regions, head.region.as_deref(), true)
            || (!self.failed && head.failed)
            || (self.writes && head.read_only)
        {
            return Judgement::Unwanted;
        }
        match complete(head) {
            Ok((id, time)) => {
                let early = self.since.is_some_and(|since| time < since);
                let late = self.until.is_some_and(|until| time >= until);
                if early || late { Judgement::Unwanted } else { Judgement::Wanted { id, time } }
            }
            Err(reason) => Judgement::Malformed(reason),
        }
    }
}

/// The id and time of a record that has everything that every record has.
fn complete(head: &Head<'_>) -> Result<(String, Timestamp), String> {
    fn given<'h>(part: Option<&'h Cow<'_, str>>, name: &str) -> Result<&'h str, String> {
        part.map(AsRef::as_ref).ok_or_else(|| format!("{name} is missing"))
    }
    given(head.name.as_ref(), "eventName")?;
    given(head.source.as_ref(), "eventSource")?;
    let id = given(head.id.as_ref(), "eventID")?;
    let time = given(head.time.as_ref(), "eventTime")?;
    let time = time.parse().map_err(|error| format!("eventTime `{time}` is not an instant: {error}"))?;
    Ok((id.to_owned(), time))
}

/// Whether a set asks for a value; `unknown` is the answer for a value that is not given.
fn holds(set: &BTreeSet<String>, value: Option<&str>, unknown: bool) -> bool {
    set.is_empty() || value.map_or(unknown, |value| set.contains(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(filter: &Filter, record: &str) -> &'static str {
        match filter.judge(&serde_json::from_str(record).unwrap()) {
            Judgement::Wanted { .. } => "wanted",
            Judgement::Unwanted => "unwanted",
            Judgement::Malformed(_) => "malformed",
        }
    }

    fn set(items: &[&str]) -> BTreeSet<String> {
        items.iter().map(|item| (*item).to_owned()).collect()
    }

    const RECORD: &str = r#"{"eventID":"e","eventName":"CreateModel","eventSource":"sagemaker.amazonaws.com",
        "eventTime":"2026-05-04T09:30:00Z","awsRegion":"eu-central-1","recipientAccountId":"111122223333","readOnly":false}"#;

    #[test]
    fn each_part_must_hold() {
        let at = |time: &str| time.parse().ok();
        let all = Filter::default();
        let cases = [
            (
                Filter { sources: set(&["sagemaker.amazonaws.com"]), names: set(&["CreateModel", "x"]), ..all.clone() },
                true,
            ),
            (Filter { sources: set(&["apigateway.amazonaws.com"]), ..all.clone() }, false),
            (Filter { names: set(&["createmodel"]), ..all.clone() }, false),
            (Filter { accounts: set(&["111122223333"]), regions: set(&["eu-central-1"]), ..all.clone() }, true),
            (Filter { accounts: set(&["999988887777"]), ..all.clone() }, false),
            (Filter { regions: set(&["us-east-1"]), ..all.clone() }, false),
            (Filter { since: at("2026-05-04T09:30:00Z"), until: at("2026-05-04T09:30:01Z"), ..all.clone() }, true),
            (Filter { since: at("2026-05-04T09:30:01Z"), ..all.clone() }, false),
            (Filter { until: at("2026-05-04T09:30:00Z"), ..all.clone() }, false),
            (Filter { writes: true, ..all.clone() }, true),
        ];
        for (filter, wanted) in cases {
            assert_eq!(judge(&filter, RECORD) == "wanted", wanted, "{filter:?}");
        }
    }

    #[test]
    fn failures_and_reads_are_left_out_where_asked() {
        let (all, failed) = (Filter::default(), Filter { failed: true, ..Filter::default() });
        for error in [r#""errorCode":"AccessDenied""#, r#""errorMessage":"no""#] {
            let record = RECORD.replacen('{', &format!("{{{error},"), 1);
            assert_eq!((judge(&all, &record), judge(&failed, &record)), ("unwanted", "wanted"));
        }
        assert_eq!(judge(&all, &RECORD.replacen('{', r#"{"errorCode":null,"#, 1)), "wanted");
        let writes = Filter { writes: true, ..Filter::default() };
        for value in ["true", "\"true\""] {
            assert_eq!(judge(&writes, &RECORD.replace("false", value)), "unwanted");
        }
        assert_eq!(judge(&writes, &RECORD.replace(r#","readOnly":false"#, "")), "wanted");
    }

    #[test]
    fn a_record_that_lacks_what_all_have_is_told_unless_it_is_not_asked_for_anyway() {
        let named = Filter { names: set(&["CreateModel"]), ..Filter::default() };
        for part in ["eventID", "eventName", "eventSource", "eventTime"] {
            let record = RECORD.replace(part, "other");
            assert_eq!(judge(&Filter::default(), &record), "malformed", "{part}");
            let expected = if part == "eventName" { "unwanted" } else { "malformed" };
            assert_eq!(judge(&named, &record), expected, "{part}");
        }
        assert_eq!(judge(&named, &RECORD.replace("2026-05-04T09:30:00Z", "yesterday")), "malformed");
        let elsewhere = Filter { regions: set(&["us-east-1"]), accounts: set(&["1"]), ..Filter::default() };
        let bare = RECORD.replace("awsRegion", "x").replace("recipientAccountId", "y");
        assert_eq!(judge(&elsewhere, &bare), "wanted", "what names no region may be of any");
    }
}

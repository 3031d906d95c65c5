//! A report in which every string that a stranger could choose is hostile.

use super::*;
use crate::report::document::Report;

/// What strangers may put into names, tags and descriptions.
pub(crate) const HOSTILE: [&str; 22] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></style></script><svg onload=alert(1)>",
    "javascript:alert(1)",
    "[click](javascript:alert(1))",
    "![pixel](https://evil.example/p.png)",
    "<https://evil.example>",
    "https://evil.example/?www.evil.example",
    "a|b|c",
    "`tick` ``two`` and an odd `",
    "# heading\n\n- list\n\n> quote",
    "--><!-- ]]>",
    "=HYPERLINK(\"https://evil.example\",\"ok\")",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9) @everyone",
    "\t=cmd|' /C calc'!A0",
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m",
    "safe\u{202e}gpj.exe\u{2066}x\u{200b}y\u{feff}",
    "line one\r\nline two\u{2028}line three\0",
    "*bold* _it_ ~~gone~~ $x$ &amp; <b>b</b> \\",
];

/// The report of the bank's organization with hostile text in every string that is not ours. The same text is replaced by the same text, so
/// that findings still point to their live versions.
pub(crate) fn hostile() -> Report {
    let json = serde_json::to_value(organization()).expect("a report is JSON");
    serde_json::from_value(Poison::default().poison(json, "")).expect("still a report")
}

/// Fields that hold our own words, times or enumerations.
const OURS: [&str; 59] = [
    "tested",
    "replaces",
    "since",
    "first_seen",
    "approved_at",
    "created",
    "change",
    "from",
    "until",
    "schema",
    "as_of",
    "collected_at",
    "at",
    "bound",
    "path",
    "hosting",
    "grade",
    "verdict",
    "worst",
    "severity",
    "gate",
    "kind",
    "by_kind",
    "stage",
    "profile",
    "state",
    "registered_at",
    "expires",
    "modified",
    "events_since",
    "batch_since",
    "cause",
    "registration",
    "evidence",
    "gap_ids",
    "code",
    "binding",
    "leaves",
    "moment",
    "since_approval",
    "history_since",
    "fault",
    "told",
    "outcome",
    "last",
    "read_at",
    "succeeded",
    "newest",
    "violating_since",
    "baseline_made",
    "wrong",
    "step",
    "amount",
    "low",
    "high",
    "share",
    "quantity",
    "spent",
    "day",
];

/// Maps whose keys are names of strangers.
const NAMED: [&str; 3] = ["watches", "tags", "calls"];

#[derive(Default)]
struct Poison(BTreeMap<String, String>);

impl Poison {
    fn poison(&mut self, value: serde_json::Value, field: &str) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::String(text) if OURS.contains(&field) || is_enumeration(&text) => Value::String(text),
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.poison(item, field)).collect()),
            Value::Object(map) => {
                let named = NAMED.contains(&field);
                let rename = |poison: &mut Self, key| if named { poison.text(key) } else { key };
                map.into_iter().map(|(key, item)| (rename(self, key.clone()), self.poison(item, &key))).collect()
            }
            other => other,
        }
    }

    /// Hostile text, told apart from the next by a number at its end.
    fn text(&mut self, text: String) -> String {
        let n = self.0.len();
        let long = format!("{}<b>", "x".repeat(253));
        let hostile = HOSTILE.iter().copied().chain([long.as_str()]).nth(n % (HOSTILE.len() + 1)).expect("one of them");
        self.0.entry(text).or_insert_with(|| format!("{hostile}{n}")).clone()
    }
}

fn is_enumeration(text: &str) -> bool {
    words::STATUSES.iter().any(|status| words::status_key(*status) == text)
        || ["billed_by_resource", "billed_by_tag", "estimate"].contains(&text)
        || crate::estate::Signal::MATRIX.iter().any(|signal| text == signal.words())
}

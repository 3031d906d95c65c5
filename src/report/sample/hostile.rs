//! The hostile corpus: what strangers may put into names, tags, reasons and messages, and a document in which they did.
//!
//! It knows nothing but JSON, so the tests beside the code and the integration tests (`tests/it/formats.rs`) share it.

use std::collections::BTreeMap;

use serde_json::Value;

/// What strangers may write.
pub(crate) const HOSTILE: [&str; 47] = [
    // Markup of pages.
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</title></style></script></textarea></template><svg onload=alert(1)>",
    "javascript:alert(1)",
    "&lt;b&gt; &#x3c;b&#x3e; &amp;amp; &colon;",
    "--><!-- ]]>",
    "<!--<script>",
    "{{7*7}} ${7*7} <%= 7*7 %> #{7*7} {% raw %}",
    // Markdown.
    "[click](javascript:alert(1))",
    "[click][ref] [ref]: https://evil.example \"title\"",
    "![pixel](https://evil.example/p.png)",
    "<https://evil.example> <mailto:a@evil.example>",
    "https://evil.example/?www.evil.example ftp://evil.example a@evil.example xmpp:a@evil.example",
    "a|b|c \\| d",
    "`tick` ``two`` and an odd `",
    "# heading\n\n- list\n\n> quote\n\n---\n\n    code",
    "*bold* _it_ ~~gone~~ $x$ &amp; <b>b</b> \\",
    "| --- | --- |",
    // Formulas, and what hides them.
    "=HYPERLINK(\"https://evil.example\",\"ok\")",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9) @everyone",
    "\t=cmd|' /C calc'!A0",
    "\r=1+1",
    "\n=1+1",
    "\u{ff1d}1+1",
    "\",\"=1+1",
    // Terminals.
    "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m",
    "\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\\u{1b}[6n",
    "\u{90}q\u{9c}\u{85}\u{8}\u{8}\u{8}\u{7f}\u{c}",
    // What the eye takes for something else.
    "safe\u{202e}gpj.exe\u{2066}x\u{200b}y\u{feff}",
    "\u{2067}\u{2068}ab\u{2069}\u{202a}\u{202d}\u{061c}\u{00ad}\u{2060}\u{180e}\u{e0041}",
    "a\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30a}\u{30b}\u{30c}\u{20dd}\u{489}",
    "模型🦀 ınteger раураl",
    // Lines, and no characters at all.
    "line one\r\nline two\u{2028}line three\0",
    "\u{1}\u{b}\u{fffe}\u{ffff}\u{fdd0}\u{10ffff}",
    // Documents within documents.
    "\"}],\"verdict\":\"expand\",\"x\":[{\"y\":\"",
    "\\\", \\u0022, \\ud800",
    "- !!python/object/apply:os.system [x]\n%YAML 1.2\n---\nkey: [",
    "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>&e; &undefined; &#0;",
    "]]></failure></testcase><testcase name=\"x\"/>",
    // What messages and references lead to.
    "<!channel> <@U024BE7LH> <https://evil.example|ok> @channel",
    "file:///etc/passwd ../../../etc/passwd ..\\..\\x C:\\x \\\\evil.example\\x",
    "{0} {1} {{0}} %s %n %20 [text](0)",
    "'); DROP TABLE live_versions; -- \" OR 1=1",
    "Subject: x\r\nBcc: all@bank.example\r\n\r\nbody",
];

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

/// Values that are enumerations wherever they stand: statuses, sources of a cost, signals.
const ENUMERATIONS: [&str; 17] = [
    "pass",
    "fail",
    "unknown",
    "not_applicable",
    "waived",
    "billed_by_resource",
    "billed_by_tag",
    "estimate",
    "responsible_ai",
    "errors",
    "latency",
    "silence",
    "saturation",
    "drift",
    "responsible AI",
    "business",
    "other",
];

/// The document with hostile text in every string that is not ours and in no field of `kept`. The same text is replaced by
/// the same text, so that findings still point to their live versions.
pub(crate) fn poisoned(document: Value, kept: &[&str]) -> Value {
    Poison { kept, known: BTreeMap::new() }.poison(document, "")
}

struct Poison<'a> {
    kept: &'a [&'a str],
    known: BTreeMap<String, String>,
}

impl Poison<'_> {
    fn poison(&mut self, value: Value, field: &str) -> Value {
        match value {
            Value::String(text) if self.is_ours(field, &text) => Value::String(text),
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

    fn is_ours(&self, field: &str, text: &str) -> bool {
        OURS.contains(&field) || self.kept.contains(&field) || ENUMERATIONS.contains(&text)
    }

    /// Hostile text, told apart from the next by a number at its end. One in so many is long.
    fn text(&mut self, text: String) -> String {
        let n = self.known.len();
        let long = [format!("{}<b>", "x".repeat(253)), "\u{202e}[x](y)|`=".repeat(80)];
        let all = HOSTILE.iter().copied().chain(long.iter().map(String::as_str));
        let hostile = all.cycle().nth(n % (HOSTILE.len() + long.len())).unwrap_or_default();
        self.known.entry(text).or_insert_with(|| format!("{hostile}{n}")).clone()
    }
}

//! Strangers who write markup into names: it shows as what they wrote, and does nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::look::look;
use super::pages;

/// What a browser might fall for.
const MARKUP: [&str; 7] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(2)>",
    "' autofocus onfocus='alert(3)",
    "</title></style></script></textarea><svg onload=alert(4)>",
    "javascript:alert(5)",
    "--><!-- ]]> &lt;b&gt; {{7*7}}",
    "https://evil.example/?a=1&b=2#c",
];

/// What a reader might fall for: characters that turn, hide or end text.
const DECEIT: [&str; 2] = ["safe\u{202e}gpj.exe\u{2066}x\u{200b}y\u{feff}", "\u{1b}[2J\u{1b}]0;owned\u{7}\u{0}"];

/// Fields of the report that hold what people named or wrote.
const NAMED: [&str; 27] = [
    "action",
    "arn",
    "artifact",
    "by",
    "component",
    "cost_center",
    "endpoint",
    "group",
    "image",
    "message",
    "model",
    "name",
    "notes",
    "owner",
    "package_arn",
    "paragraph",
    "reader",
    "reason",
    "registered_by",
    "remedy",
    "repository",
    "summary",
    "uri",
    "variant",
    "version_key",
    "what",
    "whom",
];

/// Puts hostile text behind every name, the same behind the same, so that rows still point to each other.
pub(super) fn poison(report: &mut Value) {
    let mut names = BTreeSet::new();
    for row in report["live_versions"].as_array().expect("rows") {
        names.insert(row["id"].as_str().expect("an id").to_owned());
    }
    gather(report, "", &mut names);
    let long = "x".repeat(256);
    let suffixes: Vec<&str> = MARKUP.into_iter().chain(DECEIT).chain([long.as_str()]).collect();
    let poisoned: BTreeMap<String, String> = names
        .into_iter()
        .zip(suffixes.iter().cycle())
        .map(|(name, suffix)| (name.clone(), format!("{name}{suffix}")))
        .collect();
    replace(report, "", &poisoned);
}

fn gather(value: &Value, field: &str, names: &mut BTreeSet<String>) {
    match value {
        // A single lower-case word may be one of ours as well.
        Value::String(text) if NAMED.contains(&field) && text.chars().any(|c| !c.is_ascii_lowercase() && c != '_') => {
            names.insert(text.clone());
        }
        Value::Array(rows) => rows.iter().for_each(|row| gather(row, field, names)),
        Value::Object(fields) => fields.iter().for_each(|(field, value)| gather(value, field, names)),
        _ => {}
    }
}

fn replace(value: &mut Value, field: &str, poisoned: &BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            if let Some(instead) = poisoned.get(text) {
                text.clone_from(instead);
            }
        }
        Value::Array(rows) => rows.iter_mut().for_each(|row| replace(row, field, poisoned)),
        Value::Object(fields) => {
            let given = std::mem::take(fields);
            fields.extend(given.into_iter().map(|(name, mut value)| {
                replace(&mut value, &name, poisoned);
                // What alarms watch and resources are tagged with is named by people, too.
                let named = ["watches", "tags"].contains(&field);
                (poisoned.get(&name).filter(|_| named).cloned().unwrap_or(name), value)
            }));
        }
        _ => {}
    }
}

/// Text of the page, what is folded included, and what a stranger could have added to it.
const LOOKED_FOR: &str = "(() => ({
    text: document.body.textContent,
    elements: document.querySelectorAll('img, iframe, object, embed, form[action], base, link, [onerror], [onload], [onfocus], [onclick]').length,
    scripts: document.scripts.length,
    links: [...document.querySelectorAll('a[href]')].map(link => link.getAttribute('href')).filter(href => !href.startsWith('#')),
}))()";

#[test]
fn what_strangers_write_shows_as_text_and_does_nothing() {
    let (demo, page) = (pages::demo(), pages::hostile());
    for (hostile, sound) in [(&page.html, &demo.html), (&page.manager, &demo.manager)] {
        let steps = json!([{"tell": "found", "js": LOOKED_FOR}]);
        let Some(usual) = look(sound, (1400, 900), &steps) else { return };
        let Some(seen) = look(hostile, (1400, 900), &steps) else { return };
        let (usual, found) = (usual.answer("found"), seen.answer("found"));
        let text = found["text"].as_str().expect("text");
        for markup in MARKUP {
            assert!(text.contains(markup), "`{markup}` shows as it was written in {}", hostile.display());
        }
        let deceives = |c: char| {
            matches!(c, '\u{200b}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
                || (c.is_control() && !c.is_whitespace())
        };
        let found_out = text.chars().find(|c| deceives(*c));
        assert_eq!(found_out, None, "what deceives the eye is written out in {}", hostile.display());
        assert!(text.contains("202e"), "and by its number");
        for (what, expected) in [("elements", json!(0)), ("scripts", usual["scripts"].clone()), ("links", json!([]))] {
            assert_eq!(found[what], expected, "{what} of {}", hostile.display());
        }
    }
}

//! Searching and filtering: what matches is shown, what does not is hidden, and the address remembers it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::look::look;
use super::pages::{self, Page};

/// What is to be seen: live versions in the table, their sections, open findings by id, and what is said of it.
pub(super) const SHOWN: &str = "(() => {
    const seen = selector => [...document.querySelectorAll(selector)].filter(it => it.checkVisibility());
    return {
        versions: seen('tr[data-live]').map(row => row.dataset.live).sort(),
        sections: seen('details.version').map(it => it.id).sort(),
        findings: [...new Set(seen('tr[data-finding]').flatMap(row => [...row.querySelectorAll('a.code')].map(link => link.hash.slice(1))))].sort(),
        said: document.getElementById('filter-result').textContent,
        clear: document.getElementById('filter-clear').checkVisibility(),
        filtered: document.documentElement.classList.contains('filtered'),
    };
})()";

/// Each live version with the words that are told of it anywhere, and whether it is shown.
const WORDS: &str = "[...document.querySelectorAll('tr[data-live]')].map(row => ({
    words: (row.textContent + ' ' + (document.getElementById(row.dataset.live)?.textContent ?? '')).toLowerCase(),
    shown: row.checkVisibility(),
}))";

fn texts(value: &Value) -> BTreeSet<&str> {
    value.as_array().expect("a list").iter().map(|text| text.as_str().expect("text")).collect()
}

fn of<'r>(row: &'r Value, field: &str) -> &'r str {
    row[field].as_str().unwrap_or_default()
}

/// What a link to a finding says.
fn anchor(finding: &Value) -> String {
    format!("f-{}", of(finding, "id"))
}

/// One filter: its name and value, the live versions it leaves, and the findings about these or others.
struct Filter<'p> {
    name: &'static str,
    value: &'p str,
    versions: Box<dyn Fn(&Value) -> bool + 'p>,
    findings: Box<dyn Fn(&Value) -> bool + 'p>,
}

/// A filter by what is said of live versions.
fn by_version<'p>(
    name: &'static str,
    value: &'p str,
    keeps: impl Fn(&Value) -> bool + Copy + 'p,
    page: &'p Page,
) -> Filter<'p> {
    let rows = page.report["live_versions"].as_array().expect("rows");
    let kept: BTreeSet<&str> = rows.iter().filter(|row| keeps(row)).map(|row| of(row, "id")).collect();
    Filter {
        name,
        value,
        versions: Box::new(keeps),
        findings: Box::new(move |row| kept.contains(of(&row["subject"], "live_version"))),
    }
}

/// A filter by what is said of findings: it leaves the live versions that have one.
fn by_finding<'p>(
    name: &'static str,
    value: &'p str,
    keeps: impl Fn(&Value) -> bool + Copy + 'p,
    page: &'p Page,
) -> Filter<'p> {
    let about: BTreeSet<&str> = page.findings(keeps).iter().map(|row| of(&row["subject"], "live_version")).collect();
    Filter { name, value, versions: Box::new(move |row| about.contains(of(row, "id"))), findings: Box::new(keeps) }
}

#[test]
fn each_filter_leaves_what_the_report_says() {
    let page = pages::demo();
    let open = |row: &Value| row["status"] == "fail" || row["status"] == "unknown";
    let filters = [
        by_version("verdict", "stop", |row| row["readiness"]["verdict"] == "stop", page),
        by_version("verdict", "fix_controls_first", |row| row["readiness"]["verdict"] == "fix_controls_first", page),
        by_version("owner", "crm@bank.example", |row| row["owner"]["name"] == "crm@bank.example", page),
        by_version("owner", "-", |row| row["owner"].is_null(), page),
        by_finding("status", "fail", |row| row["status"] == "fail", page),
        by_finding("status", "unknown", |row| row["status"] == "unknown", page),
        by_finding("severity", "critical", |row| row["severity"] == "critical", page),
        by_finding("severity", "low", |row| row["severity"] == "low", page),
        by_finding("control", "APR-001", |row| row["code"] == "APR-001", page),
        by_finding("control", "ART-001", |row| row["code"] == "ART-001", page),
    ];
    let mut steps = Vec::new();
    for (at, filter) in filters.iter().enumerate() {
        steps.push(json!({"choose": format!("#filter-{}", filter.name), "value": filter.value}));
        steps.push(json!({"tell": at.to_string(), "js": SHOWN}));
        steps.push(json!({"tell": format!("{at} option"), "js": format!("document.getElementById('filter-{}').selectedOptions[0].textContent", filter.name)}));
        steps.push(json!({"click": "#filter-clear"}));
    }
    steps.push(json!({"tell": "cleared", "js": SHOWN}));
    let Some(seen) = look(&page.html, (1400, 900), &Value::Array(steps)) else { return };
    let rows = page.report["live_versions"].as_array().expect("rows");
    for (at, filter) in filters.iter().enumerate() {
        let what = format!("{} = {}", filter.name, filter.value);
        let told = seen.answer(&at.to_string());
        let kept = rows.iter().filter(|row| (filter.versions)(row)).count();
        assert!(kept > 0, "{what}: the demo has some of it");
        assert_eq!(texts(&told["versions"]).len(), kept, "{what}: {told}");
        assert_eq!(told["sections"], told["versions"], "{what}: rows and sections");
        // What is unknown for one reason stands in one row, which is severe as its worst is and found by each of its controls.
        let alone = matches!(filter.name, "severity" | "control");
        let failing: BTreeSet<String> = page.findings(|row| row["status"] == "fail").into_iter().map(anchor).collect();
        let looked_at = |id: &&str| !alone || failing.contains(*id);
        let expected: BTreeSet<String> =
            page.findings(|row| open(row) && (filter.findings)(row)).into_iter().map(anchor).collect();
        let expected: BTreeSet<&str> = expected.iter().map(String::as_str).filter(looked_at).collect();
        let shown: BTreeSet<&str> = texts(&told["findings"]).into_iter().filter(looked_at).collect();
        assert!((1..page.findings(open).len()).contains(&expected.len()), "{what}: the demo has others");
        assert_eq!(shown, expected, "{what}: findings");
        let said = format!("{kept} of {} live versions", rows.len());
        assert!(of(told, "said").starts_with(&said), "{what}: it says `{}`, not `{said}`", of(told, "said"));
        assert_eq!((&told["clear"], &told["filtered"]), (&json!(true), &json!(true)), "{what}");
        let option = seen.text_of(&format!("{at} option"));
        if matches!(filter.name, "verdict" | "owner") {
            assert!(option.ends_with(&format!("({kept})")), "{what}: the choice says `{option}`");
        }
    }
    let told = seen.answer("cleared");
    assert_eq!(texts(&told["versions"]).len(), rows.len(), "all are back");
    assert_eq!(texts(&told["findings"]).len(), page.findings(open).len(), "and all findings");
    assert_eq!((&told["clear"], &told["filtered"]), (&json!(false), &json!(false)));
}

#[test]
fn a_search_finds_every_word_in_any_case_and_hides_the_rest() {
    let page = pages::demo();
    let searches = ["credit-limit", "CRM@bank.example", "art-001", "retail-credit rejected", "no such thing anywhere"];
    let mut steps = Vec::new();
    for text in searches {
        steps.push(json!({"key": "/"}));
        steps.push(json!({"type": text}));
        // What was typed takes effect in the frame that follows.
        steps.push(json!({"wait": "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"}));
        steps.push(json!({"tell": text, "js": WORDS}));
        steps.push(json!({"tell": format!("{text}, shown"), "js": SHOWN}));
        steps.push(json!({"key": "Escape"}));
    }
    let Some(seen) = look(&page.html, (1400, 900), &Value::Array(steps)) else { return };
    for text in searches {
        let wanted = text.to_lowercase();
        let rows = seen.answer(text).as_array().expect("rows");
        assert_eq!(rows.len(), page.live_versions());
        let mut found = 0;
        for row in rows {
            let matches = wanted.split(' ').all(|word| of(row, "words").contains(word));
            found += usize::from(matches);
            assert_eq!(row["shown"], json!(matches), "`{text}`: {:.200}", of(row, "words"));
        }
        let said = seen.answer(&format!("{text}, shown"))["said"].as_str().expect("text");
        assert!(said.starts_with(&format!("{found} of {} live versions", rows.len())), "`{text}`: {said}");
        match text {
            "no such thing anywhere" => assert_eq!(found, 0),
            // What is looked at for every live version is found in every one.
            "art-001" => assert!(found > 0),
            _ => assert!((1..rows.len()).contains(&found), "`{text}` finds {found}"),
        }
    }
}

#[test]
fn the_address_holds_what_is_filtered() {
    let page = pages::demo();
    let state = "({q: document.getElementById('filter-text').value, verdict: document.getElementById('filter-verdict').value, severity: document.getElementById('filter-severity').value})";
    let frame =
        json!({"wait": "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"});
    let tell =
        |name: &str| [json!({"tell": name, "js": SHOWN}), json!({"tell": format!("{name}, state"), "js": state})];
    let mut steps = vec![json!({"choose": "#filter-verdict", "value": "fix_controls_first"})];
    steps.extend(tell("one"));
    steps.push(json!({"choose": "#filter-severity", "value": "high"}));
    steps.extend(tell("two"));
    steps.extend([json!({"key": "/"}), json!({"type": "bank"}), frame.clone()]);
    steps.extend(tell("three"));
    steps.extend([json!({"reload": true}), frame.clone()]);
    steps.extend(tell("reloaded"));
    steps.extend([json!({"back": true}), frame.clone()]);
    steps.extend(tell("back"));
    steps.extend([json!({"back": true}), frame.clone()]);
    steps.extend(tell("back again"));
    steps.push(json!({"tell": "address", "js": "location.href"}));
    // As somebody opens it to whom it was sent.
    steps.extend([json!({"open": "report.html#?verdict=stop&severity=high"}), frame]);
    steps.extend(tell("sent"));
    let Some(seen) = look(&page.html, (1400, 900), &Value::Array(steps)) else { return };
    let same = |one: &str, other: &str| {
        assert_eq!(seen.answer(one), seen.answer(other), "{one} and {other}");
        assert_eq!(seen.answer(&format!("{one}, state")), seen.answer(&format!("{other}, state")), "{one} and {other}");
    };
    assert_eq!(seen.answer("three, state"), &json!({"q": "bank", "verdict": "fix_controls_first", "severity": "high"}));
    let findings = |name: &str| texts(&seen.answer(name)["findings"]).len();
    assert!(findings("one") > findings("two") && findings("two") > 0, "each filter leaves less");
    same("reloaded", "three");
    same("back", "two");
    same("back again", "one");
    assert!(seen.text_of("address").ends_with("#?verdict=fix_controls_first"), "{}", seen.text_of("address"));
    assert_eq!(seen.answer("sent, state"), &json!({"q": "", "verdict": "stop", "severity": "high"}));
    let sent = texts(&seen.answer("sent")["versions"]).len();
    assert!((1..page.live_versions()).contains(&sent), "{sent} are left of what was sent");
}

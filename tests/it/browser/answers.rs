//! The test plan: what each reader asks is answered on the first screen of the demo, without scrolling, and the answer is
//! what the report says. The questions stand in `tests/README.md`; what is expected is counted here, from the JSON.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::look::look;
use super::pages::{self, Page};
use crate::support::root;

/// The window of somebody who does not scroll.
const WINDOW: (u32, u32) = (1400, 900);

/// Each question of the first screen with its answer, and whether all of both is in the window.
const FIRST_SCREEN: &str = "[...document.querySelectorAll('.first h2, .first dt')].map(it => {
    const whole = it.tagName === 'DT' ? it.closest('.answer') : it.parentElement;
    const box = whole.getBoundingClientRect();
    return {
        question: it.textContent.trim(),
        answer: whole.textContent.replace(/\\s+/g, ' ').trim(),
        visible: whole.checkVisibility() && box.width > 0 && box.height > 0,
        bottom: Math.round(box.bottom),
        inside: box.top >= 0 && box.left >= 0 && box.right <= innerWidth && box.bottom <= innerHeight,
    };
})";

/// Reader and question of each row of the plan.
fn plan() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(root("tests/README.md")).expect("the plan");
    let (_, table) = text.split_once("| Reader | Question |").expect("the plan has a table of questions");
    let mut reader = String::new();
    let mut questions = Vec::new();
    for line in table.lines().skip(2).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if !cells[1].is_empty() {
            cells[1].clone_into(&mut reader);
        }
        questions.push((reader.clone(), cells[2].to_owned()));
    }
    questions
}

/// Live versions for which one of these controls has this status, or a worse one for none.
fn tally(page: &Page, codes: &[&str]) -> (usize, usize, usize) {
    let rank = |status: &Value| ["fail", "unknown", "waived", "pass"].iter().position(|other| status == other);
    let mut worst: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in page.findings(|row| codes.iter().any(|code| row["code"] == *code)) {
        let (Some(id), Some(rank)) = (finding["subject"]["live_version"].as_str(), rank(&finding["status"])) else {
            continue;
        };
        let least = worst.entry(id).or_insert(rank);
        *least = rank.min(*least);
    }
    let of = |rank| worst.values().filter(|other| **other == rank).count();
    (of(0), of(1), worst.len())
}

fn counted((bad, unknown, asked): (usize, usize, usize)) -> Vec<String> {
    let mut expected = vec![format!("{bad} of {asked}")];
    if unknown > 0 {
        expected.push(format!("{unknown} not known"));
    }
    expected
}

/// What each answer has to say of this report.
fn expected(page: &Page) -> BTreeMap<&'static str, Vec<String>> {
    let report = &page.report;
    let summary = &report["summary"];
    let rows = report["live_versions"].as_array().expect("rows");
    let live = rows.len();
    let count = |keeps: &dyn Fn(&Value) -> bool| rows.iter().filter(|row| keeps(row)).count();
    let number = |value: &Value| value.as_u64().expect("a count");

    let unread = |row: &Value| {
        let unread = ["unseen", "unknown", "ambiguous", "url_only"];
        let containers = row["containers"].as_array().expect("containers");
        row["approval"].is_null() && containers.iter().all(|it| unread.iter().any(|kind| it["registration"] == *kind))
    };
    let unapproved = |row: &Value| {
        row["approval"]["status"] != "Approved" && !row["approval"]["status"].is_null() || row["approval"].is_null()
    };
    let grade = |letters: &[&str]| letters.iter().map(|letter| number(&summary["by_grade"][*letter])).sum::<u64>();
    let stopping = rows
        .iter()
        .filter(|row| row["readiness"]["verdict"] == "stop")
        .map(|row| row["endpoint"].as_str().expect("a name"));
    let nobody = |fault: &str| {
        count(&|row| {
            row["faults"]
                .as_array()
                .is_some_and(|faults| faults.iter().any(|it| it["fault"] == fault && it["told"] == "nobody"))
        })
    };
    let signals = |state: &str| -> usize {
        let asked = ["errors", "latency", "silence", "saturation", "drift", "responsible AI", "business"];
        rows.iter().map(|row| asked.iter().filter(|signal| row["alarms"][**signal]["state"] == state).count()).sum()
    };
    let all_signals: usize = ["covered", "broken", "missing", "unknown"].into_iter().map(signals).sum();
    let unowned = count(&|row| row["owner"].is_null() && !row["tags"].is_null());
    let whole = |amount: &Value| amount.as_str().and_then(|text| text.split('.').next()).expect("an amount").len();
    let costs = &report["costs"];
    assert_eq!((whole(&costs["outlook"]["cost"]["amount"]), whole(&costs["budgets"][0]["limit"]["amount"])), (4, 4));
    let thousands = |amount: &Value| {
        let rounded = amount.as_str().and_then(|text| text.parse::<f64>().ok()).expect("an amount").round();
        let digits = format!("{rounded}");
        format!("{},{}", &digits[..1], &digits[1..])
    };
    let waste = costs["waste"].as_array().expect("rows").len();
    assert!(report["changes"].is_null() && waste == 0, "the demo is one run of an estate without waste");
    let share = summary["evidence_share"].as_f64().expect("a share");

    let faults: BTreeSet<String> =
        ["requests_fail", "latency_triples", "requests_stop"].map(|fault| format!("{} nobody", nobody(fault))).into();
    BTreeMap::from([
        (
            "Is anything live that was not approved?",
            counted((count(&|row| unapproved(row) && !unread(row)), count(&unread), live)),
        ),
        ("Was anything changed after it was approved?", counted(tally(page, &["ART-001", "APR-008"]))),
        (
            "How well is each approval proved?",
            vec![format!("{} of {}", grade(&["A", "B", "C"]), grade(&["A", "B", "C", "D", "E", "F", "none"]))],
        ),
        ("Did anybody approve their own work?", counted(tally(page, &["APR-003"]))),
        ("How far can the evidence be trusted?", vec![format!("{:.1}", (share * 1000.0).round() / 10.0)]),
        ("What should stop, and why", stopping.map(str::to_owned).collect()),
        ("What pages nobody?", faults.into_iter().filter(|said| !said.starts_with('0')).collect()),
        ("Which signals does nobody hear?", vec![format!("{} of {all_signals}", signals("covered"))]),
        ("Is there a tested way back?", counted(tally(page, &["DEP-001"]))),
        ("What changed since the last run?", vec!["No earlier run".to_owned()]),
        ("May its use be expanded?", vec![format!("{} of {live}", number(&summary["by_verdict"]["expand"]))]),
        (
            "What does it cost, against what it may?",
            vec![thousands(&costs["outlook"]["cost"]["amount"]), thousands(&costs["budgets"][0]["limit"]["amount"])],
        ),
        ("Who owns it, and what does nobody own?", vec![format!("{unowned} of {live}")]),
        ("What is wasted?", vec!["No waste was found".to_owned()]),
        (
            "What does waiting risk?",
            vec![
                format!("{} critical", number(&summary["failing_by_severity"]["critical"])),
                format!("{} high", number(&summary["failing_by_severity"]["high"])),
            ],
        ),
    ])
}

#[test]
fn the_plan_asks_five_questions_for_each_of_three_readers() {
    let mut by_reader: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (reader, question) in plan() {
        by_reader.entry(reader).or_default().insert(question);
    }
    let counts: Vec<(&str, usize)> =
        by_reader.iter().map(|(reader, questions)| (reader.as_str(), questions.len())).collect();
    assert_eq!(counts, [("manager", 5), ("operator", 5), ("security reviewer", 5)]);
}

#[test]
fn every_question_is_answered_on_the_first_screen_and_as_the_report_says() {
    let page = pages::demo();
    let mut expected = expected(page);
    let Some(seen) = look(&page.html, WINDOW, &json!([{"tell": "first", "js": FIRST_SCREEN}])) else { return };
    let told = seen.answer("first").as_array().expect("answers");
    let mut problems = Vec::new();
    for (reader, question) in plan() {
        let Some(answer) = told.iter().find(|it| it["question"] == question.as_str()) else {
            problems.push(format!("{reader}: `{question}` is not on the first screen"));
            continue;
        };
        let text = answer["answer"].as_str().expect("text");
        if answer["visible"] != true || answer["inside"] != true {
            problems.push(format!("{reader}: `{question}` ends at {} of 900: {text}", answer["bottom"]));
        }
        let wanted = expected.remove(question.as_str()).unwrap_or_else(|| panic!("no answer is known to `{question}`"));
        assert!(!wanted.is_empty(), "`{question}` has an answer in the demo");
        let missing: Vec<_> = wanted.into_iter().filter(|part| !text.contains(part.as_str())).collect();
        if !missing.is_empty() {
            problems.push(format!("{reader}: `{question}` does not say {missing:?}: {text}"));
        }
    }
    assert!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    assert!(expected.is_empty(), "the plan does not ask {:?}", expected.keys());
}

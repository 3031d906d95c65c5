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

/// How many are not as they should be, how many of these are waived, how many are not known, of how many.
#[derive(Clone, Copy, Default)]
struct Tally {
    bad: usize,
    waived: usize,
    unknown: usize,
    asked: usize,
}

/// Of live versions to which one of these controls applies. One that fails counts; one that would, had nobody waived it,
/// counts and is told to be waived; only of others can be said that it is not known.
fn tally(page: &Page, codes: &[&str]) -> Tally {
    let mut statuses: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for finding in page.findings(|row| codes.iter().any(|code| row["code"] == *code)) {
        let Some(id) = finding["subject"]["live_version"].as_str() else { continue };
        let status = finding["status"].as_str().expect("a status");
        if status != "not_applicable" {
            statuses.entry(id).or_default().push(status);
        }
    }
    let mut tally = Tally { asked: statuses.len(), ..Tally::default() };
    for statuses in statuses.values() {
        let waived = statuses.contains(&"waived") && !statuses.contains(&"fail");
        if waived || statuses.contains(&"fail") {
            tally.bad += 1;
            tally.waived += usize::from(waived);
        } else if statuses.contains(&"unknown") {
            tally.unknown += 1;
        }
    }
    tally
}

/// Live versions with a part that is known not to be Approved; of the others those with a part of which that is not known.
fn unapproved(rows: &[Value]) -> Tally {
    let mut tally = Tally { asked: rows.len(), ..Tally::default() };
    for row in rows {
        let further = row["further_approvals"].as_array().into_iter().flatten();
        let approvals: Vec<&Value> =
            std::iter::once(&row["approval"]).filter(|it| !it.is_null()).chain(further).collect();
        let containers = row["containers"].as_array().expect("containers");
        let unseen = containers
            .iter()
            .filter(|it| ["unseen", "unknown", "ambiguous", "url_only"].iter().any(|kind| it["registration"] == *kind))
            .count();
        // What has no version, only a name, cannot be approved.
        let lone = |it: &Value| it["package_arn"].as_str().is_some_and(|arn| arn.matches('/').count() < 2);
        let never = approvals.iter().any(|it| match it["status"].as_str() {
            Some(status) => status != "Approved",
            None => lone(it),
        });
        if never || approvals.is_empty() && unseen < containers.len() {
            tally.bad += 1;
        } else if approvals.is_empty() || unseen > 0 || approvals.iter().any(|it| it["status"].is_null()) {
            tally.unknown += 1;
        }
    }
    tally
}

fn counted(tally: Tally) -> Vec<String> {
    let mut expected = vec![format!("{} of {}", tally.bad, tally.asked)];
    if tally.waived > 0 {
        expected.push(format!("{} of them waived", tally.waived));
    }
    if tally.unknown > 0 {
        expected.push(format!("{} not known", tally.unknown));
    }
    expected
}

/// What is said below `What pages nobody?`: each fault of which nobody is told of some live version, by its heading.
fn paging_nobody(rows: &[Value]) -> Vec<String> {
    let headings = [
        ("requests_fail", "Every request fails"),
        ("latency_triples", "Latency triples"),
        ("traffic_stops", "Requests stop"),
        ("instance_saturates", "Instances run full"),
        ("predictions_drift", "Predictions drift"),
    ];
    let faults: Vec<&Value> = rows.iter().filter_map(|row| row["faults"].as_array()).flatten().collect();
    let told = headings.into_iter().filter_map(|(fault, heading)| {
        let of: Vec<_> = faults.iter().filter(|it| it["fault"] == fault).collect();
        assert!(!of.is_empty(), "the report knows the fault `{fault}`");
        let nobody = of.iter().filter(|it| it["told"] == "nobody").count();
        // The page draws a bar between the two, which has no text.
        (nobody > 0).then(|| format!("{heading}{nobody} nobody"))
    });
    told.collect()
}

/// How many of the ways back that are there are tested fallbacks.
fn tested_fallbacks(page: &Page, rows: &[Value]) -> String {
    let there = page.findings(|row| row["code"] == "DEP-001" && row["status"] == "pass");
    let of = |id: &Value| rows.iter().find(|row| row["id"] == *id).expect("a live version");
    let tested = there.iter().filter(|it| of(&it["subject"]["live_version"])["rollback"]["fallback"]["holds"] == true);
    match tested.count() {
        1 => "1 other tested".to_owned(),
        count => format!("{count} others tested"),
    }
}

/// What each answer has to say of this report.
fn expected(page: &Page) -> BTreeMap<&'static str, Vec<String>> {
    let report = &page.report;
    let summary = &report["summary"];
    let rows = report["live_versions"].as_array().expect("rows");
    let live = rows.len();
    let count = |keeps: &dyn Fn(&Value) -> bool| rows.iter().filter(|row| keeps(row)).count();
    let number = |value: &Value| value.as_u64().expect("a count");

    let grade = |letters: &[&str]| letters.iter().map(|letter| number(&summary["by_grade"][*letter])).sum::<u64>();
    let stopping = rows
        .iter()
        .filter(|row| row["readiness"]["verdict"] == "stop")
        .map(|row| row["endpoint"].as_str().expect("a name"));
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

    let severe = |row: &Value| row["severity"] == "critical" || row["severity"] == "high";
    let undecided = page.findings(|row| severe(row) && row["status"] == "unknown").len();
    let waived = page.findings(|row| severe(row) && row["status"] == "waived").len();
    let mut risks = vec![
        format!("{} critical", number(&summary["failing_by_severity"]["critical"])),
        format!("{} high", number(&summary["failing_by_severity"]["high"])),
    ];
    risks.extend((undecided > 0).then(|| format!("{undecided} not known")));
    risks.extend((waived > 0).then(|| format!("{waived} more waived")));
    let mut back = counted(tally(page, &["DEP-001"]));
    back.push(tested_fallbacks(page, rows));

    BTreeMap::from([
        ("Is anything live that was not approved?", counted(unapproved(rows))),
        ("Was anything changed after it was approved?", counted(tally(page, &["ART-001", "APR-008"]))),
        (
            "How well is each approval proved?",
            vec![format!("{} of {}", grade(&["A", "B", "C"]), grade(&["A", "B", "C", "D", "E", "F", "none"]))],
        ),
        ("Did anybody approve their own work?", counted(tally(page, &["APR-003"]))),
        ("How far can the evidence be trusted?", vec![format!("{:.1}", (share * 1000.0).round() / 10.0)]),
        ("What should stop, and why", stopping.map(str::to_owned).collect()),
        ("What pages nobody?", paging_nobody(rows)),
        ("Which signals does nobody hear?", vec![format!("{} of {all_signals}", signals("covered"))]),
        ("Is there a way back?", back),
        ("What changed since the last run?", vec!["No earlier run".to_owned()]),
        ("May its use be expanded?", vec![format!("{} of {live}", number(&summary["by_verdict"]["expand"]))]),
        (
            "What does it cost, against what it may?",
            vec![thousands(&costs["outlook"]["cost"]["amount"]), thousands(&costs["budgets"][0]["limit"]["amount"])],
        ),
        ("Who owns it, and what does nobody own?", vec![format!("{unowned} of {live}")]),
        ("What is wasted?", vec!["No waste was found".to_owned()]),
        ("What does waiting risk?", risks),
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

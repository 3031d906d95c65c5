//! What holds of the page's anchors and its script.

use std::collections::BTreeMap;

use super::script::SCRIPT;
use super::{THOROUGH, filters, safe};
use crate::control::Status;
use crate::report::document::Report;
use crate::report::sample::{HOSTILE, bank, hostile, large, many, organization};
use crate::report::{Format, render};

fn page(report: &Report) -> String {
    String::from_utf8(render(report, Format::Html).unwrap()).unwrap()
}

/// How often each anchor is there.
fn anchors(page: &str) -> BTreeMap<&str, usize> {
    let mut anchors = BTreeMap::new();
    for piece in page.split(" id=\"").skip(1) {
        *anchors.entry(piece.split_once('"').unwrap().0).or_default() += 1;
    }
    anchors
}

#[test]
fn every_finding_and_live_version_has_an_anchor_of_its_own() {
    for report in [bank(), hostile(), organization(), many(THOROUGH + 12)] {
        let page = page(&report);
        let anchors = anchors(&page);
        let twice: Vec<_> = anchors.iter().filter(|(_, count)| **count != 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
        for live in &report.live_versions {
            let anchor = format!("live-{}", safe::slug(&live.id));
            assert!(anchors.contains_key(anchor.as_str()), "{anchor}");
        }
        let large = report.live_versions.len() > THOROUGH;
        for finding in &report.findings {
            let quiet = matches!(finding.status, Status::Pass | Status::NotApplicable);
            let told = match &finding.subject.live_version {
                Some(id) => report.live_versions.iter().any(|live| live.id == *id),
                None => !(large && quiet),
            };
            let anchor = format!("f-{}", safe::slug(&finding.id));
            assert_eq!(anchors.contains_key(anchor.as_str()), told, "{anchor} of {:?}", finding.status);
        }
    }
}

#[test]
fn links_of_a_large_page_lead_somewhere() {
    let page = page(&many(THOROUGH + 12));
    let anchors = anchors(&page);
    let links = page.split("href=\"#").skip(1).map(|piece| piece.split_once('"').unwrap().0);
    let dead: Vec<&str> = links.filter(|link| !anchors.contains_key(link)).collect();
    assert!(dead.is_empty(), "{dead:?}");
}

#[test]
fn the_script_asks_for_nothing_and_holds_no_name() {
    for forbidden in
        ["fetch(", "XMLHttpRequest", "import(", "eval(", "insertAdjacentHTML", "outerHTML", "document.write"]
    {
        assert!(!SCRIPT.contains(forbidden), "{forbidden}");
    }
    assert!(!SCRIPT.contains("</"), "it would end early");
    assert_eq!(SCRIPT.matches("innerHTML").count(), 1, "only what the page keeps folded becomes markup");
    let page = page(&hostile());
    let (_, after) = page.split_once("<script>").unwrap();
    assert_eq!(after.split_once("</script>").unwrap().0, SCRIPT);
    for hostile in HOSTILE {
        assert!(!SCRIPT.contains(hostile), "{hostile}");
    }
}

/// What is kept as text until it is unfolded ends where the page ends it.
#[test]
fn what_is_folded_cannot_be_broken_out_of() {
    let mut report = many(THOROUGH + 12);
    for live in &mut report.live_versions {
        live.paragraph = "</noscript><script>alert(1)</script>".to_owned();
    }
    let page = page(&report);
    // One for each live version and each kind of finding, one for the evidence.
    let folded = report.live_versions.len() + page.matches("<details class=\"kind\"").count() + 1;
    assert_eq!(page.matches("<noscript>").count(), folded);
    assert_eq!(page.matches("</noscript>").count(), folded);
    assert_eq!(page.matches("<script>").count(), 1);
}

#[test]
fn a_choice_of_one_is_not_offered() {
    let names = |report: &Report| filters::facets(report).into_iter().map(|facet| facet.name).collect::<Vec<_>>();
    assert_eq!(names(&bank()), ["verdict", "status", "severity", "owner", "control"]);
    let mut report = bank();
    report.live_versions[0].account = "222233334444".to_owned();
    assert!(names(&report).contains(&"account"));
}

#[test]
fn a_large_estate_stays_below_15_megabytes() {
    let report = large();
    assert!(report.live_versions.len() == 2_000 && report.findings.len() > 50_000);
    let bytes = page(&report).len();
    assert!(bytes < 15_000_000, "{bytes}");
}

/// Budgets that cover nothing live, and those of usage, are not among these: there may be some.
#[test]
fn without_a_budget_over_what_serves_the_page_does_not_say_that_there_is_none() {
    let mut report = bank();
    report.costs.as_mut().unwrap().budgets.clear();
    let page = page(&report);
    assert!(page.contains("No cost budget covers what serves here."));
    assert!(!page.contains("There is no budget"));
}

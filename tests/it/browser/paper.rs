//! On paper, and without scripts.

use serde_json::json;

use super::look::look;
use super::pages;
use crate::support::is_there;

/// What a page cannot show on paper: parts of figures and tables that are cut off at the right edge.
const CUT: &str = "[...document.querySelectorAll('main *')]
    .filter(it => it.checkVisibility() && it.scrollWidth > it.clientWidth + 1 && getComputedStyle(it).overflowX !== 'visible'
        && it.clientWidth > 1 && getComputedStyle(it).display !== 'inline')
    .map(it => `${it.tagName}.${it.className} ${it.scrollWidth} in ${it.clientWidth}`).slice(0, 5)";

#[test]
fn it_prints_whole() {
    let page = pages::demo();
    let pdf = page.html.with_file_name("report.pdf");
    // A4 upright between margins is about 700 pixels wide.
    let steps = json!([
        {"media": "print"},
        {"size": [700, 1000]},
        {"tell": "cut", "js": CUT},
        {"tell": "ink", "js": "getComputedStyle(document.body).backgroundColor"},
        {"pdf": pdf},
    ]);
    let Some(seen) = look(&page.html, (1400, 900), &steps) else { return };
    assert_eq!(seen.answer("cut"), &json!([]), "cut off on paper");
    let bytes = std::fs::read(&pdf).expect("a PDF");
    assert!(bytes.starts_with(b"%PDF-") && bytes.len() > 20_000, "{} bytes", bytes.len());
    if !is_there("pdftotext") {
        eprintln!("skipped: the text of the PDF, for want of `pdftotext`");
        return;
    }
    let output = std::process::Command::new("pdftotext").arg(&pdf).arg("-").output().expect("it starts");
    let printed = words(&String::from_utf8_lossy(&output.stdout));
    let versions = page.report["live_versions"].as_array().expect("rows").iter();
    for endpoint in versions.map(|row| row["endpoint"].as_str().expect("a name")) {
        assert!(printed.contains(&words(endpoint)), "`{endpoint}` is on paper");
    }
    for finding in page.findings(|row| row["status"] == "fail" && row["gate"] == "stop") {
        let code = finding["code"].as_str().expect("a code");
        assert!(printed.contains(code), "{code} is on paper");
    }
}

/// Where lines break is the paper's business.
fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{ad}' && *c != '\u{200b}').collect()
}

#[test]
fn without_scripts_everything_can_be_read() {
    let page = pages::demo();
    let parts = "({
        text: document.body.textContent,
        folded: [...document.querySelectorAll('main details')].filter(it => !it.querySelector(':scope > summary')).length,
        hidden: [...document.querySelectorAll('main [hidden]:not(#filters, #filters *), main template')].map(it => it.outerHTML.slice(0, 80)),
        dead: [...document.querySelectorAll('button, select, input:not([type=radio])')].filter(it => it.checkVisibility()).map(it => it.outerHTML.slice(0, 80)),
        links: [...document.querySelectorAll('a[href^=\"#\"]')].filter(it => !document.getElementById(decodeURIComponent(it.hash.slice(1)))).map(it => it.hash),
    })";
    let steps = json!([{"scripts": false}, {"open": "report.html"}, {"tell": "parts", "js": parts}]);
    let Some(seen) = look(&page.html, (1400, 900), &steps) else { return };
    let told = seen.answer("parts");
    let text = told["text"].as_str().expect("text");
    for finding in page.findings(|row| row["status"] == "fail") {
        let code = finding["code"].as_str().expect("a code");
        assert!(text.contains(code), "{code} can be read");
    }
    for row in page.report["live_versions"].as_array().expect("rows") {
        let endpoint = row["endpoint"].as_str().expect("a name");
        assert!(text.contains(endpoint), "`{endpoint}` can be read");
    }
    assert_eq!(told["folded"], json!(0), "what is folded can be unfolded");
    assert_eq!(told["hidden"], json!([]), "nothing waits for a script to show it");
    assert_eq!(told["dead"], json!([]), "nothing is offered that does nothing");
    assert_eq!(told["links"], json!([]), "links lead somewhere");
}

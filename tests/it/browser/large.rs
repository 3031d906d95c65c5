//! A large estate: it opens, is small enough to be sent, and its filters find what they should. How long that takes is
//! measured by `tests/bench/page`, and not asserted.

use serde_json::json;

use super::look::look;
use super::pages;

/// More than so many bytes no mail takes.
const MOST: u64 = 15_000_000;

const SAID: &str = "document.getElementById('filter-result').textContent";
const ROWS: &str = "document.querySelectorAll('tr[data-live]:not([hidden])').length";

fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn two_thousand_live_versions_and_fifty_thousand_findings_open_and_filter() {
    let page = pages::large();
    assert!(page.live_versions >= 2_000 && page.findings == 50_000, "{} and {}", page.live_versions, page.findings);
    let size = std::fs::metadata(&page.html).expect("a page").len();
    assert!(size < MOST, "{size} bytes");
    let frame =
        json!({"wait": "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"});
    let steps = json!([
        {"tell": "all", "js": SAID},
        {"choose": "#filter-verdict", "value": "stop"}, {"tell": "stop", "js": SAID}, {"tell": "stop, rows", "js": ROWS},
        {"click": "#filter-clear"},
        {"choose": "#filter-status", "value": "fail"}, {"tell": "fail", "js": SAID},
        {"click": "#filter-clear"},
        {"key": "/"}, {"type": "credit-limit-00042"}, frame, {"tell": "found", "js": SAID}, {"tell": "found, rows", "js": ROWS},
        {"key": "Escape"}, frame, {"tell": "cleared", "js": SAID},
    ]);
    let Some(seen) = look(&page.html, (1400, 900), &steps) else { return };
    let all = grouped(page.live_versions);
    assert!(seen.text_of("all").starts_with(&format!("{all} of {all} live versions, ")), "{}", seen.text_of("all"));
    let stop = page.by_verdict["stop"];
    assert!(
        seen.text_of("stop").starts_with(&format!("{} of {all} live versions", grouped(stop))),
        "{}",
        seen.text_of("stop")
    );
    assert_eq!(usize::try_from(seen.number("stop, rows")), Ok(stop));
    let failing = format!(", {} of ", grouped(page.by_status["fail"]));
    assert!(seen.text_of("fail").contains(&failing), "{} has not `{failing}`", seen.text_of("fail"));
    // The primary and the candidate of one endpoint.
    assert!(seen.text_of("found").starts_with(&format!("2 of {all} live versions")), "{}", seen.text_of("found"));
    assert_eq!(seen.number("found, rows"), 2);
    assert_eq!(seen.text_of("cleared"), seen.text_of("all"));
}

#[test]
#[ignore = "writes the page that `tests/bench/page` measures"]
fn write_the_large_page() {
    eprintln!("{}", pages::large().html.display());
}

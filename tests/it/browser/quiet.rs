//! Every page in every window: whole, and no wider than it.

use std::path::Path;

use serde_json::{Value, json};

use super::look::look;
use super::pages;

/// By how much the page is wider than the window, and what sticks out of it.
const OVERFLOW: &str = "(() => {
    const wide = document.documentElement.clientWidth;
    const by = document.documentElement.scrollWidth - wide;
    const out = by <= 0 ? [] : [...document.body.querySelectorAll('*')]
        .filter(it => it.getBoundingClientRect().right > wide + 1 && !it.closest('.scroll'))
        .map(it => it.tagName + '.' + it.className).slice(0, 5);
    return {by, out};
})()";

/// Unfolds all that is folded.
pub(super) const UNFOLD: &str = "document.querySelectorAll('details').forEach(it => it.open = true)";

fn fits(page: &Path) {
    let mut steps = Vec::new();
    for width in [400, 700, 1000, 1400] {
        steps.push(json!({"size": [width, 900]}));
        steps.push(json!({"tell": width.to_string(), "js": OVERFLOW}));
    }
    // Once more with everything unfolded, which only gets wider.
    steps.push(json!({"tell": "unfolded", "js": UNFOLD}));
    for width in [400, 1400] {
        steps.push(json!({"size": [width, 900]}));
        steps.push(json!({"tell": format!("{width}, unfolded"), "js": OVERFLOW}));
    }
    let Some(seen) = look(page, (1400, 900), &Value::Array(steps)) else { return };
    for window in ["400", "700", "1000", "1400", "400, unfolded", "1400, unfolded"] {
        let told = seen.answer(window);
        assert!(told["by"].as_i64() <= Some(0), "{} at {window}: too wide: {told}", page.display());
    }
}

#[test]
fn the_demo_fits_every_window() {
    fits(&pages::demo().html);
    fits(&pages::demo().manager);
}

#[test]
fn an_empty_account_and_a_closed_one_fit_every_window() {
    for page in [pages::empty(), pages::denied()] {
        fits(&page.html);
        fits(&page.manager);
    }
}

#[test]
fn names_without_a_place_to_break_fit_every_window() {
    fits(&pages::hostile().html);
    fits(&pages::hostile().manager);
}

#[test]
fn groups_of_models_have_a_screen_each() {
    let page = pages::demo();
    let groups = page.report["costs"]["groups"].as_array().expect("rows").len();
    let steps = json!([{"tell": "screens", "js": "document.querySelectorAll('section.screen').length"}]);
    let Some(seen) = look(&page.manager, (1400, 900), &steps) else { return };
    assert!(seen.number("screens") >= i64::try_from(groups).expect("few"), "{} screens", seen.number("screens"));
}

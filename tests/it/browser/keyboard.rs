//! Without a mouse: everything is reached in the order in which it is read, what has the focus shows it, and a few keys lead
//! quickly through the page.

use serde_json::{Value, json};

use super::look::look;
use super::pages;

/// What has the focus, and whether that can be seen.
const FOCUS: &str = "(() => {
    const it = document.activeElement;
    const style = getComputedStyle(it);
    const box = it.getBoundingClientRect();
    const around = it.closest('.facet, label') ?? it;
    const ring = element => { const its = getComputedStyle(element); return (its.outlineStyle !== 'none' && parseFloat(its.outlineWidth) >= 1) || its.boxShadow !== 'none'; };
    return {
        tag: it.tagName,
        id: it.id,
        says: (it.getAttribute('aria-label') ?? it.textContent ?? '').trim().slice(0, 60),
        shows: ring(it) || ring(around),
        inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.height > 0,
        version: it.closest('details.version')?.id ?? null,
        open: it.closest('details')?.open ?? null,
        tabindex: it.tabIndex,
    };
})()";

const SECTIONS: &str =
    "[...document.querySelectorAll('details.version')].filter(it => it.checkVisibility()).map(it => it.id)";

#[test]
fn keys_search_step_unfold_and_tell_themselves() {
    let page = pages::demo();
    let tell = |name: &str| json!({"tell": name, "js": FOCUS});
    let text = "document.getElementById('filter-text').value";
    let steps = json!([
        {"tell": "sections", "js": SECTIONS},
        {"key": "j"}, tell("j"),
        {"key": "j"}, {"key": "j"}, tell("jjj"),
        {"key": "k"}, tell("jjjk"),
        {"key": "Enter"}, tell("Enter"),
        {"key": "Enter"}, tell("Enter, again"),
        {"key": "/"}, tell("/"),
        // Keys are letters while somebody types.
        {"type": "jk?/"}, {"tell": "typed", "js": text}, tell("typing"),
        {"key": "Escape"}, {"tell": "cleared", "js": text}, tell("Escape"),
        {"tell": "all again", "js": SECTIONS},
        {"key": "?"}, {"tell": "told", "js": "document.getElementById('keys').open"}, {"tell": "keys", "js": "document.getElementById('keys').innerText"},
        {"key": "Escape"}, {"tell": "closed", "js": "document.getElementById('keys').open"},
        // After a filter, only what is left is stepped through.
        {"choose": "#filter-verdict", "value": "stop"}, {"tell": "left", "js": SECTIONS},
        {"tell": "unfocused", "js": "document.activeElement.blur()"},
        {"key": "j"}, {"key": "j"}, {"key": "j"}, {"key": "j"}, {"key": "j"}, {"key": "j"}, tell("last"),
        {"key": "Escape"}, {"tell": "unfiltered", "js": SECTIONS},
    ]);
    let Some(seen) = look(&page.html, (1400, 900), &steps) else { return };
    let sections = seen.answer("sections").as_array().expect("ids");
    assert_eq!(sections.len(), page.live_versions());
    for (keys, at) in [("j", 0), ("jjj", 2), ("jjjk", 1)] {
        let told = seen.answer(keys);
        assert_eq!(told["version"], sections[at], "{keys}");
        assert_eq!(
            (&told["tag"], &told["shows"], &told["inside"]),
            (&json!("SUMMARY"), &json!(true), &json!(true)),
            "{keys}: {told}"
        );
    }
    assert_ne!(seen.answer("Enter")["open"], seen.answer("Enter, again")["open"], "Enter unfolds and folds");
    for keys in ["/", "typing"] {
        assert_eq!(seen.answer(keys)["id"], "filter-text", "{keys}");
    }
    assert_eq!(seen.text_of("typed"), "jk?/");
    assert_eq!(seen.text_of("cleared"), "");
    assert_ne!(seen.answer("Escape")["id"], "filter-text", "Escape leaves the field");
    for all in ["all again", "unfiltered"] {
        assert_eq!(seen.answer(all), seen.answer("sections"), "{all}");
    }
    assert_eq!((seen.answer("told"), seen.answer("closed")), (&json!(true), &json!(false)));
    for key in ["/", "j", "k", "Enter", "Escape", "?"] {
        assert!(seen.text_of("keys").contains(key), "the keys tell of `{key}`");
    }
    let left = seen.answer("left").as_array().expect("ids");
    assert!(left.len() < sections.len());
    assert_eq!(seen.answer("last")["version"], left[(left.len() - 1).min(5)], "j stays at the last");
}

#[test]
fn tab_goes_through_the_page_in_the_order_of_reading_and_shows_where_it_is() {
    const STOPS: usize = 30;
    let page = pages::demo();
    for html in [&page.html, &page.manager] {
        let mut steps = Vec::new();
        for at in 0..STOPS {
            steps.push(json!({"key": "Tab"}));
            steps.push(json!({"tell": at.to_string(), "js": FOCUS}));
            // Whether it stands behind the one before.
            steps.push(json!({"tell": format!("{at} follows"), "js": "(() => {
                const before = window.before;
                window.before = document.activeElement;
                return !before || Boolean(before.compareDocumentPosition(window.before) & Node.DOCUMENT_POSITION_FOLLOWING);
            })()"}));
        }
        let Some(seen) = look(html, (1400, 900), &Value::Array(steps)) else { return };
        for at in 0..STOPS {
            let told = seen.answer(&at.to_string());
            assert_ne!(told["tag"], "BODY", "{}: the {at}th stop", html.display());
            assert_eq!(told["tabindex"], json!(0), "{}: {told}", html.display());
            assert_eq!(told["shows"], json!(true), "{}: the focus shows: {told}", html.display());
            assert_eq!(told["inside"], json!(true), "{}: what has the focus is in the window: {told}", html.display());
            assert_eq!(seen.answer(&format!("{at} follows")), &json!(true), "{}: {told}", html.display());
        }
    }
}

#[test]
fn the_first_link_skips_to_the_report() {
    let page = pages::demo();
    for html in [&page.html, &page.manager] {
        let steps = json!([
            {"key": "Tab"}, {"tell": "link", "js": FOCUS},
            {"key": "Enter"}, {"tell": "hash", "js": "location.hash"},
            {"key": "Tab"}, {"tell": "next", "js": "Boolean(document.activeElement.closest('main'))"},
        ]);
        let Some(seen) = look(html, (1400, 900), &steps) else { return };
        let link = seen.answer("link");
        assert!(link["says"].as_str().expect("text").starts_with("Skip to"), "{}: {link}", html.display());
        assert_eq!(
            (&link["inside"], &link["shows"]),
            (&json!(true), &json!(true)),
            "{}: it shows once it has the focus",
            html.display()
        );
        assert_eq!(seen.text_of("hash"), "#main");
        assert_eq!(seen.answer("next"), &json!(true), "{}: what follows is in the report", html.display());
    }
}

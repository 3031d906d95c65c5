//! Links to live versions and findings: what they lead to is unfolded, in the window, and marked.

use serde_json::{Value, json};

use super::look::look;
use super::pages;

/// Whether what the address points to can be read where the reader looks.
const ARRIVED: &str = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
    const it = document.getElementById(decodeURIComponent(location.hash.slice(1).split('?')[0]));
    const box = it?.getBoundingClientRect();
    done({
        there: it !== null,
        visible: Boolean(it?.checkVisibility()),
        inside: Boolean(box) && box.top > -2 && box.top < innerHeight - 20,
        folded: [...document.querySelectorAll('details:not([open])')].some(fold => fold.contains(it) && fold !== it && !fold.querySelector(':scope > summary').contains(it)),
        open: it?.tagName !== 'DETAILS' || it.open,
        marked: [...document.querySelectorAll('.here')].map(marked => marked.id),
        text: it?.textContent.slice(0, 400) ?? '',
    });
})))";

fn arrived(told: &Value, anchor: &str) {
    for (what, expected) in [("there", true), ("visible", true), ("inside", true), ("folded", false), ("open", true)] {
        assert_eq!(told[what], json!(expected), "{anchor}: {what}: {told}");
    }
    assert_eq!(told["marked"], json!([anchor]), "{anchor} is marked, and nothing else");
}

#[test]
fn a_link_to_a_finding_or_a_live_version_unfolds_and_marks_it() {
    let page = pages::demo();
    let failing = page.findings(|row| row["status"] == "fail" && !row["subject"]["live_version"].is_null());
    let elsewhere = page.findings(|row| row["status"] == "fail" && row["subject"]["live_version"].is_null());
    let ids = [failing[0], failing[failing.len() / 2], failing[failing.len() - 1]]
        .into_iter()
        .chain(elsewhere.first().copied());
    let findings: Vec<(String, String)> = ids
        .map(|row| {
            (format!("f-{}", row["id"].as_str().expect("an id")), row["code"].as_str().expect("a code").to_owned())
        })
        .collect();
    let mut steps = vec![
        json!({"tell": "versions", "js": "[...document.querySelectorAll('tr[data-live]')].map(row => row.dataset.live)"}),
    ];
    for (anchor, _) in &findings {
        // From outside, and along a link within the page that is open.
        steps.extend([json!({"open": format!("report.html#{anchor}")}), json!({"tell": anchor, "js": ARRIVED})]);
        steps.extend([
            json!({"open": "report.html"}),
            json!({"click": format!("tr[data-finding] a[href='#{anchor}']")}),
        ]);
        steps.push(json!({"tell": format!("{anchor} by a click"), "js": ARRIVED}));
    }
    steps.extend([json!({"open": "report.html"}), json!({"click": "tr[data-live]:last-child a[href^='#live-']"})]);
    steps.extend([json!({"tell": "version", "js": ARRIVED}), json!({"tell": "which", "js": "location.hash.slice(1)"})]);
    // The same once more after folding it, which changes no address.
    steps.push(json!({"tell": "folding", "js": "document.getElementById(location.hash.slice(1)).open = false"}));
    steps.extend([
        json!({"click": "tr[data-live]:last-child a[href^='#live-']"}),
        json!({"tell": "version again", "js": ARRIVED}),
    ]);
    // A filter that would hide it gives way.
    let (hidden, _) = &findings[0];
    steps.push(json!({"open": format!("report.html#{hidden}?q=no-such-thing")}));
    steps.push(json!({"tell": "hidden", "js": ARRIVED}));
    let Some(seen) = look(&page.html, (1400, 900), &Value::Array(steps)) else { return };
    assert_eq!(seen.answer("versions").as_array().expect("ids").len(), page.live_versions());
    for (anchor, code) in &findings {
        for name in [anchor.clone(), format!("{anchor} by a click")] {
            let told = seen.answer(&name);
            arrived(told, anchor);
            assert!(told["text"].as_str().expect("text").contains(code.as_str()), "{name}: {told}");
        }
    }
    let version = seen.text_of("which").to_owned();
    assert!(version.starts_with("live-"), "{version}");
    arrived(seen.answer("version"), &version);
    arrived(seen.answer("version again"), &version);
    arrived(seen.answer("hidden"), hidden);
}

#[test]
fn every_link_within_a_page_leads_somewhere() {
    let dead = json!([{"tell": "dead", "js": "(() => {
        const links = [...document.querySelectorAll('a[href^=\"#\"]')];
        return {count: links.length, dead: [...new Set(links.filter(it => it.hash.length > 1 && !document.getElementById(decodeURIComponent(it.hash.slice(1)))).map(it => it.hash))]};
    })()"}]);
    for page in [pages::demo(), pages::denied(), pages::empty(), pages::hostile()] {
        for html in [&page.html, &page.manager] {
            let Some(seen) = look(html, (1400, 900), &dead) else { return };
            assert_eq!(seen.answer("dead")["dead"], json!([]), "{}", html.display());
        }
    }
    let Some(seen) = look(&pages::demo().html, (1400, 900), &dead) else { return };
    assert!(seen.answer("dead")["count"].as_i64() > Some(100), "the demo has links");
}

#[test]
fn nothing_has_the_name_of_another() {
    for page in [pages::demo(), pages::denied(), pages::hostile()] {
        for html in [&page.html, &page.manager] {
            let twice = json!([{"tell": "twice", "js": "(() => {
                const seen = new Set(), twice = [];
                for (const it of document.querySelectorAll('[id]')) { if (seen.has(it.id)) twice.push(it.id); seen.add(it.id); }
                return twice;
            })()"}]);
            let Some(seen) = look(html, (1400, 900), &twice) else { return };
            assert_eq!(seen.answer("twice"), &json!([]), "{}: two elements of one id", html.display());
        }
    }
}

//! What keeps people from reading a page, as axe-core sees it: nothing, in either theme, on wide screens and narrow ones,
//! folded and unfolded.

use std::path::Path;

use serde_json::{Value, json};

use super::look::{axe, look};
use super::{pages, quiet};

fn has_no_violation(page: &Path) {
    let Some(axe) = axe() else { return };
    let mut steps = Vec::new();
    let mut names = Vec::new();
    let looks: [(&str, &[(u32, &str)]); 2] =
        [("folded", &[(1400, "light"), (400, "dark")]), ("unfolded", &[(400, "light"), (1400, "dark")])];
    for (folded, looks) in looks {
        for (width, scheme) in looks {
            let name = format!("{folded}, {scheme}, {width}");
            steps.push(json!({"media": "", "scheme": scheme}));
            steps.push(json!({"size": [width, 900]}));
            steps.push(json!({"axe": name, "from": axe}));
            names.push(name);
        }
        steps.push(json!({"tell": "unfolding", "js": quiet::UNFOLD}));
    }
    let Some(seen) = look(page, (1400, 900), &Value::Array(steps)) else { return };
    for name in names {
        let told = seen.answer(&name);
        assert!(told["passes"].as_i64() > Some(15), "{} {name}: axe looked at next to nothing", page.display());
        let violations = serde_json::to_string_pretty(&told["violations"]).expect("JSON");
        assert_eq!(told["violations"], json!([]), "{} {name}: {violations}", page.display());
    }
}

#[test]
fn axe_objects_to_nothing_in_the_demo() {
    has_no_violation(&pages::demo().html);
}

#[test]
fn axe_objects_to_nothing_in_the_managers_page() {
    has_no_violation(&pages::demo().manager);
}

#[test]
fn axe_objects_to_nothing_where_nothing_serves_or_nothing_could_be_read() {
    has_no_violation(&pages::empty().html);
    has_no_violation(&pages::denied().html);
}

#[test]
fn axe_objects_to_nothing_where_names_are_hostile() {
    has_no_violation(&pages::hostile().html);
}

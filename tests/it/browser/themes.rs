//! Light and dark: as the system has it, until somebody chooses.

use serde_json::json;

use super::look::look;
use super::pages;

const COLOURS: &str = "[getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color, getComputedStyle(document.documentElement).colorScheme]";

#[test]
fn the_theme_follows_the_system_until_one_is_chosen() {
    let page = pages::demo();
    let tell = |name: &str| json!({"tell": name, "js": COLOURS});
    let says = |name: &str| json!({"tell": name, "js": "document.getElementById('theme').textContent"});
    let steps = json!([
        {"media": "", "scheme": "light"}, tell("system light"), says("at first"),
        {"media": "", "scheme": "dark"}, tell("system dark"),
        {"click": "#theme"}, says("chosen once"), tell("light in a dark system"),
        {"reload": true}, says("after a reload"), tell("light, remembered"),
        {"media": "", "scheme": "light"},
        {"click": "#theme"}, says("chosen twice"), tell("dark in a light system"),
        {"media": "print", "scheme": "light"}, tell("on paper, dark chosen"), {"media": "", "scheme": "light"},
        {"click": "#theme"}, says("chosen thrice"), tell("light again"),
        {"media": "print", "scheme": "light"}, tell("on paper"),
        {"media": "print", "scheme": "dark"}, tell("on paper, from a dark system"),
    ]);
    let Some(seen) = look(&page.html, (1400, 900), &steps) else { return };
    for (says, theme) in [
        ("at first", "system"),
        ("chosen once", "light"),
        ("after a reload", "light"),
        ("chosen twice", "dark"),
        ("chosen thrice", "system"),
    ] {
        assert!(seen.text_of(says).ends_with(theme), "{says}: {}", seen.text_of(says));
    }
    let (light, dark) = (seen.answer("system light"), seen.answer("system dark"));
    let shades = |colours: &serde_json::Value| [colours[1].clone(), colours[2].clone()];
    assert_ne!(shades(light), shades(dark));
    for name in ["light in a dark system", "light, remembered", "light again"] {
        assert_eq!(shades(seen.answer(name)), shades(light), "{name}");
    }
    assert_eq!(shades(seen.answer("dark in a light system")), shades(dark));
    for name in ["on paper, from a dark system", "on paper, dark chosen"] {
        assert_eq!(shades(seen.answer(name)), shades(seen.answer("on paper")), "{name}: paper is white");
    }
    assert_ne!(shades(seen.answer("on paper")), shades(dark));
}

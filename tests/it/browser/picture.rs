//! The picture in the README is one of this page. Fonts differ between machines, and with them pixels, so what the picture
//! says is kept beside it as text: where the page says something else, the picture is out of date.
//! `UPDATE=1 tests/run browser::picture` takes it anew.

use serde_json::json;

use super::look::look;
use super::pages;
use crate::support::root;

const PICTURE: &str = "tests/scenarios/bank/report.png";
const SAYS: &str = "tests/scenarios/bank/report.txt";
const SIZE: (u32, u32) = (1400, 900);

/// What stands on the first screen, line by line as it is told, with what figures tell those who cannot see them.
const TEXT: &str = "[...document.querySelectorAll('body > header, body > .whole, main > .first')].flatMap(part => {
    const figures = [...part.querySelectorAll('svg[role=img][aria-label]')].map(it => it.getAttribute('aria-label'));
    return [...part.innerText.split('\\n'), ...figures];
}).map(line => line.replace(/\\s+/g, ' ').trim()).filter(Boolean).join('\\n') + '\\n'";

/// Width and height of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    assert!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "it is a PNG");
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("four bytes"));
    (number(16), number(20))
}

#[test]
fn the_readme_shows_the_report_as_it_is() {
    let readme = std::fs::read_to_string(root("README.md")).expect("a README");
    assert!(readme.contains(&format!("]({PICTURE})")), "the README shows the picture");
    let update = std::env::var_os("UPDATE").is_some();
    let page = pages::demo();
    let taken = if update { root(PICTURE) } else { page.html.with_extension("png") };
    let Some(seen) = look(&page.html, SIZE, &json!([{"tell": "text", "js": TEXT}, {"screenshot": taken}])) else {
        return;
    };
    if update {
        std::fs::write(root(SAYS), seen.text_of("text")).expect("a file");
    }
    for picture in [taken, root(PICTURE)] {
        let png = std::fs::read(&picture).expect("a picture");
        assert_eq!(size(&png), SIZE, "{}", picture.display());
        assert!(png.len() > 50_000, "{} shows something: {} bytes", picture.display(), png.len());
    }
    let says = std::fs::read_to_string(root(SAYS)).unwrap_or_default();
    assert!(
        says == seen.text_of("text"),
        "the first screen says something else than the README's picture; UPDATE=1 tests/run browser::picture takes it \
         anew\n--- picture\n{says}\n--- page\n{}",
        seen.text_of("text")
    );
}

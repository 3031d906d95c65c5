//! One look at a page: what is done with it, and what it says then.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{root, skip};

/// What `tests/tools/browser.py` saw.
pub(super) struct Seen(Value);

impl Seen {
    /// The value that a step gave this name.
    pub(super) fn answer(&self, name: &str) -> &Value {
        self.0["answers"].get(name).unwrap_or_else(|| panic!("no step told `{name}`"))
    }

    /// The same as a text.
    pub(super) fn text_of(&self, name: &str) -> &str {
        self.answer(name).as_str().unwrap_or_else(|| panic!("`{name}` is no text: {}", self.answer(name)))
    }

    /// The same as a number.
    pub(super) fn number(&self, name: &str) -> i64 {
        self.answer(name).as_i64().unwrap_or_else(|| panic!("`{name}` is no number: {}", self.answer(name)))
    }
}

/// Opens a page in a window of this size, does what the steps say, and holds that the page was quiet all the while. `None`
/// where no browser is installed, which is said aloud.
pub(super) fn look(page: &Path, (width, height): (u32, u32), steps: &Value) -> Option<Seen> {
    let mut child = Command::new("python3")
        .arg(root("tests/tools/browser.py"))
        .arg(page)
        .args(["--width", &width.to_string(), "--height", &height.to_string(), "--steps", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python starts");
    // Where no browser is installed nobody reads it.
    drop(child.stdin.take().expect("a pipe").write_all(steps.to_string().as_bytes()));
    let output = child.wait_with_output().expect("python ends");
    if output.status.code() == Some(77) {
        skip("no browser is installed");
        return None;
    }
    let name = page.display();
    assert!(output.status.success(), "{name} at {width}: {}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(seen["requests"], json!([]), "{name} at {width}: a request left the page");
    assert_eq!(seen["dialogs"], json!([]), "{name} at {width}: a stranger's text ran as a script");
    assert_eq!(seen["console"], json!([]), "{name} at {width}: the page breaks its own policy, or its script fails");
    Some(Seen(seen))
}

/// Where the validators' files are; `None`, said aloud, where they are not installed.
pub(super) fn axe() -> Option<PathBuf> {
    crate::support::validator_file("share/axe.min.js")
}

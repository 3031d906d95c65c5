//! The HTML report in a real browser: nothing is fetched, nothing pops up, nothing sticks out of the window.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::{countersign, parts, run, skip};

fn look(report: &Path, more: &[&str]) -> Option<Value> {
    let output = Command::new("python3")
        .arg(crate::support::root("tests/tools/browser.py"))
        .arg(report)
        .args(more)
        .output()
        .expect("python starts");
    if output.status.code() == Some(77) {
        skip("no browser is installed");
        return None;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).expect("JSON"))
}

#[test]
fn the_demo_report_is_quiet_whole_and_fits_the_window() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = countersign(&["demo", "--out", "demo"]);
    command.current_dir(folder.path());
    let (code, _, stderr) = parts(&run(command));
    assert_eq!(code, 0, "{stderr}");
    let report = folder.path().join("demo/report.html");

    for (width, scheme) in [("1400", None), ("400", None), ("1400", Some("--dark"))] {
        let shown = "document.body.textContent.includes('<img src=x onerror=alert(1)>')";
        let mut arguments = vec!["--width", width, "--script", shown];
        arguments.extend(scheme);
        let Some(seen) = look(&report, &arguments) else { return };
        assert_eq!(seen["requests"], serde_json::json!([]), "at {width}: a request left the page");
        assert_eq!(seen["dialogs"], serde_json::json!([]), "at {width}: a stranger's text ran as a script");
        assert_eq!(seen["console"], serde_json::json!([]), "at {width}: the page breaks its own policy");
        assert!(
            seen["overflow"].as_i64().expect("a number") <= 0,
            "at {width}: the page is wider than the window by {}",
            seen["overflow"]
        );
        // What is folded is in the page's text all the same.
        assert_eq!(seen["result"], true, "at {width}: a stranger's markup shows as text");
    }
    let manager = folder.path().join("demo/manager.html");
    for (width, scheme) in [("1400", None), ("400", None), ("1400", Some("--dark"))] {
        let told = "document.querySelectorAll('section.screen').length > 5";
        let mut arguments = vec!["--width", width, "--script", told];
        arguments.extend(scheme);
        let Some(seen) = look(&manager, &arguments) else { return };
        assert_eq!(seen["requests"], serde_json::json!([]), "at {width}: a request left the page");
        assert_eq!(seen["console"], serde_json::json!([]), "at {width}: the page breaks its own policy");
        assert!(seen["overflow"].as_i64().expect("a number") <= 0, "at {width}: the page is wider than the window");
        assert_eq!(seen["result"], true, "at {width}: groups of models have a screen each");
    }
    let pdf = folder.path().join("report.pdf");
    let Some(_) = look(&report, &["--pdf", &pdf.display().to_string()]) else { return };
    assert!(std::fs::metadata(&pdf).expect("a PDF").len() > 20_000);
}

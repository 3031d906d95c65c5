//! What a run wrote, looked at again on the command line: `report`, `show`, `findings`, `completions`, and colour.

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::support::{countersign, is_there, parts, root, run, skip};

/// A folder as `countersign run` leaves it: the documents and the snapshot of the recorded bank.
fn bank() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| {
            let folder = tempfile::tempdir().expect("a folder");
            std::fs::copy(root("src/cli/demo/bank.toml"), folder.path().join("bank.toml")).expect("a policy");
            let snapshot = folder.path().join("countersign-report/snapshot.json.zst");
            std::fs::create_dir(folder.path().join("countersign-report")).expect("a folder");
            std::fs::copy(root("src/cli/demo/bank.snapshot.json.zst"), &snapshot).expect("a snapshot");
            let snapshot = snapshot.display().to_string();
            let (code, _, stderr) = ended(folder.path(), &["assess", &snapshot, "--policy", "bank.toml"]);
            assert_eq!(code, 0, "{stderr}");
            folder
        })
        .path()
}

fn ended(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    at_width(folder, arguments, "100")
}

fn at_width(folder: &Path, arguments: &[&str], columns: &str) -> (i32, String, String) {
    let mut command = countersign(arguments);
    command.current_dir(folder).env("COLUMNS", columns);
    parts(&run(command))
}

/// What a command prints that ends well.
fn printed(arguments: &[&str]) -> String {
    let (code, stdout, stderr) = ended(bank(), arguments);
    assert_eq!(code, 0, "{arguments:?}: {stderr}");
    stdout
}

fn refused(arguments: &[&str]) -> String {
    let (code, stdout, stderr) = ended(bank(), arguments);
    assert_eq!((code, stdout.as_str()), (2, ""), "{arguments:?}: {stderr}");
    stderr
}

fn json_lines(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn report() -> serde_json::Value {
    let text = std::fs::read(bank().join("countersign-report/report.json")).expect("a report");
    serde_json::from_slice(&text).expect("JSON")
}

const EVERY: &str = "html,md,csv,manager,costs,xlsx,asff,ocsf,sarif,junit,cyclonedx";

#[test]
fn every_format_is_written_again_as_the_run_wrote_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let out = |name: &str| folder.path().join(name).display().to_string();
    let snapshot = "countersign-report/snapshot.json.zst";
    printed(&["assess", snapshot, "--policy", "bank.toml", "--format", EVERY, "--out", &out("assessed")]);
    for (name, input, more) in [
        ("of-report", "countersign-report/report.json", &[][..]),
        ("of-folder", "countersign-report", &[]),
        ("of-snapshot", snapshot, &["--policy", "bank.toml"]),
    ] {
        let out = out(name);
        let told = printed(&[&["report", input, "--format", EVERY, "--out", &out][..], more].concat());
        let mut names: Vec<_> = std::fs::read_dir(folder.path().join("assessed"))
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        assert_eq!(names.len(), EVERY.split(',').count());
        for file in names {
            let read = |of: &str| std::fs::read(folder.path().join(of).join(&file)).expect("a file");
            assert!(read("assessed") == read(name), "{} of {input} differs", file.display());
            assert!(told.contains(&*file.to_string_lossy()), "{told}");
        }
    }
}

#[test]
fn documents_go_beside_the_report_that_they_are_made_of_and_never_over_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let json = folder.path().join("monday/report.json");
    std::fs::create_dir(folder.path().join("monday")).expect("a folder");
    let bytes = std::fs::read(bank().join("countersign-report/report.json")).expect("a report");
    // As a later version would write it.
    let later = String::from_utf8(bytes).expect("text").replacen('{', "{\"of_a_later_version\": true,", 1);
    std::fs::write(&json, &later).expect("a file");
    let (code, stdout, stderr) = ended(folder.path(), &["report", "monday", "--format", "json,sarif"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(stdout.contains("monday/report.sarif") && !stdout.contains("report.json"), "{stdout}");
    assert!(stderr.contains("`monday/report.json` is what was read, and stays as it is"), "{stderr}");
    assert_eq!(std::fs::read_to_string(&json).expect("a file"), later);
    let (code, stdout, _) = ended(folder.path(), &["report", "monday/report.json", "--format", "json", "--out", "x"]);
    assert!(code == 0 && stdout.contains("x/report.json"), "another folder is another matter: {stdout}");
}

#[test]
fn standard_output_takes_one_document() {
    let markdown = printed(&["report", "countersign-report", "--format", "md", "--out", "-"]);
    let written = std::fs::read_to_string(bank().join("countersign-report/report.md")).expect("a document");
    assert_eq!(markdown, written);
    let error = refused(&["report", "countersign-report", "--out", "-"]);
    assert!(error.contains("standard output takes one document") && error.contains("--format md"), "{error}");
}

#[test]
fn what_is_no_run_is_named_with_what_was_expected() {
    let empty = tempfile::tempdir().expect("a folder");
    for arguments in
        [&["report", "."][..], &["findings", "."][..], &["show", "x", "--from", "."][..], &["remedy", "."][..]]
    {
        let (code, _, stderr) = ended(empty.path(), arguments);
        assert_eq!(code, 2, "{stderr}");
        assert!(
            stderr.contains("nothing to report in `.`: expected a folder that a run wrote")
                && stderr.contains("`report.json`"),
            "{stderr}"
        );
    }
    let (code, _, stderr) = ended(empty.path(), &["findings"]);
    assert!(code == 2 && stderr.contains("cannot read `countersign-report`"), "{stderr}");
    let error = refused(&["report", "countersign-report/report.json", "--policy", "bank.toml"]);
    assert!(error.contains("was judged when it was made") && error.contains(".zst"), "{error}");
    let error = refused(&["report", "countersign-report", "--out", "bank.toml"]);
    assert!(error.contains("`bank.toml` is a file"), "{error}");
}

#[test]
fn another_policy_or_instant_judges_the_snapshot_of_the_folder() {
    let as_made = printed(&["findings", "--status", "fail", "--jsonl"]);
    let anew = printed(&["findings", "--status", "fail", "--jsonl", "--policy", "bank.toml"]);
    assert_eq!(as_made, anew);
    let later = printed(&["findings", "--status", "fail", "--jsonl", "--policy", "bank.toml", "--as-of", "2027-11-20"]);
    assert_ne!(as_made, later);
}

#[test]
fn one_live_version_is_told_as_an_audit_asks() {
    let text = printed(&["show", "statement-summary"]);
    let paragraph = report()["live_versions"]
        .as_array()
        .expect("rows")
        .iter()
        .find(|row| row["endpoint"] == "statement-summary")
        .expect("the row")["paragraph"]
        .as_str()
        .expect("text")
        .to_owned();
    let flowing = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flowing.contains(&paragraph.split_whitespace().collect::<Vec<_>>().join(" ")), "{text}");
    for words in [
        "■ stop: statement-summary/AllTraffic",
        "111122223333/us-east-1/variant/statement-summary/AllTraffic",
        "Verdict",
        "stop by rule 1",
        "grade A: a CloudTrail log file with a verified digest chain",
        "CloudTrail event ",
        "Artifacts",
        "Alarms",
        "Every request fails",
        "digital-channels@bank.example",
        "USD from 1 to 17 November 2026",
        "Rollback",
        "✖ fail ART-001 (critical)",
        "Remedy: put the approved version of the object back",
        "s3:ListObjectVersions",
    ] {
        assert!(flowing.contains(words), "{words} in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn a_live_version_is_found_by_a_part_of_its_id() {
    let whole = printed(&["show", "111122223333/us-east-1/variant/statement-summary/AllTraffic"]);
    for part in ["statement-summary", "STATEMENT-summary/alltraffic", "variant/statement-summary"] {
        assert_eq!(printed(&["show", part]), whole, "{part}");
    }
    let error = refused(&["show", "credit-limit"]);
    assert!(error.contains("`credit-limit` fits 2 live versions"), "{error}");
    for id in ["variant/credit-limit/primary", "shadow/credit-limit/candidate"] {
        assert!(error.contains(id), "{error}");
    }
    let error = refused(&["show", "statment-sumary"]);
    assert!(error.contains("do you mean `111122223333/us-east-1/variant/statement-summary/AllTraffic`?"), "{error}");
    // `evidence` asks for names in the same way.
    let error = refused(&["evidence", "credit-limit", "--policy", "bank.toml"]);
    assert!(error.contains("`credit-limit` fits 2 live versions"), "{error}");
    let listed = printed(&["show"]);
    let all = report()["live_versions"].as_array().expect("rows").len();
    assert_eq!(listed.lines().count(), all, "{listed}");
}

#[test]
fn the_json_of_a_live_version_holds_all_that_its_findings_cite() {
    let shown: serde_json::Value =
        serde_json::from_str(&printed(&["show", "statement-summary", "--json"])).expect("JSON");
    let report = report();
    let id = shown["live_version"]["id"].as_str().expect("an id");
    let about = |finding: &&serde_json::Value| {
        finding["subject"]["live_version"] == id
            || finding["subject"]["live_versions"].as_array().is_some_and(|ids| ids.iter().any(|it| it == id))
    };
    let expected: Vec<&serde_json::Value> =
        report["findings"].as_array().expect("findings").iter().filter(about).collect();
    assert!(expected.len() > 20, "passes, too");
    assert_eq!(shown["findings"].as_array().expect("findings").iter().collect::<Vec<_>>(), expected);
    let cited: Vec<&str> = expected
        .iter()
        .flat_map(|finding| finding["evidence"].as_array().expect("ids"))
        .map(|id| id.as_str().expect("an id"))
        .collect();
    assert!(!cited.is_empty());
    for id in cited {
        assert_eq!(shown["evidence"][id], report["evidence"][id], "{id}");
        for call in report["evidence"][id]["calls"].as_array().expect("calls") {
            let call = call.as_str().expect("an id");
            assert_eq!(shown["calls"][call], report["calls"][call]);
        }
    }
    assert_eq!(shown["cost"]["live_version"], id);
}

/// What to ask for, and which findings are chosen by that.
type Chosen<'a> = (&'a [&'a str], &'a dyn Fn(&serde_json::Value) -> bool);

#[test]
fn findings_are_chosen_as_asked() {
    let report = report();
    let all = report["findings"].as_array().expect("findings");
    let severities = ["info", "low", "medium", "high", "critical"];
    let rank = |finding: &serde_json::Value| severities.iter().position(|it| finding["severity"] == *it);
    let owner_of = |finding: &serde_json::Value, name: &str| {
        report["live_versions"].as_array().expect("rows").iter().any(|row| {
            let touched = finding["subject"]["live_version"] == row["id"]
                || finding["subject"]["live_versions"].as_array().is_some_and(|ids| ids.contains(&row["id"]));
            touched && row["owner"]["name"] == name
        })
    };
    let open = |finding: &serde_json::Value| finding["status"] == "fail" || finding["status"] == "unknown";
    let cases: [Chosen<'_>; 8] = [
        (&[], &open),
        (&["--status", "waived"], &|it| it["status"] == "waived"),
        (&["--status", "all"], &|_| true),
        (&["--severity", "high", "--status", "fail"], &|it| it["status"] == "fail" && rank(it) >= Some(3)),
        (&["--owner", "Retail-Credit@bank.example"], &|it| open(it) && owner_of(it, "retail-credit@bank.example")),
        (&["--control", "APR-001,unchanged-since-approval"], &|it| {
            open(it) && (it["code"] == "APR-001" || it["code"] == "ART-001")
        }),
        (&["--account", "111122223333", "--region", "us-east-1"], &|it| {
            open(it) && it["subject"]["region"] == "us-east-1"
        }),
        (&["--live-version", "credit-limit", "--status", "fail"], &|it| {
            let touches = |id: &serde_json::Value| id.as_str().is_some_and(|id| id.contains("/credit-limit/"));
            let subject = &it["subject"];
            it["status"] == "fail"
                && (touches(&subject["live_version"])
                    || subject["live_versions"].as_array().is_some_and(|ids| ids.iter().any(touches)))
        }),
    ];
    for (arguments, wanted) in cases {
        let expected: Vec<&serde_json::Value> = all.iter().filter(|finding| wanted(finding)).collect();
        assert!(!expected.is_empty(), "{arguments:?} asks for something");
        let mut words = vec!["findings", "--jsonl"];
        words.extend(arguments);
        let found = json_lines(&printed(&words));
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{arguments:?}");
    }
    let csv = printed(&["findings", "--csv", "--status", "all"]);
    let written = std::fs::read_to_string(bank().join("countersign-report/findings.csv")).expect("a file");
    assert_eq!(csv, written);
}

#[test]
fn who_is_not_known_is_doubted_and_what_is_no_control_refused() {
    let (code, stdout, stderr) = ended(bank(), &["findings", "--owner", "retail-credt@bank.example"]);
    assert_eq!((code, stdout.as_str()), (0, "0 findings\n"));
    assert!(
        stderr.contains("knows no owner") && stderr.contains("did you mean `retail-credit@bank.example`"),
        "{stderr}"
    );
    let error = refused(&["findings", "--control", "APR-01"]);
    assert!(error.contains("did you mean `APR-001`?"), "{error}");
    let error = refused(&["findings", "--live-version", "zebra"]);
    assert!(error.contains("no live version is called `zebra`"), "{error}");
}

#[test]
fn an_empty_list_of_what_could_not_be_read_does_not_look_clean() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut unread = report();
    for list in ["live_versions", "findings"] {
        unread[list] = serde_json::json!([]);
    }
    unread["summary"]["unread"] = serde_json::json!(["111122223333/us-east-1"]);
    std::fs::write(folder.path().join("report.json"), unread.to_string()).expect("a report");
    for arguments in [&["findings", "."][..], &["findings", ".", "--jsonl"][..], &["show", "--from", "."][..]] {
        let (code, _, stderr) = ended(folder.path(), arguments);
        let told = "what serves in 111122223333/us-east-1 could not be read, so there may be more";
        assert!(code == 0 && stderr.contains(told), "{arguments:?}: {stderr}");
    }
}

#[test]
fn colour_is_for_terminals_unless_it_is_asked_for() {
    for arguments in [&["findings"][..], &["show", "statement-summary"][..], &["show"][..]] {
        assert!(!printed(arguments).contains('\u{1b}'), "no terminal, no colour: {arguments:?}");
        let always = [&["--color", "always"][..], arguments].concat();
        let coloured = printed(&always);
        assert!(coloured.contains("\u{1b}[31m"), "{arguments:?}");
        let plain = coloured.split('\u{1b}').map(|part| part.split_once('m').map_or(part, |(_, text)| text));
        let first = coloured.split('\u{1b}').next().unwrap_or_default().len();
        assert!(first < 200, "it begins with colour");
        assert_eq!(plain.collect::<String>().replace(' ', ""), printed(arguments).replace(' ', ""), "the same words");
    }
    if !is_there("script") {
        return skip("no `script` to make a terminal with");
    }
    for (variable, value, colour) in
        [("TERM", "xterm", true), ("NO_COLOR", "1", false), ("NO_COLOR", "", true), ("TERM", "dumb", false)]
    {
        let mut command = Command::new("script");
        let line = format!("'{}' findings countersign-report", env!("CARGO_BIN_EXE_countersign"));
        command
            .args(["-qec", &line, "/dev/null"])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("TERM", "xterm").env("COLUMNS", "100").env(variable, value);
        command.current_dir(bank()).stdin(Stdio::null());
        let (code, stdout, stderr) = parts(&run(command));
        assert_eq!(code, 0, "{stderr}");
        assert!(stdout.contains("STATUS"), "{stdout}");
        assert_eq!(stdout.contains("\u{1b}[31m"), colour, "{variable}={value}");
    }
}

#[test]
fn bash_completes_commands_and_values_by_the_script() {
    if !is_there("bash") {
        return skip("no bash");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("completions");
    std::fs::write(&script, printed(&["completions", "bash"])).expect("a script");
    // As bash calls it: with the command, the word to complete, and the word before it.
    let completed = |words: &str, last: &str| {
        let before = words.split(' ').next_back().unwrap_or_default();
        let line = format!(
            "source '{}'; COMP_WORDS=({words} {last}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _countersign countersign \
             '{last}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
            script.display()
        );
        let mut command = Command::new("bash");
        command.args(["--norc", "-c", &line]);
        parts(&run(command)).1
    };
    assert_eq!(completed("countersign", "fin"), "findings\n");
    assert_eq!(completed("countersign findings --severity", "cr"), "critical\n");
    assert!(completed("countersign report x --format", "s").contains("sarif"));
    for (shell, words) in [
        ("zsh", "#compdef countersign"),
        ("fish", "complete -c countersign"),
        ("powershell", "Register-ArgumentCompleter"),
        ("elvish", "edit:completion"),
    ] {
        assert!(printed(&["completions", shell]).contains(words), "{shell}");
    }
}

#[test]
fn tables_fit_the_width_and_names_break_at_their_joints() {
    for columns in [60, 80, 120, 200] {
        for arguments in [
            &["findings", "--status", "all"][..],
            &["findings", "--severity", "high"],
            &["show", "credit-limit/primary"],
        ] {
            let (code, text, stderr) = at_width(bank(), arguments, &columns.to_string());
            assert_eq!(code, 0, "{stderr}");
            for line in text.lines() {
                assert!(line.chars().count() <= columns, "{columns}: {line}");
            }
        }
    }
    let table = |columns| {
        let text = at_width(bank(), &["findings", "--control", "INV-001", "--status", "fail"], columns).1;
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        table("60"),
        [
            "  STATUS  SEVERITY  CODE     ABOUT",
            "✖ fail    critical  INV-001  loan-pricing/AllTraffic",
            "    its endpoint config `loan-pricing-c2` does not exist any",
            "    more, and it serves",
            "✖ fail    critical  INV-001  payment-routing/AllTraffic",
            "    its model `payment-routing-m2` does not exist any more,",
            "    and it serves",
            "",
            "2 findings: 2 fail (2 critical)",
        ]
    );
    assert_eq!(
        table("120"),
        [
            "  STATUS  SEVERITY  CODE     ABOUT                     OWNER                    WHY",
            "✖ fail    critical  INV-001  loan-pricing/AllTraffic   consumer-loans@          its endpoint config `loan-pricing-c2`",
            "                                                       bank.example             does not exist any more, and it serves",
            "✖ fail    critical  INV-001  payment-routing/          payments@bank.example    its model `payment-routing-m2` does not",
            "                             AllTraffic                                         exist any more, and it serves",
            "",
            "2 findings: 2 fail (2 critical)",
        ]
    );
}

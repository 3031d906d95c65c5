//! What serving costs, end to end on the emulator: an estate in which each way of knowing a figure, each kind of waste and each
//! flaw of a budget or tag is planted once, read by the binary, and held against a truth that was written by hand and
//! against sums that are worked out here (`costs/sums.rs`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::emulator_or_skip;
use crate::support::report::{Report, planted};
use crate::support::{against, fast_policy, fresh_account, parts, python, root, run, seed, skip, validator};
use figures::{each_day, each_kind_of_work, each_version, each_waste, figure, rows, text, total};
use sums::{Micro, Planted};

mod figures;
mod sums;

/// The instant at which the story ends.
const AS_OF: &str = "1794560400"; // 2026-11-13T09:00:00Z

/// The estate in an account of its own.
struct Costs<'e> {
    endpoint: &'e str,
    account: String,
    truth: Value,
    folder: tempfile::TempDir,
}

impl<'e> Costs<'e> {
    fn seeded(endpoint: &'e str) -> Self {
        let account = fresh_account();
        let folder = tempfile::tempdir().expect("a folder");
        let policy = folder.path().join("costs.toml");
        let truth = seed(endpoint, "costs", &account, &["--policy", &policy.display().to_string()]);
        let pace = std::fs::read_to_string(fast_policy()).expect("a pace");
        let text = std::fs::read_to_string(&policy).expect("a policy");
        std::fs::write(&policy, format!("{text}\n{pace}")).expect("a policy");
        Self { endpoint, account, truth, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A run into a folder, with what it said on the way.
    fn run(&self, name: &str, more: &[&str]) -> (Report, String) {
        let (policy, out) = (self.path("costs.toml").display().to_string(), self.path(name));
        let out_text = out.display().to_string();
        let mut arguments = vec!["run", "--region", "us-east-1", "--policy", &policy, "--out", &out_text];
        arguments.extend(more);
        let mut command = against(self.endpoint, &self.account, &arguments);
        command.env("SOURCE_DATE_EPOCH", AS_OF);
        let (code, stdout, stderr) = parts(&run(command));
        assert_eq!(code, 0, "{stdout}\n{stderr}");
        (Report::in_folder(&out), format!("{stdout}{stderr}"))
    }

    /// The same while every operation of a service is refused, in AWS's words.
    fn run_without(&self, service: &str) -> Report {
        let rules = json!([{ "account": self.account, "service": service, "error": { "denied": "identity" } }]);
        self.faults("PATCH", &rules);
        let (report, _) = self.run(&format!("without-{service}"), &[]);
        self.faults("DELETE", &rules);
        report
    }

    fn faults(&self, method: &str, rules: &Value) {
        self.post(&format!("/_localstack/chaos/faults?account={}", self.account), method, rules);
    }

    /// Tells the emulator something by one of its routes.
    fn post(&self, route: &str, method: &str, body: &Value) {
        let script = "import sys, urllib.request as u\n\
                      r = u.Request(sys.argv[1], method=sys.argv[2], data=sys.argv[3].encode(), headers={'content-type': 'application/json'})\n\
                      u.urlopen(r, timeout=20).read()";
        let route = format!("{}{route}", self.endpoint);
        let status = Command::new(python()).args(["-c", script, &route, method, &body.to_string()]).status();
        assert!(status.expect("python starts").success(), "{method} {body}");
    }

    fn planted(&self) -> Planted<'_> {
        Planted(&self.truth["money"])
    }

    /// `CODE subject` of the controls that the truth is complete for, without what it leaves open.
    fn judged(&self, names: BTreeSet<String>) -> BTreeSet<String> {
        let texts = |name: &str| self.truth[name].as_array().expect(name).clone();
        let open: BTreeSet<String> =
            texts("open").iter().map(|row| format!("{} {}", text(&row["code"]), text(&row["subject"]))).collect();
        let told =
            |name: &String| texts("codes").iter().any(|code| name.starts_with(text(code))) && !open.contains(name);
        names.into_iter().filter(told).collect()
    }
}

#[test]
fn every_planted_fault_of_money_is_found_and_no_other() {
    let endpoint = emulator_or_skip!();
    let costs = Costs::seeded(endpoint);
    let (report, _) = costs.run("out", &[]);
    assert_eq!(
        costs.judged(report.with_status("fail")),
        costs.judged(planted(&costs.truth, "fail")),
        "failing findings"
    );
    assert_eq!(
        costs.judged(report.with_status("unknown")),
        costs.judged(planted(&costs.truth, "unknown")),
        "unknown findings"
    );
    let told: BTreeSet<&str> = rows(&costs.truth, "live_versions").iter().map(|row| text(&row["id"])).collect();
    let verdicts = report.verdicts();
    assert_eq!(verdicts.keys().map(String::as_str).collect::<BTreeSet<_>>(), told, "live versions");
}

#[test]
fn the_figures_are_those_of_an_independent_sum_to_the_cent() {
    let endpoint = emulator_or_skip!();
    let costs = Costs::seeded(endpoint);
    let (report, _) = costs.run("out", &[]);
    let (section, planted) = (&report.0["costs"], costs.planted());
    let (from, until) = planted.period();
    assert_eq!((text(&section["period"]["from"]), text(&section["period"]["until"])), (from, until));

    each_version(section, &planted);
    let sums = |name: &str, of: &str| -> BTreeMap<Option<String>, (Micro, u64)> {
        let row = |row: &Value| {
            (row[of].as_str().map(str::to_owned), (total(&row["cost"]), row["unknown"].as_u64().expect("a count")))
        };
        rows(section, name).iter().map(row).collect()
    };
    assert_eq!(sums("by_owner", "of"), planted.rolled_up(|served| served.owner));
    assert_eq!(sums("by_cost_center", "of"), planted.rolled_up(|served| served.center));
    assert_eq!(sums("groups", "group"), planted.rolled_up(|served| Some(served.group)));
    assert_eq!(sums("by_account", "of"), planted.rolled_up(|_| Some(costs.account.as_str())));
    let all: Micro = planted.versions().iter().filter_map(|served| served.cost).sum();
    assert_eq!((total(&section["total"]), section["unknown"].as_u64()), (all, Some(1)));
    each_kind_of_work(section, &planted);
    each_day(section, &planted);
    each_waste(section, &planted);
}

#[test]
fn what_is_denied_is_not_known_and_the_rest_still_is() {
    let endpoint = emulator_or_skip!();
    let costs = Costs::seeded(endpoint);
    let (whole, _) = costs.run("whole", &[]);
    let before = whole.statuses();
    for (service, action) in
        [("ce", "ce:GetCostAndUsage"), ("budgets", "budgets:ViewBudget"), ("pricing", "pricing:GetProducts")]
    {
        let report = costs.run_without(service);
        let section = &report.0["costs"];
        assert!(report.gap_actions().contains(action), "{service}: {:?}", report.gap_actions());
        for (name, status) in report.statuses() {
            let was = &before[&name];
            assert!(&status == was || status == "unknown", "without {service}, {name} is {status}, was {was}");
        }
        let not_known = rows(section, "not_known");
        assert!(!not_known.is_empty(), "without {service}: says what it does not know");
        let known = |name: &str| rows(section, name).iter().filter(|row| figure(&row["cost"]).is_some()).count();
        let versions = known("live_versions");
        match service {
            "ce" => {
                assert!(section["no_bill"].is_string() && section["spend"].is_null(), "{}", section["no_bill"]);
                let estimated = costs.planted().versions().iter().filter(|served| served.estimate.is_some()).count();
                assert_eq!(versions, estimated, "estimates stand in for the bill");
                assert_eq!(rows(section, "budgets").len(), 8);
            }
            "budgets" => {
                assert_eq!(rows(section, "budgets").len(), 0);
                assert_eq!(section["total"], whole.0["costs"]["total"]);
                let unknown = costs.judged(report.with_status("unknown"));
                assert!(unknown.iter().any(|name| name.starts_with("CST-005")), "{unknown:?}");
            }
            _ => {
                assert_eq!(rows(section, "budgets").len(), 8);
                assert_eq!(section["spend"], whole.0["costs"]["spend"]);
            }
        }
        assert!(!rows(section, "waste").is_empty(), "without {service}: waste is still told");
    }
}

#[test]
fn the_payer_is_read_through_a_role_of_its_own() {
    let endpoint = emulator_or_skip!();
    let costs = Costs::seeded(endpoint);
    let (whole, _) = costs.run("whole", &[]);
    let payer = fresh_account();
    costs.post("/_countersign/money", "POST", &json!({ "account": payer, "pays_for": costs.account }));
    costs.post("/_countersign/clock", "POST", &json!({ "account": payer, "now": "2026-11-13T09:00:00Z" }));
    let refused =
        |service: &str| json!({ "account": costs.account, "service": service, "error": { "denied": "identity" } });
    costs.faults("PATCH", &json!([refused("ce"), refused("budgets")]));

    let (member, _) = costs.run("member", &[]);
    let section = &member.0["costs"];
    assert!(text(&section["no_bill"]).contains("ce:GetCostAndUsage"), "{}", section["no_bill"]);

    let policy = std::fs::read_to_string(costs.path("costs.toml")).expect("a policy");
    let role = format!("arn:aws:iam::{payer}:role/billing-reader");
    let billing = format!("{policy}\n[[account]]\nid = \"{payer}\"\npurpose = \"billing\"\nrole_arn = \"{role}\"\n");
    std::fs::write(costs.path("costs.toml"), billing).expect("a policy");
    let (through, _) = costs.run("through", &[]);
    costs.faults("DELETE", &json!([]));
    for name in ["total", "by_cost_center", "spend", "days"] {
        assert_eq!(through.0["costs"][name], whole.0["costs"][name], "{name}");
    }
    assert_eq!(rows(&through.0["costs"], "budgets").len(), 8);
    assert_eq!(costs.judged(through.with_status("fail")), costs.judged(whole.with_status("fail")));
}

#[test]
fn strange_tags_come_through_every_format_unharmed() {
    let endpoint = emulator_or_skip!();
    let Some(reader) = validator("python") else { return };
    let costs = Costs::seeded(endpoint);
    costs.run("out", &["--format", "json,manager,costs,xlsx"]);
    let strange: Vec<String> = costs
        .planted()
        .versions()
        .iter()
        .filter(|served| served.id.contains("/strange-"))
        .filter_map(|served| served.owner.map(shown))
        .collect();
    assert_eq!(strange.len(), 8);
    for name in ["costs.csv", "costs.xlsx"] {
        let seen = read(&reader, &costs.path("out").join(name));
        assert_eq!(seen["formulas"], json!([]), "{name} computes nothing that a stranger wrote");
        let cells: BTreeSet<&str> = seen["sheets"]
            .as_object()
            .expect("sheets")
            .values()
            .flat_map(|rows| rows.as_array().expect("rows"))
            .flat_map(|row| row.as_array().expect("cells"))
            .map(text)
            .collect();
        for value in &strange {
            let escaped = format!("'{value}");
            assert!(cells.contains(value.as_str()) || cells.contains(escaped.as_str()), "{name} holds `{value}`");
        }
        if name == "costs.csv" {
            let opens = cells.iter().find(|cell| {
                cell.starts_with(['=', '+', '@']) || (cell.starts_with('-') && cell.parse::<f64>().is_err())
            });
            assert_eq!(opens, None, "a spreadsheet would take it for a formula");
        } else {
            assert!(seen["kinds"]["number"].as_i64() > Some(30), "amounts are numbers: {}", seen["kinds"]);
        }
    }
    in_the_browser(&costs.path("out/manager.html"), &strange);
}

/// What a reader sees of a text: characters that deceive the eye are written out.
fn shown(value: &str) -> String {
    value.replace('\u{202e}', "\\u{202e}")
}

fn read(python: &Path, file: &Path) -> Value {
    let output = Command::new(python).arg(root("tests/tools/sheets.py")).arg(file).output().expect("python starts");
    assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn in_the_browser(page: &Path, strange: &[String]) {
    let script = format!("{}.filter(value => !document.body.textContent.includes(value))", json!(strange));
    let output =
        Command::new("python3").arg(root("tests/tools/browser.py")).arg(page).args(["--script", &script]).output();
    let output = output.expect("python starts");
    if output.status.code() == Some(77) {
        skip("no browser is installed");
        return;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let seen: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(seen["result"], json!([]), "strangers' texts show as text");
    for quiet in ["requests", "dialogs", "console"] {
        assert_eq!(seen[quiet], json!([]), "{quiet}");
    }
    assert!(seen["overflow"].as_i64() <= Some(0), "the page is wider than the window by {}", seen["overflow"]);
}

#[test]
fn a_run_asks_cost_explorer_twice_at_most_and_says_what_that_costs() {
    let endpoint = emulator_or_skip!();
    let costs = Costs::seeded(endpoint);
    let policy = std::fs::read_to_string(costs.path("costs.toml")).expect("a policy");
    std::fs::write(costs.path("costs.toml"), policy.replace("by_resource = true", "by_resource = false"))
        .expect("a policy");
    let (_, said) = costs.run("out", &["--stats"]);
    let line = said.lines().find(|line| line.contains("requests to Cost Explorer")).unwrap_or_else(|| panic!("{said}"));
    let requests: u32 = line.split_whitespace().next().and_then(|count| count.parse().ok()).expect("a count");
    assert!((1..=2).contains(&requests), "{line}");
    assert!(line.contains(&format!("0.{requests:02} USD")), "{line}");
}

#[test]
fn an_archive_remembers_the_answers_of_the_day() {
    let endpoint = emulator_or_skip!();
    let costs = Costs::seeded(endpoint);
    let archive = costs.path("archive").display().to_string();
    let (first, said) = costs.run("first", &["--stats", "--archive", &archive]);
    assert!(said.contains("requests to Cost Explorer"), "{said}");
    let (again, said) = costs.run("again", &["--stats", "--archive", &archive]);
    let asked: Vec<&String> = asked(&again).into_iter().filter(|call| call.starts_with("ce:")).collect();
    assert_eq!(asked, Vec::<&String>::new(), "{said}");
    assert!(!said.contains("requests to Cost Explorer"), "{said}");
    let figures =
        |report: &Report| ["total", "by_cost_center", "spend", "days"].map(|name| report.0["costs"][name].clone());
    assert_eq!(figures(&again), figures(&first));
}

/// The operations that a run asked, by its own count.
fn asked(report: &Report) -> Vec<&String> {
    report.0["stats"]["calls"].as_object().expect("counts").keys().collect()
}

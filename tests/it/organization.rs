//! An organization: every account read through a role in it, one report of all, and the same from snapshots that were
//! taken one by one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::emulator_or_skip;
use crate::support::report::Report;
use crate::support::{against, fast_policy, fresh_account, parts, root, run, seed};

/// A seeded organization, a policy that reads as fast as it may, and a folder to write into.
struct Organization {
    endpoint: &'static str,
    truth: Value,
    folder: tempfile::TempDir,
}

impl Organization {
    fn seeded(endpoint: &'static str) -> Self {
        let truth = seed(endpoint, "organization", &fresh_account(), &[]);
        let folder = tempfile::tempdir().expect("a folder");
        let pace = std::fs::read_to_string(fast_policy()).expect("a pace").replace("attempts = 2", "attempts = 5");
        let rules = std::fs::read_to_string(root("localstack/estates/organization.toml")).expect("a policy");
        std::fs::write(folder.path().join("policy.toml"), format!("{rules}\n{pace}")).expect("a policy");
        Self { endpoint, truth, folder }
    }

    fn text(&self, name: &str) -> &str {
        self.truth[name].as_str().expect("a text")
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command as the management account, at the time of the story's end, with the organization's policy.
    fn command(&self, arguments: &[&str]) -> Command {
        let policy = self.path("policy.toml").display().to_string();
        let mut all = arguments.to_vec();
        all.extend(["--policy", &policy]);
        let mut command = against(self.endpoint, self.text("account"), &all);
        let at: jiff::Timestamp = self.text("as_of").parse().expect("an instant");
        command.env("SOURCE_DATE_EPOCH", at.as_second().to_string());
        command
    }

    fn regions(&self) -> Vec<&str> {
        self.truth["regions"].as_array().expect("regions").iter().filter_map(Value::as_str).collect()
    }

    /// A run over the organization; the management account itself serves nothing and is left out.
    fn run(&self, out: &Path, more: &[&str]) -> (Report, String) {
        let out_text = out.display().to_string();
        let mut arguments =
            vec!["run", "--organization", "--out", &out_text, "--exclude-accounts", self.text("account")];
        arguments.extend(["--member-external-id", self.text("external_id"), "--format", "json,html,md"]);
        for region in self.regions() {
            arguments.extend(["--region", region]);
        }
        arguments.extend(more);
        let (code, stdout, stderr) = parts(&run(self.command(&arguments)));
        assert_eq!(code, 0, "{stdout}\n{stderr}");
        (Report::in_folder(out), format!("{stdout}{stderr}"))
    }

    /// Accounts that are open, with whether they let the reader in.
    fn accounts(&self) -> Vec<(&str, bool)> {
        let rows = self.truth["accounts"].as_array().expect("accounts");
        let open = rows.iter().filter(|row| row["status"] == "ACTIVE");
        open.map(|row| (row["id"].as_str().expect("an id"), row["readable"] == true)).collect()
    }

    /// Snapshots of each open account in each region, taken one by one as the role there.
    fn collected(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for (account, _) in self.accounts().into_iter().filter(|(_, readable)| *readable) {
            for region in self.regions() {
                let file = self.path(&format!("{account}-{region}.json.zst"));
                let (role, out) =
                    (format!("arn:aws:iam::{account}:role/{}", self.text("role")), file.display().to_string());
                let arguments = [
                    "collect",
                    "--region",
                    region,
                    "--role-arn",
                    &role,
                    "--external-id",
                    self.text("external_id"),
                    "--out",
                    &out,
                ];
                let (code, stdout, stderr) = parts(&run(self.command(&arguments)));
                assert_eq!(code, 0, "{account} {region}: {stdout}\n{stderr}");
                files.push(file);
            }
        }
        files
    }
}

/// Results by control, subject and status, but for the run's own.
fn results(report: &Value) -> BTreeMap<String, String> {
    let rows = report["findings"].as_array().expect("findings").iter();
    let of = |row: &Value, name: &str| row["subject"][name].as_str().unwrap_or_default().to_owned();
    let rows = rows.filter(|row| row["subject"]["kind"] != "run");
    let key = |row: &Value| format!("{} {}/{} {}", row["code"], of(row, "account"), of(row, "region"), of(row, "name"));
    rows.map(|row| (key(row), row["status"].to_string())).collect()
}

fn live_versions(report: &Value) -> BTreeMap<String, (String, String)> {
    let rows = report["live_versions"].as_array().expect("live versions").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    rows.map(|row| (text(&row["id"]), (text(&row["readiness"]["verdict"]), text(&row["version_key"])))).collect()
}

#[test]
fn twelve_accounts_give_one_report_whose_totals_are_the_sum_of_its_parts() {
    let organization = Organization::seeded(emulator_or_skip!());
    let (whole, said) = organization.run(&organization.path("whole"), &["--concurrency", "6"]);
    let whole = &whole.0;
    let denying = organization.accounts().into_iter().find(|(_, readable)| !readable).expect("one denies").0;

    // What the seeder says.
    let told: BTreeMap<String, (String, String)> = organization.truth["live_versions"]
        .as_array()
        .expect("live versions")
        .iter()
        .map(|row| {
            let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            (text("id"), (text("verdict"), text("package_arn")))
        })
        .collect();
    assert_eq!(live_versions(whole), told);
    for planted in organization.truth["findings"].as_array().expect("findings") {
        let found = whole["findings"]
            .as_array()
            .expect("findings")
            .iter()
            .find(|row| row["code"] == planted["code"] && row["subject"]["name"] == planted["subject"]);
        assert_eq!(found.map(|row| &row["status"]), Some(&planted["status"]), "{planted}");
    }

    // An account that lets nobody in is a gap in each region, the first of all, and no zero; and one of what it costs.
    let gaps: Vec<&Value> = whole["gaps"].as_array().expect("gaps").iter().collect();
    let closed: Vec<&Value> = gaps.iter().copied().filter(|gap| gap["call"] == "sts:AssumeRole").collect();
    assert_eq!(closed.len(), 3);
    assert!(gaps[..2].iter().all(|gap| gap["account"] == denying), "{gaps:#?}");
    let remedy = closed[0]["remedy"].as_str().expect("a remedy");
    assert!(remedy.contains(&format!("arn:aws:iam::{denying}:role/countersign-reader")), "{remedy}");
    let row = |account: &str| {
        let rows = whole["summary"]["by_account"].as_array().expect("accounts");
        rows.iter().find(|row| row["account"] == account).unwrap_or_else(|| panic!("{account} is missing"))
    };
    assert!(
        row(denying)["worst"].is_null() && row(denying)["unread"].as_array().is_some_and(|regions| regions.len() == 2)
    );
    assert!(said.contains("2 of 24 accounts and regions could not be entered"), "{said}");
    let suspended = whole["scope"]["left_out"].as_array().expect("left out").iter().map(|out| out["why"].to_string());
    assert!(suspended.into_iter().any(|why| why.contains("SUSPENDED")) && said.contains("SUSPENDED"), "{said}");
    for account in organization.accounts() {
        let expected =
            organization.truth["totals"]["by_account"].get(account.0).and_then(Value::as_u64).unwrap_or_default();
        assert_eq!(row(account.0)["live_versions"].as_u64(), Some(expected), "{}", account.0);
    }

    // What a registry's own account says of packages that serve elsewhere.
    for shared in organization.truth["cross_account"].as_array().expect("shared packages") {
        for id in shared["served_by"].as_array().expect("ids") {
            let live = whole["live_versions"].as_array().expect("live versions");
            let live = live.iter().find(|live| live["id"] == *id).unwrap_or_else(|| panic!("{id} is missing"));
            let approval = &live["approval"];
            assert_eq!(
                (&approval["status"], &approval["grade"]),
                (&"Approved".into(), &"B".into()),
                "{id}: {approval}"
            );
            let approver = shared["approved_by"].as_str().expect("somebody");
            assert!(approval["by"].as_str().is_some_and(|by| by.contains(approver)), "{id}: {approval}");
            let finding = whole["findings"]
                .as_array()
                .expect("findings")
                .iter()
                .find(|row| row["code"] == "APR-002" && row["subject"]["name"] == *id);
            let finding = finding.expect("a finding");
            let facts = finding["evidence"].as_array().expect("evidence").iter().filter_map(Value::as_str);
            let calls = facts.flat_map(|fact| whole["evidence"][fact]["calls"].as_array().expect("calls"));
            let accounts: Vec<&Value> =
                calls.map(|call| &whole["calls"][call.as_str().expect("an id")]["account"]).collect();
            assert!(accounts.contains(&&shared["registry"]), "{id}: the registry's own evidence: {accounts:?}");
        }
    }

    // The same from snapshots that were taken one by one.
    let files = organization.collected();
    let names: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    let merged = organization.path("merged");
    let out = merged.display().to_string();
    let mut arguments = vec!["merge", "--out", &out, "--format", "json"];
    arguments.extend(names.iter().map(String::as_str));
    let (code, stdout, stderr) = parts(&run(organization.command(&arguments)));
    assert_eq!(code, 0, "{stdout}\n{stderr}");
    let merged = Report::in_folder(&merged);
    let mut expected = results(whole);
    expected.retain(|key, _| !key.contains(denying));
    assert_eq!(results(&merged.0), expected, "a run is the merge of its parts");

    // And each part judged alone: nothing is lost, and only what a part could not see by itself is decided otherwise.
    let mut live = BTreeMap::new();
    let mut alone = BTreeMap::new();
    for (number, file) in names.iter().enumerate() {
        let out = organization.path(&format!("alone-{number}"));
        let target = out.display().to_string();
        let (code, stdout, stderr) =
            parts(&run(organization.command(&["assess", file, "--out", &target, "--format", "json"])));
        assert_eq!(code, 0, "{stdout}\n{stderr}");
        let report = Report::in_folder(&out).0;
        live.extend(live_versions(&report).into_iter().map(|(id, (_, key))| (id, key)));
        alone.extend(results(&report));
    }
    let keys: BTreeMap<String, String> = told.iter().map(|(id, (_, key))| (id.clone(), key.clone())).collect();
    assert_eq!(live, keys, "the live versions of all parts");
    assert_eq!(alone.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>(), "the same questions are asked");
    let shared: Vec<&str> = organization.truth["cross_account"]
        .as_array()
        .expect("shared packages")
        .iter()
        .flat_map(|row| row["served_by"].as_array().expect("ids"))
        .filter_map(Value::as_str)
        .collect();
    for (key, status) in &alone {
        let now = &expected[key];
        // What serves from another account's registry, and how far the evidence of its place reaches back.
        let joined = shared.iter().any(|id| {
            let place = id.split('/').take(2).collect::<Vec<_>>().join("/");
            key.contains(id) || (key.contains("\"AUD-002\"") && key.ends_with(&place))
        });
        assert!(status == now || joined, "{key}: {status} alone, {now} together");
    }

    // The page holds everything, and asks for nothing.
    let page = std::fs::read_to_string(organization.path("whole").join("report.html")).expect("a page");
    assert!(page.contains("id=\"accounts\"") && page.contains("nobody: see the gaps"));
}

#[test]
fn a_throttled_account_is_full_of_gaps_and_the_others_are_not() {
    let organization = Organization::seeded(emulator_or_skip!());
    let policy = organization.path("policy.toml");
    let hasty = std::fs::read_to_string(&policy).expect("a policy").replace("attempts = 5", "attempts = 1");
    std::fs::write(&policy, hasty).expect("a policy");
    let (report, _) = organization.run(&organization.path("hasty"), &["--concurrency", "12"]);
    let throttling =
        organization.truth["faults"].as_array().expect("faults").iter().find(|rule| rule["rate"].is_number());
    let throttling = &throttling.expect("one throttles")["account"];
    let gaps = report.0["gaps"].as_array().expect("gaps").iter().filter(|gap| gap["cause"] == "throttled");
    let accounts: Vec<&Value> = gaps.map(|gap| &gap["account"]).collect();
    assert!(!accounts.is_empty() && accounts.iter().all(|account| *account == throttling), "{accounts:?}");
    let sound = &organization.accounts()[1];
    let expected = &organization.truth["totals"]["by_account"][sound.0];
    let rows = report.0["summary"]["by_account"].as_array().expect("accounts");
    assert_eq!(rows.iter().find(|row| row["account"] == sound.0).map(|row| &row["live_versions"]), Some(expected));
}

#[test]
fn an_account_that_closes_keeps_what_was_last_known() {
    let organization = Organization::seeded(emulator_or_skip!());
    let archive = organization.path("archive").display().to_string();
    let failing = organization.truth["findings"][0]["subject"].as_str().expect("a subject").to_owned();
    let account = failing.split('/').next().expect("an account").to_owned();
    let (first, _) = organization.run(&organization.path("first"), &["--archive", &archive]);
    assert!(results(&first.0).keys().any(|key| key.contains(&failing)));

    // The role there is named otherwise by now.
    let role = format!("arn:aws:iam::{account}:role/countersign-reader");
    let rule = serde_json::json!([{
        "account": organization.text("account"), "service": "sts", "operation": "AssumeRole", "match": { "RoleArn": role },
        "error": { "denied": "trust", "resource": role },
    }]);
    let mut post = Command::new("curl");
    let route = format!("{}/_localstack/chaos/faults", organization.endpoint);
    post.args([
        "--silent",
        "--fail",
        "--request",
        "PATCH",
        &route,
        "--header",
        "content-type: application/json",
        "--data",
        &rule.to_string(),
    ]);
    let (code, stdout, stderr) = parts(&run(post));
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (second, _) = organization.run(&organization.path("second"), &["--archive", &archive]);
    let changes = &second.0["changes"];
    let vanished: Vec<&Value> = changes["findings"]
        .as_array()
        .expect("changes")
        .iter()
        .filter(|row| row["subject"].as_str().is_some_and(|subject| subject == failing))
        .collect();
    assert!(!vanished.is_empty(), "{changes}");
    for row in vanished {
        assert_eq!((&row["change"], &row["cause"]), (&"out_of_sight".into(), &"permission".into()), "{row}");
    }
    assert_eq!(changes["live_versions"], serde_json::json!([]), "nothing came, went or was replaced");

    // It is let in again: everything stands as it stood.
    let mut delete = Command::new("curl");
    let own = format!("{route}?account={}", organization.text("account"));
    delete.args(["--silent", "--fail", "--request", "DELETE", &own]);
    let (code, stdout, stderr) = parts(&run(delete));
    assert_eq!(code, 0, "{stdout}{stderr}");
    let (third, _) = organization.run(&organization.path("third"), &["--archive", &archive]);
    let row = third.0["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .find(|row| row["subject"]["name"] == failing.as_str() && row["status"] == "fail");
    let row = row.expect("it still fails");
    assert_eq!(row["state"], "open", "{row}");
    assert_eq!(row["first_seen"], first.0["collected_at"], "since the first run");
}

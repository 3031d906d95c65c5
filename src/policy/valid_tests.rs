use super::*;
use crate::control::Severity;
use crate::policy::{ApprovalSource, Counted, Risk, SinkRules, When, nearest::nearest};
use crate::report::Format;

const HASH_OF_NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn dates() -> Dates {
    let day: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
    Dates { today: day, as_of: day }
}

fn parse(text: &str) -> Result<Checked, PolicyError> {
    Policy::parse(text, "countersign.toml", &dates())
}

fn mistakes(text: &str) -> Vec<Mistake> {
    match parse(text) {
        Err(PolicyError::Mistakes { mistakes, .. }) => mistakes,
        Ok(_) => Vec::new(),
        Err(other) => panic!("{other}"),
    }
}

fn assert_same(policy: &Policy, expected: &Policy) {
    assert_eq!(policy.scope, expected.scope);
    assert_eq!(policy.tags, expected.tags);
    assert_eq!(policy.thresholds, expected.thresholds);
    assert_eq!(policy.stage, expected.stage);
    assert_eq!(policy.models, expected.models);
    assert_eq!(policy.waivers, expected.waivers);
    assert_eq!(policy.changes, expected.changes);
    assert_eq!(policy.profile, expected.profile);
    assert_eq!(policy.accounts, expected.accounts);
    assert_eq!(policy.log_files, expected.log_files);
    assert_eq!(policy.pace, expected.pace);
    assert_eq!(policy.organization, expected.organization);
    assert_eq!(policy.cost, expected.cost);
}

#[test]
fn the_template_says_what_holds_without_it() {
    let policy = parse(TEMPLATE).unwrap().policy;
    assert_same(&policy, &Policy::default());
    assert_ne!(policy.hash, HASH_OF_NOTHING);
}

#[test]
fn an_empty_file_is_the_default() {
    let policy = parse("").unwrap().policy;
    assert_same(&policy, &Policy::default());
    assert_eq!(policy.hash, HASH_OF_NOTHING);
    assert_eq!(policy.hash, Policy::default().hash);
}

/// Every key that the template shows in a comment is a key that is read.
#[test]
fn the_examples_of_the_template_hold() {
    let examples: String = TEMPLATE
        .lines()
        .skip_while(|line| !line.contains("Other accounts"))
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with('[') || line.starts_with("  ") || line.contains(" = "))
        .filter(|line| !line.starts_with("single_approval"))
        .map(|line| format!("{line}\n").replace("DEP-001", "APR-001"))
        .collect();
    let policy = parse(&examples).unwrap().policy;
    assert_eq!(policy.accounts.len(), 3, "{examples}");
    assert_eq!(policy.archive.unwrap().retain_days, Some(2_555), "{examples}");
    assert_eq!(policy.sinks.len(), 9, "{examples}");
    assert_eq!(policy.models.len(), 1, "{examples}");
    let fraud = &policy.models[0];
    assert_eq!(fraud.external_monitors[0].name, "drift-watch");
    let counts = (fraud.external_monitors.len(), fraud.business_metrics.len(), fraud.feedback.len());
    assert_eq!((counts, fraud.segment_metrics.len()), ((3, 1, 1), 1), "{examples}");
    let ceilings: Vec<_> = fraud.ceilings.iter().map(|ceiling| &ceiling.what).collect();
    assert!(matches!(ceilings[..], [Counted::Tokens, Counted::Metric(_)]), "{examples}");
    assert_eq!(fraud.budget.as_ref().unwrap().currency, "USD");
    let measured = fraud.retrain_when.iter().filter(|criterion| criterion.signal.is_some()).count();
    assert_eq!((fraud.retrain_when.len(), measured), (7, 6), "{examples}");
    assert_eq!(policy.models[0].fallback.as_ref().unwrap().tested, "2026-09-15T00:00:00Z".parse().ok());
    assert_eq!(policy.waivers[0].expires, "2027-01-31T23:59:59Z".parse().unwrap());
}

#[test]
fn every_section_is_read() {
    let text = r#"
profile = "regulated"
[scope]
regions = ["eu-central-1", "us-gov-west-1"]
include = ["fraud-*", "tag:team=risk"]
exclude = ["*-sandbox"]
[tags]
required = ["owner"]
allowed = { env = ["prod", "test"] }
[thresholds]
revoke_hours = 12
evidence_share = 1
[stage]
accounts = { "111122223333" = "prod" }
names = { "z-*" = "pilot", "a-*" = "dev" }
default = "pilot"
[pace]
lookup_events_per_second = 0.5
attempts = 3
[trail]
sources = ["auto", "s3://logs/audit", "logs"]
since = 2026-01-01
[[account]]
id = "222233334444"
purpose = "registry"
role_arn = "arn:aws:iam::222233334444:role/audit/reader"
external_id = "tenant-7"
[[model]]
group = "fraud"
risk = "low"
single_approval = true
respond_within = { errors = 15, responsible_ai = 240 }
[model.runbook]
errors = "https://wiki/fraud"
[[model]]
group = "fraud"
endpoint = "fraud-eu*"
stage = "pilot"
[[waiver]]
control = "approved-now"
subject = "*/fraud/*"
owner = "a@x"
approver = "b@x"
reason = "CHG-1"
expires = 2026-12-31
"#;
    let policy = parse(text).unwrap().policy;
    assert_eq!(policy.profile, Profile::Regulated);
    assert_eq!(policy.scope.regions, ["eu-central-1", "us-gov-west-1"]);
    assert_eq!(policy.scope.include.len(), 2);
    assert_eq!(policy.tags.required, ["owner"]);
    assert_eq!(policy.tags.owner, TagRules::default().owner);
    assert_eq!(policy.tags.allowed["env"], ["prod", "test"]);
    assert_eq!((policy.thresholds.revoke_hours, policy.thresholds.evidence_share), (12, 1.0));
    assert_eq!(policy.thresholds.soak_days, 7);
    assert_eq!(policy.stage.accounts["111122223333"], Stage::Production);
    let names = [("z-*".to_owned(), Stage::Pilot), ("a-*".to_owned(), Stage::Development)];
    assert_eq!(policy.stage.names, names, "in the order of the file");
    assert_eq!(policy.stage.default, Stage::Pilot);
    assert_eq!((policy.pace.lookup_events_per_second, policy.pace.attempts), (0.5, 3));
    let sources: Vec<String> = policy.log_files.sources.iter().map(ToString::to_string).collect();
    assert_eq!(sources, ["auto", "s3://logs/audit", "logs"]);
    assert_eq!(policy.log_files.since, "2026-01-01T00:00:00Z".parse().ok());
    let account = &policy.accounts[0];
    assert_eq!((account.purpose.as_str(), account.external_id.as_deref()), ("registry", Some("tenant-7")));
    let fraud = &policy.models[0];
    assert_eq!((fraud.risk, fraud.single_approval, fraud.line), (Some(Risk::Low), true, 28));
    assert_eq!((fraud.respond_within["errors"], fraud.respond_within["responsible AI"]), (15, 240));
    assert_eq!(fraud.runbook["errors"], "https://wiki/fraud");
    assert_eq!(policy.models[1].endpoint.as_deref(), Some("fraud-eu*"));
    assert_eq!((policy.waivers[0].control.as_str(), policy.waivers[0].line), ("approved-now", 39));
}

/// Line, column, and words that the mistake must hold.
type Place = (usize, usize, &'static str);

const TWO_LOGS: &str = "\
[[account]]
id = \"222233334444\"
purpose = \"logs\"
role_arn = \"arn:aws:iam::222233334444:role/r\"
[[account]]
id = \"333344445555\"
purpose = \"logs\"
role_arn = \"arn:aws:iam::333344445555:role/r\"
";

/// Texts and their mistakes.
const WRONG: &[(&str, &[Place])] = &[
    ("[scope]\nregoins = []", &[(2, 1, "unknown key `regoins` in [scope]; did you mean `regions`?")]),
    ("[scop]", &[(1, 2, "unknown key `scop` in the file; did you mean `scope`?")]),
    ("[scope]\nprofile = \"standard\"", &[(2, 1, "it belongs at the top of the file")]),
    ("[zebra]", &[(1, 2, "the keys here are `profile`, `scope`")]),
    ("models = []", &[(1, 1, "it belongs in a `[[model]]`")]),
    ("profile = \"strict\"", &[(1, 11, "must be `standard` or `regulated`, not the text `strict`")]),
    ("profile = 3", &[(1, 11, "must be a text, not `3`; put it in quotes")]),
    ("scope = 3", &[(1, 9, "`scope` must be a table")]),
    ("model = 3", &[(1, 9, "`model` must be a list")]),
    ("[scope]\nregions = [\"frankfurt\"]", &[(2, 12, "write it like `eu-central-1`")]),
    ("[scope]\nregions = \"eu-central-1\"", &[(2, 11, "put it in brackets: `[\"eu-central-1\"]`")]),
    (
        "[scope]\ninclude = [\"fraud_*\"]",
        &[(2, 12, "must be an endpoint name pattern or a tag, not the text `fraud_*`")],
    ),
    ("[scope]\nexclude = [\"tag:team\"]", &[(2, 12, "`tag:key=value`")]),
    ("[tags]\nrequired = [\"\"]", &[(2, 13, "`required` is empty")]),
    ("[tags]\nallowed = { env = \"prod\" }", &[(2, 19, "`env` must be a list")]),
    ("[thresholds]\nrevoke_hours = \"24\"", &[(2, 16, "must be a whole number from 0 to 8760, not the text `24`")]),
    ("[thresholds]\nbatch_days = 0", &[(2, 14, "from 1 to 366, not `0`")]),
    ("[thresholds]\nsoak_days = 1.5", &[(2, 13, "whole number")]),
    ("[thresholds]\nevidence_share = 95", &[(2, 18, "must be a number from 0 to 1, not `95`")]),
    ("[thresholds]\nmuted_share = nan", &[(2, 15, "must be a number from 0 to 1, not `nan`")]),
    ("[stage]\ndefault = \"later\"", &[(2, 11, "write `production`, `pilot` or `development`")]),
    ("[stage]\naccounts = { 1234 = \"prod\" }", &[(2, 21, "`1234` is not an account")]),
    ("[stage]\nnames = { \"a b\" = \"prod\" }", &[(2, 19, "`a b` is not an endpoint name pattern")]),
    ("[pace]\nlookup_events_per_second = 0", &[(2, 28, "from 0.1 to 1000")]),
    ("[pace]\nattempts = 0", &[(2, 12, "from 1 to 20")]),
    ("[[account]]", &[(1, 1, "has no `id`"), (1, 1, "has no `purpose`"), (1, 1, "has no `role_arn`")]),
    (
        "[[account]]\nid = \"222233334444\"\npurpose = \"spare\"\nrole_arn = \"arn:aws:iam::222233334444:role/r\"",
        &[(3, 11, "must be `registry`, `logs`, `monitoring` or `billing`, not the text `spare`")],
    ),
    (
        "[[account]]\nid = \"222233334444\"\npurpose = \"registry\"\nrole_arn = \"arn:aws:iam::999933334444:role/r\"",
        &[(4, 12, "the role belongs to the account 999933334444, not to 222233334444")],
    ),
    (
        "[[account]]\nid = \"2\"\npurpose = \"registry\"\nrole_arn = \"reader\"\nregion = \"us-east-1\"",
        &[
            (2, 6, "write its twelve digits in quotes"),
            (4, 12, "must be the ARN of a role"),
            (5, 1, "all accounts are read in the same regions"),
        ],
    ),
    (TWO_LOGS, &[(5, 1, "two accounts for `logs`: 222233334444 and 333344445555; name the one")]),
    (
        "[trail]\nsources = [\"https://logs\"]",
        &[(2, 12, "write `s3://bucket/prefix`, the path of a folder, or `auto`")],
    ),
    ("[trail]\nsince = \"spring\"", &[(2, 9, "must be a date")]),
    ("sources = []", &[(1, 1, "it belongs in `[trail]`")]),
    ("[[model]]\nowner = \"a\"", &[(1, 1, "[[model]] has no `group`; name the model package group")]),
    ("[[model]]\ngroup = \"a/b\"", &[(2, 9, "must be the name of a model package group")]),
    ("[[model]]\ngroup = \"a\"\naccount = 111122223333", &[(3, 11, "put it in quotes: `\"111122223333\"`")]),
    ("[[model]]\ngroup = \"a\"\naccount = \"1\"", &[(3, 11, "twelve digits")]),
    ("[[model]]\ngroup = \"a\"\nrisk = \"huge\"", &[(3, 8, "`low`, `medium` or `high`")]),
    ("[[model]]\ngroup = \"a\"\npersonal_data = \"yes\"", &[(3, 17, "must be `true` or `false`, not the text `yes`")]),
    ("[[model]]\ngroup = \"a\"\nsingle_approval = true", &[(3, 19, "only for models with `risk = \"low\"`")]),
    ("[[model]]\ngroup = \"a\"\nrisk = \"low\"\nsingle_approval = 1", &[(4, 19, "must be `true` or `false`")]),
    ("[[model]]\ngroup = \"a\"\nfallback = { type = \"pray\" }", &[(3, 21, "must be `rules` or `manual`")]),
    ("[[model]]\ngroup = \"a\"\nfallback = { owner = \"b\" }", &[(3, 12, "[fallback] has no `type`")]),
    (
        "[[model]]\ngroup = \"a\"\nfallback = { type = \"rules\", tested = 2027-01-01 }",
        &[(3, 39, "lies in the future")],
    ),
    ("[[model]]\ngroup = \"a\"\nrespond_within = { errors = 0 }", &[(3, 29, "whole number from 1")]),
    (
        "[[model]]\ngroup = \"a\"\nautomation_gates = [{ step = \"x\" }]",
        &[(3, 21, "[[automation_gates]] has no `role`")],
    ),
    ("[[model]]\ngroup = \"a\"\nwaivers = []", &[(3, 1, "it belongs in a `[[waiver]]` of its own")]),
    (
        "[[model]]\ngroup = \"a\"\n[[model]]\ngroup = \"A\"",
        &[(3, 1, "a second [[model]] for the group `A`; the first is on line 1")],
    ),
];

#[test]
fn each_mistake_is_named_with_its_place() {
    for (text, expected) in WRONG {
        let found = mistakes(text);
        assert_eq!(found.len(), expected.len(), "{text}\n{found:#?}");
        for (mistake, (line, column, words)) in found.iter().zip(*expected) {
            assert_eq!((mistake.line, mistake.column), (*line, *column), "{text}\n{mistake}");
            assert!(mistake.to_string().contains(words), "{text}\n{mistake}\n{words}");
        }
    }
}

fn waiver(change: (&str, &str)) -> String {
    let keys = [
        ("control", "\"APR-001\""),
        ("subject", "\"*/fraud/*\""),
        ("owner", "\"a@x\""),
        ("approver", "\"b@x\""),
        ("reason", "\"CHG-1\""),
        ("expires", "2026-12-31"),
    ];
    let lines = keys.map(|(key, value)| match change {
        (changed, "") if changed == key => String::new(),
        (changed, to) if changed == key => format!("{key} = {to}\n"),
        _ => format!("{key} = {value}\n"),
    });
    format!("[[waiver]]\n{}", lines.concat())
}

#[test]
fn a_waiver_needs_two_people_a_reason_and_an_end() {
    assert!(mistakes(&waiver(("", ""))).is_empty());
    for (change, line, words) in [
        (("control", ""), 1, "[[waiver]] has no `control`"),
        (("subject", ""), 1, "[[waiver]] has no `subject`"),
        (("owner", ""), 1, "[[waiver]] has no `owner`; name who answers for it"),
        (("approver", ""), 1, "[[waiver]] has no `approver`"),
        (("reason", ""), 1, "[[waiver]] has no `reason`"),
        (("expires", ""), 1, "[[waiver]] has no `expires`"),
        (("reason", "\" \""), 6, "`reason` is empty"),
        (("control", "\"APR-00l\""), 2, "there is no control `APR-00l`; did you mean `APR-001`?"),
        (("control", "\"aproved-now\""), 2, "did you mean `approved-now`?"),
        (("control", "\"no such thing at all\""), 2, "`countersign controls` lists them"),
        (("approver", "\"A@X\""), 5, "`A@X` is both owner and approver"),
        (("expires", "\"soon\""), 7, "write it like `2027-01-31`"),
        (("expires", "2026-02-30"), 7, "not valid TOML"),
        (("expires", "2027-11-22"), 7, "expires more than 365 days from today"),
    ] {
        let found = mistakes(&waiver(change));
        assert_eq!(found.len(), 1, "{change:?} {found:#?}");
        assert_eq!(found[0].line, line, "{change:?} {}", found[0]);
        assert!(found[0].to_string().contains(words), "{change:?} {}", found[0]);
    }
    let shorter = format!("[thresholds]\nwaiver_days = 30\n{}", waiver(("", "")));
    assert_eq!(mistakes(&shorter).len(), 1, "the file's own limit holds");
    assert!(mistakes(&waiver(("expires", "\"2027-11-20\""))).is_empty(), "the last day is within");
}

#[test]
fn an_expired_waiver_is_kept_and_warned_about() {
    let checked = parse(&waiver(("expires", "2026-11-01"))).unwrap();
    assert_eq!(checked.policy.waivers.len(), 1);
    assert_eq!(checked.warnings.len(), 1);
    assert_eq!((checked.warnings[0].line, checked.warnings[0].column), (7, 11));
    assert!(checked.warnings[0].message.contains("expired on 2026-11-01"), "{}", checked.warnings[0]);
}

#[test]
fn all_mistakes_come_at_once_in_the_order_of_the_file() {
    let text = "[scope]\nregoins = [\"eu-central-1\"]\n\n[thresholds]\nrevoke_hours = \"a day\"\n\n[[waiver]]\ncontrol = \"APR-001\"\nsubject = \"*\"\nowner = \"a\"\napprover = \"a\"\nreason = \"r\"\nexpires = 2026-12-31\n";
    let error = parse(text).unwrap_err().to_string();
    insta::assert_snapshot!(error, @r#"
    policy `countersign.toml` has 3 mistakes
      countersign.toml:2:1: unknown key `regoins` in [scope]; did you mean `regions`?
      countersign.toml:5:16: `revoke_hours` must be a whole number from 0 to 8760, not the text `a day`; write such a number without quotes
      countersign.toml:11:12: `a` is both owner and approver; name an approver who is not the owner: nobody waives for themselves
    "#);
}

#[test]
fn a_line_that_is_not_toml_does_not_hide_the_other_mistakes() {
    let found = mistakes("profile = \"strict\"\n[scope]\nregions = [\"eu-central-1\"\n[tags]\nrequierd = []\n");
    let lines: Vec<usize> = found.iter().map(|mistake| mistake.line).collect();
    assert!(lines.contains(&1), "{found:#?}");
    assert!(found.iter().any(|mistake| mistake.message.starts_with("not valid TOML")), "{found:#?}");
    let twice = mistakes("profile = \"standard\"\nprofile = \"standard\"\n");
    assert_eq!(twice.len(), 1, "{twice:#?}");
    assert_eq!(twice[0].line, 2);
}

#[test]
fn nonsense_is_never_more_than_mistakes() {
    for text in ["\u{0}", "= = =", "[[[[", "a.b.c = 1", "\"\" = 1", "[scope]\n[scope]", "profile = \"\"\"x", "🦀 = '🦀"]
    {
        assert!(!mistakes(text).is_empty(), "{text:?}");
    }
    assert_eq!(nearest("scop", ["scope"]), Some("scope"));
}

#[test]
fn a_file_that_is_not_there_says_what_to_do() {
    let error = Policy::load(Path::new("/nowhere/countersign.toml"), &dates()).unwrap_err().to_string();
    assert!(error.contains("cannot read policy `/nowhere/countersign.toml`"), "{error}");
    assert!(error.contains("`countersign policy init`"), "{error}");
}

#[test]
fn a_registry_is_named_by_group_or_arn() {
    let source = |text: &str| {
        let text = format!("[[model]]\ngroup = \"fraud\"\napproval_source = [\"{text}\"]\n");
        parse(&text).ok().map(|checked| checked.policy.models[0].approval_source.clone())
    };
    let named =
        |package: &str| Some(vec![ApprovalSource { account: "222233334444".to_owned(), package: package.to_owned() }]);
    assert_eq!(source("222233334444/fraud-lab"), named("fraud-lab/*"));
    assert_eq!(source("222233334444/fraud-*/3"), named("fraud-*/3"));
    assert_eq!(source("arn:aws:sagemaker:eu-central-1:222233334444:model-package/fraud-lab/*"), named("fraud-lab/*"));
    for wrong in ["fraud-lab", "lab/fraud", "22223333444/fraud", "arn:aws:s3:::222233334444/x", "222233334444/"] {
        assert_eq!(source(wrong), None, "{wrong}");
    }
}

#[test]
fn a_declared_change_is_short_and_names_what_was_done() {
    let with = |change: &str| {
        let sound = [
            ("events", "[\"StopLogging\"]"),
            ("from", "2026-11-02T18:00:00Z"),
            ("until", "2026-11-02T20:00:00Z"),
            ("reason", "\"CHG-1\""),
            ("approver", "\"ciso\""),
        ];
        let (key, value) = change.split_once('=').unwrap();
        let lines = sound
            .map(|(name, usual)| if name == key { format!("{name} = {value}") } else { format!("{name} = {usual}") });
        format!("[[change]]\n{}\n", lines.join("\n"))
    };
    assert_eq!(parse(&with("reason=\"CHG-1\"")).unwrap().policy.changes.len(), 1);
    for (change, words) in [
        ("events=[\"StopLoging\"]", "is no call that weakens"),
        ("events=[\"CreateModel\"]", "is no call that weakens"),
        ("until=2026-11-01", "over before it began"),
        ("until=2027-01-31", "longer than 31 days"),
        ("reason=\"\"", "is empty"),
    ] {
        let found = mistakes(&with(change));
        assert!(found.iter().any(|mistake| mistake.message.contains(words)), "{change}: {found:?}");
    }
}

#[test]
fn sinks_say_where_to_and_all_their_mistakes() {
    let text = r#"
[[sink]]
target = "arn:aws:sns:eu-central-1:111122223333:governance"
[[sink]]
target = "security-hub"
severity = "high"
member_role = "countersign-findings"
when = "always"
[[sink]]
target = "s3://reports"
formats = ["json", "html", "json"]
"#;
    let sinks = parse(text).unwrap().policy.sinks;
    assert_eq!(sinks[0].when, When::Change, "people hear of changes only");
    assert_eq!((sinks[1].severity, sinks[1].when), (Severity::High, When::Always));
    assert_eq!(sinks[2].formats, [Format::Html, Format::Json]);
    let wrong = r#"
[[sink]]
target = "metrics"
kms_key = "arn:aws:kms:eu-central-1:111122223333:key/1"
wen = "gate"
[[sink]]
target = "slack:https://hooks.slack.com/services/hunter2"
[[sink]]
when = "often"
role_arn = "writer"
[[sink]]
target = "folder"
formats = ["pdf"]
severity = "high"
"#;
    let mistakes: Vec<String> = mistakes(wrong).iter().map(ToString::to_string).collect();
    let all = mistakes.join("\n");
    for words in [
        "a sink of kind `metrics` has no such setting",
        "did you mean `when`?",
        "`slack:` names no secret",
        "[[sink]] has no `target`",
        "`always`, `change` or `gate`, not the text `often`",
        "the ARN of a role, not the text `writer`",
        "a format of documents, not the text `pdf`",
        "a sink of kind `folder` has no such setting",
    ] {
        assert!(all.contains(words), "{words}:\n{all}");
    }
    assert_eq!(mistakes.len(), 8, "{all}");
    assert!(!all.contains("hunter2"), "{all}");
}

#[test]
fn what_is_declared_of_a_named_target_holds() {
    let declared = parse("[[sink]]\ntarget = \"metrics\"\nwhen = \"gate\"\n").unwrap().policy.sinks;
    let metrics = || "metrics".parse::<crate::publish::Target>().unwrap();
    let chosen = |wanted, named: Vec<_>| SinkRules::chosen(&declared, wanted, named);
    assert_eq!(chosen(true, vec![metrics()]), declared);
    assert_eq!(chosen(false, vec![metrics(), metrics()]), declared);
    assert!(chosen(false, Vec::new()).is_empty());
    let folder = chosen(true, vec!["./reports".parse().unwrap()]);
    assert_eq!((folder.len(), folder[1].when), (2, When::Always));
}

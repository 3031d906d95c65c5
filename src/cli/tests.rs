use clap::CommandFactory;
use clap::error::ErrorKind;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("countersign").chain(line.split_whitespace()))
}

#[test]
fn the_commands_are_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn what_is_documented_parses() {
    for line in [
        "demo",
        "demo --out /tmp/demo --format html,json --fail-on critical",
        "assess estate.json.zst",
        "assess estate.json --policy p.toml --out o --format md --format csv --as-of 2026-12-24 --require-complete --stats",
        "assess estate.json -q",
        "-vv assess estate.json",
        "controls",
        "controls APR-003",
        "policy init",
        "policy init other.toml --force",
        "policy check",
        "explain",
        "explain operate as is",
        "report countersign-report --format sarif,junit",
        "report countersign-report/report.json --format md --out -",
        "report monday --policy strict.toml --as-of 2026-12-24 --baseline known.json --out monday-strict",
        "completions bash",
        "show",
        "show fraud-screening",
        "show fraud-screening/AllTraffic --from monday --json",
        "findings",
        "findings --severity high --owner team-a",
        "findings monday --status unknown --control APR-001,unchanged-since-approval --account 111122223333",
        "findings --status all --region eu-central-1,us-east-1 --live-version fraud --csv",
        "controls --color never",
        "--colour always controls",
    ] {
        assert!(parse(line).is_ok(), "{line}: {:?}", parse(line).err());
    }
}

#[cfg(feature = "aws")]
#[test]
fn what_is_documented_of_aws_parses() {
    for line in [
        "run",
        "run --region eu-central-1 --region us-east-1 --profile audit --out report --fail-on high --require-complete",
        "run --role-arn arn:aws:iam::111122223333:role/r --external-id e --source-identity s --events-since 2026-10-01",
        "run --region mars-north-1 --allow-unknown-region --as-of 2026-12-24T00:00:00Z --stats -v",
        "collect --region eu-central-1 --out estate.json.zst --policy p.toml --stats",
        "doctor --region eu-central-1 --profile audit --bucket models",
        "iam-policy",
        "iam-policy --difference security-audit",
    ] {
        assert!(parse(line).is_ok(), "{line}: {:?}", parse(line).err());
    }
    assert!(parse("run --external-id e").is_err(), "an external id belongs to a role");
}

#[test]
fn usage_errors_name_what_is_wrong() {
    for (line, kind, words) in [
        ("frobnicate", ErrorKind::InvalidSubcommand, "frobnicate"),
        ("asess x", ErrorKind::InvalidSubcommand, "assess"),
        ("assess", ErrorKind::MissingRequiredArgument, "<SNAPSHOT>"),
        ("demo --format docx", ErrorKind::InvalidValue, "html, md, json, csv"),
        ("demo --fail-on dire", ErrorKind::ValueValidation, "`high` or `critical`"),
        ("assess x --as-of tomorrow", ErrorKind::ValueValidation, "2026-11-20T09:00:00Z"),
        ("show --json", ErrorKind::MissingRequiredArgument, "<LIVE_VERSION>"),
        ("findings --jsonl --csv", ErrorKind::ArgumentConflict, "--csv"),
        ("findings --control APR-1", ErrorKind::ValueValidation, "did you mean `APR-001`"),
        ("findings --severity dire", ErrorKind::InvalidValue, "low, medium, high"),
        ("completions tcsh", ErrorKind::InvalidValue, "bash, elvish, fish, powershell, zsh"),
        ("demo --color blue", ErrorKind::InvalidValue, "auto, always, never"),
        ("demo -q -v", ErrorKind::ArgumentConflict, "--verbose"),
        ("", ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand, "Usage:"),
    ] {
        let error = parse(line).unwrap_err();
        assert_eq!(error.kind(), kind, "{line}");
        assert!(error.to_string().contains(words), "{line}: {error}");
        assert!(error.use_stderr(), "{line}");
    }
}

#[test]
fn help_documents_the_exit_codes() {
    let help = parse("--help").unwrap_err();
    assert!(!help.use_stderr());
    for words in ["3  done, but the evidence is incomplete", "2, then 4, 1, 3", "NO_COLOR", "SOURCE_DATE_EPOCH"] {
        assert!(help.to_string().contains(words), "{words}\n{help}");
    }
    for command in Cli::command().get_subcommands_mut() {
        assert!(command.render_help().to_string().contains("Examples:"), "{} has no examples", command.get_name());
    }
}

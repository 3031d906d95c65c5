//! `countersign iam-policy`: the least policy with which everything can be read, from what the collectors declare; and the
//! one with which an archive is kept and runs are published, which is another role's.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::bail;
use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, ValueEnum};
use serde::Serialize;

use super::console::Console;
use super::{publishing, security_audit};
use crate::collect::ApiCall;
use crate::collect::aws::{COLLECTORS, OPTIONAL, declared};
use crate::evidence::S3Location;
use crate::publish::aws;
use crate::run::Exit;

const EXAMPLES: &str = "\
Examples:
  countersign iam-policy > policy.json
  countersign iam-policy --difference security-audit
  countersign iam-policy --with checksums --with log-files
  countersign iam-policy --archive s3://bank-evidence/countersign --object-lock > writer.json
  countersign iam-policy --publish s3://bank-reports/countersign --publish security-hub > publisher.json
  aws iam put-role-policy --role-name governance-reader --policy-name countersign --policy-document file://policy.json";

/// Prints the least IAM policy for reading an estate
///
/// It allows what the collectors declare that they call, and nothing that writes. With `--archive` or `--publish` it prints
/// the policy of the role that keeps the archive and writes there instead: two roles, so that whoever reads the estate cannot
/// touch the evidence.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("writer").multiple(true))]
pub(super) struct IamPolicy {
    /// Print only what has to be added to this managed policy
    #[arg(long, value_name = "POLICY", value_enum)]
    difference: Option<Managed>,
    /// Add what is read only where the policy asks for it: checksums of artifacts, or log files of trails
    #[arg(long, value_name = "EVIDENCE", value_parser = optional())]
    with: Vec<String>,
    /// Print what the role needs that reads and writes this archive: `s3://bucket/prefix`
    #[arg(long, value_name = "LOCATION", value_parser = bucket, group = "writer", conflicts_with = "difference")]
    archive: Option<S3Location>,
    /// The archive's writer sets a retention (`retain_days` in `[archive]`)
    #[arg(long, requires = "archive")]
    object_lock: bool,
    /// Print what the role needs that publishes there, as after `run --publish`; may be repeated
    #[arg(long, value_name = "TARGET", group = "writer", conflicts_with = "difference")]
    publish: Vec<String>,
    /// Add what the role needs where buckets, topics or secrets are encrypted with KMS keys of one's own
    #[arg(long, requires = "publish")]
    kms: bool,
    /// Partition of what is written to
    #[arg(long, value_name = "NAME", default_value = "aws", requires = "writer", value_parser = ["aws", "aws-us-gov", "aws-cn"])]
    partition: String,
}

/// What may be added, by the names of the collectors.
fn optional() -> PossibleValuesParser {
    PossibleValuesParser::new(OPTIONAL.iter().map(|collector| collector.name))
}

fn bucket(text: &str) -> Result<S3Location, String> {
    let location = text.starts_with("s3://").then(|| S3Location::parse(text)).flatten();
    location.ok_or_else(|| "write it like `s3://bucket/prefix`; a folder needs no policy".to_owned())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Managed {
    /// AWS's managed policy for security auditors
    SecurityAudit,
}

impl IamPolicy {
    pub(super) fn run(self, console: Console) -> anyhow::Result<Exit> {
        if self.archive.is_some() || !self.publish.is_empty() {
            console.print(self.writer()?)?;
            return Ok(Exit::Done);
        }
        let with: Vec<&str> = self.with.iter().map(String::as_str).collect();
        if self.difference.is_none() {
            console.print(policy(&permissions(&with)))?;
            return Ok(Exit::Done);
        }
        let actions = actions(&with);
        let missing = beyond_security_audit(&with);
        console.note(format_args!(
            "beyond SecurityAudit ({}): {} of {} actions",
            security_audit::AS_OF,
            missing.len(),
            actions.len()
        ));
        for call in declared(&with).iter().filter(|call| missing.contains(call.action)) {
            console.note(format_args!("  {}: {}", call.action, call.purpose));
        }
        let missing = permissions(&with).into_iter().filter(|it| missing.contains(it.action)).collect();
        console.print(policy(&missing))?;
        Ok(Exit::Done)
    }
}

impl IamPolicy {
    /// The policy of the role that writes: the archive, what is published, or both.
    fn writer(&self) -> anyhow::Result<String> {
        let archive = self.archive.iter().flat_map(|archive| keeper(archive, &self.partition, self.object_lock));
        let mut statement = archive.map(serde_json::to_value).collect::<Result<Vec<_>, _>>()?;
        let targets = publishing::targets(&self.publish)?;
        statement.extend(aws::statements(&targets, &self.partition, self.kms));
        if statement.is_empty() {
            bail!("a folder, or standard output, needs no policy; name what lies in AWS");
        }
        Ok(print(statement))
    }
}

/// The actions that have to be allowed, `with` those of these optional collectors. `GetCallerIdentity` needs no permission.
pub(super) fn actions(with: &[&str]) -> BTreeSet<&'static str> {
    declared(with).iter().filter(|call| call.service != "sts").map(|call| call.action).collect()
}

/// An action, and what it is allowed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Permission {
    action: &'static str,
    resource: &'static str,
}

/// The permissions that everything takes, `with` that of these optional collectors.
fn permissions(with: &[&str]) -> BTreeSet<Permission> {
    let asked_for = OPTIONAL.iter().filter(|collector| with.contains(&collector.name));
    let calls = COLLECTORS.iter().chain(asked_for);
    let calls = calls.flat_map(|collector| collector.calls.iter().map(|call| (collector.name, call)));
    let permission = |(collector, call): (&str, &ApiCall)| Permission {
        action: call.action,
        resource: resource(collector, call.action),
    };
    calls.filter(|(_, call)| call.service != "sts").map(permission).collect()
}

/// Those that `SecurityAudit` does not allow, or is not known to.
pub(super) fn beyond_security_audit(with: &[&str]) -> BTreeSet<&'static str> {
    actions(with).into_iter().filter(|action| security_audit::allows(action) != Some(true)).collect()
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a, T> {
    version: &'a str,
    statement: Vec<T>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    sid: String,
    effect: &'a str,
    action: Vec<&'a str>,
    resource: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<serde_json::Value>,
}

/// What the role needs that keeps an archive. Nothing in it deletes; conditional writes are what `PutObject` allows.
fn keeper(archive: &S3Location, partition: &str, object_lock: bool) -> Vec<Statement<'static>> {
    let S3Location { bucket, key } = archive;
    let below = if archive.is_prefix() { key.clone() } else { format!("{key}/") };
    let objects = ["s3:GetObject", "s3:PutObject"].into_iter().chain(object_lock.then_some("s3:PutObjectRetention"));
    let listed = serde_json::json!({ "StringLike": { "s3:prefix": format!("{below}*") } });
    vec![
        Statement {
            sid: "CountersignListsItsArchive".to_owned(),
            effect: "Allow",
            action: vec!["s3:ListBucket"],
            resource: format!("arn:{partition}:s3:::{bucket}"),
            condition: Some(listed),
        },
        Statement {
            sid: "CountersignKeepsItsArchive".to_owned(),
            effect: "Allow",
            action: objects.collect(),
            resource: format!("arn:{partition}:s3:::{bucket}/{below}*"),
            condition: None,
        },
    ]
}

/// A policy document that allows this.
fn policy(permissions: &BTreeSet<Permission>) -> String {
    print(statements(permissions))
}

/// Statements that allow this: one a service, and one a kind of object that is read, in a stable order.
fn statements(permissions: &BTreeSet<Permission>) -> Vec<Statement<'static>> {
    let mut services: BTreeMap<(&str, &str), Vec<&'static str>> = BTreeMap::new();
    for Permission { action, resource } in permissions {
        let service = action.split_once(':').map_or(*action, |(service, _)| service);
        services.entry((service, resource)).or_default().push(action);
    }
    let statement = services.into_iter().map(|((service, resource), action)| {
        let what = match resource {
            LOG_FILES => "LogFiles".to_owned(),
            REPORTS => "Reports".to_owned(),
            _ => title(service),
        };
        let (sid, resource) = (format!("CountersignReads{what}"), resource.to_owned());
        Statement { sid, effect: "Allow", action, resource, condition: None }
    });
    statement.collect()
}

fn print<T: Serialize>(statement: Vec<T>) -> String {
    let document = Document { version: "2012-10-17", statement };
    // Nothing in it can fail to be written.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// Log files and digests of trails, in every bucket and below every prefix.
const LOG_FILES: &str = "arn:*:s3:::*AWSLogs/*";

/// Reports of violations that monitors write, by the end of their names, in every bucket.
const REPORTS: &str = "arn:*:s3:::*/constraint*_violations.json";

/// What an action of a collector is allowed on. Objects are read of trails and of monitors only: nobody needs the bytes of a
/// model to say that they are the same.
fn resource(collector: &str, action: &str) -> &'static str {
    match (action, collector) {
        ("s3:GetObject", "violation-reports") => REPORTS,
        ("s3:GetObject", _) => LOG_FILES,
        _ => "*",
    }
}

/// A service as a statement's id spells it: letters and digits only.
fn title(service: &str) -> String {
    let mut letters = service.chars().filter(char::is_ascii_alphanumeric);
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

#[cfg(test)]
mod templates;

#[cfg(test)]
mod tests {
    use super::*;

    /// The longest inline policy of a managed policy; a role's inline policies may be longer.
    const LONGEST: usize = 6_144;

    #[test]
    fn the_policy_only_reads_and_is_short_enough() {
        let text = policy(&permissions(&everything()));
        let characters = text.chars().filter(|c| !c.is_whitespace()).count();
        assert!(characters < LONGEST && text.len() < LONGEST, "{characters} of {} characters", text.len());
        for action in actions(&everything()) {
            let name = action.split_once(':').unwrap().1;
            let reads =
                ["Get", "List", "Describe", "Search", "Lookup", "View"].iter().any(|verb| name.starts_with(verb));
            assert!(reads && !action.contains('*'), "{action}");
        }
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        let allowed: usize =
            document["Statement"].as_array().unwrap().iter().map(|part| part["Action"].as_array().unwrap().len()).sum();
        assert_eq!(allowed, permissions(&everything()).len());
    }

    fn everything() -> Vec<&'static str> {
        OPTIONAL.iter().map(|collector| collector.name).collect()
    }

    #[test]
    fn only_reports_of_monitors_are_read_unless_more_is_asked_for() {
        let objects = |with: &[&str]| -> Vec<(&str, &str)> {
            let reads = |it: &Permission| it.action.starts_with("s3:GetObject");
            permissions(with).into_iter().filter(reads).map(|it| (it.action, it.resource)).collect()
        };
        assert_eq!(objects(&[]), [("s3:GetObject", REPORTS)]);
        assert_eq!(objects(&["log-files"]), [("s3:GetObject", REPORTS), ("s3:GetObject", LOG_FILES)]);
        assert!(objects(&["checksums"]).contains(&("s3:GetObjectVersion", "*")));
        let (start, end) = REPORTS.rsplit_once('*').unwrap();
        let start = start.rsplit('/').next().unwrap();
        for name in crate::monitor_report::FILE_NAMES {
            assert!(name.starts_with(start) && name.ends_with(end), "{name} cannot be read");
        }
    }

    #[test]
    fn the_keeper_of_an_archive_reads_and_writes_its_prefix_and_deletes_nothing() {
        let allowed = |text: &str, lock| -> Vec<String> {
            let document: serde_json::Value =
                serde_json::from_str(&print(keeper(&bucket(text).unwrap(), "aws-us-gov", lock))).unwrap();
            let statements = document["Statement"].as_array().unwrap().iter();
            let lines = statements.flat_map(|statement| {
                let resource = statement["Resource"].as_str().unwrap();
                let condition = statement["Condition"]["StringLike"]["s3:prefix"].as_str().unwrap_or("-");
                let actions = statement["Action"].as_array().unwrap().iter();
                actions.map(move |action| format!("{} {resource} {condition}", action.as_str().unwrap()))
            });
            lines.collect()
        };
        let expected = [
            "s3:ListBucket arn:aws-us-gov:s3:::evidence a/b/*",
            "s3:GetObject arn:aws-us-gov:s3:::evidence/a/b/* -",
            "s3:PutObject arn:aws-us-gov:s3:::evidence/a/b/* -",
        ];
        assert_eq!(allowed("s3://evidence/a/b", false), expected);
        assert_eq!(allowed("s3://evidence/a/b/", true)[..3], expected);
        assert_eq!(
            allowed("s3://evidence/a/b/", true)[3],
            "s3:PutObjectRetention arn:aws-us-gov:s3:::evidence/a/b/* -"
        );
        assert_eq!(allowed("s3://evidence", false)[1], "s3:GetObject arn:aws-us-gov:s3:::evidence/* -");
        assert!(bucket("evidence").is_err());
    }

    #[test]
    fn one_call_has_one_action_and_one_purpose() {
        let mut seen = BTreeSet::new();
        for call in declared(&everything()) {
            // Of budgets AWS has one action for all that reads.
            let is_new = seen.insert(call.action) || call.action == "budgets:ViewBudget";
            assert!(is_new && !call.purpose.is_empty(), "{}", call.action);
        }
    }

    #[test]
    fn security_audit_lacks_what_it_is_known_to_lack() {
        let missing = beyond_security_audit(&[]);
        assert!(missing.contains("sagemaker:Search") && missing.contains("s3:ListBucketVersions"), "{missing:?}");
        assert!(!missing.contains("cloudtrail:LookupEvents"), "{missing:?}");
    }

    /// `UPDATE=1 cargo test` writes the file anew.
    #[test]
    fn the_file_in_infra_is_what_the_collectors_declare() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/iam-policy.json");
        let generated = policy(&permissions(&[]));
        if std::env::var_os("UPDATE").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &generated).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == generated, "infra/iam-policy.json differs from what is declared; UPDATE=1 writes it");
    }
}

//! The reader's statements inside the templates of `infra/`, between comments that name them, as in
//!
//! ```yaml
//! Statement:
//!   # <reader>
//!   - Sid: CountersignReadsCloudtrail
//!     …
//!   # </reader>
//! ```
//!
//! `UPDATE=1 cargo test --lib iam_policy` writes them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use super::{OPTIONAL, Permission, declared, permissions, statements};
use crate::publish::aws::{Resource, SINKS};

fn infra(name: &str) -> PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("infra").join(name)
}

/// What a region of this name allows: what every reader needs, or what one optional collector adds.
fn allowed(region: &str) -> BTreeSet<Permission> {
    let always = permissions(&[]);
    match region {
        "reader" => always,
        optional => permissions(&[optional]).difference(&always).copied().collect(),
    }
}

/// Statements as YAML, indented by so many spaces.
fn yaml(permissions: &BTreeSet<Permission>, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let mut text = String::new();
    for statement in statements(permissions) {
        write!(text, "{pad}- Sid: {}\n{pad}  Effect: {}\n{pad}  Action:\n", statement.sid, statement.effect).unwrap();
        statement.action.iter().for_each(|action| writeln!(text, "{pad}    - {action}").unwrap());
        writeln!(text, "{pad}  Resource: \"{}\"", statement.resource).unwrap();
    }
    text
}

/// The template with all its regions written anew, and how many those are.
fn regenerated(template: &str) -> (String, usize) {
    let names: Vec<&str> = ["reader"].into_iter().chain(OPTIONAL.iter().map(|info| info.name)).collect();
    let (mut text, mut inside, mut regions) = (String::new(), None, 0);
    for line in template.lines() {
        let comment = line.trim_start().strip_prefix("# ").unwrap_or_default();
        let end = inside.is_some_and(|name| comment == format!("</{name}>"));
        if inside.is_none() || end {
            text += line;
            text.push('\n');
        }
        if end {
            inside = None;
        }
        if let Some(name) = names.iter().copied().find(|name| comment == format!("<{name}>")) {
            inside = Some(name);
            regions += 1;
            text += &yaml(&allowed(name), line.len() - line.trim_start().len());
        }
    }
    assert_eq!(inside, None, "a region is not closed");
    (text, regions)
}

#[test]
fn readers_in_templates_are_what_the_collectors_declare() {
    for (name, regions) in [("agent.yaml", 5), ("member-role.yaml", 4)] {
        let kept = std::fs::read_to_string(infra(name)).unwrap();
        let (generated, found) = regenerated(&kept);
        assert_eq!(found, regions, "regions of {name}");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(infra(name), &generated).unwrap();
        } else {
            assert!(kept == generated, "infra/{name} differs from what is declared; UPDATE=1 writes it");
        }
    }
}

#[test]
fn a_call_that_is_declared_anew_shows_as_a_difference() {
    let (whole, _) = regenerated(&std::fs::read_to_string(infra("agent.yaml")).unwrap());
    let without = whole.replacen("                  - sagemaker:Search\n", "", 1);
    assert!(whole != without, "the reader may search");
    assert!(regenerated(&without).0 == whole);
}

/// What the function's role needs beside its sinks: to be a function, to read what it wrote, to become the reader.
const OF_ITS_OWN: &[&str] = &[
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
    "s3:ListBucket",
    "sqs:SendMessage",
    "sts:AssumeRole",
    "sts:SetSourceIdentity",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

/// What sinks need that the template has no parameter for: a parameter of Systems Manager.
const NOT_OFFERED: &[Resource] = &[Resource::Parameter];

/// The actions of the function's role.
fn writer(template: &str) -> BTreeSet<String> {
    let (_, from) = template.split_once("\n  Writer:\n").unwrap();
    let (text, _) = from.split_once("\n  ReaderRole:\n").unwrap();
    let words = text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(|line| {
        line.split([' ', ',', '[', ']', '"', '{', '}'])
            .filter_map(|word| word.split_once(':').map(|parts| (word, parts)))
    });
    let action = |(service, name): (&str, &str)| {
        !["aws", "lambda", "kms:ViaService"].contains(&service) && name.starts_with(|c: char| c.is_ascii_uppercase())
    };
    words.filter(|(_, parts)| action(*parts)).map(|(word, _)| word.to_owned()).collect()
}

#[test]
fn the_writer_may_do_what_its_sinks_declare_and_what_a_function_needs() {
    let allowed = writer(&std::fs::read_to_string(infra("agent.yaml")).unwrap());
    let calls = SINKS.iter().flat_map(|sink| sink.calls);
    let declared: BTreeSet<&str> =
        calls.filter(|call| !NOT_OFFERED.contains(&call.on)).map(|call| call.call.action).collect();
    // It finds the accounts itself; whoever reads them is let in by each.
    let accounts = self::allowed("organization");
    let accounts = accounts.iter().map(|permission| &permission.action);
    let needed = declared.iter().chain(OF_ITS_OWN).chain(accounts).map(|action| (*action).to_owned());
    let needed: BTreeSet<String> = needed.collect();
    let missing: Vec<&String> = needed.difference(&allowed).collect();
    assert!(missing.is_empty(), "the writer of infra/agent.yaml lacks {missing:?}");
    let more: Vec<&String> = allowed.difference(&needed).collect();
    assert!(more.is_empty(), "nothing declares {more:?}");
}

/// Endpoints of a VPC by the service that a call belongs to.
/// Source: <https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html>
const ENDPOINTS: &[(&str, &str)] = &[
    ("application-autoscaling", "com.amazonaws.REGION.application-autoscaling"),
    ("bedrock", "com.amazonaws.REGION.bedrock"),
    ("budgets", "com.amazonaws.us-east-1.budgets"),
    ("cost-optimization-hub", "com.amazonaws.us-east-1.cost-optimization-hub"),
    ("pricing", "com.amazonaws.us-east-1.pricing.api"),
    ("cloudtrail", "com.amazonaws.REGION.cloudtrail"),
    ("cloudwatch", "com.amazonaws.REGION.monitoring"),
    ("ecr", "com.amazonaws.REGION.ecr.api"),
    ("events", "com.amazonaws.REGION.events"),
    ("iam", "com.amazonaws.iam"),
    ("kms", "com.amazonaws.REGION.kms"),
    ("organizations", "com.amazonaws.REGION.organizations"),
    ("s3", "com.amazonaws.REGION.s3"),
    ("sagemaker", "com.amazonaws.REGION.sagemaker.api"),
    ("secretsmanager", "com.amazonaws.REGION.secretsmanager"),
    ("securityhub", "com.amazonaws.REGION.securityhub"),
    ("sns", "com.amazonaws.REGION.sns"),
    ("ssm", "com.amazonaws.REGION.ssm"),
    ("sts", "com.amazonaws.REGION.sts"),
    ("tag", "com.amazonaws.REGION.tagging"),
];

#[test]
fn every_service_that_is_called_has_its_endpoint_listed() {
    let template = std::fs::read_to_string(infra("agent.yaml")).unwrap();
    let sinks = SINKS.iter().flat_map(|sink| sink.calls).filter(|call| !NOT_OFFERED.contains(&call.on));
    let sinks = sinks.filter(|call| !call.with_key).map(|call| call.call.service);
    let services: BTreeSet<&str> = declared(&[]).iter().map(|call| call.service).chain(sinks).collect();
    for service in services {
        let (_, endpoint) = ENDPOINTS.iter().find(|(name, _)| *name == service).expect(service);
        assert!(template.lines().any(|line| line.starts_with(&format!("#   {endpoint} "))), "{endpoint}");
    }
}

//! `[[sink]]`: who is told what a run found, and when.

use clap::ValueEnum;

use super::raw::{Section, Value};
use crate::control::Severity;
use crate::publish::Target;
use crate::report::Format;

/// `[[sink]]`: where a publication goes, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkRules {
    /// Where.
    pub target: Target,
    /// After which runs.
    pub when: When,
    /// Role that writes there; without one, the reader on a command line, and the function itself in Lambda.
    pub role_arn: Option<String>,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// Name of the role, the same in every account, that imports findings into Security Hub there.
    pub member_role: Option<String>,
    /// KMS key that encrypts what is written; without one, the bucket's default.
    pub kms_key: Option<String>,
    /// Documents to write; without any, those that the run writes.
    pub formats: Vec<Format>,
    /// Findings below it are left out.
    pub severity: Severity,
}

/// After which runs a sink is handed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// After every run.
    Always,
    /// If something changed since the last run.
    Change,
    /// If a gate began to fail, or no longer does.
    Gate,
}

impl SinkRules {
    /// What holds where a target is named and nothing else.
    pub fn of(target: Target) -> Self {
        let when = if target.is_for_people() { When::Change } else { When::Always };
        Self {
            target,
            when,
            role_arn: None,
            external_id: None,
            member_role: None,
            kms_key: None,
            formats: Vec::new(),
            severity: Severity::Info,
        }
    }

    /// The sinks that are asked for: the declared ones if those are wanted, and `named` ones beside them. One that is
    /// declared is opened as declared even if it is also named; none is opened twice.
    pub fn chosen(declared: &[Self], want_declared: bool, named: impl IntoIterator<Item = Target>) -> Vec<Self> {
        let mut chosen: Vec<Self> = if want_declared { declared.to_vec() } else { Vec::new() };
        for target in named {
            if chosen.iter().all(|rules| rules.target != target) {
                let rules = declared.iter().find(|rules| rules.target == target);
                chosen.push(rules.cloned().unwrap_or_else(|| Self::of(target)));
            }
        }
        chosen
    }
}

/// Reads one section; without a target there is no sink.
pub(super) fn read(mut section: Section<'_>) -> Option<SinkRules> {
    let target = section.need("target", "say where it goes, such as `target = \"s3://bucket/prefix\"`");
    let target = target.and_then(|value| {
        let read = value.text()?.parse::<Target>();
        read.map_err(|error| value.wrong(error.to_string(), "a target is written as after `--publish`")).ok()
    });
    let when = section.take("when").and_then(|value| {
        value.parsed("`always`, `change` or `gate`", "write one of the three", |text| match text {
            "always" => Some(When::Always),
            "change" => Some(When::Change),
            "gate" => Some(When::Gate),
            _ => None,
        })
    });
    let role = |value: Value<'_>| {
        let advice = "write it like `arn:aws:iam::111122223333:role/countersign-writer`";
        value.parsed("the ARN of a role", advice, |text| {
            (text.starts_with("arn:aws") && text.contains(":role/")).then(|| text.to_owned())
        })
    };
    let role_arn = section.take("role_arn").and_then(role);
    let external_id = section.text("external_id");
    let member_role = section.take("member_role");
    let kms_key = section.take("kms_key");
    let formats = section.take("formats");
    let severity = section.take("severity");
    let Some(target) = target else {
        section.finish(|_| None);
        return None;
    };
    let mut rules = SinkRules { role_arn, external_id, ..SinkRules::of(target) };
    rules.when = when.unwrap_or(rules.when);
    let target = &rules.target;
    if let Some(value) = only(member_role, target, &["security-hub"]) {
        let advice = "write its name, such as `countersign-findings`; it is the same in every account";
        let is_name = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "/+=,.@_-".contains(c));
        rules.member_role =
            value.parsed("the name of a role", advice, |text| is_name(text).then(|| text.trim_matches('/').to_owned()));
    }
    if let Some(value) = only(kms_key, target, &["s3", "history", "security-lake"]) {
        let advice = "write it like `arn:aws:kms:eu-central-1:111122223333:key/…`";
        rules.kms_key = value.parsed("the ARN of a KMS key", advice, |text| {
            (text.starts_with("arn:aws") && text.contains(":kms:")).then(|| text.to_owned())
        });
    }
    if let Some(value) = only(formats, target, &["folder", "s3"]) {
        rules.formats = formats_of(&value);
    }
    if let Some(value) = only(severity, target, &["security-hub", "events"]) {
        let least = value.parsed("a severity", "write `info`, `low`, `medium`, `high` or `critical`", severity_of);
        rules.severity = least.unwrap_or(rules.severity);
    }
    section.finish(|_| None);
    Some(rules)
}

/// A value that makes sense for these kinds of target only.
fn only<'d>(value: Option<Value<'d>>, target: &crate::publish::Target, kinds: &[&str]) -> Option<Value<'d>> {
    let value = value?;
    if kinds.contains(&target.kind()) {
        return Some(value);
    }
    let kinds = super::raw::or(kinds, "and");
    value.wrong(format!("a sink of kind `{}` has no such setting", target.kind()), format!("it is for {kinds}"));
    None
}

fn formats_of(value: &Value<'_>) -> Vec<Format> {
    let names: Vec<String> = Format::value_variants()
        .iter()
        .filter_map(|format| Some(format.to_possible_value()?.get_name().to_owned()))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let advice = format!("the formats are {}", super::raw::or(&names, "and"));
    let read = |text: &str| Format::from_str(text, true).ok();
    let mut formats: Vec<Format> =
        value.items().iter().filter_map(|item| item.parsed("a format of documents", &advice, read)).collect();
    formats.sort_unstable();
    formats.dedup();
    formats
}

fn severity_of(text: &str) -> Option<Severity> {
    crate::report::words::SEVERITIES.into_iter().find(|severity| crate::report::words::severity(*severity) == text)
}

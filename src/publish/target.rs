//! Where a publication goes, as an operator writes it: one string.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::archive::Place;
use crate::evidence::S3Location;
use crate::policy::nearest::nearest;

/// What may be written, for errors and help.
pub const FORMS: &str = "a folder, `s3://bucket/prefix`, the ARN of an SNS topic, `security-hub`, `events:BUS`, \
                         `metrics`, `slack:SECRET`, `webhook:SECRET`, `history:LOCATION` or `security-lake:LOCATION`";

/// Where a publication goes. What is secret (the address of a webhook) is named, never held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The documents, in a folder.
    Folder(PathBuf),
    /// The documents, below a prefix of a bucket.
    Bucket(S3Location),
    /// What changed, for people who subscribed: ARN of an SNS topic.
    Topic(String),
    /// Findings, to Security Hub.
    SecurityHub,
    /// One event a finding that changed: name or ARN of an EventBridge bus.
    Events(String),
    /// CloudWatch metrics, as lines on standard output.
    Metrics,
    /// What changed, to a Slack channel.
    Slack(SecretName),
    /// The whole in JSON, to an address of one's own.
    Webhook(SecretName),
    /// Tables of every run, in Parquet.
    History(Place),
    /// Findings in OCSF, in Security Lake's layout.
    SecurityLake(Place),
}

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretName {
    /// Secrets Manager: name or ARN.
    Secret(String),
    /// Systems Manager, as a `SecureString`: name that begins with `/`, or ARN.
    Parameter(String),
}

/// Why a text names no target. It does not repeat what may be secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TargetError(String);

impl Target {
    /// The word that stands for its kind: what is declared of it is found by it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Folder(_) => "folder",
            Self::Bucket(_) => "s3",
            Self::Topic(_) => "sns",
            Self::SecurityHub => "security-hub",
            Self::Events(_) => "events",
            Self::Metrics => "metrics",
            Self::Slack(_) => "slack",
            Self::Webhook(_) => "webhook",
            Self::History(_) => "history",
            Self::SecurityLake(_) => "security-lake",
        }
    }

    /// Whether people read it: they are told of changes only, unless they ask for more.
    pub fn is_for_people(&self) -> bool {
        matches!(self, Self::Topic(_) | Self::Slack(_))
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        match text {
            "" => return Err(TargetError(format!("the target is empty; name {FORMS}"))),
            "security-hub" => return Ok(Self::SecurityHub),
            "metrics" => return Ok(Self::Metrics),
            _ if text.starts_with("s3://") => return bucket(text).map(Self::Bucket),
            _ if text.starts_with("arn:") => return topic(text).map(Self::Topic),
            _ if text.contains("://") && !text.split_once("://").is_some_and(|(scheme, _)| scheme.contains(':')) => {
                let message = "an address is a secret: keep it in Secrets Manager or as a SecureString parameter, and \
                               name that with `webhook:SECRET` or `slack:SECRET`";
                return Err(TargetError(message.to_owned()));
            }
            _ => {}
        }
        match text.split_once(':') {
            Some(("events", bus)) => events(bus).map(Self::Events),
            Some(("slack", name)) => SecretName::parse("slack", name).map(Self::Slack),
            Some(("webhook", name)) => SecretName::parse("webhook", name).map(Self::Webhook),
            Some(("history", place)) => location("history", place).map(Self::History),
            Some(("security-lake", place)) => location("security-lake", place).map(Self::SecurityLake),
            _ => folder(text),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket(place) => place.fmt(f),
            Self::Topic(arn) => f.write_str(arn),
            Self::SecurityHub | Self::Metrics => f.write_str(self.kind()),
            Self::Events(bus) => write!(f, "events:{bus}"),
            Self::Slack(name) | Self::Webhook(name) => write!(f, "{}:{name}", self.kind()),
            Self::History(place) | Self::SecurityLake(place) => write!(f, "{}:{place}", self.kind()),
        }
    }
}

impl SecretName {
    fn parse(kind: &str, name: &str) -> Result<Self, TargetError> {
        // Whatever else it is may be the secret itself: it is not repeated.
        let none = || {
            TargetError(format!(
                "`{kind}:` names no secret; write the name or ARN of a secret in Secrets Manager, or a parameter such as \
                 `{kind}:/countersign/{kind}`; the address itself belongs into the secret"
            ))
        };
        let is_name = |name: &str, more: &str| {
            let fits = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
            !name.is_empty() && name.len() <= 2_048 && name.chars().all(fits)
        };
        if name.starts_with("arn:") {
            let parts: Vec<&str> = name.splitn(6, ':').collect();
            return match parts.as_slice() {
                [_, _, "secretsmanager", _, _, secret]
                    if secret.starts_with("secret:") && is_name(secret, ":/_+=.@-") =>
                {
                    Ok(Self::Secret(name.to_owned()))
                }
                [_, _, "ssm", _, _, parameter] if parameter.starts_with("parameter/") && is_name(parameter, "/_.-") => {
                    Ok(Self::Parameter(name.to_owned()))
                }
                _ => Err(none()),
            };
        }
        if name.starts_with('/') {
            return if is_name(name, "/_.-") { Ok(Self::Parameter(name.to_owned())) } else { Err(none()) };
        }
        if is_name(name, "/_+=.@-") { Ok(Self::Secret(name.to_owned())) } else { Err(none()) }
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Secret(name) | Self::Parameter(name) => f.write_str(name),
        }
    }
}

fn bucket(text: &str) -> Result<S3Location, TargetError> {
    // Source of the rule: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; access points and
    // older buckets may have more.
    let is_name = |name: &str| name.len() >= 3 && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    S3Location::parse(text)
        .filter(|place| is_name(&place.bucket))
        .ok_or_else(|| TargetError(format!("`{text}` names no bucket; write it like `s3://bucket/prefix`")))
}

fn topic(text: &str) -> Result<String, TargetError> {
    let parts: Vec<&str> = text.split(':').collect();
    match parts.as_slice() {
        ["arn", partition, "sns", region, account, name]
            if partition.starts_with("aws")
                && !region.is_empty()
                && account.len() == 12
                && account.chars().all(|c| c.is_ascii_digit())
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
                && !name.is_empty() =>
        {
            Ok(text.to_owned())
        }
        [_, _, "events", ..] => Err(TargetError(format!("`{text}` is a bus; write `events:{text}`"))),
        [_, _, "secretsmanager" | "ssm", ..] => {
            Err(TargetError(format!("`{text}` is a secret; write `slack:{text}` or `webhook:{text}`")))
        }
        [_, _, "s3", ..] => Err(TargetError(format!("`{text}` is a bucket; write `s3://bucket/prefix`"))),
        _ => Err(TargetError(format!(
            "`{text}` is no topic; write it like `arn:aws:sns:eu-central-1:111122223333:model-governance`"
        ))),
    }
}

fn events(bus: &str) -> Result<String, TargetError> {
    let name = if bus.starts_with("arn:") { bus.split_once(":event-bus/").map(|(_, name)| name) } else { Some(bus) };
    let fits = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    match name {
        Some(name) if !name.is_empty() && name.chars().all(fits) => Ok(bus.to_owned()),
        _ => Err(TargetError(format!(
            "`events:{bus}` names no bus; write `events:default`, or another bus's name or ARN"
        ))),
    }
}

fn location(kind: &str, text: &str) -> Result<Place, TargetError> {
    if text.starts_with("s3://") {
        return bucket(text).map(Place::Bucket);
    }
    Place::parse(text).ok_or_else(|| {
        TargetError(format!("`{kind}:{text}` names no location; write `{kind}:s3://bucket/prefix`, or a folder"))
    })
}

fn folder(text: &str) -> Result<Target, TargetError> {
    const KINDS: [&str; 7] = ["security-hub", "metrics", "events", "slack", "webhook", "history", "security-lake"];
    let word = text.split_once(':').map_or(text, |(word, _)| word);
    let is_path = word.contains(['/', '\\', '.']);
    if let Some(meant) = nearest(word, KINDS).filter(|_| !is_path) {
        let more = if matches!(meant, "security-hub" | "metrics") { "" } else { ":…" };
        return Err(TargetError(format!(
            "`{text}` is no target; did you mean `{meant}{more}`? A folder of that name is `./{text}`"
        )));
    }
    // Windows has drives; elsewhere a colon is more likely a kind that does not exist.
    let is_drive = word.len() == 1 && word != text;
    if text.contains(':') && !is_path && !is_drive {
        return Err(TargetError(format!("`{text}` is no target; name {FORMS}")));
    }
    Ok(Target::Folder(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        text.parse::<Target>().unwrap_err().to_string()
    }

    #[test]
    fn every_kind_is_read_and_shown_as_it_was_written() {
        for (text, kind) in [
            ("reports", "folder"),
            ("./metrics", "folder"),
            ("/var/lib/countersign", "folder"),
            ("s3://bank-reports/countersign", "s3"),
            ("arn:aws:sns:eu-central-1:111122223333:model-governance", "sns"),
            ("arn:aws-us-gov:sns:us-gov-west-1:111122223333:governance.fifo", "sns"),
            ("security-hub", "security-hub"),
            ("events:default", "events"),
            ("events:arn:aws:events:eu-central-1:111122223333:event-bus/governance", "events"),
            ("metrics", "metrics"),
            ("slack:/countersign/slack", "slack"),
            ("slack:countersign/slack", "slack"),
            ("webhook:arn:aws:secretsmanager:eu-central-1:111122223333:secret:hook-a1B2c3", "webhook"),
            ("webhook:arn:aws:ssm:eu-central-1:111122223333:parameter/countersign/hook", "webhook"),
            ("history:s3://bank-history/tables", "history"),
            ("history:tables", "history"),
            ("security-lake:s3://aws-security-data-lake/ext/countersign", "security-lake"),
        ] {
            let target: Target = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!((target.kind(), target.to_string().as_str()), (kind, text));
        }
    }

    #[test]
    fn names_and_parameters_are_told_apart() {
        let secret = |text: &str| match text.parse().unwrap() {
            Target::Slack(name) => name,
            other => panic!("{other}"),
        };
        assert!(matches!(secret("slack:/a/b"), SecretName::Parameter(_)));
        assert!(matches!(secret("slack:arn:aws:ssm:us-east-1:1:parameter/b"), SecretName::Parameter(_)));
        assert!(matches!(secret("slack:a/b"), SecretName::Secret(_)));
        assert!(matches!(secret("slack:arn:aws:secretsmanager:us-east-1:1:secret:b"), SecretName::Secret(_)));
    }

    #[test]
    fn an_address_is_refused_and_not_repeated() {
        for text in [
            "https://hooks.slack.com/services/T0/B0/hunter2",
            "slack:https://hooks.slack.com/services/T0/B0/hunter2",
            "webhook:https://user:hunter2@example.com/hook?token=hunter2",
            "webhook:arn:aws:sns:us-east-1:111122223333:hunter2",
            "webhook:",
        ] {
            let words = error(text);
            assert!(!words.contains("hunter2") && words.contains("secret"), "{words}");
        }
    }

    #[test]
    fn what_is_no_target_says_what_one_is() {
        for (text, words) in [
            ("", "name a folder"),
            ("s3://", "s3://bucket/prefix"),
            ("s3://b", "s3://bucket/prefix"),
            ("arn:aws:sns:eu-central-1:1:topic", "arn:aws:sns:eu-central-1:111122223333:model-governance"),
            ("arn:aws:sns:eu-central-1:111122223333:topic:subscription", "is no topic"),
            ("arn:aws:events:eu-central-1:111122223333:event-bus/b", "write `events:arn:"),
            ("arn:aws:secretsmanager:eu-central-1:111122223333:secret:b", "write `slack:arn:"),
            ("events:", "events:default"),
            ("events:a b", "events:default"),
            ("history:", "history:s3://bucket/prefix"),
            ("security-lake:ftp://x", "security-lake:s3://bucket/prefix"),
            ("secuirty-hub", "did you mean `security-hub`"),
            ("metric", "did you mean `metrics`"),
            ("event:default", "did you mean `events:…`"),
            ("teams:secret", "is no target"),
        ] {
            let said = error(text);
            assert!(said.contains(words), "{text}: {said}");
        }
    }
}

//! Evidence that does not lie where the models serve: other accounts, and the log files of trails.

use std::fmt;
use std::path::PathBuf;

use jiff::Timestamp;

use crate::evidence::S3Location;

/// Another account that holds evidence, read by a role of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherAccount {
    /// Twelve digits.
    pub id: String,
    /// What it is read for.
    pub purpose: Purpose,
    /// Role of that account, which the reader assumes.
    pub role_arn: String,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
}

/// What another account is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// Packages that are deployed here are registered and approved there.
    Registry,
    /// The bucket that trails deliver to lies there.
    Logs,
    /// Alarms on what serves here live there.
    Monitoring,
    /// It pays: Cost Explorer, budgets and allocation tags are read there.
    Billing,
}

impl Purpose {
    /// As a policy spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Logs => "logs",
            Self::Monitoring => "monitoring",
            Self::Billing => "billing",
        }
    }

    /// Reads it as a policy spells it.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Registry, Self::Logs, Self::Monitoring, Self::Billing]
            .into_iter()
            .find(|purpose| purpose.as_str() == text)
    }
}

/// Which log files of trails are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFiles {
    /// Where they lie. Empty: none are read.
    pub sources: Vec<LogSource>,
    /// Days from this one on; without it, from the day before the oldest package was registered that serves, or that one
    /// would roll back to.
    pub since: Option<Timestamp>,
}

/// Where log files of a trail lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogSource {
    /// The bucket of every trail that logs the account.
    Found,
    /// A bucket, or a prefix of one.
    Bucket(S3Location),
    /// A local folder.
    Folder(PathBuf),
}

impl LogSource {
    /// How [`LogSource::Found`] is written.
    pub const AUTO: &'static str = "auto";

    /// Reads `auto`, `s3://bucket[/prefix]` or the path of a folder; `None` if it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::AUTO {
            Some(Self::Found)
        } else if text.starts_with("s3://") {
            S3Location::parse(text).map(Self::Bucket)
        } else if text.is_empty() || text.contains("://") || text.starts_with("arn:") {
            None
        } else {
            Some(Self::Folder(PathBuf::from(text)))
        }
    }
}

impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found => f.write_str(Self::AUTO),
            Self::Bucket(place) => f.write_str(place.to_string().trim_end_matches('/')),
            Self::Folder(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_word_a_bucket_or_a_folder() {
        for (text, written) in [
            ("auto", Some("auto")),
            ("s3://logs", Some("s3://logs")),
            ("s3://logs/audit/", Some("s3://logs/audit")),
            ("logs/2026", Some("logs/2026")),
            ("s3://", None),
            ("https://logs.example.com", None),
            ("arn:aws:s3:::logs", None),
            ("", None),
        ] {
            assert_eq!(LogSource::parse(text).map(|source| source.to_string()).as_deref(), written, "{text}");
        }
    }
}

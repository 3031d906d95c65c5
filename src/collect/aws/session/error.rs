//! What can go wrong before anything is read.

use std::path::PathBuf;

use crate::evidence::{DeniedBy, GapCause};

/// Why no session could be opened. Each is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Not the name of a region at all.
    #[error("`{0}` is not the name of a region; name one such as `eu-central-1`")]
    BadRegion(String),
    /// Well-formed, but not in the list.
    #[error(
        "region `{region}` is in no partition that this version knows{}; check the spelling, or pass --allow-unknown-region if it is new",
        nearest.map(|name| format!(" (did you mean `{name}`?)")).unwrap_or_default()
    )]
    UnknownRegion {
        /// The region.
        region: String,
        /// What was probably meant.
        nearest: Option<&'static str>,
    },
    /// Credentials work in one partition only.
    #[error(
        "region `{region}` belongs to partition `{other}`, but the credentials belong to `{partition}`; run once for each partition"
    )]
    OtherPartition {
        /// The region.
        region: String,
        /// Its partition.
        other: String,
        /// The partition of the credentials.
        partition: String,
    },
    /// Neither asked for nor configured.
    #[error("no region is set; pass --region, or set AWS_REGION or a region in the profile")]
    NoRegion,
    /// Nothing provides credentials, or what should provide them failed.
    #[error("no AWS credentials: {message}; pass --profile, sign in (`aws sso login`), or set AWS_ACCESS_KEY_ID")]
    NoCredentials {
        /// What the providers said.
        message: String,
    },
    /// There are some, but AWS does not accept them.
    #[error(
        "AWS does not accept the credentials ({code}: {message}); sign in again (`aws sso login`), or renew the keys"
    )]
    Refused {
        /// AWS's error code.
        code: String,
        /// AWS's message.
        message: String,
    },
    /// The role could not be assumed.
    #[error("cannot assume role `{role}`: {message}; check the role's trust policy and --external-id")]
    Role {
        /// The role.
        role: String,
        /// What STS said.
        message: String,
    },
    /// AWS did not answer.
    #[error(
        "cannot reach AWS: {message}; check the network, HTTPS_PROXY, NO_PROXY, AWS_CA_BUNDLE and AWS_ENDPOINT_URL"
    )]
    Unreachable {
        /// What went wrong.
        message: String,
    },
    /// AWS answered something else than an identity.
    #[error("AWS did not say whose the credentials are: {message}; try again, or check AWS_ENDPOINT_URL")]
    NoIdentity {
        /// What was wrong with the answer.
        message: String,
    },
    /// The bundle of certificate authorities is of no use.
    #[error("cannot use AWS_CA_BUNDLE `{}`: {message}; it must be a file of certificates in PEM form", path.display())]
    CaBundle {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// No TLS at all.
    #[error("cannot set up TLS: {message}; install the system's CA certificates, or set AWS_CA_BUNDLE")]
    Tls {
        /// What is wrong.
        message: String,
    },
}

impl SessionError {
    /// The cause of a gap where an estate is read without this session.
    pub(crate) fn cause(&self) -> GapCause {
        match self {
            Self::Role { message, .. } if is_throttle(message) => GapCause::Throttled,
            Self::Role { message, .. } | Self::Refused { message, .. } => {
                GapCause::Denied(DeniedBy::from_message(message))
            }
            Self::NoCredentials { .. } => GapCause::Denied(DeniedBy::Unstated),
            Self::Unreachable { .. } | Self::CaBundle { .. } | Self::Tls { .. } => GapCause::Unreachable,
            Self::NoIdentity { .. } => GapCause::Malformed,
            Self::BadRegion(_) | Self::UnknownRegion { .. } | Self::OtherPartition { .. } | Self::NoRegion => {
                GapCause::Unsupported
            }
        }
    }
}

/// Whether STS only asked for patience: the message begins with AWS's error code.
fn is_throttle(message: &str) -> bool {
    ["Throttling", "TooManyRequests", "RequestLimitExceeded", "SlowDown"].iter().any(|code| message.contains(code))
}

//! Who reads, and with what: credentials, the account behind them, and the SDK clients made from them.
//!
//! Everything that the environment may say about AWS is read here (by the SDK: `AWS_PROFILE`, `AWS_ENDPOINT_URL`,
//! `AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` and so on; by [`http`](super::http): `AWS_CA_BUNDLE`,
//! `HTTPS_PROXY`, `NO_PROXY`).

mod clients;
mod error;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_sts::config::retry::RetryPartition;
use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_types::SdkConfig;

use super::assume_role::AssumedRole;
use super::engine::{Counting, Tally, WholeAnswers, chain, presentable, reason};
use super::{http, regions};
use crate::collect::{ApiCall, CollectorInfo, OtherAccount};
use crate::evidence::{DeniedBy, GapCause};

pub(crate) use clients::Clients;
pub use error::SessionError;

/// Name of the agent in user agents and session names, so that an account's trail shows who read.
pub(super) const APP_NAME: &str = "countersign";
/// The region in which AWS answers questions about money, whichever region it was spent in.
/// Source: <https://docs.aws.amazon.com/general/latest/gr/billing.html>
pub(crate) const BILLING_REGION: &str = "us-east-1";
/// One call with all its retries.
const OPERATION: Duration = Duration::from_mins(2);

const GET_CALLER_IDENTITY: ApiCall = ApiCall {
    service: "sts",
    operation: "GetCallerIdentity",
    action: "sts:GetCallerIdentity",
    purpose: "which account is read, and by whom; no policy can refuse it",
};

/// The one call that comes before every other.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "identity",
    summary: "asks once which account the credentials belong to",
    yields: &[],
    calls: &[GET_CALLER_IDENTITY],
};

/// What a session is opened with. All of it is optional: the default is what any AWS tool would use.
#[derive(Clone, Debug, Default)]
pub struct SessionOptions {
    /// Named profile; without one the SDK's default chain.
    pub profile: Option<String>,
    /// Role to assume with those credentials.
    pub role_arn: Option<String>,
    /// External id that the role's trust policy asks for.
    pub external_id: Option<String>,
    /// `sourceIdentity` of the assumed sessions; only where the role's trust policy allows to set it.
    pub source_identity: Option<String>,
    /// Regions that will be read; empty for the default region of the profile or environment.
    pub regions: Vec<String>,
    /// Whether a region that this version does not know is taken at its word.
    pub allow_unknown_region: bool,
    /// How often a call is tried in all; 0 for the SDK's default.
    pub attempts: u32,
}

/// Credentials that AWS has recognised, and all that clients need besides a region.
#[derive(Clone, Debug)]
pub struct Session {
    config: SdkConfig,
    account: String,
    partition: String,
    reader: String,
    regions: Vec<String>,
    source_identity: Option<String>,
    tally: Arc<Tally>,
}

impl Session {
    /// Finds credentials, assumes a role if asked to, and asks AWS once who they are.
    ///
    /// # Errors
    /// If the regions make no sense, there are no usable credentials, or AWS cannot be reached.
    pub async fn open(options: &SessionOptions) -> Result<Self, SessionError> {
        for region in &options.regions {
            check_region(region, options.allow_unknown_region)?;
        }
        let config = load(options).await?;
        let regions = match (options.regions.as_slice(), config.region()) {
            ([], None) => return Err(SessionError::NoRegion),
            ([], Some(default)) => {
                check_region(default.as_ref(), options.allow_unknown_region)?;
                vec![default.to_string()]
            }
            (asked, _) => asked.to_vec(),
        };
        let first = regions.first().cloned().map(Region::new);
        let config = config.into_builder().region(first).build();
        require_credentials(&config, options.profile.as_deref()).await?;
        let config = match &options.role_arn {
            Some(role) => {
                let (external_id, source) = (options.external_id.as_deref(), options.source_identity.as_deref());
                AssumedRole::over(config, role, external_id, source).into_config()
            }
            None => config,
        };
        let tally = Arc::new(Tally::default());
        let (account, reader) = identify(&config, &tally, options.role_arn.as_deref()).await?;
        let partition = reader.split(':').nth(1).unwrap_or("aws").to_owned();
        regions.iter().try_for_each(|region| check_partition(region, &partition))?;
        let source_identity = options.source_identity.clone();
        Ok(Self { config, account, partition, reader, regions, source_identity, tally })
    }

    /// A session in another account: this one's identity assumes the role there.
    ///
    /// # Errors
    /// If the role cannot be assumed.
    pub(super) async fn assume(&self, other: &OtherAccount) -> Result<Self, SessionError> {
        self.as_role(&other.role_arn, other.external_id.as_deref()).await
    }

    /// A session of another role, which this one's identity assumes.
    ///
    /// # Errors
    /// If the role cannot be assumed.
    pub async fn as_role(&self, role: &str, external_id: Option<&str>) -> Result<Self, SessionError> {
        let source = self.source_identity.as_deref();
        let config = AssumedRole::over(self.config.clone(), role, external_id, source).into_config();
        let (account, reader) = identify(&config, &self.tally, Some(role)).await?;
        Ok(Self {
            config,
            account,
            partition: self.partition.clone(),
            reader,
            regions: self.regions.clone(),
            source_identity: self.source_identity.clone(),
            tally: Arc::clone(&self.tally),
        })
    }

    /// The same identity for work of its own: what it sends is counted by itself.
    pub(super) fn apart(&self) -> Self {
        Self { tally: Arc::default(), ..self.clone() }
    }

    /// The same identity, with what it sends counted as another's.
    pub(super) fn counted_as(&self, other: &Self) -> Self {
        Self { tally: Arc::clone(&other.tally), ..self.clone() }
    }

    /// A session of a role in a member account, for work of its own.
    ///
    /// # Errors
    /// If the role cannot be assumed.
    pub(super) async fn member(&self, role: &str, external_id: Option<&str>) -> Result<Self, SessionError> {
        self.apart().as_role(role, external_id).await
    }

    /// Account that is read, twelve digits.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Partition of the account, such as `aws`.
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// ARN of the identity that reads.
    pub fn reader(&self) -> &str {
        &self.reader
    }

    /// Regions that were asked for, or else the default one.
    pub fn regions(&self) -> &[String] {
        &self.regions
    }

    /// A session for tests that send nothing.
    #[cfg(test)]
    pub(super) fn offline() -> Self {
        Self {
            config: SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build(),
            account: "111122223333".to_owned(),
            partition: "aws".to_owned(),
            reader: "arn:aws:iam::111122223333:role/reader".to_owned(),
            regions: vec!["eu-central-1".to_owned()],
            source_identity: None,
            tally: Arc::default(),
        }
    }

    pub(super) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The `CloudTrail` client of a region.
    pub(crate) fn cloudtrail(&self, region: &str) -> aws_sdk_cloudtrail::Client {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        aws_sdk_cloudtrail::Client::from_conf(
            aws_sdk_cloudtrail::config::Builder::from(&config)
                .retry_partition(RetryPartition::custom(region.to_owned()).build())
                .interceptor(Counting::new(Arc::clone(&self.tally), None))
                .interceptor(WholeAnswers)
                .build(),
        )
    }

    /// The KMS client of the region that a key's ARN names, else of the first region.
    pub(crate) fn kms(&self, key: &str) -> aws_sdk_kms::Client {
        let named = key.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(2));
        let region = named.or(self.regions.first().map(String::as_str)).unwrap_or_default().to_owned();
        let config = self.config.to_builder().region(Region::new(region)).build();
        aws_sdk_kms::Client::new(&config)
    }

    /// What clients of a region are made from, for what is written.
    pub(crate) fn settings(&self, region: &str) -> SdkConfig {
        self.config.to_builder().region(Region::new(region.to_owned())).build()
    }

    /// What other addresses than AWS's are spoken to with: the same proxy, and the same certificate authorities.
    ///
    /// # Errors
    /// If the bundle of certificate authorities cannot be used.
    #[allow(clippy::unused_self, reason = "whoever opens a connection has a session")]
    pub(crate) fn connector(&self) -> Result<SharedHttpConnector, SessionError> {
        http::by_host(ca_bundle().as_deref())
    }

    /// The first region that was asked for.
    pub(crate) fn home(&self) -> &str {
        self.regions.first().map_or("us-east-1", String::as_str)
    }

    /// The client of AWS Organizations, whose one endpoint every region of a partition leads to.
    pub(crate) fn organizations(&self, region: &str) -> aws_sdk_organizations::Client {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        aws_sdk_organizations::Client::from_conf(
            aws_sdk_organizations::config::Builder::from(&config)
                .interceptor(Counting::new(Arc::clone(&self.tally), None))
                .interceptor(WholeAnswers)
                .build(),
        )
    }

    /// The S3 client of a region.
    pub(crate) fn s3(&self, region: &str) -> aws_sdk_s3::Client {
        let config = self.config.to_builder().region(Region::new(region.to_owned())).build();
        // An endpoint of one's own (an emulator, a gateway) has no host name for each bucket.
        let path_style = config.endpoint_url().is_some();
        aws_sdk_s3::Client::from_conf(
            aws_sdk_s3::config::Builder::from(&config)
                .force_path_style(path_style)
                .interceptor(Counting::new(Arc::clone(&self.tally), None))
                .interceptor(WholeAnswers)
                .build(),
        )
    }
}

fn check_region(region: &str, allow_unknown: bool) -> Result<(), SessionError> {
    if !regions::is_well_formed(region) {
        return Err(SessionError::BadRegion(presentable(region)));
    }
    if regions::partition_of(region).is_none() && !allow_unknown {
        let nearest = regions::nearest(region);
        return Err(SessionError::UnknownRegion { region: region.to_owned(), nearest });
    }
    Ok(())
}

fn check_partition(region: &str, partition: &str) -> Result<(), SessionError> {
    match regions::partition_of(region).filter(|other| *other != partition) {
        None => Ok(()),
        Some(other) => Err(SessionError::OtherPartition {
            region: region.to_owned(),
            other: other.to_owned(),
            partition: partition.to_owned(),
        }),
    }
}

/// The SDK's configuration, from the environment and the profile files.
async fn load(options: &SessionOptions) -> Result<SdkConfig, SessionError> {
    let http = http::client(ca_bundle().as_deref())?;
    let mut retry = RetryConfig::standard();
    if options.attempts > 0 {
        retry = retry.with_max_attempts(options.attempts);
    }
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .retry_config(retry)
        .timeout_config(TimeoutConfig::builder().operation_timeout(OPERATION).build());
    if let Ok(name) = AppName::new(APP_NAME) {
        loader = loader.app_name(name);
    }
    if let Some(profile) = &options.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = options.regions.first() {
        loader = loader.region(Region::new(region.clone()));
    }
    let config = loader.load().await;
    let Some(profile) = &options.profile else { return Ok(config) };
    // Where a profile is asked for by name, it comes before keys in the environment, as in every other AWS tool. In the
    // SDK's chain it comes after them.
    let provided = ProviderConfig::without_region()
        .with_http_client(http)
        .with_region(config.region().cloned())
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack())
        .with_behavior_version(Some(BehaviorVersion::latest()));
    let provider = ProfileFileCredentialsProvider::builder().configure(&provided).profile_name(profile).build();
    Ok(config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build())
}

/// The file that `AWS_CA_BUNDLE` names.
fn ca_bundle() -> Option<PathBuf> {
    std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// Asks the providers before AWS is asked, because what they say is clearer than a request that cannot be signed.
async fn require_credentials(config: &SdkConfig, profile: Option<&str>) -> Result<(), SessionError> {
    let Some(provider) = config.credentials_provider() else {
        return Err(SessionError::NoCredentials { message: "none are configured".to_owned() });
    };
    let message = match provider.provide_credentials().await {
        Ok(_) => return Ok(()),
        // The SDK would list every place in which it looked.
        Err(CredentialsError::CredentialsNotLoaded(_)) => match profile {
            Some(profile) => format!("profile `{}` is not defined, or gives none", presentable(profile)),
            None => "neither the environment, nor the profile files, nor a role of this machine gives any".to_owned(),
        },
        Err(error) => presentable(&chain(&error)),
    };
    Err(SessionError::NoCredentials { message: message.trim_end_matches('.').to_owned() })
}

/// The one `GetCallerIdentity`: account and ARN.
async fn identify(
    config: &SdkConfig,
    tally: &Arc<Tally>,
    role: Option<&str>,
) -> Result<(String, String), SessionError> {
    let counting = Counting::new(Arc::clone(tally), None);
    let sts = aws_sdk_sts::Client::from_conf(aws_sdk_sts::config::Builder::from(config).interceptor(counting).build());
    let identity = sts.get_caller_identity().send().await.map_err(|error| {
        let reason = reason(&error);
        match (reason.cause, role) {
            (GapCause::Denied(DeniedBy::Unstated), Some(role)) if reason.code.is_none() => {
                SessionError::Role { role: role.to_owned(), message: reason.message }
            }
            (GapCause::Denied(_), _) => SessionError::Refused {
                code: reason.code.unwrap_or_else(|| "denied".to_owned()),
                message: reason.message,
            },
            (GapCause::Unreachable, _) => SessionError::Unreachable { message: reason.message },
            _ => SessionError::NoIdentity { message: reason.message },
        }
    })?;
    let is_account = |account: &&str| account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
    match (identity.account().filter(is_account), identity.arn()) {
        (Some(account), Some(arn)) if arn.starts_with("arn:") => Ok((account.to_owned(), arn.to_owned())),
        _ => Err(SessionError::NoIdentity { message: "the answer names no account".to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_checked_before_anything_is_sent() {
        assert!(check_region("eu-central-1", false).is_ok());
        assert!(check_region("mars-north-7", true).is_ok());
        let error = |region, allow| check_region(region, allow).unwrap_err().to_string();
        assert_eq!(
            error("eu-centrall-1", false),
            "region `eu-centrall-1` is in no partition that this version knows (did you mean `eu-central-1`?); \
             check the spelling, or pass --allow-unknown-region if it is new"
        );
        assert!(error("mars-north-7", false).contains("--allow-unknown-region"));
        // What is no name at all would become part of a host name: no override for that.
        assert!(error("us-east-1.evil.example", true).contains("is not the name of a region"));
    }

    #[test]
    fn credentials_of_one_partition_open_no_other() {
        assert!(check_partition("eu-central-1", "aws").is_ok());
        assert!(check_partition("mars-north-7", "aws").is_ok());
        let error = check_partition("us-gov-west-1", "aws").unwrap_err().to_string();
        assert!(error.contains("`aws-us-gov`") && error.contains("run once for each partition"), "{error}");
    }

    #[tokio::test]
    async fn without_credentials_there_is_one_clear_error() {
        let config = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).build();
        let error = require_credentials(&config, None).await.unwrap_err().to_string();
        assert!(error.starts_with("no AWS credentials: ") && error.contains("aws sso login"), "{error}");
        assert!(!error.ends_with('.'));
    }
}

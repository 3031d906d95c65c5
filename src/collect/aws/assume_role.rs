//! Credentials of a role in an account that is read. The SDK's own provider cannot set a source identity.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_types::SdkConfig;

use super::engine::reason;
use super::session::APP_NAME;

/// Assumes a role again and again, whenever its credentials are about to expire.
#[derive(Debug)]
pub(super) struct AssumedRole {
    base: SdkConfig,
    sts: aws_sdk_sts::Client,
    role: String,
    external_id: Option<String>,
    source_identity: Option<String>,
}

impl AssumedRole {
    /// A role, assumed with the credentials of `base`.
    pub(super) fn over(base: SdkConfig, role: &str, external_id: Option<&str>, source_identity: Option<&str>) -> Self {
        Self {
            sts: aws_sdk_sts::Client::new(&base),
            base,
            role: role.to_owned(),
            external_id: external_id.map(str::to_owned),
            source_identity: source_identity.map(str::to_owned),
        }
    }

    /// The configuration with the role's credentials in place of the caller's.
    pub(super) fn into_config(self) -> SdkConfig {
        let builder = self.base.to_builder();
        builder.credentials_provider(SharedCredentialsProvider::new(self)).build()
    }

    async fn assume(&self) -> Result<Credentials, CredentialsError> {
        let answer = self
            .sts
            .assume_role()
            .role_arn(&self.role)
            .role_session_name(APP_NAME)
            .set_external_id(self.external_id.clone())
            .set_source_identity(self.source_identity.clone())
            .send()
            .await
            .map_err(|error| {
                let reason = reason(&error);
                CredentialsError::provider_error(match reason.code {
                    Some(code) => format!("{code}: {}", reason.message),
                    None => reason.message,
                })
            })?;
        let given = answer.credentials.ok_or_else(|| CredentialsError::unhandled("STS gave no credentials"))?;
        // An answer that was cut off reads as one whose last members are empty.
        if [&given.access_key_id, &given.secret_access_key, &given.session_token].into_iter().any(String::is_empty) {
            return Err(CredentialsError::unhandled("STS gave credentials that are not whole"));
        }
        let expires = SystemTime::try_from(given.expiration).map_err(CredentialsError::unhandled)?;
        Ok(Credentials::builder()
            .access_key_id(given.access_key_id)
            .secret_access_key(given.secret_access_key)
            .session_token(given.session_token)
            .expiry(expires)
            .provider_name("countersign assumed role")
            .build())
    }
}

impl ProvideCredentials for AssumedRole {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.assume())
    }
}

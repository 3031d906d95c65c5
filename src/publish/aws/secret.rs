//! Secrets that sinks need: from Secrets Manager, or from a `SecureString` of Systems Manager. Fetched when they are needed,
//! and never shown.
//!
//! Needs `secretsmanager:GetSecretValue` or `ssm:GetParameter` on that one, and `kms:Decrypt` where its key is one's own.

use super::failure::failure;
use crate::collect::aws::{Session, reason};
use crate::publish::webhook::Address;
use crate::publish::{SecretName, SinkError};

/// The address that a secret holds.
pub(super) async fn address(session: &Session, name: &SecretName) -> Result<Address, SinkError> {
    let text = fetch(session, name).await?;
    Address::parse(&text).map_err(|error| SinkError { message: format!("cannot use the secret `{name}`: {error}") })
}

async fn fetch(session: &Session, name: &SecretName) -> Result<String, SinkError> {
    match name {
        SecretName::Secret(id) => {
            let client = aws_sdk_secretsmanager::Client::new(&session.settings(region(session, id)));
            let answer = client.get_secret_value().secret_id(id).send().await;
            let answer = answer.map_err(|error| failure("read the secret", id, &reason(&error)))?;
            let none =
                || SinkError { message: format!("the secret `{id}` holds no text; store the address as a string") };
            answer.secret_string().map(str::to_owned).ok_or_else(none)
        }
        SecretName::Parameter(id) => {
            let client = aws_sdk_ssm::Client::new(&session.settings(region(session, id)));
            let answer = client.get_parameter().name(id).with_decryption(true).send().await;
            let answer = answer.map_err(|error| failure("read the parameter", id, &reason(&error)))?;
            let parameter = answer.parameter();
            let is_secure =
                parameter.and_then(|it| it.r#type()) == Some(&aws_sdk_ssm::types::ParameterType::SecureString);
            let value = parameter.and_then(|parameter| parameter.value()).filter(|_| is_secure);
            let plain = || {
                let advice = "is no SecureString, and its address is a secret; store it again as one";
                SinkError { message: format!("the parameter `{id}` {advice}") }
            };
            value.map(str::to_owned).ok_or_else(plain)
        }
    }
}

/// The region that an ARN names, else the first that was asked for.
fn region<'a>(session: &'a Session, id: &'a str) -> &'a str {
    let named = if id.starts_with("arn:") { id.split(':').nth(3) } else { None };
    named.unwrap_or_else(|| session.home())
}

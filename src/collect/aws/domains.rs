//! Domains of SageMaker Studio: whether what their users do under a shared role carries the user's name.
//!
//! Source: <https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DomainSettings.html>

use std::collections::BTreeSet;

use aws_sdk_sagemaker::operation::describe_domain::DescribeDomainOutput;
use aws_sdk_sagemaker::types::ExecutionRoleIdentityConfig;

use super::engine::{Answer, Reader, token};
use super::text::{nameless, required, text};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, FactKind, Hidden, ResourceKey, StudioDomain};

const LIST: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListDomains",
    action: "sagemaker:ListDomains",
    purpose: "which Studio domains there are",
};

const DESCRIBE: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "DescribeDomain",
    action: "sagemaker:DescribeDomain",
    purpose: "whether an approval from Studio carries the name of its user, or only that of a shared role",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "domains",
    summary: "reads the domains of SageMaker Studio: the roles that their users share, and whether sessions carry the \
              user's name",
    yields: &[FactKind::Domains],
    calls: &[LIST, DESCRIBE],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::Domains)];

/// Lists the domains and describes each, since the list does not say how they are set.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let sagemaker = &reader.clients().sagemaker;
    let mut domains: Vec<(StudioDomain, CallId)> = Vec::new();
    let listed = reader
        .pages(
            &LIST,
            "domains",
            |token| sagemaker.list_domains().max_results(100).set_next_token(token).send(),
            |Answer { output, call }| {
                for domain in output.domains() {
                    match text(domain.domain_id()) {
                        Some(id) => domains.push((listed(id, text(domain.domain_name())), call)),
                        None => reader.malformed(&LIST, call, &nameless("a domain"), ALL),
                    }
                }
                token(output.next_token())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL);
    }
    reader.each(domains, async |(domain, listed)| describe(reader, domain, listed).await).await;
}

/// What the list alone says of a domain.
fn listed(id: String, name: Option<String>) -> StudioDomain {
    StudioDomain { id, name, identity_config: None, execution_roles: Vec::new() }
}

async fn describe(reader: &Reader<'_>, domain: StudioDomain, listed: CallId) {
    let key = ResourceKey::new(FactKind::Domains, &domain.id);
    let request = reader.clients().sagemaker.describe_domain().domain_id(&domain.id);
    match reader.ask(&DESCRIBE, &domain.id, request.send()).await {
        Ok(Answer { output, call }) => match normalise(&domain.id, &output) {
            Ok(domain) => reader.record(domain, &[listed, call]),
            Err(malformed) => {
                reader.malformed(&DESCRIBE, call, &malformed, &[Hidden::One(key)]);
                reader.record(domain, &[listed]);
            }
        },
        Err(failure) if failure.not_found => reader.absent(failure, key),
        Err(failure) => {
            reader.gap(failure, &[Hidden::One(key)]);
            reader.record(domain, &[listed]);
        }
    }
}

/// A domain as described. Where nobody has set the identity configuration it is off, and the answer leaves it out.
///
/// # Errors
/// If the answer is about another domain, or about none.
fn normalise(asked: &str, domain: &DescribeDomainOutput) -> Result<StudioDomain, Malformed> {
    let id = required(asked, "DomainId", domain.domain_id())?;
    if id != asked {
        return Err(Malformed { item: asked.to_owned(), reason: format!("the answer is about `{id}`") });
    }
    let identity = domain.domain_settings().and_then(|settings| settings.execution_role_identity_config());
    let users = domain.default_user_settings().and_then(|settings| settings.execution_role());
    let spaces = domain.default_space_settings().and_then(|settings| settings.execution_role());
    let roles: BTreeSet<String> = [users, spaces].into_iter().filter_map(text).collect();
    Ok(StudioDomain {
        id,
        name: text(domain.domain_name()),
        identity_config: Some(identity.unwrap_or(&ExecutionRoleIdentityConfig::Disabled).as_str().to_owned()),
        execution_roles: roles.into_iter().collect(),
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types::{DefaultSpaceSettings, DomainSettings, UserSettings};

    use super::*;

    #[test]
    fn a_domain_says_which_roles_it_shares_and_whether_sessions_are_named() {
        let role = |name: &str| format!("arn:aws:iam::111122223333:role/{name}");
        let domain = DescribeDomainOutput::builder().domain_id("d-1").domain_name("analytics");
        let users = UserSettings::builder().execution_role(role("studio")).build();
        let spaces = DefaultSpaceSettings::builder().execution_role(role("shared")).build();
        let shared = domain.clone().default_user_settings(users.clone()).default_space_settings(spaces);
        let read = normalise("d-1", &shared.build()).unwrap();
        assert_eq!(read.identity_config.as_deref(), Some("DISABLED"), "left out where nobody has set it");
        assert_eq!(read.execution_roles, [role("shared"), role("studio")]);

        let named = ExecutionRoleIdentityConfig::UserProfileName;
        let settings = DomainSettings::builder().execution_role_identity_config(named).build();
        let read = normalise("d-1", &domain.domain_settings(settings).default_user_settings(users).build()).unwrap();
        assert_eq!(read.identity_config.as_deref(), Some("USER_PROFILE_NAME"));
        assert_eq!(read.execution_roles, [role("studio")]);
    }

    #[test]
    fn an_answer_about_another_domain_is_none() {
        normalise("d-1", &DescribeDomainOutput::builder().build()).unwrap_err();
        normalise("d-1", &DescribeDomainOutput::builder().domain_id("d-2").build()).unwrap_err();
    }
}

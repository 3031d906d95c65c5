//! Who made a call: a person, automation, or nobody can tell.
//!
//! The name of a session is chosen by whoever assumes the role, so it proves a person only where AWS itself sets it: in
//! the roles of IAM Identity Center, in SageMaker Studio where the domain hands on the user profile, and where the
//! role's trust policy leaves the caller no choice ([`trust`]). The same holds for a source identity, which persists
//! through chains of roles, and which the first of them may let its caller choose. A name that stands for a *service* is
//! believed wherever it appears, since it never helps whoever forged it: automation proves no person.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::arn::Arn;
use super::events::{Event, Events};
use crate::evidence::{Facts, Principal, Role, UserIdentity};

use trust::Trust;

mod trust;

#[cfg(test)]
mod tests;

/// The identity behind a call, classified.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    /// The identity as AWS wrote it: an ARN, a user name.
    pub identity: String,
    /// What it is.
    pub kind: ActorKind,
    /// The person, where the identity proves one, in lower case; two calls by one person compare equal here.
    pub person: Option<String>,
    /// The directory that names the person. People whom two directories name differently may still be one.
    pub directory: Option<String>,
    /// The role or user that acted, without the session, as `account:role/name`; two calls by one role compare equal
    /// here, whichever API showed them.
    pub role: Option<String>,
    /// The rule that decided, in plain words.
    pub rule: &'static str,
}

/// What stands behind an identity.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person who can be named.
    Human,
    /// A pipeline, a function, a service.
    Automation,
    /// Could be either: session names are chosen by the caller.
    Unknown,
}

/// A role's session: `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
#[derive(Clone, Copy, Debug)]
struct Session<'a> {
    account: &'a str,
    role: &'a str,
    name: &'a str,
}

/// The answer of a rule.
struct Answer {
    kind: ActorKind,
    /// The person and the directory, if it proves one.
    person: Option<(String, String)>,
    /// The rule in plain words.
    rule: &'static str,
}

/// What is known of those who call: the trust policies of roles, and what other accounts recorded of the same calls.
#[derive(Debug, Default)]
pub(super) struct Who<'a> {
    /// By `account:role/name`.
    roles: BTreeMap<String, (&'a Role, Trust)>,
}

impl<'a> Who<'a> {
    /// Reads the trust policies of a snapshot.
    pub(super) fn new(facts: &'a Facts) -> Self {
        let roles = facts.roles.iter().map(|fact| &fact.data);
        Self {
            roles: roles
                .filter_map(|role| Some((role_of_arn(&role.arn)?, (role, Trust::read(&role.trust_policy)))))
                .collect(),
        }
    }

    /// Classifies the caller of an event. The record of the account that was called may hold back the name of a caller
    /// from another account; that account's own record of the call holds it.
    pub(super) fn called<'e>(&self, event: Event<'e>, events: &Events<'e>) -> Actor {
        let actor = self.identified(&event.data.identity, Some(event.data.time));
        if actor.kind != ActorKind::Unknown || event.data.identity.account.as_deref() == Some(event.account) {
            return actor;
        }
        let own = |twin: &Event<'_>| event.data.identity.account.as_deref().is_none_or(|own| own == twin.account);
        let twins = events.twins(event).filter(own);
        let mut named = twins.map(|twin| self.identified(&twin.data.identity, Some(twin.data.time)));
        named.find(|twin| twin.kind != ActorKind::Unknown).unwrap_or(actor)
    }

    /// Classifies who the SageMaker API says created or changed something.
    pub(super) fn principal(&self, principal: &Principal) -> Actor {
        let as_caller = UserIdentity {
            arn: principal.arn.clone(),
            principal_id: principal.principal_id.clone(),
            source_identity: principal.source_identity.clone(),
            ..UserIdentity::default()
        };
        let mut actor = self.identified(&as_caller, None);
        if let Some(profile) = principal.user_profile.as_deref().filter(|_| actor.kind == ActorKind::Unknown) {
            // An ARN of a profile ends in its name.
            let name = profile.rsplit('/').next().unwrap_or(profile);
            let account = principal.arn.as_deref().and_then(Arn::parse).map_or("", |arn| arn.account);
            actor.answer(human(name, studio(account), "SageMaker names the Studio user profile"));
            if principal.arn.is_none() {
                profile.clone_into(&mut actor.identity);
            }
        }
        actor
    }

    /// Classifies an identity as CloudTrail writes it.
    fn identified(&self, identity: &UserIdentity, at: Option<Timestamp>) -> Actor {
        let arn = identity.arn.as_deref().and_then(Arn::parse);
        let session = arn.and_then(|arn| Session::parse(arn.account, arn.resource));
        let account = arn.map(|arn| arn.account).or(identity.account.as_deref()).unwrap_or_default();
        let user = arn.and_then(|arn| user_of(arn.resource));
        let answer = match identity.kind.as_deref() {
            Some("AWSService") => automation("an AWS service acts by itself"),
            // It is a person, but nobody can say which: that is what an approver must not be.
            Some("Root") => unknown("the root user is shared, and names nobody"),
            Some("IAMUser") => iam_user(identity.user_name.as_deref().or(user), account),
            Some("FederatedUser") => unknown("whoever asked for the federated session chose its name"),
            Some("WebIdentityUser" | "SAMLUser") => federated(identity.federated_provider.as_deref()),
            Some("AWSAccount") => {
                unknown("the record names another account only; that account's own trail names the caller")
            }
            Some("IdentityCenterUser") => on_behalf(identity)
                .unwrap_or_else(|| unknown("a user of IAM Identity Center whom the record does not name")),
            _ => match (session, user) {
                (Some(session), _) => self.assumed(session, identity, at),
                (None, Some(user)) => iam_user(Some(user), account),
                (None, None) => unknown("the record does not say who called"),
            },
        };
        let role =
            arn.and_then(|arn| role_of(arn, session)).or_else(|| identity.role_arn.as_deref().and_then(role_of_arn));
        let written = identity.arn.as_ref().or(identity.user_name.as_ref()).or(identity.principal_id.as_ref());
        let written = written.or(identity.invoked_by.as_ref());
        let mut actor = Actor {
            identity: written.cloned().unwrap_or_else(|| "nobody named".to_owned()),
            kind: ActorKind::Unknown,
            person: None,
            directory: None,
            role,
            rule: "",
        };
        actor.answer(answer);
        actor
    }

    /// A session that a role's caller opened. What AWS vouches for comes first, then what a service says of itself.
    fn assumed(&self, session: Session<'_>, identity: &UserIdentity, at: Option<Timestamp>) -> Answer {
        let role = self.roles.get(&format!("{}:role/{}", session.account, session.role));
        // A role that was made after the call is another one of the same name.
        let role = role.filter(|(role, _)| role.created.zip(at).is_none_or(|(made, at)| made <= at));
        let trust = role.map(|(_, trust)| *trust).unwrap_or_default();
        if session.role.starts_with("AWSReservedSSO_") {
            return identity_center(session, identity.role_arn.as_deref().or(role.map(|(role, _)| role.arn.as_str())));
        }
        if let Some(person) = on_behalf(identity) {
            return person;
        }
        if session.role.starts_with("AWSServiceRoleFor") {
            return automation("a service-linked role");
        }
        if let Some(provider) = identity.federated_provider.as_deref() {
            return federated(Some(provider));
        }
        let by_service = |by: &str| by.ends_with(".amazonaws.com") || by.ends_with(".amazonaws.com.cn");
        if identity.invoked_by.as_deref().is_some_and(by_service) {
            return automation("an AWS service made the call with the role");
        }
        if trust.session {
            let rule = "the role's trust policy, as it is now, makes the session's name that of the IAM user";
            return human(session.name, iam(session.account), rule);
        }
        match identity.source_identity.as_deref() {
            Some(person) if trust.source_identity => {
                let rule = "the role's trust policy, as it is now, makes the source identity that of the IAM user";
                return human(person, iam(session.account), rule);
            }
            Some(person) if trust.sagemaker_only && session.name == "SageMaker" => {
                let rule = "only SageMaker may assume the role, and the Studio domain hands on the user profile";
                return human(person, studio(session.account), rule);
            }
            _ => {}
        }
        if let Some(rule) = service_session(session) {
            return automation(rule);
        }
        match identity.source_identity.as_deref() {
            Some(_) if role.is_none() => {
                unknown("a source identity is set, but the role's trust policy was not read: its caller may choose it")
            }
            Some(_) => unknown("a source identity is set, and the role's trust policy lets its caller choose it"),
            None if session.name == "SageMaker" => {
                unknown("a shared execution role of Studio, whose domain hands on no user profile")
            }
            None if session.role.starts_with("datazone_usr_role_") => {
                unknown("a project role of Unified Studio, shared by its members")
            }
            None => unknown("the caller of an ordinary role chooses the session's name"),
        }
    }
}

impl Actor {
    /// Classifies the caller of a record that stands alone: of roles and their trust policies nothing is known.
    pub(crate) fn of_event(identity: &UserIdentity) -> Self {
        Who::default().identified(identity, None)
    }

    fn answer(&mut self, answer: Answer) {
        let (person, directory) = answer.person.unzip();
        (self.kind, self.person, self.directory, self.rule) = (answer.kind, person, directory, answer.rule);
    }
}

impl<'a> Session<'a> {
    fn parse(account: &'a str, resource: &'a str) -> Option<Self> {
        let (role, name) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
        (!role.is_empty() && !name.is_empty()).then_some(Self { account, role, name })
    }
}

fn human(name: &str, directory: String, rule: &'static str) -> Answer {
    Answer { kind: ActorKind::Human, person: Some((name.to_lowercase(), directory)), rule }
}

fn automation(rule: &'static str) -> Answer {
    Answer { kind: ActorKind::Automation, person: None, rule }
}

fn unknown(rule: &'static str) -> Answer {
    Answer { kind: ActorKind::Unknown, person: None, rule }
}

fn iam(account: &str) -> String {
    format!("IAM in account {account}")
}

fn studio(account: &str) -> String {
    format!("Studio in account {account}")
}

fn iam_user(name: Option<&str>, account: &str) -> Answer {
    name.map_or_else(
        || unknown("an IAM user without a name"),
        |name| human(name, iam(account), "an IAM user of their own"),
    )
}

/// A session that carries the identity of a person who signed in with IAM Identity Center; AWS sets it.
fn on_behalf(identity: &UserIdentity) -> Option<Answer> {
    let (store, user) = identity.on_behalf_of.as_deref()?.rsplit_once('/')?;
    Some(human(user, store.to_owned(), "the call was made on behalf of this user of IAM Identity Center"))
}

/// Only Identity Center can make roles below its path; a role elsewhere that borrows the prefix proves nothing.
fn identity_center(session: Session<'_>, role_arn: Option<&str>) -> Answer {
    match role_arn.and_then(Arn::parse).map(|arn| arn.resource) {
        Some(path) if !path.starts_with("role/aws-reserved/") => {
            unknown("the role is named like one of IAM Identity Center, but lies outside its path")
        }
        _ => human(session.name, "IAM Identity Center".to_owned(), "IAM Identity Center signed the person in"),
    }
}

/// Pipelines sign in with a token of their own; people do so through the consumer providers.
fn federated(provider: Option<&str>) -> Answer {
    const CONSUMER: [&str; 5] = [
        "cognito-identity.amazonaws.com",
        "accounts.google.com",
        "graph.facebook.com",
        "www.amazon.com",
        "appleid.apple.com",
    ];
    match provider {
        Some(provider) if provider.contains(":saml-provider/") => {
            unknown("signed in through SAML, whose session names AWS does not vouch for")
        }
        Some(provider) if CONSUMER.iter().any(|known| provider.contains(known)) => {
            unknown("signed in through a provider for people and devices alike")
        }
        Some(_) => automation("signed in with a workload's OIDC token"),
        None => unknown("signed in through a provider that the record does not name"),
    }
}

/// Names that services give to their sessions and roles, and people to the roles of services.
fn service_session(session: Session<'_>) -> Option<&'static str> {
    const SERVICES: [(&str, &str); 4] = [
        ("codebuild", "a role of CodeBuild"),
        ("codepipeline", "a role of CodePipeline"),
        ("lambda", "a role of Lambda"),
        ("stepfunctions", "a role of Step Functions"),
    ];
    let role = session.role.to_lowercase();
    if session.name.starts_with("AWSCodeBuild-") {
        return Some("a session that CodeBuild opened");
    }
    if role.strip_prefix(&session.name.to_lowercase()).is_some_and(|rest| rest.starts_with("-role")) {
        return Some("a session that Lambda opened: it is named like the function, and the role after it");
    }
    if let Some((_, rule)) = SERVICES.iter().find(|(service, _)| role.contains(service)) {
        return Some(rule);
    }
    let mut words = role.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| word == "pipeline" || word == "pipelines").then_some("a role of a pipeline")
}

fn user_of(resource: &str) -> Option<&str> {
    resource.strip_prefix("user/")?.rsplit('/').next()
}

/// `account:role/name`, `account:user/name` or `account:root`, without paths: the session's ARN does not show them.
fn role_of(arn: Arn<'_>, session: Option<Session<'_>>) -> Option<String> {
    let account = arn.account;
    match (session, arn.resource.split_once('/')) {
        (Some(session), _) => Some(format!("{account}:role/{}", session.role)),
        (None, Some((kind, path))) if arn.service == "iam" => {
            Some(format!("{account}:{kind}/{}", path.rsplit('/').next()?))
        }
        (None, None) if arn.service == "iam" => Some(format!("{account}:{}", arn.resource)),
        _ => None,
    }
}

fn role_of_arn(arn: &str) -> Option<String> {
    role_of(Arn::parse(arn)?, None)
}

//! Who made a call: a person, automation, or nobody can tell.
//!
//! The name of a session is chosen by whoever assumes the role, so it proves a person only where AWS itself sets it: in
//! the roles of IAM Identity Center, and in SageMaker Studio where the domain hands on the user profile. A name that
//! stands for a *service* is believed wherever it appears, since it never helps whoever forged it: automation proves
//! no person.
//!
//! Source: <https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html>

use super::arn::Arn;
use crate::evidence::{Principal, UserIdentity};

/// The identity behind a call, classified.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    /// The identity as AWS wrote it: an ARN, a user name.
    pub identity: String,
    /// What it is.
    pub kind: ActorKind,
    /// The person, where the identity proves one, in lower case; two calls by one person compare equal here.
    pub person: Option<String>,
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
    role: &'a str,
    name: &'a str,
}

/// The answer of a rule: what it is, the person if it proves one, and the rule in plain words.
type Answer = (ActorKind, Option<String>, &'static str);

impl Actor {
    /// Classifies the caller of a CloudTrail event.
    pub fn of_event(identity: &UserIdentity) -> Self {
        let arn = identity.arn.as_deref().and_then(Arn::parse);
        let session = arn.and_then(|arn| Session::parse(arn.resource));
        let (kind, person, rule) = match identity.kind.as_deref() {
            Some("AWSService") => automation("an AWS service acts by itself"),
            // It is a person, but nobody can say which: that is what an approver must not be.
            Some("Root") => unknown("the root user is shared, and names nobody"),
            Some("IAMUser") => iam_user(identity.user_name.as_deref().or(arn.and_then(|arn| user_of(arn.resource)))),
            Some("FederatedUser") => unknown("whoever asked for the federated session chose its name"),
            Some("WebIdentityUser" | "SAMLUser") => federated(identity.federated_provider.as_deref()),
            Some("AWSAccount") => {
                unknown("the record names another account only; that account's own trail names the caller")
            }
            _ => match session {
                Some(session) => assumed(session, identity),
                None => match arn.and_then(|arn| user_of(arn.resource)) {
                    Some(user) => iam_user(Some(user)),
                    None => unknown("the record does not say who called"),
                },
            },
        };
        let role =
            arn.and_then(|arn| role_of(arn, session)).or_else(|| identity.role_arn.as_deref().and_then(role_of_arn));
        let written = identity.arn.as_ref().or(identity.user_name.as_ref()).or(identity.principal_id.as_ref());
        let written = written.or(identity.invoked_by.as_ref());
        Self { identity: written.cloned().unwrap_or_else(|| "nobody named".to_owned()), kind, person, role, rule }
    }

    /// Classifies who the SageMaker API says created or changed something.
    pub fn of_principal(principal: &Principal) -> Self {
        let as_caller = UserIdentity {
            arn: principal.arn.clone(),
            principal_id: principal.principal_id.clone(),
            source_identity: principal.source_identity.clone(),
            ..UserIdentity::default()
        };
        let mut actor = Self::of_event(&as_caller);
        if let Some(profile) = principal.user_profile.as_deref().filter(|_| actor.kind == ActorKind::Unknown) {
            // An ARN of a profile ends in its name.
            let name = profile.rsplit('/').next().unwrap_or(profile);
            (actor.kind, actor.person, actor.rule) = human(name, "SageMaker names the Studio user profile");
            if principal.arn.is_none() {
                profile.clone_into(&mut actor.identity);
            }
        }
        actor
    }
}

impl<'a> Session<'a> {
    fn parse(resource: &'a str) -> Option<Self> {
        let (role, name) = resource.strip_prefix("assumed-role/")?.split_once('/')?;
        (!role.is_empty() && !name.is_empty()).then_some(Self { role, name })
    }
}

fn human(name: &str, rule: &'static str) -> Answer {
    (ActorKind::Human, Some(name.to_lowercase()), rule)
}

fn automation(rule: &'static str) -> Answer {
    (ActorKind::Automation, None, rule)
}

fn unknown(rule: &'static str) -> Answer {
    (ActorKind::Unknown, None, rule)
}

fn iam_user(name: Option<&str>) -> Answer {
    name.map_or_else(|| unknown("an IAM user without a name"), |name| human(name, "an IAM user of their own"))
}

/// A session that a role's caller opened. What AWS vouches for comes first, then what a service says of itself.
fn assumed(session: Session<'_>, identity: &UserIdentity) -> Answer {
    if session.role.starts_with("AWSReservedSSO_") {
        return identity_center(session, identity);
    }
    if session.role.starts_with("AWSServiceRoleFor") {
        return automation("a service-linked role");
    }
    if let Some(provider) = identity.federated_provider.as_deref() {
        return federated(Some(provider));
    }
    if identity
        .invoked_by
        .as_deref()
        .is_some_and(|by| by.ends_with(".amazonaws.com") || by.ends_with(".amazonaws.com.cn"))
    {
        return automation("an AWS service made the call with the role");
    }
    if let Some(rule) = service_session(session) {
        return automation(rule);
    }
    match identity.source_identity.as_deref() {
        Some(person) if session.name == "SageMaker" => human(person, "the Studio domain hands on the user profile"),
        Some(_) => unknown("a source identity is set, but whether the role's trust policy demands it is not known"),
        None if session.name == "SageMaker" => {
            unknown("a shared execution role of Studio, whose domain hands on no user profile")
        }
        None if session.role.starts_with("datazone_usr_role_") => {
            unknown("a project role of Unified Studio, shared by its members")
        }
        None => unknown("the caller of an ordinary role chooses the session's name"),
    }
}

/// Only Identity Center can make roles below its path; a role elsewhere that borrows the prefix proves nothing.
fn identity_center(session: Session<'_>, identity: &UserIdentity) -> Answer {
    let path = identity.role_arn.as_deref().and_then(Arn::parse).map(|arn| arn.resource);
    match path {
        Some(path) if !path.starts_with("role/aws-reserved/") => {
            unknown("the role is named like one of IAM Identity Center, but lies outside its path")
        }
        _ => human(session.name, "IAM Identity Center signed the person in"),
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

#[cfg(test)]
mod tests {
    use super::super::fixture::{ACCOUNT, iam_user, pipeline, session, sso};
    use super::*;
    use ActorKind::{Automation, Human, Unknown};

    fn with(mut identity: UserIdentity, change: impl FnOnce(&mut UserIdentity)) -> UserIdentity {
        change(&mut identity);
        identity
    }

    fn oidc(provider: &str) -> UserIdentity {
        with(session("deploy", "run-81"), |it| it.federated_provider = Some(provider.to_owned()))
    }

    #[test]
    fn each_shape_of_identity_is_known_for_what_it_is() {
        let studio = || session("AmazonSageMaker-ExecutionRole-20240101T000000", "SageMaker");
        let named = |name: &str| Some(name.to_owned());
        let cases: Vec<(&str, UserIdentity, ActorKind, Option<&str>)> = vec![
            ("Identity Center", sso("anna@bank.example"), Human, Some("anna@bank.example")),
            ("Identity Center, in capitals", sso("Anna@Bank.example"), Human, Some("anna@bank.example")),
            (
                "Identity Center through CloudFormation",
                with(sso("anna"), |it| it.invoked_by = named("cloudformation.amazonaws.com")),
                Human,
                Some("anna"),
            ),
            ("Identity Center without the issuer", with(sso("anna"), |it| it.role_arn = None), Human, Some("anna")),
            (
                "a role that borrows Identity Center's prefix",
                with(sso("anna"), |it| {
                    it.role_arn = named("arn:aws:iam::111122223333:role/AWSReservedSSO_ModelApprover_0a1b2c3d4e5f6071")
                }),
                Unknown,
                None,
            ),
            (
                "a forged session name on an ordinary role",
                session("data-scientist", "anna@bank.example"),
                Unknown,
                None,
            ),
            ("an SDK's default session name", session("approver", "aws-go-sdk-1722375070115152000"), Unknown, None),
            ("an instance's role", session("notebook", "i-0dbc91f429e48eeed"), Unknown, None),
            ("IAM user", iam_user("Anna"), Human, Some("anna")),
            (
                "IAM user in the console",
                with(iam_user("anna"), |it| it.invoked_by = named("AWS Internal")),
                Human,
                Some("anna"),
            ),
            ("IAM user, name only in the ARN", with(iam_user("anna"), |it| it.user_name = None), Human, Some("anna")),
            (
                "root",
                UserIdentity {
                    kind: named("Root"),
                    arn: named("arn:aws:iam::111122223333:root"),
                    ..UserIdentity::default()
                },
                Unknown,
                None,
            ),
            ("Studio, shared role", studio(), Unknown, None),
            (
                "Studio that hands on the profile",
                with(studio(), |it| it.source_identity = named("anna")),
                Human,
                Some("anna"),
            ),
            (
                "a source identity on an ordinary role",
                with(session("approver", "x"), |it| it.source_identity = named("anna")),
                Unknown,
                None,
            ),
            ("Unified Studio", session("datazone_usr_role_abc_def", "user-1"), Unknown, None),
            ("SageMaker Pipelines", pipeline("train"), Automation, None),
            (
                "Step Functions",
                with(session("release", "abc"), |it| it.invoked_by = named("states.amazonaws.com")),
                Automation,
                None,
            ),
            ("CodeBuild", session("release", "AWSCodeBuild-7d0e"), Automation, None),
            ("CodePipeline", session("AWSCodePipelineServiceRole-eu-central-1-ml", "1571237842"), Automation, None),
            ("Lambda, generated role", session("approve-model-role-x1y2z3", "approve-model"), Automation, None),
            ("Lambda, by the role's name", session("model-approval-lambda", "approve"), Automation, None),
            (
                "Service Catalog's Lambda",
                session("AmazonSageMakerServiceCatalogProductsLambdaRole", "approve"),
                Automation,
                None,
            ),
            (
                "GitHub Actions",
                oidc("arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"),
                Automation,
                None,
            ),
            ("Cognito", oidc("cognito-identity.amazonaws.com"), Unknown, None),
            ("a service-linked role", session("AWSServiceRoleForRDS", "SLRManagement"), Automation, None),
            (
                "a service",
                UserIdentity {
                    kind: named("AWSService"),
                    invoked_by: named("sagemaker.amazonaws.com"),
                    ..UserIdentity::default()
                },
                Automation,
                None,
            ),
            (
                "another account",
                UserIdentity { kind: named("AWSAccount"), account: named("999988887777"), ..UserIdentity::default() },
                Unknown,
                None,
            ),
            (
                "a federated user",
                UserIdentity {
                    kind: named("FederatedUser"),
                    arn: named("arn:aws:sts::111122223333:federated-user/anna"),
                    ..UserIdentity::default()
                },
                Unknown,
                None,
            ),
            ("nothing at all", UserIdentity::default(), Unknown, None),
        ];
        for (shape, identity, kind, person) in cases {
            let actor = Actor::of_event(&identity);
            assert_eq!((actor.kind, actor.person.as_deref()), (kind, person), "{shape}: {}", actor.rule);
        }
    }

    #[test]
    fn a_role_compares_equal_whatever_its_session_and_wherever_it_was_seen() {
        let seen = Principal { arn: session("train", "SageMaker").arn, ..Principal::default() };
        let role = Actor::of_principal(&seen).role;
        assert_eq!(role.as_deref(), Some("111122223333:role/train"));
        assert_eq!(role, Actor::of_event(&session("train", "other")).role);
        let issuer_only = UserIdentity { arn: None, ..session("train", "x") };
        assert_eq!(role, Actor::of_event(&issuer_only).role);
        assert_eq!(Actor::of_event(&iam_user("anna")).role, Some(format!("{ACCOUNT}:user/anna")));
    }

    #[test]
    fn sagemaker_may_name_the_studio_profile_where_the_role_does_not() {
        let principal = Principal {
            arn: session("AmazonSageMaker-ExecutionRole-1", "SageMaker").arn,
            user_profile: Some("Anna".to_owned()),
            domain_id: Some("d-1".to_owned()),
            ..Principal::default()
        };
        let actor = Actor::of_principal(&principal);
        assert_eq!((actor.kind, actor.person.as_deref()), (Human, Some("anna")));
        assert_eq!(Actor::of_principal(&Principal::default()).kind, Unknown);
    }
}

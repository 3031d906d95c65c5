//! Every shape that an identity has, and what it proves.

use super::super::fixture::{self, *};
use super::*;
use ActorKind::{Automation, Human, Unknown};

const STORE_USER: &str = "arn:aws:identitystore::111122223333:identitystore/d-1/u-1";

fn with(mut identity: UserIdentity, change: impl FnOnce(&mut UserIdentity)) -> UserIdentity {
    change(&mut identity);
    identity
}

fn of_event(identity: &UserIdentity) -> Actor {
    Who::default().identified(identity, None)
}

fn of_principal(principal: &Principal) -> Actor {
    Who::default().principal(principal)
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
        ("a forged session name on an ordinary role", session("data-scientist", "anna@bank.example"), Unknown, None),
        ("an SDK's default session name", session("approver", "aws-go-sdk-1722375070115152000"), Unknown, None),
        ("an instance's role", session("notebook", "i-0dbc91f429e48eeed"), Unknown, None),
        ("IAM user", fixture::iam_user("Anna"), Human, Some("anna")),
        (
            "IAM user in the console",
            with(fixture::iam_user("anna"), |it| it.invoked_by = named("AWS Internal")),
            Human,
            Some("anna"),
        ),
        (
            "IAM user, name only in the ARN",
            with(fixture::iam_user("anna"), |it| it.user_name = None),
            Human,
            Some("anna"),
        ),
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
            "Studio that may hand on the profile, from a role whose trust was not read",
            with(studio(), |it| it.source_identity = named("anna")),
            Unknown,
            None,
        ),
        (
            "Unified Studio on behalf of a person",
            with(session("datazone_usr_role_abc_def", "user-1"), |it| it.on_behalf_of = named(STORE_USER)),
            Human,
            Some("u-1"),
        ),
        (
            "SageMaker on behalf of a person",
            with(pipeline("studio"), |it| it.on_behalf_of = named(STORE_USER)),
            Human,
            Some("u-1"),
        ),
        (
            "a user of Identity Center",
            UserIdentity {
                kind: named("IdentityCenterUser"),
                on_behalf_of: named(STORE_USER),
                ..UserIdentity::default()
            },
            Human,
            Some("u-1"),
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
        let actor = of_event(&identity);
        assert_eq!((actor.kind, actor.person.as_deref()), (kind, person), "{shape}: {}", actor.rule);
    }
}

#[test]
fn a_role_compares_equal_whatever_its_session_and_wherever_it_was_seen() {
    let seen = Principal { arn: session("train", "SageMaker").arn, ..Principal::default() };
    let role = of_principal(&seen).role;
    assert_eq!(role.as_deref(), Some("111122223333:role/train"));
    assert_eq!(role, of_event(&session("train", "other")).role);
    let issuer_only = UserIdentity { arn: None, ..session("train", "x") };
    assert_eq!(role, of_event(&issuer_only).role);
    assert_eq!(of_event(&fixture::iam_user("anna")).role, Some(format!("{ACCOUNT}:user/anna")));
}

#[test]
fn sagemaker_may_name_the_studio_profile_where_the_role_does_not() {
    let principal = Principal {
        arn: session("AmazonSageMaker-ExecutionRole-1", "SageMaker").arn,
        user_profile: Some("Anna".to_owned()),
        domain_id: Some("d-1".to_owned()),
        ..Principal::default()
    };
    let actor = of_principal(&principal);
    assert_eq!((actor.kind, actor.person.as_deref()), (Human, Some("anna")));
    assert_eq!(of_principal(&Principal::default()).kind, Unknown);
}

/// The caller of the approval, in a snapshot with these roles.
fn approver(fixture: &Fixture) -> Actor {
    let events = Events::new(&fixture.snapshot);
    let who = Who::new(&fixture.snapshot.facts);
    who.called(*events.of_package(PACKAGE).first().expect("one event"), &events)
}

fn approved_by(identity: UserIdentity) -> Fixture {
    Fixture::empty().with(approval(PACKAGE, APPROVED, "Approved", identity))
}

#[test]
fn a_session_name_that_the_trust_policy_pins_proves_the_person() {
    let by = || approved_by(session("approver", "anna"));
    let pinned = role("approver", &trusts_own_name("sts:RoleSessionName"));
    let actor = approver(&by().with(pinned.clone()));
    assert_eq!((actor.kind, actor.person.as_deref()), (Human, Some("anna")), "{}", actor.rule);
    assert_eq!(actor.directory.as_deref(), Some("IAM in account 111122223333"));

    let open = role("approver", &trusts(&serde_json::json!({ "AWS": "arn:aws:iam::111122223333:root" })));
    assert_eq!(approver(&by().with(open)).kind, Unknown, "anybody of the account may call the session `anna`");
    assert_eq!(approver(&by()).kind, Unknown, "the trust policy was not read");
    let newer = Role { created: Some(at(AS_OF)), ..pinned.clone() };
    assert_eq!(approver(&by().with(newer)).kind, Unknown, "another role of the same name");
    let elsewhere = Role { arn: pinned.arn.replace(ACCOUNT, "999988887777"), ..pinned };
    assert_eq!(approver(&by().with(elsewhere)).kind, Unknown, "a role of another account");
}

#[test]
fn a_source_identity_proves_the_person_only_where_its_caller_could_not_choose_it() {
    let chained = |role: &str, name: &str| {
        approved_by(with(session(role, name), |it| it.source_identity = Some("anna".to_owned())))
    };
    let pinned = role("approver", &trusts_own_name("sts:SourceIdentity"));
    assert_eq!(approver(&chained("approver", "any").with(pinned)).person.as_deref(), Some("anna"));
    let open = || role("approver", &trusts(&serde_json::json!({ "AWS": "*" })));
    let actor = approver(&chained("approver", "any").with(open()));
    assert_eq!(actor.kind, Unknown);
    assert!(actor.rule.contains("lets its caller choose"), "{}", actor.rule);

    let studio = role("approver", &trusts(&serde_json::json!({ "Service": "sagemaker.amazonaws.com" })));
    let actor = approver(&chained("approver", "SageMaker").with(studio));
    assert_eq!(
        (actor.person.as_deref(), actor.directory.as_deref()),
        (Some("anna"), Some("Studio in account 111122223333"))
    );
    let forged = approver(&chained("approver", "SageMaker").with(open()));
    assert_eq!(forged.kind, Unknown, "a session that somebody called `SageMaker`");
}

#[test]
fn a_role_outside_the_path_of_identity_center_proves_nothing_even_where_the_record_names_no_issuer() {
    let by = || approved_by(with(sso("anna"), |it| it.role_arn = None));
    assert_eq!(approver(&by()).kind, Human);
    let forged = role("AWSReservedSSO_ModelApprover_0a1b2c3d4e5f6071", "{}");
    assert_eq!(approver(&by().with(forged)).kind, Unknown);
}

#[test]
fn the_account_of_a_foreign_caller_holds_the_name() {
    const ELSEWHERE: &str = "999988887777";
    let foreign = || {
        let caller = UserIdentity {
            kind: Some("AWSAccount".to_owned()),
            account: Some(ELSEWHERE.to_owned()),
            ..UserIdentity::default()
        };
        let mut event = approval(PACKAGE, APPROVED, "Approved", caller);
        event.shared_id = Some("shared".to_owned());
        Fixture::empty().with(event)
    };
    assert_eq!(approver(&foreign()).kind, Unknown);
    let twin = |shared: &str, by: UserIdentity| {
        let mut event = approval(PACKAGE, APPROVED, "Approved", by);
        event.id = "twin".to_owned();
        event.shared_id = Some(shared.to_owned());
        event
    };
    let named = foreign().with_in(ELSEWHERE, REGION, twin("shared", sso("anna")));
    assert_eq!(approver(&named).person.as_deref(), Some("anna"));
    let other = foreign().with_in(ELSEWHERE, REGION, twin("another", sso("anna")));
    assert_eq!(approver(&other).kind, Unknown);
    let third = foreign().with_in("123412341234", REGION, twin("shared", sso("anna")));
    assert_eq!(approver(&third).kind, Unknown, "only the caller's own account can name it");
}

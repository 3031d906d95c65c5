//! Who may act as the roles that matter: those that live models and rollback candidates run as, and those under which
//! somebody registered, approved or deployed.
//!
//! Whoever may assume a role chooses the name of the session, so the name tells of a person only where the role's trust
//! policy pins it. Roles that Identity Center manages do so by themselves and are not asked for; a role of another account
//! cannot be.
//!
//! IAM is global. A role is read for each region that has to do with it, so that fact and gap stand where the live
//! versions are that hang on it.
//!
//! Source: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRole.html>

use std::collections::BTreeMap;

use aws_sdk_iam::types::Role as IamRole;

use super::engine::{Answer, Reader};
use super::in_use::InUse;
use super::text::{instant, percent_decoded, required};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{FactKind, Facts, Hidden, ResourceKey, Role, TrailEvent};

const GET: ApiCall = ApiCall {
    service: "iam",
    operation: "GetRole",
    action: "iam:GetRole",
    purpose: "whether a role's session names are pinned to persons, and whether a rollback would find its role",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "roles",
    summary: "reads who may assume the roles that run models and that registered, approved or deployed them",
    yields: &[FactKind::Roles],
    calls: &[GET],
};

/// Calls whose caller has to be known: they register, approve or expose a model.
const ACTS: [&str; 7] = [
    "UpdateModelPackage",
    "CreateModelPackage",
    "CreateEndpoint",
    "UpdateEndpoint",
    "UpdateEndpointWeightsAndCapacities",
    "CreateInferenceComponent",
    "UpdateInferenceComponent",
];

/// Below this path lie the roles of Identity Center, which nobody else can assume or change.
/// Source: <https://docs.aws.amazon.com/singlesignon/latest/userguide/using-service-linked-roles.html>
const IDENTITY_CENTER: &str = ":role/aws-reserved/sso.amazonaws.com/";

/// Reads each role once.
pub(crate) async fn collect(reader: &Reader<'_>) {
    let wanted = reader.facts(|facts| wanted(facts, reader.account(), reader.region()));
    reader.each(wanted, async |(arn, name)| read(reader, &arn, &name).await).await;
}

/// ARNs and names of the roles of this account that matter in the region.
fn wanted(facts: &Facts, account: &str, region: &str) -> BTreeMap<String, String> {
    let in_use = InUse::of(facts, account, region);
    let runs = in_use.models.iter().chain(&in_use.fallbacks).filter_map(|model| model.role_arn.as_deref());
    let events = facts.trail_events.iter().filter(|fact| fact.account == account && fact.region == region);
    let acts = events.filter(|fact| is_act(&fact.data)).filter_map(|fact| fact.data.identity.role_arn.as_deref());
    let acts = acts.filter(|arn| !arn.contains(IDENTITY_CENTER));
    runs.chain(acts).filter_map(|arn| Some((arn.to_owned(), name_of(arn, account)?.to_owned()))).collect()
}

fn is_act(event: &TrailEvent) -> bool {
    event.source == "sagemaker.amazonaws.com" && ACTS.contains(&event.name.as_str()) && event.error_code.is_none()
}

/// The name of a role of this account: what follows the last slash of its ARN, behind the path.
fn name_of<'a>(arn: &'a str, account: &str) -> Option<&'a str> {
    let mut parts = arn.splitn(6, ':');
    let of_account = parts.nth(2)? == "iam" && parts.nth(1)? == account;
    let (_, name) = parts.next()?.strip_prefix("role/").map(|path| path.rsplit_once('/').unwrap_or(("", path)))?;
    (of_account && !name.is_empty()).then_some(name)
}

async fn read(reader: &Reader<'_>, arn: &str, name: &str) {
    let key = ResourceKey::new(FactKind::Roles, arn);
    match reader.ask(&GET, arn, reader.clients().iam.get_role().role_name(name).send()).await {
        Ok(Answer { output, call }) => match normalise(arn, output.role()) {
            Ok(role) => reader.record(role, &[call]),
            Err(malformed) => reader.malformed(&GET, call, &malformed, &[Hidden::One(key)]),
        },
        Err(failure) if failure.not_found => reader.absent(failure, key),
        Err(failure) => reader.gap(failure, &[Hidden::One(key)]),
    }
}

/// The role that was asked for.
///
/// # Errors
/// If it has no trust policy, which every role has, or the name belongs to a role of another path by now.
fn normalise(arn: &str, role: Option<&IamRole>) -> Result<Role, Malformed> {
    let malformed = |reason: String| Malformed { item: arn.to_owned(), reason };
    let role = role.ok_or_else(|| malformed("`Role` is missing".to_owned()))?;
    if role.arn() != arn {
        return Err(malformed(format!("the role of this name is `{}`", role.arn())));
    }
    let document = required(arn, "AssumeRolePolicyDocument", role.assume_role_policy_document())?;
    let trust_policy = percent_decoded(&document).filter(|text| is_object(text));
    Ok(Role {
        arn: arn.to_owned(),
        created: instant(Some(role.create_date())),
        trust_policy: trust_policy.ok_or_else(|| malformed("its trust policy is no JSON object".to_owned()))?,
    })
}

fn is_object(text: &str) -> bool {
    serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::DateTime;

    use super::*;
    use crate::collect::aws::in_use::samples::{ACCOUNT, REGION, fact, package, serving};
    use crate::evidence::{ApprovalStatus, Container, Model};

    fn arn(name: &str) -> String {
        format!("arn:aws:iam::{ACCOUNT}:role/{name}")
    }

    fn event(name: &str, role: &str) -> TrailEvent {
        let record = serde_json::json!({
            "eventID": name, "eventName": name, "eventSource": "sagemaker.amazonaws.com", "eventTime": "2026-05-04T09:30:00Z",
            "userIdentity": {"sessionContext": {"sessionIssuer": {"arn": role}}},
        });
        crate::trail::record::normalise(&record).unwrap().unwrap()
    }

    #[test]
    fn roles_that_run_models_and_roles_that_acted_are_wanted() {
        let live = Container { package: Some("churn/4".to_owned()), ..Container::default() };
        let mut facts = serving("m", live);
        facts.models[0].data.role_arn = Some(arn("serving/churn"));
        let made_from = |version: i32| {
            let container = Container { package: Some(format!("churn/{version}")), ..Container::default() };
            let name = format!("churn-{version}");
            fact(Model {
                name: name.clone(),
                containers: vec![container],
                role_arn: Some(arn(&name)),
                ..facts.models[0].data.clone()
            })
        };
        let (previous, never) = (made_from(3), made_from(9));
        facts.models.extend([previous, never]);
        facts.packages = (3..=4).map(|version| fact(package(version, ApprovalStatus::Approved))).collect();
        let failed =
            TrailEvent { error_code: Some("AccessDenied".to_owned()), ..event("CreateEndpoint", &arn("denied")) };
        facts.trail_events = [
            event("UpdateModelPackage", &arn("approver")),
            event(
                "UpdateModelPackage",
                &arn("aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Approver_0a1b"),
            ),
            event("CreateEndpoint", "arn:aws:iam::444455556666:role/elsewhere"),
            event("CreateEndpointConfig", &arn("exposes-nothing")),
            failed,
        ]
        .map(fact)
        .into();
        let wanted: Vec<(String, String)> = wanted(&facts, ACCOUNT, REGION).into_iter().collect();
        let names = [("approver", "approver"), ("churn-3", "churn-3"), ("serving/churn", "churn")];
        assert_eq!(wanted, names.map(|(path, name)| (arn(path), name.to_owned())));
    }

    #[test]
    fn a_name_is_read_from_the_arn_of_a_role_of_this_account() {
        assert_eq!(name_of(&arn("a/b/c"), ACCOUNT), Some("c"));
        for other in ["", "role/a", "arn:aws:iam::444455556666:role/a", "arn:aws:sts::111122223333:assumed-role/a/b"] {
            assert_eq!(name_of(other, ACCOUNT), None, "{other}");
        }
        assert_eq!(name_of(&arn(""), ACCOUNT), None);
    }

    #[test]
    fn a_trust_policy_is_decoded_and_nothing_else_passes_for_one() {
        let role = |arn: &str, document: Option<&str>| {
            IamRole::builder()
                .path("/")
                .role_name("r")
                .role_id("AROA")
                .arn(arn)
                .create_date(DateTime::from_secs(1))
                .set_assume_role_policy_document(document.map(str::to_owned))
                .build()
                .unwrap()
        };
        let asked = arn("r");
        let read = |document| normalise(&asked, Some(&role(&asked, document)));
        let read_whole = read(Some("%7B%22Statement%22%3A%5B%22a+b%22%5D%7D")).unwrap();
        assert_eq!(read_whole.trust_policy, r#"{"Statement":["a+b"]}"#, "a plus is a plus");
        for document in [None, Some(""), Some("%5B%5D"), Some("%7B"), Some("%FF")] {
            read(document).unwrap_err();
        }
        let moved = normalise(&asked, Some(&role(&arn("path/r"), Some("{}")))).unwrap_err();
        assert!(moved.reason.contains("role/path/r"), "{moved}");
        normalise(&asked, None).unwrap_err();
    }
}

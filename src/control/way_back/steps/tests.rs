//! The way back of each serving path, and names that would be commands.

use proptest::prelude::*;

use super::*;
use crate::control::View;
use crate::control::way_back::{Outlook, WayBack};
use crate::estate::fixture::*;
use crate::evidence::{ApprovalStatus, Endpoint, EndpointConfig, InstancePool, Model, Package};

/// What a step says, and its command.
type Told = (String, Option<String>);

/// The version that the first live version goes back to, with the steps.
fn way(fixture: &Fixture) -> Option<(String, Vec<Told>)> {
    let estate = fixture.estate();
    let view = View::new(&estate);
    let context = Context { estate: &estate, policy: &fixture.policy, view: &view };
    let live = &estate.live[0];
    let back = WayBack::of(live, context);
    let best = back.earlier.best().filter(|best| matches!(best.outlook(), Outlook::Deployable { .. }))?;
    let steps = Steps::to(best, live, context).steps.into_iter().map(|step| (step.what, step.command)).collect();
    Some((best.package.data.arn.clone(), steps))
}

fn commands(fixture: &Fixture) -> Vec<String> {
    way(fixture).expect("a way back").1.into_iter().filter_map(|(_, command)| command).collect()
}

/// The endpoint was on a config of the earlier version's model before.
fn was_on(variants: &serde_json::Value) -> Fixture {
    was_on_with(variants, &[])
}

/// The same, made with further parameters.
fn was_on_with(variants: &serde_json::Value, more: &[(&str, serde_json::Value)]) -> Fixture {
    let made = [("endpointconfigname", "fraud-6".into()), ("productionvariants", variants.clone())];
    let made = [&made[..], more].concat();
    let used = [("endpointname", ENDPOINT.into()), ("endpointconfigname", "fraud-6".into())];
    Fixture::sound()
        .with(model("fraud-6", from_package(PREVIOUS)))
        .with(event("CreateEndpointConfig", "2026-03-14T09:00:00Z", pipeline("deploy"), &made))
        .with(event("CreateEndpoint", "2026-03-14T09:01:00Z", pipeline("deploy"), &used))
}

#[test]
fn a_config_of_old_is_put_in_force_again_if_nothing_else_changes_with_it() {
    let own = serde_json::json!([{ "variantName": VARIANT, "modelName": "fraud-6", "instanceType": "ml.m5.xlarge" }]);
    let same = was_on(&own);
    assert_eq!(
        commands(&same),
        [
            format!("aws sagemaker describe-endpoint-config --endpoint-config-name fraud-6 --region {REGION}"),
            format!(
                "aws sagemaker update-endpoint --endpoint-name {ENDPOINT} --endpoint-config-name fraud-6 \
                 --retain-all-variant-properties --region {REGION}"
            ),
        ]
    );
    let on = "ml.m5.xlarge";
    let other = [
        serde_json::json!([{ "variantName": "Other", "modelName": "fraud-6", "instanceType": on }]),
        serde_json::json!([{ "variantName": VARIANT, "modelName": "fraud-5", "instanceType": on }]),
        serde_json::json!([
            { "variantName": VARIANT, "modelName": "fraud-6", "instanceType": on },
            { "variantName": "B", "modelName": "b", "instanceType": on }
        ]),
        serde_json::json!([{ "variantName": VARIANT, "modelName": "fraud-6", "instanceType": "ml.t2.medium" }]),
        serde_json::json!([{ "variantName": VARIANT, "modelName": "fraud-6" }]),
    ];
    let mut others: Vec<Fixture> = other.iter().map(was_on).collect();
    for given in ["datacaptureconfig", "kmskeyid"] {
        others.push(was_on_with(&own, &[(given, serde_json::json!({ "masked": true }))]));
    }
    others.push(was_on(&own).edit(|config: &mut EndpointConfig| config.kms_key = Some("alias/endpoints".to_owned())));
    others.push(was_on(&own).edit(|config: &mut EndpointConfig| {
        for settings in &mut config.variants {
            settings.pools = vec![InstancePool { instance_type: on.to_owned(), model_override: None, priority: None }];
        }
    }));
    for fixture in others {
        let commands = commands(&fixture);
        assert_eq!(commands.len(), 1, "{commands:?}");
        assert!(commands[0].contains("--arg model fraud-6") && commands[0].contains("back-to-v6"), "{commands:?}");
    }
}

#[test]
fn without_a_model_one_is_made_of_the_package_first() {
    let commands = commands(&Fixture::sound());
    assert_eq!(commands.len(), 2);
    let make = &commands[0];
    assert!(
        make.starts_with(&format!("aws sagemaker describe-model --model-name {MODEL} --region {REGION}")),
        "{make}"
    );
    assert!(make.contains(&format!("--arg package {PREVIOUS}")) && make.contains("create-model"), "{make}");
    assert!(commands[1].contains("create-endpoint-config") && commands[1].contains("update-endpoint"), "{commands:?}");
}

#[test]
fn names_are_words_and_never_commands() {
    let hostile = "x'; rm -rf / $(id) `id`";
    let renamed = was_on(&serde_json::json!([])).edit(move |model: &mut Model| {
        if model.name == "fraud-6" {
            model.name = hostile.to_owned();
        }
    });
    let commands = commands(&renamed);
    let quoted = r"--arg model 'x'\''; rm -rf / $(id) `id`'";
    assert!(commands.iter().any(|command| command.contains(quoted)), "{commands:?}");
    assert!(commands.iter().all(|command| !command.contains("'x';")), "{commands:?}");
    assert!(named(&"a-".repeat(60), "v6").len() <= LONGEST);
}

#[test]
fn a_roll_out_is_waited_for() {
    let pending = Fixture::sound().edit(|endpoint: &mut Endpoint| {
        endpoint.pending = Some(crate::evidence::PendingDeployment {
            config_name: CONFIG.to_owned(),
            started: Some(at(DEPLOYED)),
            variants: vec![variant(VARIANT)],
            shadow_variants: vec![],
        });
    });
    let estate = pending.estate();
    let view = View::new(&estate);
    let context = Context { estate: &estate, policy: &pending.policy, view: &view };
    let live = estate.live.iter().find(|live| live.pending).expect("a pending one");
    let back = WayBack::of(live, context);
    let steps = Steps::to(back.earlier.best().expect("version 6"), live, context).steps;
    assert!(steps[0].what.contains("roll-out has ended") && steps[0].command.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever the registry holds: what serves, what comes after it and what is not approved is never gone back to.
    #[test]
    fn the_way_back_is_an_earlier_approved_version(
        statuses in prop::collection::vec(0..4_usize, 6),
        serving in 1..7_i32,
    ) {
        let all = [
            Some(ApprovalStatus::Approved),
            Some(ApprovalStatus::Rejected),
            Some(ApprovalStatus::PendingManualApproval),
            None,
        ];
        let mut fixture = Fixture::sound().drop_where(|package: &Package| package.arn == PREVIOUS || package.arn == PACKAGE);
        for (number, status) in (1..).zip(&statuses) {
            let uri = format!("s3://ml-models/fraud/{number}/model.tar.gz");
            let mut registered = package(number, &uri, ETAG, "2026-02-10T09:00:00Z");
            registered.approval = all[*status].clone();
            if number == serving {
                fixture = fixture.edit_named(MODEL, |it: &mut Model| it.containers = vec![from_package(&registered.arn)]);
            }
            let listed = format!("v{number}");
            fixture = fixture.with(object(&uri, &[(listed.as_str(), ETAG, "2026-02-10T08:00:00Z")])).with(registered);
        }
        if let Some((target, _)) = way(&fixture) {
            let number: i32 = target.rsplit('/').next().unwrap().parse().unwrap();
            prop_assert!(number < serving);
            prop_assert_eq!(statuses[usize::try_from(number).unwrap() - 1], 0, "it is approved");
        }
        let expected = statuses.iter().take(usize::try_from(serving).unwrap() - 1).any(|status| *status == 0);
        prop_assert_eq!(way(&fixture).is_some(), expected);
    }
}

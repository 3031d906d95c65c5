//! Which S3 locations matter: what serves is made of them, or a rollback would be.

use std::collections::BTreeSet;

use crate::collect::aws::in_use::{InUse, Locations, add};
use crate::collect::aws::text::arn_place;
use crate::evidence::{ApprovalStatus, Facts, Package};

/// Every location that is made use of in one region: by live containers, by the packages behind them, and by those
/// versions that one would roll back to.
pub(super) fn wanted(facts: &Facts, account: &str, region: &str) -> Locations {
    let in_use = InUse::of(facts, account, region);
    let mut wanted = Locations::new();
    for container in &in_use.containers {
        add(&mut wanted, &container.data);
    }
    for container in in_use.packaged() {
        add(&mut wanted, &container.data);
    }
    wanted
}

/// Every location that approved packages of this account and region name: of a registry that is read by itself, nobody can
/// tell yet which of them serve elsewhere.
pub(super) fn approved(facts: &Facts, account: &str, region: &str) -> Locations {
    let mut approved = Locations::new();
    let here = |package: &&Package| arn_place(&package.arn) == Some((account, region));
    let packages = facts.packages.iter().map(|fact| &fact.data).filter(here);
    for package in packages.filter(|package| package.approval == Some(ApprovalStatus::Approved)) {
        for container in package.containers.iter().chain(package.additional.values().flatten()) {
            add(&mut approved, &container.data);
        }
    }
    approved
}

/// Every location that packages name which are registered in this account and region, and made use of in another account.
pub(super) fn registered(facts: &Facts, account: &str, region: &str) -> Locations {
    let estates: BTreeSet<&str> = facts.models.iter().map(|fact| fact.account.as_str()).collect();
    let mut registered = Locations::new();
    for estate in estates.into_iter().filter(|estate| *estate != account) {
        let in_use = InUse::of(facts, estate, region);
        let packages = in_use.packages.iter().chain(&in_use.candidates);
        for package in packages.filter(|package| arn_place(&package.arn) == Some((account, region))) {
            for container in in_use.containers_of(package) {
                add(&mut registered, &container.data);
            }
        }
    }
    registered
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::aws::in_use::samples::{
        ACCOUNT, REGION, config, data, endpoint, fact, package, plain, serving, variant,
    };
    use crate::evidence::{Container, InferenceComponent, ModelData, TransformJob};

    fn keys(facts: &Facts) -> Vec<String> {
        wanted(facts, ACCOUNT, REGION).into_keys().map(|location| location.key).collect()
    }

    #[test]
    fn every_serving_path_counts_and_nothing_else() {
        let component = |model: Option<&str>, uri: Option<&str>| InferenceComponent {
            name: "ic".to_owned(),
            arn: "arn".to_owned(),
            endpoint: "e".to_owned(),
            variant: None,
            status: "InService".to_owned(),
            failure_reason: None,
            model_name: model.map(str::to_owned),
            container: uri.map(|uri| Container { data: vec![data(uri)], ..Container::default() }),
            image: None,
            base_component: None,
            copies: None,
            cpus: None,
            accelerators: None,
            created: None,
            modified: None,
        };
        let job = TransformJob {
            name: "j".to_owned(),
            arn: "arn".to_owned(),
            model_name: "Batch".to_owned(),
            status: "Completed".to_owned(),
            created: None,
            started: None,
            ended: None,
            instance_type: None,
            instances: None,
        };
        let names = ["adopted", "batch", "component", "main", "pool", "rolling", "shadow", "unused"];
        let mut facts = Facts {
            endpoints: vec![fact(endpoint("Blue", Some("green")))],
            endpoint_configs: vec![
                fact(config("blue", vec![variant(Some("Main"), Some("pool"))], vec![variant(Some("shadow"), None)])),
                fact(config("green", vec![variant(Some("rolling"), None)], vec![])),
                fact(config("old", vec![variant(Some("unused"), None)], vec![])),
            ],
            models: names.iter().map(|name| fact(plain(name))).collect(),
            inference_components: vec![
                fact(component(Some("component"), None)),
                fact(component(None, Some("s3://b/own"))),
            ],
            transform_jobs: vec![fact(job)],
            ..Facts::default()
        };
        assert_eq!(keys(&facts), ["batch", "component", "main", "own", "pool", "rolling", "shadow"]);
        facts.endpoints[0].region = "us-east-1".to_owned();
        assert_eq!(keys(&facts), ["batch", "component", "own"], "another region's endpoint");
    }

    #[test]
    fn a_package_is_found_by_arn_by_name_and_by_its_data() {
        let by =
            |container| Facts { packages: vec![fact(package(3, ApprovalStatus::Approved))], ..serving("m", container) };
        let named = |name: &str| Container { package: Some(name.to_owned()), ..Container::default() };
        let arn = package(3, ApprovalStatus::Approved).arn.replace("churn", "Churn");
        assert_eq!(keys(&by(named(&arn))), ["churn-3"]);
        assert_eq!(keys(&by(named("churn/3"))), ["churn-3"]);
        assert_eq!(keys(&by(named("churn/33"))), [""; 0]);
        let gpu = Container { specification: Some("gpu".to_owned()), ..named("churn/3") };
        assert_eq!(keys(&by(gpu)), ["churn-3", "gpu-3"]);
        let from_data = Container { data: vec![data("s3://b/gpu-3")], ..Container::default() };
        assert_eq!(keys(&by(from_data)), ["churn-3", "gpu-3"]);
        let prefix = ModelData { prefix: true, ..data("s3://b/churn") };
        let many_models = Container { data: vec![prefix], multi_model: true, ..Container::default() };
        assert_eq!(keys(&by(many_models)), ["churn", "churn-3"], "what lies below a live prefix serves");
    }

    #[test]
    fn of_a_registry_everything_that_is_approved_may_serve_elsewhere() {
        use ApprovalStatus::{Approved, Rejected};
        let packages = [(1, Approved), (2, Rejected), (3, Approved)];
        let mut facts = Facts {
            packages: packages.map(|(version, status)| fact(package(version, status))).to_vec(),
            ..Facts::default()
        };
        facts.packages[2].data.arn = facts.packages[2].data.arn.replace(ACCOUNT, "444455556666");
        let keys: Vec<String> = approved(&facts, ACCOUNT, REGION).into_keys().map(|location| location.key).collect();
        assert!(
            keys.contains(&"churn-1".to_owned()) && !keys.iter().any(|key| key.contains('2') || key.contains('3')),
            "{keys:?}"
        );
        assert!(super::wanted(&facts, ACCOUNT, REGION).is_empty(), "here nothing serves");
    }

    #[test]
    fn rollback_candidates_are_approved_newest_and_of_the_same_group() {
        use ApprovalStatus::{Approved, PendingManualApproval, Rejected};
        let live = Container { package: Some("churn/4".to_owned()), ..Container::default() };
        let statuses = [Approved, Approved, Rejected, Approved, PendingManualApproval, Approved, Approved, Approved];
        let mut facts = serving("m", live);
        facts.packages =
            statuses.into_iter().zip(1..).map(|(status, version)| fact(package(version, status))).collect();
        let mut elsewhere = package(9, Approved);
        elsewhere.arn = elsewhere.arn.replace(ACCOUNT, "444455556666");
        facts.packages.push(fact(elsewhere));
        assert_eq!(keys(&facts), ["churn-1", "churn-2", "churn-4", "churn-7", "churn-8"]);
    }

    #[test]
    fn prefixes_and_manifests_are_kept_apart_from_objects() {
        let prefix =
            ModelData { prefix: true, manifest: Some("s3://b/manifest.json".to_owned()), ..data("s3://b/many") };
        let other = data("s3://b/many/");
        let hub = data("https://huggingface.co/x/y");
        let container = Container { data: vec![data("s3://b/many"), prefix, other, hub], ..Container::default() };
        let wanted = wanted(&serving("m", container), ACCOUNT, REGION);
        let all: Vec<(&str, bool)> = wanted.iter().map(|(location, prefix)| (location.key.as_str(), *prefix)).collect();
        assert_eq!(all, [("manifest.json", false), ("many", true), ("many/", true)]);
    }
}

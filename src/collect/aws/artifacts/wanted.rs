//! Which S3 locations matter: what serves is made of them, or a rollback would be.

use std::collections::{BTreeMap, BTreeSet};

use crate::collect::aws::text::arn_place;
use crate::evidence::{
    ApprovalStatus, Container, Fact, Facts, ModelData, Package, PackageContainer, S3Location, VariantSettings,
};

/// Locations to list, and whether each names a set of objects. SageMaker may mean a prefix where no slash ends it.
pub(super) type Wanted = BTreeMap<S3Location, bool>;

/// Approved versions besides the live one that count as candidates for a rollback.
const CANDIDATES: usize = 2;

/// Every location that is made use of in one region: by live containers, by the packages behind them, and by those
/// versions that one would roll back to.
pub(super) fn wanted(facts: &Facts, account: &str, region: &str) -> Wanted {
    let containers = live_containers(facts, account, region);
    let mut wanted = Wanted::new();
    for container in &containers {
        add(&mut wanted, &container.data);
    }
    for package in packages_in_use(facts, &containers, &wanted) {
        add_package(&mut wanted, package, &containers);
    }
    wanted
}

/// Every location that packages name which are registered in this account and region, and made use of in another account.
pub(super) fn registered(facts: &Facts, account: &str, region: &str) -> Wanted {
    let estates: BTreeSet<&str> = facts.models.iter().map(|fact| fact.account.as_str()).collect();
    let mut registered = Wanted::new();
    for estate in estates.into_iter().filter(|estate| *estate != account) {
        let containers = live_containers(facts, estate, region);
        let mut serves = Wanted::new();
        for container in &containers {
            add(&mut serves, &container.data);
        }
        let lives_here = |package: &&Package| arn_place(&package.arn) == Some((account, region));
        for package in packages_in_use(facts, &containers, &serves).into_iter().filter(lives_here) {
            add_package(&mut registered, package, &containers);
        }
    }
    registered
}

/// The packages behind live containers, and those that one would roll back to.
fn packages_in_use<'f>(facts: &'f Facts, containers: &[&Container], wanted: &Wanted) -> Vec<&'f Package> {
    let packages: Vec<&Package> = facts.packages.iter().map(|fact| &fact.data).collect();
    let prefixes: Vec<&S3Location> =
        wanted.iter().filter(|(_, prefix)| **prefix).map(|(location, _)| location).collect();
    let serves = |location: &S3Location| {
        // The artifacts of a multi-model container lie below its prefix.
        let below = |prefix: &&S3Location| prefix.bucket == location.bucket && location.key.starts_with(&prefix.key);
        wanted.contains_key(location) || prefixes.iter().any(below)
    };
    let live: Vec<&Package> = packages.iter().copied().filter(|package| is_live(package, containers, serves)).collect();
    live.iter().copied().chain(candidates(&packages, &live)).collect()
}

fn add_package(wanted: &mut Wanted, package: &Package, containers: &[&Container]) {
    for container in package.containers.iter().chain(named_specifications(package, containers)) {
        add(wanted, &container.data);
    }
}

/// The containers of every model that an endpoint, an inference component or a batch job of the region runs.
fn live_containers<'f>(facts: &'f Facts, account: &str, region: &str) -> Vec<&'f Container> {
    let endpoints = here(&facts.endpoints, account, region);
    let configs_in_force: BTreeSet<String> = endpoints
        .flat_map(|endpoint| {
            let pending = endpoint.pending.as_ref().map(|pending| &pending.config_name);
            endpoint.config_name.iter().chain(pending)
        })
        .map(|name| name.to_lowercase())
        .collect();
    let configs = here(&facts.endpoint_configs, account, region)
        .filter(|config| configs_in_force.contains(&config.name.to_lowercase()));
    let variants = configs.flat_map(|config| config.variants.iter().chain(&config.shadow_variants));
    let components = || here(&facts.inference_components, account, region);
    let by_component = components().filter_map(|component| component.model_name.as_ref());
    let by_job = here(&facts.transform_jobs, account, region).map(|job| &job.model_name);
    let models: BTreeSet<String> =
        variants.flat_map(models_of).chain(by_component).chain(by_job).map(|name| name.to_lowercase()).collect();
    here(&facts.models, account, region)
        .filter(|model| models.contains(&model.name.to_lowercase()))
        .flat_map(|model| &model.containers)
        .chain(components().filter_map(|component| component.container.as_ref()))
        .collect()
}

fn models_of(variant: &VariantSettings) -> impl Iterator<Item = &String> {
    variant.model_name.iter().chain(variant.pools.iter().filter_map(|pool| pool.model_override.as_ref()))
}

fn here<'f, T>(list: &'f [Fact<T>], account: &str, region: &str) -> impl Iterator<Item = &'f T> {
    list.iter().filter(move |fact| fact.account == account && fact.region == region).map(|fact| &fact.data)
}

/// Whether a live container was made from the package, or runs the data that it registered.
fn is_live(package: &Package, containers: &[&Container], serves: impl Fn(&S3Location) -> bool) -> bool {
    let named = containers.iter().filter_map(|container| container.package.as_deref()).any(|name| names(name, package));
    let mut data = package.containers.iter().chain(package.additional.values().flatten()).flat_map(|c| &c.data);
    named || data.any(|data| S3Location::parse(&data.uri).is_some_and(|location| serves(&location)))
}

/// Whether a container's `ModelPackageName`, an ARN or a name, means this package.
fn names(name: &str, package: &Package) -> bool {
    let (name, arn) = (name.to_lowercase(), package.arn.to_lowercase());
    arn == name || arn.split_once(":model-package/").is_some_and(|(_, own)| own == name)
}

/// For each live version of a group, the newest two Approved versions, and the newest two that are older than it.
fn candidates<'f>(packages: &[&'f Package], live: &[&'f Package]) -> Vec<&'f Package> {
    let mut chosen = BTreeMap::new();
    for current in live {
        let (Some(group), Some(version)) = (group_of(current), current.version) else { continue };
        let mut approved: Vec<&Package> = packages
            .iter()
            .copied()
            .filter(|other| group_of(other).as_ref() == Some(&group) && other.arn != current.arn)
            .filter(|other| other.approval == Some(ApprovalStatus::Approved))
            .collect();
        approved.sort_by_key(|other| std::cmp::Reverse(other.version));
        let older = approved.iter().filter(|other| other.version.is_some_and(|other| other < version));
        for candidate in approved.iter().take(CANDIDATES).chain(older.take(CANDIDATES)) {
            chosen.insert(candidate.arn.as_str(), *candidate);
        }
    }
    chosen.into_values().collect()
}

/// The group of a versioned package, in the account and region that own it.
fn group_of(package: &Package) -> Option<String> {
    package.version?;
    Some(package.arn.rsplit_once('/')?.0.to_lowercase())
}

/// Containers of the additional specifications of a package that a live container asks for by name.
fn named_specifications<'f>(
    package: &'f Package,
    containers: &[&Container],
) -> impl Iterator<Item = &'f PackageContainer> {
    let asked: BTreeSet<&str> = containers
        .iter()
        .filter(|container| container.package.as_deref().is_some_and(|name| names(name, package)))
        .filter_map(|container| container.specification.as_deref())
        .collect();
    let asked: Vec<&Vec<PackageContainer>> =
        package.additional.iter().filter(|(name, _)| asked.contains(name.as_str())).map(|(_, list)| list).collect();
    asked.into_iter().flatten()
}

fn add(wanted: &mut Wanted, data: &[ModelData]) {
    for item in data {
        if let Some(location) = S3Location::parse(&item.uri) {
            let prefix = item.prefix || location.is_prefix();
            *wanted.entry(location).or_default() |= prefix;
        }
        if let Some(manifest) = item.manifest.as_deref().and_then(S3Location::parse) {
            wanted.entry(manifest).or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{
        CommitRef, Endpoint, EndpointConfig, InferenceComponent, InstancePool, Model, PendingDeployment, TransformJob,
    };

    const ACCOUNT: &str = "111122223333";
    const REGION: &str = "eu-central-1";

    fn fact<T>(data: T) -> Fact<T> {
        Fact { account: ACCOUNT.to_owned(), region: REGION.to_owned(), seen: vec![], data }
    }

    fn data(uri: &str) -> ModelData {
        ModelData {
            uri: uri.to_owned(),
            role: "model".to_owned(),
            prefix: false,
            etag: None,
            manifest: None,
            manifest_etag: None,
        }
    }

    fn endpoint(config: &str, pending: Option<&str>) -> Endpoint {
        Endpoint {
            name: "e".to_owned(),
            arn: "arn".to_owned(),
            config_name: Some(config.to_owned()),
            status: "InService".to_owned(),
            failure_reason: None,
            created: None,
            modified: None,
            variants: vec![],
            shadow_variants: vec![],
            pending: pending.map(|config| PendingDeployment {
                config_name: config.to_owned(),
                started: None,
                variants: vec![],
                shadow_variants: vec![],
            }),
            data_capture: None,
            async_output: None,
            rollback_alarms: vec![],
            from_index: false,
        }
    }

    fn variant(model: Option<&str>, pool: Option<&str>) -> VariantSettings {
        VariantSettings {
            name: "v".to_owned(),
            model_name: model.map(str::to_owned),
            initial_weight: None,
            instance_type: None,
            initial_instances: None,
            pools: pool
                .map(|model| InstancePool {
                    instance_type: "ml.g5".to_owned(),
                    model_override: Some(model.to_owned()),
                    priority: None,
                })
                .into_iter()
                .collect(),
            serverless: None,
        }
    }

    fn config(name: &str, variants: Vec<VariantSettings>, shadow_variants: Vec<VariantSettings>) -> EndpointConfig {
        EndpointConfig {
            name: name.to_owned(),
            arn: "arn".to_owned(),
            created: None,
            variants,
            shadow_variants,
            async_output: None,
            kms_key: None,
        }
    }

    fn model(name: &str, container: Container) -> Model {
        Model {
            name: name.to_owned(),
            arn: "arn".to_owned(),
            created: None,
            containers: vec![container],
            execution_mode: None,
            role_arn: None,
            network_isolation: None,
        }
    }

    fn plain(name: &str) -> Model {
        model(name, Container { data: vec![data(&format!("s3://b/{name}"))], ..Container::default() })
    }

    fn package(version: i32, approval: ApprovalStatus) -> Package {
        Package {
            arn: format!("arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/churn/{version}"),
            group: Some("churn".to_owned()),
            version: Some(version),
            name: None,
            approval: Some(approval),
            approval_description: None,
            created: None,
            created_by: None,
            modified: None,
            modified_by: None,
            containers: vec![PackageContainer {
                data: vec![data(&format!("s3://b/churn-{version}"))],
                ..Default::default()
            }],
            additional: BTreeMap::from([(
                "gpu".to_owned(),
                vec![PackageContainer { data: vec![data(&format!("s3://b/gpu-{version}"))], ..Default::default() }],
            )]),
            commit: CommitRef::default(),
            lifecycle: None,
            metrics: vec![],
            metadata: BTreeMap::new(),
            card_status: None,
            kms_key: None,
            source_uri: None,
            from_index: false,
        }
    }

    fn keys(facts: &Facts) -> Vec<String> {
        wanted(facts, ACCOUNT, REGION).into_keys().map(|location| location.key).collect()
    }

    fn serving(name: &str, container: Container) -> Facts {
        Facts {
            endpoints: vec![fact(endpoint("C", None))],
            endpoint_configs: vec![fact(config("c", vec![variant(Some(name), None)], vec![]))],
            models: vec![fact(model(name, container))],
            ..Facts::default()
        }
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

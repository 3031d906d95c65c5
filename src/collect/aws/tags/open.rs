//! Which tags are still open after the bulk answer, and which of those are worth a call of their own.

use std::collections::{BTreeMap, BTreeSet};

use crate::collect::aws::about_serving::{of_models, only_scales};
use crate::evidence::{Alarm, Fact, Facts, ResourceTags, TransformJob};

/// ARNs of resources whose tags are still open.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// Worth a call each, where the bulk call was denied.
    pub(super) asked: Vec<String>,
    /// Not worth one.
    pub(super) others: Vec<String>,
}

/// What SageMaker runs in the region, and neither the bulk answer nor the search index gave tags of. Endpoints carry
/// the cost and groups name the owner; a tag on a model or a component is at most a hint.
pub(super) fn billed(facts: &Facts, account: &str, region: &str, found: &[String]) -> Open {
    let known = known(&facts.tags, account, region, found);
    let open = |arn: &&String| !known.contains(&arn.to_lowercase());
    let endpoints = here(&facts.endpoints, account, region).map(|endpoint| &endpoint.arn);
    let groups = here(&facts.package_groups, account, region).map(|group| &group.arn);
    let models = here(&facts.models, account, region).map(|model| &model.arn);
    let components = here(&facts.inference_components, account, region).map(|component| &component.arn);
    // A thing may be known from several calls.
    let once = |arns: BTreeSet<&String>| arns.into_iter().cloned().collect();
    Open {
        asked: once(endpoints.chain(groups).filter(open).collect()),
        others: once(models.chain(components).filter(open).collect()),
    }
}

/// The newest job of each model that batch jobs of the region ran. Jobs are kept for ever, so the bulk call would bring
/// those of years; what a model costs by batch, its newest job is enough to tell.
pub(super) fn newest_jobs(facts: &Facts, account: &str, region: &str) -> Vec<String> {
    let mut newest: BTreeMap<String, &TransformJob> = BTreeMap::new();
    let began = |job: &TransformJob| job.started.or(job.created);
    let ran = |job: &&TransformJob| job.started.is_some() || !matches!(job.status.as_str(), "Failed" | "Stopped");
    for job in here(&facts.transform_jobs, account, region).filter(ran) {
        let known = newest.entry(job.model_name.to_lowercase()).or_insert(job);
        if (began(job), &known.name) > (began(known), &job.name) {
            *known = job;
        }
    }
    newest.into_values().map(|job| job.arn.clone()).collect()
}

/// Alarms of the region whose tags the bulk answer did not give; those that watch something of models are asked.
pub(super) fn alarms(facts: &Facts, account: &str, region: &str, found: &[String]) -> Open {
    let known = known(&facts.alarm_tags, account, region, found);
    let alarms: Vec<&Alarm> = here(&facts.alarms, account, region).collect();
    let endpoints = here(&facts.endpoints, account, region).map(|endpoint| &endpoint.name);
    let components = here(&facts.inference_components, account, region).map(|component| &component.name);
    let serving: BTreeSet<String> = endpoints.chain(components).map(|name| name.to_lowercase()).collect();
    let of_models = of_models(&alarms, &serving);
    let mut open = Open::default();
    for alarm in alarms.into_iter().filter(|alarm| !known.contains(&alarm.arn.to_lowercase())) {
        let list = if of_models.contains(alarm.name.as_str()) && !only_scales(alarm) {
            &mut open.asked
        } else {
            &mut open.others
        };
        list.push(alarm.arn.clone());
    }
    open
}

fn here<'f, T>(list: &'f [Fact<T>], account: &str, region: &str) -> impl Iterator<Item = &'f T> {
    list.iter().filter(move |fact| fact.account == account && fact.region == region).map(|fact| &fact.data)
}

/// What was just found, and what an earlier phase already knows to be tagged: an index may have heard of a tag first.
fn known(tags: &[Fact<ResourceTags>], account: &str, region: &str, found: &[String]) -> BTreeSet<String> {
    let earlier =
        here(tags, account, region).filter(|resource| !resource.tags.is_empty()).map(|resource| &resource.arn);
    found.iter().chain(earlier).map(|arn| arn.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{AlarmKind, AlarmMetric, AlarmState, MetricTerm, PackageGroup};

    fn fact<T>(data: T) -> Fact<T> {
        Fact { account: "1".to_owned(), region: "r".to_owned(), seen: vec![], data }
    }

    fn alarm(name: &str, kind: AlarmKind) -> Fact<Alarm> {
        fact(Alarm {
            name: name.to_owned(),
            arn: format!("arn:aws:cloudwatch:r:1:alarm:{name}"),
            description: None,
            actions_enabled: true,
            alarm_actions: vec![],
            ok_actions: vec![],
            insufficient_data_actions: vec![],
            state: AlarmState { value: "OK".to_owned(), reason: None, since: None, evaluation: None },
            kind,
            configured: None,
        })
    }

    fn metric(namespace: &str, dimension: &str) -> AlarmKind {
        AlarmKind::Metric(AlarmMetric {
            terms: vec![MetricTerm {
                id: String::new(),
                namespace: namespace.to_owned(),
                metric: "m".to_owned(),
                dimensions: BTreeMap::from([("D".to_owned(), dimension.to_owned())]),
                statistic: None,
                period: None,
                account: None,
                judged: true,
                unit: None,
            }],
            expressions: BTreeMap::new(),
            judged_expression: None,
            expression_period: None,
            promql: None,
            threshold_metric: None,
            threshold: None,
            comparison: None,
            evaluation_periods: None,
            datapoints_to_alarm: None,
            missing_data: None,
            few_samples: None,
        })
    }

    fn composite(rule: &str) -> AlarmKind {
        AlarmKind::Composite {
            rule: rule.to_owned(),
            suppressor: None,
            suppressed_by: None,
            wait_seconds: None,
            extension_seconds: None,
        }
    }

    fn tags(arn: &str, keys: &[&str]) -> Fact<ResourceTags> {
        let tags = keys.iter().map(|&key| (key.to_owned(), "x".to_owned())).collect();
        fact(ResourceTags { arn: arn.to_owned(), tags })
    }

    #[test]
    fn an_alarm_of_models_is_one_that_says_so_anywhere_and_any_composite_above_it() {
        let mut scaling = alarm("scaling", metric("AWS/SageMaker", "x"));
        scaling.data.alarm_actions = vec!["arn:aws:autoscaling:r:1:scalingPolicy:p".to_owned()];
        let facts = Facts {
            alarms: vec![
                scaling,
                alarm("plain", metric("/aws/sagemaker/Endpoints", "x")),
                alarm("custom", metric("Bank/Quality", "Fraud-Scoring")),
                alarm("queue", metric("AWS/SQS", "orders")),
                alarm("above", composite("ALARM(custom)")),
                alarm("above-above", composite("ALARM(above)")),
                alarm("other", composite("ALARM(queue)")),
                alarm(
                    "logs",
                    AlarmKind::Log { query: "q".to_owned(), log_groups: vec!["/aws/sagemaker/Endpoints/x".to_owned()] },
                ),
            ],
            inference_components: vec![fact(crate::evidence::InferenceComponent {
                name: "fraud-scoring".to_owned(),
                arn: "arn".to_owned(),
                endpoint: "e".to_owned(),
                variant: None,
                status: "InService".to_owned(),
                failure_reason: None,
                model_name: None,
                container: None,
                image: None,
                base_component: None,
                copies: None,
                cpus: None,
                accelerators: None,
                created: None,
                modified: None,
            })],
            ..Facts::default()
        };
        let open = alarms(&facts, "1", "r", &["arn:aws:cloudwatch:r:1:alarm:plain".to_owned()]);
        let names =
            |arns: &[String]| arns.iter().map(|arn| arn.rsplit(':').next().unwrap().to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&open.asked), ["custom", "above", "above-above", "logs"]);
        assert_eq!(names(&open.others), ["scaling", "queue", "other"]);
        assert!(alarms(&facts, "2", "r", &[]).others.is_empty(), "another account");
    }

    #[test]
    fn what_the_bulk_answer_or_the_index_gave_is_not_open() {
        let group = |name: &str| {
            fact(PackageGroup {
                name: name.to_owned(),
                arn: format!("arn:aws:sagemaker:r:1:model-package-group/{name}"),
                created: None,
            })
        };
        let facts = Facts {
            package_groups: vec![group("Found"), group("indexed"), group("bare"), group("indexed-bare")],
            tags: vec![
                tags("arn:aws:sagemaker:r:1:model-package-group/indexed", &["owner"]),
                tags("arn:aws:sagemaker:r:1:model-package-group/indexed-bare", &[]),
            ],
            ..Facts::default()
        };
        let found = ["arn:aws:sagemaker:r:1:model-package-group/found".to_owned()];
        assert_eq!(
            billed(&facts, "1", "r", &found).asked,
            [
                "arn:aws:sagemaker:r:1:model-package-group/bare",
                "arn:aws:sagemaker:r:1:model-package-group/indexed-bare"
            ]
        );
    }

    #[test]
    fn of_each_model_the_newest_job_that_ran_is_asked() {
        let job = |name: &str, model: &str, status: &str, started: Option<&str>| {
            fact(TransformJob {
                name: name.to_owned(),
                arn: name.to_owned(),
                model_name: model.to_owned(),
                status: status.to_owned(),
                created: Some("2026-05-01T00:00:00Z".parse().unwrap()),
                started: started.map(|started| started.parse().unwrap()),
                ended: None,
                instance_type: None,
                instances: None,
            })
        };
        let facts = Facts {
            transform_jobs: vec![
                job("old", "m", "Completed", Some("2026-05-02T00:00:00Z")),
                job("new", "M", "Failed", Some("2026-05-03T00:00:00Z")),
                job("never", "m", "Failed", None),
                job("waiting", "n", "InProgress", None),
            ],
            ..Facts::default()
        };
        assert_eq!(newest_jobs(&facts, "1", "r"), ["new", "waiting"]);
    }
}

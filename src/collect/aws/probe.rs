//! Which of the declared calls work: each is made once, in the cheapest harmless form.
//!
//! AWS authorises before it looks for a resource, so asking for one that is not there tells whether asking is allowed:
//! "not found" is a yes. S3 is the exception: it says of a bucket that is not there that it is not there, to anybody.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use aws_sdk_applicationautoscaling::types::ServiceNamespace;
use aws_sdk_budgets::types::{ComparisonOperator, Notification, NotificationType};
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use aws_sdk_cloudwatch::types::{Metric, MetricDataQuery, MetricStat};
use aws_sdk_s3::types::ObjectAttributes;
use aws_sdk_sagemaker::types::ResourceType;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::DateTime;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use futures_util::future::{BoxFuture, join_all};

use super::engine::{Adaptive, Pacer, reason};
use super::session::{BILLING_REGION, Clients, Session};
use super::{COLLECTORS, OPTIONAL};
use crate::collect::{ApiCall, Pace};
use crate::evidence::{DeniedBy, GapCause};

/// Every call that a collector declares, once each, sorted by service and operation; with those of the optional
/// collectors of these names, and of no other.
pub fn declared(with: &[&str]) -> Vec<&'static ApiCall> {
    let asked_for = OPTIONAL.iter().filter(|collector| with.contains(&collector.name));
    let calls = COLLECTORS.iter().chain(asked_for).flat_map(|collector| collector.calls);
    let by_name: BTreeMap<_, _> = calls.map(|call| ((call.service, call.operation), call)).collect();
    by_name.into_values().collect()
}

/// One call that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Region in which it was tried.
    pub region: String,
    /// The call.
    pub call: &'static ApiCall,
    /// What came of it.
    pub result: ProbeResult,
}

/// What came of trying a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProbeResult {
    /// AWS answered it, if only that what was asked for is not there.
    Works,
    /// AWS refused it.
    Denied(DeniedBy),
    /// AWS slowed it down.
    Throttled,
    /// No answer.
    Unreachable(String),
    /// The answer does not say whether it is allowed.
    Undecided(String),
}

/// Tries every declared call in every region of the session, those of the optional collectors `with` these names among
/// them. `bucket` is one that holds artifacts, to try S3 with.
pub async fn probe(session: &Session, bucket: Option<&str>, with: &[&str], pace: &Pace) -> Vec<Probe> {
    let regions = session.regions().iter().map(async |region| {
        let pacer = Pacer::new(pace);
        let lane: Arc<Adaptive> = pacer.sagemaker();
        let (clients, of_money) = (session.clients(region, &lane), session.clients(BILLING_REGION, &lane));
        let place = Place { partition: session.partition(), account: session.account(), region, bucket };
        let mut probes = Vec::new();
        for call in declared(with) {
            let clients = if OF_MONEY.contains(&call.service) { &of_money } else { &clients };
            let result = match attempt(clients, call, &place) {
                Attempt::Make(attempt) => {
                    let _turn = pacer.turn(call).await;
                    attempt.await
                }
                Attempt::Known(result) => result,
            };
            probes.push(Probe { region: region.clone(), call, result });
        }
        probes
    });
    join_all(regions).await.concat()
}

/// Services that answer in one region.
const OF_MONEY: [&str; 4] = ["budgets", "ce", "cost-optimization-hub", "pricing"];

/// Where a call is tried.
struct Place<'p> {
    partition: &'p str,
    account: &'p str,
    region: &'p str,
    bucket: Option<&'p str>,
}

impl Place<'_> {
    fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account)
    }
}

enum Attempt {
    Make(BoxFuture<'static, ProbeResult>),
    Known(ProbeResult),
}

/// A name that nothing has.
const NOBODY: &str = "countersign-doctor-asks";

/// An organization's root that is nobody's.
const NO_ROOT: &str = "r-0000";

/// A key that is nobody's.
const NO_KEY: &str = "key/00000000-0000-0000-0000-000000000000";

/// How a call is tried.
fn attempt(clients: &Clients, call: &ApiCall, place: &Place<'_>) -> Attempt {
    macro_rules! make {
        ($request:expr) => {{
            let request = $request;
            Attempt::Make(Box::pin(async move { result(request.send().await.map(drop)) }))
        }};
    }
    macro_rules! of_a_bucket {
        ($request:expr) => {
            match place.bucket {
                Some(bucket) => make!($request.bucket(bucket)),
                None => Attempt::Known(ProbeResult::Undecided("name a bucket of artifacts with --bucket".to_owned())),
            }
        };
    }
    let Clients { sagemaker, cloudwatch, cloudtrail, s3, sns, tagging, ecr, iam, organizations, .. } = clients;
    let Clients { events, scaling, kms, bedrock, pricing, savings, budgets, cost_explorer: _, .. } = clients;
    match (call.service, call.operation) {
        // There is no session without it.
        ("sts", "GetCallerIdentity") => Attempt::Known(ProbeResult::Works),
        ("sagemaker", "Search") => make!(sagemaker.search().resource(ResourceType::Endpoint).max_results(1)),
        ("sagemaker", "ListEndpoints") => make!(sagemaker.list_endpoints().max_results(1)),
        ("sagemaker", "ListInferenceComponents") => make!(sagemaker.list_inference_components().max_results(1)),
        ("sagemaker", "ListModelPackageGroups") => make!(sagemaker.list_model_package_groups().max_results(1)),
        ("sagemaker", "ListModelPackages") => make!(sagemaker.list_model_packages().max_results(1)),
        ("sagemaker", "ListModels") => make!(sagemaker.list_models().max_results(1)),
        ("sagemaker", "ListTransformJobs") => make!(sagemaker.list_transform_jobs().max_results(1)),
        ("sagemaker", "ListTags") => {
            let endpoint = place.arn("sagemaker", &format!("endpoint/{NOBODY}"));
            make!(sagemaker.list_tags().resource_arn(endpoint))
        }
        ("sagemaker", "DescribeEndpoint") => make!(sagemaker.describe_endpoint().endpoint_name(NOBODY)),
        ("sagemaker", "DescribeEndpointConfig") => {
            make!(sagemaker.describe_endpoint_config().endpoint_config_name(NOBODY))
        }
        ("sagemaker", "DescribeInferenceComponent") => {
            make!(sagemaker.describe_inference_component().inference_component_name(NOBODY))
        }
        ("sagemaker", "DescribeModel") => make!(sagemaker.describe_model().model_name(NOBODY)),
        ("sagemaker", "DescribeModelPackage") => {
            let package = place.arn("sagemaker", &format!("model-package/{NOBODY}/1"));
            make!(sagemaker.describe_model_package().model_package_name(package))
        }
        ("sagemaker", "DescribeTransformJob") => make!(sagemaker.describe_transform_job().transform_job_name(NOBODY)),
        ("cloudwatch", "DescribeAlarms") => make!(cloudwatch.describe_alarms().max_records(1)),
        ("cloudwatch", "ListAlarmMuteRules") => make!(cloudwatch.list_alarm_mute_rules().max_records(1)),
        ("cloudwatch", "GetAlarmMuteRule") => make!(cloudwatch.get_alarm_mute_rule().alarm_mute_rule_name(NOBODY)),
        ("cloudwatch", "DescribeAnomalyDetectors") => make!(cloudwatch.describe_anomaly_detectors().max_results(1)),
        ("cloudwatch", "ListDashboards") => make!(cloudwatch.list_dashboards()),
        ("cloudwatch", "GetDashboard") => make!(cloudwatch.get_dashboard().dashboard_name(NOBODY)),
        ("cloudwatch", "DescribeAlarmHistory") => {
            make!(cloudwatch.describe_alarm_history().alarm_name(NOBODY).max_records(1))
        }
        ("cloudwatch", "GetMetricData") => {
            let metric = Metric::builder().namespace(NOBODY).metric_name(NOBODY).build();
            let stat = MetricStat::builder().metric(metric).period(60).stat("Sum").build();
            let query = MetricDataQuery::builder().id("nobody").metric_stat(stat).build();
            let (start, end) = (DateTime::from_secs(0), DateTime::from_secs(60));
            make!(cloudwatch.get_metric_data().metric_data_queries(query).start_time(start).end_time(end))
        }
        ("cloudwatch", "ListTagsForResource") => {
            let alarm = place.arn("cloudwatch", &format!("alarm:{NOBODY}"));
            make!(cloudwatch.list_tags_for_resource().resource_arn(alarm))
        }
        ("cloudtrail", "LookupEvents") => {
            let by_name = LookupAttribute::builder()
                .attribute_key(LookupAttributeKey::EventName)
                .attribute_value("CreateEndpoint")
                .build();
            match by_name {
                Ok(by_name) => make!(cloudtrail.lookup_events().lookup_attributes(by_name).max_results(1)),
                Err(error) => Attempt::Known(ProbeResult::Undecided(error.to_string())),
            }
        }
        ("cloudtrail", "DescribeTrails") => make!(cloudtrail.describe_trails().include_shadow_trails(true)),
        ("cloudtrail", "GetTrailStatus") => make!(cloudtrail.get_trail_status().name(NOBODY)),
        ("cloudtrail", "GetEventSelectors") => make!(cloudtrail.get_event_selectors().trail_name(NOBODY)),
        ("cloudtrail", "ListPublicKeys") => make!(cloudtrail.list_public_keys()),
        ("s3", "ListObjectsV2") => of_a_bucket!(s3.list_objects_v2().max_keys(1)),
        ("s3", "GetObject") => {
            of_a_bucket!(s3.get_object().key(format!("AWSLogs/{NOBODY}/constraint_violations.json")))
        }
        ("s3", "ListObjectVersions") => of_a_bucket!(s3.list_object_versions().max_keys(1)),
        ("s3", "GetBucketVersioning") => of_a_bucket!(s3.get_bucket_versioning()),
        ("s3", "GetBucketEncryption") => of_a_bucket!(s3.get_bucket_encryption()),
        ("s3", "GetPublicAccessBlock") => of_a_bucket!(s3.get_public_access_block()),
        ("s3", "GetBucketLifecycleConfiguration") => of_a_bucket!(s3.get_bucket_lifecycle_configuration()),
        ("s3", "GetObjectLockConfiguration") => of_a_bucket!(s3.get_object_lock_configuration()),
        ("s3", "GetBucketPolicy") => of_a_bucket!(s3.get_bucket_policy()),
        ("s3", "GetBucketReplication") => of_a_bucket!(s3.get_bucket_replication()),
        ("s3", "GetObjectAttributes") => {
            let request = s3.get_object_attributes().key(NOBODY).version_id("null");
            of_a_bucket!(request.object_attributes(ObjectAttributes::ObjectSize))
        }
        ("s3", "HeadObject") => of_a_bucket!(s3.head_object().key(NOBODY).version_id("null")),
        ("s3", "GetObjectRetention") => of_a_bucket!(s3.get_object_retention().key(NOBODY).version_id("null")),
        ("sns", "GetTopicAttributes") => make!(sns.get_topic_attributes().topic_arn(place.arn("sns", NOBODY))),
        ("sns", "ListSubscriptionsByTopic") => {
            make!(sns.list_subscriptions_by_topic().topic_arn(place.arn("sns", NOBODY)))
        }
        ("kms", "DescribeKey") => make!(kms.describe_key().key_id(place.arn("kms", NO_KEY))),
        ("kms", "GetKeyPolicy") => make!(kms.get_key_policy().key_id(place.arn("kms", NO_KEY))),
        ("events", "ListRules") => make!(events.list_rules().limit(1)),
        ("events", "ListTargetsByRule") => make!(events.list_targets_by_rule().rule(NOBODY).limit(1)),
        ("application-autoscaling", "DescribeScalableTargets") => {
            let request = scaling.describe_scalable_targets().service_namespace(ServiceNamespace::Sagemaker);
            make!(request.max_results(1))
        }
        ("application-autoscaling", "DescribeScalingPolicies") => {
            let request = scaling.describe_scaling_policies().service_namespace(ServiceNamespace::Sagemaker);
            make!(request.max_results(1))
        }
        ("sagemaker", "ListNotebookInstances") => make!(sagemaker.list_notebook_instances().max_results(1)),
        ("bedrock", "ListProvisionedModelThroughputs") => {
            make!(bedrock.list_provisioned_model_throughputs().max_results(1))
        }
        ("bedrock", "ListInferenceProfiles") => make!(bedrock.list_inference_profiles().max_results(1)),
        ("bedrock", "ListTagsForResource") => {
            let profile = place.arn("bedrock", &format!("application-inference-profile/{NOBODY}"));
            make!(bedrock.list_tags_for_resource().resource_arn(profile))
        }
        ("budgets", "DescribeBudgets") => make!(budgets.describe_budgets().account_id(place.account).max_results(1)),
        ("budgets", "DescribeBudgetNotificationsForAccount") => {
            let request = budgets.describe_budget_notifications_for_account().account_id(place.account);
            make!(request.max_results(1))
        }
        ("budgets", "DescribeSubscribersForNotification") => {
            let notification = Notification::builder().notification_type(NotificationType::Actual);
            let notification = notification.comparison_operator(ComparisonOperator::GreaterThan).threshold(100.0);
            let request = budgets.describe_subscribers_for_notification().account_id(place.account);
            make!(request.budget_name(NOBODY).set_notification(notification.build().ok()).max_results(1))
        }
        ("pricing", "GetProducts") => make!(pricing.get_products().service_code("AmazonSageMaker").max_results(1)),
        ("cost-optimization-hub", "ListRecommendations") => make!(savings.list_recommendations().max_results(1)),
        ("ce", _) => Attempt::Known(ProbeResult::Undecided(NOT_FOR_FREE.to_owned())),
        ("sagemaker", "ListDomains") => make!(sagemaker.list_domains().max_results(1)),
        ("sagemaker", "ListMonitoringSchedules") => make!(sagemaker.list_monitoring_schedules().max_results(1)),
        ("sagemaker", "ListMonitoringExecutions") => make!(sagemaker.list_monitoring_executions().max_results(1)),
        ("sagemaker", "ListMonitoringAlerts") => {
            make!(sagemaker.list_monitoring_alerts().monitoring_schedule_name(NOBODY).max_results(1))
        }
        ("sagemaker", "DescribeMonitoringSchedule") => {
            make!(sagemaker.describe_monitoring_schedule().monitoring_schedule_name(NOBODY))
        }
        ("sagemaker", "DescribeDataQualityJobDefinition") => {
            make!(sagemaker.describe_data_quality_job_definition().job_definition_name(NOBODY))
        }
        ("sagemaker", "DescribeModelQualityJobDefinition") => {
            make!(sagemaker.describe_model_quality_job_definition().job_definition_name(NOBODY))
        }
        ("sagemaker", "DescribeModelBiasJobDefinition") => {
            make!(sagemaker.describe_model_bias_job_definition().job_definition_name(NOBODY))
        }
        ("sagemaker", "DescribeModelExplainabilityJobDefinition") => {
            make!(sagemaker.describe_model_explainability_job_definition().job_definition_name(NOBODY))
        }
        ("sagemaker", "ListTrainingJobs") => make!(sagemaker.list_training_jobs().max_results(1)),
        ("sagemaker", "DescribeTrainingJob") => make!(sagemaker.describe_training_job().training_job_name(NOBODY)),
        ("sagemaker", "ListProcessingJobs") => make!(sagemaker.list_processing_jobs().max_results(1)),
        ("sagemaker", "DescribeProcessingJob") => {
            make!(sagemaker.describe_processing_job().processing_job_name(NOBODY))
        }
        ("sagemaker", "DescribeDomain") => make!(sagemaker.describe_domain().domain_id("d-countersignasks")),
        ("ecr", "DescribeImages") => make!(ecr.describe_images().repository_name(NOBODY)),
        ("ecr", "DescribeRepositories") => make!(ecr.describe_repositories().repository_names(NOBODY)),
        ("iam", "GetRole") => make!(iam.get_role().role_name(NOBODY)),
        ("tag", "GetResources") => make!(tagging.get_resources().resources_per_page(1)),
        ("organizations", "ListAccounts") => make!(organizations.list_accounts().max_results(1)),
        ("organizations", "ListAccountsForParent") => {
            make!(organizations.list_accounts_for_parent().parent_id(NO_ROOT).max_results(1))
        }
        ("organizations", "ListOrganizationalUnitsForParent") => {
            make!(organizations.list_organizational_units_for_parent().parent_id(NO_ROOT).max_results(1))
        }
        _ => Attempt::Known(ProbeResult::Undecided(NO_PROBE.to_owned())),
    }
}

const NOT_FOR_FREE: &str = "to try it costs a cent; a run with `[cost] cost_explorer` tells";
const NO_PROBE: &str = "this version does not know how to try it";

/// What an answer says of the permission.
fn result<E>(answer: Result<(), SdkError<E, HttpResponse>>) -> ProbeResult
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let Err(error) = answer else { return ProbeResult::Works };
    let reason = reason(&error);
    match reason.cause {
        // A bucket that is not there says nothing; any other name that is not there was looked for.
        _ if reason.code.as_deref() == Some("NoSuchBucket") => {
            ProbeResult::Undecided("there is no such bucket".to_owned())
        }
        _ if reason.not_found => ProbeResult::Works,
        // These say that the bucket has no such settings, which only somebody may hear who may ask.
        _ if reason.code.as_deref().is_some_and(is_absent_setting) => ProbeResult::Works,
        GapCause::Denied(by) => ProbeResult::Denied(by),
        GapCause::Throttled => ProbeResult::Throttled,
        GapCause::Unreachable => ProbeResult::Unreachable(reason.message),
        _ => ProbeResult::Undecided(match reason.code {
            Some(code) => format!("{code}: {}", reason.message),
            None => reason.message,
        }),
    }
}

fn is_absent_setting(code: &str) -> bool {
    matches!(
        code,
        "ServerSideEncryptionConfigurationNotFoundError"
            | "NoSuchPublicAccessBlockConfiguration"
            | "NoSuchLifecycleConfiguration"
            | "ObjectLockConfigurationNotFoundError"
            | "NoSuchBucketPolicy"
            | "ReplicationConfigurationNotFoundError"
    )
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::operation::describe_model::DescribeModelError;
    use aws_smithy_runtime_api::http::StatusCode;
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    #[tokio::test]
    async fn every_declared_call_can_be_tried() {
        let session = Session::offline();
        let lane = Pacer::new(&Pace::default()).sagemaker();
        let clients = session.clients("eu-central-1", &lane);
        let place = Place { partition: "aws", account: "111122223333", region: "eu-central-1", bucket: Some("models") };
        let optional: Vec<&str> = OPTIONAL.iter().map(|collector| collector.name).collect();
        for call in declared(&optional) {
            match attempt(&clients, call, &place) {
                Attempt::Make(_) => {}
                Attempt::Known(ProbeResult::Undecided(why)) if call.service == "ce" => assert_eq!(why, NOT_FOR_FREE),
                Attempt::Known(result) => {
                    assert_eq!((call.service, result), ("sts", ProbeResult::Works), "{} has no probe", call.operation);
                }
            }
        }
    }

    #[test]
    fn an_answer_says_whether_asking_is_allowed() {
        let answered = |status: u16, code: &str, message: &str| {
            let meta = ErrorMetadata::builder().code(code).message(message).build();
            let response = HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::empty());
            result(Err(SdkError::service_error(DescribeModelError::generic(meta), response)))
        };
        assert_eq!(result::<DescribeModelError>(Ok(())), ProbeResult::Works);
        assert_eq!(answered(400, "ValidationException", "Could not find model \"x\"."), ProbeResult::Works);
        assert_eq!(answered(404, "NotFound", "Topic does not exist"), ProbeResult::Works);
        assert_eq!(answered(404, "NoSuchPublicAccessBlockConfiguration", ""), ProbeResult::Works);
        let denied = ProbeResult::Denied(DeniedBy::ServiceControlPolicy);
        assert_eq!(answered(400, "AccessDeniedException", "an explicit deny in a service control policy"), denied);
        assert_eq!(answered(400, "ThrottlingException", "Rate exceeded"), ProbeResult::Throttled);
        assert!(matches!(answered(404, "NoSuchBucket", "no such bucket"), ProbeResult::Undecided(_)));
        assert!(matches!(answered(500, "InternalFailure", "oh"), ProbeResult::Undecided(_)));
        let late = result::<DescribeModelError>(Err(SdkError::timeout_error("late")));
        assert!(matches!(late, ProbeResult::Unreachable(_)));
    }
}

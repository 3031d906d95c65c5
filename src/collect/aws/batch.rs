//! Batch transform jobs: models that serve by the day, not by the request.

use std::time::SystemTime;

use aws_sdk_sagemaker::operation::describe_transform_job::DescribeTransformJobOutput;
use aws_sdk_sagemaker::types::TransformJobStatus;

use super::engine::{Answer, Reader, token};
use super::text::{instant, nameless, required, text};
use crate::collect::{ApiCall, CollectorInfo, Malformed};
use crate::evidence::{CallId, FactKind, Hidden, ResourceKey, TransformJob};

const LIST: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "ListTransformJobs",
    action: "sagemaker:ListTransformJobs",
    purpose: "which batch transform jobs ran",
};

const DESCRIBE: ApiCall = ApiCall {
    service: "sagemaker",
    operation: "DescribeTransformJob",
    action: "sagemaker:DescribeTransformJob",
    purpose: "which model a batch transform job ran",
};

/// See the module.
pub(crate) static INFO: CollectorInfo = CollectorInfo {
    name: "batch",
    summary: "reads the batch transform jobs of the time asked for, because the models that they run are live too",
    yields: &[FactKind::TransformJobs],
    calls: &[LIST, DESCRIBE],
};

const ALL: &[Hidden] = &[Hidden::All(FactKind::TransformJobs)];

/// Lists the jobs of the window and describes each, since the list does not name the model.
pub(crate) async fn collect(reader: &Reader<'_>) {
    if reader.request().focus.as_ref().is_some_and(|focus| !focus.may_hold_jobs()) {
        return;
    }
    let sagemaker = &reader.clients().sagemaker;
    let since = SystemTime::from(reader.request().batch_since).into();
    let mut jobs: Vec<(String, CallId)> = Vec::new();
    let listed = reader
        .pages(
            &LIST,
            "transform jobs",
            |token| {
                sagemaker.list_transform_jobs().creation_time_after(since).max_results(100).set_next_token(token).send()
            },
            |Answer { output, call }| {
                for job in output.transform_job_summaries.unwrap_or_default() {
                    match job.transform_job_name {
                        Some(name) => jobs.push((name, call)),
                        None => reader.malformed(&LIST, call, &nameless("a transform job"), ALL),
                    }
                }
                token(output.next_token.as_deref())
            },
        )
        .await;
    if let Err(failure) = listed {
        reader.gap(failure, ALL);
    }
    reader.each(jobs, async |(name, listed)| describe(reader, &name, listed).await).await;
}

async fn describe(reader: &Reader<'_>, name: &str, listed: CallId) {
    let key = ResourceKey::new(FactKind::TransformJobs, name);
    let request = reader.clients().sagemaker.describe_transform_job().transform_job_name(name);
    match reader.ask(&DESCRIBE, name, request.send()).await {
        Ok(Answer { output, call }) => match normalise(&output) {
            Ok(job) => reader.record(job, &[listed, call]),
            Err(malformed) => reader.malformed(&DESCRIBE, call, &malformed, &[Hidden::One(key)]),
        },
        Err(failure) if failure.not_found => reader.absent(failure, key),
        Err(failure) => reader.gap(failure, &[Hidden::One(key)]),
    }
}

fn normalise(job: &DescribeTransformJobOutput) -> Result<TransformJob, Malformed> {
    let name = required("a transform job", "TransformJobName", job.transform_job_name())?;
    let resources = job.transform_resources();
    Ok(TransformJob {
        arn: required(&name, "TransformJobArn", job.transform_job_arn())?,
        model_name: required(&name, "ModelName", job.model_name())?,
        status: required(&name, "TransformJobStatus", job.transform_job_status().map(TransformJobStatus::as_str))?,
        created: instant(job.creation_time()),
        started: instant(job.transform_start_time()),
        ended: instant(job.transform_end_time()),
        instance_type: text(
            resources.and_then(|it| it.instance_type()).map(aws_sdk_sagemaker::types::TransformInstanceType::as_str),
        ),
        instances: resources.and_then(aws_sdk_sagemaker::types::TransformResources::instance_count),
        name,
    })
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types::{TransformInstanceType, TransformResources};
    use aws_smithy_types::DateTime;

    use super::*;

    #[test]
    fn a_job_names_its_model_or_is_malformed() {
        let job = DescribeTransformJobOutput::builder()
            .transform_job_name("nightly-1")
            .transform_job_arn("arn:aws:sagemaker:eu-central-1:111122223333:transform-job/nightly-1")
            .transform_job_status(TransformJobStatus::Completed)
            .creation_time(DateTime::from_secs(1_700_000_000));
        let missing = normalise(&job.clone().build()).unwrap_err();
        assert_eq!((missing.item.as_str(), missing.reason.as_str()), ("nightly-1", "`ModelName` is missing"));
        let resources =
            TransformResources::builder().instance_type(TransformInstanceType::MlM5Xlarge).instance_count(2);
        let job = normalise(&job.model_name("churn").transform_resources(resources.build()).build()).unwrap();
        assert_eq!((job.instance_type.as_deref(), job.instances), (Some("ml.m5.xlarge"), Some(2)));
        assert_eq!((job.model_name.as_str(), job.status.as_str()), ("churn", "Completed"));
        assert_eq!(job.created.unwrap().to_string(), "2023-11-14T22:13:20Z");
        assert_eq!(job.ended, None);
    }
}

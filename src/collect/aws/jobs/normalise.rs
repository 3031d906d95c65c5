//! SDK jobs to ours.

use std::collections::BTreeSet;

use aws_sdk_sagemaker::operation::describe_processing_job::DescribeProcessingJobOutput;
use aws_sdk_sagemaker::operation::describe_training_job::DescribeTrainingJobOutput;
use aws_sdk_sagemaker::types::{
    Channel, InstanceGroup, ModelArtifacts, OutputDataConfig, ProcessingClusterConfig, ProcessingInput,
    ProcessingInstanceType, ProcessingJobStatus, ProcessingOutput, ProcessingOutputConfig, ResourceConfig,
    TrainingInstanceType, TrainingJob, TrainingJobStatus,
};
use aws_smithy_types::DateTime;

use crate::collect::Malformed;
use crate::collect::aws::text::{instant, required, text};
use crate::evidence::Job;

/// A training job from either of its two types, whose members are the same.
macro_rules! training_job {
    ($name:expr, $given:expr) => {{
        let (name, given) = ($name, $given);
        let (instance_type, instances) = hardware(given.resource_config());
        let ran = || seconds(given.training_start_time(), given.training_end_time());
        Ok(Job {
            arn: required(&name, "TrainingJobArn", given.training_job_arn())?,
            kind: "training".to_owned(),
            status: required(&name, "TrainingJobStatus", given.training_job_status().map(TrainingJobStatus::as_str))?,
            created: instant(given.creation_time()),
            ended: instant(given.training_end_time()),
            inputs: read(given.input_data_config()),
            outputs: written(given.model_artifacts(), given.output_data_config()),
            instance_type,
            instances,
            billable_seconds: given.billable_time_in_seconds().map(i64::from).or_else(ran),
            name,
        })
    }};
}

/// A training job as the index knows it.
pub(super) fn found(given: &TrainingJob) -> Result<Job, Malformed> {
    training_job!(required("a training job", "TrainingJobName", given.training_job_name())?, given)
}

/// A training job as described.
pub(super) fn training(asked: &str, given: &DescribeTrainingJobOutput) -> Result<Job, Malformed> {
    training_job!(same(asked, "TrainingJobName", given.training_job_name())?, given)
}

/// A processing job.
pub(super) fn processing(asked: &str, given: &DescribeProcessingJobOutput) -> Result<Job, Malformed> {
    let name = same(asked, "ProcessingJobName", given.processing_job_name())?;
    let outputs = given.processing_output_config().map(ProcessingOutputConfig::outputs).unwrap_or_default();
    let cluster = given.processing_resources().and_then(|it| it.cluster_config());
    let into = |output: &ProcessingOutput| text(output.s3_output()?.s3_uri());
    Ok(Job {
        arn: required(&name, "ProcessingJobArn", given.processing_job_arn())?,
        kind: "processing".to_owned(),
        status: required(&name, "ProcessingJobStatus", given.processing_job_status().map(ProcessingJobStatus::as_str))?,
        created: instant(given.creation_time()),
        ended: instant(given.processing_end_time()),
        inputs: given.processing_inputs().iter().filter_map(input).collect(),
        outputs: outputs.iter().filter_map(into).collect(),
        instance_type: text(cluster.and_then(|it| it.instance_type()).map(ProcessingInstanceType::as_str)),
        instances: cluster.and_then(ProcessingClusterConfig::instance_count),
        billable_seconds: seconds(given.processing_start_time(), given.processing_end_time()),
        name,
    })
}

/// The name of a job, which has to be the one that was asked for.
fn same(asked: &str, member: &str, given: Option<&str>) -> Result<String, Malformed> {
    let name = required(asked, member, given)?;
    if name.eq_ignore_ascii_case(asked) {
        return Ok(name);
    }
    Err(Malformed { item: asked.to_owned(), reason: format!("the answer is about `{name}`") })
}

/// Type and number of instances; of groups of several types, the number only.
fn hardware(config: Option<&ResourceConfig>) -> (Option<String>, Option<i32>) {
    let Some(config) = config else { return (None, None) };
    let groups = config.instance_groups();
    if groups.is_empty() {
        let of = config.selected_instance_type().or(config.instance_type());
        return (
            text(of.map(TrainingInstanceType::as_str)),
            config.selected_instance_count().or(config.instance_count()),
        );
    }
    let types: BTreeSet<Option<&str>> =
        groups.iter().map(|group| group.instance_type().map(TrainingInstanceType::as_str)).collect();
    let only = if types.len() == 1 { types.first().copied().flatten() } else { None };
    (text(only), groups.iter().map(InstanceGroup::instance_count).sum())
}

/// Seconds from one instant to another; none before both are known.
fn seconds(from: Option<&DateTime>, until: Option<&DateTime>) -> Option<i64> {
    Some(instant(until)?.duration_since(instant(from)?).as_secs()).filter(|seconds| *seconds >= 0)
}

fn read(channels: &[Channel]) -> Vec<String> {
    channels.iter().filter_map(|channel| text(channel.data_source()?.s3_data_source()?.s3_uri())).collect()
}

fn written(artifacts: Option<&ModelArtifacts>, output: Option<&OutputDataConfig>) -> Vec<String> {
    let artifact = artifacts.and_then(|artifacts| text(artifacts.s3_model_artifacts()));
    artifact.or_else(|| text(output?.s3_output_path())).into_iter().collect()
}

/// What an input names: objects, or what a query over them gives.
fn input(given: &ProcessingInput) -> Option<String> {
    text(given.s3_input().and_then(|input| input.s3_uri()))
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types::{
        DataSource, InstanceGroup, ProcessingOutputConfig, ProcessingS3Input, ProcessingS3Output, S3DataSource,
        TrainingInstanceType,
    };

    use super::*;

    #[test]
    fn jobs_say_what_they_read_and_wrote() {
        let source = S3DataSource::builder().s3_uri("s3://b/feedback/").build();
        let channel = Channel::builder().channel_name("train");
        let channel = channel.data_source(DataSource::builder().s3_data_source(source).build()).build();
        let artifacts = ModelArtifacts::builder().s3_model_artifacts("s3://b/out/model.tar.gz").build();
        let described = DescribeTrainingJobOutput::builder()
            .training_job_name("t")
            .training_job_arn("arn:t")
            .training_job_status(TrainingJobStatus::Completed)
            .input_data_config(channel.clone())
            .model_artifacts(artifacts.clone());
        let job = training("T", &described.clone().build()).unwrap();
        assert_eq!(
            (job.inputs, job.outputs),
            (vec!["s3://b/feedback/".to_owned()], vec!["s3://b/out/model.tar.gz".to_owned()])
        );
        assert_eq!((job.instances, job.billable_seconds), (None, None));
        let on = ResourceConfig::builder().instance_type(TrainingInstanceType::MlM5Xlarge).instance_count(3).build();
        let timed = described.clone().resource_config(on).training_start_time(DateTime::from_secs(100));
        let job = training("t", &timed.clone().training_end_time(DateTime::from_secs(1_100)).build()).unwrap();
        let hours = (job.instance_type.as_deref(), job.instances, job.billable_seconds);
        assert_eq!(hours, (Some("ml.m5.xlarge"), Some(3), Some(1_000)));
        assert_eq!(training("t", &timed.billable_time_in_seconds(700).build()).unwrap().billable_seconds, Some(700));
        training("other", &described.build()).unwrap_err();
        let record = TrainingJob::builder()
            .training_job_name("t")
            .training_job_arn("arn:t")
            .training_job_status(TrainingJobStatus::Completed)
            .input_data_config(channel)
            .model_artifacts(artifacts);
        assert_eq!(found(&record.build()).unwrap().inputs, ["s3://b/feedback/"]);
        found(&TrainingJob::builder().build()).unwrap_err();

        let group = |of, count| InstanceGroup::builder().instance_type(of).instance_count(count).build();
        let mixed = ResourceConfig::builder().instance_groups(group(TrainingInstanceType::MlM5Xlarge, 2));
        let mixed = mixed.instance_groups(group(TrainingInstanceType::MlP32Xlarge, 1)).build();
        assert_eq!(hardware(Some(&mixed)), (None, Some(3)), "several types");

        let input = ProcessingInput::builder().input_name("i");
        let input = input.s3_input(ProcessingS3Input::builder().s3_uri("s3://b/in").build()).build();
        let output = ProcessingOutput::builder().output_name("o");
        let output = output.s3_output(ProcessingS3Output::builder().s3_uri("s3://b/reports").build()).build();
        let described = DescribeProcessingJobOutput::builder()
            .processing_job_name("p")
            .processing_job_arn("arn:p")
            .processing_job_status(ProcessingJobStatus::Stopped)
            .processing_inputs(input)
            .processing_output_config(ProcessingOutputConfig::builder().outputs(output).build());
        let job = processing("p", &described.build()).unwrap();
        assert_eq!(
            (job.inputs.as_slice(), job.outputs.as_slice()),
            (&["s3://b/in".to_owned()][..], &["s3://b/reports".to_owned()][..])
        );
        processing("p", &DescribeProcessingJobOutput::builder().build()).unwrap_err();
    }
}

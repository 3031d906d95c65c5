//! SDK jobs to ours.

use aws_sdk_sagemaker::operation::describe_processing_job::DescribeProcessingJobOutput;
use aws_sdk_sagemaker::operation::describe_training_job::DescribeTrainingJobOutput;
use aws_sdk_sagemaker::types::{
    Channel, ModelArtifacts, OutputDataConfig, ProcessingInput, ProcessingJobStatus, ProcessingOutput,
    ProcessingOutputConfig, TrainingJob, TrainingJobStatus,
};

use crate::collect::Malformed;
use crate::collect::aws::text::{instant, required, text};
use crate::evidence::Job;

/// A training job as the index knows it.
pub(super) fn found(given: &TrainingJob) -> Result<Job, Malformed> {
    let name = required("a training job", "TrainingJobName", given.training_job_name())?;
    Ok(Job {
        arn: required(&name, "TrainingJobArn", given.training_job_arn())?,
        kind: "training".to_owned(),
        status: required(&name, "TrainingJobStatus", given.training_job_status().map(TrainingJobStatus::as_str))?,
        created: instant(given.creation_time()),
        ended: instant(given.training_end_time()),
        inputs: read(given.input_data_config()),
        outputs: written(given.model_artifacts(), given.output_data_config()),
        name,
    })
}

/// A training job as described.
pub(super) fn training(asked: &str, given: &DescribeTrainingJobOutput) -> Result<Job, Malformed> {
    let name = same(asked, "TrainingJobName", given.training_job_name())?;
    Ok(Job {
        arn: required(&name, "TrainingJobArn", given.training_job_arn())?,
        kind: "training".to_owned(),
        status: required(&name, "TrainingJobStatus", given.training_job_status().map(TrainingJobStatus::as_str))?,
        created: instant(given.creation_time()),
        ended: instant(given.training_end_time()),
        inputs: read(given.input_data_config()),
        outputs: written(given.model_artifacts(), given.output_data_config()),
        name,
    })
}

/// A processing job.
pub(super) fn processing(asked: &str, given: &DescribeProcessingJobOutput) -> Result<Job, Malformed> {
    let name = same(asked, "ProcessingJobName", given.processing_job_name())?;
    let outputs = given.processing_output_config().map(ProcessingOutputConfig::outputs).unwrap_or_default();
    let into = |output: &ProcessingOutput| text(output.s3_output()?.s3_uri());
    Ok(Job {
        arn: required(&name, "ProcessingJobArn", given.processing_job_arn())?,
        kind: "processing".to_owned(),
        status: required(&name, "ProcessingJobStatus", given.processing_job_status().map(ProcessingJobStatus::as_str))?,
        created: instant(given.creation_time()),
        ended: instant(given.processing_end_time()),
        inputs: given.processing_inputs().iter().filter_map(input).collect(),
        outputs: outputs.iter().filter_map(into).collect(),
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
        DataSource, ProcessingOutputConfig, ProcessingS3Input, ProcessingS3Output, S3DataSource,
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
        training("other", &described.build()).unwrap_err();
        let record = TrainingJob::builder()
            .training_job_name("t")
            .training_job_arn("arn:t")
            .training_job_status(TrainingJobStatus::Completed)
            .input_data_config(channel)
            .model_artifacts(artifacts);
        assert_eq!(found(&record.build()).unwrap().inputs, ["s3://b/feedback/"]);
        found(&TrainingJob::builder().build()).unwrap_err();

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

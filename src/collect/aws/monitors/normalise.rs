//! SDK schedules to ours.

use aws_sdk_sagemaker::operation::describe_monitoring_schedule::DescribeMonitoringScheduleOutput;
use aws_sdk_sagemaker::types::{MonitoringScheduleSummary, MonitoringType, ScheduleConfig, ScheduleStatus};

use super::definition::Definition;
use crate::collect::Malformed;
use crate::collect::aws::text::{instant, required, text};
use crate::evidence::{Baseline, MonitorKind, MonitoringSchedule};

/// Where a schedule says what it does.
#[derive(Debug, PartialEq)]
pub(super) enum Defined {
    Inline(Definition),
    ByName(MonitorKind, String),
    Unknown,
}

/// What the list says of a schedule.
pub(super) fn listed(given: &MonitoringScheduleSummary) -> Result<MonitoringSchedule, Malformed> {
    let name = required("a monitoring schedule", "MonitoringScheduleName", given.monitoring_schedule_name())?;
    Ok(MonitoringSchedule {
        arn: required(&name, "MonitoringScheduleArn", given.monitoring_schedule_arn())?,
        kind: given.monitoring_type().and_then(kind),
        status: status(&name, given.monitoring_schedule_status())?,
        failure: None,
        endpoint: text(given.endpoint_name()),
        batch_input: None,
        expression: None,
        created: instant(given.creation_time()),
        modified: instant(given.last_modified_time()),
        definition: text(given.monitoring_job_definition_name()),
        defined: false,
        baseline: Baseline::default(),
        output: None,
        ground_truth: None,
        publishes_metrics: None,
        alert: None,
        executions: None,
        name,
    })
}

/// What the description adds, and where the definition is.
///
/// # Errors
/// If it is about another schedule, or lacks what every one has.
pub(super) fn described(
    listed: &MonitoringSchedule,
    given: &DescribeMonitoringScheduleOutput,
) -> Result<(MonitoringSchedule, Defined), Malformed> {
    let name = required(&listed.name, "MonitoringScheduleName", given.monitoring_schedule_name())?;
    if !name.eq_ignore_ascii_case(&listed.name) {
        return Err(Malformed { item: listed.name.clone(), reason: format!("the answer is about `{name}`") });
    }
    let config = given.monitoring_schedule_config();
    let config = config
        .ok_or_else(|| Malformed { item: name.clone(), reason: "`MonitoringScheduleConfig` is missing".to_owned() })?;
    let by_name = text(config.monitoring_job_definition_name()).or_else(|| listed.definition.clone());
    // A schedule with its definition inline is older than the types: it watches the quality of data.
    let inline = config.monitoring_job_definition();
    let kind = given.monitoring_type().or(config.monitoring_type()).and_then(kind).or(listed.kind);
    let kind = kind.or(inline.map(|_| MonitorKind::DataQuality));
    let schedule = MonitoringSchedule {
        kind,
        status: status(&name, given.monitoring_schedule_status())?,
        failure: text(given.failure_reason()),
        endpoint: text(given.endpoint_name()).or_else(|| listed.endpoint.clone()),
        expression: config.schedule_config().and_then(ScheduleConfig::schedule_expression).map(str::to_owned),
        created: instant(given.creation_time()).or(listed.created),
        modified: instant(given.last_modified_time()).or(listed.modified),
        definition: by_name.clone(),
        name: listed.name.clone(),
        ..listed.clone()
    };
    let defined = match (inline, by_name, kind) {
        (Some(inline), ..) => Defined::Inline(Definition::inline(inline)),
        (None, Some(name), Some(kind)) => Defined::ByName(kind, name),
        _ => Defined::Unknown,
    };
    Ok((schedule, defined))
}

fn status(name: &str, given: Option<&ScheduleStatus>) -> Result<String, Malformed> {
    required(name, "MonitoringScheduleStatus", given.map(ScheduleStatus::as_str))
}

fn kind(given: &MonitoringType) -> Option<MonitorKind> {
    match given {
        MonitoringType::DataQuality => Some(MonitorKind::DataQuality),
        MonitoringType::ModelQuality => Some(MonitorKind::ModelQuality),
        MonitoringType::ModelBias => Some(MonitorKind::Bias),
        MonitoringType::ModelExplainability => Some(MonitorKind::Explainability),
        // A type that came after this version.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_sagemaker::types::{
        BatchTransformInput, EndpointInput, MonitoringAppSpecification, MonitoringBaselineConfig,
        MonitoringConstraintsResource, MonitoringInput, MonitoringJobDefinition, MonitoringOutput,
        MonitoringOutputConfig, MonitoringS3Output, MonitoringScheduleConfig,
    };

    use super::*;

    const ARN: &str = "arn:aws:sagemaker:eu-central-1:111122223333:monitoring-schedule/s";

    fn summary() -> aws_sdk_sagemaker::types::builders::MonitoringScheduleSummaryBuilder {
        MonitoringScheduleSummary::builder()
            .monitoring_schedule_name("S")
            .monitoring_schedule_arn(ARN)
            .monitoring_schedule_status(ScheduleStatus::Scheduled)
    }

    fn description()
    -> aws_sdk_sagemaker::operation::describe_monitoring_schedule::builders::DescribeMonitoringScheduleOutputBuilder
    {
        DescribeMonitoringScheduleOutput::builder()
            .monitoring_schedule_name("S")
            .monitoring_schedule_arn(ARN)
            .monitoring_schedule_status(ScheduleStatus::Scheduled)
    }

    #[test]
    fn a_definition_is_inline_or_named() {
        let listed = listed(&summary().endpoint_name("fraud").build()).unwrap();
        let cron = ScheduleConfig::builder().schedule_expression("cron(0 * ? * * *)").build();
        let input = EndpointInput::builder().endpoint_name("fraud").build();
        let constraints = MonitoringConstraintsResource::builder().s3_uri("s3://b/constraints.json").build();
        let output = MonitoringS3Output::builder().s3_uri("s3://b/reports").local_path("/o").build();
        let output = MonitoringOutput::builder().s3_output(output).build();
        let inline = MonitoringJobDefinition::builder()
            .monitoring_inputs(MonitoringInput::builder().endpoint_input(input).build())
            .baseline_config(MonitoringBaselineConfig::builder().constraints_resource(constraints).build())
            .monitoring_output_config(MonitoringOutputConfig::builder().monitoring_outputs(output).build())
            .monitoring_app_specification(MonitoringAppSpecification::builder().image_uri("i").build())
            .environment("publish_cloudwatch_metrics", "Disabled");
        let config = MonitoringScheduleConfig::builder().schedule_config(cron).clone();
        let older = config.clone().monitoring_job_definition(inline.build()).build();
        let (mut schedule, defined) =
            described(&listed, &description().monitoring_schedule_config(older).build()).unwrap();
        assert_eq!(schedule.kind, Some(MonitorKind::DataQuality), "schedules were older than the types");
        let Defined::Inline(definition) = defined else { panic!("{defined:?}") };
        definition.complete(&mut schedule);
        assert!(schedule.defined && schedule.baseline.is_set());
        assert_eq!(schedule.output.as_deref(), Some("s3://b/reports"));
        assert_eq!(schedule.publishes_metrics, Some(false));
        assert_eq!(schedule.expression.as_deref(), Some("cron(0 * ? * * *)"));

        let named = config.monitoring_job_definition_name("d").monitoring_type(MonitoringType::ModelBias);
        let answer = description().monitoring_schedule_config(named.clone().build()).build();
        let (schedule, defined) = described(&listed, &answer).unwrap();
        assert_eq!(defined, Defined::ByName(MonitorKind::Bias, "d".to_owned()));
        assert!(!schedule.defined);
        let unknown = named.set_monitoring_job_definition_name(None).build();
        let (_, defined) = described(&listed, &description().monitoring_schedule_config(unknown).build()).unwrap();
        assert_eq!(defined, Defined::Unknown);
    }

    #[test]
    fn one_that_watches_batch_jobs_names_where_captures_lie() {
        let listed = listed(&summary().build()).unwrap();
        assert_eq!(listed.endpoint, None);
        let input = BatchTransformInput::builder().data_captured_destination_s3_uri("s3://b/captured").build();
        let inline = MonitoringJobDefinition::builder()
            .monitoring_inputs(MonitoringInput::builder().batch_transform_input(input).build())
            .build();
        let config = MonitoringScheduleConfig::builder().monitoring_job_definition(inline).build();
        let (mut schedule, defined) =
            described(&listed, &description().monitoring_schedule_config(config).build()).unwrap();
        let Defined::Inline(definition) = defined else { panic!("{defined:?}") };
        definition.complete(&mut schedule);
        assert_eq!(schedule.batch_input.as_deref(), Some("s3://b/captured"));
        assert!(!schedule.baseline.is_set());
    }

    #[test]
    fn answers_about_something_else_are_refused() {
        let known = listed(&summary().build()).unwrap();
        described(&known, &DescribeMonitoringScheduleOutput::builder().build()).unwrap_err();
        described(&known, &description().build()).unwrap_err();
        described(&known, &description().monitoring_schedule_name("T").build()).unwrap_err();
        listed(&summary().set_monitoring_schedule_status(None).build()).unwrap_err();
        listed(&MonitoringScheduleSummary::builder().build()).unwrap_err();
    }
}

//! What a monitor does: the four types of definition, and the older one that a schedule carries in itself.

use std::collections::HashMap;

use aws_sdk_sagemaker::types::{
    BatchTransformInput, EndpointInput, MonitoringConstraintsResource, MonitoringGroundTruthS3Input,
    MonitoringJobDefinition, MonitoringOutputConfig, MonitoringStatisticsResource,
};

use crate::collect::ApiCall;
use crate::collect::aws::engine::{Answer, Failure, Reader};
use crate::collect::aws::text::text;
use crate::evidence::{Baseline, MonitorKind, MonitoringSchedule};

macro_rules! describes {
    ($name:ident, $operation:literal) => {
        pub(super) const $name: ApiCall = ApiCall {
            service: "sagemaker",
            operation: $operation,
            action: concat!("sagemaker:", $operation),
            purpose: "what a monitor compares with, and where it reads and writes",
        };
    };
}

describes!(DATA_QUALITY, "DescribeDataQualityJobDefinition");
describes!(MODEL_QUALITY, "DescribeModelQualityJobDefinition");
describes!(BIAS, "DescribeModelBiasJobDefinition");
describes!(EXPLAINABILITY, "DescribeModelExplainabilityJobDefinition");

/// What a definition of any type says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Definition {
    endpoint: Option<String>,
    batch_input: Option<String>,
    baseline: Baseline,
    output: Option<String>,
    ground_truth: Option<String>,
    publishes_metrics: Option<bool>,
}

type Environment = HashMap<String, String>;

impl Definition {
    /// The older form, which a schedule carries in itself.
    pub(super) fn inline(given: &MonitoringJobDefinition) -> Self {
        let inputs = given.monitoring_inputs();
        let baseline = given.baseline_config();
        Self::default()
            .inputs(
                inputs.iter().find_map(|input| input.endpoint_input()),
                inputs.iter().find_map(|input| input.batch_transform_input()),
            )
            .compares(
                baseline.and_then(|it| it.baselining_job_name()),
                baseline.and_then(|it| it.constraints_resource()),
                baseline.and_then(|it| it.statistics_resource()),
            )
            .writes(given.monitoring_output_config())
            .set_by(given.environment())
    }

    fn inputs(self, endpoint: Option<&EndpointInput>, batch: Option<&BatchTransformInput>) -> Self {
        let endpoint = endpoint.and_then(|input| text(input.endpoint_name()));
        let batch_input = batch.and_then(|input| text(input.data_captured_destination_s3_uri()));
        Self { endpoint, batch_input, ..self }
    }

    fn compares(
        self,
        job: Option<&str>,
        constraints: Option<&MonitoringConstraintsResource>,
        statistics: Option<&MonitoringStatisticsResource>,
    ) -> Self {
        let constraints = constraints.and_then(|file| text(file.s3_uri()));
        let statistics = statistics.and_then(|file| text(file.s3_uri()));
        Self { baseline: Baseline { constraints, statistics, job: text(job), ..Baseline::default() }, ..self }
    }

    fn writes(self, output: Option<&MonitoringOutputConfig>) -> Self {
        let outputs = output.map(MonitoringOutputConfig::monitoring_outputs).unwrap_or_default();
        Self { output: outputs.iter().find_map(|output| text(output.s3_output()?.s3_uri())), ..self }
    }

    fn judges_by(self, truth: Option<&MonitoringGroundTruthS3Input>) -> Self {
        Self { ground_truth: truth.and_then(|truth| text(truth.s3_uri())), ..self }
    }

    /// Only one of the values is documented for each container; whatever else stands there is not taken for either.
    fn set_by(self, environment: Option<&Environment>) -> Self {
        let value = environment.and_then(|all| all.get("publish_cloudwatch_metrics"));
        let publishes_metrics = value.and_then(|value| match value.as_str() {
            "Enabled" => Some(true),
            "Disabled" => Some(false),
            _ => None,
        });
        Self { publishes_metrics, ..self }
    }

    /// Completes a schedule.
    pub(super) fn complete(self, schedule: &mut MonitoringSchedule) {
        let Self { endpoint, batch_input, baseline, output, ground_truth, publishes_metrics } = self;
        schedule.endpoint = schedule.endpoint.take().or(endpoint);
        schedule.batch_input = batch_input;
        schedule.baseline = baseline;
        schedule.output = output;
        schedule.ground_truth = ground_truth;
        schedule.publishes_metrics = publishes_metrics;
        schedule.defined = true;
    }
}

/// Reads the definition of one type by name.
///
/// # Errors
/// Why nothing came of it; what was deleted is not found.
pub(super) async fn read(reader: &Reader<'_>, kind: MonitorKind, name: &str) -> Result<Answer<Definition>, Failure> {
    let sagemaker = &reader.clients().sagemaker;
    macro_rules! ask {
        ($call:expr, $request:ident, $baseline:ident, $input:ident, $output:ident, $app:ident) => {{
            let request = sagemaker.$request().job_definition_name(name);
            let Answer { output, call } = reader.ask(&$call, name, request.send()).await?;
            let input = output.$input();
            let baseline = output.$baseline();
            let definition = Definition::default()
                .inputs(
                    input.and_then(|input| input.endpoint_input()),
                    input.and_then(|input| input.batch_transform_input()),
                )
                .compares(
                    baseline.and_then(|it| it.baselining_job_name()),
                    baseline.and_then(|it| it.constraints_resource()),
                    None,
                )
                .writes(output.$output())
                .set_by(output.$app().and_then(|it| it.environment()));
            (output, definition, call)
        }};
    }
    let (definition, call) = match kind {
        MonitorKind::DataQuality => {
            let (output, definition, call) = ask!(
                DATA_QUALITY,
                describe_data_quality_job_definition,
                data_quality_baseline_config,
                data_quality_job_input,
                data_quality_job_output_config,
                data_quality_app_specification
            );
            let statistics = output.data_quality_baseline_config().and_then(|it| it.statistics_resource());
            let baseline = Baseline { statistics: statistics.and_then(|it| text(it.s3_uri())), ..definition.baseline };
            (Definition { baseline, ..definition }, call)
        }
        MonitorKind::ModelQuality => {
            let (output, definition, call) = ask!(
                MODEL_QUALITY,
                describe_model_quality_job_definition,
                model_quality_baseline_config,
                model_quality_job_input,
                model_quality_job_output_config,
                model_quality_app_specification
            );
            let truth = output.model_quality_job_input().and_then(|input| input.ground_truth_s3_input());
            (definition.judges_by(truth), call)
        }
        MonitorKind::Bias => {
            let (output, definition, call) = ask!(
                BIAS,
                describe_model_bias_job_definition,
                model_bias_baseline_config,
                model_bias_job_input,
                model_bias_job_output_config,
                model_bias_app_specification
            );
            let truth = output.model_bias_job_input().and_then(|input| input.ground_truth_s3_input());
            (definition.judges_by(truth), call)
        }
        MonitorKind::Explainability => {
            let (_, definition, call) = ask!(
                EXPLAINABILITY,
                describe_model_explainability_job_definition,
                model_explainability_baseline_config,
                model_explainability_job_input,
                model_explainability_job_output_config,
                model_explainability_app_specification
            );
            (definition, call)
        }
    };
    Ok(Answer { output: definition, call })
}

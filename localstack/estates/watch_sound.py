"""Sound ones of each kind of hosting, each watched by the metrics that its kind publishes."""
import json

from .story import iso, tag_list
from .watch_common import LATENCY, NO_ERRORS, ONCALL, OWNER, REQUESTS, VARIANT
from .watch_delivery import allow
from .watch_truth import CANNOT_HAPPEN, NOT_APPLICABLE, human, told_in


def real_time(watch):
    for name in ("real-time-one", "real-time-two", "real-time-three"):
        watch.sound(name)


def serverless(watch):
    """Watched by the share of its concurrency that is in use."""
    name = "serverless"
    id_ = watch.endpoint(name, "document-check", {"VariantName": VARIANT, "ModelName": f"{name}-m", "InitialVariantWeight": 1.0, "ServerlessConfig": {
        "MemorySizeInMB": 4096, "MaxConcurrency": 20}})
    watch.alarms(name, saturation={"metric": "ServerlessConcurrentExecutionsUtilization", "Namespace": "AWS/SageMaker", "Statistic": "Maximum", "Threshold": 0.8})
    watch.metrics(name, CPUUtilization=None, DiskUtilization=None, ServerlessConcurrentExecutionsUtilization=[0.1, 0.2])
    watch.truth.watched(id_, instance_saturates=told_in(ONCALL))


def asynchronous(watch):
    """Requests come and go, so silence means nothing; its metrics are by endpoint."""
    name, where = "asynchronous", {"EndpointName": "asynchronous"}
    id_ = watch.endpoint(name, "statement-summaries", AsyncInferenceConfig={
        "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4}, "OutputConfig": {"S3OutputPath": f"s3://{watch.story.buckets['bank-models']}/async/"}})
    watch.alarm(f"{name}-errors", "InvocationFailures", where)
    watch.alarm(f"{name}-latency", "ApproximateAgeOfOldestRequest", where, Statistic="Maximum", Threshold=900.0)
    watch.alarm(f"{name}-saturation", "ApproximateBacklogSizePerInstance", where, Statistic="Maximum", Threshold=100.0)
    watch.alarm(f"{name}-drift", "feature_drift_psi", {**where, "VariantName": VARIANT}, Namespace="Bank/ModelQuality", Statistic="Maximum", Threshold=0.2, Period=3600,
                EvaluationPeriods=1)
    for metric, values in (("InvocationFailures", [NO_ERRORS]), ("InvocationsProcessed", [REQUESTS]), ("ApproximateAgeOfOldestRequest", [200.0, 400.0, 700.0]),
                           ("ApproximateBacklogSizePerInstance", [5, 12, 60])):
        watch.series("AWS/SageMaker", metric, where, values)
    watch.series("Bank/ModelQuality", "feature_drift_psi", {**where, "VariantName": VARIANT}, [0.05, 0.12], every=3600)
    watch.truth.watched(id_, silence=NOT_APPLICABLE, traffic_stops=CANNOT_HAPPEN, requests_fail=told_in(ONCALL, least=6 / 8),
                        latency_triples=told_in(ONCALL), instance_saturates=told_in(ONCALL))


def component(watch):
    """One inference component of an endpoint."""
    story, name = watch.story, "assistant-base"
    version, where = watch.group(name), {"InferenceComponentName": "assistant-base"}
    story.model(f"{name}-m", version.by_package)
    story.deploy("assistant", {"VariantName": "llm", "InstanceType": "ml.g5.2xlarge", "InitialInstanceCount": 1, "InitialVariantWeight": 1.0},
                 ExecutionRoleArn=story.serving_role, tags={"owner": OWNER, "cost-center": "CC-4100", "stage": "production"})
    story.client("sagemaker", story.release).create_inference_component(
        InferenceComponentName=name, EndpointName="assistant", VariantName="llm", RuntimeConfig={"CopyCount": 1}, Specification={
            "ModelName": f"{name}-m", "ComputeResourceRequirements": {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 16384}})
    id_ = watch.live("component", "assistant", "llm", name, package=version)
    watch.alarms(name, where, saturation={"metric": "GPUUtilizationNormalized", "Namespace": "/aws/sagemaker/InferenceComponents", "Threshold": 90.0})
    watch.metrics(name, where, CPUUtilization=None, MemoryUtilization=None, DiskUtilization=None, ModelLatency=[LATENCY])
    watch.series("/aws/sagemaker/InferenceComponents", "GPUUtilizationNormalized", where, [30, 55, 70])
    watch.truth.watched(id_, instance_saturates=told_in(ONCALL, least=5 * (90 - 52) / (100 - 52)))


def batch(watch):
    """A job each night; what tells of one that failed is a rule of EventBridge. Its drift is published by model package group."""
    story, group = watch.story, "portfolio-risk"
    version, model, events = watch.group(group), "portfolio-risk-m", story.client("events")
    story.model(model, version.by_package)
    topic = story.topic("ml-batch", "email", "ml-oncall@bank.example")
    allow(watch, topic, "events.amazonaws.com")
    events.put_rule(Name="failed-batch", State="ENABLED", EventPattern=json.dumps({
        "source": ["aws.sagemaker"], "detail-type": ["SageMaker Transform Job State Change"], "detail": {"TransformJobStatus": ["Failed"]}}))
    events.put_targets(Rule="failed-batch", Targets=[{"Id": "oncall", "Arn": topic}])
    id_ = watch.live("batch", model, package=version)
    watch.batches.append(model)
    where = {"ModelPackageGroup": group}
    watch.alarm(f"{group}-drift", "feature_drift_psi", where, Namespace="Bank/ModelQuality", Statistic="Maximum", Threshold=0.2, Period=86400, EvaluationPeriods=1)
    watch.series("Bank/ModelQuality", "feature_drift_psi", where, [0.05, 0.12], every=86400)
    watch.truth.watched(id_, latency=NOT_APPLICABLE, saturation=NOT_APPLICABLE, silence=NOT_APPLICABLE, latency_triples=CANNOT_HAPPEN, traffic_stops=CANNOT_HAPPEN,
                        instance_saturates=CANNOT_HAPPEN, requests_fail=human(0, 1, ONCALL), predictions_drift=told_in(ONCALL, period=1440, m=1))


def run_batches(watch):
    """Last night's jobs."""
    story, sagemaker = watch.story, watch.story.client("sagemaker", watch.story.release)
    for model in watch.batches:
        story.at(hours=8)
        scratch, job = story.buckets["bank-models"], f"{model}-{story.time:%Y%m%d}"
        sagemaker.create_transform_job(
            TransformJobName=job, ModelName=model, Tags=tag_list({"owner": OWNER, "cost-center": "CC-4100", "stage": "production"}),
            TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{scratch}/in/{model}/"}}, "ContentType": "text/csv"},
            TransformOutput={"S3OutputPath": f"s3://{scratch}/out/{model}/"}, TransformResources={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1})
        end = iso(story.pass_time(1800).time)
        story.plant("TransformJob", job, set={"TransformJobStatus": "Completed", "TransformEndTime": end, "LastModifiedTime": end})


STORIES = [real_time, serverless, asynchronous, component, batch]

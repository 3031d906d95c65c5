"""Monitors of SageMaker: a sound one of each type, and each way in which one can fail; captures that do not serve.

Each runs every night at two over what was captured the day before."""
import json

from .story import instances, iso
from .watch_common import ONCALL, VARIANT
from .watch_truth import COVERED, DELAY, EXECUTION, MISSING, NOBODY, human

GROUP = "fraud-detection"
DAYS = 10  # executions that are remembered
IMAGE = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
VIOLATIONS = {"violations": [
    {"feature_name": "amount", "constraint_check_type": "baseline_drift_check",
     "description": "Baseline drift distance: 0.41 exceeds threshold: 0.1"},
    {"feature_name": "merchant", "constraint_check_type": "data_type_check",
     "description": "Data type match requirement is not met. Expected data type: Integral, Expected match: 100.0%. Observed: Only 97.2% of data is Integral."}]}
KINDS = {"DataQuality": ("data_quality", "data-metrics", "feature_baseline_drift_amount"), "ModelQuality": ("model_quality", "model-metrics", "auc"),
         "ModelBias": ("model_bias", "bias-metrics", "bias_metric_DI"), "ModelExplainability": ("model_explainability", "explainability-metrics", "ndcg")}


def bucket(watch):
    return watch.story.buckets["bank-monitoring"]


def baseline(watch, version="v2", kind="DataQuality"):
    folder = f"s3://{bucket(watch)}/baselines/{GROUP}/{version}/{kind}"
    found = {"ConstraintsResource": {"S3Uri": f"{folder}/constraints.json"}}
    return {**found, "StatisticsResource": {"S3Uri": f"{folder}/statistics.json"}} if kind == "DataQuality" else found


def baselines(watch, version):
    """The files that a baseline job wrote, now."""
    for kind in KINDS:
        for name in ("constraints", "statistics"):
            watch.story.upload(bucket(watch), f"baselines/{GROUP}/{version}/{kind}/{name}.json", b'{"version": 0.0, "features": []}')


def registered_with_baselines(watch):
    """The package names the baselines that belong to it, as a pipeline's registration does."""
    file = lambda kind, name: {"ContentType": "application/json", "S3Uri": f"s3://{bucket(watch)}/baselines/{GROUP}/v2/{kind}/{name}.json"}
    both = lambda kind: {"Constraints": file(kind, "constraints"), "Statistics": file(kind, "statistics")}
    for group in (GROUP, "credit-decisions"):
        watch.story.plant("ModelPackage", watch.group(group).arn, set={"DriftCheckBaselines": {
            "ModelDataQuality": both("DataQuality"), "ModelQuality": both("ModelQuality"),
            "Bias": {"PostTrainingConstraints": file("ModelBias", "constraints")}, "Explainability": {"Constraints": file("ModelExplainability", "constraints")}}})


# --- endpoints whose requests are captured ---------------------------------------------------------------------------
def capture(watch, on=True, parts=("Input", "Output")):
    return {"EnableCapture": on, "InitialSamplingPercentage": 100, "DestinationS3Uri": f"s3://{bucket(watch)}/capture",
            "CaptureOptions": [{"CaptureMode": part} for part in parts]}


def captured(watch, name, group=GROUP, arriving=True, alarms=None, drift=True, **how):
    """A sound endpoint whose requests are captured."""
    id_ = watch.endpoint(name, group, variant=instances(VARIANT, f"{name}-m"), DataCaptureConfig=capture(watch, **how))
    watch.alarms(name, **(alarms or {}))
    watch.metrics(name, drift=drift)
    if arriving:
        watch.captures.append(name)
    return id_


def arrive(watch):
    """What was captured in the last hours, written by the clock of each."""
    for hours in (26, 3, 2, 1):
        watch.story.at(hours=hours)
        at = watch.story.time
        for name in watch.captures:
            watch.story.upload(bucket(watch), f"capture/{name}/{VARIANT}/{at:%Y/%m/%d/%H}/{at:%M}-00-000-{len(name):08x}.jsonl", b'{"captureData": {}}\n')


# --- schedules -------------------------------------------------------------------------------------------------------
def schedule(watch, endpoint, kind="DataQuality", inline=False, baselined="v2", cron="cron(0 2 ? * * *)"):
    """A schedule `<endpoint>-monitor`, with its definition by name or inline."""
    sagemaker, name = watch.story.client("sagemaker"), f"{endpoint}-monitor"
    base = baseline(watch, baselined, kind) if baselined else None
    role, cluster = watch.story.serving_role, {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20}}
    given = {"EndpointInput": {"EndpointName": endpoint, "LocalPath": "/opt/ml/processing/input/endpoint"}}
    output = {"MonitoringOutputs": [{"S3Output": {"S3Uri": f"s3://{bucket(watch)}/reports/{name}", "LocalPath": "/opt/ml/processing/output",
                                                  "S3UploadMode": "EndOfJob"}}]}
    config = {"MonitoringType": kind, "ScheduleConfig": {"ScheduleExpression": cron}}
    if inline:
        config["MonitoringJobDefinition"] = {
            "MonitoringInputs": [given], "MonitoringOutputConfig": output, "MonitoringResources": cluster, "MonitoringAppSpecification": {"ImageUri": IMAGE},
            "RoleArn": role, "Environment": {"publish_cloudwatch_metrics": "Enabled"}, **({"BaselineConfig": base} if base else {})}
    else:
        truth = {"GroundTruthS3Input": {"S3Uri": f"s3://{bucket(watch)}/ground-truth/{endpoint}"}} if kind in ("ModelQuality", "ModelBias") else {}
        specification = {"ImageUri": IMAGE, **({"ProblemType": "BinaryClassification"} if kind == "ModelQuality" else {}),
                         **({"ConfigUri": f"s3://{bucket(watch)}/config/{name}.json"} if kind in ("ModelBias", "ModelExplainability") else {}),
                         **({"Environment": {"publish_cloudwatch_metrics": "Enabled"}} if kind == "DataQuality" else {})}
        getattr(sagemaker, f"create_{KINDS[kind][0]}_job_definition")(**{
            "JobDefinitionName": f"{name}-definition", "JobResources": cluster, "RoleArn": role, f"{kind}AppSpecification": specification,
            f"{kind}JobInput": {**given, **truth}, f"{kind}JobOutputConfig": output, **({f"{kind}BaselineConfig": base} if base else {})})
        config["MonitoringJobDefinitionName"] = f"{name}-definition"
    sagemaker.create_monitoring_schedule(MonitoringScheduleName=name, MonitoringScheduleConfig=config)
    return name


def ran(watch, name, *statuses, until=0, report=None, failure=None, **schedule_members):
    """Nightly executions until so many days ago; the last ones ended as given, those before were completed. The report of the last
    one lies where its job wrote it."""
    newest = watch.story.ago(days=until).replace(hour=2, minute=0)
    days = [watch.story.ago(days=until + back).replace(hour=2, minute=0) for back in reversed(range(DAYS))]
    ended = ["Completed"] * (DAYS - len(statuses)) + list(statuses)
    arn = lambda at: f"arn:aws:sagemaker:{watch.story.region}:{watch.story.account}:processing-job/{name}-{at:%Y%m%d%H%M}"
    rows = [{"ScheduledTime": iso(at), "CreationTime": iso(at), "LastModifiedTime": iso(at.replace(minute=25)), "MonitoringExecutionStatus": status,
             "ProcessingJobArn": arn(at), **({"FailureReason": failure} if status == "Failed" and failure else {})} for at, status in zip(days, ended)]
    watch.runs.append((name, rows, schedule_members))
    watch.jobs.append((name, newest, ended[-1], report, failure))


def write_reports(watch):
    """The newest job of each schedule, and what it wrote, at the hour of each."""
    sagemaker, s3 = watch.story.client("sagemaker"), watch.story.client("s3")
    for name, newest, status, report, failure in sorted(watch.jobs, key=lambda row: row[1]):
        watch.story._set(newest.replace(minute=25))
        job, folder = f"{name}-{newest:%Y%m%d%H%M}", f"reports/{name}/{newest:%Y/%m/%d/%H}"
        sagemaker.create_processing_job(
            ProcessingJobName=job, RoleArn=watch.story.serving_role, AppSpecification={"ImageUri": IMAGE},
            ProcessingResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.xlarge", "VolumeSizeInGB": 20}},
            ProcessingOutputConfig={"Outputs": [{"OutputName": "monitoring_output", "S3Output": {
                "S3Uri": f"s3://{bucket(watch)}/{folder}", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}}]})
        ended = {"ProcessingJobStatus": "Failed" if status == "Failed" else "Completed", "ProcessingEndTime": iso(watch.story.time),
                 "MonitoringScheduleArn": f"arn:aws:sagemaker:{watch.story.region}:{watch.story.account}:monitoring-schedule/{name}"}
        ended["FailureReason" if status == "Failed" else "ExitMessage"] = failure or status
        watch.story.plant("ProcessingJob", job, set=ended)
        if status != "Failed":
            s3.put_object(Bucket=bucket(watch), Key=f"{folder}/statistics.json", Body=b'{"version": 0.0, "features": []}')
        if report is not None:
            s3.put_object(Bucket=bucket(watch), Key=f"{folder}/constraint_violations.json", Body=report)
    watch.story.at()
    for name, rows, members in watch.runs:
        watch.story.plant("MonitoringSchedule", name, executions=rows, **({"set": members} if members else {}))


def metric_of(watch, endpoint, kind, limit, quiet, comparison="GreaterThanThreshold"):
    """The alarm on what a monitor publishes, and a month of what it published."""
    _, namespace, metric = KINDS[kind]
    where, space = {"Endpoint": endpoint, "MonitoringSchedule": f"{endpoint}-monitor"}, f"aws/sagemaker/Endpoints/{namespace}"
    watch.series(space, metric, where, [quiet], every=86400)
    return {"metric": metric, "dimensions": where, "Namespace": space, "Statistic": "Average", "Period": 86400, "EvaluationPeriods": 1, "Threshold": limit,
            "ComparisonOperator": comparison}


def monitored(watch, name, kind="DataQuality", alarmed=True, **how):
    """An endpoint whose drift only its nightly monitor shows; sound where an alarm is on what it publishes."""
    limit = {"DataQuality": (0.2, 0.05), "ModelQuality": (0.8, 0.9)}[kind]
    below = {"comparison": "LessThanThreshold"} if kind == "ModelQuality" else {}
    id_ = captured(watch, name, alarms={"drift": metric_of(watch, name, kind, *limit, **below) if alarmed else None}, drift=False)
    watch.truth.watched(id_, predictions_drift=human(0, 1440 + EXECUTION + DELAY, ONCALL) if alarmed else NOBODY, **({} if alarmed else {"drift": MISSING}))
    return id_, schedule(watch, name, kind, **how)


def data_quality(watch):
    ran(watch, monitored(watch, "monitored-data-quality")[1])


def model_quality(watch):
    ran(watch, monitored(watch, "monitored-model-quality", "ModelQuality")[1])


def bias(watch):
    """High risk: an alarm on the bias metric, beside the drift of the inputs. Sound."""
    name = "monitored-bias"
    id_ = captured(watch, name, "credit-decisions")
    _, namespace, metric = KINDS["ModelBias"]
    where = {"Endpoint": name, "MonitoringSchedule": f"{name}-monitor", "BiasStage": "CombinedPostTraining", "Facet": "age_group", "FacetValue": "over-60",
             "Label": "approved", "LabelValue": "1"}
    watch.series(f"aws/sagemaker/Endpoints/{namespace}", metric, where, [0.97], every=86400)
    watch.alarm(f"{name}-fairness", metric, where, Namespace=f"aws/sagemaker/Endpoints/{namespace}", Statistic="Average", Period=86400, EvaluationPeriods=1, Threshold=0.8,
                ComparisonOperator="LessThanThreshold")
    ran(watch, schedule(watch, name, "ModelBias"))
    watch.truth.watched(id_, responsible_ai=COVERED)


def explainability(watch):
    """With its definition inline. Sound."""
    name = "monitored-attribution"
    captured(watch, name)
    ran(watch, schedule(watch, name, "ModelExplainability", inline=True))


def unmonitored(watch, name, why, **how):
    id_, monitor = monitored(watch, name, alarmed=False, **how)
    watch.truth.fail(id_, "MON-009", why=why)
    return monitor


def stopped(watch):
    monitor = unmonitored(watch, "monitor-stopped", "stopped a week ago")
    ran(watch, monitor, until=7, MonitoringScheduleStatus="Stopped")


def failed(watch):
    monitor = unmonitored(watch, "monitor-failed", "its schedule failed")
    ran(watch, monitor, "Failed", failure="AlgorithmError: See job logs", MonitoringScheduleStatus="Failed",
        FailureReason="The role may not be assumed by sagemaker.amazonaws.com")


def failed_without_data(watch):
    monitor = unmonitored(watch, "monitor-without-data", "its last executions failed for want of data")
    ran(watch, monitor, "Failed", "Failed", "Failed", failure="Job inputs had no data")


def stale(watch):
    monitor = unmonitored(watch, "monitor-stale", "nightly, and the last execution was five days ago")
    ran(watch, monitor, until=5)


def old_baseline(watch):
    id_, monitor = monitored(watch, "baseline-of-before", baselined="v1")
    ran(watch, monitor)
    watch.truth.fail(id_, "MON-010", why="its baseline was made before the version that serves")


def no_baseline(watch):
    id_, monitor = monitored(watch, "no-baseline", baselined=None)
    ran(watch, monitor)
    watch.truth.fail(id_, "MON-010", why="it compares with nothing")


def untriaged(watch):
    """Three nights of violations in a row, and nobody did anything."""
    id_, monitor = monitored(watch, "violations-untriaged")
    ran(watch, monitor, *["CompletedWithViolations"] * 4, report=json.dumps(VIOLATIONS).encode())
    watch.truth.fail(id_, "MON-011", why="four violating executions in a row")


def malformed(watch):
    id_, monitor = monitored(watch, "report-malformed")
    ran(watch, monitor, "CompletedWithViolations", report=b'{"violations": [{"feature_name": "amou')
    watch.truth.unknown(id_, "MON-011", why="its report ends in the middle")


def unreadable(watch):
    id_, monitor = monitored(watch, "report-unreadable")
    ran(watch, monitor, "CompletedWithViolations", report=json.dumps(VIOLATIONS).encode())
    key = f"reports/{monitor}/{watch.story.now:%Y/%m/%d}/02/constraint_violations.json"
    watch.faults.append({"account": watch.story.account, "service": "s3", "operation": "GetObject", "match": {"Key": key}, "error": {"denied": "identity"}})
    watch.truth.unknown(id_, "MON-011", why="its report may not be read")


# --- capture ---------------------------------------------------------------------------------------------------------
def capture_off(watch):
    id_ = captured(watch, "capture-off", on=False, arriving=False)
    watch.truth.fail(id_, "MON-008", why="capture is off")


def capture_stopped(watch):
    name = "capture-stopped"
    id_ = captured(watch, name, arriving=False)
    watch.story.plant("Endpoint", name, set={"DataCaptureConfig": {
        "EnableCapture": True, "CaptureStatus": "Stopped", "CurrentSamplingPercentage": 100, "DestinationS3Uri": f"s3://{bucket(watch)}/capture", "KmsKeyId": ""}})
    watch.truth.fail(id_, "MON-008", why="capture stopped")


def capture_without_answers(watch):
    id_ = captured(watch, "capture-without-answers", parts=("Input",))
    watch.truth.fail(id_, "MON-008", why="what it answered is not captured")


def capture_not_arriving(watch):
    id_ = captured(watch, "capture-not-arriving", arriving=False)
    watch.truth.fail(id_, "MON-008", why="480 requests an hour, and nothing arrives")


def orphans(watch):
    """What is left of an endpoint that was deleted: an alarm, a schedule, a scalable target, and a dashboard's widget."""
    name, story = "retired-scoring", watch.story
    sagemaker = story.client("sagemaker")
    story.model(f"{name}-m", watch.group("card-scoring").by_package)
    story.deploy(name, instances(VARIANT, f"{name}-m"), DataCaptureConfig=capture(watch))
    monitor = schedule(watch, name)
    watch.story.plant("MonitoringSchedule", monitor, set={"MonitoringScheduleStatus": "Stopped"})
    watch.alarm(f"{name}-errors", "Invocation5XXErrors", {"EndpointName": name, "VariantName": VARIANT})
    story.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker", ResourceId=f"endpoint/{name}/variant/{VARIANT}", ScalableDimension="sagemaker:variant:DesiredInstanceCount",
        MinCapacity=1, MaxCapacity=4)
    sagemaker.delete_endpoint(EndpointName=name)
    watch.truth.fail(f"{story.account}/{story.region}", "MON-007", why="an alarm, a schedule, a scalable target and a widget on retired-scoring")


STORIES = [data_quality, model_quality, bias, explainability, stopped, failed, failed_without_data, stale, old_baseline, no_baseline, untriaged, malformed, unreadable,
           capture_off, capture_stopped, capture_without_answers, capture_not_arriving, orphans]

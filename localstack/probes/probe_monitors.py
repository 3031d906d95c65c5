"""SageMaker's monitors: schedules of four types, definitions, executions, alerts, their jobs, capture, and files by the account's clock."""
import datetime as dt

from kit import Account, post, refused, same

NOW = "2026-09-01T12:00:00Z"
ROLE = "arn:aws:iam::123456789012:role/r"
RESOURCES = {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 20}}
INPUT = {"EndpointInput": {"EndpointName": "e", "LocalPath": "/opt/ml/processing/input"}}
OUTPUT = {"MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://bucket/reports", "LocalPath": "/opt/ml/processing/output"}}]}
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/monitor:1"
TRUTH = {"GroundTruthS3Input": {"S3Uri": "s3://bucket/truth"}}
TYPES = {  # kind of definition -> its baseline and what its input has beside the endpoint
    "DataQuality": ({"ConstraintsResource": {"S3Uri": "s3://bucket/constraints.json"}, "StatisticsResource": {"S3Uri": "s3://bucket/statistics.json"}}, {}),
    "ModelQuality": ({"ConstraintsResource": {"S3Uri": "s3://bucket/constraints.json"}}, TRUTH),
    "ModelBias": ({"ConstraintsResource": {"S3Uri": "s3://bucket/constraints.json"}}, TRUTH),
    "ModelExplainability": ({"BaseliningJobName": "baseline"}, {}),
}


def account():
    a = Account()
    a.clock(NOW)
    sm = a["sagemaker"]
    a.model("m")
    sm.create_endpoint_config(EndpointConfigName="e", ProductionVariants=[{"VariantName": "v", "ModelName": "m", "InstanceType": "ml.m5.large",
                                                                         "InitialInstanceCount": 1}],
                              DataCaptureConfig={"EnableCapture": True, "InitialSamplingPercentage": 50, "DestinationS3Uri": "s3://bucket/capture",
                                                 "CaptureOptions": [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}]})
    sm.create_endpoint(EndpointName="e", EndpointConfigName="e")
    return a, sm


def defined(sm, kind):
    snake = {"DataQuality": "data_quality", "ModelQuality": "model_quality", "ModelBias": "model_bias", "ModelExplainability": "model_explainability"}[kind]
    baseline, more = TYPES[kind]
    specification = {"ImageUri": IMAGE, **({"ProblemType": "BinaryClassification"} if kind == "ModelQuality" else {}),
                     **({"ConfigUri": "s3://bucket/config.json"} if kind in ("ModelBias", "ModelExplainability") else {})}
    getattr(sm, f"create_{snake}_job_definition")(**{
        "JobDefinitionName": f"d-{kind}", "JobResources": RESOURCES, "RoleArn": ROLE, f"{kind}BaselineConfig": baseline,
        f"{kind}AppSpecification": specification, f"{kind}JobInput": {**INPUT, **more}, f"{kind}JobOutputConfig": OUTPUT})
    sm.create_monitoring_schedule(MonitoringScheduleName=f"s-{kind}", MonitoringScheduleConfig={
        "MonitoringJobDefinitionName": f"d-{kind}", "MonitoringType": kind, "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"}})
    return getattr(sm, f"describe_{snake}_job_definition")(JobDefinitionName=f"d-{kind}")


def shows_schedules_of_four_types():
    _, sm = account()
    for kind, (baseline, _) in TYPES.items():
        same(defined(sm, kind)[f"{kind}BaselineConfig"], baseline)
        found = sm.describe_monitoring_schedule(MonitoringScheduleName=f"s-{kind}")
        same((found["MonitoringType"], found["EndpointName"], found["MonitoringScheduleStatus"], found["CreationTime"].isoformat()),
             (kind, "e", "Scheduled", "2026-09-01T12:00:00+00:00"))
        same(found["MonitoringScheduleConfig"]["MonitoringJobDefinitionName"], f"d-{kind}")
    names = lambda **q: sorted(s["MonitoringScheduleName"] for s in sm.list_monitoring_schedules(**q)["MonitoringScheduleSummaries"])
    same(names(EndpointName="e"), sorted(f"s-{k}" for k in TYPES))
    same(names(EndpointName="other"), [])
    same(names(MonitoringTypeEquals="ModelBias"), ["s-ModelBias"])
    same(names(MonitoringJobDefinitionName="d-DataQuality"), ["s-DataQuality"])
    sm.stop_monitoring_schedule(MonitoringScheduleName="s-ModelBias")
    same(names(StatusEquals="Stopped"), ["s-ModelBias"])
    page = sm.list_monitoring_schedules(MaxResults=3)
    same((len(page["MonitoringScheduleSummaries"]), len(sm.list_monitoring_schedules(MaxResults=3, NextToken=page["NextToken"])["MonitoringScheduleSummaries"])), (3, 1))
    same(refused(sm.describe_monitoring_schedule, MonitoringScheduleName="x")[0], "ResourceNotFound")


def shows_a_schedule_with_its_definition_inline():
    a, sm = account()
    definition = {"BaselineConfig": {"ConstraintsResource": {"S3Uri": "s3://bucket/constraints.json"}}, "MonitoringInputs": [INPUT],
                  "MonitoringOutputConfig": OUTPUT, "MonitoringResources": RESOURCES, "MonitoringAppSpecification": {"ImageUri": IMAGE}, "RoleArn": ROLE}
    sm.create_monitoring_schedule(MonitoringScheduleName="s", MonitoringScheduleConfig={
        "MonitoringJobDefinition": definition, "MonitoringType": "DataQuality", "ScheduleConfig": {"ScheduleExpression": "NOW"}})
    have = sm.describe_monitoring_schedule(MonitoringScheduleName="s")
    same(have["MonitoringScheduleConfig"]["MonitoringJobDefinition"]["BaselineConfig"], definition["BaselineConfig"])
    same(sm.list_monitoring_schedules()["MonitoringScheduleSummaries"][0]["EndpointName"], "e")


def shows_executions_and_alerts():
    a, sm = account()
    defined(sm, "DataQuality")
    job = f"arn:aws:sagemaker:us-east-1:{a.id}:processing-job/run"
    post("/_countersign/sagemaker", [{
        "account": a.id, "kind": "MonitoringSchedule", "name": "s-DataQuality", "alert": {"AlertStatus": "InAlert"},
        "alert_history": [{"AlertStatus": "InAlert", "CreationTime": "2026-09-01T10:10:00Z"}], "executions": [
            {"MonitoringExecutionStatus": "Completed", "ScheduledTime": "2026-09-01T09:00:00Z"},
            {"MonitoringExecutionStatus": "Failed", "ScheduledTime": "2026-09-01T10:00:00Z", "FailureReason": "No data", "ProcessingJobArn": job}]}])
    runs = lambda **q: [(e["ScheduledTime"].hour, e["MonitoringExecutionStatus"], e.get("FailureReason"), e.get("ProcessingJobArn"))
                        for e in sm.list_monitoring_executions(SortBy="ScheduledTime", **q)["MonitoringExecutionSummaries"]]
    same(runs(), [(10, "Failed", "No data", job), (9, "Completed", None, None)])
    same(runs(ScheduledTimeAfter=dt.datetime(2026, 9, 1, 9, 30), EndpointName="e", MonitoringScheduleName="s-DataQuality", MonitoringTypeEquals="DataQuality"), runs()[:1])
    same((runs(StatusEquals="Completed"), runs(EndpointName="x")), (runs()[1:], []))
    last = sm.describe_monitoring_schedule(MonitoringScheduleName="s-DataQuality")["LastMonitoringExecutionSummary"]
    same((last["MonitoringExecutionStatus"], last["FailureReason"]), ("Failed", "No data"))
    same(sm.list_monitoring_alerts(MonitoringScheduleName="s-DataQuality")["MonitoringAlertSummaries"][0]["AlertStatus"], "InAlert")
    history = sm.list_monitoring_alert_history(MonitoringScheduleName="s-DataQuality")["MonitoringAlertHistory"]
    same([(h["AlertStatus"], h["CreationTime"].hour) for h in history], [("InAlert", 10)])


def shows_processing_and_training_jobs():
    a, sm = account()
    channel = lambda uri: {"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri}}}
    for number, uri in enumerate(("s3://bucket/feedback/2026/", "s3://bucket/other/")):
        sm.create_training_job(
            TrainingJobName=f"t{number}", RoleArn=ROLE, AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            InputDataConfig=[channel(uri)], OutputDataConfig={"S3OutputPath": "s3://bucket/out/"}, StoppingCondition={"MaxRuntimeInSeconds": 3600},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 10}, Tags=[{"Key": "k", "Value": "v"}])
    post("/_countersign/sagemaker", [{"account": a.id, "kind": "TrainingJob", "name": "t0", "set": {
        "TrainingJobStatus": "Completed", "TrainingEndTime": "2026-09-01T11:00:00Z"}}])
    same([(j["TrainingJobName"], j["TrainingJobStatus"]) for j in sm.list_training_jobs(SortBy="Name", SortOrder="Ascending")["TrainingJobSummaries"]],
         [("t0", "Completed"), ("t1", "InProgress")])
    found = sm.describe_training_job(TrainingJobName="t0")
    same((found["TrainingEndTime"].hour, found["ModelArtifacts"]["S3ModelArtifacts"]), (11, "s3://bucket/out/t0/output/model.tar.gz"))
    name = "InputDataConfig.DataSource.S3DataSource.S3Uri"
    hits = lambda **expression: [r["TrainingJob"]["TrainingJobName"] for r in sm.search(Resource="TrainingJob", SearchExpression=expression)["Results"]]
    by_uri = [{"Name": name, "Operator": "Contains", "Value": "s3://bucket/feedback/"}]
    same((hits(Filters=by_uri), hits(NestedFilters=[{"NestedPropertyName": "InputDataConfig", "Filters": by_uri}])), (["t0"], ["t0"]))

    sm.create_processing_job(
        ProcessingJobName="run", RoleArn=ROLE, AppSpecification={"ImageUri": IMAGE}, ProcessingResources=RESOURCES, ProcessingOutputConfig={"Outputs": [
            {"OutputName": "o", "S3Output": {"S3Uri": "s3://bucket/reports/run", "LocalPath": "/opt/ml/processing/output", "S3UploadMode": "EndOfJob"}}]})
    post("/_countersign/sagemaker", [{"account": a.id, "kind": "ProcessingJob", "name": "run", "set": {
        "ProcessingJobStatus": "Completed", "ExitMessage": "CompletedWithViolations: Job completed successfully with 2 violations.",
        "MonitoringScheduleArn": f"arn:aws:sagemaker:us-east-1:{a.id}:monitoring-schedule/s"}}])
    found = sm.describe_processing_job(ProcessingJobName="run")
    same((found["ExitMessage"].split(":")[0], found["ProcessingOutputConfig"]["Outputs"][0]["S3Output"]["S3Uri"], found["MonitoringScheduleArn"][-1]),
         ("CompletedWithViolations", "s3://bucket/reports/run", "s"))
    same([j["ProcessingJobStatus"] for j in sm.list_processing_jobs(StatusEquals="Completed")["ProcessingJobSummaries"]], ["Completed"])
    same(refused(sm.describe_training_job, TrainingJobName="x")[0], "ValidationException")


def shows_capture_on_and_stopped():
    a, sm = account()
    capture = lambda: {k: v for k, v in sm.describe_endpoint(EndpointName="e")["DataCaptureConfig"].items() if k != "KmsKeyId"}
    on = {"EnableCapture": True, "CaptureStatus": "Started", "CurrentSamplingPercentage": 50, "DestinationS3Uri": "s3://bucket/capture"}
    same(capture(), on)
    same(sm.describe_endpoint_config(EndpointConfigName="e")["DataCaptureConfig"]["CaptureOptions"], [{"CaptureMode": "Input"}, {"CaptureMode": "Output"}])
    post("/_countersign/sagemaker", [{"account": a.id, "kind": "Endpoint", "name": "e", "set": {"DataCaptureConfig": {**on, "CaptureStatus": "Stopped"}}}])
    same(capture()["CaptureStatus"], "Stopped")


def shows_files_by_the_clock():
    a, s3 = Account(), None
    s3, bucket = a["s3"], f"files-{a.id}"
    s3.create_bucket(Bucket=bucket)
    for day in (1, 9):
        a.clock(f"2026-09-0{day}T10:00:00Z")
        s3.put_object(Bucket=bucket, Key=f"capture/e/v/2026/09/0{day}/10/part.jsonl", Body=b"{}")
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="capture/e/v/2026/09/")["Contents"]
    same([(o["Key"].split("/")[5], o["LastModified"].day) for o in listed], [("01", 1), ("09", 9)])
    same(s3.head_object(Bucket=bucket, Key=listed[0]["Key"])["LastModified"].day, 1)
    folders = s3.list_objects_v2(Bucket=bucket, Prefix="capture/e/v/2026/09/", Delimiter="/")["CommonPrefixes"]
    same([f["Prefix"][-3:] for f in folders], ["01/", "09/"])
    same([o["Key"][-20:-18] for o in s3.list_objects_v2(Bucket=bucket, Prefix="capture/", StartAfter=listed[0]["Key"])["Contents"]], [listed[1]["Key"][-20:-18]])

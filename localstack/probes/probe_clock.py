"""The clock of an account."""
import datetime as dt
import json

from kit import Account, post, same


def shows_frozen_times_in_every_service():
    a, other = Account(), Account()
    a.clock("2026-08-01T09:00:00Z")
    a.model("m")
    a.endpoint("E", "m")
    endpoint = a["sagemaker"].describe_endpoint(EndpointName="E")
    for moment in (endpoint["CreationTime"], endpoint["LastModifiedTime"], endpoint["ProductionVariants"][0]["DeployedImages"][0]["ResolutionTime"]):
        same(moment.isoformat(), "2026-08-01T09:00:00+00:00")
    other["sagemaker"].create_model_package_group(ModelPackageGroupName="g")
    made = other["sagemaker"].describe_model_package_group(ModelPackageGroupName="g")["CreationTime"]
    assert abs(made - dt.datetime.now(dt.timezone.utc)) < dt.timedelta(minutes=1), made
    same(a.events("CreateEndpoint")[0]["eventTime"], "2026-08-01T09:00:00Z")


def shows_object_versions_at_their_instants():
    a = Account()
    bucket, s3 = f"clock-{a.id}", a["s3"]
    a.clock("2026-07-01T00:00:00Z")
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=bucket, Key="m", Body=b"1")
    a.clock("2026-07-02T00:00:00Z")
    s3.put_object(Bucket=bucket, Key="m", Body=b"2")
    a.clock("2026-07-03T00:00:00Z")
    s3.delete_object(Bucket=bucket, Key="m")
    listed = s3.list_object_versions(Bucket=bucket, Prefix="m")
    same([v["LastModified"].day for v in listed["Versions"]], [2, 1])
    same([(m["LastModified"].day, m["IsLatest"]) for m in listed["DeleteMarkers"]], [(3, True)])


def shows_alarm_times_and_history():
    a = Account()
    cw = a["cloudwatch"]
    alarm = dict(AlarmName="x", Namespace="AWS/SageMaker", MetricName="ModelLatency", Statistic="Average", Period=60, EvaluationPeriods=1,
                 Threshold=1, ComparisonOperator="GreaterThanThreshold")
    a.clock("2026-07-01T00:00:00Z")
    cw.put_metric_alarm(**alarm)
    a.clock("2026-07-02T00:00:00Z")
    cw.set_alarm_state(AlarmName="x", StateValue="ALARM", StateReason="r")
    a.clock("2026-07-03T00:00:00Z")
    cw.set_alarm_state(AlarmName="x", StateValue="ALARM", StateReason="again")
    cw.put_metric_alarm(**alarm)
    found = cw.describe_alarms()["MetricAlarms"][0]
    same([found[k].day for k in ("AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp", "StateTransitionedTimestamp")], [3, 3, 2])
    same(found["StateValue"], "ALARM")
    history = cw.describe_alarm_history(AlarmName="x")["AlarmHistoryItems"]
    same([(h["HistoryItemType"], h["Timestamp"].day) for h in history], [("ConfigurationUpdate", 3), ("StateUpdate", 2), ("ConfigurationUpdate", 1)])


def shows_the_ninety_days_of_lookup_events():
    a = Account()
    a.clock("2026-04-01T00:00:00Z")
    a["sagemaker"].create_model_package_group(ModelPackageGroupName="g")
    a.clock("2026-06-29T00:00:00Z")
    same(len(a.events("CreateModelPackageGroup")), 1)
    a.clock("2026-07-02T00:00:00Z")
    same(len(a.events("CreateModelPackageGroup")), 0)


def shows_a_delivery_delay():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    post("/_countersign/cloudtrail/delay", {"account": a.id, "seconds": 900})
    a["sagemaker"].create_model_package_group(ModelPackageGroupName="g")
    a.clock("2026-07-01T00:10:00Z")
    same(len(a.events("CreateModelPackageGroup")), 0)
    a.clock("2026-07-01T00:15:00Z")
    same(len(a.events("CreateModelPackageGroup")), 1)


def shows_real_time_again():
    a = Account()
    a.clock("2026-01-01T00:00:00Z")
    assert a.id in post("/_countersign/clock", {"account": a.id, "now": "2026-01-02T00:00:00Z"})["frozen"]
    assert a.id not in post("/_countersign/clock", {"account": a.id, "now": None})["frozen"]


def shows_planted_events():
    a = Account()
    a.clock("2026-07-10T00:00:00Z")
    event = {"eventVersion": "1.11", "eventTime": "2026-07-01T00:00:00Z", "eventSource": "apigateway.amazonaws.com", "eventName": "CreateModel",
             "awsRegion": "us-east-1", "recipientAccountId": a.id, "eventID": f"e-{a.id}", "userIdentity": {"type": "IAMUser", "userName": "carol"}}
    same(post("/_countersign/cloudtrail/events", [{"event": event}]), {"seeded": 1})
    same(a.events("CreateModel", "apigateway.amazonaws.com")[0]["userIdentity"]["userName"], "carol")
    same(a.events("CreateModel"), [])


def shows_calls_kept_out_of_the_trail():
    a = Account(headers={"x-countersign-no-trail": "1"})
    a["sagemaker"].create_model_package_group(ModelPackageGroupName="g")
    same(json.dumps(a.events("CreateModelPackageGroup")), "[]")

"""Whether the emulator holds what the truth of `watch` rests on."""
import datetime as dt
import json

from botocore.exceptions import ClientError

from .check import expect
from .watch_common import VARIANT
from .watch_truth import CODES, FAULTS, SIGNALS


def check(story, seen):
    told = story.truth.document()
    expect("every live version is judged in full", {(set(v["coverage"]), set(v["faults"])) == (set(SIGNALS), set(FAULTS)) for v in told["live_versions"]}, {True})
    expect("only these controls", {row["code"] for row in told["findings"] + told["unknown"] + told["open"]} <= set(CODES), True)
    expect("no expectation is told twice", len({(r["code"], r["subject"]) for r in told["findings"]}), len(told["findings"]))
    alarms(seen)
    data(story)
    delivery(story, seen)
    monitors(story, seen)


def alarms(seen):
    state = lambda value: sorted(n for n, a in seen.alarms.items() if a["StateValue"] == value)
    expect("in ALARM", state("ALARM"), [f"TargetTracking-endpoint/only-scaling/variant/{VARIANT}-AlarmLow-3f1c6e1a-0000-4000-8000-000000000001",
                                        "always-firing-errors", "business-breached-conversion", "processors-counted-as-one-saturation",
                                        "suppressed-by-maintenance", "threshold-in-milliseconds-latency", "unattended-errors"])
    expect("without data", state("INSUFFICIENT_DATA"), ["evaluation-error-errors", "never-any-data-errors", "untrained-band-silence", "wrong-dimensions-errors"])
    changes = lambda name: [h["Timestamp"] for h in seen.every(seen.cloudwatch, "describe_alarm_history", "AlarmHistoryItems", AlarmName=name,
                                                              HistoryItemType="StateUpdate", ScanBy="TimestampAscending")]
    week = [t for t in changes("flapping-errors") if t > changes("flapping-errors")[-1] - dt.timedelta(days=7)]
    expect("flapping: changes in a week", len(week), 56)
    expect("no trace of an outage", changes("history-disagrees-errors"), [])
    muted = {r["AlarmMuteRuleArn"].rsplit(":", 1)[-1]: (r["Status"], r["MuteType"]) for r in seen.cloudwatch.list_alarm_mute_rules()["AlarmMuteRuleSummaries"]}
    expect("mute rules", muted, {"muted-now-rule": ("ACTIVE", "ONE_TIME"), "muted-at-night-rule": ("SCHEDULED", "RECURRING")})


def data(story):
    def points(endpoint, metric, how, days):
        query = {"Id": "q", "MetricStat": {"Period": 300, "Stat": how, "Metric": {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": [
            {"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": VARIANT}]}}}
        answer = story.client("cloudwatch").get_metric_data(StartTime=story.ago(days=days), EndTime=story.now, MetricDataQueries=[query])
        return answer["MetricDataResults"][0]["Values"]

    requests = points("real-time-one", "Invocations", "Sum", 14)
    expect("requests of two weeks", (len(requests), set(requests)), (14 * 288, {40.0}))
    expect("slow ones", set(points("real-time-one", "ModelLatency", "p95", 1)), {110e3})
    errors = points("real-time-one", "Invocation5XXErrors", "Sum", 7)
    expect("four errors a day", (sum(errors), max(errors)), (28.0, 4.0))
    expect("an outage of two hours", points("history-disagrees", "Invocation5XXErrors", "Sum", 7).count(40.0), 24)
    expect("an outage that goes on", points("unattended", "Invocation5XXErrors", "Sum", 4).count(40.0), 3 * 288)
    expect("one bad period in six hours", points("flapping", "Invocation5XXErrors", "Sum", 7).count(40.0), 28)
    expect("nothing at all", points("never-any-data", "InvocationModelErrors", "Sum", 14), [])


def delivery(story, seen):
    about = {t["TopicArn"].rsplit(":", 1)[-1]: seen.sns.get_topic_attributes(TopicArn=t["TopicArn"])["Attributes"] for t in seen.sns.list_topics()["Topics"]}
    expect("topics that nobody hears", sorted(n for n, t in about.items() if t["SubscriptionsConfirmed"] == "0"), ["ml-new-hires", "ml-unused"])
    expect("topics with a policy of their own", sorted(n for n, t in about.items() if "OnlyThis" in t["Policy"]), ["ml-batch", "ml-by-events", "ml-events-only"])
    keys = {n: t["KmsMasterKeyId"] for n, t in about.items() if t.get("KmsMasterKeyId")}
    expect("encrypted topics", sorted(keys), ["ml-encrypted-by-aws", "ml-encrypted-closed", "ml-encrypted-open"])
    kms = story.client("kms")
    policy = lambda key: kms.get_key_policy(KeyId=kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"], PolicyName="default")["Policy"]
    may = {n: "cloudwatch.amazonaws.com" in policy(key) for n, key in keys.items()}
    expect("keys that let CloudWatch in", [n for n, lets in may.items() if lets], ["ml-encrypted-open"])
    rules = {r["Name"]: json.loads(r["EventPattern"])["detail-type"][0] for r in story.client("events").list_rules()["Rules"]}
    expect("rules", rules, {"alarms-to-oncall": "CloudWatch Alarm State Change", "failed-batch": "SageMaker Transform Job State Change"})


def monitors(story, seen):
    listed = seen.every(seen.sagemaker, "list_monitoring_schedules", "MonitoringScheduleSummaries")
    about = {s["MonitoringScheduleName"].removesuffix("-monitor"): seen.sagemaker.describe_monitoring_schedule(MonitoringScheduleName=s["MonitoringScheduleName"])
             for s in listed}
    last = lambda name: about[name]["LastMonitoringExecutionSummary"]
    expect("schedules that do not run", {n: s["MonitoringScheduleStatus"] for n, s in about.items() if s["MonitoringScheduleStatus"] != "Scheduled"},
           {"monitor-stopped": "Stopped", "monitor-failed": "Failed", "retired-scoring": "Stopped"})
    ended = {n: last(n)["MonitoringExecutionStatus"] for n in about if n != "retired-scoring"}
    expect("how the last executions ended", {n: status for n, status in ended.items() if status != "Completed"},
           {"monitor-failed": "Failed", "monitor-without-data": "Failed", "violations-untriaged": "CompletedWithViolations",
            "report-malformed": "CompletedWithViolations", "report-unreadable": "CompletedWithViolations"})
    expect("when the stale one last ran", (story.now - last("monitor-stale")["ScheduledTime"]).days, 5)
    expect("of four types", {s["MonitoringType"] for s in about.values()}, {"DataQuality", "ModelQuality", "ModelBias", "ModelExplainability"})
    bucket = story.buckets["bank-monitoring"]
    arrived = {o["Key"].split("/")[1] for o in seen.every(seen.s3, "list_objects_v2", "Contents", Bucket=bucket, Prefix="capture/")}
    capturing = {n for n, e in seen.endpoints.items() if e.get("DataCaptureConfig", {}).get("CaptureStatus") == "Started"}
    expect("captures that do not arrive", capturing - arrived, {"capture-not-arriving"})
    age = lambda version: (story.now - seen.s3.head_object(Bucket=bucket, Key=f"baselines/fraud-detection/{version}/DataQuality/constraints.json")["LastModified"]).days
    expect("baselines before and after the version that serves", (age("v1"), age("v2")), (60, 40))
    report = lambda name: seen.s3.get_object(Bucket=bucket, Key=f"reports/{name}-monitor/{story.now:%Y/%m/%d}/02/constraint_violations.json")["Body"].read()
    expect("violations", len(json.loads(report("violations-untriaged"))["violations"]), 2)
    expect("a report that ends in the middle", report("report-malformed")[-1:], b"u")
    try:
        expect("a report that may not be read", report("report-unreadable"), None)
    except ClientError as error:
        expect("a report that may not be read", error.response["Error"]["Code"], "AccessDenied")

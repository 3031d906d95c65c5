"""Alarms that cannot do what they are for, each on an endpoint that is otherwise sound; and some that look odd and are sound."""
import datetime as dt
import json

from .story import iso
from .watch_common import NO_ERRORS, ONCALL, REQUESTS, VARIANT, maths, stat
from .watch_truth import BROKEN, COVERED, DELAY, MISSING, NOBODY, NOT_KNOWN, UNKNOWN, human, told_in


def broken(watch, id_, signal, fault, code, alarm, *words, why, unattended=False):
    """The one alarm of a signal does not work: nobody hears of its fault."""
    watch.truth.watched(id_, **{signal: BROKEN, fault: NOBODY})
    watch.truth.fail(id_, {"errors": "MON-001", "latency": "MON-002", "silence": "MON-003", "saturation": "MON-004"}[signal], why=why)
    watch.truth.fail(alarm, code, *(["RSP-002"] if unattended else []), why=why)
    watch.truth.defect(alarm, *words)


def wrong_dimensions(watch):
    """EndpointName alone, by which SageMaker publishes nothing: no data since it was made."""
    name = "wrong-dimensions"
    id_ = watch.sound(name, errors={"dimensions": {"EndpointName": name}, "TreatMissingData": "missing", "state": "INSUFFICIENT_DATA"})
    broken(watch, id_, "errors", "requests_fail", "MON-005", f"{name}-errors", "VariantName", why="its dimensions lack the variant")


def never_any_data(watch):
    """The right dimensions, and a metric that this container never reports: in INSUFFICIENT_DATA for 37 days."""
    name = "never-any-data"
    id_ = watch.sound(name, errors={"metric": "InvocationModelErrors", "TreatMissingData": "missing", "state": "INSUFFICIENT_DATA"})
    broken(watch, id_, "errors", "requests_fail", "MON-005", f"{name}-errors", "no data", why="no data point in 37 days")
    watch.truth.open(id_, "MON-001", why="whether failing requests would be reported as InvocationModelErrors is arguable")


def threshold_in_milliseconds(watch):
    """ModelLatency counts microseconds: 500 is half a millisecond, and it has been in ALARM ever since."""
    name = "threshold-in-milliseconds"
    id_ = watch.sound(name, latency={"Threshold": 500.0, "state": "ALARM"})
    broken(watch, id_, "latency", "latency_triples", "MON-005", f"{name}-latency", "500", why="500 microseconds: always firing", unattended=True)


def memory_above_hundred(watch):
    """Memory is a share of the whole: 150 percent cannot be."""
    name = "memory-above-hundred"
    id_ = watch.sound(name, saturation={"metric": "MemoryUtilization", "Threshold": 150.0})
    broken(watch, id_, "saturation", "instance_saturates", "MON-005", f"{name}-saturation", "150", why="memory never exceeds 100 percent")


def processors_counted_as_one(watch):
    """CPUUtilization goes to 100 percent a processor: of four, 90 is a quarter busy, and always exceeded."""
    name = "processors-counted-as-one"
    id_ = watch.sound(name, saturation={"Threshold": 90.0, "state": "ALARM"})
    broken(watch, id_, "saturation", "instance_saturates", "MON-005", f"{name}-saturation", "90", why="90 of 400 percent: always firing", unattended=True)


def silence_not_breaching(watch):
    """Without requests there is no data, and no data is taken for good."""
    name = "silence-not-breaching"
    id_ = watch.sound(name, silence={"TreatMissingData": "notBreaching"})
    broken(watch, id_, "silence", "traffic_stops", "MON-005", f"{name}-silence", "notBreaching", why="missing data does not breach")


def silence_filled(watch):
    """FILL puts zeros where nothing is published, so missing data need not breach. Sound: three zeros are enough, after a period that
    still had its first request; the expression has a point for every period, so nothing of before is looked at."""
    name = "silence-filled"
    id_ = watch.sound(name, silence=maths("FILL(asked, 0)", stat("Invocations", name, "asked"), TreatMissingData="notBreaching"))
    watch.truth.watched(id_, traffic_stops=human(3 * 5, 5 + 3 * 5 + DELAY, ONCALL))


def never_near(watch):
    """Fifty seconds, where no answer in five weeks took an eighth of one."""
    name = "never-near"
    id_ = watch.sound(name, latency={"Threshold": 50e6})
    broken(watch, id_, "latency", "latency_triples", "MON-005", f"{name}-latency", "never", why="no value came near 50 seconds")


def always_firing(watch):
    """At least nought errors: always."""
    name = "always-firing"
    id_ = watch.sound(name, errors={"Threshold": 0.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "state": "ALARM"})
    broken(watch, id_, "errors", "requests_fail", "MON-005", f"{name}-errors", "always", why="no number of errors is below nought", unattended=True)


def history_disagrees(watch):
    """Five days ago every request failed for two hours; its history knows of nothing."""
    name, day = "history-disagrees", watch.story.ago(days=5).replace(hour=10, minute=0)
    id_ = watch.endpoint(name)
    watch.alarms(name)
    watch.metrics(name, Invocation5XXErrors=None)
    outage(watch, name, day, hours=2)
    broken(watch, id_, "errors", "requests_fail", "MON-005", f"{name}-errors", "history", why="two hours of failures left no trace in its history")


def outage(watch, name, begun, hours):
    """Every request fails for some hours, none before and after."""
    where, ended = {"EndpointName": name, "VariantName": VARIANT}, begun + dt.timedelta(hours=hours)
    before = watch.story.ago(days=38).replace(hour=0, minute=0)
    for since, until, values in ((before, begun, NO_ERRORS), (begun, ended, REQUESTS), (ended, watch.story.now, NO_ERRORS)):
        if since < until:
            watch.data.append({"namespace": "AWS/SageMaker", "metric": "Invocation5XXErrors", "dimensions": where, "every": 300, "values": [values],
                               "from": iso(since), "to": iso(min(until, watch.story.now))})


def evaluation_error(watch):
    """CloudWatch itself says that it cannot evaluate the expression."""
    name = "evaluation-error"
    id_ = watch.sound(name, errors=maths("100 * failed / asked", stat("Invocation5XXErrors", name, "failed"), stat("Invocations", name, "asked"),
                                         Threshold=10.0, state="INSUFFICIENT_DATA"))
    watch.plant_alarm(f"{name}-errors", set={"EvaluationState": "EVALUATION_ERROR", "StateReason": "The expression could not be evaluated"})
    broken(watch, id_, "errors", "requests_fail", "MON-005", f"{name}-errors", "evaluat", why="its evaluation ends in errors")


def untrained_band(watch):
    """An anomaly band that was never trained."""
    name, where = "untrained-band", [{"Name": "EndpointName", "Value": "untrained-band"}, {"Name": "VariantName", "Value": VARIANT}]
    band = {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(asked, 2)", "ReturnData": True}
    id_ = watch.sound(name, silence={
        "metric": None, "Namespace": None, "Statistic": None, "Period": None, "Dimensions": None, "Threshold": None, "ThresholdMetricId": "band",
        "ComparisonOperator": "LessThanLowerThreshold", "Metrics": [{**stat("Invocations", name, "asked"), "ReturnData": True}, band],
        "state": "INSUFFICIENT_DATA"})
    watch.story.client("cloudwatch").put_anomaly_detector(SingleMetricAnomalyDetector={
        "Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Stat": "Sum", "Dimensions": where})
    broken(watch, id_, "silence", "traffic_stops", "MON-005", f"{name}-silence", "train", why="its anomaly detector is not trained")


def insights_where(watch):
    """Metrics Insights: the WHERE clause names the endpoint. Sound."""
    name = "insights-where"
    query = f"SELECT SUM(Invocation5XXErrors) FROM SCHEMA(\"AWS/SageMaker\", EndpointName, VariantName) WHERE EndpointName = '{name}'"
    how = maths(query)
    how["Metrics"][0]["Period"] = 300
    watch.sound(name, errors=how)
    watch.truth.unknown(f"{name}-errors", "MON-005", why="it is not replayed, and OK is what missing data makes of its state")


def error_rate(watch):
    """Metric maths: more than ten percent of the requests fail. Sound."""
    name = "error-rate"
    id_ = watch.sound(name, errors=maths("100 * failed / asked", stat("Invocation5XXErrors", name, "failed"), stat("Invocations", name, "asked"), Threshold=10.0))
    watch.truth.watched(id_, requests_fail=told_in(ONCALL, least=0.5))  # a tenth of five minutes


def searched(watch):
    """SEARCH finds its metrics by itself: what it covers is CloudWatch's to say."""
    name = "searched"
    search = f"SUM(SEARCH('{{AWS/SageMaker,EndpointName,VariantName}} MetricName=\"Invocation5XXErrors\" EndpointName=\"{name}\"', 'Sum', 300))"
    how = maths(search)
    how["Metrics"][0]["Period"] = 300
    id_ = watch.sound(name, errors=how)
    watch.truth.watched(id_, errors=[COVERED, UNKNOWN], requests_fail=[NOT_KNOWN, told_in(ONCALL, least=6 / 8)])
    watch.truth.open(id_, "MON-001", why="evaluated, or unknown")
    watch.truth.open(f"{name}-errors", "MON-005", why="evaluated, or unknown")


def log_alarm(watch):
    """Failures are counted by a query over the log: only the query knows what it counts."""
    name = "log-alarm"
    id_ = watch.sound(name, errors=None)
    watch.story.client("cloudwatch").put_log_alarm(
        AlarmName=f"{name}-errors", AlarmActions=[watch.story.oncall], Tags=[{"Key": "Owner", "Value": "scoring@bank.example"}],
        AlarmDescription="runbook=https://wiki.bank.example/runbooks/log respond_within=30m", ComparisonOperator="GreaterThanThreshold", Threshold=3.0,
        QueryResultsToAlarm=1, QueryResultsToEvaluate=1, ScheduledQueryConfiguration={
            "QueryString": "fields @message | filter @message like /Traceback/", "AggregationExpression": "count(*)",
            "LogGroupIdentifiers": [f"/aws/sagemaker/Endpoints/{name}"], "ScheduledQueryRoleARN": f"arn:aws:iam::{watch.story.account}:role/log-queries",
            "ScheduleConfiguration": {"ScheduleExpression": "rate(5 minutes)", "StartTimeOffset": 300}})
    watch.plant_alarm(f"{name}-errors", states=[{"at": iso(watch.story.ago(days=36)), "to": "OK"}])
    watch.truth.watched(id_, errors=UNKNOWN, requests_fail=NOT_KNOWN)
    watch.truth.unknown(id_, "MON-001", why="what the query counts is not known")
    watch.truth.open(f"{name}-errors", "MON-005", "MON-006", why="a log alarm is not replayed, and what cannot be followed may be told of both")


def unattended(watch):
    """Every request has failed for three days, its alarm rang, and nobody has done anything."""
    name, begun = "unattended", watch.story.ago(days=3)
    watch.endpoint(name)
    watch.alarms(name)
    watch.metrics(name, Invocation5XXErrors=None)
    outage(watch, name, begun, hours=72)
    watch.plant_alarm(f"{name}-errors", states=[{"at": iso(begun + dt.timedelta(minutes=16)), "to": "ALARM", "values": [40.0] * 3,
                                                 "actions": {watch.story.oncall: None}}])
    watch.truth.fail(f"{name}-errors", "RSP-002", why="in ALARM for three days")


def flapping(watch):
    """One bad period in every six hours, and an alarm that one period is enough for: 56 changes of state a week."""
    name, every, start = "flapping", dt.timedelta(hours=6), watch.story.ago(days=29).replace(hour=6, minute=0)
    id_ = watch.endpoint(name)
    watch.alarms(name, errors={"EvaluationPeriods": 1})
    watch.metrics(name, Invocation5XXErrors=[REQUESTS] + [NO_ERRORS] * 71)
    moments = [start + every * n for n in range(4 * 30) if start + every * n < watch.story.now]
    watch.plant_alarm(f"{name}-errors", states=[
        {"at": iso(m + dt.timedelta(minutes=late)), "to": to, "actions": {watch.story.oncall: None} if to == "ALARM" else {}}
        for m in moments for late, to in ((6, "ALARM"), (11, "OK"))])
    watch.truth.fail(f"{name}-errors", "RSP-002", why="56 changes of state a week")
    watch.truth.watched(id_, requests_fail=told_in(ONCALL, m=1, least=6 / 8))


def only_scaling(watch):
    """What watches its processors is target tracking's alarm, which adds instances and tells nobody."""
    name = "only-scaling"
    id_ = watch.sound(name, saturation=None)
    where, policy = f"endpoint/{name}/variant/{VARIANT}", "3f1c6e1a-0000-4000-8000-000000000001"
    action = f"arn:aws:autoscaling:{watch.story.region}:{watch.story.account}:scalingPolicy:{policy}:resource/sagemaker/{where}:policyName/target"
    for end, operator, threshold in (("High", "GreaterThanThreshold", 300.0), ("Low", "LessThanThreshold", 270.0)):
        watch.alarm(f"TargetTracking-{where}-Alarm{end}-{policy}", "CPUUtilization", {"EndpointName": name, "VariantName": VARIANT}, "ALARM" if end == "Low" else "OK",
                    actions=[action], owner=None, Namespace="/aws/sagemaker/Endpoints", Statistic="Average", Threshold=threshold, ComparisonOperator=operator,
                    TreatMissingData="missing", AlarmDescription="DO NOT EDIT OR DELETE. For TargetTrackingScaling policy.")
    watch.story.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="sagemaker", ResourceId=where, ScalableDimension="sagemaker:variant:DesiredInstanceCount", MinCapacity=1, MaxCapacity=4)
    watch.truth.watched(id_, saturation=[MISSING, BROKEN], instance_saturates=NOBODY)
    watch.truth.fail(id_, "MON-004", why="autoscaling alarms tell nobody")


def dashboards(watch):
    """One without a threshold or an alarm shows, but does not warn; one with a threshold; one with an endpoint that is gone."""
    watch.sound("on-a-dashboard")
    metric = lambda endpoint: ["AWS/SageMaker", "ModelLatency", "EndpointName", endpoint, "VariantName", VARIANT]
    board = lambda endpoint, **more: json.dumps({"widgets": [{"type": "metric", "x": 0, "y": 0, "width": 12, "height": 6, "properties": {
        "metrics": [metric(endpoint)], "region": watch.story.region, "title": f"latency of {endpoint}", "stat": "p95", "period": 300, **more}}]})
    drawn = {"annotations": {"horizontal": [{"label": "limit", "value": 250000}]}}
    for name, body in (("weak", board("on-a-dashboard")), ("with-a-threshold", board("on-a-dashboard", **drawn)), ("of-the-past", board("retired-scoring", **drawn))):
        watch.story.client("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)


STORIES = [wrong_dimensions, never_any_data, threshold_in_milliseconds, memory_above_hundred, processors_counted_as_one, silence_not_breaching, silence_filled,
           never_near, always_firing, history_disagrees, evaluation_error, untrained_band, insights_where, error_rate, searched, log_alarm, unattended, flapping,
           only_scaling, dashboards]

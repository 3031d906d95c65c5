"""CloudWatch: the three kinds of alarms, actions, mute rules, anomaly detectors."""
import datetime as dt
import json

from kit import Account, post, refused, same

METRIC = dict(Namespace="AWS/SageMaker", MetricName="ModelLatency", Statistic="Average", Period=60, EvaluationPeriods=1, Threshold=1,
              ComparisonOperator="GreaterThanThreshold")
LOG = dict(QueryResultsToEvaluate=1, QueryResultsToAlarm=1, Threshold=0, ComparisonOperator="GreaterThanThreshold", ScheduledQueryConfiguration={
    "QueryString": "fields @message", "ScheduledQueryRoleARN": "arn:aws:iam::123456789012:role/r", "AggregationExpression": "count(*)",
    "LogGroupIdentifiers": ["/aws/sagemaker/Endpoints/e"], "ScheduleConfiguration": {"ScheduleExpression": "rate(5 minutes)", "StartTimeOffset": 300}})


def shows_three_kinds_of_alarms():
    cw = Account()["cloudwatch"]
    cw.put_metric_alarm(AlarmName="metric", **METRIC)
    cw.put_composite_alarm(AlarmName="composite", AlarmRule="ALARM(metric)")
    cw.put_log_alarm(AlarmName="log", AlarmActions=["arn:aws:sns:us-east-1:123456789012:t"], **LOG)
    kinds = lambda **q: {k: [x["AlarmName"] for x in v] for k, v in cw.describe_alarms(**q).items() if k.endswith("Alarms") and v}
    same(kinds(), {"MetricAlarms": ["metric"]})
    same(kinds(AlarmTypes=["LogAlarm"]), {"LogAlarms": ["log"]})
    same(kinds(AlarmTypes=["MetricAlarm", "CompositeAlarm", "LogAlarm"]),
         {"MetricAlarms": ["metric"], "CompositeAlarms": ["composite"], "LogAlarms": ["log"]})
    found = cw.describe_alarms(AlarmTypes=["LogAlarm"])["LogAlarms"][0]
    same((found["StateValue"], found["ScheduledQueryConfiguration"]["QueryString"]), ("INSUFFICIENT_DATA", "fields @message"))
    first = cw.describe_alarms(AlarmTypes=["MetricAlarm", "CompositeAlarm", "LogAlarm"], MaxRecords=2)
    assert "NextToken" in first and len(first["CompositeAlarms"] + first["LogAlarms"]) == 2, first


def shows_what_became_of_actions():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    cw, sns = a["cloudwatch"], a["sns"]
    topic = sns.create_topic(Name="t")["TopicArn"]
    cw.put_metric_alarm(AlarmName="x", AlarmActions=[topic, topic + "-gone"], **METRIC)
    cw.set_alarm_state(AlarmName="x", StateValue="ALARM", StateReason="r")
    items = cw.describe_alarm_history(AlarmName="x", HistoryItemType="Action")["AlarmHistoryItems"]
    same(sorted(h["HistorySummary"].split(" action")[0] for h in items), ["Failed to execute", "Successfully executed"])


def shows_a_composite_whose_topic_is_gone():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")  # nothing evaluates the child again behind the probe's back
    cw, child = a["cloudwatch"], f"arn:aws:cloudwatch:us-east-1:{a.id}:alarm:x"
    cw.put_metric_alarm(AlarmName="x", **METRIC)
    cw.put_composite_alarm(AlarmName="all", AlarmRule=f'ALARM("{child}")', AlarmActions=[f"arn:aws:sns:us-east-1:{a.id}:gone"])
    cw.set_alarm_state(AlarmName="x", StateValue="ALARM", StateReason="r")
    same(cw.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"][0]["StateValue"], "ALARM")
    items = cw.describe_alarm_history(AlarmTypes=["CompositeAlarm"], HistoryItemType="Action")["AlarmHistoryItems"]
    same(items[0]["HistorySummary"].split(" action")[0], "Failed to execute")


def shows_mute_rules_by_the_clock():
    a = Account()
    cw = a["cloudwatch"]
    a.clock("2026-07-01T00:00:00Z")
    targets = {"AlarmNames": ["x"]}
    cw.put_alarm_mute_rule(Name="nightly", MuteTargets=targets, Rule={"Schedule": {"Expression": "cron(0 2 * * *)", "Duration": "PT4H"}},
                           Tags=[{"Key": "k", "Value": "v"}])
    cw.put_alarm_mute_rule(Name="once", MuteTargets=targets, ExpireDate=dt.datetime(2026, 7, 9), Rule={
        "Schedule": {"Expression": "at(2026-07-02T10:00)", "Duration": "P1D", "Timezone": "Europe/Berlin"}})
    states = lambda **q: {r["AlarmMuteRuleArn"].split(":")[-1]: (r["Status"], r["MuteType"]) for r in cw.list_alarm_mute_rules(**q)["AlarmMuteRuleSummaries"]}
    same(states(AlarmName="x"), {"nightly": ("SCHEDULED", "RECURRING"), "once": ("SCHEDULED", "ONE_TIME")})
    a.clock("2026-07-02T05:59:00Z")
    same(states(), {"nightly": ("ACTIVE", "RECURRING"), "once": ("SCHEDULED", "ONE_TIME")})
    a.clock("2026-07-02T08:00:00Z")
    same(states(Statuses=["ACTIVE"]), {"once": ("ACTIVE", "ONE_TIME")})
    a.clock("2026-07-09T00:00:00Z")
    found = cw.get_alarm_mute_rule(AlarmMuteRuleName="once")
    same((found["Status"], found["LastUpdatedTimestamp"].day, found["MuteTargets"]), ("EXPIRED", 1, targets))
    same(states(AlarmName="other"), {})
    cw.delete_alarm_mute_rule(AlarmMuteRuleName="once")
    same(refused(cw.get_alarm_mute_rule, AlarmMuteRuleName="once")[::2], ("ResourceNotFoundException", 404))


def shows_muted_actions():
    a = Account()
    cw = a["cloudwatch"]
    a.clock("2026-07-02T03:00:00Z")
    cw.put_metric_alarm(AlarmName="x", AlarmActions=["arn:aws:lambda:us-east-1:123456789012:function:f"], **METRIC)
    cw.put_alarm_mute_rule(Name="n", MuteTargets={"AlarmNames": ["x"]}, Rule={"Schedule": {"Expression": "cron(0 2 * * *)", "Duration": "PT4H"}})
    cw.set_alarm_state(AlarmName="x", StateValue="ALARM", StateReason="r")
    same(cw.describe_alarm_history(HistoryItemType="Action")["AlarmHistoryItems"][0]["HistorySummary"].split()[0], "Muted")


def shows_planted_alarm_states():
    a = Account()
    cw = a["cloudwatch"]
    cw.put_metric_alarm(AlarmName="x", **METRIC)
    cw.put_anomaly_detector(SingleMetricAnomalyDetector={"Namespace": "AWS/SageMaker", "MetricName": "Invocations", "Stat": "Sum"})
    same(cw.describe_anomaly_detectors()["AnomalyDetectors"][0]["StateValue"], "PENDING_TRAINING")
    post("/_countersign/cloudwatch", [
        {"account": a.id, "alarm": "x", "set": {"EvaluationState": "EVALUATION_ERROR", "StateTransitionedTimestamp": "2026-01-01T00:00:00Z"}},
        {"account": a.id, "detector": {"MetricName": "Invocations"}, "set": {"StateValue": "TRAINED"}}])
    found = cw.describe_alarms()["MetricAlarms"][0]
    same((found["EvaluationState"], found["StateTransitionedTimestamp"].isoformat()), ("EVALUATION_ERROR", "2026-01-01T00:00:00+00:00"))
    same(cw.describe_anomaly_detectors()["AnomalyDetectors"][0]["StateValue"], "TRAINED")


def shows_metric_maths():
    a = Account()
    cw, now = a["cloudwatch"], dt.datetime.now(dt.timezone.utc)
    cw.put_metric_data(Namespace="N", MetricData=[{"MetricName": "m", "Value": 7, "Timestamp": now - dt.timedelta(minutes=2)}])
    query = [{"Id": "q", "ReturnData": False, "MetricStat": {"Metric": {"Namespace": "N", "MetricName": "m"}, "Period": 60, "Stat": "Sum"}},
             {"Id": "e", "Expression": "q*2"}]
    answer = cw.get_metric_data(StartTime=now - dt.timedelta(hours=1), EndTime=now + dt.timedelta(minutes=1), MetricDataQueries=query)
    same([(r["Id"], r["Values"]) for r in answer["MetricDataResults"]], [("e", [14.0])])


def shows_planted_history():
    a = Account()
    a.clock("2026-09-01T00:00:00Z")
    cw, topic = a["cloudwatch"], f"arn:aws:sns:us-east-1:{a.id}:t"
    cw.put_metric_alarm(AlarmName="x", AlarmActions=[topic], **METRIC)
    post("/_countersign/cloudwatch", [{"account": a.id, "alarm": "x", "states": [
        {"at": "2026-08-10T10:00:00Z", "to": "OK"}, {"at": "2026-08-20T10:00:00Z", "to": "ALARM", "values": [2.0], "actions": {topic: None}},
        {"at": "2026-08-21T10:00:00Z", "to": "OK"}, {"at": "2026-08-22T10:00:00Z", "to": "ALARM", "actions": {topic: "AuthorizationError"}}]}])
    items = lambda **q: cw.describe_alarm_history(AlarmName="x", **q)["AlarmHistoryItems"]
    states = [(h["Timestamp"].day, json.loads(h["HistoryData"])) for h in items(HistoryItemType="StateUpdate", ScanBy="TimestampAscending")]
    same([(day, d["oldState"]["stateValue"], d["newState"]["stateValue"]) for day, d in states],
         [(10, "INSUFFICIENT_DATA", "OK"), (20, "OK", "ALARM"), (21, "ALARM", "OK"), (22, "OK", "ALARM")])
    same(states[1][1]["newState"]["stateReasonData"]["recentDatapoints"], [2.0])
    same([json.loads(h["HistoryData"])["actionState"] for h in items(HistoryItemType="Action")], ["Failed", "Succeeded"])
    found = cw.describe_alarms()["MetricAlarms"][0]
    same((found["StateValue"], found["StateTransitionedTimestamp"].day), ("ALARM", 22))
    same([h["HistoryItemType"] for h in items(StartDate=dt.datetime(2026, 8, 21, 11), EndDate=dt.datetime(2026, 8, 23))].count("Action"), 1)
    a.clock("2026-09-15T00:00:00Z")  # history is kept for thirty days
    same(sorted({h["Timestamp"].day for h in items()}), [1, 20, 21, 22])

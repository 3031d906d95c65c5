"""CloudWatch's data points: statistics, pages, retention, planted series, metric maths, SEARCH, Metrics Insights, dashboards."""
import datetime as dt
import json

from kit import Account, post, refused, same

NOW = "2026-09-01T12:00:00Z"
NOON = dt.datetime(2026, 9, 1, 12, tzinfo=dt.timezone.utc)


def account():
    a = Account()
    a.clock(NOW)
    return a, a["cloudwatch"]


def planted(a, metric, values, dimensions=None, since="2026-06-15T12:00:00Z", until=NOW, every=300, namespace="AWS/SageMaker"):
    post("/_countersign/cloudwatch/metrics", [{
        "account": a.id, "namespace": namespace, "metric": metric, "dimensions": dimensions or {"EndpointName": "e", "VariantName": "v"},
        "from": since, "to": until, "every": every, "values": values}])


def stat(id_, metric, how, period=300, dimensions=None, **more):
    dimensions = {"EndpointName": "e", "VariantName": "v"} if dimensions is None else dimensions
    return {"Id": id_, "MetricStat": {"Metric": {"Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": [
        {"Name": k, "Value": v} for k, v in dimensions.items()]}, "Period": period, "Stat": how}, **more}


def ask(cw, *queries, hours=1, **more):
    return cw.get_metric_data(StartTime=NOON - dt.timedelta(hours=hours), EndTime=NOON, MetricDataQueries=list(queries), **more)


def values(cw, *queries, **more):
    return {r["Id"]: r["Values"] for r in ask(cw, *queries, **more)["MetricDataResults"]}


def shows_statistics_of_put_and_planted_points():
    a, cw = account()
    dims = [{"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "v"}]
    at = NOON - dt.timedelta(minutes=10)
    cw.put_metric_data(Namespace="AWS/SageMaker", MetricData=[{
        "MetricName": "ModelLatency", "Dimensions": dims, "Timestamp": at, "Values": [float(v) for v in range(1, 101)], "Counts": [1.0] * 100}])
    every = ("Sum", "Average", "Minimum", "Maximum", "SampleCount", "p50", "p99.9", "tm90", "IQM")
    have = values(cw, *(stat(f"s{i}", "ModelLatency", s) for i, s in enumerate(every)))
    same([have[f"s{i}"][0] for i in range(len(every))], [5050.0, 50.5, 1.0, 100.0, 100.0, 50.0, 100.0, 45.5, 50.0])
    planted(a, "Invocations", [[[1, 40]], None, {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 4}], since="2026-09-01T11:00:00Z")
    have = values(cw, stat("n", "Invocations", "Sum", 900), stat("p", "Invocations", "p90"), ScanBy="TimestampAscending")
    same(have, {"n": [50.0] * 4, "p": [1.0] * 4})  # a percentile of sums alone does not exist


def shows_that_dimensions_must_be_all_of_them():
    a, cw = account()
    planted(a, "Invocations", [1])
    have = values(cw, stat("all", "Invocations", "Sum", 3600), stat("some", "Invocations", "Sum", 3600, {"EndpointName": "e"}),
                  stat("none", "Invocations", "Sum", 3600, {}))
    same(have, {"all": [12.0], "some": [], "none": []})


def shows_pages_orders_and_limits():
    a, cw = account()
    planted(a, "Invocations", [1, 2])
    queries, pages, token = [stat(f"q{i}", "Invocations", "Sum") for i in range(3)], [], {}
    while True:
        page = ask(cw, *queries, MaxDatapoints=10, ScanBy="TimestampAscending", **token)
        pages.append([(r["Id"], r["StatusCode"], len(r["Values"])) for r in page["MetricDataResults"]])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    same(pages[:2], [[("q0", "PartialData", 10)], [("q0", "Complete", 2), ("q1", "PartialData", 8)]])
    same(sum(n for page in pages for _, _, n in page), 36)
    down = ask(cw, queries[0])["MetricDataResults"][0]
    same((down["Timestamps"][0] > down["Timestamps"][1], down["Timestamps"][0].isoformat()), (True, "2026-09-01T11:55:00+00:00"))
    same(len(ask(cw, *(stat(f"q{i}", "Invocations", "Sum") for i in range(500)))["MetricDataResults"]), 500)
    same(refused(ask, cw, *(stat(f"q{i}", "Invocations", "Sum") for i in range(501)))[0], "ValidationError")
    same(refused(ask, cw, queries[0], NextToken="x")[0], "InvalidNextToken")


def shows_how_long_points_are_kept():
    a, cw = account()
    planted(a, "Invocations", [1], every=60)
    count = lambda period, days: len(values(cw, stat("q", "Invocations", "Sum", period), hours=24 * days)["q"])
    same((count(60, 14), count(300, 14)), (14 * 1440, 14 * 288))
    same((count(60, 20), count(300, 20)), (15 * 1440, 20 * 288))
    same((count(300, 70), count(3600, 70)), (63 * 288, 70 * 24))


def shows_the_clock_of_the_account():
    a, cw = account()
    data = lambda **t: cw.put_metric_data(Namespace="N", MetricData=[{"MetricName": "m", "Value": 7, **t}])
    data()
    have = cw.get_metric_statistics(Namespace="N", MetricName="m", StartTime=NOON, EndTime=NOON + dt.timedelta(hours=1), Period=60,
                                    Statistics=["Sum"], ExtendedStatistics=["p90"])["Datapoints"]
    same([(p["Timestamp"], p["Sum"], p["ExtendedStatistics"]) for p in have], [(NOON, 7.0, {"p90": 7.0})])
    data(Timestamp=NOON - dt.timedelta(days=13))
    same(refused(data, Timestamp=NOON - dt.timedelta(days=15))[0], "InvalidParameterValue")
    same(refused(data, Timestamp=NOON + dt.timedelta(hours=3))[0], "InvalidParameterValue")


def shows_metrics_that_were_lately_there():
    a, cw = account()
    planted(a, "Invocations", [1])
    planted(a, "Gone", [1], until="2026-08-01T00:00:00Z")
    planted(a, "Quiet", [1], until="2026-08-30T00:00:00Z")
    names = lambda **q: [m["MetricName"] for m in cw.list_metrics(**q)["Metrics"]]
    same((names(), names(RecentlyActive="PT3H")), (["Invocations", "Quiet"], ["Invocations"]))
    same(names(Dimensions=[{"Name": "VariantName"}], MetricName="Quiet"), ["Quiet"])
    same(names(Dimensions=[{"Name": "VariantName", "Value": "other"}]), [])
    post("/_countersign/cloudwatch/metrics", [{"account": a.id, "namespace": "Many", "metric": f"m{i:03}", "from": "2026-09-01T00:00:00Z",
                                               "to": NOW, "every": 3600, "values": [1]} for i in range(501)])
    page = cw.list_metrics(Namespace="Many")
    same((len(page["Metrics"]), len(cw.list_metrics(Namespace="Many", NextToken=page["NextToken"])["Metrics"])), (500, 1))


def shows_expressions():
    a, cw = account()
    planted(a, "Errors", [1, None], since="2026-09-01T11:00:00Z")
    planted(a, "Invocations", [10, 20, 30, 40, 50, 60], since="2026-09-01T11:00:00Z")
    e, n = stat("e", "Errors", "Sum", 600, ReturnData=False), stat("n", "Invocations", "Sum", 600, ReturnData=False)
    run = lambda text: values(cw, e, n, {"Id": "x", "Expression": text}, ScanBy="TimestampAscending")["x"]
    same(run("100 * e / n"), [100 / 30, 100 / 70, 100 / 110] * 2)
    same(run("IF(n > 50, e, 0)"), [0.0, 1.0, 1.0] * 2)
    same(run("IF(n > 50 AND n < 100, 1, 0)"), [0.0, 1.0, 0.0] * 2)
    same((run("SUM(n)"), run("MAX([n, e])"), run("SUM(METRICS())")), ([420.0] * 6, [30.0, 70.0, 110.0] * 2, [31.0, 71.0, 111.0] * 2))
    same(run("DIFF(n)"), [40.0, 40.0, -80.0, 40.0, 40.0])
    same(run("n / PERIOD(n)"), [0.05, 70 / 600, 110 / 600] * 2)
    short = stat("e", "Errors", "Sum", 300, ReturnData=False)
    same(values(cw, short, {"Id": "x", "Expression": "FILL(e, 0)"}, ScanBy="TimestampAscending")["x"], [1.0, 0.0] * 6)
    same(values(cw, short, {"Id": "x", "Expression": "FILL(e, REPEAT)"})["x"], [1.0] * 12)
    same(values(cw, stat("m", "Nothing", "Sum"), {"Id": "x", "Expression": "FILL(m, 0)"})["x"], [0.0] * 12)
    same(refused(run, "NONSENSE(n)")[0], "ValidationError")
    same(refused(run, "n +")[0], "ValidationError")


def shows_search_and_metrics_insights():
    a, cw = account()
    for name, value in (("fraud", 1), ("churn", 2)):
        planted(a, "ModelLatency", [value], {"EndpointName": name, "VariantName": "v"})
    planted(a, "ModelLatency", [9], {"InferenceComponentName": "fraud"})
    labels = lambda text: {r["Label"]: r["Values"] for r in ask(cw, {"Id": "x", "Expression": text, "Period": 3600})["MetricDataResults"]}
    same(labels("""SEARCH('{AWS/SageMaker,EndpointName,VariantName} MetricName="ModelLatency"', 'Average', 3600)"""),
         {"churn v ModelLatency": [2.0], "fraud v ModelLatency": [1.0]})
    same(labels("""SEARCH('{AWS/SageMaker,EndpointName,VariantName} ModelLatency NOT EndpointName="churn"', 'Average', 3600)"""), {"fraud v ModelLatency": [1.0]})
    same(labels("""SELECT MAX(ModelLatency) FROM SCHEMA("AWS/SageMaker", EndpointName, VariantName) GROUP BY EndpointName ORDER BY MAX() DESC"""),
         {"churn": [2.0], "fraud": [1.0]})
    same(labels("""SELECT AVG(ModelLatency) FROM SCHEMA("AWS/SageMaker", EndpointName, VariantName) WHERE EndpointName = 'fraud'"""), {"ModelLatency": [1.0]})
    same(labels("""SELECT AVG(ModelLatency) FROM SCHEMA("AWS/SageMaker", EndpointName, VariantName)"""), {"ModelLatency": [1.5]})


def shows_metrics_of_a_linked_account():
    a, _ = account()
    planted(a, "Invocations", [1])
    watching = Account()
    watching.clock(NOW)
    query = stat("q", "Invocations", "Sum", 3600, AccountId=a.id)
    same(values(watching["cloudwatch"], query), {"q": [12.0]})
    query.pop("AccountId")
    same(values(watching["cloudwatch"], query), {"q": []})


def shows_dashboards():
    a, cw = account()
    body = json.dumps({"widgets": [{"type": "metric", "properties": {"metrics": [["AWS/SageMaker", "Invocations", "EndpointName", "e"]]}}]})
    for i in range(101):
        cw.put_dashboard(DashboardName=f"d{i:03}", DashboardBody=body)
    page = cw.list_dashboards()
    same((len(page["DashboardEntries"]), page["DashboardEntries"][0]["LastModified"], page["DashboardEntries"][0]["Size"]), (100, NOON, len(body)))
    same([e["DashboardName"] for e in cw.list_dashboards(NextToken=page["NextToken"])["DashboardEntries"]], ["d100"])
    same(cw.get_dashboard(DashboardName="d007")["DashboardBody"], body)
    same(refused(cw.get_dashboard, DashboardName="other")[::2], ("ResourceNotFound", 404))

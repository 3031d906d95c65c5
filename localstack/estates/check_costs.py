"""Probe that the emulator holds what the truth of `costs` says, through Cost Explorer, budgets, prices and metrics."""
import datetime as dt
from decimal import Decimal

from .check import expect
from .costs_common import MICRO, VARIANT


def check(story, seen):
    bills(story)
    others(story)
    metrics(story)


def bills(story):
    """What Cost Explorer adds up is what was planted, in each period."""
    ce = story.client("ce")
    services = {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon SageMaker", "Amazon Bedrock"]}}
    own = {"And": [services, {"Dimensions": {"Key": "LINKED_ACCOUNT", "Values": [story.account]}}]}
    for start, end in (("2026-10-01", "2026-10-11"), ("2026-11-01", "2026-11-11"), ("2026-10-01", "2026-11-13")):
        answer = ce.get_cost_and_usage(TimePeriod={"Start": start, "End": end}, Granularity="DAILY", Metrics=["NetAmortizedCost"], Filter=own,
                                       GroupBy=[{"Type": "DIMENSION", "Key": "USAGE_TYPE"}, {"Type": "TAG", "Key": "cost-center"}])
        groups = [g for day in answer["ResultsByTime"] for g in day["Groups"]]
        planted = sum(row["daily"] * days(max(start, row["from"]), min(end, row["until"])) for row in story.truth.money["bill"])
        expect(f"billed from {start} until {end}", sum(Decimal(g["Metrics"]["NetAmortizedCost"]["Amount"]) for g in groups) * MICRO, planted)


def days(start, end):
    return max(0, (dt.date.fromisoformat(end) - dt.date.fromisoformat(start)).days)


def others(story):
    own = {"AccountId": story.account}
    expect("budgets", len(story.client("budgets").describe_budgets(**own)["Budgets"]), 8)
    expect("capacity", len(story.client("bedrock").list_provisioned_model_throughputs()["provisionedModelSummaries"]), 3)
    expect("recommendations", len(story.client("cost-optimization-hub").list_recommendations()["items"]), 2)
    expect("notebooks", [n["NotebookInstanceStatus"] for n in story.client("sagemaker").list_notebook_instances()["NotebookInstances"]], ["InService"])


def metrics(story):
    """Each instance publishes its use of processors sixty times an hour."""
    query = {"Id": "q", "MetricStat": {"Period": 3600, "Stat": "SampleCount", "Metric": {"Namespace": "/aws/sagemaker/Endpoints", "MetricName": "CPUUtilization"}}}
    for name, count in (("billed-by-resource", 2), ("shares-three", 3)):
        query["MetricStat"]["Metric"]["Dimensions"] = [{"Name": "EndpointName", "Value": name}, {"Name": "VariantName", "Value": VARIANT}]
        answer = story.client("cloudwatch").get_metric_data(MetricDataQueries=[query], StartTime="2026-11-01T00:00:00Z", EndTime="2026-11-11T00:00:00Z")
        expect(f"{name}: samples", (len(answer["MetricDataResults"][0]["Values"]), sum(answer["MetricDataResults"][0]["Values"])), (240, 240.0 * 60 * count))

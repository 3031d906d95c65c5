"""Budgets: each cost centre has one, and all but those of the other stories are flawed in one way."""
from .costs_common import SERVICE
from .costs_tags import STRANGE
from .story import spent

TOLD = ["ml-costs@bank.example"]
FLAWED = {  # cost centre -> what is wrong
    "CC-2001": "nothing of it is ever told", "CC-2002": "nobody is told", "CC-2003": "it is unhealthy", "CC-2004": "the forecast exceeds the limit",
    "CC-2005": "it ended last month", "CC-2006": "no budget covers it"}


def tell(costs):
    for center, why in FLAWED.items():
        costs.truth.fail(costs.endpoint(f"budget-{center[-1]}", kind="ml.t2.medium", center=center), "CST-005", why=why)
    state = {}
    tag = lambda *values: {"CostFilters": {"TagKeyValue": [f"user:cost-center${value}" for value in values]}}
    only = lambda *values: {"Tags": {"Key": "cost-center", "Values": list(values), "MatchOptions": ["EQUALS"]}}
    either = {"Or": [only(*STRANGE.values()), {"Tags": {"Key": "cost-center", "MatchOptions": ["ABSENT"]}}]}

    def make(name, limit, actual, forecast, told=TOLD, **more):
        costs.story.budget(name, limit, told, **more)
        state[name] = spent(actual, forecast)

    make("sound", 5000, 800, 2400, **tag("CC-1001", "CC-1002"))
    make("sound-by-expression", 900, 110, 340, FilterExpression={"And": [
        {"Dimensions": {"Key": "SERVICE", "Values": [SERVICE], "MatchOptions": ["EQUALS"]}}, only("CC-1003")]}, Metrics=["NetAmortizedCost"])
    make("sound-of-strangers", 500, 100, 300, FilterExpression=either, Metrics=["NetAmortizedCost"])
    make("no-notification", 100, 13, 41, [], **tag("CC-2001"))
    make("no-subscriber", 100, 13, 41, **tag("CC-2002"))
    make("unhealthy", 100, 13, 41, **tag("CC-2003"))
    make("forecast-above", 30, 13, 41, **tag("CC-2004"))
    make("expired", 100, 0, 0, **tag("CC-2005"), TimePeriod={"Start": "2026-01-01T00:00:00Z", "End": "2026-11-01T00:00:00Z"})
    state["unhealthy"]["HealthStatus"] = {"Status": "UNHEALTHY", "StatusReason": "FILTER_INVALID", "LastUpdatedTime": "2026-11-10T00:00:00Z"}
    return {"budgets": state, "deaf": ["no-subscriber"], "notifications": {"forecast-above": ["ALARM"]}}

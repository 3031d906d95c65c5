"""What the endpoints of `watch` have in common: how they serve, the five alarms of a sound one, and the metrics of a quiet life.

Each serves 40 requests in five minutes, answers in 90 to 120 ms, fails four times a day at 06:00, and keeps its four processors
a third busy. An hourly job publishes how far the inputs have drifted."""
import datetime as dt
from concurrent.futures import ThreadPoolExecutor

from .story import instances, iso, tag_list
from .watch_truth import COVERED, NOT_APPLICABLE, silent_for, told_in

VARIANT, OWNER = "AllTraffic", "scoring@bank.example"
DAY = 288  # five-minute periods
REQUESTS = [[1, 40]]
NO_ERRORS, SOME_ERRORS = [[0, 40]], [[0, 36], [1, 4]]
LATENCY = [[90e3, 20], [110e3, 18], [120e3, 2]]  # microseconds
QUIET = {
    "Invocations": [REQUESTS], "Invocation5XXErrors": [NO_ERRORS] * 72 + [SOME_ERRORS] + [NO_ERRORS] * (DAY - 73),
    "Invocation4XXErrors": [NO_ERRORS], "ModelLatency": [LATENCY], "OverheadLatency": [[[3e3, 40]]], "CPUUtilization": [120, 130, 150, 140, 125, 160],
    "MemoryUtilization": [35], "DiskUtilization": [12]}
INSTANCE = ("CPUUtilization", "MemoryUtilization", "DiskUtilization")
DRIFT_SPACE, DRIFT = "Bank/ModelQuality", "feature_drift_psi"
ONCALL = ["ml-oncall@bank.example"]


class Watch:
    """The story of the estate, and what is planted at its end in one go."""

    def __init__(self, story):
        self.story, self.truth, self.versions = story, story.truth, {}
        self.data, self.states, self.calls = [], [], []  # metrics, states of alarms, alarms to be made
        self.captures, self.runs, self.jobs, self.faults = [], [], [], []  # of monitors
        self.batches, self.rollouts, self.feedback, self.candidates = [], [], [], []

    # --- serving -----------------------------------------------------------------------------------------------------
    def group(self, name):
        """The newest version of a group."""
        return self.versions[name]

    def endpoint(self, name, group="card-scoring", variant=None, **config):
        """One that serves the newest version of a group; its live version is expected to be sound until its story says otherwise."""
        story, version = self.story, self.group(group)
        story.model(f"{name}-m", version.by_package)
        story.deploy(name, variant or instances(VARIANT, f"{name}-m"), tags={"owner": OWNER, "cost-center": "CC-4100", "stage": "production"}, **config)
        return self.live("variant", name, VARIANT, package=version)

    def live(self, *names, package):
        return self.story.truth.live(*names, verdict="", package=package, coverage=sound_coverage(), faults=sound_faults())

    # --- alarms ------------------------------------------------------------------------------------------------------
    def alarm(self, name, metric, dimensions, state="OK", since=37, **how):
        """A metric alarm that has been in its state for so many days."""
        how = {"actions": [self.story.oncall], "owner": OWNER, **how}
        actions, owner = how.pop("actions"), how.pop("owner")
        self.calls.append(lambda: self.story.alarm(name, metric, dimensions, actions, owner=owner, **how))
        if state != "INSUFFICIENT_DATA":
            self.states.append({"alarm": name, "states": [{"at": iso(self.story.ago(days=since, hours=-1)), "to": state}]})
        return name

    def composite(self, name, rule, state="OK", **how):
        how = {"AlarmActions": [self.story.oncall], **how}
        self.story.client("cloudwatch").put_composite_alarm(
            AlarmName=name, AlarmRule=rule, ActionsEnabled=True, Tags=tag_list({"Owner": OWNER}),
            AlarmDescription=f"runbook=https://wiki.bank.example/runbooks/{name} respond_within=30m", **how)
        self.states.append({"alarm": name, "states": [{"at": iso(self.story.ago(days=37, hours=-1)), "to": state}]})
        return name

    def plant_alarm(self, name, **row):
        self.states.append({"alarm": name, **row})

    def alarms(self, endpoint, dimensions=None, **differing):
        """The five of a sound endpoint, named `<endpoint>-<signal>`. Of each, members may differ; None leaves it out."""
        where = dimensions or {"EndpointName": endpoint, "VariantName": VARIANT}
        for signal, (metric, how) in STANDARD.items():
            changed = differing.get(signal, {})
            if changed is not None:
                how = {**how, **changed}
                self.alarm(f"{endpoint}-{signal}", how.pop("metric", metric), how.pop("dimensions", where), **how)

    def metrics(self, endpoint, dimensions=None, drift=True, **differing):
        """A quiet life since it serves; cycles of some metrics may differ, None leaves one out."""
        where = dimensions or {"EndpointName": endpoint, "VariantName": VARIANT}
        for metric, values in {**QUIET, **differing}.items():
            if values is not None:
                self.series("/aws/sagemaker/Endpoints" if metric in INSTANCE else "AWS/SageMaker", metric, where, values)
        if drift:
            self.series(DRIFT_SPACE, DRIFT, where, [0.05, 0.08, 0.12, 0.07], every=3600)

    def series(self, namespace, metric, dimensions, values, every=300, days=38, until=0.0, **more):
        """Points from `days` ago until `until` days ago."""
        start = self.story.ago(days=days).replace(hour=0, minute=0)
        self.data.append({"namespace": namespace, "metric": metric, "dimensions": dimensions, "from": iso(start), "every": every,
                          "to": iso(self.story.now - dt.timedelta(days=until)), "values": values, **more})

    def sound(self, name, group="card-scoring", **differing):
        """An endpoint with its five alarms and its metrics; those named differ."""
        id_ = self.endpoint(name, group)
        self.alarms(name, **differing)
        self.metrics(name)
        return id_

    # --- the end -----------------------------------------------------------------------------------------------------
    def make_alarms(self):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda call: call(), self.calls))
        self.calls = []

    def finish(self):
        here = {"account": self.story.account, "region": self.story.region}
        self.make_alarms()
        self.story.post("cloudwatch", [{**here, **row} for row in self.states])
        self.story.post("cloudwatch/metrics", [{**here, **row} for row in self.data])


STANDARD = {  # signal -> metric, and what differs from an alarm on a sum above 5 in three of three periods of five minutes
    "errors": ("Invocation5XXErrors", {}),
    "latency": ("ModelLatency", {"Statistic": None, "ExtendedStatistic": "p95", "Threshold": 250e3}),
    "silence": ("Invocations", {"Threshold": 1.0, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"}),
    "saturation": ("CPUUtilization", {"Namespace": "/aws/sagemaker/Endpoints", "Statistic": "Average", "Threshold": 320.0}),
    "drift": (DRIFT, {"Namespace": DRIFT_SPACE, "Statistic": "Maximum", "Threshold": 0.2, "Period": 3600, "EvaluationPeriods": 1})}


def stat(metric, endpoint, id_, how="Sum", period=300):
    """One query of a metric-maths alarm."""
    return {"Id": id_, "ReturnData": False, "MetricStat": {"Period": period, "Stat": how, "Metric": {
        "Namespace": "AWS/SageMaker", "MetricName": metric, "Dimensions": [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": VARIANT}]}}}


def maths(expression, *queries, **more):
    """Members of an alarm on an expression."""
    return {"metric": None, "Namespace": None, "Statistic": None, "Period": None, "dimensions": {}, "Dimensions": None,
            "Metrics": [*queries, {"Id": "judged", "Expression": expression, "ReturnData": True}], **more}


def sound_coverage():
    return {"errors": COVERED, "latency": COVERED, "saturation": COVERED, "silence": COVERED, "drift": COVERED,
            "responsible_ai": NOT_APPLICABLE, "business": NOT_APPLICABLE}


def sound_faults(whom=ONCALL):
    """By the five alarms and eight requests a minute."""
    return {
        "requests_fail": told_in(whom, least=6 / 8),  # six failures are more than five
        "latency_triples": told_in(whom, least=3 / 8),  # of forty answers the third slowest is the 95th percentile
        "traffic_stops": silent_for(whom),
        "instance_saturates": told_in(whom, least=5 * (320 - 138) / (400 - 138)),  # from 138 % on average to 400 %
        "predictions_drift": told_in(whom, period=60, m=1)}

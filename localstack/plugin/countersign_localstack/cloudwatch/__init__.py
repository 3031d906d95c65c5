"""CloudWatch: alarms of all three kinds, their history and mute rules, data points and metric maths, dashboards."""
from . import alarms, anomalies, dashboards, history, metric_data, mute_rules, scheduler


def patch():
    from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider as P

    for repair in (alarms, anomalies, dashboards, history, metric_data, mute_rules, scheduler):
        repair.patch(P)

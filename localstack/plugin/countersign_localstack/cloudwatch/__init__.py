"""CloudWatch: alarms of all three kinds, their history and mute rules, metric maths."""
from . import alarms, anomalies, history, metric_math, mute_rules, scheduler


def patch():
    from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider as P

    for repair in (alarms, anomalies, history, metric_math, mute_rules, scheduler):
        repair.patch(P)

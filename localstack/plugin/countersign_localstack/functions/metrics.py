"""Lines that a function prints in CloudWatch's embedded metric format become metrics, as CloudWatch Logs makes them on AWS.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""
import datetime as dt
import json
import logging

LOG = logging.getLogger(__name__)


def embedded(text):
    """(namespace, MetricData) of each line that holds metrics; a line that is not as specified holds none."""
    found = []
    for line in text.splitlines():
        if '"_aws"' not in line:
            continue
        try:
            document = json.loads(line)
            moment = dt.datetime.fromtimestamp(document["_aws"]["Timestamp"] / 1000, dt.timezone.utc)
            for directive in document["_aws"]["CloudWatchMetrics"]:
                found.append((directive["Namespace"], _data(document, directive, moment)))
        except (ValueError, KeyError, TypeError) as e:
            LOG.info("a line that looks like embedded metrics is none: %r", e)
    return found


def _data(document, directive, moment):
    data = []
    for names in directive.get("Dimensions") or [[]]:
        dimensions = [{"Name": name, "Value": str(document[name])} for name in names]
        for metric in directive["Metrics"]:
            value = document[metric["Name"]]
            values = value if isinstance(value, list) else [value]
            data.append({"MetricName": metric["Name"], "Dimensions": dimensions, "Timestamp": moment, "Unit": metric.get("Unit", "None"),
                         "Values": [float(v) for v in values]})
    return data


def publish(text, account, region):
    from botocore.exceptions import ClientError
    from localstack.aws.connect import connect_to

    for namespace, data in embedded(text):
        try:
            connect_to(aws_access_key_id=account, region_name=region).cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)
        except ClientError as e:
            # CloudWatch Logs drops what is too old or too new for a metric; the line stays in the log, and the function succeeds.
            LOG.info("embedded metrics were not taken: %s", e)

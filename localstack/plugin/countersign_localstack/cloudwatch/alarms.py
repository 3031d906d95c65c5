"""Alarms: paging, filters that combine, AlarmTypes, tags given at creation, log alarms, and states that survive a second put."""
import base64
import functools

from localstack.aws.api import CommonServiceException

from .. import clock
from . import history
from .answers import install

STATE = ("StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp")


def kind_of(alarm):
    return "CompositeAlarm" if alarm.get("AlarmRule") is not None else "LogAlarm" if "ScheduledQueryConfiguration" in alarm else "MetricAlarm"


def arn_of(context, name):
    return f"arn:{context.partition or 'aws'}:cloudwatch:{context.region}:{context.account_id}:alarm:{name}"


def put(original):
    """Tags given at creation stick; putting an alarm that exists leaves its state and its tags as they were."""

    @functools.wraps(original)
    def call(self, context, request):
        store, arn = self.get_store(context.account_id, context.region), arn_of(context, request["AlarmName"])
        before = store.alarms.get(arn)
        result = original(self, context, request)
        alarm = store.alarms[arn].alarm
        if before:
            alarm.update({k: before.alarm[k] for k in STATE if k in before.alarm})
        elif request.get("Tags"):
            store.TAGS.tag_resource(arn, request["Tags"])
        history.add(store, alarm, "ConfigurationUpdate", f'Alarm "{alarm["AlarmName"]}" {"updated" if before else "created"}',
                    {"type": "Update" if before else "Create"})
        return result

    return call


def put_log_alarm(self, context, request):
    from localstack.services.cloudwatch.models import LocalStackMetricAlarm

    store = self.get_store(context.account_id, context.region)
    alarm = LocalStackMetricAlarm(context.account_id, context.region, {**request})
    alarm.alarm.pop("Dimensions", None)
    store.alarms[alarm.alarm["AlarmArn"]] = alarm
    return {}


def describe_alarms(self, context, request):
    names, prefix = request.get("AlarmNames"), request.get("AlarmNamePrefix")
    if names and prefix:
        raise CommonServiceException("ValidationError", "AlarmNamePrefix and AlarmNames cannot both be specified", 400, True)
    types = request.get("AlarmTypes") or ["MetricAlarm"]  # AWS: the other kinds only when they are asked for

    def wanted(a):
        actions = [x for k in ("AlarmActions", "OKActions", "InsufficientDataActions") for x in a.get(k) or []]
        return (kind_of(a) in types and (not names or a["AlarmName"] in names)
                and (not prefix or a["AlarmName"].startswith(prefix))
                and (not request.get("StateValue") or a["StateValue"] == request["StateValue"])
                and (not request.get("ActionPrefix") or any(x.startswith(request["ActionPrefix"]) for x in actions)))

    alarms = [a.alarm for a in list(self.get_store(context.account_id, context.region).alarms.values())]
    page, token = cut(sorted((a for a in alarms if wanted(a)), key=lambda a: a["AlarmName"]), request)
    page = [{k: v for k, v in a.items() if k != "Tags"} for a in page]
    answer = {kind + "s": [a for a in page if kind_of(a) == kind] for kind in ("MetricAlarm", "CompositeAlarm", "LogAlarm")}
    return {**answer, **({"NextToken": token} if token else {})}


def cut(rows, request, default=50):
    """One page, and the token of the next."""
    try:
        offset = int(base64.b64decode(request["NextToken"])) if request.get("NextToken") else 0
    except ValueError:
        raise CommonServiceException("InvalidNextToken", "The next token specified is invalid.", 400, True)
    size = request.get("MaxRecords") or default
    if not 1 <= size <= 100:
        raise CommonServiceException("ValidationError", f"1 validation error detected: Value '{size}' at 'maxRecords' failed to "
                                                        "satisfy constraint: Member must have value between 1 and 100", 400, True)
    token = base64.b64encode(str(offset + size).encode()).decode() if offset + size < len(rows) else None
    return rows[offset:offset + size], token


def patch(P):
    plain_delete = P.delete_alarms

    @functools.wraps(plain_delete)
    def delete_alarms(self, context, alarm_names, **kwargs):
        store = self.get_store(context.account_id, context.region)
        for name in alarm_names:
            if found := store.alarms.get(arn_of(context, name)):
                history.add(store, found.alarm, "ConfigurationUpdate", f'Alarm "{name}" deleted', {"type": "Delete"})
                store.TAGS.tags.pop(found.alarm["AlarmArn"], None)
        return plain_delete(self, context, alarm_names, **kwargs)

    P.delete_alarms = delete_alarms
    install(P, "DescribeAlarms", describe_alarms)
    P.put_metric_alarm, P.put_composite_alarm = put(P.put_metric_alarm), put(P.put_composite_alarm)
    install(P, "PutLogAlarm", put(put_log_alarm))

"""Alarm history, in the kinds that AWS keeps: configuration updates, state updates, and what became of each action."""
import datetime as dt
import json

from localstack.aws.api import CommonServiceException

from .. import clock
from .answers import install

KEPT = dt.timedelta(days=30)


def add(store, alarm, kind, summary, data):
    from .alarms import kind_of

    store.histories.append({
        "AlarmName": alarm["AlarmName"], "AlarmType": kind_of(alarm), "Timestamp": clock.now(), "HistoryItemType": kind,
        "HistorySummary": summary, "HistoryData": json.dumps({"version": "1.0", **data}, default=str)})


def describe_alarm_history(self, context, request):
    from .alarms import cut

    types = request.get("AlarmTypes") or ["MetricAlarm"]
    aware = lambda t: t if t is None or t.tzinfo else t.replace(tzinfo=dt.timezone.utc)
    start, end, oldest = aware(request.get("StartDate")), aware(request.get("EndDate")), clock.now() - KEPT
    rows = [
        h for h in self.get_store(context.account_id, context.region).histories
        if h["AlarmType"] in types and h["Timestamp"] >= oldest
        and request.get("AlarmName") in (None, h["AlarmName"]) and request.get("HistoryItemType") in (None, h["HistoryItemType"])
        and (start is None or h["Timestamp"] >= start) and (end is None or h["Timestamp"] <= end)]
    if request.get("ScanBy") != "TimestampAscending":
        rows.reverse()
    rows.sort(key=lambda h: h["Timestamp"], reverse=request.get("ScanBy") != "TimestampAscending")
    page, token = cut(rows, request)
    return {"AlarmHistoryItems": page, **({"NextToken": token} if token else {})}


def update_state(self, context, alarm, state_value, state_reason, state_reason_data=None):
    doc, store = alarm.alarm, self.get_store(context.account_id, context.region)
    before = doc["StateValue"]
    if before != state_value:
        old = {"stateValue": before, "stateReason": doc["StateReason"]}
        new = {"stateValue": state_value, "stateReason": state_reason, **({"stateReasonData": state_reason_data} if state_reason_data else {})}
        add(store, doc, "StateUpdate", f"Alarm updated from {before} to {state_value}", {"oldState": old, "newState": new})
        doc["StateTransitionedTimestamp"] = clock.now()
    doc.update(StateValue=state_value, StateReason=state_reason, StateUpdatedTimestamp=clock.now())
    if state_reason_data:
        doc["StateReasonData"] = json.dumps(state_reason_data)


def set_alarm_state(self, context, request):
    from .alarms import arn_of

    store, wanted = self.get_store(context.account_id, context.region), request["StateValue"]
    alarm = store.alarms.get(arn_of(context, request["AlarmName"]))
    if alarm is None:
        raise CommonServiceException("ResourceNotFound", "", 404, sender_fault=True)
    if wanted not in ("OK", "ALARM", "INSUFFICIENT_DATA"):
        raise CommonServiceException("ValidationError", f"1 validation error detected: Value '{wanted}' at 'stateValue' failed to satisfy "
                                     "constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]", 400, True)
    try:
        data = json.loads(request["StateReasonData"]) if request.get("StateReasonData") else None
    except ValueError:
        raise CommonServiceException("InvalidFormat", "TheStateReasonData is not valid JSON", 400, True)
    before = alarm.alarm["StateValue"]
    self._update_state(context, alarm, wanted, request["StateReason"], data)
    if wanted != before:
        self._evaluate_composite_alarms(context, alarm)
        _act(self, context, store, alarm, before)
    return {}


def _act(self, context, store, alarm, before):
    """Publish to SNS as an alarm does, and note for every action what came of it. Other actions are only noted."""
    from localstack.aws.connect import connect_to
    from localstack.services.cloudwatch.provider_v2 import create_message_response_update_state_sns as message

    from .mute_rules import muted

    doc = alarm.alarm
    if not doc["ActionsEnabled"]:
        return
    list_name = {"OK": "OKActions", "ALARM": "AlarmActions"}.get(doc["StateValue"], "InsufficientDataActions")
    rule = muted(context, doc["AlarmName"])
    for action in doc[list_name]:
        error = None
        if rule is None and ":sns:" in action:
            parts = action.split(":")
            try:
                connect_to(region_name=parts[3], aws_access_key_id=parts[4]).sns.publish(
                    TopicArn=action, Subject=f'{doc["StateValue"]}: "{doc["AlarmName"]}" in {context.region}'[:100],
                    Message=message(alarm, before))
            except Exception as e:  # whatever SNS refuses is the history item's text, never the caller's error
                error = getattr(e, "response", {}).get("Error", {}).get("Message") or str(e)
        if rule is not None:
            summary, data = f"Muted action {action}", {"actionState": "Muted", "muteRule": rule}
        elif error:
            summary = f"Failed to execute action {action}. Received error: \"{error}\""
            data = {"actionState": "Failed", "notificationResource": action, "error": error}
        else:
            summary, data = f"Successfully executed action {action}", {"actionState": "Succeeded", "notificationResource": action}
        add(store, doc, "Action", summary, data)


def patch(P):
    P._update_state = update_state
    P._run_composite_alarm_actions = lambda self, context, alarm, before, cause: _act(
        self, context, self.get_store(context.account_id, context.region), alarm, before)
    install(P, "SetAlarmState", set_alarm_state)
    install(P, "DescribeAlarmHistory", describe_alarm_history)

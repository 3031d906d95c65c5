"""Plant what AWS itself would have brought about: an alarm's evaluation, its states of the last weeks, a trained detector."""
import json

from .. import clock


def route(request):
    """POST [{"account", "region", "alarm": name, "set": {...}, "states": [...], "history": [...]}]

    `set` overwrites members of the alarm (null removes one). `states` are state updates in the order of time, each
    {"at", "to", "reason", "values": [...], "actions": {ARN: null or an error}}, written into the history as AWS writes them; the last
    one is the alarm's state. `history` are items of one's own: {"at", "type", "summary", "data": {...}}.
    Of an anomaly detector: {"account", "region", "detector": {"Namespace", "MetricName"}, "set": {"StateValue": "TRAINED"}}."""
    from localstack.services.cloudwatch.models import cloudwatch_stores

    from .anomalies import DETECTORS

    rows = request.get_json(force=True)
    for row in rows:
        account, region = row.get("account", "000000000000"), row.get("region", "us-east-1")
        store = cloudwatch_stores[account][region]
        if "alarm" in row:
            targets = [a.alarm for a in store.alarms.values() if a.alarm["AlarmName"] == row["alarm"]]
        else:
            targets = [d for d in DETECTORS.get((account, region), [])
                       if all((d.get("SingleMetricAnomalyDetector") or d).get(k) == v for k, v in row["detector"].items())]
        if not targets:
            raise LookupError(f"nothing to plant on: {row}")
        for target in targets:
            for state in row.get("states", []):
                _state(store, target, state)
            for item in row.get("history", []):
                _item(store, target, clock.parse(item["at"]), item["type"], item["summary"], {"version": "1.0", **item.get("data", {})})
            for member, value in row.get("set", {}).items():
                if value is None:
                    target.pop(member, None)
                else:
                    target[member] = clock.parse(value) if member.endswith("Timestamp") else value
    return {"planted": len(rows)}


def _item(store, alarm, moment, kind, summary, data):
    from .alarms import kind_of

    store.histories.append({"AlarmName": alarm["AlarmName"], "AlarmType": kind_of(alarm), "Timestamp": moment, "HistoryItemType": kind,
                            "HistorySummary": summary, "HistoryData": json.dumps(data, default=str)})


def _state(store, alarm, state):
    """One state update, and what became of each action. Its times are what makes it the past: the clock is not asked."""
    moment, value, before = clock.parse(state["at"]), state["to"], alarm["StateValue"]
    reason = state.get("reason") or f"Threshold Crossed: {alarm['AlarmName']} is {value}"
    data = {"version": "1.0", "queryDate": moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000"), "recentDatapoints": state.get("values", [])}
    data.update({name: alarm[member] for name, member in (("statistic", "Statistic"), ("period", "Period"), ("threshold", "Threshold"))
                 if alarm.get(member) is not None})
    old = {"stateValue": before, "stateReason": alarm["StateReason"]}
    if held := alarm.get("StateReasonData"):
        old["stateReasonData"] = json.loads(held)
    _item(store, alarm, moment, "StateUpdate", f"Alarm updated from {before} to {value}",
          {"version": "1.0", "oldState": old, "newState": {"stateValue": value, "stateReason": reason, "stateReasonData": data}})
    for action, error in state.get("actions", {}).items():
        stamp = int(moment.timestamp() * 1000)
        told = {"stateUpdateTimestamp": stamp, "notificationResource": action}
        if error:
            _item(store, alarm, moment, "Action", f'Failed to execute action {action}. Received error: "{error}"',
                  {"actionState": "Failed", **told, "error": error})
        else:
            _item(store, alarm, moment, "Action", f"Successfully executed action {action}", {"actionState": "Succeeded", **told, "publishedMessage": json.dumps({
                "default": json.dumps({"AlarmName": alarm["AlarmName"], "NewStateValue": value, "NewStateReason": reason, "OldStateValue": before})})})
    alarm.update(StateValue=value, StateReason=reason, StateReasonData=json.dumps(data), StateUpdatedTimestamp=moment)
    if value != before:
        alarm["StateTransitionedTimestamp"] = moment

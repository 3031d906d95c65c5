"""Plant what AWS itself would have brought about: a failed roll-back, a finished job, a monitoring run, an alert."""
from .. import clock
from .documents import KINDS, LOCK, STORE, look_up


def route(request):
    """POST [{"account", "region", "kind", "name", "set": {...}, "variants": {name: {...}}, "executions": [...], "alert": {...},
    "alert_history": [...]}]

    `set` overwrites members of the document (null removes one), `variants` members of one variant of an endpoint."""
    done = 0
    for row in request.get_json(force=True):
        with LOCK:
            kind = KINDS[row["kind"]]
            rows = STORE.get((row.get("account", "000000000000"), row.get("region", "us-east-1")), {}).get(kind.name, {})
            doc = look_up(rows, kind, row["name"])
            if doc is None:
                raise LookupError(f"no {row['kind']} named {row['name']} in this account and region")
            _bend(doc, row.get("set", {}))
            if kind.status in row.get("set", {}):
                doc["_planted"] = True  # it stays until the next real change
            for variant in (doc.get("ProductionVariants") or []) + (doc.get("ShadowProductionVariants") or []):
                _bend(variant, row.get("variants", {}).get(variant["VariantName"], {}))
            if "alert" in row:
                doc["_alert"] = _times(row["alert"])
            if "alert_history" in row:
                doc["_alert_history"] = _times(row["alert_history"])
            for execution in row.get("executions", []):
                _execution(doc, row, execution)
            done += 1
    return {"planted": done}


def _bend(doc, changes):
    for member, value in _times(changes).items():
        if value is None:
            doc.pop(member, None)
        else:
            doc[member] = value


def _execution(doc, row, execution):
    stamp = clock.now(row.get("account", "000000000000"))
    execution = {
        "MonitoringScheduleName": doc["MonitoringScheduleName"], "ScheduledTime": stamp, "CreationTime": stamp, "LastModifiedTime": stamp,
        "MonitoringExecutionStatus": "Completed", "EndpointName": doc.get("EndpointName"), "MonitoringType": doc.get("MonitoringType"),
        "MonitoringJobDefinitionName": doc.get("MonitoringJobDefinitionName"), **_times(execution)}
    doc["_executions"].append(execution)
    doc["LastMonitoringExecutionSummary"] = execution


def _times(value):
    """JSON has no times: a string in a member named ...Time is one."""
    if isinstance(value, list):
        return [_times(v) for v in value]
    if not isinstance(value, dict):
        return value
    return {k: clock.parse(v) if k.endswith("Time") and isinstance(v, str) else _times(v) for k, v in value.items()}

"""Monitoring schedules, their job definitions, executions and alerts."""
import copy

from .documents import KINDS, LOCK, Kind, find, missing, now, table
from .listing import listing, page


def _definition(context, name):
    for kind in KINDS:
        if kind.endswith("JobDefinition") and name in table(context, kind):
            return table(context, kind)[name]


def _endpoint_of(doc):
    for k, v in (doc or {}).items():
        if k.endswith("JobInput") and isinstance(v, dict):
            return (v.get("EndpointInput") or {}).get("EndpointName")


def new_definition(context, doc, request):
    doc["EndpointName"] = _endpoint_of(doc)


def new_schedule(context, doc, request):
    config = doc["MonitoringScheduleConfig"]
    doc["MonitoringType"] = config.get("MonitoringType")
    if name := config.get("MonitoringJobDefinitionName"):
        definition = _definition(context, name)
        if definition is None:
            missing(f"Monitoring job definition {name} not found.")
        doc["MonitoringJobDefinitionName"], doc["EndpointName"] = name, _endpoint_of(definition)
    else:
        inputs = config.get("MonitoringJobDefinition", {}).get("MonitoringInputs") or [{}]
        doc["EndpointName"] = (inputs[0].get("EndpointInput") or {}).get("EndpointName")
    doc["_executions"] = []


def update_schedule(context, request):
    with LOCK:
        doc = find(context, KINDS["MonitoringSchedule"], request["MonitoringScheduleName"])
        doc["MonitoringScheduleConfig"] = copy.deepcopy(request["MonitoringScheduleConfig"])
        doc["LastModifiedTime"] = now()
        return {"MonitoringScheduleArn": doc["MonitoringScheduleArn"]}


def start_stop_schedule(context, request):
    doc = find(context, KINDS["MonitoringSchedule"], request["MonitoringScheduleName"])
    doc.update(MonitoringScheduleStatus="Scheduled" if context.operation.name.startswith("Start") else "Stopped", LastModifiedTime=now())
    return {}


EXECUTION = Kind("MonitoringExecution", id="MonitoringScheduleName", status=("MonitoringExecutionStatus", "Completed"))


def list_executions(context, request):
    rows = [e for d in table(context, "MonitoringSchedule").values() for e in d["_executions"]]
    return listing(EXECUTION, context, request, rows)


def alerts(doc):
    return [{"MonitoringAlertName": doc["MonitoringScheduleName"], "CreationTime": doc["CreationTime"],
             "LastModifiedTime": doc["LastModifiedTime"], "AlertStatus": "OK", "DatapointsToAlert": 1, "EvaluationPeriod": 1,
             "Actions": {"ModelDashboardIndicator": {"Enabled": True}}, **doc.get("_alert", {})}]


def list_alerts(context, request):
    doc = find(context, KINDS["MonitoringSchedule"], request["MonitoringScheduleName"])
    return page(context, request, alerts(doc), "MonitoringAlertSummaries")


def list_alert_history(context, request):
    rows = [{"MonitoringScheduleName": d["MonitoringScheduleName"], "MonitoringAlertName": d["MonitoringScheduleName"], **row}
            for d in table(context, "MonitoringSchedule").values() for row in d.get("_alert_history", [])
            if request.get("MonitoringScheduleName") in (None, d["MonitoringScheduleName"])]
    rows.sort(key=lambda row: row["CreationTime"], reverse=request.get("SortOrder") != "Ascending")
    return page(context, request, rows, "MonitoringAlertHistory")

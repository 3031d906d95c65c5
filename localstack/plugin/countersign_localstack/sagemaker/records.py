"""What Search answers: one record per resource, in the shapes of AWS's search index (they differ from Describe's)."""
import json

from .documents import KINDS, TAGS, project, table
from .monitors import alerts


def record(context, kind, doc, shape):
    """`shape` is the record's own shape, so a member that AWS's record lacks is not carried."""
    build = {"Endpoint": _endpoint, "Model": _model, "ModelPackage": _package, "ModelCard": _card}.get(kind)
    more = build(context, doc, shape) if build else {}
    tags = {"Tags": TAGS[doc[KINDS[kind].arn]]} if TAGS.get(doc[KINDS[kind].arn]) else {}
    return {**project(doc, shape), **tags, **more}


def _schedules(context, endpoint_names, shape):
    rows = [d for d in table(context, "MonitoringSchedule").values() if d.get("EndpointName") in endpoint_names]
    return [{**project(d, shape), "Tags": TAGS.get(d["MonitoringScheduleArn"], [])} for d in rows]


def _endpoint(context, doc, shape):
    return {"MonitoringSchedules": _schedules(context, {doc["EndpointName"]}, shape.members["MonitoringSchedules"].member)}


def _model(context, doc, shape):
    """A row of the model dashboard: the model, and what hosts, last ran, watches and describes it."""
    name, members = doc["ModelName"], shape.members
    hosts = [e for e in table(context, "Endpoint").values() if name in e.get("_models", ()) or _served(context, e, name)]
    jobs = [j for j in table(context, "TransformJob").values() if j["ModelName"] == name]
    model = project(doc, members["Model"])
    if TAGS.get(doc["ModelArn"]):
        model["Tags"] = TAGS[doc["ModelArn"]]
    row = {"Model": model, "Endpoints": [project(e, members["Endpoints"].member) for e in hosts]}
    if jobs:
        last = max(jobs, key=lambda j: j["CreationTime"])
        row["LastBatchTransformJob"] = project({**last, "Tags": TAGS.get(last["TransformJobArn"])}, members["LastBatchTransformJob"])
    watched = {e["EndpointName"] for e in hosts}
    row["MonitoringSchedules"] = [
        {**project(d, members["MonitoringSchedules"].member), "MonitoringAlertSummaries": alerts(d)}
        for d in table(context, "MonitoringSchedule").values() if d.get("EndpointName") in watched]
    for card in table(context, "ModelCard").values():
        if _content(card).get("model_overview", {}).get("model_name", "").lower() == name.lower():
            row["ModelCard"] = {**project(card, members["ModelCard"]), **_card(context, card, members["ModelCard"])}
    return row


def _served(context, endpoint, model_name):
    """Through an inference component."""
    return any(c["EndpointName"] == endpoint["EndpointName"] and (c.get("Specification") or {}).get("ModelName") == model_name
               for c in table(context, "InferenceComponent").values())


def _package(context, doc, shape):
    """A version has no tags of its own: it carries its group's."""
    group = table(context, "ModelPackageGroup").get(doc.get("ModelPackageGroupName"))
    return {"Tags": TAGS[group["ModelPackageGroupArn"]]} if group and TAGS.get(group["ModelPackageGroupArn"]) else {}


def _content(card):
    try:
        return json.loads(card.get("Content") or "{}")
    except ValueError:
        return {}


def _card(context, doc, shape):
    content = _content(doc)
    facts = {"ModelId": content.get("model_overview", {}).get("model_id"), "RiskRating": content.get("intended_uses", {}).get("risk_rating"),
             "ModelPackageGroupName": content.get("model_package_details", {}).get("model_package_group_name")}
    return {k: v for k, v in facts.items() if v and k in shape.members}

"""Model cards and their versions."""
import copy

from .documents import KINDS, LOCK, find, now, project, who
from .listing import listing


def new_card(context, doc, request):
    doc["ModelCardVersion"] = 1
    doc["_versions"] = [copy.deepcopy(doc)]


def update_card(context, request):
    with LOCK:
        doc = find(context, KINDS["ModelCard"], request["ModelCardName"])
        doc.update({k: v for k, v in request.items() if v is not None}, LastModifiedTime=now(), LastModifiedBy=who(context))
        doc["ModelCardVersion"] += 1
        doc["_versions"].append({k: v for k, v in doc.items() if k != "_versions"})
        return {"ModelCardArn": doc["ModelCardArn"]}


def describe_card(context, request):
    doc = find(context, KINDS["ModelCard"], request["ModelCardName"])
    if version := request.get("ModelCardVersion"):
        doc = {**doc, **next((v for v in doc["_versions"] if v["ModelCardVersion"] == version), doc)}
    return project(doc, context.operation.output_shape)


def list_card_versions(context, request):
    doc = find(context, KINDS["ModelCard"], request["ModelCardName"])
    return listing(KINDS["ModelCard"], context, request, [{**doc, **v} for v in doc["_versions"]])

"""Batch transform jobs. A job stays InProgress until it is stopped, or until its end is planted."""
from .documents import KINDS, find, now


def new_transform(context, doc, request):
    doc["ModelName"] = find(context, KINDS["Model"], doc["ModelName"])["ModelName"]
    doc.update(TransformJobStatus="InProgress", TransformStartTime=doc["CreationTime"])


def stop_transform(context, request):
    doc = find(context, KINDS["TransformJob"], request["TransformJobName"])
    doc.update(TransformJobStatus="Stopped", TransformEndTime=now(), LastModifiedTime=now())
    return {}

"""Batch transform, training and processing jobs. A job stays InProgress until it is stopped, or until its end is planted."""
from .documents import KINDS, find, now


def new_transform(context, doc, request):
    doc["ModelName"] = find(context, KINDS["Model"], doc["ModelName"])["ModelName"]
    doc.update(TransformJobStatus="InProgress", TransformStartTime=doc["CreationTime"])


def new_training(context, doc, request):
    output = doc["OutputDataConfig"]["S3OutputPath"].rstrip("/")
    doc.update(TrainingStartTime=doc["CreationTime"], SecondaryStatus="Training", ModelArtifacts={
        "S3ModelArtifacts": f"{output}/{doc['TrainingJobName']}/output/model.tar.gz"})


def new_processing(context, doc, request):
    doc["ProcessingStartTime"] = doc["CreationTime"]


def stop(kind):
    prefix = kind.removesuffix("Job")

    def call(context, request):
        doc = find(context, KINDS[kind], request[kind + "Name"])
        doc.update({kind + "Status": "Stopped", prefix + "EndTime": now(), "LastModifiedTime": now()})
        return {}

    return call

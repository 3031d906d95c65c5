"""A SageMaker resource is the document it was created from; botocore's shapes say which members an answer may carry, so
a member that the SDK knows is never lost. This file: the kinds of documents, their store, create, describe and delete.
"""
import copy
import os
import re
import threading
import uuid

from localstack.aws.api import CommonServiceException

from .. import clock
from ..trail.identity import identity

LOCK = threading.RLock()
STORE: dict[tuple[str, str], dict] = {}  # (account, region) -> {kind: {name: document}}
TAGS: dict[str, list[dict]] = {}  # ARN -> tags
TOKENS: dict[tuple, str] = {}  # (account, region, kind, ClientToken) -> ARN
SETTLE = float(os.environ.get("COUNTERSIGN_SAGEMAKER_SETTLE_SECONDS") or 0)  # how long Creating/Updating lasts


class Kind:
    def __init__(self, name, plural=None, id=None, arn=None, arn_type=None, prefix="", **extra):
        self.name, self.plural = name, plural or name + "s"
        self.id, self.arn = id or prefix + (name if not prefix else "") + "Name", arn or (prefix or name) + "Arn"
        self.arn_type = arn_type or re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
        self.status, self.settled = extra.get("status", (None, None))


KINDS = {
    k.name: k
    for k in [
        Kind("ModelPackageGroup", status=("ModelPackageGroupStatus", "Completed")),
        Kind("ModelPackage", status=("ModelPackageStatus", "Completed")),
        Kind("Model"),
        Kind("ModelCard", status=("ModelCardStatus", "Draft")),
        Kind("TransformJob", status=("TransformJobStatus", "InProgress")),
        Kind("ProcessingJob", status=("ProcessingJobStatus", "InProgress")),
        Kind("TrainingJob", status=("TrainingJobStatus", "InProgress")),
        Kind("EndpointConfig"),
        Kind("Endpoint", status=("EndpointStatus", "InService")),
        Kind("InferenceComponent", status=("InferenceComponentStatus", "InService")),
        Kind("MonitoringSchedule", status=("MonitoringScheduleStatus", "Scheduled")),
        Kind("DataQualityJobDefinition", id="JobDefinitionName", arn="JobDefinitionArn"),
        Kind("ModelQualityJobDefinition", id="JobDefinitionName", arn="JobDefinitionArn"),
        Kind("ModelBiasJobDefinition", id="JobDefinitionName", arn="JobDefinitionArn"),
        Kind("ModelExplainabilityJobDefinition", id="JobDefinitionName", arn="JobDefinitionArn"),
        Kind("Action"),
        Kind("Artifact"),
        Kind("Context"),
    ]
}


def now():
    return clock.now()


def invalid(message):
    raise CommonServiceException("ValidationException", message, 400, sender_fault=True)


def missing(message):
    raise CommonServiceException("ResourceNotFound", message, 400, sender_fault=True)


def table(context, kind):
    return STORE.setdefault((context.account_id, context.region), {}).setdefault(kind, {})


# AWS lower-cases the name in the ARNs of these, as its documentation shows; the name itself keeps its case. An answer of
# AWS from 2024 shows an endpoint's ARN in the name's own case: `keep` gives those.
LOWERED = set() if os.environ.get("COUNTERSIGN_SAGEMAKER_ARN_CASE") == "keep" else {"endpoint", "endpoint-config", "model"}


def arn(context, type_, name):
    name = name.lower() if type_ in LOWERED else name
    return f"arn:{context.partition or 'aws'}:sagemaker:{context.region}:{context.account_id}:{type_}/{name}"


def who(context):
    me = identity(context)
    return {"IamIdentity": {"Arn": me["arn"], "PrincipalId": me["principalId"]}}


def project(doc, shape):
    return {k: doc[k] for k in shape.members if doc.get(k) is not None}


ANY_CASE = ("Endpoint", "EndpointConfig", "Model")


def look_up(rows, kind, given):
    """The row of that name or ARN; these three are found in any case."""
    if given in rows:
        return rows[given]
    named = rows.get(str(given).partition("/")[2])  # an ARN ends in "/" and the name, mostly: no need to look through all
    if named is not None and named[kind.arn] == given:
        return named
    wanted = str(given).lower()
    for name, doc in list(rows.items()):
        if doc.get(kind.arn) == given or (kind.name in ANY_CASE and wanted in (name.lower(), doc[kind.arn].lower())):
            return doc


NOUNS = {"EndpointConfig": "endpoint configuration"}


def find(context, kind, given):
    """By name or ARN, or the error that AWS gives for this kind (SageMaker mostly has no not-found error)."""
    doc = look_up(table(context, kind.name), kind, given)
    if doc is not None:
        return doc
    what = given if str(given).startswith("arn:") else arn(context, kind.arn_type, given)
    if kind.name in ("Action", "Artifact", "Context"):
        missing(f"{kind.name} with ARN or name {what} not found.")
    if kind.name in ("MonitoringSchedule", "ModelCard"):
        missing(f"{kind.name} {given} not found.")
    if kind.name == "ModelPackage":
        invalid(f"ModelPackage {given} does not exist.")
    if kind.name == "ModelPackageGroup":
        invalid(f"Model Package Group {given} does not exist.")
    if kind.name in ("TransformJob", "ProcessingJob", "TrainingJob"):
        invalid(f"Could not find requested job with name: {given}")
    invalid(f'Could not find {NOUNS.get(kind.name) or kind.arn_type.replace("-", " ")} "{what}".')


def settle(doc, kind):
    """Creating/Updating becomes its settled status once SETTLE seconds have gone by, unless it was planted."""
    if kind.status and not doc.get("_planted") and doc.get(kind.status) in ("Creating", "Updating", "Pending"):
        if (now() - doc["LastModifiedTime"]).total_seconds() >= SETTLE:
            doc[kind.status] = kind.settled
    return doc


def create(kind, context, request, hook=None):
    with LOCK:
        if token := request.get("ClientToken"):
            if known := TOKENS.get((context.account_id, context.region, kind.name, token)):
                return {kind.arn: known}
        doc = copy.deepcopy({k: v for k, v in request.items() if k not in ("Tags", "ClientToken")})
        name = doc.get(kind.id) or (str(uuid.uuid4()).replace("-", "") if kind.name == "Artifact" else None)
        stamp = now()
        doc.update(CreationTime=stamp, LastModifiedTime=stamp, CreatedBy=who(context))
        if hook:
            name = hook(context, doc, request) or name
        rows = table(context, kind.name)
        if there := look_up(rows, kind, name):
            invalid(f'Cannot create already existing {NOUNS.get(kind.name) or kind.arn_type.replace("-", " ")} "{there[kind.arn]}".')
        doc.setdefault(kind.arn, arn(context, kind.arn_type, name))
        if kind.status:
            doc.setdefault(kind.status, "Creating" if SETTLE and kind.name in ("Endpoint", "InferenceComponent") else kind.settled)
        rows[name] = doc
        if request.get("Tags"):
            TAGS[doc[kind.arn]] = copy.deepcopy(request["Tags"])
        if token:
            TOKENS[(context.account_id, context.region, kind.name, token)] = doc[kind.arn]
        return {kind.arn: doc[kind.arn]}


def describe(kind, context, request):
    given = request.get(kind.id) or request.get(kind.arn)
    with LOCK:
        return project(settle(find(context, kind, given), kind), context.operation.output_shape)


def delete(kind, context, request):
    with LOCK:
        doc = find(context, kind, request.get(kind.id) or request.get(kind.arn))
        rows = table(context, kind.name)
        for name in [n for n, d in rows.items() if d is doc]:
            del rows[name]
        TAGS.pop(doc[kind.arn], None)
        return {kind.arn: doc[kind.arn]}

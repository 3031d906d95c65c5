"""SageMaker's registry, endpoints, monitors and lineage, answered from botocore's own service model.

moto knows the create/describe/list calls of about a hundred operations but drops newer members, pages almost nothing
and has no UpdateEndpoint, monitoring schedule, inference component, batch describe or lineage. Here a resource is the
document it was created from; botocore's shapes say which members each answer may carry, so a member that the SDK knows
is never lost. Whatever is not named in KINDS or in `overrides` still goes to moto.
"""
import base64
import copy
import datetime as dt
import hashlib
import json
import os
import re
import threading
import uuid

from localstack.aws.api import CommonServiceException
from localstack.aws.spec import load_service

from . import clock

UTC = dt.timezone.utc
LOCK = threading.RLock()
STORE: dict[tuple[str, str], dict] = {}  # (account, region) -> {kind: {name: doc}}
TAGS: dict[str, list[dict]] = {}  # ARN -> tags
TOKENS: dict[tuple, str] = {}  # (account, region, operation, ClientToken) -> ARN
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
MODEL = None


def now():
    return clock.now()


def invalid(message):
    raise CommonServiceException("ValidationException", message, 400, sender_fault=True)


def missing(message):
    raise CommonServiceException("ResourceNotFound", message, 400, sender_fault=True)


def table(context, kind):
    return STORE.setdefault((context.account_id, context.region), {}).setdefault(kind, {})


def arn(context, type_, name):
    return f"arn:{context.partition or 'aws'}:sagemaker:{context.region}:{context.account_id}:{type_}/{name}"


def who(context):
    from .trail.identity import identity

    me = identity(context)
    return {"IamIdentity": {"Arn": me["arn"], "PrincipalId": me["principalId"]}}


def project(doc, shape):
    return {k: doc[k] for k in shape.members if doc.get(k) is not None}


def find(context, kind, given):
    """By name or ARN."""
    rows = table(context, kind.name)
    if given in rows:
        return rows[given]
    for doc in rows.values():
        if doc.get(kind.arn) == given:
            return doc
    what = given if str(given).startswith("arn:") else arn(context, kind.arn_type, given)
    if kind.name in ("Action", "Artifact", "Context"):
        missing(f"{kind.name} with ARN or name {what} not found.")
    if kind.name == "ModelPackage":
        invalid(f"ModelPackage {given} does not exist.")
    if kind.name == "ModelPackageGroup":
        invalid(f"Model Package Group {given} does not exist.")
    invalid(f'Could not find {kind.arn_type.replace("-", " ")} "{what}".')


def settle(doc, kind):
    """Creating/Updating becomes its settled status once SETTLE seconds have gone by."""
    if kind.status and doc.get(kind.status) in ("Creating", "Updating", "Pending"):
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
        if name in rows:
            invalid(f'Cannot create already existing {kind.arn_type.replace("-", " ")} "{rows[name][kind.arn]}".')
        doc.setdefault(kind.arn, arn(context, kind.arn_type, name))
        if kind.status:
            doc.setdefault(kind.status, "Creating" if SETTLE and kind.name == "Endpoint" else kind.settled)
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


def page(context, request, rows, member, default=10):
    """One page of `rows`; the token is bound to the query, and names the last row given out."""
    shape = hashlib.sha256(json.dumps({k: str(v) for k, v in sorted(request.items()) if k not in ("NextToken", "MaxResults")}).encode()).hexdigest()[:10]
    offset, size = 0, request.get("MaxResults") or default
    if token := request.get("NextToken"):
        try:
            seen, offset = base64.b64decode(token).decode().split(":")
            offset = int(offset)
            assert seen == shape
        except Exception:
            invalid("Invalid NextToken.")
    answer = {member: rows[offset:offset + size]}
    if offset + size < len(rows):
        answer["NextToken"] = base64.b64encode(f"{shape}:{offset + size}".encode()).decode()
    return answer


EQUALS = {"EndpointNameEquals": "EndpointName", "VariantNameEquals": "VariantName", "MonitoringTypeEquals": "MonitoringType"}
TIMES = {"Creation": "CreationTime", "Created": "CreationTime", "LastModified": "LastModifiedTime", "Scheduled": "ScheduledTime"}


def keep(doc, request, kind):
    for name, value in request.items():
        if value is None or name in ("NextToken", "MaxResults", "SortBy", "SortOrder", "CrossAccountFilterOption", "ModelPackageType"):
            continue
        if name == "NameContains":
            if value.lower() not in str(doc.get(kind.id) or doc.get("ModelPackageGroupName", "")).lower():
                return False
        elif name == "StatusEquals":
            if doc.get(kind.status or "Status") != value:
                return False
        elif m := re.match(r"^(Creation|Created|LastModified|Scheduled)(?:Time)?(After|Before)$", name):
            have = doc.get(TIMES[m[1]])
            bound = value if getattr(value, "tzinfo", None) else value.replace(tzinfo=UTC)
            if have is None or (have < bound if m[2] == "After" else have > bound):
                return False
        elif name == "SourceUri":
            if doc.get("Source", {}).get("SourceUri") != value:
                return False
        elif doc.get(EQUALS.get(name, name)) != value:
            return False
    return True


def listing(kind, context, request, rows=None):
    out = context.operation.output_shape
    member = next(k for k, v in out.members.items() if v.type_name == "list")
    summary = out.members[member].member
    with LOCK:
        docs = [settle(d, kind) for d in (rows if rows is not None else list(table(context, kind.name).values()))]
    docs = [d for d in docs if keep(d, request, kind)]
    by = {"Name": kind.id, "CreationTime": "CreationTime", "LastModifiedTime": "LastModifiedTime", "Status": kind.status,
          "ScheduledTime": "ScheduledTime"}.get(request.get("SortBy") or "CreationTime", "CreationTime")
    ascending = {"ModelPackageGroup", "ModelPackage"}  # these two sort Ascending unless asked; most others Descending
    order = request.get("SortOrder") or ("Ascending" if kind.name in ascending else "Descending")
    docs = sorted(docs, key=lambda d: str(d.get(by) or ""), reverse=order == "Descending")
    return page(context, request, [project({**d, **alias(d, kind)}, summary) for d in docs], member)


def alias(doc, kind):
    if kind.name.endswith("JobDefinition"):
        return {"MonitoringJobDefinitionName": doc["JobDefinitionName"], "MonitoringJobDefinitionArn": doc["JobDefinitionArn"]}
    return {}


# --- the parts that are more than a document -------------------------------------------------------------------------
def new_group(context, doc, request):
    doc["ModelPackageGroupStatus"] = "Completed"


def new_package(context, doc, request):
    doc.setdefault("ModelPackageStatus", "Completed")
    doc["ModelPackageStatusDetails"] = {"ValidationStatuses": [], "ImageScanStatuses": []}
    doc.setdefault("CertifyForMarketplace", False)
    group = doc.get("ModelPackageGroupName")
    if not group:
        if not doc.get("ModelPackageName"):
            invalid("One of ModelPackageName and ModelPackageGroupName must be provided.")
        doc.pop("LastModifiedTime")
        doc["LastModifiedTime"] = doc["CreationTime"]
        return doc["ModelPackageName"]
    found = find(context, KINDS["ModelPackageGroup"], group)
    doc["ModelPackageGroupName"] = group = found["ModelPackageGroupName"]
    found["_next"] = version = found.get("_next", 0) + 1
    doc["ModelPackageVersion"] = version
    doc.setdefault("ModelApprovalStatus", "PendingManualApproval")
    doc["ModelPackageArn"] = arn(context, "model-package", f"{group}/{version}")
    return f"{group}/{version}"


def update_package(context, request):
    with LOCK:
        doc = find(context, KINDS["ModelPackage"], request["ModelPackageArn"])
        for k, v in request.items():
            if k in ("ModelPackageArn", "ClientToken") or v is None:
                continue
            if k == "CustomerMetadataPropertiesToRemove":
                for name in v:
                    doc.get("CustomerMetadataProperties", {}).pop(name, None)
            elif k == "CustomerMetadataProperties":
                doc.setdefault(k, {}).update(v)
            elif k == "AdditionalInferenceSpecificationsToAdd":
                doc.setdefault("AdditionalInferenceSpecifications", []).extend(v)
            else:
                doc[k] = copy.deepcopy(v)
        doc.update(LastModifiedTime=now(), LastModifiedBy=who(context))
        return {"ModelPackageArn": doc["ModelPackageArn"]}


def list_packages(context, request):
    group, type_ = request.get("ModelPackageGroupName"), request.get("ModelPackageType")
    rows = list(table(context, "ModelPackage").values())
    if group:
        found = find(context, KINDS["ModelPackageGroup"], group)
        request = {**request, "ModelPackageGroupName": found["ModelPackageGroupName"]}
    elif type_ != "Both":
        rows = [d for d in rows if ("ModelPackageVersion" in d) == (type_ == "Versioned")]
    return listing(KINDS["ModelPackage"], context, request, rows)


def batch_describe(context, request):
    good, bad = {}, {}
    shape = context.operation.output_shape.members["ModelPackageSummaries"].value
    for given in request["ModelPackageArnList"]:
        try:
            good[given] = project(find(context, KINDS["ModelPackage"], given), shape)
        except CommonServiceException as e:
            bad[given] = {"ErrorCode": e.code, "ErrorResponse": e.message}
    return {"ModelPackageSummaries": good, "BatchDescribeModelPackageErrorMap": bad}


def delete_group(context, request):
    name = find(context, KINDS["ModelPackageGroup"], request["ModelPackageGroupName"])["ModelPackageGroupName"]
    if any(d.get("ModelPackageGroupName") == name for d in table(context, "ModelPackage").values()):
        raise CommonServiceException("ConflictException", f"Model Package Group {name} cannot be deleted because it still contains Model Packages.", 400, True)
    delete(KINDS["ModelPackageGroup"], context, request)
    return {}


def group_policy(context, request):
    doc = find(context, KINDS["ModelPackageGroup"], request["ModelPackageGroupName"])
    if context.operation.name.startswith("Put"):
        doc["_policy"] = request["ResourcePolicy"]
        return {"ModelPackageGroupArn": doc["ModelPackageGroupArn"]}
    if "_policy" not in doc:
        invalid(f"Cannot find resource policy for: {doc['ModelPackageGroupArn']}")
    if context.operation.name.startswith("Delete"):
        del doc["_policy"]
        return {}
    return {"ResourcePolicy": doc["_policy"]}


def new_config(context, doc, request):
    for v in (doc.get("ProductionVariants") or []) + (doc.get("ShadowProductionVariants") or []):
        if v.get("ModelName"):
            find(context, KINDS["Model"], v["ModelName"])


def _images(context, model_name):
    model = table(context, "Model").get(model_name, {})
    out = []
    for c in model.get("Containers") or ([model["PrimaryContainer"]] if model.get("PrimaryContainer") else []):
        image = c.get("Image")
        if not image and c.get("ModelPackageName"):
            try:
                package = find(context, KINDS["ModelPackage"], c["ModelPackageName"])
                image = package["InferenceSpecification"]["Containers"][0].get("Image")
            except (CommonServiceException, KeyError, IndexError):
                continue
        if image:
            resolved = image if "@sha256:" in image else image.split(":")[0] + "@sha256:" + hashlib.sha256(image.encode()).hexdigest()
            out.append({"SpecifiedImage": image, "ResolvedImage": resolved, "ResolutionTime": now()})
    return out


def _deploy(context, doc):
    config = find(context, KINDS["EndpointConfig"], doc["EndpointConfigName"])
    for member in ("ProductionVariants", "ShadowProductionVariants"):
        out = []
        for v in config.get(member) or []:
            one = {"VariantName": v["VariantName"], "DeployedImages": _images(context, v.get("ModelName")),
                   "CurrentWeight": v.get("InitialVariantWeight", 1.0), "DesiredWeight": v.get("InitialVariantWeight", 1.0)}
            if v.get("ServerlessConfig"):
                one.update(CurrentServerlessConfig=v["ServerlessConfig"], DesiredServerlessConfig=v["ServerlessConfig"])
            if v.get("InitialInstanceCount") is not None:
                one.update(CurrentInstanceCount=v["InitialInstanceCount"], DesiredInstanceCount=v["InitialInstanceCount"])
            for extra in ("ManagedInstanceScaling", "RoutingConfig"):
                if v.get(extra):
                    one[extra] = v[extra]
            out.append(one)
        doc[member] = out or None
    capture = config.get("DataCaptureConfig")
    doc["DataCaptureConfig"] = capture and {
        "EnableCapture": capture.get("EnableCapture", False), "CaptureStatus": "Started" if capture.get("EnableCapture") else "Stopped",
        "CurrentSamplingPercentage": capture["InitialSamplingPercentage"], "DestinationS3Uri": capture["DestinationS3Uri"],
        "KmsKeyId": capture.get("KmsKeyId", "")}
    for member in ("AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig"):
        doc[member] = config.get(member)


def new_endpoint(context, doc, request):
    _deploy(context, doc)


def update_endpoint(context, request):
    with LOCK:
        doc = find(context, KINDS["Endpoint"], request["EndpointName"])
        find(context, KINDS["EndpointConfig"], request["EndpointConfigName"])
        kept = {v["VariantName"]: v for v in doc.get("ProductionVariants") or []}
        doc["EndpointConfigName"] = request["EndpointConfigName"]
        _deploy(context, doc)
        if request.get("RetainAllVariantProperties"):
            for v in doc["ProductionVariants"] or []:
                for k in ("CurrentWeight", "DesiredWeight", "CurrentInstanceCount", "DesiredInstanceCount"):
                    if k in kept.get(v["VariantName"], {}):
                        v[k] = kept[v["VariantName"]][k]
        if request.get("DeploymentConfig"):
            doc["LastDeploymentConfig"] = request["DeploymentConfig"]
        doc.update(LastModifiedTime=now(), EndpointStatus="Updating" if SETTLE else "InService")
        return {"EndpointArn": doc["EndpointArn"]}


def update_weights(context, request):
    with LOCK:
        doc = find(context, KINDS["Endpoint"], request["EndpointName"])
        named = {v["VariantName"]: v for v in doc.get("ProductionVariants") or []}
        for want in request["DesiredWeightsAndCapacities"]:
            if want["VariantName"] not in named:
                invalid(f'The variant name(s) "{want["VariantName"]}" is/are not present within endpoint configuration "{doc["EndpointConfigName"]}".')
            v = named[want["VariantName"]]
            if want.get("DesiredWeight") is not None:
                v["CurrentWeight"] = v["DesiredWeight"] = want["DesiredWeight"]
            if want.get("DesiredInstanceCount") is not None:
                v["CurrentInstanceCount"] = v["DesiredInstanceCount"] = want["DesiredInstanceCount"]
        doc["LastModifiedTime"] = now()
        return {"EndpointArn": doc["EndpointArn"]}


def new_component(context, doc, request):
    endpoint = find(context, KINDS["Endpoint"], doc["EndpointName"])
    doc["EndpointArn"] = endpoint["EndpointArn"]
    copies = (doc.get("RuntimeConfig") or {}).get("CopyCount", 1)
    doc["RuntimeConfig"] = {"DesiredCopyCount": copies, "CurrentCopyCount": copies}
    if model := (doc.get("Specification") or {}).get("ModelName"):
        images = _images(context, model)
        doc["Specification"]["Container"] = {"DeployedImage": images[0]} if images else {}


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


def list_alerts(context, request):
    doc = find(context, KINDS["MonitoringSchedule"], request["MonitoringScheduleName"])
    default = {"MonitoringAlertName": doc["MonitoringScheduleName"], "CreationTime": doc["CreationTime"], "LastModifiedTime": doc["LastModifiedTime"],
               "AlertStatus": "OK", "DatapointsToAlert": 1, "EvaluationPeriod": 1, "Actions": {"ModelDashboardIndicator": {"Enabled": True}}}
    return page(context, request, [{**default, **doc.get("_alert", {})}], "MonitoringAlertSummaries")


def plant(request):
    """POST /_countersign/sagemaker: plant what AWS itself would have made (monitoring runs, alert states), or bend a
    document: [{"account","region","kind","name","set":{...},"executions":[...],"alert":{...}}]"""
    done = 0
    for row in request.get_json(force=True):
        with LOCK:
            doc = STORE[(row.get("account", "000000000000"), row.get("region", "us-east-1"))][row["kind"]][row["name"]]
            doc.update(_times(row.get("set", {})))
            if "alert" in row:
                doc["_alert"] = _times(row["alert"])
            for e in row.get("executions", []):
                stamp = now()
                e = {"MonitoringScheduleName": row["name"], "ScheduledTime": stamp, "CreationTime": stamp, "LastModifiedTime": stamp,
                     "MonitoringExecutionStatus": "Completed", "EndpointName": doc.get("EndpointName"), "MonitoringType": doc.get("MonitoringType"),
                     "MonitoringJobDefinitionName": doc.get("MonitoringJobDefinitionName"), **_times(e)}
                doc["_executions"].append(e)
                doc["LastMonitoringExecutionSummary"] = e
            done += 1
    return {"planted": done}


def _times(value):
    return {k: dt.datetime.fromisoformat(v) if k.endswith("Time") and isinstance(v, str) else v for k, v in value.items()}


# --- lineage ---------------------------------------------------------------------------------------------------------
def _node(context, arn_):
    for kind in ("Action", "Artifact", "Context"):
        for d in table(context, kind).values():
            if d[KINDS[kind].arn] == arn_:
                return kind, d
    return None, {}


def new_lineage(context, doc, request):
    if "Source" in doc and "ArtifactType" in doc:
        for d in table(context, "Artifact").values():
            if d["Source"]["SourceUri"] == doc["Source"]["SourceUri"]:
                invalid(f"An artifact with source uri {doc['Source']['SourceUri']} already exists: {d['ArtifactArn']}")


def add_association(context, request):
    s, d = request["SourceArn"], request["DestinationArn"]
    (st, sd), (tt, td) = _node(context, s), _node(context, d)
    type_of = lambda t, n: n.get("ArtifactType") or n.get("ContextType") or n.get("ActionType")
    table(context, "_associations")[(s, d)] = {
        "SourceArn": s, "DestinationArn": d, "AssociationType": request.get("AssociationType"), "SourceType": type_of(st, sd),
        "DestinationType": type_of(tt, td), "CreationTime": now(), "CreatedBy": who(context),
        "SourceName": sd.get("ArtifactName") or sd.get("ContextName") or sd.get("ActionName"),
        "DestinationName": td.get("ArtifactName") or td.get("ContextName") or td.get("ActionName")}
    return {"SourceArn": s, "DestinationArn": d}


def delete_association(context, request):
    table(context, "_associations").pop((request["SourceArn"], request["DestinationArn"]), None)
    return {"SourceArn": request["SourceArn"], "DestinationArn": request["DestinationArn"]}


def list_associations(context, request):
    return listing(Kind("Association", id="SourceName"), context, request, list(table(context, "_associations").values()))


def query_lineage(context, request):
    edges, way = list(table(context, "_associations").values()), request.get("Direction") or "Both"
    seen, used, todo = set(request.get("StartArns") or []), [], [(a, 0) for a in request.get("StartArns") or []]
    while todo:
        at, depth = todo.pop(0)
        if depth >= (request.get("MaxDepth") or 10):
            continue
        for e in edges:
            for here, there, ok in (("SourceArn", "DestinationArn", way != "Ascendants"), ("DestinationArn", "SourceArn", way != "Descendants")):
                if ok and e[here] == at:
                    if e not in used:
                        used.append(e)
                    if e[there] not in seen:
                        seen.add(e[there])
                        todo.append((e[there], depth + 1))
    vertices = []
    for a in sorted(seen):
        kind, d = _node(context, a)
        vertices.append({k: v for k, v in {"Arn": a, "LineageType": kind, "Type": d.get("ArtifactType") or d.get("ContextType") or d.get("ActionType")}.items() if v})
    return {"Vertices": vertices, "Edges": [{k: e[k] for k in ("SourceArn", "DestinationArn", "AssociationType") if e[k]} for e in used]}


# --- tags, search ----------------------------------------------------------------------------------------------------
def _owned(context, arn_):
    return any(d.get(KINDS[k].arn) == arn_ for k in KINDS for d in table(context, k).values())


def tags(moto):
    def call(context, request):
        a = request["ResourceArn"]
        if not _owned(context, a):
            return moto(context, request)
        have, op = TAGS.setdefault(a, []), context.operation.name
        if op == "AddTags":
            fresh = {t["Key"]: t["Value"] for t in request["Tags"]}
            have[:] = [t for t in have if t["Key"] not in fresh] + copy.deepcopy(request["Tags"])
            return {"Tags": list(have)}
        if op == "DeleteTags":
            have[:] = [t for t in have if t["Key"] not in request["TagKeys"]]
            return {}
        return page(context, request, list(have), "Tags", default=50)

    return call


def search(moto):
    def call(context, request):
        kind = KINDS.get(request["Resource"])
        if kind is None:
            return moto(context, request)
        shape = context.operation.output_shape.members["Results"].member.members.get(kind.name)
        if shape is None:
            return {"Results": []}

        def test(doc, f):
            have, op, want = doc, f.get("Operator", "Equals"), f.get("Value")
            for part in f["Name"].split("."):
                have = have.get(part) if isinstance(have, dict) else None
            text = have.isoformat() if isinstance(have, dt.datetime) else str(have)
            return {"Equals": have is not None and text == want, "NotEquals": text != want, "Exists": have is not None, "NotExists": have is None,
                    "Contains": have is not None and str(want) in text, "GreaterThan": have is not None and text > str(want),
                    "LessThan": have is not None and text < str(want), "GreaterThanOrEqualTo": have is not None and text >= str(want),
                    "LessThanOrEqualTo": have is not None and text <= str(want), "In": have is not None and text in str(want).split(",")}[op]

        def match(doc, e):
            checks = [test(doc, f) for f in e.get("Filters") or []] + [match(doc, s) for s in e.get("SubExpressions") or []]
            return not checks or (any(checks) if e.get("Operator") == "Or" else all(checks))

        docs = [{**d, "Tags": TAGS.get(d[kind.arn])} for d in table(context, kind.name).values()]
        hits = [{kind.name: project(d, shape)} for d in docs if match(d, request.get("SearchExpression") or {})]
        return page(context, request, hits, "Results", default=100)

    return call


def tagged_resources(account, region):
    """For the tagging API: (ARN, tags) of every tagged resource held here."""
    for kind in KINDS.values():
        for d in STORE.get((account, region), {}).get(kind.name, {}).values():
            if TAGS.get(d[kind.arn]):
                yield d[kind.arn], TAGS[d[kind.arn]]


def patch_tagging():
    from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend as Backend

    original = Backend._get_resources_generator

    def generator(self, tag_filters=None, resource_type_filters=None):
        for a, have in tagged_resources(self.account_id, self.region_name):
            parts = a.split(":")
            type_ = parts[5].split("/")[0]
            if resource_type_filters and not {parts[2], f"{parts[2]}:{type_}"} & set(resource_type_filters):
                continue
            named = {t["Key"]: t["Value"] for t in have}
            if all(f["Key"] in named and (not f.get("Values") or named[f["Key"]] in f["Values"]) for f in tag_filters or []):
                yield {"ResourceARN": a, "Tags": have}
        yield from original(self, tag_filters, resource_type_filters)

    Backend._get_resources_generator = generator


def overrides(moto):
    global MODEL
    MODEL = load_service("sagemaker")
    patch_tagging()
    new = {"ModelPackageGroup": new_group, "ModelPackage": new_package, "EndpointConfig": new_config, "Endpoint": new_endpoint,
           "InferenceComponent": new_component, "MonitoringSchedule": new_schedule, "Artifact": new_lineage,
           **{k: new_definition for k in KINDS if k.endswith("JobDefinition")}}
    ops = {}
    for kind in KINDS.values():
        for verb, fn in (("Create", lambda c, r, k=kind: create(k, c, r, new.get(k.name))), ("Describe", lambda c, r, k=kind: describe(k, c, r)),
                         ("Delete", lambda c, r, k=kind: delete(k, c, r))):
            ops[verb + kind.name] = fn
        ops["List" + kind.plural] = lambda c, r, k=kind: listing(k, c, r)
    ops.update({
        "UpdateModelPackage": update_package, "ListModelPackages": list_packages, "BatchDescribeModelPackage": batch_describe,
        "DeleteModelPackageGroup": delete_group, "PutModelPackageGroupPolicy": group_policy, "GetModelPackageGroupPolicy": group_policy,
        "DeleteModelPackageGroupPolicy": group_policy, "UpdateEndpoint": update_endpoint, "UpdateEndpointWeightsAndCapacities": update_weights,
        "UpdateMonitoringSchedule": update_schedule, "StartMonitoringSchedule": start_stop_schedule, "StopMonitoringSchedule": start_stop_schedule,
        "ListMonitoringExecutions": list_executions, "ListMonitoringAlerts": list_alerts,
        "ListMonitoringAlertHistory": lambda c, r: {"MonitoringAlertHistory": []},
        "AddAssociation": add_association, "DeleteAssociation": delete_association, "ListAssociations": list_associations,
        "QueryLineage": query_lineage, "Search": search(moto), "AddTags": tags(moto), "DeleteTags": tags(moto), "ListTags": tags(moto),
        "ListPipelineExecutionSteps": lambda c, r: {"PipelineExecutionSteps": []},
        "ListMlflowTrackingServers": lambda c, r: {"TrackingServerSummaries": []},
    })
    return {k: v for k, v in ops.items() if k in MODEL.operation_names}

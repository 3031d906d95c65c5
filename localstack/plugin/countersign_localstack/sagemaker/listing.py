"""List operations: filters, order and pages, for any kind of document."""
import base64
import datetime as dt
import hashlib
import json
import re

from .documents import LOCK, invalid, project, settle, table

def page(context, request, rows, member, default=10):
    """One page of `rows`; the token is bound to the query."""
    if (limits := context.operation.input_shape.members.get("MaxResults")) is not None and request.get("MaxResults") is not None:
        least, most = limits.metadata.get("min", 1), limits.metadata.get("max", 10**9)
        if not least <= request["MaxResults"] <= most:
            bound = f"greater than or equal to {least}" if request["MaxResults"] < least else f"less than or equal to {most}"
            invalid(f"1 validation error detected: Value '{request['MaxResults']}' at 'maxResults' failed to satisfy constraint: "
                    f"Member must have value {bound}")
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
            bound = value if getattr(value, "tzinfo", None) else value.replace(tzinfo=dt.timezone.utc)
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

"""Model package groups and packages: versions, approval, resource policies."""
import copy

from localstack.aws.api import CommonServiceException

from .documents import KINDS, LOCK, arn, delete, find, invalid, now, project, table, who
from .endpoints import digest
from .listing import listing
from .sharing import find_shared, owner_of, shared_rows


def new_group(context, doc, request):
    doc["ModelPackageGroupStatus"] = "Completed"


def new_package(context, doc, request):
    _pin(context, doc)
    doc.setdefault("ModelPackageStatus", "Completed")
    doc["ModelPackageStatusDetails"] = {"ValidationStatuses": [], "ImageScanStatuses": []}
    doc.setdefault("CertifyForMarketplace", False)
    group = doc.get("ModelPackageGroupName")
    if not group:
        if not doc.get("ModelPackageName"):
            invalid("One of ModelPackageName and ModelPackageGroupName must be provided.")
        return doc["ModelPackageName"]
    found = find(context, KINDS["ModelPackageGroup"], group)
    doc["ModelPackageGroupName"] = group = found["ModelPackageGroupName"]
    found["_next"] = version = found.get("_next", 0) + 1
    doc["ModelPackageVersion"] = version
    doc.setdefault("ModelApprovalStatus", "PendingManualApproval")
    doc["ModelPackageArn"] = arn(context, "model-package", f"{group}/{version}")
    return f"{group}/{version}"


def _pin(context, doc):
    """AWS notes what the containers' images and artifacts are when a package is registered, unless it was told."""
    for container in (doc.get("InferenceSpecification") or {}).get("Containers") or []:
        if container.get("Image"):
            container.setdefault("ImageDigest", digest(container["Image"]))
        if etag := _etag(context, container.get("ModelDataUrl")):
            container.setdefault("ModelDataETag", etag)
        source = (container.get("ModelDataSource") or {}).get("S3DataSource") or {}
        if etag := _etag(context, source.get("S3Uri")):
            source.setdefault("ETag", etag)


def _etag(context, uri):
    """The ETag of an object in the emulator's own S3; none for a prefix, or an object that is not there."""
    from localstack.services.s3.models import s3_stores

    bucket, _, key = (uri or "").removeprefix("s3://").partition("/")
    owner = s3_stores[context.account_id]["us-east-1"].global_bucket_map.get(bucket)
    held = s3_stores[owner]["us-east-1"].buckets.get(bucket) if owner else None
    found = held.objects.get(key) if held and key else None
    return getattr(found, "etag", None)


def update_package(context, request):
    with LOCK:
        doc = find_shared(context, KINDS["ModelPackage"], request["ModelPackageArn"])
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
        found = find_shared(context, KINDS["ModelPackageGroup"], group)
        rows = list(table(owner_of(context, group), "ModelPackage").values())
        request = {**request, "ModelPackageGroupName": found["ModelPackageGroupName"]}
    elif type_ != "Both":
        rows = [d for d in rows if ("ModelPackageVersion" in d) == (type_ == "Versioned")]
    return listing(KINDS["ModelPackage"], context, request, rows)


def batch_describe(context, request):
    good, bad = {}, {}
    shape = context.operation.output_shape.members["ModelPackageSummaries"].value
    for given in request["ModelPackageArnList"]:
        try:
            good[given] = project(find_shared(context, KINDS["ModelPackage"], given), shape)
        except CommonServiceException as e:
            bad[given] = {"ErrorCode": e.code, "ErrorResponse": e.message}
    return {"ModelPackageSummaries": good, "BatchDescribeModelPackageErrorMap": bad}


def list_groups(context, request):
    rows = None
    if request.get("CrossAccountFilterOption") == "CrossAccount":
        rows = [doc for _, doc in shared_rows(context, "ModelPackageGroup")]
    return listing(KINDS["ModelPackageGroup"], context, request, rows)


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

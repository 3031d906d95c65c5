"""What of Bedrock is paid for by the hour, and the profiles that tokens are billed by."""
from localstack.aws.api import CommonServiceException

from .. import clock
from . import planted
from .lower_case import page

TIMES = ("creationTime", "lastModifiedTime", "commitmentExpirationTime", "createdAt", "updatedAt")


def here(context, subject):
    for row in planted.of(context.account_id, subject):
        if row.get("region", "us-east-1") == context.region:
            yield {k: clock.parse(v) if k in TIMES else v for k, v in row.items() if k != "region"}


def list_provisioned(context, request):
    rows = []
    for row in here(context, "provisioned"):
        model = row["modelArn"]
        whole = {"desiredModelArn": model, "foundationModelArn": model, "desiredModelUnits": row["modelUnits"], "status": "InService",
                 "lastModifiedTime": row["creationTime"], **row}
        if request.get("statusEquals", whole["status"]) == whole["status"] and request.get("nameContains", "") in whole["provisionedModelName"]:
            rows.append(whole)
    rows.sort(key=lambda row: row["creationTime"], reverse=request.get("sortOrder") != "Ascending")
    return page("provisionedModelSummaries", rows, request, 100, 1000)


def list_profiles(context, request):
    rows = [{"status": "ACTIVE", "type": "APPLICATION", **row} for row in here(context, "profiles")]
    return page("inferenceProfileSummaries", [row for row in rows if request.get("typeEquals", row["type"]) == row["type"]], request, 100, 1000)


def list_tags(context, request):
    arn = request["resourceARN"]
    known = [row.get("provisionedModelArn") or row.get("inferenceProfileArn") for subject in ("provisioned", "profiles") for row in here(context, subject)]
    if arn not in known:
        raise CommonServiceException("ResourceNotFoundException", f"The requested resource {arn} was not found.", 404, True)
    return {"tags": [{"key": k, "value": v} for k, v in planted.of(context.account_id, "tags").get(arn, {}).items()]}


empty = lambda member: lambda context, request: {member: []}
ANSWERS = {"ListProvisionedModelThroughputs": list_provisioned, "ListInferenceProfiles": list_profiles, "ListTagsForResource": list_tags,
           "ListGuardrails": empty("guardrails"), "ListFoundationModels": empty("modelSummaries")}

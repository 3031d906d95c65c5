"""Security Hub CSPM: hubs, findings imported by the account that they belong to, and what people decide about them.

https://docs.aws.amazon.com/securityhub/latest/userguide/finding-update-batchimportfindings.html says what an import may change.
"""
import copy

from localstack.aws.api import CommonServiceException

from .. import clock
from . import finding_format, search

HUBS: dict[tuple[str, str], dict] = {}  # (account, region) -> the hub
FINDINGS: dict[tuple[str, str], dict] = {}  # (account, region) -> {(product, id): finding}
LARGEST_BATCH = 100
OWNED_BY_PEOPLE = ("Note", "UserDefinedFields", "VerificationState", "Workflow")  # an import of a known finding leaves them alone
OF_THE_PROVIDER = ("Confidence", "Criticality", "RelatedFindings", "Severity", "Types")


def overrides(moto):
    open_ = lambda answer: lambda context, request: (_subscribed(context), answer(context, request))[1]
    return {"EnableSecurityHub": enable, "DisableSecurityHub": open_(disable), "DescribeHub": open_(describe_hub),
            "BatchImportFindings": open_(batch_import), "GetFindings": open_(get_findings), "BatchUpdateFindings": open_(batch_update)}


def _place(context):
    return context.account_id, context.region


def _subscribed(context):
    if _place(context) not in HUBS:
        raise CommonServiceException("InvalidAccessException", f"Account {context.account_id} is not subscribed to AWS Security Hub", 401, True)


def _invalid(text):
    raise CommonServiceException("InvalidInputException", text, 400, True)


def _arn(context, what):
    return f"arn:{context.partition or 'aws'}:securityhub:{context.region}:{context.account_id}:{what}"


# --- the hub -----------------------------------------------------------------------------------------------------------
def enable(context, request):
    if _place(context) in HUBS:
        raise CommonServiceException("ResourceConflictException", "Account is already subscribed to Security Hub", 409, True)
    HUBS[_place(context)] = {"HubArn": _arn(context, "hub/default"), "SubscribedAt": _now(), "AutoEnableControls": True,
                             "ControlFindingGenerator": request.get("ControlFindingGenerator") or "SECURITY_CONTROL"}
    FINDINGS.setdefault(_place(context), {})
    return {}


def disable(context, request):
    del HUBS[_place(context)]
    return {}


def describe_hub(context, request):
    hub = HUBS[_place(context)]
    if request.get("HubArn") not in (None, hub["HubArn"]):
        raise CommonServiceException("ResourceNotFoundException", "The specified hub does not exist", 404, True)
    return hub


def _now():
    return clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


# --- imports -----------------------------------------------------------------------------------------------------------
def batch_import(context, request):
    given = request.get("Findings") or []
    if not 1 <= len(given) <= LARGEST_BATCH:
        _invalid(f"Invalid parameter 'Findings'. data should NOT have {'fewer than 1' if not given else f'more than {LARGEST_BATCH}'} items")
    default = _arn(context, f"product/{context.account_id}/default")
    for finding in given:
        product = str(finding.get("ProductArn"))
        if product.count(":") >= 5 and product != default:  # another account's, another region's, or one that is not enabled
            from ..trail.identity import identity

            raise CommonServiceException("AccessDeniedException", f"User: {identity(context)['arn']} is not authorized to perform: "
                                         f"securityhub:BatchImportFindings on resource: {product}", 403, True)
    failed, kept = [], FINDINGS[_place(context)]
    for finding in given:
        faults = finding_format.faults(finding, context.account_id)
        if faults:
            failed.append({"Id": str(finding.get("Id") or ""), "ErrorCode": "InvalidInput",
                           "ErrorMessage": "Finding does not adhere to Amazon Finding Format. " + ", ".join(faults) + "."})
        else:
            key = finding["ProductArn"], finding["Id"]
            kept[key] = _updated(kept[key], finding) if key in kept else _created(context, finding)
    return {"FailedCount": len(failed), "SuccessCount": len(given) - len(failed), "FailedFindings": failed}


def _created(context, finding):
    made = copy.deepcopy(finding)
    made.setdefault("RecordState", "ACTIVE")
    made.setdefault("Workflow", {}).setdefault("Status", "NEW")
    made["WorkflowState"] = "NEW"
    return _completed(_provided(made), context.region)


def _updated(have, finding):
    """An update that is not newer is ignored, as AWS documents it."""
    if clock.parse(finding["UpdatedAt"]) <= clock.parse(have["UpdatedAt"]):
        return have
    made = _provided(copy.deepcopy(finding))
    for member in OWNED_BY_PEOPLE + tuple(have.get("DecidedByPeople", ())):
        made.pop(member, None)
        if member in have:
            made[member] = have[member]
    made.setdefault("RecordState", "ACTIVE")
    made.update({k: have[k] for k in ("WorkflowState", "DecidedByPeople") if k in have})
    passed = lambda f: f.get("Compliance", {}).get("Status") == "PASSED"
    reopened = have["RecordState"] == "ARCHIVED" and made["RecordState"] == "ACTIVE" or passed(have) and "Compliance" in made and not passed(made)
    if reopened and made["Workflow"]["Status"] in ("NOTIFIED", "RESOLVED"):
        made["Workflow"] = {"Status": "NEW"}
    return _completed(made, have["Region"])


def _provided(made):
    """What the provider says stays readable beside what people decide."""
    provider = made.setdefault("FindingProviderFields", {})
    for member in OF_THE_PROVIDER:
        if member in made:
            known = {k: v for k, v in made[member].items() if k in ("Label", "Original")} if member == "Severity" else made[member]
            provider.setdefault(member, copy.deepcopy(known))
    return made


def _completed(made, region):
    """What Security Hub adds by itself."""
    if "Severity" in made and (label := made["Severity"].get("Label")):
        made["Severity"].setdefault("Normalized", finding_format.NORMALIZED[label])
    elif "Severity" in made:
        made["Severity"]["Label"] = finding_format.label(made["Severity"].get("Normalized", 0))
    made.update(ProcessedAt=_now(), Region=region, ProductName="Default", CompanyName="Personal")
    made.setdefault("ProductFields", {}).update({
        "aws/securityhub/ProductName": "Default", "aws/securityhub/CompanyName": "Personal",
        "aws/securityhub/FindingId": f"{made['ProductArn']}/{made['Id']}"})
    return made


# --- what people see and decide -------------------------------------------------------------------------------------------
def get_findings(context, request):
    rows = [{k: v for k, v in f.items() if k != "DecidedByPeople"} for f in FINDINGS[_place(context)].values()]
    return search.found(rows, request)


def batch_update(context, request):
    wanted, done, missed = request.get("FindingIdentifiers") or [], [], []
    if not 1 <= len(wanted) <= LARGEST_BATCH:
        _invalid("Invalid parameter 'FindingIdentifiers'. data should have 1 to 100 items")
    changes = {k: v for k, v in request.items() if k != "FindingIdentifiers"}
    for identifier in wanted:
        finding = FINDINGS[_place(context)].get((identifier["ProductArn"], identifier["Id"]))
        if finding is None:
            missed.append({"FindingIdentifier": identifier, "ErrorCode": "FindingNotFound", "ErrorMessage": "Finding Not Found"})
            continue
        for member, value in changes.items():
            if member == "Note":
                value = {**value, "UpdatedAt": _now()}
            if member == "Severity" and "Label" in value:
                value = {"Normalized": finding_format.NORMALIZED[value["Label"]], **value}
            finding[member] = {**finding.get(member, {}), **value} if isinstance(value, dict) else value
        finding["DecidedByPeople"] = sorted({*finding.get("DecidedByPeople", ()), *(m for m in changes if m in OF_THE_PROVIDER)})
        finding["ProcessedAt"] = _now()
        done.append(identifier)
    return {"ProcessedFindings": done, "UnprocessedFindings": missed}

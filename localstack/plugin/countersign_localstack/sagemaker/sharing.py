"""Model packages of other accounts: readable where the group's resource policy lets the caller's account in."""
import fnmatch
import json
from types import SimpleNamespace

from localstack.aws.api import CommonServiceException

from ..trail.identity import identity
from .documents import KINDS, STORE, find, look_up, project, table


def owner_of(context, given):
    """The context in which `given` is to be looked up: the owner's for an ARN of another account."""
    parts = str(given).split(":")
    if len(parts) != 6 or parts[4] == context.account_id:
        return context
    return SimpleNamespace(account_id=parts[4], region=parts[3], partition=parts[1])


def find_shared(context, kind, given):
    """As `find`, but also in the account that the ARN names, if its group's policy allows the operation to the caller."""
    owner = owner_of(context, given)
    if owner is context:
        return find(context, kind, given)
    action = f"sagemaker:{context.operation.name}"
    doc = look_up(table(owner, kind.name), kind, given) if owner.region == context.region else None
    if doc is None or not allows(owner, doc, context.account_id, action):
        raise CommonServiceException(
            "AccessDeniedException",
            f"User: {identity(context)['arn']} is not authorized to perform: {action} on resource: {given} "
            f"because no resource-based policy allows the {action} action", 400, sender_fault=True)
    return doc


def allows(owner, doc, account, action):
    group = table(owner, "ModelPackageGroup").get(doc.get("ModelPackageGroupName")) or {}
    if "_policy" not in group:
        return False
    target, verdict = doc.get("ModelPackageArn") or doc["ModelPackageGroupArn"], False
    for s in _listed(json.loads(group["_policy"]).get("Statement")):
        principal = s.get("Principal")
        named = _listed(principal if isinstance(principal, str) else (principal or {}).get("AWS"))
        if (any(p == "*" or p == account or f":{account}:" in p for p in named)
                and any(fnmatch.fnmatchcase(action.lower(), a.lower()) for a in _listed(s.get("Action")))
                and any(fnmatch.fnmatchcase(target, r) for r in _listed(s.get("Resource", "*")))):
            if s.get("Effect") == "Deny":
                return False
            verdict = True
    return verdict


def shared_rows(context, kind):
    """(owner, document) of every package or group of another account that the caller's account may describe."""
    if kind not in ("ModelPackage", "ModelPackageGroup"):
        return
    for (account, region), kinds in list(STORE.items()):
        if account == context.account_id or region != context.region:
            continue
        owner = SimpleNamespace(account_id=account, region=region, partition=context.partition)
        for doc in list(kinds.get(kind, {}).values()):
            if allows(owner, doc, context.account_id, f"sagemaker:Describe{kind}"):
                yield owner, doc


def _listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def describe_shared(kind_name):
    def call(context, request):
        kind = KINDS[kind_name]
        return project(find_shared(context, kind, request[kind.id]), context.operation.output_shape)

    return call

"""Tags of SageMaker resources, and the same tags seen through the tagging API."""
import copy

from .documents import KINDS, STORE, TAGS, invalid, table
from .listing import page

ARNS = {**{name: kind.arn for name, kind in KINDS.items()}, "Domain": "DomainArn", "UserProfile": "UserProfileArn"}
OURS = {kind.arn_type for kind in KINDS.values()} | {"domain", "user-profile"}


def _owned(context, arn_):
    return any(d.get(member) == arn_ for kind, member in ARNS.items() for d in table(context, kind).values())


def tags(moto):
    def call(context, request):
        given = request["ResourceArn"]
        if not _owned(context, given):
            if given.split(":")[-1].split("/")[0] in OURS:
                invalid(f"Could not find resource with ARN {given}.")
            return moto(context, request)
        operation = context.operation.name
        if operation == "AddTags":
            fresh = {t["Key"] for t in request["Tags"]}
            TAGS[given] = [t for t in TAGS.get(given, []) if t["Key"] not in fresh] + copy.deepcopy(request["Tags"])
            return {"Tags": list(TAGS[given])}
        if operation == "DeleteTags":
            if given in TAGS:  # what was tagged once stays known to the tagging API
                TAGS[given] = [t for t in TAGS[given] if t["Key"] not in request["TagKeys"]]
            return {}
        return page(context, request, list(TAGS.get(given, [])), "Tags", default=50)

    return call


def tagged_resources(account, region):
    """For the tagging API: (ARN, tags) of every resource held here that is or was tagged."""
    for kind in KINDS.values():
        for doc in list(STORE.get((account, region), {}).get(kind.name, {}).values()):
            if doc[kind.arn] in TAGS:
                yield doc[kind.arn], TAGS[doc[kind.arn]]

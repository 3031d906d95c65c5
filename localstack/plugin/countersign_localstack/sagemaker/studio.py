"""Studio domains and user profiles: whether a person's name goes with the role that a profile runs as."""
import copy
import hashlib

from localstack.aws.api import CommonServiceException

from .documents import LOCK, TAGS, arn, invalid, now, project, table
from .listing import page


def missing(context, kind, name):
    """These two have a not-found error of their own."""
    raise CommonServiceException("ResourceNotFound", f"{kind} with name {name} does not exist in account {context.account_id}.", 400, sender_fault=True)


def create_domain(context, request):
    with LOCK:
        rows = table(context, "Domain")
        if any(d["DomainName"] == request["DomainName"] for d in rows.values()):
            invalid(f"Domain with name {request['DomainName']} already exists.")
        id_ = "d-" + hashlib.sha256(f"{context.region}/{request['DomainName']}".encode()).hexdigest()[:12]
        stamp = now()
        rows[id_] = {**copy.deepcopy({k: v for k, v in request.items() if k != "Tags"}), "DomainId": id_, "DomainArn": arn(context, "domain", id_),
                     "Status": "InService", "CreationTime": stamp, "LastModifiedTime": stamp,
                     "Url": f"https://{id_}.studio.{context.region}.sagemaker.aws"}
        TAGS[rows[id_]["DomainArn"]] = copy.deepcopy(request.get("Tags") or [])
        return {"DomainArn": rows[id_]["DomainArn"], "DomainId": id_, "Url": rows[id_]["Url"]}


def domain(context, id_):
    return table(context, "Domain").get(id_) or missing(context, "Domain", id_)


def describe_domain(context, request):
    return project(domain(context, request["DomainId"]), context.operation.output_shape)


def update_domain(context, request):
    with LOCK:
        found = domain(context, request["DomainId"])
        settings = dict(request.get("DomainSettingsForUpdate") or {})
        found.setdefault("DomainSettings", {}).update(copy.deepcopy(settings))
        for member in ("DefaultUserSettings", "DefaultSpaceSettings", "AppNetworkAccessType", "SubnetIds", "TagPropagation"):
            if request.get(member) is not None:
                found[member] = copy.deepcopy(request[member])
        found["LastModifiedTime"] = now()
        return {"DomainArn": found["DomainArn"]}


def delete_domain(context, request):
    with LOCK:
        domain(context, request["DomainId"])
        del table(context, "Domain")[request["DomainId"]]
        return {}


def list_domains(context, request):
    shape = context.operation.output_shape.members["Domains"].member
    return page(context, request, [project(d, shape) for d in table(context, "Domain").values()], "Domains")


def create_profile(context, request):
    with LOCK:
        owner, name = domain(context, request["DomainId"]), request["UserProfileName"]
        rows, key = table(context, "UserProfile"), f"{owner['DomainId']}/{name}"
        if key in rows:
            invalid(f"User profile {name} already exists in domain {owner['DomainId']}.")
        stamp = now()
        rows[key] = {**copy.deepcopy({k: v for k, v in request.items() if k != "Tags"}), "UserProfileArn": arn(context, "user-profile", key.lower()),
                     "Status": "InService", "CreationTime": stamp, "LastModifiedTime": stamp}
        TAGS[rows[key]["UserProfileArn"]] = copy.deepcopy(request.get("Tags") or [])
        return {"UserProfileArn": rows[key]["UserProfileArn"]}


def describe_profile(context, request):
    found = table(context, "UserProfile").get(f"{request['DomainId']}/{request['UserProfileName']}")
    return project(found or missing(context, "UserProfile", request["UserProfileName"]), context.operation.output_shape)


def list_profiles(context, request):
    shape = context.operation.output_shape.members["UserProfiles"].member
    rows = [d for d in table(context, "UserProfile").values() if request.get("DomainIdEquals") in (None, d["DomainId"])]
    return page(context, request, [project(d, shape) for d in rows], "UserProfiles")


OPERATIONS = {
    "CreateDomain": create_domain, "DescribeDomain": describe_domain, "UpdateDomain": update_domain, "DeleteDomain": delete_domain,
    "ListDomains": list_domains, "CreateUserProfile": create_profile, "DescribeUserProfile": describe_profile, "ListUserProfiles": list_profiles,
}

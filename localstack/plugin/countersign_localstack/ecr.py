"""ECR: repositories and images, by the account's clock. moto's digests are not those of the manifests, its tags never immutable,
and it answers for one's own account only."""
import base64
import copy
import fnmatch
import hashlib
import json
import threading

from localstack.aws.api import CommonServiceException
from localstack.aws.spec import load_service

from . import clock

LOCK = threading.RLock()
STORE: dict[tuple[str, str], dict] = {}  # (registry, region) -> {repository name: document; its images under "_images", newest last}


def overrides():
    own = {
        "CreateRepository": create_repository, "DescribeRepositories": describe_repositories, "DeleteRepository": delete_repository,
        "PutImageTagMutability": put_mutability, "PutImage": put_image, "DescribeImages": describe_images, "ListImages": list_images,
        "BatchGetImage": batch_get_image, "BatchDeleteImage": batch_delete_image, "SetRepositoryPolicy": repository_policy,
        "GetRepositoryPolicy": repository_policy, "DeleteRepositoryPolicy": repository_policy,
        "GetLifecyclePolicy": no_lifecycle, "ListTagsForResource": lambda c, r: {"tags": []},
    }
    # what is not here is not moto's either: it would know none of these repositories
    return {op: own.get(op, lacking(op)) for op in load_service("ecr").operation_names}


def lacking(operation):
    def call(context, request):
        raise NotImplementedError(f"ecr.{operation} is not answered by this emulator")

    return call


def fail(code, message):
    raise CommonServiceException(code, message, 400, sender_fault=True)


def place(context, request):
    """Any account's registry is readable, unless a fault denies it."""
    return request.get("registryId") or context.account_id


def repositories(registry, region):
    return STORE.setdefault((registry, region), {})


def repository(context, request):
    registry, name = place(context, request), request["repositoryName"]
    found = repositories(registry, context.region).get(name)
    return found or fail("RepositoryNotFoundException",
                         f"The repository with name '{name}' does not exist in the registry with id '{registry}'")


def shown(document):
    return {k: v for k, v in document.items() if not k.startswith("_")}


def create_repository(context, request):
    registry, name = context.account_id, request["repositoryName"]
    with LOCK:
        rows = repositories(registry, context.region)
        if name in rows:
            fail("RepositoryAlreadyExistsException", f"The repository with name '{name}' already exists in the registry with id '{registry}'")
        rows[name] = made = {
            "repositoryArn": f"arn:{context.partition or 'aws'}:ecr:{context.region}:{registry}:repository/{name}", "registryId": registry,
            "repositoryName": name, "repositoryUri": f"{registry}.dkr.ecr.{context.region}.amazonaws.com/{name}", "createdAt": clock.now(),
            "imageTagMutability": request.get("imageTagMutability") or "MUTABLE",
            "imageScanningConfiguration": request.get("imageScanningConfiguration") or {"scanOnPush": False},
            "encryptionConfiguration": request.get("encryptionConfiguration") or {"encryptionType": "AES256"}, "_images": []}
        if filters := request.get("imageTagMutabilityExclusionFilters"):
            made["imageTagMutabilityExclusionFilters"] = filters
        return {"repository": shown(made)}


def describe_repositories(context, request):
    registry, rows = place(context, request), repositories(place(context, request), context.region)
    if names := request.get("repositoryNames"):
        return {"repositories": [shown(repository(context, {"registryId": registry, "repositoryName": name})) for name in names]}
    return page(request, [shown(rows[name]) for name in sorted(rows)], "repositories")


def delete_repository(context, request):
    with LOCK:
        found = repository(context, request)
        if found["_images"] and not request.get("force"):
            fail("RepositoryNotEmptyException", f"The repository with name '{found['repositoryName']}' in registry with id "
                                                f"'{found['registryId']}' cannot be deleted because it still contains images")
        del repositories(found["registryId"], context.region)[found["repositoryName"]]
        return {"repository": shown(found)}


def put_mutability(context, request):
    with LOCK:
        found = repository(context, request)
        found["imageTagMutability"] = request["imageTagMutability"]
        found.pop("imageTagMutabilityExclusionFilters", None)
        if filters := request.get("imageTagMutabilityExclusionFilters"):
            found["imageTagMutabilityExclusionFilters"] = filters
        return {k: found[k] for k in ("registryId", "repositoryName", "imageTagMutability", "imageTagMutabilityExclusionFilters") if k in found}


def immutable(document, tag):
    mode = document["imageTagMutability"]
    excluded = any(fnmatch.fnmatchcase(tag, f["filter"]) for f in document.get("imageTagMutabilityExclusionFilters") or [])
    return mode.startswith("IMMUTABLE") != (mode.endswith("_WITH_EXCLUSION") and excluded)


def put_image(context, request):
    """The digest is that of the manifest; a tag that names another image moves, unless it is immutable."""
    manifest, tag = request["imageManifest"], request.get("imageTag")
    digest = "sha256:" + hashlib.sha256(manifest.encode()).hexdigest()
    if request.get("imageDigest") not in (None, digest):
        fail("ImageDigestDoesNotMatchException", f"The specified image digest '{request['imageDigest']}' does not match the digest that "
                                                 "Amazon ECR calculated for the image")
    with LOCK:
        found = repository(context, request)
        there = next((i for i in found["_images"] if i["imageDigest"] == digest), None)
        about = f"in the repository with name '{found['repositoryName']}' in registry with id '{found['registryId']}'"
        if there and (tag is None or tag in there["_tags"]):
            fail("ImageAlreadyExistsException", f"Image with digest '{digest}' and tag '{tag}' already exists {about}")
        held = next((i for i in found["_images"] if tag is not None and tag in i["_tags"]), None)
        if held and immutable(found, tag):
            fail("ImageTagAlreadyExistsException", f"The image tag '{tag}' already exists {about} and cannot be overwritten because the tag is immutable.")
        if held:
            held["_tags"].remove(tag)
        if there is None:
            there = {"imageDigest": digest, "imagePushedAt": clock.now(), "_manifest": manifest, "_tags": []}
            found["_images"].append(there)
        if tag is not None:
            there["_tags"].append(tag)
        there["_type"] = request.get("imageManifestMediaType") or media_type(manifest)
        return {"image": image(found, there, tag)}


def media_type(manifest):
    try:
        return json.loads(manifest).get("mediaType")
    except (ValueError, AttributeError):
        return None


def image(document, row, tag=None):
    return {"registryId": document["registryId"], "repositoryName": document["repositoryName"], "imageManifest": row["_manifest"],
            "imageId": {"imageDigest": row["imageDigest"], **({"imageTag": tag} if tag else {})},
            **({"imageManifestMediaType": row["_type"]} if row["_type"] else {})}


def detail(document, row):
    layers = json.loads(row["_manifest"]).get("layers", []) if media_type(row["_manifest"]) else []
    return {"registryId": document["registryId"], "repositoryName": document["repositoryName"], "imageDigest": row["imageDigest"],
            "imageSizeInBytes": sum(layer.get("size", 0) for layer in layers) or len(row["_manifest"]), "imagePushedAt": row["imagePushedAt"],
            **({"imageTags": list(row["_tags"])} if row["_tags"] else {}), **({"imageManifestMediaType": row["_type"]} if row["_type"] else {})}


def seek(document, wanted):
    digest, tag = wanted.get("imageDigest"), wanted.get("imageTag")
    return next((i for i in document["_images"] if (digest is None or i["imageDigest"] == digest) and (tag is None or tag in i["_tags"])), None)


def named(wanted):
    """An image id as ECR's messages write it."""
    return f"{{imageDigest:'{wanted.get('imageDigest') or 'null'}', imageTag:'{wanted.get('imageTag') or 'null'}'}}"


def describe_images(context, request):
    found = repository(context, request)
    if not (wanted := request.get("imageIds")):
        rows = filtered(found["_images"], request)
        return page(request, [detail(found, row) for row in rows], "imageDetails")
    rows = []
    for one in wanted:
        row = seek(found, one) or fail("ImageNotFoundException", (
            f"The image with imageId {named(one)} does not exist within the repository with name '{found['repositoryName']}' "
            f"in the registry with id '{found['registryId']}'"))
        rows.append(detail(found, row))
    return {"imageDetails": rows}


def filtered(rows, request):
    status = (request.get("filter") or {}).get("tagStatus") or "ANY"
    return [row for row in rows if status == "ANY" or bool(row["_tags"]) == (status == "TAGGED")]


def list_images(context, request):
    found = repository(context, request)
    ids = [{"imageDigest": row["imageDigest"], **({"imageTag": tag} if tag else {})}
           for row in filtered(found["_images"], request) for tag in row["_tags"] or [None]]
    return page(request, ids, "imageIds")


def batch_get_image(context, request):
    found, good, bad = repository(context, request), [], []
    for one in request["imageIds"]:
        row = seek(found, one)
        if row:
            good.append(image(found, row, one.get("imageTag")))
        else:
            bad.append(missing(one))
    return {"images": good, "failures": bad}


def batch_delete_image(context, request):
    """By tag only the tag goes, and the image with its last tag."""
    with LOCK:
        found, gone, bad = repository(context, request), [], []
        for one in request["imageIds"]:
            row = seek(found, one)
            if row is None:
                bad.append(missing(one))
                continue
            if one.get("imageTag") and not one.get("imageDigest"):
                row["_tags"].remove(one["imageTag"])
            if one.get("imageDigest") or not row["_tags"]:
                found["_images"].remove(row)
            gone.append({"imageDigest": row["imageDigest"], **({"imageTag": one["imageTag"]} if one.get("imageTag") else {})})
        return {"imageIds": gone, "failures": bad}


def missing(one):
    return {"imageId": copy.deepcopy(one), "failureCode": "ImageNotFound", "failureReason": "Requested image not found"}


def repository_policy(context, request):
    found = repository(context, request)
    about = {k: found[k] for k in ("registryId", "repositoryName")}
    if context.operation.name.startswith("Set"):
        found["_policy"] = request["policyText"]
    elif "_policy" not in found:
        fail("RepositoryPolicyNotFoundException", f"Repository policy does not exist for the repository with name "
                                                  f"'{found['repositoryName']}' in the registry with id '{found['registryId']}'")
    text = found.pop("_policy") if context.operation.name.startswith("Delete") else found["_policy"]
    return {**about, "policyText": text}


def no_lifecycle(context, request):
    found = repository(context, request)
    fail("LifecyclePolicyNotFoundException", f"Lifecycle policy does not exist for the repository with name '{found['repositoryName']}' "
                                             f"in the registry with id '{found['registryId']}'")


def page(request, rows, member):
    try:
        start = int(base64.b64decode(request["nextToken"]).decode()) if request.get("nextToken") else 0
    except ValueError:
        fail("InvalidParameterException", "Invalid parameter at 'nextToken' failed to satisfy constraint: 'Invalid token'")
    end = start + (request.get("maxResults") or 100)
    return {member: rows[start:end], **({"nextToken": base64.b64encode(str(end).encode()).decode()} if end < len(rows) else {})}


def held_digest(image):
    """The digest that a tag `registry.dkr.ecr.region.amazonaws.com/name:tag` names now; None where no registry here has it."""
    host, _, path = image.partition("/")
    parts, (name, _, tag) = host.split("."), path.rpartition(":") if ":" in path else (path, "", "latest")
    if len(parts) < 5 or parts[1:3] != ["dkr", "ecr"]:
        return None
    document = STORE.get((parts[0], parts[3]), {}).get(name)
    row = document and seek(document, {"imageTag": tag})
    return row and row["imageDigest"]

"""GetResources over what LocalStack and this plugin hold; moto's own tagging API looks only into moto's stores.

A resource that was never tagged is absent, as on AWS. What is not named here (KMS keys, roles, queues, …) comes from moto.
"""
import base64
import json

from localstack.aws.api import CommonServiceException


def patch():
    from localstack.services.resourcegroupstaggingapi.provider import ResourcegroupstaggingapiProvider as Provider

    moto_sagemaker_tags()
    Provider.get_resources = get_resources
    Provider.get_tag_keys = lambda self, context, **kwargs: {"TagKeys": sorted({t["Key"] for _, have in every(context) for t in have})}
    Provider.get_tag_values = lambda self, context, key, **kwargs: {
        "TagValues": sorted({t["Value"] for _, have in every(context) for t in have if t["Key"] == key})}


def every(context):
    """(ARN, tags) of each resource that is or was tagged, in the order of their ARNs."""
    account, region, found = context.account_id, context.region, {}
    from moto.resourcegroupstaggingapi.models import resourcegroupstaggingapi_backends

    for row in resourcegroupstaggingapi_backends[account][region]._get_resources_generator(tag_filters=[], resource_type_filters=[]):
        if row["Tags"]:
            found[row["ResourceARN"]] = row["Tags"]
    for source in (_sagemaker, _alarms, _buckets, _topics):
        found.update(source(account, region))
    return sorted(found.items())


def _sagemaker(account, region):
    from .sagemaker.tags import tagged_resources

    return dict(tagged_resources(account, region))


def _alarms(account, region):
    from localstack.services.cloudwatch.models import cloudwatch_stores

    tags = cloudwatch_stores[account][region].TAGS.tags
    return {arn: _pairs(have) for arn, have in tags.items() if arn.split(":")[3] == region}


def _buckets(account, region):
    from localstack.services.s3.models import s3_stores

    out = {}
    for store in s3_stores[account].values():
        for name, bucket in store.buckets.items():
            if bucket.bucket_region == region and (have := store.TAGS.tags.get(f"arn:aws:s3:::{name}")):
                out[f"arn:aws:s3:::{name}"] = _pairs(have)
    return out


def _topics(account, region):
    from localstack.services.sns.models import sns_stores

    return {arn: have for arn, have in sns_stores[account][region].sns_tags.items() if have}


def _pairs(have):
    return [{"Key": k, "Value": v} for k, v in have.items()]


def get_resources(self, context, pagination_token=None, tag_filters=None, resources_per_page=None, tags_per_page=None,
                  resource_type_filters=None, resource_arn_list=None, include_compliance_details=None, exclude_compliant_resources=None, **kwargs):
    def wanted(arn, have):
        named = {t["Key"]: t["Value"] for t in have}
        return ((not resource_arn_list or arn in resource_arn_list)
                and (not resource_type_filters or _kinds(arn) & set(resource_type_filters))
                and all(f["Key"] in named and (not f.get("Values") or named[f["Key"]] in f["Values"]) for f in tag_filters or []))

    rows = [{"ResourceARN": arn, "Tags": have} for arn, have in every(context) if wanted(arn, have)]
    if include_compliance_details:
        rows = [{**row, "ComplianceDetails": _compliance(context, row["ResourceARN"])} for row in rows]
        rows = [row for row in rows if not (exclude_compliant_resources and row["ComplianceDetails"]["ComplianceStatus"])]
    start, size = 0, resources_per_page or 100
    if pagination_token:
        try:
            last = json.loads(base64.b64decode(pagination_token))["after"]
        except ValueError:
            raise CommonServiceException("PaginationTokenExpiredException", "The pagination token is invalid or expired.", 400, True)
        start = sum(row["ResourceARN"] <= last for row in rows)
    page = rows[start:start + size]
    more = start + size < len(rows)
    token = base64.b64encode(json.dumps({"after": page[-1]["ResourceARN"]}).encode()).decode() if more else ""
    return {"ResourceTagMappingList": page, "PaginationToken": token}


def _compliance(context, arn):
    """What the tag policy says of a resource: keys of another case, and keys whose values it does not allow."""
    from .money import planted

    broken = planted.of(context.account_id, "compliance").get(arn, {})
    return {"ComplianceStatus": not broken, "NoncompliantKeys": broken.get("keys", []), "KeysWithNoncompliantValues": broken.get("values", [])}


def _kinds(arn):
    """`sagemaker:endpoint` and `sagemaker` of an ARN; a bucket is `s3` and `s3:bucket`, a topic `sns` and `sns:topic`."""
    parts = arn.split(":", 5)
    kind = {"s3": "bucket", "sns": "topic"}.get(parts[2]) or parts[5].replace(":", "/").split("/")[0]
    return {parts[2], f"{parts[2]}:{kind}"}


def moto_sagemaker_tags():
    """One untagged SageMaker resource in moto, or one model card, makes moto's part of GetResources fail."""
    from moto.sagemaker.models import SageMakerModelBackend as Backend

    plain = Backend._get_resource_from_arn

    def guarded(self, arn):
        found = plain(self, arn)
        if getattr(found, "tags", None) is None:
            found.tags = []
        return found

    Backend._get_resource_from_arn = guarded

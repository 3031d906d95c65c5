"""Regions: an unknown one, or an opt-in one that the account has not enabled, is refused as AWS refuses it.

LocalStack would answer any region (an unknown one as us-east-1), so a reader that asks everywhere would never see an error.
"""
from functools import cache

from localstack.aws.api import CommonServiceException

OPT_IN = {"af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5", "ap-southeast-6",
          "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1", "me-central-1", "me-south-1",
          "mx-central-1"}
ENABLED: dict[str, set[str]] = {}  # account -> opt-in regions it has enabled


def patch():
    """Keep LocalStack from turning an unknown region into us-east-1 before `check` sees it."""
    from localstack.aws.handlers.region import DefaultRegionRewriterStrategy

    DefaultRegionRewriterStrategy.apply = lambda self, context: None


@cache
def known():
    from botocore.session import get_session

    session = get_session()
    return {r for p in session.get_available_partitions() for r in session.get_available_regions("s3", p)}


def check(chain, context, response):
    """Request handler."""
    region = context.region
    if context.service is None or context.is_internal_call or not region or region == "aws-global":
        return
    if region in known() and (region not in OPT_IN or region in ENABLED.get(context.account_id, ())):
        return
    protocol = context.protocol or context.service.protocol
    if context.service.service_name == "s3":
        raise CommonServiceException("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403, True)
    if protocol in ("query", "ec2"):
        raise CommonServiceException("InvalidClientTokenId", "The security token included in the request is invalid.", 403, True)
    raise CommonServiceException("UnrecognizedClientException", "The security token included in the request is invalid.", 400, True)


def route(request):
    """POST {"account", "enabled": [opt-in regions]}; GET shows all."""
    if request.method == "POST":
        row = request.get_json(force=True)
        ENABLED[row["account"]] = set(row["enabled"])
    return {account: sorted(regions) for account, regions in ENABLED.items()}

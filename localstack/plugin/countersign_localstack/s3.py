"""GetBucketPolicyStatus, which LocalStack lacks: whether the policy lets everyone in."""
import json


def patch():
    from localstack.services.s3.provider import S3Provider as P

    def get_bucket_policy_status(self, context, bucket, expected_bucket_owner=None, **kwargs):
        policy = json.loads(self.get_bucket_policy(context, bucket)["Policy"])  # raises as AWS does where there is none
        return {"PolicyStatus": {"IsPublic": any(_public(s) for s in _listed(policy.get("Statement")))}}

    P.get_bucket_policy_status = get_bucket_policy_status


def _public(statement):
    """Conditions that AWS would take to narrow the public are not weighed one by one: any condition narrows it."""
    principal = statement.get("Principal")
    everyone = "*" in (_listed(principal) if not isinstance(principal, dict) else _listed(principal.get("AWS")))
    return statement.get("Effect") == "Allow" and everyone and not statement.get("Condition")


def _listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]

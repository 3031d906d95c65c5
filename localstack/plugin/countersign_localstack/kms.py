"""KMS: the keys that AWS manages for a service exist from their first naming on, are AWS's, and let only that service in; the name of a
key's only policy need not be given."""
import json

SERVICES = ("sns", "sqs", "kinesis", "backup", "codecommit", "ebs", "secretsmanager", "ssm", "s3", "lambda", "rds", "dynamodb")


def patch_when_loaded():
    from localstack.aws.api import handler
    from localstack.services.kms import models, provider
    from localstack.services.kms.provider import KmsProvider as P

    models.RESERVED_ALIASES += [alias for name in SERVICES if (alias := f"alias/aws/{name}") not in models.RESERVED_ALIASES]
    plain = P._create_alias_if_reserved_and_not_exists

    def create(account_id, region_name, alias_name):
        store = provider.kms_stores[account_id][region_name]
        if alias_name not in models.RESERVED_ALIASES or alias_name in store.aliases:
            return
        plain(account_id, region_name, alias_name)
        key = store.keys[store.aliases[alias_name].metadata["TargetKeyId"]]
        service = alias_name.rsplit("/", 1)[-1]
        key.metadata.update(KeyManager="AWS", Description=f"Default key that protects my {service.upper()} data when no other key is defined")
        key.policy = json.dumps(_policy(account_id, region_name, service))

    P._create_alias_if_reserved_and_not_exists = staticmethod(create)
    plain_policy = P.get_key_policy

    @handler("GetKeyPolicy", expand=False)
    def get_key_policy(self, context, request):
        return {**plain_policy(self, context, {**request, "PolicyName": request.get("PolicyName") or "default"}), "PolicyName": "default"}

    P.get_key_policy = get_key_policy


def _policy(account, region, service):
    """As AWS writes it: whoever of the account comes through the service. Other services, CloudWatch among them, do not come so."""
    through = {"StringEquals": {"kms:ViaService": f"{service}.{region}.amazonaws.com", "kms:CallerAccount": account}}
    return {"Version": "2012-10-17", "Id": f"auto-{service}-1", "Statement": [
        {"Sid": f"Allow access through {service.upper()} for all principals in the account that are authorized to use {service.upper()}",
         "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:ListGrants", "kms:DescribeKey"],
         "Resource": "*", "Condition": through},
        {"Sid": "Allow direct access to key metadata to the account", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
         "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"], "Resource": "*"}]}

"""AccessDenied in the words AWS uses, which say what denied the call."""
from localstack.aws.api import CommonServiceException

REASONS = {
    "identity": "because no identity-based policy allows the {action} action",
    "identity-explicit": "with an explicit deny in an identity-based policy",
    "scp": "with an explicit deny in a service control policy",
    "scp-implicit": "because no service control policy allows the {action} action",
    "rcp": "with an explicit deny in a resource control policy",
    "boundary": "because no permissions boundary allows the {action} action",
    "boundary-explicit": "with an explicit deny in a permissions boundary",
    "session": "because no session policy allows the {action} action",
    "endpoint": "because no VPC endpoint policy allows the {action} action",
    "endpoint-explicit": "with an explicit deny in a VPC endpoint policy",
    "resource": "because no resource-based policy allows the {action} action",
    "trust": "",  # a role's trust policy: AWS gives no reason
    "resource-explicit": "with an explicit deny in a resource-based policy",
}
PREFIX = {"resourcegroupstaggingapi": "tag", "stepfunctions": "states"}
# S3 operations whose permission bears another name
S3_ACTIONS = {
    "ListObjectVersions": "ListBucketVersions", "ListObjects": "ListBucket", "ListObjectsV2": "ListBucket", "HeadBucket": "ListBucket",
    "ListBuckets": "ListAllMyBuckets", "HeadObject": "GetObject", "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock", "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration", "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
}


def action(context):
    service, operation = context.service.service_name, context.operation.name
    if service == "budgets":  # one action reads all of them
        operation = "ViewBudget" if operation.startswith("Describe") else "ModifyBudget"
    if (service, operation) == ("lambda", "Invoke"):
        operation = "InvokeFunction"
    return f"{PREFIX.get(service, service)}:{S3_ACTIONS.get(operation, operation) if service == 's3' else operation}"


def fill(message, context):
    """A rule's message may say {caller}, {action}, {account} and {region}."""
    from .trail.identity import identity

    if "{" not in message:
        return message
    facts = {"caller": identity(context)["arn"], "action": action(context), "account": context.account_id, "region": context.region}
    for name, value in facts.items():
        message = message.replace("{" + name + "}", value)
    return message


def denial(context, error):
    """error: {"denied": one of REASONS, "resource": ARN or absent, "code", "statusCode", "message": optional}"""
    resource = f" on resource: {error['resource']}" if error.get("resource") else ""
    message = error.get("message") or f"User: {{caller}} is not authorized to perform: {{action}}{resource} {REASONS[error['denied']]}".rstrip()
    older = {"query", "rest-xml", "ec2"} & {context.service.protocol, *context.service.metadata.get("protocols", [])}
    code, status = ("AccessDenied", 403) if older else ("AccessDeniedException", 400)
    return CommonServiceException(error.get("code", code), fill(message, context), error.get("statusCode", status), sender_fault=True)

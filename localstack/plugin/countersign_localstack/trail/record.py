"""Every API call the emulator answers becomes a CloudTrail event: `record` is a LocalStack response handler."""
import datetime as dt
import re
import uuid

from .. import clock
from .buckets import parameters as s3_parameters
from .events import put
from .identity import identity

UNKNOWN_CALLER = {"UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId"}  # nobody's event
READ_ONLY = re.compile(r"^(Get|List|Describe|Head|Lookup|BatchGet|BatchDescribe|Search|Query(?!Lineage)|Simulate|Select|Test|Filter)")
# Operations AWS logs as data events, or not at all: LookupEvents never shows them.
DATA = {
    "s3": {"GetObject", "PutObject", "DeleteObject", "DeleteObjects", "HeadObject", "CopyObject", "ListObjects",
           "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads", "ListParts", "UploadPart", "UploadPartCopy",
           "CreateMultipartUpload", "CompleteMultipartUpload", "AbortMultipartUpload", "GetObjectTagging",
           "PutObjectTagging", "DeleteObjectTagging", "GetObjectAcl", "PutObjectAcl", "GetObjectAttributes",
           "GetObjectRetention", "PutObjectRetention", "GetObjectLegalHold", "PutObjectLegalHold", "RestoreObject",
           "SelectObjectContent", "HeadBucket"},
    "cloudwatch": {"PutMetricData", "GetMetricData", "GetMetricStatistics", "ListMetrics", "GetMetricWidgetImage"},
    "logs": {"PutLogEvents", "GetLogEvents", "FilterLogEvents", "StartQuery", "GetQueryResults"},
    "sns": {"Publish", "PublishBatch"},
    "sqs": {"SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch"},
    "events": {"PutEvents"},
    "sagemaker-runtime": {"InvokeEndpoint", "InvokeEndpointAsync"},
    "dynamodb": {"GetItem", "PutItem", "Query", "Scan", "UpdateItem", "DeleteItem", "BatchGetItem", "BatchWriteItem"},
    "lambda": {"Invoke"},
}
SOURCE = {"cloudwatch": "monitoring", "resourcegroupstaggingapi": "tagging", "application-autoscaling": "autoscaling",
          "sagemaker": "sagemaker", "sagemaker-runtime": "sagemaker", "service-quotas": "servicequotas", "stepfunctions": "states"}
GLOBAL = {"iam", "organizations", "budgets", "ce", "route53", "cloudfront", "account"}
S3_NAMES = {"PutBucketLifecycleConfiguration": "PutBucketLifecycle", "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
            "PutBucketNotificationConfiguration": "PutBucketNotification", "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
            "GetPublicAccessBlock": "GetBucketPublicAccessBlock", "ListObjectsV2": "ListObjects"}
# request member -> CloudFormation-style resource type, for Resources[] and for the ResourceName/ResourceType look-ups
RESOURCES = {
    "sagemaker": {"ModelPackageGroupName": "AWS::SageMaker::ModelPackageGroup", "ModelPackageArn": "AWS::SageMaker::ModelPackage",
                  "ModelPackageName": "AWS::SageMaker::ModelPackage", "EndpointName": "AWS::SageMaker::Endpoint",
                  "EndpointConfigName": "AWS::SageMaker::EndpointConfig", "ModelName": "AWS::SageMaker::Model",
                  "MonitoringScheduleName": "AWS::SageMaker::MonitoringSchedule",
                  "TransformJobName": "AWS::SageMaker::TransformJob", "InferenceComponentName": "AWS::SageMaker::InferenceComponent"},
    "s3": {"Bucket": "AWS::S3::Bucket"},
    "iam": {"RoleName": "AWS::IAM::Role", "UserName": "AWS::IAM::User", "PolicyArn": "AWS::IAM::Policy"},
    "cloudwatch": {"AlarmName": "AWS::CloudWatch::Alarm"},
    "kms": {"KeyId": "AWS::KMS::Key"},
    "sns": {"TopicArn": "AWS::SNS::Topic"},
    "cloudtrail": {"Name": "AWS::CloudTrail::Trail"},
}


def _camel(name):
    return name[:1].lower() + name[1:]


def _plain(value, shape=None, depth=0):
    """The JSON CloudTrail would show for a parsed request or response; botocore's shape says what is sensitive."""
    if shape is not None and getattr(shape, "metadata", {}).get("sensitive"):
        return "HIDDEN_DUE_TO_SECURITY_REASONS"
    if isinstance(value, dict):
        members = getattr(shape, "members", {}) if shape is not None and shape.type_name == "structure" else None
        inner = shape.value if shape is not None and shape.type_name == "map" else None
        return {
            (_camel(str(k)) if members is not None else str(k)): _plain(v, members.get(k) if members else inner, depth + 1)
            for k, v in value.items()
            if v is not None
        }
    if isinstance(value, (list, tuple)):
        inner = shape.member if shape is not None and shape.type_name == "list" else None
        return [_plain(v, inner, depth + 1) for v in value]
    if isinstance(value, dt.datetime):
        return value.strftime("%b %-d, %Y %-I:%M:%S %p")
    if isinstance(value, (str, int, float, bool)) or value is None:
        return value
    return None  # streams and bytes: CloudTrail leaves payloads out



def _code(error):
    """CloudTrail says AccessDenied also of services whose own error is AccessDeniedException."""
    code = getattr(error, "code", type(error).__name__)
    return "AccessDenied" if code == "AccessDeniedException" else code


def record(chain, context, response):
    """LocalStack response handler: append the call just answered."""
    if context.service is None or context.operation is None or context.is_internal_call:
        return
    if context.request.headers.get("x-countersign-no-trail"):  # the test's own set-up may keep itself out of the story
        return
    if getattr(context.service_exception, "code", None) in UNKNOWN_CALLER:
        return
    service, op = context.service.service_name, context.operation.name
    error, request = context.service_exception, context.service_request or {}
    read_only = bool(READ_ONLY.match(op))
    management = op not in DATA.get(service, ())
    region = "us-east-1" if service in GLOBAL else context.region
    params = (s3_parameters(context, request, management) if service == "s3" else _plain(request, context.operation.input_shape)) or None
    answer = None
    if not read_only and not error and isinstance(context.service_response, dict):
        answer = _plain({k: v for k, v in context.service_response.items() if k != "ResponseMetadata"},
                        context.operation.output_shape) or None
    resources = [
        {"ResourceType": kind, "ResourceName": str(request[member])}
        for member, kind in RESOURCES.get(service, {}).items() if request.get(member)
    ]
    if service == "sagemaker" and isinstance(answer, dict):
        resources += [{"ResourceType": "AWS::SageMaker::" + k[0].upper() + k[1:-3], "ResourceName": v}
                      for k, v in answer.items() if k.endswith("Arn") and isinstance(v, str)]
    event = {
        "eventVersion": "1.11",
        "userIdentity": identity(context),
        "eventTime": clock.iso(clock.now(context.account_id)),
        "eventSource": SOURCE.get(service, context.service.endpoint_prefix.split(".")[-1]) + ".amazonaws.com",
        "eventName": S3_NAMES.get(op, op) if service == "s3" else op,
        "awsRegion": region,
        "sourceIPAddress": context.request.remote_addr or "127.0.0.1",
        "userAgent": context.request.headers.get("User-Agent", ""),
        **({"errorCode": _code(error), "errorMessage": str(getattr(error, "message", error))} if error else {}),
        "requestParameters": params,
        "responseElements": answer,
        "requestID": context.request_id or str(uuid.uuid4()),
        "eventID": str(uuid.uuid4()),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": management,
        "recipientAccountId": context.account_id,
        "eventCategory": "Management" if management else "Data",
    }
    if op == "AssumeRole" and not error:
        _in_the_roles_account(event, request, resources)
    put(event, resources)


def _in_the_roles_account(event, request, resources):
    """A role of another account: that account's trail holds the call too, and knows the caller only by its account."""
    owner = request["RoleArn"].split(":")[4]
    if owner != event["recipientAccountId"]:
        event["sharedEventID"] = str(uuid.uuid4())
        who = event["userIdentity"]
        put({**event, "eventID": str(uuid.uuid4()), "recipientAccountId": owner,
             "userIdentity": {"type": "AWSAccount", "principalId": who["principalId"], "accountId": who["accountId"]}}, resources)

"""A CloudTrail that tells the truth: every API call the emulator answers becomes a CloudTrail event.

`record` is a LocalStack response handler. `LookupEvents` reads what it wrote. `deliver` writes log files (and, for a
trail with log-file validation, signed digest files) into the trail's bucket, as CloudTrail does.
"""
import base64
import datetime as dt
import gzip
import hashlib
import json
import os
import re
import secrets
import threading
import uuid

from localstack.aws.api import CommonServiceException
from localstack.aws.connect import connect_to
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header

UTC = dt.timezone.utc
LOCK = threading.RLock()
EVENTS: dict[tuple[str, str], list[dict]] = {}  # (account, region) -> events, oldest first
PENDING: dict[tuple[str, str], list[dict]] = {}  # not yet delivered to a trail's bucket
DIGESTS: dict[str, dict] = {}  # trail ARN + region -> the last digest written
UNDIGESTED: dict[str, list[dict]] = {}  # trail ARN + region -> log files no digest covers yet
DELAY = float(os.environ.get("COUNTERSIGN_CLOUDTRAIL_DELAY_SECONDS") or 0)

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
          "sagemaker": "sagemaker", "sagemaker-runtime": "sagemaker", "service-quotas": "servicequotas"}
GLOBAL = {"iam", "organizations", "budgets", "ce", "route53", "cloudfront", "account"}
S3_NAMES = {"PutBucketLifecycleConfiguration": "PutBucketLifecycle", "GetBucketLifecycleConfiguration": "GetBucketLifecycle",
            "PutBucketNotificationConfiguration": "PutBucketNotification", "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
            "GetPublicAccessBlock": "GetBucketPublicAccessBlock", "ListObjectsV2": "ListObjects"}
# request member -> CloudFormation-style resource type, for Resources[] and for the ResourceName/ResourceType look-ups
RESOURCES = {
    "sagemaker": {"ModelPackageGroupName": "AWS::SageMaker::ModelPackageGroup", "ModelPackageArn": "AWS::SageMaker::ModelPackage",
                  "ModelPackageName": "AWS::SageMaker::ModelPackage", "EndpointName": "AWS::SageMaker::Endpoint",
                  "EndpointConfigName": "AWS::SageMaker::EndpointConfig", "ModelName": "AWS::SageMaker::Model",
                  "MonitoringScheduleName": "AWS::SageMaker::MonitoringSchedule"},
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


def identity(context) -> dict:
    key = None
    try:
        key = extract_access_key_id_from_auth_header(context.request.headers)
    except Exception:
        pass
    account, partition = context.account_id, context.partition or "aws"
    base = {"accountId": account, **({"accessKeyId": key} if key else {})}
    try:
        from moto.iam.models import iam_backends
        from moto.sts.models import sts_backends

        if key:
            role = sts_backends[account][partition].get_assumed_role_from_access_key(key)
            if role:
                name = role.role_arn.split("/")[-1]
                return {
                    "type": "AssumedRole", "principalId": role.user_id, "arn": role.arn, **base,
                    "sessionContext": {
                        "sessionIssuer": {"type": "Role", "principalId": role.user_id.split(":")[0], "arn": role.role_arn,
                                          "accountId": account, "userName": name},
                        "attributes": {"creationDate": _iso(dt.datetime.now(UTC)), "mfaAuthenticated": "false"},
                    },
                }
            user = iam_backends[account][partition].get_user_from_access_key_id(key)
            if user:
                return {"type": "IAMUser", "principalId": user.id, "arn": user.arn, **base, "userName": user.name}
    except Exception:
        pass
    return {"type": "Root", "principalId": account, "arn": f"arn:{partition}:iam::{account}:root", **base}


def _iso(t):
    return t.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def record(chain, context, response):
    """LocalStack response handler: append the call just answered."""
    if context.service is None or context.operation is None or context.is_internal_call:
        return
    if context.request.headers.get("x-countersign-no-trail"):  # the test's own set-up may keep itself out of the story
        return
    service, op = context.service.service_name, context.operation.name
    error, request = context.service_exception, context.service_request or {}
    read_only = bool(READ_ONLY.match(op))
    management = op not in DATA.get(service, ())
    region = "us-east-1" if service in GLOBAL else context.region
    params = _plain(request, context.operation.input_shape) or None
    if service == "s3" and params:
        params = {{"bucket": "bucketName"}.get(k, k): v for k, v in params.items() if k != "body"}
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
        "eventTime": _iso(dt.datetime.now(UTC)),
        "eventSource": SOURCE.get(service, context.service.endpoint_prefix.split(".")[-1]) + ".amazonaws.com",
        "eventName": S3_NAMES.get(op, op) if service == "s3" else op,
        "awsRegion": region,
        "sourceIPAddress": context.request.remote_addr or "127.0.0.1",
        "userAgent": context.request.headers.get("User-Agent", ""),
        **({"errorCode": getattr(error, "code", type(error).__name__), "errorMessage": str(getattr(error, "message", error))} if error else {}),
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
    put(event, resources)


def put(event: dict, resources: list[dict] | None = None):
    """Add one event (also the seed route's way in: a test can plant a console log-in or last week's approval)."""
    key = (event["recipientAccountId"], event["awsRegion"])
    with LOCK:
        if event.get("eventCategory", "Management") != "Data":
            EVENTS.setdefault(key, []).append({"event": event, "resources": resources or []})
        PENDING.setdefault(key, []).append(event)


def _when(event):
    return dt.datetime.strptime(event["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _username(who):
    if who.get("type") == "AssumedRole":
        return who.get("arn", "").split("/")[-1]
    return who.get("userName") or ("root" if who.get("type") == "Root" else who.get("invokedBy", ""))


def _fail(code, message):
    raise CommonServiceException(code, message, 400, sender_fault=True)


def lookup_events(context, request):
    attributes = request.get("LookupAttributes") or []
    if len(attributes) > 1:
        _fail("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
    limit = request.get("MaxResults") or 50
    if not 1 <= limit <= 50:
        _fail("InvalidMaxResultsException", "A maximum results value must be between 1 and 50.")
    start, end = request.get("StartTime"), request.get("EndTime")
    if start and end and start > end:
        _fail("InvalidTimeRangeException", "The start time must be before the end time.")
    now = dt.datetime.now(UTC)
    floor = now - dt.timedelta(days=90)
    aware = lambda t: t if t is None or t.tzinfo else t.replace(tzinfo=UTC)
    start, end = aware(start), aware(end)
    with LOCK:
        rows = list(EVENTS.get((context.account_id, context.region), []))
    out = []
    for row in rows:
        event, t = row["event"], _when(row["event"])
        if t < floor or t > now - dt.timedelta(seconds=DELAY) or (start and t < start) or (end and t > end):
            continue
        who = event.get("userIdentity", {})
        view = {
            "EventId": event["eventID"], "EventName": event["eventName"], "EventSource": event["eventSource"],
            "ReadOnly": str(event.get("readOnly", False)).lower(), "Username": _username(who),
            "AccessKeyId": who.get("accessKeyId"),
        }
        if attributes:
            name, value = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
            if name in ("ResourceName", "ResourceType"):
                if not any(r[name] == value for r in row["resources"]):
                    continue
            elif str(view.get(name)) != value:
                continue
        out.append((t, {**{k: v for k, v in view.items() if v is not None}, "EventTime": t,
                        "Resources": row["resources"], "CloudTrailEvent": json.dumps(event)}))
    out.reverse()
    out.sort(key=lambda p: p[0], reverse=True)  # newest first; stable, so one second keeps its order
    shape = hashlib.sha256(json.dumps([attributes, str(start), str(end)]).encode()).hexdigest()[:8]
    offset = 0
    if token := request.get("NextToken"):
        try:
            seen, last = base64.b64decode(token).decode().split(":")
            if seen != shape:
                raise ValueError
            # a token names the last event given out, so that new calls do not shift the pages
            offset = next(i for i, (_, v) in enumerate(out) if v["EventId"] == last) + 1
        except Exception:
            _fail("InvalidNextTokenException", "Invalid token.")
    page = [v for _, v in out[offset:offset + limit]]
    answer = {"Events": page}
    if offset + limit < len(out):
        answer["NextToken"] = base64.b64encode(f"{shape}:{page[-1]['EventId']}".encode()).decode()
    return answer


# --- log files and digests -------------------------------------------------------------------------------------------
_KEY = None


def _key():
    global _KEY
    if _KEY is None:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
        _KEY = (private, der, hashlib.md5(der).hexdigest(), dt.datetime.now(UTC))
    return _KEY


def list_public_keys(context, request):
    _, der, fingerprint, born = _key()
    return {"PublicKeyList": [{"Value": der, "Fingerprint": fingerprint, "ValidityStartTime": born - dt.timedelta(days=30),
                               "ValidityEndTime": born + dt.timedelta(days=365)}]}


def _wanted(trail, event):
    if event.get("eventCategory", "Management") == "Data":
        text = json.dumps([trail.event_selectors, trail.advanced_event_selectors])
        return "AWS::S3::Object" in text if event["eventSource"] == "s3.amazonaws.com" else False
    return True


def _store(account, trail, name, body, meta=None):
    s3 = connect_to(aws_access_key_id=account, region_name=trail.region_name).s3
    s3.put_object(Bucket=trail.bucket_name, Key=name, Body=gzip.compress(body, mtime=0), ContentType="application/json",
                  ContentEncoding="gzip", **({"Metadata": meta} if meta else {}))


def deliver(digest=True) -> dict:
    """Write what is pending into every logging trail's bucket; then sign a digest where the trail asks for one."""
    from moto.cloudtrail.models import cloudtrail_backends

    written = []
    with LOCK:
        pending = {k: list(v) for k, v in PENDING.items()}
        PENDING.clear()
    now = dt.datetime.now(UTC)
    for account in list(cloudtrail_backends.keys()):
        for home in list(cloudtrail_backends[account].keys()):
            for trail in list(cloudtrail_backends[account][home].trails.values()):
                if not trail.status.is_logging:
                    continue
                prefix = (trail.s3_key_prefix.strip("/") + "/" if trail.s3_key_prefix else "") + f"AWSLogs/{account}/"
                for (owner, region), events in pending.items():
                    if owner != account or (region != home and not trail.is_multi_region):
                        continue
                    events = [e for e in events if _wanted(trail, e)]
                    if not events:
                        continue
                    body = json.dumps({"Records": events}, separators=(",", ":")).encode()
                    name = (f"{prefix}CloudTrail/{region}/{now:%Y/%m/%d}/{account}_CloudTrail_{region}_"
                            f"{now:%Y%m%dT%H%MZ}_{secrets.token_urlsafe(12)[:16].replace('-', 'x').replace('_', 'y')}.json.gz")
                    _store(account, trail, name, body)
                    written.append(name)
                    times = sorted(e["eventTime"] for e in events)
                    UNDIGESTED.setdefault(trail.arn + region, []).append({
                        "s3Bucket": trail.bucket_name, "s3Object": name, "hashValue": hashlib.sha256(body).hexdigest(),
                        "hashAlgorithm": "SHA-256", "newestEventTime": times[-1], "oldestEventTime": times[0]})
                if digest and trail.log_validation:
                    regions = {home} | ({r for (a, r) in EVENTS if a == account} if trail.is_multi_region else set())
                    for region in sorted(regions):
                        written.append(_digest(account, trail, region, prefix, now))
    return {"written": [w for w in written if w]}


def _digest(account, trail, region, prefix, now):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    slot = trail.arn + region
    private, _, fingerprint, _ = _key()
    before, files = DIGESTS.get(slot), UNDIGESTED.pop(slot, [])
    name = (f"{prefix}CloudTrail-Digest/{region}/{now:%Y/%m/%d}/{account}_CloudTrail-Digest_{region}_{trail.trail_name}_"
            f"{trail.region_name}_{now:%Y%m%dT%H%M%SZ}.json.gz")
    if before and before["name"] == name:
        now += dt.timedelta(seconds=1)
        name = name.rsplit("_", 1)[0] + f"_{now:%Y%m%dT%H%M%SZ}.json.gz"
    doc = {
        "awsAccountId": account, "digestStartTime": before["end"] if before else _iso(now - dt.timedelta(hours=1)),
        "digestEndTime": _iso(now), "digestS3Bucket": trail.bucket_name, "digestS3Object": name,
        "digestPublicKeyFingerprint": fingerprint, "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": max((f["newestEventTime"] for f in files), default=None),
        "oldestEventTime": min((f["oldestEventTime"] for f in files), default=None),
        "previousDigestS3Bucket": trail.bucket_name if before else None,
        "previousDigestS3Object": before["name"] if before else None,
        "previousDigestHashValue": before["hash"] if before else None,
        "previousDigestHashAlgorithm": "SHA-256" if before else None,
        "previousDigestSignature": before["signature"] if before else None,
        "logFiles": files,
    }
    body = json.dumps(doc).encode()
    digest = hashlib.sha256(body).hexdigest()
    text = f"{doc['digestEndTime']}\n{trail.bucket_name}/{name}\n{digest}\n{before['signature'] if before else 'null'}"
    signature = private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()
    _store(account, trail, name, body, {"signature": signature, "signature-algorithm": "SHA256withRSA"})
    DIGESTS[slot] = {"name": name, "hash": digest, "signature": signature, "end": doc["digestEndTime"]}
    return name


def patch_moto():
    """moto asks its own S3 and SNS for the trail's bucket and topic; here those live in LocalStack's providers."""
    from moto.cloudtrail.exceptions import S3BucketDoesNotExistException
    from moto.cloudtrail.models import Trail

    def check_bucket_exists(self):
        from localstack.services.s3.models import s3_stores

        if self.bucket_name not in s3_stores[self.account_id]["us-east-1"].global_bucket_map:
            raise S3BucketDoesNotExistException(f"S3 bucket {self.bucket_name} does not exist!")

    Trail.check_bucket_exists = check_bucket_exists
    Trail.check_topic_exists = lambda self: None


def overrides():
    patch_moto()
    return {
        "LookupEvents": lookup_events,
        "ListPublicKeys": list_public_keys,
        "ListEventDataStores": lambda context, request: {"EventDataStores": []},
        "ListChannels": lambda context, request: {"Channels": []},
    }

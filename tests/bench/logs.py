#!/usr/bin/env python3
"""Writes log files as a trail delivers them: seeded, compact, gzipped, in the trail's layout.

    tests/bench/logs.py DIR [--records 500000] [--files 140] [--seed 7]

The calls are those of an account that works: KMS, STS, S3, EC2, SSM, CloudWatch and more by assumed roles, with sessions,
TLS details and resources, about 2 kB each. Two in a hundred are reads of SageMaker; six in ten thousand are the writes that
a scan looks for. Among them stand what must not be found: calls of the same name to other services, failed calls, calls
made by SageMaker to other services, whole records inside request parameters, as objects and as strings. Some events come in
two files.
"""
import argparse
import json
import multiprocessing
import random
import string
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

ACCOUNT, REGION = "111122223333", "eu-central-1"
BEGIN = datetime(2026, 5, 4, tzinfo=timezone.utc)
ROLES = ("PlatformDeployer", "DataPipelineRole", "eks-node-group", "CloudOpsReader", "AWSReservedSSO_Engineer_0a1b2c3d4e5f6071",
         "AmazonSageMaker-ExecutionRole-20260101T000000", "AWSServiceRoleForConfig", "backup-worker")
AGENTS = ("aws-sdk-java/2.31.6 md/io#sync md/http#Apache ua/2.1 os/Linux#5.10.236-227.928.amzn2.x86_64 lang/java#17.0.14 md/OpenJDK_64-Bit_Server_VM",
          "Boto3/1.37.1 md/Botocore#1.37.1 ua/2.0 os/linux#6.1.132-147.221.amzn2023.x86_64 md/arch#x86_64 lang/python#3.11.6",
          "APN/1.0 HashiCorp/1.0 Terraform/1.9.8 (+https://www.terraform.io) terraform-provider-aws/5.94.1 (+https://registry.terraform.io)",
          "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750]")
WRITES = ("CreateModelPackage", "UpdateModelPackage", "CreateModel", "CreateEndpointConfig", "CreateEndpoint", "UpdateEndpoint",
          "UpdateEndpointWeightsAndCapacities", "DeleteEndpoint", "DeleteModel", "DeleteModelPackage", "CreateInferenceComponent",
          "UpdateInferenceComponent", "CreateTransformJob")
SAGEMAKER_READS = ("DescribeEndpoint", "DescribeModelPackage", "ListModelPackages", "ListEndpoints", "DescribeTrainingJob", "ListTags")
# Name, source, how often, and what it is about.
COMMON = (("Decrypt", "kms", 22), ("GenerateDataKey", "kms", 12), ("AssumeRole", "sts", 18), ("GetBucketAcl", "s3", 6),
          ("DescribeInstances", "ec2", 8), ("DescribeNetworkInterfaces", "ec2", 6), ("UpdateInstanceInformation", "ssm", 7),
          ("GetParameters", "ssm", 4), ("DescribeAlarms", "monitoring", 3), ("CreateLogStream", "logs", 5), ("PutEvents", "events", 2),
          ("GetSecretValue", "secretsmanager", 3), ("RunTask", "ecs", 1), ("PutConfigEvents", "config", 1))


class Writer:
    """The records of one file."""

    def __init__(self, seed, number):
        self.random = random.Random(f"{seed}/{number}")
        self.hex = lambda length: f"{self.random.getrandbits(4 * length):0{length}x}"
        self.word = lambda length: "".join(self.random.choices(string.ascii_letters + string.digits, k=length))
        # Sessions make many calls each.
        self.sessions = [self.session() for _ in range(60)]

    def uuid(self):
        return "-".join(self.hex(length) for length in (8, 4, 4, 4, 12))

    def arn(self, service, rest):
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"

    def session(self):
        role = self.random.choice(ROLES)
        principal = "AROA" + self.word(17).upper()
        session = self.random.choice(("i-0" + self.hex(16), "botocore-session-" + str(self.random.randrange(10**9)), "anna.meier@bank.example", "SageMaker"))
        return {
            "type": "AssumedRole", "principalId": f"{principal}:{session}", "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
            "accountId": ACCOUNT, "accessKeyId": "ASIA" + self.word(16).upper(),
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "principalId": principal, "arn": f"arn:aws:iam::{ACCOUNT}:role/{role}", "accountId": ACCOUNT, "userName": role},
                "webIdFederationData": {}, "attributes": {"creationDate": "2026-05-04T07:12:44Z", "mfaAuthenticated": "false"},
            },
        }

    def identity(self, invoked_by=None):
        return self.random.choice(self.sessions) | ({"invokedBy": invoked_by} if invoked_by else {})

    def record(self, time, name, source, request, response=None, read_only=True, error=None, resources=None, invoked_by=None):
        address = invoked_by or ".".join(str(self.random.randrange(1, 255)) for _ in range(4))
        record = {
            "eventVersion": self.random.choice(("1.08", "1.09", "1.11")), "userIdentity": self.identity(invoked_by), "eventTime": f"{time:%Y-%m-%dT%H:%M:%SZ}",
            "eventSource": f"{source}.amazonaws.com", "eventName": name, "awsRegion": REGION, "sourceIPAddress": address,
            "userAgent": invoked_by or self.random.choice(AGENTS),
        }
        if error:
            record |= {"errorCode": error, "errorMessage": f"User is not authorized to perform: {source}:{name}"}
        record |= {"requestParameters": request, "responseElements": response, "requestID": self.uuid(), "eventID": self.uuid(), "readOnly": read_only}
        if resources:
            record["resources"] = resources
        return record | {
            "eventType": "AwsApiCall", "vpcEndpointId": "vpce-0a1b2c3d4e5f60718", "vpcEndpointAccountId": ACCOUNT, "managementEvent": True, "recipientAccountId": ACCOUNT, "eventCategory": "Management",
            "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256", "clientProvidedHostHeader": f"{source}.{REGION}.amazonaws.com"},
        }

    def common(self, time):
        name, source, _ = self.random.choices(COMMON, weights=[weight for *_, weight in COMMON])[0]
        invoked_by = self.random.choice((None,) * 9 + ("sagemaker.amazonaws.com", "autoscaling.amazonaws.com"))
        key = self.arn("kms", f"key/{self.uuid()}")
        request = {
            "kms": lambda: {"keyId": key, "encryptionAlgorithm": "SYMMETRIC_DEFAULT", "encryptionContext": {"aws:s3:arn": f"arn:aws:s3:::bank-data-{self.word(8).lower()}/{self.word(24)}", "PARAMETER_ARN": self.arn("ssm", "parameter/app/" + self.word(12))}},
            "sts": lambda: {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/{self.random.choice(ROLES)}", "roleSessionName": "i-0" + self.hex(16), "durationSeconds": 3600, "policy": json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:GetBucketLocation", "kms:Decrypt"], "Resource": f"arn:aws:s3:::bank-{self.word(8)}/*"}]})},
            "events": lambda: {"entries": [{"source": "bank.payments", "detailType": "Settled", "detail": "HIDDEN_DUE_TO_SECURITY_REASONS", "eventBusName": "default"} for _ in range(3)]},
            "ec2": lambda: {"filterSet": {"items": [{"name": "tag:cluster", "valueSet": {"items": [{"value": self.word(12)}]}}, {"name": "instance-state-name", "valueSet": {"items": [{"value": "running"}, {"value": "pending"}]}}]}, "maxResults": 1000},
        }.get(source, lambda: {"name": self.word(20), "includePlatformDetails": False, "tags": {"team": self.word(6), "stage": "production"}, "nextToken": self.word(60), "filters": [{"key": "tag:aws:cloudformation:stack-name", "values": ["bank-platform-" + stage for stage in ("development", "acceptance", "production", "disaster-recovery")]}]})()
        response = {"credentials": {"accessKeyId": "ASIA" + self.word(16).upper(), "sessionToken": self.word(420), "expiration": "May 4, 2026, 10:12:44 AM"}, "assumedRoleUser": {"assumedRoleId": self.word(21), "arn": self.word(60)}} if source == "sts" else None
        resources = [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": key}] if source == "kms" else None
        return self.record(time, name, source, request, response, name[:3] in ("Des", "Get", "Lis", "Dec"), resources=resources, invoked_by=invoked_by)

    def write(self, time, error=None):
        name = self.random.choice(WRITES)
        package = self.arn("sagemaker", f"model-package/churn/{self.random.randrange(1, 400)}")
        request = {"modelPackageArn": package, "modelApprovalStatus": "Approved", "approvalDescription": "CHG-4711 \u00e9\u00fc"} if "Package" in name else {"endpointName": "churn-" + self.word(6), "endpointConfigName": "churn-" + self.word(12), "modelName": "churn-" + self.word(12)}
        return self.record(time, name, "sagemaker", request, {"modelPackageArn": package}, False, error)

    def decoy(self, time):
        """What looks like a write of SageMaker and is none."""
        forged = self.write(time)
        kind = self.random.randrange(5)
        if kind == 0:
            return self.record(time, self.random.choice(("CreateModel", "DeleteModel")), "apigateway", {"restApiId": self.word(10), "createModelInput": {"name": self.word(8)}}, None, False)
        if kind == 1:
            return self.write(time, error="AccessDenied")
        if kind == 2:
            return self.record(time, "PutEvents", "events", {"entries": [{"detail": {}}, forged, self.write(time)]}, None, False)
        if kind == 3:
            return self.record(time, "PutParameter", "ssm", {"name": "x", "value": json.dumps(forged), "nested": json.dumps({"again": json.dumps(forged)})}, None, False)
        return self.record(time, "StartExecution", "states", {"input": forged, "Records": [forged]}, None, False)

    def file(self, number, records, delivered):
        rows = []
        for _ in range(records):
            time = delivered - timedelta(seconds=self.random.randrange(3, 600))
            luck = self.random.random()
            if luck < 0.0006:
                rows.append(self.write(time))
            elif luck < 0.0012:
                rows.append(self.decoy(time))
            elif luck < 0.0212:
                name = self.random.choice(SAGEMAKER_READS)
                rows.append(self.record(time, name, "sagemaker", {"endpointName": "churn-" + self.word(6), "maxResults": 100, "nextToken": self.word(60), "sortBy": "CreationTime", "sortOrder": "Descending"}))
            else:
                rows.append(self.common(time))
        return rows


def name(number, delivered):
    unique = random.Random(f"name/{number}")
    return f"{ACCOUNT}_CloudTrail_{REGION}_{delivered:%Y%m%dT%H%MZ}_{''.join(unique.choices(string.ascii_letters + string.digits, k=16))}.json.gz"


def write_file(job):
    folder, seed, number, records, delivered = job
    rows = Writer(seed, number).file(number, records, delivered)
    if number % 7 == 3:
        # Delivered at least once: the events of the end of the file before come again.
        before = Writer(seed, number - 1).file(number - 1, records, delivered - timedelta(minutes=5))
        rows[-5:] = before[-5:]
        writes = [row for row in before if row["eventName"] in WRITES]
        rows[:len(writes[:2])] = writes[:2]
    text = '{"Records":[' + ",".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in rows) + "]}"
    raw = text.encode()
    day = folder / f"AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/{delivered:%Y/%m/%d}"
    day.mkdir(parents=True, exist_ok=True)
    packer = zlib.compressobj(6, wbits=31)
    packed = packer.compress(raw) + packer.flush()
    (day / name(number, delivered)).write_bytes(packed)
    return len(rows), len(raw), len(packed)


def generate(folder, records, files, seed):
    """Writes the files; returns how many records, bytes, and bytes packed."""
    jobs = []
    for number in range(files):
        share = records * (number + 1) // files - records * number // files
        jobs.append((Path(folder), seed, number, share, BEGIN + timedelta(minutes=5 * (number + 1))))
    with multiprocessing.Pool() as pool:
        return tuple(map(sum, zip(*pool.imap_unordered(write_file, jobs))))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--records", type=int, default=500_000)
    parser.add_argument("--files", type=int, default=140)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    print("%d records, %d bytes, %d packed" % generate(args.folder, args.records, args.files, args.seed))

#!/usr/bin/env python3
"""Turns recorded AWS responses into what AWS would have sent over the wire, so that an SDK can read them again.

    corpus_wire.py --corpus DIR sagemaker:DescribeEndpoint s3:ListObjectVersions … > exchanges.jsonl

Reads what the folder holds of these operations: responses that boto3 tests recorded (one file each), recorded test
snapshots (many to a file) and outputs printed by notebooks. Writes one JSON line for each: `operation`, `source`, `status`,
`headers`, `body` (`body_hex` where it is not text), and `value`, the response in plain JSON. A response that cannot be written as its
service would is a line with `operation`, `source` and `unusable`, which says why. Whatever else the folder holds is passed over.

Runs with the Python of the emulator: it has AWS's service models and a response serializer for every protocol.
"""
import argparse
import datetime as dt
import json
import re
import sys
import urllib.parse
from pathlib import Path

from localstack.aws.api import CommonServiceException
from localstack.aws.protocol.serializer import create_serializer
from localstack.aws.spec import load_service

# As IAM spells the service: as botocore does, and the protocol that the Rust SDK speaks.
SERVICES = {
    "sagemaker": ("sagemaker", "json"),
    "cloudtrail": ("cloudtrail", "json"),
    "cloudwatch": ("cloudwatch", "smithy-rpc-v2-cbor"),
    "tag": ("resourcegroupstaggingapi", "json"),
    "s3": ("s3", "rest-xml"),
    "sns": ("sns", "query"),
    "ecr": ("ecr", "json"),
    "iam": ("iam", "query"),
}
# What recordings call a service in the names of their files.
RECORDED_AS = {"api.sagemaker": "sagemaker", "monitoring": "cloudwatch", "tagging": "tag", "s3": "s3", "cloudtrail": "cloudtrail", "sns": "sns",
               "ecr": "ecr", "iam": "iam"}
SNAPSHOTS = {"test_cloudwatch": "cloudwatch", "test_rgsa": "tag", "test_s3": "s3"}
# Snapshots replace what differs from run to run by these words.
REPLACED_TIMES = {"timestamp", "datetime", "date", "<timestamp>", "<datetime>"}
SOME_TIME = dt.datetime(2025, 9, 19, 20, 38, 27, tzinfo=dt.timezone.utc)
SOME_ID = "00000000-0000-4000-8000-000000000000"


class Unusable(Exception):
    """A recording that is not a response of its operation."""


def letters(text):
    return re.sub("[^a-z]", "", text.lower())


class Service:
    """One service: its operations, and how it writes answers."""

    def __init__(self, name):
        botocore_name, protocol = SERVICES[name]
        self.name, self.model = name, load_service(botocore_name)
        self.serializer = create_serializer(self.model, protocol)
        self.members = {name: self.members_of(name) for name in self.model.operation_names}

    def members_of(self, operation):
        shape = self.model.operation_model(operation).output_shape
        return set(shape.members) if shape else set()

    def operation_of(self, response, label):
        """Which operation answered so: the one that the recording is named after, else the only one whose answer has such members."""
        keys = set(response) - {"ResponseMetadata"}
        named = [o for o in self.members if letters(label).startswith(letters(o))]
        if named:
            name = max(named, key=len)
            return name if "Error" in keys or keys <= self.members[name] else None
        fits = [o for o, members in self.members.items() if keys and keys <= members]
        return fits[0] if len(fits) == 1 else None

    def write(self, operation, response):
        """The answer as this service writes it, and its plain value."""
        model = self.model.operation_model(operation)
        meta = response.get("ResponseMetadata", {})
        status, request_id = meta.get("HTTPStatusCode", 200), meta.get("RequestId") or SOME_ID
        if "Error" in response or status >= 400:
            said = response.get("Error", {})
            error = CommonServiceException(said.get("Code", "InternalFailure"), said.get("Message", ""), status, status < 500)
            return self.serializer.serialize_error_to_response(error, model, None, request_id), {"Error": said}
        value = {k: v for k, v in response.items() if k != "ResponseMetadata"}
        value = conform(value, model.output_shape, operation) if model.output_shape else {}
        return self.serializer.serialize_to_response(on_the_wire(self.name, value), model, None, request_id), value


def conform(value, shape, place):
    """The value as its shape wants it; members that the model does not know are left out."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return {k: conform(v, shape.members[k], f"{place}.{k}") for k, v in value.items() if k in shape.members and v is not None}
    if kind == "list" and isinstance(value, list):
        return [conform(v, shape.member, place) for v in value]
    if kind == "map" and isinstance(value, dict):
        return {k: conform(v, shape.value, f"{place}.{k}") for k, v in value.items()}
    if kind == "timestamp":
        return time(value, place)
    if kind == "string":
        # Snapshots unfold JSON that stands inside a string.
        return value if isinstance(value, str) else json.dumps(value)
    if kind in ("integer", "long") and isinstance(value, int) and not isinstance(value, bool):
        return value
    if kind in ("float", "double") and isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if kind == "boolean" and isinstance(value, bool):
        return value
    raise Unusable(f"{place} is {type(value).__name__} {json.dumps(value, default=str)[:60]}, not {kind}")


def time(value, place):
    if isinstance(value, dict) and value.get("__class__") == "datetime":
        parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
        return dt.datetime(*(value[part] for part in parts), tzinfo=dt.timezone.utc)
    if value in REPLACED_TIMES:
        return SOME_TIME
    if isinstance(value, (int, float)):
        return dt.datetime.fromtimestamp(value, dt.timezone.utc)
    try:
        moment = dt.datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unusable(f"{place} is {json.dumps(value)[:60]}, not a time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.timezone.utc)


def on_the_wire(service, value):
    """boto3 decodes the keys of listings that it asked to be encoded: S3 sent them encoded."""
    if service != "s3" or value.get("EncodingType") != "url":
        return value
    encode = lambda v: urllib.parse.quote(v, safe="/") if isinstance(v, str) else v
    names = ("Key", "Prefix", "KeyMarker", "NextKeyMarker", "Delimiter")
    item = lambda v: {k: encode(w) if k in names else w for k, w in v.items()}
    return {k: [item(i) for i in v] if isinstance(v, list) else v for k, v in item(value).items()}


def recordings(corpus):
    """Every recorded response: where it is from, its service, what it is called there, and the response."""
    for path in sorted((corpus / "aws-recorded").rglob("*_[0-9]*.json")):
        service, _, operation = path.name.rsplit("_", 1)[0].rpartition(".")
        if service in RECORDED_AS:
            yield str(path.relative_to(corpus)), RECORDED_AS[service], operation, json.loads(path.read_text())["data"]
    for path in sorted((corpus / "aws-recorded").rglob("*.snapshot.json")):
        service = next((s for start, s in SNAPSHOTS.items() if path.name.startswith(start)), None)
        for test, recorded in json.loads(path.read_text()).items() if service else ():
            for label, response in responses(recorded["recorded-content"], ""):
                yield f"{path.relative_to(corpus)} {test.rsplit('::', 1)[-1]}/{label}", service, label, response
    for path in sorted((corpus / "sagemaker-responses").glob("*.json")):
        yield str(path.relative_to(corpus)), "sagemaker", "", json.loads(path.read_text())


def responses(recorded, label):
    """The responses of one recorded test; alarms that were recorded alone are put back into a list."""
    if isinstance(recorded, list):
        for item in recorded:
            yield from responses(item, label)
    elif isinstance(recorded, dict) and "ResponseMetadata" in recorded:
        yield label, recorded
    elif isinstance(recorded, dict) and "AlarmArn" in recorded and "StateValue" in recorded:
        yield label, {"CompositeAlarms" if "AlarmRule" in recorded else "MetricAlarms": [recorded], "CompositeAlarms" if "AlarmRule" not in recorded else "MetricAlarms": []}
    elif isinstance(recorded, dict):
        for name, item in recorded.items():
            yield from responses(item, name)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", required=True, type=Path)
    parser.add_argument("operation", nargs="+", help="service:Operation, the service as IAM spells it")
    args = parser.parse_args()
    wanted = set(args.operation)
    services = {name: Service(name) for name in {o.split(":")[0] for o in wanted} & set(SERVICES)}
    plain = lambda value: value.isoformat().replace("+00:00", "Z") if isinstance(value, dt.datetime) else str(value)
    for source, service, label, response in recordings(args.corpus):
        if service not in services or not isinstance(response, dict):
            continue
        operation = services[service].operation_of(response, label)
        if f"{service}:{operation}" not in wanted:
            continue
        row = {"operation": f"{service}:{operation}", "source": source}
        try:
            answer, value = services[service].write(operation, response)
        except Unusable as reason:
            print(json.dumps(row | {"unusable": str(reason)}))
            continue
        body = answer.get_data()
        try:
            row["body"] = body.decode()
        except UnicodeDecodeError:
            row["body_hex"] = body.hex()
        headers = {k.lower(): v for k, v in answer.headers.items() if k.lower() not in ("content-length", "date")}
        row |= {"status": answer.status_code, "headers": headers, "value": value}
        print(json.dumps(row, default=plain))


if __name__ == "__main__":
    sys.exit(main())

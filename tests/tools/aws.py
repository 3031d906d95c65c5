"""Calls operations of AWS, one a line of standard input (`["s3", "put_object", {…}]`), in the account whose number is the
argument; each answer is one line of JSON. Needs boto3.

A refusal ends it; with a fourth element `true` it is the answer `{"refused": code, "message": text}`. Bytes are given as
`{"base64": text}`. The service `emulator` stands for the emulator's routes: `["emulator", "/_countersign/events/fire", {…}]`.
"""
import base64
import json
import os
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

endpoint, account, clients = os.environ["AWS_ENDPOINT_URL"], sys.argv[1], {}


def client(service):
    if service not in clients:
        clients[service] = boto3.client(
            service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id=account,
            aws_secret_access_key="test", config=Config(s3={"addressing_style": "path"}))
    return clients[service]


def given(value):
    if isinstance(value, dict):
        return base64.b64decode(value["base64"]) if set(value) == {"base64"} else {key: given(each) for key, each in value.items()}
    return [given(each) for each in value] if isinstance(value, list) else value


def plain(value):
    return value.read().decode(errors="replace") if hasattr(value, "read") else str(value)


def posted(route, body):
    request = urllib.request.Request(endpoint + route, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        return json.loads(answer.read() or b"null")


def called(service, operation, arguments, may_refuse=False):
    if service == "emulator":
        return posted(operation, arguments)
    try:
        answer = getattr(client(service), operation)(**given(arguments))
    except ClientError as error:
        if not may_refuse:
            raise
        return {"refused": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    answer.pop("ResponseMetadata", None)
    return answer


for line in sys.stdin:
    print(json.dumps(called(*json.loads(line)), default=plain), flush=True)

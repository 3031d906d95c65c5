"""Calls operations of AWS, one a line of standard input (`["s3", "put_object", {…}]`), in the account whose number is the
argument; each answer is one line of JSON. Needs boto3."""
import json
import os
import sys

import boto3
from botocore.config import Config

account, clients = sys.argv[1], {}


def client(service):
    if service not in clients:
        clients[service] = boto3.client(
            service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], region_name="us-east-1", aws_access_key_id=account,
            aws_secret_access_key="test", config=Config(s3={"addressing_style": "path"}))
    return clients[service]


def plain(value):
    return value.read().decode() if hasattr(value, "read") else str(value)


for line in sys.stdin:
    service, operation, arguments = json.loads(line)
    answer = getattr(client(service), operation)(**arguments)
    answer.pop("ResponseMetadata", None)
    print(json.dumps(answer, default=plain), flush=True)

"""What the probes share: clients of a fresh account, the emulator's routes, and errors as values."""
import json
import os
import random
import threading
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

URL = os.environ.get("AWS_ENDPOINT_URL") or f"http://127.0.0.1:{os.environ.get('COUNTERSIGN_EMULATOR_PORT') or 4566}"
CONFIG = Config(proxies={}, retries={"max_attempts": 0}, connect_timeout=3, read_timeout=30, s3={"addressing_style": "path"})
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback is not reached through a proxy
ROLE = "arn:aws:iam::{}:role/Serving"


KEPT = threading.local()


def session():
    """One per thread: each new one would read SageMaker's large service model again."""
    if not hasattr(KEPT, "session"):
        KEPT.session = boto3.Session()
    return KEPT.session


class Account:
    """A new, empty account; `Account()["sagemaker"]` is a client in it."""

    def __init__(self, id=None, region="us-east-1", credentials=None, headers=None):
        self.id, self.region, self.headers = id or f"{random.randrange(10**11, 10**12)}", region, headers or {}
        self.credentials = credentials or {"AccessKeyId": self.id, "SecretAccessKey": "x"}
        self.role = ROLE.format(self.id)

    def __getitem__(self, service):
        keys = self.credentials
        client = session().client(
            service, region_name=self.region, endpoint_url=URL, config=CONFIG, aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys.get("SessionToken"))
        if self.headers:
            client.meta.events.register("before-sign", lambda request, **_: [request.headers.add_header(k, v) for k, v in self.headers.items()])
        return client

    def assume(self, role, session, **more):
        """The same account, as an assumed role."""
        arn = role if role.startswith("arn:") else f"arn:aws:iam::{self.id}:role/{role}"
        answer = self["sts"].assume_role(RoleArn=arn, RoleSessionName=session, **more)
        return Account(arn.split(":")[4], self.region, answer["Credentials"])

    def clock(self, now):
        post("/_countersign/clock", {"account": self.id, "now": now})

    def model(self, name, **container):
        container = container or {"Image": f"{self.id}.dkr.ecr.us-east-1.amazonaws.com/serve:1", "ModelDataUrl": "s3://artifacts/model.tar.gz"}
        self["sagemaker"].create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=self.role)

    def endpoint(self, name, model=None, **variant):
        """An endpoint `name` with one variant, and a configuration of the same name."""
        variant = {"VariantName": "main", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1, **({"ModelName": model} if model else {}), **variant}
        variant = {k: v for k, v in variant.items() if v is not None}
        role = {} if variant.get("ModelName") else {"ExecutionRoleArn": self.role}
        self["sagemaker"].create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant], **role)
        self["sagemaker"].create_endpoint(EndpointName=name, EndpointConfigName=name)

    def events(self, name, source="sagemaker.amazonaws.com"):
        found = self["cloudtrail"].lookup_events(LookupAttributes=[{"AttributeKey": "EventName", "AttributeValue": name}])["Events"]
        return [json.loads(e["CloudTrailEvent"]) for e in found if e["EventSource"] == source]


def send(method, path, body=None, headers=None):
    data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data=data, method=method, headers=headers or {"Content-Type": "application/json"})
    try:
        with DIRECT.open(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def answers():
    try:
        return json.loads(send("GET", "/_countersign/health")[2])["emulator"] == "countersign"
    except (OSError, ValueError, KeyError):
        return False


def post(path, body=None):
    status, _, text = send("POST", path, {} if body is None else body)
    assert status == 200, (path, status, text)
    return json.loads(text)


def signature(account, service, region="us-east-1"):
    """A header that names caller, region and service; nobody checks the signature."""
    return f"AWS4-HMAC-SHA256 Credential={account}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"


def refused(call, *args, **kwargs):
    """(code, message, status) of the error that the call must end in."""
    try:
        answer = call(*args, **kwargs)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError(f"not refused: {answer}")


def same(have, want):
    assert have == want, f"\nhave {have!r}\nwant {want!r}"

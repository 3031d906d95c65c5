#!/usr/bin/env python3
"""A trail in an account of the emulator, with five hours of signed digests, tampered with in one named way.

    tamper.py ACCOUNT CASE        prints where the trail is, as JSON
    tamper.py --cases             prints the cases, as JSON: whether the AWS CLI detects each

Two cases need a digest that CloudTrail signed and that says something false of the one before it. They are signed here, with a key
that ListPublicKeys then names: a fault of the emulator gives that answer.
"""
import base64
import gzip
import hashlib
import json
import os
import sys
import urllib.request

import boto3
from botocore.config import Config

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
REGION = "us-east-1"
START, END = "2026-07-01T09:00:00Z", "2026-07-01T14:00:00Z"


def post(path, body=None):
    request = urllib.request.Request(ENDPOINT + path, json.dumps(body).encode() if body is not None else b"", method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


class Trail:
    def __init__(self, account):
        self.account, self.bucket = account, f"trail-{account}"
        quiet = {"x-countersign-no-trail": "1"}
        self.s3, self.cloudtrail, self.loud = self.client("s3", quiet), self.client("cloudtrail", quiet), self.client("sagemaker", {})
        self.clock(START)
        self.s3.create_bucket(Bucket=self.bucket)
        made = self.cloudtrail.create_trail(Name="audit", S3BucketName=self.bucket, S3KeyPrefix="logs", EnableLogFileValidation=True)
        self.arn = made["TrailARN"]
        self.cloudtrail.start_logging(Name="audit")
        written = []
        for hour in range(5):
            self.clock(f"2026-07-01T{9 + hour:02}:20:00Z")
            self.loud.create_model_package_group(ModelPackageGroupName=f"group-{hour}")
            self.clock(f"2026-07-01T{10 + hour:02}:00:00Z")
            written += post(f"/_countersign/cloudtrail/deliver?account={account}")["written"]
        self.digests = [key for key in written if "/CloudTrail-Digest/" in key]
        self.logs = [key for key in written if "/CloudTrail/" in key]

    def client(self, service, headers):
        config = Config(retries={"mode": "standard"}, s3={"addressing_style": "path"})
        client = boto3.client(service, endpoint_url=ENDPOINT, region_name=REGION, aws_access_key_id=self.account,
                              aws_secret_access_key="test", config=config)
        client.meta.events.register("before-send", lambda request, **_: request.headers.update(headers))
        return client

    def clock(self, now):
        post("/_countersign/clock", {"account": self.account, "now": now})

    def get(self, key):
        held = self.s3.get_object(Bucket=self.bucket, Key=key)
        return held["Body"].read(), held["Metadata"]

    def put(self, key, body, metadata):
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, Metadata=metadata)

    def delete(self, key):
        self.s3.delete_object(Bucket=self.bucket, Key=key)

    def change(self, key, body=lambda body: body, metadata=lambda metadata: metadata):
        held = self.get(key)
        self.put(key, body(held[0]), metadata(dict(held[1])))

    def edit(self, key, change):
        """Changes the document in a file and packs it again."""
        def packed(body):
            document = json.loads(gzip.decompress(body))
            change(document)
            return gzip.compress(json.dumps(document).encode())
        self.change(key, packed)

    def sign_anew(self, key, change):
        """The same, signed by a key of our own that CloudTrail is made to name."""
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import padding, rsa

        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
        document = json.loads(gzip.decompress(self.get(key)[0]))
        document["digestPublicKeyFingerprint"] = hashlib.md5(der).hexdigest()
        change(document)
        text = json.dumps(document).encode()
        signed = "\n".join([document["digestEndTime"], f"{self.bucket}/{key}", hashlib.sha256(text).hexdigest(), document["previousDigestSignature"]])
        signature = private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()
        self.put(key, gzip.compress(text), {"signature": signature, "signature-algorithm": "SHA256withRSA"})
        known = self.cloudtrail.list_public_keys(StartTime=START, EndTime=END)["PublicKeyList"]
        keys = [(k["Value"], k["ValidityStartTime"], k["ValidityEndTime"]) for k in known]
        listed = [{"Value": base64.b64encode(value).decode(), "Fingerprint": hashlib.md5(value).hexdigest(),
                   "ValidityStartTime": begin.timestamp(), "ValidityEndTime": end.timestamp()}
                  for value, begin, end in [*keys, (der, *keys[0][1:])]]
        post("/_localstack/chaos/faults", [{"account": self.account, "service": "cloudtrail", "operation": "ListPublicKeys",
                                            "body": json.dumps({"PublicKeyList": listed})}])

    def plant(self):
        """A log file that CloudTrail never delivered, beside the third one."""
        body, _ = self.get(self.logs[2])
        self.put(self.logs[2][:-24] + "0123456789abcdef.json.gz", body, {})


MORE = gzip.compress(b'{"Records": []}')


def without(name):
    return lambda of: {key: value for key, value in of.items() if key != name}


# What is done to the third of five digests, or to the log file of its hour.
DETECTED = {
    "log-changed": lambda t: t.edit(t.logs[2], lambda log: log["Records"].clear()),
    "log-deleted": lambda t: t.delete(t.logs[2]),
    "log-second-stream": lambda t: t.change(t.logs[2], lambda body: body + MORE),
    "log-trailing-byte": lambda t: t.change(t.logs[2], lambda body: body + b"\0"),
    "log-cut": lambda t: t.change(t.logs[2], lambda body: body[:-30]),
    "log-not-gzip": lambda t: t.change(t.logs[2], gzip.decompress),
    "digest-changed": lambda t: t.edit(t.digests[2], lambda digest: digest["logFiles"].clear()),
    "digest-deleted": lambda t: t.delete(t.digests[2]),
    "digest-moved": lambda t: t.put(t.digests[2], *t.get(t.digests[1])),
    "digest-not-gzip": lambda t: t.change(t.digests[2], gzip.decompress),
    "digest-not-json": lambda t: t.change(t.digests[2], lambda _: gzip.compress(b"[")),
    "digest-lacks-a-member": lambda t: t.edit(t.digests[2], lambda digest: digest.pop("previousDigestSignature")),
    "digest-of-another-key": lambda t: t.edit(t.digests[2], lambda digest: digest.update(digestPublicKeyFingerprint="00" * 16)),
    "signature-changed": lambda t: t.change(t.digests[2], metadata=lambda old: {**old, "signature": "00" * 256}),
    "signature-absent": lambda t: t.change(t.digests[2], metadata=without("signature")),
    "algorithm-absent": lambda t: t.change(t.digests[2], metadata=without("signature-algorithm")),
}
HARMLESS = {
    "untouched": lambda t: None,
    "log-packed-again": lambda t: t.change(t.logs[2], lambda body: gzip.compress(gzip.decompress(body), compresslevel=1)),
    "signature-in-upper-case": lambda t: t.change(t.digests[2], metadata=lambda old: {**old, "signature": old["signature"].upper()}),
}
UNSEEN = {
    "previous-hash-wrong": lambda t: t.sign_anew(t.digests[4], lambda digest: digest.update(previousDigestHashValue="0" * 64)),
    "previous-signature-wrong": lambda t: t.sign_anew(t.digests[4], lambda digest: digest.update(previousDigestSignature="00" * 256)),
    "algorithm-false": lambda t: t.change(t.digests[2], metadata=lambda old: {**old, "signature-algorithm": "none"}),
    "digest-second-stream": lambda t: t.change(t.digests[2], lambda body: body + MORE),
    "newest-digest-deleted": lambda t: t.delete(t.digests[4]),
    "log-planted": Trail.plant,
}

if __name__ == "__main__":
    if sys.argv[1:] == ["--cases"]:
        print(json.dumps({"harmless": list(HARMLESS), "detected": list(DETECTED), "unseen": list(UNSEEN)}))
    else:
        trail = Trail(sys.argv[1])
        {**HARMLESS, **DETECTED, **UNSEEN}[sys.argv[2]](trail)
        print(json.dumps({"source": f"s3://{trail.bucket}/logs", "arn": trail.arn, "from": START, "to": END}))

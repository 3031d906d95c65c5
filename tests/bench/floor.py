#!/usr/bin/env python3
"""The floor: the calls that Countersign makes, made again with nothing around them.

    floor.py --endpoint http://127.0.0.1:4566 --account 111122223333 --recording http.jsonl [--in-flight 16]

Sends every recorded request (see ../tools/record.py) but the paced event look-ups, over connections that stay open, in no
particular order, and throws the answers away: nobody who makes these calls one connection a thread can be faster.
Standard library only. Prints calls by service, what was refused and wall time as JSON.
"""
import argparse
import base64
import collections
import http.client
import json
import queue
import threading
import time
import urllib.parse

# A mark in the recorded request, the service as IAM spells it, and as its signatures do.
MARKS = [("SageMaker", "sagemaker", "sagemaker"), ("Granite", "cloudwatch", "monitoring"), ("CloudTrail", "cloudtrail", "cloudtrail"),
         ("ResourceGroupsTagging", "tag", "tagging"), ("Version=2010-03-31", "sns", "sns"), ("Version=2011-06-15", "sts", "sts")]


def service(row):
    """The service of a request, as IAM spells it and as its signatures do."""
    asked = row["target"] + row["path"] + row.get("request", "") * (row["method"] == "POST" and not row["target"])
    return next((names for mark, *names in MARKS if mark in asked), ("s3", "s3"))


def prepared(row, account):
    """Method, path, body and headers; the signature is not checked, only its scope is read."""
    scope = f"{account}/20261120/us-east-1/{service(row)[1]}/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
    if row["target"]:
        headers |= {"X-Amz-Target": row["target"], "Content-Type": "application/x-amz-json-1.1"}
    elif "/operation/" in row["path"]:
        headers |= {"Smithy-Protocol": "rpc-v2-cbor", "Content-Type": "application/cbor", "Accept": "application/cbor"}
    elif row["method"] == "POST":
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
    body = base64.b64decode(row["request_base64"]) if "request_base64" in row else row.get("request", "").encode()
    return row["method"], row["path"], body, headers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--endpoint", required=True)
    parser.add_argument("--account", required=True)
    parser.add_argument("--recording", required=True)
    parser.add_argument("--in-flight", type=int, default=16)
    args = parser.parse_args()
    with open(args.recording) as lines:
        rows = [row for row in map(json.loads, lines) if not row["target"].endswith("LookupEvents")]
    calls = queue.SimpleQueue()
    for row in rows:
        calls.put(prepared(row, args.account))
    refused, host = [], urllib.parse.urlsplit(args.endpoint).netloc

    def work():
        connection = http.client.HTTPConnection(host)
        while True:
            try:
                method, path, body, headers = calls.get_nowait()
            except queue.Empty:
                return connection.close()
            connection.request(method, path, body or None, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status >= 500 or answer.status == 403:
                refused.append((answer.status, path))

    started = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(args.in_flight)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"calls": collections.Counter(service(row)[0] for row in rows), "refused": refused, "wall": time.perf_counter() - started}))


if __name__ == "__main__":
    main()

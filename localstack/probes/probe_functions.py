"""Lambda: a function's `bootstrap` runs as a process, with Lambda's environment and runtime API."""
import base64
import io
import json
import sys
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

from kit import Account, refused, same

RUNTIME = f'''#!{sys.executable}
import json, os, sys, time, urllib.request
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/"
def post(path, document):
    urllib.request.urlopen(urllib.request.Request(api + path, json.dumps(document).encode(), {{}})).close()
if os.environ.get("FAIL_INIT") == "told":
    post("init/error", {{"errorType": "Init.Broken", "errorMessage": "no policy"}})
if os.environ.get("FAIL_INIT"):
    sys.exit(3)
served = 0
while True:
    with urllib.request.urlopen(api + "invocation/next") as answer:
        id, headers, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], dict(answer.headers), json.load(answer)
    served += 1
    event = event if isinstance(event, dict) else {{}}
    print("got", json.dumps(event)[:5000], flush=True)
    if "exit" in event:
        os._exit(event["exit"])
    if "metric" in event:
        print(json.dumps({{"_aws": {{"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [
            {{"Namespace": "Probe", "Dimensions": [["Account"], []], "Metrics": [{{"Name": "Runs", "Unit": "Count"}}]}}]}},
            "Account": "a-1", "Runs": event["metric"]}}), flush=True)
        print('{{"_aws": {{"CloudWatchMetrics": "no"}}}}', flush=True)
    time.sleep(event.get("sleep", 0))
    if "fail" in event:
        post(f"invocation/{{id}}/error", {{"errorType": "Told", "errorMessage": event["fail"]}})
        continue
    post(f"invocation/{{id}}/response", {{"pid": os.getpid(), "served": served, "environment": dict(os.environ), "headers": headers,
         "event": event, "large": "x" * event.get("large", 0)}})
'''


def zipped(text=RUNTIME, name="bootstrap"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, text)  # without the executable bit
    return out.getvalue()


def function(a, name="report", code=None, **how):
    client = a["lambda"]
    client.create_function(**{
        "FunctionName": name, "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": f"arn:aws:iam::{a.id}:role/writer",
        "Timeout": 5, "Code": code or {"ZipFile": zipped()}, **how})
    client.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    return client


def invoke(client, event=None, name="report", **how):
    answer = client.invoke(FunctionName=name, Payload=json.dumps(event or {}), **how)
    return json.loads(answer["Payload"].read() or "null"), answer


def shows_a_function_in_lambdas_environment():
    a = Account()
    client = function(a, MemorySize=256, Environment={"Variables": {"COUNTERSIGN_POLICY": "s3://b/p.toml"}})
    said, answer = invoke(client, {"a": [1, "é"]}, LogType="Tail")
    same((answer["StatusCode"], answer.get("FunctionError"), said["event"]), (200, None, {"a": [1, "é"]}))
    have = said["environment"]
    same([have[k] for k in ("COUNTERSIGN_POLICY", "AWS_REGION", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION")],
         ["s3://b/p.toml", "us-east-1", "report", "256", "$LATEST"])
    assert have["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:") and not [k for k in have if "PROXY" in k.upper() or k.startswith("LOCALSTACK")]
    role = Account(a.id, credentials={"AccessKeyId": have["AWS_ACCESS_KEY_ID"], "SecretAccessKey": have["AWS_SECRET_ACCESS_KEY"],
                                      "SessionToken": have["AWS_SESSION_TOKEN"]})
    same(role["sts"].get_caller_identity()["Arn"], f"arn:aws:sts::{a.id}:assumed-role/writer/report")
    headers = said["headers"]
    same(headers["Lambda-Runtime-Invoked-Function-Arn"], f"arn:aws:lambda:us-east-1:{a.id}:function:report")
    assert 3 < int(headers["Lambda-Runtime-Deadline-Ms"]) / 1000 - time.time() <= 5
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert tail.startswith(f"START RequestId: {headers['Lambda-Runtime-Aws-Request-Id']} Version: $LATEST\n") and "\ngot {" in tail, tail
    assert "Init Duration" in tail and "Memory Size: 256 MB" in tail and "Max Memory Used: " in tail, tail
    again, answer = invoke(client, LogType="Tail")
    same((again["pid"], again["served"]), (said["pid"], 2))  # kept warm
    assert b"Init Duration" not in base64.b64decode(answer["LogResult"])


def shows_code_from_a_bucket_and_by_a_path():
    a = Account()
    a["s3"].create_bucket(Bucket=f"code-{a.id}")
    a["s3"].put_object(Bucket=f"code-{a.id}", Key="f.zip", Body=zipped())
    client = function(a, code={"S3Bucket": f"code-{a.id}", "S3Key": "f.zip"})
    same(invoke(client)[0]["served"], 1)
    path = f"/tmp/probe-function-{a.id}"  # a large program need not be zipped: a script of one line begins it
    with open(path, "w") as program:
        program.write(RUNTIME)
    client.update_function_code(FunctionName="report", ZipFile=zipped(f"#!/bin/sh\nexec {sys.executable} {path}\n"))
    client.get_waiter("function_updated_v2").wait(FunctionName="report", WaiterConfig={"Delay": 1})
    same(invoke(client)[0]["served"], 1)
    client.update_function_code(FunctionName="report", ZipFile=zipped(name="main.py"))
    client.get_waiter("function_updated_v2").wait(FunctionName="report", WaiterConfig={"Delay": 1})
    same(invoke(client)[0]["errorType"], "Runtime.InvalidEntrypoint")


def shows_errors_timeouts_and_crashes():
    a = Account()
    client = function(a, Timeout=1)
    said, answer = invoke(client, {"fail": "bucket gone"})
    same((said, answer["StatusCode"], answer["FunctionError"]), ({"errorType": "Told", "errorMessage": "bucket gone"}, 200, "Unhandled"))
    said, answer = invoke(client, {"sleep": 3}, LogType="Tail")
    same((said["errorType"], said["errorMessage"].split(" ", 2)[2], answer["FunctionError"]),
         ("Sandbox.Timedout", "Error: Task timed out after 1.00 seconds", "Unhandled"))
    assert b"Task timed out after 1.00 seconds" in base64.b64decode(answer["LogResult"])
    said, answer = invoke(client, {"exit": 7}, LogType="Tail")
    same((said["errorType"], said["errorMessage"].split(" ", 2)[2]), ("Runtime.ExitError", "Error: Runtime exited with error: exit status 7"))
    assert b'got {"exit": 7}' in base64.b64decode(answer["LogResult"])
    same(invoke(client)[0]["served"], 1)  # begun anew
    same(invoke(client, {"large": 7 * 1024 * 1024})[0]["errorType"], "Function.ResponseSizeTooLarge")
    same(refused(client.invoke, FunctionName="unknown")[0], "ResourceNotFoundException")


def shows_metrics_that_a_function_prints():
    a = Account()
    invoke(function(a), {"metric": 3})
    cloudwatch, now = a["cloudwatch"], time.time()
    for dimensions in ([{"Name": "Account", "Value": "a-1"}], []):
        points = cloudwatch.get_metric_statistics(Namespace="Probe", MetricName="Runs", Dimensions=dimensions, Statistics=["Sum"], Period=300,
                                                  StartTime=now - 600, EndTime=now + 300)["Datapoints"]
        same([p["Sum"] for p in points], [3.0])


def shows_a_function_that_cannot_begin():
    a = Account()
    client = function(a, Environment={"Variables": {"FAIL_INIT": "told"}})
    said, answer = invoke(client)
    same((said, answer["FunctionError"]), ({"errorType": "Init.Broken", "errorMessage": "no policy"}, "Unhandled"))
    client = function(a, "other", Environment={"Variables": {"FAIL_INIT": "silent"}})
    for _ in range(2):
        same(invoke(client, name="other")[0]["errorType"], "Runtime.ExitError")


def shows_one_process_for_each_concurrent_invocation():
    a = Account()
    client = function(a)
    with ThreadPoolExecutor(3) as pool:
        first = {said["pid"] for said, _ in pool.map(lambda _: invoke(client, {"sleep": 1}), range(3))}
        second = {said["pid"] for said, _ in pool.map(lambda _: invoke(client, {"sleep": 0.5}), range(3))}
    same((len(first), second), (3, first))


def shows_events_retried_and_their_dead_letters():
    a = Account()
    queue = a["sqs"].create_queue(QueueName="dead")["QueueUrl"]
    client = function(a, DeadLetterConfig={"TargetArn": f"arn:aws:sqs:us-east-1:{a.id}:dead"})
    client.put_function_event_invoke_config(FunctionName="report", MaximumRetryAttempts=1)
    same(invoke(client, {"fail": "always"}, InvocationType="Event")[1]["StatusCode"], 202)
    message = a["sqs"].receive_message(QueueUrl=queue, WaitTimeSeconds=15, MessageAttributeNames=["All"])["Messages"][0]
    same(json.loads(message["Body"]), {"fail": "always"})
    logs = a["logs"].filter_log_events(logGroupName="/aws/lambda/report")["events"]
    same(sum(line["message"].startswith("got ") for line in logs), 2)

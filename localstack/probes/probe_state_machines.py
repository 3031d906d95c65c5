"""Step Functions: what a run over an organization and a check that waits need of them."""
import json
import time

from kit import Account, same
from probe_functions import function

LAMBDA = "arn:aws:states:::lambda:invoke"


def finished(a, definition, given=None):
    """(status, output, error) of one execution."""
    client = a["stepfunctions"]
    machine = client.create_state_machine(name="m", definition=json.dumps(definition), roleArn=f"arn:aws:iam::{a.id}:role/machine")["stateMachineArn"]
    execution = client.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))["executionArn"]
    ends = time.time() + 30
    while (row := client.describe_execution(executionArn=execution))["status"] == "RUNNING" and time.time() < ends:
        time.sleep(0.1)
    return row["status"], json.loads(row.get("output") or "null"), row.get("error"), execution


def shows_a_check_that_waits_and_asks_again():
    a = Account()
    function(a)
    invoke = {"Type": "Task", "Resource": LAMBDA, "OutputPath": "$.Payload"}
    definition = {"StartAt": "First", "States": {
        "First": {**invoke, "Parameters": {"FunctionName": "report", "Payload.$": "$"}, "ResultSelector": {"Payload.$": "$.Payload.event"}, "Next": "Asked"},
        "Asked": {"Type": "Choice", "Choices": [{"Variable": "$.recheck_at", "IsPresent": True, "Next": "Wait"}], "Default": "Done"},
        "Wait": {"Type": "Wait", "TimestampPath": "$.recheck_at", "Next": "Second"},
        "Second": {**invoke, "Parameters": {"FunctionName": "report", "Payload": {"event.$": "$.id", "countersign_attempt": 2}}, "End": True},
        "Done": {"Type": "Succeed"}}}
    began = time.time()
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(began + 3))
    status, output, _, _ = finished(a, definition, {"id": "e-1", "recheck_at": soon})
    same((status, output["event"]), ("SUCCEEDED", {"event": "e-1", "countersign_attempt": 2}))
    assert time.time() - began > 1.5


def shows_retries_and_catches():
    a = Account()
    function(a)
    call = lambda payload: {"Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "report", "Payload": payload}, "End": True}
    failing = {**call({"fail": "bucket gone"}), "Retry": [{"ErrorEquals": ["Told"], "IntervalSeconds": 1, "MaxAttempts": 1}]}
    status, _, error, execution = finished(a, {"StartAt": "A", "States": {"A": failing}})
    same((status, error), ("FAILED", "Told"))
    history = a["stepfunctions"].get_execution_history(executionArn=execution)["events"]
    same(sum(event["type"] == "TaskFailed" for event in history), 2)
    caught = {**failing, "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.fault", "Next": "B"}]}
    a = Account()
    function(a)
    status, output, _, _ = finished(a, {"StartAt": "A", "States": {"A": caught, "B": {"Type": "Pass", "End": True}}}, {"run": "r-1"})
    same((status, output["run"], output["fault"]["Error"]), ("SUCCEEDED", "r-1", "Told"))


def distributed(a, units, **how):
    """A distributed map over `units`, which lie in a bucket as one JSON array."""
    a["s3"].create_bucket(Bucket=f"runs-{a.id}")
    a["s3"].put_object(Bucket=f"runs-{a.id}", Key="runs/r-1/units.json", Body=json.dumps(units))
    function(a)
    states = {"Each": {
        "Type": "Map", "Label": "Units", "MaxConcurrency": 3, "End": True, **how,
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"},
                       "Parameters": {"Bucket.$": "$.bucket", "Key.$": "$.key"}},
        "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, "StartAt": "Collect", "States": {"Collect": {
            "Type": "Task", "Resource": LAMBDA, "Parameters": {"FunctionName": "report", "Payload.$": "$"}, "ResultSelector": {"pid.$": "$.Payload.pid"},
            "End": True}}}}}
    return finished(a, {"StartAt": "Each", "States": states}, {"bucket": f"runs-{a.id}", "key": "runs/r-1/units.json"})


def shows_a_distributed_map_over_a_list_in_a_bucket():
    units = [{"run": "r-1", "account": str(i), "sleep": 0.2} for i in range(8)]
    status, output, error, execution = distributed(Account(), units)
    same((status, error, len(output)), ("SUCCEEDED", None, 8))
    assert 1 < len({row["pid"] for row in output}) <= 3, output  # never more at once than the map allows


def shows_a_distributed_map_that_tolerates_failures():
    units = [{"account": str(i), **({"fail": "denied"} if i == 2 else {})} for i in range(8)]
    a = Account()
    status, output, error, execution = distributed(a, units, ToleratedFailurePercentage=25)
    same((status, error), ("SUCCEEDED", None))
    client = a["stepfunctions"]
    run = client.list_map_runs(executionArn=execution)["mapRuns"][0]["mapRunArn"]
    counts = client.describe_map_run(mapRunArn=run)["itemCounts"]
    same((counts["total"], counts["succeeded"], counts["failed"]), (8, 7, 1))
    same(distributed(Account(), units, ToleratedFailurePercentage=5)[::2], ("FAILED", "States.ExceedToleratedFailureThreshold"))
    same(distributed(Account(), units)[::2], ("FAILED", "States.ExceedToleratedFailureThreshold"))


def shows_a_distributed_map_that_writes_its_results():
    a = Account()
    units = [{"account": str(i), **({"fail": "denied"} if i == 2 else {})} for i in range(4)]
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": f"runs-{a.id}", "Prefix": "runs/r-1/results"}}
    status, output, _, execution = distributed(a, units, ToleratedFailureCount=1, ResultWriter=writer)
    same((status, sorted(output)), ("SUCCEEDED", ["MapRunArn", "ResultWriterDetails"]))
    where = output["ResultWriterDetails"]
    manifest = json.load(a["s3"].get_object(Bucket=where["Bucket"], Key=where["Key"])["Body"])
    read = lambda kind: [row for f in manifest["ResultFiles"][kind] for row in json.load(a["s3"].get_object(Bucket=where["Bucket"], Key=f["Key"])["Body"])]
    same([(row["Status"], json.loads(row["Input"])) for row in read("FAILED")], [("FAILED", units[2])])
    same(sorted(json.loads(row["Input"])["account"] for row in read("SUCCEEDED")), ["0", "1", "3"])

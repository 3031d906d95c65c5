"""EventBridge: patterns, targets, dead letters, and schedules that fire when they are told to."""
import json
import time

from kit import Account, post, same
from probe_functions import function


def let_in(a, queue, rule="*"):
    """The queue's ARN, once its policy lets EventBridge send."""
    client, arn = a["sqs"], f"arn:aws:sqs:us-east-1:{a.id}:{queue}"
    url = client.create_queue(QueueName=queue)["QueueUrl"]
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
                             "Condition": {"ArnLike": {"aws:SourceArn": f"arn:aws:events:us-east-1:{a.id}:rule/{rule}"}}}]}
    client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
    return arn


def received(a, queue, wait=5, **how):
    client = a["sqs"]
    url = client.get_queue_url(QueueName=queue)["QueueUrl"]
    return client.receive_message(QueueUrl=url, WaitTimeSeconds=wait, MaxNumberOfMessages=10, MessageAttributeNames=["All"], **how).get("Messages", [])


def package_event(a, status="Approved", **how):
    return {"source": "aws.sagemaker", "detail-type": "SageMaker Model Package State Change", "account": a.id, "region": "us-east-1",
            "resources": [f"arn:aws:sagemaker:us-east-1:{a.id}:model-package/fraud/1"],
            "detail": {"ModelPackageGroupName": "fraud", "ModelPackageVersion": 1, "ModelApprovalStatus": status}, **how}


PATTERN = json.dumps({"source": ["aws.sagemaker"], "detail-type": ["SageMaker Model Package State Change"],
                      "detail": {"ModelApprovalStatus": ["Approved", "Rejected"]}})


def shows_events_of_services_by_pattern():
    a = Account()
    client, arn = a["events"], let_in(a, "seen")
    client.put_rule(Name="packages", EventPattern=PATTERN)
    client.put_targets(Rule="packages", Targets=[{"Id": "q", "Arn": arn}])
    told = post("/_countersign/events/deliver", [package_event(a, id="e-1", time="2026-11-20T09:00:00Z"), package_event(a, "PendingManualApproval")])
    same([row["rules"] for row in told["delivered"]], [["packages"], []])
    post("/_countersign/events/deliver", package_event(a, id="e-1", time="2026-11-20T09:00:00Z"))
    got = [json.loads(m["Body"]) for m in received(a, "seen") + received(a, "seen", 1)]
    same([(e["id"], e["time"], e["version"]) for e in got], [("e-1", "2026-11-20T09:00:00Z", "0")] * 2)  # repeated, as it may be on AWS
    client.disable_rule(Name="packages")
    same(post("/_countersign/events/deliver", package_event(a))["delivered"][0]["rules"], [])


def shows_a_bus_of_ones_own():
    a = Account()
    client, arn = a["events"], let_in(a, "owners", "governance/*")
    client.create_event_bus(Name="governance")
    client.put_rule(Name="cards", EventBusName="governance", EventPattern=json.dumps({"detail": {"owner": ["cards"]}}))
    client.put_targets(Rule="cards", EventBusName="governance", Targets=[{"Id": "q", "Arn": arn}])
    entry = lambda owner, **how: {"Source": "countersign", "DetailType": "Finding Opened", "Detail": json.dumps({"owner": owner}), "EventBusName": "governance", **how}
    answer = client.put_events(Entries=[entry("cards"), entry("fraud"), entry("cards", Detail="no JSON")])
    same((answer["FailedEntryCount"], answer["Entries"][2]["ErrorCode"]), (1, "MalformedDetail"))
    same([json.loads(m["Body"])["detail"] for m in received(a, "owners")], [{"owner": "cards"}])
    same(received(a, "owners", 1), [])


def shows_a_schedule_that_fires_when_told():
    a = Account()
    a.clock("2026-11-20T06:00:00Z")
    client, queue, functions = a["events"], let_in(a, "copies"), function(a)
    rule = client.put_rule(Name="daily", ScheduleExpression="rate(1 day)")["RuleArn"]
    functions.add_permission(FunctionName="report", StatementId="s", Action="lambda:InvokeFunction", Principal="events.amazonaws.com", SourceArn=rule)
    client.put_targets(Rule="daily", Targets=[{"Id": "f", "Arn": f"arn:aws:lambda:us-east-1:{a.id}:function:report"}, {"Id": "q", "Arn": queue}])
    told = post("/_countersign/events/fire", {"account": a.id, "region": "us-east-1", "rule": "daily"})
    same((sorted(told["delivered"]), told["failed"]), (["f", "q"], {}))
    event = json.loads(received(a, "copies")[0]["Body"])
    same({k: event[k] for k in event if k != "id"}, {
        "version": "0", "detail-type": "Scheduled Event", "source": "aws.events", "account": a.id, "time": "2026-11-20T06:00:00Z",
        "region": "us-east-1", "resources": [rule], "detail": {}})
    same([json.loads(line.removeprefix("got "))["id"] for line in logged(a)], [event["id"]])


def logged(a):
    """What the function printed of its events."""
    ends, logs = time.time() + 10, a["logs"]
    while time.time() < ends:
        try:
            lines = [e["message"] for e in logs.filter_log_events(logGroupName="/aws/lambda/report")["events"] if e["message"].startswith("got ")]
        except logs.exceptions.ResourceNotFoundException:
            lines = []
        if lines:
            return lines
        time.sleep(0.2)
    return []


def shows_dead_letters_of_what_cannot_be_delivered():
    a = Account()
    client, letters, _ = a["events"], let_in(a, "letters"), function(a)
    target = f"arn:aws:lambda:us-east-1:{a.id}:function:report"
    client.put_rule(Name="daily", ScheduleExpression="rate(1 day)")
    client.put_targets(Rule="daily", Targets=[{"Id": "f", "Arn": target, "DeadLetterConfig": {"Arn": letters}}])
    told = post("/_countersign/events/fire", {"account": a.id, "region": "us-east-1", "rule": "daily"})
    same((told["delivered"], list(told["failed"])), ([], ["f"]))  # no permission was added
    letter = received(a, "letters")[0]
    facts = {k: v["StringValue"] for k, v in letter["MessageAttributes"].items()}
    same((facts["ERROR_CODE"], facts["TARGET_ARN"], json.loads(letter["Body"])["id"]), ("NO_PERMISSIONS", target, told["event"]["id"]))
    client.put_targets(Rule="daily", Targets=[{"Id": "f", "Arn": target + "s", "RoleArn": f"arn:aws:iam::{a.id}:role/r", "DeadLetterConfig": {"Arn": letters}}])
    post("/_countersign/events/fire", {"account": a.id, "region": "us-east-1", "rule": "daily"})
    same(received(a, "letters")[0]["MessageAttributes"]["ERROR_CODE"]["StringValue"], "NO_RESOURCE")


def shows_events_that_start_state_machines():
    a = Account()
    machines, client = a["stepfunctions"], a["events"]
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    arn = machines.create_state_machine(name="m", definition=json.dumps(definition), roleArn=f"arn:aws:iam::{a.id}:role/m")["stateMachineArn"]
    client.put_rule(Name="packages", EventPattern=PATTERN)
    client.put_targets(Rule="packages", Targets=[
        {"Id": "m", "Arn": arn, "RoleArn": f"arn:aws:iam::{a.id}:role/events"},
        {"Id": "n", "Arn": arn, "RoleArn": f"arn:aws:iam::{a.id}:role/events", "Input": '{"only": 1}'},
        {"Id": "o", "Arn": arn, "RoleArn": f"arn:aws:iam::{a.id}:role/events", "InputTransformer": {
            "InputPathsMap": {"who": "$.detail.ModelPackageGroupName"}, "InputTemplate": '{"group": <who>}'}}])
    post("/_countersign/events/deliver", package_event(a, id="e-1"))
    inputs = [json.loads(machines.describe_execution(executionArn=row["executionArn"])["input"]) for row in machines.list_executions(stateMachineArn=arn)["executions"]]
    same(sorted(str(given.get("id") or given) for given in inputs), ["e-1", "{'group': 'fraud'}", "{'only': 1}"])


def shows_the_scheduler():
    a = Account()
    a.clock("2026-11-20T06:00:00Z")
    queue = let_in(a, "copies")
    role = f"arn:aws:iam::{a.id}:role/scheduler"
    a["scheduler"].create_schedule(Name="daily", ScheduleExpression="cron(0 6 * * ? *)", FlexibleTimeWindow={"Mode": "OFF"},
                                   Target={"Arn": queue, "RoleArn": role, "Input": '{"at": "<aws.scheduler.scheduled-time>"}'})
    same(post("/_countersign/events/fire", {"account": a.id, "schedule": "daily"})["delivered"], ["daily"])
    same([json.loads(m["Body"]) for m in received(a, "copies")], [{"at": "2026-11-20T06:00:00Z"}])

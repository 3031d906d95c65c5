"""EventBridge and its Scheduler: schedules fire when a test says so, targets are asked whether they let EventBridge in, and what cannot
be delivered goes to the dead letters."""
import json
import sys
import uuid

from localstack.aws.api import CommonServiceException

from . import clock, resource_policies

ACTIONS = {"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish"}


def patch_when_loaded():
    import jsonpath_ng
    from localstack.services.events.provider import EventsProvider as P
    from localstack.services.events.target import StatesTargetSender, TargetSender

    sys.modules.setdefault("jsonpath_rw", jsonpath_ng)  # the older name by which LocalStack asks for paths of input transformers
    plain_process, plain_rules = TargetSender.process_event, P._process_rules

    def process_event(self, event, trace_header):
        """As LocalStack does it, after a look at the target's own policy; dead letters where it fails."""
        try:
            _let_in(self)
            plain_process(self, event, trace_header)
        except Exception as fault:
            _bury(self, event, fault)
            raise

    def _process_rules(self, rule, *args, **kwargs):
        if rule.state != "DISABLED":
            plain_rules(self, rule, *args, **kwargs)

    def send_to_states(self, event, trace_header):
        """Two rules may start executions for one event, and a target's own input has no id."""
        id_ = event.get("id") if isinstance(event, dict) else None
        self.service = "stepfunctions"
        self.client.start_execution(stateMachineArn=self.target["Arn"], name=f"{id_ or uuid.uuid4()}_{uuid.uuid4()}"[:80], input=json.dumps(event))

    TargetSender.process_event, P._process_rules, StatesTargetSender.send_event = process_event, _process_rules, send_to_states
    P._get_scheduled_rule_job_function = lambda self, *args, **kwargs: lambda *_, **__: None  # nothing fires by itself


def _let_in(sender):
    """Functions, queues and topics let EventBridge in by their own policy, unless the target names a role."""
    action = ACTIONS.get(sender.service)
    if action and not sender.target.get("RoleArn") and not resource_policies.allows(sender.arn, "events.amazonaws.com", action, sender.rule_arn):
        raise CommonServiceException("NO_PERMISSIONS", f"{sender.arn} does not let events.amazonaws.com do {action} for {sender.rule_arn}")


def _bury(sender, event, fault):
    """A letter to the target's dead-letter queue, with the attributes that EventBridge gives it."""
    queue = (sender.target.get("DeadLetterConfig") or {}).get("Arn")
    if not queue or sender.rule_arn.split(":")[2] == "events" and not resource_policies.allows(
            queue, "events.amazonaws.com", "sqs:SendMessage", sender.rule_arn):
        return
    from localstack.aws.connect import connect_to
    from localstack.utils.aws.arns import sqs_queue_url_for_arn

    code = getattr(fault, "code", None) or getattr(fault, "response", {}).get("Error", {}).get("Code") or "SDK_CLIENT_ERROR"
    code = {"ResourceNotFoundException": "NO_RESOURCE", "AWS.SimpleQueueService.NonExistentQueue": "NO_RESOURCE"}.get(code, code)
    facts = {"RULE_ARN": sender.rule_arn, "TARGET_ARN": sender.arn, "ERROR_CODE": code, "ERROR_MESSAGE": str(fault)[:1000],
             "RETRY_ATTEMPTS": "0", "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts"}
    _, _, _, region, account, _ = queue.split(":")
    connect_to(aws_access_key_id=account, region_name=region).sqs.send_message(
        QueueUrl=sqs_queue_url_for_arn(queue), MessageBody=json.dumps({k: v for k, v in event.items() if k != "event-bus-name"}),
        MessageAttributes={k: {"DataType": "String", "StringValue": v} for k, v in facts.items()})


# --- routes ------------------------------------------------------------------------------------------------------------
def fire_route(request):
    """POST {"account", "region", "rule" (with "bus") or "schedule" (with "group")}: its time has come.

    Answers {"event", "delivered": [target ids], "failed": {target id: why}}; neither where the rule is disabled."""
    row = request.get_json(force=True)
    account, region = row["account"], row.get("region", "us-east-1")
    if "schedule" in row:
        return _fire_schedule(account, region, row.get("group", "default"), row["schedule"])
    rule = _rule(account, region, row.get("bus", "default"), row["rule"])
    if rule is None or not rule.schedule_expression:
        raise ValueError(f"account {account} has no scheduled rule {row['rule']} in {region}")
    event = _event(account, region, "aws.events", rule.arn, {})
    targets = list(rule.targets.values()) if rule.state != "DISABLED" else []
    senders = {target["Id"]: _provider()._target_sender_store[f"{rule.arn}-{target['Id']}"] for target in targets}
    return {"event": event, **_send(senders, event)}


def deliver_route(request):
    """POST [event, …]: what AWS's own services put on the default bus of the account and region that an event names. `id` and
    `time` may be left out; an event with the id of an earlier one is a repeated delivery."""
    given, done = request.get_json(force=True), []
    for event in given if isinstance(given, list) else [given]:
        whole = {**_event(event["account"], event["region"], event["source"], None, {}), **event}
        matched = _match(whole)
        done.append({"id": whole["id"], "rules": [rule for rule, _ in matched]})
        for _, senders in matched:
            _send(senders, whole)
    return {"delivered": done}


def _match(event):
    from localstack.services.events.models import events_stores
    from localstack.utils.event_matcher import matches_event

    store = _provider()._target_sender_store
    bus = events_stores[event["account"]][event["region"]].event_buses.get("default")
    rules = [r for r in (bus.rules.values() if bus else ()) if r.event_pattern and r.state != "DISABLED" and not r.schedule_expression]
    return [(rule.name, {t["Id"]: store[f"{rule.arn}-{t['Id']}"] for t in rule.targets.values()}) for rule in rules
            if matches_event(rule.event_pattern, event)]


def _provider():
    from localstack.services.plugins import SERVICE_PLUGINS

    return SERVICE_PLUGINS.require("events").lifecycle_hook


def _rule(account, region, bus, name):
    from localstack.services.events.models import events_stores

    _provider()
    found = events_stores[account][region].event_buses.get(bus)
    return found.rules.get(name) if found else None


def _event(account, region, source, resource, detail):
    return {"version": "0", "id": str(uuid.uuid4()), "detail-type": "Scheduled Event", "source": source, "account": account,
            "time": clock.iso(clock.now(account)), "region": region, "resources": [resource] if resource else [], "detail": detail}


def _send(senders, event):
    from localstack.utils.xray.trace_header import TraceHeader

    delivered, failed = [], {}
    for id_, sender in senders.items():
        try:
            sender.process_event(json.loads(json.dumps(event)), trace_header=TraceHeader().ensure_root_exists())
            delivered.append(id_)
        except Exception as fault:
            failed[id_] = str(fault)
    return {"delivered": delivered, "failed": failed}


def _fire_schedule(account, region, group, name):
    from localstack.services.events.target import TargetSenderFactory
    from localstack.services.plugins import SERVICE_PLUGINS

    _provider(), SERVICE_PLUGINS.require("scheduler")
    from moto.scheduler.models import scheduler_backends

    schedule = scheduler_backends[account][region].get_schedule(group, name)
    event = _event(account, region, "aws.scheduler", schedule.arn, "{}")
    target = {"Id": name, **{k: v for k, v in schedule.target.items() if k in ("Arn", "RoleArn", "Input", "DeadLetterConfig", "SqsParameters")}}
    if "Input" in target:
        for word, value in (("schedule-arn", schedule.arn), ("scheduled-time", event["time"]), ("execution-id", event["id"]), ("attempt-number", "1")):
            target["Input"] = target["Input"].replace(f"<aws.scheduler.{word}>", value)
    sender = TargetSenderFactory(target, schedule.arn, name, region, account).get_target_sender()
    return {"event": event, **(_send({name: sender}, event) if schedule.state != "DISABLED" else {"delivered": [], "failed": {}})}

"""Alarms that fire and reach nobody, each on an endpoint that is otherwise sound; and ways round that do reach somebody."""
import json

from .story import iso, tag_list
from .watch_common import ONCALL, OWNER, VARIANT, stat
from .watch_truth import BROKEN, NOBODY, NOT_KNOWN, UNKNOWN, human, told_in

PUBLISH = "sns:Publish"


def undelivered(watch, name, *words, why, **errors):
    """An endpoint whose error alarm fires and reaches nobody."""
    id_ = watch.sound(name, errors=errors)
    watch.truth.watched(id_, errors=BROKEN, requests_fail=NOBODY)
    watch.truth.fail(id_, "MON-001", why=why)
    watch.truth.fail(f"{name}-errors", "MON-006", why=why)
    watch.truth.defect(f"{name}-errors", *words)
    return id_


def not_known(watch, name, why, **errors):
    """Whether its error alarm reaches anybody cannot be seen."""
    id_ = watch.sound(name, errors=errors)
    watch.truth.watched(id_, errors=UNKNOWN, requests_fail=NOT_KNOWN)
    watch.truth.unknown(id_, "MON-001", why=why)
    watch.truth.unknown(f"{name}-errors", "MON-006", why=why)


def actions_disabled(watch):
    undelivered(watch, "actions-disabled", "switched off", why="its actions are disabled", ActionsEnabled=False)


def no_action(watch):
    undelivered(watch, "no-action", "no action", why="it has no action", actions=[])


def only_when_it_ends(watch):
    """It says when all is well again, and nothing when it is not."""
    undelivered(watch, "only-when-it-ends", "no action", why="it has an action on OK only", actions=[], OKActions=[watch.story.oncall])


def muted_now(watch):
    name = "muted-now"
    undelivered(watch, name, "muted", why="muted since yesterday, until tomorrow")
    mute(watch, name, f"at({watch.story.ago(days=1):%Y-%m-%dT%H:%M})", "P2D")


def muted_at_night(watch):
    """From ten in the evening until eight: 42 percent of the week, and not now. What fires then is told when the rule ends."""
    name = "muted-at-night"
    id_ = watch.sound(name)
    mute(watch, name, "cron(0 22 * * *)", "PT10H")
    first, last = told_in(ONCALL, least=6 / 8)["minutes"]
    watch.truth.watched(id_, errors=BROKEN, requests_fail=human(first, last + 600, ONCALL))
    watch.truth.fail(f"{name}-errors", "MON-006", why="muted for 42 percent of the week")
    watch.truth.fail(id_, "MON-001", why="muted for 42 percent of the week")


def mute(watch, name, expression, duration):
    watch.make_alarms()
    watch.story.client("cloudwatch").put_alarm_mute_rule(Name=f"{name}-rule", Description="planned work", MuteTargets={"AlarmNames": [f"{name}-errors"]}, Rule={
        "Schedule": {"Expression": expression, "Duration": duration, "Timezone": "UTC"}})


def suppressed(watch):
    """The composite that speaks for it is suppressed by an alarm that has been in ALARM for a week."""
    name = "suppressed"
    undelivered(watch, name, "suppress", why="its composite is suppressed", actions=[])
    hush = watch.alarm(f"{name}-by-maintenance", "MaintenanceMode", {"Team": "platform"}, "ALARM", since=7, Namespace="Bank/Platform", actions=[])
    watch.make_alarms()
    watch.composite(f"{name}-page", f'ALARM("{name}-errors")', ActionsSuppressor=hush, ActionsSuppressorWaitPeriod=60, ActionsSuppressorExtensionPeriod=60)
    watch.plant_alarm(f"{name}-page", set={"ActionsSuppressedBy": "Alarm", "ActionsSuppressedReason": f"Actions suppressed by {hush}"})
    watch.truth.fail(f"{name}-page", "MON-006", why="suppressed for a week")
    watch.series("Bank/Platform", "MaintenanceMode", {"Team": "platform"}, [10], days=8)


def together_with_another(watch):
    """Its composite rings only if an alarm that has nothing to do with it rings too."""
    name = "together-with-another"
    undelivered(watch, name, "unrelated", why="its composite wants an unrelated alarm too", actions=[])
    other = watch.alarm(f"{name}-other", "QueueLength", {"Queue": "invoices"}, Namespace="Bank/Invoices", actions=[])
    watch.series("Bank/Invoices", "QueueLength", {"Queue": "invoices"}, [1])
    watch.make_alarms()
    watch.composite(f"{name}-page", f'ALARM("{name}-errors") AND ALARM("{other}")')
    watch.truth.open(f"{name}-page", "MON-005", "MON-006", why="the composite itself speaks to somebody")


def never_by_its_rule(watch):
    """Its composite was switched off by FALSE in its rule."""
    name = "never-by-its-rule"
    undelivered(watch, name, "FALSE", why="its composite is FALSE", actions=[])
    watch.make_alarms()
    watch.composite(f"{name}-page", f'ALARM("{name}-errors") AND FALSE')
    watch.truth.open(f"{name}-page", "MON-005", "MON-006", why="the composite can never fire")


def spoken_for(watch):
    """No action of its own: a composite speaks for it and for its latency. Sound."""
    name = "spoken-for"
    watch.sound(name, errors={"actions": []})
    watch.make_alarms()
    watch.composite(f"{name}-page", f'ALARM("{name}-errors") OR ALARM("{name}-latency")')


def topic_missing(watch):
    gone = f"arn:aws:sns:{watch.story.region}:{watch.story.account}:ml-oncall-2024"
    undelivered(watch, "topic-missing", "does not exist", why="its topic was deleted", actions=[gone])


def nobody_subscribed(watch):
    undelivered(watch, "nobody-subscribed", "nobody", why="its topic has no subscription", actions=[watch.story.client("sns").create_topic(Name="ml-unused")["TopicArn"]])


def subscription_pending(watch):
    topic = watch.story.topic("ml-new-hires", "email", "ml-new-hires@bank.example", confirmed=False)
    undelivered(watch, "subscription-pending", "confirmed", why="its subscription was never confirmed", actions=[topic])


def closed_topic(watch):
    """The topic's policy lets EventBridge publish, and nobody else."""
    topic = watch.story.topic("ml-events-only", "email", "ml-events@bank.example")
    allow(watch, topic, "events.amazonaws.com")
    undelivered(watch, "closed-topic", "policy", why="its topic does not let CloudWatch publish", actions=[topic])


def allow(watch, topic, service):
    statement = {"Sid": "OnlyThis", "Effect": "Allow", "Principal": {"Service": service}, "Action": PUBLISH, "Resource": topic}
    watch.story.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def encrypted(watch, name, key):
    topic = watch.story.topic(f"ml-{name}", "email", f"ml-{name}@bank.example")
    watch.story.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="KmsMasterKeyId", AttributeValue=key)
    return topic


def key_of_aws(watch):
    """CloudWatch may not use the key that AWS manages for SNS."""
    undelivered(watch, "key-of-aws", "alias/aws/sns", why="its topic is encrypted with alias/aws/sns", actions=[encrypted(watch, "encrypted-by-aws", "alias/aws/sns")])


def key_without_cloudwatch(watch):
    undelivered(watch, "key-without-cloudwatch", "key", why="the key's policy does not name CloudWatch", actions=[encrypted(watch, "encrypted-closed", own_key(watch))])


def key_with_cloudwatch(watch):
    """A key of the bank's own that lets CloudWatch use it. Sound."""
    watch.sound("key-with-cloudwatch", errors={"actions": [encrypted(watch, "encrypted-open", own_key(watch, "cloudwatch.amazonaws.com"))]})


def own_key(watch, *services):
    root = {"Sid": "Owner", "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{watch.story.account}:root"}, "Action": "kms:*", "Resource": "*"}
    may = [{"Sid": service, "Effect": "Allow", "Principal": {"Service": service}, "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"} for service in services]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [root, *may]})
    return watch.story.client("kms").create_key(Policy=policy, Description="topics")["KeyMetadata"]["Arn"]


def only_a_function(watch):
    topic = watch.story.topic("ml-to-lambda", "lambda", f"arn:aws:lambda:{watch.story.region}:{watch.story.account}:function:ticket-maker", confirmed=False)
    not_known(watch, "only-a-function", "a function takes it, and nobody says what it does", actions=[topic])


def only_a_queue(watch):
    topic = watch.story.topic("ml-to-sqs", "sqs", f"arn:aws:sqs:{watch.story.region}:{watch.story.account}:alarms", confirmed=False)
    not_known(watch, "only-a-queue", "a queue takes it, and nobody says who reads it", actions=[topic])


def by_a_rule(watch):
    """No action, but a rule of EventBridge that carries its state to a topic of people. Sound."""
    name, events = "by-a-rule", watch.story.client("events")
    watch.sound(name, errors={"actions": []})
    topic = watch.story.topic("ml-by-events", "email", "ml-oncall@bank.example")
    allow(watch, topic, "events.amazonaws.com")
    events.put_rule(Name="alarms-to-oncall", State="ENABLED", EventPattern=json.dumps({
        "source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"], "detail": {"alarmName": [f"{name}-errors"], "state": {"value": ["ALARM"]}}}))
    events.put_targets(Rule="alarms-to-oncall", Targets=[{"Id": "oncall", "Arn": topic}])


def alarms_elsewhere(watch):
    """Declared: a vendor's product watches it from outside; nothing here shows that."""
    name = "alarms-elsewhere"
    id_ = watch.endpoint(name, "vendor-watched")
    watch.metrics(name)
    watch.alarm(f"{name}-drift", "feature_drift_psi", {"EndpointName": name, "VariantName": VARIANT}, Namespace="Bank/ModelQuality", Statistic="Maximum",
                Threshold=0.2, Period=3600, EvaluationPeriods=1)
    watch.truth.watched(id_, **dict.fromkeys(("errors", "latency", "silence", "saturation"), UNKNOWN),
                        **dict.fromkeys(("requests_fail", "latency_triples", "traffic_stops", "instance_saturates"), NOT_KNOWN))
    watch.truth.unknown(id_, "MON-001", "MON-002", "MON-003", "MON-004", why="declared elsewhere, not seen")


def from_another_account(watch):
    """Its error alarm stands in the account that watches all others. Sound."""
    name, story, there = "from-another-account", watch.story, watch.story.monitoring
    watch.sound(name, errors=None)
    topic = there.topic("central-oncall", "email", "central-oncall@bank.example")
    query = {**stat("Invocation5XXErrors", name, "failed"), "AccountId": story.account, "ReturnData": True}
    there.client("cloudwatch").put_metric_alarm(
        AlarmName=f"{name}-errors", Metrics=[query], EvaluationPeriods=3, Threshold=5.0, ComparisonOperator="GreaterThanThreshold", TreatMissingData="notBreaching",
        ActionsEnabled=True, AlarmActions=[topic], Tags=tag_list({"Owner": OWNER}), AlarmDescription="runbook=https://wiki.bank.example/runbooks/central respond_within=30m")
    there.post("cloudwatch", [{"account": there.account, "region": there.region, "alarm": f"{name}-errors", "states": [{"at": iso(story.ago(days=36)), "to": "OK"}]}])


STORIES = [actions_disabled, no_action, only_when_it_ends, muted_now, muted_at_night, suppressed, together_with_another, never_by_its_rule, spoken_for, topic_missing,
           nobody_subscribed, subscription_pending, closed_topic, key_of_aws, key_without_cloudwatch, key_with_cloudwatch, only_a_function, only_a_queue, by_a_rule,
           alarms_elsewhere, from_another_account]

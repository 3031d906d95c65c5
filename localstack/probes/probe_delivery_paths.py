"""What stands between an alarm and a person: rules on its state, topic policies, keys, muting windows, suppressors, scaling."""
import json

from kit import Account, same

ALARM = dict(Namespace="AWS/SageMaker", MetricName="Invocations", Statistic="Sum", Period=300, EvaluationPeriods=3, Threshold=1,
             ComparisonOperator="LessThanThreshold", TreatMissingData="breaching")


def shows_rules_on_alarms_and_jobs():
    a = Account()
    events, topic = a["events"], f"arn:aws:sns:us-east-1:{a.id}:t"
    patterns = {"alarms": {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"], "detail": {"state": {"value": ["ALARM"]}}},
                "jobs": {"source": ["aws.sagemaker"], "detail-type": ["SageMaker Transform Job State Change"], "detail": {"TransformJobStatus": ["Failed"]}}}
    for name, pattern in patterns.items():
        events.put_rule(Name=name, EventPattern=json.dumps(pattern), State="ENABLED" if name == "alarms" else "DISABLED")
        events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": topic}])
    found = {r["Name"]: (json.loads(r["EventPattern"]), r["State"]) for r in events.list_rules()["Rules"]}
    same(found, {"alarms": (patterns["alarms"], "ENABLED"), "jobs": (patterns["jobs"], "DISABLED")})
    same([t["Arn"] for t in events.list_targets_by_rule(Rule="alarms")["Targets"]], [topic])


def shows_who_may_publish_to_a_topic():
    a = Account()
    sns = a["sns"]
    arn = sns.create_topic(Name="t", Attributes={"KmsMasterKeyId": "alias/aws/sns"})["TopicArn"]
    default = json.loads(sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])["Statement"][0]
    same((default["Principal"], default["Condition"]), ({"AWS": "*"}, {"StringEquals": {"AWS:SourceOwner": a.id}}))
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": arn}]}
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    same((json.loads(attributes["Policy"]), attributes["KmsMasterKeyId"]), (policy, "alias/aws/sns"))


def shows_keys_and_their_policies():
    a = Account()
    kms = a["kms"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{a.id}:root"}, "Action": "kms:*", "Resource": "*"}]})
    key = kms.create_key(Policy=policy)["KeyMetadata"]
    kms.create_alias(AliasName="alias/paging", TargetKeyId=key["KeyId"])
    same(json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]), json.loads(policy))
    same(json.loads(kms.get_key_policy(KeyId=key["Arn"])["Policy"]), json.loads(policy))
    found = kms.describe_key(KeyId="alias/paging")["KeyMetadata"]
    same((found["KeyId"], found["KeyManager"], found["KeyState"]), (key["KeyId"], "CUSTOMER", "Enabled"))
    same({x["AliasName"]: x.get("TargetKeyId") for x in kms.list_aliases()["Aliases"] if not x["AliasName"].startswith("alias/aws/")}, {"alias/paging": key["KeyId"]})
    theirs = kms.describe_key(KeyId="alias/aws/sns")["KeyMetadata"]
    policy = json.loads(kms.get_key_policy(KeyId=theirs["KeyId"], PolicyName="default")["Policy"])
    same((theirs["KeyManager"], policy["Statement"][0]["Condition"]["StringEquals"]["kms:ViaService"]), ("AWS", "sns.us-east-1.amazonaws.com"))


def shows_muting_rules_and_suppressors():
    a = Account()
    a.clock("2026-09-01T00:00:00Z")
    cw = a["cloudwatch"]
    for name in ("x", "hush"):
        cw.put_metric_alarm(AlarmName=name, **ALARM)
    cw.put_composite_alarm(AlarmName="all", AlarmRule="ALARM(x)", ActionsSuppressor="hush", ActionsSuppressorWaitPeriod=60, ActionsSuppressorExtensionPeriod=120)
    found = cw.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"][0]
    same((found["AlarmRule"], found["ActionsSuppressor"], found["ActionsSuppressorExtensionPeriod"]), ("ALARM(x)", "hush", 120))
    schedule = {"Expression": "cron(0 22 * * *)", "Duration": "PT10H", "Timezone": "Europe/Rome"}
    cw.put_alarm_mute_rule(Name="nights", MuteTargets={"AlarmNames": ["x"]}, Rule={"Schedule": schedule})
    rule = cw.get_alarm_mute_rule(AlarmMuteRuleName="nights")
    same((rule["Rule"]["Schedule"], rule["MuteType"], rule["Status"]), (schedule, "RECURRING", "ACTIVE"))


def shows_scaling_targets_and_policies():
    a = Account()
    scaling, resource = a["application-autoscaling"], "endpoint/e/variant/v"
    for name in ("endpoint/e/variant/v", "endpoint/gone/variant/v"):
        scaling.register_scalable_target(ServiceNamespace="sagemaker", ResourceId=name, ScalableDimension="sagemaker:variant:DesiredInstanceCount",
                                         MinCapacity=1, MaxCapacity=4)
    scaling.put_scaling_policy(PolicyName="p", ServiceNamespace="sagemaker", ResourceId=resource, ScalableDimension="sagemaker:variant:DesiredInstanceCount",
                               PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={
                                   "TargetValue": 70.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}})
    targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    same(sorted((t["ResourceId"], t["MinCapacity"], t["MaxCapacity"]) for t in targets), [("endpoint/e/variant/v", 1, 4), ("endpoint/gone/variant/v", 1, 4)])
    policy = scaling.describe_scaling_policies(ServiceNamespace="sagemaker", ResourceId=resource)["ScalingPolicies"][0]
    same((policy["PolicyType"], policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]), ("TargetTrackingScaling", 70.0))

"""What costs more than it has to, beside what only looks so; and what grows."""
import datetime as dt

from .costs_common import OWNER, PRICES, VARIANT
from .story import iso

ONE_HOUR_IN_TWELVE = [[[1, 40]], *[None] * 11]
BY_DAY = [*[[[1, 5]]] * 8, *[[[1, 100]]] * 16]  # hours since midnight
HAIKU = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"


def tell(costs):
    idle(costs)
    too_large(costs)
    growing(costs)
    notebooks = {"service": "AmazonSageMaker", "region": costs.story.region, "component": "Notebook", "item": "ml.t3.medium", "unit": "Hrs", "price": "0.0505"}
    return {**capacity(costs), "recommendations": recommendations(costs), "prices": [notebooks]}


def idle(costs):
    truth = costs.truth
    for id_ in (costs.endpoint("idle-dear", kind="ml.g5.xlarge", stops=20.0), costs.endpoint("idle-cheap", kind="ml.t2.medium", requests=None)):
        truth.fail(id_, "CST-003", why="nobody asks it anything")
        truth.open(id_, "CST-004", why="what nobody uses is not sized")
        truth.open(id_, "CST-007", why="what is not there has no growth")
    truth.waste("idle", "idle-dear", PRICES["ml.g5.xlarge"] * 730)
    truth.waste("idle", "idle-cheap", PRICES["ml.t2.medium"] * 730)
    standing = costs.endpoint("stands-by", requests=None, tags={"owner": OWNER, "cost-center": "CC-1001", "standby": "failover of the cards"})
    truth.open(standing, "CST-007", why="what is not there has no growth")


def too_large(costs):
    truth, low = costs.truth, {"kind": "ml.c5.2xlarge", "count": 2, "busy": 0.03, "memory": 15}
    truth.fail(costs.endpoint("oversized", **low), "CST-004", why="three percent of its processors are in use, and nothing scales it")
    truth.fail(costs.endpoint("bounded", **low), "CST-004", why="it is too large, and may scale from two to two")
    truth.fail(costs.endpoint("suspended", **low), "CST-004", why="it is too large, and what scales it is suspended")
    costs.endpoint("scales", **low)
    costs.endpoint("seldom", kind="ml.m5.large", requests=ONE_HOUR_IN_TWELVE)
    for name in ("oversized", "bounded", "suspended", "scales"):
        truth.waste("over_provisioned", name, sure=name != "scales")
    costs.endpoint("day-and-night", count=2, requests=BY_DAY)
    truth.waste("bounded_scaling", "day-and-night")
    truth.waste("serverless_candidate", "seldom")
    off = {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": True, "ScheduledScalingSuspended": True}
    for name, least, most, state in (("bounded", 2, 2, None), ("day-and-night", 2, 2, None), ("suspended", 1, 4, off), ("scales", 1, 4, None)):
        scale(costs, name, least, most, state)


def scale(costs, name, least, most, state):
    what = {"ServiceNamespace": "sagemaker", "ResourceId": f"endpoint/{name}/variant/{VARIANT}", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
    client = costs.story.client("application-autoscaling")
    client.register_scalable_target(**what, MinCapacity=least, MaxCapacity=most, **({"SuspendedState": state} if state else {}))
    client.put_scaling_policy(**what, PolicyName=f"{name}-target", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={
        "TargetValue": 70.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}})


def growing(costs):
    """6,720 requests a week; one declares 5,000 to be the most, one 50,000; and one tripled two weeks ago."""
    truth, where = costs.truth, {"EndpointName": "surging", "VariantName": VARIANT}
    truth.fail(costs.endpoint("over-ceiling", "over-ceiling"), "CST-007", why="6,720 requests a week where 5,000 are the most")
    costs.endpoint("within-ceiling", "within-ceiling")
    truth.fail(costs.endpoint("surging", "surging", requests=None), "CST-007", why="three times as many requests as before")
    start, turn = costs.story.ago(days=39), costs.story.ago(days=14).replace(hour=0, minute=0)
    for first, last, count in ((start.replace(hour=0, minute=0), turn, 40), (turn, costs.story.now, 120)):
        costs.data.append({"namespace": "AWS/SageMaker", "metric": "Invocations", "dimensions": where, "from": iso(first), "to": iso(last), "every": 3600,
                           "values": [[[1, count]]]})


def notebook(costs):
    """It runs since a month."""
    story = costs.story
    story.at(days=30)
    story.client("sagemaker").create_notebook_instance(NotebookInstanceName="explore-cards", InstanceType="ml.t3.medium", RoleArn=story.serving_role)
    costs.truth.waste("notebook", "explore-cards", 50_500 * 730)
    costs.charge("USE1-Notebk:ml.t3.medium", 1_200_000, 24, None, start="2026-10-15")


def capacity(costs):
    """Model units of Bedrock: one that nobody uses, one that is used, one that is five days old."""
    story, truth = costs.story, costs.truth
    rows = []
    for name, days in (("chat-unused", 60), ("chat-used", 60), ("chat-young", 5)):
        arn = f"arn:aws:bedrock:{story.region}:{story.account}:provisioned-model/{name}"
        rows.append({"provisionedModelName": name, "provisionedModelArn": arn, "modelArn": HAIKU, "modelUnits": 1, "creationTime": iso(story.ago(days=days))})
    truth.fail(f"{story.account}/{story.region}", "CST-006", why="nobody has used its model units since it was bought")
    truth.waste("unused_capacity", "chat-unused")
    costs.series("AWS/Bedrock", "Invocations", {"ModelId": rows[1]["provisionedModelArn"]}, [[[1, 500]]], every=86400)
    profile = {"inferenceProfileName": "letters", "inferenceProfileId": "p1letters", "models": [{"modelArn": HAIKU}], "createdAt": iso(story.ago(days=60)),
               "inferenceProfileArn": f"arn:aws:bedrock:{story.region}:{story.account}:application-inference-profile/p1letters"}
    for metric, count in (("Invocations", [[1, 100]]), ("InputTokenCount", [[1000, 100]]), ("OutputTokenCount", [[200, 100]])):
        costs.series("AWS/Bedrock", metric, {"ModelId": "p1letters"}, [count], every=86400)
    return {"provisioned": rows, "profiles": [profile], "tags": {profile["inferenceProfileArn"]: {"owner": OWNER, "cost-center": "CC-1001"}}}


def recommendations(costs):
    """What AWS says itself: of an endpoint that is known to be idle, and of something else."""
    common = {"region": costs.story.region, "lastRefreshTimestamp": iso(costs.story.now - dt.timedelta(hours=20))}
    arn = f"arn:aws:sagemaker:{costs.story.region}:{costs.story.account}:endpoint/idle-dear"
    return [{**common, "recommendationId": "r-1", "resourceId": "idle-dear", "resourceArn": arn, "currentResourceType": "SageMakerEndpoint", "actionType": "Delete",
             "estimatedMonthlySavings": 1013.98},
            {**common, "recommendationId": "r-2", "resourceId": "i-0abc", "currentResourceType": "Ec2Instance", "actionType": "Stop", "estimatedMonthlySavings": 70.0}]

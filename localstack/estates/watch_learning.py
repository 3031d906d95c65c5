"""What is learnt from use: drift published elsewhere, criteria of retraining, feedback, business metrics, fairness; and guarded rollouts."""
from .story import instances, iso
from .watch_common import VARIANT
from .watch_truth import BROKEN, COVERED, MISSING, NOBODY, NOT_KNOWN, UNKNOWN

CANARY = {"TrafficRoutingConfiguration": {"Type": "CANARY", "WaitIntervalInSeconds": 600, "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1}},
          "TerminationWaitInSeconds": 300}
AT_ONCE = {"TrafficRoutingConfiguration": {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}}


def external_alive(watch):
    """A declared monitor elsewhere, whose heartbeat is a metric; no alarm here is on what it finds."""
    name = "external-alive"
    id_ = external(watch, name)
    watch.series("Bank/ExternalMonitors", "heartbeat", {"Monitor": name}, [1], every=3600)
    watch.truth.watched(id_, drift=[COVERED, UNKNOWN, MISSING], predictions_drift=[NOT_KNOWN, NOBODY])


def external_unseen(watch):
    """The same, and nothing shows that it lives."""
    id_ = external(watch, "external-unseen")
    watch.truth.watched(id_, drift=[UNKNOWN, MISSING], predictions_drift=[NOT_KNOWN, NOBODY])
    watch.truth.unknown(id_, "MON-009", why="a declared monitor that shows no sign of life")


def external(watch, name):
    id_ = watch.endpoint(name, name)
    watch.alarms(name, drift=None)
    watch.metrics(name, drift=False)
    return id_


def no_fairness(watch):
    """High risk, and nothing compares groups of persons."""
    id_ = watch.sound("fairness-unwatched", "loan-decisions")
    watch.truth.watched(id_, responsible_ai=MISSING)
    watch.truth.fail(id_, "MON-012", why="high risk without bias or segment metrics")


def without_criteria(watch):
    id_ = watch.sound("criteria-absent", "criteria-absent")
    watch.truth.fail(id_, "RSP-003", why="nothing says when to retrain")


def criterion_met(watch):
    """Precision has been below its limit for ten days, and no candidate came."""
    name = "criterion-met"
    id_ = watch.sound(name, name)
    precision(watch, name)
    watch.truth.fail(id_, "RSP-003", why="met for ten days, and no candidate")


def criterion_followed(watch):
    """The same, and a new version was registered five days later."""
    name = "criterion-followed"
    watch.sound(name, name)
    precision(watch, name)
    watch.candidates.append(name)


def precision(watch, name):
    where = {"Model": f"{name}-labels"}
    watch.series("Bank/Labels", "weekly_precision", where, [0.9], every=86400, days=37, until=10.5)
    watch.series("Bank/Labels", "weekly_precision", where, [0.7], every=86400, days=10)


def feedback_read(watch):
    """What investigators found is written each day, and a training job read it last week. Sound."""
    watch.sound("feedback-read", "feedback-read")
    watch.feedback.append(("feedback-read", (20, 9, 1), True))


def feedback_unread(watch):
    id_ = watch.sound("feedback-unread", "feedback-unread")
    watch.feedback.append(("feedback-unread", (20, 9, 1), False))
    watch.truth.fail(id_, "RSP-004", why="it grows, and no job ever read it")


def feedback_still(watch):
    id_ = watch.sound("feedback-still", "feedback-still")
    watch.feedback.append(("feedback-still", (37, 36), True))
    watch.truth.fail(id_, "RSP-004", why="nothing new for 36 days")


def business_fine(watch):
    id_ = business(watch, "business-fine", [0.031])
    watch.truth.watched(id_, business=COVERED)


def business_breached(watch):
    """Fewer customers convert than the limit allows."""
    id_ = business(watch, "business-breached", [0.012])
    watch.truth.watched(id_, business=[COVERED, BROKEN])


def business_silent(watch):
    """Nobody publishes what the manifest declares."""
    id_ = watch.sound("business-silent", "business-silent")
    watch.truth.watched(id_, business=[BROKEN, MISSING])


def business(watch, name, values):
    id_ = watch.sound(name, name)
    where = {"Product": name}
    watch.series("Bank/Business", "conversion", where, values, every=3600)
    watch.alarm(f"{name}-conversion", "conversion", where, "OK" if values[0] > 0.02 else "ALARM", since=37, Namespace="Bank/Business", Statistic="Average", Period=3600,
                EvaluationPeriods=1, Threshold=0.02, ComparisonOperator="LessThanThreshold", TreatMissingData="breaching")
    if values[0] <= 0.02:
        watch.truth.open(f"{name}-conversion", "RSP-002", "MON-005", why="in ALARM since it was made, where it is bound to the model at all")
    return id_


# --- rollouts --------------------------------------------------------------------------------------------------------
def canary(watch):
    """A canary that rolls back when its alarms ring. Sound."""
    rolled_out(watch, "canary", CANARY, ["canary-errors", "canary-latency"])


def canary_without_alarm(watch):
    """The alarm that should roll it back was renamed; nothing rings."""
    id_ = rolled_out(watch, "canary-without-alarm", CANARY, ["canary-without-alarm-5xx"])
    watch.truth.fail(id_, "DEP-002", why="its rollback alarm does not exist")


def all_at_once(watch):
    id_ = rolled_out(watch, "all-at-once", AT_ONCE, [])
    watch.truth.fail(id_, "DEP-002", why="all at once, and no alarm rolls it back")


def rolled_out(watch, name, policy, alarms):
    """Deployed a second time, by a policy."""
    id_ = watch.sound(name)
    sagemaker, version = watch.story.client("sagemaker", watch.story.release), watch.group("card-scoring")
    watch.story.model(f"{name}-m2", version.by_package)
    sagemaker.create_endpoint_config(EndpointConfigName=f"{name}-c2", ProductionVariants=[instances(VARIANT, f"{name}-m2")])
    watch.rollouts.append(lambda: sagemaker.update_endpoint(EndpointName=name, EndpointConfigName=f"{name}-c2", DeploymentConfig={
        "BlueGreenUpdatePolicy": policy, **({"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": alarm} for alarm in alarms]}} if alarms else {})}))
    return id_


# --- what happened since ---------------------------------------------------------------------------------------------
def roll_out(watch):
    watch.story.at(days=20)
    for call in watch.rollouts:
        call()


def collect(watch):
    """Feedback as it was written, day by day, and the jobs that read it."""
    held, moments = watch.story.buckets["bank-feedback"], sorted({d for _, days, _ in watch.feedback for d in days}, reverse=True)
    for days in moments:
        watch.story.at(days=days)
        for name, written, _ in watch.feedback:
            if days in written:
                watch.story.upload(held, f"{name}/{watch.story.time:%Y/%m/%d}.jsonl", b'{"case": 1, "fraud": true}\n')
    watch.story.at(days=6)
    for name, _, read in watch.feedback:
        if read:
            train(watch, f"{name}-weekly", f"s3://{held}/{name}/")


def train(watch, job, uri):
    story = watch.story
    story.client("sagemaker", story.release).create_training_job(
        TrainingJobName=job, RoleArn=story.serving_role, AlgorithmSpecification={"TrainingImage": story.image("training"), "TrainingInputMode": "File"},
        InputDataConfig=[{"ChannelName": "train", "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}}}],
        OutputDataConfig={"S3OutputPath": f"s3://{story.buckets['bank-models']}/trained/"}, StoppingCondition={"MaxRuntimeInSeconds": 3600},
        ResourceConfig={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": 10})
    end = iso(story.pass_time(1800).time)
    story.plant("TrainingJob", job, set={"TrainingJobStatus": "Completed", "TrainingEndTime": end, "LastModifiedTime": end})


def register_candidates(watch):
    watch.story.at(days=5)
    for name in watch.candidates:
        watch.story.register(watch.story.person("jan.devries"), name)


STORIES = [external_alive, external_unseen, no_fairness, without_criteria, criterion_met, criterion_followed, feedback_read, feedback_unread, feedback_still,
           business_fine, business_breached, business_silent, canary, canary_without_alarm, all_at_once]

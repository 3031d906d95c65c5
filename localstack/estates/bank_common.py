"""What most of the bank's models have in common."""
from .story import instances

VARIANT = "AllTraffic"
INSTANCES, COMPONENTS = "/aws/sagemaker/Endpoints", "/aws/sagemaker/InferenceComponents"
DRIFT_SPACE, DRIFT = "Bank/ModelQuality", "feature_drift_psi"


def by_the_book(story, group, days, by=None, approver=None, **package):
    """Register a version `days` ago and have it approved two days later, with a ticket."""
    story.at(days=days)
    version = story.register(by or story.person("jan.devries"), group, **package)
    story.at(days=days - 2)
    story.decide(version, approver or story.approver, ticket(version))
    return version


def ticket(version):
    number = 20000 + sum(version.arn.rsplit(":", 1)[-1].encode()) * 7 % 9000
    return f"CHG-{number} validated and accepted by model risk"


def tags(team, centre, stage="production", **more):
    return {"owner": f"{team}@bank.example", "cost-center": centre, "stage": stage, **more}


def one_after_another(story, endpoint, *models, days=(81, 38), tags, variant=VARIANT):
    """Deploy the models one after another to one variant, each so many days ago."""
    for number, (model, ago) in enumerate(zip(models, days), 1):
        story.at(days=ago)
        name = f"{endpoint}-m{number}"
        story.model(name, *(model if isinstance(model, tuple) else (model,)))
        story.deploy(endpoint, instances(variant, name), tags=tags)
    return name


def dimensions(endpoint, variant=VARIANT):
    return {"EndpointName": endpoint, "VariantName": variant}


def errors(story, name, where, owner, **how):
    return story.alarm(f"{name}-errors", "Invocation5XXErrors", where, how.pop("actions", [story.oncall]), owner=owner, **how)


def latency(story, name, where, owner, **how):
    """p95 above 250 ms; SageMaker counts in microseconds."""
    return story.alarm(f"{name}-latency", "ModelLatency", where, how.pop("actions", [story.oncall]), owner=owner, **{
        "Statistic": None, "ExtendedStatistic": "p95", "Threshold": 250000.0, **how})


def silence(story, name, where, owner, **how):
    return story.alarm(f"{name}-silence", "Invocations", where, how.pop("actions", [story.oncall]), owner=owner, **{
        "Threshold": 1.0, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching", **how})


def saturation(story, name, where, owner, **how):
    """Memory, which is a share of the whole on every kind of instance, and of a component."""
    space, metric = memory(where)
    return story.alarm(f"{name}-saturation", metric, where, how.pop("actions", [story.oncall]), owner=owner, **{
        "Namespace": space, "Statistic": "Average", "Threshold": 90.0, **how})


def memory(where):
    component = "InferenceComponentName" in where
    return (COMPONENTS, "MemoryUtilizationNormalized") if component else (INSTANCES, "MemoryUtilization")


def drift(story, name, where, owner, **how):
    """How far the inputs have moved since training; a job of the bank's own publishes it every hour."""
    return story.alarm(f"{name}-drift", DRIFT, where, how.pop("actions", [story.oncall]), owner=owner, **{
        "Namespace": DRIFT_SPACE, "Statistic": "Maximum", "Period": 3600, "EvaluationPeriods": 1, "Threshold": 0.2, **how})


def fairness(story, name, where, owner):
    """How far one segment of customers is treated otherwise than the rest, for what the bank rates as a high risk."""
    story.metric(DRIFT_SPACE, "treatment_gap", where, [0.01, 0.02], every=3600)
    return story.alarm(f"{name}-fairness", "treatment_gap", where, [story.oncall], owner=owner, Namespace=DRIFT_SPACE, Statistic="Maximum", Period=3600,
                       EvaluationPeriods=1, Threshold=0.05)


def quiet(story, where):
    """Forty requests in five minutes, four failures a day, answers within 120 ms, half the memory in use, little drift."""
    for metric, values in (("Invocations", [[[1, 40]]]), ("Invocation5XXErrors", [[[0, 40]]] * 72 + [[[0, 36], [1, 4]]] + [[[0, 40]]] * 215),
                           ("ModelLatency", [[[90e3, 20], [110e3, 18], [120e3, 2]]])):
        story.metric("AWS/SageMaker", metric, where, values)
    space, metric = memory(where)
    story.metric(space, metric, where, [35, 55, 70])
    story.metric(DRIFT_SPACE, DRIFT, where, [0.05, 0.08, 0.12, 0.07], every=3600)


def watched(story, name, where, owner, **how):
    """The five alarms that a live version needs (errors, latency, silence, saturation, drift), and what they watch."""
    quiet(story, where)
    return [make(story, name, where, owner, **how) for make in (errors, latency, silence, saturation, drift)]

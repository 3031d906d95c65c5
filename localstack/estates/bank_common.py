"""What most of the bank's models have in common."""
from .story import instances

VARIANT = "AllTraffic"


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


def watched(story, name, where, owner, **how):
    """The three alarms that a live version needs: errors, latency, silence."""
    return [make(story, name, where, owner, **how) for make in (errors, latency, silence)]

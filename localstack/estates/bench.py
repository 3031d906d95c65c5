"""The size that the benchmark is about: 60 endpoints on 60 models, 300 packages in 60 groups, 120 alarms, 20 buckets, 2 topics.

Four versions of each group are from before the event history; only the fifth serves. Latency is not watched (MON-002)."""
from concurrent.futures import ThreadPoolExecutor

from .bank_common import VARIANT, dimensions, errors, silence, tags
from .story import instances
from .truth import OPERATE

NOW = "2026-11-20T09:00:00Z"
POLICY = "plain.toml"
ENDPOINTS, VERSIONS, BUCKETS = 60, 5, 20


def seed(story):
    story.pace = 0
    story.at(days=200)
    for i in range(BUCKETS):
        story.bucket(f"models-{i:02}")
    story.oncall = story.topic("ml-oncall", "email", "ml-oncall@bank.example")
    other = story.topic("ml-paging", "sms", "+15555550100")
    jan, maria = story.person("jan.devries"), story.person("maria.lopez", "ModelApprover")
    story.client("sagemaker", jan), story.client("sagemaker", maria), story.client("cloudwatch"), story.client("s3")
    groups = [f"model-{i:02}" for i in range(ENDPOINTS)]
    live = {}

    def version(group):
        live[group] = story.register(jan, group, bucket=f"models-{int(group[-2:]) % BUCKETS:02}")

    with ThreadPoolExecutor(4) as pool:
        each = lambda do: list(pool.map(do, groups))
        for number in range(VERSIONS):
            story.at(days=200 - 20 * number if number < VERSIONS - 1 else 41)
            each(version)
            story.at(days=199 - 20 * number if number < VERSIONS - 1 else 40)
            each(lambda group: story.decide(live[group], maria, "CHG-20001 accepted by model risk"))
        story.at(days=39)
        each(lambda group: story.deploy(group, instances(VARIANT, story.model(f"{group}-m5", live[group].by_package)), tags=tags("models", "CC-1")))
        each(lambda group: errors(story, f"{group}-{VARIANT}", dimensions(group), "models@bank.example"))
        each(lambda group: silence(story, f"{group}-{VARIANT}", dimensions(group), "models@bank.example", actions=[other]))
    for group in groups:
        id_ = story.truth.live("variant", group, VARIANT, verdict=OPERATE, package=live[group])
        story.truth.fail(id_, "MON-002", why="no latency alarm")

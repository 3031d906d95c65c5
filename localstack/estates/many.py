"""Many live versions of one small kind, every tenth of them with a fault: for paging, for long reports."""
from concurrent.futures import ThreadPoolExecutor

from .bank_common import VARIANT, dimensions, tags, watched
from .story import instances
from .truth import FIX, OPERATE

NOW = "2026-11-20T09:00:00Z"
POLICY = "plain.toml"


def seed(story):
    story.pace = 0
    story.at(days=41)
    story.bucket("bank-models")
    story.oncall = story.topic("ml-oncall", "email", "ml-oncall@bank.example")
    jan, maria = story.person("jan.devries"), story.person("maria.lopez", "ModelApprover")
    versions = {}
    for i in range(story.size):
        group = f"model-{i:05}"
        versions[group] = [story.register(jan, group) for _ in range(2)]
    story.at(days=40)
    for pair in versions.values():
        for version in pair:
            story.decide(version, maria, "CHG-20001 accepted by model risk")
    story.at(days=39)
    for group, (_, version) in versions.items():
        name = story.model(f"{group}-m2", version.by_package)
        story.deploy(group, instances(VARIANT, name), tags=tags("models", "CC-1"))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda group: watched(story, f"{group}-{VARIANT}", dimensions(group), "models@bank.example"), versions))
    story.settle_alarms()
    story.at(days=2)
    for i, (group, (_, version)) in enumerate(versions.items()):
        faulty = i % 10 == 9
        if faulty:
            story.decide(version, maria, "CHG-20002 looked at once more", status="PendingManualApproval")
        id_ = story.truth.live("variant", group, VARIANT, verdict=FIX if faulty else OPERATE, package=version)
        if faulty:
            story.truth.fail(id_, "APR-001", "APR-005", why="taken back to pending two days ago")

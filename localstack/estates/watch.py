"""What watches: each way in which an alarm, a monitor or a rollout can fail to do its work, planted once, each on a live version of its
own that is otherwise sound; beside wholly sound ones of every kind of hosting.

Everything was registered 41 days ago, approved a day later and deployed 38 days ago. The truth is in watch_truth.py's words.
"""
from . import watch_alarms, watch_delivery, watch_learning, watch_monitors, watch_sound
from .bank_evidence import closed
from .watch_common import Watch
from .watch_truth import WatchTruth

NOW = "2026-11-20T09:00:00Z"
POLICY = "watch.toml"
MONITORING = "777788889999"  # beside 111122223333, as the policy has it


def monitoring_id(account):
    """The account that watches all others, of an estate that was seeded into another account."""
    return MONITORING if account == "111122223333" else f"8{account[1:]}"


def seed(story):
    story.pace = 0
    story.truth = WatchTruth(story.account, story.region, story.truth.as_of)
    watch = Watch(story)
    story.at(days=60)
    for name in ("bank-models", "bank-monitoring", "bank-feedback"):
        story.bucket(name)
    closed(story, "bank-models")
    for role in ("ci-release", "ml-serving"):
        story.make_role(role)
    story.oncall = story.topic("ml-oncall", "email", "ml-oncall@bank.example")
    story.approver = story.person("maria.lopez", "ModelApprover")
    story.monitoring = monitoring_account(story)
    watch_monitors.baselines(watch, "v1")
    register(watch)
    story.at(days=38)
    for part in (watch_sound, watch_alarms, watch_delivery, watch_monitors, watch_learning):
        for tell in part.STORIES:
            tell(watch)
    watch.make_alarms()
    watch_learning.roll_out(watch)
    watch_learning.collect(watch)
    watch_learning.register_candidates(watch)
    watch_sound.run_batches(watch)
    watch_monitors.arrive(watch)
    watch_monitors.write_reports(watch)
    story.faults(watch.faults)
    watch.finish()


GROUPS = ("card-scoring", "vendor-watched", "fraud-detection", "credit-decisions", "loan-decisions", "document-check", "statement-summaries", "assistant-base",
          "portfolio-risk", "external-alive", "external-unseen", "criteria-absent", "criterion-met", "criterion-followed", "feedback-read", "feedback-unread",
          "feedback-still", "business-fine", "business-breached", "business-silent")


def register(watch):
    """Two versions of each group, then their approvals a day later, then the baselines of the second."""
    story, jan = watch.story, watch.story.person("jan.devries")
    story.at(days=41)
    versions = {group: [story.register(jan, group) for _ in range(2)] for group in GROUPS}
    story.at(days=40)
    for group, pair in versions.items():
        for version in pair:
            story.decide(version, story.approver, "CHG-20001 validated and accepted by model risk")
        watch.versions[group] = pair[-1]
    watch_monitors.baselines(watch, "v2")
    watch_monitors.registered_with_baselines(watch)


def monitoring_account(story):
    """The account that watches all others, which is read through a role of its own."""
    there = story.beside(monitoring_id(story.account))
    there.make_role("governance-reader", trust={
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{story.account}:root"},
        "Condition": {"StringEquals": {"sts:ExternalId": "bank-reader"}}})
    return there

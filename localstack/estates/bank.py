"""A bank's account: models over every serving path, sound ones, and each fault that a control can find, planted once.

The story covers the 90 days that CloudTrail's event history holds, the 120 days of the audit trail's log files, and for one old model
the time before. Every version
is registered by a data scientist, approved by a person of model risk and deployed by the release pipeline, unless its
function says otherwise; everything that is not said to be wrong is right.
"""
from . import bank_evidence, bank_faults, bank_hostile, bank_sound

NOW = "2026-11-20T09:00:00Z"
POLICY = "bank.toml"


def seed(story):
    story.at(days=200)
    story.bucket("bank-models")
    story.bucket("bank-scratch")
    story.bucket("bank-datalab", versioning=None)
    bank_evidence.closed(story, "bank-models")
    for role in ("ci-release", "ci-training", "ci-batch", "ci-promote", "ml-team-shared", "quality-gate-lambda"):
        story.make_role(role)
    story.make_role("ml-serving", trust={"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "sagemaker.amazonaws.com"}})
    story.oncall = story.topic("ml-oncall", "email", "ml-oncall@bank.example")
    story.paging = story.topic("ml-paging", "sms", "+15555550100")
    story.unheard = story.topic("ml-dashboards", "email", "ml-dashboards@bank.example", confirmed=False)
    story.approver = story.person("maria.lopez", "ModelApprover")
    bank_evidence.studio(story)
    bank_evidence.audit_trail(story)
    for part in (bank_sound, bank_faults, bank_evidence, bank_hostile):
        for tell in part.STORIES:
            tell(story)
    story.at(days=1)
    story.settle_alarms()
    bank_evidence.delivered(story)

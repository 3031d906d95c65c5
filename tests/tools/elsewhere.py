#!/usr/bin/env python3
"""Evidence in several accounts, told to the emulator at AWS_ENDPOINT_URL with real calls.

    tests/tools/elsewhere.py trail ACCOUNT                 a model whose approval is in the log files of a trail
    tests/tools/elsewhere.py registry REGISTRY SERVING     a model that is registered and approved in one account and serves in another

Prints the clock at the end, in seconds.
"""
import datetime as dt
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "localstack"))
from estates import tale
from estates.story import Story, instances


def story(account):
    return Story(os.environ["AWS_ENDPOINT_URL"], account, "us-east-1", dt.datetime.fromisoformat(tale.NOW))


def trail(account):
    told = tale.Tale(story(account))
    for step in ["begin", "create", "approve", "deploy", "deliver"]:
        told.play(step, 1)
    return told.story


def registry(owner, serving):
    told = tale.Tale(story(owner))
    for step in ["begin", "create", "approve"]:
        told.play(step, 1)
    who = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{serving}:root"}, "Action": "sagemaker:*", "Resource": "*"}
    told.story.client("sagemaker").put_model_package_group_policy(
        ModelPackageGroupName=tale.GROUP, ResourcePolicy=json.dumps({"Version": "2012-10-17", "Statement": [who]}))
    there = story(serving).at(days=-told.day - 1)
    name = there.model("scoring", told.version.by_package)
    there.deploy(tale.ENDPOINT, instances(tale.VARIANT, name), tags={"owner": "retail-credit@bank.example", "cost-center": "CC-4103"})
    told.story.at(days=-told.day - 2)
    return there.at(days=-told.day - 2)


if __name__ == "__main__":
    print(int({"trail": trail, "registry": registry}[sys.argv[1]](*sys.argv[2:]).time.timestamp()))

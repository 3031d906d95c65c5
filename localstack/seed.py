#!/usr/bin/env python3
"""Seed an estate into the emulator at AWS_ENDPOINT_URL with real API calls, while its account's clock moves through the story.

    python3 localstack/seed.py bank                    # into account 111122223333, clock left at the end of the story
    python3 localstack/seed.py bank --truth truth.json --policy countersign.toml
    python3 localstack/seed.py bank --check            # into a fresh account, and compare it with what the truth says
    python3 localstack/seed.py many --size 500

Estates: bank, bench, costs, empty, many, organization, watch (see estates/). The account must be empty: any 12-digit number is an account of its own,
and a client whose access key id is that number reads it. Names and contents are the same each time.
"""
import argparse
import datetime as dt
import importlib
import os
import random
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def with_boto(script=__file__):
    """The emulator's virtual environment has the botocore that the emulator speaks: go on in there."""
    home = Path(os.environ.get("COUNTERSIGN_EMULATOR_HOME") or HERE / ".state")
    python = home / "venv/bin/python"
    if Path(sys.prefix) == home / "venv":
        return
    if not python.exists():
        sys.exit("start the emulator first: python3 localstack/emulator.py up")
    os.execv(python, [str(python), script, *sys.argv[1:]])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("estate", choices=["bank", "bench", "costs", "empty", "many", "organization", "watch"])
    parser.add_argument("--account", help="default 111122223333, or with --check a fresh one")
    parser.add_argument("--region", default="us-east-1")
    parser.add_argument("--truth", metavar="FILE", help="write what the estate is expected to show")
    parser.add_argument("--policy", metavar="FILE", help="write the estate's countersign.toml, its account and dates fitted")
    parser.add_argument("--now", metavar="ISO", help="end of the story (each estate has a default)")
    parser.add_argument("--live-clock", action="store_true", help="end the story now, and let the clock go on")
    parser.add_argument("--size", type=int, default=100, help="live versions of `many`")
    parser.add_argument("--check", action="store_true", help="probe that the emulator holds what the truth says")
    return parser.parse_args()


def fitted(text, story, default):
    """The policy for another account, other accounts beside it and another day: all stand in it literally."""
    from estates.bank_evidence import REGISTRY, registry_account
    from estates.watch import MONITORING, monitoring_id

    text = text.replace(REGISTRY, registry_account(story.account)).replace(MONITORING, monitoring_id(story.account))
    shift = story.now.date() - dt.datetime.fromisoformat(default).date()
    move = lambda m: str(dt.date.fromisoformat(m[0]) + shift)
    return re.sub(r"\b\d{4}-\d{2}-\d{2}(?=T|\b)", move, text.replace("111122223333", story.account).replace("us-east-1", story.region))


def main():
    asked = arguments()
    with_boto()
    sys.path.insert(0, str(HERE))
    from estates.story import UTC, Story

    estate = importlib.import_module(f"estates.{asked.estate}")
    account = asked.account or (f"{random.randrange(10**11, 7 * 10**11)}" if asked.check else "111122223333")
    if not re.fullmatch(r"\d{12}", account):
        sys.exit(f"an account is 12 digits, not {account!r}")
    now = dt.datetime.now(UTC).replace(microsecond=0) if asked.live_clock else dt.datetime.fromisoformat(asked.now or estate.NOW)
    story = Story(os.environ.get("AWS_ENDPOINT_URL") or "http://127.0.0.1:4566", account, asked.region, now)
    story.size, story.live_clock = asked.size, asked.live_clock
    started = dt.datetime.now()
    estate.seed(story)
    story.end()
    if asked.truth:
        story.truth.write(asked.truth)
    if asked.policy:
        Path(asked.policy).write_text(fitted((HERE / "estates" / estate.POLICY).read_text(), story, estate.NOW))
    live, fails = len(story.truth.versions), sum(f["status"] == "fail" for f in story.truth.findings)
    print(f"{asked.estate}: account {account}, {live} live versions, {fails} planted failures, "
          f"{(dt.datetime.now() - started).total_seconds():.1f} s", file=sys.stderr)
    if asked.check:
        from estates import check

        sys.exit(check.check(story, asked.estate))


if __name__ == "__main__":
    main()

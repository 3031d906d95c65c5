#!/usr/bin/env python3
"""Play a model's life into the emulator at AWS_ENDPOINT_URL, step by step: each line of standard input is a step of estates/tale.py
and, where it is not one, the number of days after the step before; each answer is one line of JSON.

    printf 'begin\\ncreate\\napprove\\ndeploy 2\\nwait 120\\n' | python3 localstack/tell.py 123456789012
"""
import datetime as dt
import os
import sys

from seed import HERE, with_boto


def main():
    account = sys.argv[1]
    with_boto(__file__)
    sys.path.insert(0, str(HERE))
    from estates import tale
    from estates.story import Story

    story = Story(os.environ.get("AWS_ENDPOINT_URL") or "http://127.0.0.1:4566", account, "us-east-1", dt.datetime.fromisoformat(tale.NOW))
    story.at()
    tale.listen(tale.Tale(story), sys.stdin, sys.stdout)


if __name__ == "__main__":
    main()

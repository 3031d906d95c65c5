#!/usr/bin/env python3
"""Makes a large snapshot out of a recorded one, by copying its facts under new names.

    countersign collect --region us-east-1 --out small.json        # plain JSON, not .zst
    grow.py small.json large.json --copies 700

In each copy the endpoints, configs, models, groups, packages, components, jobs and alarms get a number behind their names,
wherever a name occurs in a fact: ARNs, artifact keys, dimensions, rules, event parameters. Topics, buckets, mute rules and how
far events were read stay as they are, once. The result is synthetic; an estate of that size has the same shape but
other names. Standard library only.
"""
import argparse
import json
import re
import sys
from pathlib import Path

NAMED = ("endpoints", "endpoint_configs", "models", "inference_components", "transform_jobs", "package_groups", "packages", "alarms")
ONCE = ("topics", "buckets", "mute_rules", "event_windows")
# Where a number goes, and where the number of a call goes: no recorded text holds such characters.
NUMBER, CALL = "\ue000", "\ue001"


def marked(value, names):
    """The value with a mark behind every name in its texts."""
    if isinstance(value, str):
        return names.sub(lambda found: found[0] + NUMBER, value)
    if isinstance(value, list):
        return [marked(item, names) for item in value]
    if isinstance(value, dict):
        return {key: marked(item, names) for key, item in value.items()}
    return value


def fact(given, names):
    data = marked(given["data"], names)
    if "id" in data and "identity" in data:  # an event: its id is unique
        data["id"] += NUMBER
    return {**given, "seen": [f"{CALL}{id}{CALL}" for id in given["seen"]], "data": data}


class Template:
    """JSON text that can be written again and again with other numbers in it."""

    def __init__(self, values):
        text = ",".join(json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in values)
        text = re.sub(f'"{CALL}([0-9]+){CALL}"', f"{CALL}\\1{CALL}", text)
        self.parts = re.split(f"({NUMBER}|{CALL}[0-9]+{CALL})", text)

    def __bool__(self):
        return self.parts != [""]

    def write(self, out, copy, calls):
        parts = self.parts.copy()
        for at in range(1, len(parts), 2):
            mark = parts[at]
            parts[at] = f"-{copy:05}" if mark == NUMBER else str(int(mark.strip(CALL)) + copy * calls)
        out.write("".join(parts))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("small", type=Path)
    parser.add_argument("large", type=Path)
    parser.add_argument("--copies", type=int, required=True)
    args = parser.parse_args()
    given = args.small.read_bytes()
    if given.startswith(b"\x28\xb5\x2f\xfd"):
        sys.exit(f"{args.small} is compressed; collect into a file that does not end in .zst")
    snapshot = json.loads(given)
    facts, calls = snapshot["facts"], snapshot["calls"]
    known = {row["data"].get("name") for kind in NAMED for row in facts.get(kind, ())} - {None}
    longest_first = "|".join(re.escape(name) for name in sorted(known, key=len, reverse=True))
    # The case is AWS's to choose; "a" is not in "a-b", nor "b" in "a-b".
    names = re.compile(f"(?<![A-Za-z0-9-])(?:{longest_first})(?![A-Za-z0-9-])", re.IGNORECASE)

    with args.large.open("w") as out:
        head = {key: value for key, value in snapshot.items() if key not in ("facts", "calls", "gaps")}
        out.write(json.dumps(head, ensure_ascii=False)[:-1])
        copies = {"calls": Template([marked(call, names) for call in calls])}
        copies |= {kind: Template([fact(row, names) for row in rows]) for kind, rows in facts.items()}
        copies["gaps"] = Template([marked(gap, names) for gap in snapshot["gaps"]])

        def write(kind):
            out.write(f'"{kind}":[')
            wanted = range(1 if kind in ONCE or not copies[kind] else args.copies)
            for copy in wanted:
                out.write("," if copy else "")
                copies[kind].write(out, copy, len(calls))
            out.write("]")

        out.write(",")
        write("calls")
        out.write(',"facts":{')
        for at, kind in enumerate(facts):
            out.write("," if at else "")
            write(kind)
        out.write("},")
        write("gaps")
        out.write("}\n")


if __name__ == "__main__":
    main()

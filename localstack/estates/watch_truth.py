"""What the estate `watch` is expected to show, written by hand: coverage by signal, from fault to human, findings.

Minutes from a fault to a human. A fault begins at any moment of a period of P minutes. An alarm wants M periods that breach.
The period in which the fault begins breaches if enough of it is left: `least` minutes.

* At best it begins with just `least` minutes left: they and M - 1 whole periods more, least + (M - 1)P.
* At worst it begins with a moment less: that period is lost, and M whole ones follow, least + MP, and CloudWatch's own delay of up
  to two minutes (a minute until the data point is there, a minute until the next evaluation).

Silence is different. Without requests there are no points, and CloudWatch looks further back than the N periods of the rule, by an
amount that it does not tell: one to five periods. As long as one point of before lies in that range, it is judged by it. So N + 1 to N + 5
periods must be without points: (N + 1)P at best, and at worst (N + 5)P after a period that still had its first request.

What a job or a monitor publishes now and then is late by up to the time between two of its runs; a monitor of SageMaker begins up to twenty
minutes late and may run for the rest of an hour (EXECUTION).
"""
import math

from .truth import Truth

SIGNALS = ("errors", "latency", "saturation", "silence", "drift", "responsible_ai", "business")
FAULTS = ("requests_fail", "latency_triples", "traffic_stops", "instance_saturates", "predictions_drift")
COVERED, BROKEN, MISSING, NOT_APPLICABLE, UNKNOWN = "covered", "broken", "missing", "not_applicable", "unknown"
NOBODY = {"told": "nobody"}
NOT_KNOWN = {"told": "unknown"}
CANNOT_HAPPEN = {"told": "not_applicable"}
DELAY = 2  # minutes
EXECUTION = 60  # minutes
LOOK_BACK = (1, 5)  # periods beyond those of the rule
CODES = [*(f"MON-{n:03}" for n in range(1, 13)), *(f"RSP-{n:03}" for n in range(1, 5)), "DEP-002"]


def human(first, last, whom):
    return {"told": "human", "minutes": [math.floor(first), math.ceil(last)], "whom": whom}


def told_in(whom, period=5, m=3, least=0.0):
    return human(least + (m - 1) * period, least + m * period + DELAY, whom)


def silent_for(whom, period=5, n=3):
    return human((n + LOOK_BACK[0]) * period, period + (n + LOOK_BACK[1]) * period + DELAY, whom)


class WatchTruth(Truth):
    """`fail` and `unknown` are complete for the controls of CODES; `open` is what this truth leaves open, with the reason."""

    def __init__(self, account, region, as_of):
        super().__init__(account, region, as_of)
        self.left_open, self.alarms = [], {}

    def watched(self, id_, **signals):
        """Changes what is expected of signals or faults of a live version."""
        row = next(row for row in self.versions if row["id"] == id_)
        for name, value in signals.items():
            row["coverage" if name in SIGNALS else "faults"][name] = value

    def defect(self, alarm, *words):
        """Words that say what is wrong with an alarm: the report uses them, in whatever sentence."""
        self.alarms.setdefault(alarm, []).extend(words)

    def open(self, subject, *codes, why):
        self.left_open += [{"code": code, "subject": subject, "why": why} for code in codes]

    def document(self):
        return {**super().document(), "codes": CODES, "alarms": self.alarms, "open": self.left_open}

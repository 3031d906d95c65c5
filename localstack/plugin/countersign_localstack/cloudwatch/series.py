"""Data points, series by series: those that were put one by one, and patterns that a seeder planted, which take no room."""
import bisect
import datetime as dt
import math
import re
from dataclasses import dataclass, field

from .. import clock

UTC = dt.timezone.utc
STORE: dict[tuple[str, str], dict[tuple, "Series"]] = {}  # (account, region) -> {(namespace, name, dimensions): series}
# How long points are kept by the period that they are asked for at, as AWS keeps them.
KEPT = ((3600, 455), (300, 63), (60, 15), (1, 0.125))


@dataclass(frozen=True)
class Sample:
    """What was published for one instant: as many observations as `pairs` holds (value, times), or their statistics alone."""

    count: float
    sum: float
    min: float
    max: float
    pairs: tuple | None = None

    @staticmethod
    def of(pairs):
        pairs = tuple((float(value), float(times)) for value, times in pairs if times)
        values = [value for value, _ in pairs]
        return Sample(sum(n for _, n in pairs), sum(v * n for v, n in pairs), min(values), max(values), pairs) if pairs else None

    def with_(self, other):
        pairs = None if self.pairs is None or other.pairs is None else self.pairs + other.pairs
        return Sample(self.count + other.count, self.sum + other.sum, min(self.min, other.min), max(self.max, other.max), pairs)


@dataclass
class Pattern:
    """Samples that repeat every `step` seconds from `start` until before `end`; None leaves a hole."""

    start: int
    end: int
    step: int
    samples: list


@dataclass
class Series:
    times: list = field(default_factory=list)
    samples: list = field(default_factory=list)
    patterns: list = field(default_factory=list)

    def put(self, moment, sample):
        if sample is not None:
            at = bisect.bisect_right(self.times, moment)
            self.times.insert(at, moment)
            self.samples.insert(at, sample)

    def between(self, start, end):
        """(instant, sample) from `start` until before `end`, in no order."""
        for i in range(bisect.bisect_left(self.times, start), bisect.bisect_left(self.times, end)):
            yield self.times[i], self.samples[i]
        for pattern in self.patterns:
            first = max(0, -(-(start - pattern.start) // pattern.step))
            for number in range(first, -(-(min(end, pattern.end) - pattern.start) // pattern.step)):
                if (sample := pattern.samples[number % len(pattern.samples)]) is not None:
                    yield pattern.start + number * pattern.step, sample

    def points(self, stat, period, start, end):
        """{beginning of a period: statistic}, periods counted from `start`."""
        held, known = {}, {}
        for moment, sample in self.between(start, end):
            begun = moment - (moment - start) % period
            held[begun] = held[begun].with_(sample) if begun in held else sample
        for begun, sample in held.items():
            if id(sample) not in known:  # a pattern repeats the same few samples
                known[id(sample)] = statistic(sample, stat)
            held[begun] = known[id(sample)]
        return {begun: value for begun, value in held.items() if value is not None}

    def newest(self, now):
        """The latest instant not after `now` that has a point."""
        put = self.times[bisect.bisect_right(self.times, now) - 1:][:1] if self.times and self.times[0] <= now else []
        planted = [max((t for t, _ in self.between(max(p.start, min(now, p.end) - p.step * len(p.samples)), now + 1)), default=None)
                   for p in self.patterns if p.start <= now]
        return max([t for t in [*put, *planted] if t is not None], default=None)


def account_series(account, region):
    return STORE.setdefault((account, region), {})


def key(namespace, name, dimensions):
    return namespace, name, tuple(sorted((d["Name"], d["Value"]) for d in dimensions or []))


def series(account, region, *which):
    return account_series(account, region).setdefault(key(*which), Series())


def window(account, period, start, end):
    """Where points are looked for: from a start that is rounded down by its age, as far as points of this period are kept."""
    now = int(clock.now(account).timestamp())
    age = (now - start) / 86400
    grain = 3600 if age > 63 else 300 if age > 15 else 60
    start -= start % min(grain, period) if period < 60 else start % grain
    kept = next((days for least, days in KEPT if period % least == 0), KEPT[-1][1])
    oldest = now - int(kept * 86400)
    if start < oldest:
        start += -(-(oldest - start) // period) * period
    return start, min(end, now + 7200)


def statistic(sample, stat):
    """A statistic of one period; None where AWS has none, such as a percentile of what was published as sums."""
    simple = {"Sum": sample.sum, "SampleCount": sample.count, "Minimum": sample.min, "Maximum": sample.max}
    if stat in simple:
        return simple[stat]
    if stat == "Average":
        return sample.sum / sample.count
    if sample.pairs is None and sample.min != sample.max:
        return None
    pairs = sorted(sample.pairs or [(sample.min, sample.count)])
    if m := re.fullmatch(r"p(\d+(?:\.\d+)?)", stat):
        return percentile(pairs, float(m[1]))
    low, high = None, None
    if m := re.fullmatch(r"(tm|wm|tc|ts)(\d+(?:\.\d+)?)", stat):
        low, high, stat = None, percentile(pairs, float(m[2])), m[1]
    elif m := re.fullmatch(r"(TM|WM|TC|TS|PR)\((\d*\.?\d*)(%?):(\d*\.?\d*)%?\)", stat):
        bound = lambda text: None if not text else percentile(pairs, float(text)) if m[3] or "%" in stat else float(text)
        low, high, stat = bound(m[2]), bound(m[4]), m[1].lower()
    elif stat == "IQM":
        low, high, stat = percentile(pairs, 25), percentile(pairs, 75), "tm"
    else:
        return None
    within = [(v, n) for v, n in pairs if (low is None or v >= low) and (high is None or v <= high)]
    count, total = sum(n for _, n in within), sum(v * n for v, n in within)
    if stat == "wm":
        clamped = [(min(max(v, low if low is not None else v), high if high is not None else v), n) for v, n in pairs]
        return sum(v * n for v, n in clamped) / sample.count
    return {"tm": total / count if count else None, "tc": count, "ts": total, "pr": 100 * count / sample.count}[stat]


def percentile(pairs, share):
    """The smallest value that `share` percent of the observations do not exceed."""
    wanted, seen = math.ceil(sum(n for _, n in pairs) * share / 100), 0
    for value, times in pairs:
        seen += times
        if seen >= wanted:
            return value
    return pairs[-1][0]


def read_sample(value):
    """A planted value: a number (one observation), [[value, times], …], {"Sum", "SampleCount", "Minimum", "Maximum"}, or null."""
    if value is None:
        return None
    if isinstance(value, dict):
        return Sample(value["SampleCount"], value["Sum"], value["Minimum"], value["Maximum"])
    return Sample.of(value if isinstance(value, list) else [(value, 1)])


def plant(request):
    """POST [{"account", "region", "namespace", "metric", "dimensions": {name: value}, "from", "to", "every": seconds, "values": [...]}]

    The values repeat from `from` until before `to`, one every so many seconds, of any age. `clear` empties the series first."""
    rows = request.get_json(force=True)
    for row in rows:
        dimensions = [{"Name": k, "Value": v} for k, v in row.get("dimensions", {}).items()]
        held = series(row.get("account", "000000000000"), row.get("region", "us-east-1"), row["namespace"], row["metric"], dimensions)
        if row.get("clear"):
            held.times, held.samples, held.patterns = [], [], []
        if "values" in row:
            begin, end = (int(clock.parse(row[k]).timestamp()) for k in ("from", "to"))
            held.patterns.append(Pattern(begin, end, int(row["every"]), [read_sample(v) for v in row["values"]]))
    return {"planted": len(rows)}

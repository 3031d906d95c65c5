"""GetMetricData's queries, evaluated in the order in which they name each other: statistics, metric maths, SEARCH, Metrics Insights.

A series is {instant: value}, a list of series is what METRICS() and SEARCH give, a number is a scalar."""
import ast
import math
import re

from localstack.aws.api import CommonServiceException

from .insights import insights
from .metric_search import find
from .series import account_series, key, window


def wrong(text):
    raise CommonServiceException("ValidationError", f"Error in expression '{text}'", 400, True)


class Asked:
    def __init__(self, context, queries, start, end):
        self.context, self.start, self.end = context, start, end
        self.queries, self.known, self.open = {q["Id"]: q for q in queries}, {}, set()

    def answers(self, id_):
        """[(label, {instant: value})] of one query: one row, or as many as it finds."""
        query, value = self.queries[id_], self.value(id_)
        rows = []
        for one in value if isinstance(value, list) else [value]:
            label = query.get("Label") or (getattr(one, "label", None) if isinstance(one, dict) else None) or id_
            if metric := (query.get("MetricStat") or {}).get("Metric"):
                label = query.get("Label") or metric["MetricName"]
            rows.append((label, one if isinstance(one, dict) else dict.fromkeys(self.grid(self.period(id_)), one)))
        return rows

    def value(self, id_):
        if id_ not in self.known:
            if id_ in self.open:
                wrong(self.queries[id_]["Expression"])  # it names itself
            self.open.add(id_)
            query = self.queries[id_]
            self.known[id_] = self.measured(query) if query.get("MetricStat") else self.computed(query)
        return self.known[id_]

    def measured(self, query):
        stat = query["MetricStat"]
        metric = stat["Metric"]
        return self.points(query.get("AccountId") or self.context.account_id, key(metric["Namespace"], metric["MetricName"], metric.get("Dimensions")),
                           stat["Stat"], stat["Period"])

    def points(self, account, which, stat, period):
        held = account_series(account, self.context.region).get(which)
        return Labelled(held.points(stat, period, *window(account, period, self.start, self.end)) if held else {}, which)

    def computed(self, query):
        text = query["Expression"]
        if re.match(r"\s*SELECT\b", text, re.I):
            rows = account_series(query.get("AccountId") or self.context.account_id, self.context.region)
            period = query.get("Period") or 300
            return [Labelled(points, None, label) for label, points in
                    insights(text, rows, lambda which, stat: self.points(self.context.account_id, which, stat, period), wrong)]
        return Expression(self, query).value()

    def period(self, id_, seen=()):
        """The period of an expression is its own, or the longest of what it names."""
        query = self.queries[id_]
        if query.get("MetricStat"):
            return query["MetricStat"]["Period"]
        if query.get("Period"):
            return query["Period"]
        named = [w for w in re.findall(r"[a-z]\w*", query["Expression"]) if w in self.queries and w != id_ and w not in seen]
        if "METRICS(" in query["Expression"].upper():
            named += [k for k, q in self.queries.items() if q.get("MetricStat")]
        return max([self.period(w, (*seen, id_)) for w in named], default=300)

    def grid(self, period):
        start, end = window(self.context.account_id, period, self.start, self.end)
        return range(start, end, period)


class Labelled(dict):
    """A series that knows which metric it is."""

    def __init__(self, points=(), which=None, label=None):
        super().__init__(points)
        self.which, self.label = which, label or (which and " ".join([v for _, v in which[2]] + [which[1]]))


OPERATORS = {
    ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b, ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a ** b, ast.Gt: lambda a, b: float(a > b), ast.GtE: lambda a, b: float(a >= b), ast.Lt: lambda a, b: float(a < b),
    ast.LtE: lambda a, b: float(a <= b), ast.Eq: lambda a, b: float(a == b), ast.NotEq: lambda a, b: float(a != b)}
EACH = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor, "LOG": math.log, "LOG10": math.log10}
OVER = {"SUM": sum, "AVG": lambda v: sum(v) / len(v), "MIN": min, "MAX": max,
        "STDDEV": lambda v: math.sqrt(sum((x - sum(v) / len(v)) ** 2 for x in v) / len(v))}


class Expression:
    def __init__(self, asked, query):
        self.asked, self.query = asked, query
        self.period = asked.period(query["Id"])

    def value(self):
        text = self.query["Expression"]
        try:
            return self.run(ast.parse(re.sub(r"\bAND\b", " and ", re.sub(r"\bOR\b", " or ", _bare(text))).strip(), mode="eval").body)
        except (SyntaxError, ValueError, IndexError, TypeError, OverflowError):
            wrong(text)

    def run(self, node):
        if isinstance(node, ast.Name) and node.id in self.asked.queries:
            return self.asked.value(node.id)
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.List):
            return [self.run(e) for e in node.elts]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return self.both(0, self.run(node.operand), OPERATORS[ast.Sub])
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            return self.both(self.run(node.left), self.run(node.right), OPERATORS[type(node.op)])
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            return self.both(self.run(node.left), self.run(node.comparators[0]), OPERATORS[type(node.ops[0])])
        if isinstance(node, ast.BoolOp):
            all_of = isinstance(node.op, ast.And)
            value = self.run(node.values[0])
            for other in node.values[1:]:
                value = self.both(value, self.run(other), lambda a, b: float(bool(a and b) if all_of else bool(a or b)))
            return value
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self.call(node.func.id.upper(), node.args)
        raise ValueError(ast.dump(node))

    def both(self, a, b, fn):
        """Series with series where both have a point, lists member by member, a scalar with each point."""
        if isinstance(a, list) or isinstance(b, list):
            pairs = zip(a, b) if isinstance(a, list) and isinstance(b, list) else [(x, b) for x in a] if isinstance(a, list) else [(a, y) for y in b]
            return [self.both(x, y, fn) for x, y in pairs]
        if not isinstance(a, dict) and not isinstance(b, dict):
            return fn(a, b)
        stamps = set(a) & set(b) if isinstance(a, dict) and isinstance(b, dict) else a if isinstance(a, dict) else b
        out = {}
        for t in stamps:
            try:
                out[t] = fn(a[t] if isinstance(a, dict) else a, b[t] if isinstance(b, dict) else b)
            except ZeroDivisionError:
                pass
        return out

    def call(self, name, nodes):
        asked = self.asked
        if name == "METRICS":
            word = nodes[0].value if nodes else ""
            return [asked.value(k) for k, q in asked.queries.items() if q.get("MetricStat") and word in k]
        if name == "SEARCH":
            text, stat, *more = [n.value for n in nodes]
            self.period = more[0] if more else self.query.get("Period") or 300
            rows = account_series(asked.context.account_id, asked.context.region)
            return [asked.points(asked.context.account_id, which, stat, self.period) for which in find(text, rows)]
        args = [n.id.upper() if isinstance(n, ast.Name) and n.id in ("REPEAT", "LINEAR") else self.run(n) for n in nodes]
        first = args[0]
        if name == "FILL":
            return [self.fill(one, args[1]) for one in first] if isinstance(first, list) else self.fill(first, args[1])
        if name == "IF":
            return self.choose(*args, *([None] if len(args) == 2 else []))
        if name in EACH:
            one = lambda s: {t: EACH[name](v) for t, v in s.items()} if isinstance(s, dict) else EACH[name](s)
            return [one(s) for s in first] if isinstance(first, list) else one(first)
        if name in OVER:
            if isinstance(first, list) and any(isinstance(s, dict) for s in first):
                rows = [s for s in first if isinstance(s, dict)]
                return {t: OVER[name]([s[t] for s in rows if t in s]) for t in set().union(*rows)}
            values = list(first.values()) if isinstance(first, dict) else first if isinstance(first, list) else args
            return OVER[name](values) if values else {}
        return self.rest(name, args)

    def rest(self, name, args):
        first = args[0] if args else None
        if isinstance(first, list) and name not in ("METRIC_COUNT", "REMOVE_EMPTY"):
            return [self.rest(name, [one, *args[1:]]) for one in first]
        order = sorted(first) if isinstance(first, dict) else []
        if name in ("FIRST", "LAST"):
            return first[order[0 if name == "FIRST" else -1]] if order else {}
        if name in ("DIFF", "RATE", "DIFF_TIME"):
            grow = {"DIFF": lambda a, b: first[b] - first[a], "RATE": lambda a, b: (first[b] - first[a]) / (b - a), "DIFF_TIME": lambda a, b: b - a}
            return {b: grow[name](a, b) for a, b in zip(order, order[1:])}
        if name == "RUNNING_SUM":
            total, out = 0, {}
            for t in order:
                total += first[t]
                out[t] = total
            return out
        if name == "ANOMALY_DETECTION_BAND":
            width, mean = args[1] if len(args) > 1 else 2, sum(first.values()) / len(first) if first else 0
            spread = OVER["STDDEV"](list(first.values())) if first else 0
            return [{t: mean + sign * width * spread for t in first} for sign in (-1, 1)]
        constant = {"PERIOD": lambda: self.period, "METRIC_COUNT": lambda: len(first) if isinstance(first, list) else 1,
                    "DATAPOINT_COUNT": lambda: len(first), "TIME_SERIES": lambda: dict.fromkeys(self.asked.grid(self.period), first),
                    "REMOVE_EMPTY": lambda: [s for s in (first if isinstance(first, list) else [first]) if s],
                    "EPOCH": lambda: {t: t for t in first}}
        if name not in constant:
            raise ValueError(name)
        return constant[name]()

    def fill(self, points, how):
        out, order = dict(points), sorted(points)
        for t in self.asked.grid(self.period):
            if t in points:
                continue
            if how == "REPEAT" or how == "LINEAR":
                before = [x for x in order if x < t]
                after = [x for x in order if x > t]
                if how == "REPEAT" and before:
                    out[t] = points[before[-1]]
                elif how == "LINEAR" and before and after:
                    a, b = before[-1], after[0]
                    out[t] = points[a] + (points[b] - points[a]) * (t - a) / (b - a)
            elif isinstance(how, dict):
                out.update({t: how[t]} if t in how else {})
            else:
                out[t] = how
        return out

    def choose(self, condition, yes, no):
        if not isinstance(condition, dict):
            return yes if condition else {} if no is None else no
        out = {}
        for t, holds in condition.items():
            given = yes if holds else no
            given = given.get(t) if isinstance(given, dict) else given
            if given is not None:
                out[t] = given
        return out


def _bare(text):
    """AND and OR may also be written as signs."""
    return text.replace("&&", " AND ").replace("||", " OR ")

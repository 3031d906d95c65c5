"""GetMetricData with metric maths: + - * / and SUM AVG MIN MAX FILL ABS over ids, lists and METRICS()."""
import ast
import functools

from localstack.aws.api import CommonServiceException


def patch(P):
    plain = P.get_metric_data

    @functools.wraps(plain)
    def get_metric_data(self, context, metric_data_queries, **kwargs):
        stats = [q for q in metric_data_queries if q.get("MetricStat")]
        maths = [q for q in metric_data_queries if q.get("Expression")]
        if not maths:
            answer = plain(self, context, stats, **kwargs)
            hidden = {q["Id"] for q in stats if q.get("ReturnData") is False}
            return {**answer, "MetricDataResults": [r for r in answer["MetricDataResults"] if r["Id"] not in hidden]}
        answer = plain(self, context, stats, **kwargs) if stats else {"MetricDataResults": [], "Messages": []}
        series = {r["Id"]: dict(zip(r["Timestamps"], r["Values"])) for r in answer["MetricDataResults"]}
        results = list(answer["MetricDataResults"])
        for q in maths:
            series[q["Id"]] = value = _maths(q["Expression"], series)
            order = sorted(value, reverse=kwargs.get("scan_by") != "TimestampAscending")
            results.append({"Id": q["Id"], "Label": q.get("Label") or q["Id"], "StatusCode": "Complete",
                            "Timestamps": order, "Values": [value[t] for t in order]})
        hidden = {q["Id"] for q in metric_data_queries if q.get("ReturnData") is False}
        return {**answer, "MetricDataResults": [r for r in results if r["Id"] not in hidden]}

    P.get_metric_data = get_metric_data


def _maths(text, series):
    """CloudWatch metric maths: + - * / and SUM AVG MIN MAX FILL ABS over ids, lists and METRICS()."""
    def join(values, fn):
        rows = [v for v in values if isinstance(v, dict)]
        stamps = set().union(*rows) if rows else set()
        return {t: fn([v[t] if isinstance(v, dict) else v for v in values if not isinstance(v, dict) or t in v]) for t in stamps}

    def binary(a, b, fn):
        if not isinstance(a, dict) and not isinstance(b, dict):
            return fn(a, b)
        stamps = (set(a) if isinstance(a, dict) else set(b)) & (set(b) if isinstance(b, dict) else set(a))
        out = {}
        for t in stamps:
            try:
                out[t] = fn(a[t] if isinstance(a, dict) else a, b[t] if isinstance(b, dict) else b)
            except ZeroDivisionError:
                pass
        return out

    ops = {ast.Add: lambda a, b: a + b, ast.Sub: lambda a, b: a - b, ast.Mult: lambda a, b: a * b, ast.Div: lambda a, b: a / b}

    def run(n):
        if isinstance(n, ast.Name) and n.id in series:
            return series[n.id]
        if isinstance(n, ast.Constant) and isinstance(n.value, (int, float)):
            return n.value
        if isinstance(n, ast.BinOp) and type(n.op) in ops:
            return binary(run(n.left), run(n.right), ops[type(n.op)])
        if isinstance(n, ast.UnaryOp) and isinstance(n.op, ast.USub):
            return binary(0, run(n.operand), lambda a, b: a - b)
        if isinstance(n, ast.List):
            return [run(e) for e in n.elts]
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name):
            name, args = n.func.id.upper(), [run(a) for a in n.args]
            if name == "METRICS":
                return list(series.values())
            values = args[0] if args and isinstance(args[0], list) else args
            if name == "FILL":
                stamps = set().union(*[s for s in series.values()])
                return {t: args[0].get(t, args[1]) for t in stamps}
            table = {"SUM": sum, "AVG": lambda v: sum(v) / len(v), "MIN": min, "MAX": max, "ABS": lambda v: abs(v[0])}
            if name in table:
                return join(values, table[name])
        raise CommonServiceException("ValidationError", f"Error in expression: {text}", 400, True)

    try:
        value = run(ast.parse(text, mode="eval").body)
    except SyntaxError:
        raise CommonServiceException("ValidationError", f"Error in expression: {text}", 400, True)
    return value if isinstance(value, dict) else {}

"""Anomaly detectors are kept as they were put; they never train, so their state is what was planted."""
import copy

from .answers import install

DETECTORS: dict[tuple[str, str], list[dict]] = {}
WHAT = ("Namespace", "MetricName", "Dimensions", "Stat", "SingleMetricAnomalyDetector", "MetricMathAnomalyDetector")


def patch(P):
    from .alarms import cut

    def put(self, context, request):
        rows = DETECTORS.setdefault((context.account_id, context.region), [])
        rows[:] = [d for d in rows if not _same(d, request)]
        rows.append({"StateValue": "PENDING_TRAINING", **copy.deepcopy(request)})
        return {}

    def describe(self, context, request):
        rows = DETECTORS.get((context.account_id, context.region), [])
        asked = {k: request[k] for k in ("Namespace", "MetricName", "Dimensions") if request.get(k)}
        kinds = request.get("AnomalyDetectorTypes") or ["SINGLE_METRIC"]  # AWS: those of maths only when they are asked for
        rows = [d for d in rows if all((d.get("SingleMetricAnomalyDetector") or d).get(k) == v for k, v in asked.items())
                and _kind(d) in kinds]
        page, token = cut(rows, {**request, "MaxRecords": request.get("MaxResults")}, default=10)
        return {"AnomalyDetectors": page, **({"NextToken": token} if token else {})}

    def delete(self, context, request):
        rows = DETECTORS.get((context.account_id, context.region), [])
        rows[:] = [d for d in rows if not _same(d, request)]
        return {}

    install(P, "PutAnomalyDetector", put)
    install(P, "DescribeAnomalyDetectors", describe)
    install(P, "DeleteAnomalyDetector", delete)


def _kind(detector):
    return "METRIC_MATH" if detector.get("MetricMathAnomalyDetector") else "SINGLE_METRIC"


def _same(one, other):
    return all(one.get(k) == other.get(k) for k in WHAT)

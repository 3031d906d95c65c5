"""PutMetricData, GetMetricData, GetMetricStatistics and ListMetrics over our own series.

LocalStack finds dimensions by a part of their text, knows no percentiles, and asks its data base once for every period."""
import base64
import datetime as dt
import hashlib
import json
import struct

from localstack.aws.api import CommonServiceException

from .. import clock
from . import metric_math
from .answers import install
from .series import UTC, Sample, account_series, series, window

MOST_POINTS, MOST_QUERIES = 100_800, 500


def invalid(message, code="ValidationError"):
    raise CommonServiceException(code, message, 400, True)


def seconds(moment):
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def put_metric_data(self, context, request):
    now, rows = clock.now(), []
    for number, row in enumerate(request.get("MetricData") or [], 1):
        at = f"MetricData.member.{number}"
        given = [k for k in ("Value", "Values", "StatisticValues") if row.get(k) is not None]
        if len(given) > 1:
            invalid(f"The parameters {at}.{given[0]} and {at}.{given[1]} are mutually exclusive and you have specified both.",
                    "InvalidParameterCombination")
        if row.get("Counts") and len(row["Counts"]) != len(row.get("Values") or []):
            invalid(f"The parameters {at}.Values and {at}.Counts must be of the same size.", "InvalidParameterValue")
        moment = seconds(row.get("Timestamp") or now)
        if not -14 * 86400 <= moment - int(now.timestamp()) <= 7200:
            invalid(f"The parameter {at}.Timestamp must specify a time no more than two weeks in the past and two hours in the future.",
                    "InvalidParameterValue")
        rows.append((row, moment))
    for row, moment in rows:
        if told := row.get("StatisticValues"):
            sample = Sample(told["SampleCount"], told["Sum"], told["Minimum"], told["Maximum"])
        else:
            values = row["Values"] if row.get("Values") else [row["Value"]]
            sample = Sample.of(zip(values, row.get("Counts") or [1] * len(values)))
        series(context.account_id, context.region, request["Namespace"], row["MetricName"], row.get("Dimensions")).put(moment, sample)
    return {}


def get_metric_data(self, context, request):
    queries = request["MetricDataQueries"]
    if len(queries) > MOST_QUERIES:
        invalid(f"The collection MetricDataQueries must not have a size greater than {MOST_QUERIES}.")
    if len({q["Id"] for q in queries}) < len(queries):
        invalid("The values for parameter id in MetricDataQueries are not unique.")
    start, end = seconds(request["StartTime"]), seconds(request["EndTime"])
    if start >= end:
        invalid("The parameter StartTime must be less than the parameter EndTime.")
    return paged(metric_math.Asked(context, queries, start, end), [q["Id"] for q in queries if q.get("ReturnData") is not False], request)


def paged(asked, ids, request):
    """At most MaxDatapoints over all results; one that goes on in the next page says PartialData. Only what this page needs is evaluated."""
    left, falling = request.get("MaxDatapoints") or MOST_POINTS, request.get("ScanBy") != "TimestampAscending"
    query = {k: v for k, v in request.items() if k != "NextToken"}
    mark = hashlib.sha256(json.dumps(query, default=str, sort_keys=True).encode()).hexdigest()[:12]
    at, row, offset = 0, 0, 0  # which query, which of its results, which point
    if token := request.get("NextToken"):
        try:
            seen, *place = base64.b64decode(token).decode().split(":")
            at, row, offset = map(int, place)
            assert seen == mark
        except (ValueError, AssertionError):
            invalid("The service failed to parse the NextToken.", "InvalidNextToken")
    results = []
    while at < len(ids) and left:
        rows = asked.answers(ids[at])
        while row < len(rows) and left:
            label, points = rows[row]
            points = sorted(points.items(), reverse=falling)
            some = points[offset:offset + left]
            whole = offset + len(some) == len(points)
            results.append({"Id": ids[at], "Label": label, "StatusCode": "Complete" if whole else "PartialData",
                            "Timestamps": [dt.datetime.fromtimestamp(t, UTC) for t, _ in some], "Values": [float(v) for _, v in some]})
            left -= len(some)
            row, offset = (row + 1, 0) if whole else (row, offset + len(some))
        at, row = (at + 1, 0) if row >= len(rows) else (at, row)
    answer = {"MetricDataResults": results, "Messages": []}
    if at < len(ids):
        answer["NextToken"] = base64.b64encode(f"{mark}:{at}:{row}:{offset}".encode()).decode()
    return answer


def get_metric_statistics(self, context, request):
    start, end, period = seconds(request["StartTime"]), seconds(request["EndTime"]), request["Period"]
    if start >= end:
        invalid("The parameter StartTime must be less than the parameter EndTime.", "InvalidParameterValue")
    if (end - start) / period > 1440:
        invalid(f"You have requested up to {int((end - start) / period)} datapoints, which exceeds the limit of 1,440. You may reduce the "
                "datapoints requested by increasing Period, or decreasing the time range.", "InvalidParameterCombination")
    held, found = series(context.account_id, context.region, request["Namespace"], request["MetricName"], request.get("Dimensions")), {}
    begin, until = window(context.account_id, period, start, end)
    for stat in [*(request.get("Statistics") or []), *(request.get("ExtendedStatistics") or [])]:
        for moment, value in held.points(stat, period, begin, until).items():
            row = found.setdefault(moment, {"Timestamp": dt.datetime.fromtimestamp(moment, UTC), "Unit": request.get("Unit") or "None"})
            if stat in (request.get("Statistics") or []):
                row[stat] = value
            else:
                row.setdefault("ExtendedStatistics", {})[stat] = value
    return {"Label": request["MetricName"], "Datapoints": list(found.values())}


def list_metrics(self, context, request):
    """Series that had a point within two weeks, 500 a page, those of linked accounts never."""
    now, recent = int(clock.now().timestamp()), 3 * 3600 if request.get("RecentlyActive") else 14 * 86400
    rows = []
    for (namespace, name, dimensions), held in sorted(account_series(context.account_id, context.region).items()):
        mine = dict(dimensions)
        wanted = all(d["Name"] in mine and d.get("Value") in (None, mine[d["Name"]]) for d in request.get("Dimensions") or [])
        if request.get("Namespace") in (None, namespace) and request.get("MetricName") in (None, name) and wanted:
            newest = held.newest(now)
            if newest is not None and newest >= now - recent:
                rows.append({"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions]})
    try:
        offset = int(base64.b64decode(request["NextToken"])) if request.get("NextToken") else 0
    except ValueError:
        invalid("The next token specified is invalid.", "InvalidParameterValue")
    more = {"NextToken": base64.b64encode(str(offset + 500).encode()).decode()} if offset + 500 < len(rows) else {}
    return {"Metrics": rows[offset:offset + 500], **more}


def patch(P):
    install(P, "PutMetricData", put_metric_data)
    install(P, "GetMetricData", get_metric_data)
    install(P, "GetMetricStatistics", get_metric_statistics)
    install(P, "ListMetrics", list_metrics)
    quick_lists()


def quick_lists():
    """LocalStack writes each of a hundred thousand data points with a dozen calls of its own; numbers and times are written at once."""
    from localstack.aws.protocol.serializer import BaseCBORResponseSerializer as S

    plain = S._serialize_type_list

    def _serialize_type_list(self, serialized, value, shape, name=None):
        kind = shape.member.type_name
        if len(value) < 100 or kind not in ("double", "timestamp"):
            return plain(self, serialized, value, shape, name)
        opening, closing = self._get_bytes_for_data_structure(value, self.LIST_MAJOR_TYPE)
        write = struct.Struct(">cd").pack
        items = (write(b"\xfb", v) for v in value) if kind == "double" else (b"\xc1" + write(b"\xfb", v.timestamp()) for v in value)
        serialized.extend(opening + b"".join(items) + (closing or b""))

    S._serialize_type_list = _serialize_type_list

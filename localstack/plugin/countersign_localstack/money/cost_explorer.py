"""Cost Explorer over planted usage: days, months, groups, filters and pages, in exact decimals.

A row of the bill is what one thing used on each of some days: `{"service", "usage_type", "cost", "usage", "unit", "from", "until", "tags",
"resource", "account", "region", "record_type"}`, cost and usage as text for a day, `until` exclusive.
"""
import base64
import datetime as dt
import hashlib
import json
from collections import defaultdict
from decimal import Decimal

from localstack.aws.api import CommonServiceException

from .. import clock
from . import planted

CURRENCY, PAGE = "USD", 5000  # AWS does not say how many groups a page holds
COSTS = {"AmortizedCost", "BlendedCost", "NetAmortizedCost", "NetUnblendedCost", "UnblendedCost"}
DIMENSIONS = {"SERVICE": "service", "USAGE_TYPE": "usage_type", "RESOURCE_ID": "resource", "LINKED_ACCOUNT": "account", "REGION": "region",
              "RECORD_TYPE": "record_type"}
ABSENT = {"RESOURCE_ID": "NoResourceId", "RECORD_TYPE": "Usage"}
DAYS_BY_RESOURCE = 14
ONE_DAY = dt.timedelta(days=1)


def refuse(code, message):
    raise CommonServiceException(code, message, 400, True)


# --- what was used ---------------------------------------------------------------------------------------------------
def used(context, start, end):
    """(day, row) of the planted bill."""
    for row in planted.of(context.account_id, "bill"):
        row = {"account": planted.whose(context.account_id), "region": context.region, **row}
        day = max(start, day_of(row["from"]))
        while day < min(end, day_of(row["until"])):
            yield day, row
            day += ONE_DAY


def day_of(text):
    try:
        return dt.date.fromisoformat(text[:10])
    except ValueError:
        return refuse("ValidationException", f"Start time {text} is invalid. Valid format is: yyyy-MM-dd.")


def value(row, dimension):
    if dimension not in DIMENSIONS:
        refuse("ValidationException", f"Dimension {dimension} is not allowed.")
    return row.get(DIMENSIONS[dimension]) or ABSENT.get(dimension, "")


# --- filters ---------------------------------------------------------------------------------------------------------
def passes(expression, row):
    if not expression:
        return True
    if len(expression) != 1:
        refuse("ValidationException", "Expression is malformed: give one of Or, And, Not, Dimensions, Tags, CostCategories.")
    (kind, told), = expression.items()
    if kind in ("Or", "And"):
        return (any if kind == "Or" else all)(passes(part, row) for part in told)
    if kind == "Not":
        return not passes(told, row)
    have = value(row, told["Key"]) if kind == "Dimensions" else row.get("tags", {}).get(told["Key"]) if kind == "Tags" else None
    return matches(have, told.get("Values", []), told.get("MatchOptions") or ["EQUALS"])


def matches(have, wanted, options):
    if "ABSENT" in options:
        return not have
    if have is None:
        return False
    if "CASE_INSENSITIVE" in options:
        have, wanted = have.lower(), [w.lower() for w in wanted]
    tests = {"STARTS_WITH": str.startswith, "ENDS_WITH": str.endswith, "CONTAINS": str.__contains__}
    test = next((tests[o] for o in options if o in tests), str.__eq__)
    return any(test(have, w) for w in wanted)


# --- answers ---------------------------------------------------------------------------------------------------------
def get_cost_and_usage(context, request):
    if any(group.get("Key") == "RESOURCE_ID" for group in request.get("GroupBy", [])):
        refuse("ValidationException", "Dimension RESOURCE_ID is not allowed.")
    return answered(context, request)


def get_cost_and_usage_with_resources(context, request):
    enabled(context)
    if not planted.of(context.account_id, "explorer").get("by_resource", True):
        refuse("DataUnavailableException", "Resource-level data is not enabled for this account.")
    oldest = clock.now(context.account_id).date() - dt.timedelta(days=DAYS_BY_RESOURCE)
    if day_of(request["TimePeriod"]["Start"]) < oldest:
        refuse("ValidationException", f"start date is too old for hourly granularity, the max supported days for hourly granularity is {DAYS_BY_RESOURCE} days.")
    if not any(group.get("Key") == "RESOURCE_ID" for group in request.get("GroupBy", [])) and "RESOURCE_ID" not in json.dumps(request.get("Filter", {})):
        refuse("ValidationException", "Group by or filter by RESOURCE_ID is required.")
    return answered(context, request)


def enabled(context):
    if not planted.of(context.account_id, "explorer").get("enabled", True):
        refuse("AccessDeniedException", "User not enabled for cost explorer access")


def answered(context, request):
    enabled(context)
    start, end = period(context, request)
    groups, metrics = request.get("GroupBy", []), request.get("Metrics", [])
    if len(groups) > 2:
        refuse("ValidationException", "Group by is limited to two groups.")
    if unknown := [m for m in metrics if m not in COSTS | {"UsageQuantity", "NormalizedUsageAmount"}] or not metrics:
        refuse("ValidationException", f"Metrics are invalid: {unknown}")
    spans = list(split(start, end, request["Granularity"]))
    sums = defaultdict(lambda: defaultdict(lambda: [Decimal(0), CURRENCY]))
    for day, row in used(context, start, end):
        if passes(request.get("Filter"), row):
            span = next(n for n, (first, last) in enumerate(spans) if first <= day < last)
            add(sums[span, keys_of(row, groups)], row, metrics)
    return paged(context, request, spans, groups, metrics, sums)


def period(context, request):
    start, end = (day_of(request["TimePeriod"][name]) for name in ("Start", "End"))
    if start >= end:
        refuse("ValidationException", f"Start date (and hour) should be before end date (and hour): {start} {end}")
    if end > clock.now(context.account_id).date() + ONE_DAY:
        refuse("ValidationException", "end date past the beginning of next month" if request["Granularity"] == "MONTHLY" else "end date is in the future")
    if request["Granularity"] == "HOURLY":
        refuse("ValidationException", "Hourly timePeriod is not supported for this request")
    return start, end


def split(start, end, granularity):
    while start < end:
        month = (start.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        following = min(end, month) if granularity == "MONTHLY" else start + ONE_DAY
        yield start, following
        start = following


def keys_of(row, groups):
    return tuple(f"{g['Key']}${row.get('tags', {}).get(g['Key'], '')}" if g["Type"] == "TAG" else value(row, g["Key"]) for g in groups)


def add(sums, row, metrics):
    for metric in metrics:
        sums[metric][0] += Decimal(row["cost"] if metric in COSTS else row.get("usage", "0"))
        sums[metric][1] = row.get("currency", CURRENCY) if metric in COSTS else row.get("unit", "N/A")


def amounts(sums, metrics):
    return {m: {"Amount": format(sums[m][0], "f"), "Unit": sums[m][1]} for m in metrics}


def paged(context, request, spans, groups, metrics, sums):
    """A page holds so many groups; the day that it breaks off in goes on on the next."""
    size = planted.of(context.account_id, "explorer").get("page", PAGE)
    rows = sorted(sums) if groups else [(n, ()) for n in range(len(spans))]
    asked = hashlib.sha256(json.dumps({k: v for k, v in request.items() if k != "NextPageToken"}, sort_keys=True).encode()).hexdigest()[:16]
    first = 0
    if token := request.get("NextPageToken"):
        try:
            first, of = json.loads(base64.b64decode(token, validate=True))
        except ValueError:
            refuse("InvalidNextTokenException", "The pagination token is invalid. Try again without a pagination token.")
        if of != asked:
            refuse("RequestChangedException", "Your request parameters changed between pages. Try again with the old parameters or without a pagination token.")
    results, now = [], clock.now(context.account_id).date()
    for n, (start, end) in enumerate(spans):
        here = [row for row in rows[first:first + size] if row[0] == n]
        if here or not any(row[0] == n for row in rows):
            group = [{"Keys": list(keys), "Metrics": amounts(sums[n, keys], metrics)} for _, keys in here] if groups else []
            total = {} if groups else amounts(sums[n, ()], metrics)
            results.append({"TimePeriod": {"Start": str(start), "End": str(end)}, "Total": total, "Groups": group,
                            "Estimated": (end - ONE_DAY).replace(day=1) >= now.replace(day=1)})
    if first > 0:  # days without any group came with the first page
        results = [r for r in results if r["Groups"] or r["Total"]]
    more = {"NextPageToken": base64.b64encode(json.dumps([first + size, asked]).encode()).decode()} if first + size < len(rows) else {}
    return {"GroupDefinitions": groups, "ResultsByTime": results, "DimensionValueAttributes": [], **more}


def get_cost_forecast(context, request):
    """So much for each day asked for."""
    enabled(context)
    told = planted.of(context.account_id, "forecast")
    if not told:
        refuse("DataUnavailableException", "Insufficient amount of historical data to generate forecast.")
    start, end = (day_of(request["TimePeriod"][name]) for name in ("Start", "End"))
    if start < clock.now(context.account_id).date() or start >= end:
        refuse("ValidationException", "Start date for the forecast has to be today or later, and before its end.")
    text = lambda name, first, last: format(Decimal(told[name]) * (last - first).days, "f")
    rows = [{"TimePeriod": {"Start": str(a), "End": str(b)}, "MeanValue": text("mean", a, b),
             **({"PredictionIntervalLowerBound": text("low", a, b), "PredictionIntervalUpperBound": text("high", a, b)}
                if request.get("PredictionIntervalLevel") else {})} for a, b in split(start, end, request["Granularity"])]
    return {"Total": {"Amount": text("mean", start, end), "Unit": CURRENCY}, "ForecastResultsByTime": rows}


def list_cost_allocation_tags(context, request):
    from ..pages import page

    rows = [row for row in planted.of(context.account_id, "allocation_tags")
            if request.get("Status", row["Status"]) == row["Status"] and request.get("Type", row["Type"]) == row["Type"]
            and (not request.get("TagKeys") or row["TagKey"] in request["TagKeys"])]
    return page("CostAllocationTags", rows, request, 100, "InvalidNextTokenException")


ANSWERS = {"GetCostAndUsage": get_cost_and_usage, "GetCostAndUsageWithResources": get_cost_and_usage_with_resources,
           "GetCostForecast": get_cost_forecast, "ListCostAllocationTags": list_cost_allocation_tags}

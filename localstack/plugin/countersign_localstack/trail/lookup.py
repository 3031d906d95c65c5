"""LookupEvents: the events of one region of one account, of the last 90 days by that account's clock."""
import base64
import datetime as dt
import hashlib
import json
import os

from localstack.aws.api import CommonServiceException

from .. import clock
from .events import EVENTS, LOCK

UTC = dt.timezone.utc
# How long an event stays out of sight. On AWS it is minutes; here none unless asked for.
DELAY = float(os.environ.get("COUNTERSIGN_CLOUDTRAIL_DELAY_SECONDS") or 0)
DELAYS: dict[str, float] = {}  # account -> its own delay


def delay_route(request):
    """POST {"account", "seconds": number or null}: this account's delay. GET: all of them."""
    if request.method == "POST":
        row = request.get_json(force=True)
        if row.get("seconds") is None:
            DELAYS.pop(row["account"], None)
        else:
            DELAYS[row["account"]] = float(row["seconds"])
    return {"default": DELAY, "accounts": DELAYS}


def _username(who):
    if who.get("type") == "AssumedRole":
        return who.get("arn", "").split("/")[-1]
    return who.get("userName") or ("root" if who.get("type") == "Root" else who.get("invokedBy", ""))


def _fail(code, message):
    raise CommonServiceException(code, message, 400, sender_fault=True)


def lookup_events(context, request):
    attributes = request.get("LookupAttributes") or []
    if len(attributes) > 1:
        _fail("InvalidLookupAttributesException", "You can specify only one lookup attribute.")
    limit = request.get("MaxResults") or 50
    if not 1 <= limit <= 50:
        _fail("InvalidMaxResultsException", "A maximum results value must be between 1 and 50.")
    start, end = request.get("StartTime"), request.get("EndTime")
    if start and end and start > end:
        _fail("InvalidTimeRangeException", "The start time must be before the end time.")
    now = clock.now(context.account_id)
    horizon = now - dt.timedelta(seconds=DELAYS.get(context.account_id, DELAY))
    floor = now - dt.timedelta(days=90)
    aware = lambda t: t if t is None or t.tzinfo else t.replace(tzinfo=UTC)
    start, end = aware(start), aware(end)
    with LOCK:
        rows = list(EVENTS.get((context.account_id, context.region), []))
    if attributes:
        name, value = attributes[0]["AttributeKey"], attributes[0]["AttributeValue"]
        if name in ("ResourceName", "ResourceType"):
            rows = [row for row in rows if any(r[name] == value for r in row["resources"])]
        else:
            rows = [row for row in rows if str(ATTRIBUTES[name](row["event"])) == value]
    rows = [row for row in rows if floor <= row["when"] <= horizon and (not start or row["when"] >= start) and (not end or row["when"] <= end)]
    rows.reverse()
    rows.sort(key=lambda row: row["when"], reverse=True)  # newest first; stable, so one second keeps its order
    shape = hashlib.sha256(json.dumps([attributes, str(start), str(end)]).encode()).hexdigest()[:8]
    offset = 0
    if token := request.get("NextToken"):
        try:
            seen, _, last = base64.b64decode(token).decode().partition(":")
            if seen != shape:
                raise ValueError
            # a token names the last event given out, so that new calls do not shift the pages
            offset = next(i for i, row in enumerate(rows) if row["event"]["eventID"] == last) + 1
        except Exception:
            _fail("InvalidNextTokenException", "Invalid token.")
    page = rows[offset:offset + limit]
    answer = {"Events": [_view(row) for row in page]}
    if offset + limit < len(rows):
        answer["NextToken"] = base64.b64encode(f"{shape}:{page[-1]['event']['eventID']}".encode()).decode()
    return answer


ATTRIBUTES = {
    "EventId": lambda event: event["eventID"],
    "EventName": lambda event: event["eventName"],
    "EventSource": lambda event: event["eventSource"],
    "ReadOnly": lambda event: str(event.get("readOnly", False)).lower(),
    "Username": lambda event: _username(event.get("userIdentity", {})),
    "AccessKeyId": lambda event: event.get("userIdentity", {}).get("accessKeyId"),
}


def _view(row):
    facts = {name: value for name, read in ATTRIBUTES.items() if (value := read(row["event"])) is not None}
    return {**facts, "EventTime": row["when"], "Resources": row["resources"], "CloudTrailEvent": json.dumps(row["event"])}

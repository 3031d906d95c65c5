"""The events themselves: what the other files of this package write and read."""
import threading

from .. import clock

LOCK = threading.RLock()
EVENTS: dict[tuple[str, str], list[dict]] = {}  # (account, region) -> what LookupEvents shows, in the order of arrival
LOGGED: dict[tuple[str, str], list[dict]] = {}  # the same, and data events: what a trail may write into its log files


def put(event: dict, resources: list[dict] | None = None):
    """Add one event; a test may plant a console log-in or last week's approval in the same way."""
    key, when = (event["recipientAccountId"], event["awsRegion"]), clock.parse(event["eventTime"])
    with LOCK:
        if event.get("eventCategory", "Management") != "Data":
            EVENTS.setdefault(key, []).append({"event": event, "resources": resources or [], "when": when})
        LOGGED.setdefault(key, []).append({"event": event, "when": when})


def seed(request):
    """POST /_countersign/cloudtrail/events: plant events of any date, service and account."""
    rows = request.get_json(force=True)
    for row in rows:
        put(row["event"], row.get("resources"))
    return {"seeded": len(rows)}

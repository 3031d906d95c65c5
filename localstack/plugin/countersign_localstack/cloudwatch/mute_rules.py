"""Alarm mute rules: kept as put; their status follows the account's clock and the rule's schedule."""
import datetime as dt
import re
from zoneinfo import ZoneInfo

from crontab import CronTab
from localstack.aws.api import CommonServiceException

from .. import clock
from .answers import install

RULES: dict[tuple[str, str], dict[str, dict]] = {}
UTC = dt.timezone.utc


def put(self, context, request):
    rule = {k: v for k, v in request.items() if k != "Tags" and v is not None}
    for member in ("StartDate", "ExpireDate"):
        if member in rule and rule[member].tzinfo is None:
            rule[member] = rule[member].replace(tzinfo=UTC)
    arn = f"arn:{context.partition or 'aws'}:cloudwatch:{context.region}:{context.account_id}:alarm-mute-rule:{rule['Name']}"
    once = rule["Rule"]["Schedule"]["Expression"].startswith("at(")
    try:
        _status(rule)
    except (ValueError, KeyError) as e:
        raise CommonServiceException("ValidationError", f"Invalid schedule: {e}", 400, True)
    store = self.get_store(context.account_id, context.region)
    rows = RULES.setdefault((context.account_id, context.region), {})
    if rule["Name"] not in rows:
        store.TAGS.tag_resource(arn, request.get("Tags") or [])
    rows[rule["Name"]] = {**rule, "AlarmMuteRuleArn": arn, "MuteType": "ONE_TIME" if once else "RECURRING", "LastUpdatedTimestamp": clock.now()}
    return {}


def get(self, context, request):
    name = request["AlarmMuteRuleName"]
    rule = RULES.get((context.account_id, context.region), {}).get(name)
    if rule is None:
        raise CommonServiceException("ResourceNotFoundException", f"Alarm mute rule {name} does not exist.", 404, True)
    return {**rule, "Status": _status(rule)}


def delete(self, context, request):
    rule = RULES.get((context.account_id, context.region), {}).pop(request["AlarmMuteRuleName"], None)
    if rule:
        self.get_store(context.account_id, context.region).TAGS.tags.pop(rule["AlarmMuteRuleArn"], None)
    return {}


def listing(self, context, request):
    from .alarms import cut

    rows = [{**r, "Status": _status(r)} for _, r in sorted(RULES.get((context.account_id, context.region), {}).items())]
    if request.get("AlarmName"):
        rows = [r for r in rows if request["AlarmName"] in (r.get("MuteTargets") or {}).get("AlarmNames", [])]
    if request.get("Statuses"):
        rows = [r for r in rows if r["Status"] in request["Statuses"]]
    page, token = cut(rows, request)
    summary = ("AlarmMuteRuleArn", "ExpireDate", "Status", "MuteType", "LastUpdatedTimestamp")
    answer = {"AlarmMuteRuleSummaries": [{k: r[k] for k in summary if k in r} for r in page]}
    return {**answer, **({"NextToken": token} if token else {})}


def muted(context, alarm_name):
    """The name of the rule that mutes this alarm now."""
    for rule in RULES.get((context.account_id, context.region), {}).values():
        if alarm_name in (rule.get("MuteTargets") or {}).get("AlarmNames", []) and _status(rule) == "ACTIVE":
            return rule["Name"]


def _status(rule):
    now, schedule = clock.now(), rule["Rule"]["Schedule"]
    zone, length = ZoneInfo(schedule.get("Timezone") or "UTC"), _duration(schedule["Duration"])
    expression = schedule["Expression"].strip()
    begun = None  # when the window that could hold `now` began
    if expression.startswith("at("):
        begun = dt.datetime.fromisoformat(expression[3:-1]).replace(tzinfo=zone)
        if now >= begun + length:
            return "EXPIRED"
    elif expression.startswith("cron("):
        local = now.astimezone(zone).replace(tzinfo=None)
        back = CronTab(expression[5:-1]).previous(now=local + dt.timedelta(seconds=1), default_utc=True)
        begun = now + dt.timedelta(seconds=1 + back) if back is not None else None
    else:
        raise ValueError(expression)
    if rule.get("ExpireDate") and now >= rule["ExpireDate"]:
        return "EXPIRED"
    started = not rule.get("StartDate") or now >= rule["StartDate"]
    return "ACTIVE" if started and begun is not None and begun <= now < begun + length else "SCHEDULED"


def _duration(text):
    m = re.fullmatch(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?", text)
    length = dt.timedelta(days=int(m[1] or 0), hours=int(m[2] or 0), minutes=int(m[3] or 0)) if m else dt.timedelta()
    if not dt.timedelta(minutes=1) <= length <= dt.timedelta(days=15):
        raise ValueError(f"duration {text}")
    return length


def patch(P):
    install(P, "PutAlarmMuteRule", put)
    install(P, "GetAlarmMuteRule", get)
    install(P, "DeleteAlarmMuteRule", delete)
    install(P, "ListAlarmMuteRules", listing)

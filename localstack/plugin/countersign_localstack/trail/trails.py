"""Trails: what they cover, whether they log, and since when. moto's answer only in their home region, forget when logging stopped, and
have no default event selectors."""
import copy
import datetime as dt
from dataclasses import dataclass, field

from localstack.aws.api import CommonServiceException

from .. import clock
from .events import LOCK

DEFAULT = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}]


@dataclass
class Span:
    """A time over which a trail logged without a break, and signed or did not: each with digests is a chain of its own."""

    start: dt.datetime
    signed: bool
    stop: dt.datetime | None = None
    delivered: dict = field(default_factory=dict)  # (account, region) -> until when, the last digest, how far into the account's events


@dataclass
class Trail:
    account: str
    region: str
    about: dict  # as DescribeTrails shows it
    selectors: dict
    insights: list = field(default_factory=list)
    spans: list = field(default_factory=list)
    tags: dict = field(default_factory=dict)
    times: dict = field(default_factory=dict)  # of GetTrailStatus: LatestDeliveryTime, LatestDigestDeliveryTime

    @property
    def arn(self):
        return self.about["TrailARN"]

    @property
    def logging(self):
        return bool(self.spans) and self.spans[-1].stop is None

    def members(self):
        """The accounts whose events it writes."""
        return organization(self.account)[1] if self.about["IsOrganizationTrail"] else [self.account]


TRAILS: list[Trail] = []
REQUESTED = {"S3BucketName", "S3KeyPrefix", "SnsTopicName", "IncludeGlobalServiceEvents", "IsMultiRegionTrail", "CloudWatchLogsLogGroupArn",
             "CloudWatchLogsRoleArn", "KmsKeyId", "IsOrganizationTrail"}


def organization(account):
    """(id of the organization, its accounts), the account alone where it manages none."""
    from moto.organizations.models import organizations_backends

    backend = organizations_backends[account]["aws"]
    if backend.org is None:
        return None, [account]
    return backend.org.id, sorted({a.id for a in backend.accounts} | {account})


def fail(code, message):
    raise CommonServiceException(code, message, 400, sender_fault=True)


def seen_by(context, trail):
    """Whether an account and region see a trail: the home region its own, every region one of all regions, members the organization's."""
    ours = trail.account == context.account_id or (trail.about["IsOrganizationTrail"] and context.account_id in trail.members())
    return ours and (trail.region == context.region or trail.about["IsMultiRegionTrail"])


def find(context, given, home=False):
    for trail in list(TRAILS):
        if given in (trail.about["Name"], trail.arn) and seen_by(context, trail):
            if home and (trail.account != context.account_id or trail.region != context.region):
                fail("InvalidHomeRegionException", f"The home region of trail {trail.arn} is {trail.region}: call it there.")
            return trail
    arn = given if given.startswith("arn:") else f"arn:aws:cloudtrail:{context.region}:{context.account_id}:trail/{given}"
    fail("TrailNotFoundException", f"Unknown trail: {arn} for the user: {context.account_id}")


def check_bucket(context, name):
    from localstack.services.s3.models import s3_stores

    if name not in s3_stores[context.account_id]["us-east-1"].global_bucket_map:
        fail("S3BucketDoesNotExistException", f"S3 bucket {name} does not exist!")


def create(context, request):
    name = request["Name"]
    with LOCK:
        if any(t.account == context.account_id and t.region == context.region and t.about["Name"] == name for t in TRAILS):
            fail("TrailAlreadyExistsException", f"Trail {name} already exists for customer: {context.account_id}")
        check_bucket(context, request["S3BucketName"])
        about = {"Name": name, "IncludeGlobalServiceEvents": True, "IsMultiRegionTrail": False, "IsOrganizationTrail": False,
                 **{k: v for k, v in request.items() if k in REQUESTED and v is not None},
                 "TrailARN": f"arn:{context.partition or 'aws'}:cloudtrail:{context.region}:{context.account_id}:trail/{name}",
                 "LogFileValidationEnabled": bool(request.get("EnableLogFileValidation")), "HomeRegion": context.region,
                 "HasCustomEventSelectors": False, "HasInsightSelectors": False}
        if about["IsOrganizationTrail"] and organization(context.account_id)[0] is None:
            fail("OrganizationsNotInUseException", "The account is not the management account of an organization.")
        made = Trail(context.account_id, context.region, about, {"EventSelectors": copy.deepcopy(DEFAULT)})
        made.tags = {t["Key"]: t.get("Value") for t in request.get("TagsList") or []}
        TRAILS.append(made)
        return answer(made)


def answer(trail):
    """What CreateTrail and UpdateTrail give back."""
    return {k: v for k, v in trail.about.items() if k not in ("HomeRegion", "HasCustomEventSelectors", "HasInsightSelectors")}


def update(context, request):
    with LOCK:
        trail = find(context, request["Name"], home=True)
        if request.get("S3BucketName"):
            check_bucket(context, request["S3BucketName"])
        trail.about.update({k: v for k, v in request.items() if k in REQUESTED and v is not None})
        signs = request.get("EnableLogFileValidation")
        if signs is not None and signs != trail.about["LogFileValidationEnabled"]:
            trail.about["LogFileValidationEnabled"] = signs
            if trail.logging:
                end_span(trail)
                trail.spans.append(Span(clock.now(), signs))
        return answer(trail)


def end_span(trail):
    trail.spans[-1].stop = clock.now()


def delete(context, request):
    with LOCK:
        TRAILS.remove(find(context, request["Name"], home=True))
        return {}


def start(context, request):
    with LOCK:
        trail = find(context, request["Name"], home=True)
        if not trail.logging:
            trail.spans.append(Span(clock.now(), trail.about["LogFileValidationEnabled"]))
        return {}


def stop(context, request):
    with LOCK:
        trail = find(context, request["Name"], home=True)
        if trail.logging:
            end_span(trail)
        return {}


def describe(context, request):
    wanted, shadows = request.get("trailNameList"), request.get("includeShadowTrails", True)
    rows = [t for t in list(TRAILS) if seen_by(context, t) and (not wanted or {t.about["Name"], t.arn} & set(wanted))
            and (shadows or (t.account, t.region) == (context.account_id, context.region))]
    return {"trailList": [dict(t.about) for t in rows]}


def get(context, request):
    return {"Trail": dict(find(context, request["Name"]).about)}


def listed(context, request):
    return {"Trails": [{k: t.about[k] for k in ("TrailARN", "Name", "HomeRegion")} for t in list(TRAILS) if seen_by(context, t)]}


def status(context, request):
    trail = find(context, request["Name"])
    started = trail.spans and trail.spans[-1].start
    # turning validation on is no new start of logging
    for before, after in zip(reversed(trail.spans[:-1]), reversed(trail.spans)):
        if before.stop != after.start:
            break
        started = before.start
    ended = [s.stop for s in trail.spans if s.stop and not any(o.start == s.stop for o in trail.spans)]
    delivered = clock.iso(trail.times["LatestDeliveryTime"]) if "LatestDeliveryTime" in trail.times else ""
    out = {"IsLogging": trail.logging, **trail.times, "LatestDeliveryAttemptTime": delivered, "LatestDeliveryAttemptSucceeded": delivered,
           "TimeLoggingStarted": clock.iso(started) if started else "", "TimeLoggingStopped": clock.iso(ended[-1]) if ended else "",
           "LatestNotificationAttemptTime": "", "LatestNotificationAttemptSucceeded": ""}
    return {**out, **({"StartLoggingTime": started} if started else {}), **({"StopLoggingTime": ended[-1]} if ended else {})}


def put_selectors(context, request):
    with LOCK:
        trail = find(context, request["TrailName"], home=True)
        given = {k: copy.deepcopy(request[k]) for k in ("EventSelectors", "AdvancedEventSelectors") if request.get(k)}
        if len(given) != 1:
            fail("InvalidEventSelectorsException", "Specify either event selectors or advanced event selectors.")
        for selector in given.get("EventSelectors", []):
            for member, value in DEFAULT[0].items():
                selector.setdefault(member, copy.deepcopy(value))
        trail.selectors = given
        trail.about["HasCustomEventSelectors"] = given != {"EventSelectors": DEFAULT}
        return {"TrailARN": trail.arn, **given}


def get_selectors(context, request):
    trail = find(context, request["TrailName"])
    return {"TrailARN": trail.arn, **copy.deepcopy(trail.selectors)}


def put_insights(context, request):
    trail = find(context, request["TrailName"], home=True)
    trail.insights = copy.deepcopy(request.get("InsightSelectors") or [])
    trail.about["HasInsightSelectors"] = bool(trail.insights)
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insights}


def get_insights(context, request):
    trail = find(context, request["TrailName"])
    if not trail.insights:
        fail("InsightNotEnabledException", f"Trail {trail.arn} does not have Insights enabled.")
    return {"TrailARN": trail.arn, "InsightSelectors": trail.insights}


def tags(context, request):
    with LOCK:
        if context.operation.name == "ListTags":
            rows = [find(context, arn) for arn in request["ResourceIdList"]]
            return {"ResourceTagList": [{"ResourceId": t.arn, "TagsList": [{"Key": k, "Value": v} for k, v in t.tags.items()]} for t in rows]}
        trail = find(context, request["ResourceId"])
        for tag in request["TagsList"]:
            trail.tags.pop(tag["Key"], None)
            if context.operation.name == "AddTags":
                trail.tags[tag["Key"]] = tag.get("Value")
        return {}


OPERATIONS = {
    "CreateTrail": create, "UpdateTrail": update, "DeleteTrail": delete, "StartLogging": start, "StopLogging": stop, "DescribeTrails": describe,
    "GetTrail": get, "ListTrails": listed, "GetTrailStatus": status, "PutEventSelectors": put_selectors, "GetEventSelectors": get_selectors,
    "PutInsightSelectors": put_insights, "GetInsightSelectors": get_insights, "AddTags": tags, "RemoveTags": tags, "ListTags": tags,
}

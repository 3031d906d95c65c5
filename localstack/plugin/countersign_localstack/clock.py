"""A clock per account, which a seeder may set: an estate whose approvals are months old is then built in one second.

A frozen account stands at its instant until it is moved again. Clients keep real time, since signatures are not checked.
LocalStack's and moto's own modules ask the clock through `Datetime`, put in the place of their `datetime`; they do not
say for which account they ask, so the account of the request in hand is kept per thread.
"""
import datetime as dt
import threading
import types

UTC = dt.timezone.utc
_FROZEN: dict[str, dt.datetime] = {}
_HAND = threading.local()  # .account: whose request this thread is answering; .moment: at which other instant


def now(account=None) -> dt.datetime:
    """The time in `account`; without one, in the account of the request in hand; else the real time."""
    if (moment := getattr(_HAND, "moment", None)) is not None:
        return moment
    return _FROZEN.get(account or getattr(_HAND, "account", None)) or dt.datetime.now(UTC)


def frozen(account) -> bool:
    return account in _FROZEN


MOMENT = "x-countersign-moment"  # a request with it is answered at that instant: log files that CloudTrail delivered hours ago


def enter(chain, context, response):
    """Request handler. One request may make another in the same thread, so what was before is remembered."""
    if context.account_id and context.service is not None:
        context.countersign_before = getattr(_HAND, "account", None), getattr(_HAND, "moment", None)
        _HAND.account = context.account_id
        if moment := context.request.headers.get(MOMENT):
            _HAND.moment = parse(moment)


def leave(chain, context, response):
    if hasattr(context, "countersign_before"):
        _HAND.account, _HAND.moment = context.countersign_before


class _AlsoReal(type(dt.datetime)):
    def __instancecheck__(cls, value):
        return isinstance(value, dt.datetime)


class Datetime(dt.datetime, metaclass=_AlsoReal):
    """`datetime.datetime` as the account in hand sees it."""

    @classmethod
    def now(cls, tz=None):
        return now().astimezone(tz) if tz else now().replace(tzinfo=None)  # the emulator runs with TZ=UTC

    @classmethod
    def utcnow(cls):
        return now().replace(tzinfo=None)


def module():
    """A `datetime` module whose clock is the account's."""
    fake = types.ModuleType("datetime")
    fake.__dict__.update({k: v for k, v in vars(dt).items() if not k.startswith("__")})
    fake.UTC, fake.datetime = UTC, Datetime
    return fake


def patch():
    """CloudWatch's alarm times, S3's last-modified times, and those of what moto keeps for SageMaker, such as notebooks."""
    from localstack.services.cloudwatch import models as alarms
    from localstack.services.cloudwatch import provider_v2 as cloudwatch
    from localstack.services.s3 import models as s3_models
    from localstack.services.s3 import provider as s3
    from moto.sagemaker import models as sagemaker

    alarms.datetime = cloudwatch.datetime = s3.datetime = module()
    s3_models.datetime = sagemaker.datetime = Datetime


def parse(text) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def iso(moment) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def route(request):
    """GET: every frozen account. POST {"account", "now": instant or null}: freeze it there, or give it back real time."""
    if request.method == "POST":
        row = request.get_json(force=True)
        if row.get("now") is None:
            _FROZEN.pop(row["account"], None)
        else:
            _FROZEN[row["account"]] = parse(row["now"])
    return {"real": iso(dt.datetime.now(UTC)), "frozen": {k: v.isoformat().replace("+00:00", "Z") for k, v in sorted(_FROZEN.items())}}

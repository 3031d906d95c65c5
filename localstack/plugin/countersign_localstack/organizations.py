"""Organizations: moto keeps them; here is who may ask what, ids that a seeder chooses, and pages as short as AWS's.

Only the management account and delegated administrators may read an organization; its other members may only describe it.
"""
import hashlib
import threading

from localstack.aws.api import CommonServiceException

from . import clock
from .pages import page

OPEN_TO_MEMBERS = {"DescribeOrganization", "LeaveOrganization", "CreateOrganization"}
# what delegated administrators may ask besides the management account
READS = ("Describe", "List")
LONGEST_PAGE = 20
IDS: dict[tuple[str, str], str] = {}  # (management account, e-mail) -> the id that CreateAccount gives
NEXT = threading.local()  # .id: of the account being made in this thread


def patch():
    from moto.organizations import models, utils

    models.utcnow = lambda: clock.now().replace(tzinfo=None)
    plain_id = utils.make_random_account_id
    utils.make_random_account_id = lambda: getattr(NEXT, "id", None) or plain_id()
    steady_ids(models)


def steady_ids(models):
    """An organization, its root and its units have the same ids in every run: they follow from the account and the names."""
    plain_organization, plain_unit = models.FakeOrganization.__init__, models.FakeOrganizationalUnit.__init__

    def organization(self, account_id, region_name, feature_set):
        plain_organization(self, account_id, region_name, feature_set)
        self.id, self.root_id = "o-" + _letters(account_id, 10), "r-" + _letters(account_id, 4)
        self.master_account_email = f"aws-{account_id}@organization.example"

    def unit(self, organization, **kwargs):
        plain_unit(self, organization, **kwargs)
        self.id = f"ou-{organization.root_id[2:]}-" + _letters(f"{self.parent_id}/{self.name}", 8)

    models.FakeOrganization.__init__, models.FakeOrganizationalUnit.__init__ = organization, unit


def _letters(text, count):
    return hashlib.sha256(text.encode()).hexdigest()[:count]


def overrides(moto):
    from botocore.session import get_session

    guarded = lambda operation: lambda context, request: _may(context, operation) and moto(context, request)
    answers = {name: guarded(name) for name in get_session().get_service_model("organizations").operation_names}
    answers |= {name: _read(name, answer) for name, answer in (
        ("ListAccounts", _accounts), ("ListAccountsForParent", _accounts_of), ("ListOrganizationalUnitsForParent", _units_of),
        ("ListRoots", _roots), ("DescribeAccount", _account), ("DescribeOrganizationalUnit", _unit), ("ListParents", _parents),
        ("ListChildren", _children), ("ListTagsForResource", _tags))}
    answers["CreateAccount"] = _create_account(guarded("CreateAccount"))
    return answers


def _backend(account, partition="aws"):
    from moto.organizations.models import organizations_backends

    return organizations_backends[account][partition or "aws"]


def management_of(account, partition="aws"):
    """The management account of the organization that `account` is in, None if it is in none."""
    from moto.organizations.models import organizations_backends

    if _backend(account, partition).org:
        return account
    return organizations_backends.master_accounts.get(account, (None,))[0]


def accounts_below(management, partition, units):
    """The open accounts below these units (or roots), whatever the depth."""
    backend, within = _backend(management, partition), set(units)
    for _ in backend.ou:  # as deep as there are units
        within |= {ou.id for ou in backend.ou if ou.parent_id in within}
    return [a.id for a in backend.accounts if a.parent_id in within and a.status == "ACTIVE" and a.id != management]


def suspended(account, partition="aws"):
    management = management_of(account, partition)
    found = [a for a in _backend(management, partition).accounts if a.id == account] if management else []
    return bool(found) and found[0].status == "SUSPENDED"


def _may(context, operation):
    management = management_of(context.account_id, context.partition)
    if operation == "CreateOrganization":
        return True
    if management is None:
        raise CommonServiceException("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.", 400, True)
    if management == context.account_id or operation in OPEN_TO_MEMBERS:
        return management
    admins = {admin.account.id for admin in _backend(management, context.partition).admins}
    if operation.startswith(READS) and context.account_id in admins:
        return management
    raise CommonServiceException("AccessDeniedException", "You don't have permissions to access this resource.", 400, True)


def _read(name, answer):
    """An answer from the management account's own records, also to a delegated administrator."""
    return lambda context, request: answer(_backend(_may(context, name), context.partition), request)


def _refuse(kind, what):
    raise CommonServiceException(kind, f"You specified {what} that doesn't exist.", 400, True)


def _listed(member, rows, request):
    return page(member, rows, request, LONGEST_PAGE)


def _found(rows, id_, kind, what):
    return next((row for row in rows if row.id == id_), None) or _refuse(kind, what)


def _accounts(backend, request):
    return _listed("Accounts", [a.describe() for a in backend.accounts], request)


def _accounts_of(backend, request):
    _found(backend.ou, request["ParentId"], "ParentNotFoundException", "a parent")
    return _listed("Accounts", [a.describe() for a in backend.accounts if a.parent_id == request["ParentId"]], request)


def _units_of(backend, request):
    _found(backend.ou, request["ParentId"], "ParentNotFoundException", "a parent")
    units = [u.describe()["OrganizationalUnit"] for u in backend.ou if u.type == "ORGANIZATIONAL_UNIT" and u.parent_id == request["ParentId"]]
    return _listed("OrganizationalUnits", units, request)


def _roots(backend, request):
    return backend.list_roots()


def _account(backend, request):
    return {"Account": _found(backend.accounts, request["AccountId"], "AccountNotFoundException", "an account").describe()}


def _unit(backend, request):
    return _found(backend.ou, request["OrganizationalUnitId"], "OrganizationalUnitNotFoundException", "an organizational unit").describe()


def _parents(backend, request):
    child = _found([*backend.accounts, *backend.ou], request["ChildId"], "ChildNotFoundException", "a child")
    return {"Parents": [{"Id": ou.id, "Type": ou.type} for ou in backend.ou if ou.id == child.parent_id]}


def _children(backend, request):
    parent, kind = request["ParentId"], request["ChildType"]
    _found(backend.ou, parent, "ParentNotFoundException", "a parent")
    rows = backend.accounts if kind == "ACCOUNT" else [u for u in backend.ou if u.type == kind]
    return _listed("Children", [{"Id": row.id, "Type": kind} for row in rows if row.parent_id == parent], request)


def _tags(backend, request):
    thing = _found([*backend.accounts, *backend.ou, *backend.policies], request["ResourceId"], "TargetNotFoundException", "a target")
    return {"Tags": [{"Key": k, "Value": v} for k, v in thing.tags.items()]}


def _create_account(plain):
    def answer(context, request):
        if any(a.email == request["Email"] for a in _backend(_may(context, "CreateAccount"), context.partition).accounts):
            status = {"Id": "car-" + _letters(request["Email"], 32), "AccountName": request["AccountName"], "State": "FAILED",
                      "RequestedTimestamp": clock.now(), "CompletedTimestamp": clock.now(), "FailureReason": "EMAIL_ALREADY_EXISTS"}
            return {"CreateAccountStatus": status}
        NEXT.id = IDS.pop((context.account_id, request["Email"]), None)
        try:
            return plain(context, request)
        finally:
            NEXT.id = None

    return answer


def route(request):
    """POST {"account": management account, "ids": {e-mail: account id that CreateAccount shall give}, "set": {account id: members
    of Account, as {"Status": "SUSPENDED", "State": "PENDING_CLOSURE"}}}."""
    row = request.get_json(force=True)
    management = row["account"]
    IDS.update({(management, email): str(id_) for email, id_ in row.get("ids", {}).items()})
    changed = {}
    for id_, members in row.get("set", {}).items():
        account = _found(_backend(management).accounts, id_, "AccountNotFoundException", "an account")
        for member, value in members.items():
            setattr(account, {"JoinedMethod": "joined_method", "Name": "name"}.get(member, member.lower()), value)
        changed[id_] = {k: v for k, v in account.describe().items() if not k.endswith("Timestamp")}
    return {"ids": {email: id_ for (owner, email), id_ in IDS.items() if owner == management}, "set": changed}

"""Budgets: made by CreateBudget, with what AWS itself would compute planted over them."""
import threading

from localstack.aws.api import CommonServiceException

from .. import clock
from ..pages import page
from . import planted

LOCK = threading.Lock()
BUDGETS: dict[str, dict[str, dict]] = {}  # account -> name -> {"budget", "notifications": [(notification, subscribers)]}
FAR = "2087-06-15T00:00:00Z"
LONGEST = {"DescribeBudgets": 1000, "DescribeBudgetNotificationsForAccount": 1000, "DescribeNotificationsForBudget": 100,
           "DescribeSubscribersForNotification": 100}


def refuse(code, message):
    raise CommonServiceException(code, message, 400, True)


def own(context, request):
    if request["AccountId"] != context.account_id:
        refuse("AccessDeniedException", f"Account ID in the request does not match the caller's: {request['AccountId']}")
    return BUDGETS.setdefault(planted.whose(context.account_id), {})


def found(context, request):
    return own(context, request).get(request["BudgetName"]) or refuse(
        "NotFoundException", f"Unable to get budget: {request['BudgetName']} - the budget doesn't exist.")


def create_budget(context, request):
    kept, budget = own(context, request), dict(request["Budget"])
    if budget["BudgetName"] in kept:
        refuse("DuplicateRecordException", f"Error creating budget: {budget['BudgetName']} - the budget already exists.")
    if budget.get("CostFilters") and budget.get("FilterExpression"):
        refuse("InvalidParameterException", "CostFilters and FilterExpression cannot both be given.")
    month = clock.now(context.account_id).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    budget["TimePeriod"] = {"Start": month, "End": clock.parse(FAR), **budget.get("TimePeriod", {})}
    budget["LastUpdatedTime"] = clock.now(context.account_id)
    told = [(n["Notification"], list(n.get("Subscribers", []))) for n in request.get("NotificationsWithSubscribers", [])]
    with LOCK:
        kept[budget["BudgetName"]] = {"budget": budget, "notifications": told}
    return {}


def shown(context, budget, expression):
    """A budget as AWS shows it, with what was planted over it."""
    changed = planted.of(context.account_id, "budgets").get(budget["BudgetName"], {})
    row = {"CalculatedSpend": {"ActualSpend": {"Amount": "0.0", "Unit": "USD"}}, "HealthStatus": {"Status": "HEALTHY"}, "CostFilters": {}, **budget, **changed}
    if not expression:
        row.pop("FilterExpression", None)
    for place, name in ((row, "LastUpdatedTime"), (row["HealthStatus"], "LastUpdatedTime"), (row["TimePeriod"], "Start"), (row["TimePeriod"], "End")):
        if isinstance(place.get(name), str):
            place[name] = clock.parse(place[name])
    return {k: v for k, v in row.items() if v is not None}


def notifications(context, name, kept):
    states = planted.of(context.account_id, "notifications").get(name, [])
    return [{"ThresholdType": "PERCENTAGE", "NotificationState": states[n] if n < len(states) else "OK", **notification}
            for n, (notification, _) in enumerate(kept["notifications"])]


def listed(operation, member, rows, request):
    return page(member, rows, {"MaxResults": 100, **request}, LONGEST[operation], "InvalidNextTokenException")


def describe_budgets(context, request):
    rows = [shown(context, dict(kept["budget"]), request.get("ShowFilterExpression")) for _, kept in sorted(own(context, request).items())]
    return listed("DescribeBudgets", "Budgets", rows, request)


def describe_budget(context, request):
    return {"Budget": shown(context, dict(found(context, request)["budget"]), request.get("ShowFilterExpression"))}


def for_account(context, request):
    """A budget without notifications is absent."""
    rows = [{"BudgetName": name, "Notifications": notifications(context, name, kept)}
            for name, kept in sorted(own(context, request).items()) if kept["notifications"]]
    return listed("DescribeBudgetNotificationsForAccount", "BudgetNotificationsForAccount", rows, request)


def for_budget(context, request):
    return listed("DescribeNotificationsForBudget", "Notifications", notifications(context, request["BudgetName"], found(context, request)), request)


def subscribers(context, request):
    same = lambda a, b: all(a.get(k) == b.get(k) for k in ("NotificationType", "ComparisonOperator", "Threshold")) and (
        a.get("ThresholdType", "PERCENTAGE") == b.get("ThresholdType", "PERCENTAGE"))
    for notification, told in found(context, request)["notifications"]:
        if same(notification, request["Notification"]):
            told = [] if request["BudgetName"] in planted.of(context.account_id, "deaf") else told
            return listed("DescribeSubscribersForNotification", "Subscribers", told, request)
    return refuse("NotFoundException", "Unable to get subscribers - the notification doesn't exist.")


ANSWERS = {"CreateBudget": create_budget, "DescribeBudget": describe_budget, "DescribeBudgets": describe_budgets,
           "DescribeBudgetNotificationsForAccount": for_account, "DescribeNotificationsForBudget": for_budget,
           "DescribeSubscribersForNotification": subscribers}

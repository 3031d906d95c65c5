"""Cost Optimization Hub: recommendations as planted; an account where none were planted is not enrolled."""
from localstack.aws.api import CommonServiceException

from .. import clock
from . import planted
from .lower_case import page


def list_recommendations(context, request):
    rows = planted.of(context.account_id, "recommendations")
    if rows is None:
        raise CommonServiceException("AccessDeniedException", "AWS account is not enrolled for recommendations.", 400, True)
    asked = request.get("filter", {})
    named = {"resourceTypes": "currentResourceType", "actionTypes": "actionType", "accountIds": "accountId", "regions": "region", "resourceArns": "resourceArn",
             "resourceIds": "resourceId", "recommendationIds": "recommendationId"}
    whole = {"accountId": context.account_id, "currencyCode": "USD", "source": "CostExplorer", "restartNeeded": False, "rollbackPossible": True,
             "recommendationLookbackPeriodInDays": 14}
    rows = [{**whole, **row} for row in rows]
    rows = [row for row in rows if all(not asked.get(f) or row.get(member) in asked[f] for f, member in named.items())]
    for row in rows:
        if isinstance(row.get("lastRefreshTimestamp"), str):
            row["lastRefreshTimestamp"] = clock.parse(row["lastRefreshTimestamp"])
    return page("items", rows, request, 100, 1000)


def list_enrollment_statuses(context, request):
    enrolled = planted.of(context.account_id, "recommendations") is not None
    return {"items": [{"accountId": context.account_id, "status": "Active" if enrolled else "Inactive"}]}


ANSWERS = {"ListRecommendations": list_recommendations, "ListEnrollmentStatuses": list_enrollment_statuses}

"""Dashboards: pages of the list, times by the account's clock, and AWS's answer for one that is not there."""
import functools

from localstack.aws.api import CommonServiceException

from .. import clock
from .answers import install


def list_dashboards(self, context, request):
    from .alarms import cut

    held = self.get_store(context.account_id, context.region).dashboards
    rows = [{"DashboardName": name, "DashboardArn": board.dashboard_arn, "LastModified": board.last_modified, "Size": board.size}
            for name, board in sorted(held.items()) if name.startswith(request.get("DashboardNamePrefix") or "")]
    page, token = cut(rows, request, default=100)
    return {"DashboardEntries": page, **({"NextToken": token} if token else {})}


def patch(P):
    plain_get, plain_put = P.get_dashboard, P.put_dashboard

    @functools.wraps(plain_get)
    def get_dashboard(self, context, dashboard_name, **kwargs):
        if dashboard_name not in self.get_store(context.account_id, context.region).dashboards:
            raise CommonServiceException("ResourceNotFound", f"Dashboard {dashboard_name} does not exist", 404, True)
        return plain_get(self, context, dashboard_name, **kwargs)

    @functools.wraps(plain_put)
    def put_dashboard(self, context, dashboard_name, dashboard_body, **kwargs):
        answer = plain_put(self, context, dashboard_name, dashboard_body, **kwargs)
        board = self.get_store(context.account_id, context.region).dashboards[dashboard_name]
        board.last_modified, board.size = clock.now(), len(dashboard_body.encode())
        return answer

    P.get_dashboard, P.put_dashboard = get_dashboard, put_dashboard
    install(P, "ListDashboards", list_dashboards)

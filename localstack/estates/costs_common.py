"""What the endpoints of `costs` have in common: how they serve, how they are used, and what is billed for them.

Money is whole micro-dollars here; each endpoint runs since the fifth of October, and the bill knows it from that day on."""
import datetime as dt

from .costs_truth import BY_RESOURCE
from .story import instances, iso

VARIANT, OWNER = "AllTraffic", "cards@bank.example"
SERVICE = "Amazon SageMaker"
STARTED, TODAY = "2026-10-05", "2026-11-13"
MICRO = 1_000_000
# Micro-dollars an hour of hosting, as the planted price list says: near AWS's, but no table has them.
PRICES = {"ml.m5.large": 115_500, "ml.m5.xlarge": 231_000, "ml.m5.2xlarge": 461_300, "ml.c5.xlarge": 204_100, "ml.c5.2xlarge": 408_700,
          "ml.g5.xlarge": 1_408_300, "ml.t2.medium": 56_100}
PROCESSORS = {"ml.m5.large": 2, "ml.m5.xlarge": 4, "ml.m5.2xlarge": 8, "ml.c5.xlarge": 4, "ml.c5.2xlarge": 8, "ml.g5.xlarge": 4, "ml.t2.medium": 2, "ml.m9g.xlarge": 4}
STEADY = [[[1, 40]]]  # requests of an hour, each hour


class Costs:
    """The story, and what is planted at its end in one go."""

    def __init__(self, story):
        self.story, self.truth, self.versions = story, story.truth, {}
        self.data, self.bill = [], []

    # --- serving -----------------------------------------------------------------------------------------------------
    def endpoint(self, name, group="card-scoring", kind="ml.m5.xlarge", count=1, center="CC-1001", owner=OWNER, tags=None, billed=BY_RESOURCE, daily=None,
                 requests=STEADY, busy=0.4, memory=55, stops=0.0):
        """One that serves a group's version; `billed` says how its cost comes to be known, `daily` what a day is billed (else hours at the list price).

        `busy` is the share of its processors that is in use, `stops` the days since its last request."""
        story, version = self.story, self.versions[group]
        story.model(f"{name}-m", version.by_package)
        tags = {"owner": owner, "cost-center": center, "stage": "production"} if tags is None else tags
        story.deploy(name, instances(VARIANT, f"{name}-m", count, kind=kind), tags={k: v for k, v in tags.items() if v is not None})
        id_ = story.truth.live("variant", name, VARIANT, verdict="", package=version)
        self.use(name, kind, count, requests, busy, memory, stops)
        arn, price = f"arn:aws:sagemaker:{story.region}:{story.account}:endpoint/{name}", PRICES.get(kind)
        if billed == BY_RESOURCE:
            self.charge(f"USE1-Host:{kind}", price * 24 * count if daily is None else daily, 24 * count, tags.get("cost-center"), resource=arn)
        self.truth.money["versions"].append({
            "id": id_, "source": billed, "resource": arn, "usage_type": f"USE1-Host:{kind}", "center": tags.get("cost-center"), "owner": tags.get("owner"),
            "group": group, "instances": count, "hourly": price})
        return id_

    def use(self, name, kind, count, requests, busy, memory, stops):
        where = {"EndpointName": name, "VariantName": VARIANT}
        if requests:
            self.series("AWS/SageMaker", "Invocations", where, requests, until=stops)
        busy = busy * 100 * PROCESSORS[kind]
        self.series("/aws/sagemaker/Endpoints", "CPUUtilization", where, [[[busy, 60 * count]]])
        self.series("/aws/sagemaker/Endpoints", "MemoryUtilization", where, [[[memory, 60 * count]]])
        if kind.startswith("ml.g5"):
            self.series("/aws/sagemaker/Endpoints", "GPUUtilization", where, [[[busy / PROCESSORS[kind], 60 * count]]])

    def series(self, namespace, metric, dimensions, values, every=3600, days=39, until=0.0):
        """Points from midnight `days` ago until `until` days ago."""
        start = self.story.ago(days=days).replace(hour=0, minute=0)
        self.data.append({"namespace": namespace, "metric": metric, "dimensions": dimensions, "from": iso(start), "every": every,
                          "to": iso(self.story.now - dt.timedelta(days=until)), "values": values})

    # --- the bill ----------------------------------------------------------------------------------------------------
    def charge(self, usage_type, daily, hours, center, *, resource=None, service=SERVICE, unit="Hrs", start=STARTED, end=TODAY):
        """So many micro-dollars a day."""
        self.truth.money["bill"].append({"service": service, "usage_type": usage_type, "daily": daily, "center": center, "resource": resource, "from": start, "until": end})
        self.bill.append({"service": service, "usage_type": usage_type, "cost": dollars(daily), "usage": str(hours), "unit": unit, "from": start, "until": end,
                          "tags": {} if center is None else {"cost-center": center}, **({"resource": resource} if resource else {})})

    def finish(self, **subjects):
        here = {"account": self.story.account, "region": self.story.region}
        self.story.post("cloudwatch/metrics", [{**here, **row} for row in self.data])
        self.story.money(bill=self.bill, **subjects)


def dollars(micro):
    """Exactly, as Cost Explorer writes it."""
    return f"{micro // MICRO}.{micro % MICRO:06}"

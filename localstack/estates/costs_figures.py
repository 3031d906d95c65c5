"""Each way in which a figure is known, and the lines of the bill that belong to no endpoint."""
from .costs_common import SERVICE
from .costs_truth import BY_TAG, ESTIMATE


def tell(costs):
    by_resource(costs)
    by_tag(costs)
    by_estimate(costs)
    beside(costs)
    of_others(costs)
    return {"forecast": {"mean": "90.25", "low": "80.5", "high": "101.75"}}


def by_resource(costs):
    """Billed a little less than the list says, as after a discount; with parts of a cent."""
    costs.endpoint("billed-by-resource", count=2, daily=10_955_003)


def by_tag(costs):
    """One instance and three share a usage type and a cost centre: a quarter and three quarters of 17.625 USD a day. Another shares its line
    with `ownerless`, which is billed by name: the rest is its own."""
    costs.endpoint("shares-one", "letter-sorting", "ml.c5.xlarge", 1, "CC-1002", billed=BY_TAG)
    costs.endpoint("shares-three", "letter-sorting", "ml.c5.xlarge", 3, "CC-1002", billed=BY_TAG)
    costs.charge("USE1-Host:ml.c5.xlarge", 17_625_000, 96, "CC-1002")
    costs.endpoint("beside-named", "letter-sorting", center="CC-1002", billed=BY_TAG)
    costs.charge("USE1-Host:ml.m5.xlarge", 5_400_001, 24, "CC-1002")


def by_estimate(costs):
    """No bill knows these types; the price of one is not listed anywhere, either."""
    costs.endpoint("estimate-only", "letter-sorting", "ml.m5.2xlarge", center="CC-1003", billed=ESTIMATE)
    unknown = costs.endpoint("price-unknown", "letter-sorting", "ml.m9g.xlarge", center="CC-1003", billed=None)
    costs.truth.unknown(unknown, "CST-005", why="its manifest says what a month may cost, and what it costs is not known")
    costs.truth.unknown(unknown, "CST-004", why="how many processors it has is not known")


def beside(costs):
    """What else was billed: training this month and last, data processed, tokens; and EC2, which is nobody's concern here."""
    costs.charge("USE1-Train:ml.m5.xlarge", 7_300_000, 30, "CC-1001", start="2026-10-01", end="2026-10-20")
    costs.charge("USE1-Train:ml.m5.xlarge", 11_450_001, 48, "CC-1001", start="2026-11-02")
    costs.charge("USE1-Processing:ml.m5.large", 460_000, 4, None, start="2026-10-01")
    costs.charge("USE1-Host:VolumeUsage.gp2", 33_333, 1, None, unit="GB-Mo", start="2026-10-01")
    costs.charge("USE1-Claude3Haiku-input-tokens", 1_250_000, 5000, "CC-1001", service="Amazon Bedrock", unit="1K tokens", start="2026-10-01")
    costs.bill.append({"service": "Amazon Elastic Compute Cloud - Compute", "usage_type": "USE1-BoxUsage:m5.xlarge", "cost": "99.99", "usage": "24", "unit": "Hrs",
                       "from": "2026-10-01", "until": "2026-11-13", "tags": {"cost-center": "CC-1001"}})
    assert all(row["service"] in (SERVICE, "Amazon Bedrock") for row in costs.truth.money["bill"])


def of_others(costs):
    """The account pays for another one too, and Cost Explorer tells it what that one was billed: under the same usage type and cost centre."""
    costs.bill.append({"account": "999900001111", "service": SERVICE, "usage_type": "USE1-Host:ml.c5.xlarge", "cost": "1000.25", "usage": "4900", "unit": "Hrs",
                       "from": "2026-10-01", "until": "2026-11-13", "tags": {"cost-center": "CC-1002"}})

"""Tags: missing, misspelt, empty, against the policy of the organization, and strange."""
from .costs_common import OWNER

LONG = ("cost centre of the bank's retail division, " * 7)[:256]
STRANGE = {  # what a stranger may write into a tag
    "formula": "=1+1+cmd|'/C calc'!A0", "formula-at": "@SUM(1+9)*cmd", "formula-minus": "-2+3+cmd", "markup": "</script><img src=x onerror=alert(1)>",
    "long": LONG, "emoji": "🏦 Kosten 💶", "right-to-left": "مركز التكلفة \u202e4711", "quotes": 'a,"b";\'c\'\\'}


def tell(costs):
    truth, account = costs.truth, costs.story.account
    truth.fail(costs.endpoint("ownerless", "nobodys", tags={"cost-center": "CC-1002", "stage": "production"}), "CST-001", why="no owner")
    truth.fail(costs.endpoint("near-miss", tags={"owner": OWNER, "costcenter": "CC-1001"}), "CST-001", why="`costcenter` is not `cost-center`")
    off = costs.endpoint("off-policy", center="CC-1001")
    truth.fail(off, "CST-001", why="the tag policy refuses the value of its cost-center")
    truth.refused.add("off-policy")
    empty = costs.endpoint("empty-center", kind="ml.t2.medium", center="")
    truth.fail(empty, "CST-001", why="cost-center is empty")
    truth.open(empty, "CST-005", why="AWS does not say whether a filter on an absent tag takes an empty one")
    for name, value in STRANGE.items():
        costs.endpoint(f"strange-{name}", kind="ml.t2.medium", center=value, owner=value)
    truth.fail(account, "CST-002", why="the key owner is not activated for cost allocation")
    tag = {"Type": "UserDefined", "LastUpdatedDate": "2026-01-01T00:00:00Z", "LastUsedDate": "2026-11-01T00:00:00Z"}
    return {"allocation_tags": [{**tag, "TagKey": "cost-center", "Status": "Active"}, {**tag, "TagKey": "owner", "Status": "Inactive"}],
            "compliance": {f"arn:aws:sagemaker:{costs.story.region}:{account}:endpoint/off-policy": {"values": ["cost-center"]}}}

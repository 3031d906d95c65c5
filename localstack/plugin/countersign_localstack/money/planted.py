"""What was planted, by account: `POST /_countersign/money` with one member a subject, each replacing what was planted of it."""
import threading

SUBJECTS = {
    "bill": [],  # what was used and billed, see cost_explorer
    "explorer": {},  # {"enabled": false}, {"by_resource": false}, {"page": groups a page}
    "forecast": {},  # {"mean": "…", "low": "…", "high": "…"} of a day, see cost_explorer
    "allocation_tags": [],  # as ListCostAllocationTags gives them
    "budgets": {},  # name -> members that replace those of a budget, such as CalculatedSpend, HealthStatus, LastUpdatedTime
    "notifications": {},  # budget -> the state of each of its notifications, in their order
    "deaf": [],  # budgets whose notifications reach nobody: AWS takes none without a subscriber
    "prices": [],  # see price_list
    "recommendations": None,  # items of ListRecommendations; None: the account is not enrolled
    "provisioned": [],  # items of ListProvisionedModelThroughputs, each with a region
    "profiles": [],  # items of ListInferenceProfiles, each with a region
    "tags": {},  # ARN -> tags, of what Bedrock holds
    "compliance": {},  # ARN -> keys that break the tag policy
}
LOCK = threading.Lock()
PLANTED: dict[str, dict] = {}
PAYS_FOR: dict[str, str] = {}  # payer -> the member whose bill and budgets are the payer's


def whose(account):
    """The account whose bill and budgets an account sees as its own."""
    return PAYS_FOR.get(account, account)


def of(account, subject):
    return PLANTED.get(whose(account), {}).get(subject, SUBJECTS[subject])


def route(request):
    """POST {"account", subject: what to answer, …}; {"account", "pays_for": a member} makes it the payer of what was planted there."""
    row = request.get_json(force=True)
    if member := row.pop("pays_for", None):
        PAYS_FOR[row["account"]] = member
    unknown = sorted(set(row) - set(SUBJECTS) - {"account"})
    if unknown:
        raise ValueError(f"unknown subjects: {unknown}")
    with LOCK:
        kept = PLANTED.setdefault(row["account"], {})
        kept.update({k: v for k, v in row.items() if k != "account"})
    return {"planted": sorted(kept)}

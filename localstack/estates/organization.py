"""An organization: twelve member accounts under one management account, over two regions, and a thirteenth that was closed.

One account is the registry: model package groups shared by resource policy, approved there, served elsewhere. The others serve what the
registry has, what they registered themselves, or nothing. One does not let the reader in; one answers few calls a second.
"""
import json

from .bank_common import VARIANT, by_the_book, dimensions, one_after_another, tags, ticket, watched
from .bank_evidence import closed
from .organization_truth import OrganizationTruth
from .story import iso
from .truth import OPERATE, STOP

NOW = "2026-11-20T09:00:00Z"
POLICY = "organization.toml"
ROLE, EXTERNAL_ID = "countersign-reader", "bank-organization"
SECOND_REGION = "eu-central-1"
SHARED, OWN, PENDING = "from the registry", "its own", "its own, taken back to pending while live"

# name, unit, cost centre of the account, and what serves: (which region, endpoint, whence, team, cost centre of the endpoint)
MEMBERS = [
    ("model-registry", "Platform", "CC-9001", []),
    ("retail-production", "Production", "CC-4100", [
        (1, "fraud-screening", SHARED, "fraud-analytics", "CC-4101"), (1, "card-authorisation", OWN, "cards", "CC-4102"),
        (1, "churn-scores", OWN, "crm", "CC-4105"), (2, "fraud-screening", SHARED, "fraud-analytics", "CC-4101")]),
    ("credit-production", "Production", "CC-4200", [
        (1, "credit-limit", SHARED, "retail-credit", "CC-4103"), (1, "mortgage-pricing", OWN, "mortgages", "CC-4204")]),
    ("insurance-production", "Production", "CC-4300", [
        (2, "travel-insurance", SHARED, "insurance", "CC-4114"), (2, "home-contents", OWN, "insurance", "CC-4114")]),
    ("markets-production", "Production", "CC-4400", [
        (1, "portfolio-risk", OWN, "market-risk", "CC-4401"), (2, "portfolio-risk", OWN, "market-risk", "CC-4402")]),
    ("payments-production", "Production", "CC-4500", [
        (1, "fraud-screening", SHARED, "fraud-analytics", "CC-4501"), (1, "instant-payments", OWN, "payments", "CC-4502")]),
    ("wealth-production", "Production", "CC-4600", [
        (2, "robo-advice", PENDING, "wealth", "CC-4601"), (2, "suitability", OWN, "wealth", "CC-4602")]),
    ("retail-staging", "Staging", "CC-4190", [(1, "fraud-screening-next", OWN, "fraud-analytics", "CC-4190")]),
    ("claims-acquired", "Production", "CC-4700", [(1, "claims-triage", OWN, "claims", "CC-4701"), (1, "claims-fraud", OWN, "claims", "CC-4701")]),
    ("merchant-production", "Production", "CC-4800", [
        (1, "merchant-risk", OWN, "merchants", "CC-4801"), (1, "chargeback", OWN, "payments", "CC-4802"), (2, "merchant-risk", OWN, "merchants", "CC-4801")]),
    ("data-science-sandbox", "Sandbox", "CC-9101", []),
    ("shared-services", "Platform", "CC-9002", []),
]
DENYING, THROTTLING, CLOSED = "claims-acquired", "merchant-production", "broker-closed"
SHARED_GROUPS = {1: ("fraud-screening", "credit-limit"), 2: ("fraud-screening", "travel-insurance")}


def member_id(management, number):
    """The id of a member, which follows from the management account's: 31…, 32…, for the closed one 43…."""
    return f"{30 + number}{management[2:]}"


def seed(story):
    regions = {1: story.region, 2: SECOND_REGION if story.region != SECOND_REGION else "us-east-1"}
    truth = story.truth = OrganizationTruth(story.account, regions, iso(story.now), ROLE, EXTERNAL_ID)
    ids = {name: member_id(story.account, i) for i, name in enumerate([*(m[0] for m in MEMBERS), CLOSED], 1)}
    found(story, ids)
    stories = {(name, number): story.beside(id_, region, together=False) for name, id_ in ids.items() for number, region in regions.items()}
    registry = {number: stories["model-registry", number] for number in regions}
    consumers = [ids[name] for name, _, _, serving in MEMBERS if any(whence == SHARED for _, _, whence, *_ in serving)]
    for number, there in registry.items():
        for group in SHARED_GROUPS[number]:
            truth.share(share(there, group, consumers), by="maria.lopez@bank.example")
    for name, unit, centre, serving in MEMBERS:
        truth.account(ids[name], name, unit, centre, readable=name != DENYING)
        open_to_reader(stories[name, 1], story.account)
        for number, there in ((n, stories[name, n]) for n in regions):
            produce(there, registry[number], [row[1:] for row in serving if row[0] == number], name, truth)
    truth.closed(ids[CLOSED], CLOSED)
    role = f"arn:aws:iam::{ids[DENYING]}:role/{ROLE}"
    truth.fault({"account": story.account, "service": "sts", "operation": "AssumeRole", "match": {"RoleArn": role},
                 "error": {"denied": "trust", "resource": role}}, ids[DENYING], "nobody may assume the role")
    truth.fault({"account": ids[THROTTLING], "service": "sagemaker", "rate": 8, "error": {"code": "ThrottlingException", "message": "Rate exceeded"}},
                ids[THROTTLING], None)
    truth.fault({"account": ids[THROTTLING], "service": "cloudwatch", "rate": 3, "error": {"code": "ThrottlingException", "message": "Rate exceeded"}},
                ids[THROTTLING], None)
    story.faults(truth.faults)
    story.others = list(stories.values())


def found(story, ids):
    """The organization, its units and its accounts."""
    story.at(days=900)
    client = story.client("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    story.post("organizations", {"account": story.account, "ids": {f"aws-{name}@bank.example": id_ for name, id_ in ids.items()}})
    units = {name: client.create_organizational_unit(ParentId=root, Name=name)["OrganizationalUnit"]["Id"]
             for name in ("Platform", "Production", "Staging", "Sandbox")}
    units["Retail"] = client.create_organizational_unit(ParentId=units["Production"], Name="Retail")["OrganizationalUnit"]["Id"]
    for name, unit, centre, _ in [*MEMBERS, (CLOSED, "Sandbox", "CC-9102", [])]:
        client.create_account(AccountName=name, Email=f"aws-{name}@bank.example", Tags=[{"Key": "cost-center", "Value": centre}])
        unit = "Retail" if name == "retail-production" else unit
        client.move_account(AccountId=ids[name], SourceParentId=root, DestinationParentId=units[unit])
    client.close_account(AccountId=ids[CLOSED])
    story.at(days=120)
    trail, bucket = story.client("cloudtrail"), story.bucket("organization-audit")
    trail.create_trail(Name="organization", S3BucketName=bucket, IsMultiRegionTrail=True, IsOrganizationTrail=True, EnableLogFileValidation=True)
    trail.start_logging(Name="organization")


def open_to_reader(there, management):
    """The role that the management account reads through."""
    there.make_role(ROLE, trust={"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{management}:root"},
                                 "Condition": {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}})


def ready(there):
    """Buckets and people, once for each account and region."""
    if there.buckets:
        return
    there.at(days=120)
    there.buckets["bank-models"] = there.bucket(f"models-{there.region}")
    closed(there, "bank-models")
    there.approver = there.person("peter.novak", "ModelApprover")
    for role in ("ci-release", "ml-serving"):
        there.make_role(role)
    there.oncall = there.topic("ml-oncall", "email", "ml-oncall@bank.example")


def share(there, group, consumers):
    """Two approved versions of a group of the registry, and a policy that lets others serve them; the second one."""
    ready(there)
    there.approver = there.person("maria.lopez", "ModelApprover")
    there.shared = getattr(there, "shared", {})
    there.shared[group] = [by_the_book(there, group, days) for days in (84, 41)]
    there.client("sagemaker").put_model_package_group_policy(ModelPackageGroupName=group, ResourcePolicy=json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{id_}:root" for id_ in consumers]}, "Resource": "*",
            "Action": ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages", "sagemaker:CreateModel", "sagemaker:DescribeModelPackageGroup"]}]}))
    return there.shared[group][-1]


def produce(there, registry, serving, name, truth):
    """What serves in one account and region: two versions one after another, so that the first could be rolled back to."""
    for endpoint, whence, team, centre in serving:
        ready(there)
        versions = registry.shared[endpoint] if whence == SHARED else [by_the_book(there, endpoint, days) for days in (84, 41)]
        stage = "staging" if name.endswith("-staging") else "production"
        one_after_another(there, endpoint, *(v.by_package for v in versions), tags=tags(team, centre, stage))
        watched(there, f"{endpoint}-{VARIANT}", dimensions(endpoint), f"{team}@bank.example")
        if whence == PENDING:
            there.at(days=2)
            there.decide(versions[-1], there.approver, ticket(versions[-1]), status="PendingManualApproval")
        id_ = truth.live(there, endpoint, versions[-1], STOP if whence == PENDING else OPERATE, f"{team}@bank.example", centre, stage,
                         by="maria.lopez@bank.example" if whence == SHARED else "peter.novak@bank.example", hidden=name == DENYING)
        if whence == PENDING:
            truth.fail(id_, "APR-001", "APR-005", why="taken back to pending two days ago")
    if serving:
        there.at(days=1)
        there.settle_alarms()

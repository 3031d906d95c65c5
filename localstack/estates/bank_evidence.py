"""What approvals and artifacts are proved by, and what weakens the proof: the audit trail, a registry in another account, Studio, and
versions approved, edited or deployed in ways that a careful bank forbids."""
import json
from decimal import Decimal

from .bank_common import VARIANT, by_the_book, dimensions, one_after_another, tags, ticket, watched
from .story import content, instances, spent
from .truth import FIX, OPERATE, STOP

REGISTRY = "444455556666"  # beside 111122223333, as the policy has it


def registry_account(account):
    """The registry of an estate that was seeded into another account."""
    return REGISTRY if account == "111122223333" else f"7{account[1:]}"


def closed(story, bucket):
    """Only those who register and release may write artifacts, whatever their own policies say."""
    role = f"arn:aws:iam::{story.account}:role/"
    allowed = [role + name for name in ("ci-release", "ci-training", "aws-reserved/sso.amazonaws.com/AWSReservedSSO_DataScientist_*")]
    statement = {"Sid": "OnlyReleases", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{story.buckets[bucket]}/*",
                 "Condition": {"ArnNotLike": {"aws:PrincipalArn": allowed}}}
    story.client("s3").put_bucket_policy(Bucket=story.buckets[bucket], Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def audit_trail(story):
    """All regions, with signed digests, for 120 days; its files prove what the event history has forgotten.

    Somebody switched it off for three hours, which the policy declares: AUD-004 passes, and says so."""
    trail, bucket = story.client("cloudtrail"), story.bucket("bank-audit")
    story.at(days=120)
    trail.create_trail(Name="bank-audit", S3BucketName=bucket, IsMultiRegionTrail=True, EnableLogFileValidation=True)
    trail.start_logging(Name="bank-audit")


def trail_switched_off(story):
    story.at(days=25)
    story.client("cloudtrail", story.user("erik.admin")).stop_logging(Name="bank-audit")
    story.at(days=25, hours=-3)
    story.client("cloudtrail", story.user("erik.admin")).start_logging(Name="bank-audit")
    here = f"{story.account}/{story.region}"
    story.truth.fail(here, "AUD-002", why="savings-propensity was approved before the audit trail began")
    story.truth.unknown(here, "AUD-003", why="data-lab lets everybody act as one role, and one approval is out of reach")
    story.truth.reading("A declared change leaves AUD-004 alone: the trail was stopped for three hours, and versioning of the scratch bucket suspended.")


def delivered(story):
    """Everything that the trail owes, in digests of a day: those of an hour would be 2,880."""
    story.at(hours=12)
    story.post(f"cloudtrail/deliver?account={story.account}&hours=24", {})


def money(story):
    """One budget for all that the account spends, which tells somebody in time; what was billed by usage type and tag; tags that count."""
    story.at(days=120)
    story.budget("bank-models", 9000, ["ml-costs@bank.example"])
    day = {"service": "Amazon SageMaker", "unit": "Hrs", "from": "2026-10-01", "until": "2026-11-20"}
    prices = {"ml.c6i.xlarge": "0.204", "ml.c6i.2xlarge": "0.408", "ml.g5.xlarge": "1.408", "ml.g5.2xlarge": "1.515"}
    hours = {"ml.c6i.xlarge": {"CC-4101": 48, "CC-4102": 120, "CC-4103": 120, "CC-4104": 24, "CC-4106": 48, "CC-4108": 72, "CC-4109": 48, "CC-4112": 48, "CC-4113": 48,
                               "CC-4114": 96, None: 24}, "ml.c6i.2xlarge": {"CC-4105": 24}, "ml.g5.xlarge": {"CC-4104": 24, "CC-4105": 24}, "ml.g5.2xlarge": {"CC-4104": 48}}
    # A Savings Plan takes 8 % off the list price; of CC-4115 nothing is billed yet.
    bill = [{**day, "usage_type": f"USE1-Host:{kind}", "cost": str(Decimal(prices[kind]) * count * Decimal("0.92")), "usage": str(count),
             "tags": {"cost-center": center} if center else {}} for kind, centers in hours.items() for center, count in centers.items()]
    bill.append({**day, "usage_type": "USE1-Tsform:ml.m5.xlarge", "cost": "0.115", "usage": "0.5", "tags": {"cost-center": "CC-4109"}})
    key = {"Type": "UserDefined", "Status": "Active", "LastUpdatedDate": "2026-01-01T00:00:00Z", "LastUsedDate": "2026-11-01T00:00:00Z"}
    listed = [("Hosting", kind, "Hrs", price) for kind, price in prices.items()]
    listed += [("Batch Transform", "ml.m5.xlarge", "Hrs", "0.23"), ("Serverless", "Mem-4GB", "seconds", "0.00008")]
    priced = [{"service": "AmazonSageMaker", "region": story.region, "component": component, "item": item, "unit": unit, "price": price}
              for component, item, unit, price in listed]
    story.money(prices=priced, budgets={"bank-models": spent(5100, 8060)}, bill=bill, forecast={"mean": "268.7", "low": "259.1", "high": "279.4"}, recommendations=[],
                allocation_tags=[{**key, "TagKey": name} for name in ("cost-center", "owner")])


def studio(story):
    """Two domains: one hands on who works in it, the other lets everybody act as one role."""
    sagemaker = story.client("sagemaker")
    for name, config in (("data-science", "USER_PROFILE_NAME"), ("data-lab", "DISABLED")):
        role = story.make_role(f"studio-{name}", trust={"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:SetSourceIdentity"],
                                                        "Principal": {"Service": "sagemaker.amazonaws.com"}})
        sagemaker.create_domain(DomainName=name, AuthMode="SSO", VpcId="vpc-0a1b2c3d", SubnetIds=["subnet-0a1b2c3d"], DefaultUserSettings={
            "ExecutionRole": role}, DomainSettings={"ExecutionRoleIdentityConfig": config})


def registry(story):
    """The account of the registry, whose packages are read through a role of its own."""
    there = story.registry = story.beside(registry_account(story.account))
    there.make_role("governance-reader", trust={
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{story.account}:root"},
        "Condition": {"StringEquals": {"sts:ExternalId": "bank-reader"}}})
    there.buckets, there.image = story.buckets, story.image  # artifacts and images lie with the account that serves them


def travel_insurance(story):
    """Registered and approved in the registry's account, served here from the package there; sound."""
    endpoint, owner, registry = "travel-insurance", "insurance@bank.example", story.registry
    versions = []
    for days in (84, 41):
        story.at(days=days)
        version = registry.register(registry.person("jan.devries"), endpoint)
        versions.append(version)
        story.at(days=days - 2)
        registry.decide(version, registry.person("maria.lopez", "ModelApprover"), ticket(version))
    registry.client("sagemaker").put_model_package_group_policy(ModelPackageGroupName=endpoint, ResourcePolicy=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{story.account}:root"},
                                                "Action": ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages", "sagemaker:CreateModel",
                                                           "sagemaker:DescribeModelPackageGroup"], "Resource": "*"}]}))
    one_after_another(story, endpoint, *(v.by_package for v in versions), tags=tags("insurance", "CC-4114"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.truth.live("variant", endpoint, VARIANT, verdict=OPERATE, package=versions[-1])


def home_contents(story):
    """Promoted: approved in the registry's account, and registered here again with the same bytes and image, as approved; sound."""
    endpoint, owner, registry = "home-contents", "insurance@bank.example", story.registry
    promoter, versions = story.role("ci-promote", "promote-release"), []
    for days in (84, 41):
        story.at(days=days)
        source = registry.register(registry.person("jan.devries"), endpoint)
        story.at(days=days - 2)
        registry.decide(source, registry.person("maria.lopez", "ModelApprover"), ticket(source))
        story.at(days=days - 2, hours=-4)
        copied = registry.client("sagemaker").describe_model_package(ModelPackageName=source.arn)["InferenceSpecification"]["Containers"][0]
        versions.append(story.register(promoter, endpoint, key=source.key, etag=copied["ModelDataETag"], upload=False, status="Approved"))
    one_after_another(story, endpoint, *(v.by_package for v in versions), tags=tags("insurance", "CC-4114"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.truth.live("variant", endpoint, VARIANT, verdict=OPERATE, package=versions[-1])


def overdraft_advice(story):
    """APR-008: the image of the approved version was changed after the approval. DEP-003: a person deployed it."""
    endpoint, owner = "overdraft-advice", "retail-credit@bank.example"
    first, version = by_the_book(story, endpoint, 84), by_the_book(story, endpoint, 41)
    erik = story.person("erik.jansen")
    for number, package, days in ((1, first, 81), (2, version, 38)):
        story.at(days=days)
        name = story.model(f"{endpoint}-m{number}", package.by_package, by=erik if number == 2 else None)
        story.deploy(endpoint, instances(VARIANT, name), by=erik if number == 2 else None, tags=tags("retail-credit", "CC-4103"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.at(days=12)
    jan = story.client("sagemaker", story.person("jan.devries"))
    about = jan.describe_model_package(ModelPackageName=version.arn)["InferenceSpecification"]
    about["SupportedContentTypes"] = ["text/csv", "application/json"]
    about["Containers"][0]["Environment"] = {"OVERDRAFT_FLOOR": "-5000"}
    jan.update_model_package(ModelPackageArn=version.arn, InferenceSpecification=about)
    edited = story.truth.live("variant", endpoint, VARIANT, verdict=STOP, package=version)
    story.truth.fail(edited, "APR-008", why="its environment was changed 27 days after the approval")
    story.truth.fail(edited, "DEP-003", why="erik.jansen deployed it himself")


def collections_priority(story):
    """APR-007: approved by a function that no gate is declared for. APR-010: its life cycle says retired."""
    endpoint, owner = "collections-priority", "collections@bank.example"
    first = by_the_book(story, endpoint, 84)
    story.at(days=41)
    version = story.register(story.person("jan.devries"), endpoint)
    story.at(days=39)
    story.decide(version, story.role("quality-gate-lambda", "quality-gate"), "CHG-24990 auc above the floor")
    one_after_another(story, endpoint, first.by_package, version.by_package, tags=tags("collections", "CC-4115"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.at(days=9)
    story.client("sagemaker", story.person("aisha.khan")).update_model_package(
        ModelPackageArn=version.arn, ModelLifeCycle={"Stage": "Production", "StageStatus": "Retired", "StageDescription": "replaced in Q4"})
    automatic = story.truth.live("variant", endpoint, VARIANT, verdict=FIX, package=version)
    story.truth.fail(automatic, "APR-002", "APR-007", why="approved by automation without a declared gate")
    story.truth.fail(automatic, "APR-010", why="Approved, and Retired by its life cycle")


STORIES = [money, registry, travel_insurance, home_contents, overdraft_advice, collections_priority, trail_switched_off]

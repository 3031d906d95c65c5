"""Read an organization back as its reader does: through a role in each account, region by region."""
from concurrent.futures import ThreadPoolExecutor

from botocore.config import Config
from botocore.exceptions import ClientError

from .check import expect


def check(story):
    told = story.truth.document()
    organizations = story.client("organizations")
    listed = [row for page in organizations.get_paginator("list_accounts").paginate() for row in page["Accounts"]]
    expect("accounts and their states", {row["Id"]: row["Status"] for row in listed},
           {story.account: "ACTIVE", **{row["id"]: row["status"] for row in told["accounts"]}})
    expect("twelve of them are open", sum(row["status"] == "ACTIVE" for row in told["accounts"]), 12)
    served, owners, throttled = {}, {}, set()
    for row in told["accounts"]:
        keys = reader(story, told, row["id"])
        expect(f"{row['name']} lets the reader in", keys is not None, row["readable"])
        for region in told["regions"] if keys else ():
            client = sagemaker(story, keys, region)
            throttled |= {row["id"]} if refused_for_haste(client) else set()
            patient = sagemaker(story, keys, region, retries={"total_max_attempts": 12, "mode": "standard"})
            for endpoint in patient.list_endpoints()["Endpoints"]:
                about = patient.describe_endpoint(EndpointName=endpoint["EndpointName"])
                config = patient.describe_endpoint_config(EndpointConfigName=about["EndpointConfigName"])
                model = patient.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"])
                package = patient.describe_model_package(ModelPackageName=model["PrimaryContainer"]["ModelPackageName"])
                id_ = f"{row['id']}/{region}/variant/{about['EndpointName']}/{about['ProductionVariants'][0]['VariantName']}"
                served[id_] = package["ModelPackageArn"], package["LastModifiedBy"]["IamIdentity"]["Arn"].rsplit("/", 1)[-1]
                owners[id_] = {t["Key"]: t["Value"] for t in patient.list_tags(ResourceArn=about["EndpointArn"])["Tags"]}["owner"]
    expect("what serves, from which package, approved by whom", served,
           {v["id"]: (v["package_arn"], v["approved_by"]) for v in told["live_versions"]})
    expect("owners", owners, {v["id"]: v["owner"] for v in told["live_versions"]})
    expect("the total is the sum of its parts", told["totals"]["live_versions"], sum(told["totals"]["by_account_and_region"].values()))
    expect("who answers few calls a second", throttled, {rule["account"] for rule in told["faults"] if "rate" in rule})
    shared = {row["package_arn"]: sorted(row["served_by"]) for row in told["cross_account"]}
    expect("packages that other accounts serve", {arn: sorted(id_ for id_, (package, _) in served.items() if package == arn) for arn in shared}, shared)


def reader(story, told, account):
    """The reader's keys in an account, None where it is refused."""
    try:
        return story.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account}:role/{told['role']}", RoleSessionName="check",
                                               ExternalId=told["external_id"])["Credentials"]
    except ClientError as error:
        expect(f"{account} refuses", error.response["Error"]["Code"], "AccessDenied")
        return None


def sagemaker(story, keys, region, **more):
    config = Config(**{"retries": {"total_max_attempts": 1}, **more})
    return story._session.create_client(
        "sagemaker", region_name=region, endpoint_url=story.endpoint, config=config, aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"], aws_session_token=keys["SessionToken"])


def refused_for_haste(client):
    def hasty(_):
        try:
            client.list_models(MaxResults=1)
        except ClientError as error:
            return error.response["Error"]["Code"] == "ThrottlingException"

    with ThreadPoolExecutor(8) as pool:
        return any(pool.map(hasty, range(24)))

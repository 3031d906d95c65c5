"""Model package groups and packages, in one account and across two."""
import json

from kit import Account, post, refused, same

IMAGE = {"Image": "serve:1", "ModelDataUrl": "s3://b/m.tar.gz"}
SPEC = {"Containers": [IMAGE], "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["text/csv"]}


def register(account, group="churn", **more):
    return account["sagemaker"].create_model_package(ModelPackageGroupName=group, InferenceSpecification=SPEC, **more)["ModelPackageArn"]


def shows_versions_approval_and_life_cycle():
    a = Account()
    sm = a["sagemaker"]
    a.clock("2026-07-01T00:00:00Z")
    sm.create_model_package_group(ModelPackageGroupName="churn", Tags=[{"Key": "owner", "Value": "ml"}])
    arn = register(a)
    a.clock("2026-07-02T00:00:00Z")
    sm.update_model_package(ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="CHG-1",
                            ModelLifeCycle={"Stage": "Production", "StageStatus": "Approved"})
    found = sm.describe_model_package(ModelPackageName=arn)
    same((found["ModelPackageVersion"], found["ModelApprovalStatus"], found["ApprovalDescription"], found["ModelLifeCycle"]["Stage"]),
         (1, "Approved", "CHG-1", "Production"))
    same((found["CreationTime"].day, found["LastModifiedTime"].day), (1, 2))
    same(a.events("UpdateModelPackage")[0]["requestParameters"]["modelApprovalStatus"], "Approved")
    assert found["InferenceSpecification"]["Containers"][0]["ImageDigest"].startswith("sha256:")
    batch = sm.batch_describe_model_package(ModelPackageArnList=[arn, arn[:-1] + "9"])
    same([list(batch["ModelPackageSummaries"]), list(batch["BatchDescribeModelPackageErrorMap"])], [[arn], [arn[:-1] + "9"]])


def shows_unversioned_packages():
    a = Account()
    sm = a["sagemaker"]
    sm.create_model_package_group(ModelPackageGroupName="churn")
    register(a)
    sm.create_model_package(ModelPackageName="lonely", InferenceSpecification=SPEC)
    listed = lambda **q: [p.get("ModelPackageName") or p["ModelPackageVersion"] for p in sm.list_model_packages(**q)["ModelPackageSummaryList"]]
    same([listed(), listed(ModelPackageType="Versioned"), len(listed(ModelPackageType="Both"))], [["lonely"], [1], 2])
    found = sm.describe_model_package(ModelPackageName="lonely")
    assert "ModelPackageGroupName" not in found and "ModelApprovalStatus" not in found


def shows_the_etag_of_a_registered_artifact():
    a = Account()
    bucket = f"artifacts-{a.id}"
    a["s3"].create_bucket(Bucket=bucket)
    etag = a["s3"].put_object(Bucket=bucket, Key="m.tar.gz", Body=b"weights")["ETag"].strip('"')
    spec = {**SPEC, "Containers": [{"Image": "serve:1", "ModelDataUrl": f"s3://{bucket}/m.tar.gz"}]}
    a["sagemaker"].create_model_package_group(ModelPackageGroupName="g")
    arn = a["sagemaker"].create_model_package(ModelPackageGroupName="g", InferenceSpecification=spec)["ModelPackageArn"]
    same(a["sagemaker"].describe_model_package(ModelPackageName=arn)["InferenceSpecification"]["Containers"][0]["ModelDataETag"].strip('"'), etag)


def shows_packages_of_another_account():
    owner, reader = Account(), Account()
    owner["sagemaker"].create_model_package_group(ModelPackageGroupName="churn")
    arn = register(owner)
    code, message, _ = refused(reader["sagemaker"].describe_model_package, ModelPackageName=arn)
    assert code == "AccessDeniedException" and "no resource-based policy allows the sagemaker:DescribeModelPackage action" in message, message
    batch = reader["sagemaker"].batch_describe_model_package(ModelPackageArnList=[arn])
    same(batch["BatchDescribeModelPackageErrorMap"][arn]["ErrorCode"], "AccessDeniedException")
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{reader.id}:root"}, "Resource": "*",
         "Action": ["sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"]}]}
    owner["sagemaker"].put_model_package_group_policy(ModelPackageGroupName="churn", ResourcePolicy=json.dumps(policy))
    same(reader["sagemaker"].describe_model_package(ModelPackageName=arn)["ModelPackageArn"], arn)
    groups = reader["sagemaker"].list_model_package_groups(CrossAccountFilterOption="CrossAccount")["ModelPackageGroupSummaryList"]
    same([g["ModelPackageGroupArn"].split(":")[4] for g in groups], [owner.id])
    same(reader["sagemaker"].list_model_package_groups()["ModelPackageGroupSummaryList"], [])
    listed = reader["sagemaker"].list_model_packages(ModelPackageGroupName=groups[0]["ModelPackageGroupArn"])["ModelPackageSummaryList"]
    same([p["ModelPackageArn"] for p in listed], [arn])
    reader["sagemaker"].create_model(ModelName="m", PrimaryContainer={"ModelPackageName": arn}, ExecutionRoleArn=reader.role)
    reader.endpoint("e", "m")
    images = reader["sagemaker"].describe_endpoint(EndpointName="e")["ProductionVariants"][0]["DeployedImages"]
    same(images[0]["SpecifiedImage"], "serve:1")


def shows_bounds_of_pages():
    sm = Account()["sagemaker"]
    for n in range(3):
        sm.create_model_package_group(ModelPackageGroupName=f"g{n}")
    first = sm.list_model_package_groups(MaxResults=2)
    rest = sm.list_model_package_groups(MaxResults=2, NextToken=first["NextToken"])
    same((len(first["ModelPackageGroupSummaryList"]), len(rest["ModelPackageGroupSummaryList"]), "NextToken" in rest), (2, 1, False))
    same(refused(sm.list_model_package_groups, MaxResults=2, NextToken="nonsense")[0], "ValidationException")


def shows_model_cards_and_their_versions():
    a = Account()
    sm = a["sagemaker"]
    sm.create_model_card(ModelCardName="card", Content="{}", ModelCardStatus="Draft")
    sm.update_model_card(ModelCardName="card", ModelCardStatus="Approved")
    same((sm.describe_model_card(ModelCardName="card")["ModelCardVersion"], sm.describe_model_card(ModelCardName="card")["ModelCardStatus"]), (2, "Approved"))
    same(sm.describe_model_card(ModelCardName="card", ModelCardVersion=1)["ModelCardStatus"], "Draft")
    same(len(sm.list_model_card_versions(ModelCardName="card")["ModelCardVersionSummaryList"]), 2)
    post("/_countersign/sagemaker", [{"account": a.id, "kind": "ModelCard", "name": "card", "set": {"ModelCardStatus": "Archived"}}])
    same(sm.describe_model_card(ModelCardName="card")["ModelCardStatus"], "Archived")

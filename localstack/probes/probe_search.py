"""Search: records in AWS's shapes, filters, order and pages."""
import json

from kit import Account, refused, same
from probe_registry import register


def estate():
    a = Account()
    sm = a["sagemaker"]
    a.clock("2026-07-01T00:00:00Z")
    for n in range(3):
        a.model(f"m{n}")
        a.endpoint(f"e{n}", f"m{n}", InitialVariantWeight=0.5)
        a.clock(f"2026-07-0{n + 2}T00:00:00Z")
    sm.add_tags(ResourceArn=sm.describe_endpoint(EndpointName="e0")["EndpointArn"], Tags=[{"Key": "Owner", "Value": "ml"}])
    return a, sm


def names(answer, kind, member):
    return [r[kind][member] if kind in r and member in r[kind] else r["Model"]["Model"][member] for r in answer["Results"]]


def shows_endpoint_records():
    a, sm = estate()
    sm.create_monitoring_schedule(MonitoringScheduleName="s", MonitoringScheduleConfig={
        "ScheduleConfig": {"ScheduleExpression": "cron(0 * ? * * *)"}, "MonitoringType": "DataQuality", "MonitoringJobDefinition": {
            "MonitoringInputs": [{"EndpointInput": {"EndpointName": "e0", "LocalPath": "/x"}}], "RoleArn": a.role,
            "MonitoringOutputConfig": {"MonitoringOutputs": [{"S3Output": {"S3Uri": "s3://b", "LocalPath": "/y"}}]},
            "MonitoringResources": {"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1}},
            "MonitoringAppSpecification": {"ImageUri": "x"}}})
    found = sm.search(Resource="Endpoint", SearchExpression={"Filters": [{"Name": "EndpointName", "Value": "e0"}]})
    record = found["Results"][0]["Endpoint"]
    same((found["TotalHits"], record["ProductionVariants"][0]["CurrentWeight"]), ({"Value": 1, "Relation": "EqualTo"}, 0.5))
    same(record["Tags"], [{"Key": "Owner", "Value": "ml"}])
    same(record["MonitoringSchedules"][0]["MonitoringScheduleConfig"]["ScheduleConfig"]["ScheduleExpression"], "cron(0 * ? * * *)")
    assert record["ProductionVariants"][0]["DeployedImages"][0]["ResolvedImage"]
    dashboard = sm.search(Resource="Model", SearchExpression={"Filters": [{"Name": "ModelName", "Value": "m0"}]})["Results"][0]["Model"]
    same((dashboard["MonitoringSchedules"][0]["EndpointName"], dashboard["MonitoringSchedules"][0]["MonitoringAlertSummaries"][0]["AlertStatus"]),
         ("e0", "OK"))


def shows_model_records():
    a, sm = estate()
    sm.create_transform_job(
        TransformJobName="j", ModelName="m1", TransformOutput={"S3OutputPath": "s3://b/out"},
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1})
    content = {"model_overview": {"model_name": "m1", "model_id": "id-1"}, "intended_uses": {"risk_rating": "High"}}
    sm.create_model_card(ModelCardName="card", Content=json.dumps(content), ModelCardStatus="Draft")
    row = sm.search(Resource="Model", SearchExpression={"Filters": [{"Name": "ModelName", "Value": "m1"}]})["Results"][0]["Model"]
    same(sorted(row), ["Endpoints", "LastBatchTransformJob", "Model", "ModelCard", "MonitoringSchedules"])
    same((row["Model"]["PrimaryContainer"]["ModelDataUrl"], row["Endpoints"][0]["EndpointName"], row["LastBatchTransformJob"]["TransformJobName"]),
         ("s3://artifacts/model.tar.gz", "e1", "j"))
    same((row["ModelCard"]["RiskRating"], row["ModelCard"]["ModelId"]), ("High", "id-1"))
    assert "AsyncInferenceConfig" not in row["Endpoints"][0]
    card = sm.search(Resource="ModelCard")["Results"][0]["ModelCard"]
    same((card["ModelCardName"], card["RiskRating"]), ("card", "High"))


def shows_package_records():
    a = Account()
    sm = a["sagemaker"]
    sm.create_model_package_group(ModelPackageGroupName="churn", Tags=[{"Key": "owner", "Value": "ml"}])
    arn = register(a, MetadataProperties={"CommitId": "abc"}, ModelApprovalStatus="Approved", ModelLifeCycle={"Stage": "Prod", "StageStatus": "Live"},
                   CustomerMetadataProperties={"risk.tier": "1"})
    sm.update_model_package(ModelPackageArn=arn, ApprovalDescription="CHG-2")
    tier = {"Filters": [{"Name": "CustomerMetadataProperties.risk.tier", "Value": "1"}]}
    record = sm.search(Resource="ModelPackage", SearchExpression=tier)["Results"][0]["ModelPackage"]
    same((record["MetadataProperties"]["CommitId"], record["ModelLifeCycle"]["Stage"], record["Tags"], record["ApprovalDescription"]),
         ("abc", "Prod", [{"Key": "owner", "Value": "ml"}], "CHG-2"))
    assert record["LastModifiedBy"]["IamIdentity"]["Arn"]
    group = sm.search(Resource="ModelPackageGroup")["Results"][0]["ModelPackageGroup"]
    same((group["ModelPackageGroupName"], group["Tags"][0]["Value"]), ("churn", "ml"))


def shows_filters_order_and_pages():
    a, sm = estate()

    def search(filters, **more):
        return names(sm.search(Resource="Endpoint", SearchExpression={"Filters": filters} if filters else {}, **more), "Endpoint", "EndpointName")

    same(search([]), ["e2", "e1", "e0"])
    same(search([], SortBy="CreationTime", SortOrder="Ascending"), ["e0", "e1", "e2"])
    same(search([{"Name": "CreationTime", "Operator": "GreaterThan", "Value": "2026-07-01T12:00:00Z"}]), ["e2", "e1"])
    same(search([{"Name": "Tags.Owner", "Value": "ml"}]), ["e0"])
    same(search([{"Name": "Tags.Owner", "Operator": "NotExists"}]), ["e2", "e1"])
    same(search([{"Name": "EndpointName", "Operator": "Contains", "Value": "1"}]), ["e1"])
    same(search([{"Name": "EndpointName", "Operator": "In", "Value": "e1,e2"}]), ["e2", "e1"])
    other = {"Name": "EndpointName", "Operator": "NotEquals", "Value": "e1"}
    same(search([{"Name": "ProductionVariants.VariantName", "Value": "main"}, other]), ["e2", "e0"])
    either = {"Operator": "Or", "Filters": [{"Name": "EndpointName", "Value": "e0"}, {"Name": "EndpointName", "Value": "e2"}]}
    same(names(sm.search(Resource="Endpoint", SearchExpression={"SubExpressions": [either]}), "Endpoint", "EndpointName"), ["e2", "e0"])
    query = dict(Resource="Model", MaxResults=2, SortBy="ModelName", SortOrder="Ascending", CrossAccountFilterOption="SameAccount")
    first = sm.search(**query)
    rest = sm.search(**query, NextToken=first["NextToken"])
    same((names(first, "-", "ModelName"), names(rest, "-", "ModelName"), "NextToken" in rest), (["m0", "m1"], ["m2"], False))
    code, message, _ = refused(sm.search, Resource="Endpoint", MaxResults=101)
    assert code == "ValidationException" and "less than or equal to 100" in message, message


def shows_packages_shared_with_the_caller():
    owner, reader = Account(), Account()
    owner["sagemaker"].create_model_package_group(ModelPackageGroupName="churn")
    register(owner)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": reader.id}, "Action": "sagemaker:*", "Resource": "*"}]}
    owner["sagemaker"].put_model_package_group_policy(ModelPackageGroupName="churn", ResourcePolicy=json.dumps(policy))
    same(reader["sagemaker"].search(Resource="ModelPackage")["Results"], [])
    found = reader["sagemaker"].search(Resource="ModelPackage", CrossAccountFilterOption="CrossAccount")["Results"]
    same([r["ModelPackage"]["ModelPackageArn"].split(":")[4] for r in found], [owner.id])

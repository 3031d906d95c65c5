"""Endpoints, configurations, models, components, transform jobs."""
from kit import Account, post, refused, same


def shows_425_operations():
    same(len(Account()["sagemaker"].meta.service_model.operation_names), 425)


def shows_lower_case_arns_and_names_in_any_case():
    a = Account()
    sm = a["sagemaker"]
    a.model("Fraud-M")
    a.endpoint("Fraud-E", "Fraud-M")
    found = sm.describe_endpoint(EndpointName="fraud-e")
    same((found["EndpointName"], found["EndpointArn"].split("/")[-1]), ("Fraud-E", "fraud-e"))
    same(sm.describe_model(ModelName="FRAUD-M")["ModelArn"].split("/")[-1], "fraud-m")
    same(sm.describe_endpoint_config(EndpointConfigName="fraud-e")["EndpointConfigArn"].split(":")[-1], "endpoint-config/fraud-e")
    code, message, _ = refused(sm.create_endpoint, EndpointName="FRAUD-e", EndpointConfigName="Fraud-E")
    assert code == "ValidationException" and "already existing" in message, message


def shows_instance_pools():
    a = Account()
    sm = a["sagemaker"]
    a.model("m")
    a.model("m-gpu", Image="gpu:1")
    pools = [{"InstanceType": "ml.m5.large", "Priority": 1}, {"InstanceType": "ml.g5.xlarge", "Priority": 2, "ModelNameOverride": "m-gpu"}]
    a.endpoint("e", "m", InstanceType=None, InstancePools=pools)
    same(sm.describe_endpoint_config(EndpointConfigName="e")["ProductionVariants"][0]["InstancePools"], pools)
    variant = sm.describe_endpoint(EndpointName="e")["ProductionVariants"][0]
    same([p["InstanceType"] for p in variant["InstancePools"]], ["ml.m5.large", "ml.g5.xlarge"])
    same(len(variant["DeployedImages"]), 2)


def shows_deletion_while_referenced():
    a = Account()
    sm = a["sagemaker"]
    a.model("m")
    a.endpoint("e", "m")
    sm.delete_model(ModelName="m")
    sm.delete_endpoint_config(EndpointConfigName="e")
    same(sm.describe_endpoint(EndpointName="e")["EndpointStatus"], "InService")
    code, message, _ = refused(sm.describe_endpoint_config, EndpointConfigName="e")
    assert code == "ValidationException" and message.startswith("Could not find endpoint configuration"), message
    code, message, _ = refused(sm.describe_model, ModelName="m")
    assert code == "ValidationException" and message.startswith("Could not find model"), message


def shows_async_serverless_and_shadow():
    a = Account()
    sm = a["sagemaker"]
    a.model("m")
    variant = {"VariantName": "v", "ModelName": "m", "ServerlessConfig": {"MemorySizeInMB": 2048, "MaxConcurrency": 5}}
    output = {"S3OutputPath": "s3://b/out", "NotificationConfig": {"ErrorTopic": f"arn:aws:sns:us-east-1:{a.id}:t"}}
    shadow = {"VariantName": "s", "ModelName": "m", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sm.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant], ShadowProductionVariants=[shadow],
                              AsyncInferenceConfig={"OutputConfig": output})
    sm.create_endpoint(EndpointName="e", EndpointConfigName="c")
    found = sm.describe_endpoint(EndpointName="e")
    same(found["ProductionVariants"][0]["CurrentServerlessConfig"]["MemorySizeInMB"], 2048)
    same(found["AsyncInferenceConfig"]["OutputConfig"]["S3OutputPath"], "s3://b/out")
    same(found["ShadowProductionVariants"][0]["VariantName"], "s")


def shows_models_of_several_containers():
    a = Account()
    sm = a["sagemaker"]
    containers = [{"Image": "a:1", "ContainerHostname": "one"}, {"Image": "b:1", "Mode": "MultiModel", "ModelDataUrl": "s3://b/models/"}]
    sm.create_model(ModelName="m", Containers=containers, InferenceExecutionConfig={"Mode": "Direct"}, ExecutionRoleArn=a.role)
    found = sm.describe_model(ModelName="m")
    same([found["Containers"], found["InferenceExecutionConfig"]["Mode"]], [containers, "Direct"])
    a.endpoint("e", "m")
    images = sm.describe_endpoint(EndpointName="e")["ProductionVariants"][0]["DeployedImages"]
    same([i["SpecifiedImage"] for i in images], ["a:1", "b:1"])
    assert all(i["ResolvedImage"].split("@")[1].startswith("sha256:") for i in images)


def shows_planted_statuses():
    a = Account()
    sm = a["sagemaker"]
    a.model("m")
    a.endpoint("e", "m")
    row = {"account": a.id, "region": "us-east-1", "kind": "Endpoint", "name": "e",
           "set": {"EndpointStatus": "UpdateRollbackFailed", "FailureReason": "no capacity",
                   "PendingDeploymentSummary": {"EndpointConfigName": "e2", "StartTime": "2026-07-01T00:00:00Z", "ProductionVariants": [
                       {"VariantName": "main", "VariantStatus": [{"Status": "Baking", "StartTime": "2026-07-01T00:00:00Z"}]}]}},
           "variants": {"main": {"CurrentInstanceCount": 0, "VariantStatus": [{"Status": "Updating"}]}}}
    same(post("/_countersign/sagemaker", [row]), {"planted": 1})
    found = sm.describe_endpoint(EndpointName="e")
    same((found["EndpointStatus"], found["FailureReason"]), ("UpdateRollbackFailed", "no capacity"))
    same(found["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"][0]["Status"], "Baking")
    same(found["PendingDeploymentSummary"]["StartTime"].isoformat(), "2026-07-01T00:00:00+00:00")
    same((found["ProductionVariants"][0]["CurrentInstanceCount"], found["ProductionVariants"][0]["VariantStatus"][0]["Status"]), (0, "Updating"))
    same([e["EndpointName"] for e in sm.list_endpoints(StatusEquals="UpdateRollbackFailed")["Endpoints"]], ["e"])
    post("/_countersign/sagemaker", [{**row, "variants": {}, "set": {"EndpointStatus": "Updating"}}])
    same([sm.describe_endpoint(EndpointName="e")["EndpointStatus"] for _ in range(2)], ["Updating", "Updating"])
    post("/_countersign/sagemaker", [{**row, "variants": {}, "set": {"EndpointStatus": "InService", "FailureReason": None}}])
    assert "FailureReason" not in sm.describe_endpoint(EndpointName="e")


def shows_weights_and_updates():
    a = Account()
    sm = a["sagemaker"]
    a.clock("2026-07-01T00:00:00Z")
    a.model("m")
    a.endpoint("e", "m")
    a.clock("2026-07-05T00:00:00Z")
    sm.update_endpoint_weights_and_capacities(EndpointName="e", DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredWeight": 0.25}])
    found = sm.describe_endpoint(EndpointName="e")
    same((found["ProductionVariants"][0]["CurrentWeight"], found["LastModifiedTime"].day, found["CreationTime"].day), (0.25, 5, 1))


def shows_inference_components_and_adapters():
    a = Account()
    sm = a["sagemaker"]
    a.model("m")
    a.endpoint("e")
    need = {"MinMemoryRequiredInMb": 1024}
    sm.create_inference_component(InferenceComponentName="base", EndpointName="e", VariantName="main", RuntimeConfig={"CopyCount": 2},
                                  Specification={"ModelName": "m", "ComputeResourceRequirements": need})
    sm.create_inference_component(InferenceComponentName="lora", EndpointName="e",
                                  Specification={"BaseInferenceComponentName": "base", "Container": {"ArtifactUrl": "s3://b/lora.tar.gz"}})
    sm.create_inference_component(
        InferenceComponentName="own", EndpointName="e", VariantName="main", RuntimeConfig={"CopyCount": 1},
        Specification={"Container": {"Image": "x:1", "ArtifactUrl": "s3://b/own.tar.gz"}, "ComputeResourceRequirements": need})
    same(len(sm.list_inference_components(EndpointNameEquals="e")["InferenceComponents"]), 3)
    base = sm.describe_inference_component(InferenceComponentName="base")
    same((base["Specification"]["ModelName"], base["RuntimeConfig"]["CurrentCopyCount"]), ("m", 2))
    assert base["Specification"]["Container"]["DeployedImage"]["ResolvedImage"]
    lora = sm.describe_inference_component(InferenceComponentName="lora")["Specification"]
    same((lora["BaseInferenceComponentName"], lora["Container"]["ArtifactUrl"]), ("base", "s3://b/lora.tar.gz"))
    own = sm.describe_inference_component(InferenceComponentName="own")["Specification"]["Container"]
    same((own["DeployedImage"]["SpecifiedImage"], own["ArtifactUrl"]), ("x:1", "s3://b/own.tar.gz"))


def shows_transform_jobs_in_time():
    a = Account()
    sm = a["sagemaker"]
    a.clock("2026-07-01T00:00:00Z")
    a.model("m")
    for day in (1, 5):
        a.clock(f"2026-07-0{day}T00:00:00Z")
        sm.create_transform_job(
            TransformJobName=f"j{day}", ModelName="m", TransformOutput={"S3OutputPath": "s3://b/out"},
            TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://b/in"}}},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1}, Tags=[{"Key": "k", "Value": "v"}])
    listed = sm.list_transform_jobs(CreationTimeAfter="2026-07-03T00:00:00Z")["TransformJobSummaries"]
    same([(j["TransformJobName"], j["TransformJobStatus"]) for j in listed], [("j5", "InProgress")])
    post("/_countersign/sagemaker", [{"account": a.id, "kind": "TransformJob", "name": "j5", "set": {
        "TransformJobStatus": "Completed", "TransformEndTime": "2026-07-05T01:00:00Z", "LastModifiedTime": "2026-07-05T01:00:00Z"}}])
    found = sm.describe_transform_job(TransformJobName="j5")
    same((found["TransformJobStatus"], found["TransformEndTime"].hour, found["ModelName"]), ("Completed", 1, "m"))
    same([j["TransformJobName"] for j in sm.list_transform_jobs(StatusEquals="Completed")["TransformJobSummaries"]], ["j5"])
    same(sm.list_tags(ResourceArn=found["TransformJobArn"])["Tags"], [{"Key": "k", "Value": "v"}])

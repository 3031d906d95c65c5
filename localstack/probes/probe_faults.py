"""Faults and latency that touch one account only; closed regions."""
import time

from kit import Account, post, refused, same, send, signature

FAULTS = "/_localstack/chaos/faults"


def throttle(account, **more):
    return {"account": account.id, "service": "sagemaker", "error": {"code": "ThrottlingException", "message": "Rate exceeded"}, **more}


def shows_rules_of_one_account():
    a, b = Account(), Account()
    post(FAULTS, [throttle(a, operation="ListModels")])
    post(FAULTS, [throttle(b, operation="ListEndpoints")])
    same(refused(a["sagemaker"].list_models), ("ThrottlingException", "Rate exceeded", 400))
    a["sagemaker"].list_endpoints(), b["sagemaker"].list_models()
    same(refused(b["sagemaker"].list_endpoints)[0], "ThrottlingException")
    send("DELETE", f"{FAULTS}?account={a.id}")
    a["sagemaker"].list_models()
    same(refused(b["sagemaker"].list_endpoints)[0], "ThrottlingException")
    post(f"{FAULTS}?account={b.id}", [])
    b["sagemaker"].list_endpoints()


def shows_after_and_times():
    a = Account()
    post(FAULTS, [throttle(a, operation="ListModels", after=2, times=1)])
    sm, outcomes = a["sagemaker"], []
    for _ in range(4):
        try:
            sm.list_models()
            outcomes.append("ok")
        except sm.exceptions.ClientError:
            outcomes.append("throttled")
    same(outcomes, ["ok", "ok", "throttled", "ok"])


def shows_rules_by_request_members():
    a = Account()
    sm = a["sagemaker"]
    for n in range(3):
        sm.create_model_package_group(ModelPackageGroupName=f"g{n}")
    post(FAULTS, [throttle(a, operation="ListModelPackageGroups", match={"NextToken": "*"}),
                  throttle(a, operation="DescribeModelPackageGroup", match={"ModelPackageGroupName": "g1"}),
                  throttle(a, operation="ListModelPackages", match={"ModelPackageGroupName": None})])
    token = sm.list_model_package_groups(MaxResults=1)["NextToken"]
    same(refused(sm.list_model_package_groups, MaxResults=1, NextToken=token)[0], "ThrottlingException")
    sm.describe_model_package_group(ModelPackageGroupName="g0")
    same(refused(sm.describe_model_package_group, ModelPackageGroupName="g1")[0], "ThrottlingException")
    sm.list_model_packages(ModelPackageGroupName="g0")
    same(refused(sm.list_model_packages)[0], "ThrottlingException")


def shows_denials_in_aws_words():
    a = Account()
    caller = f"arn:aws:iam::{a.id}:root"
    post(FAULTS, [{"account": a.id, "service": "sagemaker", "operation": "Search", "error": {"denied": "identity"}},
                  {"account": a.id, "service": "sagemaker", "operation": "ListModels", "error": {"denied": "scp"}},
                  {"account": a.id, "service": "s3", "operation": "ListObjectVersions", "error": {"denied": "identity", "resource": "arn:aws:s3:::b"}},
                  {"account": a.id, "service": "sns", "error": {"denied": "boundary"}}])
    same(refused(a["sagemaker"].search, Resource="Endpoint"), (
        "AccessDeniedException",
        f"User: {caller} is not authorized to perform: sagemaker:Search because no identity-based policy allows the sagemaker:Search action", 400))
    assert refused(a["sagemaker"].list_models)[1].endswith("with an explicit deny in a service control policy")
    same(refused(a["s3"].list_object_versions, Bucket="b")[1],
         f"User: {caller} is not authorized to perform: s3:ListBucketVersions on resource: arn:aws:s3:::b "
         "because no identity-based policy allows the s3:ListBucketVersions action")
    same(refused(a["sns"].list_topics)[::2], ("AccessDenied", 403))
    event = a.events("Search")[0]
    same((event["errorCode"], event["errorMessage"].split()[1]), ("AccessDenied", caller))


def shows_malformed_and_empty_answers():
    a = Account()
    sm = a["sagemaker"]
    sm.create_model_package_group(ModelPackageGroupName="g")
    post(FAULTS, [{"account": a.id, "service": "sagemaker", "operation": "ListModels", "body": '{"Models": [{"ModelName":', "times": 1},
                  {"account": a.id, "service": "sagemaker", "operation": "ListModelPackageGroups", "empty": True}])
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "SageMaker.ListModels", "Authorization": signature(a.id, "sagemaker")}
    same([send("POST", "/", b"{}", headers)[::2] for _ in range(2)], [(200, b'{"Models": [{"ModelName":'), (200, b'{"Models": []}')])
    same(sm.list_model_package_groups()["ModelPackageGroupSummaryList"], [])


def shows_latency_of_one_account():
    a, b = Account(), Account()
    a["sts"].get_caller_identity(), b["sts"].get_caller_identity()
    post("/_localstack/chaos/effects", {"account": a.id, "latency": 400})
    spent = []
    for account in (a, b):
        client, started = account["sts"], time.time()
        client.get_caller_identity()
        spent.append(time.time() - started)
    post("/_localstack/chaos/effects", {"account": a.id, "latency": 0})
    assert spent[0] >= 0.4 and spent[1] < spent[0], spent
    post(FAULTS, [{"account": a.id, "service": "sts", "latency": 300}])
    client, started = a["sts"], time.time()
    client.get_caller_identity()
    assert time.time() - started >= 0.3


def shows_closed_regions():
    a = Account(region="eu-south-1")
    same(refused(a["sagemaker"].list_models)[0], "UnrecognizedClientException")
    same(refused(a["sts"].get_caller_identity)[::2], ("InvalidClientTokenId", 403))
    same(refused(Account(region="eu-north-9")["cloudtrail"].lookup_events)[0], "UnrecognizedClientException")
    post("/_countersign/regions", {"account": a.id, "enabled": ["eu-south-1"]})
    same(a["sagemaker"].list_models()["Models"], [])
    same(Account(region="eu-central-1")["sagemaker"].list_models()["Models"], [])
    gov = Account(region="us-gov-west-1")
    gov["sagemaker"].create_model_package_group(ModelPackageGroupName="g")
    assert gov["sagemaker"].describe_model_package_group(ModelPackageGroupName="g")["ModelPackageGroupArn"].startswith("arn:aws-us-gov:")

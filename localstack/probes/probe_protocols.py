"""The protocols that SDKs pick: RPC v2 CBOR, JSON and query for CloudWatch, CBOR and JSON for the tagging API; both ways to name a bucket."""
import json

import cbor2

from kit import Account, post, same, send, signature

ALARM = {"AlarmName": "x", "Namespace": "N", "MetricName": "m", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
         "ComparisonOperator": "GreaterThanThreshold"}


def cbor(account, service, target, operation, body):
    headers = {"Smithy-Protocol": "rpc-v2-cbor", "Content-Type": "application/cbor", "Accept": "application/cbor",
               "Authorization": signature(account.id, service)}
    status, headers, text = send("POST", f"/service/{target}/operation/{operation}", cbor2.dumps(body), headers)
    return status, headers, cbor2.loads(text) if text else {}


def shows_cloudwatch_in_cbor():
    a = Account()
    call = lambda operation, body: cbor(a, "monitoring", "GraniteServiceVersion20100801", operation, body)
    same(call("PutMetricAlarm", ALARM)[0], 200)
    status, headers, answer = call("DescribeAlarms", {"AlarmTypes": ["MetricAlarm", "LogAlarm"]})
    same((status, [x["AlarmName"] for x in answer["MetricAlarms"]]), (200, ["x"]))
    same({k.lower(): v for k, v in headers.items()}["smithy-protocol"], "rpc-v2-cbor")
    assert answer["MetricAlarms"][0]["StateUpdatedTimestamp"]
    call("PutAlarmMuteRule", {"Name": "r", "Rule": {"Schedule": {"Expression": "cron(0 2 * * *)", "Duration": "PT1H"}}})
    same(len(call("ListAlarmMuteRules", {})[2]["AlarmMuteRuleSummaries"]), 1)
    status, headers, error = call("SetAlarmState", {"AlarmName": "none", "StateValue": "OK", "StateReason": "r"})
    same((status in (400, 404), error["__type"].split("#")[-1]), (True, "ResourceNotFound"))
    status, _, error = call("DescribeAlarms", {"NextToken": "nonsense"})
    same((status, error["__type"].split("#")[-1]), (400, "InvalidNextToken"))


def shows_cloudwatch_in_json_and_query():
    a = Account()
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "GraniteServiceVersion20100801.PutMetricAlarm",
               "Authorization": signature(a.id, "monitoring")}
    same(send("POST", "/", ALARM, headers)[0], 200)
    form = {"Content-Type": "application/x-www-form-urlencoded", "Authorization": signature(a.id, "monitoring")}
    status, _, text = send("POST", "/", b"Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=x", form)
    assert status == 200 and b"<AlarmName>x</AlarmName>" in text, text
    status, _, text = send("POST", "/", b"Action=SetAlarmState&Version=2010-08-01&AlarmName=none&StateValue=OK&StateReason=r", form)
    assert status == 404 and b"<Code>ResourceNotFound</Code>" in text, (status, text)
    status, _, text = send("POST", "/", b"Action=ListAlarmMuteRules&Version=2010-08-01", form)
    assert status == 200 and b"ListAlarmMuteRulesResult" in text, text


def shows_the_tagging_api_in_cbor_and_json():
    a = Account()
    a["sagemaker"].create_model_package_group(ModelPackageGroupName="g", Tags=[{"Key": "k", "Value": "v"}])
    status, _, answer = cbor(a, "tagging", "ResourceGroupsTaggingAPI_20170126", "GetResources", {"ResourceTypeFilters": ["sagemaker"]})
    same((status, len(answer["ResourceTagMappingList"])), (200, 1))
    status, _, error = cbor(a, "tagging", "ResourceGroupsTaggingAPI_20170126", "GetResources", {"PaginationToken": "x"})
    same((status, error["__type"].split("#")[-1]), (400, "PaginationTokenExpiredException"))
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "ResourceGroupsTaggingAPI_20170126.GetResources",
               "Authorization": signature(a.id, "tagging")}
    same(len(json.loads(send("POST", "/", {}, headers)[2])["ResourceTagMappingList"]), 1)


def shows_denials_in_cbor():
    a = Account()
    post("/_localstack/chaos/faults", [{"account": a.id, "service": s, "error": {"denied": "identity"}} for s in ("cloudwatch", "resourcegroupstaggingapi")])
    status, headers, error = cbor(a, "monitoring", "GraniteServiceVersion20100801", "DescribeAlarms", {})
    same((error["__type"], {k.lower(): v for k, v in headers.items()}["x-amzn-query-error"]), ("AccessDenied", "AccessDenied;Sender"))
    status, _, error = cbor(a, "tagging", "ResourceGroupsTaggingAPI_20170126", "GetResources", {})
    same((status, error["__type"], error["message"].split(": ")[2].split()[0]), (400, "AccessDeniedException", "tag:GetResources"))


def shows_bucket_reads():
    a = Account(region="eu-central-1")
    bucket, s3 = f"reads-{a.id}", a["s3"]
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    same(s3.get_bucket_location(Bucket=bucket)["LocationConstraint"], "eu-central-1")
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    same(s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "AES256")
    same(s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]["BlockPublicAcls"], True)
    same(s3.head_bucket(Bucket=bucket)["BucketRegion"], "eu-central-1")
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    same(s3.get_bucket_policy_status(Bucket=bucket)["PolicyStatus"], {"IsPublic": True})
    s3.put_object(Bucket=bucket, Key="m.tar.gz", Body=b"1")
    same(s3.list_object_versions(Bucket=bucket)["Versions"][0]["VersionId"], "null")
    host = {"Host": f"{bucket}.s3.localhost.localstack.cloud", "Authorization": signature(a.id, "s3", "eu-central-1")}
    same(send("GET", "/m.tar.gz", None, host)[2], b"1")
    status, _, text = send("GET", "/?versions", None, {**host, "Host": f"{bucket}.s3.eu-central-1.localhost.localstack.cloud"})
    assert status == 200 and b"<Key>m.tar.gz</Key>" in text, (status, text)

"""CloudFormation: a stack as an agent has one, with what its resources say, changed in place, and what stays when it goes."""
import json
import time

from kit import Account, post, refused, same
from probe_event_bridge import logged
from probe_functions import zipped
from probe_organizations import organization

SERVICE = lambda name: {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": name}, "Action": "sts:AssumeRole"}]}
ALLOW = lambda action, resource, **more: {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource, **more}]}
GET = lambda name, attribute="Arn": {"Fn::GetAtt": [name, attribute]}
MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True, "Parameters": {
    "FunctionName": "${Function}", "Payload.$": "$"}}}}


def template(code):
    return {"Parameters": {"Days": {"Type": "Number", "Default": 30}, "Memory": {"Type": "Number", "Default": 256}}, "Resources": {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": True, "KeyPolicy": ALLOW(
            "kms:*", "*", Principal={"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}})}},
        "Archive": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain", "Properties": {
            "BucketName": {"Fn::Sub": "archive-${AWS::AccountId}"}, "VersioningConfiguration": {"Status": "Enabled"}, "ObjectLockEnabled": True,
            "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": {"Ref": "Days"}}}},
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [{"BucketKeyEnabled": True, "ServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": GET("Key")}}]},
            "PublicAccessBlockConfiguration": {k: True for k in ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")},
            "LifecycleConfiguration": {"Rules": [{"Id": "old", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 400}}]}}},
        "Reports": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": {"Fn::Sub": "reports-${AWS::AccountId}"}}},
        "ArchivePolicy": {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": "Archive"}, "PolicyDocument": {"Statement": [{
            "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": GET("Archive"), "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}}},
        "Boundary": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"ManagedPolicyName": "boundary", "Path": "/governance/", "PolicyDocument": ALLOW(
            "s3:GetObject", "*")}},
        "Writer": {"Type": "AWS::IAM::Role", "Properties": {
            "RoleName": "writer", "Path": "/governance/", "PermissionsBoundary": {"Ref": "Boundary"}, "AssumeRolePolicyDocument": SERVICE("lambda.amazonaws.com"),
            "Policies": [{"PolicyName": "write", "PolicyDocument": ALLOW("s3:PutObject", {"Fn::Sub": "${Archive.Arn}/*"})}]}},
        "Logs": {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain", "Properties": {
            "LogGroupName": "/aws/lambda/report", "RetentionInDays": {"Ref": "Days"}}},
        "Function": {"Type": "AWS::Lambda::Function", "DependsOn": "Logs", "Properties": {
            "FunctionName": "report", "Runtime": "provided.al2023", "Handler": "bootstrap", "Role": GET("Writer"), "Timeout": 30,
            "MemorySize": {"Ref": "Memory"}, "ReservedConcurrentExecutions": 2, "Code": code, "DeadLetterConfig": {"TargetArn": GET("Dead")},
            "Environment": {"Variables": {"COUNTERSIGN_ARCHIVE": {"Fn::Sub": "s3://${Archive}"}}}}},
        "Retries": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {"FunctionName": {"Ref": "Function"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 1}},
        "Daily": {"Type": "AWS::Events::Rule", "Properties": {"Name": "daily", "ScheduleExpression": "rate(1 day)", "Targets": [
            {"Id": "f", "Arn": GET("Function"), "DeadLetterConfig": {"Arn": GET("Dead")}}]}},
        "MayInvoke": {"Type": "AWS::Lambda::Permission", "Properties": {
            "FunctionName": {"Ref": "Function"}, "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com", "SourceArn": GET("Daily")}},
        "Changed": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["aws.sagemaker"]}, "Targets": [
            {"Id": "m", "Arn": {"Ref": "Machine"}, "RoleArn": GET("Writer")}]}},
        "Machine": {"Type": "AWS::StepFunctions::StateMachine", "Properties": {
            "RoleArn": GET("Writer"), "Definition": MACHINE, "DefinitionSubstitutions": {"Function": GET("Function")}}},
        "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}},
        "DeadPolicy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Dead"}], "PolicyDocument": ALLOW(
            "sqs:SendMessage", GET("Dead"), Principal={"Service": "events.amazonaws.com"})}},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"KmsMasterKeyId": {"Ref": "Key"}}},
        "Mail": {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "email", "Endpoint": "a@bank.example"}},
        "Silent": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
            "Namespace": "Countersign", "MetricName": "Runs", "Statistic": "Sum", "Period": 86400, "EvaluationPeriods": 1, "Threshold": 1,
            "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching", "AlarmActions": [{"Ref": "Topic"}]}},
        "Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": {
            "Name": "weekly", "ScheduleExpression": "rate(7 days)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": GET("Function"), "RoleArn": GET("Writer")}}},
        "Database": {"Type": "AWS::Glue::Database", "Properties": {"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseInput": {"Name": "history"}}},
    }, "Outputs": {"Function": {"Value": GET("Function")}}}


def settled(client, name="agent"):
    ends = time.time() + 60
    while time.time() < ends:
        status = client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
        if not status.endswith("IN_PROGRESS"):
            return status
        time.sleep(0.3)


def stack():
    a = Account()
    a["s3"].create_bucket(Bucket=f"code-{a.id}")
    a["s3"].put_object(Bucket=f"code-{a.id}", Key="f.zip", Body=zipped())
    client, body = a["cloudformation"], template({"S3Bucket": f"code-{a.id}", "S3Key": "f.zip"})
    client.create_stack(StackName="agent", TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_NAMED_IAM"])
    same(settled(client), "CREATE_COMPLETE")
    return a, client, body


def shows_a_stack_with_what_its_resources_say():
    a, client, _ = stack()
    s3, archive = a["s3"], f"archive-{a.id}"
    same(s3.get_bucket_encryption(Bucket=archive)["ServerSideEncryptionConfiguration"]["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"], "aws:kms")
    same(s3.get_object_lock_configuration(Bucket=archive)["ObjectLockConfiguration"]["Rule"]["DefaultRetention"], {"Mode": "GOVERNANCE", "Days": 30})
    same(s3.get_bucket_lifecycle_configuration(Bucket=archive)["Rules"][0]["NoncurrentVersionExpiration"], {"NoncurrentDays": 400})
    same(s3.get_public_access_block(Bucket=archive)["PublicAccessBlockConfiguration"]["BlockPublicPolicy"], True)
    role = a["iam"].get_role(RoleName="writer")["Role"]
    same([role["Path"], role["PermissionsBoundary"]["PermissionsBoundaryArn"]], ["/governance/", f"arn:aws:iam::{a.id}:policy/governance/boundary"])
    same(a["lambda"].get_function_concurrency(FunctionName="report")["ReservedConcurrentExecutions"], 2)
    same(a["logs"].describe_log_groups()["logGroups"][0]["retentionInDays"], 30)
    fallback = next(row for row in client.describe_stack_resources(StackName="agent")["StackResources"] if row["LogicalResourceId"] == "Database")
    same((fallback["ResourceStatus"], "not supported" in fallback["ResourceStatusReason"]), ("CREATE_COMPLETE", True))
    same(post("/_countersign/events/fire", {"account": a.id, "rule": "daily"})["delivered"], ["f"])
    assert logged(a)
    same(post("/_countersign/events/deliver", {"account": a.id, "region": "us-east-1", "source": "aws.sagemaker", "detail": {}})["delivered"][0]["rules"][0][:14],
         "agent-Changed-")


def shows_a_stack_that_changes_in_place():
    a, client, body = stack()
    same(refused(client.update_stack, StackName="agent", TemplateBody=json.dumps(body))[1], "No updates are to be performed.")
    a["s3"].put_object(Bucket=f"archive-{a.id}", Key="snapshots/1", Body=b"kept")
    client.update_stack(StackName="agent", UsePreviousTemplate=True, Capabilities=["CAPABILITY_NAMED_IAM"], Parameters=[
        {"ParameterKey": "Days", "ParameterValue": "60"}, {"ParameterKey": "Memory", "UsePreviousValue": True}])
    same(settled(client), "UPDATE_COMPLETE")
    same(a["s3"].get_object_lock_configuration(Bucket=f"archive-{a.id}")["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]["Days"], 60)
    same(a["logs"].describe_log_groups()["logGroups"][0]["retentionInDays"], 60)
    resources = body["Resources"]
    resources["Writer"]["Properties"]["Policies"][0]["PolicyDocument"] = ALLOW("s3:*", "*")
    resources["Boundary"]["Properties"]["PolicyDocument"] = ALLOW("s3:*", "*")
    resources["Daily"]["Properties"]["ScheduleExpression"] = "rate(2 days)"
    resources["Silent"]["Properties"]["Threshold"] = 5
    resources["Schedule"]["Properties"]["State"] = "DISABLED"
    del resources["Mail"]
    client.create_change_set(StackName="agent", ChangeSetName="next", TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_NAMED_IAM"])
    client.get_waiter("change_set_create_complete").wait(StackName="agent", ChangeSetName="next", WaiterConfig={"Delay": 1})
    changes = client.describe_change_set(StackName="agent", ChangeSetName="next")["Changes"]
    same({row["ResourceChange"]["LogicalResourceId"] for row in changes} >= {"Writer", "Boundary", "Daily", "Silent", "Schedule", "Mail"}, True)
    client.execute_change_set(StackName="agent", ChangeSetName="next")
    time.sleep(0.5)
    same(settled(client), "UPDATE_COMPLETE")
    iam, boundary = a["iam"], f"arn:aws:iam::{a.id}:policy/governance/boundary"
    same(iam.get_role_policy(RoleName="writer", PolicyName="write")["PolicyDocument"]["Statement"][0]["Action"], "s3:*")
    same(iam.get_policy(PolicyArn=boundary)["Policy"]["DefaultVersionId"], "v2")
    same(a["events"].describe_rule(Name="daily")["ScheduleExpression"], "rate(2 days)")
    same(a["cloudwatch"].describe_alarms()["MetricAlarms"][0]["Threshold"], 5.0)
    same(a["scheduler"].get_schedule(Name="weekly")["State"], "DISABLED")
    same(a["sns"].list_subscriptions()["Subscriptions"], [])
    same(a["s3"].get_object(Bucket=f"archive-{a.id}", Key="snapshots/1")["Body"].read(), b"kept")


def shows_what_stays_when_a_stack_goes():
    a, client, _ = stack()
    a["s3"].put_object(Bucket=f"reports-{a.id}", Key="report.html", Body=b"x")
    identity = client.describe_stacks(StackName="agent")["Stacks"][0]["StackId"]
    client.delete_stack(StackName="agent")
    same(settled(client, identity), "DELETE_FAILED")  # a bucket that is not empty
    a["s3"].delete_object(Bucket=f"reports-{a.id}", Key="report.html")
    client.delete_stack(StackName="agent")
    same(settled(client, identity), "DELETE_COMPLETE")
    same([b["Name"] for b in a["s3"].list_buckets()["Buckets"]], [f"archive-{a.id}", f"code-{a.id}"])
    same([g["logGroupName"] for g in a["logs"].describe_log_groups()["logGroups"]], ["/aws/lambda/report"])
    same((a["lambda"].list_functions()["Functions"], a["iam"].list_roles()["Roles"], a["events"].list_rules()["Rules"]), ([], [], []))
    skipped = [e["LogicalResourceId"] for e in client.describe_stack_events(StackName=identity)["StackEvents"] if e["ResourceStatus"] == "DELETE_SKIPPED"]
    same(sorted(set(skipped)), ["Archive", "Logs"])


def shows_a_stack_set_over_a_unit_of_the_organization():
    management, organizations, ids = organization(3)
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="Production")["OrganizationalUnit"]["Id"]
    for id_ in ids[:2]:
        organizations.move_account(AccountId=id_, SourceParentId=root, DestinationParentId=unit)
    trust = {**SERVICE("x"), "Statement": [{"Effect": "Allow", "Principal": {"AWS": {"Ref": "Agent"}}, "Action": "sts:AssumeRole"}]}
    body = {"Parameters": {"Agent": {"Type": "String"}}, "Resources": {"Reader": {"Type": "AWS::IAM::Role", "Properties": {
        "RoleName": "reader", "Path": "/governance/", "AssumeRolePolicyDocument": trust}}}}
    client, agent = management["cloudformation"], f"arn:aws:iam::{management.id}:role/agent"
    client.create_stack_set(StackSetName="member", TemplateBody=json.dumps(body), Capabilities=["CAPABILITY_NAMED_IAM"], PermissionModel="SERVICE_MANAGED",
                            Parameters=[{"ParameterKey": "Agent", "ParameterValue": agent}])
    client.create_stack_instances(StackSetName="member", DeploymentTargets={"OrganizationalUnitIds": [unit]}, Regions=["us-east-1"])
    same(sorted(row["Account"] for row in client.list_stack_instances(StackSetName="member")["Summaries"]), ids[:2])
    role = Account(ids[0])["iam"].get_role(RoleName="reader")["Role"]
    same((role["Path"], role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]), ("/governance/", {"AWS": agent}))
    same(Account(ids[2])["iam"].list_roles(PathPrefix="/governance/")["Roles"], [])

"""Services that LocalStack carries and an agent uses, and faults upon each of them."""
import json
import time

from kit import Account, post, refused, same

FAULTS = "/_localstack/chaos/faults"
# service: (an operation that any account may call, how, the action that a denial names, the code of it)
CALLS = {
    "lambda": ("list_functions", {}, "lambda:ListFunctions", "AccessDeniedException"),
    "events": ("list_rules", {}, "events:ListRules", "AccessDeniedException"),
    "scheduler": ("list_schedules", {}, "scheduler:ListSchedules", "AccessDeniedException"),
    "stepfunctions": ("list_state_machines", {}, "states:ListStateMachines", "AccessDeniedException"),
    "securityhub": ("get_findings", {}, "securityhub:GetFindings", "AccessDeniedException"),
    "organizations": ("list_accounts", {}, "organizations:ListAccounts", "AccessDeniedException"),
    "secretsmanager": ("list_secrets", {}, "secretsmanager:ListSecrets", "AccessDeniedException"),
    "ssm": ("get_parameter", {"Name": "/n"}, "ssm:GetParameter", "AccessDeniedException"),
    "kms": ("list_keys", {}, "kms:ListKeys", "AccessDeniedException"),
    "logs": ("describe_log_groups", {}, "logs:DescribeLogGroups", "AccessDeniedException"),
    "sqs": ("list_queues", {}, "sqs:ListQueues", "AccessDenied"),
    "sns": ("list_topics", {}, "sns:ListTopics", "AccessDenied"),
    "cloudformation": ("list_stacks", {}, "cloudformation:ListStacks", "AccessDenied"),
    "s3": ("list_buckets", {}, "s3:ListAllMyBuckets", "AccessDenied"),
}


def shows_denials_and_throttling_of_every_service():
    a = Account()
    for service, (operation, given, action, code) in CALLS.items():
        call = getattr(a[service], operation)
        post(FAULTS, [{"account": a.id, "service": service, "error": {"denied": "identity"}}])
        have = refused(call, **given)
        same((service, have[0], have[1]), (service, code, f"User: arn:aws:iam::{a.id}:root is not authorized to perform: {action} "
                                                          f"because no identity-based policy allows the {action} action"))
        post(FAULTS, [{"account": a.id, "service": service, "error": {"code": "ThrottlingException", "message": "Rate exceeded"}}])
        same((service, refused(call, **given)[:2]), (service, ("ThrottlingException", "Rate exceeded")))
    post(FAULTS, [{"account": a.id, "operation": "none"}])
    same(a["sqs"].list_queues().get("QueueUrls"), None)


def shows_a_role_that_lets_nobody_in():
    hub, spoke = Account(), Account()
    role = f"arn:aws:iam::{spoke.id}:role/reader"
    post(FAULTS, [{"account": hub.id, "service": "sts", "operation": "AssumeRole", "match": {"RoleArn": role}, "error": {"denied": "trust", "resource": role}}])
    same(refused(hub["sts"].assume_role, RoleArn=role, RoleSessionName="run"), (
        "AccessDenied", f"User: arn:aws:iam::{hub.id}:root is not authorized to perform: sts:AssumeRole on resource: {role}", 403))
    hub.assume(f"arn:aws:iam::{Account().id}:role/reader", "run")


def shows_an_account_that_answers_few_calls_a_second():
    a = Account()
    sagemaker = a["sagemaker"]
    sagemaker.list_models()
    post(FAULTS, [{"account": a.id, "service": "sagemaker", "rate": 5, "error": {"code": "ThrottlingException", "message": "Rate exceeded"}}])

    def burst():
        refusals = 0
        for _ in range(30):
            try:
                sagemaker.list_models()
            except Exception:
                refusals += 1
        return refusals

    assert burst() > 0
    time.sleep(1.2)
    same(sagemaker.list_models()["Models"], [])


def shows_secrets_and_parameters():
    a = Account()
    secrets, parameters = a["secretsmanager"], a["ssm"]
    arn = secrets.create_secret(Name="hooks/slack", SecretString="https://hooks.example/T0/x")["ARN"]
    for name in (arn, "hooks/slack"):
        same(secrets.get_secret_value(SecretId=name)["SecretString"], "https://hooks.example/T0/x")
    secrets.put_secret_value(SecretId=arn, SecretString="rotated")
    same(secrets.get_secret_value(SecretId=arn)["SecretString"], "rotated")
    same(refused(secrets.get_secret_value, SecretId="none")[0], "ResourceNotFoundException")
    key = a["kms"].create_key()["KeyMetadata"]["KeyId"]
    parameters.put_parameter(Name="/hooks/web", Type="SecureString", Value="https://hooks.example/y", KeyId=key)
    same(parameters.get_parameter(Name="/hooks/web", WithDecryption=True)["Parameter"]["Value"], "https://hooks.example/y")
    assert parameters.get_parameter(Name="/hooks/web")["Parameter"]["Value"].startswith("kms:")  # not the text itself, unless asked for
    same(refused(parameters.get_parameter, Name="/none")[0], "ParameterNotFound")


def shows_messages_by_topic_and_queue():
    a = Account()
    sns, sqs = a["sns"], a["sqs"]
    topic = sns.create_topic(Name="changes")["TopicArn"]
    url = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    assert url.startswith("http://127.0.0.1:"), url
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{a.id}:inbox", Attributes={
        "RawMessageDelivery": "true", "FilterPolicy": json.dumps({"gate": ["stop"]})})
    attribute = lambda value: {"gate": {"DataType": "String", "StringValue": value}}
    sns.publish(TopicArn=topic, Subject="one gate changed", Message="unheard", MessageAttributes=attribute("plan"))
    sns.publish(TopicArn=topic, Subject="one gate changed", Message='{"gate": "stop"}', MessageAttributes=attribute("stop"))
    messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10)["Messages"]
    same([m["Body"] for m in messages], ['{"gate": "stop"}'])
    same(refused(sns.publish, TopicArn=topic + "x", Message="m")[0], "NotFound")


def shows_keys_that_encrypt():
    a = Account()
    kms = a["kms"]
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/archive", TargetKeyId=key)
    sealed = kms.encrypt(KeyId="alias/archive", Plaintext=b"x")["CiphertextBlob"]
    same((kms.decrypt(CiphertextBlob=sealed)["Plaintext"], kms.describe_key(KeyId="alias/archive")["KeyMetadata"]["Arn"]), (b"x", key))
    a["s3"].create_bucket(Bucket=f"sealed-{a.id}")
    a["s3"].put_object(Bucket=f"sealed-{a.id}", Key="k", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key)
    same(a["s3"].head_object(Bucket=f"sealed-{a.id}", Key="k")["SSEKMSKeyId"], key)

"""Properties that LocalStack's resources leave out, and changes that they do not make.

`SETTLED` says for each type what brings a resource that exists to what the template says; it runs after the resource is made and is
its update.
"""
import json
from importlib import import_module


# --- what a resource is brought to ---------------------------------------------------------------------------------------
def bucket(clients, model, before):
    s3, name = clients.s3, model["BucketName"]
    if encryption := model.get("BucketEncryption"):
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [
            {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"], "BucketKeyEnabled": _true(rule.get("BucketKeyEnabled"))}
            for rule in encryption["ServerSideEncryptionConfiguration"]]})
    if rules := (model.get("LifecycleConfiguration") or {}).get("Rules"):
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [_lifecycle(rule) for rule in rules]})
    elif before.get("LifecycleConfiguration"):
        s3.delete_bucket_lifecycle(Bucket=name)
    if access := model.get("PublicAccessBlockConfiguration"):
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={k: _true(v) for k, v in access.items()})
    if ownership := model.get("OwnershipControls"):
        s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=ownership)
    if logging := model.get("LoggingConfiguration"):
        target = {"TargetBucket": logging.get("DestinationBucketName", name), "TargetPrefix": logging.get("LogFilePrefix", "")}
        s3.put_bucket_logging(Bucket=name, BucketLoggingStatus={"LoggingEnabled": target})
    if before:
        if versioning := model.get("VersioningConfiguration"):
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": versioning["Status"]})
        if lock := model.get("ObjectLockConfiguration"):
            s3.put_object_lock_configuration(Bucket=name, ObjectLockConfiguration=_numbers(lock))
        if model.get("Tags") or before.get("Tags"):
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": model.get("Tags") or []})


def _lifecycle(rule):
    """A rule of a template in the words of the API."""
    made = {"ID": rule.get("Id") or "rule", "Status": rule["Status"]}
    made["Filter"] = {"And": {"Prefix": rule.get("Prefix", ""), "Tags": rule["TagFilters"]}} if rule.get("TagFilters") else {"Prefix": rule.get("Prefix", "")}
    expiration = {"Days": rule.get("ExpirationInDays"), "Date": rule.get("ExpirationDate"), "ExpiredObjectDeleteMarker": rule.get("ExpiredObjectDeleteMarker")}
    if expiration := {k: v for k, v in expiration.items() if v is not None}:
        made["Expiration"] = expiration
    if "NoncurrentVersionExpirationInDays" in rule:
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    made.update({k: rule[k] for k in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload") if k in rule})
    move = lambda t, days: {"StorageClass": t["StorageClass"], **({days: t["TransitionInDays"]} if "TransitionInDays" in t else {})}
    if moves := rule.get("Transitions") or ([rule["Transition"]] if "Transition" in rule else []):
        made["Transitions"] = [move(t, "Days") for t in moves]
    if moves := rule.get("NoncurrentVersionTransitions"):
        made["NoncurrentVersionTransitions"] = [move(t, "NoncurrentDays") for t in moves]
    return _numbers(made)


def bucket_policy(clients, model, before):
    clients.s3.put_bucket_policy(Bucket=model["Bucket"], Policy=json.dumps(model["PolicyDocument"]))


def topic_policy(clients, model, before):
    for topic in model["Topics"]:
        clients.sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps(model["PolicyDocument"]))


def key(clients, model, before):
    kms, id_ = clients.kms, model["KeyId"]
    if before:
        kms.put_key_policy(KeyId=id_, PolicyName="default", Policy=json.dumps(model["KeyPolicy"]))
        (kms.enable_key_rotation if _true(model.get("EnableKeyRotation")) else kms.disable_key_rotation)(KeyId=id_)


def log_group(clients, model, before):
    logs, name = clients.logs, model["LogGroupName"]
    if days := model.get("RetentionInDays"):
        logs.put_retention_policy(logGroupName=name, retentionInDays=int(days))
    elif before.get("RetentionInDays"):
        logs.delete_retention_policy(logGroupName=name)
    from moto.logs.models import logs_backends  # AssociateKmsKey is not emulated

    _, _, _, region, account, _ = model["Arn"].split(":", 5)
    logs_backends[account][region].groups[name].kms_key_id = model.get("KmsKeyId")


def role(clients, model, before):
    iam, name = clients.iam, model["RoleName"]
    if not before:
        return
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(model["AssumeRolePolicyDocument"]))
    inline = lambda m: {p["PolicyName"]: json.dumps(p["PolicyDocument"]) for p in m.get("Policies") or []}
    for policy, document in inline(model).items():
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)
    for policy in inline(before).keys() - inline(model).keys():
        iam.delete_role_policy(RoleName=name, PolicyName=policy)
    have, want = set(before.get("ManagedPolicyArns") or []), set(model.get("ManagedPolicyArns") or [])
    for arn in want - have:
        iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    for arn in have - want:
        iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    if boundary := model.get("PermissionsBoundary"):
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    elif before.get("PermissionsBoundary"):
        iam.delete_role_permissions_boundary(RoleName=name)


def managed_policy(clients, model, before):
    iam, arn = clients.iam, model["Id"]
    if before and before.get("PolicyDocument") != model["PolicyDocument"]:
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(model["PolicyDocument"]), SetAsDefault=True)
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])


def function(clients, model, before):
    lambda_, name = clients.lambda_, model["FunctionName"]
    if (most := model.get("ReservedConcurrentExecutions")) is not None:
        lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=int(most))
    elif before.get("ReservedConcurrentExecutions") is not None:
        lambda_.delete_function_concurrency(FunctionName=name)
    if disk := model.get("EphemeralStorage"):
        lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
        lambda_.update_function_configuration(FunctionName=name, EphemeralStorage={"Size": int(disk["Size"])})
        lambda_.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def event_invoke(clients, model, before):
    if before:
        clients.lambda_.put_function_event_invoke_config(**_numbers({k: v for k, v in model.items() if k != "Id"}))


def alarm(clients, model, before):
    if model.get("Tags"):
        clients.cloudwatch.tag_resource(ResourceARN=model["Arn"], Tags=model["Tags"])


def rule(clients, model, before):
    gone = {t["Id"] for t in before.get("Targets") or []} - {t["Id"] for t in model.get("Targets") or []}
    if gone:
        bus = {"EventBusName": model["EventBusName"]} if model.get("EventBusName") else {}
        clients.events.remove_targets(Rule=model["Id"].split("|")[-1], Ids=sorted(gone), **bus)


def schedule(clients, model, before):
    if before:
        known = ("Description", "EndDate", "FlexibleTimeWindow", "GroupName", "KmsKeyArn", "Name", "ScheduleExpression",
                 "ScheduleExpressionTimezone", "StartDate", "State", "Target")
        clients.scheduler.update_schedule(**{k: model[k] for k in known if model.get(k) is not None})


# type: (its module and class, what settles it, what LocalStack knows of it only once made, whether making it again changes it in place)
SETTLED = {
    "AWS::CloudWatch::Alarm": ("cloudwatch.resource_providers.aws_cloudwatch_alarm.CloudWatchAlarmProvider", alarm, ("AlarmName", "Arn"), True),
    "AWS::Events::Rule": ("events.resource_providers.aws_events_rule.EventsRuleProvider", rule, ("Name", "Id", "Arn"), True),
    "AWS::IAM::ManagedPolicy": ("iam.resource_providers.aws_iam_managedpolicy.IAMManagedPolicyProvider", managed_policy, ("ManagedPolicyName", "Id"), False),
    "AWS::IAM::Role": ("iam.resource_providers.aws_iam_role.IAMRoleProvider", role, ("RoleName", "RoleId", "Arn"), False),
    "AWS::KMS::Key": ("kms.resource_providers.aws_kms_key.KMSKeyProvider", key, ("KeyId", "Arn"), False),
    "AWS::Lambda::EventInvokeConfig": (
        "lambda_.resource_providers.aws_lambda_eventinvokeconfig.LambdaEventInvokeConfigProvider", event_invoke, ("Id",), False),
    "AWS::Logs::LogGroup": ("logs.resource_providers.aws_logs_loggroup.LogsLogGroupProvider", log_group, ("LogGroupName", "Arn"), False),
    "AWS::S3::Bucket": ("s3.resource_providers.aws_s3_bucket.S3BucketProvider", bucket,
                        ("BucketName", "Arn", "DomainName", "RegionalDomainName", "WebsiteURL"), False),
    "AWS::S3::BucketPolicy": ("s3.resource_providers.aws_s3_bucketpolicy.S3BucketPolicyProvider", bucket_policy, ("Id",), False),
    "AWS::SNS::TopicPolicy": ("sns.resource_providers.aws_sns_topicpolicy.SNSTopicPolicyProvider", topic_policy, ("Id",), False),
    "AWS::Scheduler::Schedule": ("scheduler.resource_providers.aws_scheduler_schedule.SchedulerScheduleProvider", schedule, ("Name", "Arn"), False),
}


def patch():
    for place, settle, made, again in SETTLED.values():
        module, _, name = place.rpartition(".")
        _complete(getattr(import_module(f"localstack.services.{module}"), name), settle, made, again)
    functions = import_module("localstack.services.lambda_.resource_providers.aws_lambda_function").LambdaFunctionProvider
    _complete(functions, function, ("FunctionName", "Arn"), False, functions.update)
    buckets = import_module("localstack.services.s3.resource_providers.aws_s3_bucket").S3BucketProvider
    _managed_policies_with_paths()
    buckets.delete = _delete_bucket


def _complete(provider, settle, made, again, change=None):
    create = provider.create

    def created(self, request):
        done = create(self, request)
        if str(done.status).endswith("SUCCESS"):
            settle(request.aws_client_factory, done.resource_model, {})
        return done

    def updated(self, request):
        from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent

        before = request.previous_state or {}
        for member in made:
            if member in before:
                request.desired_state.setdefault(member, before[member])
        if again or change:
            (create if again else change)(self, request)
        settle(request.aws_client_factory, request.desired_state, before)
        return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={**before, **request.desired_state})

    provider.create, provider.update = created, updated


def _delete_bucket(self, request):
    """A bucket that is not empty is not deleted; LocalStack would empty it first."""
    from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent

    request.aws_client_factory.s3.delete_bucket(Bucket=request.desired_state["BucketName"])
    return ProgressEvent(status=OperationStatus.SUCCESS, resource_model=request.desired_state)


def _managed_policies_with_paths():
    """LocalStack makes a managed policy without its path and its description."""
    from localstack.services.iam.resource_providers.aws_iam_managedpolicy import IAMManagedPolicyProvider as P

    plain = P.create

    class WithPath:
        """A client that makes policies below a path."""

        def __init__(self, client, more):
            self._client, self._more = client, more

        def create_policy(self, **given):
            return self._client.create_policy(**given, **self._more)

        def __getattr__(self, name):
            return getattr(self._client, name)

    class Clients:
        def __init__(self, clients, more):
            self._clients, self.iam = clients, WithPath(clients.iam, more)

        def __getattr__(self, name):
            return getattr(self._clients, name)

    def create(self, request):
        more = {k: request.desired_state[k] for k in ("Path", "Description") if request.desired_state.get(k)}
        request.aws_client_factory = Clients(request.aws_client_factory, more)
        return plain(self, request)

    P.create = create


def _true(value):
    return str(value).lower() == "true"


def _numbers(value):
    """Numbers that a template gave as text, as parameters do."""
    if isinstance(value, dict):
        return {k: int(v) if isinstance(v, str) and v.isdigit() and k not in ("ID", "Prefix", "Value", "Key") else _numbers(v) for k, v in value.items()}
    return [_numbers(v) for v in value] if isinstance(value, list) else value

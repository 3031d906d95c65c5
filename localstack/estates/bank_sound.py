"""The serving paths, told by models that are mostly sound; where a path carries a fault, its function says which."""
import json

from .bank_common import (
    DRIFT, DRIFT_SPACE, VARIANT, by_the_book, dimensions, drift, fairness, latency, one_after_another, quiet, saturation, silence, tags, ticket, watched)
from .story import content, instances, tag_list
from .truth import FIX, OPERATE, STOP


def fraud_screening(story):
    """Real-time variant with a name in mixed case, sound. Its package got a metadata-only edit after the approval, so
    that LastModifiedBy names somebody who approved nothing; autoscaling, composite and log alarms stand beside its own."""
    endpoint, owner = "Fraud-Screening", "fraud-analytics@bank.example"
    first = by_the_book(story, "fraud-screening", 84)
    version = by_the_book(story, "fraud-screening", 41)
    one_after_another(story, endpoint, first.by_package, version.by_package, tags=tags("fraud-analytics", "CC-4101"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    fairness(story, f"{endpoint}-{VARIANT}", {**dimensions(endpoint), "Segment": "card not present"}, owner)
    story.client("cloudwatch").put_composite_alarm(
        AlarmName="fraud-screening-page", ActionsEnabled=True, AlarmActions=[story.paging], Tags=tag_list({"Owner": owner}),
        AlarmRule=f'ALARM("{endpoint}-{VARIANT}-errors") OR ALARM("{endpoint}-{VARIANT}-latency")',
        AlarmDescription="Pages when fraud screening fails or is slow. runbook=https://wiki.bank.example/runbooks/fraud respond_within=15m")
    story.client("cloudwatch").put_log_alarm(
        AlarmName="fraud-screening-log-errors", AlarmActions=[story.oncall], Tags=tag_list({"Owner": owner}),
        AlarmDescription="Stack traces in the log. runbook=https://wiki.bank.example/runbooks/fraud respond_within=60m",
        ComparisonOperator="GreaterThanThreshold", Threshold=3.0, QueryResultsToAlarm=1, QueryResultsToEvaluate=1, ScheduledQueryConfiguration={
            "QueryString": "fields @message | filter @message like /Traceback/", "AggregationExpression": "count(*)",
            "LogGroupIdentifiers": [f"/aws/sagemaker/Endpoints/{endpoint}"], "ScheduledQueryRoleARN": f"arn:aws:iam::{story.account}:role/log-queries",
            "ScheduleConfiguration": {"ScheduleExpression": "rate(5 minutes)", "StartTimeOffset": 300}})
    autoscaling_alarms(story, endpoint, "InvocationsPerInstance")
    story.at(days=12)
    story.client("sagemaker", story.person("aisha.khan")).update_model_package(
        ModelPackageArn=version.arn, CustomerMetadataProperties={"last-review": "2026-Q4", "reviewer": "aisha.khan"})
    story.truth.live("variant", endpoint, VARIANT, verdict=OPERATE, package=version)


def autoscaling_alarms(story, endpoint, metric):
    """What application autoscaling leaves behind: bound and armed, but its only actions scale."""
    id_, where = "3f1c6e1a-0000-4000-8000-00000000000", f"endpoint/{endpoint}/variant/{VARIANT}"
    action = f"arn:aws:autoscaling:{story.region}:{story.account}:scalingPolicy:{id_}1:resource/sagemaker/{where}:policyName/target"
    for end, number, threshold, operator in (("High", 2, 70.0, "GreaterThanThreshold"), ("Low", 3, 63.0, "LessThanThreshold")):
        story.alarm(f"TargetTracking-{where}-Alarm{end}-{id_}{number}", metric, dimensions(endpoint), [action], owner=None, Threshold=threshold,
                    ComparisonOperator=operator, TreatMissingData="missing", AlarmDescription="DO NOT EDIT OR DELETE. For TargetTrackingScaling policy.")


def card_authorisation(story):
    """Two weighted variants; UpdateEndpointWeightsAndCapacities has moved the traffic to 80:20. The champion is sound:
    its error alarm is metric maths, and an alarm without an Owner tag is owned through the endpoint's tag.

    APR-004: the challenger served from its raw artifact a day before it was approved."""
    endpoint, owner, sagemaker = "card-authorisation", "cards@bank.example", story.client("sagemaker", story.release)
    group = endpoint
    before = by_the_book(story, group, 84)
    champion = by_the_book(story, group, 55)
    story.at(days=81)
    story.deploy(endpoint, instances("Champion", story.model("card-authorisation-m1", before.by_package)), tags=tags("cards", "CC-4102"))
    story.at(days=52)
    story.deploy(endpoint, instances("Champion", story.model("card-authorisation-m2", champion.by_package)))
    story.at(days=30)
    challenger = story.register(story.person("jan.devries"), group)
    story.at(days=29)
    name = story.model("card-authorisation-m3", challenger.by_artifact)
    story.deploy(endpoint, instances("Champion", "card-authorisation-m2", weight=0.95), instances("Challenger", name, count=1, weight=0.05))
    story.at(days=28)
    story.decide(challenger, story.approver, ticket(challenger))
    story.at(days=20)
    sagemaker.update_endpoint_weights_and_capacities(EndpointName=endpoint, DesiredWeightsAndCapacities=[
        {"VariantName": "Champion", "DesiredWeight": 0.8}, {"VariantName": "Challenger", "DesiredWeight": 0.2}])

    where, metric = dimensions(endpoint, "Champion"), lambda name: {
        "Metric": {"Namespace": "AWS/SageMaker", "MetricName": name, "Dimensions": [
            {"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "Champion"}]}, "Period": 300, "Stat": "Sum"}
    story.alarm(f"{endpoint}-Champion-errors", None, {}, [story.paging], owner=owner, Namespace=None, Statistic=None, Period=None,
                Dimensions=None, Threshold=1.0, about="Errors in percent.", Metrics=[
                    {"Id": "failed", "MetricStat": metric("Invocation5XXErrors"), "ReturnData": False},
                    {"Id": "asked", "MetricStat": metric("Invocations"), "ReturnData": False},
                    {"Id": "share", "Expression": "100 * failed / asked", "Label": "errors in percent", "ReturnData": True}])
    latency(story, f"{endpoint}-Champion", where, owner, about="<script>alert(1)</script>")
    silence(story, f"{endpoint}-Champion", where, None)
    saturation(story, f"{endpoint}-Champion", where, owner)
    drift(story, f"{endpoint}-Champion", where, owner)
    quiet(story, where)
    watched(story, f"{endpoint}-Challenger", dimensions(endpoint, "Challenger"), owner)
    story.truth.live("variant", endpoint, "Champion", verdict=OPERATE, package=champion, traffic_share=0.8)
    late = story.truth.live("variant", endpoint, "Challenger", verdict=FIX, package=challenger, traffic_share=0.2)
    story.truth.fail(late, "APR-004", why="approved a day after it had begun to serve")
    story.truth.reading("A model made from the raw image and artifact of exactly one package is registered by inference (INV-002 passes).")


def credit_limit(story):
    """A shadow variant, sound: approved after it began to shadow, which APR-004 leaves to shadows.

    APR-001 and APR-005: the version in front was rejected three days ago and still serves."""
    endpoint, owner, group = "credit-limit", "retail-credit@bank.example", "credit-limit"
    first = by_the_book(story, group, 84)
    version = by_the_book(story, group, 60)
    story.at(days=20)
    candidate = story.register(story.person("aisha.khan"), group)
    one_after_another(story, endpoint, first.by_package, version.by_package, days=(81, 57), variant="primary", tags=tags("retail-credit", "CC-4103"))
    story.at(days=18)
    shadow = story.model("credit-limit-shadow", candidate.by_artifact)
    story.deploy(endpoint, instances("primary", "credit-limit-m2"), ShadowProductionVariants=[instances("candidate", shadow, count=1)])
    for variant in ("primary", "candidate"):
        watched(story, f"{endpoint}-{variant}", dimensions(endpoint, variant), owner)
    story.at(days=15)
    story.decide(candidate, story.approver, ticket(candidate))
    story.at(days=3)
    story.decide(version, story.approver, "CHG-27777 limits too high for thin files, withdraw", status="Rejected")
    revoked = story.truth.live("variant", endpoint, "primary", verdict=STOP, package=version)
    story.truth.fail(revoked, "APR-001", "APR-005", why="rejected three days ago and still live")
    story.truth.live("shadow", endpoint, "candidate", verdict=OPERATE, package=candidate)


def assistant(story):
    """Inference components: a sound base model and a LoRA adapter upon it.

    INV-002, INV-004, LIN-003, DEP-001, DEP-003: a data scientist put the adapter there by its artifact's URL; no registry has it."""
    endpoint, owner, group = "assistant", "digital-channels@bank.example", "assistant-base"
    by_the_book(story, group, 84)
    base = by_the_book(story, group, 41)
    story.at(days=38)
    name = story.model("assistant-base-m2", base.by_package)
    story.deploy(endpoint, {"VariantName": "llm", "InstanceType": "ml.g5.2xlarge", "InitialInstanceCount": 2, "InitialVariantWeight": 1.0,
                            "ManagedInstanceScaling": {"Status": "ENABLED", "MinInstanceCount": 1, "MaxInstanceCount": 4}},
                 ExecutionRoleArn=story.serving_role, tags=tags("digital-channels", "CC-4104"))
    story.client("sagemaker", story.release).create_inference_component(
        InferenceComponentName="assistant-base", EndpointName=endpoint, VariantName="llm", RuntimeConfig={"CopyCount": 2}, Specification={
            "ModelName": name, "ComputeResourceRequirements": {"NumberOfAcceleratorDevicesRequired": 1, "MinMemoryRequiredInMb": 16384}})
    story.at(days=9)
    key = "assistant-adapters/collections/adapter.tar.gz"
    story.upload(story.buckets["bank-models"], key, content("collections adapter", 1))
    story.client("sagemaker", story.person("jan.devries")).create_inference_component(
        InferenceComponentName="assistant-lora-collections", EndpointName=endpoint, VariantName="llm", Specification={
            "BaseInferenceComponentName": "assistant-base", "Container": {"ArtifactUrl": f"s3://{story.buckets['bank-models']}/{key}"}})
    for component in ("assistant-base", "assistant-lora-collections"):
        watched(story, component, {"InferenceComponentName": component}, owner)
    story.truth.live("component", endpoint, "llm", "assistant-base", verdict=OPERATE, package=base)
    adapter = story.truth.live("component", endpoint, "llm", "assistant-lora-collections", verdict=FIX)
    story.truth.fail(adapter, "INV-002", "INV-004", "LIN-003", "DEP-001", why="an adapter that no registry knows")
    story.truth.fail(adapter, "DEP-003", why="jan.devries put it there himself")
    story.truth.fail(adapter, "MON-008", "RSP-003", why="its requests are not captured, and no manifest speaks for it")
    story.truth.reading("INV-004 has the hidden path itself as its subject (component, override, shadow), not the variant that carries it.")
    story.truth.reading("What no registry knows has neither a commit nor a rollback target: LIN-003 and DEP-001 fail; ART-001, ART-002 and APR-001 "
                        "to 006 do not apply, for there is no approval to compare with.")


def mortgage_pricing(story):
    """An instance-pool override: another model per instance type under one variant.

    APR-006 and APR-003: the variant's own version was born approved by the pipeline that registered it (a declared gate,
    so the approval itself is attributable). LIN-003 unknown: the pipeline noted a branch for a commit.
    APR-001 and INV-004: the override's version was taken back to pending three hours ago, within the time to act."""
    endpoint, owner = "mortgage-pricing", "mortgages@bank.example"
    pipeline = story.role("ci-training", "mortgage-nightly")
    by_the_book(story, endpoint, 84)
    story.at(days=41)
    version = story.register(pipeline, endpoint, status="Approved", commit="main")
    story.pass_time()
    story.client("sagemaker", pipeline).update_model_package(
        ModelPackageArn=version.arn, ApprovalDescription="CHG-24410 passed gate mape<0.04 in step evaluate")
    by_the_book(story, "mortgage-pricing-gpu", 84)
    override = by_the_book(story, "mortgage-pricing-gpu", 41)
    story.at(days=38)
    cpu, gpu = story.model("mortgage-pricing-m2", version.by_package), story.model("mortgage-pricing-gpu-m2", override.by_package)
    story.deploy(endpoint, {"VariantName": VARIANT, "ModelName": cpu, "InitialInstanceCount": 2, "InitialVariantWeight": 1.0, "InstancePools": [
        {"InstanceType": "ml.c6i.2xlarge", "Priority": 1}, {"InstanceType": "ml.g5.xlarge", "Priority": 2, "ModelNameOverride": gpu}]},
        tags=tags("mortgages", "CC-4105"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.at(hours=3)
    story.decide(override, story.approver, "CHG-28801 reopened: rates outside the tested range", status="PendingManualApproval")
    born = story.truth.live("variant", endpoint, VARIANT, verdict=FIX, package=version)
    story.truth.fail(born, "APR-003", "APR-006", why="registered as approved by the pipeline that trained it")
    story.truth.unknown(born, "LIN-003", why="the commit is the name of a branch")
    story.truth.reading("A version born approved by a role with a declared automation gate, and with a reason, does not fail APR-002.")
    pool = story.truth.live("pool", endpoint, VARIANT, "ml.g5.xlarge", verdict=FIX, package=override)
    story.truth.fail(pool, "APR-001", "INV-004", why="taken back to pending three hours ago while an override serves it")
    story.truth.reading("An approval taken back to pending within the time limit fails APR-001 but not APR-002 to 005: it was approved in good order.")


def aml_alert_triage(story):
    """A serial pipeline of two containers, each with a package of its own, sound. Approved before the event history begins: the log
    files of the audit trail prove it."""
    endpoint, owner = "aml-alert-triage", "financial-crime@bank.example"
    old = [by_the_book(story, group, 118) for group in ("aml-features", endpoint)]
    new = [by_the_book(story, group, 112) for group in ("aml-features", endpoint)]
    pairs = [tuple(v.by_package for v in pair) for pair in (old, new)]
    one_after_another(story, endpoint, *pairs, days=(115, 109), variant="pipeline", tags=tags("financial-crime", "CC-4106"))
    watched(story, f"{endpoint}-pipeline", dimensions(endpoint, "pipeline"), owner)
    story.truth.live("variant", endpoint, "pipeline", verdict=OPERATE, package=new[0], package_arns=[v.arn for v in new])


def kyc_document_check(story):
    """Serverless.

    INV-002 and DEP-001: it runs an unversioned package, which no approval can be given to.
    CST-001: it says `costcenter` for `cost-center`."""
    endpoint, owner = "kyc-document-check", "onboarding@bank.example"
    story.at(days=41)
    package = story.register(story.person("aisha.khan"), endpoint, unversioned="kyc-document-check-poc")
    story.at(days=38)
    name = story.model("kyc-document-check-m1", package.by_package)
    story.deploy(endpoint, {"VariantName": VARIANT, "ModelName": name, "InitialVariantWeight": 1.0, "ServerlessConfig": {
        "MemorySizeInMB": 4096, "MaxConcurrency": 20}}, tags={"owner": owner, "costcenter": "CC-4107", "stage": "production"})
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.alarm(f"{endpoint}-{VARIANT}-cold-start", "OverheadLatency", dimensions(endpoint), [story.oncall], owner=owner,
                Threshold=8e6, Statistic="Average")
    proof = story.truth.live("variant", endpoint, VARIANT, verdict=FIX, package=package)
    story.truth.fail(proof, "INV-002", "DEP-001", why="an unversioned package: no approval, no version to go back to")
    story.truth.fail(proof, "CST-001", why="costcenter is not cost-center")
    story.truth.fail(proof, "RSP-003", why="no manifest speaks for an unversioned package")
    story.truth.reading("An unversioned package may carry a commit and an ETag (LIN-003 and ART-002 pass), but no approval and no rollback target.")


def statement_summary(story):
    """Asynchronous, watched by the metrics that asynchronous endpoints have (dimension EndpointName alone).

    ART-001 and ART-002: other bytes of another size were put over the artifact after it was approved."""
    endpoint, owner = "statement-summary", "digital-channels@bank.example"
    first = by_the_book(story, endpoint, 84)
    version = by_the_book(story, endpoint, 41)
    scratch = f"s3://{story.buckets['bank-scratch']}/async"
    output = {"ClientConfig": {"MaxConcurrentInvocationsPerInstance": 4}, "OutputConfig": {
        "S3OutputPath": f"{scratch}/out/", "S3FailurePath": f"{scratch}/failed/", "NotificationConfig": {"ErrorTopic": story.oncall}}}
    for days, number, package in ((81, 1, first), (38, 2, version)):
        story.at(days=days)
        name = story.model(f"statement-summary-m{number}", package.by_package)
        story.deploy(endpoint, instances(VARIANT, name, count=1, kind="ml.g5.xlarge"), AsyncInferenceConfig=output,
                     tags=tags("digital-channels", "CC-4104"))
    story.at(days=10)
    story.upload(version.bucket, version.key, content("hotfix of statement-summary", 2, copies=90))
    where = {"EndpointName": endpoint}
    story.alarm(f"{endpoint}-failures", "InvocationFailures", where, [story.oncall], owner=owner)
    story.alarm(f"{endpoint}-backlog-age", "ApproximateAgeOfOldestRequest", where, [story.oncall], owner=owner,
                Statistic="Maximum", Threshold=900.0)
    story.alarm(f"{endpoint}-backlog", "ApproximateBacklogSizePerInstance", where, [story.oncall], owner=owner, Statistic="Maximum", Threshold=100.0)
    for metric, values in (("InvocationsProcessed", [[[1, 40]]]), ("InvocationFailures", [[[0, 40]]]), ("ApproximateAgeOfOldestRequest", [200, 400, 700]), ("ApproximateBacklogSizePerInstance", [5, 12, 60])):
        story.metric("AWS/SageMaker", metric, where, values)
    drift(story, endpoint, dimensions(endpoint), owner)
    story.metric(DRIFT_SPACE, DRIFT, dimensions(endpoint), [0.05, 0.12], every=3600)
    replaced = story.truth.live("variant", endpoint, VARIANT, verdict=STOP, package=version)
    story.truth.fail(replaced, "ART-001", "ART-002", why="the artifact was overwritten ten days ago with other bytes")


def branch_forecast(story):
    """A multi-model prefix with two artifacts, each matched to its package; a third was deleted and is not live.

    INV-005 (and with it INV-002, INV-004, LIN-003, DEP-001): a fourth was put there yesterday, which no registry knows.
    North is sound. LIN-003: south has no commit. ART-001 unknown: the bytes of south were uploaded again in parts, so
    size is equal and ETag is not; its registration is from before AWS noted ETags, so ART-002 is unknown too."""
    endpoint, owner, bucket = "branch-forecast", "branches@bank.example", story.buckets["bank-models"]
    image, author, live = story.image(endpoint), story.user("sofia.rossi"), {}
    for region in ("north", "south"):
        group = f"branch-forecast-{region}"
        by_the_book(story, group, 84, author, image=image, key=f"branch-forecast/archive/{region}-v1.tar.gz")
        live[region] = by_the_book(story, group, 41, author, image=image, key=f"branch-forecast/live/{region}.tar.gz",
                                   commit="hex" if region == "north" else None)
    story.at(days=41)
    story.upload(bucket, "branch-forecast/live/islands.tar.gz", content("islands", 1))
    story.at(days=40)
    story.client("s3").delete_object(Bucket=bucket, Key="branch-forecast/live/islands.tar.gz")
    story.at(days=38)
    name = story.model("branch-forecast-m1", {"Image": image, "Mode": "MultiModel", "ModelDataUrl": f"s3://{bucket}/branch-forecast/live/"})
    story.deploy(endpoint, instances(VARIANT, name, count=1), tags=tags("branches", "CC-4108"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.truth.live("multi-model", endpoint, VARIANT, "north.tar.gz", verdict=OPERATE, package=live["north"])
    south = story.truth.live("multi-model", endpoint, VARIANT, "south.tar.gz", verdict=FIX, package=live["south"])
    story.truth.fail(south, "LIN-003", why="no commit was registered")

    story.at(days=10)
    upload_in_parts(story, bucket, live["south"].key, content("branch-forecast-south", 2))
    described = story.client("sagemaker").describe_model_package(ModelPackageName=live["south"].arn)["InferenceSpecification"]
    for container in described["Containers"]:
        container.pop("ModelDataETag", None)
    story.plant("ModelPackage", live["south"].arn, set={"InferenceSpecification": described})
    story.truth.unknown(south, "ART-001", why="uploaded again in parts: replaced, equality not proved")
    story.truth.unknown(south, "ART-002", why="registered without an ETag")
    story.at(days=1)
    story.upload(bucket, "branch-forecast/live/harbour.tar.gz", content("harbour", 1))
    harbour = story.truth.live("multi-model", endpoint, VARIANT, "harbour.tar.gz", verdict=FIX)
    story.truth.fail(harbour, "INV-002", "INV-004", "INV-005", "LIN-003", "DEP-001", why="put below the prefix without registration")
    story.truth.fail(harbour, "MON-008", "RSP-003", why="its requests are not captured, and no manifest speaks for it")
    story.truth.reading("Where an artifact is matched to a package that names no ETag, URL and image decide (INV-002 of south does not fail).")


def upload_in_parts(story, bucket, key, body):
    s3 = story.client("s3")
    upload = s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload, PartNumber=1, Body=body)
    s3.complete_multipart_upload(Bucket=bucket, Key=key, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]})


def batch(story):
    """Batch transform, where a rule of EventBridge tells of a job that failed. The portfolio's job is sound; its only version was registered and approved in a Studio that hands on who works
    in it, and falls back on rules that the manifest declares.

    INV-007 and APR-004: a churn scoring ran two days before its version was approved."""
    runner = story.role("ci-batch", "nightly-scoring")
    in_studio = lambda who: story.role("studio-data-science", "SageMaker", source=who)
    portfolio = by_the_book(story, "portfolio-risk", 60, in_studio("jan-devries"), in_studio("maria-lopez"))
    by_the_book(story, "churn-scores", 60)
    story.at(days=57)
    story.model("portfolio-risk-m1", portfolio.by_package)
    failed_jobs(story)
    for group in ("portfolio-risk", "churn-scores"):
        drift(story, group, {"ModelPackageGroup": group}, "market-risk@bank.example", Period=86400)
        story.metric(DRIFT_SPACE, DRIFT, {"ModelPackageGroup": group}, [0.05, 0.12], every=86400)
    fairness(story, "portfolio-risk", {"ModelPackageGroup": "portfolio-risk", "Segment": "retail"}, "market-risk@bank.example")
    story.at(days=9)
    churn = story.register(story.person("aisha.khan"), "churn-scores")
    story.at(days=6)
    story.model("churn-scores-m2", churn.by_artifact, by=runner)
    run_batch(story, runner, "churn-scores-m2", 6, tags("crm", "CC-4109"))
    run_batch(story, runner, "portfolio-risk-m1", 6, tags("market-risk", "CC-4110"))
    story.at(days=4)
    story.decide(churn, story.approver, ticket(churn))
    run_batch(story, runner, "churn-scores-m2", 1, tags("crm", "CC-4109"))
    run_batch(story, runner, "portfolio-risk-m1", 1, tags("market-risk", "CC-4110"))
    story.truth.live("batch", "portfolio-risk-m1", verdict=OPERATE, package=portfolio)
    early = story.truth.live("batch", "churn-scores-m2", verdict=FIX, package=churn)
    story.truth.fail(early, "INV-007", "APR-004", why="a job ran it two days before it was approved")
    story.truth.reading("Batch: what reports a failed job (an EventBridge rule) is not read, so MON-001 and MON-002 do not fail for want of an alarm.")


def failed_jobs(story):
    topic = story.topic("ml-batch", "email", "ml-oncall@bank.example")
    publish = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": topic}
    story.client("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [publish]}))
    story.client("events").put_rule(Name="failed-batch", State="ENABLED", EventPattern=json.dumps({
        "source": ["aws.sagemaker"], "detail-type": ["SageMaker Transform Job State Change"], "detail": {"TransformJobStatus": ["Failed"]}}))
    story.client("events").put_targets(Rule="failed-batch", Targets=[{"Id": "oncall", "Arn": topic}])


def run_batch(story, runner, model, days, tags):
    story.at(days=days, hours=-1)
    job, scratch = f"{model}-run-{days}", story.buckets["bank-scratch"]
    story.client("sagemaker", runner).create_transform_job(
        TransformJobName=job, ModelName=model, Tags=tag_list(tags),
        TransformInput={"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{scratch}/in/{model}/"}}, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": f"s3://{scratch}/out/{model}/"}, TransformResources={"InstanceType": "ml.m5.xlarge", "InstanceCount": 1})
    story.pass_time(1800)
    end = story.time.isoformat()
    story.plant("TransformJob", job, set={"TransformJobStatus": "Completed", "TransformEndTime": end, "LastModifiedTime": end})


STORIES = [fraud_screening, card_authorisation, credit_limit, assistant, mortgage_pricing, aml_alert_triage, kyc_document_check,
           statement_summary, branch_forecast, batch]

"""Probe that the emulator holds what an estate's truth says, by reading it back as any client would."""
import datetime as dt
import gzip
import json

from .story import iso

OK = {"passed": 0, "failed": 0}


def expect(what, got, want):
    OK["passed" if got == want else "failed"] += 1
    if got != want:
        print(f"FAIL {what}: got {got!r}, want {want!r}")


def check(story, estate):
    if estate == "organization":
        from . import check_organization

        check_organization.check(story)
    else:
        seen = Seen(story)
        common(story, seen)
        {"bank": bank, "bench": bench, "costs": costs, "empty": empty, "watch": watch}.get(estate, lambda *_: None)(story, seen)
    print(f"{OK['passed']} passed, {OK['failed']} failed")
    return 1 if OK["failed"] else 0


class Seen:
    """The whole account, read once."""

    def __init__(self, story):
        self.story = story
        self.sagemaker, self.s3, self.cloudwatch, self.sns = (story.client(s) for s in ("sagemaker", "s3", "cloudwatch", "sns"))
        every = lambda client, call, member, **how: [row for page in client.get_paginator(call).paginate(**how) for row in page[member]]
        self.endpoints = {e["EndpointName"]: self.sagemaker.describe_endpoint(EndpointName=e["EndpointName"])
                          for e in every(self.sagemaker, "list_endpoints", "Endpoints")}
        self.alarms = {a["AlarmName"]: a for a in every(self.cloudwatch, "describe_alarms", "MetricAlarms")}
        self.buckets = [b["Name"] for b in self.s3.list_buckets()["Buckets"]]
        self.events = [dict(json.loads(e["CloudTrailEvent"]), time=e["EventTime"])
                       for e in every(story.client("cloudtrail"), "lookup_events", "Events")]
        self.every = every

    def package(self, arn):
        return self.sagemaker.describe_model_package(ModelPackageName=arn)

    def tags(self, arn):
        return {t["Key"]: t["Value"] for t in self.sagemaker.list_tags(ResourceArn=arn)["Tags"]}

    def versions(self, uri):
        """All versions and delete markers of one key, newest first."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        page = self.s3.list_object_versions(Bucket=bucket, Prefix=key)
        rows = [dict(v, Deleted=False) for v in page.get("Versions", [])] + [dict(v, Deleted=True) for v in page.get("DeleteMarkers", [])]
        return sorted((r for r in rows if r["Key"] == key), key=lambda r: r["LastModified"], reverse=True)

    def trail(self, name, source="sagemaker", **wanted):
        """Events by name and source whose request has these members."""
        found = [e for e in self.events if e["eventName"] == name and e["eventSource"] == f"{source}.amazonaws.com"
                 and all((e["requestParameters"] or {}).get(k) == v for k, v in wanted.items())]
        return sorted(found, key=lambda e: e["time"])

    def approvals(self, arn, status="Approved"):
        return [e for e in self.trail("UpdateModelPackage", modelPackageArn=arn, modelApprovalStatus=status) if not e.get("errorCode")]

    def fails(self, code):
        return {f["subject"] for f in self.story.truth.findings if f["code"] == code}


def common(story, seen):
    """Every live version is there; nothing serves that the truth does not list; what is not planted is in order."""
    served = set()
    for version in story.truth.versions:
        parts = version["id"].split("/")
        path, endpoint = parts[2], parts[3]
        if path == "batch":
            expect(f"{version['id']} has jobs", bool([j for j in jobs(seen) if j["ModelName"] == endpoint]), True)
            continue
        have = seen.endpoints.get(endpoint, {})
        variants = [v["VariantName"] for v in have.get("ShadowProductionVariants" if path == "shadow" else "ProductionVariants", [])]
        expect(f"{version['id']} is served", parts[4] in variants, True)
        served.add((endpoint, parts[4]))
    all_variants = {(name, v["VariantName"]) for name, e in seen.endpoints.items()
                    for v in e.get("ProductionVariants", []) + e.get("ShadowProductionVariants", [])}
    expect("nothing else serves", all_variants - served, set())
    registered = {v["package_arn"]: v["id"] for v in story.truth.versions if v["package_arn"]}
    replaced = seen.fails("ART-001") | {u["subject"] for u in story.truth.unknowns if u["code"] == "ART-001"}
    for arn, id_ in registered.items():
        container = seen.package(arn)["InferenceSpecification"]["Containers"][0]
        history = seen.versions(container["ModelDataUrl"])
        expect(f"{id_}: versions of its artifact", len(history), 2 if id_ in replaced else 1)
        if id_ not in {u["subject"] for u in story.truth.unknowns if u["code"] == "ART-002"}:
            expect(f"{id_}: registered ETag is stored", container.get("ModelDataETag") == history[0]["ETag"].strip('"'), id_ not in seen.fails("ART-002"))
    untagged = {s.split("/")[3] for s in seen.fails("CST-001")} - getattr(story.truth, "refused", set())
    for name, endpoint in seen.endpoints.items():
        tags = seen.tags(endpoint["EndpointArn"])
        expect(f"{name}: has its tags", bool(tags.get("owner") and tags.get("cost-center")), name not in untagged)
    clock = story.read("clock")["frozen"].get(story.account)
    expect("the clock stands at the end of the story, or goes on", clock and dt.datetime.fromisoformat(clock), None if story.live_clock else story.now)


def jobs(seen):
    listed = seen.every(seen.sagemaker, "list_transform_jobs", "TransformJobSummaries")
    return [seen.sagemaker.describe_transform_job(TransformJobName=j["TransformJobName"]) for j in listed]


def watch(story, seen):
    from . import check_watch

    check_watch.check(story, seen)


def costs(story, seen):
    from . import check_costs

    check_costs.check(story, seen)


def empty(story, seen):
    expect("nothing serves", seen.endpoints, {})
    expect("something is registered", len(seen.sagemaker.list_model_package_groups()["ModelPackageGroupSummaryList"]), 1)


def bench(story, seen):
    packages = seen.every(seen.sagemaker, "list_model_packages", "ModelPackageSummaryList", ModelPackageType="Versioned")
    models = seen.every(seen.sagemaker, "list_models", "Models")
    got = [len(x) for x in (seen.endpoints, models, packages, seen.alarms, seen.buckets, seen.sns.list_topics()["Topics"])]
    expect("endpoints, models, packages, alarms, buckets, topics", got, [60, 60, 300, 120, 20, 2])


def bank(story, seen):
    for probe in (bank_identity, bank_approvals, bank_artifacts, bank_evidence, bank_alarms, bank_strangers):
        probe(story, seen)


def arn(story, group, number):
    return f"arn:aws:sagemaker:{story.region}:{story.account}:model-package/{group}/{number}"


def refused(call):
    try:
        call()
    except Exception as e:
        return getattr(e, "response", {}).get("Error", {}).get("Message", str(e))[:20]


def bank_identity(story, seen):
    sagemaker = seen.sagemaker
    gone = refused(lambda: sagemaker.describe_endpoint_config(EndpointConfigName=seen.endpoints["loan-pricing"]["EndpointConfigName"]))
    expect("INV-001: the config in force is deleted", gone, "Could not find endpo")
    config = sagemaker.describe_endpoint_config(EndpointConfigName=seen.endpoints["payment-routing"]["EndpointConfigName"])
    gone = refused(lambda: sagemaker.describe_model(ModelName=config["ProductionVariants"][0]["ModelName"]))
    expect("INV-001: the model is deleted", gone, "Could not find model")
    expect("INV-006: status", seen.endpoints["payment-routing"]["EndpointStatus"], "UpdateRollbackFailed")
    expect("INV-002: a raw artifact", "ModelPackageName" in sagemaker.describe_model(ModelName="limit-increase-m1")["PrimaryContainer"], False)
    adapter = sagemaker.describe_inference_component(InferenceComponentName="assistant-lora-collections")["Specification"]
    own = (adapter["BaseInferenceComponentName"], "ArtifactUrl" in adapter["Container"])
    expect("INV-004: the adapter has an artifact of its own", own, ("assistant-base", True))
    pools = sagemaker.describe_endpoint_config(EndpointConfigName="mortgage-pricing-c1")["ProductionVariants"][0]["InstancePools"]
    expect("INV-004: the pool's override", [p.get("ModelNameOverride") for p in pools], [None, "mortgage-pricing-gpu-m2"])
    weights = {v["VariantName"]: round(v["CurrentWeight"], 3) for v in seen.endpoints["card-authorisation"]["ProductionVariants"]}
    expect("traffic was moved to 80:20", weights, {"Champion": 0.8, "Challenger": 0.2})
    expect("shadow variant", [v["VariantName"] for v in seen.endpoints["credit-limit"]["ShadowProductionVariants"]], ["candidate"])
    expect("serverless", "CurrentServerlessConfig" in seen.endpoints["kyc-document-check"]["ProductionVariants"][0], True)
    expect("async", "AsyncInferenceConfig" in seen.endpoints["statement-summary"], True)
    expect("serial pipeline", len(sagemaker.describe_model(ModelName="aml-alert-triage-m2")["Containers"]), 2)
    expect("multi-model", sagemaker.describe_model(ModelName="branch-forecast-m1")["PrimaryContainer"]["Mode"], "MultiModel")
    keys = [o["Key"].split("/")[-1] for o in seen.s3.list_objects_v2(Bucket=story.buckets["bank-models"], Prefix="branch-forecast/live/")["Contents"]]
    expect("multi-model artifacts that are there", keys, ["harbour.tar.gz", "north.tar.gz", "south.tar.gz"])
    expect("unversioned package", "ModelPackageVersion" in seen.package("kyc-document-check-poc"), False)
    commits = {n: seen.package(v).get("MetadataProperties", {}).get("CommitId") for n, v in (
        ("none", arn(story, "branch-forecast-south", 2)), ("branch", arn(story, "mortgage-pricing", 2)))}
    expect("LIN-003: no commit, and a branch", commits, {"none": None, "branch": "main"})
    expect("CST-001: near miss", sorted(seen.tags(seen.endpoints["kyc-document-check"]["EndpointArn"])), ["costcenter", "owner", "stage"])
    expect("stage dev", seen.tags(seen.endpoints["sandbox-intent"]["EndpointArn"])["stage"], "dev")


def bank_approvals(story, seen):
    """Who approved what, when, against when it went live."""
    status = lambda group, number: seen.package(arn(story, group, number))["ModelApprovalStatus"]
    expect("APR-001: statuses", [status("credit-limit", 2), status("mortgage-pricing-gpu", 2), status("sandbox-intent", 2)],
           ["Rejected", "PendingManualApproval", "PendingManualApproval"])
    rejected = seen.approvals(arn(story, "credit-limit", 2), "Rejected")
    expect("APR-005: rejected more than a day ago", [(story.now - e["time"]).days for e in rejected], [3])
    reopened = seen.approvals(arn(story, "mortgage-pricing-gpu", 2), "PendingManualApproval")
    expect("APR-001: reopened less than a day ago", [(story.now - e["time"]).total_seconds() / 3600 for e in reopened], [3.0])
    expect("APR-002: no event of the approval", (len(seen.approvals(arn(story, "branch-cash", 1))), status("branch-cash", 1)), (0, "Approved"))
    edited = lambda group, number: seen.package(arn(story, group, number))["LastModifiedBy"]["IamIdentity"]["Arn"].split("/")[-1]
    expect("APR-002: the edit took LastModifiedBy", edited("branch-cash", 1), "jan.devries@bank.example")
    expect("a metadata edit of the sound one, too", edited("fraud-screening", 2), "aisha.khan@bank.example")
    expect("APR-002: no reason", seen.package(arn(story, "dispute-triage", 2)).get("ApprovalDescription"), None)
    who = lambda e: e["userIdentity"]["arn"].split("assumed-role/")[-1]
    name = lambda e: who(e).split("/")[-1]
    creator = lambda arn_: seen.package(arn_)["CreatedBy"]["IamIdentity"]["Arn"].split("/")[-1]
    wealth = arn(story, "wealth-advice-ranking", 2)
    both = {creator(wealth), *map(name, seen.approvals(wealth))}
    expect("APR-003: one person", both, {"erik.jansen@bank.example"})
    expect("APR-003: a forged session name", [who(e) for e in seen.approvals(arn(story, "dispute-triage", 2))], ["ml-team-shared/maria.lopez@bank.example"])
    born = seen.trail("CreateModelPackage", modelPackageGroupName="mortgage-pricing", modelApprovalStatus="Approved")
    expect("APR-006: born approved", [who(e) for e in born], ["ci-training/mortgage-nightly"])
    old = (len(seen.approvals(arn(story, "savings-propensity", 2))), status("savings-propensity", 2))
    expect("APR-002/003 unknown: beyond the history", old, (0, "Approved"))
    expect("nothing is older than 90 days in the trail", all((story.now - e["time"]).days <= 90 for e in seen.events), True)

    late = {"card-authorisation/3": "card-authorisation-c3", "credit-limit/3": "credit-limit-c3"}
    sound = {"fraud-screening/2": "Fraud-Screening-c2", "card-authorisation/2": "card-authorisation-c2", "credit-limit/2": "credit-limit-c2",
             "statement-summary/2": "statement-summary-c2",
             "branch-forecast-north/2": "branch-forecast-c1", "branch-forecast-south/2": "branch-forecast-c1",
             "mortgage-pricing-gpu/2": "mortgage-pricing-c1", "wealth-advice-ranking/2": "wealth-advice-ranking-c2", "dispute-triage/2": "dispute-triage-c2"}
    for package, config in {**late, **sound}.items():
        approved = seen.approvals(arn(story, *package.split("/")))
        served = seen.trail("CreateEndpointConfig", endpointConfigName=config)
        expect(f"{package}: one approval and one config", (len(approved), len(served)), (1, 1))
        if approved and served:
            expect(f"{package}: approved before {config}", approved[0]["time"] < served[0]["time"], package not in late)
            people = {name(approved[0]), name(served[0]), creator(arn(story, *package.split("/")))}
            expect(f"{package}: three of them", len(people), 2 if package.startswith("wealth") else 3)
    approved = seen.approvals(arn(story, "churn-scores", 2))[0]["time"]
    runs = sorted((j["TransformStartTime"] < approved, j["TransformJobStatus"]) for j in jobs(seen) if j["ModelName"] == "churn-scores-m2")
    expect("INV-007: one run before the approval and one after", runs, [(False, "Completed"), (True, "Completed")])


def bank_artifacts(story, seen):
    uri = lambda group, number: seen.package(arn(story, group, number))["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    history = seen.versions(uri("statement-summary", 2))
    approved = seen.approvals(arn(story, "statement-summary", 2))[0]["time"]
    changed = (history[0]["LastModified"] > approved, history[0]["Size"] != history[1]["Size"])
    expect("ART-001: overwritten after the approval, other size", changed, (True, True))
    history = seen.versions(uri("branch-forecast-south", 2))
    expect("ART-001 unknown: same size, ETag of parts", (history[0]["Size"] == history[1]["Size"], history[0]["ETag"].strip('"')[-2:]), (True, "-1"))
    container = seen.package(arn(story, "branch-forecast-south", 2))["InferenceSpecification"]["Containers"][0]
    expect("ART-002 unknown: no ETag registered", "ModelDataETag" in container, False)
    expect("DEP-001 waived: the artifact before is deleted", seen.versions(uri("savings-propensity", 1))[0]["Deleted"], True)
    expect("DEP-001: the only version", len(seen.sagemaker.list_model_packages(ModelPackageGroupName="branch-cash")["ModelPackageSummaryList"]), 1)
    versioning = {b: seen.s3.get_bucket_versioning(Bucket=b).get("Status") for b in seen.buckets}
    expect("ART-004", versioning, {story.buckets["bank-audit"]: "Enabled", story.buckets["bank-models"]: "Enabled", story.buckets["bank-scratch"]: "Suspended", story.buckets["bank-datalab"]: None})
    for group in ("fraud-screening", "card-authorisation", "credit-limit", "assistant-base", "aml-features", "wealth-advice-ranking",
                  "dispute-triage", "churn-scores"):
        before = seen.package(arn(story, group, 1))
        expect(f"{group}/1 is a rollback target", (before["ModelApprovalStatus"], [v["Deleted"] for v in seen.versions(uri(group, 1))]), ("Approved", [False]))


def bank_evidence(story, seen):
    """What the audit trail's own files hold, and what protects artifacts."""
    bucket, records, chain = story.buckets["bank-audit"], [], []
    for key in (o["Key"] for o in seen.every(seen.s3, "list_objects_v2", "Contents", Bucket=bucket)):
        held = json.loads(gzip.decompress(seen.s3.get_object(Bucket=bucket, Key=key)["Body"].read()))
        chain.append(held) if "/CloudTrail-Digest/" in key else records.extend(held["Records"])
    begun = [d["digestStartTime"] for d in chain if d["previousDigestSignature"] is None]
    expect("AUD-004: the chain begins twice", begun, [iso(story.ago(days=120)), iso(story.ago(days=25, hours=-3))])
    switched = sorted((e["eventName"], who(e)) for e in seen.events if e["eventName"] in ("StopLogging", "StartLogging"))
    expect("AUD-004: who switched it", switched, [("StartLogging", "erik.admin"), ("StopLogging", "erik.admin")])
    old = {e["requestParameters"]["modelPackageArn"] for e in records if e["eventName"] == "UpdateModelPackage"
           and e["requestParameters"].get("modelApprovalStatus") == "Approved" and e["eventTime"] < iso(story.ago(days=90))}
    expect("approvals that only the log files hold", {a.split("/", 1)[1] for a in old}, {f"{g}/{n}" for g in ("aml-features", "aml-alert-triage") for n in (1, 2)})
    expect("the registry is elsewhere", refused(lambda: seen.package(arn(story, "travel-insurance", 2))) is not None, True)
    theirs = f"arn:aws:sagemaker:{story.region}:{story.registry.account}:model-package/travel-insurance/2"
    expect("and lets this account read", seen.package(theirs)["ModelApprovalStatus"], "Approved")
    image = seen.endpoints["dispute-triage"]["ProductionVariants"][0]["DeployedImages"][0]
    about = seen.package(arn(story, "dispute-triage", 2))["InferenceSpecification"]["Containers"][0]
    first = story.client("ecr").describe_images(repositoryName="serving/disputes")["imageDetails"][0]["imageDigest"]
    expect("INV-003: registered by a tag, deployed after it moved", (about["Image"].endswith(":stable"), image["ResolvedImage"].endswith(first)), (True, False))
    expect("INV-003: its digest", about.get("ImageDigest"), first)
    expires = seen.s3.get_bucket_lifecycle_configuration(Bucket=story.buckets["bank-scratch"])["Rules"][0]["Expiration"]["Days"]
    left = expires - (story.now - seen.versions(about["ModelDataUrl"])[0]["LastModified"]).days
    expect("ART-003: days that its artifact has left", left, 10)
    expect("ART-005: closed", [refused(lambda b=b: seen.s3.get_bucket_policy(Bucket=story.buckets[b])) is None for b in ("bank-models", "bank-scratch")], [True, False])
    studio = lambda group, number: [(who(e), e["userIdentity"]["sessionContext"].get("sourceIdentity")) for e in seen.approvals(arn(story, group, number))]
    expect("who approved in the Studio", studio("portfolio-risk", 1), [("SageMaker", "maria-lopez")])
    promoted, source = seen.package(arn(story, "home-contents", 2)), story.registry.client("sagemaker").describe_model_package(
        ModelPackageName=theirs.replace("travel-insurance", "home-contents"))
    same = lambda about: {k: about["InferenceSpecification"]["Containers"][0][k] for k in ("Image", "ImageDigest", "ModelDataETag")}
    expect("promoted: the same bytes and image", same(promoted), same(source))
    edited = seen.package(arn(story, "overdraft-advice", 2))
    expect("APR-008: the environment", edited["InferenceSpecification"]["Containers"][0]["Environment"], {"OVERDRAFT_FLOOR": "-5000"})
    retired = seen.package(arn(story, "collections-priority", 2))
    expect("APR-010: the axes", (retired["ModelApprovalStatus"], retired["ModelLifeCycle"]["StageStatus"]), ("Approved", "Retired"))


def who(event):
    return event["userIdentity"].get("userName") or event["userIdentity"]["arn"].split("/")[-1]


def bank_alarms(story, seen):
    dims = lambda a: {d["Name"]: d["Value"] for d in a.get("Dimensions", [])}
    for name in ("Fraud-Screening/AllTraffic", "card-authorisation/Challenger", "credit-limit/candidate", "aml-alert-triage/pipeline",
                 "loan-pricing/AllTraffic"):
        endpoint, variant = name.split("/")
        three = [seen.alarms[f"{endpoint}-{variant}-{kind}"] for kind in ("errors", "latency", "silence")]
        expect(f"{name}: bound, armed", [(dims(a), a["ActionsEnabled"], len(a["AlarmActions"])) for a in three],
               [({"EndpointName": endpoint, "VariantName": variant}, True, 1)] * 3)
        expect(f"{name}: silence breaches", three[2]["TreatMissingData"], "breaching")
    topics = [seen.sns.get_topic_attributes(TopicArn=t["TopicArn"])["Attributes"] for t in seen.sns.list_topics()["Topics"]]
    confirmed = {t["TopicArn"].split(":")[-1]: int(t["SubscriptionsConfirmed"]) for t in topics}
    expect("topics with a confirmed subscription", confirmed, {"ml-oncall": 1, "ml-paging": 1, "ml-dashboards": 0, "ml-batch": 1})
    expect("MON-006: disabled", seen.alarms["wealth-advice-ranking-AllTraffic-errors"]["ActionsEnabled"], False)
    expect("MON-006: unheard", seen.alarms["wealth-advice-ranking-AllTraffic-latency"]["AlarmActions"][0].split(":")[-1], "ml-dashboards")
    muted = seen.cloudwatch.list_alarm_mute_rules(AlarmName="wealth-advice-ranking-AllTraffic-silence")["AlarmMuteRuleSummaries"]
    expect("MON-006: muted", [(r["Status"], r["MuteType"]) for r in muted], [("ACTIVE", "RECURRING")])
    expect("MON-001: none", "savings-propensity-AllTraffic-errors" in seen.alarms, False)
    expect("MON-002: endpoint only", dims(seen.alarms["savings-propensity-AllTraffic-latency"]), {"EndpointName": "savings-propensity"})
    expect("MON-003: not breaching", seen.alarms["savings-propensity-AllTraffic-silence"]["TreatMissingData"], "notBreaching")
    orphans = sorted(n for n, a in seen.alarms.items() if dims(a).get("EndpointName") not in (None, *seen.endpoints))
    expect("MON-007: orphan", orphans, ["card-fraud-legacy-AllTraffic-errors"])
    owner = lambda name: {t["Key"] for t in seen.cloudwatch.list_tags_for_resource(ResourceARN=seen.alarms[name]["AlarmArn"])["Tags"]}
    unowned = sorted(n for n in seen.alarms if "Owner" not in owner(n) and not n.startswith("TargetTracking"))
    expect("alarms without an Owner tag", unowned, ["card-authorisation-Champion-silence", "limit-increase-pilot-AllTraffic-silence"])
    expect("metric maths is kept", len(seen.alarms["card-authorisation-Champion-errors"]["Metrics"]), 3)
    expect("autoscaling alarms", sum(n.startswith("TargetTracking") for n in seen.alarms), 4)
    composite = seen.cloudwatch.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
    expect("composite alarm", [c["AlarmName"] for c in composite], ["fraud-screening-page"])
    logged = seen.cloudwatch.describe_alarms(AlarmTypes=["LogAlarm"])["LogAlarms"]
    expect("log alarm", [a["AlarmName"] for a in logged], ["fraud-screening-log-errors"])


def bank_strangers(story, seen):
    names = ("CreateModel", "CreateEndpoint", "DeleteEndpoint", "UpdateEndpoint")
    sources = sorted({(e["eventSource"].split(".")[0], e["eventName"]) for e in seen.events if e["eventName"] in names})
    expect("events of the same name", sources, [
        ("apigateway", "CreateModel"), ("comprehend", "CreateEndpoint"), ("comprehend", "UpdateEndpoint"), ("dms", "CreateEndpoint"), ("dms", "DeleteEndpoint"),
        ("sagemaker", "CreateEndpoint"), ("sagemaker", "CreateModel"), ("sagemaker", "DeleteEndpoint"), ("sagemaker", "UpdateEndpoint")])
    denied = [e for e in seen.trail("UpdateModelPackage") if e.get("errorCode")]
    expect("a refused approval", [(e["requestParameters"]["modelPackageArn"].split("/", 1)[1], e["errorCode"]) for e in denied],
           [("fraud-screening/2", "AccessDeniedException")])
    tags = seen.tags(seen.endpoints["Fraud-Screening"]["EndpointArn"])
    expect("hostile tags", (tags["note"], "\u202e" in tags["remark"], "|" in tags["remark"]), ('=HYPERLINK("http://x","y")', True, True))
    expect("hostile description", seen.alarms["card-authorisation-Champion-latency"]["AlarmDescription"].startswith("<script>"), True)
    expect("ARNs lower the name", seen.endpoints["Fraud-Screening"]["EndpointArn"].split("/")[-1], "fraud-screening")

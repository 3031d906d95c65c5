"""Live versions that are there for a fault; what a function does not name is in order."""

from .bank_common import VARIANT, by_the_book, dimensions, drift, errors, latency, one_after_another, quiet, saturation, silence, tags, ticket, watched
from .bank_sound import autoscaling_alarms
from .story import content, instances
from .truth import FIX, OPERATE, STOP


def loan_pricing(story):
    """INV-001: the configuration in force was deleted while the endpoint serves."""
    endpoint, owner = "loan-pricing", "consumer-loans@bank.example"
    first, version = by_the_book(story, endpoint, 84), by_the_book(story, endpoint, 41)
    one_after_another(story, endpoint, first.by_package, version.by_package, tags=tags("consumer-loans", "CC-4111"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.at(days=15)
    story.client("sagemaker", story.person("aisha.khan")).delete_endpoint_config(EndpointConfigName=f"{endpoint}-c2")
    lost = story.truth.live("variant", endpoint, VARIANT, verdict=FIX)
    story.truth.fail(lost, "INV-001", why="its endpoint configuration was deleted")


def payment_routing(story):
    """INV-006: an update failed and so did its roll-back. INV-001: the model of the configuration named is deleted."""
    endpoint, owner = "payment-routing", "payments@bank.example"
    first, version = by_the_book(story, endpoint, 84), by_the_book(story, endpoint, 21)
    one_after_another(story, endpoint, first.by_package, version.by_package, days=(81, 18), tags=tags("payments", "CC-4112"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.at(days=17)
    story.client("sagemaker", story.release).delete_model(ModelName=f"{endpoint}-m2")
    story.plant("Endpoint", endpoint, set={
        "EndpointStatus": "UpdateRollbackFailed", "LastModifiedTime": story.time.isoformat(),
        "FailureReason": "Update failed and the rollback failed: the primary container did not pass the ping health check."})
    mixed = story.truth.live("variant", endpoint, VARIANT, verdict=STOP)
    story.truth.fail(mixed, "INV-006", why="UpdateRollbackFailed: a mix of two versions serves")
    story.truth.fail(mixed, "INV-001", why="its model was deleted")
    story.truth.reading("Where config or model are gone, what hangs on them (INV-002, LIN-003, APR, ART, DEP-001) is unknown or, "
                        "recovered from the trail, passes; it does not fail. So too under UpdateRollbackFailed.")


def limit_increase_pilot(story):
    """INV-002 (and with it LIN-003, DEP-001): the data lab serves a raw artifact, ART-004 from a bucket that was never
    versioned, DEP-003 by a person, CST-001 without any of the tags, RSP-001 with an alarm that nobody owns."""
    endpoint, owner = "limit-increase-pilot", "data-lab@bank.example"
    erik, key = story.person("erik.jansen"), "limit-increase/model.tar.gz"
    story.at(days=25)
    story.upload(story.buckets["bank-datalab"], key, content(endpoint, 1))
    name = story.model("limit-increase-m1", {
        "Image": story.image("datalab"), "ModelDataUrl": f"s3://{story.buckets['bank-datalab']}/{key}",
        "Environment": {"DB_PASSWORD": "correct-horse-battery-staple", "LOG_LEVEL": "debug"}}, by=erik)
    story.deploy(endpoint, instances(VARIANT, name, count=1), by=erik, tags={"team": "data-lab", "stage": "production"})
    where = dimensions(endpoint)
    errors(story, f"{endpoint}-{VARIANT}", where, owner)
    latency(story, f"{endpoint}-{VARIANT}", where, owner)
    unowned = silence(story, f"{endpoint}-{VARIANT}", where, None)
    otherwise_watched(story, endpoint, owner)
    raw = story.truth.live("variant", endpoint, VARIANT, verdict=FIX)
    story.truth.fail(raw, "INV-002", "LIN-003", "DEP-001", why="a raw artifact that was never registered")
    story.truth.fail(raw, "DEP-003", why="erik.jansen deployed it himself")
    story.truth.fail(raw, "MON-008", "RSP-003", why="its requests are not captured, and no manifest speaks for what was never registered")
    story.truth.fail(raw, "CST-001", why="neither owner nor cost-center")
    story.truth.fail(story.buckets["bank-datalab"], "ART-004", why="versioning was never enabled")
    story.truth.fail(story.buckets["bank-datalab"], "ART-005", why="neither locked nor closed to anybody")
    story.truth.fail(unowned, "RSP-001", why="no Owner tag on the alarm, no owner on the endpoint")
    story.truth.reading("An alarm's owner is resolved as C5 says: alarm tag, description, endpoint tag, group tag. Only where none has it RSP-001 fails.")


def branch_cash(story):
    """APR-002: within the window there is no event of the approval, and a later metadata edit has taken LastModifiedBy.
    DEP-001: the first version of its group, without a declared fallback."""
    endpoint, owner = "branch-cash", "branches@bank.example"
    jan = story.person("jan.devries")
    story.at(days=35)
    version = story.register(jan, endpoint)
    story.at(days=33)
    story.decide(version, story.approver, ticket(version), quiet=True)
    one_after_another(story, endpoint, version.by_package, days=(32,), tags=tags("branches", "CC-4108"))
    story.at(days=20)
    story.client("sagemaker", jan).update_model_package(ModelPackageArn=version.arn, CustomerMetadataProperties={"dashboard": "cash/7"})
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    unproved = story.truth.live("variant", endpoint, VARIANT, verdict=FIX, package=version)
    story.truth.fail(unproved, "APR-002", why="no approval event in a window that covers the package's whole life")
    story.truth.fail(unproved, "DEP-001", why="the first version, and no fallback")
    story.truth.unknown(unproved, "APR-003", "APR-004", why="who approved, and when, is not known")


def wealth_advice(story):
    """APR-003: the same person registered and approved, through two permission sets. APR-009: and nobody has reviewed it since.
    MON-006: the error alarm's actions are disabled, the latency alarm's topic has only a pending subscription, the
    silence alarm is muted all day, every day. So MON-001 to 003 have no effective alarm."""
    endpoint, owner = "wealth-advice-ranking", "wealth@bank.example"
    first = by_the_book(story, endpoint, 84)
    version = by_the_book(story, endpoint, 41, story.person("erik.jansen"), story.person("erik.jansen", "ModelApprover"))
    one_after_another(story, endpoint, first.by_package, version.by_package, tags=tags("wealth", "CC-4113"))
    name, where = f"{endpoint}-{VARIANT}", dimensions(endpoint)
    disabled = errors(story, name, where, owner, ActionsEnabled=False)
    unheard = latency(story, name, where, owner, actions=[story.unheard])
    muted = silence(story, name, where, owner)
    otherwise_watched(story, endpoint, owner)
    story.at(days=30)
    story.client("cloudwatch").put_alarm_mute_rule(
        Name="wealth-nightly-noise", Description="quiet please", MuteTargets={"AlarmNames": [muted]},
        Rule={"Schedule": {"Expression": "cron(0 0 * * *)", "Duration": "PT23H", "Timezone": "UTC"}}, StartDate=story.time)
    story.truth.fail(disabled, "MON-006", why="its actions are disabled")
    story.truth.fail(unheard, "MON-006", why="its topic has only a pending subscription")
    story.truth.fail(muted, "MON-006", why="a mute rule silences it for 23 hours of each day")
    careless = story.truth.live("variant", endpoint, VARIANT, verdict=FIX, package=version)
    story.truth.fail(careless, "APR-003", why="erik.jansen registered and approved it")
    story.truth.fail(careless, "APR-009", why="its review was due after 30 days")
    story.truth.fail(careless, "MON-001", "MON-002", "MON-003", why="each of its alarms is muzzled or undelivered")


def dispute_triage(story):
    """APR-002: approved without a reason. APR-003 unknown: by a role that anyone may take under any session name, here
    one that looks like a person. ART-002: registered with an ETag that the object never had. INV-003: its image was registered by
    a tag, which was moved before the deployment. Its bucket is for scratch: ART-003 since it is emptied after 60 days,
    ART-004 since its versioning was suspended, ART-005 since anybody may write to it."""
    endpoint, owner, bucket = "dispute-triage", "cards@bank.example", story.buckets["bank-scratch"]
    first = by_the_book(story, endpoint, 58, bucket="bank-scratch")
    story.at(days=50)
    tagged = story.moving_tag("disputes")
    version = story.register(story.person("jan.devries"), endpoint, bucket="bank-scratch", etag="0123456789abcdef0123456789abcdef", image=tagged)
    story.at(days=48)
    story.decide(version, story.role("ml-team-shared", "maria.lopez@bank.example"), None)
    story.at(days=46)
    story.push("disputes", "rebuilt on a newer base", tag="stable")
    one_after_another(story, endpoint, first.by_package, version.by_package, days=(55, 45), tags=tags("cards", "CC-4102"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.at(days=5)
    s3 = story.client("s3", story.user("erik.admin"))
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [
        {"ID": "scratch-60", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 60}}]})
    forged = story.truth.live("variant", endpoint, VARIANT, verdict=FIX, package=version)
    story.truth.fail(forged, "APR-002", why="no reason was given")
    story.truth.unknown(forged, "APR-003", why="the session name of a shared role proves nobody")
    story.truth.fail(forged, "ART-002", why="the registered ETag is not the object's")
    story.truth.fail(forged, "ART-003", why="the scratch bucket is emptied after 60 days, in ten days from now")
    story.truth.fail(forged, "INV-003", why="the tag that was registered named another image by the time of the deployment")
    story.truth.fail(bucket, "ART-004", why="versioning was suspended")
    story.truth.fail(bucket, "ART-005", why="neither locked nor closed to anybody")
    story.truth.reading("Suspending a bucket's versioning does not by itself fail ART-001 for a version that was written before.")


def savings_propensity(story):
    """APR-002 and APR-003 unknown: approved before the 90 days of event history.
    MON-001: no error alarm. MON-002: the latency alarm has EndpointName only, so it matches no metric, and the one that
    does is autoscaling's. MON-003: the silence alarm does not count missing data as breaching. MON-005: neither can fire.
    DEP-001, waived: the version before it is approved, but its artifact was deleted."""
    endpoint, owner = "savings-propensity", "crm@bank.example"
    first, version = by_the_book(story, endpoint, 190), by_the_book(story, endpoint, 160)
    one_after_another(story, endpoint, first.by_package, version.by_package, days=(187, 157), tags=tags("crm", "CC-4109"))
    slow = latency(story, f"{endpoint}-{VARIANT}", {"EndpointName": endpoint}, owner)
    quiet = silence(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner, TreatMissingData="notBreaching")
    otherwise_watched(story, endpoint, owner)
    autoscaling_alarms(story, endpoint, "ModelLatency")
    story.at(days=60)
    story.client("s3").delete_object(Bucket=first.bucket, Key=first.key)
    old = story.truth.live("variant", endpoint, VARIANT, verdict=FIX, package=version)
    story.truth.fail(old, "MON-001", why="no error alarm")
    story.truth.fail(old, "MON-002", why="its dimensions name the endpoint only; autoscaling's alarm does not count")
    story.truth.fail(old, "MON-003", why="missing data is notBreaching, so silence never alarms")
    story.truth.fail(slow, "MON-005", why="no metric has the endpoint's name alone")
    story.truth.fail(quiet, "MON-005", why="when requests stop there is no data, which it does not take for a breach")
    story.truth.unknown(old, "APR-002", "APR-003", why="approved before the event history begins")
    story.truth.waived(old, "DEP-001", why="the artifact of the version before it was deleted")


def otherwise_watched(story, endpoint, owner):
    """What is sound about what watches it: saturation and drift, and the data of a quiet life."""
    where = dimensions(endpoint)
    saturation(story, f"{endpoint}-{VARIANT}", where, owner)
    drift(story, f"{endpoint}-{VARIANT}", where, owner)
    quiet(story, where)


def old_card_fraud(story):
    """MON-007: an alarm still watches an endpoint that was deleted."""
    endpoint, owner = "card-fraud-legacy", "fraud-analytics@bank.example"
    version = by_the_book(story, endpoint, 84)
    one_after_another(story, endpoint, version.by_package, days=(81,), tags=tags("fraud-analytics", "CC-4101"))
    orphan = errors(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.at(days=50)
    story.client("sagemaker", story.release).delete_endpoint(EndpointName=endpoint)
    story.truth.fail(f"{story.account}/{story.region}", "MON-007", why=f"{orphan} watches an endpoint that was deleted")


def sandbox_intent(story):
    """Stage dev by tag: its version is pending, and APR-001 to 006 do not apply."""
    endpoint, owner = "sandbox-intent", "digital-channels@bank.example"
    by_the_book(story, endpoint, 84)
    story.at(days=8)
    version = story.register(story.person("aisha.khan"), endpoint)
    story.at(days=7)
    story.deploy(endpoint, instances(VARIANT, story.model("sandbox-intent-m2", version.by_artifact), count=1), tags=tags("digital-channels", "CC-4104", "dev"))
    watched(story, f"{endpoint}-{VARIANT}", dimensions(endpoint), owner)
    story.truth.live("variant", endpoint, VARIANT, verdict=OPERATE, package=version)


STORIES = [loan_pricing, payment_routing, limit_increase_pilot, branch_cash, wealth_advice, dispute_triage, savings_propensity,
           old_card_fraud, sandbox_intent]

"""One model from its registration to the day that nobody remembers its approval, told step by step: who calls decides how far it goes.

Days count from the first. Each step takes place on a day of its own, at nine in the morning, and leaves the clock two hours later.
"""
import json

from .story import content, instances

GROUP, ENDPOINT, VARIANT, KEY = "credit-scoring", "credit-scoring", "AllTraffic", "credit-scoring/v1/model.tar.gz"
NOW = "2026-03-02T09:00:00Z"


class Tale:
    def __init__(self, story):
        self.story, self.day, self.version = story, 0, None
        self.jan, self.maria = story.person("jan.devries"), story.person("maria.lopez", "ModelApprover")
        self.models = self.audit = None

    def play(self, step, days):
        self.day += days
        self.story.at(days=-self.day)
        STEPS[step](self)
        self.story.at(days=-self.day, hours=-2)

    @property
    def subject(self):
        return f"{self.story.account}/{self.story.region}/variant/{ENDPOINT}/{VARIANT}"


def begin(tale):
    """An audit trail with signed digests, and a bucket for models."""
    story = tale.story
    tale.audit, tale.models = story.bucket("audit"), story.bucket("bank-models")
    trail = story.client("cloudtrail")
    trail.create_trail(Name="audit", S3BucketName=tale.audit, IsMultiRegionTrail=True, EnableLogFileValidation=True)
    trail.start_logging(Name="audit")


def create(tale):
    tale.version = tale.story.register(tale.jan, GROUP, key=KEY)


def approve(tale):
    tale.story.decide(tale.version, tale.maria, "CHG-1001 validated and accepted by model risk")


def approve_oneself(tale):
    """Whoever registered it approves it, under another permission set."""
    tale.story.decide(tale.version, tale.story.person("jan.devries", "ModelApprover"), "CHG-1001 looks good to me")


def deploy(tale):
    name = tale.story.model(f"{ENDPOINT}-m1", tale.version.by_package)
    tale.story.deploy(ENDPOINT, instances(VARIANT, name), tags={"owner": "retail-credit@bank.example", "cost-center": "CC-4103"})


def overwrite(tale):
    """Other bytes under the same key."""
    tale.story.upload(tale.models, KEY, content("something else", 2, copies=90))


def restore(tale):
    """The approved version is copied over the key again."""
    s3 = tale.story.client("s3")
    oldest = s3.list_object_versions(Bucket=tale.models, Prefix=KEY)["Versions"][-1]["VersionId"]
    s3.copy_object(Bucket=tale.models, Key=KEY, CopySource={"Bucket": tale.models, "Key": KEY, "VersionId": oldest})


def delete(tale):
    tale.story.client("s3").delete_object(Bucket=tale.models, Key=KEY)


def undelete(tale):
    """The delete marker is taken away."""
    s3 = tale.story.client("s3")
    marker = next(m for m in s3.list_object_versions(Bucket=tale.models, Prefix=KEY)["DeleteMarkers"] if m["IsLatest"])
    s3.delete_object(Bucket=tale.models, Key=KEY, VersionId=marker["VersionId"])


def suspend(tale):
    _versioning(tale, "Suspended")


def resume(tale):
    _versioning(tale, "Enabled")


def _versioning(tale, status):
    tale.story.client("s3", tale.jan).put_bucket_versioning(Bucket=tale.models, VersioningConfiguration={"Status": status})


def edit(tale):
    """The registered version says something else now: the same artifact, in another image."""
    sagemaker = tale.story.client("sagemaker", tale.jan)
    about = sagemaker.describe_model_package(ModelPackageName=tale.version.arn)["InferenceSpecification"]
    other = tale.story.image("hotfix")
    about["Containers"][0].update(Image=other, ImageDigest=other.split("@")[1])
    sagemaker.update_model_package(ModelPackageArn=tale.version.arn, InferenceSpecification=about)


def stop_trail(tale):
    tale.story.client("cloudtrail", tale.jan).stop_logging(Name="audit")


def start_trail(tale):
    tale.story.client("cloudtrail", tale.maria).start_logging(Name="audit")


def reject(tale):
    tale.story.decide(tale.version, tale.maria, "CHG-1002 thresholds were never validated, withdraw", status="Rejected")


def deliver(tale):
    """What the trail owes; digests of a day, since the tale is long."""
    tale.story.post(f"cloudtrail/deliver?account={tale.story.account}&hours=24", {})


def wait(tale):
    """Nothing happens."""


STEPS = {step.__name__: step for step in (begin, create, approve, approve_oneself, deploy, overwrite, restore, delete, undelete, suspend, resume,
                                          edit, stop_trail, start_trail, reject, deliver, wait)}


def listen(tale, lines, answer):
    """Plays `step [days later]` from each line, one day later unless said, and answers with the clock and the names to look for."""
    for line in lines:
        step, _, days = line.strip().partition(" ")
        tale.play(step, int(days or 1))
        print(json.dumps({"now": int(tale.story.time.timestamp()), "subject": tale.subject, "models": tale.models, "audit": tale.audit,
                          "package": tale.version and tale.version.arn}), file=answer, flush=True)

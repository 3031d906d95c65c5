"""A story told to the emulator: people and roles register, approve and deploy models while the account's clock moves."""
import datetime as dt
import hashlib
import json
import urllib.request
from dataclasses import dataclass

import botocore.session
from botocore.config import Config

from .truth import Truth

UTC = dt.timezone.utc
SSO = "AWSReservedSSO_"
PEOPLE = {"DataScientist": "a1b2c3d4e5f60718", "ModelApprover": "0123456789abcdef"}  # permission set -> suffix of its role
QUIET = "x-countersign-no-trail"  # keeps a call out of the trail
REPOSITORY = "https://git.bank.example/ml/"


def iso(moment):
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Version:
    """One registered model package and the artifact that it was registered with."""

    group: str
    number: int | None
    arn: str
    bucket: str
    key: str
    image: str

    @property
    def uri(self):
        return f"s3://{self.bucket}/{self.key}"

    @property
    def by_package(self):
        """A container made from the package, as the registry means it."""
        return {"ModelPackageName": self.arn}

    @property
    def by_artifact(self):
        """A container made from the raw artifact and image: the package is found only by comparing."""
        return {"Image": self.image, "ModelDataUrl": self.uri}


class Story:
    def __init__(self, endpoint, account, region, now):
        self.endpoint, self.account, self.region, self.now = endpoint.rstrip("/"), account, region, now
        self.truth = Truth(account, region, iso(now))
        self.time = now
        self._session = botocore.session.get_session()
        self._clients, self._sessions, self._numbers, self._configs, self._images = {}, {}, {}, {}, {}
        self._serving = {}  # endpoint -> when it was created
        self._alarms, self._data = [], []  # what is planted when alarms are settled
        self.buckets = {}
        self.pace = 1  # 0: calls take no time in the story
        self.live_clock, self.size = False, 0
        self.others = []

    def beside(self, account, region=None, together=True):
        """The same story as another account sees it; `together`, its clock goes with this one's."""
        other = Story(self.endpoint, account, region or self.region, self.now)
        other._session = self._session  # which has read the service models
        if together:
            self.others.append(other)
            other._set(self.time)
        return other

    # --- time --------------------------------------------------------------------------------------------------------
    def ago(self, days=0, hours=0, minutes=0):
        return self.now - dt.timedelta(days=days, hours=hours, minutes=minutes)

    def at(self, days=0, hours=0, minutes=0):
        """Move the account's clock to so long before the end of the story."""
        return self._set(self.ago(days, hours, minutes))

    def pass_time(self, seconds=30):
        return self._set(self.time + dt.timedelta(seconds=seconds)) if self.pace else self

    def _set(self, moment):
        for story in (self, *self.others):
            story.time = moment
            self.post("clock", {"account": story.account, "now": iso(moment)})
        return self

    def end(self):
        """Leave the clock frozen at the end of the story, or let it go on in real time."""
        for story in (self, *self.others):
            self.post("clock", {"account": story.account, "now": None if self.live_clock else iso(self.now)})

    # --- calls -------------------------------------------------------------------------------------------------------
    def post(self, route, body):
        request = urllib.request.Request(f"{self.endpoint}/_countersign/{route}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def faults(self, rules):
        """Set rules of faults beside those that are set for other accounts."""
        body = json.dumps(rules).encode()
        request = urllib.request.Request(f"{self.endpoint}/_localstack/chaos/faults", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def read(self, route):
        with urllib.request.urlopen(f"{self.endpoint}/_countersign/{route}", timeout=60) as answer:
            return json.load(answer)

    def client(self, service, who=None, quiet=False):
        """A client of the account's owner (always kept out of the trail), or of an identity made by `role` or `user`."""
        if (known := self._clients.get((service, who, quiet))) is not None:
            return known
        keys = who.keys if who else {"aws_access_key_id": self.account, "aws_secret_access_key": "test"}
        made = self._session.create_client(
            service, region_name=self.region, endpoint_url=self.endpoint, **keys,
            config=Config(retries={"total_max_attempts": 2}, s3={"addressing_style": "path"}, max_pool_connections=32))
        if quiet or who is None:
            made.meta.events.register("before-send", lambda request, **_: request.headers.__setitem__(QUIET, "1"))
        self._clients[(service, who, quiet)] = made
        return made

    def role(self, name, session, path="/", source=None):
        """Someone who assumed a role under a session name, with a source identity where one is given."""
        if (name, session, source) not in self._sessions:
            arn, more = self.make_role(name, path), {"SourceIdentity": source} if source else {}
            given = self.client("sts").assume_role(RoleArn=arn, RoleSessionName=session, **more)["Credentials"]
            self._sessions[(name, session, source)] = Identity(name, session, given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        return self._sessions[(name, session, source)]

    def make_role(self, name, path="/", trust=None):
        """The ARN of a role, which is made where it is not there; whoever the account lets may assume it, unless said otherwise."""
        iam = self.client("iam")
        trust = trust or {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{self.account}:root"}}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        try:
            return iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        except iam.exceptions.EntityAlreadyExistsException:
            return iam.get_role(RoleName=name)["Role"]["Arn"]

    def person(self, name, permission_set="DataScientist"):
        """A person signed in through Identity Center: the only session names that AWS itself vouches for."""
        return self.role(f"{SSO}{permission_set}_{PEOPLE[permission_set]}", f"{name}@bank.example", "/aws-reserved/sso.amazonaws.com/")

    def user(self, name):
        """A person with an IAM user of their own."""
        if (name, None, None) not in self._sessions:
            iam = self.client("iam")
            iam.create_user(UserName=name)
            given = iam.create_access_key(UserName=name)["AccessKey"]
            self._sessions[(name, None, None)] = Identity(name, None, given["AccessKeyId"], given["SecretAccessKey"], None)
        return self._sessions[(name, None, None)]

    @property
    def release(self):
        """The pipeline that deploys."""
        return self.role("ci-release", "AWSCodeBuild-4711")

    # --- artifacts ---------------------------------------------------------------------------------------------------
    def bucket(self, name, versioning="Enabled"):
        """A bucket; its full name carries the account, since bucket names are shared by all accounts."""
        s3, full = self.client("s3"), f"{name}-{self.account}"
        s3.create_bucket(Bucket=full, **({} if self.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": self.region}}))
        if versioning:
            s3.put_bucket_versioning(Bucket=full, VersioningConfiguration={"Status": versioning})
        self.buckets[name] = full
        return full

    def upload(self, bucket, key, content):
        return self.client("s3").put_object(Bucket=bucket, Key=key, Body=content)["ETag"].strip('"')

    # --- registry ----------------------------------------------------------------------------------------------------
    def register(self, by, group, *, bucket="bank-models", key=None, image=None, commit="hex", status="PendingManualApproval",
                 etag=None, description=None, unversioned=None, upload=True):
        """Upload an artifact and register it as the next version of `group` (or as an unversioned package)."""
        sagemaker = self.client("sagemaker", by)
        if group not in self._numbers and not unversioned:
            sagemaker.create_model_package_group(ModelPackageGroupName=group, ModelPackageGroupDescription=f"Models of {group}")
        self._numbers[group] = number = self._numbers.get(group, 0) + 1
        held, key = self.buckets[bucket], key or f"{group}/v{number}/model.tar.gz"
        image = image or self.image(group)
        if upload:
            stored = self.upload(held, key, content(group, number))
            etag = etag or stored
        self.pass_time()
        commit = hashlib.sha1(f"{group}/{number}".encode()).hexdigest() if commit == "hex" else commit
        given = sagemaker.create_model_package(
            **({"ModelPackageName": unversioned} if unversioned else {"ModelPackageGroupName": group, "ModelApprovalStatus": status}),
            ModelPackageDescription=description or f"{group}, trained for release {number}",
            InferenceSpecification={
                "Containers": [{"Image": image, **({"ImageDigest": image.split("@")[1]} if "@" in image else {}), "ModelDataUrl": f"s3://{held}/{key}",
                                **({"ModelDataETag": etag} if etag else {})}],
                "SupportedContentTypes": ["text/csv"], "SupportedResponseMIMETypes": ["application/json"]},
            **({"MetadataProperties": {"CommitId": commit, "Repository": REPOSITORY + group.lower()}} if commit else {}))
        return Version(group, None if unversioned else number, given["ModelPackageArn"], held, key, image)

    def image(self, name):
        """A serving image in the account's registry, pushed when it is first named, by its digest."""
        repository = f"serving/{name.lower()}"
        if repository not in self._images:
            self.client("ecr").create_repository(repositoryName=repository, imageTagMutability="IMMUTABLE")
            self._images[repository] = self.push(name, "1.0", tag="1.0")
        return f"{self.registry_host}/{repository}@{self._images[repository]}"

    def moving_tag(self, name, tag="stable"):
        """A serving image by a tag that can be moved."""
        repository = f"serving/{name.lower()}"
        self.client("ecr").create_repository(repositoryName=repository, imageTagMutability="MUTABLE")
        self.push(name, "first", tag=tag)
        return f"{self.registry_host}/{repository}:{tag}"

    def push(self, name, what, tag):
        """Pushes an image under a tag, and gives its digest."""
        manifest = image_manifest(f"{name} {what}")
        pushed = self.client("ecr").put_image(repositoryName=f"serving/{name.lower()}", imageManifest=manifest, imageTag=tag)
        return pushed["image"]["imageId"]["imageDigest"]

    @property
    def registry_host(self):
        return f"{self.account}.dkr.ecr.{self.region}.amazonaws.com"

    def decide(self, version, by, reason, status="Approved", quiet=False):
        """Set the approval status; an empty reason leaves ApprovalDescription out."""
        self.client("sagemaker", by, quiet).update_model_package(
            ModelPackageArn=version.arn, ModelApprovalStatus=status, **({"ApprovalDescription": reason} if reason else {}))

    # --- serving -----------------------------------------------------------------------------------------------------
    def model(self, name, *containers, by=None):
        self.pass_time(20)
        only = {"PrimaryContainer": containers[0]} if len(containers) == 1 else {
            "Containers": list(containers), "InferenceExecutionConfig": {"Mode": "Serial"}}
        self.client("sagemaker", by or self.release).create_model(ModelName=name, ExecutionRoleArn=self.serving_role, **only)
        return name

    @property
    def serving_role(self):
        return f"arn:aws:iam::{self.account}:role/ml-serving"

    def deploy(self, endpoint, *variants, by=None, tags=None, **config):
        """Create the endpoint with its next configuration, or update it to that."""
        sagemaker, number = self.client("sagemaker", by or self.release), self._configs.get(endpoint, 0) + 1
        self._configs[endpoint] = number
        self.pass_time(20)
        name = f"{endpoint}-c{number}"
        sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=list(variants), **config)
        self.pass_time(20)
        if number == 1:
            self._serving[endpoint] = self.time
            sagemaker.create_endpoint(EndpointName=endpoint, EndpointConfigName=name, **({"Tags": tag_list(tags)} if tags else {}))
        else:
            sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName=name)
        return name

    def plant(self, kind, name, **row):
        """What AWS itself would bring about: a failed roll-back, the end of a job."""
        self.post("sagemaker", [{"account": self.account, "region": self.region, "kind": kind, "name": name, **row}])

    # --- watching ----------------------------------------------------------------------------------------------------
    def topic(self, name, protocol, address, confirmed=True):
        sns = self.client("sns")
        arn = sns.create_topic(Name=name)["TopicArn"]
        given = sns.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=address, ReturnSubscriptionArn=True)["SubscriptionArn"]
        if confirmed:
            route = f"{self.endpoint}/_aws/sns/subscription-tokens/{given}"
            with urllib.request.urlopen(route, timeout=60) as answer:
                token = json.load(answer)["subscription_token"]
            sns.confirm_subscription(TopicArn=arn, Token=token)
        return arn

    def alarm(self, name, metric, dimensions, actions, *, owner, about="", **how):
        """A metric alarm. `owner=None` leaves its Owner tag out; `how` overrides any member of the request."""
        call = {
            "AlarmName": name, "Namespace": "AWS/SageMaker", "MetricName": metric, "Statistic": "Sum", "Period": 300, "EvaluationPeriods": 3,
            "Threshold": 5.0, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching", "ActionsEnabled": True,
            "AlarmDescription": (about + " " if about else "") + f"runbook=https://wiki.bank.example/runbooks/{name.lower()} respond_within=30m",
            "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()], "AlarmActions": actions, **how}
        if owner:
            call["Tags"] = [{"Key": "Owner", "Value": owner}]
        self.client("cloudwatch").put_metric_alarm(**{k: v for k, v in call.items() if v is not None})
        self._alarms.append((name, self.time))
        return name

    def metric(self, namespace, name, dimensions, values, every=300):
        """Points that repeat from the beginning of this day on, or of that on which its endpoint began to serve; planted when the alarms
        are settled."""
        start = self._serving.get(dimensions.get("EndpointName"), self.time).replace(hour=0, minute=0, second=0)
        self._data.append({"namespace": namespace, "metric": name, "dimensions": dimensions, "values": values, "every": every, "from": iso(start)})

    def settle_alarms(self):
        """All quiet since an hour after each was made: no alarm is evaluated where the clock stands still."""
        here = {"account": self.account, "region": self.region}
        self.post("cloudwatch/metrics", [{**here, **row, "to": iso(self.now)} for row in self._data])
        self.post("cloudwatch", [{**here, "alarm": name, "states": [{"at": iso(made + dt.timedelta(hours=1)), "to": "OK", "reason": "Within the threshold"}]}
                                 for name, made in self._alarms])
        self._alarms, self._data = [], []


    # --- money -------------------------------------------------------------------------------------------------------
    def money(self, **subjects):
        """What AWS billed, forecasts, asks and recommends, by the subjects of the emulator's route."""
        self.post("money", {"account": self.account, **subjects})

    def budget(self, name, limit, told, **more):
        """A monthly budget in dollars, and whom its forecast tells by e-mail once it is above the limit."""
        notification = {"NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 100.0, "ThresholdType": "PERCENTAGE"}
        subscribers = [{"SubscriptionType": "EMAIL", "Address": address} for address in told]
        self.client("budgets").create_budget(
            AccountId=self.account, Budget={"BudgetName": name, "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": usd(limit), **more},
            NotificationsWithSubscribers=[{"Notification": notification, "Subscribers": subscribers}] if told else [])


def spent(actual, forecast):
    """What AWS computes for a budget."""
    return {"CalculatedSpend": {"ActualSpend": usd(actual), "ForecastedSpend": usd(forecast)}}


def usd(amount):
    return {"Amount": f"{amount}.0", "Unit": "USD"}


@dataclass(frozen=True)
class Identity:
    name: str
    session: str | None
    key: str
    secret: str
    token: str | None

    @property
    def keys(self):
        return {"aws_access_key_id": self.key, "aws_secret_access_key": self.secret, "aws_session_token": self.token}


def image_manifest(name):
    return json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "annotations": {"title": name},
                       "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha256:" + 64 * "0", "size": 1 << 20}]})


def content(name, number, copies=64):
    return f"weights of {name}, version {number}\n".encode() * copies


def tag_list(tags):
    return [{"Key": k, "Value": v} for k, v in tags.items()]


def instances(name, model, count=2, weight=1.0, kind="ml.c6i.xlarge"):
    """A variant on instances."""
    return {"VariantName": name, "ModelName": model, "InstanceType": kind, "InitialInstanceCount": count, "InitialVariantWeight": weight}

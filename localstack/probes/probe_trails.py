"""Trails: what they are said to be, and the log files and chains of signed digests that they write."""
import gzip
import hashlib
import json

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key

from kit import Account, post, refused, same

QUIET = {"x-countersign-no-trail": "1"}
PREVIOUS = ("S3Bucket", "S3Object", "HashValue", "HashAlgorithm", "Signature")


def logged(a, name="trail", **how):
    """A trail with validation in an account of its own, logging since its clock's now."""
    bucket = how.pop("bucket", None) or f"trail-{a.id}"
    Account(a.id, headers=QUIET)["s3"].create_bucket(Bucket=bucket)
    Account(a.id, headers=QUIET)["cloudtrail"].create_trail(Name=name, S3BucketName=bucket, EnableLogFileValidation=True, **how)
    a["cloudtrail"].start_logging(Name=name)
    return bucket


def deliver(a, hours=1):
    return post(f"/_countersign/cloudtrail/deliver?account={a.id}&hours={hours}")["written"]


def group(a, name):
    a["sagemaker"].create_model_package_group(ModelPackageGroupName=name)


def stored(a, bucket, key):
    """(document, its bytes, the object's metadata)"""
    held = a["s3"].get_object(Bucket=bucket, Key=key)
    raw = gzip.decompress(held["Body"].read())
    return json.loads(raw), raw, held["Metadata"]


def checked(a, bucket, keys):
    """The digests among these keys, each with its signature, its links and its log files verified; documents by key."""
    public = {k["Fingerprint"]: k["Value"] for k in a["cloudtrail"].list_public_keys(
        StartTime="2026-01-01T00:00:00Z", EndTime="2027-06-30T00:00:00Z")["PublicKeyList"]}
    found, before = {}, None
    for key in [k for k in keys if "/CloudTrail-Digest/" in k]:
        document, raw, metadata = stored(a, bucket, key)
        text = "\n".join([document["digestEndTime"], f"{bucket}/{key}", hashlib.sha256(raw).hexdigest(), document["previousDigestSignature"] or "null"])
        der = public[document["digestPublicKeyFingerprint"]]
        same(hashlib.md5(der).hexdigest(), document["digestPublicKeyFingerprint"])
        load_der_public_key(der).verify(bytes.fromhex(metadata["signature"]), text.encode(), padding.PKCS1v15(), hashes.SHA256())
        same(metadata["signature-algorithm"], "SHA256withRSA")
        same((document["digestS3Bucket"], document["digestS3Object"], document["awsAccountId"]), (bucket, key, key.split("/")[-1][:12]))
        links = {name: document["previousDigest" + name] for name in PREVIOUS}
        if links["S3Object"] is None:
            same(set(links.values()), {None})
        else:
            same(links, {"S3Bucket": bucket, "S3Object": before[0], "HashValue": before[1], "HashAlgorithm": "SHA-256", "Signature": before[2]})
            same(document["digestStartTime"], found[before[0]]["digestEndTime"])
        for file in document["logFiles"]:
            records, text, _ = stored(a, file["s3Bucket"], file["s3Object"])
            times = sorted(r["eventTime"] for r in records["Records"])
            same((file["hashValue"], file["oldestEventTime"], file["newestEventTime"]), (hashlib.sha256(text).hexdigest(), times[0], times[-1]))
        before = (key, hashlib.sha256(raw).hexdigest(), metadata["signature"])
        found[key] = document
    return found


def names(a, bucket, documents):
    """Event names that each digest's log files hold, without the reads."""
    return [[r["eventName"] for f in d["logFiles"] for r in stored(a, bucket, f["s3Object"])[0]["Records"] if not r["readOnly"]]
            for d in documents.values()]


def shows_a_chain_hour_by_hour_with_empty_hours():
    a = Account()
    a.clock("2026-07-01T09:30:00Z")
    bucket = logged(a, S3KeyPrefix="audit")
    assert "LatestDigestDeliveryTime" not in a["cloudtrail"].get_trail_status(Name="trail")
    a.clock("2026-07-01T10:10:00Z")
    group(a, "first")
    a.clock("2026-07-01T10:30:00Z")
    keys = deliver(a)
    a.clock("2026-07-01T13:45:00Z")
    group(a, "second")
    a.clock("2026-07-01T14:30:00Z")
    keys += deliver(a)
    found = checked(a, bucket, keys)
    same([(d["digestStartTime"][11:16], d["digestEndTime"][11:16]) for d in found.values()],
         [("09:30", "10:30"), ("10:30", "11:30"), ("11:30", "12:30"), ("12:30", "13:30"), ("13:30", "14:30")])
    same(names(a, bucket, found), [["StartLogging", "CreateModelPackageGroup"], [], [], [], ["CreateModelPackageGroup"]])
    empty = list(found.values())[1]
    same((empty["logFiles"], empty["newestEventTime"], empty["oldestEventTime"]), ([], None, None))
    root = f"audit/AWSLogs/{a.id}"
    same(keys[0].rsplit("_", 1)[0], f"{root}/CloudTrail/us-east-1/2026/07/01/{a.id}_CloudTrail_us-east-1_20260701T1015Z")
    same(keys[1], f"{root}/CloudTrail-Digest/us-east-1/2026/07/01/{a.id}_CloudTrail-Digest_us-east-1_trail_us-east-1_20260701T103000Z.json.gz")
    same(a["s3"].head_object(Bucket=bucket, Key=keys[0])["LastModified"].isoformat(), "2026-07-01T10:15:00+00:00")
    said = a["cloudtrail"].get_trail_status(Name="trail")
    same([said[k].strftime("%H:%M") for k in ("StartLoggingTime", "LatestDeliveryTime", "LatestDigestDeliveryTime")], ["09:30", "13:50", "14:30"])
    same(deliver(a)[-1].split("_")[-1], "20260701T143001Z.json.gz")  # the reads of this probe, at the same instant


def shows_stop_and_restart():
    """What happened in between is in no log file; the chain ends with the stop, and begins anew."""
    a = Account()
    a.clock("2026-07-01T09:00:00Z")
    bucket, trail = logged(a), a["cloudtrail"]
    a.clock("2026-07-01T09:40:00Z")
    trail.stop_logging(Name="trail")
    a.clock("2026-07-01T11:00:00Z")
    group(a, "unseen")
    same(trail.get_trail_status(Name="trail")["IsLogging"], False)
    a.clock("2026-07-01T12:00:00Z")
    trail.start_logging(Name=trail.describe_trails()["trailList"][0]["TrailARN"])
    a.clock("2026-07-01T12:30:00Z")
    group(a, "seen")
    a.clock("2026-07-01T13:00:00Z")
    found = checked(a, bucket, deliver(a))
    same([(d["digestStartTime"][11:16], d["digestEndTime"][11:16], d["previousDigestSignature"]) for d in found.values()],
         [("09:00", "09:40", None), ("12:00", "13:00", None)])
    same(names(a, bucket, found), [["StartLogging", "StopLogging"], ["StartLogging", "CreateModelPackageGroup"]])
    said = trail.get_trail_status(Name="trail")
    same((said["IsLogging"], said["StartLoggingTime"].hour, said["StopLoggingTime"].strftime("%H:%M")), (True, 12, "09:40"))
    same((said["TimeLoggingStarted"], said["TimeLoggingStopped"]), ("2026-07-01T12:00:00Z", "2026-07-01T09:40:00Z"))
    same([e["requestParameters"]["name"] for e in a.events("StopLogging", "cloudtrail.amazonaws.com")], ["trail"])


def shows_validation_switched_on():
    a = Account()
    a.clock("2026-07-01T09:00:00Z")
    a["s3"].create_bucket(Bucket=f"trail-{a.id}")
    trail = a["cloudtrail"]
    trail.create_trail(Name="trail", S3BucketName=f"trail-{a.id}")
    trail.start_logging(Name="trail")
    a.clock("2026-07-01T10:00:00Z")
    trail.update_trail(Name="trail", EnableLogFileValidation=True)
    a.clock("2026-07-01T11:00:00Z")
    keys = deliver(a)
    same(["Digest" in k for k in keys], [False, False, True])
    checked(a, f"trail-{a.id}", keys)
    said = trail.get_trail_status(Name="trail")
    same((said["StartLoggingTime"].hour, "StopLoggingTime" in said), (9, False))


def shows_keys_by_time_and_region():
    a = Account()
    a.clock("2026-06-30T23:30:00Z")
    bucket = logged(a)
    a.clock("2026-07-01T00:30:00Z")
    first = deliver(a)
    a.clock("2026-07-01T01:30:00Z")
    documents = list(checked(a, bucket, first + deliver(a)).values())
    ranges = {}
    for day in ("2026-06-30T12:00:00Z", "2026-07-01T12:00:00Z"):
        found = a["cloudtrail"].list_public_keys(StartTime=day, EndTime=day)["PublicKeyList"]
        same(len(found), 1)
        ranges[found[0]["Fingerprint"]] = (found[0]["ValidityStartTime"].month, found[0]["ValidityEndTime"].month)
    same(sorted(ranges.values()), [(1, 7), (7, 1)])
    same({d["digestPublicKeyFingerprint"] for d in documents} - set(ranges), set())
    elsewhere = Account(a.id, "eu-west-1")["cloudtrail"].list_public_keys()["PublicKeyList"]
    assert elsewhere[0]["Fingerprint"] not in ranges


def shows_all_regions_and_shadows():
    a = Account()
    a.clock("2026-07-01T09:00:00Z")
    bucket, far = logged(a, IsMultiRegionTrail=True), Account(a.id, "eu-west-1")
    group(far, "far")
    a.clock("2026-07-01T10:00:00Z")
    keys = deliver(a)
    same(sorted({k.split("/")[3] for k in keys if "Digest" in k}), ["eu-west-1", "us-east-1"])
    document, _, _ = stored(a, bucket, next(k for k in keys if "Digest/eu-west-1" in k))
    assert document["digestS3Object"].split("/")[-1].startswith(f"{a.id}_CloudTrail-Digest_eu-west-1_trail_us-east-1_")
    shadow = far["cloudtrail"].describe_trails()["trailList"]
    same([(t["Name"], t["HomeRegion"]) for t in shadow], [("trail", "us-east-1")])
    same(far["cloudtrail"].describe_trails(includeShadowTrails=False)["trailList"], [])
    same(far["cloudtrail"].get_trail_status(Name=shadow[0]["TrailARN"])["IsLogging"], True)
    same(refused(far["cloudtrail"].stop_logging, Name=shadow[0]["TrailARN"])[0], "InvalidHomeRegionException")
    same(refused(a["cloudtrail"].get_trail_status, Name="nope")[0], "TrailNotFoundException")
    same([t["Name"] for t in a["cloudtrail"].describe_trails(trailNameList=["nope"])["trailList"]], [])


def shows_a_trail_of_the_organization():
    """The members' events lie under the organization's id, and each member sees the trail."""
    boss = Account()
    boss.clock("2026-07-01T09:00:00Z")
    id_ = boss["organizations"].create_organization(FeatureSet="ALL")["Organization"]["Id"]
    made = boss["organizations"].create_account(AccountName="models", Email="models@bank.example")["CreateAccountStatus"]["AccountId"]
    member = Account(made)
    member.clock("2026-07-01T09:00:00Z")
    bucket = logged(boss, IsOrganizationTrail=True, IsMultiRegionTrail=True)
    member.clock("2026-07-01T09:30:00Z")
    group(member, "theirs")
    boss.clock("2026-07-01T10:00:00Z")
    keys = deliver(boss)
    theirs = [k for k in keys if f"/{made}/" in k]
    same({k.split(f"/{made}/")[0] for k in theirs}, {f"AWSLogs/{id_}"})
    same(names(boss, bucket, checked(boss, bucket, theirs)), [["CreateModelPackageGroup"]])
    same([t["IsOrganizationTrail"] for t in member["cloudtrail"].describe_trails()["trailList"]], [True])


def shows_event_selectors():
    a = Account()
    a.clock("2026-07-01T09:00:00Z")
    bucket, trail = logged(a), a["cloudtrail"]
    same(trail.get_event_selectors(TrailName="trail")["EventSelectors"],
         [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [], "ExcludeManagementEventSources": []}])
    trail.put_event_selectors(TrailName="trail", EventSelectors=[{
        "ReadWriteType": "WriteOnly", "DataResources": [{"Type": "AWS::S3::Object", "Values": [f"arn:aws:s3:::{bucket}-models/"]}]}])
    a["s3"].create_bucket(Bucket=f"{bucket}-models")
    a["s3"].put_object(Bucket=f"{bucket}-models", Key="k", Body=b"1")
    a["s3"].get_object(Bucket=f"{bucket}-models", Key="k")
    same(trail.describe_trails()["trailList"][0]["HasCustomEventSelectors"], True)
    a.clock("2026-07-01T10:00:00Z")
    records = [r for k in deliver(a) if "/CloudTrail/" in k for r in stored(a, bucket, k)[0]["Records"]]
    same({r["readOnly"] for r in records}, {False})
    same([r["eventName"] for r in records if r["eventCategory"] == "Data"], ["PutObject"])
    fields = [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["false"]},
              {"Field": "eventSource", "NotEquals": ["kms.amazonaws.com"]}]
    trail.put_event_selectors(TrailName="trail", AdvancedEventSelectors=[{"Name": "writes", "FieldSelectors": fields}])
    have = trail.get_event_selectors(TrailName="trail")
    same(("EventSelectors" in have, [f["Field"] for f in have["AdvancedEventSelectors"][0]["FieldSelectors"]]),
         (False, ["eventCategory", "readOnly", "eventSource"]))
    a["kms"].create_key()
    group(a, "g")
    a.clock("2026-07-01T11:00:00Z")
    records = [r for k in deliver(a) if "/CloudTrail/" in k for r in stored(a, bucket, k)[0]["Records"]]
    assert {r["eventName"] for r in records} >= {"CreateModelPackageGroup"} and "CreateKey" not in {r["eventName"] for r in records}


def shows_what_became_of_a_bucket_in_the_trail():
    """Changes of a bucket are management events, in the names that CloudTrail gives them; those of objects are not."""
    a = Account()
    bucket, s3 = f"changed-{a.id}", a["s3"]
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [
        {"Status": "Enabled", "Prefix": "m/", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}]})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": []}))
    s3.delete_bucket_policy(Bucket=bucket)
    s3.delete_bucket_lifecycle(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    have = [json.loads(e["CloudTrailEvent"]) for e in a["cloudtrail"].lookup_events(
        LookupAttributes=[{"AttributeKey": "ResourceName", "AttributeValue": bucket}])["Events"]]
    same([e["eventName"] for e in reversed(have)], ["CreateBucket", "PutBucketVersioning", "PutBucketLifecycle", "PutBucketPolicy",
                                                    "DeleteBucketPolicy", "DeleteBucketLifecycle"])
    asked = {e["eventName"]: e["requestParameters"] for e in have}
    same(asked["PutBucketVersioning"], {"bucketName": bucket, "versioning": "", "Host": f"{bucket}.s3.us-east-1.amazonaws.com", "VersioningConfiguration": {
        "xmlns": "http://s3.amazonaws.com/doc/2006-03-01/", "Status": "Suspended"}})
    same(asked["PutBucketLifecycle"]["LifecycleConfiguration"]["Rule"]["NoncurrentVersionExpiration"], {"NoncurrentDays": 30})
    same(asked["PutBucketPolicy"]["bucketPolicy"]["Version"], "2012-10-17")

"""S3 as an auditor reads it: versions and their pages, locks, rules, conditional writes."""
import datetime as dt
import json
from concurrent.futures import ThreadPoolExecutor

from kit import Account, refused, same

STRANGE = ["a b", "a+b", "a%2Fb", "ä", "x&y", "<z>", 'q"q', "日本", "dir/f", "dir/g", "~t"]


def versioned(a, name, **how):
    bucket = f"{name}-{a.id}"
    a["s3"].create_bucket(Bucket=bucket, **how)
    a["s3"].put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    return bucket


def pages(s3, **query):
    """Keys of all versions and delete markers, page by page."""
    found, at = [], {}
    while True:
        page = s3.list_object_versions(MaxKeys=2, **query, **at)
        found.append([(v["Key"], v["IsLatest"]) for member in ("DeleteMarkers", "Versions") for v in page.get(member, [])]
                     + [(p["Prefix"], None) for p in page.get("CommonPrefixes", [])])
        if not page["IsTruncated"]:
            return found
        at = {"KeyMarker": page["NextKeyMarker"], **({"VersionIdMarker": page["NextVersionIdMarker"]} if "NextVersionIdMarker" in page else {})}


def shows_pages_of_versions_under_strange_keys():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    bucket, s3 = versioned(a, "pages"), a["s3"]
    for key in STRANGE:
        s3.put_object(Bucket=bucket, Key=key, Body=b"1")
        s3.put_object(Bucket=bucket, Key=key, Body=b"2")
        s3.delete_object(Bucket=bucket, Key=key)
    found = pages(s3, Bucket=bucket)
    rows = [row for page in found for row in page]
    same((len(rows), {len(page) for page in found[:-1]}), (3 * len(STRANGE), {2}))
    same(sorted({key for key, _ in rows}), sorted(STRANGE))
    same(len({row for row in rows if row[1]}), len(STRANGE))  # the marker of each, though all are of one instant
    folders = [row for page in pages(s3, Bucket=bucket, Delimiter="/", Prefix="d") for row in page]
    same(folders, [("dir/", None)])
    plain = f"plain-{a.id}"
    s3.create_bucket(Bucket=plain)
    for key in STRANGE:
        s3.put_object(Bucket=plain, Key=key, Body=b"1")
    same(sorted(key for page in pages(s3, Bucket=plain) for key, _ in page), sorted(STRANGE))


def shows_suspended_versioning():
    """The null version is overwritten in place, and a deletion puts a null marker in its stead."""
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    bucket, s3 = versioned(a, "suspended"), a["s3"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    for day in (2, 3):
        a.clock(f"2026-07-0{day}T00:00:00Z")
        s3.put_object(Bucket=bucket, Key="k", Body=b"%d" % day)
    rows = lambda member: [(v["VersionId"] == "null", v["LastModified"].day, v["IsLatest"]) for v in s3.list_object_versions(Bucket=bucket).get(member, [])]
    same(rows("Versions"), [(True, 3, True), (False, 1, False)])
    a.clock("2026-07-04T00:00:00Z")
    s3.delete_object(Bucket=bucket, Key="k")
    same((rows("Versions"), rows("DeleteMarkers")), ([(False, 1, False)], [(True, 4, True)]))


def shows_delete_markers_and_restoring():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    bucket, s3 = versioned(a, "deleted"), a["s3"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    a.clock("2026-07-02T00:00:00Z")
    marker = s3.delete_object(Bucket=bucket, Key="k")
    same((marker["DeleteMarker"], refused(s3.head_object, Bucket=bucket, Key="k")[2]), (True, 404))
    s3.delete_object(Bucket=bucket, Key="k", VersionId=marker["VersionId"])
    listed = s3.list_object_versions(Bucket=bucket)
    same(([(v["LastModified"].day, v["IsLatest"]) for v in listed["Versions"]], "DeleteMarkers" in listed), ([(1, True)], False))
    first = listed["Versions"][0]
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    a.clock("2026-07-03T00:00:00Z")
    s3.copy_object(Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k", "VersionId": first["VersionId"]})
    now = s3.list_object_versions(Bucket=bucket)["Versions"][0]
    same((now["ETag"], now["LastModified"].day, now["VersionId"] != first["VersionId"]), (first["ETag"], 3, True))
    same(refused(s3.copy_object, Bucket=bucket, Key="k", CopySource={"Bucket": bucket, "Key": "k"})[0], "InvalidRequest")


def shows_retention_by_the_clock():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    bucket, s3 = f"locked-{a.id}", a["s3"]
    s3.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
    same(s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={
        "ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 30}}})
    version = s3.put_object(Bucket=bucket, Key="k", Body=b"1")["VersionId"]
    same(s3.get_object_retention(Bucket=bucket, Key="k")["Retention"]["RetainUntilDate"].isoformat()[:10], "2026-07-31")
    same(s3.head_object(Bucket=bucket, Key="k")["ObjectLockMode"], "COMPLIANCE")
    same(refused(s3.delete_object, Bucket=bucket, Key="k", VersionId=version)[0], "AccessDenied")
    same(refused(s3.put_bucket_versioning, Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})[0], "InvalidBucketState")
    a.clock("2026-08-01T00:00:00Z")
    s3.delete_object(Bucket=bucket, Key="k", VersionId=version)
    until = dt.datetime(2027, 1, 1, tzinfo=dt.timezone.utc)
    s3.put_object(Bucket=bucket, Key="own", Body=b"1", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    same(s3.get_object_retention(Bucket=bucket, Key="own")["Retention"], {"Mode": "GOVERNANCE", "RetainUntilDate": until})
    same(refused(a["s3"].get_object_lock_configuration, Bucket=versioned(a, "free"))[0], "ObjectLockConfigurationNotFoundError")


def shows_lifecycle_and_replication_rules():
    a = Account()
    bucket, copy, s3 = versioned(a, "ruled"), versioned(a, "copy"), a["s3"]
    same(refused(s3.get_bucket_lifecycle_configuration, Bucket=bucket)[0], "NoSuchLifecycleConfiguration")
    same(refused(s3.get_bucket_replication, Bucket=bucket)[0], "ReplicationConfigurationNotFoundError")
    same(refused(s3.get_bucket_policy, Bucket=bucket)[0], "NoSuchBucketPolicy")
    newer = {"ID": "old", "Status": "Enabled", "Filter": {"And": {"Prefix": "m/", "Tags": [{"Key": "a", "Value": "b"}], "ObjectSizeGreaterThan": 5}},
             "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 2},
             "Transitions": [{"Days": 10, "StorageClass": "GLACIER"}]}
    older = {"Prefix": "x/", "Status": "Disabled", "Expiration": {"Days": 1}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [newer, older]})
    have = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    same((have[0], have[1]["Prefix"], have[1]["Expiration"]), (newer, "x/", {"Days": 1}))
    rule = {"ID": "r", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{copy}", "Account": a.id}}
    s3.put_bucket_replication(Bucket=bucket, ReplicationConfiguration={"Role": a.role, "Rules": [rule]})
    same(s3.get_bucket_replication(Bucket=bucket)["ReplicationConfiguration"], {"Role": a.role, "Rules": [rule]})
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}]}
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    same(json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]), policy)


def shows_conditional_writes():
    a = Account()
    bucket, s3 = versioned(a, "conditional"), a["s3"]
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: _won(Account(a.id)["s3"], bucket, n), range(24)))
    same(sum(won), 1)
    etag = s3.head_object(Bucket=bucket, Key="k")["ETag"]
    s3.put_object(Bucket=bucket, Key="k", Body=b"next", IfMatch=etag)
    same(refused(s3.put_object, Bucket=bucket, Key="k", Body=b"late", IfMatch=etag)[::2], ("PreconditionFailed", 412))
    same(refused(s3.put_object, Bucket=bucket, Key="gone", Body=b"1", IfMatch=etag)[::2], ("NoSuchKey", 404))
    s3.delete_object(Bucket=bucket, Key="k")
    s3.put_object(Bucket=bucket, Key="k", Body=b"again", IfNoneMatch="*")  # a delete marker is nothing


def _won(s3, bucket, number):
    try:
        return bool(s3.put_object(Bucket=bucket, Key="k", Body=b"%d" % number, IfNoneMatch="*"))
    except s3.exceptions.ClientError as error:
        same(error.response["Error"]["Code"], "PreconditionFailed")
        return False


def shows_checksums_classes_and_restores():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    bucket, s3 = versioned(a, "classes"), a["s3"]
    s3.put_object(Bucket=bucket, Key="sum", Body=b"1", ChecksumAlgorithm="SHA256")
    have = s3.get_object_attributes(Bucket=bucket, Key="sum", ObjectAttributes=["Checksum", "ObjectSize", "ETag", "StorageClass"])
    same((have["Checksum"], have["ObjectSize"]), ({"ChecksumSHA256": "a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=", "ChecksumType": "FULL_OBJECT"}, 1))
    s3.put_object(Bucket=bucket, Key="cold", Body=b"1", StorageClass="GLACIER")
    listed = lambda: {v["Key"]: (v["StorageClass"], v.get("ChecksumAlgorithm"), v.get("RestoreStatus"))
                      for v in s3.list_object_versions(Bucket=bucket, OptionalObjectAttributes=["RestoreStatus"])["Versions"]}
    same(listed(), {"cold": ("GLACIER", ["CRC32"], None), "sum": ("STANDARD", ["SHA256"], None)})
    same(refused(s3.get_object, Bucket=bucket, Key="cold")[0], "InvalidObjectState")
    s3.restore_object(Bucket=bucket, Key="cold", RestoreRequest={"Days": 2, "GlacierJobParameters": {"Tier": "Standard"}})
    restored = listed()["cold"][2]
    same((restored["IsRestoreInProgress"], restored["RestoreExpiryDate"].isoformat()[:10]), (False, "2026-07-04"))

"""S3 where LocalStack differs from AWS: policy status, pages of object versions, lifecycle rules of the older form, retention by the
account's clock, storage classes and restores in lists of versions, copies of an older version over its key."""
import copy
import functools
import json
from email.utils import parsedate_to_datetime
from urllib.parse import quote_plus, unquote

from . import clock


def patch():
    from localstack.services.s3 import provider, utils
    from localstack.services.s3.provider import S3Provider as P

    utils.datetime = clock.module()  # a bucket's default retention counts from the account's now
    P.get_bucket_policy_status = get_bucket_policy_status
    P.list_object_versions = list_object_versions
    P.copy_object = restoring(P.copy_object)
    checked = provider.validate_lifecycle_configuration
    provider.validate_lifecycle_configuration = lambda given: checked(_newer_form(given))


def restoring(plain):
    """A version may be copied over its own key, which is how an older one is restored; LocalStack takes it for a copy onto itself."""

    @functools.wraps(plain)
    def copy_object(self, context, request):
        source, _, version = unquote(request["CopySource"]).lstrip("/").partition("?versionId=")
        if version and source == f"{request['Bucket']}/{request['Key']}":
            request = {**request, "StorageClass": request.get("StorageClass") or "STANDARD"}
        return plain(self, context, request)

    return copy_object


def get_bucket_policy_status(self, context, bucket, expected_bucket_owner=None, **kwargs):
    """Whether the policy lets everyone in; LocalStack lacks the operation."""
    policy = json.loads(self.get_bucket_policy(context, bucket)["Policy"])  # raises as AWS does where there is none
    return {"PolicyStatus": {"IsPublic": any(_public(s) for s in _listed(policy.get("Statement")))}}


def _public(statement):
    """Conditions that AWS would take to narrow the public are not weighed one by one: any condition narrows it."""
    principal = statement.get("Principal")
    everyone = "*" in (_listed(principal) if not isinstance(principal, dict) else _listed(principal.get("AWS")))
    return statement.get("Effect") == "Allow" and everyone and not statement.get("Condition")


def _listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def _newer_form(configuration):
    """AWS names a rule that has no name, and still takes a prefix outside of a filter: such rules are checked as if they had both."""
    configuration = copy.deepcopy(configuration or {})
    for number, rule in enumerate(configuration.get("Rules") or []):
        rule.setdefault("ID", str(number))
        if "Prefix" in rule:
            rule.setdefault("Filter", {"Prefix": rule["Prefix"]})
    return configuration


def list_object_versions(self, context, bucket, delimiter=None, encoding_type=None, key_marker=None, max_keys=None, prefix=None,
                         version_id_marker=None, optional_object_attributes=None, **kwargs):
    """Versions by key, newest first. LocalStack compares encoded keys with markers that are not, so its pages repeat themselves."""
    from localstack.aws.api.s3 import InvalidArgument
    from localstack.services.s3.models import S3DeleteMarker

    if version_id_marker and not key_marker:
        raise InvalidArgument("A version-id marker cannot be specified without a key marker.",
                              ArgumentName="version-id-marker", ArgumentValue=version_id_marker)
    _, held = self._get_cross_account_bucket(context, bucket)
    prefix, size = prefix or "", 1000 if max_keys is None else min(max_keys, 1000)
    written = _encoded if encoding_type else str
    rows = [v for v in held.objects.values(with_versions=True) if v.key.startswith(prefix)]
    rows.reverse()  # of versions of one instant the later comes first
    rows.sort(key=lambda v: (v.key.encode(), not v.is_current, -v.last_modified.timestamp()))
    rows = _after(rows, key_marker, version_id_marker)

    answer = {"Name": bucket, "MaxKeys": size, "Prefix": written(prefix), "KeyMarker": written(key_marker or ""),
              "VersionIdMarker": version_id_marker or "", "IsTruncated": False}
    versions, markers, folders, last = [], [], [], None
    for row in rows:
        folder = _folder(row.key, prefix, delimiter)
        if folder and (folder in folders or (key_marker or "").startswith(folder)):
            continue
        if len(versions) + len(markers) + len(folders) == size:
            answer.update(IsTruncated=True, NextKeyMarker=written(last[0]), **({"NextVersionIdMarker": last[1]} if last[1] else {}))
            break
        last = (folder, None) if folder else (row.key, row.version_id or "null")
        if folder:
            folders.append(folder)
            continue
        entry = {"Key": written(row.key), "Owner": held.owner, "VersionId": row.version_id or "null", "IsLatest": row.is_current,
                 "LastModified": row.last_modified}
        if isinstance(row, S3DeleteMarker):
            markers.append(entry)
            continue
        entry.update(ETag=row.quoted_etag, Size=row.size, StorageClass=row.storage_class)
        if row.checksum_algorithm:
            entry.update(ChecksumAlgorithm=[row.checksum_algorithm], ChecksumType=getattr(row, "checksum_type", "FULL_OBJECT"))
        if row.restore and "RestoreStatus" in (optional_object_attributes or []):
            entry["RestoreStatus"] = _restored(row.restore)
        versions.append(entry)
    answer.update({k: v for k, v in {
        "Versions": versions, "DeleteMarkers": markers, "CommonPrefixes": [{"Prefix": written(f)} for f in folders],
        "Delimiter": delimiter and written(delimiter), "EncodingType": encoding_type}.items() if v})
    return answer


def _encoded(text):
    """As S3 writes a key with `encoding-type=url`: a blank is a plus, slashes stay."""
    return quote_plus(text, safe="/*").replace("~", "%7E")


def _after(rows, key, version):
    """What follows the last entry of the page before."""
    if not key:
        return rows
    for number, row in enumerate(rows):
        if row.key == key and version and (row.version_id or "null") == version:
            return rows[number + 1:]
    return [row for row in rows if row.key.encode() > key.encode()]


def _folder(key, prefix, delimiter):
    head, found, _ = key[len(prefix):].partition(delimiter) if delimiter else (key, "", "")
    return prefix + head + found if found else None


def _restored(header):
    """`ongoing-request="false", expiry-date="…"` as a list of versions says it."""
    ongoing = 'ongoing-request="true"' in header
    date = header.split('expiry-date="')[1].split('"')[0] if "expiry-date" in header else None
    return {"IsRestoreInProgress": ongoing, **({"RestoreExpiryDate": parsedate_to_datetime(date)} if date else {})}

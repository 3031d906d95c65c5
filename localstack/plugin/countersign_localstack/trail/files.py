"""Log files and signed digests, written into a trail's bucket as CloudTrail writes them."""
import datetime as dt
import gzip
import hashlib
import json
import secrets

from localstack.aws.connect import connect_to

from .. import clock
from .events import EVENTS, LOCK, PENDING

UTC = dt.timezone.utc
DIGESTS: dict[str, dict] = {}  # trail ARN + region -> the last digest written
UNDIGESTED: dict[str, list[dict]] = {}  # trail ARN + region -> log files no digest covers yet
_KEY = None


def _key():
    global _KEY
    if _KEY is None:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
        _KEY = (private, der, hashlib.md5(der).hexdigest(), dt.datetime.now(UTC))
    return _KEY


def list_public_keys(context, request):
    _, der, fingerprint, born = _key()
    return {"PublicKeyList": [{"Value": der, "Fingerprint": fingerprint, "ValidityStartTime": born - dt.timedelta(days=400),
                               "ValidityEndTime": born + dt.timedelta(days=365)}]}


def _wanted(trail, event):
    if event.get("eventCategory", "Management") == "Data":
        text = json.dumps([trail.event_selectors, trail.advanced_event_selectors])
        return "AWS::S3::Object" in text if event["eventSource"] == "s3.amazonaws.com" else False
    return True


def _store(account, trail, name, body, meta=None):
    s3 = connect_to(aws_access_key_id=account, region_name=trail.region_name).s3
    s3.put_object(Bucket=trail.bucket_name, Key=name, Body=gzip.compress(body, mtime=0), ContentType="application/json",
                  ContentEncoding="gzip", **({"Metadata": meta} if meta else {}))


def route(request):
    """POST /_countersign/cloudtrail/deliver[?account=...]"""
    return deliver(request.args.get("account"))


def deliver(only=None) -> dict:
    """Write what is pending into every logging trail's bucket; then sign a digest where the trail asks for one."""
    from moto.cloudtrail.models import cloudtrail_backends

    written = []
    with LOCK:
        pending = {k: PENDING.pop(k) for k in list(PENDING) if only in (None, k[0])}
    for account in list(cloudtrail_backends.keys()):
        if only not in (None, account):
            continue
        now = clock.now(account)
        for home in list(cloudtrail_backends[account].keys()):
            for trail in list(cloudtrail_backends[account][home].trails.values()):
                if not trail.status.is_logging:
                    continue
                prefix = (trail.s3_key_prefix.strip("/") + "/" if trail.s3_key_prefix else "") + f"AWSLogs/{account}/"
                for (owner, region), events in pending.items():
                    if owner != account or (region != home and not trail.is_multi_region):
                        continue
                    events = [e for e in events if _wanted(trail, e)]
                    if not events:
                        continue
                    body = json.dumps({"Records": events}, separators=(",", ":")).encode()
                    name = (f"{prefix}CloudTrail/{region}/{now:%Y/%m/%d}/{account}_CloudTrail_{region}_"
                            f"{now:%Y%m%dT%H%MZ}_{secrets.token_urlsafe(12)[:16].replace('-', 'x').replace('_', 'y')}.json.gz")
                    _store(account, trail, name, body)
                    written.append(name)
                    times = sorted(e["eventTime"] for e in events)
                    UNDIGESTED.setdefault(trail.arn + region, []).append({
                        "s3Bucket": trail.bucket_name, "s3Object": name, "hashValue": hashlib.sha256(body).hexdigest(),
                        "hashAlgorithm": "SHA-256", "newestEventTime": times[-1], "oldestEventTime": times[0]})
                if trail.log_validation:
                    regions = {home} | ({r for (a, r) in EVENTS if a == account} if trail.is_multi_region else set())
                    for region in sorted(regions):
                        written.append(_digest(account, trail, region, prefix, now))
    return {"written": [w for w in written if w]}


def _digest(account, trail, region, prefix, now):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    slot = trail.arn + region
    private, _, fingerprint, _ = _key()
    before, files = DIGESTS.get(slot), UNDIGESTED.pop(slot, [])
    name = (f"{prefix}CloudTrail-Digest/{region}/{now:%Y/%m/%d}/{account}_CloudTrail-Digest_{region}_{trail.trail_name}_"
            f"{trail.region_name}_{now:%Y%m%dT%H%M%SZ}.json.gz")
    if before and before["name"] == name:
        now += dt.timedelta(seconds=1)
        name = name.rsplit("_", 1)[0] + f"_{now:%Y%m%dT%H%M%SZ}.json.gz"
    doc = {
        "awsAccountId": account, "digestStartTime": before["end"] if before else clock.iso(now - dt.timedelta(hours=1)),
        "digestEndTime": clock.iso(now), "digestS3Bucket": trail.bucket_name, "digestS3Object": name,
        "digestPublicKeyFingerprint": fingerprint, "digestSignatureAlgorithm": "SHA256withRSA",
        "newestEventTime": max((f["newestEventTime"] for f in files), default=None),
        "oldestEventTime": min((f["oldestEventTime"] for f in files), default=None),
        "previousDigestS3Bucket": trail.bucket_name if before else None,
        "previousDigestS3Object": before["name"] if before else None,
        "previousDigestHashValue": before["hash"] if before else None,
        "previousDigestHashAlgorithm": "SHA-256" if before else None,
        "previousDigestSignature": before["signature"] if before else None,
        "logFiles": files,
    }
    body = json.dumps(doc).encode()
    digest = hashlib.sha256(body).hexdigest()
    text = f"{doc['digestEndTime']}\n{trail.bucket_name}/{name}\n{digest}\n{before['signature'] if before else 'null'}"
    signature = private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()
    _store(account, trail, name, body, {"signature": signature, "signature-algorithm": "SHA256withRSA"})
    trail.status.digest_time = int(now.timestamp())
    DIGESTS[slot] = {"name": name, "hash": digest, "signature": signature, "end": doc["digestEndTime"]}
    return name

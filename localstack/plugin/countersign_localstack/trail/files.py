"""Log files and signed digests, written into a trail's bucket as CloudTrail writes them: a digest for each hour of logging."""
import datetime as dt
import gzip
import hashlib
import json
import threading

from localstack.aws.connect import connect_to

from .. import clock
from . import keys
from .events import LOCK, LOGGED
from .selectors import selects
from .trails import TRAILS, organization

LATER = dt.timedelta(minutes=5)  # so long after an event CloudTrail delivers the file that holds it

DELIVERED = threading.local()  # .at: when the file was delivered that this thread writes


def _at(request, **_):
    if moment := getattr(DELIVERED, "at", None):
        request.headers[clock.MOMENT] = clock.iso(moment)


def route(request):
    """POST /_countersign/cloudtrail/deliver[?account=…][&hours=…]: `hours` is what one digest covers, on AWS always one."""
    return deliver(request.args.get("account"), float(request.args.get("hours") or 1))


def deliver(only=None, hours=1.0):
    """Write what trails owe until now, hour by hour since their last delivery. The last digest ends now, where AWS would wait for the
    full hour; a trail that was stopped gets its last digest, and one that began again the first of a new chain."""
    step, written = dt.timedelta(hours=hours), []
    with LOCK:
        for trail in [t for t in TRAILS if only in (None, t.account)]:
            for span in trail.spans:
                for account in trail.members():
                    for region in regions(trail, account):
                        written += Delivery(trail, span, account, region).until(span.stop or clock.now(trail.account), step)
    return {"written": written}


def regions(trail, account):
    """A trail of all regions writes for each; for those that never had an event nothing is written here."""
    home = {trail.region}
    return sorted(home | {r for a, r in LOGGED if a == account}) if trail.about["IsMultiRegionTrail"] else sorted(home)


class Delivery:
    """One chain: a span of one trail, in one account and region."""

    def __init__(self, trail, span, account, region):
        self.trail, self.span, self.account, self.region = trail, span, account, region
        self.state = span.delivered.setdefault((account, region), {"end": span.start, "before": None, "seen": 0, "ahead": []})
        id_ = organization(trail.account)[0] if trail.about["IsOrganizationTrail"] else None
        prefix = (trail.about.get("S3KeyPrefix") or "").strip("/")
        self.root = "/".join(filter(None, [prefix, "AWSLogs", id_, account]))
        self.s3 = connect_to(aws_access_key_id=trail.account, region_name=trail.region).s3
        self.s3.meta.events.register("before-send.s3", _at, unique_id="countersign-moment")  # the client is one for all deliveries

    def until(self, limit, step):
        written, pending = [], self._pending(limit)
        while self.state["end"] < limit or pending:
            end = min(self.state["end"] + step, limit)
            if end <= self.state["end"]:  # delivered a second time at one instant
                end = self.state["end"] + dt.timedelta(seconds=1)
                limit = max(limit, end)
            window = [e for e in pending if e["when"] <= end]
            pending = pending[len(window):]
            written += self._write([e["event"] for e in window], window and window[-1]["when"], end)
        return written

    def _pending(self, limit):
        """What was recorded since the last delivery, and while the trail logged; oldest first."""
        log = LOGGED.get((self.account, self.region), [])
        fresh = [e for e in log[self.state["seen"]:] if self.span.start <= e["when"] and selects(self.trail.selectors, e["event"])]
        rows = sorted(self.state["ahead"] + fresh, key=lambda e: e["when"])
        self.state["seen"], self.state["ahead"] = len(log), [e for e in rows if e["when"] > limit]
        return [e for e in rows if e["when"] <= limit]

    def _write(self, events, newest, end):
        names, files = [], []
        if events:
            when = max(min(newest + LATER, end), self.state["end"])
            body = json.dumps({"Records": events}, separators=(",", ":")).encode()
            digest = hashlib.sha256(body).hexdigest()
            mark = hashlib.sha256(f"{self.trail.about['Name']}/{self.region}/{end}".encode()).hexdigest()[:16]  # the same for each seeding
            name = f"{self.root}/CloudTrail/{self.region}/{when:%Y/%m/%d}/{self.account}_CloudTrail_{self.region}_{when:%Y%m%dT%H%MZ}_{mark}.json.gz"
            self._store(name, body, when)
            self.trail.times["LatestDeliveryTime"] = when
            names.append(name)
            times = sorted(e["eventTime"] for e in events)
            files.append({"s3Bucket": self.bucket, "s3Object": name, "hashValue": digest, "hashAlgorithm": "SHA-256",
                          "newestEventTime": times[-1], "oldestEventTime": times[0]})
        if self.span.signed:
            names.append(self._digest(files, end))
        self.state["end"] = end
        return names

    @property
    def bucket(self):
        return self.trail.about["S3BucketName"]

    def _digest(self, files, end):
        trail, key, before = self.trail, keys.key(self.region, end), self.state["before"] or {}
        name = (f"{self.root}/CloudTrail-Digest/{self.region}/{end:%Y/%m/%d}/{self.account}_CloudTrail-Digest_{self.region}_"
                f"{trail.about['Name']}_{trail.region}_{end:%Y%m%dT%H%M%SZ}.json.gz")
        document = {
            "awsAccountId": self.account, "digestStartTime": clock.iso(self.state["end"]), "digestEndTime": clock.iso(end),
            "digestS3Bucket": self.bucket, "digestS3Object": name, "digestPublicKeyFingerprint": key.fingerprint,
            "digestSignatureAlgorithm": "SHA256withRSA", "newestEventTime": max((f["newestEventTime"] for f in files), default=None),
            "oldestEventTime": min((f["oldestEventTime"] for f in files), default=None),
            "previousDigestS3Bucket": before.get("bucket"), "previousDigestS3Object": before.get("name"),
            "previousDigestHashValue": before.get("hash"), "previousDigestHashAlgorithm": before and "SHA-256" or None,
            "previousDigestSignature": before.get("signature"), "logFiles": files,
        }
        body = json.dumps(document).encode()
        digest = hashlib.sha256(body).hexdigest()
        signature = key.sign(f"{document['digestEndTime']}\n{self.bucket}/{name}\n{digest}\n{before.get('signature') or 'null'}")
        self._store(name, body, end, {"signature": signature, "signature-algorithm": "SHA256withRSA"})
        trail.times["LatestDigestDeliveryTime"] = end
        self.state["before"] = {"bucket": self.bucket, "name": name, "hash": digest, "signature": signature}
        return name

    def _store(self, name, body, when, metadata=None):
        DELIVERED.at = when
        self.s3.put_object(Bucket=self.bucket, Key=name, Body=gzip.compress(body, mtime=0), ContentType="application/json",
                           ContentEncoding="gzip", Metadata=metadata or {})
        DELIVERED.at = None

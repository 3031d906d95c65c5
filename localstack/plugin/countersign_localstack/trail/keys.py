"""The keys that sign digests: one for each region and half-year, as ListPublicKeys shows them."""
import datetime as dt
import hashlib
import threading
from dataclasses import dataclass

from .. import clock

UTC = dt.timezone.utc
LOCK = threading.Lock()
KEYS: dict[tuple[str, dt.datetime], "Key"] = {}  # (region, begin of validity)


@dataclass
class Key:
    private: object
    der: bytes  # PKCS #1, as CloudTrail gives it
    begin: dt.datetime
    end: dt.datetime

    @property
    def fingerprint(self):
        return hashlib.md5(self.der).hexdigest()

    def sign(self, text):
        from cryptography.hazmat.primitives import hashes
        from cryptography.hazmat.primitives.asymmetric import padding

        return self.private.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()


def key(region, moment):
    """The key in force in a region at a moment; made at first use."""
    begin = moment.astimezone(UTC).replace(month=1 if moment.month < 7 else 7, day=1, hour=0, minute=0, second=0, microsecond=0)
    end = begin.replace(month=7) if begin.month == 1 else begin.replace(year=begin.year + 1, month=1)
    with LOCK:
        if (region, begin) not in KEYS:
            from cryptography.hazmat.primitives import serialization
            from cryptography.hazmat.primitives.asymmetric import rsa

            private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            der = private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
            KEYS[region, begin] = Key(private, der, begin, end)
        return KEYS[region, begin]


def list_public_keys(context, request):
    """Those whose validity touches the range asked for; without one, those in force now."""
    aware = lambda t: t if t.tzinfo else t.replace(tzinfo=UTC)
    start, end = (aware(request.get(member) or clock.now()) for member in ("StartTime", "EndTime"))
    moment, found = start, []
    while moment <= end:
        found.append(key(context.region, moment))
        moment = found[-1].end
    return {"PublicKeyList": [{"Value": k.der, "Fingerprint": k.fingerprint, "ValidityStartTime": k.begin, "ValidityEndTime": k.end} for k in found]}

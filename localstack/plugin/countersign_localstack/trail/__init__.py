"""A CloudTrail that tells the truth: it holds the calls that were made, as they were answered."""
from .files import list_public_keys
from .lookup import lookup_events


def patch_moto():
    """moto asks its own S3 and SNS for the trail's bucket and topic; here those live in LocalStack's providers."""
    from moto.cloudtrail.exceptions import S3BucketDoesNotExistException
    from moto.cloudtrail.models import Trail, TrailStatus

    def check_bucket_exists(self):
        from localstack.services.s3.models import s3_stores

        if self.bucket_name not in s3_stores[self.account_id]["us-east-1"].global_bucket_map:
            raise S3BucketDoesNotExistException(f"S3 bucket {self.bucket_name} does not exist!")

    Trail.check_bucket_exists = check_bucket_exists
    Trail.check_topic_exists = lambda self: None
    plain = TrailStatus.description

    def description(self):
        digest = getattr(self, "digest_time", None)
        return {**plain(self), **({"LatestDigestDeliveryTime": digest} if digest else {})}

    TrailStatus.description = description


def overrides():
    patch_moto()
    return {
        "LookupEvents": lookup_events,
        "ListPublicKeys": list_public_keys,
        "ListEventDataStores": lambda context, request: {"EventDataStores": []},
        "ListChannels": lambda context, request: {"Channels": []},
    }

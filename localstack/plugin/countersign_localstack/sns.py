"""SNS: subscriptions that nobody confirmed yet show as such, and a topic counts its subscriptions. Nothing leaves the machine."""
import functools
from urllib.parse import urlsplit

DELETED: dict[str, int] = {}  # topic ARN -> subscriptions removed from it


def patch():
    from localstack.services.sns.provider import SnsProvider as P

    keep_inside()

    def listed(original):
        """AWS shows no ARN for a subscription before it is confirmed."""

        @functools.wraps(original)
        def call(self, context, *args, **kwargs):
            answer = original(self, context, *args, **kwargs)
            for row in answer["Subscriptions"]:
                if _pending(row["SubscriptionArn"]):
                    row["SubscriptionArn"] = "PendingConfirmation"
            return answer

        return call

    plain_attributes, plain_subscribe, plain_unsubscribe = P.get_topic_attributes, P.subscribe, P.unsubscribe

    def get_topic_attributes(self, context, topic_arn, **kwargs):
        answer = plain_attributes(self, context, topic_arn, **kwargs)
        rows = subscriptions(topic_arn)
        waiting = sum(row.get("PendingConfirmation") == "true" for row in rows)
        answer["Attributes"].update(SubscriptionsPending=str(waiting), SubscriptionsConfirmed=str(len(rows) - waiting),
                                    SubscriptionsDeleted=str(DELETED.get(topic_arn, 0)))
        return answer

    def subscribe(self, context, topic_arn, protocol, *args, return_subscription_arn=None, **kwargs):
        answer = plain_subscribe(self, context, topic_arn, protocol, *args, return_subscription_arn=return_subscription_arn, **kwargs)
        if _pending(answer["SubscriptionArn"]) and not return_subscription_arn and not context.is_internal_call:  # CloudFormation keeps the ARN
            return {"SubscriptionArn": "pending confirmation"}
        return answer

    def unsubscribe(self, context, subscription_arn, **kwargs):
        topic = (subscription_arn or "").rpartition(":")[0]
        before = len(subscriptions(topic))
        answer = plain_unsubscribe(self, context, subscription_arn, **kwargs)
        DELETED[topic] = DELETED.get(topic, 0) + before - len(subscriptions(topic))
        return answer

    P.get_topic_attributes = functools.wraps(plain_attributes)(get_topic_attributes)
    P.subscribe = functools.wraps(plain_subscribe)(subscribe)
    P.unsubscribe = functools.wraps(plain_unsubscribe)(unsubscribe)
    P.list_subscriptions, P.list_subscriptions_by_topic = listed(P.list_subscriptions), listed(P.list_subscriptions_by_topic)


def keep_inside():
    """LocalStack posts to http(s) subscribers wherever they are; a paging service named in a test must never hear of it."""
    from localstack.services.sns import publisher
    from localstack.services.sns.publisher import HttpTopicPublisher

    publisher.send_message_to_gcm = lambda *_: None
    plain = HttpTopicPublisher._publish

    def _publish(self, context, subscriber):
        if urlsplit(subscriber["Endpoint"]).hostname in ("127.0.0.1", "localhost", "::1"):
            plain(self, context, subscriber)

    HttpTopicPublisher._publish = _publish


def subscriptions(topic_arn):
    store = _store(topic_arn)
    return [store.subscriptions[arn] for arn in store.topic_subscriptions.get(topic_arn, []) if arn in store.subscriptions] if store else []


def _store(arn):
    from localstack.services.sns.models import sns_stores

    parts = str(arn).split(":")
    return sns_stores[parts[4]][parts[3]] if len(parts) >= 6 and parts[3] and parts[4] else None


def _pending(subscription_arn):
    store = _store(subscription_arn)
    return store is not None and store.subscriptions.get(subscription_arn, {}).get("PendingConfirmation") == "true"


def confirm_route(request):
    """POST {"topic": ARN, "endpoint": address or absent for all}: what the owner of the address does with the link."""
    row, done = request.get_json(force=True), []
    for subscription in subscriptions(row["topic"]):
        if row.get("endpoint") in (None, subscription["Endpoint"]) and subscription.get("PendingConfirmation") == "true":
            subscription.update(PendingConfirmation="false", ConfirmationWasAuthenticated="false")
            done.append(subscription["SubscriptionArn"])
    return {"confirmed": done}

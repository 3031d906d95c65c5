"""SNS subscriptions, and the tagging API over every service."""
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from kit import Account, post, same


def shows_subscriptions_waiting_and_confirmed():
    a = Account()
    sns = a["sns"]
    topic = sns.create_topic(Name="t")["TopicArn"]
    counts = lambda: tuple(sns.get_topic_attributes(TopicArn=topic)["Attributes"][f"Subscriptions{k}"] for k in ("Confirmed", "Pending", "Deleted"))
    same(counts(), ("0", "0", "0"))
    same(sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")["SubscriptionArn"], "pending confirmation")
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="b@example.com")
    same({s["SubscriptionArn"] for s in sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]}, {"PendingConfirmation"})
    same(counts(), ("0", "2", "0"))
    confirmed = post("/_countersign/sns/confirm", {"topic": topic, "endpoint": "a@example.com"})["confirmed"]
    same(sorted(s["SubscriptionArn"] for s in sns.list_subscriptions()["Subscriptions"]), sorted(["PendingConfirmation", *confirmed]))
    same(counts(), ("1", "1", "0"))
    same(sns.get_subscription_attributes(SubscriptionArn=confirmed[0])["Attributes"]["PendingConfirmation"], "false")
    sns.unsubscribe(SubscriptionArn=confirmed[0])
    same(counts(), ("0", "1", "1"))
    arn = sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="c@example.com", ReturnSubscriptionArn=True)["SubscriptionArn"]
    assert arn.startswith(topic + ":"), arn
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+491700000000")
    same(counts(), ("1", "2", "1"))


def shows_confirmation_by_the_link():
    """The real flow: SNS posts a token to a subscriber on this machine, who confirms with it."""
    heard = []

    class Subscriber(BaseHTTPRequestHandler):
        def do_POST(self):
            heard.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Subscriber)
    waiter = threading.Thread(target=server.handle_request)
    waiter.start()
    a = Account()
    sns = a["sns"]
    topic = sns.create_topic(Name="t")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{server.server_port}/")
    waiter.join(10)
    server.server_close()
    sns.confirm_subscription(TopicArn=topic, Token=heard[0]["Token"])
    same(sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"], "1")


def shows_every_tagged_resource_once():
    a = Account()
    tag, sm, cw = [{"Key": "owner", "Value": "ml"}], a["sagemaker"], a["cloudwatch"]
    sm.create_model_package_group(ModelPackageGroupName="g", Tags=tag)
    sm.create_model_package_group(ModelPackageGroupName="bare")
    a.model("m")
    a.endpoint("e", "m")
    sm.add_tags(ResourceArn=sm.describe_endpoint(EndpointName="e")["EndpointArn"], Tags=tag)
    alarm = dict(Namespace="N", MetricName="m", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=1, ComparisonOperator="GreaterThanThreshold")
    cw.put_metric_alarm(AlarmName="tagged", Tags=tag, **alarm)
    cw.put_metric_alarm(AlarmName="bare", **alarm)
    a["sns"].create_topic(Name="tagged", Tags=tag)
    a["sns"].create_topic(Name="bare")
    bucket = f"tagged-{a.id}"
    a["s3"].create_bucket(Bucket=bucket)
    a["s3"].create_bucket(Bucket=f"bare-{a.id}")
    a["s3"].put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tag})

    def read(**query):
        rows = a["resourcegroupstaggingapi"].get_resources(**query)["ResourceTagMappingList"]
        return [row["ResourceARN"].split(":", 2)[2].replace(f"us-east-1:{a.id}:", "") for row in rows]

    same(read(), ["cloudwatch:alarm:tagged", f"s3:::{bucket}", "sagemaker:endpoint/e", "sagemaker:model-package-group/g", "sns:tagged"])
    same(read(ResourceTypeFilters=["cloudwatch:alarm", "sagemaker:endpoint"]), ["cloudwatch:alarm:tagged", "sagemaker:endpoint/e"])
    same(read(ResourceTypeFilters=["s3"], TagFilters=[{"Key": "owner", "Values": ["ml"]}]), [f"s3:::{bucket}"])
    same(read(TagFilters=[{"Key": "owner", "Values": ["other"]}]), [])
    client = a["resourcegroupstaggingapi"]
    first = client.get_resources(ResourcesPerPage=2)
    pages = [len(first["ResourceTagMappingList"])]
    while first["PaginationToken"]:
        first = client.get_resources(ResourcesPerPage=2, PaginationToken=first["PaginationToken"])
        pages.append(len(first["ResourceTagMappingList"]))
    same(pages, [2, 2, 1])
    same(client.get_tag_keys()["TagKeys"], ["owner"])
    same(client.get_tag_values(Key="owner")["TagValues"], ["ml"])

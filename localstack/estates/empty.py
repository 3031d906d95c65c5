"""Nothing serves: a registry group with an approved version, a bucket, and an endpoint that was deleted."""
from .story import instances

NOW = "2026-11-20T09:00:00Z"
POLICY = "plain.toml"


def seed(story):
    story.at(days=30)
    story.bucket("bank-models")
    version = story.register(story.person("jan.devries"), "pension-forecast")
    story.at(days=29)
    story.decide(version, story.person("maria.lopez", "ModelApprover"), "CHG-20001 accepted by model risk")
    story.at(days=28)
    story.deploy("pension-forecast", instances("AllTraffic", story.model("pension-forecast-m1", version.by_package)))
    story.at(days=10)
    story.client("sagemaker", story.release).delete_endpoint(EndpointName="pension-forecast")

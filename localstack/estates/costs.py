"""What serving costs: each way in which a figure is known, each kind of waste, each way in which a budget or a tag fails, planted once on a live
version of its own. Everything is deployed since 40 days; the period of figures is the first ten days of November, which resources' bills cover."""
from . import costs_budgets, costs_figures, costs_tags, costs_waste
from .bank_evidence import closed
from .costs_common import PRICES, Costs, dollars
from .costs_truth import CostsTruth

NOW = "2026-11-13T09:00:00Z"
POLICY = "costs.toml"
GROUPS = ("card-scoring", "letter-sorting", "over-ceiling", "within-ceiling", "surging", "nobodys")


def seed(story):
    story.pace = 0
    story.truth = CostsTruth(story.account, story.region, story.truth.as_of)
    costs = Costs(story)
    story.at(days=50)
    story.bucket("bank-models")
    closed(story, "bank-models")
    for role in ("ci-release", "ml-serving"):
        story.make_role(role)
    jan, maria = story.person("jan.devries"), story.person("maria.lopez", "ModelApprover")
    for group in GROUPS:
        costs.versions[group] = story.register(jan, group)
        story.decide(costs.versions[group], maria, "CHG-20001 validated and accepted by model risk")
    story.at(days=40)
    planted = {}
    for part in (costs_figures, costs_tags, costs_waste, costs_budgets):
        planted |= part.tell(costs) or {}
    costs_waste.notebook(costs)
    prices = [{"service": "AmazonSageMaker", "region": story.region, "component": "Hosting", "item": kind, "unit": "Hrs", "price": dollars(price)}
              for kind, price in PRICES.items()]
    costs.finish(prices=[*prices, *planted.pop("prices", [])], **planted)
    period = story.truth.money["period"] = {"from": "2026-11-01", "until": "2026-11-11"}  # two days before the end of the story
    story.truth.reading(f"figures are about {period['from']} until before {period['until']}; compared with the same days of October")

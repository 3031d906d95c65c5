"""The truth of `costs`, written by hand: which findings fail, and the planted figures that a reader can add up alone."""
from .truth import Truth

CODES = [f"CST-{n:03}" for n in range(1, 8)]
BY_RESOURCE, BY_TAG, ESTIMATE = "billed_by_resource", "billed_by_tag", "estimate"


class CostsTruth(Truth):
    """`fail` and `unknown` are complete for the controls of CODES, but for what `open` names. Amounts are whole micro-dollars."""

    def __init__(self, account, region, as_of):
        super().__init__(account, region, as_of)
        self.left_open, self.money = [], {"versions": [], "bill": [], "waste": []}
        self.refused = set()  # endpoints with tags that only the organization's policy objects to

    def waste(self, kind, name, saves=None, sure=True):
        """What must be told to be wasteful, with what a month of it would save; `sure` is False where it may be told or not."""
        self.money["waste"].append({"kind": kind, "name": name, "saves": saves, "sure": sure})

    def open(self, subject, *codes, why):
        self.left_open += [{"code": code, "subject": subject, "why": why} for code in codes]

    def document(self):
        return {**super().document(), "codes": CODES, "open": self.left_open, "money": self.money}

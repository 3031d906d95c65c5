"""What an organization is expected to show, and through which faults: written beside what was seeded, never by running Countersign."""
import json
from collections import Counter

from .bank_common import VARIANT


class OrganizationTruth:
    """`live_versions` is what a reader finds who is let into all accounts but the one that denies; `hidden` is what serves there."""

    def __init__(self, management, regions, as_of, role, external_id):
        self.management, self.regions, self.as_of, self.role, self.external_id = management, list(regions.values()), as_of, role, external_id
        self.accounts, self.versions, self.hidden, self.findings, self.shared, self.faults, self.gaps = {}, [], [], [], {}, [], []

    def account(self, id_, name, unit, cost_center, readable=True):
        self.accounts[id_] = {"id": id_, "name": name, "unit": unit, "status": "ACTIVE", "cost_center": cost_center, "readable": readable}

    def closed(self, id_, name):
        self.accounts[id_] = {"id": id_, "name": name, "unit": "Sandbox", "status": "SUSPENDED", "cost_center": "CC-9102", "readable": False}

    def share(self, version, by):
        self.shared[version.arn] = {"package_arn": version.arn, "registry": version.arn.split(":")[4], "region": version.arn.split(":")[3],
                                    "approved_by": by, "served_by": []}

    def live(self, there, endpoint, version, verdict, owner, cost_center, stage, by, hidden):
        id_ = "/".join([there.account, there.region, "variant", endpoint, VARIANT])
        row = {"id": id_, "account": there.account, "region": there.region, "path": "variant", "verdict": verdict, "package_arn": version.arn,
               "owner": owner, "cost_center": cost_center, "stage": stage, "approved_by": by}
        (self.hidden if hidden else self.versions).append(row)
        if version.arn in self.shared:
            self.shared[version.arn]["served_by"].append(id_)
        return id_

    def fail(self, subject, *codes, why):
        self.findings += [{"code": code, "status": "fail", "subject": subject, "why": f"planted: {why}"} for code in codes]

    def fault(self, rule, account, gap):
        """A rule that is set when the estate is seeded; `gap` says what a reader will not see because of it."""
        self.faults.append(rule)
        if gap:
            self.gaps.append({"account": account, "regions": self.regions, "why": gap})

    def document(self):
        count = lambda member: dict(sorted(Counter(v[member] for v in self.versions).items()))
        by_unit = {f"{account}/{region}": sum((v["account"], v["region"]) == (account, region) for v in self.versions)
                   for account, row in self.accounts.items() if row["status"] == "ACTIVE" and row["readable"] for region in self.regions}
        return {
            "account": self.management, "region": self.regions[0], "regions": self.regions, "as_of": self.as_of,
            "role": self.role, "external_id": self.external_id, "accounts": list(self.accounts.values()),
            "live_versions": sorted(self.versions, key=lambda v: v["id"]), "hidden": sorted(self.hidden, key=lambda v: v["id"]),
            "totals": {"live_versions": len(self.versions), "by_account": count("account"), "by_region": count("region"),
                       "by_account_and_region": by_unit, "by_owner": count("owner"), "by_cost_center": count("cost_center"),
                       "by_verdict": count("verdict")},
            "cross_account": sorted(self.shared.values(), key=lambda row: row["package_arn"]),
            "findings": sorted(self.findings, key=lambda row: (row["code"], row["subject"])), "gaps": self.gaps, "faults": self.faults,
        }

    def write(self, file):
        with open(file, "w", encoding="utf-8") as out:
            json.dump(self.document(), out, indent=2, ensure_ascii=False)
            out.write("\n")

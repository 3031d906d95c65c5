"""What an estate is expected to show: written by hand beside each planted fault, never by running Countersign."""
import json

OPERATE, FIX, PILOT, STOP = "operate_as_is", "fix_controls_first", "keep_in_pilot", "stop"


class Truth:
    """`fail` and `waived` are complete: what is not listed must not fail (EVD-001 excepted). `unknown` lists only what
    must be unknown; `readings` says how a rule was read where it could be read in two ways."""

    def __init__(self, account, region, as_of):
        self.account, self.region, self.as_of = account, region, as_of
        self.versions, self.findings, self.unknowns, self.readings = [], [], [], []

    def live(self, path, *names, verdict, package=None, **more):
        """Note a live version and give its id: account/region/path/endpoint/variant[/component], or …/batch/model."""
        id_ = "/".join([self.account, self.region, path, *names])
        self.versions.append({"id": id_, "path": path, "verdict": verdict, "package_arn": package and package.arn, **more})
        return id_

    def fail(self, subject, *codes, why):
        self.findings += [{"code": code, "status": "fail", "subject": subject, "why": f"planted: {why}"} for code in codes]

    def waived(self, subject, code, why):
        self.findings.append({"code": code, "status": "waived", "subject": subject, "why": f"planted, and waived: {why}"})

    def unknown(self, subject, *codes, why):
        self.unknowns += [{"code": code, "status": "unknown", "subject": subject, "why": f"planted: {why}"} for code in codes]

    def reading(self, text):
        self.readings.append(text)

    def document(self):
        order = lambda row: (row["code"], row["subject"])
        return {
            "account": self.account, "region": self.region, "as_of": self.as_of,
            "live_versions": sorted(self.versions, key=lambda row: row["id"]),
            "findings": sorted(self.findings, key=order), "unknown": sorted(self.unknowns, key=order), "readings": self.readings,
        }

    def write(self, file):
        with open(file, "w", encoding="utf-8") as out:
            json.dump(self.document(), out, indent=2, ensure_ascii=False)
            out.write("\n")

"""The AWS Security Finding Format: what of a finding is wrong, in the words in which Security Hub says it.

Types and enumerations come from the service model; lengths and counts from
https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format-syntax.html
"""
import json
import re
from functools import cache

REQUIRED = ("SchemaVersion", "Id", "ProductArn", "GeneratorId", "AwsAccountId", "Types", "CreatedAt", "UpdatedAt", "Severity", "Title",
            "Description", "Resources")
NORMALIZED = {"INFORMATIONAL": 0, "LOW": 1, "MEDIUM": 40, "HIGH": 70, "CRITICAL": 90}
NAMESPACES = ("Software and Configuration Checks", "TTPs", "Effects", "Unusual Behaviors", "Sensitive Data Identifications")
LONGEST = {"Id": 512, "GeneratorId": 512, "Title": 256, "Description": 1024, "SourceUrl": 2048, "ProductArn": 2048,
           "Note.Text": 512, "Note.UpdatedBy": 512, "Remediation.Recommendation.Text": 512, "Remediation.Recommendation.Url": 2048,
           "Resources[].Id": 512, "Resources[].Type": 256, "Compliance.RelatedRequirements[]": 64, "Severity.Original": 64,
           "Compliance.SecurityControlId": 512}
MOST = {"Types": 50, "Resources": 32, "ProductFields": 50, "UserDefinedFields": 50, "RelatedFindings": 10, "Resources[].Tags": 50,
        "Resources[].Details.Other": 50, "Compliance.RelatedRequirements": 32, "Compliance.StatusReasons": 20, "Malware": 5, "ThreatIntelIndicators": 5}
MAPS = {"ProductFields": (128, 2048), "UserDefinedFields": (128, 1024), "Resources[].Tags": (128, 256), "Resources[].Details.Other": (128, 1024)}
TIMES = ("CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt", "Note.UpdatedAt")
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})")
PERCENT = ("Confidence", "Criticality", "Severity.Normalized")
LARGEST = 240 * 1024  # bytes


def label(normalized):
    return next(name for name, least in reversed(NORMALIZED.items()) if normalized >= least)


def faults(finding, account):
    found = [f"data should have required property '{member}'" for member in REQUIRED if finding.get(member) in (None, "")]
    found += _wrong(finding, _shape(), "data", "")
    value = finding.get
    if value("SchemaVersion") not in (None, "2018-10-08"):
        found.append("data.SchemaVersion should be equal to one of the allowed values")
    if value("AwsAccountId") not in (None, account):
        found.append(f"data.AwsAccountId should match the account that imports the finding ({account})")
    found += [f"data.{member} should NOT have fewer than 1 items" for member in ("Types", "Resources") if value(member) == []]
    if value("Severity") == {}:
        found.append("data.Severity should have required property 'Label'")
    for i, kind in enumerate(value("Types") or []):
        if kind.split("/")[0] not in NAMESPACES or kind.count("/") > 2:
            found.append(f"data.Types[{i}] should match pattern \"namespace/category/classifier\"")
    if len(json.dumps(finding, default=str).encode()) > LARGEST:
        found.append("data should NOT be larger than 240 KB")
    return found


@cache
def _shape():
    from botocore.session import get_session

    return get_session().get_service_model("securityhub").shape_for("AwsSecurityFinding")


def _wrong(value, shape, where, path):
    """Faults of a value and of what it holds; `path` is `where` without indices."""
    kind, found, name = shape.type_name, [], path.lstrip(".")
    if name in MOST and len(value) > MOST[name]:
        found.append(f"{where} should NOT have more than {MOST[name]} {'properties' if kind == 'map' else 'items'}")
    if kind == "structure":
        for member, inner in shape.members.items():
            if value.get(member) is not None:
                found += _wrong(value[member], inner, f"{where}.{member}", f"{path}.{member}")
        if path:  # a finding's own were looked for already
            found += [f"{where} should have required property '{m}'" for m in shape.required_members if value.get(m) in (None, "")]
    elif kind == "list":
        for i, item in enumerate(value):
            found += _wrong(item, shape.member, f"{where}[{i}]", f"{path}[]")
    elif kind == "map":
        longest_key, longest = MAPS.get(name, (128, 2048))
        for key, item in value.items():
            if not 1 <= len(key) <= longest_key:
                found.append(f"{where} should have property names of 1 to {longest_key} characters")
            if isinstance(item, str) and len(item) > longest:
                found.append(f"{where}['{key}'] should NOT be longer than {longest} characters")
    elif kind == "string":
        if shape.enum and value not in shape.enum:
            found.append(f"{where} should be equal to one of the allowed values")
        if len(value) > LONGEST.get(name, LARGEST):
            found.append(f"{where} should NOT be longer than {LONGEST[name]} characters")
        if shape.name == "NonEmptyString" and not value.strip():
            found.append(f"{where} should NOT be shorter than 1 characters")
        if name in TIMES and not INSTANT.fullmatch(value):
            found.append(f"{where} should match format \"date-time\"")
    elif kind == "integer" and name in PERCENT and not 0 <= value <= 100:
        found.append(f"{where} should be >= 0 and <= 100")
    return found

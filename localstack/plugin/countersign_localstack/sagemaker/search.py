"""Search: filters, order and pages over the records."""
import datetime as dt

from .. import clock
from .documents import KINDS, LOCK, invalid, settle, table
from .listing import page
from .records import record
from .sharing import shared_rows

RECORDS = {"Endpoint", "Model", "ModelPackage", "ModelPackageGroup", "ModelCard", "TrainingJob"}


def search(moto):
    def call(context, request):
        name = request["Resource"]
        if name not in RECORDS:
            return moto(context, request)
        kind, shape = KINDS[name], context.operation.output_shape.members["Results"].member.members[name]
        wanted, by = request.get("SearchExpression") or {}, request.get("SortBy") or "LastModifiedTime"
        with LOCK:
            if request.get("CrossAccountFilterOption") == "CrossAccount":
                found = list(shared_rows(context, name))
            else:
                found = [(context, settle(doc, kind)) for doc in table(context, name).values()]
            show = lambda owner, doc: record(owner, name, doc, shape)
            if wanted:
                found = [(owner, doc) for owner, doc in found if _matches(show(owner, doc), doc, wanted)]
            found.sort(key=lambda row: _order([row[1][by]] if by in row[1] else _values(show(*row), row[1], by)),
                       reverse=request.get("SortOrder") != "Ascending")
            answer = page(context, request, found, "Results", default=10)
            rows = [{name: show(owner, doc)} for owner, doc in answer.pop("Results")]
        return {"Results": rows, **answer, "TotalHits": {"Value": len(found), "Relation": "EqualTo"}}

    return call


def _values(found, doc, path):
    """The values at a dotted path of the record, of its Model where it is a dashboard row, or of the document."""
    for root in (found, found.get("Model", {}), doc):
        if values := list(_walk(root, path.split("."))):
            return values
    return []


def _walk(value, parts):
    if isinstance(value, list):
        if value and isinstance(value[0], dict) and "Key" in value[0] and len(parts) == 1:  # Tags.<key>
            yield from (t["Value"] for t in value if t["Key"] == parts[0])
        else:
            for each in value:
                yield from _walk(each, parts)
    elif not parts:
        if value is not None:
            yield value
    elif isinstance(value, dict) and ".".join(parts) in value:  # a key of a map may itself hold dots
        yield from _walk(value[".".join(parts)], [])
    elif isinstance(value, dict) and parts[0] in value:
        yield from _walk(value[parts[0]], parts[1:])


def _order(values):
    value = values[0] if values else ""
    return value.isoformat() if isinstance(value, dt.datetime) else str(value)


def _matches(found, doc, expression):
    checks = [_test(found, doc, f) for f in expression.get("Filters") or []]
    checks += [_matches(found, doc, e) for e in expression.get("SubExpressions") or []]
    for nested in expression.get("NestedFilters") or []:
        prefix = nested["NestedPropertyName"] + "."
        items = [i for v in _walk_items(found, nested["NestedPropertyName"].split(".")) for i in v]
        tests = [{**f, "Name": f["Name"].removeprefix(prefix)} for f in nested["Filters"]]
        checks.append(any(all(_test(i, {}, f) for f in tests) for i in items))
    return not checks or (any(checks) if expression.get("Operator") == "Or" else all(checks))


def _walk_items(value, parts):
    for part in parts:
        value = value.get(part) if isinstance(value, dict) else None
    return [value] if isinstance(value, list) else []


def _test(found, doc, wanted):
    values, operator, given = _values(found, doc, wanted["Name"]), wanted.get("Operator") or "Equals", wanted.get("Value")
    if operator in ("Exists", "NotExists"):
        return bool(values) == (operator == "Exists")
    if operator == "NotEquals":
        return all(not _compare(v, given, "Equals") for v in values)
    return any(_compare(v, given, operator) for v in values)


def _compare(have, given, operator):
    if operator == "In":
        return any(_compare(have, one, "Equals") for one in str(given).split(","))
    if operator == "Contains":
        return str(given).lower() in str(have).lower()
    try:
        if isinstance(have, dt.datetime):
            given = clock.parse(given)
        elif isinstance(have, bool):
            given = given.lower() == "true"
        elif isinstance(have, (int, float)):
            given = float(given)
    except ValueError:
        invalid(f"Invalid filter value: {given}")
    return {"Equals": have == given, "GreaterThan": have > given, "GreaterThanOrEqualTo": have >= given,
            "LessThan": have < given, "LessThanOrEqualTo": have <= given}[operator]

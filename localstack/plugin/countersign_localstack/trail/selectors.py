"""Which events a trail's event selectors let through."""

COMPARE = {
    "Equals": lambda have, want: have == want, "StartsWith": lambda have, want: have.startswith(want),
    "EndsWith": lambda have, want: have.endswith(want),
}


def selects(selectors, event):
    data, read = event.get("eventCategory") == "Data", bool(event.get("readOnly"))
    if advanced := selectors.get("AdvancedEventSelectors"):
        return any(all(_field(one, _fact(event, one["Field"])) for one in s["FieldSelectors"]) for s in advanced)
    return any(s["ReadWriteType"] in ("All", "ReadOnly" if read else "WriteOnly") and (_data(s, event) if data else (
        s["IncludeManagementEvents"] and event["eventSource"] not in s["ExcludeManagementEventSources"]))
        for s in selectors["EventSelectors"])


def _data(selector, event):
    """Classic selectors name data by the start of its ARN; of these only S3's objects are recorded here."""
    arn = _object(event)
    return arn is not None and any(r["Type"] == "AWS::S3::Object" and any(v in ("arn:aws:s3", "arn:aws:s3:::") or arn.startswith(v) for v in r["Values"])
                                   for r in selector["DataResources"])


def _object(event):
    asked = event.get("requestParameters") or {}
    return f"arn:aws:s3:::{asked['bucketName']}/{asked.get('key', '')}" if event["eventSource"] == "s3.amazonaws.com" and "bucketName" in asked else None


def _fact(event, name):
    data = event.get("eventCategory") == "Data"
    return {"eventCategory": "Data" if data else "Management", "readOnly": str(bool(event.get("readOnly"))).lower(),
            "resources.type": "AWS::S3::Object" if data and event["eventSource"] == "s3.amazonaws.com" else "",
            "resources.ARN": (data and _object(event)) or "", "userIdentity.arn": event.get("userIdentity", {}).get("arn", "")}.get(
        name, str(event.get(name, "")))


def _field(one, have):
    for name, compare in COMPARE.items():
        if one.get(name) and not any(compare(have, want) for want in one[name]):
            return False
        if one.get("Not" + name) and any(compare(have, want) for want in one["Not" + name]):
            return False
    return True

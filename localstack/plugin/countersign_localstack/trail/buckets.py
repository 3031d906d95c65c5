"""The `requestParameters` of S3's events: the request itself, its query and its body as they were sent, and not the members of the API."""
import json
from xml.etree import ElementTree

SPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def parameters(context, request, management):
    asked = {"bucketName": request["Bucket"]} if request.get("Bucket") else {}
    if request.get("Key"):
        asked["key"] = request["Key"]
    host = f"{request['Bucket']}.s3.{context.region}.amazonaws.com" if request.get("Bucket") else f"s3.{context.region}.amazonaws.com"
    asked.update({k: v for k, v in context.request.args.items() if k != "x-id"}, Host=host)
    return {**asked, **(_body(context) if management else {})}


def _body(context):
    if context.operation.name == "PutBucketPolicy":
        return {"bucketPolicy": json.loads(context.request.data)}
    try:
        root = ElementTree.fromstring(context.request.data)
    except ElementTree.ParseError:
        return {}
    content = _element(root)
    return {_name(root): {"xmlns": SPACE, **content} if isinstance(content, dict) else {"xmlns": SPACE}}


def _name(element):
    return element.tag.rpartition("}")[2]


def _element(element):
    """An element that stands once is a member, one that stands several times a list."""
    if not len(element):
        text = element.text or ""
        return int(text) if text.isdigit() else text
    found = {}
    for child in element:
        found.setdefault(_name(child), []).append(_element(child))
    return {name: values[0] if len(values) == 1 else values for name, values in found.items()}

"""The Price List: products as JSON texts, as GetProducts of SageMaker and Bedrock shapes them.

A planted price is `{"service", "region", "component", "item", "unit", "price"}`, with `effective`, `family` and further `attributes` where
wanted; price is text. Endpoints are in three regions only.
"""
import hashlib
import json

from localstack.aws.api import CommonServiceException

from ..pages import page
from . import planted

REGIONS = {"us-east-1", "eu-central-1", "ap-south-1"}
PREFIXES = {"us-east-1": "USE1", "eu-central-1": "EUC1", "eu-west-1": "EUW1", "us-west-2": "USW2"}
USAGES = {"Hosting": "Host", "Training": "Train", "Processing": "Processing", "Batch Transform": "Tsform", "Notebook": "Notebk"}
ON_DEMAND, RATE = "JRTCKXETXF", "6YS6EN2CT7"  # codes of the offer term and of the rate, the same for all products on demand


def refuse(code, message):
    raise CommonServiceException(code, message, 400, True)


def get_products(context, request):
    if context.region not in REGIONS:
        refuse("AccessDeniedException", f"The price list has no endpoint in {context.region}.")
    if request.get("FormatVersion", "aws_v1") != "aws_v1":
        refuse("InvalidParameterException", f"Format version {request['FormatVersion']} is not supported.")
    products = [product(row) for row in planted.of(context.account_id, "prices") if row["service"] == request["ServiceCode"]]
    if not products and request["ServiceCode"] not in ("AmazonSageMaker", "AmazonBedrock"):
        refuse("NotFoundException", f"Service code {request['ServiceCode']} is not found.")
    rows = [json.dumps(p) for p in products if all(fits(p, f) for f in request.get("Filters", []))]
    return {"FormatVersion": "aws_v1", **page("PriceList", rows, {"MaxResults": 100, **request}, 100, "InvalidNextTokenException")}


def fits(product, wanted):
    attributes = {"productFamily": product["product"]["productFamily"], "ServiceCode": product["serviceCode"], **product["product"]["attributes"]}
    have, value = attributes.get(wanted["Field"], ""), wanted["Value"]
    tests = {"TERM_MATCH": have.lower() == value.lower(), "EQUALS": have == value, "CONTAINS": value in have,
             "ANY_OF": have in value.split(","), "NONE_OF": have not in value.split(",")}
    return tests[wanted.get("Type", "TERM_MATCH")]


def product(row):
    usage = f"{PREFIXES.get(row['region'], row['region'])}-{USAGES.get(row['component'], row['component'])}:{row['item']}"
    sku = hashlib.sha256(f"{row['service']}{usage}".encode()).hexdigest()[:16].upper()
    attributes = {"servicecode": row["service"], "servicename": "Amazon SageMaker" if row["service"] == "AmazonSageMaker" else "Amazon Bedrock",
                  "location": row["region"], "locationType": "AWS Region", "regionCode": row["region"], "usagetype": usage,
                  "component": row["component"], "operation": "RunInstance", "currentGeneration": "Yes"}
    if row["item"].startswith("ml."):
        attributes |= {"instanceName": row["item"], "instanceType": f"{row['item']}-{row['component']}", "platoinstancename": row["item"].split(".")[1],
                       "platoinstancetype": row["component"], "computeType": "Standard", "gpu": "N/A"}
    term, effective = f"{sku}.{ON_DEMAND}", row.get("effective", "2026-11-01T00:00:00Z")
    dimension = {"unit": row["unit"], "endRange": "Inf", "beginRange": "0", "appliesTo": [], "rateCode": f"{term}.{RATE}",
                 "description": f"${row['price']} per {row['unit']} for {row['item']} in {row['region']}",
                 "pricePerUnit": {row.get("currency", "USD"): row["price"]}}
    return {"product": {"productFamily": row.get("family", "ML Instance"), "attributes": attributes | row.get("attributes", {}), "sku": sku},
            "serviceCode": row["service"], "version": effective.replace("-", "").replace(":", "").replace("T", "").rstrip("Z"), "publicationDate": effective,
            "terms": {"OnDemand": {term: {"sku": sku, "offerTermCode": ON_DEMAND, "effectiveDate": effective, "termAttributes": {},
                                          "priceDimensions": {f"{term}.{RATE}": dimension}}}}}


ANSWERS = {"GetProducts": get_products}

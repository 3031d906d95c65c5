"""Writes the table of prices that is embedded in the program, `src/cost/prices.toml`.

Run it with files that the AWS Price List wrote: `python3 tests/tools/prices.py FILE…`. Each is an offer file
(`https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonSageMaker/current/<region>/index.json`) or the output of
`aws pricing get-products --service-code AmazonSageMaker --region us-east-1`. Without files, the table holds what AWS says
in the documents that `prices/documented.csv` names. On-demand prices only; of two for the same thing the newer one stays.

`--check` writes nothing, and fails where the table is not what it would write; `--print` writes it to standard output.
"""
import csv
import json
import re
import sys
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE, DOCUMENTED = ROOT / "src/cost/prices.toml", ROOT / "tests/tools/prices/documented.csv"
COMPONENTS = {"Hosting", "Asynchronous Inference", "Training", "Processing", "Batch Transform", "Notebook"}
SERVERLESS = re.compile(r"ServerlessInf:(Mem-\d+GB)$")
STORAGE = re.compile(r"Host:VolumeUsage\.gp2$")


def named(attributes):
    """Component and item of a product, or `None` for what no live version is billed for."""
    usage = attributes.get("usagetype", "")
    if found := SERVERLESS.search(usage):
        return "Serverless", found.group(1)
    if STORAGE.search(usage):
        return "Hosting", "storage"
    component = attributes.get("component", "")
    item = attributes.get("instanceName") or attributes.get("instanceType", "").removesuffix(f"-{component}")
    return (component, item) if component in COMPONENTS and item.startswith("ml.") else None


def products(document):
    """Attributes and on-demand terms of each product of an offer file or of an answer of GetProducts."""
    for text in document.get("PriceList", []):
        product = json.loads(text) if isinstance(text, str) else text
        yield product["product"].get("attributes", {}), product.get("terms", {}).get("OnDemand", {})
    terms = document.get("terms", {}).get("OnDemand", {})
    for sku, product in document.get("products", {}).items():
        yield product.get("attributes", {}), terms.get(sku, {})


def listed(path):
    """Rows of one file of the Price List."""
    document = json.loads(Path(path).read_text(), parse_float=Decimal)
    for attributes, terms in products(document):
        what = named(attributes)
        if what is None:
            continue
        for term in terms.values():
            for dimension in term["priceDimensions"].values():
                for currency, price in dimension["pricePerUnit"].items():
                    if Decimal(price) > 0:  # a free allowance is no price
                        yield {"source": "AWS Price List, AmazonSageMaker", "dated": term["effectiveDate"][:10],
                               "region": attributes["regionCode"], "component": what[0], "item": what[1],
                               "unit": dimension["unit"], "price": format(Decimal(price).normalize(), "f"), "currency": currency}


def written(rows):
    newest = {}
    for row in rows:
        key = (row["region"], row["component"], row["item"], row["currency"])
        if key not in newest or (newest[key]["dated"], newest[key]["price"]) < (row["dated"], row["price"]):
            newest[key] = row
    lines = ["# Prices on demand, before commitments and discounts, where the price list could not be read.",
             "# Written by tests/tools/prices.py; do not edit it by hand.", ""]
    by_source = {}
    for _, row in sorted(newest.items()):
        by_source.setdefault((row["source"], row["dated"]), []).append(row)
    for (source, dated), held in sorted(by_source.items()):
        lines += ["[[source]]", f"name = {json.dumps(source)}", f"dated = {json.dumps(dated)}", "prices = ["]
        columns = ("region", "component", "item", "unit", "price", "currency")
        lines += [f"  [{', '.join(json.dumps(row[column]) for column in columns)}]," for row in held] + ["]", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def main(arguments):
    flags = {argument for argument in arguments if argument.startswith("--")}
    rows = list(csv.DictReader(DOCUMENTED.read_text().splitlines()))
    for path in arguments:
        if path not in flags:
            rows.extend(listed(path))
    table = written(rows)
    if "--print" in flags:
        print(table, end="")
    elif "--check" not in flags:
        TABLE.write_text(table)
    elif not TABLE.exists() or TABLE.read_text() != table:
        sys.exit("src/cost/prices.toml is not what tests/tools/prices.py writes")


if __name__ == "__main__":
    main(sys.argv[1:])

#!/usr/bin/env python3
"""What one would write oneself: the same questions asked with boto3, to compare with.

    peers.py plain    one call after another: list, then describe each
    peers.py search   SageMaker's Search and the tagging API in bulk, and 16 threads for the rest

Both join endpoints to configs, models, packages, approvals, alarms, topics, tags and artifacts of what serves, and judge
nothing. Neither reads CloudTrail, candidates for a rollback or mute rules; neither retries by itself or keeps what it saw.
Reads AWS_ENDPOINT_URL and credentials as boto3 does; prints calls by service and the size of the join as JSON.
"""
import collections
import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

COUNTED, LOCK = collections.Counter(), threading.Lock()
CONFIG = Config(max_pool_connections=16, s3={"addressing_style": "path"}, proxies={})


def client(name):
    made = boto3.client(name, config=CONFIG)
    made.meta.events.register("before-send", count)
    return made


def count(event_name, **_):
    service = event_name.split(".")[1]
    with LOCK:
        COUNTED["tag" if service == "resource-groups-tagging-api" else service] += 1


def pages(client, operation, key, **asked):
    return [item for page in client.get_paginator(operation).paginate(**asked) for item in page[key]]


def searched(sagemaker, resource, member):
    found, token = [], {}
    while True:
        answer = sagemaker.search(Resource=resource, MaxResults=100, **token)
        found += [row[member] for row in answer["Results"]]
        if not answer.get("NextToken"):
            return found
        token = {"NextToken": answer["NextToken"]}


def location(package):
    bucket, _, key = package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"].removeprefix("s3://").partition("/")
    return bucket, key


def topics_of(alarms):
    return sorted({action for alarm in alarms for action in alarm["AlarmActions"] if ":sns:" in action})


def plain():
    sagemaker, s3, sns = client("sagemaker"), client("s3"), client("sns")
    alarms = pages(client("cloudwatch"), "describe_alarms", "MetricAlarms")
    rows, packages = [], {}
    for group in pages(sagemaker, "list_model_package_groups", "ModelPackageGroupSummaryList"):
        name = group["ModelPackageGroupName"]
        for package in pages(sagemaker, "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=name):
            packages[package["ModelPackageArn"]] = package
    for endpoint in pages(sagemaker, "list_endpoints", "Endpoints"):
        described = sagemaker.describe_endpoint(EndpointName=endpoint["EndpointName"])
        tags = sagemaker.list_tags(ResourceArn=described["EndpointArn"])["Tags"]
        config = sagemaker.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
        for variant in config["ProductionVariants"]:
            model = sagemaker.describe_model(ModelName=variant["ModelName"])
            package = sagemaker.describe_model_package(ModelPackageName=model["PrimaryContainer"]["ModelPackageName"])
            bucket, key = location(package)
            versions = s3.list_object_versions(Bucket=bucket, Prefix=key)["Versions"]
            rows.append((endpoint["EndpointName"], variant["VariantName"], package["ModelApprovalStatus"], tags, versions))
    for topic in topics_of(alarms):
        pages(sns, "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic)
    for bucket in s3.list_buckets()["Buckets"]:
        s3.get_bucket_versioning(Bucket=bucket["Name"])
    return rows


def search():
    sagemaker, s3, sns = client("sagemaker"), client("s3"), client("sns")
    cloudwatch, tagging = client("cloudwatch"), client("resourcegroupstaggingapi")
    with ThreadPoolExecutor(16) as pool:
        packages = pool.submit(searched, sagemaker, "ModelPackage", "ModelPackage")
        models = pool.submit(searched, sagemaker, "Model", "Model")
        tagged = pool.submit(pages, tagging, "get_resources", "ResourceTagMappingList", ResourceTypeFilters=["sagemaker:endpoint"])
        alarms = pool.submit(pages, cloudwatch, "describe_alarms", "MetricAlarms")
        endpoints = searched(sagemaker, "Endpoint", "Endpoint")
        describe = lambda endpoint: sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
        configs = list(pool.map(describe, endpoints))
        models = {row["Model"]["ModelName"]: row["Model"] for row in models.result()}
        packages = {package["ModelPackageArn"]: package for package in packages.result()}
        tags = {row["ResourceARN"].lower(): row["Tags"] for row in tagged.result()}
        rows = []
        for endpoint, config in zip(endpoints, configs):
            for variant in config["ProductionVariants"]:
                package = packages[models[variant["ModelName"]]["PrimaryContainer"]["ModelPackageName"]]
                row = (endpoint["EndpointName"], variant["VariantName"], package["ModelApprovalStatus"], tags[endpoint["EndpointArn"].lower()])
                rows.append((row, location(package)))
        listing = lambda row: s3.list_object_versions(Bucket=row[1][0], Prefix=row[1][1])["Versions"]
        listings = pool.map(listing, rows)
        subscriptions = pool.map(lambda topic: pages(sns, "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic), topics_of(alarms.result()))
        versioning = pool.map(lambda bucket: s3.get_bucket_versioning(Bucket=bucket), sorted({row[1][0] for row in rows}))
        joined = [(*row, versions) for (row, _), versions in zip(rows, listings)]
        list(subscriptions), list(versioning)
    return joined


def main():
    kinds = {"plain": plain, "search": search}
    if len(sys.argv) != 2 or sys.argv[1] not in kinds:
        sys.exit(__doc__)
    rows = kinds[sys.argv[1]]()
    print(json.dumps({"calls": COUNTED, "live_versions": len(rows)}))


if __name__ == "__main__":
    main()

"""Money: bills over days, groups, filters and pages; forecasts, budgets, prices, recommendations, Bedrock's capacity, tag policies."""
import json
from decimal import Decimal

from kit import Account, post, refused, same

NOW = "2026-11-20T09:00:00Z"
SERVICE = "Amazon SageMaker"


def plant(account, **subjects):
    post("/_countersign/money", {"account": account.id, **subjects})


def billed(usage_type, cost, center, start="2026-10-01", end="2026-11-20", **more):
    tags = {} if center is None else {"cost-center": center}
    return {"service": SERVICE, "usage_type": usage_type, "cost": cost, "usage": "24", "unit": "Hrs", "from": start, "until": end, "tags": tags, **more}


def at_now():
    account = Account()
    account.clock(NOW)
    return account


def asked(**more):
    return {"TimePeriod": {"Start": "2026-11-01", "End": "2026-11-20"}, "Granularity": "DAILY", "Metrics": ["NetAmortizedCost", "UsageQuantity"],
            "GroupBy": [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}, {"Type": "TAG", "Key": "cost-center"}], **more}


def shows_what_was_billed_by_day_usage_type_and_tag():
    account = at_now()
    plant(account, bill=[
        billed("USE1-Host:ml.m5.xlarge", "5.52", "CC-1"), billed("USE1-Host:ml.m5.xlarge", "0.000001", "CC-1"), billed("USE1-Host:ml.m5.xlarge", "2.76", None),
        billed("USE1-Train:ml.m5.xlarge", "1.10", "CC-2", end="2026-11-03"), {**billed("USE1-BoxUsage:m5", "99", "CC-1"), "service": "Amazon EC2"}])
    ce = account["ce"]
    answer = ce.get_cost_and_usage(**asked(Filter={"Dimensions": {"Key": "SERVICE", "Values": [SERVICE, "Amazon Bedrock"]}}))
    same(len(answer["ResultsByTime"]), 19)
    first, last = answer["ResultsByTime"][0], answer["ResultsByTime"][-1]
    same(first["TimePeriod"], {"Start": "2026-11-01", "End": "2026-11-02"})
    same([g["Keys"] for g in first["Groups"]], [["USE1-Host:ml.m5.xlarge", "cost-center$"], ["USE1-Host:ml.m5.xlarge", "cost-center$CC-1"],
                                                ["USE1-Train:ml.m5.xlarge", "cost-center$CC-2"]])
    same(first["Groups"][1]["Metrics"], {"NetAmortizedCost": {"Amount": "5.520001", "Unit": "USD"}, "UsageQuantity": {"Amount": "48", "Unit": "Hrs"}})
    same((len(last["Groups"]), last["Estimated"], first["Total"]), (2, True, {}))
    same(ce.get_cost_and_usage(**asked(TimePeriod={"Start": "2026-10-01", "End": "2026-10-02"}))["ResultsByTime"][0]["Estimated"], False)
    monthly = ce.get_cost_and_usage(**asked(Granularity="MONTHLY", TimePeriod={"Start": "2026-10-01", "End": "2026-11-20"}, GroupBy=[]))
    want = [Decimal("9.380001") * 31 + 99 * 31, Decimal("8.280001") * 19 + Decimal("1.10") * 2 + 99 * 19]
    same([Decimal(r["Total"]["NetAmortizedCost"]["Amount"]) for r in monthly["ResultsByTime"]], want)
    untagged = ce.get_cost_and_usage(**asked(Filter={"And": [{"Tags": {"Key": "cost-center", "MatchOptions": ["ABSENT"]}}, {"Not": {
        "Dimensions": {"Key": "USAGE_TYPE", "Values": ["USE1-Train"], "MatchOptions": ["STARTS_WITH"]}}}]}))
    same([g["Keys"][1] for g in untagged["ResultsByTime"][0]["Groups"]], ["cost-center$"])


def shows_pages_of_a_bill():
    account = at_now()
    plant(account, bill=[billed(f"USE1-Host:ml.m5.{n}xlarge", "1", "CC-1") for n in range(7)], explorer={"page": 20})
    ce, groups, pages, token = account["ce"], [], 0, {}
    while True:
        answer = ce.get_cost_and_usage(**asked(**token))
        groups += [(r["TimePeriod"]["Start"], g["Keys"][0]) for r in answer["ResultsByTime"] for g in r["Groups"]]
        pages, token = pages + 1, {"NextPageToken": answer.get("NextPageToken")}
        if not token["NextPageToken"]:
            break
        last = token
    same((pages, len(groups), len(set(groups))), (7, 7 * 19, 7 * 19))
    same(refused(ce.get_cost_and_usage, **asked(Granularity="MONTHLY", **last))[0], "RequestChangedException")
    same(refused(ce.get_cost_and_usage, **asked(NextPageToken="nonsense"))[0], "InvalidNextTokenException")


def shows_what_was_billed_by_resource():
    account = at_now()
    arn = "arn:aws:sagemaker:us-east-1:111122223333:endpoint/fraud"
    plant(account, bill=[billed("USE1-Host:ml.m5.xlarge", "5.52", "CC-1", resource=arn), billed("USE1-DataProcessing", "0.01", "CC-1")])
    ce, by = account["ce"], [{"Type": "DIMENSION", "Key": "RESOURCE_ID"}, {"Type": "DIMENSION", "Key": "USAGE_TYPE"}]
    where = {"Dimensions": {"Key": "SERVICE", "Values": [SERVICE]}}
    answer = ce.get_cost_and_usage_with_resources(**asked(TimePeriod={"Start": "2026-11-06", "End": "2026-11-20"}, GroupBy=by, Filter=where))
    same([g["Keys"] for g in answer["ResultsByTime"][0]["Groups"]], [["NoResourceId", "USE1-DataProcessing"], [arn, "USE1-Host:ml.m5.xlarge"]])
    same(refused(ce.get_cost_and_usage_with_resources, **asked(GroupBy=by, Filter=where))[0], "ValidationException")  # older than 14 days
    same(refused(ce.get_cost_and_usage, **asked(GroupBy=by))[:2], ("ValidationException", "Dimension RESOURCE_ID is not allowed."))
    plant(account, explorer={"by_resource": False})
    asked_again = asked(TimePeriod={"Start": "2026-11-06", "End": "2026-11-20"}, GroupBy=by, Filter=where)
    same(refused(ce.get_cost_and_usage_with_resources, **asked_again)[0], "DataUnavailableException")
    plant(account, explorer={"enabled": False})
    same(refused(ce.get_cost_and_usage, **asked())[:2], ("AccessDeniedException", "User not enabled for cost explorer access"))


def shows_forecasts_and_allocation_tags():
    account = at_now()
    ce, until = account["ce"], {"TimePeriod": {"Start": "2026-11-20", "End": "2026-12-01"}, "Granularity": "MONTHLY", "Metric": "NET_AMORTIZED_COST"}
    same(refused(ce.get_cost_forecast, **until)[0], "DataUnavailableException")
    plant(account, forecast={"mean": "10.10", "low": "9", "high": "12"}, allocation_tags=[
        {"TagKey": "cost-center", "Type": "UserDefined", "Status": "Inactive", "LastUpdatedDate": "2026-01-01T00:00:00Z", "LastUsedDate": "2026-11-01T00:00:00Z"},
        {"TagKey": "aws:createdBy", "Type": "AWSGenerated", "Status": "Active"}])
    answer = ce.get_cost_forecast(PredictionIntervalLevel=80, **until)
    same(answer["Total"], {"Amount": "111.10", "Unit": "USD"})
    row = answer["ForecastResultsByTime"][0]
    same((row["MeanValue"], row["PredictionIntervalLowerBound"], row["PredictionIntervalUpperBound"]), ("111.10", "99", "132"))
    same([t["TagKey"] for t in ce.list_cost_allocation_tags(Type="UserDefined")["CostAllocationTags"]], ["cost-center"])
    same(ce.list_cost_allocation_tags(Status="Active", Type="UserDefined")["CostAllocationTags"], [])


def shows_budgets_and_whom_they_tell():
    account = at_now()
    budgets, own = account["budgets"], {"AccountId": account.id}
    tell = {"NotificationType": "FORECASTED", "ComparisonOperator": "GREATER_THAN", "Threshold": 90.0}
    subscriber = {"SubscriptionType": "EMAIL", "Address": "ml-costs@bank.example"}
    budgets.create_budget(**own, Budget={"BudgetName": "ml", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "500", "Unit": "USD"},
                                         "CostFilters": {"Service": [SERVICE]}}, NotificationsWithSubscribers=[{"Notification": tell, "Subscribers": [subscriber]}])
    expression = {"Tags": {"Key": "cost-center", "Values": ["CC-1"]}}
    budgets.create_budget(**own, Budget={"BudgetName": "tagged", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "50", "Unit": "USD"},
                                         "FilterExpression": expression, "Metrics": ["NetAmortizedCost"]})
    plant(account, budgets={"ml": {"CalculatedSpend": {"ActualSpend": {"Amount": "120.5", "Unit": "USD"}, "ForecastedSpend": {"Amount": "480", "Unit": "USD"}},
                                   "HealthStatus": {"Status": "UNHEALTHY", "StatusReason": "FILTER_INVALID", "LastUpdatedTime": NOW}}}, notifications={"ml": ["ALARM"]})
    ml, tagged = budgets.describe_budgets(**own, ShowFilterExpression=True)["Budgets"]
    same((ml["CalculatedSpend"]["ActualSpend"]["Amount"], ml["HealthStatus"]["StatusReason"], ml["CostFilters"]), ("120.5", "FILTER_INVALID", {"Service": [SERVICE]}))
    same((tagged["FilterExpression"], tagged["HealthStatus"]["Status"], str(tagged["TimePeriod"]["Start"].date())), (expression, "HEALTHY", "2026-11-01"))
    assert "FilterExpression" not in budgets.describe_budgets(**own)["Budgets"][1]
    paged = budgets.describe_budgets(**own, MaxResults=1)
    same(budgets.describe_budgets(**own, MaxResults=1, NextToken=paged["NextToken"])["Budgets"][0]["BudgetName"], "tagged")
    same([row["BudgetName"] for row in budgets.describe_budget_notifications_for_account(**own)["BudgetNotificationsForAccount"]], ["ml"])
    told = budgets.describe_notifications_for_budget(**own, BudgetName="ml")["Notifications"]
    same(told, [{**tell, "ThresholdType": "PERCENTAGE", "NotificationState": "ALARM"}])
    same(budgets.describe_notifications_for_budget(**own, BudgetName="tagged")["Notifications"], [])
    same(budgets.describe_subscribers_for_notification(**own, BudgetName="ml", Notification=told[0])["Subscribers"], [subscriber])
    same(refused(budgets.describe_notifications_for_budget, **own, BudgetName="none")[0], "NotFoundException")
    same(refused(budgets.describe_budgets, AccountId="111122223333")[0], "AccessDeniedException")
    post("/_localstack/chaos/faults", [{"account": account.id, "service": "budgets", "error": {"denied": "identity"}}])
    assert "budgets:ViewBudget" in refused(budgets.describe_budgets, **own)[1]


def shows_products_of_the_price_list():
    account = Account()
    prices = [{"service": "AmazonSageMaker", "region": region, "component": component, "item": item, "unit": "Hrs", "price": price}
              for region in ("us-east-1", "eu-west-1") for component, item, price in (("Hosting", "ml.m5.xlarge", "0.2300000000"), ("Training", "ml.m5.xlarge", "0.23"))]
    plant(account, prices=prices)
    match = lambda field, value: {"Type": "TERM_MATCH", "Field": field, "Value": value}
    answer = account["pricing"].get_products(ServiceCode="AmazonSageMaker", Filters=[match("regionCode", "us-east-1"), match("component", "Hosting")])
    product, = [json.loads(text) for text in answer["PriceList"]]
    attributes, term = product["product"]["attributes"], next(iter(product["terms"]["OnDemand"].values()))
    same((attributes["instanceName"], attributes["usagetype"], product["product"]["productFamily"]), ("ml.m5.xlarge", "USE1-Host:ml.m5.xlarge", "ML Instance"))
    dimension, = term["priceDimensions"].values()
    same((dimension["unit"], dimension["pricePerUnit"]), ("Hrs", {"USD": "0.2300000000"}))
    pages = account["pricing"].get_paginator("get_products").paginate(ServiceCode="AmazonSageMaker", PaginationConfig={"PageSize": 3})
    same([len(p["PriceList"]) for p in pages], [3, 1])
    same(refused(account["pricing"].get_products, ServiceCode="AmazonNothing")[0], "NotFoundException")


def shows_recommendations_of_those_enrolled():
    account = at_now()
    hub = account["cost-optimization-hub"]
    same(refused(hub.list_recommendations)[:2], ("AccessDeniedException", "AWS account is not enrolled for recommendations."))
    plant(account, recommendations=[{"recommendationId": "r-1", "region": "us-east-1", "resourceId": "fraud", "currentResourceType": "SageMakerEndpoint",
                                     "actionType": "Delete", "estimatedMonthlySavings": 167.9, "lastRefreshTimestamp": NOW},
                                    {"recommendationId": "r-2", "currentResourceType": "Ec2Instance", "actionType": "Stop"}])
    item, = hub.list_recommendations(filter={"resourceTypes": ["SageMakerEndpoint"]})["items"]
    same((item["accountId"], item["estimatedMonthlySavings"], item["currencyCode"]), (account.id, 167.9, "USD"))
    same(len(hub.list_recommendations(maxResults=1)["items"]), 1)
    same(hub.list_enrollment_statuses()["items"][0]["status"], "Active")


def shows_capacity_and_profiles_of_bedrock():
    account = at_now()
    bedrock, arn = account["bedrock"], f"arn:aws:bedrock:us-east-1:{account.id}:provisioned-model/abc"
    same(bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"], [])
    profile = f"arn:aws:bedrock:us-east-1:{account.id}:application-inference-profile/p1"
    model = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0"
    plant(account, provisioned=[{"provisionedModelName": "chat", "provisionedModelArn": arn, "modelArn": model, "modelUnits": 1, "creationTime": "2026-09-01T00:00:00Z"}],
          profiles=[{"inferenceProfileName": "letters", "inferenceProfileArn": profile, "inferenceProfileId": "p1", "models": [{"modelArn": model}],
                     "createdAt": "2026-09-01T00:00:00Z"}], tags={arn: {"owner": "chat@bank.example"}})
    row, = bedrock.list_provisioned_model_throughputs()["provisionedModelSummaries"]
    same((row["status"], row["desiredModelUnits"], "commitmentDuration" in row), ("InService", 1, False))
    same([p["type"] for p in bedrock.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"]], ["APPLICATION"])
    same(bedrock.list_inference_profiles(typeEquals="SYSTEM_DEFINED")["inferenceProfileSummaries"], [])
    same(bedrock.list_tags_for_resource(resourceARN=arn)["tags"], [{"key": "owner", "value": "chat@bank.example"}])
    same(refused(bedrock.list_tags_for_resource, resourceARN=arn + "d")[0], "ResourceNotFoundException")
    same(Account(account.id, "us-west-2")["bedrock"].list_inference_profiles()["inferenceProfileSummaries"], [])


def shows_what_breaks_the_tag_policy():
    account = Account()
    for name in ("sound", "broken"):
        account.model(name)
        account["sagemaker"].add_tags(ResourceArn=account["sagemaker"].describe_model(ModelName=name)["ModelArn"], Tags=[{"Key": "cost-center", "Value": "CC-1"}])
    arn = account["sagemaker"].describe_model(ModelName="broken")["ModelArn"]
    plant(account, compliance={arn: {"keys": ["cost-center"]}})
    tagging = account["resourcegroupstaggingapi"]
    rows = tagging.get_resources(IncludeComplianceDetails=True)["ResourceTagMappingList"]
    same({r["ResourceARN"] == arn: r["ComplianceDetails"] for r in rows}, {
        True: {"ComplianceStatus": False, "NoncompliantKeys": ["cost-center"], "KeysWithNoncompliantValues": []},
        False: {"ComplianceStatus": True, "NoncompliantKeys": [], "KeysWithNoncompliantValues": []}})
    same(len(tagging.get_resources(IncludeComplianceDetails=True, ExcludeCompliantResources=True)["ResourceTagMappingList"]), 1)
    assert "ComplianceDetails" not in tagging.get_resources()["ResourceTagMappingList"][0]


def shows_policies_that_scale_and_are_suspended():
    account = Account()
    account.model("m")
    account.endpoint("e", "m")
    scaling, what = account["application-autoscaling"], {
        "ServiceNamespace": "sagemaker", "ResourceId": "endpoint/e/variant/main", "ScalableDimension": "sagemaker:variant:DesiredInstanceCount"}
    state = {"DynamicScalingInSuspended": True, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False}
    scaling.register_scalable_target(**what, MinCapacity=1, MaxCapacity=4, SuspendedState=state)
    scaling.put_scaling_policy(**what, PolicyName="target", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration={
        "TargetValue": 70.0, "PredefinedMetricSpecification": {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}})
    target, = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    same(target["SuspendedState"], state)
    policy, = scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]
    same((policy["PolicyName"], policy["ResourceId"], policy["PolicyType"]), ("target", what["ResourceId"], "TargetTrackingScaling"))
    same(policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"], 70.0)


def shows_notebooks_by_the_accounts_clock():
    account = at_now()
    sagemaker = account["sagemaker"]
    sagemaker.create_notebook_instance(NotebookInstanceName="explore", InstanceType="ml.t3.medium", RoleArn=account.role)
    account.clock("2026-11-21T09:00:00Z")
    row, = sagemaker.list_notebook_instances(StatusEquals="InService")["NotebookInstances"]
    same((row["NotebookInstanceName"], row["InstanceType"], row["NotebookInstanceStatus"]), ("explore", "ml.t3.medium", "InService"))
    same(str(row["CreationTime"])[:10], "2026-11-20")
    sagemaker.stop_notebook_instance(NotebookInstanceName="explore")
    same(sagemaker.list_notebook_instances()["NotebookInstances"][0]["NotebookInstanceStatus"], "Stopped")


def shows_what_a_payer_sees_of_a_member():
    member, payer = at_now(), at_now()
    plant(member, bill=[billed("USE1-Host:ml.m5.xlarge", "5.52", "CC-1")])
    member["budgets"].create_budget(AccountId=member.id, Budget={
        "BudgetName": "ml", "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "500", "Unit": "USD"}})
    same(payer["budgets"].describe_budgets(AccountId=payer.id)["Budgets"], [])
    plant(payer, pays_for=member.id)
    same([b["BudgetName"] for b in payer["budgets"].describe_budgets(AccountId=payer.id)["Budgets"]], ["ml"])
    linked = payer["ce"].get_cost_and_usage(**asked(GroupBy=[{"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"}]))["ResultsByTime"][0]["Groups"]
    same([(g["Keys"], g["Metrics"]["NetAmortizedCost"]["Amount"]) for g in linked], [([member.id], "5.52")])

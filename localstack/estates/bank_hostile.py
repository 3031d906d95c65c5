"""What must neither confuse a reader nor break a report: other services' events, refused calls, names from strangers."""
import uuid

from .story import iso, tag_list


def events_of_other_services(story):
    """API Gateway, DMS and Comprehend have operations of the same names; SageMaker's carry our endpoints' names, too."""
    foreign = [
        ("apigateway.amazonaws.com", "CreateModel", 39.5, {"restApiId": "a1b2c3d4e5", "createModelInput": {"name": "Fraud-Screening-m2", "contentType": "application/json"},
                                                           "modelName": "Fraud-Screening-m2"}, {"name": "Fraud-Screening-m2"}),
        ("dms.amazonaws.com", "CreateEndpoint", 40.5, {"endpointIdentifier": "Fraud-Screening", "endpointName": "Fraud-Screening", "engineName": "oracle"}, None),
        ("dms.amazonaws.com", "DeleteEndpoint", 2.5, {"endpointArn": f"arn:aws:dms:{story.region}:{story.account}:endpoint:FRAUDSCREENING", "endpointName": "Fraud-Screening"}, None),
        ("comprehend.amazonaws.com", "CreateEndpoint", 40.4, {"endpointName": "card-authorisation", "desiredInferenceUnits": 1}, None),
        ("comprehend.amazonaws.com", "UpdateEndpoint", 2.4, {"endpointArn": f"arn:aws:comprehend:{story.region}:{story.account}:document-classifier-endpoint/card-authorisation",
                                                             "endpointName": "card-authorisation", "endpointConfigName": "card-authorisation-c1"}, None),
    ]
    stranger = {"type": "Root", "principalId": story.account, "arn": f"arn:aws:iam::{story.account}:root", "accountId": story.account}
    plant(story, [event(story, source, name, days, stranger, request, answer) for source, name, days, request, answer in foreign])


def refused_and_idle_calls(story):
    """The author tried to approve their own version and was refused: that is no approval. Somebody created an empty group."""
    jan = story.person("jan.devries")
    arn = f"arn:aws:sagemaker:{story.region}:{story.account}:model-package/fraud-screening/2"
    who = {"type": "AssumedRole", "principalId": f"AROAEXAMPLE:{jan.session}", "accountId": story.account,
           "arn": f"arn:aws:sts::{story.account}:assumed-role/{jan.name}/{jan.session}",
           "sessionContext": {"sessionIssuer": {"type": "Role", "userName": jan.name, "accountId": story.account, "principalId": "AROAEXAMPLE",
                                                "arn": f"arn:aws:iam::{story.account}:role/aws-reserved/sso.amazonaws.com/{jan.name}"}}}
    row = event(story, "sagemaker.amazonaws.com", "UpdateModelPackage", 38.5, who,
                {"modelPackageArn": arn, "modelApprovalStatus": "Approved", "approvalDescription": "self"}, None)
    row["event"].update(errorCode="AccessDeniedException", errorMessage=f"User: {who['arn']} is not authorized to perform: sagemaker:UpdateModelPackage")
    row["resources"] = [{"ResourceType": "AWS::SageMaker::ModelPackage", "ResourceName": arn}]
    plant(story, [row])
    story.at(days=3)
    story.client("sagemaker", jan).create_model_package_group(ModelPackageGroupName="Idle-Group")


def names_from_strangers(story):
    """Texts that a report must escape. The tag values are wilder than SageMaker lets through; a reader must bear them."""
    sagemaker = story.client("sagemaker")
    arn = sagemaker.describe_endpoint(EndpointName="Fraud-Screening")["EndpointArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=tag_list({
        "note": '=HYPERLINK("http://x","y")', "remark": "a | b `c` \u202eexe.fdp", "motto": "-1+1|@SUM(A1)", "\u540d\u524d": "\u4e0d\u6b63\u691c\u77e5"}))
    arn = sagemaker.describe_endpoint(EndpointName="sandbox-intent")["EndpointArn"]
    sagemaker.add_tags(ResourceArn=arn, Tags=tag_list({"note": "<img src=x onerror=alert(1)>", "bell": "\u001b[31mred\u001b[0m"}))
    sagemaker.update_model_package(
        ModelPackageArn=f"arn:aws:sagemaker:{story.region}:{story.account}:model-package/sandbox-intent/2",
        CustomerMetadataProperties={"formula": "=1+1", "link": "[x](javascript:alert(1))"})


def event(story, source, name, days, who, request, answer):
    when = story.ago(days=days)
    return {"event": {
        "eventVersion": "1.11", "userIdentity": who, "eventTime": iso(when), "eventSource": source, "eventName": name, "awsRegion": story.region,
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.31.0", "requestParameters": request, "responseElements": answer,
        "requestID": fixed(name, days), "eventID": fixed(source, name, days), "readOnly": False, "eventType": "AwsApiCall",
        "managementEvent": True, "recipientAccountId": story.account, "eventCategory": "Management"}, "resources": []}


def fixed(*of):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, "/".join(map(str, of))))


def plant(story, rows):
    story.post("cloudtrail/events", rows)


STORIES = [events_of_other_services, refused_and_idle_calls, names_from_strangers]

"""What must neither confuse a reader nor break a report: other services' events, refused calls, names from strangers."""
import uuid

from .story import iso, tag_list


def events_of_other_services(story):
    """API Gateway, DMS and Comprehend have operations of the same names; SageMaker's carry our endpoints' names, too."""
    arn = lambda service, what: f"arn:aws:{service}:{story.region}:{story.account}:{what}"
    foreign = [
        ("apigateway", "CreateModel", 39.5, {"restApiId": "a1b2c3d4e5", "modelName": "Fraud-Screening-m2", "createModelInput": {"name": "Fraud-Screening-m2"}}),
        ("dms", "CreateEndpoint", 40.5, {"endpointIdentifier": "Fraud-Screening", "endpointName": "Fraud-Screening", "engineName": "oracle"}),
        ("dms", "DeleteEndpoint", 2.5, {"endpointArn": arn("dms", "endpoint:FRAUDSCREENING"), "endpointName": "Fraud-Screening"}),
        ("comprehend", "CreateEndpoint", 40.4, {"endpointName": "card-authorisation", "desiredInferenceUnits": 1}),
        ("comprehend", "UpdateEndpoint", 2.4, {"endpointArn": arn("comprehend", "document-classifier-endpoint/card-authorisation"),
                                               "endpointName": "card-authorisation", "endpointConfigName": "card-authorisation-c1"}),
    ]
    stranger = {"type": "Root", "principalId": story.account, "arn": f"arn:aws:iam::{story.account}:root", "accountId": story.account}
    plant(story, [event(story, source, name, days, stranger, request) for source, name, days, request in foreign])


def refused_and_idle_calls(story):
    """The author tried to approve their own version and was refused: that is no approval. Somebody created an empty group."""
    jan = story.person("jan.devries")
    arn = f"arn:aws:sagemaker:{story.region}:{story.account}:model-package/fraud-screening/2"
    who = {"type": "AssumedRole", "principalId": f"AROAEXAMPLE:{jan.session}", "accountId": story.account,
           "arn": f"arn:aws:sts::{story.account}:assumed-role/{jan.name}/{jan.session}",
           "sessionContext": {"sessionIssuer": {"type": "Role", "userName": jan.name, "accountId": story.account, "principalId": "AROAEXAMPLE",
                                                "arn": f"arn:aws:iam::{story.account}:role/aws-reserved/sso.amazonaws.com/{jan.name}"}}}
    row = event(story, "sagemaker", "UpdateModelPackage", 38.5, who,
                {"modelPackageArn": arn, "modelApprovalStatus": "Approved", "approvalDescription": "self"})
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


def event(story, service, name, days, who, request):
    return {"resources": [], "event": {
        "eventVersion": "1.11", "userIdentity": who, "eventTime": iso(story.ago(days=days)), "eventSource": f"{service}.amazonaws.com",
        "eventName": name, "awsRegion": story.region, "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2.31.0",
        "requestParameters": request, "responseElements": None, "requestID": fixed(name, days), "eventID": fixed(service, name, days),
        "readOnly": False, "eventType": "AwsApiCall", "managementEvent": True, "recipientAccountId": story.account, "eventCategory": "Management"}}


def fixed(*of):
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, "/".join(map(str, of))))


def plant(story, rows):
    story.post("cloudtrail/events", rows)


STORIES = [events_of_other_services, refused_and_idle_calls, names_from_strangers]

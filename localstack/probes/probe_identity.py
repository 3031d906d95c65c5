"""Who called: roots, IAM users, assumed roles."""
import json

from kit import Account, refused, same

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})


def person(account, name):
    """`account` as an IAM user of that name."""
    account["iam"].create_user(UserName=name)
    return Account(account.id, account.region, account["iam"].create_access_key(UserName=name)["AccessKey"])


def shows_iam_users():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    alice = person(a, "alice")
    same(alice["sts"].get_caller_identity()["Arn"], f"arn:aws:iam::{a.id}:user/alice")
    alice["sagemaker"].create_model_package_group(ModelPackageGroupName="g")
    same(a["sagemaker"].describe_model_package_group(ModelPackageGroupName="g")["CreatedBy"]["IamIdentity"]["Arn"], f"arn:aws:iam::{a.id}:user/alice")
    who = a.events("CreateModelPackageGroup")[0]["userIdentity"]
    same((who["type"], who["userName"], who["accountId"]), ("IAMUser", "alice", a.id))


def shows_assumed_roles_with_session_names():
    a = Account()
    a.clock("2026-07-01T00:00:00Z")
    role = "AWSReservedSSO_MLApprover_0123456789abcdef"
    a["iam"].create_role(RoleName=role, Path="/aws-reserved/sso.amazonaws.com/", AssumeRolePolicyDocument=TRUST)
    bob = a.assume(f"arn:aws:iam::{a.id}:role/aws-reserved/sso.amazonaws.com/{role}", "bob@bank.example")
    arn = f"arn:aws:sts::{a.id}:assumed-role/{role}/bob@bank.example"
    same(bob["sts"].get_caller_identity()["Arn"], arn)
    bob["sagemaker"].create_model_package_group(ModelPackageGroupName="g")
    event = a["cloudtrail"].lookup_events(LookupAttributes=[{"AttributeKey": "Username", "AttributeValue": "bob@bank.example"}])["Events"]
    who = json.loads(next(e for e in event if e["EventName"] == "CreateModelPackageGroup")["CloudTrailEvent"])["userIdentity"]
    same((who["type"], who["arn"], who["sessionContext"]["sessionIssuer"]["userName"]), ("AssumedRole", arn, role))
    assert who["principalId"].startswith("AROA") and who["principalId"].endswith(":bob@bank.example"), who
    same(who["sessionContext"]["sessionIssuer"]["arn"], f"arn:aws:iam::{a.id}:role/aws-reserved/sso.amazonaws.com/{role}")
    created = a["sagemaker"].describe_model_package_group(ModelPackageGroupName="g")["CreatedBy"]["IamIdentity"]
    same((created["Arn"], created["PrincipalId"]), (arn, who["principalId"]))


def shows_a_role_of_another_account():
    hub, spoke = Account(), Account()
    trust = json.loads(TRUST)
    trust["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalId": "e-1"}}
    spoke["iam"].create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps(trust))
    arn = f"arn:aws:iam::{spoke.id}:role/Reader"
    same(refused(hub["sts"].assume_role, RoleArn=arn, RoleSessionName="session")[::2], ("AccessDenied", 403))
    same(refused(hub["sts"].assume_role, RoleArn=arn, RoleSessionName="session", ExternalId="e-2")[0], "AccessDenied")
    reader = hub.assume(arn, "countersign", ExternalId="e-1", SourceIdentity="auditor")
    same((reader.id, reader["sts"].get_caller_identity()["Account"]), (spoke.id, spoke.id))
    spoke["sagemaker"].create_model_package_group(ModelPackageGroupName="theirs")
    groups = reader["sagemaker"].list_model_package_groups()["ModelPackageGroupSummaryList"]
    same([g["ModelPackageGroupName"] for g in groups], ["theirs"])
    who = spoke.events("ListModelPackageGroups")[0]["userIdentity"]
    same((who["arn"], who["sessionContext"]["sourceIdentity"]), (f"arn:aws:sts::{spoke.id}:assumed-role/Reader/countersign", "auditor"))
    sides = [account.events("AssumeRole", "sts.amazonaws.com")[0] for account in (hub, spoke)]
    same([e["recipientAccountId"] for e in sides], [hub.id, spoke.id])
    same(sides[0]["sharedEventID"], sides[1]["sharedEventID"])
    same((sides[1]["userIdentity"]["type"], sides[1]["userIdentity"]["accountId"]), ("AWSAccount", hub.id))

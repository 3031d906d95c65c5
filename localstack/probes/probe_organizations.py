"""Organizations: accounts with chosen ids under units, who may read them, and members that are closed."""
import random

from kit import Account, post, refused, same


def organization(accounts=1):
    """A management account and the ids of members made in it."""
    management, first = Account(), random.randrange(10**11, 10**12 - 1000)
    client = management["organizations"]
    client.create_organization(FeatureSet="ALL")
    ids = [str(first + i) for i in range(accounts)]
    post("/_countersign/organizations", {"account": management.id, "ids": {f"a{i}@bank.example": id_ for i, id_ in enumerate(ids)}})
    for i in range(accounts):
        made = client.create_account(AccountName=f"account {i}", Email=f"a{i}@bank.example", Tags=[{"Key": "cost-center", "Value": f"CC-{i}"}])
        same((made["CreateAccountStatus"]["State"], made["CreateAccountStatus"]["AccountId"]), ("SUCCEEDED", ids[i]))
    return management, client, ids


def shows_accounts_with_chosen_ids_under_units():
    management, client, ids = organization(23)
    root = client.list_roots()["Roots"][0]["Id"]
    unit = client.create_organizational_unit(ParentId=root, Name="Production")["OrganizationalUnit"]["Id"]
    inner = client.create_organizational_unit(ParentId=unit, Name="Retail")["OrganizationalUnit"]["Id"]
    client.move_account(AccountId=ids[0], SourceParentId=root, DestinationParentId=inner)
    listed = lambda name, member, **how: [row["Id"] for page in client.get_paginator(name).paginate(**how) for row in page[member]]
    same(listed("list_accounts", "Accounts"), [management.id, *ids])
    same(len(client.list_accounts()["Accounts"]), 20)  # the longest page
    same(listed("list_accounts_for_parent", "Accounts", ParentId=inner), ids[:1])
    same(listed("list_organizational_units_for_parent", "OrganizationalUnits", ParentId=root), [unit])
    same(listed("list_organizational_units_for_parent", "OrganizationalUnits", ParentId=unit), [inner])
    same(client.list_parents(ChildId=ids[0])["Parents"], [{"Id": inner, "Type": "ORGANIZATIONAL_UNIT"}])
    same(client.list_tags_for_resource(ResourceId=ids[3])["Tags"], [{"Key": "cost-center", "Value": "CC-3"}])
    same(client.describe_account(AccountId=ids[3])["Account"]["Email"], "a3@bank.example")
    same(refused(client.list_accounts_for_parent, ParentId="ou-0000-00000000")[0], "ParentNotFoundException")
    again = client.create_account(AccountName="twice", Email="a3@bank.example")["CreateAccountStatus"]
    same((again["State"], again["FailureReason"]), ("FAILED", "EMAIL_ALREADY_EXISTS"))


def shows_who_may_read_an_organization():
    management, client, ids = organization(2)
    member, alone = Account(ids[0])["organizations"], Account()["organizations"]
    same(refused(member.list_accounts), ("AccessDeniedException", "You don't have permissions to access this resource.", 400))
    same(refused(member.list_roots)[0], "AccessDeniedException")
    same(member.describe_organization()["Organization"]["MasterAccountId"], management.id)
    for call in (alone.describe_organization, alone.list_accounts, alone.list_roots):
        same(refused(call)[:2], ("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."))
    client.enable_aws_service_access(ServicePrincipal="config-multiaccountsetup.amazonaws.com")
    client.register_delegated_administrator(AccountId=ids[0], ServicePrincipal="config-multiaccountsetup.amazonaws.com")
    same([row["Id"] for row in member.list_accounts()["Accounts"]], [management.id, *ids])
    same(refused(member.create_account, AccountName="x", Email="x@bank.example")[0], "AccessDeniedException")


def shows_closed_accounts():
    management, client, ids = organization(2)
    client.close_account(AccountId=ids[0])
    post("/_countersign/organizations", {"account": management.id, "set": {ids[1]: {"State": "PENDING_CLOSURE", "Status": "PENDING_CLOSURE"}}})
    same([row["Status"] for row in client.list_accounts()["Accounts"]], ["ACTIVE", "SUSPENDED", "PENDING_CLOSURE"])
    role = f"arn:aws:iam::{ids[0]}:role/countersign-reader"
    same(refused(management["sts"].assume_role, RoleArn=role, RoleSessionName="run")[::2], ("AccessDenied", 403))


def shows_names_that_follow_from_the_account():
    management = Account()
    client = management["organizations"]
    client.create_organization()
    root = client.list_roots()["Roots"][0]["Id"]
    unit = client.create_organizational_unit(ParentId=root, Name="Production")["OrganizationalUnit"]["Id"]
    assert unit.startswith(f"ou-{root[2:]}-") and client.describe_organization()["Organization"]["Id"].startswith("o-")
    client.delete_organizational_unit(OrganizationalUnitId=unit)
    same(client.create_organizational_unit(ParentId=root, Name="Production")["OrganizationalUnit"]["Id"], unit)

"""Whether the policy of a function, queue or topic lets a service in for one of the caller's resources."""
import fnmatch
import json


def allows(arn, principal, action, source):
    """Effect, principal, action and conditions on aws:SourceArn and aws:SourceAccount are looked at; any other condition is taken to hold."""
    statements = _policy(arn).get("Statement") or []
    return any(_grants(s, principal, action, source) for s in (statements if isinstance(statements, list) else [statements]))


def _grants(statement, principal, action, source):
    who = statement.get("Principal") or {}
    services = _listed(who.get("Service")) if isinstance(who, dict) else _listed(who)
    everybody = who == "*" or isinstance(who, dict) and "*" in _listed(who.get("AWS"))
    acts = any(fnmatch.fnmatchcase(action.lower(), a.lower()) for a in _listed(statement.get("Action")))
    if statement.get("Effect") != "Allow" or not acts or not (principal in services or everybody):
        return False
    for operator, wanted in (statement.get("Condition") or {}).items():
        for key, values in wanted.items():
            have = {"aws:sourcearn": source, "aws:sourceaccount": source.split(":")[4]}.get(key.lower())
            like = "like" in operator.lower() or operator.lower().startswith("arn")
            if have is not None and not any(fnmatch.fnmatchcase(have, v) if like else have == v for v in _listed(values)):
                return False
    return True


def _listed(value):
    return [] if value is None else value if isinstance(value, list) else [value]


def _policy(arn):
    from localstack.aws.connect import connect_to

    _, _, service, region, account, name = arn.split(":", 5)
    client = connect_to(aws_access_key_id=account, region_name=region)
    try:
        if service == "lambda":
            parts = name.split(":")[1:]
            text = client.lambda_.get_policy(FunctionName=parts[0], **({"Qualifier": parts[1]} if len(parts) > 1 else {}))["Policy"]
        elif service == "sqs":
            url = client.sqs.get_queue_url(QueueName=name)["QueueUrl"]
            text = client.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]).get("Attributes", {}).get("Policy")
        else:
            text = client.sns.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy")
    except Exception:
        return {}
    return json.loads(text) if text else {}

"""Who made a call: the `userIdentity` of its event, also CreatedBy and LastModifiedBy of a model package."""
from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header

from .. import clock
from ..sts import SESSIONS


def identity(context) -> dict:
    key = None
    try:
        key = extract_access_key_id_from_auth_header(context.request.headers)
    except Exception:
        pass
    account, partition = context.account_id, context.partition or "aws"
    base = {"accountId": account, **({"accessKeyId": key} if key else {})}
    try:
        from moto.iam.models import iam_backends
        from moto.sts.models import sts_backends

        if key:
            role = sts_backends[account][partition].get_assumed_role_from_access_key(key)
            if role:
                name, session = role.role_arn.split("/")[-1], SESSIONS.get(key, {})
                return {
                    "type": "AssumedRole", "principalId": role.user_id, "arn": role.arn, **base,
                    "sessionContext": {
                        "sessionIssuer": {"type": "Role", "principalId": role.user_id.split(":")[0], "arn": role.role_arn,
                                          "accountId": account, "userName": name},
                        "attributes": {"creationDate": session.get("began") or clock.iso(clock.now()), "mfaAuthenticated": "false"},
                        **({"sourceIdentity": session["source"]} if session.get("source") else {}),
                    },
                }
            user = iam_backends[account][partition].get_user_from_access_key_id(key)
            if user:
                return {"type": "IAMUser", "principalId": user.id, "arn": user.arn, **base, "userName": user.name}
    except Exception:
        pass
    return {"type": "Root", "principalId": account, "arn": f"arn:{partition}:iam::{account}:root", **base}


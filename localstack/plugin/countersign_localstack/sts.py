"""AssumeRole: an ExternalId that the role's trust policy asks for is checked, and a session remembers when and as whom it began."""
import functools
import hashlib
import json

from localstack.aws.api import CommonServiceException

from . import clock, organizations

SESSIONS: dict[str, dict] = {}  # access key -> {"began", "source"}


def patch():
    from localstack.services.sts.provider import StsProvider as P
    from moto.sts.models import AssumedRole

    plain, plain_id = P.assume_role, AssumedRole.user_id.fget

    @functools.wraps(plain)
    def assume_role(self, context, role_arn, role_session_name, external_id=None, source_identity=None, **kwargs):
        if not _trusted(context, role_arn, external_id):
            from .trail.identity import identity

            raise CommonServiceException(
                "AccessDenied", f"User: {identity(context)['arn']} is not authorized to perform: sts:AssumeRole on resource: {role_arn}", 403, True)
        answer = plain(self, context, role_arn, role_session_name, external_id=external_id, source_identity=source_identity, **kwargs)
        source = source_identity or SESSIONS.get(_key(context), {}).get("source")  # it stays through a chain of roles
        SESSIONS[answer["Credentials"]["AccessKeyId"]] = {"began": clock.iso(clock.now()), "source": source}
        return answer

    def user_id(self):
        """A role that was never created has no id; moto makes a new one at every look, here it stays the same."""
        if _role(self.role_arn) is not None:
            return plain_id(self)
        digest = hashlib.sha256(self.role_arn.encode()).hexdigest().upper()
        return f"AROA{digest.translate(str.maketrans('0189', 'WXYZ'))[:17]}:{self.session_name}"

    P.assume_role = assume_role
    AssumedRole.user_id = property(user_id)


def _key(context):
    from localstack.utils.aws.request_context import extract_access_key_id_from_auth_header

    return extract_access_key_id_from_auth_header(context.request.headers)


def _role(arn):
    from moto.iam.models import iam_backends

    parts = arn.split(":")
    return next((r for r in iam_backends[parts[4]][parts[1]].roles.values() if r.arn == arn), None)


def _trusted(context, arn, external_id):
    """Only the condition on sts:ExternalId is evaluated; a role that was never created may be assumed by anyone, no role of a
    suspended account by anybody."""
    if arn.count(":") == 5 and organizations.suspended(arn.split(":")[4], arn.split(":")[1]):
        return False
    role = _role(arn) if arn.count(":") == 5 else None
    if role is None:
        return True
    document = role.assume_role_policy_document
    document = json.loads(document) if isinstance(document, str) else document or {}
    statements = document.get("Statement") or []
    for statement in statements if isinstance(statements, list) else [statements]:
        wanted = [v for k, v in (statement.get("Condition", {}).get("StringEquals") or {}).items() if k.lower() == "sts:externalid"]
        if statement.get("Effect") == "Allow" and all(external_id in (w if isinstance(w, list) else [w]) for w in wanted):
            return True
    return False

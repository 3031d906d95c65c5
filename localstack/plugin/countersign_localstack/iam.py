"""IAM: LocalStack's simulator matches strings exactly and answers explicitDeny for what nothing allows."""
import fnmatch
import json

from . import clock


class _DefaultVersion:
    """The simulator asks every policy for its document; of those that AWS manages moto keeps it only by version."""

    def __get__(self, policy, cls):
        return next(v.document for v in policy.versions if v.version_id == policy.default_version_id)


def patch():
    from moto.iam import models
    from moto.iam.exceptions import NotFoundException
    from moto.iam.models import IAMBackend, ManagedPolicy

    models.utcnow = lambda: clock.now().replace(tzinfo=None)

    ManagedPolicy.document = _DefaultVersion()
    plain = IAMBackend.get_role

    def get_role(self, role_name):
        try:
            return plain(self, role_name)
        except NotFoundException:
            raise NotFoundException(f"The role with name {role_name} cannot be found.") from None

    IAMBackend.get_role = get_role
    from localstack.services.iam.provider import IamProvider
    from localstack.services.iam.resources.policy_simulator import BasicIAMPolicySimulator as S

    def listed(value):
        return value if isinstance(value, list) else [] if value is None else [value]

    def hit(patterns, text):
        return any(fnmatch.fnmatchcase(text.lower(), p.lower()) for p in listed(patterns))

    def decide(documents, action, resource):
        """Allow/Deny by action and resource. Conditions are not evaluated: a statement with one is taken to apply."""
        verdict, matched = "implicitDeny", []
        for name, document in documents:
            document = json.loads(document) if isinstance(document, str) else document
            for s in listed(document.get("Statement")):
                acts = hit(s["Action"], action) if "Action" in s else not hit(s.get("NotAction"), action)
                on = hit(s["Resource"], resource) if "Resource" in s else not hit(s.get("NotResource"), resource)
                if acts and on and (s.get("Resource") or s.get("NotResource")):
                    matched.append({"SourcePolicyId": name, "SourcePolicyType": "IAM Policy"})
                    if s.get("Effect") == "Deny":
                        return "explicitDeny", matched
                    verdict = "allowed"
        return verdict, matched if verdict == "allowed" else []

    def answer(documents, request):
        rows = []
        for action in request.get("ActionNames") or []:
            for resource in request.get("ResourceArns") or ["*"]:
                verdict, matched = decide(documents, action, resource)
                rows.append({"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": verdict,
                             "MatchedStatements": matched, "MissingContextValues": []})
        return {"EvaluationResults": rows, "IsTruncated": False}

    def simulate_principal_policy(self, context, request):
        backend, arn = self.get_iam_backend(context), request["PolicySourceArn"]
        documents = [(f"policy{i}", d) for i, d in enumerate(self.get_policies_from_principal(backend, arn))]
        if ":role" in arn:
            documents = documents[1:]  # the first one is the role's trust policy
        extra = [(f"input{i}", d) for i, d in enumerate(request.get("PolicyInputList") or [])]
        return answer(documents + extra, request)

    S.simulate_principal_policy = simulate_principal_policy

    def simulate_custom_policy(self, context, request=None, **kwargs):
        call = context.service_request
        return answer([(f"PolicyInputList.{i + 1}", d) for i, d in enumerate(call.get("PolicyInputList") or [])], call)

    IamProvider.simulate_custom_policy = simulate_custom_policy

"""What becomes of a stack: resources that are kept, deletions that fail, updates with the template that is there, stack sets."""
import functools
import json

from .. import organizations


def patch():
    from localstack.services.cloudformation.engine.v2.change_set_model_executor import ChangeSetModelExecutor as Executor
    from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent
    from localstack.services.cloudformation.v2.entities import Stack
    from localstack.services.cloudformation.v2.provider import CloudformationProviderV2 as P

    plain_action, plain_execute = Executor._execute_resource_action, Executor.execute
    plain_status, plain_whole = Stack.set_resource_status, Stack.set_stack_status

    def _execute_resource_action(self, action, logical_resource_id, *args, part_of_replacement=False, **how):
        removal, stack = action.value == "Remove", self._change_set.stack
        gone = stack.__dict__.setdefault("gone", set())  # by a deletion of the stack that could not be finished
        if removal and logical_resource_id in gone:
            return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={})
        if removal and _kept(stack, logical_resource_id, part_of_replacement):
            stack.skipped = getattr(stack, "skipped", set()) | {logical_resource_id}
            return ProgressEvent(status=OperationStatus.SUCCESS, resource_model={})
        event = plain_action(self, action, logical_resource_id, *args, part_of_replacement=part_of_replacement, **how)
        if removal and event.status == OperationStatus.FAILED:
            self.__dict__.setdefault("stuck", []).append(logical_resource_id)
        elif removal and stack.status.startswith("DELETE"):
            gone.add(logical_resource_id)
        return event

    def set_resource_status(self, *, logical_resource_id, status, **how):
        if status == "DELETE_COMPLETE" and logical_resource_id in getattr(self, "skipped", ()):
            self.skipped.discard(logical_resource_id)
            status = "DELETE_SKIPPED"
        plain_status(self, logical_resource_id=logical_resource_id, status=status, **how)

    def set_stack_status(self, status, *args, **how):
        """A deletion has not failed before all that can go is gone."""
        if not (status == "DELETE_FAILED" and getattr(self, "deleting", False)):
            plain_whole(self, status, *args, **how)

    def execute(self):
        """A stack of which something could not be deleted is still there."""
        stack = self._change_set.stack
        stack.deleting = deletion = stack.status == "DELETE_IN_PROGRESS"
        try:
            done = plain_execute(self)
        finally:
            stack.deleting = False
        if deletion and (stuck := self.__dict__.get("stuck")):
            raise RuntimeError(f"The following resource(s) failed to delete: [{', '.join(stuck)}].")
        return done

    Executor._execute_resource_action, Executor.execute = _execute_resource_action, execute
    Stack.set_resource_status, Stack.set_stack_status = set_resource_status, set_stack_status
    P.create_stack_set, P.create_stack_instances = _with_parameters(P.create_stack_set), _with_accounts(P.create_stack_instances)
    P.list_stack_instances = _listed_instances(P.list_stack_instances)
    P.update_stack, P.create_change_set = _with_previous_template(P.update_stack), _with_previous_template(P.create_change_set)


def _kept(stack, logical_id, replaced):
    template = stack.template or stack.processed_template or {}
    resource = (template.get("Resources") or {}).get(logical_id) or {}
    return str(resource.get("UpdateReplacePolicy" if replaced else "DeletionPolicy", "")).startswith("Retain")


def _with_previous_template(plain):
    """UpdateStack and CreateChangeSet with UsePreviousTemplate."""

    @functools.wraps(plain)
    def call(self, context, request, *args, **kwargs):
        if request.get("UsePreviousTemplate") and not request.get("TemplateBody"):
            body = self.get_template(context, stack_name=request["StackName"])["TemplateBody"]
            request["TemplateBody"] = body if isinstance(body, str) else json.dumps(body)
        return plain(self, context, request, *args, **kwargs)

    return call


def _with_parameters(plain):
    """A stack set's parameters, which LocalStack does not hand to its instances, become the defaults of its template."""

    @functools.wraps(plain)
    def call(self, context, request, *args, **kwargs):
        from localstack.services.cloudformation.engine.template_preparer import parse_template

        given = {p["ParameterKey"]: p["ParameterValue"] for p in request.get("Parameters") or [] if "ParameterValue" in p}
        if given and request.get("TemplateBody"):
            template = parse_template(request["TemplateBody"])
            for name, value in given.items():
                template.get("Parameters", {}).get(name, {})["Default"] = value
            request["TemplateBody"] = json.dumps(template, default=str)
        return plain(self, context, request, *args, **kwargs)

    return call


def _with_accounts(plain):
    """Instances for units of the organization are instances for the accounts below them, the management account left out."""

    @functools.wraps(plain)
    def call(self, context, request, *args, **kwargs):
        targets = request.get("DeploymentTargets") or {}
        if not request.get("Accounts"):
            units = targets.get("OrganizationalUnitIds") or []
            below = organizations.accounts_below(context.account_id, context.partition, units)
            named = targets.get("Accounts") or []
            chosen = {"INTERSECTION": [a for a in below if a in named], "DIFFERENCE": [a for a in below if a not in named]}
            request["Accounts"] = chosen.get(targets.get("AccountFilterType"), below or named)
        return plain(self, context, request, *args, **kwargs)

    return call


def _listed_instances(plain):
    """LocalStack looks for them where its older engine kept them."""

    @functools.wraps(plain)
    def call(self, context, *args, **kwargs):
        from localstack.services.cloudformation.stores import get_cloudformation_store
        from localstack.services.cloudformation.v2.provider import StackSetNotFoundError, find_stack_set_v2

        name = context.service_request["StackSetName"]
        found = find_stack_set_v2(get_cloudformation_store(context.account_id, context.region), name)
        if not found:
            raise StackSetNotFoundError(name)
        return {"Summaries": [{
            "StackSetId": found.stack_set_id, "Account": row.account_id, "Region": row.region_name, "StackId": row.stack_id, "Status": "CURRENT",
            "StackInstanceStatus": {"DetailedStatus": "SUCCEEDED"}} for row in found.stack_instances]}

    return call

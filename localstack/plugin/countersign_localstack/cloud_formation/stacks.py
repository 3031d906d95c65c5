"""What becomes of a stack: resources that are kept, deletions that fail, updates with the template that is there."""
import functools
import json


def patch():
    from localstack.services.cloudformation.engine.v2.change_set_model_executor import ChangeSetModelExecutor as Executor
    from localstack.services.cloudformation.resource_provider import OperationStatus, ProgressEvent
    from localstack.services.cloudformation.v2.entities import Stack
    from localstack.services.cloudformation.v2.provider import CloudformationProviderV2 as P

    plain_action, plain_execute, plain_status = Executor._execute_resource_action, Executor.execute, Stack.set_resource_status

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

    def execute(self):
        """A stack of which something could not be deleted is still there."""
        deletion = self._change_set.stack.status == "DELETE_IN_PROGRESS"
        done = plain_execute(self)
        if deletion and (stuck := self.__dict__.get("stuck")):
            raise RuntimeError(f"The following resource(s) failed to delete: [{', '.join(stuck)}].")
        return done

    Executor._execute_resource_action, Executor.execute, Stack.set_resource_status = _execute_resource_action, execute, set_resource_status
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

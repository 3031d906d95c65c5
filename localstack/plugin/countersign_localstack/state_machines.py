"""Step Functions: JSONPath without the Java machine that JSONata wants, and distributed maps whose failures count.

LocalStack knows the thresholds of tolerated failures but never looks at them, and its result writer writes a list of no files.
"""
import datetime as dt
import json
import re
import sys
import types

WHOLE_PERCENTAGE = re.compile(r'("ToleratedFailurePercentage"\s*:\s*\d+)(?=\s*[,}])')
EXCEEDED = "States.ExceedToleratedFailureThreshold"
MAP = "localstack.services.stepfunctions.asl.component.state.state_execution.state_map"


def patch():
    """LocalStack imports the bridge to Java, and what would fetch it, before it knows whether a state machine speaks JSONata."""
    bridge, packages = types.ModuleType("jpype"), types.ModuleType("localstack.services.stepfunctions.packages")
    bridge.imports, packages.jpype_jsonata_package = types.ModuleType("jpype.imports"), None
    sys.modules.update({"jpype": bridge, "jpype.imports": bridge.imports, packages.__name__: packages})


def patch_when_loaded():
    from importlib import import_module

    from localstack.services.stepfunctions.asl.parse.asl_parser import AmazonStateLanguageParser as Parser

    plain_parse = Parser.parse
    # its grammar takes a percentage with a decimal point only
    Parser.parse = staticmethod(lambda definition: plain_parse(WHOLE_PERCENTAGE.sub(r"\1.0", definition)))

    worker = import_module(f"{MAP}.iteration.itemprocessor.distributed_item_processor_worker").DistributedItemProcessorWorker
    component = import_module(f"{MAP}.iteration.distributed_iteration_component").DistributedIterationComponent
    writer = import_module(f"{MAP}.result_writer.resource_eval.resource_eval_s3").ResourceEvalS3
    plain_run = component._map_run

    def _map_run(self, env, eval_input):
        """The outputs of the children that succeeded, in the order of the items; a failure where more failed than is tolerated."""
        record = eval_input.map_run_record
        record.outcomes = []
        plain_run(self, env=env, eval_input=eval_input)
        env.stack.pop()
        record.outcomes.sort(key=lambda outcome: outcome["index"])
        failed = sum(outcome["status"] == "FAILED" for outcome in record.outcomes)
        if _too_many(failed, len(record.outcomes), record.tolerated_failure_count, record.tolerated_failure_percentage):
            raise _threshold_exceeded(env)
        env.stack.append([outcome["output"] for outcome in record.outcomes if outcome["status"] == "SUCCEEDED"])

    component._map_run = _map_run
    worker._eval_job = _run_child
    writer._handle_put_object = staticmethod(lambda env, part, credentials: _write_results(env, writer._get_s3_client(part, credentials)))


def _too_many(failed, total, count, percentage):
    """Where one threshold is given it alone holds; both, whichever is crossed first; none, not one failure is tolerated."""
    over_count, over_share = failed > count, failed * 100 > percentage * total
    return over_share if percentage and not count else over_count if count and not percentage else over_count or over_share


def _threshold_exceeded(env):
    from localstack.aws.api.stepfunctions import HistoryEventType, MapRunFailedEventDetails
    from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
    from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import StatesErrorName
    from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
    from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails

    details = MapRunFailedEventDetails(error=EXCEEDED, cause="The specified tolerated failure threshold was exceeded")
    return FailureEventException(FailureEvent(
        env=env, error_name=StatesErrorName(typ=StatesErrorNameType.StatesExceedToleratedFailureThreshold),
        event_type=HistoryEventType.MapRunFailed, event_details=EventDetails(mapRunFailedEventDetails=details)))


def _run_child(self, env, job):
    """One item's execution; in the place of LocalStack's, which forgets of what a child died."""
    from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import FailureEventException
    from localstack.services.stepfunctions.asl.eval.program_state import ProgramError, ProgramStopped

    record = self._map_run_record
    counters, began = (record.item_counter, record.execution_counter), dt.datetime.now(dt.timezone.utc)
    for counter in counters:
        counter.total.count()
        counter.running.count()
    outcome = {"index": job.job_index, "status": "FAILED", "input": job.job_input, "output": None, "error": None, "cause": None, "began": began}
    try:
        env.states.context_object.context_object_data["Map"] = {"Item": {"Index": job.job_index, "Value": job.job_input}}
        env.states.reset(job.job_input)
        env.stack.append(env.states.get_input())
        self._eval_input(env_frame=env)
        outcome["input"] = env.states.get_input()
        job.job_program.eval(env)
        state = env.program_state()
        if isinstance(state, ProgramError):
            outcome.update(error=(state.error or {}).get("error"), cause=(state.error or {}).get("cause"))
        elif isinstance(state, ProgramStopped):
            outcome["status"] = "ABORTED"
        else:
            outcome.update(status="SUCCEEDED", output=env.states.get_input())
    except FailureEventException as failure:
        outcome["error"], outcome["cause"] = failure.extract_error_cause_pair() or (None, None)
    except Exception as e:  # a fault of the interpreter's own
        outcome.update(error="States.Runtime", cause=str(e))
    outcome["ended"] = dt.datetime.now(dt.timezone.utc)
    for counter in counters:
        getattr(counter, outcome["status"].lower()).count()
        counter.running.offset(-1)
    record.outcomes.append(outcome)
    job.job_output = outcome["output"]


def _write_results(env, s3):
    """A manifest, and one file for each status that an item ended in; the state's output says where the manifest is."""
    where = env.stack.pop()
    env.stack.pop()  # the outputs
    record = env.map_run_record_pool_manager.get_all()[-1]
    prefix = where.get("Prefix", "").rstrip("/")
    folder = (prefix + "/" if prefix else "") + record.map_run_arn.split(":")[-1]
    files = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for status in ("FAILED", "SUCCEEDED"):
        rows = [_row(record, outcome) for outcome in record.outcomes if outcome["status"] == status]
        if rows:
            body, key = json.dumps(rows).encode(), f"{folder}/{status}_0.json"
            s3.put_object(Bucket=where["Bucket"], Key=key, Body=body)
            files[status].append({"Key": key, "Size": len(body)})
    manifest = {"DestinationBucket": where["Bucket"], "MapRunArn": record.map_run_arn, "ResultFiles": files}
    s3.put_object(Bucket=where["Bucket"], Key=f"{folder}/manifest.json", Body=json.dumps(manifest, indent=2).encode())
    env.stack.append({"MapRunArn": record.map_run_arn, "ResultWriterDetails": {"Bucket": where["Bucket"], "Key": f"{folder}/manifest.json"}})


def _row(record, outcome):
    name = f"{record.map_run_arn.split(':')[-1]}-{outcome['index']}"
    moment = lambda when: when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
    ends = {"Output": json.dumps(outcome["output"]), "OutputDetails": {"Included": True}} if outcome["status"] == "SUCCEEDED" else {
        "Error": outcome["error"], "Cause": outcome["cause"]}
    return {
        "ExecutionArn": record.map_state_machine_arn.replace(":stateMachine:", ":execution:") + ":" + name, "Name": name,
        "Input": json.dumps(outcome["input"]), "InputDetails": {"Included": True}, **ends, "RedriveCount": 0, "Status": outcome["status"],
        "StartDate": moment(outcome["began"]), "StopDate": moment(outcome["ended"]), "StateMachineArn": record.map_state_machine_arn}

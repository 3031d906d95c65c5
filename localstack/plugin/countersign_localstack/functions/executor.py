"""One execution environment of a function: a process and the runtime API that it asks for work. LocalStack keeps environments warm,
gives each one invocation at a time, starts another when all are busy, and stops them when the function changes."""
import json
import math
import queue
import shutil
import tempfile
import time
from pathlib import Path

from localstack.services.lambda_.invocation.lambda_models import InvocationResult
from localstack.services.lambda_.invocation.runtime_executor import RuntimeExecutor

from . import metrics
from .process import Process
from .runtime_api import RuntimeApi

INIT_SECONDS = 10  # as on AWS; a function that was not ready by then begins again with its first invocation
# set by the environment that LocalStack describes, but on AWS only by managed runtimes or by LocalStack's own init
FOREIGN = ("AWS_EXECUTION_ENV", "EDGE_PORT", "_AWS_XRAY_DAEMON_ADDRESS", "_AWS_XRAY_DAEMON_PORT", "AWS_LAMBDA_FUNCTION_TIMEOUT")


class Broken(Exception):
    """The invocation ends in this error document."""

    def __init__(self, kind, text):
        super().__init__(text)
        self.document = json.dumps({"errorType": kind, "errorMessage": text}).encode()


class ProcessExecutor(RuntimeExecutor):
    def __init__(self, id, function_version):
        super().__init__(id, function_version)
        self.process = self.api = self.folder = None
        self.environment, self.init_ms, self.fault, self.stopped = {}, None, None, False

    # --- life ----------------------------------------------------------------------------------------------------------
    def start(self, env_vars):
        self.folder = Path(tempfile.mkdtemp(prefix="lambda-"))
        code = self.function_version.config.code.get_unzipped_code_location()
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/opt/bin", "LANG": "en_US.UTF-8", "TMPDIR": str(self.folder)}
        self.environment |= {k: str(v) for k, v in env_vars.items() if k not in FOREIGN and not k.startswith("LOCALSTACK_")}
        self.environment |= {"LAMBDA_TASK_ROOT": str(code), "LAMBDA_RUNTIME_DIR": str(code)}
        try:
            self._launch()
            self._until_ready(time.monotonic() + INIT_SECONDS)
        except Broken as fault:  # told to whoever invokes the function
            self.fault = fault

    def _launch(self):
        self._end_process()
        self.api, code = RuntimeApi(), Path(self.environment["LAMBDA_TASK_ROOT"])
        said = self.api.said
        self._began = time.monotonic()
        try:
            self.process = Process(code, {**self.environment, "AWS_LAMBDA_RUNTIME_API": self.api.address},
                                   ended=lambda process, status: said.put(("exit", status)))
        except OSError as e:
            text = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]" if isinstance(e, FileNotFoundError) else str(e)
            raise Broken("Runtime.InvalidEntrypoint", text) from e

    def _until_ready(self, ends):
        what = self._hear(ends)
        if what is None:
            self._end_process()
            raise Broken("Sandbox.Timedout", f"Error: the function was not ready after {INIT_SECONDS:.2f} seconds")
        if what[0] == "init error":
            self._end_process(keep_output=True)
            fault = Broken("", "")
            fault.document = what[1]
            raise fault
        if what[0] == "exit":
            raise Broken("Runtime.ExitError", f"Error: Runtime exited {_exit(what[1])}")
        self.init_ms = (time.monotonic() - self._began) * 1000

    def _hear(self, ends):
        """The next thing that happens, None if nothing does before then."""
        try:
            return self.api.said.get(timeout=max(0, ends - time.monotonic()))
        except queue.Empty:
            return None

    def _end_process(self, keep_output=False):
        if self.process:
            self.process.kill()
        if self.api:
            self.api.close()
        self.api = None
        if not keep_output:
            self.process = None

    def stop(self):
        self.stopped = True
        self._end_process()
        if self.folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    # --- work ----------------------------------------------------------------------------------------------------------
    def invoke(self, payload):
        request, timeout = payload["invoke-id"], self.function_version.config.timeout
        began, wall = time.monotonic(), time.time()
        lines = [f"START RequestId: {request} Version: {self.function_version.id.qualifier}\n"]
        try:
            if self.fault or self.api is None or not self.process.alive:
                fault, self.fault = self.fault, None
                if fault:
                    raise fault
                self._launch()  # after a crash or a timeout AWS begins anew, in the time of the invocation
                self._until_ready(began + timeout)
            self.api.offer({
                "Lambda-Runtime-Aws-Request-Id": request, "Lambda-Runtime-Deadline-Ms": str(int((wall + timeout) * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": payload["invoked-function-arn"], "Lambda-Runtime-Trace-Id": payload["trace-id"],
            }, payload["payload"].encode())
            body, failed = self._result(request, began + timeout, timeout)
        except Broken as fault:
            body, failed = _with_request(fault.document, request), True
        spent = (time.monotonic() - began) * 1000
        process = self.process
        printed, peak = (process.take_output(), process.memory()) if process else ("", 0)
        if '"_aws"' in printed:
            metrics.publish(printed, self.function_version.id.account, self.function_version.id.region)
        lines += [printed, "" if printed.endswith("\n") or not printed else "\n"]
        if failed and (report := _timeout_line(body)):
            lines.append(report)
        init = f"Init Duration: {self.init_ms:.2f} ms\t" if self.init_ms is not None else ""
        self.init_ms = None
        lines += [f"END RequestId: {request}\n",
                  f"REPORT RequestId: {request}\tDuration: {spent:.2f} ms\tBilled Duration: {math.ceil(spent)} ms\t"
                  f"Memory Size: {self.function_version.config.memory_size} MB\tMax Memory Used: {peak} MB\t{init}\n"]
        if failed and self.api is None:
            self.process = None
        return InvocationResult(request, body, is_error=failed, logs="".join(lines))

    def _result(self, request, ends, timeout):
        """The answer (or error) and whether it is an error; over when the runtime asks for the next invocation, as on AWS."""
        answer = None
        while True:
            what = self._hear(ends)
            if what is None:
                self._end_process(keep_output=True)
                raise Broken("Sandbox.Timedout", f"Error: Task timed out after {timeout:.2f} seconds")
            if what[0] in ("answer", "error"):
                answer = what[2], what[0] == "error"
            elif what[0] == "next" and answer:
                return answer
            elif what[0] == "exit":
                self._end_process(keep_output=True)
                if answer:
                    return answer
                raise Broken("Runtime.ExitError", f"Error: Runtime exited {_exit(what[1])}")
            # a runtime that asks for the next invocation without having answered gets none

    # --- what LocalStack asks besides ------------------------------------------------------------------------------------
    def get_address(self):
        return "127.0.0.1"

    def get_endpoint_from_executor(self):
        return "127.0.0.1"

    def get_runtime_endpoint(self):
        return f"http://{self.api.address}" if self.api else ""

    def get_logs(self):
        return self.process.output.decode(errors="replace") if self.process else ""

    @classmethod
    def prepare_version(cls, function_version):
        if function_version.config.code:
            function_version.config.code.prepare_for_execution()  # unzips, and makes every file executable

    @classmethod
    def cleanup_version(cls, function_version):
        pass


def _exit(status):
    if status == 0:
        return "without providing a reason"
    return f"with error: signal: {-status}" if status < 0 else f"with error: exit status {status}"


def _with_request(document, request):
    """AWS puts the request's id before what it says itself."""
    said = json.loads(document)
    if str(said.get("errorMessage", "")).startswith("Error: "):
        said["errorMessage"] = f"RequestId: {request} {said['errorMessage']}"
    return json.dumps(said).encode()


def _timeout_line(body):
    said = json.loads(body) if body[:1] == b"{" else {}
    if said.get("errorType") != "Sandbox.Timedout":
        return None
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z ", time.gmtime()) + said["errorMessage"].replace("RequestId: ", "").replace("Error: ", "") + "\n"

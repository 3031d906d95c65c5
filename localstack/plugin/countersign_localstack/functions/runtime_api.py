"""Lambda's runtime API (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html) on a loopback port of one environment."""
import json
import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROOT = "/2018-06-01/runtime/"
LARGEST_ANSWER = 6 * 1024 * 1024 + 100


class RuntimeApi:
    """Invocations go in by `offer`; what the runtime says comes out of `said`:
    ("next",), ("answer", request id, body), ("error", request id, body) or ("init error", body)."""

    def __init__(self):
        self.said = queue.Queue()
        self.current = None  # the request id that the runtime is at work on
        self._offered = queue.Queue()
        api = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self):
                api.get(self)

            def do_POST(self):
                api.post(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.5,), name=f"runtime-api-{self.address}", daemon=True).start()

    def offer(self, headers, body):
        self.current = headers["Lambda-Runtime-Aws-Request-Id"]
        self._offered.put((headers, body))

    def close(self):
        self._offered.put(None)
        threading.Thread(target=self._stop, daemon=True).start()  # it takes as long as the server looks away

    def _stop(self):
        self._server.shutdown()
        self._server.server_close()

    def get(self, handler):
        if handler.path != ROOT + "invocation/next":
            return _reply(handler, 404, {"errorType": "InvalidPath", "errorMessage": f"no such path: {handler.path}"})
        self.said.put(("next",))
        given = self._offered.get()
        if given is None:  # the environment ends
            handler.close_connection = True
            return
        headers, body = given
        handler.send_response(200)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    def post(self, handler):
        body, path = _body(handler), handler.path.removeprefix(ROOT).split("/")
        if path == ["init", "error"]:
            self.said.put(("init error", body))
        elif len(path) == 3 and path[0] == "invocation" and path[2] in ("response", "error"):
            if path[1] != self.current:
                return _reply(handler, 400, {"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"})
            if path[2] == "response" and len(body) > LARGEST_ANSWER:
                text = f"Response payload size exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes)."
                self.said.put(("error", path[1], json.dumps({"errorMessage": text, "errorType": "Function.ResponseSizeTooLarge"}).encode()))
                return _reply(handler, 413, {"errorType": "RequestEntityTooLarge", "errorMessage": text})
            self.said.put(("answer" if path[2] == "response" else "error", path[1], body))
        else:
            return _reply(handler, 404, {"errorType": "InvalidPath", "errorMessage": f"no such path: {handler.path}"})
        _reply(handler, 202, {"status": "OK"})


def _reply(handler, status, document):
    body = json.dumps(document).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def _body(handler):
    if "chunked" not in handler.headers.get("Transfer-Encoding", ""):
        return handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
    whole = b""
    while size := int(handler.rfile.readline().split(b";")[0], 16):
        whole += handler.rfile.read(size)
        handler.rfile.readline()
    while handler.rfile.readline().strip():
        pass  # trailers
    return whole

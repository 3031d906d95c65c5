#!/usr/bin/env python3
"""A proxy that writes down every exchange between Countersign and an AWS endpoint, for replay on loopback.

    record.py --to http://127.0.0.1:4566 --out http.jsonl -- COMMAND [ARG …]

It listens on a free port of 127.0.0.1, runs COMMAND with AWS_ENDPOINT_URL pointing to itself, passes each request on and
appends one JSON line an exchange, sorted by key at the end so that two recordings of one estate differ only where the
answers do. Standard library only.
"""
import argparse
import base64
import hashlib
import http.client
import json
import os
import subprocess
import sys
import threading
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEPT_HEADERS = ("content-type", "x-amzn-requestid", "x-amz-request-id", "x-amz-bucket-region", "smithy-protocol", "location", "etag",
                "x-amz-replication-status", "x-amz-meta-signature", "x-amz-meta-signature-algorithm")


def key(session: str, method: str, path: str, target: str, body: bytes) -> str:
    """What makes two requests the same: signatures and dates in headers do not count."""
    return hashlib.sha256("\n".join([session, method, path, target]).encode() + b"\n" + body).hexdigest()


def session_of(headers) -> str:
    """The access key of an assumed role; nothing for the account that reads, whose key is its number. One request means another thing
    in another account."""
    credential = (headers.get("authorization") or "").partition("Credential=")[2].partition("/")[0]
    return "" if credential.isdigit() else credential


def text(name: str, payload: bytes) -> dict[str, str]:
    """As text where it is text, so that a recording can be read; else as base64 under `<name>_base64`."""
    try:
        return {name: payload.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(payload).decode()}


def handler(upstream: urllib.parse.SplitResult, exchanges: dict[str, dict], lock: threading.Lock):
    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self):
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            connection = http.client.HTTPConnection(upstream.hostname, upstream.port, timeout=60)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "accept-encoding")}
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            payload = answer.read()
            target, session = self.headers.get("x-amz-target", ""), session_of(self.headers)
            row = {
                **({"session": session} if session else {}), "method": self.command, "path": self.path, "target": target,
                **text("request", body), "status": answer.status,
                "headers": {k.lower(): v for k, v in answer.getheaders() if k.lower() in KEPT_HEADERS},
                **text("body", payload),
            }
            with lock:
                exchanges[key(session, self.command, self.path, target, body)] = row
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("transfer-encoding", "connection", "content-length", "server", "date"):
                    self.send_header(name, value)
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(payload)

        do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = pass_on

        def log_message(self, *_):
            pass

    return Proxy


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", required=True, help="endpoint to pass requests on to")
    parser.add_argument("--out", required=True, type=Path, help="file to write, one exchange a line")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="-- and the command to run")
    args = parser.parse_args()
    command = args.command[1:] if args.command[:1] == ["--"] else args.command
    if not command:
        parser.error("expected a command behind --")

    exchanges, lock = {}, threading.Lock()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(urllib.parse.urlsplit(args.to), exchanges, lock))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    done = subprocess.run(command, env={**os.environ, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
    server.shutdown()
    beside = args.out.with_suffix(args.out.suffix + ".part")
    beside.write_text("".join(json.dumps(exchanges[k], sort_keys=True) + "\n" for k in sorted(
        exchanges, key=lambda k: (exchanges[k]["path"], exchanges[k]["target"], k))))
    beside.replace(args.out)
    print(f"{len(exchanges)} exchanges written to {args.out}", file=sys.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())

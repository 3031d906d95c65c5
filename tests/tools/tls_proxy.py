#!/usr/bin/env python3
"""A TLS-intercepting forward proxy, as many companies run one: CONNECT in, plain HTTP to the emulator out.

    tls_proxy.py --to http://127.0.0.1:4566 --ca ca.pem [--certificates DIR]

Makes a certificate authority, writes its certificate to --ca, prints `listening on PORT` and then answers every CONNECT
with a certificate of its own for the host that was asked for. Each host is printed once, so that a test can see that
requests went this way. Needs the `cryptography` package (the emulator's environment has it).
"""
import argparse
import datetime as dt
import http.client
import socketserver
import ssl
import tempfile
import threading
import urllib.parse
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Authority:
    """Issues a certificate for any host, signed by one authority."""

    def __init__(self, ca_file: Path):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Interception Test Authority")])
        self.folder = Path(tempfile.mkdtemp(prefix="tls-proxy-"))
        self.contexts: dict[str, ssl.SSLContext] = {}
        self.lock = threading.Lock()
        certificate = self._build(self.name, self.key.public_key(), authority=True)
        ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _build(self, subject, public_key, authority=False, host=None):
        now = dt.datetime.now(dt.timezone.utc)
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self.name).public_key(public_key)
            .serial_number(x509.random_serial_number()).not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        )
        if host:
            builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        return builder.sign(self.key, hashes.SHA256())

    def context(self, host: str) -> ssl.SSLContext:
        with self.lock:
            if host not in self.contexts:
                key = ec.generate_private_key(ec.SECP256R1())
                subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
                pem = self.folder / f"{host}.pem"
                pem.write_bytes(
                    key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
                    + self._build(subject, key.public_key(), host=host).public_bytes(serialization.Encoding.PEM))
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(pem)
                self.contexts[host] = context
                print(f"intercepted {host}", flush=True)
            return self.contexts[host]


class Proxy(socketserver.StreamRequestHandler):
    authority: Authority
    upstream: urllib.parse.SplitResult

    def handle(self):
        method, target, _ = self.rfile.readline().decode().split(" ", 2)
        while self.rfile.readline() not in (b"\r\n", b"\n", b""):
            pass
        if method != "CONNECT":
            self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
            return
        host = target.rsplit(":", 1)[0]
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        try:
            with self.authority.context(host).wrap_socket(self.connection, server_side=True) as inside:
                self.serve(inside.makefile("rb"), inside, host)
        except (ssl.SSLError, ConnectionError, OSError):
            return  # the client did not trust us, or went away: that is what the test looks at

    def serve(self, stream, inside, host):
        """Answers requests on one connection until the client closes it."""
        while line := stream.readline():
            method, path, _ = line.decode().split(" ", 2)
            headers = http.client.parse_headers(stream)
            body = stream.read(int(headers.get("content-length") or 0))
            out = http.client.HTTPConnection(self.upstream.hostname, self.upstream.port, timeout=60)
            passed = {k: v for k, v in headers.items() if k.lower() not in ("connection", "accept-encoding")}
            out.request(method, path, body or None, {**passed, "Host": host})
            answer = out.getresponse()
            payload = answer.read()
            head = [f"HTTP/1.1 {answer.status} {answer.reason}"]
            head += [f"{k}: {v}" for k, v in answer.getheaders() if k.lower() not in ("transfer-encoding", "connection", "content-length")]
            inside.sendall(("\r\n".join([*head, f"Content-Length: {len(payload)}"]) + "\r\n\r\n").encode() + payload)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--to", required=True, help="where requests end up")
    parser.add_argument("--ca", required=True, type=Path, help="file that the authority's certificate is written to")
    args = parser.parse_args()
    Proxy.authority, Proxy.upstream = Authority(args.ca), urllib.parse.urlsplit(args.to)
    with Server(("127.0.0.1", 0), Proxy) as server:
        print(f"listening on {server.server_address[1]}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()

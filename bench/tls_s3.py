"""An S3 on loopback, over TLS, that stores nothing, so that a measurement shows the work of its clients alone.

`python -m bench.tls_s3 FOLDER PHOTO SECONDS` makes a certificate in FOLDER, prints its port and serves until it is
ended. It answers every GET of a manifest with 404, every other GET with PHOTO and every PUT with an ETag, each after
SECONDS.
"""

import json
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from hashlib import md5
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NO_SUCH_KEY = b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>It does not exist.</Message></Error>"


@contextmanager
def tls_s3(photo: Path, latency: float = 0.0) -> Iterator[dict[str, str]]:
    """Serve from a separate process until the block ends; yield the environment variables that clients need."""
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "bench.tls_s3", folder, str(photo), str(latency)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout
            port = json.loads(server.stdout.readline())
            try:
                yield {
                    "AWS_ENDPOINT_URL": f"https://127.0.0.1:{port}",
                    "AWS_CA_BUNDLE": f"{folder}/certificate.pem",
                    "AWS_ACCESS_KEY_ID": "local",
                    "AWS_SECRET_ACCESS_KEY": "local",
                    "AWS_DEFAULT_REGION": "eu-central-1",
                }
            finally:
                server.terminate()


def _certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "certificate.pem", folder / "key.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    encoding, kind = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(encoding, kind, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context


def _handler(photo: bytes, latency: float) -> type[BaseHTTPRequestHandler]:
    etag = md5(photo, usedforsecurity=False).hexdigest()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.partition("?")[0].endswith("manifest.json"):
                self._answer(404, NO_SUCH_KEY, {"Content-Type": "application/xml"})
            else:
                self._answer(200, photo, {"ETag": f'"{etag}"', "x-amz-version-id": "1"})

        do_HEAD = do_GET  # noqa: N815

        def do_PUT(self) -> None:
            if self.headers.get("Transfer-Encoding") == "chunked":  # used when a checksum follows the content
                content = self._chunks()
            else:
                content = self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(200, b"", {"ETag": f'"{md5(content, usedforsecurity=False).hexdigest()}"'})

        def _chunks(self) -> bytes:
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(chunks)

        def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
            sleep(latency)
            self.send_response(status)
            headers |= {"Content-Length": str(len(content)), "Last-Modified": formatdate(usegmt=True)}
            headers |= {"x-amz-request-id": "0", "x-amz-id-2": "0", "x-amz-server-side-encryption": "AES256"}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing."""

    return Handler


def main(folder: Path, photo: Path, latency: float) -> None:
    context = _certificate(folder)

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def get_request(self) -> tuple[socket.socket, Any]:
            connection, address = super().get_request()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return context.wrap_socket(connection, server_side=True), address

    server = Server(("127.0.0.1", 0), _handler(photo.read_bytes(), latency))
    print(json.dumps(server.server_address[1]), flush=True)
    server.serve_forever()


if __name__ == "__main__":
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors - {min(processors)} or processors)  # the client is measured on the first one
    main(Path(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3]))

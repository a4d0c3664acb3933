"""Two kinds of origins for browsers: a site with an empty page, and S3 behind the CORS rules of the template."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from local.cloud import PAINTINGS, PHOTOS
from local.template import load, properties

PAGE = b"<!doctype html><title>A page of another origin</title>"


@contextmanager
def site() -> Iterator[str]:
    """Serve an empty page from an origin of its own."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(PAGE)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

    with _served(Page) as url:
        yield url


@contextmanager
def s3_with_rules(endpoint: str, allowed_origin: str) -> Iterator[str]:
    """Serve S3 with the CORS headers of real S3 (Amazon S3 user guide, "Cross-origin resource sharing").

    moto allows every origin everything. So its headers are replaced by those that the CorsConfiguration of the bucket
    leads to.
    """
    template = load()
    names = {PHOTOS: "PhotosBucket", PAINTINGS: "PaintingsBucket"}
    rules = {bucket: properties(template, name)["CorsConfiguration"]["CorsRules"] for bucket, name in names.items()}
    upstream = urlsplit(endpoint).netloc

    class S3(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            asked = self.headers.get("Access-Control-Request-Method")
            headers = self.allowance(asked or self.command)
            if self.command == "OPTIONS":
                self.reply(200 if headers else 403, headers, b"")
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = HTTPConnection(upstream)
            connection.request(self.command, self.path, body, dict(self.headers.items()) | {"Host": upstream})
            answer = connection.getresponse()
            content = answer.read()
            hidden = ("access-control-", "connection", "content-length", "transfer-encoding", "vary")
            kept = {name: value for name, value in answer.getheaders() if not name.lower().startswith(hidden)}
            self.reply(answer.status, kept | headers, content)
            connection.close()

        def allowance(self, method: str) -> dict[str, str]:
            """Return the headers that let a page read the answer; none if no rule names its origin and method."""
            origin = self.headers.get("Origin")
            for rule in rules.get(urlsplit(self.path).path.split("/")[1], ()):
                origins = [
                    allowed_origin if each == {"Ref": "AllowedOrigin"} else each for each in rule["AllowedOrigins"]
                ]
                if (origin in origins or "*" in origins) and method in rule["AllowedMethods"]:
                    return {
                        "Access-Control-Allow-Origin": str(origin),
                        "Access-Control-Allow-Methods": ", ".join(rule["AllowedMethods"]),
                        "Access-Control-Allow-Headers": self.headers.get("Access-Control-Request-Headers", ""),
                        "Access-Control-Expose-Headers": ", ".join(rule.get("ExposedHeaders", ())),
                    }
            return {}

        def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response_only(status)  # S3 has its own Date
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Log nothing."""

        def __getattr__(self, name: str) -> Any:
            """Serve all HTTP methods alike: the base class looks for `do_GET` and so on."""
            if name.startswith("do_"):
                return self.serve
            raise AttributeError(name)

    with _served(S3) as url:
        yield url


@contextmanager
def _served(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield "http://{}:{}".format(*server.server_address[:2])
    finally:
        server.shutdown()
        server.server_close()

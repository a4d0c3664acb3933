"""A proxy on loopback between the function and S3: it injects the faults of a plan, and passes on the rest."""

import os
import socket
import struct
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import sleep
from urllib.parse import urlsplit

WRITES = ("PUT", "POST", "DELETE")
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass(frozen=True)
class Request:
    """A request as it arrived; `bucket` and `key` are not decoded."""

    method: str
    path: str

    @property
    def bucket(self) -> str:
        return urlsplit(self.path).path.split("/")[1]

    @property
    def key(self) -> str:
        return "/".join(urlsplit(self.path).path.split("/")[2:])


@dataclass(frozen=True)
class Answer:
    """The proxy answers in S3's place; S3 never sees the request."""

    status: int
    code: str

    def body(self) -> bytes:
        return f"<Error><Code>{self.code}</Code><Message>injected</Message></Error>".encode()


@dataclass(frozen=True)
class Cut:
    """The client gets half of the body of S3's answer; then the connection is closed, or reset."""

    reset: bool


@dataclass(frozen=True)
class Slow:
    """The client gets the body of S3's answer in pieces, with pauses between them."""

    pieces: int
    seconds_between: float


@dataclass(frozen=True)
class Hold:
    """The proxy sets `reached`, then waits for `released`; the request is never passed on."""

    reached: Event
    released: Event


@dataclass(frozen=True)
class LoseAnswer:
    """S3 gets the request and does what it asks for, but the answer never arrives."""


Fault = Answer | Cut | Slow | Hold | LoseAnswer | None
Plan = Callable[[Request], Fault]


class FaultProxy:
    """The proxy: it asks `plan` about every request, on the thread that serves it. `plan` may change at any time."""

    def __init__(self, endpoint: str, plan: Plan = lambda request: None) -> None:
        self.plan = plan
        self.upstream = urlsplit(endpoint).netloc
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.address = self._server.server_address[:2]
        self.url = "http://{}:{}".format(*self.address)

    @contextmanager
    def running(self):
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def serve(self) -> None:
            body = self._body()
            fault = proxy.plan(Request(self.command, self.path))
            match fault:
                case Answer():
                    self._send(fault.status, {"Content-Type": "application/xml"}, fault.body())
                case Hold():
                    fault.reached.set()
                    fault.released.wait(60)
                    self.close_connection = True
                case _:
                    self._pass_on(body, fault)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = serve  # noqa: N815

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding") == "chunked":
                chunks = []
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    chunks.append(self.rfile.read(size))
                    self.rfile.readline()
                self.rfile.readline()
                return b"".join(chunks)
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))

        def _pass_on(self, body: bytes, fault: Fault) -> None:
            upstream = HTTPConnection(proxy.upstream, timeout=60)
            headers = {k: v for k, v in self.headers.items() if k.lower() not in {*HOP_BY_HOP, "expect"}}
            upstream.request(self.command, self.path, body, headers | {"Content-Length": str(len(body))})
            answer = upstream.getresponse()
            content = answer.read()
            kept = {k: v for k, v in answer.getheaders() if k.lower() not in HOP_BY_HOP}
            if self.command == "HEAD":
                kept["Content-Length"] = answer.getheader("Content-Length", "0")
            upstream.close()
            if isinstance(fault, LoseAnswer):
                self._drop(reset=True)
            else:
                self._send(answer.status, kept, content, fault)

        def _send(self, status: int, headers: dict[str, str], content: bytes, fault: Fault = None) -> None:
            self.send_response_only(status)
            for name, value in ({"Content-Length": str(len(content))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            if isinstance(fault, Cut):
                self.wfile.write(content[: len(content) // 2])
                self._drop(fault.reset)
            elif isinstance(fault, Slow):
                size = -(-len(content) // fault.pieces)
                for start in range(0, len(content), size):
                    self.wfile.write(content[start : start + size])
                    sleep(fault.seconds_between)
            else:
                self.wfile.write(content)

        def _drop(self, reset: bool) -> None:
            if reset:  # no farewell: what was sent may be lost as well
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                os.close(self.connection.detach())
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # the function hung up: it was killed, or had enough
                self.close_connection = True

    return Handler

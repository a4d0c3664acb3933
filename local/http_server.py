"""An HTTP server that passes each request to one function, and sends the function's answer.

It uses the server of the standard library, which is quick to import and keeps connections alive, unlike Werkzeug's.
"""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

from .http_body import LARGEST_REQUEST, BadBody, read_body

READ_BYTES = 64 * 1024
"""Bytes read at a time from a request that is discarded."""


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Request:
    method: str
    target: str  # path and query, not decoded
    headers: dict[str, list[str]]  # lowercase names
    body: bytes


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore connections that browsers close."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def served(
    listener: socket.socket, answer: Callable[[Request], Answer], refuse: Callable[[str, BadBody], Answer]
) -> Iterator[None]:
    """Serve until the block ends, each connection in a thread of its own.

    `refuse` receives the method and the fault of a request with an unreadable body, and returns the answer.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Header and body leave in one packet. A second packet would wait for the first one's acknowledgment.
        wbufsize = -1
        disable_nagle_algorithm = True
        timeout = 60  # seconds until an idle connection is closed

        def answer(self) -> None:
            try:
                body = read_body(self.headers, self.rfile, LARGEST_REQUEST)
            except BadBody as fault:
                self.reply(refuse(self.command, fault))
                self.hang_up()
                return
            headers: dict[str, list[str]] = {}
            for name, value in self.headers.items():
                headers.setdefault(name.lower(), []).append(value)
            self.reply(answer(Request(self.command, self.path, headers, body)))

        def reply(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def hang_up(self) -> None:
            """Close the connection after reading on for a while, so that a client still sending gets the answer."""
            self.close_connection = True
            with suppress(OSError):
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_WR)
                self.connection.settimeout(1)
                left = 2 * LARGEST_REQUEST
                while left > 0 and (thrown_away := self.rfile.read1(READ_BYTES)):
                    left -= len(thrown_away)

        def log_message(self, format: str, *args: Any) -> None:
            """Log nothing: queries and headers stay out of logs, as on AWS."""

        def __getattr__(self, name: str) -> Any:
            """Handle every method alike: the base class looks up `do_GET` and so on."""
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

    server = _Server(listener.getsockname(), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()

"""The page on a plain web host, under the strict policy that the function serves it with."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from stylize.page import HERE, policy


class Host(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".wasm": "application/wasm",
        ".webmanifest": "application/manifest+json",
    }
    protocol_version = "HTTP/1.1"

    def __init__(self, *given: Any, connect: Sequence[str], **named: Any) -> None:
        self.connect = connect
        super().__init__(*given, **named)

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", f"{policy(*self.connect)}; frame-ancestors 'none'")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@contextmanager
def served(folder: Path = HERE, connect: Sequence[str] = ()) -> Iterator[str]:
    """The address of `folder`, served for as long as the context lasts; its page may ask the hosts of `connect`."""
    host = partial(Host, directory=str(folder), connect=connect)
    with ThreadingHTTPServer(("127.0.0.1", 0), host) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()

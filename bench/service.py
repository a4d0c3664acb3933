"""The service of `contender.py` behind HTTP, with a thread per request, as Flask's own server has.

Runs in the environment that has OpenCV's contrib build and nothing else: `python service.py service-before`. It prints
its port; every POST is a photo.
"""

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from contender import CONTENDERS  # type: ignore[import-not-found]  # beside this file


def main(name: str) -> None:
    paint = CONTENDERS[name]()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            paint(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])

"""Firefox as the distribution has it, driven by WebDriver BiDi, which it speaks by itself."""

import base64
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

from tests.support.browsers import program

START_SECONDS = 60


class Firefox:
    """One tab. `complaints` are errors that the page or the browser has logged."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self._last = 0
        self.complaints: list[str] = []
        self._ask("session.new", capabilities={})
        self._tab = self._ask("browsingContext.getTree")["contexts"][0]["context"]
        self._ask("session.subscribe", events=["log.entryAdded"])

    def open(self, url: str, width: int = 1440, height: int = 900) -> None:
        self._ask("browsingContext.setViewport", context=self._tab, viewport={"width": width, "height": height})
        self._ask("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    def run(self, script: str) -> Any:
        """The value of an expression in the page, awaited; by way of JSON."""
        expression = f"(async () => JSON.stringify(await ({script})))()"
        answer = self._ask("script.evaluate", expression=expression, target={"context": self._tab}, awaitPromise=True)
        if answer["type"] == "exception":
            raise AssertionError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))

    def wait_for(self, condition: str, seconds: float = 30) -> None:
        until = time.monotonic() + seconds
        while not self.run(f"Boolean({condition})"):
            assert time.monotonic() < until, f"expected {condition} within {seconds} s; {self.complaints}"
            time.sleep(0.05)

    def choose_files(self, selector: str, *paths: Path) -> None:
        expression = f"document.querySelector({json.dumps(selector)})"
        found = self._ask("script.evaluate", expression=expression, target={"context": self._tab}, awaitPromise=False)
        element = {"sharedId": found["result"]["sharedId"]}
        self._ask("input.setFiles", context=self._tab, element=element, files=[str(path) for path in paths])

    def screenshot(self) -> bytes:
        return base64.b64decode(self._ask("browsingContext.captureScreenshot", context=self._tab)["data"])

    def _ask(self, method: str, **params: Any) -> Any:
        self._last += 1
        self._socket.send(json.dumps({"id": self._last, "method": method, "params": params}))
        while True:
            said = json.loads(self._socket.recv())
            if said.get("method") == "log.entryAdded" and said["params"]["level"] == "error":
                self.complaints.append(said["params"]["text"])
            if said.get("id") == self._last:
                assert said["type"] == "success", f"{method}: {said.get('error')}: {said.get('message')}"
                return said["result"]


@contextmanager
def firefox() -> Iterator[Firefox]:
    """A Firefox without a window and with a profile of its own."""
    mozilla = program("firefox-esr", "firefox")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        command = [mozilla, "--headless", "--no-remote", "--profile", home, "--remote-debugging-port", "0"]
        environment = {"HOME": home, "PATH": "/usr/bin:/bin", "MOZ_DISABLE_AUTO_SAFE_MODE": "1", "LANG": "en_US.UTF-8"}
        log = Path(home) / "log"
        with log.open("wb") as output, subprocess.Popen(command, env=environment, stderr=output) as process:
            try:
                socket = websocket.create_connection(f"{_address(log)}/session", timeout=60, suppress_origin=True)
                yield Firefox(socket)
                socket.close()
            finally:
                process.terminate()
                process.wait(30)


def _address(log: Path) -> str:
    for _ in range(START_SECONDS * 20):
        if found := re.search(r"BiDi listening on (ws://\S+)", log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"expected Firefox to listen within {START_SECONDS} s: {log.read_text(errors='replace')}")

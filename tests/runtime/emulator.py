"""One worker of Lambda on this machine: the runtime interface emulator, Lambda's own Python client, and a build."""

import json
import os
import platform
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.request import urlopen

from tests.support import ROOT

ARCHITECTURE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
BUILD = Path(os.environ.get("BUILD", ROOT / ".aws-sam" / f"build-{ARCHITECTURE}"))
PYTHON = ROOT / "build" / "lambda" / "bin" / "python"

PAYLOAD_LIMIT = 6_291_556
"""Bytes of a request or an answer. The emulator cuts longer requests off and dies of longer answers."""


class Answer(NamedTuple):
    """What an invocation gave: the status of the emulator, and JSON."""

    status: int
    content: Any


class Emulator:
    """A running worker. It takes one request at a time, as an execution environment does, and is not asked two."""

    def __init__(self, url: str, log: Path) -> None:
        self._url = url
        self._log = log
        self._lock = Lock()

    def invoke(self, event: object, seconds: float = 60) -> Answer:
        body = json.dumps(event).encode()
        if len(body) > PAYLOAD_LIMIT:
            raise ValueError(f"expected an event of at most {PAYLOAD_LIMIT:,} bytes, got {len(body):,}")
        with self._lock:
            try:
                with urlopen(f"{self._url}/2015-03-31/functions/function/invocations", body, timeout=seconds) as got:
                    return Answer(got.status, _json(got.read()))
            except HTTPError as error:
                return Answer(error.code, _json(error.read()))

    @property
    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    @property
    def init_seconds(self) -> float:
        """As Lambda's REPORT line has it."""
        (milliseconds,) = re.findall(r"Init Duration: ([\d.]+) ms", self.log)
        return float(milliseconds) / 1000


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


@contextmanager
def emulator(
    environment: Mapping[str, str], log: Path, seconds: int = 120, memory: int = 3538, build: Path = BUILD
) -> Iterator[Emulator]:
    """Starts a worker with Lambda's variables and `environment`, and nothing of this process's; ends it at the end."""
    rapid = next((ROOT / "build" / "sam").glob("lib/python3.*/site-packages/samcli/local/rapid"))
    program = rapid / f"aws-lambda-rie-{ARCHITECTURE}"
    port, runtime_port = _free_ports()
    task_root, layer = build / "StylizeFunction", build / "OpenCvLayer"
    lambdas = {
        "PATH": os.defpath,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        "_HANDLER": "stylize.handler.lambda_handler",
        "LAMBDA_TASK_ROOT": str(task_root),
        "PYTHONPATH": f"{task_root}:{layer / 'python'}",  # Lambda: /var/task and /opt/python
        "PYTHONDONTWRITEBYTECODE": "1",  # there they can't be written to
        "AWS_LAMBDA_FUNCTION_NAME": "atelier-stylize",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(seconds),
    }
    addresses = [f"--runtime-interface-emulator-address=127.0.0.1:{port}"]
    addresses += [f"--runtime-api-address=127.0.0.1:{runtime_port}"]  # the default of both is every interface
    command = [str(program), *addresses, "--log-level=info", str(PYTHON), "-m", "awslambdaric", lambdas["_HANDLER"]]
    with log.open("wb") as lines:
        process = subprocess.Popen(
            command,
            env=dict(environment) | lambdas,
            cwd=task_root,
            stdout=lines,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_for(port, process)
            yield Emulator(f"http://127.0.0.1:{port}", log)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for each in (one, other):
            each.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"expected the emulator to listen on port {port}, got exit status {process.poll()}")

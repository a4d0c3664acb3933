"""One execution environment of the function: a process of its own, which serves one invocation at a time.

`python -m local.worker` imports the function, then reads events from standard input, until it ends. For every event it
writes two lines of JSON to standard output: that the invocation begins, and its answer. The function's own output goes
to standard error, its log.
"""

import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Timer
from time import perf_counter
from typing import IO, Any

from .event_source_mapping import Context

ROOT = Path(__file__).resolve().parent.parent


class FunctionError(Exception):
    """The function raised an exception; its log has it."""


class WorkerDied(Exception):
    """The process ended before it answered, by itself or killed after the function's timeout."""


class WorkerGone(WorkerDied):
    """The process ended before it began the invocation, which another one can still take."""


class Worker:
    """A handle of the process. A process that has ended is not restarted."""

    def __init__(self, environment: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "local.worker"],
                env={**os.environ, **environment},
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=out,
            )

    def wait_until_ready(self) -> float:
        """Wait for the function's cold start and return its seconds. Raises WorkerDied."""
        return float(self._read()["cold_start"])

    def invoke(self, event: dict[str, Any], context: Context) -> Any:
        """Invoke the function and return its answer. Raises FunctionError, WorkerDied and WorkerGone."""
        seconds = context.get_remaining_time_in_millis() / 1000
        timeout = Timer(seconds, self.process.kill)
        timeout.daemon = True
        timeout.start()
        try:
            self._write({"event": event, "request_id": context.aws_request_id, "seconds": seconds})
            self._wait_until_begun()
            reply = self._read()
        finally:
            timeout.cancel()
        if "error" in reply:
            raise FunctionError(reply["error"])
        return reply["answer"]

    def end(self, seconds: float = 10) -> None:
        """Wait for the current invocation to end, and kill the process after `seconds`."""
        with suppress(BrokenPipeError):
            _pipe(self.process.stdin).close()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _wait_until_begun(self) -> None:
        """Wait until the process has read the event. Raises WorkerGone."""
        # A killed process can look alive for a moment, and its pipe takes what nobody will read.
        try:
            self._read()
        except WorkerDied as error:
            raise WorkerGone(str(error)) from None

    def _write(self, content: dict[str, Any]) -> None:
        try:
            _pipe(self.process.stdin).write(json.dumps(content).encode() + b"\n")
            _pipe(self.process.stdin).flush()
        except (BrokenPipeError, ValueError):
            raise WorkerGone(f"expected an idle process, got exit status {self.process.poll()}") from None

    def _read(self) -> dict[str, Any]:
        line = _pipe(self.process.stdout).readline()
        if not line:
            raise WorkerDied(f"expected an answer, got exit status {self.process.wait()}")
        reply: dict[str, Any] = json.loads(line)
        return reply


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the parent decides
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # as on Lambda, where it is a log

    def reply(content: dict[str, Any]) -> None:
        answers.write(json.dumps(content).encode() + b"\n")
        answers.flush()

    start = perf_counter()
    handler = import_module("stylize.handler").lambda_handler
    reply({"cold_start": perf_counter() - start})
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        reply({"begun": asked["request_id"]})
        context = Context(aws_request_id=asked["request_id"], timeout_seconds=asked["seconds"])
        try:
            reply({"answer": handler(asked["event"], context)})
        except Exception as error:
            traceback.print_exc()
            reply({"error": f"{type(error).__name__}: {error}"})


if __name__ == "__main__":
    main()

"""The studio of `make run`, as a process of its own in a folder of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

import boto3

from tests.support import ROOT


def wait_for(condition, seconds: float = 60) -> None:
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, "waited too long"
        sleep(0.05)


@dataclass
class RunningStudio:
    """A running studio: `folder` is where it writes, `lines` are those that it has printed so far."""

    folder: Path
    process: "subprocess.Popen[str]"
    lines: list[str] = field(default_factory=list)

    def said(self, pattern: str) -> str:
        """Wait for a line that matches, and return the first group of the pattern."""
        wait_for(lambda: self._found(pattern) is not None or self.process.poll() is not None)
        found = self._found(pattern)
        assert found, "".join(self.lines)
        return found

    def _found(self, pattern: str) -> str | None:
        return next((match[1] for line in self.lines if (match := re.search(pattern, line))), None)

    @property
    def url(self) -> str:
        return self.said(r"studio is at (http://[\d.:]+)")

    @property
    def s3(self):
        """A client of its S3, with any credentials."""
        endpoint = self.said(r"S3 and SQS listen at (http://[\d.:]+)")
        return boto3.Session("any", "any", region_name="eu-central-1").client("s3", endpoint_url=endpoint)

    @property
    def workers(self) -> list[int]:
        """The process ids of its execution environments."""
        return [pid for pid, state, parent in _processes() if parent == self.process.pid and state != "Z"]


def _processes() -> Iterator[tuple[int, str, int]]:
    """Return id, state and parent of every process."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            state, parent = stat.read_text("utf-8", "replace").rpartition(")")[2].split()[:2]
            yield int(stat.parent.name), state, int(parent)


@contextmanager
def running_studio(folder: Path, *arguments: str, **environment: str) -> Iterator[RunningStudio]:
    """Start a studio that writes into `folder`, and end it as Ctrl-C does."""
    given = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "local", *arguments],
        cwd=folder,
        env={**given, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C at the tests is not Ctrl-C at the studio
    )
    studio = RunningStudio(folder, process)
    reader = Thread(target=lambda: studio.lines.extend(process.stdout or ()), daemon=True)
    reader.start()
    try:
        yield studio
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        finally:
            process.kill()

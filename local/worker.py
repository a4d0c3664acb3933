"""One execution environment of the function, as a process of its own: it can be killed.

`python -m local.worker` polls the uploads queue until it is told to stop (SIGTERM), and then ends the photo it is at.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import FrameType

import boto3

from .cloud import Cloud
from .event_source_mapping import EventSourceMapping

ROOT = Path(__file__).resolve().parent.parent


def start(cloud: Cloud, log: Path, environment: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
    """Starts a worker that logs to `log`; `environment` overrides what the template says."""
    env = {**os.environ, **cloud.environment, "UPLOADS_QUEUE_URL": cloud.uploads_url, **(environment or {})}
    with log.open("ab") as out:
        return subprocess.Popen([sys.executable, "-m", "local.worker"], env=env, cwd=ROOT, stdout=out, stderr=out)


def main() -> None:
    stopping = False

    def stop(signum: int, frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True

    signal.signal(signal.SIGTERM, stop)
    handler = import_module("stylize.handler").lambda_handler
    mapping = EventSourceMapping(boto3.client("sqs"), os.environ["UPLOADS_QUEUE_URL"], handler)
    while not stopping:
        mapping.poll(wait_seconds=1)


if __name__ == "__main__":
    main()

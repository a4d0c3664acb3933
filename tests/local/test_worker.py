"""One execution environment of the local cloud: a process that reads events."""

import os
import signal

import pytest

from local.event_source_mapping import Context
from local.worker import Worker, WorkerGone


@pytest.mark.slow
def test_the_timeout_holds_while_the_event_is_written(deployment, tmp_path):
    """A process that stops reading is killed at the timeout, although its pipe has no room for the event."""
    worker = Worker(deployment.cloud.environment, tmp_path / "log")
    worker.wait_until_ready()
    os.kill(worker.process.pid, signal.SIGSTOP)
    with pytest.raises(WorkerGone):
        worker.invoke({"body": "x" * 5_000_000}, Context(timeout_seconds=1))
    worker.end(0)

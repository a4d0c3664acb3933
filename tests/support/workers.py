"""Execution environments that poll the uploads queue, each by itself. A killed one is not replaced."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from local.cloud import Cloud
from local.event_source_mapping import EventSourceMapping
from local.worker import Worker, WorkerDied


class PollingWorker:
    """An execution environment, and the part of the event source mapping that invokes it."""

    def __init__(self, cloud: Cloud, log: Path, environment: Mapping[str, str] | None = None) -> None:
        """Start it; `environment` overrides the variables of the template."""
        self._worker = Worker({**cloud.environment, **(environment or {})}, log)
        self.process = self._worker.process
        self._ready, self._ending = Event(), Event()
        self._thread = Thread(target=self._poll, args=(cloud,), daemon=True)
        self._thread.start()

    def wait_until_ready(self, seconds: float = 60) -> None:
        """Wait until it polls, or has ended."""
        self._ready.wait(seconds)

    def kill(self) -> None:
        """End its process at once."""
        self._ending.set()
        self.process.kill()
        self._thread.join(10)
        self._worker.end()

    def end(self) -> None:
        """End it after the messages that it works on, as Lambda does before it removes an environment."""
        self._ending.set()
        self._thread.join(30)
        self._worker.end()

    def _poll(self, cloud: Cloud) -> None:
        mapping = EventSourceMapping(cloud.sqs, cloud.uploads_url, self._worker.invoke)
        try:
            self._worker.wait_until_ready()
        except WorkerDied:
            return
        finally:
            self._ready.set()
        while not self._ending.is_set() and self.process.poll() is None:
            mapping.poll(wait_seconds=1)


@contextmanager
def polling_workers(cloud: Cloud, n: int, log: Path, **environment: str) -> Iterator[list[PollingWorker]]:
    """Start `n` of them, and kill those that are left at the end; `log` takes what they print."""
    started = [PollingWorker(cloud, log, environment) for _ in range(n)]
    try:
        yield started
    finally:
        for worker in started:
            worker.kill()

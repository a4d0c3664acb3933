"""Execution environments that poll the uploads queue, each on its own, and are not replaced when they are killed."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from local.cloud import Cloud
from local.event_source_mapping import EventSourceMapping
from local.worker import Worker, WorkerDied


class PollingWorker:
    """One environment and the part of the event source mapping that hands it messages."""

    def __init__(self, cloud: Cloud, log: Path, environment: Mapping[str, str] | None = None) -> None:
        """Starts it; `environment` overrides what the template says."""
        self._worker = Worker({**cloud.environment, **(environment or {})}, log)
        self.process = self._worker.process
        self._ending = Event()
        self._thread = Thread(target=self._poll, args=(cloud,), daemon=True)
        self._thread.start()

    def kill(self) -> None:
        self._ending.set()
        self.process.kill()
        self._thread.join(10)
        self._worker.end()

    def end(self) -> None:
        """Ends it after the messages that it is at, as Lambda does before it takes an environment away."""
        self._ending.set()
        self._thread.join(30)
        self._worker.end()

    def _poll(self, cloud: Cloud) -> None:
        mapping = EventSourceMapping(cloud.sqs, cloud.uploads_url, self._worker.invoke)
        try:
            self._worker.wait_until_ready()
        except WorkerDied:
            return
        while not self._ending.is_set() and self.process.poll() is None:
            mapping.poll(wait_seconds=1)


@contextmanager
def polling_workers(cloud: Cloud, n: int, log: Path, **environment: str) -> Iterator[list[PollingWorker]]:
    started = [PollingWorker(cloud, log, environment) for _ in range(n)]
    try:
        yield started
    finally:
        for worker in started:
            worker.kill()

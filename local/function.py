"""The function as Lambda runs it: execution environments with one invocation at a time, replaced when they die."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Thread
from typing import Any

from .event_source_mapping import Context
from .worker import Worker, WorkerDied, WorkerGone

PATIENCE = 30.0
"""Seconds that an invocation waits for an environment; Lambda would start another one instead."""


class NoWorker(Exception):
    """No environment became idle in time."""


class Function:
    """Invokes the environment that has been idle longest, for the queue and for the API."""

    def __init__(
        self, workers: int, environment: Mapping[str, str], log: Path, on_ready: Callable[[float], None]
    ) -> None:
        """Start the workers; `on_ready` receives the seconds of every cold start."""
        self._environment = environment
        self._log = log
        self._on_ready = on_ready
        self._idle: Queue[Worker] = Queue()
        self._running: list[Worker] = []
        self._ending = Event()
        self._keepers = [Thread(target=self._keep, daemon=True) for _ in range(workers)]
        for keeper in self._keepers:
            keeper.start()

    def __call__(self, event: dict[str, Any], context: Context) -> Any:
        """Return the function's answer. Raises FunctionError, WorkerDied and NoWorker."""
        while True:
            worker = self._next_worker()
            try:
                return worker.invoke(event, context)
            except WorkerDied as error:
                if self._ending.is_set():
                    raise SystemExit from None  # ends this thread, because nobody waits for its answer any more
                if not isinstance(error, WorkerGone) or not context.get_remaining_time_in_millis():
                    raise
            finally:
                self._idle.put(worker)

    def end(self) -> None:
        """Kill every worker, busy or idle."""
        self._ending.set()
        for worker in list(self._running):
            worker.process.kill()
        for keeper in self._keepers:
            keeper.join()

    def _next_worker(self) -> Worker:
        while True:
            try:
                worker = self._idle.get(timeout=PATIENCE)
            except Empty:
                raise NoWorker(f"expected an idle worker within {PATIENCE:g} s, got none") from None
            if worker.process.poll() is None:
                return worker

    def _keep(self) -> None:
        """Keep one worker running until `end`."""
        while not self._ending.is_set():
            worker = Worker(self._environment, self._log)
            self._running.append(worker)
            try:
                self._on_ready(worker.wait_until_ready())
                self._idle.put(worker)
                while worker.process.poll() is None and not self._ending.wait(0.2):
                    pass
            except WorkerDied as error:
                if not self._ending.is_set():
                    print(f"a worker did not start: {error}; see {self._log}", file=sys.stderr)
                self._ending.wait(3)
            worker.end(0)
            self._running.remove(worker)

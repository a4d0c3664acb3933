"""One invocation with a batch: the real pipeline, whose threads run one at a time and stop where they wait for S3."""

import threading
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future
from typing import Any
from unittest.mock import patch

from stylize.studio import Order, Studio, pipeline

from .runs import SETTINGS, Killed, Pending, World, said, threads


class Strand:
    """A thread of the invocation: it runs when it is resumed, until it waits for requests or ends."""

    def __init__(self, body: Callable[[], None]) -> None:
        self.waiting: list[Pending] = []
        self._body = body
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    @property
    def is_current(self) -> bool:
        return threading.current_thread() is self._thread

    def resume(self) -> None:
        """Let it run until it waits again, or ends."""
        self.waiting = []
        self._go.release()
        self._stopped.acquire()

    def stop(self, waiting: Sequence[Pending]) -> None:
        """Called by the thread itself: wait until it is resumed."""
        self.waiting = list(waiting)
        self._stopped.release()
        self._go.acquire()

    def _work(self) -> None:
        self._go.acquire()
        try:
            self._body()
        except Killed:
            pass  # it is as if it had never been
        finally:
            self._stopped.release()


class StrandPool:
    """Stands in for a pool of threads: what is submitted begins at once, and the caller goes on when that waits."""

    def __init__(self, batch: "Batch") -> None:
        self._batch = batch

    def submit(self, step: Callable[[], bool]) -> "Future[bool]":
        future: Future[bool] = Future()

        def body() -> None:
            try:
                future.set_result(step())
            except Exception as error:
                future.set_exception(error)

        self._batch.begin(body)
        return future


class Batch:
    """An invocation with several orders. It stands in for RequestThreads, and for the pipeline's threads and queue."""

    def __init__(self, number: int, world: World, orders: Sequence[Order], too_late: Callable[[], bool]) -> None:
        """Begin it. `too_late` tells whether a request that is withdrawn was in flight already."""
        self.number = number
        self.ends: dict[int, str] = {}
        self.is_over = False
        self._orders, self._too_late = orders, too_late
        self._strands: list[Strand] = []
        self.is_killed = False
        self._moved: deque[Any] = deque()
        self._is_waiting_for_moves = False
        thread_pool, buffer_pool = threads(number % 4)
        self._studio = Studio(world, SETTINGS, thread_pool, buffer_pool, self)  # type: ignore[arg-type]
        self._studio.pipeline_threads.close()
        self._studio.pipeline_threads.readers = StrandPool(self)  # type: ignore[assignment]
        self._studio.pipeline_threads.finishers = StrandPool(self)  # type: ignore[assignment]
        with patch.object(pipeline, "SimpleQueue", lambda: self):
            self._main = self.begin(self._paint)
        self._wake()

    # --------------------------------------------------------------------------------- what the schedule is told

    @property
    def waiting(self) -> list[Pending]:
        return [future for strand in self._strands for future in strand.waiting]

    def go_on(self, answered: Pending) -> None:
        """Let the thread that waited for a request run on, and the main thread if that has something to do then."""
        next(strand for strand in self._strands if answered in strand.waiting).resume()
        self._wake()

    def kill(self) -> None:
        """End the process: none of its threads does anything any more."""
        self.is_killed = self.is_over = True
        for strand in self._strands:
            if strand.waiting or (strand is self._main and self._is_waiting_for_moves):
                strand.resume()  # to die where it waits

    def _wake(self) -> None:
        while self._is_waiting_for_moves and self._moved and not self.is_killed:
            self._is_waiting_for_moves = False
            self._main.resume()

    # ------------------------------------------------------------------------------------------ RequestThreads

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Pending:
        return Pending(lambda: call(*arguments), self._too_late)

    def wait(self, futures: Collection[Pending], deadline: float) -> set[Pending]:
        while not (done := {future for future in futures if future.done()}):
            self._stop([future for future in futures if not future.done()])
        return done

    # ------------------------------------------------------------------------------------- the pipeline's queue

    def put(self, photo: Any) -> None:
        self._moved.append(photo)

    def empty(self) -> bool:
        return not self._moved

    def get(self, timeout: float | None = None) -> Any:
        while not self._moved:
            self._is_waiting_for_moves = True
            self._stop([])
        return self._moved.popleft()

    # ---------------------------------------------------------------------------------------------------- strands

    def begin(self, body: Callable[[], None]) -> Strand:
        strand = Strand(body)
        self._strands.append(strand)
        strand.resume()
        return strand

    def _stop(self, waiting: Sequence[Pending]) -> None:
        if not self.is_killed:
            next(strand for strand in self._strands if strand.is_current).stop(waiting)
        if self.is_killed:
            raise Killed

    def _paint(self) -> None:
        try:
            for order, end in self._studio.paint_each(self._orders):
                number = next(n for n, other in enumerate(self._orders) if other is order)
                self.ends[number] = "ended twice" if number in self.ends else said(end)
        except Exception as error:
            self.ends = {number: repr(error) for number, _ in enumerate(self._orders)}
        self.is_over = True

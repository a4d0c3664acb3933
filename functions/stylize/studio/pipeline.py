"""Many photos in one invocation: while one is painted, those after it are read and those before it are stored.

Readers are a few photos ahead. One photo at a time, the earliest that has been read, is decoded and painted on all
threads. Finishers wait for S3's answers and record them. Two photos that share the threads would be slower, and so
would one thread per photo.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from math import inf
from queue import Empty, SimpleQueue
from time import monotonic
from typing import TYPE_CHECKING

from ..errors import BadRequest, ReturnedUnstarted
from .photo_requests import too_late

if TYPE_CHECKING:
    from .photo_run import PhotoRun
    from .studio import Order, Outcome, Studio

    Ended = tuple[Order, Outcome | Exception]

READERS, FINISHERS = 8, 16

READ_AHEAD = 3
"""The number of photos that are prefetched at first; it grows by one each time painting has to wait for a photo."""

FINISH_SECONDS = 2.0
"""The assumed time to record a photo after painting, for the decision whether there is time for another photo."""

GRACE_SECONDS = 0.5
"""The time to wait beyond the deadline for threads that should have noticed it."""


class PipelineThreads:
    """The threads of all pipelines of a studio. A thread starts when it is first needed."""

    def __init__(self) -> None:
        self.readers = ThreadPoolExecutor(READERS, "reader")
        self.finishers = ThreadPoolExecutor(FINISHERS, "finisher")

    def close(self) -> None:
        for pool in (self.readers, self.finishers):
            pool.shutdown(wait=False, cancel_futures=True)


@dataclass(eq=False)
class _Photo:
    """An order in progress. `step` is its latest work for a reader or a finisher; the result is whether to paint it."""

    order: "Order"
    run: "PhotoRun"
    step: "Future[bool]" = field(default_factory=Future)
    is_painted: bool = False

    def begin(self) -> bool:
        """Reserve memory, look the photo up and read it; return whether to paint it.

        Memory is reserved first, if the size is known, so that no open connection waits for room.
        """
        self.run.reserve(self.order.size)
        return self.run.advance() and self.read()

    def read(self) -> bool:
        self.run.read()
        return True

    @property
    def is_ready(self) -> bool:
        """Whether the photo waits to be painted. Its step may also run, have failed, or have found nothing to paint."""
        return self.step.done() and not self.step.exception() and self.step.result()


class Pipeline:
    """Paints each order once. Of two orders for one photo, the first paints it, and the second finds its result."""

    def __init__(self, studio: "Studio", orders: Sequence["Order"]) -> None:
        self._studio = studio
        self._threads = studio.pipeline_threads
        # Orders with the most receives go first, so that an order that was returned unstarted does not starve.
        self._waiting = sorted(orders, key=lambda order: -order.receives)
        self.reading: list[_Photo] = []  # started and not painted yet, in order
        self._finishing: list[_Photo] = []
        self._moved: SimpleQueue[_Photo] = SimpleQueue()  # photos whose step has ended
        self._read_ahead = READ_AHEAD
        self._slowest: float | None = None

    def go(self) -> "Iterator[Ended]":
        """Paint on the calling thread, and yield the outcome or the failure of each order."""
        try:
            while self._waiting or self.reading or self._finishing:
                yield from self._begin_reading()
                yield from self.ended()
                photo = next((photo for photo in self.reading if photo.is_ready), None)
                if photo is None:
                    if (self.reading or self._finishing) and not self._wait():
                        yield from self._give_up()
                elif not photo.is_painted and not self._has_time(0):
                    yield self._returned(photo)
                else:
                    yield from self._paint(photo)
        finally:
            for photo in self.reading:
                photo.step.cancel()

    # ------------------------------------------------------------------------------------------------ stages

    def _begin_reading(self) -> "Iterator[Ended]":
        """Start to read the next photos, except those whose key is in progress: these wait for the earlier order."""
        for order in list(self._waiting):
            if len(self.reading) >= min(self._read_ahead, READERS):
                return
            if not self._has_time(len(self.reading)):
                if not self.reading:
                    yield from self._return_the_rest()
                return
            if any(_key(photo.order) == _key(order) for photo in (*self.reading, *self._finishing)):
                continue
            self._waiting.remove(order)
            try:
                refused = self._studio.untouchable(order.photo)
            except BadRequest as failure:
                yield order, failure
                continue
            if refused:
                yield order, refused
                continue
            photo = _Photo(order, self._studio.run_of(order))
            self.reading.append(photo)
            self._begin(self._threads.readers, photo, photo.begin)

    def _paint(self, photo: _Photo) -> "Iterator[Ended]":
        began = monotonic()
        self.reading.remove(photo)
        try:
            if not self._studio.in_flight.wait_for_room(self._studio.deadline):
                raise too_late()
            photo.is_painted = True
            photo.run.paint()
        except Exception as failure:
            photo.run.abandon()
            yield photo.order, failure
            return
        self._slowest = max(self._slowest or 0.0, monotonic() - began)
        self._finishing.append(photo)
        self._begin(self._threads.finishers, photo, photo.run.advance)

    def ended(self) -> "Iterator[Ended]":
        """Yield the outcomes of photos that are finished or need no painting."""
        for photo in [photo for photo in (*self.reading, *self._finishing) if photo.step.done()]:
            stage = self.reading if photo in self.reading else self._finishing
            try:
                if photo.step.result():
                    if stage is self._finishing:  # the photo has changed meanwhile, so it is read and painted again
                        stage.remove(photo)
                        self.reading.insert(0, photo)
                        self._begin(self._threads.readers, photo, photo.read)
                    continue
                end: Outcome | Exception = self._studio.outcome_of(photo.run)
            except Exception as failure:
                end = failure
            stage.remove(photo)
            yield photo.order, end

    def _begin(self, threads: ThreadPoolExecutor, photo: _Photo, step: "Callable[[], bool]") -> None:
        photo.step = threads.submit(step)
        photo.step.add_done_callback(lambda _: self._moved.put(photo))

    # -------------------------------------------------------------------------------------------------- time

    def _wait(self) -> bool:
        """Wait until the step of a photo ends; return False if none has ended GRACE_SECONDS after the deadline."""
        if self._slowest is not None and self._waiting and self._moved.empty():
            self._read_ahead += 1
        left = self._studio.deadline - monotonic() + GRACE_SECONDS
        try:
            self._moved.get(timeout=None if left == inf else max(left, 0.0))
        except Empty:
            return False
        return True

    def _has_time(self, ahead: int) -> bool:
        """Return whether there is time for a photo after `ahead` others, if none is slower than the slowest so far."""
        left = self._studio.deadline - monotonic()
        return left > 0 if self._slowest is None else left > (ahead + 1) * self._slowest + FINISH_SECONDS

    def _returned(self, photo: _Photo) -> "Ended":
        self.reading.remove(photo)
        photo.run.abandon()
        return photo.order, _unstarted(photo.order)

    def _give_up(self) -> "Iterator[Ended]":
        for photo in (*self.reading, *self._finishing):
            yield photo.order, too_late()
        self.reading, self._finishing = [], []
        yield from self._return_the_rest()

    def _return_the_rest(self) -> "Iterator[Ended]":
        for order in self._waiting:
            yield order, _unstarted(order)
        self._waiting = []


def _key(order: "Order") -> tuple[str | None, str]:
    return order.photo.bucket, order.photo.key


def _unstarted(order: "Order") -> ReturnedUnstarted:
    return ReturnedUnstarted(f"expected time to paint {order.photo.key}, got too little before the invocation ends")

"""The threads that paint and encode, and the order in which they do it."""

from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from queue import Empty, SimpleQueue
from threading import Condition, Lock, Thread
from time import monotonic
from typing import Generic, TypeVar

import cv2

from ..errors import OutOfTime
from .kernels.library import Kernels, load

R = TypeVar("R")

Band = Callable[[], R | None]
"""A piece of work for one thread. What it returns, unless None, is a result of the run."""

Job = Generator[Sequence[Band[R]], None, None]
"""Yields stages: the bands of one stage run at the same time and in any order, the stages one after the other.

The generator is resumed when every band of the stage that it yielded last is done, so what its `with` blocks hold stays
valid that long. A stage has at least one band.
"""


class ThreadPool:
    """A fixed number of threads, and the kernels that they paint with.

    `library` holds the native kernels; None stands for the reference. OpenCV's own pool is set to one thread: two pools
    would fight over the processors.
    """

    def __init__(self, threads: int, kernels: Kernels = Kernels.AUTO, target: str | None = None) -> None:
        """`target` is what the native kernels were compiled for; None: the best that this processor runs.

        Raises KernelsUnavailable when native kernels are asked for and are not to be had.
        """
        cv2.setNumThreads(1)
        self.threads = threads
        self.library = load(kernels, target=target)
        self._scheduled: list[tuple[int, int, Callable[[], None]]] = []  # a heap: the most urgent task first
        self._number = count()
        self._changed = Condition()
        self._is_closed = False
        for i in range(threads):
            Thread(target=self._work, name=f"thread_pool-{i}", daemon=True).start()

    @property
    def kernels(self) -> Kernels:
        """NATIVE or REFERENCE."""
        return Kernels.NATIVE if self.library else Kernels.REFERENCE

    def run(self, jobs: Sequence[Job[R]], deadline: float = inf) -> Iterator[R]:
        """Runs several jobs side by side; yields the results of their bands as they come.

        Bands of an earlier job go first, so the job with the longest chain of stages belongs in front; a job starts
        when a thread has nothing more urgent to do. The first exception of a band is raised here, and OutOfTime once
        `time.monotonic()` is past `deadline`: bands that have begun are waited for, others do not begin. When the
        iterator ends, in whatever way, no band of these jobs runs any more and every job is closed.
        """
        run = Run(jobs, self.schedule)
        try:
            run.start_when_threads_are_free()
            yield from run.results(deadline)
        finally:
            run.break_off()

    def schedule(self, rank: int, tasks: Sequence[Callable[[], None]]) -> None:
        """Lets the threads do `tasks`: those of the lowest rank first, of equals the earliest."""
        with self._changed:
            for task in tasks:
                heappush(self._scheduled, (rank, next(self._number), task))
            self._changed.notify(len(tasks))

    def close(self) -> None:
        """Lets the threads end when they have nothing left to do."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._scheduled:
                    if self._is_closed:
                        return
                    self._changed.wait()
                _, _, task = heappop(self._scheduled)
            task()
            del task  # and with it the buffers that it knows, while this thread waits for another


class Run(Generic[R]):
    """The jobs of one run. The thread that does the last band of a stage begins the next one: nobody else is woken.

    The rank of a job is its place in `jobs`.
    """

    def __init__(self, jobs: Sequence[Job[R]], schedule: Callable[[int, Sequence[Callable[[], None]]], None]) -> None:
        self._jobs = jobs
        self._schedule = schedule
        self._bands_left = [0] * len(jobs)
        self._open_jobs = len(jobs)
        self._is_over = False
        self._lock = Lock()
        self._answers: SimpleQueue[tuple[R | None, BaseException | None]] = SimpleQueue()

    def start_when_threads_are_free(self) -> None:
        """Schedules the start of every job: it borrows nothing until a thread has nothing more urgent to do."""
        for rank in range(len(self._jobs)):
            self._schedule(rank, [partial(self._begin_next_stage, rank)])

    def results(self, deadline: float) -> Iterator[R]:
        while self._open_jobs or not self._answers.empty():
            try:
                result, error = self._answers.get(timeout=None if deadline == inf else max(0.0, deadline - monotonic()))
            except Empty:
                raise OutOfTime("expected to have painted before the deadline, got too little time") from None
            if error is not None:
                raise error
            if result is not None:
                yield result

    def break_off(self) -> None:
        """Waits for the bands that have begun, lets no other begin, and closes the jobs."""
        self._is_over = True
        while self._open_jobs:
            self._answers.get()
        for job in self._jobs:
            job.close()

    def _begin_next_stage(self, rank: int) -> None:
        """On a thread of the pool: begins the next stage of a job, or ends the job."""
        stage: Sequence[Band[R]] = ()
        try:
            if not self._is_over:
                stage = next(self._jobs[rank], ())
        except BaseException as raised:
            self._is_over = True
            self._answers.put((None, raised))
        if stage:
            self._bands_left[rank] = len(stage)
            self._schedule(rank, [partial(self._do, rank, band) for band in stage])
            return
        with self._lock:
            self._open_jobs -= 1
        self._answers.put((None, None))  # wakes whoever waits for the last job to end

    def _do(self, rank: int, band: Band[R]) -> None:
        """On a thread of the pool: does the band, unless the run is over, and what follows from it."""
        result, error = None, None
        try:
            if not self._is_over:
                result = band()
        except BaseException as raised:
            self._is_over, error = True, raised
        with self._lock:
            self._bands_left[rank] -= 1
            is_last = self._bands_left[rank] == 0
        if result is not None or error is not None:
            self._answers.put((result, error))
        if is_last:
            self._begin_next_stage(rank)

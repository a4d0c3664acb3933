"""The threads that paint and encode, and their schedule."""

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
"""A piece of work for one thread. Its return value, unless None, is a result of the run."""

Job = Generator[Sequence[Band[R]], None, None]
"""Yields stages. The bands of one stage run at the same time and in any order; the stages run one after the other.

The generator resumes when every band of its latest stage is done, so buffers in its `with` blocks stay valid until
then. A stage has at least one band.
"""


class ThreadPool:
    """A fixed number of threads, and the kernels that they paint with.

    `library` has the native kernels; None stands for the reference. OpenCV's own pool is set to one thread, because two
    pools would compete for the processors.
    """

    def __init__(self, threads: int, kernels: Kernels = Kernels.AUTO, target: str | None = None) -> None:
        """Start the threads. `target` selects a build of the native kernels; None: the best for this processor.

        Raises KernelsUnavailable when native kernels are required and missing.
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
        """Run several jobs at the same time, and yield the results of their bands in order of completion.

        Bands of an earlier job go first, so pass the job with the longest chain of stages first. A job starts when a
        thread has nothing more urgent to do. Raises the first exception of a band, and OutOfTime once
        `time.monotonic()` is past `deadline`; it then waits for bands that have begun, and begins no others. When the
        iterator ends, normally or by an exception, no band of these jobs runs any more and every job is closed.
        """
        run = Run(jobs, self.schedule)
        try:
            run.start_when_threads_are_free()
            yield from run.results(deadline)
        finally:
            run.break_off()

    def schedule(self, rank: int, tasks: Sequence[Callable[[], None]]) -> None:
        """Queue `tasks` for the threads: the lowest rank first, then in order of arrival."""
        with self._changed:
            for task in tasks:
                heappush(self._scheduled, (rank, next(self._number), task))
            self._changed.notify(len(tasks))

    def close(self) -> None:
        """End the threads once no tasks are left."""
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
            del task  # releases the buffers that the task refers to, while this thread waits


class Run(Generic[R]):
    """The jobs of one run. The thread that finishes the last band of a stage begins the next stage.

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
        """Schedule the start of every job. A job borrows no buffers until a thread is free to start it."""
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
        """Begin no more bands, wait for those that have begun, and close the jobs."""
        self._is_over = True
        while self._open_jobs:
            self._answers.get()
        for job in self._jobs:
            job.close()

    def _begin_next_stage(self, rank: int) -> None:
        """Begin the next stage of a job, or end the job; runs on a thread of the pool."""
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
        self._answers.put((None, None))  # wakes the caller that waits for the last job

    def _do(self, rank: int, band: Band[R]) -> None:
        """Do a band, unless the run is over, and begin the next stage after the last band; runs on the pool."""
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

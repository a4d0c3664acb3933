"""The threads that paint and encode: as many as the function has vCPUs."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from queue import Empty, SimpleQueue
from threading import Condition, Lock, Thread
from time import monotonic, thread_time

import cv2

from ..errors import OutOfTime
from .kernels import Kernels, choose

MB_PER_VCPU = 1769
"""Memory that buys a Lambda function one full vCPU (AWS Lambda developer guide, "Configure memory")."""

Band = Callable[[], object]
"""A piece of work for one thread."""

Stages = Generator[Sequence[Band], None, None]
"""A job: the bands of one stage run at the same time and in any order, its stages one after the other.

The generator is resumed when every band of the stage that it yielded last is done, so what its `with` blocks
hold stays valid that long. A stage has at least one band.
"""


def vcpus(memory_mb: int | None) -> int:
    """vCPUs of a function with `memory_mb` MB, rounded up; at most the processors this process may run on.

    None is a machine that is not Lambda: all its processors.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return available if memory_mb is None else min(available, -(-memory_mb // MB_PER_VCPU))


def timed(band: Band, spent: list[float]) -> None:
    """Does the band, and adds the CPU seconds that it took to `spent`."""
    start = thread_time()
    band()
    spent.append(thread_time() - start)


class ThreadPool:
    """A fixed number of threads, and the kernels that they paint with.

    OpenCV's own pool is set to one thread: two pools would fight over the vCPUs.
    """

    def __init__(self, threads: int, kernels: Kernels = Kernels.AUTO) -> None:
        """Raises KernelsUnavailable when native kernels are asked for and are not to be had."""
        cv2.setNumThreads(1)
        self.threads = threads
        self.kernels = choose(kernels)
        self._ready: list[tuple[int, int, Band]] = []  # a heap: the most urgent band first
        self._number = count()
        self._changed = Condition()
        self._is_closed = False
        for i in range(threads):
            Thread(target=self._serve, name=f"thread_pool-{i}", daemon=True).start()

    def run(self, jobs: Iterable[Stages], deadline: float = inf) -> Iterator[object]:
        """Runs several jobs side by side; yields what bands return, unless None, as they return it.

        Bands of an earlier job go first, so the job with the longest chain of stages belongs in front. The first
        exception of a band is raised here, and OutOfTime once `time.monotonic()` is past `deadline`: bands that have
        begun are waited for, others do not begin. When the iterator ends, in whatever way, no band of these jobs runs
        any more and every job is closed.
        """
        sitting = _Sitting(list(jobs), self._hand_out)
        try:
            sitting.begin()
            yield from sitting.results(deadline)
        finally:
            sitting.break_off()

    def close(self) -> None:
        """Lets the threads end when they have nothing left to do."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _hand_out(self, rank: int, bands: Sequence[Band]) -> None:
        with self._changed:
            for band in bands:
                heappush(self._ready, (rank, next(self._number), band))
            self._changed.notify(len(bands))

    def _serve(self) -> None:
        while True:
            with self._changed:
                while not self._ready:
                    if self._is_closed:
                        return
                    self._changed.wait()
                _, _, band = heappop(self._ready)
            band()


class _Sitting:
    """The jobs of one run. The thread that does the last band of a stage begins the next one: nobody else is woken."""

    def __init__(self, jobs: Sequence[Stages], hand_out: Callable[[int, Sequence[Band]], None]) -> None:
        self._jobs = jobs
        self._hand_out = hand_out
        self._bands_left = [0] * len(jobs)
        self._open_jobs = len(jobs)
        self._is_over = False
        self._lock = Lock()
        self._answers: SimpleQueue[tuple[object, BaseException | None]] = SimpleQueue()

    def begin(self) -> None:
        for rank in range(len(self._jobs)):
            self._advance(rank)

    def results(self, deadline: float) -> Iterator[object]:
        while self._open_jobs or not self._answers.empty():
            try:
                result, error = self._answers.get(timeout=None if deadline == inf else max(0.0, deadline - monotonic()))
            except Empty:
                raise OutOfTime("expected to have painted before the invocation ends, got too little time") from None
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

    def _work(self, rank: int, band: Band) -> None:
        """On a thread of the thread_pool: does the band, unless the run is over, and what follows from it."""
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
            self._advance(rank)

    def _advance(self, rank: int) -> None:
        """Begins the next stage of a job, or ends it."""
        stage: Sequence[Band] = ()
        try:
            if not self._is_over:
                stage = next(self._jobs[rank], ())
        except BaseException as raised:
            self._is_over = True
            self._answers.put((None, raised))
        if stage:
            self._bands_left[rank] = len(stage)
            self._hand_out(rank, [partial(self._work, rank, band) for band in stage])
            return
        with self._lock:
            self._open_jobs -= 1
        self._answers.put((None, None))  # wakes whoever waits for the last job to end

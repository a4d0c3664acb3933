"""The threads that paint, encode and upload: as many as the function has vCPUs."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from functools import partial
from itertools import count
from math import inf
from queue import Empty, PriorityQueue, SimpleQueue
from threading import Thread
from time import monotonic

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


class Crew:
    """A fixed number of threads, and the kernels that they paint with.

    OpenCV's own pool is set to one thread: two pools would fight over the vCPUs.
    """

    def __init__(self, threads: int, kernels: Kernels = Kernels.AUTO) -> None:
        """Raises KernelsUnavailable when native kernels are asked for and are not to be had."""
        cv2.setNumThreads(1)
        self.threads = threads
        self.kernels = choose(kernels)
        self._work: PriorityQueue[tuple[int, int, Band]] = PriorityQueue()
        self._number = count()
        for i in range(threads):
            Thread(target=self._serve, name=f"crew-{i}", daemon=True).start()

    def run(self, jobs: Iterable[Stages], deadline: float = inf) -> Iterator[object]:
        """Runs several jobs side by side; yields what bands return, unless None, as they return it.

        Bands of an earlier job go first, so the job with the longest chain of stages belongs in front. The first
        exception of a band is raised here, and OutOfTime once `time.monotonic()` is past `deadline`: bands that have
        begun are waited for, others do not begin. When the iterator ends, in whatever way, no band of these jobs runs
        any more and every job is closed.
        """
        jobs = list(jobs)
        sitting = _Sitting(jobs)
        try:
            for rank in range(len(jobs)):
                self._submit(sitting, rank)
            while sitting.unfinished:
                rank, result = sitting.next_finished(deadline)
                if sitting.bands_left[rank] == 0:
                    self._submit(sitting, rank)
                if result is not None:
                    yield result
        finally:
            sitting.break_off()

    def close(self) -> None:
        """Lets the threads end when they have nothing left to do."""
        for _ in range(self.threads):
            self._work.put((_LAST, next(self._number), _leave))

    def _submit(self, sitting: "_Sitting", rank: int) -> None:
        """The next stage of a job, if there is one."""
        for band in sitting.next_stage(rank):
            self._work.put((rank, next(self._number), partial(sitting.work, rank, band)))

    def _serve(self) -> None:
        while True:
            _, _, band = self._work.get()
            if band is _leave:
                return
            band()


_LAST = 1 << 30


def _leave() -> None:
    """What a thread gets instead of a band when it may end."""


class _Sitting:
    """The jobs of one run: what has been handed out and what has come back."""

    def __init__(self, jobs: Sequence[Stages]) -> None:
        self._jobs = jobs
        self._finished: SimpleQueue[tuple[int, object, BaseException | None]] = SimpleQueue()
        self._is_over = False
        self.bands_left = [0] * len(jobs)

    @property
    def unfinished(self) -> int:
        """Bands handed out that have not come back."""
        return sum(self.bands_left)

    def next_stage(self, rank: int) -> Sequence[Band]:
        stage = next(self._jobs[rank], ())
        self.bands_left[rank] = len(stage)
        return stage

    def work(self, rank: int, band: Band) -> None:
        """On a thread of the crew: does the band, unless the run is over."""
        try:
            self._finished.put((rank, None if self._is_over else band(), None))
        except BaseException as error:
            self._finished.put((rank, None, error))

    def next_finished(self, deadline: float) -> tuple[int, object]:
        """Waits for a band; returns its job's rank and what it returned, or raises what it raised, or OutOfTime."""
        try:
            left = None if deadline == inf else max(0.0, deadline - monotonic())
            rank, result, error = self._finished.get(timeout=left)
        except Empty:
            raise OutOfTime("expected to have painted before the invocation ends, got too little time") from None
        self.bands_left[rank] -= 1
        if error is not None:
            raise error
        return rank, result

    def break_off(self) -> None:
        """Waits for the bands that have begun, lets no other begin, and closes the jobs."""
        self._is_over = True
        while self.unfinished:
            rank, _, _ = self._finished.get()
            self.bands_left[rank] -= 1
        for job in self._jobs:
            job.close()

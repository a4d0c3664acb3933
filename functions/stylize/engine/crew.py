"""The threads that paint, encode and upload: as many as the function has vCPUs."""

import os
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from math import inf
from time import monotonic

import cv2

from ..errors import OutOfTime

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
    """A fixed number of threads. OpenCV's own pool is set to one: two pools would fight over the vCPUs."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="crew")
        cv2.setNumThreads(1)

    def run(self, jobs: Iterable[Stages], deadline: float = inf) -> Iterator[object]:
        """Runs several jobs side by side; yields what bands return, unless None, as they return it.

        The first exception of a band is raised here, and OutOfTime once `time.monotonic()` is past `deadline`: bands
        that have begun are waited for, others do not begin. When the iterator ends, in whatever way, no band of these
        jobs runs any more and every job is closed.
        """
        jobs = list(jobs)
        running: dict[Future[object], Stages] = {}
        bands_left: dict[Stages, int] = {}

        def advance(job: Stages) -> None:
            stage = next(job, ())
            bands_left[job] = len(stage)
            running.update((self._pool.submit(band), job) for band in stage)

        try:
            for job in jobs:
                advance(job)
            while running:
                left = None if deadline == inf else max(0.0, deadline - monotonic())
                finished = wait(running, left, FIRST_COMPLETED).done
                if monotonic() > deadline:
                    raise OutOfTime("expected to have painted before the invocation ends, got too little time")
                for done in finished:
                    job = running.pop(done)
                    result = done.result()
                    bands_left[job] -= 1
                    if bands_left[job] == 0:
                        advance(job)
                    if result is not None:
                        yield result
        finally:
            for future in running:
                future.cancel()
            wait(running)
            for job in jobs:
                job.close()

    def close(self) -> None:
        self._pool.shutdown()

"""The differences of neighbors, which pencil and watercolor share: computed once per photo."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from ..buffer_pool import BufferPool, Image
from ..kernels import native
from ..thread_pool import Stages, ThreadPool, timed


@contextmanager
def lend_differences(
    photo: Image, thread_pool: ThreadPool, buffer_pool: BufferPool, deadline: float
) -> Iterator[tuple[native.Differences, float]]:
    """Those of `photo`, in a buffer of `buffer_pool`, and the CPU seconds that they took.

    Raises OutOfTime once `time.monotonic()` is past `deadline`.
    """
    height, width = photo.shape[:2]
    with buffer_pool.borrow((native.differences_bytes(width, height),)) as buffer:
        differences = native.cut_differences(buffer, width, height)
        spent: list[float] = []
        for _ in thread_pool.run([_find(photo, differences, spent)], deadline):
            pass
        yield differences, sum(spent)


def _find(photo: Image, differences: native.Differences, spent: list[float]) -> Stages:
    for stage in native.differences_stages(photo, differences):
        yield [partial(timed, band, spent) for band in stage]

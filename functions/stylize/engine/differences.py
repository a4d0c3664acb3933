"""The differences of neighbors, which pencil and watercolor share: computed once per photo."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from .crew import Crew, Stages, timed
from .kernels import native
from .workbench import Image, Workbench


@contextmanager
def lend_differences(
    photo: Image, crew: Crew, bench: Workbench, deadline: float
) -> Iterator[tuple[native.Differences, float]]:
    """Those of `photo`, in a buffer of `bench`, and the CPU seconds that they took.

    Raises OutOfTime once `time.monotonic()` is past `deadline`.
    """
    height, width = photo.shape[:2]
    with bench.lend((native.differences_bytes(width, height),)) as buffer:
        differences = native.cut_differences(buffer, width, height)
        spent: list[float] = []
        for _ in crew.run([_find(photo, differences, spent)], deadline):
            pass
        yield differences, sum(spent)


def _find(photo: Image, differences: native.Differences, spent: list[float]) -> Stages:
    for stage in native.differences_stages(photo, differences):
        yield [partial(timed, band, spent) for band in stage]

"""The differences of neighbors, which pencil and watercolor share: computed once per photo."""

from collections.abc import Iterator
from contextlib import contextmanager

from .crew import Crew, Stages
from .kernels import native
from .workbench import Image, Workbench


@contextmanager
def lend_differences(photo: Image, crew: Crew, bench: Workbench, deadline: float) -> Iterator[native.Differences]:
    """Those of `photo`, in a buffer of `bench`. Raises OutOfTime once `time.monotonic()` is past `deadline`."""
    height, width = photo.shape[:2]
    with bench.lend((native.differences_bytes(width, height),)) as buffer:
        differences = native.cut_differences(buffer, width, height)
        for _ in crew.run([_find(photo, differences)], deadline):
            pass
        yield differences


def _find(photo: Image, differences: native.Differences) -> Stages:
    yield from native.differences_stages(photo, differences)

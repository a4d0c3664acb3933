"""Bands: any division, order and number of threads give the same bytes, and nothing is written outside."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.lib.array_utils import byte_bounds

from stylize.engine import DEFAULTS
from stylize.engine.kernels.library import Library
from stylize.engine.styles import STYLE_GROUPS
from stylize.engine.styles.differences import differences_stages
from stylize.engine.styles.painter import Painter, cut_stages, stride_of
from stylize.engine.styles.pencil import Pencil
from stylize.engine.styles.planes import DIFFERENCES, Arrays, Differences, Planes
from stylize.engine.styles.watercolor import Watercolor
from tests.support.guarded import Guarded, GuardedPool
from tests.support.pictures import Picture, named

Painted = dict[str, list[np.ndarray]]

BEYOND = 3
"""Pixels by which a padded row is longer than the photo."""


class GuardedPhoto:
    """A photo, with guards around every buffer that is painted in."""

    def __init__(self, photo: np.ndarray, library: Library) -> None:
        self.photo, self.library, self.pool = photo, library, GuardedPool()
        self.height, self.width = photo.shape[:2]
        self._planes: list[Guarded] = []
        self._canvases: list[Guarded] = []
        self.differences = Differences(*self._new_planes(DIFFERENCES))

    def arrays(self, painter: Painter) -> Arrays:
        canvases = [Guarded(canvas.shape(self.height, self.width), np.uint8) for canvas in painter.canvases]
        self._canvases += canvases
        planes = self._new_planes(painter.planes) if painter.planes else []
        differences = self.differences if painter.needs_differences else None
        return Arrays(self.photo, [canvas.array for canvas in canvases], planes, differences)

    def check(self) -> None:
        for guarded in [*self._canvases, *self._planes, *self.pool.borrowed]:
            guarded.check()
        for plane in self._planes:
            assert (plane.array[:, self.width :].view(np.uint8) == Guarded.MARK).all(), "written beyond the width"

    def _new_planes(self, kind: Planes) -> list[np.ndarray]:
        shape = kind.shape(self.height, self.width + BEYOND if kind.is_padded else self.width)
        made = [Guarded(shape, kind.dtype) for _ in range(kind.count)]
        self._planes += made
        return [plane.array for plane in made]


def paint_all(
    library: Library, photo: np.ndarray, rows: int, columns: int, threads: int = 1, order: int = 0
) -> Painted:
    """All styles, cut into bands of `rows` and `columns`, which are begun in an `order`; 0: as they come."""
    guarded = GuardedPhoto(photo, library)
    painters = [with_bands(group.painter(DEFAULTS), rows=rows, columns=columns) for group in STYLE_GROUPS]
    painted = {type(painter).__name__: guarded.arrays(painter) for painter in painters}
    styles = [differences_stages(photo, guarded.differences, library, guarded.pool, rows)]
    styles += [cut_stages(painter, painted[type(painter).__name__], library, guarded.pool) for painter in painters]
    chance = np.random.default_rng(order)
    with ThreadPoolExecutor(threads) as pool:
        for stage in (stage for stages in styles for stage in stages):
            begun = chance.permutation(len(stage)) if order else range(len(stage))
            for done in [pool.submit(stage[k]) for k in begun]:
                done.result()
    guarded.check()
    return {name: list(arrays.canvases) for name, arrays in painted.items()}


def with_bands(painter: Any, **sizes: int) -> Painter:
    """The same painter with other bands; not every one cuts columns."""
    return replace(painter, **{name: size for name, size in sizes.items() if hasattr(painter, name)})


def assert_cut(
    library: Library,
    photo: Picture,
    rows: int,
    columns: int,
    threads: int = 1,
    order: int = 0,
    whole: Painted | None = None,
) -> None:
    painted = paint_all(library, photo.pixels, rows, columns, threads, order)
    whole = whole or paint_all(library, photo.pixels, *photo.pixels.shape[:2])
    for name, canvases in painted.items():
        for canvas, right in zip(canvases, whole[name], strict=True):
            what = f"{name} of {photo.name}: bands of {rows} rows, {columns} columns, {threads} threads, order {order}"
            np.testing.assert_array_equal(canvas, right, what)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 5), (7, 8), (16, 33), (1000, 1000)])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (9, 70), (50, 41)])
def test_cuts(library: Library, height: int, width: int, rows: int, columns: int) -> None:
    """Any division of a photo into bands gives the same paintings."""
    assert_cut(library, named("scene", height, width), rows, columns)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 90),
    rows=st.integers(1, 60),
    columns=st.integers(1, 90),
    order=st.integers(1, 1 << 30),
)
def test_any_cut_in_any_order(library: Library, height: int, width: int, rows: int, columns: int, order: int) -> None:
    """Random bands in random order give the same paintings."""
    assert_cut(library, named("scene", height, width, seed=order), rows, columns, order=order)


@pytest.mark.parametrize("threads", [2, 4, 8])
def test_threads(library: Library, threads: int) -> None:
    """Any number of threads gives the same paintings as one thread."""
    photo = named("scene", 211, 317)
    whole = paint_all(library, photo.pixels, 211, 317)
    for _ in range(3):
        assert_cut(library, photo, 10, 24, threads, whole=whole)


@pytest.mark.parametrize("offset", [0, 2, 48])
@pytest.mark.parametrize(
    "kind", [DIFFERENCES, Pencil.planes, Watercolor.planes], ids=["differences", "counts", "washes"]
)
def test_planes_are_cut_from_buffers(library: Library, kind: Planes, offset: int) -> None:
    """A buffer of the stated size holds the planes at any alignment, each from the start of a cache line."""
    height, width = 5, 23
    stride = stride_of(kind, width, library)
    buffer = np.empty(kind.size(height, stride) + offset, np.uint8)[offset:]
    planes = kind.cut(buffer, height, stride)
    bounds = [byte_bounds(plane) for plane in planes]
    first, last = byte_bounds(buffer)
    assert [plane.shape for plane in planes] == [kind.shape(height, stride)] * kind.count
    assert planes[0].ctypes.data % 64 == 0
    assert stride >= width
    assert all(first <= start < end <= last for start, end in bounds)
    assert all(end <= start for (_, end), (start, _) in pairwise(bounds))


@pytest.mark.parametrize(
    "kind", [DIFFERENCES, Pencil.planes, Watercolor.planes], ids=["differences", "counts", "washes"]
)
@pytest.mark.parametrize("width", [120, 121, 128, 135, 136, 137, 1920, 3001])
def test_buffers_laid_out_by_pixels_are_large_enough(library: Library, kind: Planes, width: int) -> None:
    """Buffers allocated by pixel count suffice for rows of at least 120 pixels."""
    size = kind.size(80, stride_of(kind, width, library))
    assert size <= kind.size_at_most(80 * width)

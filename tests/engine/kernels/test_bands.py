"""Bands: any cut, any order and any number of threads give the same bytes, and nothing outside is written."""

from concurrent.futures import ThreadPoolExecutor
from types import ModuleType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.lib.array_utils import byte_bounds

from stylize.engine.kernels import library
from tests.support.photos import Guarded, make

Painted = dict[str, np.ndarray]


class GuardedBench:
    """Lends scratch of exactly the size asked for, at an odd address, with guards around."""

    def __init__(self) -> None:
        self.lent: list[Guarded] = []

    def acquire(self, size: int) -> np.ndarray:
        buffer = Guarded((size + 1,), np.uint8)
        self.lent.append(buffer)
        return buffer.array[1:]

    def release(self, buffer: np.ndarray) -> None:
        pass


def paint_all(
    kernels: ModuleType, photo: np.ndarray, rows: int, columns: int, threads: int = 1, shuffle: int = 0
) -> Painted:
    """All four paintings, cut into bands of `rows` and `columns`, with guards around every buffer."""
    height, width = photo.shape[:2]
    planes = {name: Guarded((height, width, 3), np.uint8) for name in ("color", "oil", "watercolor")}
    planes["sketch"] = Guarded((height, width), np.uint8)
    planes["counts"] = Guarded((height, width), np.uint16)
    planes["washes"] = Guarded((height, width + 3, 4), np.int16)
    planes |= {name: Guarded((height, width + 3), np.float32) for name in ("across", "down")}
    a = {name: plane.array for name, plane in planes.items()}
    bench = GuardedBench()
    cut = {"rows": rows, "columns": columns}
    differences = kernels.Differences(a["across"], a["down"])
    styles = [
        kernels.differences_stages(photo, differences, rows=rows),
        kernels.pencil_stages(photo, differences, a["sketch"], a["color"], a["counts"], 60, 0.07, 0.1, bench, **cut),
        kernels.watercolor_stages(photo, differences, a["watercolor"], a["washes"], 60, 0.45, bench, **cut),
        kernels.oil_stages(photo, a["oil"], 6, 10, bench, rows=rows),
    ]
    rng = np.random.default_rng(shuffle)
    with ThreadPoolExecutor(threads) as thread_pool:
        for stages in styles:
            for stage in stages:
                order = rng.permutation(len(stage)) if shuffle else range(len(stage))
                for done in [thread_pool.submit(stage[k]) for k in order]:
                    done.result()
    for guarded in [*planes.values(), *bench.lent]:
        guarded.check()
    for plane in (*differences, a["washes"]):
        assert (plane[:, width:].view(np.uint8) == Guarded.MARK).all(), "written beyond the width"
    return {name: a[name] for name in ("sketch", "color", "oil", "watercolor")}


def assert_same(painted: Painted, expected: Painted) -> None:
    for name, painting in painted.items():
        np.testing.assert_array_equal(painting, expected[name], name)


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (3, 5), (7, 8), (16, 33), (1000, 1000)])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (9, 70), (50, 41)])
def test_cuts(kernels: ModuleType, height: int, width: int, rows: int, columns: int) -> None:
    """However a photo is cut, its paintings are those of the whole."""
    photo = make("scene", height, width)
    assert_same(paint_all(kernels, photo, rows, columns), paint_all(kernels, photo, height, width))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    height=st.integers(1, 60),
    width=st.integers(1, 90),
    rows=st.integers(1, 60),
    columns=st.integers(1, 90),
    order=st.integers(1, 1 << 30),
)
def test_any_cut_in_any_order(
    kernels: ModuleType, height: int, width: int, rows: int, columns: int, order: int
) -> None:
    """Random cuts in random order."""
    photo = make("scene", height, width, seed=order)
    assert_same(paint_all(kernels, photo, rows, columns, shuffle=order), paint_all(kernels, photo, height, width))


@pytest.mark.parametrize("threads", [2, 4, 8])
def test_threads(kernels: ModuleType, threads: int) -> None:
    """Any number of threads paint what one does."""
    photo = make("scene", 211, 317)
    expected = paint_all(kernels, photo, 211, 317)
    for _ in range(3):
        assert_same(paint_all(kernels, photo, 10, 24, threads), expected)


@pytest.mark.parametrize("offset", [0, 2, 48])
def test_planes_are_cut_from_buffers(kernels: ModuleType, offset: int) -> None:
    """A buffer of the promised size holds the plane, wherever the buffer starts."""
    height, width = 5, 23
    for size, cut in (
        (kernels.differences_bytes(width, height), kernels.cut_differences),
        (kernels.counts_bytes(width, height), lambda *given: [kernels.cut_counts(*given)]),
        (kernels.washes_bytes(width, height), lambda *given: [kernels.cut_washes(*given)]),
    ):
        buffer = np.empty(size + offset, np.uint8)[offset:]
        planes = cut(buffer, width, height)
        for plane in planes:
            assert plane.shape[0] == height
            assert plane.shape[1] >= width
            (start, end), (first, last) = byte_bounds(plane), byte_bounds(buffer)
            assert first <= start < end <= last
        assert not np.shares_memory(planes[0], planes[-1]) or len(planes) == 1


def test_levels_agree(monkeypatch: pytest.MonkeyPatch, kernels: ModuleType) -> None:
    """Watercolor has no byte-exact law, but every level paints the same bytes."""
    photo = make("scene", 150, 230)
    here = paint_all(kernels, photo, 40, 40)
    monkeypatch.setenv(library.LEVEL_VARIABLE, "baseline")
    assert_same(here, paint_all(kernels, photo, 40, 40))

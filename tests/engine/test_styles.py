"""The four styles, as `paint` gives them."""

from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize.engine import BufferPool, Kernels, OilParams, Params, Style, ThreadPool, paint, paint_each, reference
from stylize.engine.kernels import library
from stylize.settings import Settings
from stylize.warmup import warm_up
from tests.goldens.make import DYN_RATIOS, HERE, SIZES
from tests.support.pictures import pictures, sample

PICTURES = dict(pictures())


@pytest.mark.parametrize("name", PICTURES)
def test_paintings_are_those_of_the_reference(name: str) -> None:
    """Equal to the byte; watercolor at most one level away."""
    photo = PICTURES[name]
    paintings = dict(paint(photo))
    sketch, color = reference.paint_pencil(photo, 60.0, 0.07, 0.1)
    np.testing.assert_array_equal(paintings[Style.SKETCH], sketch)
    np.testing.assert_array_equal(paintings[Style.COLOR_PENCIL], color)
    np.testing.assert_array_equal(paintings[Style.OIL], reference.paint_oil(photo, 10, 10))
    watercolor = reference.paint_watercolor(photo, 60.0, 0.45)
    assert np.abs(paintings[Style.WATERCOLOR].astype(int) - watercolor).max() <= 1


@pytest.mark.parametrize("name", ["photo", "noise", "black", "row"])
def test_oil_is_opencv_contrib_oil_painting(name: str) -> None:
    """Every byte, at every size and dynRatio of the goldens, for the engine and the reference."""
    photo = cv2.imread(str(HERE / f"{name}.png"))
    column = cv2.imread(str(HERE / f"{name}-oil.png")).reshape(-1, *photo.shape)
    for golden, (size, ratio) in zip(column, product(SIZES, DYN_RATIOS), strict=True):
        oil = dict(paint(photo, [Style.OIL], Params(oil=OilParams(size, ratio))))[Style.OIL]
        where = f"{name}, size {size}, dynRatio {ratio}: see {HERE / name}-oil.png; `make golden` makes it again"
        np.testing.assert_array_equal(oil, golden, err_msg=where)
        np.testing.assert_array_equal(reference.paint_oil(photo, size, ratio), golden, err_msg=where)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_do_not_change_the_paintings(threads: int) -> None:
    """The same bytes whatever the number of threads."""
    photo = cv2.resize(sample("coffee"), (700, 500))
    expected = dict(paint(photo))
    for style, painting in paint(photo, thread_pool=ThreadPool(threads)):
        np.testing.assert_array_equal(painting, expected[style])


def test_the_reference_can_paint() -> None:
    """Asked for, or where nothing has been compiled: the same paintings, slowly."""
    photo = PICTURES["smooth 33x17"]
    native, slow = (
        dict(paint(photo, thread_pool=ThreadPool(1, kernels))) for kernels in (Kernels.NATIVE, Kernels.REFERENCE)
    )
    for style in (Style.SKETCH, Style.COLOR_PENCIL, Style.OIL):
        np.testing.assert_array_equal(native[style], slow[style])
    assert np.abs(native[Style.WATERCOLOR].astype(int) - slow[Style.WATERCOLOR]).max() <= 1


def test_missing_kernels_are_not_replaced_silently(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where native kernels are asked for, as on Lambda, there is no slow surprise."""
    monkeypatch.setattr(library, "LIBRARY", tmp_path / "none.so")
    assert ThreadPool(1, Kernels.AUTO).kernels is Kernels.REFERENCE
    with pytest.raises(library.KernelsUnavailable, match=r"expected the kernels at .*none\.so"):
        ThreadPool(1, Kernels.NATIVE)


def test_only_the_styles_asked_for_are_painted() -> None:
    """And nothing else costs anything."""
    assert dict(paint(PICTURES["random 33x17"], [Style.SKETCH])).keys() == {Style.SKETCH}


def test_a_photo_is_bgr_uint8() -> None:
    """Anything else is refused with what was expected and what came."""
    with pytest.raises(ValueError, match=r"expected uint8 \(height, width, 3\), got float32 \(2, 2, 3\)"):
        dict(paint(np.zeros((2, 2, 3), np.float32)))


def test_strengths_have_ranges() -> None:
    """A strength out of range says which, what was expected and what came."""
    with pytest.raises(ValueError, match="size: expected a whole number from 1 to 64, got 65"):
        OilParams(size=65)


def test_an_error_while_finishing_stops_everything() -> None:
    """It is raised, no thread works on, and all buffers are back."""
    thread_pool, bench = ThreadPool(2), CountingWorkbench()

    def finish(style: Style, image: np.ndarray) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        list(paint_each(sample("chelsea"), finish, Style, Params(), thread_pool, bench))
    assert bench.lent == 0
    assert len(list(paint_each(sample("chelsea"), lambda style, image: None, Style, Params(), thread_pool, bench))) == 4
    assert bench.lent == 0


@pytest.mark.parametrize(("styles", "bytes_per_pixel"), [(Style, 19), ([Style.SKETCH], 14), ([Style.OIL], 3)])
def test_a_style_borrows_when_its_turn_comes(styles: list[Style], bytes_per_pixel: int) -> None:
    """One thread has the differences and one style in hand at a time; oil alone has no use for the differences."""
    photo, bench = np.zeros((1000, 1000, 3), np.uint8), CountingWorkbench()
    list(paint_each(photo, lambda style, image: None, styles, Params(), ThreadPool(1), bench))
    assert bytes_per_pixel * 1_000_000 <= bench.most_bytes < (bytes_per_pixel + 1) * 1_000_000


def test_the_first_photo_finds_its_buffers_warm() -> None:
    """Those that the cold start has laid out are all that it borrows, but for scratch."""
    photo, bench, thread_pool = np.zeros((500, 700, 3), np.uint8), BufferPool(), ThreadPool(1)
    warm_up(thread_pool, bench, Settings(warm_megapixels=0.35))
    warm = bench.kept_bytes
    list(paint_each(photo, lambda style, image: None, Style, Params(), thread_pool, bench))
    assert warm <= bench.kept_bytes < warm + 200_000


class CountingWorkbench(BufferPool):
    """Knows how many buffers are lent at the moment, and how many bytes were asked for at most."""

    lent = bytes = most_bytes = 0

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[int, int] = {}

    def acquire(self, size: int) -> np.ndarray:
        buffer = super().acquire(size)
        self.sizes[id(buffer)] = size
        self.lent += 1
        self.bytes += size
        self.most_bytes = max(self.most_bytes, self.bytes)
        return buffer

    def release(self, buffer: np.ndarray) -> None:
        self.lent -= 1
        self.bytes -= self.sizes.pop(id(buffer))
        super().release(buffer)


def test_a_buffer_is_lent_to_one_user_at_a_time() -> None:
    """Two loans never overlap, and what comes back is lent again."""
    bench = BufferPool()
    with bench.borrow((10, 10)) as first, bench.borrow((10, 10)) as second:
        assert not np.shares_memory(first, second)
        address = first.ctypes.data
    with bench.borrow((5, 5)) as third, bench.borrow((10, 10)) as fourth:
        assert address in (third.ctypes.data, fourth.ctypes.data)


def test_the_workbench_gives_back_what_is_too_much() -> None:
    """It keeps no more bytes than it is told to."""
    bench = BufferPool(keep_bytes=100)
    with bench.borrow((80,)), bench.borrow((60,)):
        pass
    assert bench.kept_bytes <= 100


def test_buffers_are_laid_out_for_the_largest_photo():
    """Those of smaller photos do not lie beside them: a photo takes no more memory for those that came before it."""
    thread_pool, grown, fresh = ThreadPool(1), BufferPool(), BufferPool()

    def paint_square(side, bench):
        list(
            paint_each(
                np.zeros((side, side, 3), np.uint8), lambda style, image: None, Style, Params(), thread_pool, bench
            )
        )

    for side in (100, 110, 121, 133, 146):
        paint_square(side, grown)
    paint_square(146, fresh)
    assert grown.kept_bytes == fresh.kept_bytes
    paint_square(60, grown)
    assert grown.kept_bytes == fresh.kept_bytes

"""The four styles through `paint` and `paint_each`."""

from contextlib import closing
from time import monotonic

import cv2
import numpy as np
import pytest

from stylize.engine import (
    DEFAULTS,
    BufferPool,
    Kernels,
    Style,
    ThreadPool,
    blend,
    paint,
    paint_each,
    reference,
    reserve_buffers,
)
from stylize.errors import OutOfTime
from tests.support.guarded import CountingPool
from tests.support.native import assert_close
from tests.support.pictures import picture, pictures, sample

PICTURES = pictures()
DRAWINGS = (Style.SKETCH, Style.COLOR_PENCIL, Style.OIL)


def forget(style: Style, image: np.ndarray) -> None:
    """Finishes a painting that nobody wants."""


@pytest.mark.parametrize("name", PICTURES)
def test_paintings_are_those_of_the_reference(name: str) -> None:
    """Paintings equal the reference in every byte; watercolor is at most one level away."""
    photo = PICTURES[name]
    paintings = dict(paint(photo))
    sketch, color = reference.paint_pencil(photo, 60.0, 0.07, 0.1)
    right = {Style.SKETCH: sketch, Style.COLOR_PENCIL: color, Style.OIL: reference.paint_oil(photo, 10, 10)}
    for style in DRAWINGS:
        np.testing.assert_array_equal(paintings[style], right[style], f"{style} of {name}")
    assert_close(paintings[Style.WATERCOLOR], reference.paint_watercolor(photo, 60.0, 0.45), name)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_do_not_change_the_paintings(threads: int) -> None:
    """Any number of threads gives the same bytes."""
    photo: np.ndarray = cv2.resize(sample("coffee"), (700, 500))
    expected = dict(paint(photo))
    for style, painting in paint(photo, thread_pool=ThreadPool(threads)):
        np.testing.assert_array_equal(painting, expected[style], style)


def test_targets_do_not_change_the_paintings() -> None:
    """Every target gives the same bytes."""
    photo = sample("chelsea")
    expected = dict(paint(photo))
    for style, painting in paint(photo, thread_pool=ThreadPool(1, Kernels.NATIVE, target="baseline")):
        np.testing.assert_array_equal(painting, expected[style], style)


def test_the_reference_can_paint() -> None:
    """The reference paints the same if it is selected, or if nothing has been compiled."""
    photo = picture("smooth", 33, 17)
    native, slow = (
        dict(paint(photo, thread_pool=ThreadPool(1, kernels))) for kernels in (Kernels.NATIVE, Kernels.REFERENCE)
    )
    for style in DRAWINGS:
        np.testing.assert_array_equal(native[style], slow[style], style)
    assert_close(native[Style.WATERCOLOR], slow[Style.WATERCOLOR], "smooth 33x17")


@pytest.mark.parametrize("kernels", [Kernels.NATIVE, Kernels.REFERENCE])
@pytest.mark.parametrize("styles", [[style] for style in Style])
def test_only_the_styles_asked_for_are_painted(styles: list[Style], kernels: Kernels) -> None:
    """Only the requested styles are painted, with the same result as among all styles."""
    photo = picture("random", 33, 17)
    asked = dict(paint(photo, styles, thread_pool=ThreadPool(1, kernels)))
    assert list(asked) == styles
    np.testing.assert_array_equal(asked[styles[0]], dict(paint(photo, thread_pool=ThreadPool(1, kernels)))[styles[0]])


def test_a_photo_is_bgr_uint8() -> None:
    """An array of another type or shape is refused with what was expected and given."""
    with pytest.raises(ValueError, match=r"expected uint8 \(height, width, 3\), got float32 \(2, 2, 3\)"):
        dict(paint(np.zeros((2, 2, 3), np.float32)))


def test_seconds_are_those_of_painting() -> None:
    """Every painting took CPU time, and both drawings of a group the same."""
    painted = paint_each(sample("chelsea"), forget, Style, DEFAULTS, ThreadPool(1), BufferPool())
    seconds = {p.style: p.seconds for p in painted}
    assert min(seconds.values()) > 0
    assert seconds[Style.SKETCH] == seconds[Style.COLOR_PENCIL]


def test_an_error_while_finishing_stops_everything() -> None:
    """An error in `finish` is raised after all threads have stopped and all buffers are released."""
    thread_pool, buffer_pool = ThreadPool(2), CountingPool()

    def finish(style: Style, image: np.ndarray) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        list(paint_each(sample("chelsea"), finish, Style, DEFAULTS, thread_pool, buffer_pool))
    assert buffer_pool.borrowed == 0
    assert len(list(paint_each(sample("chelsea"), forget, Style, DEFAULTS, thread_pool, buffer_pool))) == len(Style)
    assert buffer_pool.borrowed == 0


def test_a_deadline_stops_everything() -> None:
    """After the deadline OutOfTime is raised, and all buffers are released."""
    buffer_pool = CountingPool()
    with pytest.raises(OutOfTime, match="expected to have painted before the deadline"):
        list(paint_each(sample("chelsea"), forget, Style, DEFAULTS, ThreadPool(1), buffer_pool, monotonic()))
    assert buffer_pool.borrowed == 0


def test_a_caller_that_loses_interest_stops_everything() -> None:
    """Closing the iterator early stops all threads and releases all buffers."""
    buffer_pool = CountingPool()
    painted = paint_each(sample("chelsea"), forget, Style, DEFAULTS, ThreadPool(2), buffer_pool)
    next(painted)
    painted.close()  # type: ignore[attr-defined]
    assert buffer_pool.borrowed == 0


def test_photos_in_turn_on_one_pool() -> None:
    """Photos painted one after the other on the same threads and buffers do not affect each other."""
    thread_pool, buffer_pool = ThreadPool(2), BufferPool()
    photos = [picture("scene", 100 + 10 * i, 150, seed=i) for i in range(4)]
    for photo in photos:
        copies = paint_each(photo, lambda _, image: image.copy(), Style, DEFAULTS, thread_pool, buffer_pool)
        painted, alone = {p.style: p.result for p in copies}, dict(paint(photo))
        assert painted.keys() == alone.keys()
        for style, painting in painted.items():
            np.testing.assert_array_equal(painting, alone[style], style)


@pytest.mark.parametrize(("styles", "bytes_per_pixel"), [(Style, 19), ([Style.SKETCH], 14), ([Style.OIL], 3)])
def test_a_style_borrows_when_its_turn_comes(styles: list[Style], bytes_per_pixel: int) -> None:
    """One thread holds the buffers of the differences and of one style group at a time; oil needs no differences."""
    photo, buffer_pool = np.zeros((1000, 1000, 3), np.uint8), CountingPool()
    list(paint_each(photo, forget, styles, DEFAULTS, ThreadPool(1), buffer_pool))
    assert bytes_per_pixel * 1_000_000 <= buffer_pool.most_bytes < (bytes_per_pixel + 1) * 1_000_000


@pytest.mark.parametrize("shape", [(500, 700), (700, 500)])
def test_reserved_buffers_are_enough(shape: tuple[int, int]) -> None:
    """One thread borrows only the reserved buffers and scratch."""
    photo, buffer_pool, thread_pool = np.zeros((*shape, 3), np.uint8), BufferPool(), ThreadPool(1)
    reserve_buffers(thread_pool, buffer_pool, shape[0] * shape[1])
    reserved = buffer_pool.kept_bytes
    list(paint_each(photo, forget, Style, DEFAULTS, thread_pool, buffer_pool))
    assert reserved <= buffer_pool.kept_bytes < reserved + 200_000


@pytest.mark.parametrize(("threads", "bytes_per_pixel"), [(1, 21), (2, 24), (3, 30)])
def test_as_many_buffers_as_threads_can_use(threads: int, bytes_per_pixel: int) -> None:
    """The reserve has buffers of one style group per thread, at most one per group, and of the differences."""
    buffer_pool = BufferPool()
    reserve_buffers(ThreadPool(threads), buffer_pool, 1_000_000)
    assert round(buffer_pool.kept_bytes / 1_000_000) == bytes_per_pixel


def test_buffers_are_laid_out_for_the_largest_photo() -> None:
    """Earlier, smaller photos do not increase the memory of a larger photo."""
    thread_pool, grown, fresh = ThreadPool(1), BufferPool(), BufferPool()

    def paint_square(side: int, buffer_pool: BufferPool) -> None:
        list(paint_each(np.zeros((side, side, 3), np.uint8), forget, Style, DEFAULTS, thread_pool, buffer_pool))

    for side in (100, 110, 121, 133, 146):
        paint_square(side, grown)
    paint_square(146, fresh)
    assert grown.kept_bytes == fresh.kept_bytes
    paint_square(60, grown)
    assert grown.kept_bytes == fresh.kept_bytes


@pytest.mark.parametrize("strength", [0, 1, 30, 50, 99, 100])
@pytest.mark.parametrize("style", list(Style))
def test_strength(style: Style, strength: int) -> None:
    """Strength blends by percent with halves rounded up; a gray drawing counts as a colored one."""
    photo = picture("scene", 70, 90)
    (painting,) = [image for _, image in paint(photo, [style])]
    blended = blend(photo, painting, strength)
    if strength == 100:
        assert blended is painting
        return
    colored = painting if painting.ndim == 3 else np.repeat(painting[..., None], 3, axis=2)
    exact = (colored.astype(float) * strength + photo.astype(float) * (100 - strength)) / 100
    np.testing.assert_array_equal(blended, np.floor(exact + 0.5 + 1e-9).astype(np.uint8))


@pytest.mark.parametrize("kernels", [Kernels.NATIVE, Kernels.REFERENCE])
def test_wide_lines_are_the_references(kernels: Kernels) -> None:
    """With wide lines, pencil and watercolor on the pool equal the reference, which starts from the guide."""
    photo, params = picture("scene", 60, 80), DEFAULTS.at_scale(3.75)
    with closing(ThreadPool(2, kernels)) as pool:
        paintings = dict(paint(photo, params=params, thread_pool=pool))
    p, w = params.pencil, params.watercolor
    sketch, color = reference.paint_pencil(photo, p.sigma_s, p.sigma_r, p.shade_factor, 4)
    np.testing.assert_array_equal(paintings[Style.SKETCH], sketch)
    np.testing.assert_array_equal(paintings[Style.COLOR_PENCIL], color)
    np.testing.assert_array_equal(paintings[Style.OIL], reference.paint_oil(photo, params.oil.size, 10))
    assert_close(paintings[Style.WATERCOLOR], reference.paint_watercolor(photo, w.sigma_s, w.sigma_r, 4), "watercolor")

"""watercolor.c and edges.c against the reference and OpenCV: at most one level away."""

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stylize.engine.kernels.library import Library
from tests.support.native import Native, assert_close, expected
from tests.support.pictures import KINDS, SHAPES, Picture, named, picture


def assert_watercolor(native: Native, photo: Picture, sigma_s: float, sigma_r: float, line: int = 1) -> None:
    painting = native.paint_watercolor(photo.pixels, sigma_s, sigma_r, line)
    right = expected("paint_watercolor", photo.pixels, sigma_s, sigma_r, line)
    assert_close(painting, right, f"{photo.name}: sigma_s {sigma_s}, sigma_r {sigma_r}, line {line}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_every_shape(native: Native, kind: str, height: int, width: int) -> None:
    """Default parameters: at most one level from the reference for every kind of picture in every shape."""
    assert_watercolor(native, named(kind, height, width), 60, 0.45)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("height", "width"), [(92, 92), (120, 101), (97, 131)])
def test_it_is_opencvs(native: Native, kind: str, height: int, width: int) -> None:
    """The painting is at most one level from stylization, where OpenCV stays within its arrays."""
    name, photo = named(kind, height, width)
    assert_close(native.paint_watercolor(photo, 60, 0.45), cv2.stylization(photo, sigma_s=60, sigma_r=0.45), name)


@pytest.mark.parametrize("sigma_s", [1, 5, 60, 200])
@pytest.mark.parametrize("sigma_r", [0.01, 0.07, 0.45, 1])
@pytest.mark.parametrize("kind", ["near black", "scene", "flat"])
def test_every_reach(native: Native, kind: str, sigma_s: float, sigma_r: float) -> None:
    """The painting is at most one level from the reference over the ranges of the sigmas."""
    assert_watercolor(native, named(kind, 37, 150), sigma_s, sigma_r)


@pytest.mark.slow
@pytest.mark.parametrize("is_upright", [False, True], ids=["row", "column"])
@pytest.mark.parametrize("kind", ["flat", "near white", "scene"])
def test_long_lines_keep_their_precision(native: Native, long_lines: Picture) -> None:
    """The last pixels of a line of 65535 are as exact as the first, along rows and columns."""
    assert_watercolor(native, long_lines, 60, 0.45)


@pytest.mark.slow
@pytest.mark.parametrize("is_upright", [False, True], ids=["row", "column"])
def test_positions_past_24_bits(native: Native, is_upright: bool) -> None:
    """Sums do not overflow where float32 loses steps of 1 and a window has thousands of pixels."""
    row = np.full((1, 40000, 3), 250, np.uint8)
    row[:, 0:12000] = picture("random", 1, 12000)
    line = np.ascontiguousarray(255 - row).reshape(-1, 1, 3) if is_upright else row
    assert_watercolor(native, Picture(f"noise and a flat, {line.shape[0]}x{line.shape[1]}, seed 1", line), 200, 0.02)


@pytest.mark.parametrize("line", [2, 3, 5, 64])
@pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 9), (9, 1), (37, 150)])
def test_wide_lines(native: Native, height: int, width: int, line: int) -> None:
    """Edges are as wide as a line, and mirrored beyond the borders repeatedly if necessary."""
    assert_watercolor(native, named("scene", height, width), 130, 0.45, line)


def test_no_window_is_empty(native: Native) -> None:
    """A flat color stays the same where float32 loses the radius itself."""
    row = np.tile(picture("stripes", 1, 2), (1, 8000, 1))
    row[:, 15000:] = 77
    assert (native.paint_watercolor(np.ascontiguousarray(row), 200, 0.01)[:, 15990:] == 77).all()


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_flat_photos_stay_flat(native: Native, level: int) -> None:
    """A photo of one color does not change."""
    photo = np.full((31, 47, 3), level, np.uint8)
    np.testing.assert_array_equal(native.paint_watercolor(photo, 60, 0.45), photo)


def test_a_photo(native: Native, photo: Picture) -> None:
    """The painting is at most one level from the reference for a larger scene."""
    assert_watercolor(native, photo, 60, 0.45)


def test_the_photo_is_not_written_to(native: Native) -> None:
    """The kernels do not write to the photo."""
    photo = named("scene", 33, 41).pixels
    photo.setflags(write=False)
    native.paint_watercolor(photo, 60, 0.45)


def test_targets_agree(native: Native, baseline: Library) -> None:
    """Every target paints the same bytes, although the law allows a level of difference."""
    name, photo = named("scene", 150, 230)
    right = Native(baseline).paint_watercolor(photo, 60, 0.45)
    np.testing.assert_array_equal(native.paint_watercolor(photo, 60, 0.45), right, name)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    kind=st.sampled_from(KINDS),
    height=st.integers(1, 40),
    width=st.integers(1, 90),
    seed=st.integers(0, 1 << 30),
    sigma_s=st.floats(1, 200),
    sigma_r=st.floats(0.01, 1),
    line=st.integers(1, 64),
)
def test_anything(
    native: Native, kind: str, height: int, width: int, seed: int, sigma_s: float, sigma_r: float, line: int
) -> None:
    """The painting is at most one level from the reference for any photo with any parameters."""
    assert_watercolor(native, named(kind, height, width, seed), sigma_s, sigma_r, line)

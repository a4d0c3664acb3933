"""The native kernels against the reference: differences, pencil and oil byte for byte, watercolor within one level."""

from functools import cache
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stylize.engine import reference
from tests.support.photos import KINDS, SHAPES, make

NAMES = [kind.__name__ for kind in KINDS]
SIGMA_S = [1, 5, 60, 200]
SIGMA_R = [0.01, 0.07, 0.45, 1]


@cache
def _expected(painter: str, photo: bytes, height: int, *parameters: float) -> Any:
    """What the reference paints; kept, since every level of the kernels is asked the same in turn."""
    pixels = np.frombuffer(photo, np.uint8).reshape(height, -1, 3)
    return getattr(reference, painter)(pixels, *parameters)


def expected(painter: str, photo: np.ndarray, *parameters: float) -> Any:
    return _expected(painter, photo.tobytes(), len(photo), *parameters)


def assert_pencil(kernels: ModuleType, photo: np.ndarray, sigma_s: float, sigma_r: float, shade: float) -> None:
    painted = kernels.paint_pencil(photo, sigma_s, sigma_r, shade)
    for drawing, right in zip(painted, expected("paint_pencil", photo, sigma_s, sigma_r, shade), strict=True):
        np.testing.assert_array_equal(drawing, right)


def assert_differences(kernels: ModuleType, photo: np.ndarray) -> None:
    found, width = kernels.find_differences(photo), photo.shape[1]
    np.testing.assert_array_equal(found.across[:, :width], reference.differences(photo))
    upright = np.ascontiguousarray(photo.swapaxes(0, 1))
    np.testing.assert_array_equal(found.down[:, :width], reference.differences(upright).T)


def assert_watercolor(kernels: ModuleType, photo: np.ndarray, sigma_s: float, sigma_r: float) -> None:
    painting = kernels.paint_watercolor(photo, sigma_s, sigma_r).astype(int)
    assert np.abs(painting - expected("paint_watercolor", photo, sigma_s, sigma_r)).max() <= 1


def assert_oil(kernels: ModuleType, photo: np.ndarray, size: int, dyn_ratio: int) -> None:
    painting = kernels.paint_oil(photo, size, dyn_ratio)
    np.testing.assert_array_equal(painting, expected("paint_oil", photo, size, dyn_ratio))


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_awkward_shapes(kernels: ModuleType, kind: str, height: int, width: int) -> None:
    """Every class of data in every shape, with the parameters that are the defaults."""
    photo = make(kind, height, width)
    assert_differences(kernels, photo)
    assert_pencil(kernels, photo, 60, 0.07, 0.1)
    assert_watercolor(kernels, photo, 60, 0.45)
    assert_oil(kernels, photo, 10, 10)


@pytest.mark.parametrize("sigma_s", SIGMA_S)
@pytest.mark.parametrize("sigma_r", SIGMA_R)
@pytest.mark.parametrize("kind", ["near_black", "scene", "flat"])
def test_every_reach(kernels: ModuleType, kind: str, sigma_s: float, sigma_r: float) -> None:
    """Sigmas over their ranges, and shade factors with them."""
    photo = make(kind, 37, 150)
    assert_watercolor(kernels, photo, sigma_s, sigma_r)
    for shade in (0.1, 0.0333, 0.01):
        assert_pencil(kernels, photo, sigma_s, sigma_r, shade)


def test_faint_shades(kernels: ModuleType) -> None:
    """A shade factor far below OpenCV's usual ones counts every neighbor within reach."""
    for kind in ("flat", "scene"):
        assert_pencil(kernels, make(kind, 20, 700), 200, 1, 1e-4)


@pytest.mark.parametrize("size", [1, 2, 7, 15, 22, 23, 64])
@pytest.mark.parametrize("dyn_ratio", [1, 4, 8, 9, 50, 127])
@pytest.mark.parametrize("kind", ["noise", "scene"])
def test_every_brush(kernels: ModuleType, kind: str, size: int, dyn_ratio: int) -> None:
    """Window sizes and tones over their ranges, on both sides of where the kernel changes its way of counting."""
    assert_oil(kernels, make(kind, 29, 70), size, dyn_ratio)


def test_oil_wider_than_a_strip(kernels: ModuleType) -> None:
    """Strips of columns meet without a seam."""
    photo = make("scene", 24, 1100)
    assert_oil(kernels, photo, 10, 10)
    assert_oil(kernels, photo, 64, 3)


def test_tied_means_round_to_even(kernels: ModuleType) -> None:
    """Means that lie halfway go to the even level, in all three channels."""
    photo = np.zeros((2, 3000, 3), np.uint8)
    photo[:] = np.random.default_rng(3).integers(100, 102, photo.shape)
    for size in (1, 2, 7):
        assert_oil(kernels, photo, size, 127)


@pytest.mark.parametrize("kind", ["flat", "near_white", "scene"])
def test_long_lines_keep_their_precision(kernels: ModuleType, kind: str) -> None:
    """The last pixels of a line of 65535 are as exact as the first, along rows and columns."""
    photo = make(kind, 2, 65535) if kind != "scene" else np.tile(make(kind, 2, 1311), (1, 50, 1))[:, :65535]
    photo = np.ascontiguousarray(photo)
    upright = np.ascontiguousarray(photo.swapaxes(0, 1))
    assert_watercolor(kernels, photo, 60, 0.45)
    assert_watercolor(kernels, upright, 60, 0.45)
    assert_pencil(kernels, photo, 60, 0.07, 0.1)
    assert_pencil(kernels, upright, 60, 0.07, 0.1)


def test_positions_past_24_bits(kernels: ModuleType) -> None:
    """Where steps of 1 are lost in float32 and a window takes in thousands of pixels, sums don't overflow."""
    row = np.full((1, 40000, 3), 250, np.uint8)
    row[:, 0:12000] = make("noise", 1, 12000)
    assert_watercolor(kernels, row, 200, 0.02)
    assert_watercolor(kernels, np.ascontiguousarray(255 - row).reshape(-1, 1, 3), 200, 0.02)


def test_no_window_is_empty(kernels: ModuleType) -> None:
    """Where the radius itself is lost in float32, a flat color is still that color."""
    row = np.tile(make("stripes", 1, 2), (1, 8000, 1))
    row[:, 15000:] = 77
    assert (kernels.paint_watercolor(np.ascontiguousarray(row), 200, 0.01)[:, 15990:] == 77).all()


def test_a_photo(kernels: ModuleType) -> None:
    """A larger scene, enlarged as a camera's picture is smooth, through all four styles."""
    photo = cv2.resize(make("scene", 150, 200), (400, 300), interpolation=cv2.INTER_CUBIC)
    assert_pencil(kernels, photo, 60, 0.07, 0.1)
    assert_watercolor(kernels, photo, 60, 0.45)
    assert_oil(kernels, photo, 10, 10)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    kind=st.sampled_from(NAMES),
    height=st.integers(1, 40),
    width=st.integers(1, 90),
    seed=st.integers(0, 1 << 30),
    sigma_s=st.floats(1, 200),
    sigma_r=st.floats(0.01, 1),
    shade=st.floats(0.001, 0.1),
    size=st.integers(1, 64),
    dyn_ratio=st.integers(1, 127),
)
def test_anything(
    kernels: ModuleType,
    kind: str,
    height: int,
    width: int,
    seed: int,
    sigma_s: float,
    sigma_r: float,
    shade: float,
    size: int,
    dyn_ratio: int,
) -> None:
    """Any photo with any parameters is the reference's."""
    photo = make(kind, height, width, seed)
    assert_differences(kernels, photo)
    assert_pencil(kernels, photo, sigma_s, sigma_r, shade)
    assert_watercolor(kernels, photo, sigma_s, sigma_r)
    assert_oil(kernels, photo, size, dyn_ratio)

"""pencil.c against the reference and OpenCV: both drawings, byte for byte."""

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.native import Native, expected
from tests.support.pictures import KINDS, SHAPES, Picture, named


def assert_pencil(native: Native, photo: Picture, sigma_s: float, sigma_r: float, shade: float, line: int = 1) -> None:
    painted = native.paint_pencil(photo.pixels, sigma_s, sigma_r, shade, line)
    right = expected("paint_pencil", photo.pixels, sigma_s, sigma_r, shade, line)
    for name, drawing, drawn in zip(("sketch", "color"), painted, right, strict=True):
        what = f"{name} of {photo.name}: sigma_s {sigma_s}, sigma_r {sigma_r}, shade {shade}, line {line}"
        np.testing.assert_array_equal(drawing, drawn, what)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_every_shape(native: Native, kind: str, height: int, width: int) -> None:
    """Default parameters: the kernel equals the reference for every kind of picture in every shape."""
    assert_pencil(native, named(kind, height, width), 60, 0.07, 0.1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("height", "width"), [(33, 17), (120, 101)])
def test_it_is_opencvs(native: Native, kind: str, height: int, width: int) -> None:
    """Both drawings equal OpenCV's pencilSketch."""
    name, photo = named(kind, height, width)
    right = cv2.pencilSketch(photo, sigma_s=60, sigma_r=0.07, shade_factor=0.1)
    for drawing, drawn in zip(native.paint_pencil(photo, 60, 0.07, 0.1), right, strict=True):
        np.testing.assert_array_equal(drawing, drawn, name)


@pytest.mark.parametrize("sigma_s", [1, 5, 60, 200])
@pytest.mark.parametrize("sigma_r", [0.01, 0.07, 0.45, 1])
@pytest.mark.parametrize("kind", ["near black", "scene", "flat"])
def test_every_reach(native: Native, kind: str, sigma_s: float, sigma_r: float) -> None:
    """The kernel equals the reference over the ranges of sigmas and shade factors."""
    for shade in (0.1, 0.0333, 0.01):
        assert_pencil(native, named(kind, 37, 150), sigma_s, sigma_r, shade)


@pytest.mark.parametrize("kind", ["flat", "scene"])
def test_faint_shades(native: Native, kind: str) -> None:
    """With a very small shade factor, every neighbor within reach is counted."""
    assert_pencil(native, named(kind, 20, 700), 200, 1, 1e-4)


@pytest.mark.parametrize("line", [2, 3, 5, 64])
@pytest.mark.parametrize("kind", ["near black", "scene", "flat"])
def test_wide_lines(native: Native, kind: str, line: int) -> None:
    """With wide lines, the kernel counts distant neighbors in the guide, as the reference does."""
    for shade in (0.01, 0.1, 1):
        assert_pencil(native, named(kind, 37, 150), 130, 0.07, shade, line)


@pytest.mark.slow
@pytest.mark.parametrize("is_upright", [False, True], ids=["row", "column"])
@pytest.mark.parametrize("kind", ["flat", "near white", "scene"])
def test_long_lines_keep_their_precision(native: Native, long_lines: Picture) -> None:
    """The last pixels of a line of 65535 are as exact as the first, along rows and columns."""
    assert_pencil(native, long_lines, 60, 0.07, 0.1)


def test_a_photo(native: Native, photo: Picture) -> None:
    """The kernel equals the reference for a larger scene."""
    assert_pencil(native, photo, 60, 0.07, 0.1)


def test_the_photo_is_not_written_to(native: Native) -> None:
    """The kernel does not write to the photo."""
    photo = named("scene", 33, 41).pixels
    photo.setflags(write=False)
    native.paint_pencil(photo, 60, 0.07, 0.1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    kind=st.sampled_from(KINDS),
    height=st.integers(1, 40),
    width=st.integers(1, 90),
    seed=st.integers(0, 1 << 30),
    sigma_s=st.floats(1, 200),
    sigma_r=st.floats(0.01, 1),
    shade=st.floats(0.001, 1),
    line=st.integers(1, 64),
)
def test_anything(
    native: Native,
    kind: str,
    height: int,
    width: int,
    seed: int,
    sigma_s: float,
    sigma_r: float,
    shade: float,
    line: int,
) -> None:
    """The kernel equals the reference for any photo with any parameters."""
    assert_pencil(native, named(kind, height, width, seed), sigma_s, sigma_r, shade, line)

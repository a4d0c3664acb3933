"""oil.c against the reference and its definition: byte for byte."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.definitions import oil_by_definition
from tests.support.native import Native, expected
from tests.support.pictures import KINDS, SHAPES, Picture, named


def assert_oil(native: Native, photo: Picture, size: int, dyn_ratio: int) -> None:
    painting = native.paint_oil(photo.pixels, size, dyn_ratio)
    right = expected("paint_oil", photo.pixels, size, dyn_ratio)
    np.testing.assert_array_equal(painting, right, f"{photo.name}: size {size}, dyn_ratio {dyn_ratio}")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_every_shape(native: Native, kind: str, height: int, width: int) -> None:
    """Default parameters: the kernel equals the reference for every kind of picture in every shape."""
    assert_oil(native, named(kind, height, width), 10, 10)


@pytest.mark.parametrize("size", [1, 2, 7, 11, 12, 23, 64])
@pytest.mark.parametrize("dyn_ratio", [1, 4, 8, 9, 50, 127])
@pytest.mark.parametrize("kind", ["random", "scene"])
def test_every_brush(native: Native, kind: str, size: int, dyn_ratio: int) -> None:
    """The kernel equals the reference over the ranges of window sizes and tones, in all of its methods of counting."""
    assert_oil(native, named(kind, 29, 70), size, dyn_ratio)


@pytest.mark.parametrize(("size", "dyn_ratio"), [(1, 1), (2, 30), (3, 10), (9, 127)])
@pytest.mark.parametrize("kind", ["random", "near black", "scene"])
def test_it_is_its_definition(native: Native, kind: str, size: int, dyn_ratio: int) -> None:
    """The reference equals the mean color of the commonest tone in the clipped window, computed pixel by pixel."""
    name, photo = named(kind, 13, 19)
    painting = native.paint_oil(photo, size, dyn_ratio)
    what = f"{name}: size {size}, dyn_ratio {dyn_ratio}"
    np.testing.assert_array_equal(painting, oil_by_definition(photo, size, dyn_ratio), what)


@pytest.mark.parametrize(("size", "dyn_ratio"), [(10, 10), (64, 3)])
def test_strips_meet_without_a_seam(native: Native, size: int, dyn_ratio: int) -> None:
    """A photo wider than a strip of columns has no seams."""
    assert_oil(native, named("scene", 24, 1100), size, dyn_ratio)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_tied_means_round_to_even(native: Native, size: int) -> None:
    """Means are rounded half to even, in all three channels."""
    photo = np.random.default_rng(3).integers(100, 102, (2, 3000, 3), np.uint8)
    assert_oil(native, Picture("100 or 101, 2x3000, seed 3", photo), size, 127)


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_flat_photos_stay_flat(native: Native, level: int) -> None:
    """A photo of one color does not change."""
    photo = np.full((31, 47, 3), level, np.uint8)
    np.testing.assert_array_equal(native.paint_oil(photo, 10, 10), photo)


def test_a_photo(native: Native, photo: Picture) -> None:
    """The kernel equals the reference for a larger scene."""
    assert_oil(native, photo, 10, 10)


def test_the_photo_is_not_written_to(native: Native) -> None:
    """The kernel does not write to the photo."""
    photo = named("scene", 33, 41).pixels
    photo.setflags(write=False)
    native.paint_oil(photo, 4, 10)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    kind=st.sampled_from(KINDS),
    height=st.integers(1, 40),
    width=st.integers(1, 90),
    seed=st.integers(0, 1 << 30),
    size=st.integers(1, 64),
    dyn_ratio=st.integers(1, 127),
)
def test_anything(native: Native, kind: str, height: int, width: int, seed: int, size: int, dyn_ratio: int) -> None:
    """The kernel equals the reference for any photo with any parameters."""
    assert_oil(native, named(kind, height, width, seed), size, dyn_ratio)

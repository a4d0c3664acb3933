"""differences.c against the reference: byte for byte."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stylize.engine import reference
from tests.support.native import Native
from tests.support.pictures import KINDS, SHAPES, Picture, named


def assert_differences(native: Native, photo: Picture) -> None:
    found, width = native.differences(photo.pixels), photo.pixels.shape[1]
    across = reference.differences(photo.pixels)
    down = reference.differences(np.ascontiguousarray(photo.pixels.swapaxes(0, 1))).T
    np.testing.assert_array_equal(found.across[:, :width], across, f"{photo.name}: across")
    np.testing.assert_array_equal(found.down[:, :width], down, f"{photo.name}: down")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_every_shape(native: Native, kind: str, height: int, width: int) -> None:
    """The kernel equals the reference for every kind of picture in every shape."""
    assert_differences(native, named(kind, height, width))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(kind=st.sampled_from(KINDS), height=st.integers(1, 40), width=st.integers(1, 90), seed=st.integers(0, 1 << 30))
def test_anything(native: Native, kind: str, height: int, width: int, seed: int) -> None:
    """The kernel equals the reference for any photo."""
    assert_differences(native, named(kind, height, width, seed))

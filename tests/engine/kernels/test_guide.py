"""guide.c against the reference: byte for byte."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stylize.engine import reference
from tests.support.native import Native
from tests.support.pictures import KINDS, SHAPES, Picture, named


def assert_guide(native: Native, photo: Picture, line: int) -> None:
    right = reference.guide(photo.pixels, line)
    np.testing.assert_array_equal(native.guide(photo.pixels, line), right, f"{photo.name}: line {line}")


@pytest.mark.parametrize("line", [2, 3, 4, 9, 64])
@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_every_shape(native: Native, height: int, width: int, line: int) -> None:
    """The kernel equals the reference for odd and even lines, narrower and wider than the photo."""
    for kind in KINDS:
        assert_guide(native, named(kind, height, width), line)


def test_it_is_its_definition() -> None:
    """The reference equals the rounded mean of the clipped square, computed pixel by pixel."""
    photo = named("random", 7, 9).pixels
    for line in (1, 2, 3, 4):
        guide = reference.guide(photo, line)
        for y, x in np.ndindex(7, 9):
            before, after = (line - 1) // 2, line // 2
            square = photo[max(0, y - before) : y + after + 1, max(0, x - before) : x + after + 1].reshape(-1, 3)
            np.testing.assert_array_equal(guide[y, x], np.floor(square.mean(0, dtype=np.float64) + 0.5))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(
    kind=st.sampled_from(KINDS),
    height=st.integers(1, 40),
    width=st.integers(1, 90),
    seed=st.integers(0, 1 << 30),
    line=st.integers(2, 64),
)
def test_anything(native: Native, kind: str, height: int, width: int, seed: int, line: int) -> None:
    """The kernel equals the reference for any photo with any line."""
    assert_guide(native, named(kind, height, width, seed), line)

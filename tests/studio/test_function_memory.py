"""The largest photo that a function accepts is painted within the function's memory."""

import pytest

from tests.studio.function_memory import paint_within

pytestmark = pytest.mark.slow


def test_no_photo_within_the_limits_kills_the_function(deployment):
    """Neither file nor decoder exhausts the memory, after any other photo; `make memory` tries every kind and size."""
    painted = list(paint_within(deployment.cloud, 512, ["deep.png", "alpha.webp"]))
    assert len(painted) == 6
    assert [photo for photo in painted if photo.result != "done"] == []
    assert max(photo.peak for photo in painted) < 512 * 2**20

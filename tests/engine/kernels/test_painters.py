"""What any painter promises: the reference and the native kernels alike."""

from types import ModuleType

import cv2
import numpy as np
import pytest

from tests.support.photos import KINDS, SHAPES, make

NAMES = [kind.__name__ for kind in KINDS]


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize(("height", "width"), [*SHAPES, (120, 101)])
def test_pencil_is_opencv(painter: ModuleType, kind: str, height: int, width: int) -> None:
    """Both drawings are pencilSketch's, byte for byte."""
    photo = make(kind, height, width)
    gray, color = cv2.pencilSketch(photo, sigma_s=60, sigma_r=0.07, shade_factor=0.1)
    sketch, colored = painter.paint_pencil(photo, 60, 0.07, 0.1)
    np.testing.assert_array_equal(sketch, gray)
    np.testing.assert_array_equal(colored, color)


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize(("height", "width"), [(92, 92), (120, 101), (97, 131)])
def test_watercolor_is_opencv(painter: ModuleType, kind: str, height: int, width: int) -> None:
    """At most one level from stylization, where OpenCV's own indices are exact."""
    photo = make(kind, height, width)
    expected = cv2.stylization(photo, sigma_s=60, sigma_r=0.45)
    assert _distance(painter.paint_watercolor(photo, 60, 0.45), expected) <= 1


@pytest.mark.parametrize(("size", "dyn_ratio"), [(1, 1), (2, 30), (3, 10), (9, 127)])
@pytest.mark.parametrize("kind", ["noise", "near_black", "scene"])
def test_oil_is_its_definition(painter: ModuleType, kind: str, size: int, dyn_ratio: int) -> None:
    """The mean color of the commonest tone in the clipped window, worked out pixel by pixel."""
    photo = make(kind, 13, 19)
    painting = painter.paint_oil(photo, size, dyn_ratio)
    tones = np.rint(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY) / dyn_ratio).astype(int)
    for y, x in np.ndindex(tones.shape):
        window = np.s_[max(y - size, 0) : y + size + 1, max(x - size, 0) : x + size + 1]
        commonest = np.bincount(tones[window].ravel()).argmax()
        mean = photo[window][tones[window] == commonest].mean(axis=0)
        np.testing.assert_array_equal(painting[y, x], np.rint(mean))


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_flat_photos_stay_flat(painter: ModuleType, level: int) -> None:
    """A photo of one color comes out of oil and watercolor as it went in."""
    photo = np.full((31, 47, 3), level, np.uint8)
    np.testing.assert_array_equal(painter.paint_oil(photo, 10, 10), photo)
    np.testing.assert_array_equal(painter.paint_watercolor(photo, 60, 0.45), photo)


def test_photos_are_not_written_to(painter: ModuleType) -> None:
    """The photo is the caller's."""
    photo = make("scene", 33, 41)
    photo.setflags(write=False)
    painter.paint_pencil(photo, 60, 0.07, 0.1)
    painter.paint_watercolor(photo, 60, 0.45)
    painter.paint_oil(photo, 4, 10)


def _distance(painting: np.ndarray, expected: np.ndarray) -> int:
    return int(np.abs(painting.astype(int) - expected).max())

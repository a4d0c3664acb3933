"""The reference equals OpenCV wherever OpenCV is right."""

import cv2
import numpy as np
import pytest

from stylize.engine import WatercolorParams, reference
from tests.support.definitions import oil_by_definition
from tests.support.pictures import picture, pictures

PICTURES = pictures()

AVX2 = 11  # CV_CPU_AVX2
# The law is OpenCV as it computes with AVX2, which every x86-64 machine that runs it for money has.
needs_avx2 = pytest.mark.skipif(not cv2.checkHardwareSupport(AVX2), reason="OpenCV rounds otherwise here")


def opencv_is_sound(height: int, width: int, p: WatercolorParams) -> bool:
    """Whether `stylization` neither mixes rows up (too many pixels) nor reads beyond its arrays.

    The latter can happen when a whole row or column lies within reach of its first pixel. Neighbors are at least
    1 apart in the transformed domain, so long enough rows and columns are safe.
    """
    long_enough = min(height, width) - 1 > reference.pass_radius(p.sigma_s, 0)
    return bool(long_enough and 3 * max(height * (width + 1), width * (height + 1)) <= 2**24)


@needs_avx2
@pytest.mark.parametrize("name", PICTURES)
def test_pencil_is_opencv_pencil_sketch(name: str) -> None:
    """Both drawings equal OpenCV's in every byte."""
    photo = PICTURES[name]
    for sigma_s, sigma_r, shade in [(60, 0.07, 0.1), (10, 0.3, 0.02)]:
        sketch, color = reference.paint_pencil(photo, sigma_s, sigma_r, shade)
        expected_sketch, expected_color = cv2.pencilSketch(photo, sigma_s=sigma_s, sigma_r=sigma_r, shade_factor=shade)
        np.testing.assert_array_equal(sketch, expected_sketch)
        np.testing.assert_array_equal(color, expected_color)


@pytest.mark.parametrize("name", PICTURES)
def test_watercolor_is_opencv_stylization(name: str) -> None:
    """Watercolor is at most one level of 255 away, where OpenCV stays within its arrays."""
    photo = PICTURES[name]
    params = WatercolorParams()
    painting = reference.paint_watercolor(photo, params.sigma_s, params.sigma_r)
    assert painting.shape == photo.shape
    height, width = photo.shape[:2]
    if opencv_is_sound(height, width, params):
        expected = cv2.stylization(photo, sigma_s=params.sigma_s, sigma_r=params.sigma_r)
        assert np.abs(painting.astype(int) - expected).max() <= 1


@pytest.mark.parametrize(("height", "width"), [(33, 17), (1, 1), (100, 3)])
def test_watercolor_leaves_a_flat_picture_alone(height: int, width: int) -> None:
    """A flat picture does not change, also at small sizes, which OpenCV paints black."""
    photo = picture("flat", height, width)
    np.testing.assert_array_equal(reference.paint_watercolor(photo, 60.0, 0.45), photo)


@pytest.mark.parametrize(("size", "dyn_ratio"), [(1, 1), (2, 30), (3, 10), (9, 127)])
@pytest.mark.parametrize("kind", ["random", "near black", "scene"])
def test_oil_is_its_definition(kind: str, size: int, dyn_ratio: int) -> None:
    """Oil equals the mean color of the commonest tone in the clipped window, computed pixel by pixel."""
    photo = picture(kind, 13, 19)
    right = oil_by_definition(photo, size, dyn_ratio)
    np.testing.assert_array_equal(reference.paint_oil(photo, size, dyn_ratio), right)


def test_tones_are_those_of_opencv_gray() -> None:
    """Tones equal OpenCV's gray for a coarse color cube and its surroundings."""
    levels = np.array([0, 1, 2, 63, 64, 127, 128, 200, 254, 255], np.uint8)
    photo = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(10, -1, 3)
    np.testing.assert_array_equal(reference.tones(photo, 1), cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY))

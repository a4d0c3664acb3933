"""Watercolor: OpenCV's `stylization`, and the reference where OpenCV can't be trusted."""

from functools import partial

import cv2

from .crew import Stages
from .kernels import reference
from .params import WatercolorParams
from .workbench import Image, Workbench

EXACT_FLOAT32 = 2**24
"""Whole numbers up to this are exact in float32, in which OpenCV keeps indices into three stacked planes."""


def paint_watercolor(photo: Image, p: WatercolorParams, bench: Workbench, out: Image) -> Stages:
    """Paints `photo` into `out` (H, W, 3)."""
    if opencv_is_sound(photo.shape[0], photo.shape[1], p):
        yield [partial(cv2.stylization, photo, out, p.sigma_s, p.sigma_r)]
    else:
        yield [partial(_paint_reference, photo, p, out)]


def opencv_is_sound(height: int, width: int, p: WatercolorParams) -> bool:
    """Whether `stylization` neither mixes rows up (too many pixels) nor reads beyond its arrays.

    The latter can happen when a whole row or column lies within reach of its first pixel. Neighbors are at least
    1 apart in the transformed domain, so long enough rows and columns are safe.
    """
    long_enough = min(height, width) - 1 > reference.pass_radius(p.sigma_s, 0)
    indices = 3 * max(height * (width + 1), width * (height + 1))
    return bool(long_enough and indices <= EXACT_FLOAT32)


def _paint_reference(photo: Image, p: WatercolorParams, out: Image) -> None:
    out[:] = reference.paint_watercolor(photo, p.sigma_s, p.sigma_r)

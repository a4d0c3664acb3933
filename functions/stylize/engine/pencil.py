"""Sketch and color pencil: both drawings of OpenCV's `pencilSketch`, from one pass."""

from functools import partial

import cv2

from .crew import Stages
from .params import PencilParams
from .workbench import Image, Workbench


def paint_pencil(photo: Image, p: PencilParams, bench: Workbench, sketch: Image, color: Image) -> Stages:
    """Draws `photo` into `sketch` (H, W) and `color` (H, W, 3)."""
    yield [partial(cv2.pencilSketch, photo, sketch, color, p.sigma_s, p.sigma_r, p.shade_factor)]

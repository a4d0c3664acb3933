"""Pixels only: four styles, the codec, the threads and the buffers. No cloud, no environment, no events.

A photo is a BGR uint8 array ``(height, width, 3)``, as OpenCV has it, from 1x1 up. The sketch is uint8
``(height, width)``; the other paintings have the shape of the photo.
"""

from .buffer_pool import BufferPool
from .kernels import Kernels
from .paint import paint, paint_each
from .styles.params import DEFAULTS, OilParams, Params, PencilParams, Style, WatercolorParams
from .thread_pool import ThreadPool

__all__ = [
    "DEFAULTS",
    "BufferPool",
    "Kernels",
    "OilParams",
    "Params",
    "PencilParams",
    "Style",
    "ThreadPool",
    "WatercolorParams",
    "paint",
    "paint_each",
]

"""The engine: styles, codec, threads and buffers. Other packages import from here and no deeper.

A photo is a BGR uint8 array ``(height, width, 3)``, as in OpenCV, of at least 1x1 pixels. The sketch is uint8
``(height, width)``; the other paintings have the shape of the photo.
"""

from .blend import blend
from .buffer_pool import BufferPool, Image
from .codec import (
    MEDIA_TYPES,
    MEGAPIXEL,
    SUFFIXES,
    Credit,
    Format,
    Photo,
    PhotoInfo,
    check_encodable,
    check_size,
    decode,
    encode,
    inspect,
)
from .codec.salt import salted
from .kernels.library import Kernels, KernelsUnavailable
from .paint import Painted, paint, paint_each, reserve_buffers
from .styles import DEFAULTS, STYLE_GROUPS, Params, Style, styles_of
from .styles.oil import OilParams
from .styles.pencil import PencilParams
from .styles.watercolor import WatercolorParams
from .thread_pool import ThreadPool

__all__ = [
    "DEFAULTS",
    "MEDIA_TYPES",
    "MEGAPIXEL",
    "STYLE_GROUPS",
    "SUFFIXES",
    "BufferPool",
    "Credit",
    "Format",
    "Image",
    "Kernels",
    "KernelsUnavailable",
    "OilParams",
    "Painted",
    "Params",
    "PencilParams",
    "Photo",
    "PhotoInfo",
    "Style",
    "ThreadPool",
    "WatercolorParams",
    "blend",
    "check_encodable",
    "check_size",
    "decode",
    "encode",
    "inspect",
    "paint",
    "paint_each",
    "reserve_buffers",
    "salted",
    "styles_of",
]

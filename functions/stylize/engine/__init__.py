"""Pixels only: the styles, the codec, the threads and the buffers. Others import from here and no deeper.

A photo is a BGR uint8 array ``(height, width, 3)``, as OpenCV has it, from 1x1 up. The sketch is uint8
``(height, width)``; the other paintings have the shape of the photo.
"""

from .blend import blend
from .buffer_pool import BufferPool, Image
from .codec.decode import Format, Photo, check_encodable, decode, decoder_bytes, encode
from .codec.inspect import ACCEPTED, Header, check_size
from .codec.inspect import MEGA as MEGAPIXEL
from .codec.inspect import read_header as inspect
from .codec.salt import salted
from .kernels.library import Kernels, KernelsUnavailable
from .paint import Painted, paint, paint_each, reserve_buffers
from .styles import DEFAULTS, STYLE_GROUPS, Params, Style, styles_of
from .styles.oil import OilParams
from .styles.pencil import PencilParams
from .styles.watercolor import WatercolorParams
from .thread_pool import ThreadPool

__all__ = [
    "ACCEPTED",
    "DEFAULTS",
    "MEGAPIXEL",
    "STYLE_GROUPS",
    "BufferPool",
    "Format",
    "Header",
    "Image",
    "Kernels",
    "KernelsUnavailable",
    "OilParams",
    "Painted",
    "Params",
    "PencilParams",
    "Photo",
    "Style",
    "ThreadPool",
    "WatercolorParams",
    "blend",
    "check_encodable",
    "check_size",
    "decode",
    "decoder_bytes",
    "encode",
    "inspect",
    "paint",
    "paint_each",
    "reserve_buffers",
    "salted",
    "styles_of",
]

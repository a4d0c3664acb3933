"""Does the work of a first photo during the cold start: first calls into OpenCV, threads, buffers."""

import numpy as np

from .engine import (
    DEFAULTS,
    MEGAPIXEL,
    BufferPool,
    Format,
    Image,
    Style,
    ThreadPool,
    decode,
    encode,
    paint_each,
    reserve_buffers,
)
from .settings import Settings

SIDE = 128
"""Pixels: large enough that every style takes the same code path as for a photo."""


def warm_up(thread_pool: ThreadPool, buffer_pool: BufferPool, settings: Settings) -> None:
    """Decode, paint and encode a small picture in every style, and allocate buffers for a photo."""
    fmt = settings.default_format
    quality = 90

    def finish(style: Style, image: Image) -> None:
        encode(image, fmt, quality)

    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    encoded = encode(picture, Format.JPEG, quality)
    photo = decode(encoded)
    for _ in paint_each(photo.pixels, finish, Style, DEFAULTS, thread_pool, buffer_pool):
        pass
    reserve_buffers(thread_pool, buffer_pool, int(settings.warm_megapixels * MEGAPIXEL))

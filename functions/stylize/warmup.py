"""What the first photo would otherwise pay for: first calls into OpenCV, threads, buffers."""

import numpy as np

from .engine import DEFAULTS, BufferPool, Style, ThreadPool, paint_each
from .engine.buffer_pool import Image
from .engine.codec.decode import Format, decode, encode
from .engine.codec.inspect import MEGA, read_header
from .settings import Settings

SIDE = 128
"""Large enough that every style runs the code that it runs on a photo."""


def warm_up(thread_pool: ThreadPool, buffer_pool: BufferPool, settings: Settings) -> None:
    """Takes a small picture through every codec step and style, and lays out buffers for a photo."""
    fmt = settings.default_format
    quality = 90

    def finish(style: Style, image: Image) -> None:
        encode(image, fmt, quality)

    picture = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    encoded = encode(picture, Format.JPEG, quality)
    photo = decode(encoded, read_header(encoded))
    for _ in paint_each(photo.pixels, finish, Style, DEFAULTS, thread_pool, buffer_pool):
        pass
    pixels = int(settings.warm_megapixels * MEGA)
    buffer_pool.expect(pixels)
    # Per pixel: differences and washes, with their padding, and what as many styles as there are threads paint on.
    canvases = {1: [3], 2: [3, 3]}.get(thread_pool.threads, [3, 3, 4, 2])
    buffer_pool.reserve([size * pixels for size in (9, 9, *canvases)])

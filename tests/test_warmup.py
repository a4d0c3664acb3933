"""The cold start does the first photo's one-time work."""

import numpy as np

from stylize.engine import DEFAULTS, BufferPool, Style, ThreadPool, paint_each
from stylize.settings import Settings
from stylize.warmup import warm_up


def test_the_first_photo_finds_its_buffers_warm() -> None:
    """The first photo borrows only the buffers of the cold start, and scratch."""
    photo, buffer_pool, thread_pool = np.zeros((500, 700, 3), np.uint8), BufferPool(), ThreadPool(1)
    warm_up(thread_pool, buffer_pool, Settings(warm_megapixels=0.35))
    warm = buffer_pool.kept_bytes
    list(paint_each(photo, lambda style, image: None, Style, DEFAULTS, thread_pool, buffer_pool))
    assert 21 * 350_000 < warm <= buffer_pool.kept_bytes < warm + 200_000

"""Blends a painting with its photo."""

import numpy as np

from .buffer_pool import Image

ROWS = 64
"""Rows blended at a time, so that intermediate products stay in the cache."""


def blend(photo: Image, painting: Image, strength: int) -> Image:
    """Return `strength` percent (0..100) of `painting` over `photo`: (H, W, 3) uint8, halves rounded up.

    A gray painting (H, W) is converted to BGR. With 100 percent the painting is returned unchanged.
    """
    if strength == 100:
        return painting
    blended = np.empty_like(photo)
    for start in range(0, len(photo), ROWS):
        rows = slice(start, start + ROWS)
        over = painting[rows].reshape(*painting[rows].shape[:2], -1).astype(np.uint16)
        sums = over * np.uint16(strength) + photo[rows] * np.uint16(100 - strength)
        blended[rows] = (sums + np.uint16(50)) // np.uint16(100)
    return blended

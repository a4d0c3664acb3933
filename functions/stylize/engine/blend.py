"""How much of a painting there is over its photo."""

import numpy as np

from .buffer_pool import Image

ROWS = 64
"""Blended at a time: their products stay in the cache."""


def blend(photo: Image, painting: Image, strength: int) -> Image:
    """Return `strength` percent (0..100) of `painting` over `photo`: (H, W, 3) uint8, halves rounded up.

    A gray painting (H, W) counts as a BGR one. With 100 percent it is returned as it is.
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

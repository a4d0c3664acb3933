"""Pixels as decoders give them, a few rows at a time: what lies in between is several times as large as the photo."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[Any]

ROWS = 64
"""That are converted at a time."""


class Raster(Protocol):
    """A decoded photo as stored: `space` gray, rgb, cmyk or lab; alpha, if it has any, is the last channel."""

    width: int
    height: int
    space: str
    alpha: bool
    max_value: int

    def rows(self) -> Iterator[tuple[int, Codes]]:
        """Yield where each band begins and its codes (rows, width, channels), red first."""


class ArrayRaster:
    """A raster that lies in an array (height, width) or (height, width, channels), in memory of `owner`."""

    def __init__(self, codes: Codes, space: str, alpha: bool, max_value: int = 255, owner: object = None) -> None:
        self._owner = owner  # NumPy does not know of it, and must not outlive it
        self._codes = codes if codes.ndim == 3 else codes[..., None]
        self.height, self.width = codes.shape[:2]
        self.space, self.alpha, self.max_value = space, alpha, max_value

    def rows(self) -> Iterator[tuple[int, Codes]]:
        for top in range(0, self.height, ROWS):
            yield top, self._codes[top : top + ROWS]


def with_alpha(codes: Codes, transparent: tuple[int, ...], max_value: int) -> NDArray[Any]:
    """Add the alpha of pixels of which one code means transparency."""
    opaque = (codes != np.array(transparent, codes.dtype)).any(axis=2)
    return np.dstack([codes, opaque * codes.dtype.type(max_value)])

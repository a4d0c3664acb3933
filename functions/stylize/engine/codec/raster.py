"""Decoded pixels, a few rows at a time: the intermediate data of a whole photo would be several times as large."""

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[Any]

ROWS = 64
"""The number of rows that are converted at a time."""


class Raster(Protocol):
    """A decoded photo as stored: `space` is gray, rgb, cmyk or lab; if `alpha`, the last channel is alpha."""

    width: int
    height: int
    space: str
    alpha: bool
    max_value: int

    def rows(self) -> Iterator[tuple[int, Codes]]:
        """Yield the first row of each band and its codes (rows, width, channels), red first."""


class ArrayRaster:
    """A raster in an array (height, width) or (height, width, channels), whose memory belongs to `owner`."""

    def __init__(self, codes: Codes, space: str, alpha: bool, max_value: int = 255, owner: object = None) -> None:
        self._owner = owner  # kept alive, because the array uses its memory and NumPy does not refer to it
        self._codes = codes if codes.ndim == 3 else codes[..., None]
        self.height, self.width = codes.shape[:2]
        self.space, self.alpha, self.max_value = space, alpha, max_value

    def rows(self) -> Iterator[tuple[int, Codes]]:
        for top in range(0, self.height, ROWS):
            yield top, self._codes[top : top + ROWS]


def with_alpha(codes: Codes, transparent: tuple[int, ...], max_value: int) -> NDArray[Any]:
    """Add an alpha channel: 0 for the code `transparent`, `max_value` for all others."""
    opaque = (codes != np.array(transparent, codes.dtype)).any(axis=2)
    return np.dstack([codes, opaque * codes.dtype.type(max_value)])

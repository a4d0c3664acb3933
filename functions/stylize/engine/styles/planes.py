"""The arrays of the kernels: canvases, and intermediate planes between stages, cut from buffers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]
Plane = NDArray[Any]

CACHE_LINE = 64
"""Bytes of a cache line."""


class Canvas(IntEnum):
    """An output buffer; the value is the number of its uint8 channels."""

    GRAY = 1
    BGR = 3

    def shape(self, height: int, width: int) -> tuple[int, ...]:
        return (height, width) if self is Canvas.GRAY else (height, width, 3)


@dataclass(frozen=True)
class Planes:
    """The layout of `count` intermediate planes of a photo in one buffer.

    Each plane is (height, stride), or (height, stride, channels) with more than one channel. The stride is the photo's
    width or, if `is_padded`, the result of `stylize_plane_stride`. Content beyond the width is undefined.
    """

    dtype: type[np.generic]
    channels: int = 1
    count: int = 1
    is_padded: bool = True

    def shape(self, height: int, stride: int) -> tuple[int, ...]:
        return (height, stride) if self.channels == 1 else (height, stride, self.channels)

    def size(self, height: int, stride: int) -> int:
        """Return the bytes of the buffer for `cut`."""
        return height * stride * self._pixel_bytes + CACHE_LINE

    def size_at_most(self, pixels: int) -> int:
        """Return an upper bound of `size` for photos of `pixels` pixels with rows of at least 120 pixels.

        Padding adds at most 15 pixels to a row, an eighth of 120.
        """
        return (self._pixel_bytes + (self._pixel_bytes // 8 if self.is_padded else 0)) * pixels + CACHE_LINE

    def cut(self, buffer: U8, height: int, stride: int) -> list[Plane]:
        """Return the planes, one after the other, from the first cache line of `buffer` on."""
        start = -buffer.ctypes.data % CACHE_LINE
        end = start + height * stride * self._pixel_bytes
        planes = np.split(buffer[start:end], self.count)
        return [plane.view(self.dtype).reshape(self.shape(height, stride)) for plane in planes]

    @property
    def _pixel_bytes(self) -> int:
        return np.dtype(self.dtype).itemsize * self.channels * self.count


class Differences(NamedTuple):
    """The distance in color of each pixel to the previous pixel of its row and of its column.

    Both planes are (height, stride) float32, 0..3.
    """

    across: F32
    down: F32

    @property
    def stride(self) -> int:
        return int(self.across.shape[1])


DIFFERENCES = Planes(np.float32, count=2)


class Arrays(NamedTuple):
    """All arrays that the kernels of one style group read and write for one photo; all are contiguous.

    The photo is (height, width, 3) uint8. The painter declares its `canvases`, `planes` and need for `differences`. All
    padded planes have the same stride.
    """

    photo: U8
    canvases: Sequence[U8] = ()
    planes: Sequence[Plane] = ()
    differences: Differences | None = None

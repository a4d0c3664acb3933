"""The arrays that kernels read and write: canvases, and the intermediate planes between stages, cut from buffers."""

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
"""Bytes."""


class Canvas(IntEnum):
    """What is painted on; the value is its channels, of a uint8 each."""

    GRAY = 1
    BGR = 3

    def shape(self, height: int, width: int) -> tuple[int, ...]:
        return (height, width) if self is Canvas.GRAY else (height, width, 3)


@dataclass(frozen=True)
class Planes:
    """How `count` intermediate planes of a photo lie in one buffer.

    Each is (height, stride), or (height, stride, channels) with more than one channel. The stride is the photo's width,
    or if `is_padded` that of `stylize_plane_stride`; what lies beyond the width means nothing.
    """

    dtype: type[np.generic]
    channels: int = 1
    count: int = 1
    is_padded: bool = True

    def shape(self, height: int, stride: int) -> tuple[int, ...]:
        return (height, stride) if self.channels == 1 else (height, stride, self.channels)

    def size(self, height: int, stride: int) -> int:
        """Bytes of a buffer that `cut` is given."""
        return height * stride * self._pixel_bytes + CACHE_LINE

    def size_at_most(self, pixels: int) -> int:
        """The same for any photo of so many pixels, if its rows are not too short.

        A row is padded by at most 15 pixels, which is an eighth of a row of 120.
        """
        return (self._pixel_bytes + (self._pixel_bytes // 8 if self.is_padded else 0)) * pixels + CACHE_LINE

    def cut(self, buffer: U8, height: int, stride: int) -> list[Plane]:
        """The planes, one after the other, from the first cache line of `buffer` on."""
        start = -buffer.ctypes.data % CACHE_LINE
        end = start + height * stride * self._pixel_bytes
        planes = np.split(buffer[start:end], self.count)
        return [plane.view(self.dtype).reshape(self.shape(height, stride)) for plane in planes]

    @property
    def _pixel_bytes(self) -> int:
        return np.dtype(self.dtype).itemsize * self.channels * self.count


class Differences(NamedTuple):
    """How far the color of each pixel is from the one before it in its row and in its column.

    (height, stride) float32, 0..3.
    """

    across: F32
    down: F32

    @property
    def stride(self) -> int:
        return int(self.across.shape[1])


DIFFERENCES = Planes(np.float32, count=2)


class Arrays(NamedTuple):
    """Everything that the kernels of one style group read and write: of one photo, contiguous.

    The photo is (height, width, 3) uint8; `canvases` and `planes` are those that the painter asks for, and so are
    `differences`. All padded planes have one stride.
    """

    photo: U8
    canvases: Sequence[U8] = ()
    planes: Sequence[Plane] = ()
    differences: Differences | None = None

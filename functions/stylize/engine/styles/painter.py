"""The painter of a style group, which divides the work of its kernels into stages and bands."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..buffer_pool import BufferPool
from ..kernels.library import PLANE_STRIDE, Kernel, Library
from .planes import DIFFERENCES, U8, Arrays, Canvas, Plane, Planes

Band = Callable[[], None]
Stages = list[list[Band]]
"""The bands of a stage may run in any order and at the same time; a stage begins when the previous one is done."""


@dataclass(frozen=True)
class BandCutter:
    """Creates the bands of one photo: calls of the kernels of `library`, with scratch from `buffer_pool`."""

    width: int
    height: int
    library: Library
    buffer_pool: BufferPool

    def rows(self, kernel: Kernel, rows: int, plane: Plane, *arguments: object, scratch: int = 0) -> list[Band]:
        """Return a stage: `kernel` for every `rows` rows of `plane`, with `scratch` bytes for each band."""
        return self._cut(kernel, self.height, rows, (plane, *arguments), scratch)

    def columns(self, kernel: Kernel, columns: int, plane: Plane, *arguments: object, scratch: int = 0) -> list[Band]:
        """Return a stage: `kernel` for every `columns` columns of `plane`."""
        return self._cut(kernel, self.width, columns, (plane, *arguments), scratch)

    def _cut(self, kernel: Kernel, length: int, step: int, arguments: Sequence[object], scratch: int) -> list[Band]:
        return [
            self._band(kernel, start, min(start + step, length), arguments, scratch) for start in range(0, length, step)
        ]

    def _band(self, kernel: Kernel, start: int, end: int, arguments: Sequence[object], scratch: int) -> Band:
        def paint(*with_scratch: int) -> None:
            # The arrays stay alive through this closure while C holds their addresses.
            plane, *others = (a.ctypes.data if isinstance(a, np.ndarray) else a for a in arguments)
            self.library.call(kernel, plane, self.width, self.height, start, end, *others, *with_scratch)

        def paint_with_scratch() -> None:
            buffer = self.buffer_pool.acquire(scratch)
            try:
                paint(buffer.ctypes.data, buffer.nbytes)
            finally:
                self.buffer_pool.release(buffer)

        return paint_with_scratch if scratch else paint


class Painter(ABC):
    """Paints photos in the styles of one group, with one set of parameters."""

    canvases: ClassVar[tuple[Canvas, ...]]
    """The canvases, in the order of the group's styles."""
    planes: ClassVar[Planes | None] = None
    """The intermediate planes between the stages."""
    needs_differences: ClassVar[bool] = False
    """Whether the kernels read the differences of neighbors."""

    @abstractmethod
    def stages(self, arrays: Arrays, cutter: BandCutter) -> Stages:
        """Return the stages in which native kernels fill the canvases."""

    @abstractmethod
    def paint_by_reference(self, photo: U8) -> tuple[U8, ...]:
        """Return the contents of the canvases, painted by the reference."""


def cut_stages(painter: Painter, arrays: Arrays, library: Library, buffer_pool: BufferPool) -> Stages:
    """Return the stages of `painter`. Raises ValueError when `arrays` do not match its canvases and planes."""
    cutter = cutter_for(arrays.photo, library, buffer_pool)
    _check(painter, arrays)
    return painter.stages(arrays, cutter)


def cutter_for(photo: U8, library: Library, buffer_pool: BufferPool) -> BandCutter:
    """Return the cutter of a photo. Raises ValueError unless `photo` is a contiguous uint8 (height, width, 3)."""
    if photo.ndim != 3:
        raise ValueError(f"photo: expected shape (height, width, 3), got {photo.shape}")
    height, width = photo.shape[:2]
    expect("photo", photo, (height, width, 3), np.uint8)
    return BandCutter(width, height, library, buffer_pool)


def stride_of(planes: Planes, width: int, library: Library) -> int:
    """Return the stride of `planes` in pixels, for a photo of `width` pixels."""
    return library.size(PLANE_STRIDE, width) if planes.is_padded else width


def expect(name: str, plane: Plane, shape: tuple[int, ...], dtype: type[np.generic]) -> None:
    """Raise ValueError unless `plane` is contiguous and has `shape` and `dtype`."""
    if plane.shape != shape or plane.dtype != dtype or not plane.flags.c_contiguous:
        kind = f"{plane.dtype} {plane.shape}" + ("" if plane.flags.c_contiguous else ", with gaps")
        raise ValueError(f"{name}: expected contiguous {np.dtype(dtype)} {shape}, got {kind}")


def _check(painter: Painter, arrays: Arrays) -> None:
    height, width = arrays.photo.shape[:2]
    stride = width
    if painter.needs_differences:
        if arrays.differences is None:
            raise ValueError("differences: expected two planes, got none")
        stride = max(width, arrays.differences.stride)
        for name, plane in arrays.differences._asdict().items():
            expect(name, plane, DIFFERENCES.shape(height, stride), np.float32)
    elif arrays.planes and painter.planes and painter.planes.is_padded:
        stride = max(width, arrays.planes[0].shape[1])
    for canvas, image in zip(painter.canvases, arrays.canvases, strict=True):
        expect(f"{canvas.name.lower()} canvas", image, canvas.shape(height, width), np.uint8)
    kind = painter.planes
    if len(arrays.planes) != (kind.count if kind else 0):
        raise ValueError(f"planes: expected {kind.count if kind else 0}, got {len(arrays.planes)}")
    for plane in arrays.planes if kind else ():
        assert kind
        expect("plane", plane, kind.shape(height, stride if kind.is_padded else width), kind.dtype)

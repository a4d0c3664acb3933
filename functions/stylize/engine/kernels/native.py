"""The native kernels (kernels.h) on arrays: typed, checked, and cut into bands for a thread_pool of threads.

A style is painted in stages. Each stage is a list of bands, callables without arguments that may run in any order
and at the same time; the next stage starts when all of them have returned. The photos, paintings and intermediate
planes are the caller's; a band borrows its scratch from a `Bench` for as long as it runs.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .. import reference
from .library import Library, kernels

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
I16 = NDArray[np.int16]
F32 = NDArray[np.float32]

Band = Callable[[], None]
Stages = Sequence[Sequence[Band]]


class Differences(NamedTuple):
    """How far the color of each pixel is from the one before it in its row and in its column.

    (height, stride) float32, 0..3; what lies beyond the photo's width means nothing.
    """

    across: F32
    down: F32


class Bench(Protocol):
    """Where bands borrow scratch from; called by several threads at once."""

    def acquire(self, size: int) -> U8:
        """A contiguous buffer of at least `size` bytes that nobody else has."""

    def release(self, buffer: U8) -> None:
        """Takes the buffer back."""


class SpareBuffers:
    """The simplest buffer_pool: keeps what it is given back, and allocates when that is too small."""

    def __init__(self) -> None:
        self._spare: list[U8] = []

    def acquire(self, size: int) -> U8:
        try:
            buffer = self._spare.pop()
        except IndexError:
            return np.empty(size, np.uint8)
        return buffer if buffer.nbytes >= size else np.empty(size, np.uint8)

    def release(self, buffer: U8) -> None:
        self._spare.append(buffer)


_CACHE_LINE = 64
_DIFFERENCE, _WASH, _COUNT = 4, 8, 2
"""Bytes of a pixel in a plane."""


def paint_pencil(photo: U8, sigma_s: float, sigma_r: float, shade_factor: float) -> tuple[U8, U8]:
    """`reference.paint_pencil`, natively, in one thread."""
    height, width = _size(photo)
    differences, counts = find_differences(photo), np.empty((height, width), np.uint16)
    sketch, color = np.empty((height, width), np.uint8), np.empty_like(photo)
    _run(pencil_stages(photo, differences, sketch, color, counts, sigma_s, sigma_r, shade_factor, SpareBuffers()))
    return sketch, color


def paint_oil(photo: U8, size: int, dyn_ratio: int) -> U8:
    """`reference.paint_oil`, natively, in one thread."""
    painting = np.empty_like(photo)
    _run(oil_stages(photo, painting, size, dyn_ratio, SpareBuffers()))
    return painting


def paint_watercolor(photo: U8, sigma_s: float, sigma_r: float) -> U8:
    """`reference.paint_watercolor`, natively, in one thread."""
    height, width = _size(photo)
    painting = np.empty_like(photo)
    washes = cut_washes(np.empty(washes_bytes(width, height), np.uint8), width, height)
    _run(watercolor_stages(photo, find_differences(photo), painting, washes, sigma_s, sigma_r, SpareBuffers()))
    return painting


def find_differences(photo: U8) -> Differences:
    """`reference.differences` along the rows and down the columns, natively, in one thread."""
    height, width = _size(photo)
    differences = cut_differences(np.empty(differences_bytes(width, height), np.uint8), width, height)
    _run(differences_stages(photo, differences))
    return differences


def differences_bytes(width: int, height: int) -> int:
    """Bytes that `cut_differences` asks for: 8 per pixel, and less than 128 more per row."""
    return 2 * height * _stride(width) * _DIFFERENCE + _CACHE_LINE


def cut_differences(buffer: U8, width: int, height: int) -> Differences:
    """The start of `buffer` as planes for `differences_stages`: rows as far apart as suits the processor's cache."""
    stride = _stride(width)
    across, down = (_cut(buffer, height, stride, _DIFFERENCE, skip) for skip in (0, 1))
    return Differences(across.view(np.float32).reshape(height, stride), down.view(np.float32).reshape(height, stride))


def washes_bytes(width: int, height: int) -> int:
    """Bytes that `cut_washes` asks for: 8 per pixel, and less than 128 more per row."""
    return height * _stride(width) * _WASH + _CACHE_LINE


def cut_washes(buffer: U8, width: int, height: int) -> I16:
    """The start of `buffer` as a plane for `watercolor_stages`, with the rows of `cut_differences`."""
    stride = _stride(width)
    return _cut(buffer, height, stride, _WASH).view(np.int16).reshape(height, stride, 4)


def counts_bytes(width: int, height: int) -> int:
    """Bytes that `cut_counts` asks for: 2 per pixel."""
    return width * height * _COUNT


def cut_counts(buffer: U8, width: int, height: int) -> U16:
    """The start of `buffer` as a plane for `pencil_stages`."""
    return buffer[: counts_bytes(width, height)].view(np.uint16).reshape(height, width)


def differences_stages(photo: U8, differences: Differences, *, rows: int = 128) -> Stages:
    """What pencil and watercolor start from. Bands are `rows` high."""
    height, width = _size(photo)
    stride = _check_differences(differences, height, width)
    library = kernels()

    def one(start: int, end: int) -> Band:
        def compare() -> None:
            across, down = (plane.ctypes.data for plane in differences)
            library.call("differences_rows", photo.ctypes.data, width, height, start, end, across, down, stride)

        return compare

    return [[one(start, min(start + rows, height)) for start in range(0, height, rows)]]


def pencil_stages(
    photo: U8,
    differences: Differences,
    sketch: U8,
    color: U8,
    counts: U16,
    sigma_s: float,
    sigma_r: float,
    shade_factor: float,
    buffer_pool: Bench,
    *,
    rows: int = 128,
    columns: int = 256,
) -> Stages:
    """Both drawings. Bands are `rows` high and `columns` wide."""
    height, width = _size(photo)
    stride = _check_differences(differences, height, width)
    _expect("sketch", sketch, (height, width), np.uint8)
    _expect("color", color, (height, width, 3), np.uint8)
    _expect("counts", counts, (height, width), np.uint16)
    library = kernels()
    slope, radius = _slope(sigma_s, sigma_r), float(reference.pass_radius(sigma_s, 0))
    scratch = library.size("pencil_scratch", width, height, shade_factor)
    reach = (slope, radius, shade_factor)
    down, along = (*reach, stride, counts), (*reach, differences.across, stride, counts, sketch, color)
    return [
        _bands(library, "pencil_columns", differences.down[:, :width], width, columns, down, buffer_pool, scratch),
        _bands(library, "pencil_rows", photo, height, rows, along, buffer_pool, scratch),
    ]


def watercolor_stages(
    photo: U8,
    differences: Differences,
    painting: U8,
    washes: I16,
    sigma_s: float,
    sigma_r: float,
    buffer_pool: Bench,
    *,
    rows: int = 128,
    columns: int = 256,
) -> Stages:
    """The watercolor; rows of `washes` are as far apart as those of `differences`. Bands are `rows` high and
    `columns` wide."""
    height, width = _size(photo)
    stride = _check_differences(differences, height, width)
    _expect("painting", painting, (height, width, 3), np.uint8)
    _expect("washes", washes, (height, stride, 4), np.int16)
    across, down = differences.across, differences.down[:, :width]
    library = kernels()
    slope = _slope(sigma_s, sigma_r)
    scratch = library.size("watercolor_scratch", width, height)
    stages = []
    for iteration in range(reference.ITERATIONS):
        reach = (slope, float(reference.pass_radius(sigma_s, iteration)))
        of_rows, of_columns = (*reach, int(iteration == 0), across, washes, stride), (*reach, washes, stride)
        stages.append(_bands(library, "watercolor_rows", photo, height, rows, of_rows, buffer_pool, scratch))
        stages.append(_bands(library, "watercolor_columns", down, width, columns, of_columns, buffer_pool, scratch))
    drawn = washes[:, :width]  # where the washes start, and how many of a row there are
    stages.append(_bands(library, "watercolor_edges", drawn, height, rows, (stride, painting), buffer_pool, scratch))
    return stages


def oil_stages(photo: U8, painting: U8, size: int, dyn_ratio: int, buffer_pool: Bench, *, rows: int = 180) -> Stages:
    """The oil painting. Bands are `rows` high; each begins with the work of about size / 2 rows more."""
    height, width = _size(photo)
    _expect("painting", painting, (height, width, 3), np.uint8)
    library = kernels()
    scratch = library.size("oil_scratch", width, height, size, dyn_ratio)
    return [_bands(library, "oil_rows", photo, height, rows, (size, dyn_ratio, painting), buffer_pool, scratch)]


def _bands(
    library: Library,
    name: str,
    plane: U8 | I16 | F32,
    length: int,
    band: int,
    arguments: tuple[object, ...],
    buffer_pool: Bench,
    scratch: int,
) -> list[Band]:
    """One stage: the kernel `name` for each `band` of the `length` rows or columns of `plane`."""
    height, width = plane.shape[:2]

    def one(start: int, end: int) -> Band:
        def paint() -> None:
            buffer = buffer_pool.acquire(scratch)
            try:
                # The arrays stay alive through this closure while C holds their addresses.
                given = [a.ctypes.data if isinstance(a, np.ndarray) else a for a in (plane, *arguments)]
                library.call(name, given[0], width, height, start, end, *given[1:], buffer.ctypes.data, buffer.nbytes)
            finally:
                buffer_pool.release(buffer)

        return paint

    return [one(start, min(start + band, length)) for start in range(0, length, band)]


def _size(photo: U8) -> tuple[int, int]:
    if photo.ndim != 3:
        raise ValueError(f"expected a photo of shape (height, width, 3), got {photo.shape}")
    height, width = photo.shape[:2]
    _expect("photo", photo, (height, width, 3), np.uint8)
    return height, width


def _check_differences(differences: Differences, height: int, width: int) -> int:
    """Pixels from one row of the planes to the next. Raises ValueError when they are not of this photo."""
    stride = max(width, int(differences.across.shape[-1]))
    for name, plane in differences._asdict().items():
        _expect(name, plane, (height, stride), np.float32)
    return stride


def _expect(name: str, plane: NDArray[np.generic], shape: tuple[int, ...], dtype: type[np.generic]) -> None:
    if plane.shape != shape or plane.dtype != dtype or not plane.flags.c_contiguous:
        kind = f"{plane.dtype} {plane.shape}" + ("" if plane.flags.c_contiguous else ", with gaps")
        raise ValueError(f"expected contiguous {np.dtype(dtype)} {shape} for {name}, got {kind}")


def _stride(width: int) -> int:
    return kernels().size("plane_stride", width)


def _cut(buffer: U8, height: int, stride: int, pixel: int, skip: int = 0) -> U8:
    """A plane of `pixel` bytes per pixel, from the first cache line of `buffer` on, `skip` planes after it."""
    size = height * stride * pixel
    start = -buffer.ctypes.data % _CACHE_LINE + skip * size
    return buffer[start : start + size]


def _slope(sigma_s: float, sigma_r: float) -> float:
    return float(np.float32(sigma_s) / np.float32(sigma_r))


def _run(stages: Iterable[Iterable[Band]]) -> None:
    for stage in stages:
        for band in stage:
            band()

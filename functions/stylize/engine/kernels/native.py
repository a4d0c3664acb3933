"""The native kernels (kernels.h) as Python calls: typed, checked, and cut into bands for a crew of threads.

A style is painted in stages. Each stage is a list of bands, callables without arguments that may run in any order
and at the same time; the next stage starts when all of them have returned. ctypes lets go of the interpreter
while a band runs. The photos, paintings and intermediate planes are the caller's; a band borrows its scratch from
a `Bench` for as long as it runs.
"""

import ctypes
import os
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from . import reference

U8 = NDArray[np.uint8]
U16 = NDArray[np.uint16]
I16 = NDArray[np.int16]

Band = Callable[[], None]
Stages = Sequence[Sequence[Band]]

ABI = 1
LIBRARY = Path(__file__).with_name("libstylize_kernels.so")
LEVEL_VARIABLE = "STYLIZE_KERNEL_LEVEL"
"""Environment: `baseline` keeps to instructions that every processor has. For tests and measurements."""

STATUS = {
    1: "expected buffers, got NULL",
    2: "expected sides of 1 to 65535 pixels and at most 100 megapixels, got another size",
    3: "expected a band inside the photo, got one that is empty or leaves it",
    4: "expected parameters in the ranges of kernels.h, got others",
    5: "expected more scratch",
    6: "expected intermediate planes aligned to their elements, with a stride in the range of kernels.h, got others",
}


class KernelsUnavailable(RuntimeError):
    """The library of kernels is missing, is not of this version, or lacks the level asked for."""


class Bench(Protocol):
    """Where bands borrow scratch from; called by several threads at once."""

    def check_out(self, size: int) -> U8:
        """A contiguous buffer of at least `size` bytes that nobody else has."""

    def check_in(self, buffer: U8) -> None:
        """Takes the buffer back."""


class SpareBuffers:
    """The simplest bench: keeps what it is given back, and allocates when that is too small."""

    def __init__(self) -> None:
        self._spare: list[U8] = []

    def check_out(self, size: int) -> U8:
        try:
            buffer = self._spare.pop()
        except IndexError:
            return np.empty(size, np.uint8)
        return buffer if buffer.nbytes >= size else np.empty(size, np.uint8)

    def check_in(self, buffer: U8) -> None:
        self._spare.append(buffer)


_WASH, _CACHE_LINE = 8, 64
_INT, _FLOAT, _BYTES, _PLANE = ctypes.c_int32, ctypes.c_float, ctypes.c_size_t, ctypes.c_void_p
_PHOTO_AND_BAND = [_PLANE, _INT, _INT, _INT, _INT]
_SCRATCH = [_PLANE, _BYTES]
_SIZES: dict[str, list[Any]] = {
    "pencil_scratch": [_INT, _INT, _FLOAT],
    "watercolor_stride": [_INT],
    "watercolor_scratch": [_INT, _INT],
    "oil_scratch": [_INT, _INT, _INT, _INT],
}
_KERNELS: dict[str, list[Any]] = {
    "pencil_columns": [*_PHOTO_AND_BAND, _FLOAT, _FLOAT, _FLOAT, _PLANE, *_SCRATCH],
    "pencil_rows": [*_PHOTO_AND_BAND, _FLOAT, _FLOAT, _FLOAT, _PLANE, _PLANE, _PLANE, *_SCRATCH],
    "watercolor_rows": [*_PHOTO_AND_BAND, _FLOAT, _FLOAT, _INT, _PLANE, _INT, *_SCRATCH],
    "watercolor_columns": [*_PHOTO_AND_BAND, _FLOAT, _FLOAT, _PLANE, _INT, *_SCRATCH],
    "watercolor_edges": [*_PHOTO_AND_BAND, _INT, _PLANE, *_SCRATCH],
    "oil_rows": [*_PHOTO_AND_BAND, _INT, _INT, _PLANE, *_SCRATCH],
}
_TABLES: list[tuple[dict[str, list[Any]], type]] = [(_SIZES, _BYTES), (_KERNELS, ctypes.c_int)]


class Library:
    """One level of the loaded library. `call` is the only place where a status becomes an exception."""

    def __init__(self, path: Path, level: str | None = None) -> None:
        try:
            library = ctypes.CDLL(str(path))
            library.stylize_abi.restype = ctypes.c_int32
            abi = library.stylize_abi()
        except (OSError, AttributeError) as error:
            raise KernelsUnavailable(f"expected the kernels at {path}, got: {error}; see build.py") from error
        if abi != ABI:
            raise KernelsUnavailable(f"expected kernels of ABI {ABI} at {path}, got ABI {abi}; build them again")
        library.stylize_level.restype = ctypes.c_char_p
        self.level: str = level or library.stylize_level().decode()
        try:
            self._functions = {
                name: _bind(library, f"stylize_{name}_{self.level}", types, restype)
                for table, restype in _TABLES
                for name, types in table.items()
            }
        except AttributeError as error:
            raise KernelsUnavailable(f"expected kernels of level {self.level!r} at {path}, got: {error}") from error

    def size(self, name: str, *arguments: float) -> int:
        size: int = self._functions[name](*arguments)
        if size == 0:
            raise ValueError(f"{name}: {STATUS[2]}, or {STATUS[4]}: {arguments}")
        return size

    def call(self, name: str, *arguments: object) -> None:
        status = self._functions[name](*arguments)
        if status:
            raise ValueError(f"{name}: {STATUS.get(status, f'status {status}')}")


def kernels() -> Library:
    """The library beside this file, loaded once, at the level that the environment or else the processor says."""
    return _load(LIBRARY, os.environ.get(LEVEL_VARIABLE) or None)


_load = cache(Library)


def paint_pencil(photo: U8, sigma_s: float, sigma_r: float, shade_factor: float) -> tuple[U8, U8]:
    """`reference.paint_pencil`, natively, in one thread."""
    sketch, color, down = np.empty(photo.shape[:2], np.uint8), np.empty_like(photo), pencil_plane(photo)
    _run(pencil_stages(photo, sketch, color, down, sigma_s, sigma_r, shade_factor, SpareBuffers()))
    return sketch, color


def paint_oil(photo: U8, size: int, dyn_ratio: int) -> U8:
    """`reference.paint_oil`, natively, in one thread."""
    painting = np.empty_like(photo)
    _run(oil_stages(photo, painting, size, dyn_ratio, SpareBuffers()))
    return painting


def paint_watercolor(photo: U8, sigma_s: float, sigma_r: float) -> U8:
    """`reference.paint_watercolor`, natively, in one thread."""
    painting, washes = np.empty_like(photo), watercolor_plane(photo)
    _run(watercolor_stages(photo, painting, washes, sigma_s, sigma_r, SpareBuffers()))
    return painting


def pencil_plane(photo: U8) -> U16:
    """A plane for `pencil_stages`' counts."""
    height, width = _size(photo)
    return pencil_counts(np.empty(pencil_bytes(width, height), np.uint8), width, height)


def pencil_bytes(width: int, height: int) -> int:
    """Bytes that `pencil_counts` asks for: 2 per pixel."""
    return width * height * 2


def pencil_counts(buffer: U8, width: int, height: int) -> U16:
    """The start of `buffer` as a plane for `pencil_stages`."""
    return buffer[: pencil_bytes(width, height)].view(np.uint16).reshape(height, width)


def watercolor_plane(photo: U8) -> I16:
    """A plane for `watercolor_stages`' washes."""
    height, width = _size(photo)
    return watercolor_washes(np.empty(watercolor_bytes(width, height), np.uint8), width, height)


def watercolor_bytes(width: int, height: int) -> int:
    """Bytes that `watercolor_washes` asks for: 8 per pixel, and less than 128 more per row."""
    return height * _stride(width) * _WASH + _CACHE_LINE


def watercolor_washes(buffer: U8, width: int, height: int) -> I16:
    """The start of `buffer` as a plane for `watercolor_stages`: rows as far apart as suits the processor's cache."""
    stride = _stride(width)
    start = -buffer.ctypes.data % _CACHE_LINE
    return buffer[start : start + height * stride * _WASH].view(np.int16).reshape(height, stride, 4)


def pencil_scratch(width: int, height: int, shade_factor: float) -> int:
    """Bytes that each running band of `pencil_stages` borrows."""
    return kernels().size("pencil_scratch", width, height, shade_factor)


def watercolor_scratch(width: int, height: int) -> int:
    """Bytes that each running band of `watercolor_stages` borrows."""
    return kernels().size("watercolor_scratch", width, height)


def oil_scratch(width: int, height: int, size: int, dyn_ratio: int) -> int:
    """Bytes that each running band of `oil_stages` borrows."""
    return kernels().size("oil_scratch", width, height, size, dyn_ratio)


def pencil_stages(
    photo: U8,
    sketch: U8,
    color: U8,
    down: U16,
    sigma_s: float,
    sigma_r: float,
    shade_factor: float,
    bench: Bench,
    *,
    rows: int = 128,
    columns: int = 256,
) -> Stages:
    """Both drawings; `down` is a `pencil_plane`. Bands are `rows` high and `columns` wide."""
    height, width = _size(photo)
    _expect("sketch", sketch, (height, width), np.uint8)
    _expect("color", color, (height, width, 3), np.uint8)
    _expect("down", down, (height, width), np.uint16)
    library = kernels()
    slope, radius = _slope(sigma_s, sigma_r), float(reference.pass_radius(sigma_s, 0))
    scratch = library.size("pencil_scratch", width, height, shade_factor)
    reach = (slope, radius, shade_factor)
    return [
        _bands(library, "pencil_columns", photo, width, columns, (*reach, down), bench, scratch),
        _bands(library, "pencil_rows", photo, height, rows, (*reach, down, sketch, color), bench, scratch),
    ]


def watercolor_stages(
    photo: U8,
    painting: U8,
    washes: I16,
    sigma_s: float,
    sigma_r: float,
    bench: Bench,
    *,
    rows: int = 128,
    columns: int = 256,
) -> Stages:
    """The watercolor; `washes` is a `watercolor_plane`. Bands are `rows` high and `columns` wide."""
    height, width = _size(photo)
    _expect("painting", painting, (height, width, 3), np.uint8)
    stride = washes.shape[1] if washes.ndim == 3 else 0
    _expect("washes", washes, (height, max(stride, width), 4), np.int16)
    library = kernels()
    slope = _slope(sigma_s, sigma_r)
    scratch = library.size("watercolor_scratch", width, height)
    stages = []
    for iteration in range(reference.ITERATIONS):
        reach = (slope, float(reference.pass_radius(sigma_s, iteration)))
        across = (*reach, int(iteration == 0), washes, stride)
        stages.append(_bands(library, "watercolor_rows", photo, height, rows, across, bench, scratch))
        down = (*reach, washes, stride)
        stages.append(_bands(library, "watercolor_columns", photo, width, columns, down, bench, scratch))
    drawn = washes[:, :width]  # where the washes start, and how many of a row there are
    stages.append(_bands(library, "watercolor_edges", drawn, height, rows, (stride, painting), bench, scratch))
    return stages


def oil_stages(photo: U8, painting: U8, size: int, dyn_ratio: int, bench: Bench, *, rows: int = 180) -> Stages:
    """The oil painting. Bands are `rows` high; each begins with the work of about size / 2 rows more."""
    height, width = _size(photo)
    _expect("painting", painting, (height, width, 3), np.uint8)
    library = kernels()
    scratch = library.size("oil_scratch", width, height, size, dyn_ratio)
    return [_bands(library, "oil_rows", photo, height, rows, (size, dyn_ratio, painting), bench, scratch)]


def _bands(
    library: Library,
    name: str,
    plane: U8 | I16,
    length: int,
    band: int,
    arguments: tuple[object, ...],
    bench: Bench,
    scratch: int,
) -> list[Band]:
    """One stage: the kernel `name` for each `band` of the `length` rows or columns of `plane`."""
    height, width = plane.shape[:2]

    def one(start: int, end: int) -> Band:
        def paint() -> None:
            buffer = bench.check_out(scratch)
            try:
                # The arrays stay alive through this closure while C holds their addresses.
                given = [a.ctypes.data if isinstance(a, np.ndarray) else a for a in (plane, *arguments)]
                library.call(name, given[0], width, height, start, end, *given[1:], buffer.ctypes.data, buffer.nbytes)
            finally:
                bench.check_in(buffer)

        return paint

    return [one(start, min(start + band, length)) for start in range(0, length, band)]


def _size(photo: U8) -> tuple[int, int]:
    if photo.ndim != 3:
        raise ValueError(f"expected a photo of shape (height, width, 3), got {photo.shape}")
    height, width = photo.shape[:2]
    _expect("photo", photo, (height, width, 3), np.uint8)
    return height, width


def _expect(name: str, plane: NDArray[np.generic], shape: tuple[int, ...], dtype: type[np.generic]) -> None:
    if plane.shape != shape or plane.dtype != dtype or not plane.flags.c_contiguous:
        kind = f"{plane.dtype} {plane.shape}" + ("" if plane.flags.c_contiguous else ", with gaps")
        raise ValueError(f"expected contiguous {np.dtype(dtype)} {shape} for {name}, got {kind}")


def _stride(width: int) -> int:
    return kernels().size("watercolor_stride", width)


def _slope(sigma_s: float, sigma_r: float) -> float:
    return float(np.float32(sigma_s) / np.float32(sigma_r))


def _run(stages: Iterable[Iterable[Band]]) -> None:
    for stage in stages:
        for band in stage:
            band()


def _bind(library: ctypes.CDLL, symbol: str, types: Sequence[Any], restype: type) -> Callable[..., int]:
    function = getattr(library, symbol)
    function.argtypes, function.restype = types, restype
    return function  # type: ignore[no-any-return]

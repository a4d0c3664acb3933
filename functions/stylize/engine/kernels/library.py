"""The library of native kernels: loaded, checked, and called by ctypes, which lets go of the interpreter."""

import ctypes
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

ABI = 2
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


_INT, _FLOAT, _BYTES, _PLANE = ctypes.c_int32, ctypes.c_float, ctypes.c_size_t, ctypes.c_void_p
_PLANE_AND_BAND = [_PLANE, _INT, _INT, _INT, _INT]
_SCRATCH = [_PLANE, _BYTES]
_SIZES: dict[str, list[Any]] = {
    "plane_stride": [_INT],
    "pencil_scratch": [_INT, _INT, _FLOAT],
    "watercolor_scratch": [_INT, _INT],
    "oil_scratch": [_INT, _INT, _INT, _INT],
}
_KERNELS: dict[str, list[Any]] = {
    "differences_rows": [*_PLANE_AND_BAND, _PLANE, _PLANE, _INT],
    "pencil_columns": [*_PLANE_AND_BAND, _FLOAT, _FLOAT, _FLOAT, _INT, _PLANE, *_SCRATCH],
    "pencil_rows": [*_PLANE_AND_BAND, _FLOAT, _FLOAT, _FLOAT, _PLANE, _INT, _PLANE, _PLANE, _PLANE, *_SCRATCH],
    "watercolor_rows": [*_PLANE_AND_BAND, _FLOAT, _FLOAT, _INT, _PLANE, _PLANE, _INT, *_SCRATCH],
    "watercolor_columns": [*_PLANE_AND_BAND, _FLOAT, _FLOAT, _PLANE, _INT, *_SCRATCH],
    "watercolor_edges": [*_PLANE_AND_BAND, _INT, _PLANE, *_SCRATCH],
    "oil_rows": [*_PLANE_AND_BAND, _INT, _INT, _PLANE, *_SCRATCH],
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


def _bind(library: ctypes.CDLL, symbol: str, types: Sequence[Any], restype: type) -> Callable[..., int]:
    function = getattr(library, symbol)
    function.argtypes, function.restype = types, restype
    return function  # type: ignore[no-any-return]

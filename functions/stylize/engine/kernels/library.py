"""Loads, checks and calls the library of native kernels through ctypes, which releases the interpreter's lock."""

import ctypes
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any

ABI = 4
LIBRARY = Path(__file__).with_name("libstylize_kernels.so")

STATUS = {
    1: "expected buffers, got NULL",
    2: "expected sides of 1 to 65535 pixels and at most 100 megapixels, got another size",
    3: "expected a band inside the photo, got one that is empty or leaves it",
    4: "expected parameters in the ranges of kernels.h, got others",
    5: "expected more scratch",
    6: "expected intermediate planes aligned to their elements, with a stride in the range of kernels.h, got others",
}

INT, FLOAT, BYTES, POINTER = ctypes.c_int32, ctypes.c_float, ctypes.c_size_t, ctypes.c_void_p
BAND = (POINTER, INT, INT, INT, INT)
"""First arguments of every kernel: the photo or plane, its width and height, and the band."""
SCRATCH = (POINTER, BYTES)


class Kernels(StrEnum):
    """The implementation that paints; AUTO is native if the library has been built."""

    AUTO = "auto"
    NATIVE = "native"
    REFERENCE = "reference"


class KernelsUnavailable(RuntimeError):
    """The library of kernels is missing, has another version, or lacks the requested target."""


class Prototype:
    """A function of kernels.h: its name, without prefix and target, and the types of its arguments."""

    restype: Any

    def __init__(self, name: str, *arguments: Any) -> None:
        self.name = name
        self.arguments = arguments


class Kernel(Prototype):
    """Paints a band and returns a status."""

    restype = ctypes.c_int


class Size(Prototype):
    """Returns a size for the kernels, such as bytes of scratch, or 0 for arguments that they would refuse."""

    restype = BYTES


PLANE_STRIDE = Size("plane_stride", INT)


class Library:
    """One target of the loaded library. `call` is the only place where a status becomes an exception."""

    def __init__(self, path: Path = LIBRARY, target: str | None = None) -> None:
        """Load `target`; None: the best one for this processor. Raises KernelsUnavailable."""
        try:
            self._library = ctypes.CDLL(str(path))
            self._library.stylize_abi.restype = ctypes.c_int32
            abi = self._library.stylize_abi()
        except (OSError, AttributeError) as error:
            raise KernelsUnavailable(f"expected the kernels at {path}, got: {error}; see build.py") from error
        if abi != ABI:
            raise KernelsUnavailable(f"expected kernels of ABI {ABI} at {path}, got ABI {abi}; build them again")
        self._library.stylize_target.restype = ctypes.c_char_p
        self.target: str = target or self._library.stylize_target().decode()
        self._functions: dict[str, Callable[..., int]] = {}
        try:
            self.function(PLANE_STRIDE)
        except AttributeError as error:
            raise KernelsUnavailable(f"expected kernels of target {self.target!r} at {path}, got: {error}") from error

    def size(self, size: Size, *arguments: float) -> int:
        """Return a size. Raises ValueError for arguments that the kernels would refuse."""
        answer = self.function(size)(*arguments)
        if answer == 0:
            raise ValueError(f"{size.name}: {STATUS[2]}, or {STATUS[4]}: {arguments}")
        return answer

    def call(self, kernel: Kernel, *arguments: object) -> None:
        """Call a kernel. Raises ValueError when the kernel refuses its arguments."""
        status = self.function(kernel)(*arguments)
        if status:
            raise ValueError(f"{kernel.name}: {STATUS.get(status, f'status {status}')}")

    def function(self, prototype: Prototype) -> Callable[..., int]:
        """Return the C function of this target."""
        try:
            return self._functions[prototype.name]
        except KeyError:
            function = getattr(self._library, f"stylize_{prototype.name}_{self.target}")
            function.argtypes, function.restype = prototype.arguments, prototype.restype
            return self._functions.setdefault(prototype.name, function)


def load(kernels: Kernels, path: Path = LIBRARY, target: str | None = None) -> Library | None:
    """Return the library that paints, or None if the reference paints.

    Raises KernelsUnavailable when native kernels are required and missing.
    """
    if kernels is Kernels.REFERENCE:
        return None
    try:
        return Library(path, target)
    except KernelsUnavailable:
        if kernels is Kernels.NATIVE:
            raise
        return None

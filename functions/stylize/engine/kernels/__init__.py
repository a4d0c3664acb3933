"""The styles on arrays: in C (native.py, compiled by build.py) and in plain NumPy (reference.py), which is the law."""

from enum import StrEnum

from .library import KernelsUnavailable, kernels


class Kernels(StrEnum):
    """Who paints; AUTO is native where it has been built."""

    AUTO = "auto"
    NATIVE = "native"
    REFERENCE = "reference"


def choose(wish: Kernels) -> Kernels:
    """NATIVE or REFERENCE. Raises KernelsUnavailable when native is asked for and is not to be had."""
    if wish is Kernels.REFERENCE:
        return wish
    try:
        kernels()
    except KernelsUnavailable:
        if wish is Kernels.NATIVE:
            raise
        return Kernels.REFERENCE
    return Kernels.NATIVE

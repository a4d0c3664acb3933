"""Freed memory: kept in the process from one photo to the next, or returned to the kernel."""

import ctypes
import sys
from collections.abc import Callable

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_MOST = 32 << 20
"""Bytes: the highest threshold that glibc accepts (mallopt(3))."""


def keep_freed_memory() -> None:
    """Keep freed blocks of up to 32 MB in the process for the next photo. Without glibc, do nothing.

    Otherwise the kernel may allocate OpenCV's memory anew for every photo, with a page fault every 4 KB. glibc raises
    its thresholds to the same limit by itself, but only while block sizes happen to grow (mallopt(3)).
    """
    mallopt = _of_glibc("mallopt")
    if mallopt:
        mallopt(_MMAP_THRESHOLD, _MOST)
        mallopt(_TRIM_THRESHOLD, 2 * _MOST)


def give_freed_memory_back() -> None:
    """Return all freed memory to the kernel. Without glibc, do nothing."""
    malloc_trim = _of_glibc("malloc_trim")
    if malloc_trim:
        malloc_trim(ctypes.c_size_t(0))


def _of_glibc(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform.startswith("linux") else None

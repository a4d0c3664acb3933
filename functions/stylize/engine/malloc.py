"""What is freed: kept warm from one photo to the next, or given back."""

import ctypes
import sys
from collections.abc import Callable

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_MOST = 32 << 20
"""Bytes: the highest threshold that glibc accepts."""


def keep_freed_memory() -> None:
    """Lets the process keep what was freed, in blocks of up to 32 MB, for the next photo.

    Otherwise OpenCV's memory may come new from the kernel for every photo, with a page fault every 4 KB. glibc raises
    its thresholds as far by itself, but only while blocks happen to grow (mallopt(3)). Without glibc it does nothing.
    """
    mallopt = _of_glibc("mallopt")
    if mallopt:
        mallopt(_MMAP_THRESHOLD, _MOST)
        mallopt(_TRIM_THRESHOLD, 2 * _MOST)


def give_freed_memory_back() -> None:
    """Lets the kernel have all of it. Without glibc it does nothing."""
    malloc_trim = _of_glibc("malloc_trim")
    if malloc_trim:
        malloc_trim(ctypes.c_size_t(0))


def _of_glibc(name: str) -> Callable[..., int] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform.startswith("linux") else None

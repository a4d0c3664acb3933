"""What decoders do with memory: kept warm from one photo to the next, and fenced in.

A small file can ask for more than the whole function has.
"""

import ctypes
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

_FENCE = Lock()  # the limit is the process's: two fences at a time would put each other's back

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


@contextmanager
def at_most(more_bytes: int) -> Iterator[None]:
    """In this block, memory beyond `more_bytes` on top of what is in use now is not to be had: allocations fail.

    Without it the whole process would be killed, and the photo tried again and again. Elsewhere than on Linux it does
    nothing.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource  # there is none on Windows

    with _FENCE:
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        in_use = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
        limits = [limit for limit in (soft, hard, in_use + more_bytes) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

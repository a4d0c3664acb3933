"""A fence around the memory of a decoder: a small file can ask for more than the whole function has."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

_FENCE = Lock()  # the limit is the process's: two fences at a time would put each other's back


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

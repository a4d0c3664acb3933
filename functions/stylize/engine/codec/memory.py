"""What decoding takes, and a fence around it: a small file can ask for more than the whole function has."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import numpy as np

from ...errors import PhotoTooLarge, UnreadablePhoto
from .header import MEGAPIXEL, Header

BYTES_PER_PIXEL = {
    "jpeg": 9,
    "jpeg scans": 18,
    "png": 10,
    "png deep": 22,
    "webp": 20,
    "avif": 20,
    "avif deep": 24,
    "heic": 18,
    "heic deep": 26,
    "gif": 10,
    "tiff": 16,
    "tiff deep": 24,
    "bmp": 10,
    "jp2": 30,
    "jp2 deep": 40,
}
"""The most that decoding takes, its result included and the file not: `python -m bench.decoders` measures it."""

SPARE_BYTES = 64 * MEGAPIXEL
"""On top, for any photo: libraries, tables, metadata."""

_FENCE = Lock()  # the limit is the process's: two fences at a time would put each other's back


def decoding_bytes(header: Header, file_bytes: int) -> int:
    """Return what decoding takes beside the file: the pixels, what lies between, and one copy of the file."""
    return bytes_per_pixel(header) * header.width * header.height + file_bytes


def bytes_per_pixel(header: Header) -> int:
    return BYTES_PER_PIXEL.get(f"{header.format} {header.coding}", BYTES_PER_PIXEL[header.format])


def check_room(header: Header, file_bytes: int, room: int | None) -> None:
    """Raise PhotoTooLarge when the file and decoding it take more than `room` bytes."""
    if room is not None and file_bytes + decoding_bytes(header, file_bytes) > room:
        width, height = header.upright
        most = max(0.0, (room - 2 * file_bytes) / bytes_per_pixel(header) / MEGAPIXEL)
        raise PhotoTooLarge(
            f"expected at most {most:.1f} megapixels in a {header.format} of {file_bytes / 1e6:.1f} MB, "
            f"as there is memory for, got {width * height / MEGAPIXEL:.1f} ({width} x {height})"
        )


@contextmanager
def fenced(needed: int, beside: int, refusal: str) -> Iterator[None]:
    """Give a decoder `needed` bytes and a little more, others `beside`, and refuse the photo that asks for more.

    Raises UnreadablePhoto, with `refusal`, and MemoryError when there is too little memory for a sound photo now.
    """
    try:
        with _at_most(needed + beside + SPARE_BYTES):
            yield
    except MemoryError:  # the photo's fault? If memory is short, this raises MemoryError once more
        np.empty(needed, np.uint8)
        raise UnreadablePhoto(f"{refusal}: it takes more memory than a photo of its size") from None


@contextmanager
def _at_most(more_bytes: int) -> Iterator[None]:
    """In this block, memory beyond `more_bytes` on top of what is in use now is not to be had: allocations fail.

    Without it the whole process would be killed, and the photo tried again and again. What counts is memory that can
    be written to, not addresses. Elsewhere than on Linux it does nothing.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource  # there is none on Windows

    with _FENCE:
        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        in_use = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()
        limits = [limit for limit in (soft, hard, in_use + more_bytes) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))

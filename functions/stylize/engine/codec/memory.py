"""The memory of decoding, and its limit: a small file can ask for more than the whole function has."""

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
"""Upper bounds of decoding memory, with the result and without the file; `python -m bench.decoders` measures it."""

SPARE_BYTES = 64 * MEGAPIXEL
"""Bytes on top for any photo: libraries, tables, metadata."""

_FENCE = Lock()  # the limit is one of the process: two blocks at a time would restore each other's value


def decoding_bytes(header: Header, file_bytes: int) -> int:
    """Return the bytes that decoding takes beside the file: pixels, intermediate data, and one copy of the file."""
    return bytes_per_pixel(header) * header.width * header.height + file_bytes


def bytes_per_pixel(header: Header) -> int:
    return BYTES_PER_PIXEL.get(f"{header.format} {header.coding}", BYTES_PER_PIXEL[header.format])


def check_room(header: Header, file_bytes: int, room: int | None) -> None:
    """Raise PhotoTooLarge when the file and its decoding take more than `room` bytes; None is no limit."""
    if room is not None and file_bytes + decoding_bytes(header, file_bytes) > room:
        width, height = header.upright
        most = max(0.0, (room - 2 * file_bytes) / bytes_per_pixel(header) / MEGAPIXEL)
        raise PhotoTooLarge(
            f"expected at most {most:.1f} megapixels in a {header.format} of {file_bytes / 1e6:.1f} MB, "
            f"as there is memory for, got {width * height / MEGAPIXEL:.1f} ({width} x {height})"
        )


@contextmanager
def fenced(needed: int, beside: int, refusal: str) -> Iterator[None]:
    """Let a decoder allocate `needed` bytes and SPARE_BYTES, and other threads `beside` bytes, during the block.

    Raises UnreadablePhoto, with the text `refusal`, for a photo that needs more, and MemoryError when there is too
    little memory even for a sound photo now.
    """
    try:
        with _at_most(needed + beside + SPARE_BYTES):
            yield
    except MemoryError:  # if memory is short, `np.empty` raises it again; otherwise the photo is at fault
        np.empty(needed, np.uint8)
        raise UnreadablePhoto(f"{refusal}: it takes more memory than a photo of its size") from None


@contextmanager
def _at_most(more_bytes: int) -> Iterator[None]:
    """Limit the process to `more_bytes` more memory than it uses now, during the block: larger allocations fail.

    Without the limit the whole process would be killed, and the photo retried again and again. The limit counts
    writable memory, not addresses. On systems other than Linux there is no limit.
    """
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource  # imported here, because Windows does not have it

    with _FENCE:
        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        in_use = int(Path("/proc/self/statm").read_text("ascii").split()[5]) * resource.getpagesize()
        limits = [limit for limit in (soft, hard, in_use + more_bytes) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))

"""Boxes of the ISO base media file format (ISO/IEC 14496-12), which JP2, AVIF and HEIF are made of."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import UnreadablePhoto

_MOST_BOXES = 20_000
"""The most boxes in one place: photos have dozens, grids of tiles some hundreds of properties."""


@dataclass(frozen=True)
class Box:
    """A box: its kind, and start and end of its content. `lacks` is the number of its bytes that are missing."""

    kind: bytes
    begin: int
    end: int
    lacks: int = 0


def boxes(data: bytes, at: int, stop: int) -> Iterator[Box]:
    """Yield the boxes between `at` and `stop`. Raises UnreadablePhoto if one is shorter than its header."""
    for _ in range(_MOST_BOXES):
        if at + 8 > stop:
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        begin = at + 8
        if size == 1 and at + 16 <= stop:
            size, begin = struct.unpack_from(">Q", data, at + 8)[0], at + 16
        end = stop if size == 0 else at + size
        if end < begin:
            raise UnreadablePhoto(f"expected boxes that are as long as their headers, got one of {size} bytes")
        yield Box(kind, min(begin, stop), min(end, stop), lacks=max(0, end - stop))
        at = end
    raise UnreadablePhoto(f"expected at most {_MOST_BOXES} boxes in one place, got more")


def child(data: bytes, parent: Box, *path: bytes, skip: int = 0) -> Box | None:
    """Return the first box along `path` inside `parent`, whose boxes start `skip` bytes after the start of its content.

    None if there is no such box.
    """
    box: Box | None = parent
    for kind in path:
        if box is None:
            return None
        box = next((b for b in boxes(data, box.begin + skip, box.end) if b.kind == kind), None)
        skip = 0
    return box

"""Directories of tags as TIFF 6.0 lays them out: in TIFF itself, and in Exif.

What a directory says is believed only as far as the bytes are there: an entry that points outside, or has a type that
does not exist, is left out, and what follows it is still read.
"""

import struct
from dataclasses import dataclass

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value, by its type."""

_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}

_MOST_BYTES = 64 << 20
"""Of one value."""


@dataclass(frozen=True)
class Value:
    """One entry of a directory."""

    kind: int
    raw: bytes
    order: str

    @property
    def numbers(self) -> tuple[int, ...]:
        """Its integers; none where it holds something else."""
        letter = _INTEGERS.get(self.kind)
        if letter is None:
            return ()
        return struct.unpack(f"{self.order}{len(self.raw) // _SIZES[self.kind]}{letter}", self.raw)

    @property
    def text(self) -> str:
        """Its text up to the first NUL; UTF-8, or else Latin-1, of which all bytes are."""
        raw = self.raw.split(b"\0", 1)[0].strip()
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("latin-1")


@dataclass(frozen=True)
class Directory:
    """Values by tag, and where the next directory lies (0: there is none)."""

    values: dict[int, Value]
    following: int

    def number(self, tag: int, otherwise: int = 0) -> int:
        numbers = self.numbers(tag)
        return numbers[0] if numbers else otherwise

    def numbers(self, tag: int) -> tuple[int, ...]:
        return self.values[tag].numbers if tag in self.values else ()

    def text(self, tag: int) -> str:
        return self.values[tag].text if tag in self.values else ""

    def raw(self, tag: int) -> bytes:
        return self.values[tag].raw if tag in self.values else b""


@dataclass(frozen=True)
class Layout:
    """Byte order, size of offsets, and where the first directory lies."""

    order: str
    is_big: bool
    first: int


def read_layout(data: bytes) -> Layout | None:
    """Read the first bytes of a TIFF or of Exif; None: they are something else."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return None
    # As libtiff and Pillow have it, the number after the byte order may stand the wrong way around.
    version = struct.unpack_from("<H", data, 2)[0]
    if version in (42, 42 << 8):
        return Layout(order, False, struct.unpack_from(f"{order}I", data, 4)[0])
    if version in (43, 43 << 8) and len(data) >= 16:
        return Layout(order, True, struct.unpack_from(f"{order}Q", data, 8)[0])
    return None


def read_directory(data: bytes, layout: Layout, at: int) -> Directory | None:
    """Read the directory at `at`; None: there is none."""
    count_format, entry_format, in_place = ("Q", "HHQ", 8) if layout.is_big else ("H", "HHI", 4)
    count_size, entry_size = struct.calcsize(f"<{count_format}"), struct.calcsize(f"<{entry_format}") + in_place
    if at < 8 or at + count_size > len(data):
        return None
    count = struct.unpack_from(layout.order + count_format, data, at)[0]
    begin = at + count_size
    count = min(count, (len(data) - begin) // entry_size, 65_535)
    values: dict[int, Value] = {}
    for i in range(count):
        entry = begin + i * entry_size
        tag, kind, amount = struct.unpack_from(layout.order + entry_format, data, entry)
        size = _SIZES.get(kind, 0) * amount
        place = entry + entry_size - in_place
        if size > in_place:
            place = struct.unpack_from(layout.order + ("Q" if layout.is_big else "I"), data, place)[0]
        if 0 < size <= _MOST_BYTES and place + size <= len(data) and tag not in values:
            values[tag] = Value(kind, bytes(data[place : place + size]), layout.order)
    return Directory(values, _following(data, layout, begin + count * entry_size))


def _following(data: bytes, layout: Layout, at: int) -> int:
    letter, size = ("Q", 8) if layout.is_big else ("I", 4)
    return int(struct.unpack_from(layout.order + letter, data, at)[0]) if at + size <= len(data) else 0

"""Directories of tags in the layout of TIFF 6.0, which Exif uses, too.

An entry that points outside the data, or has an unknown type, is left out; the entries after it are still read.
"""

import struct
from dataclasses import dataclass

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Bytes of a value, by its type."""

_INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}

_MOST_ENTRIES = 2_000
"""The most entries of a directory: cameras write about a hundred."""


@dataclass(frozen=True)
class Value:
    """One entry of a directory; its data is not copied until a property is read."""

    data: bytes
    kind: int
    begin: int
    size: int
    order: str

    @property
    def raw(self) -> bytes:
        return bytes(self.data[self.begin : self.begin + self.size])

    @property
    def numbers(self) -> tuple[int, ...]:
        """The integers of the entry, at most 1000; none if it has another type."""
        letter = _INTEGERS.get(self.kind)
        if letter is None:
            return ()
        count = min(self.size // _SIZES[self.kind], 1000)
        return struct.unpack_from(f"{self.order}{count}{letter}", self.data, self.begin)

    @property
    def text(self) -> str:
        """The text up to the first NUL, as UTF-8, or else as Latin-1, which accepts all bytes."""
        raw = bytes(self.data[self.begin : self.begin + min(self.size, 10_000)]).split(b"\0", 1)[0].strip()
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return raw.decode("latin-1")


@dataclass(frozen=True)
class Directory:
    """Values by tag."""

    values: dict[int, Value]

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
    """Byte order, whether offsets are long (BigTIFF), and the position of the first directory."""

    order: str
    is_big: bool
    first: int


def read_layout(data: bytes) -> Layout | None:
    """Read the first bytes of a TIFF or of Exif; None if they are of something else."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 8:
        return None
    # libtiff and Pillow also accept the number after the byte order with its bytes swapped.
    version = struct.unpack_from("<H", data, 2)[0]
    if version in (42, 42 << 8):
        return Layout(order, False, struct.unpack_from(f"{order}I", data, 4)[0])
    if version in (43, 43 << 8) and len(data) >= 16:
        return Layout(order, True, struct.unpack_from(f"{order}Q", data, 8)[0])
    return None


def read_directory(data: bytes, layout: Layout, at: int) -> Directory | None:
    """Read the directory at `at`; None if there is none."""
    place = _entries(data, layout, at)
    if place is None:
        return None
    begin, count = place
    entry_format, in_place, entry_size = ("HHQ", 8, 20) if layout.is_big else ("HHI", 4, 12)
    values: dict[int, Value] = {}
    for entry in range(begin, begin + min(count, _MOST_ENTRIES) * entry_size, entry_size):
        tag, kind, amount = struct.unpack_from(layout.order + entry_format, data, entry)
        size = _SIZES.get(kind, 0) * amount
        at = entry + entry_size - in_place
        if size > in_place:
            at = struct.unpack_from(layout.order + ("Q" if layout.is_big else "I"), data, at)[0]
        if size > 0 and at + size <= len(data) and tag not in values:
            values[tag] = Value(data, kind, at, size, layout.order)
    return Directory(values)


def following(data: bytes, layout: Layout, at: int) -> int:
    """Return the position of the directory after the one at `at`; 0 if there is none."""
    place = _entries(data, layout, at)
    if place is None:
        return 0
    letter, size, entry_size = ("Q", 8, 20) if layout.is_big else ("I", 4, 12)
    end = place[0] + place[1] * entry_size
    return int(struct.unpack_from(layout.order + letter, data, end)[0]) if end + size <= len(data) else 0


def _entries(data: bytes, layout: Layout, at: int) -> tuple[int, int] | None:
    """Return the start and the number of a directory's entries inside the file; None if it has no directory there."""
    letter, size, entry_size = ("Q", 8, 20) if layout.is_big else ("H", 2, 12)
    if at < 8 or at + size > len(data):
        return None
    count = struct.unpack_from(layout.order + letter, data, at)[0]
    return at + size, min(count, (len(data) - at - size) // entry_size)

"""The items of a HEIF file: its images with their properties and the places of their data."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ...errors import UnreadablePhoto
from .boxes import Box, boxes

_MOST_ITEMS = 10_000
"""The most items, and also the most extents and references, of a file. Photos in tiles have some hundreds."""


@dataclass(frozen=True)
class Item:
    """One item; `properties` are boxes in their order, `extents` start and length of its data."""

    data: bytes
    number: int
    kind: bytes
    properties: tuple[Box, ...] = ()
    extents: tuple[tuple[int, int], ...] = ()

    def property(self, kind: bytes) -> bytes | None:
        """Return the content of the first property of a kind; None if there is none."""
        return next(self.all_of(kind), None)

    def all_of(self, kind: bytes) -> Iterator[bytes]:
        """Yield the contents of all properties of a kind."""
        return (bytes(self.data[box.begin : box.end]) for box in self.properties if box.kind == kind)


@dataclass(frozen=True)
class Items:
    """All items by number, the primary one, and references as (kind, from, to)."""

    data: bytes
    by_number: dict[int, Item]
    primary: Item | None
    references: tuple[tuple[bytes, int, int], ...] = field(default=())

    def referring(self, kind: bytes, item: Item) -> list[Item]:
        """Return the items that refer to `item` by references of a kind."""
        numbers = [source for name, source, target in self.references if (name, target) == (kind, item.number)]
        return [self.by_number[number] for number in numbers if number in self.by_number]

    def tiles(self, item: Item) -> list[Item]:
        """Return the items that a derived image, such as a grid, consists of."""
        numbers = [target for name, source, target in self.references if (name, source) == (b"dimg", item.number)]
        return [self.by_number[number] for number in numbers if number in self.by_number]

    def coded(self, item: Item) -> Item | None:
        """Return the first coded item that a derived image consists of, through others; `item` if it is not derived."""
        for _ in range(8):
            if item.kind not in (b"grid", b"iden", b"iovl", b"tmap"):
                return item
            tiles = self.tiles(item)
            if not tiles:
                return None
            item = tiles[0]
        return None

    def content(self, item: Item) -> bytes:
        return b"".join(bytes(self.data[begin : begin + length]) for begin, length in item.extents)


def read_items(data: bytes, meta: Box) -> Items:
    """Read the meta box. Raises UnreadablePhoto."""
    inside: dict[bytes, Box] = {}
    for box in boxes(data, meta.begin + 4, meta.end):
        inside.setdefault(box.kind, box)
    kinds = _kinds(data, inside.get(b"iinf"))
    places = _places(data, inside.get(b"iloc"), inside.get(b"idat"))
    said = _properties(data, inside.get(b"iprp"))
    items = {n: Item(data, n, kind, said.get(n, ()), places.get(n, ())) for n, kind in kinds.items()}
    return Items(data, items, items.get(_primary(data, inside.get(b"pitm"))), _references(data, inside.get(b"iref")))


def _number(data: bytes, at: int, size: int) -> int:
    if at + size > len(data):
        raise UnreadablePhoto("expected boxes that hold what they announce, got one that ends early")
    return int.from_bytes(data[at : at + size], "big")


def _primary(data: bytes, box: Box | None) -> int:
    return _number(data, box.begin + 4, 4 if data[box.begin] else 2) if box else -1


def _kinds(data: bytes, box: Box | None) -> dict[int, bytes]:
    kinds: dict[int, bytes] = {}
    if box is None:
        return kinds
    for entry in boxes(data, box.begin + (8 if data[box.begin] else 6), box.end):
        version = data[entry.begin]
        if entry.kind == b"infe" and version in (2, 3) and entry.end - entry.begin >= 12:
            wide = 4 if version == 3 else 2
            kinds[_number(data, entry.begin + 4, wide)] = bytes(data[entry.begin + 6 + wide : entry.begin + 10 + wide])
    return kinds


def _places(data: bytes, box: Box | None, stored: Box | None) -> dict[int, tuple[tuple[int, int], ...]]:
    """Return the extents of each item by number, as (start, length); items with data outside the file are left out."""
    places: dict[int, tuple[tuple[int, int], ...]] = {}
    if box is None:
        return places
    version, at = data[box.begin], box.begin + 4
    offsets, lengths = data[at] >> 4, data[at] & 15
    bases, indices = data[at + 1] >> 4, data[at + 1] & 15 if version in (1, 2) else 0
    wide = 4 if version == 2 else 2
    count, at, left = _number(data, at + 2, wide), at + 2 + wide, _MOST_ITEMS
    for _ in range(min(count, _MOST_ITEMS)):
        number, at = _number(data, at, wide), at + wide
        method = 0
        if version in (1, 2):
            method, at = _number(data, at, 2) & 15, at + 2
        reference, base = _number(data, at, 2), _number(data, at + 2, bases)
        extents, at = _number(data, at + 2 + bases, 2), at + 4 + bases
        found = []
        left -= extents
        if left < 0:
            raise UnreadablePhoto(f"expected at most {_MOST_ITEMS} parts, got more")
        for _ in range(extents):
            begin = base + _number(data, at + indices, offsets)
            length = _number(data, at + indices + offsets, lengths)
            at += indices + offsets + lengths
            if method == 1 and stored:
                begin += stored.begin
            found.append((begin, length or len(data) - begin))
        if reference == 0 and (method == 0 or (method == 1 and stored)):
            places[number] = tuple(found)
    return places


def _properties(data: bytes, box: Box | None) -> dict[int, tuple[Box, ...]]:
    said: dict[int, tuple[Box, ...]] = {}
    if box is None:
        return said
    parts = list(boxes(data, box.begin, box.end))
    container = next((part for part in parts if part.kind == b"ipco"), None)
    listed = list(boxes(data, container.begin, container.end)) if container else []
    for part in parts:
        if part.kind == b"ipma":
            for number, indices in _associations(data, part).items():
                said[number] = tuple(listed[i - 1] for i in indices if 1 <= i <= len(listed))
    return said


def _associations(data: bytes, box: Box) -> dict[int, list[int]]:
    """Return numbers of properties by number of item."""
    version, is_wide, at = data[box.begin], data[box.begin + 3] & 1, box.begin + 8
    associations: dict[int, list[int]] = {}
    wide, step = 4 if version else 2, 2 if is_wide else 1
    for _ in range(min(_number(data, box.begin + 4, 4), _MOST_ITEMS)):
        if at >= box.end:
            break
        number, count, at = _number(data, at, wide), _number(data, at + wide, 1), at + wide + 1
        mask = 0x7FFF if is_wide else 0x7F
        associations[number] = [_number(data, at + step * i, step) & mask for i in range(count)]
        at += step * count
    return associations


def _references(data: bytes, box: Box | None) -> tuple[tuple[bytes, int, int], ...]:
    if box is None:
        return ()
    wide = 4 if data[box.begin] else 2
    references: list[tuple[bytes, int, int]] = []
    for entry in boxes(data, box.begin + 4, box.end):
        source, count = _number(data, entry.begin, wide), _number(data, entry.begin + wide, 2)
        if len(references) + count > _MOST_ITEMS:
            raise UnreadablePhoto(f"expected at most {_MOST_ITEMS} references, got more")
        for i in range(count):
            references.append((entry.kind, source, _number(data, entry.begin + wide + 2 + wide * i, wide)))
    return tuple(references)

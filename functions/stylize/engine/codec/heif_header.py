"""Reads the boxes of AVIF and HEIC (HEIF, ISO/IEC 23008-12; MIAF; AVIF 1.1): of a still image, or of a sequence."""

import struct
from dataclasses import dataclass
from fractions import Fraction

from ...errors import UnreadablePhoto, UnsupportedFormat
from .boxes import Box, boxes, child
from .header import Colors, Header, check_sides
from .heif_items import Item, Items, read_items
from .metadata import orientation_of, without_prefix

_AVIF, _HEIC = (b"avif", b"avis"), (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
_HEIF = (b"mif1", b"mif2", b"msf1", b"miaf", b"heif", b"MiHE", b"MiHB")
_OTHERS = {b"crx ": "camera raw (Canon CR3)", b"jxl ": "jpeg xl", b"jp2 ": "jp2", b"jpx ": "jp2"}
_CODINGS = {b"av01": "avif", b"hvc1": "heic", b"hev1": "heic"}
_OTHER_CODINGS = {b"jpeg": "JPEG", b"j2k1": "JPEG 2000", b"avc1": "AVC", b"vvc1": "VVC", b"unci": "plain pixels"}
_ALPHA = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")

_TURNS = {
    (0, None): 1, (1, None): 8, (2, None): 3, (3, None): 6,
    (0, 0): 4, (1, 0): 5, (2, 0): 2, (3, 0): 7,
    (0, 1): 2, (1, 1): 7, (2, 1): 4, (3, 1): 5,
}  # fmt: skip
"""Orientations of Exif, by quarter turns counterclockwise (irot), then top to bottom (0) or left to right (1): imir."""


@dataclass(frozen=True, kw_only=True)
class HeifHeader(Header):
    """The header of an AVIF or HEIC. `clean` is left, top, width and height of the visible part, None if all is.

    `is_turned_by_decoder`: the decoder itself applies `orientation`.
    """

    coded: tuple[int, int]
    clean: tuple[int, int, int, int] | None = None
    is_turned_by_decoder: bool = False
    is_sequence: bool = False


def format_of(data: bytes) -> str:
    """Return the format of a file that begins with `ftyp`: by its brands, or by its image if they do not tell."""
    first = next(boxes(data, 0, min(len(data), 4096)), None)
    if first is None:
        return "video"
    brands = [bytes(data[at : at + 4]) for at in (first.begin, *range(first.begin + 8, first.end - 3, 4))]
    major = brands[0]
    if major in _OTHERS:
        return _OTHERS[major]
    if major in _AVIF:
        return "avif"
    if major in _HEIC:
        return "heic"
    if any(brand in _AVIF + _HEIC + _HEIF for brand in brands):
        coding = _coding(data)
        if coding in _CODINGS:
            return _CODINGS[coding]
        if coding in _OTHER_CODINGS:
            return f"heif with {_OTHER_CODINGS[coding]} inside"
        return "avif" if any(brand in _AVIF for brand in brands) else "heic"
    return "video"


def read(data: bytes) -> HeifHeader:
    """Read the boxes about the primary image, or about the first image of a sequence.

    Raises UnreadablePhoto and UnsupportedFormat.
    """
    name = format_of(data)
    top = list(boxes(data, 0, len(data)))
    meta = next((box for box in top if box.kind == b"meta"), None)
    movie = next((box for box in top if box.kind == b"moov"), None)
    if movie and (meta is None or data[8:12] in (b"avis", b"hevc", b"msf1")):
        header = _of_sequence(data, name, movie)
        if header:
            return header
    if meta is None:
        raise UnreadablePhoto(f"expected a {name} header with width and height, got none")
    return _of_image(data, name, read_items(data, meta))


def _coding(data: bytes) -> bytes | None:
    """Return the kind of the primary image, or of its first tile; None if there is none."""
    meta = next((box for box in boxes(data, 0, len(data)) if box.kind == b"meta"), None)
    if meta is None:
        movie = next((box for box in boxes(data, 0, len(data)) if box.kind == b"moov"), None)
        entry = _sample_entry(data, movie) if movie else None
        return entry[0].kind if entry else None
    items = read_items(data, meta)
    item = items.primary
    return (items.coded(item) or item).kind if item else None


def _of_image(data: bytes, name: str, items: Items) -> HeifHeader:
    item = items.primary
    sides = item.property(b"ispe") if item else None
    if item is None or sides is None or len(sides) < 12:
        raise UnreadablePhoto(f"expected a {name} header with width and height, got none")
    coded = items.coded(item) or item
    if _CODINGS.get(coded.kind) != name:
        raise UnsupportedFormat(f"expected a {name} photo, got one with {coded.kind.decode('latin-1')} inside")
    _check_whole(data, name, items, item)
    width, height = coded_sides = struct.unpack_from(">II", sides, 4)
    check_sides(name, width, height)
    clean = _clean_aperture(item.property(b"clap"), width, height)
    if clean:
        width, height = clean[2:]
    exif = _exif(items, item)
    turns = _turns(item)
    depth, is_gray = _depth(coded)
    return HeifHeader(
        format=name,
        width=width,
        height=height,
        depth=depth,
        alpha=_alpha(items, item) is not None,
        space="gray" if is_gray and name == "avif" else "rgb",
        orientation=turns or orientation_of(exif),
        coding="deep" if depth > 8 else "",
        colors=_colors([*item.all_of(b"colr")] or [*coded.all_of(b"colr")]),
        exif=exif,
        coded=coded_sides,
        clean=clean,
        is_turned_by_decoder=bool(turns) and name == "heic",
    )


def _check_whole(data: bytes, name: str, items: Items, item: Item) -> None:
    """Raise UnreadablePhoto when data of the image, its tiles or its transparency lie beyond the end of the file."""
    alpha = _alpha(items, item)
    parts = [item, *items.tiles(item), *([alpha, *items.tiles(alpha)] if alpha else [])]
    if any(begin + length > len(data) for part in parts for begin, length in part.extents):
        raise UnreadablePhoto(f"expected a whole {name}, got one that is cut off")


def _turns(item: Item) -> int:
    """Return the orientation from irot and imir; 0 without either."""
    turn, mirror = item.property(b"irot"), item.property(b"imir")
    if not turn and not mirror:
        return 0
    return _TURNS[turn[0] & 3 if turn else 0, mirror[0] & 1 if mirror else None]


def _alpha(items: Items, item: Item) -> Item | None:
    for other in items.referring(b"auxl", item):
        kind = (other.property(b"auxC") or b"")[4:].split(b"\0")[0]
        if kind in _ALPHA:
            return other
    return None


def _depth(item: Item) -> tuple[int, bool]:
    """Return the bits per sample, and whether there is only one plane."""
    if (av1 := item.property(b"av1C")) and len(av1) >= 4:
        return (12 if av1[2] & 0x20 else 10) if av1[2] & 0x40 else 8, bool(av1[2] & 0x10)
    if (hevc := item.property(b"hvcC")) and len(hevc) >= 18:
        return (hevc[17] & 7) + 8, hevc[16] & 3 == 0
    pixels = item.property(b"pixi") or b""
    return (max(pixels[5:]), pixels[4] == 1) if len(pixels) > 5 else (8, False)


def _colors(boxes_of_colors: list[bytes]) -> Colors:
    """Return the colors: of an ICC profile, or else of code points."""
    icc, cicp = b"", None
    for content in boxes_of_colors:
        if content[:4] in (b"prof", b"rICC"):
            icc = icc or content[4:]
        elif content[:4] == b"nclx" and len(content) >= 10 and cicp is None:
            cicp = struct.unpack_from(">HH", content, 4)
    return Colors(icc=icc) if icc else Colors(cicp=cicp)


def _clean_aperture(content: bytes | None, width: int, height: int) -> tuple[int, int, int, int] | None:
    """Return left, top, width and height of the visible part; None if all is visible or the box is invalid."""
    if not content or len(content) < 32:
        return None
    numbers = struct.unpack_from(">IIIIiIiI", content)
    if 0 in numbers[1::2]:
        return None
    wide, high, right, down = (Fraction(numbers[i], numbers[i + 1]) for i in range(0, 8, 2))
    left, top = (width - wide) / 2 + right, (height - high) / 2 + down
    if any(v.denominator != 1 for v in (wide, high, left, top)):
        return None
    inside = left >= 0 and top >= 0 and wide > 0 and high > 0 and left + wide <= width and top + high <= height
    return (int(left), int(top), int(wide), int(high)) if inside else None


def _exif(items: Items, item: Item) -> bytes:
    for other in items.referring(b"cdsc", item):
        if other.kind == b"Exif" and len(content := items.content(other)) > 8:
            begin = 4 + struct.unpack_from(">I", content)[0]
            return without_prefix(content[begin:] if begin < len(content) else content[4:])
    return b""


def _sample_entry(data: bytes, movie: Box) -> tuple[Box, Box] | None:
    """Return the description of a sequence's pictures, and the table that contains it; None if there is none."""
    for track in boxes(data, movie.begin, movie.end):
        if track.kind != b"trak":
            continue
        handler = child(data, track, b"mdia", b"hdlr")
        table = child(data, track, b"mdia", b"minf", b"stbl")
        described = child(data, table, b"stsd") if table else None
        if handler and table and described and data[handler.begin + 8 : handler.begin + 12] in (b"pict", b"vide"):
            entry = next(boxes(data, described.begin + 8, described.end), None)
            if entry and entry.kind in _CODINGS and entry.end - entry.begin >= 78:
                return entry, table
    return None


def _first_sample_end(data: bytes, table: Box) -> int:
    """Return the end of the data of a sequence's first picture; 0 if its tables do not tell."""
    sizes, offsets, long_offsets = (child(data, table, kind) for kind in (b"stsz", b"stco", b"co64"))
    places = offsets or long_offsets
    if sizes is None or places is None:
        return 0
    size, count = struct.unpack_from(">II", data, sizes.begin + 4)
    size = size or (struct.unpack_from(">I", data, sizes.begin + 12)[0] if count else 0)
    return int(struct.unpack_from(">I" if offsets else ">Q", data, places.begin + 8)[0]) + size


def _of_sequence(data: bytes, name: str, movie: Box) -> HeifHeader | None:
    found = _sample_entry(data, movie)
    if found is None:
        return None
    entry, table = found
    width, height = struct.unpack_from(">HH", data, entry.begin + 24)
    check_sides(name, width, height)
    picture = Item(data, 0, entry.kind, tuple(boxes(data, entry.begin + 78, entry.end)))
    depth, is_gray = _depth(picture)
    sizes = child(data, table, b"stsz")
    if _first_sample_end(data, table) > len(data):
        raise UnreadablePhoto(f"expected a whole {name}, got one that is cut off")
    return HeifHeader(
        format=name,
        width=width,
        height=height,
        depth=depth,
        space="gray" if is_gray and name == "avif" else "rgb",
        frames=struct.unpack_from(">I", data, sizes.begin + 8)[0] if sizes else 1,
        coding="deep" if depth > 8 else "",
        colors=_colors([*picture.all_of(b"colr")]),
        coded=(width, height),
        is_sequence=True,
    )

"""What the first bytes of a photo say, before anything is decoded: its format, its size, whether it has alpha."""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from math import prod

import imagesize

from ...errors import PhotoTooLarge, UnreadablePhoto, UnsupportedFormat

MEGA = 1_000_000
LONGEST_SIDE = 65535
"""In pixels: the kernels go no further, and neither does JPEG."""

ACCEPTED = ("jpeg", "png", "webp", "avif", "gif")

_SIGNATURES: dict[str, Callable[[bytes], bool]] = {
    "jpeg": lambda b: b.startswith(b"\xff\xd8\xff"),
    "png": lambda b: b.startswith(b"\x89PNG\r\n\x1a\n"),
    "webp": lambda b: b.startswith(b"RIFF") and b[8:12] == b"WEBP",
    "avif": lambda b: b[4:8] == b"ftyp" and b[8:12] in (b"avif", b"avis"),
    "gif": lambda b: b.startswith((b"GIF87a", b"GIF89a")),
    "heic": lambda b: b[4:8] == b"ftyp" and b[8:12] in (b"heic", b"heix", b"hevc", b"hevx", b"mif1", b"msf1"),
    "tiff": lambda b: b.startswith((b"II*\0", b"MM\0*")),
    "bmp": lambda b: b.startswith(b"BM"),
    "jpeg 2000": lambda b: b.startswith((b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51")),
    "jpeg xl": lambda b: b.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")),
    "pdf": lambda b: b.startswith(b"%PDF"),
}

_MOST_SCANS = 500
"""Of a progressive JPEG. Cameras and editors write about ten; each takes a pass over all pixels."""


@dataclass(frozen=True)
class Header:
    """What the first bytes of a photo say; `width` and `height` are as stored, before turning it upright."""

    format: str
    width: int
    height: int
    has_alpha: bool


def read_header(data: bytes) -> Header:
    """Raises UnsupportedFormat or UnreadablePhoto. Nothing is decoded."""
    if not data:
        raise UnreadablePhoto("expected an image, got 0 bytes")
    name = next((name for name, fits in _SIGNATURES.items() if fits(data[:16])), None)
    if name is None:
        raise UnreadablePhoto(f"expected an image ({', '.join(ACCEPTED)}), got bytes of no known image format")
    if name not in ACCEPTED:
        raise UnsupportedFormat(f"expected {', '.join(ACCEPTED)}, got {name}")
    if name == "jpeg" and (scans := data.count(b"\xff\xda")) > _MOST_SCANS:
        raise UnreadablePhoto(f"expected a jpeg of at most {_MOST_SCANS} scans, got {scans}")
    try:
        width, height = _avif_sides(data) if name == "avif" else imagesize.get(BytesIO(data), exif_rotation=False)
    except (ValueError, struct.error):  # a box or a segment that lies about its length
        width = height = 0
    if width <= 0 or height <= 0:
        raise UnreadablePhoto(f"expected a {name} header with width and height, got none")
    return Header(name, width, height, _has_alpha(name, data))


def check_size(header: Header, max_megapixels: float) -> None:
    """Raises PhotoTooLarge, from the header alone."""
    sides = f"{header.width} x {header.height}"
    megapixels = header.width * header.height / MEGA
    if megapixels > max_megapixels:
        raise PhotoTooLarge(f"expected at most {max_megapixels:g} megapixels, got {megapixels:.1f} ({sides})")
    if max(header.width, header.height) > LONGEST_SIDE:
        raise PhotoTooLarge(f"expected sides of at most {LONGEST_SIDE} pixels, got {sides}")


def _avif_sides(data: bytes) -> tuple[int, int]:
    """The largest image of the file: a grid names its tiles as well. (imagesize fails on AVIF with EXIF.)"""
    sides = [struct.unpack(">II", data[m.end() + 4 : m.end() + 12]) for m in re.finditer(b"ispe", data[:65536])]
    return max(sides, key=prod, default=(0, 0))


def _has_alpha(name: str, data: bytes) -> bool:
    match name:
        case "png":
            return data[25:26] in (b"\x04", b"\x06") or b"tRNS" in data[:65536]
        case "webp":
            flags = {b"VP8X": data[20:21], b"VP8L": data[24:25]}.get(data[12:16], b"")
            return bool(flags) and bool(flags[0] & 0x10)
        case "avif":
            deep = re.search(rb"av1C..[\x40-\x7f\xc0-\xff]", data[:65536], re.DOTALL)  # 10 bits or more: kept plain
            return b":auxiliary:alpha" in data[:65536] and deep is None
    return False

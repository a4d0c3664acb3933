"""Inspects a file without decoding it: its format by the first bytes, its properties by the format's headers."""

import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ...errors import UnreadablePhoto, UnsupportedFormat
from .color import rendering_of
from .header import Header
from .memory import bytes_per_pixel

ACCEPTED = ("jpeg", "png", "webp", "avif", "heic", "tiff", "bmp", "gif", "jp2")

SUFFIXES = {"jpg": "jpeg", "jpe": "jpeg", "apng": "png", "heif": "heic", "tif": "tiff", "j2k": "jp2", "jpf": "jp2"}
SUFFIXES |= {name: name for name in ACCEPTED}
"""Formats by suffix of file names."""

MEDIA_TYPES = (*(f"image/{name}" for name in ACCEPTED), "image/heif")
"""Media types of photos in requests."""

_READERS = {"avif": "heif", "heic": "heif"}
"""Modules whose name differs from the format that they read."""

_BRANDED = "ftyp"

_SIGNATURES: dict[str, Callable[[bytes], bool]] = {
    "jpeg": lambda b: b.startswith(b"\xff\xd8"),
    "png": lambda b: b.startswith(b"\x89PNG\r\n\x1a\n"),
    "gif": lambda b: b.startswith((b"GIF87a", b"GIF89a")),
    "webp": lambda b: b.startswith(b"RIFF") and b[8:12] == b"WEBP",
    "bmp": lambda b: b.startswith(b"BM"),
    "jp2": lambda b: b.startswith((b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")),
    "camera raw (Canon CR2)": lambda b: b[:4] in (b"II*\0", b"MM\0*") and b[8:10] == b"CR",
    "tiff": lambda b: b.startswith((b"II*\0", b"MM\0*", b"II\0*", b"MM*\0", b"II+\0", b"MM\0+")),
    "camera raw (Olympus)": lambda b: b.startswith((b"IIRO", b"IIRS", b"MMOR")),
    "camera raw (Panasonic)": lambda b: b.startswith(b"IIU\0"),
    "camera raw (Fujifilm)": lambda b: b.startswith(b"FUJIFILMCCD-RAW"),
    "camera raw (Sigma)": lambda b: b.startswith(b"FOVb"),
    "camera raw (Minolta)": lambda b: b.startswith(b"\0MRM"),
    "camera raw (Canon CRW)": lambda b: b[6:14] == b"HEAPCCDR",
    "jpeg xl": lambda b: b.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")),
    "jpeg xr": lambda b: b.startswith(b"II\xbc"),
    "psd": lambda b: b.startswith(b"8BPS"),
    "pdf": lambda b: b.startswith(b"%PDF"),
    "postscript": lambda b: b.startswith((b"%!PS", b"\xc5\xd0\xd3\xc6")),
    "openexr": lambda b: b.startswith(b"\x76\x2f\x31\x01"),
    "radiance hdr": lambda b: b.startswith((b"#?RADIANCE", b"#?RGBE")),
    "netpbm": lambda b: b[:1] == b"P" and b[1:2] in b"1234567Ff" and b[2:3].isspace(),
    "dds": lambda b: b.startswith(b"DDS "),
    "icon": lambda b: b.startswith((b"\0\0\1\0", b"\0\0\2\0", b"icns")),
    "qoi": lambda b: b.startswith(b"qoif"),
    "flif": lambda b: b.startswith(b"FLIF"),
    "bpg": lambda b: b.startswith(b"BPG\xfb"),
    "gimp image": lambda b: b.startswith(b"gimp xcf"),
    "sun raster": lambda b: b.startswith(b"\x59\xa6\x6a\x95"),
    "djvu": lambda b: b.startswith(b"AT&TFORM"),
    _BRANDED: lambda b: b[4:8] == b"ftyp",
    "video": lambda b: (
        b.startswith((b"\x1a\x45\xdf\xa3", b"\0\0\1\xba", b"\0\0\1\xb3", b"FLV\1", b"OggS"))
        or (b.startswith(b"RIFF") and b[8:12] == b"AVI ")
        or b[4:8] in (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
    ),
    "svg": lambda b: _is_svg(b),
    "html": lambda b: _text(b).startswith((b"<!doctype html", b"<html", b"<script")),
    "zip": lambda b: b.startswith(b"PK\3\4"),
}
"""Tests of the first bytes, in the order in which they are tried: signatures at the very start of a file are first."""

_LOOKED_AT = 512  # bytes


@dataclass(frozen=True)
class PhotoInfo:
    """The properties of a photo, from its headers.

    `width` and `height` are in pixels, upright; `depth` is in bits per sample; `profile` is the kind of its color
    profile: none, rgb, lut, gray, cmyk, lab, pq or hlg; `orientation` is 1..8 as in Exif; `frames` counts images of an
    animation; `bytes_per_pixel` is the memory limit of decoding, without the file.
    """

    format: str
    width: int
    height: int
    depth: int
    alpha: bool
    profile: str
    orientation: int
    frames: int
    bytes_per_pixel: int


def inspect(data: bytes) -> PhotoInfo:
    """Read the properties of a photo from its headers, without decoding.

    Raises UnsupportedFormat and UnreadablePhoto.
    """
    header = read_header(data)
    width, height = header.upright
    return PhotoInfo(
        format=header.format,
        width=width,
        height=height,
        depth=header.depth,
        alpha=header.alpha,
        profile=str(rendering_of(header).kind),
        orientation=header.orientation,
        frames=header.frames,
        bytes_per_pixel=bytes_per_pixel(header),
    )


def read_header(data: bytes) -> Header:
    """Read the headers of a photo. Raises UnsupportedFormat and UnreadablePhoto."""
    if not data:
        raise UnreadablePhoto("expected an image, got 0 bytes")
    name = format_of(data)
    with _reading(name):
        header: Header = reader_of(name).read(data)
    return header


def format_of(data: bytes) -> str:
    """Return the format by the first bytes. Raises UnsupportedFormat and UnreadablePhoto."""
    head = bytes(data[:_LOOKED_AT])
    name = next((name for name, fits in _SIGNATURES.items() if fits(head)), None)
    if name == _BRANDED:
        with _reading("heif"):
            name = import_module(f"{__package__}.heif").format_of(data)
    if name is None:
        raise UnreadablePhoto(f"expected an image ({', '.join(ACCEPTED)}), got bytes of no known image format")
    if name not in ACCEPTED:
        more = ", whose preview is not painted" if name.startswith("camera raw") else ""
        raise UnsupportedFormat(f"expected {', '.join(ACCEPTED)}, got {name}{more}")
    return name


def reader_of(name: str) -> Any:
    """Return the module that reads and decodes a format, imported with the first photo of that format."""
    return import_module(f"{__package__}.{_READERS.get(name, name)}")


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Turn errors of reading beyond the end of the data into UnreadablePhoto."""
    try:
        yield
    except (IndexError, ValueError, OverflowError, struct.error) as error:
        raise UnreadablePhoto(f"expected a {name} header with width and height, got one that is damaged") from error


def _text(head: bytes) -> bytes:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()


def _is_svg(head: bytes) -> bool:
    text = _text(head)
    return text.startswith(b"<svg") or (text.startswith((b"<?xml", b"<!--", b"<!doctype svg")) and b"<svg" in text)

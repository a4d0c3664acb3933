"""JPEG (ITU-T T.81): reads its segments, and decodes its pixels with libjpeg-turbo."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from ...errors import UnreadablePhoto, UnsupportedFormat
from .header import Colors, Header, check_sides
from .metadata import orientation_of, without_prefix

_SOI, _EOI, _SOS, _APP0, _APP1, _APP2, _APP14 = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xE2, 0xEE
_ALONE = (0x01, *range(0xD0, 0xD8))
"""Markers without a length: TEM and RST0 to RST7."""

_MARKER = re.compile(rb"\xff+([^\x00\xff])")
_MARKER_IN_SCAN = re.compile(rb"\xff(?=[\x01-\xcf\xd8-\xfe])")
"""Markers that end entropy-coded data, where FF 00 stands for FF and restart markers are data (section B.1.1.5)."""

_SEQUENTIAL, _PROGRESSIVE = (0xC0, 0xC1, 0xC9), (0xC2, 0xCA)
_NOT_DECODED = dict.fromkeys((0xC3, 0xCB), "lossless jpeg") | {0xF7: "jpeg-ls"}
_NOT_DECODED |= dict.fromkeys((0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), "hierarchical jpeg")

_MOST_SCANS = 500
"""The most scans of a progressive JPEG. Cameras and editors write about ten; each takes a pass over all pixels."""

_EXIF, _ICC = b"Exif\0\0", b"ICC_PROFILE\0"

_ENDS_EARLY = "Premature end of JPEG file"
_HARMLESS = re.compile(
    "extraneous bytes before marker 0x(?!d[0-7])|Unknown Adobe|unknown JFIF|Inconsistent progression|SOS param"
)
"""Warnings of libjpeg that do not mean missing pixels."""


@dataclass(frozen=True, kw_only=True)
class JpegHeader(Header):
    """The header of a JPEG; `scan` is the position of the first scan's header in the file."""

    scan: int


def read(data: bytes) -> JpegHeader:
    """Read all segments up to the first scan. Raises UnreadablePhoto and UnsupportedFormat."""
    frame: tuple[int, bytes] | None = None
    exif = b""
    profile: dict[int, bytes] = {}
    scan = scanned = 0
    for marker, begin, end in _segments(data):
        if marker == _SOS:
            scan, scanned = begin, data[begin] if begin < end else 0
            break
        if marker == _APP1 and not exif and data[begin : begin + 6] == _EXIF:
            exif = without_prefix(bytes(data[begin:end]))
        elif marker == _APP2 and data[begin : begin + 12] == _ICC and end - begin > 14:
            profile.setdefault(data[begin + 12], bytes(data[begin + 14 : end]))
        elif marker in _NOT_DECODED:
            raise UnsupportedFormat(f"expected a baseline or progressive jpeg, got {_NOT_DECODED[marker]}")
        elif marker in _SEQUENTIAL + _PROGRESSIVE and frame is None:
            frame = marker, bytes(data[begin:end])
    if frame is None or len(frame[1]) < 6:
        raise UnreadablePhoto("expected a jpeg header with width and height, got none")
    kind, body = frame
    depth, height, width, components = struct.unpack_from(">BHHB", body)
    if depth != 8:
        raise UnsupportedFormat(f"expected a jpeg of 8 bits per sample, got {depth}-bit jpeg")
    check_sides("jpeg", width, height)
    if not scan:
        raise UnreadablePhoto("expected a whole jpeg, got one that ends before its pixels begin")
    space = {1: "gray", 3: "rgb", 4: "cmyk"}.get(components)
    if space is None:
        raise UnsupportedFormat(f"expected a jpeg of 1, 3 or 4 components, got {components}")
    several = kind in _PROGRESSIVE or scanned < components
    if several:
        _check_scans(data, scan)
    return JpegHeader(
        format="jpeg",
        width=width,
        height=height,
        space=space,
        orientation=orientation_of(exif),
        coding="scans" if several else "",
        colors=Colors(icc=b"".join(profile[i] for i in sorted(profile))),
        exif=exif,
        scan=scan,
    )


def decode(data: bytes, header: JpegHeader, space: str, size: tuple[int, int], out: NDArray[np.uint8]) -> None:
    """Decode into `out` (height, width, channels), C-contiguous, at the scale that results in `size` (width, height).

    `space` is BGR, RGB, GRAY or CMYK (as stored). Raises UnreadablePhoto when pixels are missing.
    """
    fault = _attempt(data, space, size, out, strict=True)
    if fault == _ENDS_EARLY and _is_complete(data, header):
        # Only the end marker seems to be missing. With one appended, the decoder tells whether pixels are missing, too.
        data = bytes(data) + b"\xff\xd9"
        fault = _attempt(data, space, size, out, strict=True)
    if fault and _HARMLESS.search(fault) and _ends(data, header):
        fault = _attempt(_tidied(data, header), space, size, out, strict=False)
    if fault:
        raise UnreadablePhoto(f"expected a whole jpeg, got one that is cut off or damaged ({fault[:100]})")


def scaled(header: Header, long_side: int | None) -> tuple[int, int]:
    """Return width and height at the smallest scale of 1, 1/2, 1/4 and 1/8 with at least `long_side` pixels."""
    width, height = header.width, header.height
    for divisor in (8, 4, 2):
        if long_side is not None and max(width, height) >= divisor * long_side:
            return -(-width // divisor), -(-height // divisor)
    return width, height


def _attempt(data: bytes, space: str, size: tuple[int, int], out: NDArray[np.uint8], strict: bool) -> str:
    """Decode into `out`, and return the decoder's complaint; empty if there is none."""
    try:
        simplejpeg.decode_jpeg(data, space, min_width=size[0], min_height=size[1], buffer=out, strict=strict)
    except ValueError as error:
        if "memory" in str(error).lower():
            raise MemoryError(str(error)) from error
        return str(error) or "no reason given"
    return ""


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of every segment's body, up to the first scan; skip bytes between segments."""
    at = 2
    while marker := _MARKER.search(data, at):
        kind, begin = data[marker.end() - 1], marker.end()
        if kind in _ALONE or kind == _SOI:
            at = begin
            continue
        if kind == _EOI or begin + 2 > len(data):
            return
        end = begin + struct.unpack_from(">H", data, begin)[0]
        if end < begin + 2:
            raise UnreadablePhoto("expected a jpeg whose segments are longer than nothing, got one that is not")
        yield kind, begin + 2, min(end, len(data))
        if kind == _SOS:
            return
        at = end


def _tidied(data: bytes, header: JpegHeader) -> bytes:
    """Return the file without bytes between the segments before the first scan, and with values the decoder accepts."""
    tidy, end = [b"\xff\xd8"], 2
    for marker, begin, end in _segments(data):
        body = bytearray(data[begin:end])
        if marker == _APP0 and body[:5] == b"JFIF\0" and len(body) > 5:
            body[5] = 1  # the major version
        if marker == _APP14 and body[:5] == b"Adobe" and len(body) > 11 and body[11] > 2:
            body[11] = 2 if header.space == "cmyk" else 1  # the color transform that libjpeg assumes
        tidy += [bytes([0xFF, marker]), struct.pack(">H", len(body) + 2), bytes(body)]
    return b"".join([*tidy, data[end:]])


def _scans(data: bytes, header_scan: int) -> Iterator[bytes]:
    """Yield the headers of all scans, then b"" if the end of the image follows."""
    at = header_scan
    while True:
        end = at - 2 + struct.unpack_from(">H", data, at - 2)[0]
        yield bytes(data[at:end])
        while True:
            found = _MARKER_IN_SCAN.search(data, end)
            if found is None or found.start() + 4 > len(data):
                if data[-2:] == b"\xff\xd9" and found and found.start() == len(data) - 2:
                    yield b""
                return
            kind, at = data[found.start() + 1], found.start() + 4
            if kind == _EOI:
                yield b""
                return
            if kind == _SOS:
                break
            # This is a segment between scans, such as a table. Bytes that only look like one are skipped as by libjpeg.
            end = at - 2 + max(2, struct.unpack_from(">H", data, at - 2)[0])


def _check_scans(data: bytes, first: int) -> None:
    scans = 0
    for scan in _scans(data, first):
        scans += bool(scan)
        if scans > _MOST_SCANS:
            raise UnreadablePhoto(f"expected a jpeg of at most {_MOST_SCANS} scans, got more")


def _ends(data: bytes, header: JpegHeader) -> bool:
    """Return whether the file has the end marker."""
    return any(scan == b"" for scan in _scans(data, header.scan))


def _is_complete(data: bytes, header: JpegHeader) -> bool:
    """Return whether the scans, if whole, contain every bit of every coefficient (section G.1.1.1)."""
    if header.coding != "scans":
        return True
    components = {"gray": 1, "rgb": 3, "cmyk": 4}[header.space]
    missing: dict[tuple[int, int], int] = {}
    seen: set[int] = set()
    for scan in _scans(data, header.scan):
        count = scan[0] if scan else 0
        if not scan or len(scan) < 4 + 2 * count:
            continue
        first, last, bits = scan[1 + 2 * count : 4 + 2 * count]
        for i in range(count):
            component = scan[1 + 2 * i]
            seen.add(component)
            for coefficient in range(first, min(last, 63) + 1):
                missing[component, coefficient] = bits & 15
    return len(seen) == components and len(missing) == 64 * components and not any(missing.values())

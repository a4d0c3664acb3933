"""PNG and APNG (ISO/IEC 15948): reads chunks, and decodes the pixels of the default image."""

import io
import struct
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, cast

from ...errors import UnreadablePhoto
from .header import Colors, Header, check_sides
from .metadata import orientation_of, without_prefix
from .raster import ArrayRaster, Raster, with_alpha

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CRITICAL = (b"IHDR", b"PLTE")
_LOOKED_AT = (*_CRITICAL, b"tRNS", b"iCCP", b"cICP", b"sRGB", b"gAMA", b"cHRM", b"eXIf", b"acTL")
_END = b"\0\0\0\0IEND\xaeB`\x82"

_MOST_PROFILE = 32_000_000
"""The most bytes to which a compressed profile is inflated; the rest is cut off."""

_MOST_CHUNKS = 200_000

_GRAY, _RGB, _PALETTE, _GRAY_ALPHA, _RGB_ALPHA = 0, 2, 3, 4, 6
_DEPTHS = {_GRAY: (1, 2, 4, 8, 16), _RGB: (8, 16), _PALETTE: (1, 2, 4, 8), _GRAY_ALPHA: (8, 16), _RGB_ALPHA: (8, 16)}


@dataclass(frozen=True, kw_only=True)
class PngHeader(Header):
    """The header of a PNG.

    `head` are the bytes that a decoder needs before the pixels; `pieces` are start and end of the contents of the pixel
    chunks.
    """

    color_type: int
    head: bytes
    pieces: tuple[tuple[int, int], ...]
    transparent: tuple[int, ...] | None

    def parts(self, data: bytes) -> list[memoryview]:
        """Return the file reduced to the needs of the pixels, which are in one chunk; its checksum is left zero."""
        pixels = [memoryview(data)[begin:end] for begin, end in self.pieces]
        begin = struct.pack(">I", sum(map(len, pixels))) + b"IDAT"
        return [memoryview(self.head + begin), *pixels, memoryview(bytes(4) + _END)]

    def whole(self, data: bytes) -> bytearray:
        """Return the same file as bytes, with the chunk's checksum; the checksum inside the pixel data is kept."""
        copy = bytearray().join(self.parts(data))
        end = len(copy) - len(_END) - 4
        copy[end : end + 4] = zlib.crc32(memoryview(copy)[len(self.head) + 4 : end]).to_bytes(4, "big")
        return copy


def read(data: bytes) -> PngHeader:
    """Read all chunks; only those of header, pixels, colors, Exif and animation are used. Raises UnreadablePhoto."""
    found: dict[bytes, bytes] = {}
    pieces: list[tuple[int, int]] = []
    for kind, begin, end in _chunks(data):
        if kind == b"IDAT":
            pieces.append((begin, end))
        elif kind in _LOOKED_AT and kind not in found:
            found[kind] = bytes(data[begin:end])
            if kind in _CRITICAL and zlib.crc32(data[begin - 4 : end]).to_bytes(4, "big") != data[end : end + 4]:
                raise UnreadablePhoto(f"expected a whole png, got one whose {kind.decode()} is damaged")
    header = found.get(b"IHDR", b"")
    if len(header) < 13:
        raise UnreadablePhoto("expected a png header with width and height, got none")
    width, height, depth, color_type = struct.unpack_from(">IIBB", header)
    check_sides("png", width, height)
    if depth not in _DEPTHS.get(color_type, ()):
        raise UnreadablePhoto(f"expected a png of a depth that its kind of color has, got {depth} bits of {color_type}")
    alpha = found.get(b"tRNS", b"")
    exif = without_prefix(found.get(b"eXIf", b""))
    return PngHeader(
        format="png",
        width=width,
        height=height,
        depth=depth,
        alpha=color_type in (_GRAY_ALPHA, _RGB_ALPHA) or bool(alpha),
        space="gray" if color_type in (_GRAY, _GRAY_ALPHA) else "rgb",
        orientation=orientation_of(exif),
        frames=_frames(found.get(b"acTL", b"")),
        coding="deep" if depth == 16 else "",
        colors=_colors(found),
        exif=exif,
        color_type=color_type,
        head=_head(header, found.get(b"PLTE", b""), alpha if color_type == _PALETTE else b""),
        pieces=tuple(pieces),
        transparent=_transparent_code(color_type, depth, alpha),
    )


def decode(data: bytes, header: PngHeader, long_side: int | None) -> tuple[Raster, int]:
    """Decode the default image, and return it with its orientation. Raises UnreadablePhoto."""
    if header.depth == 16 and (deep := _decode_deep(data, header)):
        return deep, header.orientation
    from PIL import PngImagePlugin

    from .pillow import PillowRaster, decoding

    with decoding("png"):
        image = PngImagePlugin.PngImageFile(cast(Any, _Spliced(header.parts(data))))
        image.load()
        transparent = header.transparent
        if transparent and header.depth == 16 and image.mode != "I;16":
            transparent = tuple(code >> 8 for code in transparent)
        return PillowRaster(image, transparent), header.orientation


def _decode_deep(data: bytes, header: PngHeader) -> Raster | None:
    """Decode 16 bits with OpenCV, because Pillow keeps only 8 of a color.

    None if OpenCV refuses the pixels: it also verifies the checksum inside the pixel data.
    """
    from .deep import decode_deep

    codes: Any = decode_deep(header.whole(data), header)
    if codes is None:
        return None
    if header.transparent:
        codes = with_alpha(codes, header.transparent, 65535)
    return ArrayRaster(codes, header.space, header.alpha, 65535)


def _transparent_code(color_type: int, depth: int, alpha: bytes) -> tuple[int, ...] | None:
    """Return the transparent code of tRNS, at the depth of decoding; None without one. Pillow handles palettes."""
    samples = {_GRAY: 1, _RGB: 3}.get(color_type, 0)
    if not samples or len(alpha) < 2 * samples:
        return None
    most = 2**depth - 1
    codes = [code & most for code in struct.unpack_from(f">{samples}H", alpha)]
    return tuple(code * 255 // most if depth < 8 else code for code in codes)


def _head(header: bytes, palette: bytes, alpha: bytes) -> bytes:
    chunks = [(b"IHDR", header), (b"PLTE", palette), (b"tRNS", alpha)]
    return _SIGNATURE + b"".join(_chunk(kind, content) for kind, content in chunks if content)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def _colors(found: dict[bytes, bytes]) -> Colors:
    """Return the colors: cICP precedes iCCP, iCCP precedes sRGB, sRGB precedes gAMA and cHRM (3rd edition, 4.3)."""
    cicp, icc, gamma, points = (found.get(kind, b"") for kind in (b"cICP", b"iCCP", b"gAMA", b"cHRM"))
    if len(cicp) >= 4 and cicp[2] == 0:
        return Colors(cicp=(cicp[0], cicp[1]))
    if icc and (profile := _inflated(icc)):
        return Colors(icc=profile)
    if b"sRGB" in found or len(gamma) < 4:
        return Colors()
    chromaticities = tuple(v / 100_000 for v in struct.unpack(">8I", points[:32])) if len(points) >= 32 else None
    return Colors(gamma=struct.unpack(">I", gamma[:4])[0] / 100_000 or None, chromaticities=chromaticities)


def _inflated(icc: bytes) -> bytes:
    """Return the profile, which follows its name; empty if it can't be inflated."""
    name_end = icc.find(b"\0", 0, 81)
    if name_end < 0:
        return b""
    try:
        return zlib.decompressobj().decompress(icc[name_end + 2 :], _MOST_PROFILE)
    except zlib.error:
        return b""


def _frames(control: bytes) -> int:
    return max(1, struct.unpack_from(">I", control)[0]) if len(control) >= 8 else 1


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of each chunk's content, up to the end chunk or the end of the data."""
    at = len(_SIGNATURE)
    for _ in range(_MOST_CHUNKS):
        if at + 8 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IEND":
            return
        yield kind, at + 8, min(at + 8 + size, len(data))
        at += 12 + size
    raise UnreadablePhoto(f"expected a png of at most {_MOST_CHUNKS} chunks, got more")


class _Spliced(io.RawIOBase):
    """A file of the parts that the pixels need, without a copy of them."""

    def __init__(self, parts: list[memoryview]) -> None:
        self._parts = [part for part in parts if len(part)]
        self._begins = list(accumulate(map(len, self._parts), initial=0))
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._begins[-1]}[whence]
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        done = 0
        while done < len(buffer) and self._at < self._begins[-1]:
            i = bisect_right(self._begins, self._at) - 1
            inside = self._at - self._begins[i]
            piece = self._parts[i][inside : inside + len(buffer) - done]
            buffer[done : done + len(piece)] = piece
            done += len(piece)
            self._at += len(piece)
        return done

"""WebP: its chunks, and the pixels of its first frame."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from ...errors import UnreadablePhoto
from .header import Colors, Header, check_decoded, check_sides
from .metadata import orientation_of, without_prefix
from .raster import Raster

_ALPHA_FLAG, _ANIMATION_FLAG = 0x10, 0x02
_MOST_CHUNKS = 100_000


@dataclass(frozen=True, kw_only=True)
class WebpHeader(Header):
    """The header of a WebP. `pieces` are start and end of the chunks of the first frame.

    `is_whole`: the file can be passed to a decoder unchanged.
    """

    pieces: tuple[tuple[int, int], ...]
    flags: int
    is_whole: bool


def read(data: bytes) -> WebpHeader:
    """Read all chunks. Raises UnreadablePhoto."""
    flags = frames = 0
    canvas: tuple[int, int] | None = None
    frame: tuple[int, int, bool] | None = None
    icc = exif = b""
    pieces: list[tuple[int, int]] = []
    end = 12
    for kind, begin, end in _chunks(data, 12, len(data)):
        whole = begin - 8, end + (end - begin) % 2
        if kind == b"VP8X" and end - begin >= 10:
            flags, canvas = data[begin], (_24_bits(data, begin + 4) + 1, _24_bits(data, begin + 7) + 1)
            continue
        if kind == b"ANMF":
            frames += 1
            if frames == 1:
                frame = _first_frame(data, begin, end)
        elif kind in (b"VP8 ", b"VP8L", b"ALPH") and not frames:
            frame = _bitstream(data, kind, begin, end) or frame
            frame = (*frame[:2], True) if frame and any(data[b : b + 4] == b"ALPH" for b, _ in pieces) else frame
        elif kind == b"ICCP":
            icc = icc or bytes(data[begin:end])
        elif kind == b"EXIF":
            exif = exif or without_prefix(bytes(data[begin:end]))
        if kind == b"ANIM" or (kind == b"ANMF" and frames == 1) or (kind in _IMAGE and not frames):
            pieces.append(whole)
    if frame is None:
        raise UnreadablePhoto("expected a webp header with width and height, got none")
    width, height = canvas or frame[:2]
    check_sides("webp", width, height)
    says_alpha = canvas is None or bool(flags & _ALPHA_FLAG) == frame[2]
    return WebpHeader(
        format="webp",
        width=width,
        height=height,
        alpha=frame[2] or bool(flags & _ALPHA_FLAG),
        orientation=orientation_of(exif),
        frames=max(1, frames),
        colors=Colors(icc=icc),
        exif=exif,
        pieces=tuple(pieces),
        flags=flags if canvas else -1,
        is_whole=says_alpha
        and frames <= 1
        and end <= len(data)
        and struct.unpack_from("<I", data, 4)[0] + 8 <= len(data),
    )


_IMAGE = (b"VP8 ", b"VP8L", b"ALPH")


def decode(data: bytes, header: WebpHeader, long_side: int | None) -> tuple[Raster, int]:
    """Decode the first frame, and return it with its orientation. Raises UnreadablePhoto."""
    from PIL import WebPImagePlugin

    from .pillow import PillowRaster, decoding

    if not header.is_whole:
        data = _lean(data, header)
    with decoding("webp"):
        image = WebPImagePlugin.WebPImageFile(BytesIO(data))
        image.load()
        check_decoded(header, image.size)
        return PillowRaster(image), header.orientation


def _lean(data: bytes, header: WebpHeader) -> bytes:
    """Return a file of the first frame alone, so that missing or damaged data after it does not matter.

    Raises UnreadablePhoto when the first frame is cut off.
    """
    if any(end > len(data) + 1 for _, end in header.pieces):
        raise UnreadablePhoto("expected a whole webp, got one that is cut off")
    body = b"WEBP"
    if header.flags >= 0:
        flags = header.flags & _ANIMATION_FLAG | (_ALPHA_FLAG if header.alpha else 0)
        sides = struct.pack("<I", header.width - 1)[:3] + struct.pack("<I", header.height - 1)[:3]
        body += b"VP8X" + struct.pack("<I", 10) + bytes([flags, 0, 0, 0]) + sides
    body += b"".join(data[begin:end] for begin, end in header.pieces)
    body += bytes(len(body) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _chunks(data: bytes, at: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield kind, start and end of each chunk's content; the end may lie beyond that of the file."""
    for _ in range(_MOST_CHUNKS):
        if at + 8 > stop:
            return
        kind, size = struct.unpack_from("<4sI", data, at)
        yield kind, at + 8, at + 8 + size
        at += 8 + size + size % 2
    raise UnreadablePhoto(f"expected a webp of at most {_MOST_CHUNKS} chunks, got more")


def _bitstream(data: bytes, kind: bytes, begin: int, end: int) -> tuple[int, int, bool] | None:
    """Return width, height and whether there is alpha; None if the chunk does not tell."""
    if kind == b"VP8 " and min(end, len(data)) - begin >= 10:
        width, height = struct.unpack_from("<HH", data, begin + 6)
        return width & 0x3FFF, height & 0x3FFF, False
    if kind == b"VP8L" and min(end, len(data)) - begin >= 5:
        bits = struct.unpack_from("<I", data, begin + 1)[0]
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1, bool(bits >> 28 & 1)
    return None


def _first_frame(data: bytes, begin: int, end: int) -> tuple[int, int, bool]:
    """Return width and height of an animation's first frame, and whether it has alpha."""
    width, height = _24_bits(data, begin + 6) + 1, _24_bits(data, begin + 9) + 1
    inside = list(_chunks(data, begin + 16, min(end, len(data))))
    alpha = any(kind == b"ALPH" or (_bitstream(data, kind, b, e) or (0, 0, False))[2] for kind, b, e in inside)
    return width, height, alpha


def _24_bits(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 3], "little")

"""JPEG 2000 (ITU-T T.800): boxes of JP2, or a codestream alone."""

import struct
from io import BytesIO
from typing import Any

from ...errors import UnreadablePhoto, UnsupportedFormat
from .boxes import Box, boxes
from .header import Colors, Header, check_decoded, check_sides
from .raster import ArrayRaster, Raster

_CODESTREAM = b"\xff\x4f\xff\x51"
_END_MARKER = b"\xff\xd9"
_CMYK = 12


def read(data: bytes) -> Header:
    """Read the header. Raises UnreadablePhoto and UnsupportedFormat."""
    if data[:4] == _CODESTREAM:
        return _header(data, 0, [])
    top = {box.kind: box for box in reversed(list(boxes(data, 0, len(data))))}
    if b"jp2c" not in top or b"jp2h" not in top:
        raise UnreadablePhoto("expected a jp2 header with width and height, got none")
    return _header(data, top[b"jp2c"].begin, list(boxes(data, top[b"jp2h"].begin, top[b"jp2h"].end)))


def _header(data: bytes, at: int, inside: list[Box]) -> Header:
    """Return the header from the SIZ segment (section A.5.1) and the boxes of jp2h."""
    if data[at : at + 4] != _CODESTREAM:
        raise UnreadablePhoto("expected a jp2 header with width and height, got none")
    right, bottom, left, top = struct.unpack_from(">IIII", data, at + 8)
    components = struct.unpack_from(">H", data, at + 40)[0]
    depths = [(data[at + 42 + 3 * i] & 0x7F) + 1 for i in range(min(components, 4))]
    width, height = right - left, bottom - top
    check_sides("jp2", width, height)
    if not 1 <= components <= 4 or max(depths) > 16:
        raise UnsupportedFormat(
            f"expected a jp2 of 1 to 4 components of at most 16 bits, got {components} of {max(depths, default=0)}"
        )
    icc, space = b"", None
    for box in inside:
        if box.kind == b"colr" and space is None and box.end - box.begin >= 3:
            method = data[box.begin]
            space = struct.unpack_from(">I", data, box.begin + 3)[0] if method == 1 else 0
            icc = bytes(data[box.begin + 3 : box.end]) if method in (2, 3) else b""
    is_palette = any(box.kind == b"pclr" for box in inside)
    is_cmyk = components == 4 and (space == _CMYK or icc[16:20] == b"CMYK")
    return Header(
        format="jp2",
        width=width,
        height=height,
        depth=max(depths),
        alpha=components in (2, 4) and not is_cmyk,
        space="cmyk" if is_cmyk else "gray" if components <= 2 and not is_palette else "rgb",
        coding="deep" if max(depths) > 8 else "",
        colors=Colors(icc=icc),
    )


def decode(data: bytes, header: Header, long_side: int | None) -> tuple[Raster, int]:
    """Decode the pixels, and return them with their orientation. Raises UnreadablePhoto."""
    from PIL import Jpeg2KImagePlugin

    from .deep import decode_deep
    from .pillow import PillowRaster, decoding

    data = _with_end(data)
    if header.depth > 8 and (codes := decode_deep(data, header)) is not None:
        return ArrayRaster(codes, header.space, header.alpha, 2**header.depth - 1), header.orientation
    with decoding("jp2"):
        image: Any = Jpeg2KImagePlugin.Jpeg2KImageFile(BytesIO(data))
        image.load()
        check_decoded(header, image.size)
        return PillowRaster(image), header.orientation


def _with_end(data: bytes) -> bytes:
    """Return the file with the codestream's end marker, if only that is missing; the decoder notices missing data."""
    missing = _END_MARKER[1:] if data[-1:] == _END_MARKER[:1] else _END_MARKER
    if data[:4] == _CODESTREAM:
        return data if data[-2:] == _END_MARKER else data + missing
    last = next((box for box in boxes(data, 0, len(data)) if box.kind == b"jp2c"), None)
    return data + missing if last and last.lacks == len(missing) else data

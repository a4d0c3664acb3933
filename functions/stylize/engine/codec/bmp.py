"""BMP, from OS/2 to version 5."""

import struct
from io import BytesIO

from ...errors import UnreadablePhoto, UnsupportedFormat
from .header import Colors, Header, check_sides
from .raster import Raster

_FILE_HEADER = 14
_CORE, _VERSION_5 = 12, 124
_JPEG_INSIDE, _PNG_INSIDE = 4, 5
_EMBEDDED_PROFILE = b"DEBM"  # 'MBED'


def read(data: bytes) -> Header:
    """Read the header. Raises UnreadablePhoto and UnsupportedFormat."""
    size = struct.unpack_from("<I", data, _FILE_HEADER)[0]
    if size == _CORE:
        width, height, _, depth = struct.unpack_from("<HHHH", data, 18)
        alpha = False
    elif size >= 40:
        width, height, _, depth, compression = struct.unpack_from("<iiHHI", data, 18)
        if compression in (_JPEG_INSIDE, _PNG_INSIDE):
            raise UnsupportedFormat("expected a bmp of pixels, got a bmp with another image inside")
        alpha = depth == 32 and size >= 56 and bool(struct.unpack_from("<I", data, 66)[0])
    else:
        raise UnreadablePhoto(f"expected a bmp header of 12 bytes, or of 40 and more, got {size}")
    check_sides("bmp", width, abs(height))
    icc = b""
    if size >= _VERSION_5 and data[70:74] == _EMBEDDED_PROFILE:
        at, length = struct.unpack_from("<II", data, 126)
        icc = bytes(data[_FILE_HEADER + at : _FILE_HEADER + at + length])
    return Header(format="bmp", width=width, height=abs(height), alpha=alpha, colors=Colors(icc=icc))


def decode(data: bytes, header: Header, long_side: int | None) -> tuple[Raster, int]:
    """Decode the pixels, and return them with their orientation. Raises UnreadablePhoto."""
    from PIL import BmpImagePlugin

    from .pillow import PillowRaster, decoding

    with decoding("bmp"):
        image = BmpImagePlugin.BmpImageFile(BytesIO(data))
        image.load()
        return PillowRaster(image), header.orientation

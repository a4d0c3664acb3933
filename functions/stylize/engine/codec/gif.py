"""GIF: its blocks, and the pixels of its first frame as browsers show them, on white."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from ...errors import UnreadablePhoto
from .header import Header, check_sides
from .raster import Codes, Raster

_IMAGE, _EXTENSION, _GRAPHIC_CONTROL = 0x2C, 0x21, 0xF9


@dataclass(frozen=True, kw_only=True)
class GifHeader(Header):
    """A GIF's header; `frame` is left, top, width and height of the first image, decoded whatever its size."""

    frame: tuple[int, int, int, int]


def read(data: bytes) -> GifHeader:
    """Read all blocks. Raises UnreadablePhoto."""
    width, height, packed = struct.unpack_from("<HHB", data, 6)
    check_sides("gif", width, height)
    at = 13 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
    first: tuple[int, int, int, int] | None = None
    alpha, frames = False, 0
    while at < len(data):
        if data[at] == _EXTENSION and at + 4 < len(data):
            if data[at + 1] == _GRAPHIC_CONTROL and not frames:
                alpha = bool(data[at + 3] & 1)
            at = _after_blocks(data, at + 2)
        elif data[at] == _IMAGE and at + 10 <= len(data):
            frames += 1
            left, top, wide, high, packed = struct.unpack_from("<HHHHB", data, at + 1)
            first = first or (left, top, wide, high)
            at = _after_blocks(data, at + 11 + (3 << (packed & 7) + 1 if packed & 0x80 else 0))
        else:
            break
    if first is None:
        raise UnreadablePhoto("expected a gif with an image in it, got none")
    _, _, wide, high = first
    if wide * high > max(4 * width * height, 1_000_000):
        raise UnreadablePhoto(f"expected a first image that fits on {width} x {height} pixels, got {wide} x {high}")
    fills = first[0] == first[1] == 0 and wide >= width and high >= height
    return GifHeader(
        format="gif", width=width, height=height, alpha=alpha or not fills, frames=max(1, frames), frame=first
    )


def decode(data: bytes, header: GifHeader, long_side: int | None) -> tuple[Raster, int]:
    """Decode the first frame, and return it with its orientation. Raises UnreadablePhoto."""
    from PIL import GifImagePlugin

    from .pillow import PillowRaster, decoding

    with decoding("gif"):
        image = GifImagePlugin.GifImageFile(BytesIO(data))
        image.load()
        raster = PillowRaster(image.crop((0, 0, header.width, header.height)))
        left, top, width, height = header.frame
        return _Framed(raster, left, top, left + width, top + height), header.orientation


class _Framed:
    """A raster that is transparent, and so white, outside a frame."""

    space, alpha, max_value = "rgb", True, 255

    def __init__(self, inside: Raster, left: int, top: int, right: int, bottom: int) -> None:
        self._inside, self._frame = inside, (left, top, right, bottom)
        self.width, self.height = inside.width, inside.height

    def rows(self) -> Iterator[tuple[int, Codes]]:
        import numpy as np

        left, top, right, bottom = self._frame
        for begin, codes in self._inside.rows():
            framed = np.zeros((*codes.shape[:2], 4), np.uint8)
            part = slice(max(top - begin, 0), max(bottom - begin, 0)), slice(left, right)
            framed[(*part, slice(3))] = codes[part][..., :3]
            framed[(*part, 3)] = codes[part][..., 3] if self._inside.alpha else 255
            yield begin, framed


def _after_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1

"""Decodes any photo to upright pixels of 8 bits, on white."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np

from ..buffer_pool import BufferPool, Image
from ..malloc import give_freed_memory_back
from . import jpeg
from .color import Rendering, converter, on_white, rendering_of, to_bytes
from .header import TURNED, check_size
from .inspect import read_header, reader_of
from .memory import check_room, decoding_bytes, fenced
from .metadata import Credit, credit_of
from .raster import ArrayRaster, Raster

# The refusal of a photo that can't be decoded has the reason; OpenCV's own lines on stderr would only repeat it.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


@dataclass(frozen=True)
class Photo:
    """A decoded photo, upright.

    `pixels` are BGR uint8 (H, W, 3), possibly fewer than the photo's `width` x `height`. `profile` is the RGB color
    profile that its paintings need (empty: they are sRGB). `credit` names the photo's author.
    """

    pixels: Image
    width: int
    height: int
    format: str
    profile: bytes
    credit: Credit = field(default_factory=Credit)


def decode(
    data: bytes,
    *,
    max_megapixels: float = 100,
    long_side: int | None = None,
    room: int | None = None,
    beside: int = 0,
    buffer_pool: BufferPool | None = None,
) -> Photo:
    """Decode a photo, upright, at most `long_side` pixels along its longer side (None: its own size).

    Photos are never enlarged. `room` is the memory in bytes for the file and its decoding (None: no limit). Free
    buffers of `buffer_pool` are dropped if decoding needs their memory. `beside` is the number of bytes that other
    threads may allocate meanwhile, because the memory limit applies to the whole process.

    Raises:
        UnsupportedFormat: the format is not painted.
        UnreadablePhoto: the data are no image, or pixels are missing.
        PhotoTooLarge: the photo has more pixels than `max_megapixels`, or decoding takes more than `room`.
        MemoryError: there is too little memory now.
    """
    header = read_header(data)
    width, height = header.upright
    check_size(width, height, max_megapixels)
    check_room(header, len(data), room)
    needed = decoding_bytes(header, len(data))
    if buffer_pool:
        buffer_pool.make_room(len(data) + needed)
    rendering = rendering_of(header)
    decoder = reader_of(header.format)
    with fenced(needed, beside, f"expected a whole {header.format}, got one that is cut off or damaged"):
        if isinstance(header, jpeg.JpegHeader):
            pixels = _decode_jpeg(data, header, rendering, long_side)
        else:
            raster, orientation = decoder.decode(data, header, long_side)
            pixels = _rendered(raster, orientation, rendering)
            del raster
            give_freed_memory_back()  # much of it is in small pieces, which painting can't use
    pixels = _shrunk(pixels, width, height, long_side)
    return Photo(pixels, width, height, header.format, rendering.profile, credit_of(header.exif))


def _decode_jpeg(data: bytes, header: jpeg.JpegHeader, rendering: Rendering, long_side: int | None) -> Image:
    width, height = size = jpeg.scaled(header, long_side)
    if header.space != "cmyk" and not rendering.is_converted:
        stored = np.empty((height, width, 3), np.uint8)
        jpeg.decode(data, header, "BGR", size, stored)
        return stored if header.orientation == 1 else _turned(stored, header.orientation)
    name, channels = {"gray": ("GRAY", 1), "rgb": ("RGB", 3), "cmyk": ("CMYK", 4)}[header.space]
    stored = np.empty((height, width, channels), np.uint8)
    jpeg.decode(data, header, name, size, stored)
    if header.space == "cmyk":
        np.subtract(255, stored, out=stored)  # Adobe stores the complement of each ink, and all readers expect that
    return _rendered(ArrayRaster(stored, header.space, alpha=False), header.orientation, rendering)


def _rendered(raster: Raster, orientation: int, rendering: Rendering) -> Image:
    """Return the upright photo: colors converted, composited on white and turned, band by band."""
    pixels = _blank(raster.width, raster.height, orientation)
    stored = as_stored(pixels, orientation)
    convert = converter(rendering, raster)
    for top, rows in raster.rows():
        rgb = convert(rows[..., :-1] if raster.alpha else rows)
        if raster.alpha:
            rgb = on_white(rgb, to_bytes(rows[..., -1], raster.max_value))
        stored[top : top + len(rows)] = rgb[..., ::-1]
    return pixels


def _blank(width: int, height: int, orientation: int) -> Image:
    """Return an uninitialized array for the upright pixels of a photo that is stored as `width` x `height`."""
    return np.empty((width, height, 3) if orientation in TURNED else (height, width, 3), np.uint8)


def as_stored(upright: Image, orientation: int) -> Image:
    """Return a view of an upright photo as stored under an Exif orientation; pixels written to it become upright."""
    views: dict[int, Callable[[Image], Image]] = {
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: p.swapaxes(0, 1)[::-1],
        7: lambda p: p.swapaxes(0, 1)[::-1, ::-1],
        8: lambda p: p.swapaxes(0, 1)[:, ::-1],
    }
    return views[orientation](upright) if orientation in views else upright


def _turned(stored: Image, orientation: int) -> Image:
    """Turn a whole photo upright with OpenCV, which is faster than writing to a view."""
    pixels = _blank(stored.shape[1], stored.shape[0], orientation)
    flips = {2: 1, 3: -1, 4: 0}
    rotations = {6: cv2.ROTATE_90_CLOCKWISE, 8: cv2.ROTATE_90_COUNTERCLOCKWISE}
    if orientation in flips:
        cv2.flip(stored, flips[orientation], dst=pixels)
    elif orientation in rotations:
        cv2.rotate(stored, rotations[orientation], dst=pixels)
    else:
        cv2.transpose(stored, dst=pixels)
        if orientation == 7:
            cv2.flip(pixels, -1, dst=pixels)
    return pixels


def _shrunk(pixels: Image, width: int, height: int, long_side: int | None) -> Image:
    """Reduce `pixels` of a `width` x `height` photo, possibly decoded at a smaller scale, to the requested size."""
    if long_side is None or max(width, height) <= long_side:
        return pixels
    scale = long_side / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)

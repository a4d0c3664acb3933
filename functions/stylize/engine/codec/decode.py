"""Bytes <-> pixels: decoding upright, on white, in 8 bits; and encoding with the color profile.

What leaves: BGR uint8 `(height, width, 3)` and the photo's RGB profile. What stays behind: alpha (composited on
white), depth beyond 8 bits, frames after the first, and all other metadata, such as where a photo was taken.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import BadRecipe, UnreadablePhoto
from ..buffer_pool import Image
from ..malloc import at_most
from .inspect import MEGA, Header

# A photo that can't be decoded is refused with a reason; OpenCV's own lines on stderr would only repeat it.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


class Format(StrEnum):
    """What paintings are encoded in."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    AVIF = "avif"

    @property
    def content_type(self) -> str:
        return f"image/{self}"

    @property
    def longest_side(self) -> int:
        """The most pixels along a side that the format can hold."""
        return {Format.JPEG: 65500, Format.WEBP: 16383, Format.AVIF: 65536}.get(self, 2**31 - 1)

    @property
    def extension(self) -> str:
        return "jpg" if self is Format.JPEG else str(self)


@dataclass(frozen=True)
class Photo:
    """A decoded photo, upright.

    `pixels` are BGR uint8 (H, W, 3), perhaps fewer than the `width` x `height` that the photo has; `profile` is
    its RGB color profile (empty: none).
    """

    pixels: Image
    width: int
    height: int
    format: str
    profile: bytes


_DECODER_BYTES = {"jpeg": 11, "webp": 10, "gif": 13, "png": 16, "avif": 33}
"""Per pixel, the most that decoding was seen to take: progressive CMYK, alpha, 16 bits; result included."""

_FENCE_BYTES = 33
"""Per pixel, for any format: who runs into the fence is refused, so it stands where no sound photo was seen to come."""

_SPARE_BYTES = 500 * MEGA
"""On top, for any photo: threads, tables, metadata."""

_ROWS = 64
"""Rows that are put on white at a time."""

_REDUCED = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}


def decoder_bytes(header: Header) -> int:
    """What decoding the photo takes, its result included; an estimate, from above."""
    return _DECODER_BYTES[header.format] * header.width * header.height


def decode(data: bytes, header: Header, long_side: int | None = None) -> Photo:
    """Decodes a photo, upright, at most `long_side` pixels along its longer side (None: as it came).

    A JPEG is decoded at a half, a quarter or an eighth where that leaves enough pixels. Nothing is enlarged.
    Raises UnreadablePhoto when the photo is damaged, cut off or not of the size that its header says, and
    MemoryError when there is too little memory for it now.
    """
    flags = cv2.IMREAD_UNCHANGED if header.has_alpha else _color_flags(header, long_side)
    pixels, kinds, chunks = _decoded(data, header, flags)
    _check_sides(pixels, header)
    metadata = {kind: bytes(chunk) for kind, chunk in zip(kinds, chunks, strict=True)}
    orientation = _orientation(metadata.get(cv2.IMAGE_METADATA_EXIF, b""))
    if header.has_alpha:
        pixels = _upright(_on_white(pixels), orientation)
    width, height = (header.height, header.width) if orientation >= 5 else (header.width, header.height)
    profile = _rgb_profile(metadata.get(cv2.IMAGE_METADATA_ICCP, b""))
    return Photo(_shrunk(pixels, width, height, long_side), width, height, header.format, profile)


def encode(painting: Image, fmt: Format, quality: int, profile: bytes = b"") -> bytes:
    """`quality` is 1..100, for PNG without effect. An RGB `profile` goes into paintings in color."""
    flag = {
        Format.JPEG: cv2.IMWRITE_JPEG_QUALITY,
        Format.WEBP: cv2.IMWRITE_WEBP_QUALITY,
        Format.AVIF: cv2.IMWRITE_AVIF_QUALITY,
    }.get(fmt)
    options = [] if flag is None else [flag, quality]
    suffix = f".{fmt.extension}"
    if profile and painting.ndim == 3:
        chunk = np.frombuffer(profile, np.uint8)
        written, encoded = cv2.imencodeWithMetadata(suffix, painting, [cv2.IMAGE_METADATA_ICCP], [chunk], options)
    else:
        written, encoded = cv2.imencode(suffix, painting, options)
    if not written:
        raise RuntimeError(f"OpenCV could not encode {painting.shape} as {fmt}")
    return encoded.tobytes()


def check_encodable(fmt: Format, width: int, height: int) -> None:
    """Raises BadRecipe when `fmt` can't hold a painting of that size."""
    if max(width, height) > fmt.longest_side:
        raise BadRecipe(f"format {fmt}: expected sides of at most {fmt.longest_side} pixels, got {width} x {height}")


def _color_flags(header: Header, long_side: int | None) -> int:
    """Decoding to BGR and upright; a JPEG at the smallest scale that still has `long_side` pixels."""
    if header.format == "jpeg" and long_side is not None:
        for divisor in (8, 4, 2):
            if max(header.width, header.height) >= divisor * long_side:
                return _REDUCED[divisor]
    return cv2.IMREAD_COLOR


def _decoded(data: bytes, header: Header, flags: int) -> tuple[Any, Sequence[int], Sequence[Any]]:
    """Pixels, and kinds and contents of the metadata. Raises UnreadablePhoto and MemoryError."""
    pixels: Any  # OpenCV's own types do not know that it can be None
    needed = _FENCE_BYTES * header.width * header.height
    try:
        with at_most(needed + _SPARE_BYTES):
            pixels, kinds, chunks = cv2.imdecodeWithMetadata(np.frombuffer(data, np.uint8), flags)
    except cv2.error:
        pixels, kinds, chunks = None, (), ()
    if pixels is None:  # OpenCV says no more: was it the photo's fault? If memory is short, this raises MemoryError.
        np.empty(needed, np.uint8)
        raise UnreadablePhoto(f"expected a whole {header.format}, got one that ends early or is damaged")
    return pixels, kinds, chunks


def _check_sides(pixels: Any, header: Header) -> None:
    """Raises UnreadablePhoto when what was decoded is not what the header promised, at any of the scales of JPEG."""
    promised, got = sorted((header.width, header.height)), sorted(pixels.shape[:2])
    if not any(got == [-(-side // scale) for side in promised] for scale in (1, *_REDUCED)):
        raise UnreadablePhoto(
            f"expected {header.width} x {header.height} pixels, as the header says, got {got[1]} x {got[0]}"
        )


def _on_white(pixels: NDArray[Any]) -> Image:
    """(H, W, 3) uint8 of an image with 1, 3 or 4 channels of 8 or 16 bits."""
    image = np.empty((*pixels.shape[:2], 3), np.uint8)
    for top in range(0, len(pixels), _ROWS):  # what lies between input and result is several times as large as both
        image[top : top + _ROWS] = _rows_on_white(pixels[top : top + _ROWS])
    return image


def _rows_on_white(pixels: NDArray[Any]) -> Image:
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    if pixels.ndim == 2:
        pixels = np.dstack([pixels] * 3)
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.uint16)
    blended: Image = ((pixels[..., :3] * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
    return blended


def _upright(pixels: Image, orientation: int) -> Image:
    turns: dict[int, Callable[[Image], Image]] = {
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: p[::-1].swapaxes(0, 1),
        7: lambda p: p[::-1, ::-1].swapaxes(0, 1),
        8: lambda p: p[:, ::-1].swapaxes(0, 1),
    }
    turn = turns.get(orientation)
    return pixels if turn is None else np.ascontiguousarray(turn(pixels))


def _orientation(exif: bytes) -> int:
    """1..8: tag 0x0112 of the first directory (Exif 2.32, section 4.6.4); 1, upright, where it is not to be had."""
    order = {b"II": "<", b"MM": ">"}.get(exif[:2])
    if order is None:
        return 1
    try:
        (directory,) = struct.unpack_from(f"{order}I", exif, 4)
        (entries,) = struct.unpack_from(f"{order}H", exif, directory)
        for i in range(entries):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", exif, directory + 2 + 12 * i)
            if (tag, kind) == (0x0112, 3):
                return int(value)
    except struct.error:
        pass  # a directory that lies about its length has no orientation to give
    return 1


def _shrunk(pixels: Image, width: int, height: int, long_side: int | None) -> Image:
    """`pixels` of a `width` x `height` photo, perhaps decoded at a smaller scale, at the size that was asked for."""
    if long_side is None or max(width, height) <= long_side:
        return pixels
    scale = long_side / max(width, height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _rgb_profile(profile: bytes) -> bytes:
    """The profile if it is a sound one for RGB (ICC.1:2022, section 7.2); others do not fit what is painted."""
    sound = len(profile) > 128 and profile[36:40] == b"acsp" and struct.unpack_from(">I", profile)[0] == len(profile)
    return profile if sound and profile[16:20] == b"RGB " else b""

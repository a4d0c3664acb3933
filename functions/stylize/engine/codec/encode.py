"""Pixels to bytes: a painting in one of four formats, with its color profile and, if asked for, its credit."""

from enum import StrEnum

import cv2
import numpy as np

from ...errors import BadRecipe
from ..buffer_pool import Image
from .metadata import Credit, exif_of


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


def encode(painting: Image, fmt: Format, quality: int, profile: bytes = b"", credit: Credit | None = None) -> bytes:
    """Encode BGR (height, width, 3) or gray (height, width), uint8.

    `quality` is 1..100, for PNG without effect. `profile` is the RGB profile of the photo: a painting in color gets it
    as it is, a gray one a profile of the same tones. `credit` goes in as Exif.
    """
    suffix, options = f".{fmt.extension}", _options(fmt, quality)
    chunks = {}
    if profile and (fitting := profile if painting.ndim == 3 else _for_gray(profile)):
        chunks[cv2.IMAGE_METADATA_ICCP] = fitting
    if credit:
        chunks[cv2.IMAGE_METADATA_EXIF] = exif_of(credit)
    if chunks:
        contents = [np.frombuffer(content, np.uint8) for content in chunks.values()]
        written, encoded = cv2.imencodeWithMetadata(suffix, painting, list(chunks), contents, options)
    else:
        written, encoded = cv2.imencode(suffix, painting, options)
    if not written:
        raise RuntimeError(f"OpenCV could not encode {painting.shape} as {fmt}")
    return encoded.tobytes()


def check_encodable(fmt: Format, width: int, height: int) -> None:
    """Raise BadRecipe when `fmt` can't hold a painting of that size."""
    if max(width, height) > fmt.longest_side:
        raise BadRecipe(f"format {fmt}: expected sides of at most {fmt.longest_side} pixels, got {width} x {height}")


def _options(fmt: Format, quality: int) -> list[int]:
    match fmt:
        case Format.JPEG:
            return [cv2.IMWRITE_JPEG_QUALITY, quality]
        case Format.WEBP:
            return [cv2.IMWRITE_WEBP_QUALITY, quality]
        case Format.AVIF:
            return [cv2.IMWRITE_AVIF_QUALITY, quality]
        case Format.PNG:
            return []


def _for_gray(profile: bytes) -> bytes:
    from .color import profile_for_gray

    return profile_for_gray(profile)

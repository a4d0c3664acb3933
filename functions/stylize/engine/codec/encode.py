"""Encodes a painting in one of four formats, with its color profile and, on request, its credit."""

from enum import StrEnum
from io import BytesIO

import cv2
import numpy as np

from ...errors import BadRecipe
from ..buffer_pool import Image
from .metadata import Credit, exif_of

FULL_COLOR = 95
"""The lowest quality of a JPEG whose color has full resolution (4:4:4); below, it is 4:2:0."""

WEBP_METHOD = 2
"""The effort of libwebp, from 0 (fast) to 6 (small)."""


class Format(StrEnum):
    """The formats of paintings."""

    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    AVIF = "avif"

    @property
    def content_type(self) -> str:
        return f"image/{self}"

    @property
    def longest_side(self) -> int:
        """The largest number of pixels along a side that the format can hold."""
        return {Format.JPEG: 65500, Format.WEBP: 16383, Format.AVIF: 65536}.get(self, 2**31 - 1)

    @property
    def extension(self) -> str:
        return "jpg" if self is Format.JPEG else str(self)


def encode(painting: Image, fmt: Format, quality: int, profile: bytes = b"", credit: Credit | None = None) -> bytes:
    """Encode BGR (height, width, 3) or gray (height, width), uint8.

    `quality` is 1..100; PNG ignores it. `profile` is the RGB profile of the photo: a color painting gets the same
    profile, a gray one a gray profile with the same tones. `credit` is written as Exif.
    """
    icc = profile if not profile or painting.ndim == 3 else _for_gray(profile)
    exif = exif_of(credit) if credit else b""
    if fmt is Format.WEBP:
        return _webp(painting, quality, icc, exif)
    suffix, options = f".{fmt.extension}", _options(fmt, quality)
    chunks = {cv2.IMAGE_METADATA_ICCP: icc, cv2.IMAGE_METADATA_EXIF: exif}
    kinds = [kind for kind, content in chunks.items() if content]
    if kinds:
        contents = [np.frombuffer(chunks[kind], np.uint8) for kind in kinds]
        written, encoded = cv2.imencodeWithMetadata(suffix, painting, kinds, contents, options)
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
    """Return OpenCV's options, chosen from the results of `python -m bench.encoders`.

    JPEG keeps color at full resolution from FULL_COLOR on: below, 29 % more bytes and 60 % more time are not worth it.
    AVIF at speed 8 takes five times as long for a quarter less bytes. OpenCV's default for PNG is half as fast again as
    any other level, for 3 to 10 % more bytes.
    """
    match fmt:
        case Format.JPEG if quality >= FULL_COLOR:
            sampling = [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444]
            return [cv2.IMWRITE_JPEG_QUALITY, quality, *sampling]
        case Format.JPEG:
            return [cv2.IMWRITE_JPEG_QUALITY, quality]
        case Format.AVIF:
            return [cv2.IMWRITE_AVIF_QUALITY, quality, cv2.IMWRITE_AVIF_SPEED, 9]
        case _:
            return []


def _webp(painting: Image, quality: int, icc: bytes, exif: bytes) -> bytes:
    """Encode with Pillow, because OpenCV can't set libwebp's effort: 0.6 of the time for 1 or 2 % more bytes."""
    from PIL import Image as Pillow
    from PIL import WebPImagePlugin  # noqa: F401 (it registers itself)

    mode, order = ("L", "L") if painting.ndim == 2 else ("RGB", "BGR")
    flat = np.ascontiguousarray(painting)
    image = Pillow.frombuffer(mode, flat.shape[1::-1], flat, "raw", order, 0, 1)
    options: dict[str, bytes] = {"icc_profile": icc, "exif": exif} if icc or exif else {}
    out = BytesIO()
    image.save(out, "WEBP", quality=quality, method=WEBP_METHOD, **options)
    return out.getvalue()


def _for_gray(profile: bytes) -> bytes:
    from .color import profile_for_gray

    return profile_for_gray(profile)

"""Converts the colors of a photo to those of its paintings.

RGB with a profile of a matrix and curves is not converted; the paintings get a profile written from its colorimetry.
Other colors are converted to sRGB. LittleCMS converts gray, CMYK, Lab and RGB of look-up tables, with relative
colorimetric intent; the tone map of `hdr` converts PQ and HLG.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .cicp import profile_from_gamma, profile_of
from .hdr import ToneMap, is_hdr
from .header import Colors, Header
from .icc import Profile, gray_profile, read_profile, rebuilt
from .raster import Raster

Codes = NDArray[np.unsignedinteger]
"""(rows, width, channels), 0 up to 2^depth - 1."""

Rgb = NDArray[np.uint8]
"""(rows, width, 3), red first."""


class ProfileKind(StrEnum):
    """The kind of a photo's color profile, which decides between keeping and converting its colors."""

    NONE = "none"  # treated as sRGB
    RGB = "rgb"  # kept: the paintings get the profile
    LUT = "lut"  # converted to sRGB, like all kinds below
    GRAY = "gray"
    CMYK = "cmyk"
    LAB = "lab"
    PQ = "pq"
    HLG = "hlg"


@dataclass(frozen=True)
class Rendering:
    """The treatment of a photo's colors: `kind` of profile, and the RGB `profile` that the paintings get.

    Conversion to sRGB uses `embedded`, a profile for LittleCMS, or `cicp`, primaries and transfer of PQ or HLG.
    """

    kind: ProfileKind
    profile: bytes = b""
    embedded: bytes = b""
    cicp: tuple[int, int] = (1, 13)

    @property
    def is_converted(self) -> bool:
        return self.kind not in (ProfileKind.NONE, ProfileKind.RGB)

    @property
    def is_hdr(self) -> bool:
        return self.kind in (ProfileKind.PQ, ProfileKind.HLG)


def rendering_of(header: Header) -> Rendering:
    """Return the treatment of the colors, from the header alone. A broken profile counts as missing."""
    colors = header.colors
    icc = read_profile(colors.icc) if colors.icc else None
    tagged = colors.cicp or (icc.cicp if icc and icc.space == "rgb" else None)
    if header.space in ("rgb", "gray") and tagged and is_hdr(tagged[1]):
        return Rendering(ProfileKind.PQ if tagged[1] == 16 else ProfileKind.HLG, cicp=tagged)
    if header.space == "lab":
        return Rendering(ProfileKind.LAB)
    if icc and not colors.cicp and (rendering := _by_profile(icc, colors.icc, header.space)):
        return rendering
    if header.space in ("rgb", "gray") and (profile := _by_numbers(colors)):
        return Rendering(ProfileKind.RGB, profile)
    return Rendering(ProfileKind.NONE)


def _by_profile(icc: Profile, embedded: bytes, space: str) -> Rendering | None:
    if icc.space == "rgb" and space in ("rgb", "gray"):
        if profile := rebuilt(icc):
            return Rendering(ProfileKind.RGB, profile)
        return Rendering(ProfileKind.LUT, embedded=embedded) if icc.has_table else None
    if icc.space == space:
        return Rendering(ProfileKind(space), embedded=embedded)
    return None


def _by_numbers(colors: Colors) -> bytes:
    if colors.cicp:
        return profile_of(*colors.cicp)
    if colors.gamma:
        return profile_from_gamma(colors.gamma, colors.chromaticities)
    return b""


def converter(rendering: Rendering, raster: Raster) -> Callable[[Codes], Rgb]:
    """Return a function that converts rows of the raster, without their alpha, to 8-bit RGB."""
    space, max_value = raster.space, raster.max_value
    if rendering.is_hdr:
        tone_map = ToneMap(*rendering.cicp, max_value)
        for _, rows in raster.rows():
            tone_map.look_at(_as_rgb(rows[..., :-1] if raster.alpha else rows))
        return lambda rows: tone_map(_as_rgb(rows))
    if rendering.kind is ProfileKind.LAB or rendering.embedded:
        transform = _transform(rendering.embedded, space, as_lut=rendering.kind is ProfileKind.LUT)
        if transform:
            return lambda rows: transform(to_bytes(rows, max_value))
    if space == "cmyk":
        return lambda rows: _plain_cmyk(to_bytes(rows, max_value))
    return lambda rows: _as_rgb(to_bytes(rows, max_value))


def to_bytes(codes: Codes, max_value: int) -> NDArray[np.uint8]:
    """Scale codes of 0..`max_value` to 8 bits, rounded."""
    if max_value == 255:
        return codes.astype(np.uint8, copy=False)
    if max_value == 65535:  # the same result without a division
        return ((codes.astype(np.uint32) * 255 + 32895) >> 16).astype(np.uint8)
    return ((codes.astype(np.uint32) * 255 + max_value // 2) // max_value).astype(np.uint8)


def on_white(rgb: Rgb, alpha: NDArray[np.uint8]) -> Rgb:
    """Composite `rgb` on white by straight `alpha` (rows, width)."""
    wide = alpha[..., None].astype(np.uint16)
    return ((rgb * wide + 255 * (255 - wide) + 127) // 255).astype(np.uint8)


def profile_for_gray(profile: bytes) -> bytes:
    """Return the gray profile with the tones of `profile`, an RGB profile written by this package."""
    known = read_profile(profile)
    return gray_profile(known.tags[b"gTRC"]) if known and b"gTRC" in known.tags else b""


def _as_rgb(rows: NDArray[Any]) -> NDArray[Any]:
    return np.repeat(rows, 3, axis=2) if rows.shape[2] == 1 else rows


def _plain_cmyk(cmyk: NDArray[np.uint8]) -> Rgb:
    """Convert as libjpeg's own tools do: the complement of each ink times the complement of black."""
    left = (255 - cmyk).astype(np.uint16)
    return ((left[..., :3] * left[..., 3:] + 127) // 255).astype(np.uint8)


def _transform(embedded: bytes, space: str, as_lut: bool) -> Callable[[NDArray[np.uint8]], Rgb] | None:
    """Return LittleCMS's conversion to sRGB, with relative colorimetric intent; None if it can't use the profile."""
    from PIL import Image, ImageCms  # imported here, because a JPEG in plain colors does not need it

    mode = "RGB" if as_lut else {"gray": "L", "rgb": "RGB", "cmyk": "CMYK", "lab": "LAB"}[space]
    srgb = ImageCms.createProfile("sRGB")
    try:
        source: Any = (
            ImageCms.ImageCmsProfile(BytesIO(_trimmed(embedded))) if embedded else ImageCms.createProfile("LAB")
        )
        transform = ImageCms.buildTransform(
            source, srgb, mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC, ImageCms.Flags.NONE
        )
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None

    def apply(rows: NDArray[np.uint8]) -> Rgb:
        codes = np.ascontiguousarray(rows)
        return np.asarray(transform.apply(Image.frombytes(mode, codes.shape[1::-1], codes.tobytes())))

    if mode == "L":  # gray has only 256 codes, so a table replaces the conversion
        tones = apply(np.arange(256, dtype=np.uint8)[None, :, None])[0]
        return lambda rows: np.asarray(tones[rows[..., 0]])
    return apply if mode != "RGB" else lambda rows: apply(_as_rgb(rows))


def _trimmed(profile: bytes) -> bytes:
    """Return the profile cut to its stated length; if it is shorter, the stated length is corrected."""
    said = struct.unpack_from(">I", profile)[0]
    if said <= len(profile):
        return profile[:said]
    return struct.pack(">I", len(profile)) + profile[4:]

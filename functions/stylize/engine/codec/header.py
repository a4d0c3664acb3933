"""The header that every reader returns, and the checks that raise refusals."""

from dataclasses import dataclass, field

from ...errors import PhotoTooLarge, UnreadablePhoto

MEGAPIXEL = 1_000_000
LONGEST_SIDE = 65535
"""The longest side in pixels that the kernels, and JPEG, accept."""

TURNED = (5, 6, 7, 8)
"""Orientations that swap width and height."""


@dataclass(frozen=True)
class Colors:
    """The color information of a photo.

    `icc` is an embedded profile (empty: none). `cicp` are color primaries and transfer characteristics as code points
    of ITU-T H.273. `gamma` and `chromaticities` (x and y of white, red, green, blue) are those of a PNG.
    """

    icc: bytes = b""
    cicp: tuple[int, int] | None = None
    gamma: float | None = None
    chromaticities: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Header:
    """A photo before decoding.

    `width` and `height` are in pixels as stored, before turning upright; `depth` is in bits per sample; `space` is
    gray, rgb, cmyk or lab; `coding` distinguishes codings of a format that need different memory to decode;
    `orientation` is 1..8 as in Exif; `exif` starts with its byte order.
    """

    format: str
    width: int
    height: int
    depth: int = 8
    alpha: bool = False
    space: str = "rgb"
    orientation: int = 1
    frames: int = 1
    coding: str = ""
    colors: Colors = field(default_factory=Colors)
    exif: bytes = b""

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the upright photo."""
        turned = self.orientation in TURNED
        return (self.height, self.width) if turned else (self.width, self.height)


def check_size(width: int, height: int, max_megapixels: float) -> None:
    """Raise PhotoTooLarge when an upright photo has too many pixels."""
    megapixels = width * height / MEGAPIXEL
    if megapixels > max_megapixels:
        raise PhotoTooLarge(
            f"expected at most {max_megapixels:g} megapixels, got {megapixels:.1f} ({width} x {height})"
        )
    if max(width, height) > LONGEST_SIDE:
        raise PhotoTooLarge(f"expected sides of at most {LONGEST_SIDE} pixels, got {width} x {height}")


def check_decoded(header: Header, got: tuple[int, int], expected: tuple[int, int] | None = None) -> None:
    """Raise UnreadablePhoto when the decoded size differs from `expected`, by default the size in the header."""
    width, height = expected or (header.width, header.height)
    if got != (width, height):
        raise UnreadablePhoto(f"expected {width} x {height} pixels, as the header says, got {got[0]} x {got[1]}")


def check_sides(name: str, width: int, height: int) -> None:
    """Raise UnreadablePhoto when a header has no width or no height."""
    if width <= 0 or height <= 0:
        raise UnreadablePhoto(f"expected a {name} header with width and height, got none")

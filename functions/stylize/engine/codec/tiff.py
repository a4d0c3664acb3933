"""TIFF 6.0 and BigTIFF: the first page."""

from dataclasses import dataclass
from io import BytesIO

from ...errors import UnreadablePhoto, UnsupportedFormat
from .header import Colors, Header, check_sides
from .metadata import ORIENTATION
from .raster import ArrayRaster, Raster
from .tiff_tags import Directory, Layout, following, read_directory, read_layout

_WIDTH, _HEIGHT, _BITS, _PHOTOMETRIC, _MAKE = 256, 257, 258, 262, 271
_SAMPLES, _PLANAR, _SUB_DIRECTORIES, _EXTRA_SAMPLES, _SAMPLE_FORMAT = 277, 284, 330, 338, 339
_PROFILE, _DNG_VERSION = 34675, 50706

_SPACES = {0: "gray", 1: "gray", 2: "rgb", 3: "rgb", 5: "cmyk", 6: "rgb", 8: "lab"}
"""Color spaces by photometric interpretation: white is zero, black is zero, RGB, palette, separated, YCbCr, CIELab."""

_RAW = (32803, 34892)
"""Photometric interpretations of camera raw: color filter array, linear raw."""

_UNSIGNED, _ASSOCIATED, _UNASSOCIATED = 1, 1, 2
_SEPARATE_PLANES = 2
_MOST_PAGES = 10_000


@dataclass(frozen=True, kw_only=True)
class TiffHeader(Header):
    """The header of a TIFF. `is_plain`: gray or three colors, all in one plane, possibly RGB with straight alpha.

    `is_inverted`: 0 is white.
    """

    is_plain: bool
    is_inverted: bool


def read(data: bytes) -> TiffHeader:
    """Read the first directory. Raises UnreadablePhoto and UnsupportedFormat."""
    layout = read_layout(data)
    directory = read_directory(data, layout, layout.first) if layout else None
    if layout is None or directory is None:
        raise UnreadablePhoto("expected a tiff header with width and height, got none")
    _check_not_raw(data, layout, directory)
    width, height = directory.number(_WIDTH), directory.number(_HEIGHT)
    check_sides("tiff", width, height)
    bits, samples = directory.numbers(_BITS) or (1,), directory.number(_SAMPLES, 1)
    photometric = directory.number(_PHOTOMETRIC, 1)
    space = _SPACES.get(photometric)
    if space is None:
        raise UnsupportedFormat(f"expected a tiff in gray, RGB, CMYK, YCbCr or Lab, got photometric {photometric}")
    depth = max(bits)
    if depth > 16 or max(directory.numbers(_SAMPLE_FORMAT) or (_UNSIGNED,)) != _UNSIGNED:
        raise UnsupportedFormat(f"expected a tiff of whole numbers of at most 16 bits, got {depth} bits or others")
    extra = directory.numbers(_EXTRA_SAMPLES)
    colors = {"gray": 1, "rgb": 1 if photometric == 3 else 3, "cmyk": 4, "lab": 3}[space]
    straight = photometric == 2 and samples == 4 and extra[:1] == (_UNASSOCIATED,)
    return TiffHeader(
        format="tiff",
        width=width,
        height=height,
        depth=depth,
        alpha=samples > colors and extra[:1] != (0,),
        space=space,
        orientation=_upright_or(directory.number(ORIENTATION, 1)),
        frames=_pages(data, layout),
        coding="deep" if depth > 8 else "",
        colors=Colors(icc=directory.raw(_PROFILE)),
        exif=data,
        is_plain=(samples == colors or straight) and (samples == 1 or directory.number(_PLANAR, 1) != _SEPARATE_PLANES),
        is_inverted=photometric == 0,
    )


def decode(data: bytes, header: TiffHeader, long_side: int | None) -> tuple[Raster, int]:
    """Decode the first page, and return it with its orientation. Raises UnreadablePhoto and UnsupportedFormat."""
    from PIL import TiffImagePlugin

    class FirstPage(TiffImagePlugin.TiffImageFile):
        def load_end(self) -> None:
            """Keep the image as stored: it is turned upright later, like all formats."""
            self._size = self.im.size

    from .deep import decode_deep
    from .pillow import PillowRaster, decoding

    if header.depth == 16 and header.is_plain and (codes := decode_deep(data, header)) is not None:
        codes = 65535 - codes if header.is_inverted else codes
        return ArrayRaster(codes, header.space, codes.shape[2] == 4, 65535), header.orientation
    with decoding("tiff"):
        try:
            image = FirstPage(BytesIO(data))
        except SyntaxError as error:
            if "pixel mode" in str(error):
                raise UnsupportedFormat(f"expected a tiff of a common kind of pixels, got another ({error})") from error
            raise
        image.load()
        return PillowRaster(image, depth=header.depth), header.orientation


def _upright_or(orientation: int) -> int:
    return orientation if 1 <= orientation <= 8 else 1


def _check_not_raw(data: bytes, layout: Layout, first: Directory) -> None:
    """Raise UnsupportedFormat for camera raw, in which the ordinary picture is only a preview."""
    directories = [first, *(read_directory(data, layout, at) for at in first.numbers(_SUB_DIRECTORIES)[:16])]
    raw = any(d and d.number(_PHOTOMETRIC) in _RAW for d in directories)
    if raw or _DNG_VERSION in first.values:
        brand = "DNG" if _DNG_VERSION in first.values else (first.text(_MAKE) or "of no brand")[:40]
        raise UnsupportedFormat(f"expected a developed photo, got camera raw ({brand}), whose preview is not painted")


def _pages(data: bytes, layout: Layout) -> int:
    seen, at = {0}, layout.first
    while at not in seen and len(seen) <= _MOST_PAGES:
        seen.add(at)
        at = following(data, layout, at)
    return len(seen) - 1

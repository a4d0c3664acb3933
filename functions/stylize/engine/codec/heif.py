"""Decodes AVIF and HEIC: still images, and the first image of a sequence."""

from io import BytesIO
from typing import Any

from .boxes import boxes, child
from .header import check_decoded
from .heif_header import HeifHeader, format_of, read
from .raster import ArrayRaster, Raster

__all__ = ["HeifHeader", "decode", "format_of", "read"]

_MOST_FILLED_UP = 64_000_000  # bytes


def decode(data: bytes, header: HeifHeader, long_side: int | None) -> tuple[Raster, int]:
    """Decode the image, and return it with the orientation still to apply. Raises UnreadablePhoto."""
    data = _filled_up(data)
    return _decode_avif(data, header) if header.format == "avif" else _decode_heic(_without_metadata(data), header)


def _filled_up(data: bytes) -> bytes:
    """Return the file with zeros for bytes missing at its end. They are not part of the image, which is complete."""
    *_, last = boxes(data, 0, len(data))
    return data + bytes(last.lacks) if 0 < last.lacks <= _MOST_FILLED_UP else data


def _without_metadata(data: bytes) -> bytes:
    """Return the file with its descriptions of the image renamed to an unknown kind.

    Metadata such as Exif has been read, and pi-heif ends the process over some of it.
    """
    meta = next((box for box in boxes(data, 0, len(data)) if box.kind == b"meta"), None)
    references = child(data, meta, b"iref", skip=4) if meta else None
    if references is None:
        return data
    at = 0
    pieces: list[bytes | memoryview] = []
    for box in boxes(data, references.begin + 4, references.end):
        if box.kind == b"cdsc" and data[box.begin - 4 : box.begin] == box.kind:
            pieces += [memoryview(data)[at : box.begin - 4], b"skip"]
            at = box.begin
    return b"".join([*pieces, memoryview(data)[at:]]) if pieces else data


def _decode_avif(data: bytes, header: HeifHeader) -> tuple[Raster, int]:
    from PIL import AvifImagePlugin

    from .pillow import PillowRaster, decoding

    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    with decoding("avif"):
        image: Any = AvifImagePlugin.AvifImageFile(BytesIO(data))
        check_decoded(header, image.size, header.coded)
        image.load()
        image._decoder = None  # frees the decoder's planes
        if header.clean:
            left, top, width, height = header.clean
            image = image.crop((left, top, left + width, top + height))
        return PillowRaster(image), header.orientation


def _decode_heic(data: bytes, header: HeifHeader) -> tuple[Raster, int]:
    import numpy as np
    import pi_heif
    from pi_heif import options

    from .pillow import decoding

    options.THUMBNAILS = options.DEPTH_IMAGES = options.AUX_IMAGES = False
    options.DECODE_THREADS = 1
    with decoding("heic"):
        deep = header.depth > 8
        image: Any = pi_heif.open_heif(data, convert_hdr_to_8bit=not deep, hdr_to_16bit=False)
        mode = image.mode
        codes = np.asarray(image)
        name, _, bits = mode.partition(";")
        expected = header.upright if header.is_turned_by_decoder else (header.width, header.height)
        check_decoded(header, (codes.shape[1], codes.shape[0]), expected)
        most = 2 ** int(bits or 8) - 1
        space = "gray" if name[0] in "LI" else "rgb"
        raster = ArrayRaster(codes, space, name.upper().endswith("A"), most, owner=image)
    return raster, 1 if header.is_turned_by_decoder else header.orientation

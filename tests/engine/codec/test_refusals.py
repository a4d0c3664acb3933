"""Refused files, each with the true reason."""

import struct

import numpy as np
import pytest
from PIL import Image

from stylize.engine import decode, inspect
from stylize.errors import PhotoTooLarge, UnreadablePhoto, UnsupportedFormat
from tests.support.photo_corpus import File, files
from tests.support.photo_files import by_tifffile, exif, picture, save, segment, with_brand
from tests.support.pictures import png_bomb

FILES: dict[str, File] = {file.name: file for file in files()}
JPEG = FILES["plain.jpg"].data


def ftyp(*brands: bytes) -> bytes:
    return struct.pack(">I", 12 + 4 * len(brands)) + b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:]) + bytes(64)


def raw_tiff(make: str, **tags: object) -> bytes:
    return save(Image.fromarray(picture()), "TIFF", tiffinfo={271: make} | {int(k[1:]): v for k, v in tags.items()})


def with_frame(kind: int, depth: int = 8) -> bytes:
    """The JPEG with another kind of frame, or another depth, in its header."""
    at = JPEG.index(b"\xff\xc0")
    return JPEG[: at + 1] + bytes([kind]) + JPEG[at + 2 : at + 4] + bytes([depth]) + JPEG[at + 5 :]


OTHERS = {
    "jpeg xl": [b"\xff\x0a" + bytes(64), b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(64), ftyp(b"jxl ", b"jxl ")],
    "12-bit jpeg": [with_frame(0xC1, 12)],
    "lossless jpeg": [with_frame(0xC3)],
    "hierarchical jpeg": [with_frame(0xC5)],
    "camera raw (DNG)": [raw_tiff("Acme", t50706=b"\1\4\0\0")],
    "camera raw (NIKON CORPORATION)": [raw_tiff("NIKON CORPORATION", t262=32803)],
    "camera raw (Canon CR2)": [b"II*\0\x10\0\0\0CR\2\0" + bytes(64)],
    "camera raw (Canon CR3)": [ftyp(b"crx ", b"crx ", b"isom")],
    "camera raw (Fujifilm)": [b"FUJIFILMCCD-RAW 0201" + bytes(64)],
    "camera raw (Olympus)": [b"IIRO\x08\0\0\0" + bytes(64)],
    "camera raw (Panasonic)": [b"IIU\0\x18\0\0\0" + bytes(64)],
    "psd": [b"8BPS\0\1" + bytes(64)],
    "svg": [b'<svg xmlns="http://www.w3.org/2000/svg"/>', b'<?xml version="1.0"?>\n<!-- a drawing -->\n<svg/>'],
    "pdf": [b"%PDF-1.7\n" + bytes(64)],
    "video": [
        ftyp(b"isom", b"avc1"),
        ftyp(b"qt  "),
        b"\x1a\x45\xdf\xa3" + bytes(64),
        b"RIFF\0\0\0\0AVI LIST" + bytes(9),
    ],
    "netpbm": [b"P6\n#ftypavif\n64 48\n255\n" + bytes(9216)],
    "openexr": [b"\x76\x2f\x31\x01" + bytes(64)],
    "radiance hdr": [b"#?RADIANCE\n" + bytes(64)],
    "icon": [save(Image.fromarray(picture()), "ICO")],
    "html": [b"<!DOCTYPE html><title>404</title>"],
    "zip": [b"PK\3\4" + bytes(64)],
    "32 bits": [by_tifffile(picture().astype(np.float32), "rgb")],
}


@pytest.mark.parametrize(("name", "data"), [(name, data) for name, several in OTHERS.items() for data in several])
def test_what_is_not_painted_is_called_by_its_name(name: str, data: bytes) -> None:
    """An unsupported format is refused by its name, not as damaged."""
    for read in (inspect, decode):
        with pytest.raises(UnsupportedFormat) as refusal:
            read(data)
        assert name in str(refusal.value)


def test_the_preview_of_a_camera_raw_is_not_painted() -> None:
    """A camera raw is refused by its name; its preview is not painted."""
    with pytest.raises(UnsupportedFormat, match="whose preview is not painted"):
        inspect(raw_tiff("Acme", t50706=b"\1\4\0\0"))


@pytest.mark.parametrize("brand", [b"avif", b"avis", b"heic", b"mif1"])
def test_a_brand_alone_makes_no_photo(brand: bytes) -> None:
    """A file of another format, or without an image, is not decoded because of its brand."""
    with pytest.raises(UnreadablePhoto):
        decode(ftyp(brand, b"miaf"))
    bmp = b"BM\0\0ftyp" + brand + bytes(200)
    with pytest.raises(UnreadablePhoto, match="bmp"):
        decode(bmp)


def test_a_brand_that_says_something_else_is_found_out() -> None:
    """An AVIF with the brand of HEIC is refused."""
    with pytest.raises(UnsupportedFormat, match="expected a heic photo, got one with av01 inside"):
        decode(with_brand(FILES["plain.avif"].data, b"heic"))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "got 0 bytes"),
        (b"hello", "no known image format"),
        (bytes(5000), "no known image format"),
        (JPEG[:10], "width and height"),
        (JPEG[:4] + b"\0\0" + JPEG[6:], "segments"),
        (FILES["plain.png"].data[:20], "IHDR is damaged"),
        (FILES["plain.avif"].data[:80], "avif"),
        (FILES["raw.tif"].data[:6], "tiff"),
        (b"GIF89a", "gif"),
        (b"RIFF\0\0\0\0WEBP", "webp"),
        (b"BM" + bytes(60), "bmp"),
        (b"\xff\x4f\xff\x51" + bytes(20), "jp2"),
        (segment(0xD8, exif(1)), "jpeg"),
    ],
)
def test_damaged_headers(data: bytes, reason: str) -> None:
    """A damaged header is refused with a message that says what was expected."""
    for read in (inspect, decode):
        with pytest.raises(UnreadablePhoto, match=reason):
            read(data)


def test_too_many_pixels() -> None:
    """A photo with too many pixels is refused by its header, with its upright size."""
    with pytest.raises(PhotoTooLarge, match=r"expected at most 50 megapixels, got 60.0 \(10000 x 6000\)"):
        decode(png_bomb(10_000, 6_000), max_megapixels=50)
    with pytest.raises(PhotoTooLarge, match="expected sides of at most 65535 pixels, got 70000 x 10"):
        decode(png_bomb(70_000, 10))


def test_endless_scans() -> None:
    """A JPEG with too many scans is refused, because each is a pass over all pixels."""
    data = FILES["progressive.jpg"].data
    scan = data[data.rfind(b"\xff\xda") : -2]
    with pytest.raises(UnreadablePhoto, match="expected a jpeg of at most 500 scans"):
        inspect(data[:-2] + 600 * scan + data[-2:])

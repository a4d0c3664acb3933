"""In every format, a photo with all of its pixels is painted, and a photo with missing pixels is refused."""

import random
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from stylize.engine import decode
from stylize.errors import Refusal, UnreadablePhoto
from tests.support.photo_corpus import File, files
from tests.support.photo_files import chunk, picture, save, segment, with_segments
from tests.support.pictures import sample

FILES = {file.name: file for file in files()}
PLAIN = ["plain.jpg", "progressive.jpg", "plain.png", "rgb-16.png", "lossy.webp", "lossless.webp", "plain.avif"]
PLAIN += ["plain.heic", "plain.gif", "raw.tif", "plain.bmp", "plain.jp2", "codestream.j2k", "deep.jp2"]
END_MARKERS = {"plain.jpg": 2, "progressive.jpg": 2, "cmyk.jpg": 2, "plain.png": 12, "rgb-16.png": 12, "plain.gif": 1}
END_MARKERS |= {"plain.jp2": 2, "codestream.j2k": 2, "deep.jp2": 2, "gray-16.png": 12, "palette-4-trns.png": 12}


@pytest.mark.parametrize(("name", "length"), END_MARKERS.items())
def test_a_missing_end_marker_costs_no_pixel(name: str, length: int) -> None:
    """A photo that is truncated within its end marker decodes to the same pixels."""
    file = FILES[name]
    whole = decode(file.data).pixels
    for cut in range(1, length + 1):
        np.testing.assert_array_equal(decode(file.data[:-cut]).pixels, whole)


@pytest.mark.parametrize("name", PLAIN)
def test_missing_pixels_are_told(name: str) -> None:
    """A photo that is truncated before its last pixel is refused, not filled with gray."""
    data = FILES[name].data
    for cut in (40, len(data) // 4, len(data) // 2):
        with pytest.raises(UnreadablePhoto, match="expected a whole"):
            decode(data[:-cut])


@pytest.mark.parametrize("file", FILES.values(), ids=FILES)
def test_what_lies_behind_does_not_matter(file: File) -> None:
    """Junk after the end of a photo changes nothing."""
    junk = random.Random(1).randbytes(5000)
    np.testing.assert_array_equal(decode(file.data + junk).pixels, decode(file.data).pixels)


@pytest.mark.parametrize(
    "name", ["moving.gif", "moving.png", "moving.webp", "moving.avif", "pages.tif", "several.heic"]
)
def test_only_the_first_frame_has_to_be_whole(name: str) -> None:
    """Damage in later frames is ignored."""
    data = FILES[name].data
    np.testing.assert_array_equal(decode(data[:-60]).pixels, decode(data).pixels)


@pytest.mark.parametrize("options", [{}, {"progressive": True}])
def test_an_end_marker_does_not_hide_that_pixels_are_missing(options: dict[str, bool]) -> None:
    """Half a scan with an end marker is refused."""
    data = save(Image.fromarray(sample("coffee")), "JPEG", quality=90, **options)
    with pytest.raises(UnreadablePhoto, match="cut off or damaged"):
        decode(data[: len(data) // 2] + b"\xff\xd9")


def test_a_progressive_photo_needs_all_its_scans() -> None:
    """A photo that is truncated between two scans is refused, although the decoder reports no fault."""
    data = save(Image.fromarray(picture()), "JPEG", quality=95, progressive=True)
    scans = [i for i in range(len(data) - 1) if data[i : i + 2] == b"\xff\xda"]
    for scan in scans[1:]:
        begin = data.rfind(b"\xff\xc4", 0, scan)  # the table before it
        with pytest.raises(UnreadablePhoto, match="cut off"):
            decode(data[:begin])


def test_bytes_too_many_cost_no_pixel() -> None:
    """Extra bytes before the end marker and between segments change no pixel."""
    data = FILES["plain.jpg"].data
    whole = decode(data).pixels
    version = data.index(b"JFIF\0") + 5
    for odd in (
        data[:-2] + bytes(200) + data[-2:],
        data[:2] + b"\0\0\0" + data[2:],
        data[:-2] + bytes(512),
        data[:version] + b"\7" + data[version + 1 :],
        with_segments(data, segment(0xEE, b"Adobe\0\x64\0\0\0\0\x09")),
    ):
        np.testing.assert_array_equal(decode(odd).pixels, whole)


def test_damaged_pixels_are_told() -> None:
    """A PNG with a wrong checksum of its pixels is refused."""
    data = bytearray(FILES["plain.png"].data)
    data[len(data) // 2] ^= 0x55
    with pytest.raises(UnreadablePhoto, match="cut off or damaged"):
        decode(bytes(data))


def test_a_wrong_checksum_around_whole_pixels_is_not_looked_at() -> None:
    """Wrong chunk checksums are ignored if the checksum of the pixels themselves is right."""
    for name in ("plain.png", "rgb-16.png"):
        data = FILES[name].data
        end = data.rindex(b"IEND") - 4
        wrong = data[: end - 4] + b"oops" + data[end:]
        np.testing.assert_array_equal(decode(wrong).pixels, decode(data).pixels)
        text = chunk(b"tEXt", b"Comment\0hi")[:-4] + b"oops"
        np.testing.assert_array_equal(decode(data[:33] + text + data[33:]).pixels, decode(data).pixels)


@pytest.mark.parametrize("name", PLAIN)
def test_flipped_bits_never_crash(name: str) -> None:
    """A photo with flipped bits is decoded or refused, and never crashes the process."""
    chance = random.Random(name)
    for _ in range(60):
        data = bytearray(FILES[name].data)
        for _ in range(chance.randrange(1, 12)):
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        with suppress(Refusal):
            decode(bytes(data), room=300_000_000)

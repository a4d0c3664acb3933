"""Bytes to pixels and back."""

import resource
import subprocess
import sys

import cv2
import numpy as np
import pytest

from stylize.engine.codec.decode import Format, check_encodable, decode, encode
from stylize.engine.codec.inspect import check_size, read_header
from stylize.errors import BadRecipe, PhotoTooLarge, UnreadablePhoto, UnsupportedFormat
from tests.hostile.bombs import MODEST_AVIF
from tests.support.pictures import (
    animated_gif,
    decoded,
    encoded,
    exif_orientation,
    picture,
    png_bomb,
    rgb_profile,
    sample,
)

PHOTO = picture("smooth", 40, 60)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif"])
def test_every_format_is_recognized_and_decoded(suffix):
    """By its content; a lossy format comes close."""
    data = encoded(PHOTO, suffix)
    header = read_header(data)
    assert (header.width, header.height) == (60, 40)
    photo = decode(data, header)
    assert (photo.width, photo.height) == (60, 40)
    assert np.abs(photo.pixels.astype(int) - PHOTO).mean() < 6


def test_gif():
    """The first frame of an animation is the photo."""
    data = animated_gif([PHOTO, 255 - PHOTO])
    photo = decode(data, read_header(data))
    np.testing.assert_array_equal(photo.pixels, decoded(encoded(PHOTO, ".gif")))


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("with_alpha", [False, True])
def test_photos_are_turned_upright(suffix, orientation, with_alpha):
    """All eight orientations of EXIF, with alpha and without, give the same upright picture."""
    if with_alpha and suffix == ".jpg":
        return  # has none
    stored = {
        1: PHOTO,
        2: PHOTO[:, ::-1],
        3: PHOTO[::-1, ::-1],
        4: PHOTO[::-1],
        5: PHOTO.swapaxes(0, 1),
        6: PHOTO.swapaxes(0, 1)[::-1],
        7: PHOTO[::-1, ::-1].swapaxes(0, 1),
        8: PHOTO.swapaxes(0, 1)[:, ::-1],
    }[orientation]
    if orientation == 6:  # the top of the photo is on the right of what is stored
        stored = np.rot90(PHOTO, 1)
    if orientation == 8:
        stored = np.rot90(PHOTO, -1)
    stored = np.ascontiguousarray(stored)
    if with_alpha:
        stored = np.dstack([stored, np.full(stored.shape[:2], 255, np.uint8)])
    data = encoded(stored, suffix, exif_orientation(orientation))
    photo = decode(data, read_header(data))
    assert (photo.width, photo.height) == (60, 40)
    assert np.abs(photo.pixels.astype(int) - PHOTO).mean() < 6


@pytest.mark.parametrize("suffix", [".png", ".webp", ".avif"])
def test_alpha_is_composited_on_white(suffix):
    """What can't be seen is paper, whatever color lies under it."""
    alpha = np.zeros(PHOTO.shape[:2], np.uint8)
    alpha[:, 30:] = 255
    data = encoded(np.dstack([PHOTO, alpha]), suffix)
    pixels = decode(data, read_header(data)).pixels.astype(int)
    assert pixels[5:-5, 5:25].min() >= 250
    assert np.abs(pixels[:, 35:] - PHOTO[:, 35:]).mean() < 6


def test_sixteen_bits_and_gray():
    """Every photo becomes BGR uint8, also a gray one with alpha."""
    for stored in (PHOTO.astype(np.uint16) * 257, PHOTO[..., 1]):
        data = encoded(stored, ".png")
        photo = decode(data, read_header(data))
        assert (photo.pixels.dtype, photo.pixels.shape) == (np.dtype(np.uint8), (40, 60, 3))
    deep = np.dstack([PHOTO, np.full(PHOTO.shape[:2], 255, np.uint8)]).astype(np.uint16) * 257
    data = encoded(deep, ".png")
    np.testing.assert_array_equal(decode(data, read_header(data)).pixels, PHOTO)


@pytest.mark.parametrize(
    ("long_side", "expected"), [(None, (300, 451)), (1200, (300, 451)), (100, (67, 100)), (30, (20, 30))]
)
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_smaller_tiers(suffix, long_side, expected):
    """Shrunk to the long side, never enlarged; the manifest still gets the sides of the photo."""
    data = encoded(sample("chelsea"), suffix)
    photo = decode(data, read_header(data), long_side)
    assert photo.pixels.shape == (*expected, 3)
    assert (photo.width, photo.height) == (451, 300)


@pytest.mark.parametrize("fmt", list(Format))
@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 3), (1, 1), (1, 1, 3)])
def test_encoding(fmt, shape):
    """Gray and color, down to one pixel, in every format."""
    painting = np.full(shape, 90, np.uint8)
    back = decoded(encode(painting, fmt, 90))
    assert back.shape[:2] == shape[:2]
    assert np.abs(back.astype(int) - 90).max() <= 3


@pytest.mark.parametrize("fmt", [Format.JPEG, Format.PNG, Format.WEBP])
def test_color_profiles_are_carried_over(fmt):
    """An RGB profile goes from the photo into the paintings in color; a broken one goes nowhere."""
    data = encoded(PHOTO, ".jpg", profile=rgb_profile())
    photo = decode(data, read_header(data))
    assert photo.profile == rgb_profile()
    assert b"RGB XYZ" in encode(photo.pixels, Format.JPEG, 90, photo.profile)
    data = encoded(PHOTO, ".jpg", profile=rgb_profile()[:-1])
    assert decode(data, read_header(data)).profile == b""


def test_damaged_headers():
    """Each says what was expected and what came."""
    with pytest.raises(UnreadablePhoto, match="got 0 bytes"):
        read_header(b"")
    with pytest.raises(UnreadablePhoto, match="no known image format"):
        read_header(b"hello")
    with pytest.raises(UnsupportedFormat, match="got heic"):
        read_header(b"\0\0\0\x18ftypheic" + bytes(20))
    with pytest.raises(UnreadablePhoto, match="width and height"):
        read_header(encoded(PHOTO, ".jpg")[:10])
    jpeg, avif = encoded(PHOTO, ".jpg"), encoded(PHOTO, ".avif")
    for lying in (jpeg[:4] + b"\0\0" + jpeg[6:], avif[: avif.find(b"ispe") + 9]):
        with pytest.raises(UnreadablePhoto, match="width and height"):
            read_header(lying)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".avif"])
def test_cut_off_files(suffix):
    """A photo whose end is missing is refused, not painted with a gray rest."""
    data = encoded(PHOTO, suffix)
    with pytest.raises(UnreadablePhoto):
        decode(data[:-40], read_header(data[:-40]))


def test_too_many_pixels():
    """From the header alone: such a file is never decoded."""
    with pytest.raises(PhotoTooLarge, match=r"expected at most 50 megapixels, got 60.0 \(10000 x 6000\)"):
        check_size(read_header(png_bomb(10_000, 6_000)), 50)


def test_sides_that_a_format_can_not_hold():
    """Known before painting, not after."""
    with pytest.raises(BadRecipe, match="format webp: expected sides of at most 16383 pixels, got 16384 x 10"):
        check_encodable(Format.WEBP, 16384, 10)


def test_a_header_that_is_too_modest():
    """1.3 kB that say 10 x 10 and want 1.9 GB: the decoder does not get it, and the limit is gone afterwards."""
    limits, peak = resource.getrlimit(resource.RLIMIT_AS), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(UnreadablePhoto):
        decode(MODEST_AVIF, read_header(MODEST_AVIF))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak < 550_000  # kB
    assert resource.getrlimit(resource.RLIMIT_AS) == limits


def test_a_header_that_lies(monkeypatch):
    """What is decoded has the size that the header was checked for."""
    data = encoded(PHOTO, ".png")
    monkeypatch.setattr("stylize.engine.codec.inspect.imagesize.get", lambda *_, **__: (30, 20))
    with pytest.raises(UnreadablePhoto, match="expected 30 x 20 pixels, as the header says, got 60 x 40"):
        decode(data, read_header(data))


def test_a_jpeg_of_endless_scans():
    """Each is a pass over all pixels: a small file would keep the function busy beyond its time."""
    data = cv2.imencode(".jpg", PHOTO, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
    assert read_header(data).width == 60
    scan = data[data.rfind(b"\xff\xda") : -2]
    with pytest.raises(UnreadablePhoto, match="expected a jpeg of at most 500 scans, got 6"):
        read_header(data[:-2] + 600 * scan + data[-2:])


def test_a_second_photo_finds_its_memory_warm():
    """Decoding it faults in almost no page: in a process of its own, whose memory has no history."""
    look = """
import resource, sys
from stylize.engine import BufferPool
from stylize.engine.codec.decode import Format, decode, encode
from stylize.engine.codec.inspect import read_header
import numpy as np

BufferPool()
data = encode(np.zeros((2160, 3840, 3), np.uint8), Format.JPEG, 90)
for _ in range(3):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    decode(data, read_header(data))
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    ended = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True, timeout=60)
    assert int(ended.stdout) < 600  # of the 6,075 pages that the pixels fill

"""Paintings as files, and the metadata that they carry."""

import io

import numpy as np
import pytest
from PIL import Image

from stylize.engine import Credit, Format, check_encodable, decode, encode
from stylize.errors import BadRecipe
from tests.support.photo_files import exif_of_texts, picture, save
from tests.support.pictures import decoded


@pytest.mark.parametrize("fmt", list(Format))
@pytest.mark.parametrize("shape", [(40, 60), (40, 60, 3), (1, 1), (1, 1, 3)])
def test_encoding(fmt: Format, shape: tuple[int, ...]) -> None:
    """Gray and color paintings are encoded in every format, down to one pixel."""
    painting = np.full(shape, 90, np.uint8)
    back = decoded(encode(painting, fmt, 90))
    assert back.shape[:2] == shape[:2]
    assert np.abs(back.astype(int) - 90).max() <= 3


def test_sides_that_a_format_can_not_hold() -> None:
    """Sides that exceed a format's limit are refused before painting."""
    with pytest.raises(BadRecipe, match="format webp: expected sides of at most 16383 pixels, got 16384 x 10"):
        check_encodable(Format.WEBP, 16384, 10)


@pytest.mark.parametrize("fmt", list(Format))
@pytest.mark.parametrize("side", [16_383, 65_500, 65_535])
def test_every_side_that_is_promised_can_be_had(fmt: Format, side: int) -> None:
    """Every format encodes a line of its longest side, across and down."""
    if side > fmt.longest_side:
        return
    for shape in ((1, side, 3), (side, 1, 3), (1, side)):
        assert encode(np.full(shape, 90, np.uint8), fmt, 90)


def photo_with_exif() -> bytes:
    taken = {0x9003: b"2026:01:31 12:00:00", 0xA431: b"SERIAL456"}
    texts = {
        0x010E: "Dawn over Łódź",
        0x013B: "Ada Müller",
        0x8298: "(c) 2026 A. Müller",
        0x0132: "2026:02:03 04:05:06",
    }
    first = {tag: text.encode() for tag, text in texts.items()} | {0xC62F: b"SERIAL123"}
    place = {0x001D: b"2026:01:31", 0x0012: b"SERIAL-WGS-84"}
    exif = exif_of_texts(first, {0x8769: taken, 0x8825: place})
    return save(Image.fromarray(picture()), "JPEG", exif=b"Exif\0\0" + exif)


def test_nothing_is_said_by_default() -> None:
    """By default a painting carries no metadata of the photo, such as place, serial number or name."""
    photo = decode(photo_with_exif())
    for fmt in Format:
        painting = encode(photo.pixels, fmt, 90, photo.profile)
        assert not Image.open(io.BytesIO(painting)).getexif()
        assert b"SERIAL" not in painting


@pytest.mark.parametrize("fmt", list(Format))
@pytest.mark.parametrize("channels", [1, 3])
def test_credit_is_carried_where_it_is_asked_for(fmt: Format, channels: int) -> None:
    """With metadata=credit, other tools read artist, copyright, date and title, and nothing else."""
    photo = decode(photo_with_exif())
    expected = Credit("Ada Müller", "(c) 2026 A. Müller", "2026:01:31 12:00:00", "Dawn over Łódź")
    assert photo.credit == expected
    painting = encode(photo.pixels if channels == 3 else photo.pixels[..., 1], fmt, 90, credit=photo.credit)
    assert decode(painting).credit == expected
    read = Image.open(io.BytesIO(painting)).getexif()
    read.pop(0x0112, None)  # a format may say that it is upright
    assert set(read) == {0x010E, 0x0132, 0x013B, 0x8298, 0x8769}
    assert read.get_ifd(0x8769)[0x9003] == "2026:01:31 12:00:00"
    assert b"SERIAL" not in painting


def test_no_credit_is_no_metadata() -> None:
    """A photo without metadata gives paintings without metadata."""
    photo = decode(save(Image.fromarray(picture()), "PNG"))
    assert not photo.credit
    assert encode(photo.pixels, Format.JPEG, 90, credit=photo.credit) == encode(photo.pixels, Format.JPEG, 90)


def test_long_and_odd_credit_is_cut_to_one_line() -> None:
    """Credit is truncated to one line without control characters."""
    exif = exif_of_texts({0x013B: b"A\nB\x07" + 70 * b"long " + 5000 * b"x"}, {})
    credit = decode(save(Image.fromarray(picture()), "PNG", exif=exif)).credit
    assert credit.artist.startswith("A B long")
    assert len(credit.artist) <= 1000

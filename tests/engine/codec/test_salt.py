"""A salt changes the bytes of a painting's file, and no pixel."""

import cv2
import numpy as np
import pytest

from stylize.engine import Format, encode, salted
from tests.support.pictures import picture

PROFILE = b"\0\0\0\x84" + b"\0" * 12 + b"RGB " + b"\0" * 16 + b"acsp" + b"\0" * 92
SALTS = ["0" * 24, "f" * 24, "abcdef0123456789abcde"]


@pytest.mark.parametrize("profile", [b"", PROFILE], ids=["plain", "profile"])
@pytest.mark.parametrize("gray", [False, True], ids=["color", "gray"])
@pytest.mark.parametrize("fmt", list(Format))
def test_pixels_stay(fmt, gray, profile):
    """In every format, in color and gray, with and without a profile, a salt changes few bytes and no pixel."""
    painting = picture("random", 33, 47)
    encoded = encode(painting[..., 0] if gray else painting, fmt, 90, profile)
    files = [encoded, *(salted(encoded, fmt, salt) for salt in SALTS)]
    assert len(set(files)) == len(files)
    assert max(map(len, files)) - len(encoded) <= 48
    pixels = [decoded(file) for file in files]
    assert all(np.array_equal(pixels[0], other) for other in pixels[1:])
    assert SALTS[0].encode() in files[1]


def decoded(file):
    pixels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels is not None
    return pixels

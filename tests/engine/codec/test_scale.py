"""Smaller qualities reduce a photo to a long side, and never enlarge or distort it."""

import numpy as np
import pytest
from PIL import Image

from stylize.engine import decode
from tests.support.photo_files import STORED, exif, picture, save
from tests.support.pictures import encoded, sample


@pytest.mark.parametrize(
    ("long_side", "expected"), [(None, (300, 451)), (1200, (300, 451)), (100, (67, 100)), (30, (20, 30))]
)
@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_smaller_tiers(suffix, long_side, expected):
    """The long side is reduced, never enlarged, and the manifest has the photo's original sides."""
    photo = decode(encoded(sample("chelsea"), suffix), long_side=long_side)
    assert photo.pixels.shape == (*expected, 3)
    assert (photo.width, photo.height) == (451, 300)


@pytest.mark.parametrize("long_side", [40, 100, 300])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_is_shrunk_upright(orientation, long_side):
    """A rotated JPEG, decoded at a smaller scale, has its sides in the right order."""
    rgb = picture(640, 400)
    image = Image.fromarray(rgb)
    stored = image.transpose(STORED[orientation]) if orientation > 1 else image
    data = save(stored, "JPEG", quality=95, exif=b"Exif\0\0" + exif(orientation))
    photo = decode(data, long_side=long_side)
    size = long_side, round(400 * long_side / 640)
    expected = np.asarray(image.resize(size, Image.Resampling.BOX)).astype(int)
    assert (photo.width, photo.height) == (640, 400)
    assert photo.pixels.shape == (size[1], size[0], 3)
    assert np.abs(photo.pixels[..., ::-1] - expected).mean() < 4

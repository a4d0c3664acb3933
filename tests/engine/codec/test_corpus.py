"""Every kind of photo is decoded as its owner sees it."""

import numpy as np
import pytest
from PIL import Image

from stylize.engine import decode, inspect
from tests.support.photo_corpus import File, files
from tests.support.photo_files import to_srgb


@pytest.mark.parametrize("file", list(files()), ids=lambda file: file.name)
def test_every_photo_is_decoded_as_its_owner_sees_it(file: File) -> None:
    """A decoded photo is upright, on white, and has its colors together with its profile."""
    photo = decode(file.data)
    seen = photo.pixels[..., ::-1]
    assert (photo.width, photo.height) == file.expected.shape[1::-1]
    assert seen.shape == file.expected.shape
    assert len(photo.profile) < 4096
    if photo.profile:
        seen = to_srgb(Image.fromarray(np.ascontiguousarray(seen)), photo.profile)
    assert np.abs(seen.astype(int) - file.expected).mean() <= file.tolerance


@pytest.mark.parametrize("file", list(files()), ids=lambda file: file.name)
def test_headers_say_what_decoding_finds(file: File) -> None:
    """Sides and format in the header equal those of the decoded photo."""
    info, photo = inspect(file.data), decode(file.data)
    assert (info.format, info.width, info.height) == (photo.format, photo.width, photo.height)

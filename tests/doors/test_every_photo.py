"""Every kind of photo that people have, from an upload to its paintings."""

import numpy as np
import pytest
from PIL import Image

from local.cloud import PHOTOS
from stylize.engine import Credit, Style, decode, paint
from tests.support.photo_corpus import files
from tests.support.photo_files import exif_of_texts, picture, save
from tests.support.pictures import decoded

pytestmark = pytest.mark.slow


def test_every_kind_of_photo_is_painted_as_its_owner_sees_it(deployment):
    """A painting shows the photo upright and in the colors that its owner sees, as far as its coding keeps them."""
    several = {file.name: file for file in files()}
    for name, file in several.items():
        recipe = {"recipe": "styles=watercolor&format=png"}
        deployment.cloud.s3.put_object(Bucket=PHOTOS, Key=name, Body=file.data, Metadata=recipe)
    assert [poll.failed for poll in deployment.deliver() if poll.failed] == []
    faults = []
    for name, file in several.items():
        manifest = deployment.manifest(name)
        height, width = file.expected.shape[:2]
        if manifest["status"] != "done" or (manifest["photo"]["width"], manifest["photo"]["height"]) != (width, height):
            faults.append(f"{name}: {manifest['status']}, {manifest.get('error')}, {manifest['photo']}")
            continue
        painting = deployment.fetch(f"{name}/watercolor.png")
        (_, expected), *_ = paint(np.ascontiguousarray(file.expected[..., ::-1]), [Style.WATERCOLOR])
        difference = np.abs(decoded(painting).astype(int) - expected).mean()
        if b"iCCP" not in painting[:200] and difference > max(0.0, 1.5 * file.tolerance):
            faults.append(f"{name}: differs by {difference:.2f}")
    assert faults == []
    assert sum(b"iCCP" in deployment.fetch(f"{name}/watercolor.png")[:200] for name in several) >= 10


def test_credit_reaches_the_paintings_where_it_is_asked_for(deployment):
    """Artist, copyright, date and title by the recipe; by default nothing."""
    exif = exif_of_texts({0x013B: b"Ada Lovelace", 0x8298: b"(c) Ada", 0x010E: b"Dawn", 0xC62F: b"SERIAL"}, {})
    photo = save(Image.fromarray(picture()), "JPEG", exif=b"Exif\0\0" + exif)
    for name, recipe in (("with.jpg", "styles=oil&metadata=credit"), ("without.jpg", "styles=oil")):
        deployment.cloud.s3.put_object(Bucket=PHOTOS, Key=name, Body=photo, Metadata={"recipe": recipe})
    deployment.deliver()
    with_credit, without = (decode(deployment.fetch(f"{name}/oil.jpg")).credit for name in ("with.jpg", "without.jpg"))
    assert with_credit == Credit(artist="Ada Lovelace", copyright="(c) Ada", title="Dawn")
    assert not without
    assert b"SERIAL" not in deployment.fetch("with.jpg/oil.jpg")

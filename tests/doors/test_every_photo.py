"""Every kind of photo that people have, from an upload to its paintings."""

import numpy as np

from local.cloud import PHOTOS
from stylize.engine import Style, paint
from tests.support.photo_files import files
from tests.support.pictures import decoded


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

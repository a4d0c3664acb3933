"""Direct invocations: a photo in a bucket, or a photo inside the event, which needs no requests to S3.

{"photo": {"bucket": "photos", "key": "cat.jpg"}, "recipe": "quality=fast"}
{"image": "<base64>", "recipe": "styles=oil&format=png"}
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from ..errors import BadRequest
from ..manifest import Manifest, PhotoFacts
from ..recipe import RecipeOverrides
from ..stores.memory import MemoryStore
from ..studio import Studio
from ..telemetry import report
from .events import Event, shape
from .notices import marks_folder
from .text import bytes_of_base64, is_text

LARGEST_ANSWER = 6_291_556
"""Bytes of an answer. Lambda drops a longer answer without an error that helps the caller."""

ROOM_FOR_MANIFEST = 10_000
"""Bytes of an answer reserved for the manifest without images, which takes about a fifth of that."""


def paint_directly(event: Event, studio: Studio) -> dict[str, Any]:
    """Paint and return the manifest; for an "image" event, every painting in it has its own "image" in base64.

    Raises BadRequest and BadRecipe. For a refused photo the manifest has the reason.
    """
    overrides = RecipeOverrides.from_json(event.get("recipe", ""))
    if "image" in event:
        return _paint_image(event["image"], overrides, studio)
    return _paint_photo(event["photo"], overrides, studio)


def _paint_photo(photo: Any, overrides: RecipeOverrides, studio: Studio) -> dict[str, Any]:
    names = photo if isinstance(photo, Mapping) else {}
    bucket, key = names.get("bucket", studio.settings.photos_bucket), names.get("key")
    if not (is_text(bucket) and is_text(key) and bucket and key):
        raise BadRequest(f"photo: expected an object with bucket and key, got {shape(photo)}")
    facts = PhotoFacts(bucket=bucket, key=key)
    if marks_folder(facts, None, studio):
        raise BadRequest("photo: expected a photo, got the marker of a folder, of 0 bytes")
    outcome = studio.paint(facts, overrides)
    report(outcome)
    return _plain(outcome.manifest)


def _paint_image(image: Any, overrides: RecipeOverrides, studio: Studio) -> dict[str, Any]:
    store = MemoryStore(bytes_of_base64(image, "image"))
    outcome = studio.working_on(store).paint(PhotoFacts(bucket=None, key="image"), overrides)
    report(outcome)
    manifest = _plain(outcome.manifest)
    for painting in manifest.get("paintings", ()):
        painting["image"] = b64encode(store.files[painting["key"]]).decode()
    size = sum(len(painting["image"]) for painting in manifest.get("paintings", ()))
    if size > LARGEST_ANSWER - ROOM_FOR_MANIFEST:
        raise BadRequest(
            f"recipe: expected paintings that fit into an answer of {LARGEST_ANSWER:,} bytes, got {size:,} in base64: "
            "ask for fewer styles, another format or a smaller quality, or for a photo in a bucket"
        )
    return manifest


def _plain(manifest: Manifest) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(manifest.to_json())
    return content

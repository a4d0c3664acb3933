"""The manifest: the record of one photo, with its paintings or the reason for its refusal."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA = 2
"""Schema of new manifests. Schema 1 can be read; it has no run, no explicit recipe and no SHA-256."""


@dataclass(frozen=True)
class PhotoFacts:
    """The photo. `width` and `height` are in pixels, of the upright photo, and known after decoding.

    A photo from the file system has no bucket, and its key is the file name. `last_modified` is ISO 8601, by S3's
    clock.
    """

    bucket: str | None
    key: str
    version_id: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    bytes: int | None = None
    width: int | None = None
    height: int | None = None
    format: str | None = None


@dataclass(frozen=True)
class PaintingFacts:
    """One painting. `seconds` is the CPU time of painting it; `etag` differs from those of other runs' paintings."""

    style: str
    key: str
    etag: str
    width: int
    height: int
    bytes: int
    content_type: str
    seconds: float
    sha256: str | None = None


@dataclass(frozen=True)
class Manifest:
    """The record of one photo. `status` is "done", "refused" or "painting" (a run is replacing earlier results).

    `run` has the id of the run and its turn, which make every manifest unique. `recipe["explicit"]` tells whether a
    caller passed the recipe. In `seconds`, read, decode and total are wall time; paint, encode and write are sums over
    the paintings of the time that a thread spent on each.
    """

    status: str
    photo: PhotoFacts
    engine: Mapping[str, str]
    recipe: Mapping[str, Any] | None = None
    paintings: tuple[PaintingFacts, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    error: Mapping[str, str] | None = None
    run: Mapping[str, Any] | None = None
    schema: int = SCHEMA

    @property
    def is_done(self) -> bool:
        return self.status == "done"

    def etags(self) -> dict[str, str]:
        """Return the ETags of the paintings, by key."""
        return {painting.key: painting.etag for painting in self.paintings}

    def to_json(self) -> bytes:
        """Return UTF-8 JSON. A refused photo has an error, a painted one paintings and seconds, a claim neither."""
        left_out = {"done": ("error",), "refused": ("paintings", "seconds")}.get(
            self.status, ("error", "paintings", "seconds")
        )
        content = {name: value for name, value in asdict(self).items() if name not in left_out}
        first = {"schema": content.pop("schema"), "status": content.pop("status")}
        return json.dumps(first | content, indent=2, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Manifest":
        """Read a manifest. Raises ValueError when `text` is not a manifest of a known schema."""
        try:
            content = json.loads(text)
            if content.get("schema") not in (1, SCHEMA):
                raise ValueError(f"schema: expected 1 or {SCHEMA}, got {content.get('schema')!r}")
            content["photo"] = PhotoFacts(**content["photo"])
            content["paintings"] = tuple(PaintingFacts(**painting) for painting in content.get("paintings", ()))
            return cls(**content)
        except (AttributeError, KeyError, TypeError) as error:
            raise ValueError(f"expected a manifest, got something else ({error})") from error


def is_folder_marker(key: str, size: int | None) -> bool:
    """Return whether an object is a marker of "Create folder" in S3's console: no bytes, and a key that ends in "/"."""
    return key.endswith("/") and size == 0


def painting_key(photo_key: str, style: str, extension: str) -> str:
    return f"{photo_key}/{style}.{extension}"


def manifest_key(photo_key: str) -> str:
    return f"{photo_key}/manifest.json"

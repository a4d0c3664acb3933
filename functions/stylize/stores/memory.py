"""The store of a call that contains its photo: in memory, with S3's conditions."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from time import time

from ..manifest import PhotoFacts, manifest_key
from .base import OpenPhoto, Replaced, SeenPhoto, StoredManifest, condition_holds, content_etag


class MemoryStore:
    """Holds one photo, which any key finds; `files` are the stored paintings and manifest, by key.

    Every photo that is put becomes a new version. `clock` returns seconds since 1970.
    """

    def __init__(self, photo: bytes | None = None, clock: Callable[[], float] = time) -> None:
        self.files: dict[str, bytes] = {}
        self._clock = clock
        self._written: dict[str, float] = {}
        self._versions = 0
        self._photo: tuple[PhotoFacts, bytes, Mapping[str, str], float] | None = None
        if photo is not None:
            self.put_photo(PhotoFacts(None, ""), photo, "", {})

    def open_photo(self, photo: PhotoFacts) -> OpenPhoto | None:
        seen = self.head_photo(photo)
        content = self._photo[1] if self._photo else b""
        return OpenPhoto(seen, lambda: iter([content])) if seen else None

    def head_photo(self, photo: PhotoFacts) -> SeenPhoto | None:
        if self._photo is None:
            return None
        facts, _, metadata, put_at = self._photo
        return SeenPhoto(replace(facts, bucket=photo.bucket, key=photo.key), metadata, self._clock() - put_at)

    def put_photo(
        self, photo: PhotoFacts, content: bytes, content_type: str, metadata: Mapping[str, str]
    ) -> PhotoFacts:
        self._versions += 1
        now = self._clock()
        facts = replace(
            photo,
            version_id=str(self._versions),
            etag=content_etag(content),
            last_modified=datetime.fromtimestamp(now, UTC).isoformat(),
            bytes=len(content),
        )
        self._photo = facts, content, metadata, now
        return facts

    def delete_photo(self) -> None:
        """Delete the photo, as its owner can at any time."""
        self._photo = None

    def get_manifest(self, photo_key: str) -> StoredManifest | None:
        key = manifest_key(photo_key)
        content = self.files.get(key)
        if content is None:
            return None
        return StoredManifest(content, content_etag(content), self._clock() - self._written[key])

    def painting_etags(self, photo_key: str) -> dict[str, str] | None:
        listed = sorted(key for key in self.files if key.startswith(f"{photo_key}/"))
        return {key: content_etag(self.files[key]) for key in listed}

    def head_painting(self, key: str) -> str | None:
        return content_etag(self.files[key]) if key in self.files else None

    def put(self, key: str, content: bytes, content_type: str, condition: str) -> str:
        if not condition_holds(condition, self.head_painting(key)):
            raise Replaced
        self.files[key] = content
        self._written[key] = self._clock()
        return content_etag(content)

    def delete(self, key: str, etag: str) -> None:
        if self.head_painting(key) not in (None, etag):
            raise Replaced
        self.files.pop(key, None)

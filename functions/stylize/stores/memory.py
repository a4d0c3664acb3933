"""One photo in, paintings out, in memory: the store of a call that brings its photo along."""

import hashlib
from collections.abc import Sequence

from ..manifest import Manifest, PhotoFacts, manifest_key
from .base import OpenPhoto, StoredPaintings


class MemoryStore:
    """Knows one photo, whatever key it is asked by; `files` are what was put, by key. Nothing outlives the call."""

    def __init__(self, photo: bytes) -> None:
        self._photo = photo
        self._manifest: Manifest | None = None
        self.files: dict[str, bytes] = {}

    def open(self, photo: PhotoFacts) -> OpenPhoto:
        facts = PhotoFacts(bucket=None, key=photo.key, etag=_etag(self._photo), bytes=len(self._photo))
        return OpenPhoto(facts, {}, lambda: iter([self._photo]))

    def stored(self, photo_key: str, known: StoredPaintings | None = None) -> StoredPaintings:
        etags = {key: _etag(content) for key, content in self.files.items() if key != manifest_key(photo_key)}
        recorded = self.files.get(manifest_key(photo_key))
        return StoredPaintings(etags, _etag(recorded) if recorded else None, self._manifest)

    def put(self, key: str, content: bytes, content_type: str) -> str:
        self.files[key] = content
        return _etag(content)

    def put_manifest(self, manifest: Manifest) -> str:
        self._manifest = manifest
        return self.put(manifest_key(manifest.photo.key), manifest.to_json(), "application/json")

    def delete_manifest(self, photo_key: str, etag: str) -> None:
        self._manifest = None
        self.delete([manifest_key(photo_key)])

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.files.pop(key, None)


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()  # as S3 does

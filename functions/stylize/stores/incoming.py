"""The store of a call that brings its photo along and keeps it: paintings first, then the photo, then the manifest.

The photo's event comes when everything but the manifest is there, and the manifest follows at once: what the event
finds is done. A photo that is refused is not kept at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import md5

from ..manifest import Manifest, PhotoFacts
from .base import OpenPhoto, StoredPaintings
from .s3 import S3Store


class IncomingPhoto:
    """One photo under a key that nobody else knows, so nothing lies there and nobody gets in between."""

    def __init__(self, store: S3Store, photo: PhotoFacts, content: bytes, metadata: Mapping[str, str]) -> None:
        self._store = store
        self.photo = photo
        self._content = content
        self._metadata = metadata
        self._manifest: Manifest | None = None
        self._put_keys: list[str] = []

    def keep(self) -> PhotoFacts:
        """Put the photo into its bucket, from where its event has it painted. Return what S3 knows of it."""
        bucket, kind = self.photo.bucket or "", f"image/{self.photo.format}"
        etag, version_id = self._store.put_photo(bucket, self.photo.key, self._content, kind, self._metadata)
        return replace(self.photo, etag=etag, version_id=version_id, bytes=len(self._content))

    def discard(self) -> None:
        """Delete the paintings of a photo that was not kept."""
        self._store.delete(self._put_keys)

    def open(self, photo: PhotoFacts) -> OpenPhoto:
        etag = md5(self._content, usedforsecurity=False).hexdigest()  # as S3 does
        facts = PhotoFacts(bucket=photo.bucket, key=photo.key, etag=etag, bytes=len(self._content))
        return OpenPhoto(facts, self._metadata, lambda: iter([self._content]))

    def stored(self, photo_key: str, known: StoredPaintings | None = None) -> StoredPaintings:
        return replace(known, manifest=self._manifest) if known else StoredPaintings()

    def put(self, key: str, content: bytes, content_type: str) -> str:
        self._put_keys.append(key)
        return self._store.put(key, content, content_type)

    def put_manifest(self, manifest: Manifest) -> str:
        if not manifest.is_done:
            self._manifest = manifest
            return "refused"
        kept = self.keep()
        photo = replace(manifest.photo, etag=kept.etag, version_id=kept.version_id)
        self._manifest = replace(manifest, photo=photo)
        return self._store.put_manifest(self._manifest)

    def delete_manifest(self, photo_key: str, etag: str) -> None:
        """Nothing: none lies there."""

    def delete(self, keys: Sequence[str]) -> None:
        self._store.delete(keys)

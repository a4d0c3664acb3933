"""One photo in, paintings out, in memory: the store of a call that brings its photo along."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from .manifest import Manifest, PhotoFacts
from .studio import OpenPhoto


class MemoryStore:
    """Knows one photo, whatever key it is asked by; `files` are what was put, by key."""

    def __init__(self, photo: bytes) -> None:
        self._photo = photo
        self.files: dict[str, bytes] = {}

    @contextmanager
    def open(self, photo: PhotoFacts) -> Iterator[OpenPhoto]:
        etag = hashlib.md5(self._photo, usedforsecurity=False).hexdigest()  # as S3 does
        facts = PhotoFacts(bucket=None, key=photo.key, etag=etag, bytes=len(self._photo))
        yield OpenPhoto(facts, {}, lambda: self._photo)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.files[key] = content

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.files.pop(key, None)

    def manifest(self, photo_key: str) -> Manifest | None:
        """None: nothing outlives the call."""
        return None

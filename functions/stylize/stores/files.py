"""Photos in, paintings out, in the file system: the store of the command line."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..errors import PhotoNotFound, UnreadablePhoto
from ..manifest import Manifest, PhotoFacts, manifest_key
from .base import OpenPhoto, Replaced, StoredPaintings, possible_keys


class FileStore:
    """Photos by key (their file name) from wherever `photos` says, paintings into the folder `out`."""

    def __init__(self, photos: Mapping[str, Path], out: Path) -> None:
        self._photos = photos
        self._out = out

    def open(self, photo: PhotoFacts) -> OpenPhoto:
        """Raises PhotoNotFound when there is no such file, UnreadablePhoto when it can't be opened."""
        path = self._photos[photo.key]
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise PhotoNotFound(f"expected a photo at {path}, got nothing") from None
        except OSError as error:
            raise UnreadablePhoto(f"expected a photo at {path}, got: {error.strerror}") from error
        facts = PhotoFacts(bucket=None, key=photo.key, etag=_etag(content), bytes=len(content))
        return OpenPhoto(facts, {}, lambda: iter([content]))

    def stored(self, photo_key: str, known: StoredPaintings | None = None) -> StoredPaintings:
        etags = {key: etag for key in possible_keys(photo_key) if (etag := self._etag_of(key))}
        manifest_etag = self._etag_of(manifest_key(photo_key))
        return StoredPaintings(etags, manifest_etag, self.manifest(photo_key))

    def put(self, key: str, content: bytes, content_type: str) -> str:
        """Whole or not at all: the file appears under its name when it is complete."""
        path = self._out / key
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".part")
        unfinished.write_bytes(content)
        unfinished.replace(path)
        return _etag(content)

    def put_manifest(self, manifest: Manifest) -> str:
        """Two commands that write one folder at the same time are not kept apart, as in S3 they would be."""
        key = manifest_key(manifest.photo.key)
        if self._etag_of(key):
            raise Replaced
        return self.put(key, manifest.to_json(), "application/json")

    def delete_manifest(self, photo_key: str, etag: str) -> None:
        if self._etag_of(manifest_key(photo_key)) != etag:
            raise Replaced
        self.delete([manifest_key(photo_key)])

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            (self._out / key).unlink(missing_ok=True)

    def manifest(self, photo_key: str) -> Manifest | None:
        """None when there is none that can be read."""
        try:
            return Manifest.from_json((self._out / manifest_key(photo_key)).read_bytes())
        except (FileNotFoundError, ValueError):
            return None

    def _etag_of(self, key: str) -> str | None:
        path = self._out / key
        return _etag(path.read_bytes()) if path.is_file() else None


def _etag(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()  # as S3 does

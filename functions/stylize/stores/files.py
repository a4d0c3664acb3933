"""The store of the command line: photos and paintings in the file system."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import time

from ..errors import UnreadablePhoto
from ..manifest import Manifest, PhotoFacts, manifest_key
from .base import OpenPhoto, Replaced, SeenPhoto, StoredManifest, condition_holds, content_etag, possible_keys


class FileStore:
    """Reads photos by key (their file name) from the paths in `photos`, and writes paintings into the folder `out`.

    A lock on the photo's folder serializes commands that write into it at the same time.
    """

    def __init__(self, photos: Mapping[str, Path], out: Path) -> None:
        self._photos = photos
        self._out = out

    def open_photo(self, photo: PhotoFacts) -> OpenPhoto | None:
        path = self._photos[photo.key]
        try:
            content, changed = path.read_bytes(), path.stat().st_mtime
        except FileNotFoundError:
            return None
        except OSError as error:
            refusal = UnreadablePhoto(f"expected a photo at {path}, got: {error.strerror}")
            return OpenPhoto(SeenPhoto(photo, {}, 0.0, refusal), lambda: iter(()))
        facts = PhotoFacts(
            bucket=None,
            key=photo.key,
            etag=content_etag(content),
            last_modified=datetime.fromtimestamp(changed, UTC).isoformat(),
            bytes=len(content),
        )
        return OpenPhoto(SeenPhoto(facts, {}, time() - changed), lambda: iter([content]))

    def head_photo(self, photo: PhotoFacts) -> SeenPhoto | None:
        opened = self.open_photo(photo)
        return opened.seen if opened else None

    def put_photo(
        self, photo: PhotoFacts, content: bytes, content_type: str, metadata: Mapping[str, str]
    ) -> PhotoFacts:
        raise NotImplementedError("photos of the file system are where they are")

    def get_manifest(self, photo_key: str) -> StoredManifest | None:
        """Return the manifest; None if its paintings were removed or changed by hand since."""
        path = self._out / manifest_key(photo_key)
        try:
            content, changed = path.read_bytes(), path.stat().st_mtime
        except FileNotFoundError:
            return None
        described = content if self._is_true(content) else b""
        return StoredManifest(described, content_etag(content), time() - changed)

    def painting_etags(self, photo_key: str) -> dict[str, str] | None:
        return {key: etag for key in possible_keys(photo_key) if (etag := self.head_painting(key))}

    def head_painting(self, key: str) -> str | None:
        path = self._out / key
        return content_etag(path.read_bytes()) if path.is_file() else None

    def put(self, key: str, content: bytes, content_type: str, condition: str) -> str:
        """Write the file atomically: it appears under its name when it is complete."""
        path = self._out / key
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.parent):
            if not condition_holds(condition, self.head_painting(key)):
                raise Replaced
            unfinished = path.with_name(path.name + ".part")
            try:
                unfinished.write_bytes(content)
                unfinished.replace(path)
            finally:
                unfinished.unlink(missing_ok=True)
        return content_etag(content)

    def delete(self, key: str, etag: str) -> None:
        path = self._out / key
        if not path.parent.exists():
            return
        with _locked(path.parent):
            if self.head_painting(key) not in (None, etag):
                raise Replaced
            path.unlink(missing_ok=True)

    def _is_true(self, content: bytes) -> bool:
        try:
            named = Manifest.from_json(content).etags()
        except ValueError:
            return False
        return all(self.head_painting(key) == etag for key, etag in named.items())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder against other processes and other threads."""
    number = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(number, fcntl.LOCK_EX)
        yield
    finally:
        os.close(number)

"""Photos in, paintings out, in the file system: the store of the command line."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .errors import PhotoNotFound, UnreadablePhoto
from .manifest import Manifest, PhotoFacts, manifest_key
from .studio import OpenPhoto


class FolderStore:
    """Photos by key (their file name) from wherever `photos` says, paintings into the folder `out`."""

    def __init__(self, photos: Mapping[str, Path], out: Path) -> None:
        self._photos = photos
        self._out = out

    @contextmanager
    def open(self, photo: PhotoFacts) -> Iterator[OpenPhoto]:
        """Raises PhotoNotFound when there is no such file, UnreadablePhoto when it can't be opened."""
        path = self._photos[photo.key]
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise PhotoNotFound(f"expected a photo at {path}, got nothing") from None
        except OSError as error:
            raise UnreadablePhoto(f"expected a photo at {path}, got: {error.strerror}") from error
        etag = hashlib.md5(content, usedforsecurity=False).hexdigest()  # as S3 does
        facts = PhotoFacts(bucket=None, key=photo.key, etag=etag, bytes=len(content))
        yield OpenPhoto(facts, {}, lambda: content)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Whole or not at all: the file appears under its name when it is complete."""
        path = self._out / key
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(path.name + ".part")
        unfinished.write_bytes(content)
        unfinished.replace(path)

    def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            (self._out / key).unlink(missing_ok=True)

    def manifest(self, photo_key: str) -> Manifest | None:
        """None when there is none that can be read."""
        try:
            return Manifest.from_json((self._out / manifest_key(photo_key)).read_bytes())
        except (FileNotFoundError, ValueError):
            return None

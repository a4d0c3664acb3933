"""The contract of a store: where photos come from, where paintings go to, and what lies there for one photo."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from ..engine import Format, Style
from ..manifest import Manifest, PhotoFacts, painting_key


@dataclass(frozen=True)
class OpenPhoto:
    """A photo of which all but the body is known; `read` raises Replaced when it is another one by now."""

    facts: PhotoFacts
    metadata: Mapping[str, str]
    read: Callable[[], Iterator[bytes]]


class Replaced(Exception):
    """Another photo, or another manifest, lies under the key than the one that was looked at."""


@dataclass(frozen=True)
class StoredPaintings:
    """The ETag of every painting by its key; of the manifest, its ETag and, if it can be read, what it says."""

    etags: Mapping[str, str] = field(default_factory=dict)
    manifest_etag: str | None = None
    manifest: Manifest | None = field(default=None, compare=False)  # its ETag tells

    @property
    def is_whole(self) -> bool:
        """Whether exactly the paintings lie there that the manifest names, each as its run left it."""
        return self.manifest is not None and self.manifest.etags() == self.etags


class Store(Protocol):
    """Where photos come from and paintings go to."""

    def open(self, photo: PhotoFacts) -> OpenPhoto:
        """The photo that lies under the key now. Raises PhotoNotFound."""

    def stored(self, photo_key: str, known: StoredPaintings | None = None) -> StoredPaintings:
        """What lies there now. A manifest that is still the one of `known` need not be read."""

    def put(self, key: str, content: bytes, content_type: str) -> str:
        """Returns the ETag."""

    def put_manifest(self, manifest: Manifest) -> str:
        """Returns the ETag. Raises Replaced when there is a manifest already."""

    def delete_manifest(self, photo_key: str, etag: str) -> None:
        """Raises Replaced when the manifest is not the one with that ETag."""

    def delete(self, keys: Sequence[str]) -> None: ...


def possible_keys(photo_key: str) -> list[str]:
    """Every key under which a painting of the photo can lie."""
    return [painting_key(photo_key, style, fmt.extension) for style in Style for fmt in Format]

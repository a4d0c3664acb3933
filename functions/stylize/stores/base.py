"""The contract of a store, which holds photos and paintings. A method is one request, with S3's semantics."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from hashlib import md5
from math import inf
from typing import Protocol

from ..engine import Format, Style
from ..errors import Refusal
from ..manifest import PhotoFacts, painting_key
from ..protocol.requests import ABSENT

DEADLINE: ContextVar[float] = ContextVar("deadline", default=inf)
"""Time (seconds of `monotonic`) at which this thread's requests must end, whatever the store does."""

REQUESTS = 32
"""The most requests in flight at the same time: two for each of 16 small photos."""

LONGEST_KEY = 1024
"""Bytes of the longest key that S3 accepts."""

BUCKET_NAME = re.compile(r"[A-Za-z0-9._-]{1,255}")
"""The names that buckets can have, the oldest ones included. ARNs do not match: an access point can mean any bucket."""


class Replaced(Exception):
    """The condition of a write failed: the object under the key is another one, or missing."""


@dataclass(frozen=True)
class SeenPhoto:
    """The newest version of a photo, without its body; `age` is in seconds since it was put.

    `refusal` is the reason why its body can't be read, if no retry can help.
    """

    facts: PhotoFacts
    metadata: Mapping[str, str]
    age: float
    refusal: Refusal | None = None


@dataclass(frozen=True)
class OpenPhoto:
    """A photo whose body can be read once, or closed unread."""

    seen: SeenPhoto
    read: Callable[[], Iterator[bytes]]
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class StoredManifest:
    """A stored manifest; `age` is in seconds since it was put."""

    content: bytes
    etag: str
    age: float


class Store(Protocol):
    """Holds photos and paintings.

    The condition of a write is ABSENT, or the ETag of the object that it replaces. If the condition fails, the write is
    not performed and Replaced is raised.
    """

    def open_photo(self, photo: PhotoFacts) -> OpenPhoto | None:
        """Open the newest version; None if there is no photo."""

    def head_photo(self, photo: PhotoFacts) -> SeenPhoto | None:
        """Return the newest version without its body; None if there is no photo."""

    def put_photo(
        self, photo: PhotoFacts, content: bytes, content_type: str, metadata: Mapping[str, str]
    ) -> PhotoFacts:
        """Put a photo and return its facts, with its version."""

    def get_manifest(self, photo_key: str) -> StoredManifest | None:
        """Get the manifest of a photo; None if there is none."""

    def painting_etags(self, photo_key: str) -> dict[str, str] | None:
        """List the objects under a photo's key: ETags by key; None if the listing is truncated."""

    def head_painting(self, key: str) -> str | None:
        """Return the ETag of a painting; None if there is none."""

    def put(self, key: str, content: bytes, content_type: str, condition: str) -> str:
        """Put a painting or a manifest and return its ETag. Raises Replaced."""

    def delete(self, key: str, etag: str) -> None:
        """Delete a painting if it exists. Raises Replaced when its ETag is another one."""


@contextmanager
def until(deadline: float) -> Iterator[None]:
    """End this thread's requests in the block by `deadline` (of `monotonic`), or raise OutOfTime."""
    token = DEADLINE.set(min(deadline, DEADLINE.get()))
    try:
        yield
    finally:
        DEADLINE.reset(token)


def condition_holds(condition: str, etag: str | None) -> bool:
    """Return whether an object with `etag` (None: no object) meets `condition`."""
    return etag is None if condition == ABSENT else etag == condition


def content_etag(content: bytes) -> str:
    """Return the ETag that S3 gives to an object put in one part, unless KMS encrypts it."""
    return md5(content, usedforsecurity=False).hexdigest()


def possible_keys(photo_key: str) -> list[str]:
    """Return every key that a painting of the photo can have."""
    return [painting_key(photo_key, style, fmt.extension) for style in Style for fmt in Format]

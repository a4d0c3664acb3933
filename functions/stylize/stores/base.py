"""The contract of a store: where photos come from, where paintings go to. A method is one request, as S3 answers it."""

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
"""In seconds of `monotonic`: when the requests of this thread have to be over, whatever the store does."""

LONGEST_KEY = 1024
"""Bytes of a key that S3 takes."""

BUCKET_NAME = re.compile(r"[A-Za-z0-9._-]{1,255}")
"""What S3 and its oldest buckets are named like. An ARN is no name: an access point may stand for any bucket."""


class Replaced(Exception):
    """Under the key lies another object than the condition asks for, or none."""


@dataclass(frozen=True)
class SeenPhoto:
    """The newest version of a photo, without its body; `age` is in seconds since it was put.

    `refusal` says why its body can't be had, however often it is asked for.
    """

    facts: PhotoFacts
    metadata: Mapping[str, str]
    age: float
    refusal: Refusal | None = None


@dataclass(frozen=True)
class OpenPhoto:
    """A photo whose body can be read, once, or closed unread."""

    seen: SeenPhoto
    read: Callable[[], Iterator[bytes]]
    close: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class StoredManifest:
    """A manifest as it lies there; `age` is in seconds since it was put."""

    content: bytes
    etag: str
    age: float


class Store(Protocol):
    """Where photos come from and paintings go to.

    The condition of a write is ABSENT, or the ETag that has to be there: if it isn't, the write is not performed and
    Replaced is raised.
    """

    def open_photo(self, photo: PhotoFacts) -> OpenPhoto | None:
        """Open the newest version; None when there is none."""

    def head_photo(self, photo: PhotoFacts) -> SeenPhoto | None:
        """Look which version is the newest; None when there is none."""

    def put_photo(
        self, photo: PhotoFacts, content: bytes, content_type: str, metadata: Mapping[str, str]
    ) -> PhotoFacts:
        """Put a photo and return which version it has become."""

    def get_manifest(self, photo_key: str) -> StoredManifest | None:
        """Get the manifest of a photo; None when there is none."""

    def painting_etags(self, photo_key: str) -> dict[str, str] | None:
        """List what lies under a photo's key: ETags by key; None when the listing is cut off."""

    def head_painting(self, key: str) -> str | None:
        """Return the ETag of a painting; None when there is none."""

    def put(self, key: str, content: bytes, content_type: str, condition: str) -> str:
        """Put a painting or a manifest and return its ETag. Raises Replaced."""

    def delete(self, key: str, etag: str) -> None:
        """Delete a painting with that ETag, if there is one. Raises Replaced when it has another."""


@contextmanager
def until(deadline: float) -> Iterator[None]:
    """Have the requests of this thread over by `deadline` (of `monotonic`), or raise OutOfTime."""
    token = DEADLINE.set(min(deadline, DEADLINE.get()))
    try:
        yield
    finally:
        DEADLINE.reset(token)


def condition_holds(condition: str, etag: str | None) -> bool:
    """Return whether an object with `etag` (None: no object) is what `condition` asks for."""
    return etag is None if condition == ABSENT else etag == condition


def content_etag(content: bytes) -> str:
    """Return the ETag that S3 gives to an object that was put in one piece, unless KMS encrypts it."""
    return md5(content, usedforsecurity=False).hexdigest()


def possible_keys(photo_key: str) -> list[str]:
    """Return every key under which a painting of the photo can lie."""
    return [painting_key(photo_key, style, fmt.extension) for style in Style for fmt in Format]

"""The requests of the protocol and their answers. Every request except Read and Withdraw is a request to S3.

Every write carries a condition: ABSENT (`If-None-Match: *`), or the ETag of the object that it replaces (`If-Match`).
The answer CHANGED stands for all of S3's answers to a failed condition: 412, 409, and 404 to a PUT.
"""

from dataclasses import dataclass
from enum import Enum, auto

from .facts import ClaimId, Files, Found, Photo, PhotoVersion, Record, Target

ABSENT = "*"
"""The condition of a write that may only create an object."""


class Token(Enum):
    """Answers without data."""

    CHANGED = auto()  # the condition failed
    DELETED = auto()  # the object is deleted, now or earlier
    READY = auto()  # the photo is decoded
    NOT_SENT = auto()  # the request was withdrawn in time
    CUT_OFF = auto()  # the listing does not contain all paintings


CHANGED, DELETED, READY, NOT_SENT, CUT_OFF = Token


@dataclass(frozen=True)
class Stored:
    """A write that was performed, with the new ETag."""

    etag: str


@dataclass(frozen=True)
class Occupied:
    """A painting was not put, because its condition failed; `etag` is the ETag that it would have had."""

    etag: str


@dataclass(frozen=True)
class Unpaintable:
    """The photo or its recipe can't be painted, and no retry can help; the studio knows the reason."""


@dataclass(frozen=True)
class GetManifest:
    """Answer: Found, or None."""


@dataclass(frozen=True)
class GetPhoto:
    """Open the newest version. Answer: Photo, or None. The body is read later, if needed."""


@dataclass(frozen=True)
class HeadPhoto:
    """Look up the newest version. Answer: Photo, or None."""


@dataclass(frozen=True)
class PutPhoto:
    """Store the photo of the call. Answer: its PhotoVersion."""


@dataclass(frozen=True)
class List:
    """List the paintings. Answer: Files, or CUT_OFF if too many other keys share their prefix."""


@dataclass(frozen=True)
class HeadFile:
    """Look up a painting. Answer: its ETag, or None."""

    name: str


@dataclass(frozen=True)
class Read:
    """Read and decode the photo of `target`. Answer: READY, Unpaintable, or CHANGED if another one is stored."""

    target: Target


@dataclass(frozen=True)
class PutFile:
    """Put a painting of the latest Read, as soon as it is painted.

    `salt` salts its bytes. If its ETag would be `known`, it is already stored, and nothing is sent. Answer: Stored or
    Occupied.
    """

    name: str
    condition: str = ABSENT
    salt: ClaimId | None = None
    known: str | None = None


@dataclass(frozen=True)
class Withdraw:
    """Cancel `put`. Answer: NOT_SENT, or the answer to `put` if it was already sent."""

    put: PutFile


@dataclass(frozen=True)
class DeleteFile:
    """Delete a painting if its ETag is still `etag`. Answer: DELETED or CHANGED."""

    name: str
    etag: str


@dataclass(frozen=True)
class PutManifest:
    """Put a manifest. Answer: Stored or CHANGED."""

    condition: str
    record: Record


Single = (
    GetManifest
    | GetPhoto
    | HeadPhoto
    | PutPhoto
    | List
    | HeadFile
    | Read
    | PutFile
    | Withdraw
    | DeleteFile
    | PutManifest
)


@dataclass(frozen=True)
class AnyOf:
    """Keep all these requests in flight at the same time. Answer: First.

    The other requests stay in flight: each is part of the next AnyOf, or withdrawn.
    """

    requests: tuple[Single, ...]


@dataclass(frozen=True)
class First:
    """The request that was answered first, and its answer."""

    request: Single
    answer: "Answer"


Request = Single | AnyOf
Answer = Found | Photo | PhotoVersion | Files | Stored | Occupied | Unpaintable | Token | First | str | None

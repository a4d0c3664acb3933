"""The requests of the protocol and their answers. Every request is one of S3's, but for Read and Withdraw.

Every write carries a condition: ABSENT (`If-None-Match: *`), or the ETag that has to be there (`If-Match`). The answer
CHANGED stands for every way in which S3 says that the condition does not hold: 412, 409, and 404 of a PUT.
"""

from dataclasses import dataclass
from enum import Enum, auto

from .facts import ClaimId, Files, Found, Photo, PhotoVersion, Record, Target

ABSENT = "*"
"""The condition of a write that creates and replaces nothing."""


class Token(Enum):
    """Answers that carry nothing."""

    CHANGED = auto()  # what the condition asks for is not there
    DELETED = auto()  # it is gone, or had been before
    READY = auto()  # the photo is decoded
    NOT_SENT = auto()  # a request that was withdrawn in time
    CUT_OFF = auto()  # a listing that does not hold all paintings


CHANGED, DELETED, READY, NOT_SENT, CUT_OFF = Token


@dataclass(frozen=True)
class Stored:
    """A write that was performed, with the ETag that it left."""

    etag: str


@dataclass(frozen=True)
class Occupied:
    """A painting was not put, because its key is not as expected; `etag` is what it would have had."""

    etag: str


@dataclass(frozen=True)
class Unpaintable:
    """The photo, or its recipe, can't be painted, however often it is tried; the studio knows why."""


@dataclass(frozen=True)
class GetManifest:
    """Answer: Found, or None."""


@dataclass(frozen=True)
class GetPhoto:
    """Open the newest version. Answer: Photo, or None. The body is read when it is needed."""


@dataclass(frozen=True)
class HeadPhoto:
    """Look which version is the newest. Answer: Photo, or None."""


@dataclass(frozen=True)
class PutPhoto:
    """Store the photo that the call brings along. Answer: its PhotoVersion."""


@dataclass(frozen=True)
class List:
    """List the paintings. Answer: Files, or CUT_OFF when they share their prefix with too many other keys."""


@dataclass(frozen=True)
class HeadFile:
    """Answer: the ETag of a painting, or None."""

    name: str


@dataclass(frozen=True)
class Read:
    """Read and decode the photo of `target`. Answer: READY, Unpaintable, or CHANGED when another one lies there."""

    target: Target


@dataclass(frozen=True)
class PutFile:
    """Put a painting of the target that was read last, as soon as it is painted.

    Its bytes are salted by `salt`. When it would have the ETag `known`, it is there already and nothing is sent.
    Answer: Stored or Occupied.
    """

    name: str
    condition: str = ABSENT
    salt: ClaimId | None = None
    known: str | None = None


@dataclass(frozen=True)
class Withdraw:
    """Do not send `put` any more. Answer: NOT_SENT, or the answer to `put` if it is too late for that."""

    put: PutFile


@dataclass(frozen=True)
class DeleteFile:
    """Delete a painting if it still has that ETag. Answer: DELETED or CHANGED."""

    name: str
    etag: str


@dataclass(frozen=True)
class PutManifest:
    """Answer: Stored or CHANGED."""

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
    """Have all these requests under way at the same time. Answer: First.

    The others stay under way: they are either in the next AnyOf again, or withdrawn.
    """

    requests: tuple[Single, ...]


@dataclass(frozen=True)
class First:
    """The request that was answered first, and its answer."""

    request: Single
    answer: "Answer"


Request = Single | AnyOf
Answer = Found | Photo | PhotoVersion | Files | Stored | Occupied | Unpaintable | Token | First | str | None

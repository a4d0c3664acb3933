"""What the protocol knows: the photo, the manifest, the call. All of it is immutable and can be compared."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

LEASE_SECONDS = 150.0
"""How long a claim keeps others waiting: longer than an invocation can last, so an older claim's run is dead."""

SETTLED_SECONDS = 900.0
"""A photo older than this has had time to be announced; an event of an older version no longer relies on it."""

Files = tuple[tuple[str, str], ...]
"""Names of paintings with their ETags, sorted by name."""


def files(etags: Mapping[str, str]) -> Files:
    """Return `etags` (by name) as Files."""
    return tuple(sorted(etags.items()))


class Paintable(Protocol):
    """A recipe, as far as the protocol is concerned: hashable, comparable, and it knows what it will write."""

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names of its paintings, such as `oil.jpg`."""


def names_of(recipe: Paintable | None) -> tuple[str, ...]:
    """Return the names that `recipe` paints; a recipe that can't be read paints none."""
    return recipe.file_names if recipe else ()


@dataclass(frozen=True)
class PhotoVersion:
    """One version of a photo. `modified` is in seconds since 1970, by S3's clock; what is not known is None."""

    version_id: str | None = None
    etag: str | None = None
    modified: float | None = None
    bytes: int | None = None

    def is_same(self, other: "PhotoVersion") -> bool:
        """Compare by version ID where both have one, else by all else that both know."""
        if self.version_id and other.version_id:
            return self.version_id == other.version_id
        pairs = ((self.etag, other.etag), (self.modified, other.modified), (self.bytes, other.bytes))
        return all(mine == others for mine, others in pairs if mine is not None and others is not None)


@dataclass(frozen=True)
class Announced:
    """The version that an event speaks of, and when, in seconds since 1970, it was put."""

    version: PhotoVersion
    time: float


@dataclass(frozen=True)
class Photo:
    """The photo as it was found: its version, the seconds since it was put, and the recipe that this call asks for.

    The recipe comes from the call, the photo's metadata and the settings; it is None when it can't be read.
    """

    version: PhotoVersion
    age: float
    recipe: Paintable | None


@dataclass(frozen=True)
class Target:
    """What is to be painted: a version of the photo by a recipe, which a caller asked for explicitly or nobody did."""

    version: PhotoVersion
    recipe: Paintable | None
    explicit: bool


@dataclass(frozen=True)
class ClaimId:
    """Tells one claim from any other, and salts what is written under it."""

    run: str
    turn: int


class Status(StrEnum):
    """Of a manifest. An UNREADABLE one is only ever found, never written."""

    DONE = "done"
    REFUSED = "refused"
    PAINTING = "painting"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Record:
    """What a manifest says, as far as the protocol is concerned.

    `files` are the paintings of a `done` manifest; `id` makes no two manifests equal; `is_current` is False where
    another version of the engine has painted.
    """

    status: Status
    target: Target
    id: ClaimId
    files: Files = ()
    is_current: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the paintings that are there by this manifest, or will be when its claim has been worked off."""
        return names_of(self.target.recipe) if self.status in (Status.DONE, Status.PAINTING) else ()


@dataclass(frozen=True)
class Found:
    """A manifest as it was found, with its ETag and the seconds since it was put, by S3's clock."""

    record: Record
    etag: str
    age: float = 0.0


@dataclass(frozen=True)
class Call:
    """One call of the studio for one photo.

    `run` is unique. `explicit`: the caller gives a recipe of its own (API, Batch, direct), which a bare event must not
    undo. `announced` is what an event says of the photo. `is_first`: nobody has worked on this event before, as far as
    the queue knows. `brings_photo`: the photo comes with the call and is yet to be stored, under a key of its own.
    `possible_names` are all names that a painting can have, `lease` is how many seconds a claim keeps others waiting.
    """

    run: str
    possible_names: tuple[str, ...]
    lease: float = LEASE_SECONDS
    explicit: bool = False
    announced: Announced | None = None
    is_first: bool = True
    brings_photo: Photo | None = None


class Result(StrEnum):
    """What became of a call."""

    PAINTED = "painted"
    REFUSED = "refused"
    ALREADY = "already"  # the manifest says so: painted, or refused, by an earlier run
    YIELDED = "yielded"  # to the event of a newer version
    OVERTAKEN = "overtaken"  # by another call with an explicit recipe
    GONE = "gone"  # there is no photo
    WAIT = "wait"  # another run has claimed the same; ask again later
    GAVE_UP = "gave up"  # others kept changing what this run looked at


@dataclass(frozen=True)
class Outcome:
    """The end of a call, with the manifest that stands, as far as this run knows."""

    result: Result
    record: Record | None = None


def merged(*parts: Files | Iterable[tuple[str, str]]) -> Files:
    """Return all `parts` as one, a later one overriding an earlier one."""
    etags: dict[str, str] = {}
    for part in parts:
        etags.update(part)
    return files(etags)

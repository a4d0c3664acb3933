"""The facts of the protocol: photo, manifest, call. All of them are immutable and comparable."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

LEASE_SECONDS = 150.0
"""How long a claim blocks other runs: longer than an invocation can last, so the run of an older claim is dead."""

SETTLED_SECONDS = 900.0
"""Seconds after which S3 has announced a photo; an older version's event no longer relies on that announcement."""

Files = tuple[tuple[str, str], ...]
"""Names of paintings with their ETags, sorted by name."""


def files(etags: Mapping[str, str]) -> Files:
    """Return `etags` (by name) as Files."""
    return tuple(sorted(etags.items()))


class Paintable(Protocol):
    """A recipe as the protocol sees it: hashable, comparable, with the names of its paintings."""

    @property
    def file_names(self) -> tuple[str, ...]:
        """File names of the paintings, such as `oil.jpg`."""


def names_of(recipe: Paintable | None) -> tuple[str, ...]:
    """Return the names that `recipe` paints; a recipe that can't be read paints none."""
    return recipe.file_names if recipe else ()


@dataclass(frozen=True)
class PhotoVersion:
    """One version of a photo. `modified` is in seconds since 1970, by S3's clock; unknown facts are None."""

    version_id: str | None = None
    etag: str | None = None
    modified: float | None = None
    bytes: int | None = None

    def is_same(self, other: "PhotoVersion") -> bool:
        """Compare by version ID if both have one, or else by all other facts that both know."""
        if self.version_id and other.version_id:
            return self.version_id == other.version_id
        pairs = ((self.etag, other.etag), (self.modified, other.modified), (self.bytes, other.bytes))
        return all(mine == others for mine, others in pairs if mine is not None and others is not None)


@dataclass(frozen=True)
class Announced:
    """The version that an event announces, and the time when it was put, in seconds since 1970."""

    version: PhotoVersion
    time: float


@dataclass(frozen=True)
class Photo:
    """The photo in the store: its version, the seconds since it was put, and the recipe of this call.

    The recipe follows from the call, the photo's metadata and the settings; it is None if it can't be read.
    """

    version: PhotoVersion
    age: float
    recipe: Paintable | None


@dataclass(frozen=True)
class Target:
    """The target of a call: a version of the photo, and a recipe, `explicit` if a caller passed it."""

    version: PhotoVersion
    recipe: Paintable | None
    explicit: bool


@dataclass(frozen=True)
class ClaimId:
    """Identifies a claim, and salts the paintings written under it."""

    run: str
    turn: int


class Status(StrEnum):
    """The status of a manifest. UNREADABLE is never written."""

    DONE = "done"
    REFUSED = "refused"
    PAINTING = "painting"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Record:
    """A manifest as the protocol sees it.

    `files` are the paintings of a `done` manifest; `id` makes every manifest unique; `is_current` is False if another
    version of the engine painted.
    """

    status: Status
    target: Target
    id: ClaimId
    files: Files = ()
    is_current: bool = True

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the paintings of a `done` manifest, or of a claim's target."""
        return names_of(self.target.recipe) if self.status in (Status.DONE, Status.PAINTING) else ()


@dataclass(frozen=True)
class Found:
    """A manifest in the store, with its ETag and the seconds since it was put, by S3's clock."""

    record: Record
    etag: str
    age: float = 0.0


@dataclass(frozen=True)
class Call:
    """One call of the studio for one photo.

    `run` is unique. `explicit`: the caller passes a recipe of its own (API, Batch, direct), which a bare event must not
    undo. `announced` is the version in the event. `is_first`: the queue has not delivered this event before.
    `brings_photo`: the photo comes with the call and is not stored yet, under a key of its own. `possible_names` are
    all names that a painting can have. `lease` is the number of seconds that a claim blocks other runs.
    """

    run: str
    possible_names: tuple[str, ...]
    lease: float = LEASE_SECONDS
    explicit: bool = False
    announced: Announced | None = None
    is_first: bool = True
    brings_photo: Photo | None = None


class Result(StrEnum):
    """The result of a call."""

    PAINTED = "painted"
    REFUSED = "refused"
    ALREADY = "already"  # an earlier run has painted or refused the photo
    YIELDED = "yielded"  # left to the event of a newer version
    OVERTAKEN = "overtaken"  # replaced by another call with an explicit recipe
    GONE = "gone"  # the photo does not exist
    WAIT = "wait"  # another run has claimed the same target; the message is redelivered
    GAVE_UP = "gave up"  # other runs kept changing the manifest or the paintings


@dataclass(frozen=True)
class Outcome:
    """The end of a call, with the manifest that this run knows last."""

    result: Result
    record: Record | None = None


def merged(*parts: Files | Iterable[tuple[str, str]]) -> Files:
    """Merge all `parts`; later ones override earlier ones."""
    etags: dict[str, str] = {}
    for part in parts:
        etags.update(part)
    return files(etags)

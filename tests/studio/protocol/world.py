"""A small world for the protocol: one photo, three paintings, a manifest, and what S3 answers about them.

Versions of the photo are numbers, 0 is none. A recipe names two paintings: D x and y, W x and z, U y and z. The ETag of
a painting is (name, bytes of the photo, recipe, salt): equal inputs give equal ETags. That of a manifest is its record.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, NamedTuple

from stylize.protocol.facts import Announced, Call, ClaimId, Photo, PhotoVersion, Record, Status, Target, names_of
from stylize.protocol.requests import (
    ABSENT,
    CHANGED,
    DELETED,
    DeleteFile,
    GetManifest,
    GetPhoto,
    HeadFile,
    HeadPhoto,
    List,
    Occupied,
    PutFile,
    PutManifest,
    PutPhoto,
    Read,
    Stored,
    Withdraw,
)

NAMES = ("x", "y", "z")
LONG_AGO = 1e9


@dataclass(frozen=True)
class Dish:
    """A recipe, by its letter."""

    letter: str

    @property
    def file_names(self) -> tuple[str, ...]:
        return {"D": ("x", "y"), "W": ("x", "z"), "U": ("y", "z")}[self.letter]


class Budget(NamedTuple):
    """What may still go wrong."""

    kills: int = 0
    late: int = 0  # copies of writes that stay under way and land at any later time
    refusals: int = 0  # 409 although the condition holds
    impatience: int = 0  # claims taken for old though their run is alive


@dataclass
class Scenario:
    """Where it starts and what can happen.

    `messages`: ("event", version), ("explicit", recipe) or ("api", version). `env`: ("put", version) or ("delete",).
    `lost`: numbers of messages that nobody sends again when their run is killed. `after`: number of a message -> the
    one that it waits for. `strict`: no file may be left that no manifest names. `heads`: every listing is cut off.
    """

    name: str
    messages: tuple[tuple[str, Any], ...]
    photo: int = 1
    env: tuple[tuple[Any, ...], ...] = ()
    budget: Budget = field(default_factory=Budget)
    alive: int = 3
    bytes: Mapping[int, str] = field(default_factory=dict)
    bare: Mapping[int, str] = field(default_factory=dict)
    manifest: Record | None = None
    files: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = True
    lost: tuple[int, ...] = ()
    after: Mapping[int, int] = field(default_factory=dict)
    heads: bool = False
    deep: bool = False

    def content(self, version: int) -> str:
        return self.bytes.get(version, "abc"[version - 1])

    def dish(self, version: int) -> Dish:
        return Dish(self.bare.get(version, "D"))

    def version(self, number: int) -> PhotoVersion:
        return PhotoVersion(f"v{number}", self.content(number), float(number))

    def photo_as(self, call: Call, number: int, age: float) -> Photo:
        return Photo(self.version(number), age, wish_of(call) or self.dish(number))

    def call(self, message: tuple[str, Any], run: str, receives: int) -> Call:
        kind, about = message
        if kind == "explicit":
            return Call(f"{about}-{run}", NAMES, explicit=True)
        if kind == "api":
            brought = Photo(PhotoVersion(etag=self.content(about)), 0.0, self.dish(about))
            return Call(run, NAMES, brings_photo=brought)
        return Call(run, NAMES, announced=Announced(self.version(about), float(about)), is_first=receives == 1)

    def painted(self, version: int, letter: str = "D", explicit: bool = False) -> "Scenario":
        """Start from a photo that has been painted before."""
        target = Target(self.version(version), Dish(letter), explicit)
        self.files = {name: etag_of(target, name) for name in Dish(letter).file_names}
        self.manifest = Record(Status.DONE, target, ClaimId("99", 0), tuple(sorted(self.files.items())))
        return self


def wish_of(call: Call) -> Dish | None:
    """The explicit recipe of a call: the first letter of its run."""
    return Dish(call.run[0]) if call.explicit else None


def number_of(version: PhotoVersion) -> int:
    return int(version.version_id[1:]) if version.version_id else 0


def version_in(record: Record | None) -> int:
    return number_of(record.target.version) if record else 0


def etag_of(target: Target, name: str, salt: ClaimId | None = None) -> Any:
    return (name, target.version.etag, target.recipe, salt)


def is_bad(target: Target) -> bool:
    return target.version.etag == "bad"


def operation(step: Any, request: Any) -> tuple[Any, ...]:
    """What `request` comes to in this world; what is put is known from the step's target."""
    match request:
        case GetManifest():
            return ("get manifest",)
        case GetPhoto() | HeadPhoto():
            return ("photo",)
        case List():
            return ("list",)
        case HeadFile(name):
            return ("head", name)
        case Read(target):
            return ("read", target)
        case PutFile(name, condition, salt, known):
            target = getattr(step, "target", None) or Target(step.photo.version, step.photo.recipe, False)
            etag = etag_of(target, name, salt)
            return ("same", etag) if known == etag else ("put", name, condition, etag)
        case Withdraw(put):
            return ("withdraw", operation(step, put))
        case DeleteFile(name, etag):
            return ("delete", name, etag)
        case PutManifest(condition, record):
            return ("put manifest", condition, record)
        case PutPhoto():
            return ("upload", step.photo.version.etag)
    raise TypeError(request)


def perform(op: tuple[Any, ...], manifest: Record | None, etags: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """Do it: answer, manifest, paintings."""
    match op:
        case ("put", name, condition, etag):
            i = NAMES.index(name)
            if holds(condition, etags[i]):
                return Stored(etag), manifest, (*etags[:i], etag, *etags[i + 1 :])
            return Occupied(etag), manifest, etags
        case ("put manifest", condition, record):
            return (Stored(record), record, etags) if holds(condition, manifest) else (CHANGED, manifest, etags)
        case ("delete", name, etag):
            i = NAMES.index(name)
            if etags[i] in (None, etag):
                return DELETED, manifest, (*etags[:i], None, *etags[i + 1 :])
            return CHANGED, manifest, etags
        case ("get manifest",):
            return manifest, manifest, etags
        case ("head", name):
            return etags[NAMES.index(name)], manifest, etags
        case ("list",):
            return tuple((n, e) for n, e in zip(NAMES, etags, strict=True) if e is not None), manifest, etags
    raise TypeError(op)


def holds(condition: Any, there: Any) -> bool:
    if condition is None:  # a mutant's: no condition
        return True
    return there is None if condition == ABSENT else there == condition


def condition_of(op: tuple[Any, ...]) -> Any:
    return op[1] if op[0] == "put manifest" else op[2]


def refused(op: tuple[Any, ...]) -> Any:
    """The answer to a write whose condition S3 says does not hold."""
    return Occupied(op[3]) if op[0] == "put" else CHANGED


def broken_by(manifest: Record | None, new: Record | None, etags: tuple[Any, ...]) -> str | None:
    """What a write must never do, though it may be only for a moment."""
    if manifest and new and version_in(new) < version_in(manifest):
        return f"I2: the manifest goes back from version {version_in(manifest)} to {version_in(new)}"
    if new and new.status is Status.DONE:
        for name, etag in new.files:
            if etags[NAMES.index(name)] != etag:
                return f"I1: a done manifest (version {version_in(new)}) names {name}, which is another painting"
    return None


def runs_in(value: Any) -> Iterator[str]:
    """The runs that a value refers to."""
    if isinstance(value, ClaimId | Call):
        yield value.run
    elif is_dataclass(value):
        for f in fields(value):
            yield from runs_in(getattr(value, f.name))
    elif isinstance(value, tuple):
        for part in value:
            yield from runs_in(part)


def painted_names(record: Record) -> tuple[str, ...]:
    return names_of(record.target.recipe)

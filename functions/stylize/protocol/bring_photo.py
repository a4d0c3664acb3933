"""The only step of a call that contains its photo."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from .asking import Run, withdraw
from .decisions import is_satisfied
from .facts import Found, Outcome, Photo, PhotoVersion, Record, Result, Status, Target, files, names_of
from .requests import (
    ABSENT,
    CHANGED,
    READY,
    AnyOf,
    First,
    GetManifest,
    HeadFile,
    Occupied,
    PutFile,
    PutManifest,
    PutPhoto,
    Read,
    Request,
    Single,
    Stored,
)


@dataclass(frozen=True)
class BringPhoto:
    """Store the photo of the call: paintings first, then the photo, then the manifest.

    The photo's own event finds the manifest. If this run is killed, either the photo is not stored, or its event finds
    the paintings and completes them. A photo that can't be painted is not stored.
    """

    run: Run
    photo: Photo

    def take(self) -> Generator[Request, Any, Outcome]:
        target = Target(self.photo.version, self.photo.recipe, explicit=False)
        if (yield Read(target)) is not READY:
            return Outcome(Result.REFUSED, Record(Status.REFUSED, target, self.run.id))
        etags: dict[str, str] = {}
        waiting: list[Single] = [PutFile(name) for name in names_of(target.recipe)]
        while waiting:
            first: First = yield AnyOf(tuple(waiting))
            put, answer = first.request, first.answer
            assert isinstance(put, PutFile)
            assert isinstance(answer, Stored | Occupied)
            waiting.remove(put)
            if isinstance(answer, Occupied) and (yield HeadFile(put.name)) != answer.etag:
                yield from withdraw(waiting)
                return Outcome(Result.GAVE_UP)
            etags[put.name] = answer.etag
        version: PhotoVersion = yield PutPhoto()
        photo = replace(self.photo, version=version)
        record = Record(Status.DONE, replace(target, version=version), self.run.id, files(etags))
        if (yield PutManifest(ABSENT, record)) is not CHANGED:
            return Outcome(Result.PAINTED, record)
        found: Found | None = yield GetManifest()
        if found and is_satisfied(self.run.call, found.record, photo):
            return Outcome(Result.PAINTED, found.record)
        return Outcome(Result.GAVE_UP)

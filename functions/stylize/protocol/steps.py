"""The steps of the protocol. Each step sends requests, and returns the next step or the outcome of the call.

FirstLook ──────────> FastPath ───────────────────────> done
  │                     │ conflict: other files, another manifest or photo
  └─> CarefulLook <─────┘
        │   └─> Decide ──> CleanUp ───────────────────> already, yielded, overtaken
        │         ├──────> FastPath
        │         └──────> Claim ──> WriteUnderClaim ─> done
        └── a claim lost <───────────┘  └─> LookUnderClaim ─> WriteUnderClaim
Refuse, from wherever the photo was read                 BringPhoto, for a call that stores its photo itself
"""

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import Any

from .asking import Run, delete, list_paintings, together, withdraw
from .bring_photo import BringPhoto
from .decisions import are_of, claims_the_same, is_of, is_satisfied, is_stale, target_of, would_orphan
from .facts import (
    Call,
    ClaimId,
    Files,
    Found,
    Outcome,
    Photo,
    Record,
    Result,
    Status,
    Target,
    files,
    merged,
    names_of,
)
from .requests import (
    ABSENT,
    CHANGED,
    READY,
    AnyOf,
    DeleteFile,
    First,
    GetManifest,
    GetPhoto,
    HeadFile,
    HeadPhoto,
    Occupied,
    PutFile,
    PutManifest,
    Read,
    Request,
    Single,
    Stored,
)

TURNS = 6
"""A call gives up when its count of claims exceeds this."""

Asking = Generator[Request, Any, "Step | Outcome"]


def first_step(call: Call) -> "Step":
    """Return the first step of `call`: a careful look if an earlier receive of its event may have begun."""
    if call.brings_photo:
        return BringPhoto(Run(call), call.brings_photo)
    return FirstLook(Run(call)) if call.is_first else CarefulLook(Run(call), wants_list=True)


@dataclass(frozen=True)
class FirstLook:
    """Get manifest and photo at the same time. For nearly every event the photo is new and has no manifest."""

    run: Run

    def take(self) -> Asking:
        call = self.run.call
        answers = yield from together([GetManifest(), GetPhoto()])
        found: Found | None = answers[GetManifest()]
        photo: Photo | None = answers[GetPhoto()]
        record = found.record if found else None
        if photo is None:
            return Outcome(Result.GONE, record)
        if is_stale(call, photo):
            return Outcome(Result.YIELDED, record)
        if found is None:
            return FastPath(self.run, target_of(call, None, photo))
        if is_satisfied(call, record, photo):
            return Outcome(Result.ALREADY, record)
        return Decide(self.run, found)


@dataclass(frozen=True)
class FastPath:
    """Create the paintings, then the manifest. No existing object is replaced.

    `known` are listed paintings; one with the ETag of this run's painting is not put again.
    """

    run: Run
    target: Target
    known: Files = ()

    def take(self) -> Asking:
        ready = yield Read(self.target)
        if ready is CHANGED:
            return CarefulLook(self.run, wants_list=True)
        if ready is not READY:
            return Refuse(self.run, self.target, None, self.known)
        known, painted = dict(self.known), dict(self.run.created)
        names = names_of(self.target.recipe)
        waiting: list[Single] = [PutFile(name, known=known.get(name)) for name in names]
        etags: dict[str, str] = {}
        while waiting:
            first: First = yield AnyOf(tuple(waiting))
            put, answer = first.request, first.answer
            assert isinstance(put, PutFile)
            assert isinstance(answer, Stored | Occupied)
            waiting.remove(put)
            if isinstance(answer, Occupied):
                there: str | None = yield HeadFile(put.name)
                if there is None:
                    waiting.append(replace(put, known=None))
                    continue
                if there != answer.etag:
                    painted |= yield from withdraw(waiting)
                    return CarefulLook(self.run.after(files(painted), contended=True), wants_list=True)
            etags[put.name] = painted[put.name] = answer.etag
        record = Record(Status.DONE, self.target, self.run.id, files(etags))
        if (yield PutManifest(ABSENT, record)) is CHANGED:
            return CarefulLook(self.run.after(files(painted)))
        return (yield from _last_look(self.run.after(files(painted)), record))


@dataclass(frozen=True)
class CarefulLook:
    """List the paintings, then get the manifest, then (`Decide`) look for the photo, one after the other.

    The order matters: a manifest read after the listing is newer than the listing, and a photo looked for last is not
    older than the manifest. `lost`: this run has lost its claim.
    """

    run: Run
    wants_list: bool = False
    lost: bool = False

    def take(self) -> Asking:
        listed = (yield from list_paintings(self.run.call)) if self.wants_list else None
        found: Found | None = yield GetManifest()
        return Decide(self.run, found, listed, self.lost)


@dataclass(frozen=True)
class Decide:
    """Look for the photo last, and decide."""

    run: Run
    found: Found | None
    listed: Files | None = None
    lost: bool = False

    def take(self) -> Asking:
        run, call, found = self.run, self.run.call, self.found
        if run.turn > TURNS:
            return Outcome(Result.GAVE_UP)
        photo: Photo | None = yield HeadPhoto()
        record = found.record if found else None
        if photo is None:
            return Outcome(Result.GONE, record)
        target = target_of(call, record, photo)
        listed = self.listed or ()
        if is_stale(call, photo) and not would_orphan(run, found, target, listed):
            return self._ended(Result.YIELDED)
        if is_satisfied(call, record, photo):
            return self._ended(Result.PAINTED if record and record.id.run == call.run else Result.ALREADY)
        if self.lost and call.explicit and record and record.target.explicit and is_of(record, photo):
            return self._ended(Result.OVERTAKEN)
        is_claimed = found is not None and found.record.status is Status.PAINTING and found.age < call.lease
        if is_claimed and record and claims_the_same(call, record, photo):
            return Outcome(Result.WAIT, record)
        if self.listed is None and (record is None or record.status in (Status.PAINTING, Status.UNREADABLE)):
            return CarefulLook(run, wants_list=True, lost=self.lost)
        known = merged(listed, record.files if record else ())
        if found is None and are_of(known, target) and not run.contended:
            return FastPath(run, target, known)
        return Claim(run, target, found, known)

    def _ended(self, result: Result) -> "CleanUp | Outcome":
        record = self.found.record if self.found else None
        if record is None:  # no manifest tells which files are to stay
            return Outcome(result)
        return CleanUp(merged(self.run.created, self.listed or ()), record, result)


@dataclass(frozen=True)
class CleanUp:
    """Delete files that another run's manifest doesn't name and this run created, or listed before reading it."""

    seen: Files
    record: Record
    result: Result

    def take(self) -> Asking:
        yield from delete(tuple((name, etag) for name, etag in self.seen if name not in self.record.names))
        return Outcome(self.result, self.record)


@dataclass(frozen=True)
class Claim:
    """Replace the manifest by a claim, before any painting that it may name is replaced or deleted."""

    run: Run
    target: Target
    found: Found | None
    known: Files

    def take(self) -> Asking:
        run = self.run
        ready = yield Read(self.target)
        if ready is CHANGED:
            return CarefulLook(run, wants_list=True)
        if ready is not READY:
            return Refuse(run, self.target, self.found, self.known)
        claim = Record(Status.PAINTING, self.target, run.id)
        answer = yield PutManifest(self.found.etag if self.found else ABSENT, claim)
        following = replace(run, turn=run.turn + 1)
        if answer is CHANGED:
            return CarefulLook(following, wants_list=True)
        return WriteUnderClaim(following, self.target, run.id, answer.etag, self.known)


@dataclass(frozen=True)
class WriteUnderClaim:
    """Put salted paintings over known objects, delete strays, then replace the claim by `done`.

    `written` are paintings that this claim has already put.
    """

    run: Run
    target: Target
    salt: ClaimId
    claim: str
    known: Files
    written: Files = ()

    def take(self) -> Asking:
        known, written = dict(self.known), dict(self.written)
        names = names_of(self.target.recipe)
        todo = [name for name in names if name not in written or known.get(name) != written[name]]
        waiting: list[Single] = [PutFile(name, known.get(name, ABSENT), self.salt) for name in todo]
        occupied = False
        while waiting and not occupied:
            first: First = yield AnyOf(tuple(waiting))
            waiting.remove(first.request)
            if isinstance(first.answer, Stored) and isinstance(first.request, PutFile):
                written[first.request.name] = first.answer.etag
            else:
                occupied = True
        if occupied:
            written |= yield from withdraw(waiting)
        else:
            strays = [DeleteFile(name, etag) for name, etag in self.known if name not in names]
            occupied = CHANGED in (yield from together(strays)).values()
        run = self.run.after(merged(self.run.created, files(written)))
        if occupied:
            return LookUnderClaim(run, self.target, self.salt, self.claim, files(written))
        record = Record(Status.DONE, self.target, self.salt, files(written))
        if (yield PutManifest(self.claim, record)) is CHANGED:
            return CarefulLook(run, wants_list=True, lost=True)
        return (yield from _last_look(run, record))


@dataclass(frozen=True)
class LookUnderClaim:
    """List after a failed condition, then check that the claim still stands; if so, the listed files are old."""

    run: Run
    target: Target
    salt: ClaimId
    claim: str
    written: Files

    def take(self) -> Asking:
        listed = yield from list_paintings(self.run.call)
        found: Found | None = yield GetManifest()
        if found is None or found.etag != self.claim:
            return CarefulLook(self.run, wants_list=True, lost=True)
        return WriteUnderClaim(self.run, self.target, self.salt, self.claim, listed, self.written)


@dataclass(frozen=True)
class Refuse:
    """Put a manifest with the reason, which names no paintings; then delete the paintings."""

    run: Run
    target: Target
    found: Found | None
    known: Files

    def take(self) -> Asking:
        refusal = Record(Status.REFUSED, self.target, self.run.id)
        answer = yield PutManifest(self.found.etag if self.found else ABSENT, refusal)
        if answer is CHANGED:
            return CarefulLook(self.run, wants_list=True)
        yield from delete(self.known)
        return Outcome(Result.REFUSED, refusal)


Step = (
    FirstLook
    | FastPath
    | CarefulLook
    | Decide
    | CleanUp
    | Claim
    | WriteUnderClaim
    | LookUnderClaim
    | Refuse
    | BringPhoto
)


def _last_look(run: Run, record: Record) -> Asking:
    """Without version IDs, look for the photo once more: two puts in quick succession may share one event."""
    outcome = Outcome(Result.PAINTED, record)
    if record.target.version.version_id is not None:
        return outcome
    photo: Photo | None = yield HeadPhoto()
    if photo is None or photo.version.is_same(record.target.version):
        return outcome
    return CarefulLook(run)

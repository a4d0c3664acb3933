"""Requests that several steps share, and the state of a call between steps."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any

from .facts import Call, ClaimId, Files, files
from .requests import (
    CHANGED,
    CUT_OFF,
    AnyOf,
    DeleteFile,
    First,
    HeadFile,
    List,
    PutFile,
    Request,
    Single,
    Stored,
    Withdraw,
)


@dataclass(frozen=True)
class Run:
    """The state of a call between steps.

    `created` are the paintings that the call has put, or found with the same ETag; `contended`: it has met other runs'
    files on the fast path and does not take that path again; `turn` counts claims.
    """

    call: Call
    created: Files = ()
    contended: bool = False
    turn: int = 0

    @property
    def id(self) -> ClaimId:
        return ClaimId(self.call.run, self.turn)

    def after(self, created: Files, **changes: Any) -> "Run":
        return replace(self, created=created, **changes)


def together(requests: Iterable[Single]) -> Generator[Request, Any, dict[Single, Any]]:
    """Send all `requests` at the same time and return all answers."""
    waiting, answers = list(requests), {}
    while waiting:
        first: First = yield AnyOf(tuple(waiting))
        waiting.remove(first.request)
        answers[first.request] = first.answer
    return answers


def delete(strays: Files) -> Generator[Request, Any, None]:
    """Delete paintings, unless they have changed.

    S3 may refuse to delete (409) although nothing has changed: a painting that is still as it was is deleted again.
    """
    answers = yield from together(DeleteFile(name, etag) for name, etag in strays)
    for stray, answer in answers.items():
        if answer is CHANGED and isinstance(stray, DeleteFile) and (yield HeadFile(stray.name)) == stray.etag:
            yield stray


def withdraw(waiting: Iterable[Single]) -> Generator[Request, Any, dict[str, str]]:
    """Withdraw `waiting`; return the ETags of paintings whose requests were already in flight, by name."""
    created = {}
    for put in waiting:
        assert isinstance(put, PutFile)
        answer = yield Withdraw(put)
        if isinstance(answer, Stored):
            created[put.name] = answer.etag
    return created


def list_paintings(call: Call) -> Generator[Request, Any, Files]:
    """List the paintings; if the listing is truncated, look up each possible painting."""
    listed = yield List()
    if listed is not CUT_OFF:
        return tuple(listed)
    etags = yield from together([HeadFile(name) for name in call.possible_names])
    return files({head.name: etag for head, etag in etags.items() if isinstance(head, HeadFile) and etag is not None})

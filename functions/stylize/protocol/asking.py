"""What several steps ask for, and what a call carries from one to the next."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any

from .facts import Call, ClaimId, Files, files
from .requests import CUT_OFF, AnyOf, First, HeadFile, List, PutFile, Request, Single, Stored, Withdraw


@dataclass(frozen=True)
class Run:
    """What a call carries from step to step.

    `created` are the paintings that it has put, or found to be just what it would have put; `contended`: it has met
    others' files on the fast path and does not take it again; `turn` counts claims.
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
    """Have all `requests` under way at the same time and return all answers."""
    waiting, answers = list(requests), {}
    while waiting:
        first: First = yield AnyOf(tuple(waiting))
        waiting.remove(first.request)
        answers[first.request] = first.answer
    return answers


def withdraw(waiting: Iterable[Single]) -> Generator[Request, Any, dict[str, str]]:
    """Withdraw `waiting` and return the ETags of those paintings that had been under way already, by name."""
    created = {}
    for put in waiting:
        assert isinstance(put, PutFile)
        answer = yield Withdraw(put)
        if isinstance(answer, Stored):
            created[put.name] = answer.etag
    return created


def list_paintings(call: Call) -> Generator[Request, Any, Files]:
    """List the paintings; where the listing is cut off, ask for each that there can be."""
    listed = yield List()
    if listed is not CUT_OFF:
        return tuple(listed)
    etags = yield from together([HeadFile(name) for name in call.possible_names])
    return files({head.name: etag for head, etag in etags.items() if isinstance(head, HeadFile) and etag is not None})

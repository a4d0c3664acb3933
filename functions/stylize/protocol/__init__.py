"""The protocol, without input or output: which requests one photo takes, in which order, under which conditions.

`protocol(call)` is a generator. It yields requests (`requests.py`), receives their answers, and returns an Outcome. The
studio drives it with threads and a store; the tests drive it through every order of answers. docs/architecture.md
explains the steps (`steps.py`) by the same names, and why they suffice.
"""

from collections.abc import Generator

from .facts import Announced, Call, Outcome, Photo, PhotoVersion, Record, Result, Target
from .requests import Answer, Request
from .steps import Step, first_step

__all__ = [
    "Announced",
    "Answer",
    "Call",
    "Outcome",
    "Photo",
    "PhotoVersion",
    "Record",
    "Request",
    "Result",
    "Step",
    "Target",
    "first_step",
    "protocol",
]


def protocol(call: Call) -> Generator[Request, Answer, Outcome]:
    """Yield the requests of one call, step by step, and return its outcome."""
    step = first_step(call)
    while True:
        following = yield from step.take()
        if isinstance(following, Outcome):
            return following
        step = following

"""The protocol with one rule taken away: each is a change of the shipped source, and a scenario that shows what for."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from stylize.protocol import PhotoVersion, decisions, steps

from .scenarios import DELETE, E1, E2, E3, PUT2, PUT3, U, W, scenario
from .world import Dish, Scenario

_NOBODY = "Target(PhotoVersion(), None, explicit=False)"


@dataclass(frozen=True)
class Mutant:
    """`rule` as in docs/architecture.md; `changes` of the source, old and new; what it `breaks`, and where."""

    rule: str
    changes: tuple[tuple[str, str], ...]
    scenario: Scenario
    breaks: str

    def first_step(self) -> Callable[[Any], Any]:
        """Return where a call starts in the changed protocol."""
        unused = list(self.changes)
        for module in (decisions, steps):
            source = Path(str(module.__file__)).read_text().replace("from .decisions", "from .decisions_changed")
            for change in self.changes:
                if change[0] in source:
                    source = source.replace(*change)
                    unused.remove(change)
            changed = ModuleType(f"{module.__name__}_changed")
            changed.__package__ = module.__package__
            sys.modules[changed.__name__] = changed
            vars(changed)["PhotoVersion"] = PhotoVersion  # of which some changes make one
            exec(compile(source, changed.__name__, "exec"), vars(changed))
        assert not unused, f"the source no longer holds {unused}"
        start: Callable[[Any], Any] = changed.first_step
        return start


_REPLACED = scenario("replaced", [E1, E2], env=(PUT2,), kills=1, late=1)
_TWICE = scenario("replaced, an event twice", [E1, E1, E2], env=(PUT2,))
_OTHER_NAMES = scenario("replaced, other names", [E1, E2], env=(PUT2,), bare={2: "W"}, kills=1)
_BACK = scenario("to other bytes and back", [E2, E3], env=(PUT2, PUT3), bytes={3: "a"}, start=(1,))
_AGAIN = scenario("painted again, replaced", [E2, E3], env=(PUT3,), photo=2, start=(1,))
_FOREIGN = {"x": ("x", "q", Dish("D"), None)}
_EARLY = (
    (
        "    lost: bool = False\n\n    def take(self) -> Asking:\n        run, call",
        "    lost: bool = False\n    early: Any = None\n\n    def take(self) -> Asking:\n        run, call",
    ),
    (
        "photo: Photo | None = yield HeadPhoto()\n        record = found.record",
        "photo: Photo | None = self.early or (yield HeadPhoto())\n        record = found.record",
    ),
)

MUTANTS = (
    Mutant(
        "every write carries a condition",
        (
            ("PutFile(name, known=known", "PutFile(name, None, known=known"),
            ("PutFile(name, known.get(name, ABSENT)", "PutFile(name, None"),
        ),
        _REPLACED,
        "I1",
    ),
    Mutant(
        "the fast path creates its manifest",
        (
            (
                "        if (yield PutManifest(ABSENT, record)) is CHANGED:\n            return Care",
                "        if (yield PutManifest(None, record)) is CHANGED:\n            return Care",
            ),
        ),
        _REPLACED,
        "I2",
    ),
    Mutant(
        "a claim precedes every replacement",
        (
            (
                "answer = yield PutManifest(self.found.etag if self.found else ABSENT, claim)",
                "answer = Stored(self.found.etag if self.found else ABSENT)",
            ),
        ),
        _REPLACED,
        "I1",
    ),
    Mutant(
        "paintings written under a claim are salted",
        (("known.get(name, ABSENT), self.salt)", "known.get(name, ABSENT))"),),
        _BACK,
        "I1",
    ),
    Mutant(
        "the listing precedes the claim",
        (
            (
                "return WriteUnderClaim(following, self.target, run.id, answer.etag, self.known)",
                "late = yield from list_paintings(run.call)\n"
                "        return WriteUnderClaim(following, self.target, run.id, answer.etag, late)",
            ),
        ),
        scenario("leftovers, replaced", [E2, E3], env=(PUT3,), photo=2, files=_FOREIGN),
        "I1",
    ),
    Mutant(
        "the photo is looked for last",
        (
            *_EARLY,
            (
                "        listed = (yield from list_paintings(self.run.call)) if self.wants",
                "        early = yield HeadPhoto()\n"
                "        listed = (yield from list_paintings(self.run.call)) if self.wants",
            ),
            (
                "return Decide(self.run, found, listed, self.lost)",
                "return Decide(self.run, found, listed, self.lost, early)",
            ),
        ),
        _TWICE,
        "I2",
    ),
    Mutant(
        "no claim follows from a first look, whose requests run at the same time",
        (*_EARLY, ("return Decide(self.run, found)", "return Decide(self.run, found, early=photo)")),
        _AGAIN,
        "I2",
    ),
    Mutant(
        "after a painting that differs from the expected one, the claim is checked again",
        (("if found is None or found.etag != self.claim:", "if False:"),),
        scenario("three versions", [E1, E2, E3], env=(PUT2, PUT3)),
        "I1",
    ),
    Mutant(
        "a photo that is gone changes nothing",
        (("return Outcome(Result.GONE, record)", f"return Refuse(self.run, {_NOBODY}, found, ())"),),
        scenario("redriven after its deletion", [E1, E1], env=(DELETE,), photo=2, kills=1, start=(2,)),
        "I3",
    ),
    Mutant(
        "an explicit recipe is remembered",
        (
            ("return same_recipe or record.target.explicit", "return same_recipe"),
            ("and record.target.explicit and not call.explicit", "and False"),
        ),
        scenario("explicit, then its event", [W, E1], start=(1,)),
        "D2",
    ),
    Mutant(
        "a run that lost its claim to an explicit recipe is overtaken",
        (("if self.lost and call.explicit and", "if False and"), ("TURNS = 6", "TURNS = 2")),
        scenario("two explicit recipes", [W, U], start=(1,), alive=2),
        "L",
    ),
    Mutant(
        "a refusal puts its manifest before it deletes",
        (
            (
                "        answer = yield PutManifest(self.found.etag if self.found else ABSENT, refusal)",
                "        yield from together([DeleteFile(name, etag) for name, etag in self.known])\n"
                "        answer = yield PutManifest(self.found.etag if self.found else ABSENT, refusal)",
            ),
        ),
        scenario("replaced by no photo", [E2], photo=2, bytes={2: "bad"}, start=(1,)),
        "I1",
    ),
    Mutant(
        "a run that ends by another run's manifest cleans up",
        (("return CleanUp(merged(self.run.created, self.listed or ()), record, result)", "return Outcome(result)"),),
        _OTHER_NAMES,
        "D4",
    ),
    Mutant(
        "a deletion that was refused for no reason is repeated",
        (
            (
                "yield from delete(tuple((name, etag) for name, etag in self.seen if name not in self.record.names))",
                "yield from together([DeleteFile(n, etag) for n, etag in self.seen if n not in self.record.names])",
            ),
        ),
        scenario("replaced, other names, a refusal", [E1, E2], env=(PUT2,), refusals=1, bare={2: "W"}),
        "D4",
    ),
    Mutant(
        "nothing is cleaned up while there is no manifest",
        (
            (
                "        if record is None:  # no manifest tells which files are to stay\n"
                "            return Outcome(result)",
                f"        record = record or Record(Status.REFUSED, {_NOBODY}, self.run.id)",
            ),
        ),
        _TWICE,
        "I1",
    ),
    Mutant(
        "a run does not yield if that would leave files of another format",
        ((" and not would_orphan(run, found, target, listed)", ""),),
        _OTHER_NAMES,
        "D4",
    ),
    Mutant(
        "a run does not yield if its manifest was refused for no reason",
        (("is_alone = bool(run.created) and not run.contended", "is_alone = False"),),
        scenario("replaced by no photo, a refusal", [E1, E2], env=(PUT2,), bytes={2: "bad"}, refusals=1),
        "D4",
    ),
    Mutant(
        "a later receive starts with the careful look",
        (
            (
                "return FirstLook(Run(call)) if call.is_first else CarefulLook",
                "return FirstLook(Run(call)) if True else Care" + "fulLook",
            ),
        ),
        _OTHER_NAMES,
        "D4",
    ),
    Mutant(
        "a run that met others on the fast path does not take it again",
        (("files(painted), contended=True)", "files(painted))"),),
        scenario("foreign leftovers", [E1], files=_FOREIGN),
        "L3",
    ),
)

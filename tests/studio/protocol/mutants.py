"""The protocol with one rule taken away: each is a change of the shipped source, and a scenario that shows what for."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from stylize.protocol import decisions, steps

from .scenarios import DELETE, E1, E2, E3, PUT2, PUT3, D, W, scenario
from .world import Dish, Scenario


@dataclass(frozen=True)
class Mutant:
    """`rule` in words, as in docs/architecture.md; `old` -> `new` in the source of `module`; `breaks`: what it breaks."""

    rule: str
    module: ModuleType
    old: str
    new: str
    scenario: Scenario
    breaks: str

    def first_step(self) -> Callable[[Any], Any]:
        """The start of the changed protocol."""
        changed = {}
        for module in (decisions, steps):
            source = Path(str(module.__file__)).read_text()
            if module is self.module:
                assert source.count(self.old) >= 1, f"the source no longer holds {self.old!r}"
                source = source.replace(self.old, self.new)
            copy = ModuleType(f"{module.__name__}_changed")
            copy.__package__ = module.__package__
            sys.modules[copy.__name__] = copy
            exec(compile(source.replace("from .decisions", "from .decisions_changed"), copy.__name__, "exec"), vars(copy))
            changed[module] = copy
        start: Callable[[Any], Any] = changed[steps].first_step
        return start


_DONE_ONCE = {"start": (1,)}
_BACK = scenario("to other bytes and back", [E2, E3], env=(PUT2, PUT3), bytes={3: "a"}, start=(1,))
_REPLACED = scenario("replaced", [E1, E2], env=(PUT2,), kills=1, late=1)
_FOREIGN = {"x": ("x", "q", Dish("D"), None)}

MUTANTS = (
    Mutant(
        "paintings under a claim are salted",
        steps,
        "known.get(name, ABSENT), self.salt)",
        "known.get(name, ABSENT))",
        _BACK,
        "I1",
    ),
    Mutant(
        "a claim comes before anything is replaced",
        steps,
        "        return WriteUnderClaim(following, self.target, run.id, answer.etag, self.known)",
        "        return WriteUnderClaim(following, self.target, run.id, answer.etag, self.known)",
        _REPLACED,
        "I1",
    ),
    Mutant(
        "a careful look lists before it gets the manifest",
        steps,
        """        listed = (yield from _listed(self.run.call)) if self.wants_list else None
        found: Found | None = yield GetManifest()
        return Decide""",
        """        found: Found | None = yield GetManifest()
        listed = (yield from _listed(self.run.call)) if self.wants_list else None
        return Decide""",
        scenario("leftovers, three runs", [E2, E3], env=(PUT3,), photo=2, files=_FOREIGN, start=(1,)),
        "I1",
    ),
)

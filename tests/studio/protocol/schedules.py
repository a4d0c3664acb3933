"""Schedules of the real studio, request by request: each is a list of choices, and can be repeated.

A run of the studio, which paints one photo or a batch of them, goes on until it waits for requests. Then the schedule
chooses: which of the requests under way reaches the store, here in memory; or whether another run begins, a run is
killed, the photo is replaced or deleted, S3 says 409 for no reason, or a write arrives once more. Only one thread runs
at a time.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import cv2
import numpy as np

from stylize.manifest import PhotoFacts, manifest_key
from stylize.recipe import RecipeOverrides
from stylize.stores.base import Replaced
from stylize.studio import Order, Studio

from .batches import Batch
from .runs import CAT, DOG, Run, World

LEASE = 200.0
"""Seconds that pass before a message that found the claim of a dead run is redelivered."""


@dataclass(frozen=True)
class Case:
    """What happens: photos 1, 2, ... by number, events of their versions, calls with a recipe, and what goes wrong."""

    events: tuple[Any, ...]  # the number of a version, 0 for the photo of the dog, or the styles of an explicit call
    first: tuple[int, ...] = (1,)  # versions that were put before
    painted: tuple[int, ...] = ()  # of those, the ones that were painted
    later: tuple[int | None, ...] = ()  # versions that are put meanwhile; None deletes
    styles: tuple[str, ...] = ("sketch+color-pencil",) * 3  # by version, as the photo's metadata asks
    pictures: tuple[int, ...] = (1, 2, 3)  # by version; 0 is no picture
    kills: int = 0
    late: int = 0
    refusals: int = 0
    batch: int = 0  # messages of an invocation at most; 0: each is a call of its own, not one of the pipeline


@cache
def photo(number: int) -> bytes:
    """A small picture, another one for each number; 0 is none."""
    if number == 0:
        return b"no photo"
    pixels = np.random.default_rng(number).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    return cv2.imencode(".png", pixels)[1].tobytes()


@dataclass
class Choice:
    """One way to go on; `run` is the number of the run that goes on by it."""

    text: str
    act: Callable[[], None]
    run: int | None = None


@dataclass
class Schedule:
    """One execution of a case. `choose` is given what is possible, the usual first, and says which."""

    case: Case
    choose: Callable[[list[Choice]], int]
    world: World = field(default_factory=World)
    steps: list[str] = field(default_factory=list)
    announced: dict[int, PhotoFacts] = field(default_factory=dict)
    messages: dict[int, list[tuple[Any, int]]] = field(default_factory=dict)
    runs: list[Run | Batch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kills, self.late, self.refusals = self.case.kills, self.case.late, self.case.refusals
        self.later = list(self.case.later)
        self.newest: int | None = None
        self.number = 0
        self.last: int | None = None
        self.net: list[Callable[[], Any]] = []
        self.explicit: set[int] = set()
        self.was_done = False
        self.version = 0
        if 0 in self.case.events:
            self.announced[0] = self.world.put_dog(photo(9))
        for number in self.case.first:
            self.put(number)
            if number in self.case.painted:
                self.queue: list[tuple[Any, int]] = [(number, 1)]
                self.hidden: list[int] = []
                while self.queue or self.runs:
                    self.step(lambda choices: 0, quietly=True)
        known = (0, *self.case.first)
        self.queue = [(event, 1) for event in self.case.events if isinstance(event, str) or event in known]
        self.hidden = [
            event for event in self.case.events if not isinstance(event, str) and (event, 1) not in self.queue
        ]

    def go(self) -> str | None:
        """Execute it; return what is wrong at any moment, or in the end."""
        while self.runs or self.queue or self.net or self.later:
            if fault := self.step(self.choose):
                return fault
            if len(self.steps) > 2000:
                return "no end"
        return self.at_the_end() or (self.dog_at_the_end() if self.world.dog else None)

    def step(self, choose: Callable[[list[Choice]], int], quietly: bool = False) -> str | None:
        choices = [c for c in self.choices() if not quietly or c.run is not None or "begins" in c.text]
        if not choices:
            return "nothing can happen, and something is left to do"
        choice = choices[choose(choices)]
        self.steps.append(choice.text)
        if choice.run is not None:
            self.last = choice.run
        choice.act()
        for run in [run for run in self.runs if run.is_over]:
            if fault := self.end(run):
                return fault
        return self.at_any_moment()

    # ------------------------------------------------------------------------------------------------- choices

    def choices(self) -> list[Choice]:
        """The run that went last goes on first; then others, then beginnings, then what goes wrong."""
        out = []
        for run in sorted(self.runs, key=lambda run: (run.number != self.last, run.number)):
            out += [self.performed(run, i) for i in range(len(run.waiting))]
        if len(self.runs) < 3:
            out += [
                self.begun(i) for i in range(len(self.queue)) if self.queue[i] not in self.queue[:i] and self.is_due(i)
            ]
        if self.later:
            out.append(Choice(f"photo {self.later[0]}", lambda: self.put(self.later.pop(0))))
        out += [Choice("a late write", lambda i=i: self.land(i)) for i in range(len(self.net))]  # type: ignore[misc]
        for run in self.runs:
            if self.kills:
                out.append(Choice(f"run {run.number} is killed", lambda run=run: self.kill(run)))  # type: ignore[misc]
            if self.late:
                out += [self.performed(run, i, copies=1) for i in range(len(run.waiting))]
            if self.refusals:
                out += [self.performed(run, i, refuses=True) for i in range(len(run.waiting))]
        return out

    def performed(self, run: Run | Batch, i: int, copies: int = 0, refuses: bool = False) -> Choice:
        def act() -> None:
            world, future = self.world, run.waiting[i]
            world.last_write, world.refuses = None, refuses
            future.perform()
            world.refuses = False
            if world.last_write:
                self.net += [world.last_write] * copies
                self.late -= copies
                self.refusals -= refuses
            world.now += 0.01
            run.go_on(future)

        how = " and will arrive again" if copies else " for nothing" if refuses else ""
        return Choice(f"run {run.number}: request {i}{how}", act, run.number)

    def begun(self, i: int) -> Choice:
        taken = [i, *(j for j in range(len(self.queue)) if j != i and self.is_due(j))][: self.case.batch or 1]

        def act() -> None:
            messages = [self.queue[j] for j in taken]
            self.queue = [message for j, message in enumerate(self.queue) if j not in taken]
            if any(receives > 1 for _, receives in messages):
                self.world.now += LEASE
            self.number += 1
            self.last = self.number
            self.messages[self.number] = messages
            self.runs.append(self.run_of(messages))

        return Choice(f"run {self.number + 1} begins: {[self.queue[j] for j in taken]}", act)

    def run_of(self, messages: list[tuple[Any, int]]) -> Run | Batch:
        too_late = self.withdrawn(self.number)
        if self.case.batch:
            orders = [Order(self.announced[event], receives=receives) for event, receives in messages]
            return Batch(self.number, self.world, orders, too_late)
        return Run(self.number, self.world, self.call_for(*messages[0]), too_late)

    def call_for(self, event: Any, receives: int) -> Callable[[Studio], object]:
        """Return what a run is to do: paint a photo with a recipe of its own, or as an event announced it."""
        if isinstance(event, str):
            return lambda studio: studio.paint(CAT, RecipeOverrides.parse(f"styles={event}"))
        facts = self.announced[event]
        return lambda studio: studio.paint(facts, receives=receives)

    def is_due(self, i: int) -> bool:
        """Redeliver a message that found a claim once no run is alive: that run has finished, or is dead."""
        return self.queue[i][1] == 1 or not self.runs

    def put(self, number: int | None) -> None:
        self.world.now += 1
        self.newest = number
        if number is None:
            self.world.delete_photo()
            return
        metadata, content = {"recipe": f"styles={self.case.styles[number - 1]}"}, photo(self.case.pictures[number - 1])
        facts = self.world.put_photo(CAT, content, "image/png", metadata)
        self.announced[number] = facts
        if hasattr(self, "hidden"):
            self.queue += [(event, 1) for event in self.hidden if event == number]
            self.hidden = [event for event in self.hidden if event != number]

    def land(self, i: int) -> None:
        with suppress(Replaced):
            self.net.pop(i)()

    def kill(self, run: Run | Batch) -> None:
        self.kills -= 1
        run.kill()

    def withdrawn(self, number: int) -> Callable[[], bool]:
        """Return a function that chooses whether a request that a run withdraws was in flight already."""
        choices = [Choice("withdrawn", lambda: None, number), Choice("too late", lambda: None)]
        return lambda: self.choose(choices) == 1

    # ------------------------------------------------------------------------------------------------- verdicts

    def end(self, run: Run | Batch) -> str | None:
        """A killed run's messages are all handed out again, those of photos that it has painted, too."""
        self.runs.remove(run)
        for n, (event, receives) in enumerate(self.messages[run.number]):
            end = run.ends.get(n)
            if run.is_killed or end == "being_painted":
                self.queue.append((event, receives + 1))
            elif end != "acknowledged":
                return f"run {run.number} ended with {event}: {end}"
        return None

    def at_any_moment(self) -> str | None:
        manifest = self.world.manifest
        if manifest is None:
            return None
        if int(manifest.photo.version_id or 0) < self.version:
            return "the manifest has gone back to an older version"
        self.version = int(manifest.photo.version_id or 0)
        if manifest.is_done:
            self.was_done = True
            if (manifest.recipe or {}).get("explicit"):
                self.explicit.add(self.version)
            if any(self.world.head_painting(key) != etag for key, etag in manifest.etags().items()):
                return "a done manifest names a mixture"
        return None

    def at_the_end(self) -> str | None:
        manifest = self.world.manifest
        if self.newest is None:
            described = manifest is not None and manifest.status != "refused"
            return None if described or not self.was_done else "a deleted photo's paintings are not described any more"
        facts = self.announced[self.newest]
        expected = "done" if self.case.pictures[self.newest - 1] else "refused"
        if manifest is None or manifest.status != expected or manifest.photo.version_id != facts.version_id:
            return f"expected a {expected} manifest of the newest version, got {manifest and manifest.status}"
        if int(facts.version_id or 0) in self.explicit and not (manifest.recipe or {}).get("explicit"):
            return "a bare event has undone an explicit recipe"
        there = {key for key in self.world.files if key.startswith(f"{CAT.key}/")} - {manifest_key(CAT.key)}
        if there != set(manifest.etags()) and self.late == self.case.late:
            return "paintings that no manifest names"
        return None

    def dog_at_the_end(self) -> str | None:
        manifest = self.world.manifest_of(DOG.key)
        if manifest is None or not manifest.is_done:
            return f"expected a done manifest of the dog, got {manifest and manifest.status}"
        is_whole = all(self.world.head_painting(key) == etag for key, etag in manifest.etags().items())
        return None if is_whole else "the dog's manifest names a mixture"


class AtRandom:
    """Chooses by chance; `eagerness` is how much likelier than anything else a run goes on that went last."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance, self._eagerness = chance, chance.choice([1, 4, 16])

    def __call__(self, choices: list[Choice]) -> int:
        last = choices[0].run
        weights = np.array([self._eagerness if c.run == last is not None else 1.0 for c in choices])
        return int(self._chance.choice(len(choices), p=weights / weights.sum()))


class Repeated:
    """Chooses as in `prefix`, then the usual; `others` are the prefixes of schedules with one more departure."""

    def __init__(self, prefix: list[int], departures: int) -> None:
        self._prefix, self._departures = prefix, departures
        self._taken: list[int] = []
        self.others: list[list[int]] = []

    def __call__(self, choices: list[Choice]) -> int:
        at = len(self._taken)
        choice = self._prefix[at] if at < len(self._prefix) else 0
        if at >= len(self._prefix) and sum(map(bool, self._taken)) < self._departures:
            self.others += [[*self._taken, other] for other in range(1, len(choices))]
        self._taken.append(choice)
        return choice


def walks(case: Case, count: int, seed: int) -> str | None:
    """Execute `count` schedules at random; return what is wrong with the first that fails, and how it went."""
    chance = np.random.default_rng(seed)
    for _ in range(count):
        schedule = Schedule(case, AtRandom(chance))
        if fault := schedule.go():
            return "\n".join([fault, *schedule.steps])
    return None


def all_within(case: Case, departures: int) -> tuple[int, str | None]:
    """Execute every schedule that departs at most so often from the usual one: how many, and what is wrong."""
    prefixes: list[list[int]] = [[]]
    executed = 0
    while prefixes:
        choose = Repeated(prefixes.pop(), departures)
        schedule = Schedule(case, choose)
        executed += 1
        if fault := schedule.go():
            return executed, "\n".join([fault, *schedule.steps])
        prefixes += choose.others
    return executed, None

"""Goes through every order in which the requests of several calls can reach S3, breadth first, with exact states.

A step of a schedule is one request of one run; or a message handed to a run, an acknowledgement, a new version of the
photo or its deletion; or a kill, a copy of a write left under way, such a copy landing, a 409 for no reason. A run is
the step that it is in and the answers since that step began; it is played again from there, so nothing is forgotten.

What must hold. Always: I1, a `done` manifest that stands names only paintings that are there; I2, the version in the
manifest never goes back; I3, a run that found no photo writes nothing. When nothing is left to do: D1, the photo has a
manifest of its newest version, `done` (or `refused` where it can't be painted); D2, by the right recipe; D3, a deleted
photo's finished paintings are still described; D4, no painting is left that no manifest names. Never: L1, a run that
gives up; L2, a state without a step; L3, a schedule without an end.
"""

from array import array
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from stylize.protocol import Call, Outcome, Record, Result, first_step
from stylize.protocol.facts import Found, Status
from stylize.protocol.requests import CHANGED, CUT_OFF, NOT_SENT, READY, AnyOf, First, Stored, Unpaintable

from .world import (
    LONG_AGO,
    NAMES,
    Budget,
    Scenario,
    broken_by,
    condition_of,
    holds,
    is_bad,
    number_of,
    operation,
    perform,
    refused,
    runs_in,
    version_in,
)

WRITES = ("put", "put manifest", "delete")


class State(NamedTuple):
    """Numbers of values, but for `photo`, the newest version, and `env`, how far the script of photos has gone."""

    photo: int
    env: int
    manifest: int
    paintings: int
    messages: int
    runs: tuple[int, ...]
    net: tuple[int, ...]
    budget: int
    seen: int


class Seen(NamedTuple):
    """The newest version that was ever done, and done explicitly."""

    done: int = 0
    explicit: int = 0


class Local(NamedTuple):
    """A run: its message, its step, and the answers since that began."""

    call: Call
    message: int
    step: Any
    answers: tuple[Any, ...] = ()
    found_no_photo: bool = False
    receives: int = 1


class Violation(Exception):
    """What was broken, and the state that it led to."""


class Explored(NamedTuple):
    """How much there was, what was broken first, and the way there."""

    states: int
    steps: int
    broken: str | None
    path: list[str]


class Explorer:
    """Explores one scenario. `start` is `first_step`, or a mutant's."""

    def __init__(self, scenario: Scenario, start: Callable[[Call], Any] = first_step) -> None:
        self.scenario, self.start = scenario, start
        self._values: list[Any] = []
        self._numbers: dict[Any, int] = {}
        self._plans: dict[int, Any] = {}
        self._following: dict[Any, int] = {}
        self._effects: dict[Any, Any] = {}
        self._runs_in: dict[int, frozenset[str]] = {}

    def explore(self, limit: int = 6_000_000) -> Explored:
        states, index, parents = [self._first()], {}, array("l", [-1])
        index[states[0]] = 0
        sources, targets = array("l"), array("l")
        at = 0
        while at < len(states):
            state = states[at]
            try:
                following = [self._tidied(new) for _, new in self._steps(state)]
                if not state.runs and all(m[0] in ("acknowledged", "hidden") for m in self._values[state.messages]):
                    self._check_end(state)
                elif not following:
                    raise Violation("L2: nothing can happen, and something is left to do")
            except Violation as violation:
                return Explored(len(states), len(targets), str(violation), self._path(states, parents, at))
            for tidy in following:
                number = index.setdefault(tidy, len(states))
                if number == len(states):
                    states.append(tidy)
                    parents.append(at)
                sources.append(at)
                targets.append(number)
            at += 1
            if len(states) > limit:
                return Explored(len(states), len(targets), f"more than {limit} states", [])
        endless = None if _ends(len(states), sources, targets) else "L3: a schedule without an end"
        return Explored(len(states), len(targets), endless, [])

    # ---------------------------------------------------------------------------------------------------- values

    def _n(self, value: Any) -> int:
        number = self._numbers.get(value)
        if number is None:
            number = self._numbers[value] = len(self._values)
            self._values.append(value)
        return number

    def _first(self) -> State:
        s = self.scenario
        known = max(s.photo, version_in(s.manifest))
        messages = tuple(
            ("queued", 1) if (kind != "event" or about <= known) and i not in s.after else ("hidden",)
            for i, (kind, about) in enumerate(s.messages)
        )
        done = version_in(s.manifest) if s.manifest and s.manifest.status is Status.DONE else 0
        seen = Seen(done, done if s.manifest and s.manifest.target.explicit else 0)
        paintings = tuple(s.files.get(name) for name in NAMES)
        n = self._n
        return State(s.photo, 0, n(s.manifest), n(paintings), n(messages), (), (), n(s.budget), n(seen))

    # ------------------------------------------------------------------------------------------------------ runs

    def _plan(self, run: int) -> Any:
        """An Outcome, or the (request, number of its operation) that the run has under way."""
        plan = self._plans.get(run)
        if plan is None:
            local = self._values[run]
            asked = _play(local)
            if not isinstance(asked, Outcome):
                requests = asked.requests if isinstance(asked, AnyOf) else (asked,)
                asked = [(r, self._n(operation(local.step, r)), isinstance(asked, AnyOf)) for r in requests]
            plan = self._plans[run] = asked
        return plan

    def _begun(self, local: Local) -> int:
        """The run, in the first step that asks for something."""
        while True:
            asked = _play(local)
            if not hasattr(asked, "take"):
                return self._n(local)
            local = local._replace(step=asked, answers=())

    def _answered(self, run: int, which: int, answer: Any) -> int:
        key = (run, which, answer)
        following = self._following.get(key)
        if following is None:
            local = self._values[run]
            request, op, is_parallel = self._plan(run)[which]
            if self._values[op] == ("photo",) and answer is None:
                local = local._replace(found_no_photo=True)
            given = First(request, answer) if is_parallel else answer
            following = self._following[key] = self._begun(local._replace(answers=(*local.answers, given)))
        return following

    # ----------------------------------------------------------------------------------------------------- steps

    def _steps(self, state: State) -> Iterator[tuple[str, State]]:
        s, v = self.scenario, self._values
        if state.env < len(s.env):
            match s.env[state.env]:
                case ("put", version):
                    shown = self._announced(v[state.messages], version)
                    yield f"photo {version} is put", state._replace(photo=version, env=state.env + 1, messages=shown)
                case ("delete",):
                    yield "the photo is deleted", state._replace(photo=0, env=state.env + 1)
        alive = {v[run].call.run for run in state.runs}
        for j, run in enumerate(state.runs):
            rest = state.runs[:j] + state.runs[j + 1 :]
            yield from self._moves(state._replace(runs=rest), run, alive)
        if len(state.runs) < s.alive:
            yield from self._starts(state, alive)
        for i, op in enumerate(state.net):
            _, manifest, paintings, broken = self._effect(op, state.manifest, state.paintings)
            if (manifest, paintings) != (state.manifest, state.paintings):
                net = state.net[:i] + state.net[i + 1 :]
                yield f"late {v[op]}", self._written(state._replace(net=net), manifest, paintings, broken)

    def _starts(self, state: State, alive: set[str]) -> Iterator[tuple[str, State]]:
        """A message is handed out; that is one step with the run's first request."""
        messages, tried = self._values[state.messages], set()
        for i, message in enumerate(messages):
            match message:
                case ("queued", receives):
                    pass
                case ("waiting", record, receives):
                    if record == self._values[state.manifest] and record.id.run in alive:
                        continue
                case _:
                    continue
            if (self.scenario.messages[i], message) in tried:
                continue
            tried.add((self.scenario.messages[i], message))
            call = self.scenario.call(self.scenario.messages[i], self._unused(state), receives)
            run = self._begun(Local(call, i, self.start(call), receives=receives))
            taken = self._n((*messages[:i], ("taken",), *messages[i + 1 :]))
            yield from self._moves(state._replace(messages=taken), run, alive | {call.run})

    def _moves(self, state: State, run: int, alive: set[str]) -> Iterator[tuple[str, State]]:
        """All that `run`, which is not in `state.runs`, can do next."""
        v, local, plan, budget = self._values, self._values[run], self._plan(run), self._values[state.budget]
        who = f"run {local.call.run} ({type(local.step).__name__})"
        if budget.kills:
            spent = self._n(budget._replace(kills=budget.kills - 1))
            yield f"{who} is killed", self._returned(state._replace(budget=spent), local, killed=True)
        if isinstance(plan, Outcome):
            yield f"{who} ends: {plan.result}", self._ended(state, local, plan)
            return
        if self._is_symmetric(state):
            plan = plan[:1]
        for which, (_, number, _) in enumerate(plan):
            op = v[number]
            for answer, new in self._performed(state, local, op, number, alive):
                after = _inserted(new.runs, self._answered(run, which, answer))
                yield f"{who}: {op} -> {answer}", new._replace(runs=after)
            if op[0] in WRITES and budget.late:
                spent = self._n(budget._replace(late=budget.late - 1))
                left = state._replace(runs=_inserted(state.runs, run), net=_inserted(state.net, number), budget=spent)
                yield f"{who}: a copy of {op} stays under way", left

    def _performed(
        self, state: State, local: Local, op: Any, number: int, alive: set[str]
    ) -> Iterator[tuple[Any, State]]:
        """Every answer that the operation can have, and what it leaves."""
        s, v, budget = self.scenario, self._values, self._values[state.budget]
        match op:
            case ("photo",):
                for age in self._ages(state, local.call):
                    yield (s.photo_as(local.call, state.photo, age) if state.photo else None), state
            case ("read", target):
                in_hand: Any = Unpaintable() if is_bad(target) or target.recipe is None else READY
                yield in_hand, state
                if not local.call.brings_photo and number_of(target.version) != state.photo:
                    yield CHANGED, state  # unless the first look had opened it
            case ("upload", content):
                version = next(n for n in (1, 2, 3) if s.content(n) == content)
                shown = self._announced(v[state.messages], version)
                yield s.version(version), state._replace(photo=version, messages=shown)
            case ("same", etag):
                yield Stored(etag), state
            case ("withdraw", put):
                yield NOT_SENT, state
                if put[0] == "put":
                    yield from self._performed(state, local, put, self._n(put), alive)
            case ("list",) if s.heads:
                yield CUT_OFF, state
            case ("get manifest",):
                yield from self._manifests(state, local, alive)
            case _:
                answer, manifest, paintings, broken = self._effect(number, state.manifest, state.paintings)
                is_write = op[0] in WRITES
                if is_write and local.found_no_photo:
                    raise Violation("I3: a run that found no photo writes")
                yield v[answer], self._written(state, manifest, paintings, broken)
                if is_write and budget.refusals and (manifest, paintings) != (state.manifest, state.paintings):
                    spent = self._n(budget._replace(refusals=budget.refusals - 1))
                    yield refused(op), state._replace(budget=spent)

    def _ages(self, state: State, call: Call) -> tuple[float, ...]:
        """Seconds since the photo was put; they matter to older events only."""
        said = call.announced
        return (0.0, LONG_AGO) if said and state.photo and number_of(said.version) != state.photo else (0.0,)

    def _manifests(self, state: State, local: Local, alive: set[str]) -> Iterator[tuple[Any, State]]:
        """The manifest; of a claim also its age: old only if its run is dead, and then not always."""
        record: Record | None = self._values[state.manifest]
        budget: Budget = self._values[state.budget]
        if record is None or record.status is not Status.PAINTING:
            yield (Found(record, record) if record else None), state  # type: ignore[arg-type]
            return
        young, old = Found(record, record, 0.0), Found(record, record, LONG_AGO)  # type: ignore[arg-type]
        if record.id.run in alive:
            yield young, state
            if budget.impatience and record.id.run != local.call.run:
                yield old, state._replace(budget=self._n(budget._replace(impatience=budget.impatience - 1)))
        else:
            yield old, state
            if local.receives == 1:  # dead, but not for long enough to tell
                yield young, state

    def _effect(self, op: int, manifest: int, paintings: int) -> tuple[int, int, int, str | None]:
        key = (op, manifest, paintings)
        effect = self._effects.get(key)
        if effect is None:
            v = self._values
            answer, new, etags = perform(v[op], v[manifest], v[paintings])
            changed = (new, etags) != (v[manifest], v[paintings])
            broken = broken_by(v[manifest], new, etags) if changed else None
            effect = self._effects[key] = (self._n(answer), self._n(new), self._n(etags), broken)
        return effect

    def _written(self, state: State, manifest: int, paintings: int, broken: str | None) -> State:
        if broken:
            raise Violation(broken)
        record, seen = self._values[manifest], state.seen
        if manifest != state.manifest and record and record.status is Status.DONE:
            was, version = self._values[seen], version_in(record)
            explicit = max(was.explicit, version if record.target.explicit else 0)
            seen = self._n(Seen(max(was.done, version), explicit))
        return state._replace(manifest=manifest, paintings=paintings, seen=seen)

    def _ended(self, state: State, local: Local, outcome: Outcome) -> State:
        if outcome.result is Result.WAIT:
            return self._message(state, local.message, ("waiting", outcome.record, 2))
        if outcome.result is Result.GAVE_UP and not local.call.brings_photo:
            raise Violation("L1: a run gives up")
        return self._message(state, local.message, ("acknowledged",))

    def _returned(self, state: State, local: Local, killed: bool) -> State:
        is_lost = killed and local.message in self.scenario.lost
        return self._message(state, local.message, ("acknowledged",) if is_lost else ("queued", 2))

    def _message(self, state: State, i: int, now: tuple[Any, ...]) -> State:
        messages = list(self._values[state.messages])
        messages[i] = now
        if now[0] == "acknowledged":
            for later, first in self.scenario.after.items():
                if first == i and messages[later] == ("hidden",):
                    messages[later] = ("queued", 1)
        return state._replace(messages=self._n(tuple(messages)))

    def _announced(self, messages: tuple[Any, ...], version: int) -> int:
        both = zip(messages, self.scenario.messages, strict=True)
        now = [("queued", 1) if (m, about) == (("hidden",), ("event", version)) else m for m, about in both]
        return self._n(tuple(now))

    def _unused(self, state: State) -> str:
        """The smallest name that nothing refers to any more."""
        used: set[str] = set()
        for number in (state.manifest, state.paintings, state.messages, *state.runs, *state.net):
            refers = self._runs_in.get(number)
            if refers is None:
                refers = self._runs_in[number] = frozenset(r[-1] for r in runs_in(self._values[number]))
            used |= refers
        return next(str(i) for i in range(10) if str(i) not in used)

    # ------------------------------------------------------------------------------------------------ reductions

    def _is_symmetric(self, state: State) -> bool:
        """x and y can't be told apart yet, so x goes first."""
        s = self.scenario
        return (
            not s.files
            and not s.bare
            and all(kind == "event" for kind, _ in s.messages)
            and "bad" not in s.bytes.values()
            and self._values[state.paintings] == (None, None, None)
            and self._values[state.budget].refusals == s.budget.refusals
            and not any(self._values[op][0] == "put" for op in state.net)
        )

    def _tidied(self, state: State) -> State:
        """The same as far as anybody can tell: what nothing can influence any more happens at once."""
        v = self._values
        no_kills = not v[state.budget].kills
        is_fixed = state.env == len(self.scenario.env) and self.scenario.messages[0][0] != "api"
        for j, run in enumerate(state.runs):
            rest = state._replace(runs=state.runs[:j] + state.runs[j + 1 :])
            plan, local = self._plan(run), v[run]
            if isinstance(plan, Outcome):
                if no_kills:
                    return self._tidied(self._ended(rest, local, plan))
                continue
            for which, (_, number, _) in enumerate(plan):
                op = v[number]
                if op[0] == "same" or (is_fixed and op[0] in ("photo", "read")):
                    answers = list(self._performed(rest, local, op, number, set()))
                    if len(answers) == 1:
                        answer, new = answers[0]
                        return self._tidied(new._replace(runs=_inserted(new.runs, self._answered(run, which, answer))))
        net = tuple(op for op in state.net if self._may_land(v[op], state))
        return state if net == state.net else state._replace(net=net)

    def _may_land(self, op: Any, state: State) -> bool:
        """No manifest is current twice; nor is a salted painting, unless its run is alive or another copy is about."""
        condition = condition_of(op)
        if op[0] == "put manifest":
            return holds(condition, self._values[state.manifest])
        salt = condition[3] if isinstance(condition, tuple) else None
        if salt and self.scenario.budget.late == 1:
            there = self._values[state.paintings][NAMES.index(op[1])]
            return there == condition or salt.run in {self._values[r].call.run for r in state.runs}
        return True

    # ------------------------------------------------------------------------------------------------------- end

    def _check_end(self, state: State) -> None:
        """What holds when every message is acknowledged."""
        s, v = self.scenario, self._values
        record, etags, seen, version = v[state.manifest], v[state.paintings], v[state.seen], state.photo
        named = dict(record.files) if record else {}
        if any(etags[NAMES.index(name)] != etag for name, etag in named.items()):
            raise Violation("D1: the manifest names a mixture")
        if not version:
            if seen.done and (record is None or record.status is Status.REFUSED):
                raise Violation("D3: a deleted photo's finished paintings are no longer described")
            return
        right = Status.REFUSED if s.content(version) == "bad" else Status.DONE
        if record is None or record.status is not right or version_in(record) != version:
            status = record.status if record else "no"
            raise Violation(f"D1: version {version} of the photo, {status} manifest of version {version_in(record)}")
        if seen.explicit == version and not record.target.explicit:
            raise Violation("D2: a bare event has undone an explicit recipe")
        if right is Status.DONE and seen.explicit != version and record.target.recipe != s.dish(version):
            raise Violation("D2: painted by another recipe than the photo asks for")
        strays = [name for name, etag in zip(NAMES, etags, strict=True) if etag is not None and name not in named]
        if strays and s.strict and v[state.budget].late == s.budget.late:
            raise Violation(f"D4: paintings that no manifest names: {strays}")

    def _path(self, states: list[State], parents: Any, at: int) -> list[str]:
        path: list[str] = []
        while parents[at] >= 0:
            old, new = states[parents[at]], states[at]
            path.append(next((text for text, state in self._steps(old) if self._tidied(state) == new), "?"))
            at = parents[at]
        return path[::-1]


def _play(local: Local) -> Any:
    """The request that a run has under way, or what its step ended with."""
    asking = local.step.take()
    try:
        asked = next(asking)
        for answer in local.answers:
            asked = asking.send(answer)
    except StopIteration as stop:
        return stop.value
    return asked


def _inserted(numbers: tuple[int, ...], number: int) -> tuple[int, ...]:
    return tuple(sorted((*numbers, number)))


def _ends(size: int, sources: Any, targets: Any) -> bool:
    """Whether steps can be put in order, so that every schedule, fair or not, comes to an end."""
    waiting = array("l", bytes(8 * size))
    for target in targets:
        waiting[target] += 1
    first = array("l", bytes(8 * (size + 1)))  # sources come in order
    for source in sources:
        first[source + 1] += 1
    for i in range(size):
        first[i + 1] += first[i]
    ready = [i for i in range(size) if not waiting[i]]
    ordered = 0
    while ready:
        source = ready.pop()
        ordered += 1
        for edge in range(first[source], first[source + 1]):
            target = targets[edge]
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return ordered == size

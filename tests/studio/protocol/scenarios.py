"""What is explored: calls that meet, and what goes wrong meanwhile."""

from typing import Any

from stylize.protocol.facts import ClaimId, PhotoVersion, Record, Status, Target

from .world import Budget, Dish, Scenario

E1, E2, E3, W, U, D = ("event", 1), ("event", 2), ("event", 3), ("explicit", "W"), ("explicit", "U"), ("explicit", "D")
PUT2, PUT3, DELETE = ("put", 2), ("put", 3), ("delete",)


def scenarios() -> list[Scenario]:
    """All of them; the `deep` ones take minutes each."""
    nothing_readable = Record(Status.UNREADABLE, Target(PhotoVersion(), None, explicit=False), ClaimId("99", 0))
    foreign = ("x", "q", Dish("D"), None)
    return [
        scenario("a photo", [E1], kills=2, late=1, refusals=1),
        scenario("the same event twice", [E1, E1], kills=1, late=1),
        scenario("replaced while painted", [E1, E2], env=(PUT2,), kills=1, late=1),
        scenario("replaced, two late copies", [E1, E2], env=(PUT2,), late=2, deep=True),
        scenario("replaced, a refusal", [E1, E2], env=(PUT2,), kills=1, refusals=1),
        scenario("replaced, three runs", [E1, E1, E2], env=(PUT2,), deep=True),
        scenario("replaced, impatience", [E1, E2, E2], env=(PUT2,), impatience=1, deep=True),
        *_each("replaced, other names", [E1, E2], env=(PUT2,), bare={2: "W"}),
        scenario("replaced, other names, a refusal", [E1, E2], env=(PUT2,), refusals=1, bare={2: "W"}),
        *_each("painted again", [E2, E2], photo=2, impatience=1, start=(1,)),
        scenario("painted again, redriven", [E1, E2], photo=2, kills=1, late=1, start=(1,)),
        scenario("painted again, two late copies", [E2, E3], env=(PUT3,), photo=2, late=2, start=(1,), deep=True),
        *_each("to other bytes and back", [E2, E3], env=(PUT2, PUT3), bytes={3: "a"}, start=(1,)),
        scenario("from nothing, and back", [E1, E2, E3], env=(PUT2, PUT3), bytes={3: "a"}, late=1, alive=2, deep=True),
        scenario("three versions", [E1, E2, E3], env=(PUT2, PUT3), deep=True),
        scenario("three versions, a kill", [E1, E2, E3], env=(PUT2, PUT3), kills=1, alive=2, deep=True),
        *_each("replaced, then deleted", [E1, E2], env=(PUT2, DELETE)),
        scenario("redriven after its deletion", [E1, E1], env=(DELETE,), photo=2, kills=1, start=(2,)),
        scenario("deleted and put again", [E1, E2], env=(DELETE, PUT2), bytes={2: "a"}, kills=1, late=1),
        scenario("explicit, then its event", [W, E1], kills=1, late=1, start=(1,)),
        *_each("explicit, and a new photo", [W, E1]),
        *_each("explicit, while replaced", [W, E2], env=(PUT2,), start=(1,)),
        *_each("two explicit recipes", [W, U], start=(1,)),
        scenario("two explicit recipes, a new photo", [W, U, E1], alive=2),
        scenario("two explicit recipes, listings cut off", [W, U, E1], alive=2, heads=True, deep=True),
        *_each("explicit there and back", [W, D], start=(1,)),
        scenario("explicit there and back, two late copies", [W, D], late=2, start=(1,), deep=True),
        scenario("explicit, never sent again", [W, E1], kills=1, lost=(0,), after={1: 0}, start=(1,)),
        scenario("brought along", [("api", 1), E1, E1], photo=0, kills=1, late=1, lost=(0,), strict=False),
        scenario("replaced by no photo", [E1, E2], env=(PUT2,), bytes={2: "bad"}, kills=1, late=1),
        scenario("replaced by no photo, a refusal", [E1, E2], env=(PUT2,), bytes={2: "bad"}, refusals=1),
        scenario("no photo, replaced by one", [E1, E2], env=(PUT2,), bytes={1: "bad"}, kills=1, late=1),
        scenario(
            "leftovers",
            [E1],
            kills=1,
            late=1,
            strict=False,
            files={"x": ("x", "a", Dish("D"), None), "z": ("z", "q", Dish("W"), None)},
        ),
        scenario("leftovers, three runs' worth", [E2, E3], env=(PUT3,), photo=2, files={"x": foreign}, start=(1,)),
        scenario("foreign leftovers", [E1, E1], kills=1, files={"x": foreign}),
        scenario("foreign leftovers, listings cut off", [E1, E1], kills=1, files={"x": foreign}, heads=True),
        scenario("an unreadable manifest", [E1, E1], kills=1, late=1, manifest=nothing_readable, files={"x": foreign}),
    ]


def _each(name: str, messages: list[Any], **given: Any) -> list[Scenario]:
    """With a kill, with a late copy, and (deep) with both."""
    return [
        scenario(f"{name}, a kill", messages, kills=1, **given),
        scenario(f"{name}, a late copy", messages, late=1, **given),
        scenario(f"{name}, both", messages, kills=1, late=1, deep=True, **given),
    ]


def scenario(
    name: str,
    messages: list[Any],
    kills: int = 0,
    late: int = 0,
    refusals: int = 0,
    impatience: int = 0,
    start: tuple[int, ...] = (),
    **given: Any,
) -> Scenario:
    made = Scenario(name, tuple(messages), budget=Budget(kills, late, refusals, impatience), **given)
    if not start:
        return made
    files = made.files
    (version,) = start
    made.painted(version)
    made.files = {**made.files, **files}
    return made

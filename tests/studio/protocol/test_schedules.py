"""The real studio keeps its promises in every order in which its requests reach the store."""

import os

import pytest

from .schedules import Case, all_within, walks

DEPARTURES, WALKS = (2, 800) if os.environ.get("CHECK_PROTOCOL") else (1, 25)
"""From the usual schedule; `make check-protocol` goes further than `make test`."""

CASES = {
    "an event twice": Case((1, 1), kills=1),
    "replaced": Case((1, 2), later=(2,), kills=1),
    "replaced, a late write": Case((1, 2), later=(2,), late=1),
    "replaced, other styles": Case(
        (1, 2), later=(2,), styles=("sketch+color-pencil", "sketch+oil"), kills=1, refusals=1
    ),
    "to another picture and back": Case((2, 3), painted=(1,), later=(2, 3), pictures=(1, 2, 1), late=1),
    "redriven, then deleted": Case((1,), first=(1, 2), painted=(2,), later=(None,), kills=1),
    "replaced, then deleted": Case((1, 2), later=(2, None), late=1),
    "an explicit recipe and an event": Case(("sketch+oil", 1), painted=(1,), kills=1),
    "two explicit recipes": Case(("sketch+oil", "oil"), painted=(1,), late=1),
    "replaced by no picture": Case((1, 2), later=(2,), pictures=(1, 0), late=1),
    "no picture, replaced by one": Case((1, 2), later=(2,), pictures=(0, 1), kills=1),
    "a batch with an event twice": Case((1, 0, 1), batch=3, kills=1, late=1),
    "a batch with two versions": Case((1, 2, 0), first=(1, 2), batch=3, kills=1),
    "a batch, replaced": Case((0, 1, 2), later=(2,), batch=2, kills=1),
    "batches, a late write": Case((1, 0, 2, 1), later=(2,), batch=2, late=1),
    "a batch, replaced, then deleted": Case((1, 0, 2), later=(2, None), batch=3, late=1),
}


@pytest.mark.parametrize("name", CASES)
def test_every_schedule_near_the_usual_one(name):
    """Near the usual schedule: no mixture, no older version, nothing lost, nothing left, at any step."""
    executed, fault = all_within(CASES[name], DEPARTURES)
    assert fault is None, fault
    assert executed > 5


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_schedules_at_random(name):
    """The same promises hold in random schedules, far from the usual one."""
    fault = walks(CASES[name], WALKS, seed=len(name))
    assert fault is None, fault


@pytest.mark.slow
@pytest.mark.parametrize(("batch", "first_seed"), [(0, 0), (2, 10)], ids=["calls", "batches"])
def test_a_fault_would_be_found(batch, first_seed, monkeypatch):
    """This test can fail: without salt, a late run finds the ETag that it was to replace on another painting."""
    monkeypatch.setattr("stylize.studio.photo_requests.salted", lambda content, fmt, salt: content)
    case = Case((2, 3), painted=(1,), later=(2, 3), pictures=(1, 2, 1), batch=batch)
    found = (walks(case, 400, seed) for seed in range(first_seed, first_seed + 20))
    assert "mixture" in next(filter(None, found))

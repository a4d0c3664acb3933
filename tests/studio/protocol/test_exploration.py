"""The protocol keeps its promises in every order in which requests can reach S3, and needs each of its rules."""

import os
from pathlib import Path

import pytest

from .explorer import Explorer
from .mutants import MUTANTS
from .scenarios import scenarios

SCENARIOS = {scenario.name: scenario for scenario in scenarios() if not scenario.deep}
CHECK = bool(os.environ.get("CHECK_PROTOCOL"))
"""`make check-protocol` explores all but the deepest; `make test` only what takes a second or two."""

QUICK = (
    "a photo",
    "the same event twice",
    "replaced, other names, a late copy",
    "replaced, other names, a refusal",
    "redriven after its deletion",
    "explicit, never sent again",
    "replaced by no photo",
    "replaced by no photo, a refusal",
    "leftovers",
    "leftovers, three runs' worth",
)
LONGEST = (
    "the photo is looked for last",
    "after a painting that differs from the expected one, the claim is checked again",
)


@pytest.mark.parametrize("name", SCENARIOS if CHECK else QUICK)
def test_every_order(name):
    """In every order: no mixture at any moment, no older version, nothing lost, nothing left, and an end."""
    explored = Explorer(SCENARIOS[name]).explore()
    assert explored.broken is None, "\n".join([explored.broken, *explored.path])
    assert explored.states > 50


@pytest.mark.slow
@pytest.mark.parametrize("mutant", [m for m in MUTANTS if CHECK or m.rule not in LONGEST], ids=lambda m: m.rule)
def test_every_rule_is_needed(mutant):
    """Without the rule, the check finds a violation."""
    explored = Explorer(mutant.scenario, mutant.first_step()).explore()
    assert explored.broken is not None
    assert explored.broken.startswith(mutant.breaks)


def test_the_rules_stand_in_the_documentation():
    """docs/architecture.md lists exactly these rules, with the violation that each prevents."""
    page = (Path(__file__).parents[3] / "docs" / "architecture.md").read_text("utf-8")
    table = page.partition("| rule | violation without it |\n| --- | --- |\n")[2].partition("\n\n")[0]
    assert table.splitlines() == [f"| {mutant.rule} | {mutant.breaks} |" for mutant in MUTANTS]

"""Explores scenarios by name, or all that are not deep: `python -m tests.studio.protocol [deep] [NAME...]`."""

import sys
from time import perf_counter

from .explorer import Explorer
from .scenarios import scenarios

asked = sys.argv[1:]
broken = 0
for scenario in scenarios():
    if scenario.name in asked or (asked in ([], ["deep"]) and (not scenario.deep or asked)):
        start = perf_counter()
        found = Explorer(scenario).explore()
        print(
            f"{scenario.name:45} {found.states:9,} states {found.steps:10,} steps {perf_counter() - start:6.1f} s  "
            f"{found.broken or 'holds'}",
            flush=True,
        )
        broken += found.broken is not None
        for step in found.path:
            print("    ", step)
sys.exit(bool(broken))

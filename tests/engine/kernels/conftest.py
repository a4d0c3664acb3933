"""The painters that the suite runs on: the reference, and the native kernels at every level of this machine.

STYLIZE_TEST_LIBRARY names another library than the one beside library.py, such as one built with sanitizers.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from stylize.engine import reference
from stylize.engine.kernels import library, native

LIBRARY = Path(os.environ.get("STYLIZE_TEST_LIBRARY") or library.LIBRARY)


def levels() -> list[str]:
    best = library.Library(LIBRARY).level
    return ["baseline"] if best == "baseline" else ["baseline", best]


@pytest.fixture(params=levels())
def kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`native`, at one level of the processor."""
    monkeypatch.setattr(library, "LIBRARY", LIBRARY)
    monkeypatch.setenv(library.LEVEL_VARIABLE, request.param)
    return native


@pytest.fixture(params=["reference", *levels()])
def painter(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """`reference`, then `native` at each level: whoever paints must keep the same promises."""
    if request.param == "reference":
        yield reference
        return
    monkeypatch.setattr(library, "LIBRARY", LIBRARY)
    monkeypatch.setenv(library.LEVEL_VARIABLE, request.param)
    yield native

"""The library that the suite runs on, at every target that this machine runs.

STYLIZE_TEST_LIBRARY names another library than the one beside library.py, such as one built with sanitizers.
"""

import os
from pathlib import Path

import cv2
import numpy as np
import pytest

from stylize.engine.kernels.library import LIBRARY, Library
from tests.support.native import Native
from tests.support.pictures import Picture, picture


def path() -> Path:
    return Path(os.environ.get("STYLIZE_TEST_LIBRARY") or LIBRARY)


def targets() -> list[str]:
    best = Library(path()).target
    return ["baseline"] if best == "baseline" else ["baseline", best]


@pytest.fixture
def library_path() -> Path:
    return path()


@pytest.fixture(params=targets())
def library(request: pytest.FixtureRequest, library_path: Path) -> Library:
    """One target of the library."""
    return Library(library_path, request.param)


@pytest.fixture
def baseline(library_path: Path) -> Library:
    """The target that every other one is compared with."""
    return Library(library_path, "baseline")


@pytest.fixture
def native(library: Library) -> Native:
    """The functions of the reference, painted by one target of the library."""
    return Native(library)


@pytest.fixture
def photo() -> Picture:
    """A larger scene, enlarged as a camera's picture is smooth."""
    enlarged = cv2.resize(picture("scene", 150, 200), (400, 300), interpolation=cv2.INTER_CUBIC)
    return Picture("scene 150x200, seed 1, enlarged to 300x400", enlarged)


@pytest.fixture
def long_lines(kind: str, is_upright: bool) -> Picture:
    """Two rows or columns of 65535 pixels."""
    rows = np.tile(picture(kind, 2, 1311), (1, 50, 1))[:, :65535]
    lines = rows.swapaxes(0, 1) if is_upright else rows
    name = f"{kind} 2x1311, seed 1, repeated to {lines.shape[0]}x{lines.shape[1]}"
    return Picture(name, np.ascontiguousarray(lines))

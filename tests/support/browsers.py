"""Browsers of the distribution. Where one is missing, its tests fail in CI and are skipped elsewhere."""

import os
import shutil

import pytest


def program(*names: str) -> str:
    """Return the path of the first of these programs that is installed."""
    for name in names:
        if found := shutil.which(name):
            return found
    told = f"expected {names[0]} on PATH, found none: apt-get install {names[0]}"
    if "CI" in os.environ:
        pytest.fail(told)
    pytest.skip(told)

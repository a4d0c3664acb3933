"""The soak, at the size of a test: `make soak` is the same with 2,000 photos."""

import subprocess
import sys

import pytest

from tests.support import ROOT

pytestmark = pytest.mark.slow


def test_a_hundred_photos():
    """With bad photos, duplicate events and killed workers, the manifests are right and memory stays steady."""
    command = [sys.executable, "-m", "tests.soak", "100"]  # a process of its own: moto has one cloud per process
    soak = subprocess.run(command, cwd=ROOT, timeout=150, capture_output=True, text=True)
    assert soak.returncode == 0, soak.stdout + soak.stderr
    assert "100 photos" in soak.stdout
    assert " 0 workers killed" not in soak.stdout

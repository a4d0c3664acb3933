"""What the project promises to those who work on it: its verbs, its locks, its version."""

import re
import subprocess
from pathlib import Path

import pytest

import stylize

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = [ROOT / "functions" / "requirements.txt", ROOT / "layers" / "opencv" / "requirements.txt"]
LOCKS = [ROOT / "requirements.lock", *sorted((ROOT / "requirements").glob("*.lock")), *SHIPPED]
MAKEFILES = [ROOT / "Makefile", ROOT / "functions" / "Makefile", ROOT / "layers" / "opencv" / "Makefile"]
PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def joined(file: Path) -> str:
    """The text of a file, lines that end in a backslash joined with the next."""
    return re.sub(r"\\\n\s*", " ", file.read_text("utf-8"))


def test_make_help_lists_every_verb():
    """A verb that is not listed is not found: each is there, with what it does."""
    verbs = re.findall(r"^([a-z0-9-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    told = subprocess.run(["make", "--silent", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  make (\S+) +\S", told, re.MULTILINE) == verbs


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_lock_pins_every_file_by_its_hash(lock):
    """Each package has one version, at least one hash, and no address that it comes from."""
    requirements = [line for line in joined(lock).splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert requirements
    for requirement in requirements:
        assert PINNED.match(requirement), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", requirement), requirement
        assert "://" not in requirement


def test_what_ships_is_what_is_tested():
    """Function and layer have versions that the tests ran with, some on another Python."""
    tested = set(PINNED.findall((ROOT / "requirements.lock").read_text("utf-8")))
    for lock in SHIPPED:
        assert set(PINNED.findall(lock.read_text("utf-8"))) <= tested


@pytest.mark.parametrize("makefile", MAKEFILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_is_installed_without_a_hash(makefile):
    """Every `pip install` asks for hashes, or reaches no index at all."""
    installs = re.findall(r"-m pip install .+", joined(makefile))
    assert installs
    assert [line for line in installs if "--require-hashes" not in line and "--no-index" not in line] == []


def test_the_changelog_begins_with_this_version():
    """Whoever updates finds what has changed."""
    first = re.search(r"^## (\S+?),? ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert first
    assert first[1] == stylize.__version__

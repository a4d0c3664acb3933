"""What the project promises to those who work on it: its verbs, its locks, its version, the tests that pages name."""

import re
import subprocess
from pathlib import Path

import pytest

import stylize
from tests.support import ROOT

SHIPPED = [ROOT / "functions" / "requirements.txt", ROOT / "layers" / "opencv" / "requirements.txt"]
LOCKS = [ROOT / "requirements.lock", *sorted((ROOT / "requirements").glob("*.lock")), *SHIPPED]
MAKEFILES = [ROOT / "Makefile", ROOT / "functions" / "Makefile", ROOT / "layers" / "opencv" / "Makefile"]
TESTS = ROOT / "tests"
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
EXAMPLE = "tests/engine/kernels/test_poster.py"
"""Of a style that CONTRIBUTING.md only imagines."""

PINNED = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)


def joined(file: Path) -> str:
    """The text of a file, lines that end in a backslash joined with the next."""
    return re.sub(r"\\\n\s*", " ", file.read_text("utf-8"))


def test_make_help_lists_every_verb():
    """`make help` lists every verb with a description."""
    verbs = re.findall(r"^([a-z0-9-]+):(?!=)", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    told = subprocess.run(["make", "--silent", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.findall(r"^  make (\S+) +\S", told, re.MULTILINE) == verbs


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_a_lock_pins_every_file_by_its_hash(lock):
    """Each package in a lock has one version, at least one hash, and no index address."""
    requirements = [line for line in joined(lock).splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert requirements
    for requirement in requirements:
        assert PINNED.match(requirement), requirement
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", requirement), requirement
        assert "://" not in requirement


def test_what_ships_is_what_is_tested():
    """Function and layer ship only versions that the tests ran with, some on another Python."""
    tested = set(PINNED.findall((ROOT / "requirements.lock").read_text("utf-8")))
    for lock in SHIPPED:
        assert set(PINNED.findall(lock.read_text("utf-8"))) <= tested


@pytest.mark.parametrize("makefile", MAKEFILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nothing_is_installed_without_a_hash(makefile):
    """Every `pip install` requires hashes, or uses no index."""
    installs = re.findall(r"-m pip install .+", joined(makefile))
    assert installs
    assert [line for line in installs if "--require-hashes" not in line and "--no-index" not in line] == []


def test_the_changelog_begins_with_this_version():
    """The changelog begins with the current version."""
    first = re.search(r"^## (\S+?),? ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert first
    assert first[1] == stylize.__version__


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_tests_that_a_page_names_are_there(page):
    """Every test file and test function that a page names exists."""
    text = page.read_text("utf-8")
    for path in re.findall(r"\btests/(?:[a-z_]+/)*", text):
        assert (ROOT / path).is_dir(), path
    for path, function in re.findall(r"((?:\w+/)*test_\w+\.py)(?:::(test_\w+))?", text):
        file = TESTS / path.removeprefix("tests/")
        assert file.exists() or path == EXAMPLE, path
        assert not function or function in functions_of(file), f"{path}::{function}"
    everywhere = {name for file in TESTS.rglob("test_*.py") for name in functions_of(file)}
    assert set(re.findall(r"`(test_\w+)`", text)) <= everywhere


def test_operations_name_a_test_for_every_fault():
    """Each row of the faults table names a test."""
    text = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (table,) = re.findall(r"^\| fault \| promise \| test \|\n.*\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert len(table.splitlines()) >= 15
    assert all("/test_" in row.rpartition(" | ")[2] for row in table.splitlines())


def functions_of(file: Path) -> set[str]:
    return set(re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE))

"""`make advisories`: its messages and exit statuses for the answers of a vulnerability list."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
SOUND = {"name": "sound", "version": "1.0", "vulns": []}
HURT = {"name": "hurt", "version": "2.0", "vulns": [{"id": "CVE-2026-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "sound", "skip_reason": "not found"}


@pytest.fixture(scope="module")
def advisories() -> ModuleType:
    spec = importlib.util.spec_from_file_location("advisories", ROOT / "requirements" / "check_advisories.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("answers", "status", "said"),
    [
        ([SOUND], 0, "1 versions checked, no known vulnerability"),
        ([HURT, SOUND], 1, "hurt 2.0: CVE-2026-1, fixed in 2.1"),
        ([SKIPPED], 2, "1 of 1 versions NOT CHECKED"),
        ([HURT, SKIPPED], 1, "1 of 2 versions NOT CHECKED"),
        ([], 2, "1 of 1 versions NOT CHECKED"),
    ],
)
def test_what_was_not_looked_up_is_not_sound(advisories, capsys, answers, status, said):
    """A version that the list does not know is reported as unchecked."""
    assert advisories.report(["sound==1.0", "hurt==2.0"][: len(answers) or 1], answers) == status
    told = capsys.readouterr()
    assert said in told.out + told.err


def test_every_version_of_every_lock_is_asked_for(advisories, tmp_path):
    """Versions for all Pythons and systems are looked up, in rounds with each package once."""
    lock = tmp_path / "some.lock"
    lock.write_text(
        "numpy==2.4.6 ; python_full_version < '3.12' \\\n    --hash=sha256:0\nnumpy==2.5.5 ; python_full_version >= "
        "'3.12' \\\n    --hash=sha256:1\nMoto[s3]==5.2.5\n    # via numpy==9\n",
        "utf-8",
    )
    versions = advisories.pins([lock, lock])
    assert versions == ["moto==5.2.5", "numpy==2.4.6", "numpy==2.5.5"]
    rounds = list(advisories.rounds(versions))
    assert sorted(version for some in rounds for version in some) == versions
    assert all(len({version.partition("==")[0] for version in some}) == len(some) for some in rounds)


def test_a_lock_without_versions_is_an_error(advisories, tmp_path):
    """An empty or unreadable lock is an error."""
    (tmp_path / "empty.lock").write_text("# nothing\n", "utf-8")
    with pytest.raises(ValueError, match="expected a lock with pinned versions"):
        advisories.pins([tmp_path / "empty.lock"])

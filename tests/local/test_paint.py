"""The photos that `make paint`, `make run` and `python -m local.paint` paint."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from local.paint import main
from local.photos import SAMPLE

ROOT = Path(__file__).resolve().parents[2]
AWKWARD = 'my cat (1), it\'s $HOME #2 "so" `x` & 100%.jpg'


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with photos of all kinds of names."""
    for name in ("cat.jpg", "dog.jpg", AWKWARD, "old/cat.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(SAMPLE.read_bytes())
    return tmp_path


def made(folder: Path, verb: str, photo: str) -> list[str]:
    """The arguments that `make paint PHOTO=…` gives to Python."""
    python = folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!{sys.executable}\nimport sys\nprint(*sys.argv[1:], sep="\\0", end="")\n', "utf-8")
    python.chmod(0o755)
    command = ["make", "--silent", "--old-file=setup", verb, f"BIN={python.parent}", f"PHOTO={photo}"]
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    return ended.stdout.split("\0")


@pytest.mark.parametrize("text", ["cat.jpg", AWKWARD, "cat.jpg dog.jpg", shlex.join(["cat.jpg", AWKWARD])])
def test_make_hands_over_what_was_typed(tmp_path, text):
    """File names with spaces, quotation marks, $ and # pass make and the shell unchanged."""
    assert made(tmp_path / "paint", "paint", text) == ["-m", "local.paint", "--list", text]
    assert made(tmp_path / "run", "run", text) == ["-m", "local", "--list", text]


def test_make_without_a_photo_asks_for_the_sample(tmp_path):
    """Without PHOTO, or with an empty one, make paints the sample."""
    assert made(tmp_path, "paint", "") == ["-m", "local.paint"]


@pytest.fixture
def painted(photos: Path, monkeypatch: pytest.MonkeyPatch):
    """Paints, with a folder of photos to start from; returns the exit status and the names of what was painted."""

    def run(*arguments: str) -> tuple[int, set[str]]:
        command = [sys.executable, "-m", "local.paint", *arguments]
        env = os.environ | {"PYTHONPATH": f"{ROOT}"}
        status = subprocess.run(command, cwd=photos, env=env, capture_output=True, check=False).returncode
        return status, {manifest.parent.name for manifest in photos.glob("paintings/*/manifest.json")}

    return run


def test_a_photo_of_an_awkward_name_is_painted(painted):
    """A text that names a file is that file; otherwise it is split into photos as by a shell."""
    assert painted("--list", AWKWARD) == (0, {AWKWARD})
    assert painted("--list", shlex.join(["cat.jpg", AWKWARD]), "dog.jpg") == (0, {"cat.jpg", "dog.jpg", AWKWARD})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cat.jpg", "old/cat.jpg"], "expected photos of different file names, got two alike"),
        (["--list", "cat.jpg old/cat.jpg"], "expected photos of different file names, got two alike"),
        (["cat.jpg", "cat.jpg"], "expected photos of different file names, got two alike"),
        (["cat.jpg", "no such.jpg"], "expected photos, found no file at 'no such.jpg'"),
        (["--list", "cat's.jpg"], 'expected photos, found no file at "cat\'s.jpg"'),
        (["old"], "expected photos, found no file at 'old'"),
    ],
)
def test_photos_that_cannot_all_be_painted_are_bad_usage(photos, monkeypatch, capsys, arguments, message):
    """Two photos with one name, which would share a key, exit with status 2, and nothing is painted."""
    monkeypatch.chdir(photos)
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert message in capsys.readouterr().err
    assert not Path("paintings").exists()

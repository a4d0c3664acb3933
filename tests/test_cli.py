"""`python -m stylize`, as a shell runs it."""

import json
import subprocess
import sys

from tests.support.pictures import SAMPLES, sample_file


def stylize(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "stylize", *map(str, arguments)], cwd=cwd, capture_output=True, text=True
    )


def test_all_painted(tmp_path):
    """A folder per photo, named after it; exit status 0."""
    done = stylize(SAMPLES / "chelsea.jpg", SAMPLES / "rocket.jpg", "--out", "out", "--jobs", 2, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for photo in ("chelsea.jpg", "rocket.jpg"):
        names = {path.name for path in (tmp_path / "out" / photo).iterdir()}
        assert names == {"sketch.jpg", "color-pencil.jpg", "oil.jpg", "watercolor.jpg", "manifest.json"}


def test_options(tmp_path):
    """Styles, quality and format, as in the manifest."""
    options = ["--styles", "oil,sketch", "--quality", "smooth", "--format", "webp"]
    assert stylize(SAMPLES / "chelsea.jpg", "--out", tmp_path, *options, cwd=tmp_path).returncode == 0
    manifest = json.loads((tmp_path / "chelsea.jpg" / "manifest.json").read_text())
    assert [painting["key"] for painting in manifest["paintings"]] == [
        "chelsea.jpg/sketch.webp",
        "chelsea.jpg/oil.webp",
    ]
    assert manifest["recipe"]["params"]["oil"]["size"] == 6


def test_some_refused(tmp_path):
    """Each is named on stderr, the others are painted; exit status 1."""
    (tmp_path / "notes.jpg").write_text("not a photo")
    (tmp_path / "cat.jpg").write_bytes(sample_file())
    done = stylize("notes.jpg", "cat.jpg", "missing.jpg", "--out", "out", "--styles", "sketch", cwd=tmp_path)
    assert done.returncode == 1
    assert "notes.jpg: unreadable_photo: expected an image" in done.stderr
    assert "missing.jpg: photo_not_found: expected a photo" in done.stderr
    assert (tmp_path / "out" / "cat.jpg" / "sketch.jpg").exists()


def test_bad_usage(tmp_path):
    """Exit status 2, and what was expected."""
    for wrong, message in [
        (["cat.jpg"], "--out"),
        (["cat.jpg", "--out", "out", "--styles", "fresco"], "styles: expected sketch, color-pencil, oil or watercolor"),
        (["cat.jpg", "--out", "out", "--jobs", "0"], "expected a whole number above 0"),
        (["a/cat.jpg", "b/cat.jpg", "--out", "out"], "expected photos of different file names"),
    ]:
        done = stylize(*wrong, cwd=tmp_path)
        assert done.returncode == 2
        assert message in done.stderr

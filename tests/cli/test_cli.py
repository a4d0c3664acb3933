"""`python -m stylize`, as a shell runs it."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
from time import sleep

import numpy as np
import pytest

from tests.support.pictures import SAMPLES, encoded, picture, read_picture, sample_file


def stylize(*arguments, cwd):
    return subprocess.run(
        [sys.executable, "-m", "stylize", *map(str, arguments)], cwd=cwd, capture_output=True, text=True
    )


def test_all_painted(tmp_path):
    """The command writes a folder per photo, named after it, and exits with status 0."""
    done = stylize(SAMPLES / "chelsea.jpg", SAMPLES / "rocket.jpg", "--out", "out", "--jobs", 2, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    for photo in ("chelsea.jpg", "rocket.jpg"):
        names = {path.name for path in (tmp_path / "out" / photo).iterdir()}
        assert names == {"sketch.jpg", "color-pencil.jpg", "oil.jpg", "watercolor.jpg", "manifest.json"}


def test_options(tmp_path):
    """The options set styles, quality and format, as the manifest shows."""
    options = ["--styles", "oil,sketch", "--quality", "smooth", "--format", "webp"]
    assert stylize(SAMPLES / "chelsea.jpg", "--out", tmp_path, *options, cwd=tmp_path).returncode == 0
    manifest = json.loads((tmp_path / "chelsea.jpg" / "manifest.json").read_text())
    assert [painting["key"] for painting in manifest["paintings"]] == [
        "chelsea.jpg/sketch.webp",
        "chelsea.jpg/oil.webp",
    ]
    assert manifest["recipe"]["params"]["oil"]["size"] == 6


def test_some_refused(tmp_path):
    """Refused photos are named on stderr, the others are painted, and the exit status is 1."""
    (tmp_path / "notes.jpg").write_text("not a photo")
    (tmp_path / "cat.jpg").write_bytes(sample_file())
    done = stylize("notes.jpg", "cat.jpg", "missing.jpg", "--out", "out", "--styles", "sketch", cwd=tmp_path)
    assert done.returncode == 1
    assert "notes.jpg: unreadable_photo: expected an image" in done.stderr
    assert "missing.jpg: photo_not_found: expected a photo" in done.stderr
    assert (tmp_path / "out" / "cat.jpg" / "sketch.jpg").exists()


def test_bad_usage(tmp_path):
    """Bad usage exits with status 2 and says what was expected."""
    for wrong, message in [
        (["cat.jpg"], "expected --out DIR or --sheet FILE"),
        (["cat.jpg", "--sheet", "sheet.png"], "expected a file that ends in .html or .jpg"),
        (["cat.jpg", "--out", "out", "--sweep", "oil-size=4..40"], "expected --sheet FILE with --sweep"),
        (["cat.jpg", "--sheet", "a.jpg", "--sweep", "brush=a..b"], "expected values such as brush=A,B"),
        (
            ["cat.jpg", "--sheet", "a.jpg", "--sweep", "oil-size=4..400"],
            "oil-size: expected a whole number from 1 to 64",
        ),
        (["no-*.jpg", "--out", "out"], "expected photos at no-*.jpg, got none"),
        (["verify", "cat.jpg", "manifest.json"], "expected a file at cat.jpg"),
        (["cat.jpg", "--out", "out", "--styles", "fresco"], "styles: expected sketch, color-pencil, oil or watercolor"),
        (["cat.jpg", "--out", "out", "--jobs", "0"], "expected a whole number above 0"),
        (["a/cat.jpg", "b/cat.jpg", "--out", "out"], "expected photos of different file names"),
    ]:
        done = stylize(*wrong, cwd=tmp_path)
        assert done.returncode == 2
        assert message in done.stderr


def mtimes(folder):
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_folders_and_patterns(tmp_path):
    """A folder or pattern means all matching photos; the table has size, seconds and folder of each."""
    shutil.copytree(SAMPLES, tmp_path / "photos")
    (tmp_path / "photos" / "notes.txt").write_text("no photo")
    done = stylize("photos", "photos/c*.jpg", "--out", "out", "--recipe", "quality=fast", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    head, *rows, last = done.stdout.splitlines()
    assert head.split() == ["photo", "size", "seconds", "where"]
    assert [row.split()[0] for row in rows] == ["astronaut.jpg", "chelsea.jpg", "coffee.jpg", "rocket.jpg"]
    assert rows[1].split()[1:4] == ["451", "x", "300"]
    assert rows[1].endswith("out/chelsea.jpg")
    assert last == "4 of 4 painted, in out"


def test_what_is_painted_already_is_left_alone(tmp_path):
    """A photo is not painted again by an equal recipe, however it is written, but by another one."""
    painted = tmp_path / "chelsea.jpg"
    command = [SAMPLES / "chelsea.jpg", "--out", tmp_path]
    assert stylize(*command, "--recipe", "styles=oil&oil-size=4", cwd=tmp_path).returncode == 0
    before = mtimes(painted)
    again = stylize(*command, "--oil-size", 4, "--styles", "oil", "--oil-levels", 10, cwd=tmp_path)
    assert again.returncode == 0
    assert mtimes(painted) == before
    assert again.stdout.splitlines()[1].split()[4] == "-"
    assert stylize(*command, "--oil-size", 5, "--styles", "oil", cwd=tmp_path).returncode == 0
    assert mtimes(painted) != before


@pytest.mark.slow
def test_an_interrupt_leaves_whole_files_only(tmp_path):
    """After Ctrl-C (status 130) all files are complete, and the next command paints the rest."""
    large = encoded(picture("smooth", 2400, 3200), ".png")
    for name in ("a.png", "b.png", "c.png", "d.png"):
        (tmp_path / name).write_bytes(large)
    command = [sys.executable, "-m", "stylize", "a.png", "b.png", "c.png", "d.png", "--out", "out", "--format", "png"]
    running = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell makes what it runs in the background ignore Ctrl-C, the tests and their children included.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(600):
        if list(tmp_path.glob("out/*/*.png")):
            break
        sleep(0.05)
    running.send_signal(signal.SIGINT)
    output, errors = running.communicate(timeout=60)
    assert running.returncode == 130, errors
    assert "Traceback" not in errors
    files = list(tmp_path.glob("out/*/*"))
    assert files
    for file in files:
        assert file.suffix in (".png", ".json")
        if file.suffix == ".png":
            assert file.read_bytes().endswith(b"IEND\xaeB`\x82")
    assert "d.png" not in output
    assert subprocess.run(command, cwd=tmp_path, capture_output=True).returncode == 0
    assert len(list(tmp_path.glob("out/*/manifest.json"))) == 4


@pytest.mark.parametrize("kind", ["html", "jpg"])
def test_a_contact_sheet(tmp_path, kind):
    """A contact sheet is one file with the photo, its paintings, and a recipe under each."""
    sheet = f"sheet.{kind}"
    done = stylize(SAMPLES / "chelsea.jpg", "--sheet", sheet, "--strength", 80, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == [sheet]
    assert done.stdout == f"5 pictures of 1 photos, in {sheet}\n"
    if kind == "html":
        text = (tmp_path / sheet).read_text()
        assert text.count("<figure>") == 5
        assert "<code>styles=oil&amp;strength=80</code>" in text
    else:
        assert read_picture(tmp_path / sheet).shape[1] > 5 * 400


def test_a_sweep(tmp_path):
    """A sweep is a row of variants, in the styles that the field affects."""
    done = stylize(SAMPLES / "chelsea.jpg", "--sheet", "a.html", "--sweep", "oil-size=4..40", cwd=tmp_path)
    assert done.returncode == 0
    text = (tmp_path / "a.html").read_text()
    for size in (4, 13, 22, 31, 40):
        assert f"<code>styles=oil&amp;oil-size={size}</code>" in text
    choices = ["--sheet", "b.html", "--sweep", "brush=pixels,picture", "--styles", "oil"]
    assert stylize(SAMPLES / "chelsea.jpg", *choices, cwd=tmp_path).returncode == 0
    assert (tmp_path / "b.html").read_text().count("<figure>") == 3


def paint_twice(folder):
    """So that the paintings that stand are salted, as those are that replace others."""
    for size in (4, 5):
        command = [SAMPLES / "chelsea.jpg", "--out", folder, "--oil-size", size, "--strength", 90, "--brush", "picture"]
        assert stylize(*command, cwd=folder).returncode == 0
    return folder / "chelsea.jpg" / "manifest.json"


def test_a_manifest_is_a_receipt(tmp_path):
    """Painting again gives the manifest's paintings and the files beside it, byte for byte."""
    done = stylize("verify", SAMPLES / "chelsea.jpg", paint_twice(tmp_path), cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("the same, painted again and beside the manifest") == 4
    assert done.stdout.endswith("as recorded\n")


def test_a_receipt_that_is_not_true(tmp_path):
    """Another photo, a changed painting, and a manifest changed to match are all detected."""
    manifest = paint_twice(tmp_path)
    other = stylize("verify", SAMPLES / "rocket.jpg", manifest, cwd=tmp_path)
    assert other.returncode == 1
    assert "another photo: expected SHA-256" in other.stdout
    oil = manifest.parent / "oil.jpg"
    oil.write_bytes(encoded(np.zeros((30, 40, 3), np.uint8), ".jpg"))
    changed = stylize("verify", SAMPLES / "chelsea.jpg", manifest, cwd=tmp_path)
    assert changed.returncode == 1
    assert "oil.jpg: painted again it is the same, but the file beside the manifest is another" in changed.stdout
    content = json.loads(manifest.read_text())
    for painting in content["paintings"]:
        if painting["style"] == "oil":
            painting["sha256"] = hashlib.sha256(oil.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(content))
    forged = stylize("verify", SAMPLES / "chelsea.jpg", manifest, cwd=tmp_path)
    assert forged.returncode == 1
    assert "oil.jpg: painted again it is another" in forged.stdout
    assert forged.stdout.endswith("not as recorded\n")

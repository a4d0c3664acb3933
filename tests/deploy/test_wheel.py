"""The wheels of `make wheel`."""

import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support import ROOT
from tests.support.pictures import SAMPLES

pytestmark = pytest.mark.slow

MACHINES = {"x86_64": 62, "aarch64": 183}
"""By the name that wheels have for them, the number that ELF files have (e_machine)."""
PAINT = """
import sys
import stylize
assert "numpy" not in sys.modules, "importing the package is light"
from stylize import paint
import numpy
photo = numpy.zeros((20, 30, 3), numpy.uint8)
paintings = dict(paint(photo))
print(sorted(str(style) for style in paintings), stylize.__file__)
from stylize.engine.kernels.library import Library
print(Library().target)
"""


@pytest.fixture(scope="module")
def wheels() -> dict[str, Path]:
    subprocess.run(["make", "wheel"], cwd=ROOT, check=True, capture_output=True)
    found = {path.stem.rpartition("_2_34_")[2]: path for path in (ROOT / "build" / "dist").glob("*.whl")}
    assert found.keys() == MACHINES.keys()
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_a_wheel_holds_the_kernels_of_its_machine(wheels: dict[str, Path], machine: str) -> None:
    """A wheel contains the compiled kernels, and no files that only their build needs."""
    with zipfile.ZipFile(wheels[machine]) as wheel:
        names = wheel.namelist()
        (library,) = [name for name in names if name.endswith(".so")]
        elf = wheel.read(library)[:20]
    assert elf[:4] == b"\x7fELF"
    assert int.from_bytes(elf[18:20], "little") == MACHINES[machine]
    assert not [name for name in names if name.endswith((".c", ".h", ".pyc"))]


def test_a_wheel_is_all_it_takes(wheels: dict[str, Path], tmp_path: Path) -> None:
    """In a fresh environment a wheel provides the command `stylize` and `from stylize import paint`, with kernels."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    subprocess.run([python, *install, str(wheels[platform.machine()])], check=True, cwd=tmp_path)
    painted = subprocess.run([python, "-c", PAINT], cwd=tmp_path, capture_output=True, text=True)
    assert painted.returncode == 0, painted.stderr
    styles, target = painted.stdout.splitlines()
    assert styles.startswith("['color-pencil', 'oil', 'sketch', 'watercolor'] ")
    assert str(tmp_path) in styles
    assert target in ("avx2", "baseline")
    program = tmp_path / "venv" / "bin" / "stylize"
    command = [str(program), str(SAMPLES / "chelsea.jpg"), "--out", "out", "--styles", "oil"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "chelsea.jpg" / "oil.jpg").exists()

"""Faults of a build that are found before it is deployed; `make build` runs the same checks."""

import importlib.util
import platform
import struct
from pathlib import Path

import numpy as np
import pytest

from tests.support import ROOT

X86_64, ARM64 = 62, 183  # e_machine


@pytest.fixture
def check_build():
    spec = importlib.util.spec_from_file_location("check_build", ROOT / "layers" / "check_build.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def build(tmp_path):
    """A build for arm64, as `sam build` would leave it, but with next to nothing in it."""
    (tmp_path / "template.yaml").write_text("      BuildArchitecture: arm64\n", "utf-8")
    for file in ("StylizeFunction/stylize/handler.py", "OpenCvLayer/python/cv2/__init__.py"):
        add(tmp_path / file)
    add(tmp_path / "OpenCvLayer/python/cv2/cv2.so.5", library(ARM64))
    return tmp_path


def add(path, content=b"pass\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def library(machine):
    """The header of a 64-bit ELF library, and nothing after it."""
    identity = b"\x7fELF\x02\x01\x01" + bytes(9)
    return identity + struct.pack("<HHIQQQIHHHHHH", 3, machine, 1, 0, 0, 0, 0, 64, 0, 0, 64, 0, 0)


def test_a_sound_build_passes(check_build, build, capsys):
    """A sound build is accepted, and its size is printed."""
    assert check_build.main([f"arm64={build}"]) == 0
    assert "together" in capsys.readouterr().out


def test_a_library_for_another_processor_is_refused(check_build, build, capsys):
    """A single library for another processor is a fault that names it."""
    add(build / "StylizeFunction/stylize/kernels.so", library(X86_64))
    assert check_build.main([str(build)]) == 1
    assert "kernels.so: expected a library for arm64, got x86_64" in capsys.readouterr().err


def test_a_build_for_another_processor_is_refused(check_build, build, capsys):
    """A build for another architecture than requested is a fault."""
    assert check_build.main([f"x86_64={build}"]) == 1
    assert "expected a build for x86_64, got one for arm64" in capsys.readouterr().err


def test_a_library_that_needs_a_newer_glibc_is_refused(check_build, monkeypatch):
    """A library that needs a newer glibc than Amazon Linux 2023's is a fault."""
    architecture = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
    numpy = next(Path(np.__file__).parent.glob("_core/_multiarray_umath*.so"))
    assert list(check_build.compiled_wrongly(numpy, architecture)) == []
    with numpy.open("rb") as f:
        newest = max(check_build.glibc_versions(check_build.ELFFile(f)))
    monkeypatch.setattr(check_build, "NEWEST_GLIBC", newest)
    assert list(check_build.compiled_wrongly(numpy, architecture)) == []
    monkeypatch.setattr(check_build, "NEWEST_GLIBC", (newest[0], newest[1] - 1))
    (fault,) = check_build.compiled_wrongly(numpy, architecture)
    assert fault.endswith(f"expected to need at most glibc 2.{newest[1] - 1}, got 2.{newest[1]}")


def test_a_build_too_large_for_lambda_is_refused(check_build, build, capsys, monkeypatch):
    """Function and layer together must leave a twentieth of Lambda's limit free, to the byte."""
    size = sum(path.stat().st_size for path in build.glob("*/**/*") if path.is_file())
    monkeypatch.setattr(check_build, "UNZIPPED_LIMIT", size / 0.95 + 1)
    assert check_build.main([str(build)]) == 0
    monkeypatch.setattr(check_build, "UNZIPPED_LIMIT", size / 0.95 - 1)
    assert check_build.main([str(build)]) == 1
    assert f"expected at most {size - 1:,} bytes unzipped, got {size:,}" in capsys.readouterr().err


def test_half_a_build_is_refused(check_build, build, tmp_path_factory, capsys):
    """An empty folder and a build without its layer are faults."""
    assert check_build.main([str(tmp_path_factory.mktemp("empty"))]) == 1
    (build / "OpenCvLayer").rename(build / "elsewhere")
    assert check_build.main([str(build)]) == 1
    assert "expected a folder OpenCvLayer" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("file", "place", "what"),
    [
        ("OpenCvLayer/python/numpy/tests/data/x.npy", "OpenCvLayer/python/numpy/tests", "a test"),
        ("OpenCvLayer/python/numpy/conftest.py", "OpenCvLayer/python/numpy/conftest.py", "a test"),
        ("OpenCvLayer/python/numpy/_core/include/x.h", "OpenCvLayer/python/numpy/_core/include", "a header"),
        ("StylizeFunction/stylize/engine/kernels/oil.c", "StylizeFunction/stylize/engine/kernels/oil.c", "a source"),
        ("StylizeFunction/bin/jp.py", "StylizeFunction/bin", "a tool of developers"),
    ],
)
def test_what_no_function_needs_is_refused(check_build, build, capsys, file, place, what):
    """Files that no function needs are faults, named once per folder."""
    add(build / file)
    add((build / file).with_name("other.h") if what == "a header" else build / file)
    assert check_build.main([str(build)]) == 1
    assert capsys.readouterr().err == f"{build / place}: expected nothing but what the function needs, got {what}\n"


@pytest.mark.parametrize(
    ("name", "flags"), [("x.cpython-311.pyc", 1), ("x.cpython-313.pyc", 0), ("x.cpython-313.pyc", 3), ("x.pyc", 1)]
)
def test_modules_are_compiled_for_lambda(check_build, build, capsys, name, flags):
    """A compiled module of another Python, or one that is checked against its source, is a fault."""
    folder = build / "OpenCvLayer/python/cv2/__pycache__"
    add(folder / "y.cpython-313.pyc", b"magi" + bytes([1, 0, 0, 0]))
    assert check_build.main([str(build)]) == 0
    add(folder / name, b"magi" + bytes([flags, 0, 0, 0]))
    assert check_build.main([str(build)]) == 1
    assert f"__pycache__/{name}: expected a module compiled by Python 3.13" in capsys.readouterr().err


def test_nothing_is_shipped_twice(check_build, build, capsys):
    """A package that Lambda provides and a large file under two names are faults."""
    add(build / "StylizeFunction/numpy/__init__.py")
    add(build / "OpenCvLayer/python/a.bin", b"a" * 100_000)
    add(build / "StylizeFunction/b.bin", b"a" * 100_000)
    assert check_build.main([str(build)]) == 1
    told = capsys.readouterr().err
    assert "expected numpy from the layer alone, got it in the function as well" in told
    assert "a.bin: expected to be shipped once, got the same as" in told

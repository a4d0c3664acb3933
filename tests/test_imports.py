"""Who imports whom, and who reaches into whom: the arrows of the architecture, read off the sources."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from stylize import engine
from tests.support import ROOT

PACKAGE = ROOT / "functions"
INSIDERS = ("tests/engine/", "tests/support/", "tests/page/test_painter.py")
"""Tests of the engine's own parts, and what they share."""

AWS = {"stores/s3.py", "stores/presigned.py", "doors/dead_letters.py"}


class Import(NamedTuple):
    """One name that a file imports; `name` is empty where a module is imported as a whole."""

    file: str
    module: str
    name: str


def imports(*folders: str) -> Iterator[Import]:
    """Relative imports made absolute, those of functions and of `TYPE_CHECKING` included."""
    for path in sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (Import(relative(path), alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from (Import(relative(path), absolute(path, node), alias.name) for alias in node.names)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def absolute(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    home = PACKAGE if path.is_relative_to(PACKAGE) else ROOT
    parents = path.relative_to(home).parts[: -node.level]
    return ".".join([*parents, *([node.module] if node.module else [])])


def modules(found: Import) -> set[str]:
    """What may be imported by it: the name may be a module, too."""
    return {found.module, f"{found.module}.{found.name}"}


def is_within(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


def test_the_engine_has_one_door() -> None:
    """Other packages import only what `stylize.engine` exports, and nothing deeper."""
    found = [
        i for i in imports("functions", "local", "layers", "bench", "tests") if is_within(i.module, "stylize.engine")
    ]
    outside = [i for i in found if not i.file.startswith(("functions/stylize/engine/", *INSIDERS))]
    assert len(outside) > 20, "expected to have found what others import"
    assert [i for i in outside if i.module != "stylize.engine" or i.name not in engine.__all__] == []


def test_the_engine_knows_pixels_only() -> None:
    """Within the package, the engine imports only itself and the errors."""
    found = [i for i in imports("functions/stylize/engine") if is_within(i.module, "stylize")]
    assert {i.module for i in found if not is_within(i.module, "stylize.engine")} == {"stylize.errors"}


def test_the_engine_reads_no_environment() -> None:
    """What it needs is passed in. (build.py is not part of it: it runs on the machine that builds.)"""
    files = [path for path in (PACKAGE / "stylize" / "engine").rglob("*.py") if path.name != "build.py"]
    assert [
        relative(path) for path in files if "environ" in path.read_text("utf-8") or "getenv" in path.read_text("utf-8")
    ] == []


def test_doors_are_imported_by_the_handler_and_doors_only() -> None:
    """Only the handler and the doors import doors, so that event shapes stay inside."""
    found = [i for i in imports("functions") if any(is_within(module, "stylize.doors") for module in modules(i))]
    files = {i.file.removeprefix("functions/stylize/") for i in found}
    assert "handler.py" in files
    assert {file for file in files if not file.startswith("doors/")} == {"handler.py"}


def test_aws_is_spoken_to_in_three_places() -> None:
    """Only these three modules import boto3 or botocore."""
    found = [i for i in imports("functions") if any(is_within(i.module, package) for package in ("boto3", "botocore"))]
    files = {i.file.removeprefix("functions/stylize/") for i in found}
    assert "stores/s3.py" in files
    assert files <= AWS


def test_arrows_point_one_way() -> None:
    """Stores and engine import no studio, and the studio imports no doors and no handler."""
    above = {"stores": ["studio", "doors", "handler"], "engine": ["studio", "doors", "handler", "stores"]}
    for package, others in above.items():
        for i in imports(f"functions/stylize/{package}"):
            assert not any(is_within(module, f"stylize.{other}") for module in modules(i) for other in others), i


def test_no_test_is_imported() -> None:
    """Shared helpers are in tests/support/, or in modules beside the tests that are not tests."""
    found = list(imports("bench", "docs", "local", "tests"))
    assert len(found) > 500, "expected to have found what they import"
    assert [i for i in found if re.search(r"(^|\.)test_", f"{i.module}.{i.name}")] == []


def test_no_test_reaches_into_what_is_private() -> None:
    """Neither by an import or an attribute nor by the name of one; `_replace` is what named tuples offer all."""
    found = [i for i in imports("tests") if i.name.startswith("_")]
    assert [*found, *(use for path in (ROOT / "tests").rglob("*.py") for use in private_uses(path))] == []


def private_uses(path: Path) -> Iterator[str]:
    """Attributes of others that begin with one underscore, and texts that name one, as those for `setattr` do."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            name = "" if is_own or node.attr == "_replace" else node.attr
        elif isinstance(node, ast.Constant):
            texts = re.fullmatch(r"(?:stylize|local)(?:\.\w+)*\.(_\w+)", str(node.value))
            name = texts[1] if texts else ""
        else:
            continue
        if re.match("_[a-z]", name):
            yield f"{relative(path)}:{node.lineno}: {name}"


@pytest.mark.parametrize("package", ["PIL", "pi_heif", "boto3", "botocore"])
def test_the_engine_is_quick_to_import(package: str) -> None:
    """Modules that few photos need are imported with the first of these photos."""
    code = f"import sys, stylize.engine; print({package!r} in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )

"""kernels.h is the contract: Python's declarations of the kernels are compared with it."""

import ctypes
import re
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest

from stylize.engine import OilParams, styles
from stylize.engine.kernels import library as module
from stylize.engine.kernels.library import ABI, STATUS, Library, Prototype

HEADER = (Path(module.__file__).with_name("kernels.h")).read_text("utf-8")
CODE = re.sub(r"/\*.*?\*/", "", HEADER, flags=re.DOTALL)
C_TYPES = {"int32_t": ctypes.c_int32, "float": ctypes.c_float, "size_t": ctypes.c_size_t, "kernel_status": ctypes.c_int}


def declared() -> dict[str, tuple[object, list[object]]]:
    """By name: what each function of the header returns and takes."""
    found = re.findall(r"KERNEL_EXPORT (\w+) KERNEL\((\w+)\)\(([^)]*)\);", CODE)
    return {
        name: (C_TYPES[result], [c_type(argument) for argument in given.split(",")]) for result, name, given in found
    }


def c_type(argument: str) -> object:
    return ctypes.c_void_p if "*" in argument else C_TYPES[argument.split()[0]]


def bound() -> dict[str, Prototype]:
    """By name: the prototypes of the styles' modules and of the loader."""
    modules = [module, *(import_module(f"{styles.__name__}.{found.name}") for found in iter_modules(styles.__path__))]
    return {p.name: p for m in modules for p in vars(m).values() if isinstance(p, Prototype)}


def constants() -> dict[str, int]:
    return {name: int(value) for name, value in re.findall(r"#define KERNEL_(\w+) (\d+)", CODE)}


def test_every_function_is_bound_once_and_by_its_signature() -> None:
    """Python declares every function once, with the header's result and arguments, in order."""
    assert {name: (p.restype, list(p.arguments)) for name, p in bound().items()} == declared()
    assert len(declared()) >= 11, "expected to have read the whole header"


def test_the_library_has_every_function(library: Library) -> None:
    """The library has every function for every target."""
    for prototype in bound().values():
        assert callable(library.function(prototype))


def test_the_abi_is_that_of_the_header() -> None:
    """The ABI number in Python and in the library equals the header's."""
    assert constants()["ABI"] == ABI


def test_every_status_has_its_words() -> None:
    """Every status except KERNEL_OK has a message."""
    statuses = {int(value) for value in re.findall(r"KERNEL_\w+ = (\d+)", CODE)}
    assert statuses == {0, *STATUS}


@pytest.mark.parametrize(("field", "constant"), [("size", "MAX_OIL_SIZE"), ("dyn_ratio", "MAX_DYN_RATIO")])
def test_ranges_are_those_of_the_header(field: str, constant: str) -> None:
    """The kernels accept every parameter that Python's ranges allow."""
    (found,) = [f for f in fields(OilParams) if f.name == field]
    assert found.metadata["high"] == constants()[constant]


def test_sizes_are_those_of_the_header() -> None:
    """The message for a photo that is too large names the header's limits."""
    assert f"1 to {constants()['MAX_SIDE']} pixels" in STATUS[2]
    assert f"at most {constants()['MAX_PIXELS'] // 1_000_000} megapixels" in STATUS[2]

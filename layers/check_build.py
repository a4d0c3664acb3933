"""Checks the output of `sam build` before Lambda does: size, contents, and target of the libraries.

    python layers/check_build.py [ARCHITECTURE=]FOLDER...

FOLDER is a build folder, such as .aws-sam/build. The expected architecture is the one in the template of the build;
naming another one is an error. Exit status: 0 no faults, 1 faults, 2 bad usage.
"""

import argparse
import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

UNZIPPED_LIMIT = 262_144_000  # bytes; Lambda's, for a function and its layers together
TO_SPARE = 0.05  # of the limit, so that an updated dependency still fits
PARTS = ("StylizeFunction", "OpenCvLayer")
MACHINES = {"EM_X86_64": "x86_64", "EM_AARCH64": "arm64"}  # in the ELF header -> Lambda's name
NEWEST_GLIBC = (2, 34)  # that of Amazon Linux 2023

NOT_OF_THE_FUNCTION = dict.fromkeys(("numpy", "cv2", "PIL", "pi_heif", "simplejpeg"), "the layer")
NOT_OF_THE_FUNCTION |= dict.fromkeys(("boto3", "botocore"), "Lambda")
LEFTOVERS = {
    "a test": ("test", "tests", "test_*.py", "conftest.py"),
    "a header": ("include", "*.h", "*.hpp"),
    "a source": ("*.c", "*.cpp", "*.f90", "*.pyx", "*.pxd", "*.pyi"),
    "a tool of developers": ("bin", "f2py", "_examples", "*.a", "*.pc"),
}
COMPILED = ("cpython-313.pyc", (1).to_bytes(4, "little"))
"""How the name of a compiled module ends, and its flags: of Lambda's Python, not checked against its source."""

LARGE = 64_000  # bytes; files of this size or more must not be shipped twice


def check(folder: Path, expected: str | None = None) -> list[str]:
    """Print a line per part of a build, and return its faults; an empty list if it can be deployed."""
    built = built_architecture(folder)
    if built is None or built not in MACHINES.values():
        return [f"{folder}: expected the output of `sam build`, got no template that names an architecture"]
    faults = []
    if expected and expected != built:
        faults.append(f"{folder}: expected a build for {expected}, got one for {built}")
    files = {part: sorted(path for path in (folder / part).rglob("*") if path.is_file()) for part in PARTS}
    faults += [f"{folder}: expected a folder {part} with files in it, got none" for part in PARTS if not files[part]]

    sizes = {part: sum(file.stat().st_size for file in files[part]) for part in PARTS}
    libraries = {part: [file for file in files[part] if is_library(file)] for part in PARTS}
    for part in PARTS:
        print(f"{built:<8}{part:<18}{sizes[part]:>12,} bytes{len(libraries[part]):>5} libraries")
    total = sum(sizes.values())
    print(f"{built:<8}{'together':<18}{total:>12,} bytes{total / UNZIPPED_LIMIT:>8.0%} of Lambda's limit")

    together = [file for part in PARTS for file in files[part]]
    faults += too_large(folder, total)
    faults += left_over(folder, together)
    faults += shipped_twice(folder, together)
    faults += compiled_otherwise(folder, together)
    if not any(libraries.values()):
        faults.append(f"{folder}: expected compiled libraries, got none")
    for part in PARTS:
        for library in libraries[part]:
            faults += compiled_wrongly(library, built)
    return faults


def built_architecture(folder: Path) -> str | None:
    """Return the architecture in the template that `sam build` wrote beside its output."""
    template = folder / "template.yaml"
    if not template.is_file():
        return None
    match = re.search(r"^ +BuildArchitecture: *(\S+)$", template.read_text("utf-8"), re.MULTILINE)
    return match.group(1) if match else None


def is_library(file: Path) -> bool:
    with file.open("rb") as f:
        return f.read(4) == b"\x7fELF"


def too_large(folder: Path, total: int) -> Iterator[str]:
    most = int(UNZIPPED_LIMIT * (1 - TO_SPARE))
    if total > most:
        yield f"{folder}: expected at most {most:,} bytes unzipped, got {total:,}"


def left_over(folder: Path, files: Iterable[Path]) -> Iterator[str]:
    """Yield files of dependencies that the function does not need; a folder is named once."""
    told = set()
    for file in files:
        path = file.relative_to(folder)
        if any(name.endswith(".dist-info") for name in path.parts):
            continue  # dist-info keeps licenses under the names of their sources
        for depth, name in enumerate(path.parts, start=1):
            what = next((what for what, patterns in LEFTOVERS.items() if any(fnmatch(name, p) for p in patterns)), None)
            place = Path(*path.parts[:depth])
            if what and place not in told:
                told.add(place)
                yield f"{folder / place}: expected nothing but what the function needs, got {what}"
            if what:
                break


def shipped_twice(folder: Path, files: Iterable[Path]) -> Iterator[str]:
    """Yield packages that Lambda provides already, and large files with equal contents."""
    for package, owner in NOT_OF_THE_FUNCTION.items():
        if (folder / PARTS[0] / package).exists():
            yield f"{folder}: expected {package} from {owner} alone, got it in the function as well"
    seen: dict[str, Path] = {}
    for file in files:
        if file.stat().st_size < LARGE or file.name.startswith("LICENSE"):
            continue
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if digest in seen:
            yield f"{file}: expected to be shipped once, got the same as {seen[digest]}"
        seen.setdefault(digest, file)


def compiled_otherwise(folder: Path, files: Iterable[Path]) -> Iterator[str]:
    """Yield compiled modules that Lambda's Python would leave aside, or compile again."""
    ending, flags = COMPILED
    for file in files:
        if file.suffix in (".pyc", ".pyo") and not (file.name.endswith(ending) and file.read_bytes()[4:8] == flags):
            yield f"{file.relative_to(folder)}: expected a module compiled by Python 3.13, unchecked, got another one"


def compiled_wrongly(library: Path, architecture: str) -> Iterator[str]:
    """Yield a fault if a library needs a processor or a glibc that Lambda does not have."""
    with library.open("rb") as f:
        elf = ELFFile(f)
        machine = MACHINES.get(elf["e_machine"], str(elf["e_machine"]))
        if machine != architecture:
            yield f"{library}: expected a library for {architecture}, got {machine}"
        newest = max(glibc_versions(elf), default=(0,))
        if newest > NEWEST_GLIBC:
            yield f"{library}: expected to need at most glibc {_dotted(NEWEST_GLIBC)}, got {_dotted(newest)}"


def glibc_versions(elf: ELFFile) -> Iterator[tuple[int, ...]]:
    """Yield the versions of glibc whose symbols an ELF file needs."""
    for section in elf.iter_sections():
        if isinstance(section, GNUVerNeedSection):
            for _, needed in section.iter_versions():
                for version in needed:
                    if match := re.fullmatch(r"GLIBC_([\d.]+)", version.name):
                        yield tuple(int(number) for number in match[1].split("."))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def main(arguments: list[str] | None = None) -> int:
    usage = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usage.add_argument("builds", nargs="+", metavar="[ARCHITECTURE=]FOLDER")
    faults = []
    for build in usage.parse_args(arguments).builds:
        expected, _, folder = build.rpartition("=")
        faults += check(Path(folder), expected or None)
    for fault in faults:
        print(fault, file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

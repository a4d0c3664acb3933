"""Checks what `sam build` made, before Lambda would: its size, and the processor it was compiled for.

    python layers/check_build.py [ARCHITECTURE=]FOLDER...

FOLDER is a build folder, such as .aws-sam/build. The architecture expected is the one its template was
built with; naming another is an error. Exit status: 0 all well, 1 not, 2 bad usage.
"""

import argparse
import re
import struct
import sys
from pathlib import Path

UNZIPPED_LIMIT = 262_144_000  # bytes; Lambda's, for a function and its layers together
PARTS = ("StylizeFunction", "OpenCvLayer")
MACHINES = {62: "x86_64", 183: "arm64"}  # e_machine in the ELF header -> Lambda's name


def elf_machine(file: Path) -> str | None:
    """Says which architecture a library is for, or None if it is no ELF file."""
    with file.open("rb") as f:
        header = f.read(20)
    if len(header) < 20 or not header.startswith(b"\x7fELF"):
        return None
    (machine,) = struct.unpack_from("<H", header, 18)
    return MACHINES.get(machine, f"ELF machine {machine}")


def built_architecture(folder: Path) -> str | None:
    """The architecture in the template that `sam build` left beside its output."""
    template = folder / "template.yaml"
    if not template.is_file():
        return None
    match = re.search(r"^ +BuildArchitecture: *(\S+)$", template.read_text("utf-8"), re.MULTILINE)
    return match.group(1) if match else None


def check(folder: Path, expected: str | None = None) -> list[str]:
    """Prints a line per part of a build; returns its faults, none if it can be deployed."""
    built = built_architecture(folder)
    if built not in MACHINES.values():
        return [f"{folder}: expected the output of `sam build`, got no template that names an architecture"]
    faults = []
    if expected and expected != built:
        faults.append(f"{folder}: expected a build for {expected}, got one for {built}")

    total = libraries = 0
    for part in PARTS:
        files = [path for path in (folder / part).rglob("*") if path.is_file()]
        if not files:
            faults.append(f"{folder}: expected a folder {part} with files in it, got none")
        machines = {file: machine for file in files if (machine := elf_machine(file))}
        faults += [
            f"{file}: expected a library for {built}, got {machine}"
            for file, machine in sorted(machines.items())
            if machine != built
        ]
        size = sum(file.stat().st_size for file in files)
        print(f"{built:<8}{part:<18}{size:>12,} bytes{len(machines):>5} libraries")
        total += size
        libraries += len(machines)

    print(f"{built:<8}{'together':<18}{total:>12,} bytes{total / UNZIPPED_LIMIT:>8.0%} of Lambda's limit")
    if total > UNZIPPED_LIMIT:
        faults.append(f"{folder}: expected at most {UNZIPPED_LIMIT:,} bytes unzipped, got {total:,}")
    if not libraries:
        faults.append(f"{folder}: expected compiled libraries, got none")
    return faults


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

"""Builds the kernels: one shared library for one architecture, or one WebAssembly module for the page.

    python build.py [--arch x86_64|arm64|host] [--out DIR] [--work DIR] [--cc CC] [--sanitize]
    python build.py --target wasm32 [--out DIR] [--work DIR]

Unless `--cc` or the environment's CC names a compiler, the `ziglang` package compiles, for either architecture from any
machine, with glibc pinned to 2.34, the version of Amazon Linux 2023. On x86-64 every kernel is compiled for two
targets, baseline and AVX2; the library reports which one to call. Kernels built by GCC paint the same bytes but are
slower than Clang's, because GCC splits vectors that are wider than the processor's.

The module, kernels.wasm, has no imports and no allocator: the page manages its memory. It needs SIMD, and its bytes do
not depend on the machine that builds it.
"""

import argparse
import os
import platform
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARY = "libstylize_kernels.so"
MODULE = "kernels.wasm"
PAGE = HERE.parents[1] / "page"
ONCE = ("target.c",)
"""Sources that are compiled once, for any processor; every other source is compiled for each target."""

TARGETS: dict[str, dict[str, list[str]]] = {
    "x86_64": {"baseline": [], "avx2": ["-mavx2"]},
    "arm64": {"baseline": []},
    # Visitors download the module: this option saves a quarter of the size and costs at most 3 % of the speed.
    "wasm32": {"baseline": ["-Os"]},
}
ZIG_TRIPLES = {"x86_64": "x86_64-linux-gnu.2.34", "arm64": "aarch64-linux-gnu.2.34", "wasm32": "wasm32-wasi"}
# Any x86-64: zig would otherwise compile for the machine that it runs on.
ZIG_PROCESSORS = {
    "x86_64": "x86_64",
    "arm64": "generic",
    # Features of every browser with SIMD; memcpy uses the bulk memory operations.
    "wasm32": "mvp+simd128+bulk_memory+nontrapping_fptoint+sign_ext",
}

FLAGS = shlex.split(
    "-std=c11 -O3 -fPIC -fvisibility=hidden -ffp-contract=off -fno-math-errno -Wall -Wextra -Werror -Wno-psabi"
)
SANITIZE = shlex.split("-g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Build the kernels.")
    parser.add_argument("--arch", "--target", choices=[*TARGETS, "host"], default="host")
    parser.add_argument("--out", type=Path, help="folder of the library (default: beside this file, or the page's)")
    parser.add_argument("--work", type=Path, help="folder of objects and zig's caches (default: OUT/build)")
    parser.add_argument("--cc", default=os.environ.get("CC"), help="C compiler of this machine (default: ziglang)")
    parser.add_argument("--sanitize", action="store_true", help="with address and undefined-behavior sanitizers")
    chosen = parser.parse_args(arguments)
    out = chosen.out or (PAGE if chosen.arch == "wasm32" else HERE)
    try:
        library = build(chosen.arch, out, chosen.work or out / "build", chosen.cc, chosen.sanitize)
    except (subprocess.CalledProcessError, OSError, ValueError) as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    print(library)
    return 0


def build(arch: str, out: Path, work: Path, cc: str | None, sanitize: bool) -> Path:
    """Compile the library for `arch` in `work`, move it into `out` and return its path."""
    host = host_arch()
    arch = host if arch == "host" else arch
    if cc and arch != host:
        cc = None  # the machine's own compiler builds for the machine
    objects = work / f"kernels-{arch}"
    objects.mkdir(parents=True, exist_ok=True)
    out.mkdir(parents=True, exist_ok=True)
    zig_cache = (work / "zig-cache").resolve()
    environment = os.environ | {"ZIG_GLOBAL_CACHE_DIR": str(zig_cache), "ZIG_LOCAL_CACHE_DIR": str(zig_cache)}
    compiler = shlex.split(cc) if cc else zig(arch)
    flags = FLAGS + (SANITIZE if sanitize else [] if cc else ["-fno-sanitize=all"])
    made = []
    for source, name, extra in compilations(arch):
        made.append(str(objects / name))
        _run([*compiler, *flags, *extra, "-c", str(HERE / source), "-o", made[-1]], environment)
    library = out / (MODULE if arch == "wasm32" else LIBRARY)
    # Linked under another name and moved: a process that has mapped the old library keeps it intact.
    fresh = objects / library.name
    link = link_module() if arch == "wasm32" else ["-shared", *(SANITIZE if sanitize else ["-s"]), "-lm"]
    _run([*compiler, *made, *link, "-o", str(fresh)], environment)
    os.replace(fresh, library)
    return library


def compilations(arch: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (source, object, flags) of every object file of the library."""
    kernels = sorted(path.name for path in HERE.glob("*.c") if path.name not in ONCE)
    for target, extra in TARGETS[arch].items():
        for source in kernels:
            yield source, f"{Path(source).stem}-{target}.o", [f"-DKERNEL_TARGET={target}", *extra]
    for source in ONCE:
        yield source, f"{Path(source).stem}.o", []


def link_module() -> list[str]:
    """Return linker flags for a module that exports the kernels and the first free address of its memory."""
    functions = re.findall(r"KERNEL\((\w+)\)\(", (HERE / "kernels.h").read_text())
    exports = ["__heap_base", "stylize_abi", *(f"stylize_{name}_baseline" for name in functions)]
    linker = ["--no-entry", "-s", "-z,stack-size=65536", *(f"--export={name}" for name in exports)]
    return ["-nostdlib", *(f"-Wl,{flag}" for flag in linker)]


def zig(arch: str) -> list[str]:
    return [sys.executable, "-m", "ziglang", "cc", "-target", ZIG_TRIPLES[arch], f"-mcpu={ZIG_PROCESSORS[arch]}"]


def host_arch() -> str:
    names = {"x86_64": "x86_64", "AMD64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
    machine = platform.machine()
    if machine not in names:
        raise ValueError(f"expected a machine of {sorted(set(names.values()))}, got {machine}")
    return names[machine]


def _run(command: list[str], environment: dict[str, str]) -> None:
    subprocess.run(command, check=True, env=environment)  # noqa: S603 (the compiler of the command line)


if __name__ == "__main__":
    sys.exit(main())

"""Feeds our own parsers what leads them somewhere new: coverage-guided fuzzing of everything that reads headers.

    python -m tests.engine.codec.guided SECONDS     # part of `make fuzz`

It begins with sound files of every format. A parser may refuse; whatever else it raises, and more than a second of
time, is a fault, and the input is left in the folder that is printed.
"""

import platform
import sys
from pathlib import Path
from tempfile import mkdtemp
from time import process_time

if platform.machine() != "x86_64":
    print("guided fuzzing: atheris has no build for this processor; left out")
    sys.exit(0)

import atheris

with atheris.instrument_imports(include=["stylize.engine.codec"]):
    from stylize.engine.codec import bmp, gif, heif, jp2, jpeg, png, tiff, webp  # noqa: F401 (imported late otherwise)
    from stylize.engine.codec.color import rendering_of
    from stylize.engine.codec.icc import read_profile, rebuilt
    from stylize.engine.codec.inspect import read_header
    from stylize.engine.codec.metadata import credit_of, exif_of, orientation_of

from stylize.errors import Refusal
from tests.hostile.corpus import seeds
from tests.support import icc_files

SECONDS = 1.0
"""Of processor time for one input of at most LONGEST bytes, instrumented as it is."""

LONGEST = 20_000


def read_one(data: bytes) -> None:
    begin = process_time()
    try:
        header = read_header(data)
        assert header.width > 0
        assert header.height > 0
        assert 1 <= header.orientation <= 8
        assert len(rendering_of(header).profile) < 4096
    except Refusal:
        pass
    assert 1 <= orientation_of(data) <= 8
    credit = credit_of(data)
    assert credit_of(exif_of(credit)) == credit
    if profile := read_profile(data):
        assert len(rebuilt(profile)) < 4096
    assert process_time() - begin < SECONDS


def main(seconds: str) -> None:
    folder = Path(mkdtemp(prefix="fuzz-"))
    print("inputs that are worth keeping, and those that fail:", folder)
    inputs = seeds() | {"p3.icc": icc_files.matrix_profile(), "table.icc": icc_files.cmyk_profile()}
    for name, data in inputs.items():
        (folder / name).write_bytes(data[:LONGEST])
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", f"-artifact_prefix={folder}/fault-", "-verbosity=0"]
    atheris.Setup([sys.argv[0], str(folder), *options, "-print_final_stats=1", "-timeout=20"], read_one)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])

"""`make bench`: this project beside OpenCV, a service built on OpenCV, and ImageMagick, in docs/performance.md.

Every contender is a process of its own that stays up and is asked in turn, so that all see the same machine. What is
written are medians; of ratios, those of the pairs of one turn.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import imagemagick
from .photo import jpeg
from .report import write

HERE = Path(__file__).resolve().parent
CONTRIB = HERE.parent / "build" / "golden" / "bin" / "python"

SIZES = {(1280, 720): 5, (1920, 1080): 7, (3840, 2160): 3, (6000, 4000): 1}
"""Width and height, and how often everything is measured there."""

NAMES = ("atelier-1", "atelier", "opencv-1", "opencv", "service-before", "service-after")


PAIRS = 15
"""How often one thread is compared with all of them."""

Run = Mapping[str, tuple[float, float]]
"""Of one photo: CPU seconds and wall seconds by part."""


@dataclass
class Measured:
    """Of one contender at one size: its runs, those of different contenders taking turns, and peak memory in MB."""

    runs: Sequence[Run]
    megabytes: float = 0.0

    def median(self, part: str, kind: int) -> float:
        return statistics.median(run[part][kind] for run in self.runs)


@dataclass
class Scaling:
    """How many times sooner all threads finish a photo than one does: medians of pairs.

    `alone`: one that has the machine to itself. `beside`: one beside which every other processor does the same.
    """

    alone: float
    beside: float


@dataclass
class Contender:
    name: str
    process: subprocess.Popen[str]
    runs: list[Run] = field(default_factory=list)

    @classmethod
    def start(cls, name: str, photo: Path) -> "Contender":
        python = sys.executable if name.startswith("atelier") else str(CONTRIB)
        command = [python, str(HERE / "contender.py"), name, str(photo)]
        return cls(name, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

    def paint(self) -> Run:
        self.begin()
        return self.end()

    def begin(self) -> None:
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> Run:
        assert self.process.stdout
        run: Run = json.loads(self.process.stdout.readline())
        return run

    def finish(self) -> Measured:
        answer, _ = self.process.communicate()
        return Measured(self.runs, json.loads(answer)["megabytes"])


def measure(photo: Path, rounds: int) -> dict[str, Measured]:
    contenders = [Contender.start(name, photo) for name in NAMES]
    for contender in contenders:
        if rounds > 1 or contender.name.startswith("atelier"):  # nobody else keeps buffers
            contender.paint()
    for _ in range(rounds):
        for contender in contenders:
            contender.runs.append(contender.paint())
    measured = {contender.name: contender.finish() for contender in contenders}
    executable = imagemagick.program()
    if executable:
        seconds = [imagemagick.paint(executable, photo.read_bytes()) for _ in range(1 if rounds < 7 else 3)]
        measured["imagemagick"] = Measured([{"oil": of_one} for of_one in seconds])
    return measured


def scaling(photo: Path) -> Scaling:
    ones = [Contender.start("atelier-1", photo) for _ in range(os.cpu_count() or 1)]
    every = Contender.start("atelier", photo)
    for contender in (*ones, every):
        contender.paint()
    alone, beside = [], []
    for _ in range(PAIRS):
        by_all = _wall(every)
        alone.append(_wall(ones[0]) / by_all)
        beside.append(_wall(*ones) / by_all)
    for contender in (*ones, every):
        contender.finish()
    return Scaling(statistics.median(alone), statistics.median(beside))


def _wall(*contenders: Contender) -> float:
    """Seconds for a photo, if all of them begin at the same time: the mean."""
    for contender in contenders:
        contender.begin()
    return statistics.mean(contender.end()["whole"][1] for contender in contenders)


def main() -> None:
    results, scales = {}, {}
    for size, rounds in SIZES.items():
        print("{} x {}, {} rounds".format(*size, rounds), flush=True)
        photo = HERE.parent / "build" / "bench-{}x{}.jpg".format(*size)
        photo.write_bytes(jpeg(*size))
        results[size] = measure(photo, rounds)
        scales[size] = scaling(photo)
    print(write(results, scales, SIZES))


if __name__ == "__main__":
    main()

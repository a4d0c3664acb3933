"""`make bench`: this project beside OpenCV, a service built on OpenCV, and ImageMagick, in docs/performance.md.

Every contender is a separate process that keeps running. Contenders take turns, so that all see the same machine.
Figures are medians; ratios are medians over the pairs of a turn.
"""

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from pathlib import Path

from . import imagemagick
from .photo import jpeg
from .report import write

HERE = Path(__file__).resolve().parent
CONTRIB = HERE.parent / "build" / "golden" / "bin" / "python"

SIZES = {(1280, 720): 5, (1920, 1080): 7, (3840, 2160): 3, (6000, 4000): 1}
"""Turns by size, which is (width, height) in pixels."""

OURS = ("atelier-1", "atelier")
OTHERS = ("opencv-1", "opencv", "service-before", "service-after")

PAIRS = 31
"""The number of comparisons of one thread with all threads."""

YARDSTICK = (1920, 1080)
"""The size with which the cost per pixel is compared."""

Run = Mapping[str, tuple[float, float]]
"""CPU seconds and wall seconds of one photo, by part."""


@dataclass
class Measured:
    """The results of one contender at one size: its runs, one per turn, and peak memory in MB."""

    turns: Sequence[Sequence[Run]]
    megabytes: float = 0.0

    def has(self, part: str) -> bool:
        return part in self.turns[0][0]

    def medians(self, part: str, kind: int) -> list[float]:
        """Return the median of every turn."""
        return [statistics.median(run[part][kind] for run in turn) for turn in self.turns]

    def median(self, part: str, kind: int) -> float:
        return statistics.median(self.medians(part, kind))


@dataclass
class Scaling:
    """Medians over pairs: the speedup of all threads over one thread, and the cost per pixel.

    `alone`: over a thread that has the machine to itself. `beside`: over a thread while every other processor does the
    same work. `pixel`: CPU seconds per pixel of one thread, as a multiple of those at the size YARDSTICK.
    """

    alone: float
    beside: float
    pixel: float


@dataclass
class Contender:
    name: str
    process: subprocess.Popen[str]
    turns: list[list[Run]] = field(default_factory=list)

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
        return Measured(self.turns, json.loads(answer)["megabytes"])


def measure(photo: Path, rounds: int) -> dict[str, Measured]:
    """Measure all contenders. Ours take a turn next to each of the others, because the machine's speed varies."""
    contenders = {name: Contender.start(name, photo) for name in (*OURS, *OTHERS)}
    for name, contender in contenders.items():
        if rounds > 1 or name in OURS:  # other contenders keep no buffers
            contender.paint()
    for _ in range(rounds):
        for contender in contenders.values():
            contender.turns.append([])
        for other in OTHERS:
            for name in (*OURS, other):
                contenders[name].turns[-1].append(contenders[name].paint())
    measured = {name: contender.finish() for name, contender in contenders.items()}
    executable = imagemagick.program()
    if executable:
        runs = [{"oil": imagemagick.paint(executable, photo.read_bytes())} for _ in range(1 if rounds < 7 else 3)]
        measured["imagemagick"] = Measured([runs])
    return measured


def scaling(photo: Path, pixels: int, yardsticks_photo: Path) -> Scaling:
    ones = [Contender.start("atelier-1", photo) for _ in range(os.cpu_count() or 1)]
    every, yardstick = Contender.start("atelier", photo), Contender.start("atelier-1", yardsticks_photo)
    contenders = (*ones, every, yardstick)
    for contender in contenders:
        contender.paint()
    alone, beside, pixel = [], [], []
    for _ in range(PAIRS):
        by_one, by_all, by_many = _whole(ones[0], kind=1), _whole(every, kind=1), _whole(*ones, kind=1)
        alone.append(by_one / by_all)
        beside.append(by_many / by_all)
        of_yardstick = _whole(yardstick, kind=0) / prod(YARDSTICK)
        pixel.append(_whole(ones[0], kind=0) / pixels / of_yardstick)
    for contender in contenders:
        contender.finish()
    return Scaling(*map(statistics.median, (alone, beside, pixel)))


def _whole(*contenders: Contender, kind: int) -> float:
    """Return the mean of the seconds for a photo when all contenders begin at the same time."""
    for contender in contenders:
        contender.begin()
    return statistics.mean(contender.end()["whole"][kind] for contender in contenders)


def picture(size: tuple[int, int]) -> Path:
    path = HERE.parent / "build" / "bench-{}x{}.jpg".format(*size)
    path.write_bytes(jpeg(*size))
    return path


def main() -> None:
    pictures = {size: picture(size) for size in (*SIZES, YARDSTICK)}
    results, scales = {}, {}
    for size, rounds in SIZES.items():
        print("{} x {}, {} rounds".format(*size, rounds), flush=True)
        results[size] = measure(pictures[size], rounds)
        scales[size] = scaling(pictures[size], prod(size), pictures[YARDSTICK])
    print(write(results, scales, SIZES))


if __name__ == "__main__":
    main()

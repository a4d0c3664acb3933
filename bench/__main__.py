"""`make bench`: this project beside OpenCV, a service built on OpenCV, and ImageMagick, in docs/performance.md.

Every contender is a process of its own that stays up and is asked in turn, so that all see the same machine. What is
written are medians.
"""

import json
import statistics
import subprocess
import sys
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


@dataclass
class Measured:
    """Of one contender at one size: medians of (CPU seconds, wall seconds) by part, and peak memory in MB."""

    parts: dict[str, tuple[float, float]]
    megabytes: float = 0.0


@dataclass
class Contender:
    name: str
    process: subprocess.Popen[str]
    runs: list[dict[str, tuple[float, float]]] = field(default_factory=list)

    @classmethod
    def start(cls, name: str, photo: Path) -> "Contender":
        python = sys.executable if name.startswith("atelier") else str(CONTRIB)
        command = [python, str(HERE / "contender.py"), name, str(photo)]
        return cls(name, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

    def paint(self, counts: bool = True) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        measured = json.loads(self.process.stdout.readline())
        if counts:
            self.runs.append(measured)

    def finish(self) -> Measured:
        answer, _ = self.process.communicate()
        parts = {
            part: (statistics.median(r[part][0] for r in self.runs), statistics.median(r[part][1] for r in self.runs))
            for part in self.runs[0]
        }
        return Measured(parts, json.loads(answer)["megabytes"])


def measure(width: int, height: int, rounds: int) -> dict[str, Measured]:
    photo = HERE.parent / "build" / f"bench-{width}x{height}.jpg"
    photo.write_bytes(jpeg(width, height))
    contenders = [Contender.start(name, photo) for name in NAMES]
    for contender in contenders:
        if rounds > 1 or contender.name.startswith("atelier"):  # nobody else keeps buffers
            contender.paint(counts=False)
    for _ in range(rounds):
        for contender in contenders:
            contender.paint()
    measured = {contender.name: contender.finish() for contender in contenders}
    executable = imagemagick.program()
    if executable:
        runs = [imagemagick.paint(executable, photo.read_bytes()) for _ in range(1 if rounds < 7 else 3)]
        measured["imagemagick"] = Measured(
            {"oil": (statistics.median(r[0] for r in runs), statistics.median(r[1] for r in runs))}
        )
    return measured


def main() -> None:
    results = {}
    for (width, height), rounds in SIZES.items():
        print(f"{width} x {height}, {rounds} rounds", flush=True)
        results[width, height] = measure(width, height, rounds)
    print(write(results, SIZES))


if __name__ == "__main__":
    main()

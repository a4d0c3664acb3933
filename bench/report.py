"""Writes results into their sections of docs/performance.md."""

import os
import platform
import re
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from .__main__ import Measured, Scaling

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"

Size = tuple[int, int]
Results = Mapping[Size, Mapping[str, "Measured"]]

LABELS = {
    "atelier-1": "Atelier, 1 thread",
    "atelier": "Atelier, all threads",
    "opencv-1": "OpenCV, 1 thread",
    "opencv": "OpenCV, all threads",
    "service-before": "service, before tuning",
    "service-after": "service, after tuning",
    "imagemagick": "ImageMagick `-paint 10`",
}
PARTS = ("pencil", "oil", "watercolor", "whole")


def write(results: Results, scales: Mapping[Size, "Scaling"], rounds: Mapping[Size, int]) -> str:
    """Write the results of `make bench`, and return the written text."""
    parts = [_machine(), _ratios(results, scales), *(_table(size, results[size], rounds[size]) for size in results)]
    text = "\n\n".join(parts)
    fill("make bench", text)
    return text


def fill(command: str, text: str) -> None:
    """Replace the section of `command` in the page by `text`."""
    start, end = f"<!-- {command} -->", "<!-- end -->"
    before, _, rest = PAGE.read_text("utf-8").partition(start)
    after = rest.partition(end)[2]
    PAGE.write_text(f"{before}{start}\n\n{text}\n\n{end}{after}", "utf-8")


def _machine() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*: (.*)", info.read_text()) if info.exists() else None
    processor = found[1] if found else platform.processor()
    versions = f"Python {platform.python_version()}, OpenCV {cv2.__version__}, NumPy {np.__version__}"
    return f"{processor}, {os.cpu_count()} processors, {platform.system()} {platform.machine()}; {versions}."


def _ratios(results: Results, scales: Mapping[Size, "Scaling"]) -> str:
    """Return the table of the ratios OpenCV : Atelier."""
    header = ["OpenCV : Atelier", *(f"{w} x {h}" for w, h in results)]
    lines = [
        [f"{part}, CPU, 1 thread", *(_ratio(r, "opencv-1", "atelier-1", part, 0) for r in results.values())]
        for part in PARTS
    ]
    lines.append(["whole, wall, all threads", *(_ratio(r, "opencv", "atelier", "whole", 1) for r in results.values())])
    memory = [f"{r['opencv-1'].megabytes / r['atelier-1'].megabytes:.1f}" for r in results.values()]
    lines.append(["peak memory, 1 thread", *memory])
    lines.append(
        [
            "tuned service : Atelier, wall",
            *(_ratio(r, "service-after", "atelier", "whole", 1) for r in results.values()),
        ]
    )
    lines.append(["Atelier, 1 thread : all threads, wall", *(f"{s.alone:.2f}" for s in scales.values())])
    lines.append(["the same, other processors as busy", *(f"{s.beside:.2f}" for s in scales.values())])
    cost = [f"{r['atelier-1'].median('whole', 0) * 1e9 / (w * h):.1f}" for (w, h), r in results.items()]
    lines.append(["Atelier, ms of CPU per megapixel", *cost])
    lines.append(["the same beside 1920 x 1080", *(f"{s.pixel:.2f}" for s in scales.values())])
    return markdown([header, *lines])


def _ratio(measured: Mapping[str, "Measured"], other: str, ours: str, part: str, kind: int) -> str:
    """Return the median over the turns."""
    turns = zip(measured[other].medians(part, kind), measured[ours].medians(part, kind), strict=True)
    return f"{statistics.median(a / b for a, b in turns):.1f}"


def _table(size: Size, measured: Mapping[str, "Measured"], rounds: int) -> str:
    header = ["seconds", "pencil", "oil", "watercolor", "whole: CPU", "whole: wall", "peak MB"]
    lines = []
    for name, m in measured.items():
        cpu = [f"{m.median(part, 0):.3f}" if m.has(part) else "" for part in PARTS]
        wall = f"{m.median('whole', 1):.3f}" if m.has("whole") else ""
        lines.append([LABELS[name], *cpu, wall, f"{m.megabytes:.0f}" if m.megabytes else ""])
    title = f"### {size[0]} x {size[1]}, medians of {rounds}" if rounds > 1 else f"### {size[0]} x {size[1]}, one run"
    return title + "\n\n" + markdown([header, *lines])


def markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join([head, "| --- " + "| ---: " * (len(rows[0]) - 1) + "|", *body])

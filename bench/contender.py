"""A contender: a process that turns a photo into four JPEGs once for every line that it reads, and measures it.

    python contender.py NAME PHOTO

The process answers each line with JSON: CPU and wall seconds of every style, if they can be separated, and of the whole
photo, from encoded bytes to encoded bytes. At the end of its input it prints the increase of its peak memory since
before the first photo, in MB. Run it in an environment with the packages of NAME (OpenCV contrib, or this project).
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import cv2
import numpy as np
from service import SERVICES, decode, encode, oil, pencil, watercolor  # type: ignore[import-not-found]  # beside it

Seconds = dict[str, tuple[float, float]]
"""By part: CPU seconds of all threads, wall seconds."""

STYLES: dict[str, Callable[[np.ndarray], list[np.ndarray]]] = {
    "pencil": lambda photo: list(pencil(photo)),
    "watercolor": lambda photo: [watercolor(photo)],
    "oil": lambda photo: [oil(photo)],
}


@contextmanager
def timed(seconds: Seconds, part: str) -> Iterator[None]:
    cpu, wall = process_time(), perf_counter()
    yield
    seconds[part] = (process_time() - cpu, perf_counter() - wall)


def opencv(threads: int) -> Callable[[bytes], Seconds]:
    """OpenCV's functions in their best use: each is called once, with OpenCV's own threads."""
    cv2.setNumThreads(threads)

    def paint(data: bytes) -> Seconds:
        seconds: Seconds = {}
        with timed(seconds, "whole"):
            photo = decode(data)
            for name, style in STYLES.items():
                with timed(seconds, name):
                    paintings = style(photo)
                for painting in paintings:
                    encode(painting)
        return seconds

    return paint


def service(name: str) -> Callable[[bytes], Seconds]:
    """Return the web service before or after tuning, without the web."""
    stylize = SERVICES[name]()

    def paint(data: bytes) -> Seconds:
        seconds: Seconds = {}
        with timed(seconds, "whole"):
            stylize(data, "hd")
        return seconds

    return paint


def atelier(threads: int) -> Callable[[bytes], Seconds]:
    """This project as in the function: warm buffers, encoding on the thread pool."""
    from stylize import engine
    from stylize.engine import DEFAULTS, BufferPool, Format, Kernels, Style, ThreadPool, paint_each

    thread_pool, buffer_pool = ThreadPool(threads, Kernels.NATIVE), BufferPool()

    def paint(data: bytes) -> Seconds:
        seconds: Seconds = {}
        spent = dict.fromkeys(STYLES, 0.0)
        with timed(seconds, "whole"):
            photo = engine.decode(data)
            finish = lambda style, image: engine.encode(image, Format.JPEG, 90)  # noqa: E731
            for painted in paint_each(photo.pixels, finish, Style, DEFAULTS, thread_pool, buffer_pool):
                part = "pencil" if painted.style in (Style.SKETCH, Style.COLOR_PENCIL) else painted.style
                spent[part] += painted.seconds
        return seconds | {part: (cpu, cpu) for part, cpu in spent.items()}

    return paint


CONTENDERS: dict[str, Callable[[], Callable[[bytes], Seconds]]] = {
    "atelier-1": lambda: atelier(1),
    "atelier": lambda: atelier(cv2.getNumberOfCPUs()),
    "opencv-1": lambda: opencv(1),
    "opencv": lambda: opencv(cv2.getNumberOfCPUs()),
    **{name: partial(service, name) for name in SERVICES},
}


def main(name: str, photo: Path) -> None:
    data = photo.read_bytes()
    paint = CONTENDERS[name]()
    before = peak_megabytes()
    for _ in sys.stdin:
        print(json.dumps(paint(data)), flush=True)
    print(json.dumps({"megabytes": peak_megabytes() - before}), flush=True)


def peak_megabytes() -> float:
    """Return the peak memory in MB. The figure of getrusage would include the parent's memory at the fork."""
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(peak) * 1024 / 1e6


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

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
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter, process_time

import cv2
import numpy as np

Seconds = dict[str, tuple[float, float]]
"""By part: CPU seconds of all threads, wall seconds."""

STYLES: dict[str, Callable[[np.ndarray], list[np.ndarray]]] = {
    "pencil": lambda photo: list(cv2.pencilSketch(photo, sigma_s=60, sigma_r=0.07, shade_factor=0.1)),
    "watercolor": lambda photo: [cv2.stylization(photo, sigma_s=60, sigma_r=0.45)],
    "oil": lambda photo: [cv2.xphoto.oilPainting(photo, 10, 10)],  # type: ignore[attr-defined]  # contrib only
}


@contextmanager
def timed(seconds: Seconds, part: str) -> Iterator[None]:
    cpu, wall = process_time(), perf_counter()
    yield
    seconds[part] = (process_time() - cpu, perf_counter() - wall)


def decode(data: bytes) -> np.ndarray:
    photo = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert photo is not None
    return photo


def encode(painting: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", painting, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


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


SERVICE: list[Callable[[np.ndarray], np.ndarray]] = [
    lambda photo: STYLES["pencil"](photo)[0],
    lambda photo: STYLES["pencil"](photo)[1],
    lambda photo: STYLES["oil"](photo)[0],
    lambda photo: STYLES["watercolor"](photo)[0],
]


def service_before(data: bytes) -> Seconds:
    """A web service that calls one filter after the other, and pencilSketch once for each drawing."""
    seconds: Seconds = {}
    with timed(seconds, "whole"):
        photo = decode(data)
        for style in SERVICE:
            encode(style(photo))
    return seconds


def service_after() -> Callable[[bytes], Seconds]:
    """The same service after tuning: a thread for each filter, OpenCV's own threads off."""
    cv2.setNumThreads(0)
    pool = ThreadPoolExecutor(len(SERVICE))

    def paint(data: bytes) -> Seconds:
        seconds: Seconds = {}
        with timed(seconds, "whole"):
            photo = decode(data)
            list(pool.map(lambda style: encode(style(photo)), SERVICE))
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
    "service-before": lambda: service_before,
    "service-after": service_after,
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

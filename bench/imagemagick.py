"""ImageMagick's `-paint`, its closest filter to oil; the pictures differ."""

import resource
import shutil
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np


def program() -> str | None:
    """Return `magick`, or `convert` if it is ImageMagick's."""
    for name in ("magick", "convert", "convert-im6.q16"):
        found = shutil.which(name)
        if found and "ImageMagick" in subprocess.run([found, "-version"], capture_output=True, text=True).stdout:
            return found
    return None


def paint(executable: str, jpeg: bytes) -> tuple[float, float]:
    """Return CPU and wall seconds of reading, painting with radius 10 and writing an uncompressed picture."""
    photo = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert photo is not None
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photo.ppm"
        cv2.imwrite(str(source), photo)
        cpu, wall = _children_cpu(), perf_counter()
        subprocess.run([executable, source, "-paint", "10", source.with_name("oil.ppm")], check=True)
        return _children_cpu() - cpu, perf_counter() - wall


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime

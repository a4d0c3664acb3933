"""Checks six pieces of advice: `python bench/claims.py NAME`, or all of them without a name."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np

SAMPLE = Path(__file__).resolve().parent.parent / "local" / "samples" / "coffee.jpg"


def set_num_threads() -> str:
    """0 is not "automatic": it turns threads off."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(0)
    return f"getNumThreads() was {before}, after setNumThreads(0) it is {cv2.getNumThreads()}"


def umat() -> str:
    """UMat is an OpenCL buffer. Lambda has no OpenCL, so it is a Mat with a detour."""
    return f"haveOpenCL() is {cv2.ocl.haveOpenCL()}"


def in_place() -> str:
    """Writing into the photo saves one image; the filter allocates dozens beside it."""
    separate, same = (_peak_megabytes(target) for target in ("None", "photo"))
    return (
        f"peak memory of stylization at 1920 x 1080: {separate:.0f} MB with a result of its own, {same:.0f} MB in place"
    )


def shared_buffer() -> str:
    """One output buffer per style, shared by requests, is a data race."""
    photo = cv2.imread(str(SAMPLE))
    assert photo is not None
    photos = [photo[:, ::step].copy() for step in (1, -1)]
    expected = [cv2.stylization(photo) for photo in photos]
    shared = np.empty_like(photos[0])

    def request(i: int) -> bool:
        painting = cv2.stylization(photos[i % 2], shared)
        time.sleep(0.1)  # while the response is encoded and sent
        return bool((painting == expected[i % 2]).all())

    with ThreadPoolExecutor(2) as pool:
        right = list(pool.map(request, range(20)))
    return f"{right.count(False)} of {len(right)} requests got somebody else's picture, whole or in part"


def omp_num_threads() -> str:
    """OMP_NUM_THREADS configures OpenMP, which the wheel does not use."""
    framework = next(
        line.split(":")[1].strip() for line in cv2.getBuildInformation().splitlines() if "Parallel framework" in line
    )
    count = [sys.executable, "-c", "import cv2; print(cv2.getNumThreads())"]
    threads = subprocess.run(count, env=os.environ | {"OMP_NUM_THREADS": "0"}, capture_output=True, text=True).stdout
    return f"the parallel framework is {framework}; with OMP_NUM_THREADS=0 OpenCV uses {threads.strip()} threads"


def oil_painting() -> str:
    """`cv2.oilPainting` does not exist, and the headless build has no xphoto."""
    return f"cv2.oilPainting: {hasattr(cv2, 'oilPainting')}, cv2.xphoto: {hasattr(cv2, 'xphoto')}"


def _peak_megabytes(target: str) -> float:
    """Return the peak memory above that of Python and the photo, in a separate process."""
    code = f"""
import cv2, resource
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
photo = cv2.resize(cv2.imread({str(SAMPLE)!r}), (1920, 1080))
before = peak()
cv2.stylization(photo, {target})
print(peak() - before)
"""
    return float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)


CLAIMS = (set_num_threads, umat, in_place, shared_buffer, omp_num_threads, oil_painting)

if __name__ == "__main__":
    for claim in CLAIMS:
        if claim.__name__ in (sys.argv[1:] or [claim.__name__]):
            print(f"{claim.__name__}: {claim()}")

"""The test photo: the samples at their own resolution, mirrored side by side until they fill a size."""

from pathlib import Path

import cv2
import numpy as np

SAMPLES = Path(__file__).resolve().parent.parent / "local" / "samples"


def jpeg(width: int, height: int) -> bytes:
    """Return a JPEG of quality 90, the same on every call."""
    upper, lower = (
        np.hstack([_tile(name) for name in names]) for names in (("coffee", "rocket"), ("astronaut", "chelsea"))
    )
    block = np.vstack([upper, lower])
    across = np.hstack([block, block[:, ::-1]])
    whole = np.vstack([across, across[::-1]])
    repeats = -(-height // whole.shape[0]), -(-width // whole.shape[1]), 1
    photo = np.tile(whole, repeats)[:height, :width]
    return cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def _tile(name: str) -> np.ndarray:
    """Return the middle 300 x 440 pixels, which every sample has."""
    picture = cv2.imread(str(SAMPLES / f"{name}.jpg"))
    assert picture is not None
    top, left = (picture.shape[0] - 300) // 2, (picture.shape[1] - 440) // 2
    return picture[top : top + 300, left : left + 440]

"""Styles by their definition, pixel by pixel. Only the reference is checked with them: they are very slow."""

import cv2
import numpy as np


def oil_by_definition(photo: np.ndarray, size: int, dyn_ratio: int) -> np.ndarray:
    """Paint the mean color of the commonest tone in the clipped window; of equally common tones, the darkest."""
    tones = np.rint(cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY) / dyn_ratio).astype(int)
    painting = np.empty_like(photo)
    for y, x in np.ndindex(tones.shape):
        window = np.s_[max(y - size, 0) : y + size + 1, max(x - size, 0) : x + size + 1]
        commonest = np.bincount(tones[window].ravel()).argmax()
        painting[y, x] = np.rint(photo[window][tones[window] == commonest].mean(axis=0))
    return painting

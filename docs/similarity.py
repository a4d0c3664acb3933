"""SSIM: how alike two pictures are (Wang, Bovik, Sheikh and Simoncelli 2004), on their luma."""

import cv2
import numpy as np
from numpy.typing import NDArray

C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
WINDOW, SIGMA = (11, 11), 1.5


def ssim(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Return the mean over all windows: 1 for equal pictures, about 0 for unrelated ones. Both have one size."""
    a, b = _luma(one), _luma(other)
    mean_a, mean_b = _blurred(a), _blurred(b)
    variance_a = _blurred(a * a) - mean_a * mean_a
    variance_b = _blurred(b * b) - mean_b * mean_b
    covariance = _blurred(a * b) - mean_a * mean_b
    luminance = (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
    structure = (2 * covariance + C2) / (variance_a + variance_b + C2)
    return float((luminance * structure).mean())


def _luma(image: NDArray[np.uint8]) -> NDArray[np.float64]:
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image
    return gray.astype(np.float64)


def _blurred(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    return cv2.GaussianBlur(plane, WINDOW, SIGMA).astype(np.float64)

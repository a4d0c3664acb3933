"""Oil: OpenCV contrib's `oilPainting`, which the headless build does not have."""

from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from .crew import Stages
from .params import OilParams
from .workbench import Image, Workbench

BAND_ROWS = 128


def paint_oil(photo: Image, p: OilParams, bench: Workbench, out: Image) -> Stages:
    """Paints `photo` into `out` (H, W, 3): every pixel the mean color of the commonest tone around it."""
    tone = _tones(photo, p.dyn_ratio)
    starts = range(0, photo.shape[0], BAND_ROWS)
    yield [partial(_paint_rows, photo, tone, p.size, out, start, start + BAND_ROWS) for start in starts]


def _paint_rows(photo: Image, tone: Image, size: int, out: Image, start: int, end: int) -> None:
    """Paints the rows from `start` to before `end`.

    One box filter per tone counts its pixels around each pixel. Where it is the most so far (of equally common
    tones the darkest came first), the mean color of its pixels is kept.
    """
    top = max(0, start - size)
    seen = slice(top, end + size)
    painted = slice(start - top, end - top)
    photo, tone, out = photo[seen], tone[seen], out[start:end]
    most = np.zeros(out.shape[:2])
    for t in np.unique(tone):
        here = tone == t
        count = _window_sum(here.astype(np.float64), size)[painted]
        wins = count > most
        total = _window_sum(photo * here[..., None].astype(np.float64), size)[painted]
        out[wins] = np.rint(total[wins] / count[wins, None])
        most[wins] = count[wins]


def _tones(photo: Image, dyn_ratio: int) -> Image:
    to_tone = np.rint(np.arange(256) * (1 / dyn_ratio)).astype(np.uint8)
    tone: Image = to_tone[cv2.cvtColor(photo, cv2.COLOR_BGR2GRAY)]
    return tone


def _window_sum(plane: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Sums over the window, clipped at the borders: whole numbers, so exact."""
    side = 2 * size + 1
    summed = cv2.boxFilter(plane, cv2.CV_64F, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(summed, np.float64).reshape(plane.shape)  # OpenCV drops a third axis of one

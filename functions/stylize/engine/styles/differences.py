"""The differences of neighbors, the input of pencil and watercolor, computed once per photo."""

import numpy as np

from ..buffer_pool import BufferPool
from ..kernels.library import BAND, INT, POINTER, SCRATCH, Kernel, Library, Size
from .painter import Stages, cutter_for, expect
from .planes import DIFFERENCES, U8, Differences

ROWS = Kernel("differences_rows", *BAND, POINTER, POINTER, INT)
GUIDE = Kernel("guide_rows", *BAND, INT, POINTER, *SCRATCH)
GUIDE_SCRATCH = Size("guide_scratch", INT)


def differences_stages(
    photo: U8, differences: Differences, library: Library, buffer_pool: BufferPool, rows: int = 128
) -> Stages:
    """Return the stage that fills `differences` like `reference.differences`, in bands of `rows` rows."""
    cutter = cutter_for(photo, library, buffer_pool)
    stride = max(cutter.width, differences.stride)
    for name, plane in differences._asdict().items():
        expect(name, plane, DIFFERENCES.shape(cutter.height, stride), np.float32)
    return [cutter.rows(ROWS, rows, photo, differences.across, differences.down, stride)]


def guide_stages(
    photo: U8, guide: U8, line_width: int, library: Library, buffer_pool: BufferPool, rows: int = 128
) -> Stages:
    """Return the stage that fills `guide` (H, W, 3) like `reference.guide`, in bands of `rows` rows."""
    cutter = cutter_for(photo, library, buffer_pool)
    expect("guide", guide, photo.shape, np.uint8)
    scratch = library.size(GUIDE_SCRATCH, cutter.width)
    return [cutter.rows(GUIDE, rows, photo, line_width, guide, scratch=scratch)]


def slope(sigma_s: float, sigma_r: float) -> float:
    """Return the distance in the transformed domain for one unit (0..1) of color difference."""
    return float(np.float32(sigma_s) / np.float32(sigma_r))

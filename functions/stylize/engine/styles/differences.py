"""The differences of neighbors, which pencil and watercolor start from: computed once per photo, before all stages."""

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
    """Fills `differences` of `photo`, as `reference.differences` does, in bands that are `rows` high."""
    cutter = cutter_for(photo, library, buffer_pool)
    stride = max(cutter.width, differences.stride)
    for name, plane in differences._asdict().items():
        expect(name, plane, DIFFERENCES.shape(cutter.height, stride), np.float32)
    return [cutter.rows(ROWS, rows, photo, differences.across, differences.down, stride)]


def guide_stages(
    photo: U8, guide: U8, line_width: int, library: Library, buffer_pool: BufferPool, rows: int = 128
) -> Stages:
    """Fills `guide` (H, W, 3) of `photo`, as `reference.guide` does, in bands that are `rows` high."""
    cutter = cutter_for(photo, library, buffer_pool)
    expect("guide", guide, photo.shape, np.uint8)
    scratch = library.size(GUIDE_SCRATCH, cutter.width)
    return [cutter.rows(GUIDE, rows, photo, line_width, guide, scratch=scratch)]


def slope(sigma_s: float, sigma_r: float) -> float:
    """How far one unit (0..1) of color difference pushes two neighbors apart in the transformed domain."""
    return float(np.float32(sigma_s) / np.float32(sigma_r))

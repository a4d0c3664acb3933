"""The differences of neighbors, which pencil and watercolor start from: computed once per photo, before all stages."""

import numpy as np

from ..buffer_pool import BufferPool
from ..kernels.library import BAND, INT, POINTER, Kernel, Library
from .painter import Stages, cutter_for, expect
from .planes import DIFFERENCES, U8, Differences

ROWS = Kernel("differences_rows", *BAND, POINTER, POINTER, INT)


def differences_stages(
    photo: U8, differences: Differences, library: Library, buffer_pool: BufferPool, rows: int = 128
) -> Stages:
    """Fills `differences` of `photo`, as `reference.differences` does, in bands that are `rows` high."""
    cutter = cutter_for(photo, library, buffer_pool)
    stride = max(cutter.width, differences.stride)
    for name, plane in differences._asdict().items():
        expect(name, plane, DIFFERENCES.shape(cutter.height, stride), np.float32)
    return [cutter.rows(ROWS, rows, photo, differences.across, differences.down, stride)]


def slope(sigma_s: float, sigma_r: float) -> float:
    """How far one unit (0..1) of color difference pushes two neighbors apart in the transformed domain."""
    return float(np.float32(sigma_s) / np.float32(sigma_r))

"""Sketch and color pencil: both drawings of OpenCV's `pencilSketch`, from one count of neighbors."""

from dataclasses import dataclass

import numpy as np

from .. import reference
from ..kernels.library import BAND, FLOAT, INT, POINTER, SCRATCH, Kernel, Size
from .differences import slope
from .painter import BandCutter, Painter, Stages
from .planes import U8, Arrays, Canvas, Planes
from .ranges import Ranged, ranged

_REACH = (FLOAT, FLOAT, FLOAT)  # slope, radius, shade
COLUMNS = Kernel("pencil_columns", *BAND, *_REACH, INT, POINTER, *SCRATCH)
ROWS = Kernel("pencil_rows", *BAND, *_REACH, POINTER, INT, POINTER, POINTER, POINTER, *SCRATCH)
SCRATCH_SIZE = Size("pencil_scratch", INT, INT, FLOAT)


@dataclass(frozen=True)
class PencilParams(Ranged):
    """OpenCV's `pencilSketch`, from which both the sketch and the color-pencil drawing come."""

    sigma_s: float = ranged(60.0, 1.0, 200.0)  # reach of a stroke, in pixels
    sigma_r: float = ranged(0.07, 0.01, 1.0)  # difference between neighbors that ends a stroke, of 0..1
    shade_factor: float = ranged(0.1, 0.01, 0.1)  # brightness per pixel that a stroke reaches


@dataclass(frozen=True)
class Pencil(Painter):
    """Bands are `rows` high and `columns` wide."""

    params: PencilParams
    rows: int = 128
    columns: int = 256

    canvases = (Canvas.GRAY, Canvas.BGR)
    planes = Planes(np.uint16, is_padded=False)  # how many neighbors lie within reach, down the columns
    needs_differences = True

    def stages(self, arrays: Arrays, cutter: BandCutter) -> Stages:
        """Counts down the columns, then along the rows, where both drawings come from the two counts."""
        p, differences = self.params, arrays.differences
        assert differences
        (counts,), (sketch, color), stride = arrays.planes, arrays.canvases, differences.stride
        reach = (slope(p.sigma_s, p.sigma_r), float(reference.pass_radius(p.sigma_s, 0)), p.shade_factor)
        scratch = cutter.library.size(SCRATCH_SIZE, cutter.width, cutter.height, p.shade_factor)
        along = (*reach, differences.across, stride, counts, sketch, color)
        return [
            cutter.columns(COLUMNS, self.columns, differences.down, *reach, stride, counts, scratch=scratch),
            cutter.rows(ROWS, self.rows, arrays.photo, *along, scratch=scratch),
        ]

    def paint_by_reference(self, photo: U8) -> tuple[U8, ...]:
        return reference.paint_pencil(photo, self.params.sigma_s, self.params.sigma_r, self.params.shade_factor)

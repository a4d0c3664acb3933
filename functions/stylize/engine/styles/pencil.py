"""Sketch and color pencil: both drawings of OpenCV's `pencilSketch`, from one count of neighbors."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from .. import reference
from ..kernels.library import BAND, FLOAT, INT, POINTER, SCRATCH, Kernel, Size
from .differences import slope
from .painter import BandCutter, Painter, Stages
from .planes import U8, Arrays, Canvas, Planes
from .ranges import LENGTH, Ranged, ranged

_REACH = (FLOAT, FLOAT, FLOAT, INT)  # slope, radius, shade, line
COLUMNS = Kernel("pencil_columns", *BAND, *_REACH, INT, POINTER, *SCRATCH)
ROWS = Kernel("pencil_rows", *BAND, *_REACH, POINTER, INT, POINTER, POINTER, POINTER, *SCRATCH)
SCRATCH_SIZE = Size("pencil_scratch", INT, INT, FLOAT, INT)


@dataclass(frozen=True)
class PencilParams(Ranged):
    """Parameters of OpenCV's `pencilSketch`, for both the sketch and the color-pencil drawing."""

    sigma_s: float = ranged(60.0, 1.0, 200.0, "Reach of a pencil stroke.", LENGTH)
    sigma_r: float = ranged(0.07, 0.01, 1.0, "Difference between neighbors that ends a stroke.", "of 0 to 1")
    shade_factor: float = ranged(
        0.1, 0.01, 1.0, "Brightness for every pixel that a stroke reaches.", "of 0 to 1", "shade"
    )

    def at_scale(self, scale: float, line_width: int) -> "PencilParams":
        """Return the parameters for a picture `scale` times as large; one in `line_width` pixels counts.

        In a small picture a line is one pixel wide, which is relatively too wide. Strokes therefore get a little darker
        than the reach alone would make them: power 0.75 of the scale came closest to reduced large sketches.
        """
        shade = line_width / scale if scale >= 1 else 1 / (sqrt(scale) * sqrt(sqrt(scale)))
        return super().at_scale(scale, line_width).scaled(shade_factor=shade)


@dataclass(frozen=True)
class Pencil(Painter):
    """Paints both pencil drawings. Bands are `rows` high or `columns` wide."""

    params: PencilParams
    line_width: int = 1
    rows: int = 128
    columns: int = 256

    canvases = (Canvas.GRAY, Canvas.BGR)
    planes = Planes(np.uint16, is_padded=False)  # number of neighbors within reach along the column
    needs_differences = True

    def stages(self, arrays: Arrays, cutter: BandCutter) -> Stages:
        """Return two stages: counts along the columns, then counts along the rows and both drawings."""
        p, differences = self.params, arrays.differences
        assert differences
        (counts,), (sketch, color), stride = arrays.planes, arrays.canvases, differences.stride
        reach = (
            slope(p.sigma_s, p.sigma_r),
            float(reference.pass_radius(p.sigma_s, 0)),
            p.shade_factor,
            self.line_width,
        )
        scratch = cutter.library.size(SCRATCH_SIZE, cutter.width, cutter.height, p.shade_factor, self.line_width)
        along = (*reach, differences.across, stride, counts, sketch, color)
        return [
            cutter.columns(COLUMNS, self.columns, differences.down, *reach, stride, counts, scratch=scratch),
            cutter.rows(ROWS, self.rows, arrays.photo, *along, scratch=scratch),
        ]

    def paint_by_reference(self, photo: U8) -> tuple[U8, ...]:
        p = self.params
        return reference.paint_pencil(photo, p.sigma_s, p.sigma_r, p.shade_factor, self.line_width)

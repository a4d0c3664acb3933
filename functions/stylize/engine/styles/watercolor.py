"""Watercolor: OpenCV's `stylization`. Washes along rows and columns in turn, then darker edges."""

from dataclasses import dataclass

import numpy as np

from .. import reference
from ..kernels.library import BAND, FLOAT, INT, POINTER, SCRATCH, Kernel, Size
from .differences import slope
from .painter import BandCutter, Painter, Stages
from .planes import U8, Arrays, Canvas, Planes
from .ranges import LENGTH, Ranged, ranged

ROWS = Kernel("watercolor_rows", *BAND, FLOAT, FLOAT, INT, POINTER, POINTER, INT, *SCRATCH)
COLUMNS = Kernel("watercolor_columns", *BAND, FLOAT, FLOAT, POINTER, INT, *SCRATCH)
EDGES = Kernel("watercolor_edges", *BAND, INT, INT, POINTER, *SCRATCH)
SCRATCH_SIZE = Size("watercolor_scratch", INT, INT)


@dataclass(frozen=True)
class WatercolorParams(Ranged):
    """Parameters of OpenCV's `stylization`."""

    sigma_s: float = ranged(60.0, 1.0, 200.0, "Reach of a wash.", LENGTH)
    sigma_r: float = ranged(0.45, 0.01, 1.0, "Difference between neighbors that stops a wash.", "of 0 to 1")


@dataclass(frozen=True)
class Watercolor(Painter):
    """Paints watercolor. Bands are `rows` high or `columns` wide."""

    params: WatercolorParams
    line_width: int = 1
    rows: int = 128
    columns: int = 256

    canvases = (Canvas.BGR,)
    planes = Planes(np.int16, channels=4)  # the washes: the photo, smoother after every stage
    needs_differences = True

    def stages(self, arrays: Arrays, cutter: BandCutter) -> Stages:
        """Return two stages for every pass of the filter, and one for the edges."""
        p, differences = self.params, arrays.differences
        assert differences
        (washes,), (painting,), stride = arrays.planes, arrays.canvases, differences.stride
        scratch = cutter.library.size(SCRATCH_SIZE, cutter.width, cutter.height)
        stages = []
        for iteration in range(reference.ITERATIONS):
            reach = (slope(p.sigma_s, p.sigma_r), float(reference.pass_radius(p.sigma_s, iteration)))
            along = (*reach, int(iteration == 0), differences.across, washes, stride)
            stages += [
                cutter.rows(ROWS, self.rows, arrays.photo, *along, scratch=scratch),
                cutter.columns(COLUMNS, self.columns, differences.down, *reach, washes, stride, scratch=scratch),
            ]
        return [*stages, cutter.rows(EDGES, self.rows, washes, self.line_width, stride, painting, scratch=scratch)]

    def paint_by_reference(self, photo: U8) -> tuple[U8, ...]:
        return (reference.paint_watercolor(photo, self.params.sigma_s, self.params.sigma_r, self.line_width),)

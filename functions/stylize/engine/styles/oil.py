"""Oil: OpenCV contrib's `oilPainting`. Every pixel becomes the mean color of the commonest tone around it."""

from dataclasses import dataclass

from .. import reference
from ..kernels.library import BAND, INT, POINTER, SCRATCH, Kernel, Size
from .painter import BandCutter, Painter, Stages
from .planes import U8, Arrays, Canvas
from .ranges import LENGTH, Ranged, ranged

ROWS = Kernel("oil_rows", *BAND, INT, INT, POINTER, *SCRATCH)
SCRATCH_SIZE = Size("oil_scratch", INT, INT, INT, INT)


@dataclass(frozen=True)
class OilParams(Ranged):
    """Parameters of OpenCV contrib's `oilPainting`."""

    size: int = ranged(10, 1, 64, "Half the side of the oil brush, which is 2 size + 1 wide.", LENGTH)
    dyn_ratio: int = ranged(10, 1, 127, "Gray levels that count as one tone (dynRatio).", "levels of 255", "levels")


@dataclass(frozen=True)
class Oil(Painter):
    """Paints oil. Bands are `rows` high, or higher for a large brush: each has the setup cost of 2 `size` rows."""

    params: OilParams
    rows: int = 180

    canvases = (Canvas.BGR,)

    def stages(self, arrays: Arrays, cutter: BandCutter) -> Stages:
        """Return the only stage."""
        size, dyn_ratio = self.params.size, self.params.dyn_ratio
        scratch = cutter.library.size(SCRATCH_SIZE, cutter.width, cutter.height, size, dyn_ratio)
        rows = max(self.rows, 8 * size)
        return [cutter.rows(ROWS, rows, arrays.photo, size, dyn_ratio, arrays.canvases[0], scratch=scratch)]

    def paint_by_reference(self, photo: U8) -> tuple[U8, ...]:
        return (reference.paint_oil(photo, self.params.size, self.params.dyn_ratio),)

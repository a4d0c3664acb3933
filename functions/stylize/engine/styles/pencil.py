"""Sketch and color pencil: both drawings of OpenCV's `pencilSketch`, from one pass."""

from functools import partial

from .. import reference
from ..buffer_pool import BufferPool, Image
from ..kernels import native
from ..thread_pool import Stages
from .params import PencilParams


def paint_pencil(
    photo: Image, differences: native.Differences, p: PencilParams, buffer_pool: BufferPool, sketch: Image, color: Image
) -> Stages:
    """Draws `photo` into `sketch` (H, W) and `color` (H, W, 3): down the columns first, then along the rows."""
    height, width = photo.shape[:2]
    with buffer_pool.borrow((native.counts_bytes(width, height),)) as buffer:
        counts = native.cut_counts(buffer, width, height)
        yield from native.pencil_stages(
            photo, differences, sketch, color, counts, p.sigma_s, p.sigma_r, p.shade_factor, buffer_pool
        )


def paint_pencil_slowly(photo: Image, p: PencilParams, sketch: Image, color: Image) -> Stages:
    """The same by the reference."""
    yield [partial(_paint_reference, photo, p, sketch, color)]


def _paint_reference(photo: Image, p: PencilParams, sketch: Image, color: Image) -> None:
    sketch[:], color[:] = reference.paint_pencil(photo, p.sigma_s, p.sigma_r, p.shade_factor)

"""Watercolor: OpenCV's `stylization`."""

from functools import partial

from .. import reference
from ..buffer_pool import BufferPool, Image
from ..kernels import native
from ..thread_pool import Stages
from .params import WatercolorParams


def paint_watercolor(
    photo: Image, differences: native.Differences, p: WatercolorParams, buffer_pool: BufferPool, out: Image
) -> Stages:
    """Paints `photo` into `out` (H, W, 3): washes along rows and columns, three times, then the edges."""
    height, width = photo.shape[:2]
    with buffer_pool.borrow((native.washes_bytes(width, height),)) as buffer:
        washes = native.cut_washes(buffer, width, height)
        yield from native.watercolor_stages(photo, differences, out, washes, p.sigma_s, p.sigma_r, buffer_pool)


def paint_watercolor_slowly(photo: Image, p: WatercolorParams, out: Image) -> Stages:
    """The same by the reference."""
    yield [partial(_paint_reference, photo, p, out)]


def _paint_reference(photo: Image, p: WatercolorParams, out: Image) -> None:
    out[:] = reference.paint_watercolor(photo, p.sigma_s, p.sigma_r)

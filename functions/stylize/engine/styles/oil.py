"""Oil: OpenCV contrib's `oilPainting`."""

from functools import partial

from .. import reference
from ..buffer_pool import BufferPool, Image
from ..kernels import native
from ..thread_pool import Stages
from .params import OilParams


def paint_oil(photo: Image, p: OilParams, buffer_pool: BufferPool, out: Image) -> Stages:
    """Paints `photo` into `out` (H, W, 3): every pixel the mean color of the commonest tone around it."""
    yield from native.oil_stages(photo, out, p.size, p.dyn_ratio, buffer_pool)


def paint_oil_slowly(photo: Image, p: OilParams, out: Image) -> Stages:
    """The same by the reference."""
    yield [partial(_paint_reference, photo, p, out)]


def _paint_reference(photo: Image, p: OilParams, out: Image) -> None:
    out[:] = reference.paint_oil(photo, p.size, p.dyn_ratio)
